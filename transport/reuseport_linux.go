//go:build !386 && !amd64 && !arm

package transport

import "syscall"

// soReusePort is SO_REUSEPORT, whose number depends on the architecture.
const soReusePort = syscall.SO_REUSEPORT
