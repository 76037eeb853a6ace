package transport

import "syscall"

// The error numbers Classify goes by. Package syscall names few of Winsock's;
// the EXXX of its Unix namesakes are inventions no call returns, listed here
// because transport's own errors use them.
var (
	// transientErrnos: 10004 WSAEINTR, 10035 WSAEWOULDBLOCK, 10055 WSAENOBUFS,
	// 10052 WSAENETRESET, 10054 WSAECONNRESET, 10061 WSAECONNREFUSED, and 1234
	// ERROR_PORT_UNREACHABLE; on UDP the last five report an ICMP message
	// about a datagram sent earlier.
	transientErrnos = []syscall.Errno{
		10004, 10035, 10055, 10052, 10054, 10061, 1234, syscall.ERROR_NETNAME_DELETED,
		syscall.EAGAIN, syscall.EINTR, syscall.ENOBUFS, syscall.ECONNREFUSED,
	}
	// unreachableErrnos: WSAENETDOWN, WSAENETUNREACH, WSAEHOSTDOWN,
	// WSAEHOSTUNREACH, ERROR_NETWORK_UNREACHABLE, ERROR_HOST_UNREACHABLE.
	unreachableErrnos = []syscall.Errno{10050, 10051, 10064, 10065, 1231, 1232}
	// tooLongErrnos: 10040 WSAEMSGSIZE.
	tooLongErrnos = []syscall.Errno{10040, syscall.EMSGSIZE}
	// brokenErrnos: WSAEBADF, WSAENOTSOCK, WSAEFAULT.
	brokenErrnos = []syscall.Errno{10009, 10038, 10014}
)

// msgTrunc is the flag of a received message that was cut (MSG_TRUNC).
const msgTrunc = 0x100

// getsockoptInt reads an integer socket option.
func getsockoptInt(fd uintptr, level, option int) (int, error) {
	return syscall.GetsockoptInt(syscall.Handle(fd), level, option)
}

// setsockoptInt sets an integer socket option.
func setsockoptInt(fd uintptr, level, option, value int) error {
	return syscall.SetsockoptInt(syscall.Handle(fd), level, option, value)
}
