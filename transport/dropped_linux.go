package transport

import (
	"os"
	"syscall"
	"unsafe"

	"snmpstack/transport/internal/sysnum"
)

// The socket option SO_MEMINFO and what it tells (Linux: asm-generic/socket.h,
// sock_diag.h): numbers of 32 bits, of which the ninth is how many datagrams were
// dropped.
const (
	soMeminfo    = 55
	meminfoDrops = 8
	meminfoVars  = 9
)

// Dropped returns how many datagrams for this socket the kernel has thrown away,
// modulo 2³², because its queue was full (Options.InBufferSize) or their checksum was
// wrong. Nothing else tells of them. The error matches errors.ErrUnsupported where the
// system does not say it, as Linux before 4.12.
//
// It is what SO_RXQ_OVFL has in the control data of each datagram, without the price of
// that for each, and tells what there is now and not when the last one was queued.
func (c *UDPConn) Dropped() (uint32, error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var info [meminfoVars]uint32
	var errno syscall.Errno
	size := uint32(unsafe.Sizeof(info))
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.RawSyscall6(sysnum.Getsockopt, fd, syscall.SOL_SOCKET, soMeminfo,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	switch {
	case err != nil:
		return 0, err
	case errno == syscall.ENOPROTOOPT, errno == syscall.ENOSYS, errno == 0 && size < uint32(unsafe.Sizeof(info)):
		return 0, unsupported("counting what was dropped", "this kernel")
	case errno != 0:
		return 0, os.NewSyscallError("getsockopt", errno)
	}
	return info[meminfoDrops], nil
}
