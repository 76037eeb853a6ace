package transport

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"snmpstack/transport/internal/sysnum"
)

// recvmmsg(2) and sendmmsg(2) move many datagrams with one call. This file is
// the calls and the memory they work on; batchin_linux.go and batchout_linux.go
// are Read and Write with them.
//
// The calls are made raw and never wait: where the kernel has nothing, or no
// room, they return at once and the runtime's poller waits. What would be gained
// by telling the scheduler of a call (syscall.Syscall6) it would spend again on
// the telling, which for a small batch costs more than a datagram does.

// mostPerCall is how many datagrams are read or sent with one call at most. A
// raw call keeps its thread's processor until it is done.
const mostPerCall = 64

// A mmsghdr is struct mmsghdr: a message, and how many octets of it were moved.
// On every architecture the compiler pads it as C does.
type mmsghdr struct {
	syscall.Msghdr
	len uint32
}

// messages is what one call is told and tells: for each datagram a header, one
// piece of memory, an address and control data. (Datagrams that are sent as one
// have a header in common, see train.) It grows to the largest batch that was
// asked for and is used again and again; so a call allocates nothing.
type messages struct {
	headers []mmsghdr
	data    []syscall.Iovec
	names   []syscall.RawSockaddrInet6 // the larger one of the two
	control [][controlSize]byte
}

// grow makes room for n datagrams, or as many as a call may have.
func (m *messages) grow(n int) int {
	n = min(n, mostPerCall)
	if n <= len(m.headers) {
		return n
	}
	*m = messages{
		headers: make([]mmsghdr, n),
		data:    make([]syscall.Iovec, n),
		names:   make([]syscall.RawSockaddrInet6, n),
		control: make([][controlSize]byte, n),
	}
	for i := range m.headers {
		h := &m.headers[i].Msghdr
		h.Iov, h.Iovlen = &m.data[i], 1
		h.Name = (*byte)(unsafe.Pointer(&m.names[i]))
	}
	return n
}

// setData makes data the memory of datagram i.
func (m *messages) setData(i int, data []byte) {
	m.data[i].Base = unsafe.SliceData(data)
	m.data[i].SetLen(len(data))
}

// setControl gives datagram i size octets of control data, perhaps none.
func (m *messages) setControl(i, size int) {
	h := &m.headers[i].Msghdr
	h.Control = nil
	if size > 0 {
		h.Control = &m.control[i][0]
	}
	h.SetControllen(size)
}

// call makes the system call with a number for the datagrams from first to last.
func (m *messages) call(number, fd uintptr, first, last int) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall6(number, fd,
			uintptr(unsafe.Pointer(&m.headers[first])), uintptr(last-first), syscall.MSG_DONTWAIT, 0, 0)
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

// setBatches has Read and Write make these calls, if the kernel has them and lets
// this process make them: it is asked for no datagrams at all. Old kernels,
// emulators and filters of system calls (seccomp(2)) refuse, with various errors.
func (c *UDPConn) setBatches(opts *Options) error {
	var batch, gso bool
	if opts.Batch != Off {
		raw, err := c.conn.SyscallConn()
		if err != nil {
			return err
		}
		in, out := newBatchReader(raw), &batchWriters{raw: raw}
		err = raw.Control(func(fd uintptr) {
			in.grow(1)
			_, errIn := in.call(syscall.SYS_RECVMMSG, fd, 0, 0)
			_, errOut := in.call(sysnum.Sendmmsg, fd, 0, 0)
			batch = errIn == 0 && errOut == 0
			gso = batch && opts.GSO != Off && hasGSO(fd)
		})
		if err != nil {
			return err
		}
		if batch {
			c.in, c.out = in, out
		}
		if gso {
			out.longest.Store(longestTogether)
		}
	}
	switch {
	case opts.Batch == On && !batch:
		return unsupported("Batch", "this kernel")
	case opts.GSO == On && !batch:
		return unsupported("GSO without Batch", "Linux")
	case opts.GSO == On && !gso:
		return unsupported("GSO", "this kernel")
	}
	return nil
}

// putName writes the address of datagram i, one without a zone: a struct
// sockaddr_in or sockaddr_in6.
func (m *messages) putName(i int, to netip.AddrPort) {
	name := &m.names[i]
	if to.Addr().Is4() {
		name4 := (*syscall.RawSockaddrInet4)(unsafe.Pointer(name))
		*name4 = syscall.RawSockaddrInet4{Family: syscall.AF_INET, Addr: to.Addr().As4()}
		putPort(&name4.Port, to.Port())
		m.headers[i].Namelen = syscall.SizeofSockaddrInet4
		return
	}
	*name = syscall.RawSockaddrInet6{Family: syscall.AF_INET6, Addr: to.Addr().As16()}
	putPort(&name.Port, to.Port())
	m.headers[i].Namelen = syscall.SizeofSockaddrInet6
}

// name reads the address of datagram i, and the interface if the address has no
// meaning without one.
func (m *messages) name(i int) (from netip.AddrPort, ifIndex uint32) {
	name := &m.names[i]
	switch name.Family {
	case syscall.AF_INET:
		name4 := (*syscall.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(name4.Addr), port(&name4.Port)), 0
	case syscall.AF_INET6:
		return unmap(netip.AddrPortFrom(netip.AddrFrom16(name.Addr), port(&name.Port))), name.Scope_id
	}
	return netip.AddrPort{}, 0
}

// A port is in the order of the network, whatever the order of this machine.
func putPort(to *uint16, port uint16) {
	b := (*[2]byte)(unsafe.Pointer(to))
	b[0], b[1] = byte(port>>8), byte(port)
}

func port(from *uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(from))
	return uint16(b[0])<<8 | uint16(b[1])
}

// callError is the error of a call, in the form that package net's have and
// Classify goes by.
func (c *UDPConn) callError(op, call string, remote netip.AddrPort, errno syscall.Errno) error {
	e := &net.OpError{Op: op, Net: "udp", Source: net.UDPAddrFromAddrPort(c.local), Err: os.NewSyscallError(call, errno)}
	if remote.IsValid() {
		e.Addr = net.UDPAddrFromAddrPort(remote)
	}
	return e
}
