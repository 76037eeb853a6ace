package transport

import (
	"encoding/binary"
	"net/netip"
	"syscall"
)

// Control data is a sequence of messages (cmsg(3)), each a header of a length
// as wide as a pointer, a level and a type of 4 octets each, followed by the
// content, and padded to the width of a pointer. A datagram that is received or
// sent may have IP_PKTINFO (ip(7)):
//
//	ipi_ifindex  4 octets   the interface
//	ipi_spec_dst 4 octets   our address: the one asked, the one to answer from
//	ipi_addr     4 octets   the destination in the header
//
// or IPV6_PKTINFO (RFC 3542 §6):
//
//	ipi6_addr    16 octets  our address
//	ipi6_ifindex  4 octets  the interface
//
// and what is sent may have UDP_SEGMENT behind it (gso_linux.go). All are written and read octet by octet, which needs no alignment, no
// unsafe and no allocation.
const (
	wordSize     = syscall.SizeofCmsghdr - 8
	pktinfo4Size = 12
	pktinfo6Size = 20

	// controlSize has room for the longer one and UDP_SEGMENT on any architecture.
	controlSize = 64
)

// parsePktinfo finds the local address and the interface in the control data
// of a received datagram. What is not there is invalid or 0.
func parsePktinfo(control []byte) (local netip.Addr, ifIndex int) {
	for len(control) >= syscall.SizeofCmsghdr {
		length := cmsgLength(control)
		if length < syscall.SizeofCmsghdr || length > uint64(len(control)) {
			break
		}
		level := binary.NativeEndian.Uint32(control[wordSize:])
		kind := binary.NativeEndian.Uint32(control[wordSize+4:])
		content := control[syscall.SizeofCmsghdr:length]
		switch {
		case level == syscall.IPPROTO_IP && kind == syscall.IP_PKTINFO && len(content) >= pktinfo4Size:
			ifIndex = int(binary.NativeEndian.Uint32(content))
			local = netip.AddrFrom4([4]byte(content[4:8]))
		case level == syscall.IPPROTO_IPV6 && kind == syscall.IPV6_PKTINFO && len(content) >= pktinfo6Size:
			local = netip.AddrFrom16([16]byte(content[:16])).Unmap()
			ifIndex = int(binary.NativeEndian.Uint32(content[16:]))
		}
		control = control[min(align(int(length)), len(control)):]
	}
	if local.IsUnspecified() || local.IsMulticast() {
		// Nothing may be sent from these: the kernel has to choose.
		local = netip.Addr{}
	}
	return local, ifIndex
}

// putPktinfo writes the control data that makes a datagram leave from local,
// if valid, and by the interface, if not 0. It returns the part of buf used.
func putPktinfo(buf *[controlSize]byte, ipv4 bool, local netip.Addr, ifIndex int) []byte {
	clear(buf[:])
	content := buf[syscall.SizeofCmsghdr:]
	if ipv4 {
		putCmsgHeader(buf[:], syscall.IPPROTO_IP, syscall.IP_PKTINFO, pktinfo4Size)
		binary.NativeEndian.PutUint32(content, uint32(ifIndex))
		if local.IsValid() {
			a := local.As4()
			copy(content[4:8], a[:])
		}
		return buf[:align(syscall.SizeofCmsghdr+pktinfo4Size)]
	}
	putCmsgHeader(buf[:], syscall.IPPROTO_IPV6, syscall.IPV6_PKTINFO, pktinfo6Size)
	if local.IsValid() {
		a := local.As16()
		copy(content[:16], a[:])
	}
	binary.NativeEndian.PutUint32(content[16:], uint32(ifIndex))
	return buf[:align(syscall.SizeofCmsghdr+pktinfo6Size)]
}

// putCmsgHeader writes the header of a message with size octets of content.
func putCmsgHeader(buf []byte, level, kind, size uint32) {
	length := syscall.SizeofCmsghdr + size
	if wordSize == 8 {
		binary.NativeEndian.PutUint64(buf, uint64(length))
	} else {
		binary.NativeEndian.PutUint32(buf, length)
	}
	binary.NativeEndian.PutUint32(buf[wordSize:], level)
	binary.NativeEndian.PutUint32(buf[wordSize+4:], kind)
}

// cmsgLength reads the length at the start of a header; it counts the header.
func cmsgLength(control []byte) uint64 {
	if wordSize == 8 {
		return binary.NativeEndian.Uint64(control)
	}
	return uint64(binary.NativeEndian.Uint32(control))
}

// align rounds up to a multiple of the width of a pointer.
func align(n int) int { return (n + wordSize - 1) &^ (wordSize - 1) }

// sourceControl returns the control data for a datagram from local by the
// interface; the caller has found that it needs some.
func (c *UDPConn) sourceControl(local netip.Addr, ifIndex int) ([]byte, error) {
	return putPktinfo(&c.outControl, c.ipv4, local, ifIndex), nil
}
