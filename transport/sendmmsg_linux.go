//go:build !386 && !amd64

package transport

import "syscall"

// sysSendmmsg is the number of sendmmsg(2), which depends on the architecture.
const sysSendmmsg = syscall.SYS_SENDMMSG
