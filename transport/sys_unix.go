//go:build !windows

package transport

import "syscall"

// The error numbers Classify goes by.
var (
	// transientErrnos include ECONNREFUSED and ECONNRESET: on UDP they report
	// an ICMP message about a datagram sent earlier.
	transientErrnos = []syscall.Errno{
		syscall.EAGAIN, syscall.EINTR, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.ECONNREFUSED, syscall.ECONNRESET,
	}
	unreachableErrnos = []syscall.Errno{
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN,
	}
	tooLongErrnos = []syscall.Errno{syscall.EMSGSIZE}
	brokenErrnos  = []syscall.Errno{syscall.EBADF, syscall.ENOTSOCK, syscall.EFAULT}
)

// msgTrunc is the flag of a received message that was cut.
const msgTrunc = syscall.MSG_TRUNC

// getsockoptInt reads an integer socket option.
func getsockoptInt(fd uintptr, level, option int) (int, error) {
	return syscall.GetsockoptInt(int(fd), level, option)
}

// setsockoptInt sets an integer socket option.
func setsockoptInt(fd uintptr, level, option, value int) error {
	return syscall.SetsockoptInt(int(fd), level, option, value)
}
