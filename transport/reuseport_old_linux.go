//go:build 386 || amd64 || arm

package transport

// soReusePort is SO_REUSEPORT. For these architectures package syscall was
// frozen before Linux 3.9 brought the option.
const soReusePort = 15
