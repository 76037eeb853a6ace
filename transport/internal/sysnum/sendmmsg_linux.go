//go:build !386 && !amd64

package sysnum

import "syscall"

// Sendmmsg is the number of sendmmsg(2), which depends on the architecture.
const Sendmmsg = syscall.SYS_SENDMMSG
