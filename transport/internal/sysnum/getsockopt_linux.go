//go:build !386

package sysnum

import "syscall"

// Getsockopt is the number of getsockopt(2), which depends on the architecture.
const Getsockopt = syscall.SYS_GETSOCKOPT
