package transport

import (
	"encoding/binary"
	"slices"
	"syscall"
)

// Generic segmentation offload: datagrams between the same addresses pass the
// kernel as one message whose control data (UDP_SEGMENT, udp(7)) says at which
// length it is cut, which is done by the interface, or not before it is received.
// Routing, filters and queues are then passed once for all of them: an agent that a
// manager has asked many things sends its answers at half the price. This file is
// what may go together, and what becomes of it when the kernel does not want it.

// What package syscall does not have (linux/udp.h).
const (
	udpSegment = 103
	udpGRO     = 104
)

// longestTogether is what datagrams that go together are long at most, at the
// start: they must fit the path's MTU, which nobody here knows. This is as much as
// it can be while two of them make a message.
const longestTogether = mostTogether / 2

// mostTogether is how long a message is at most, by the length field of UDP
// (RFC 768) and IPv4's (RFC 791 §3.1). There can be 64 datagrams in it (UDP_MAX_SEGMENTS),
// which are not more in a call anyway.
const mostTogether = 65535 - 20 - 8

// hasGSO reports whether the kernel has UDP_GRO. That came after UDP_SEGMENT, with
// Linux 5.0: before, a socket in this host could be handed a message uncut.
func hasGSO(fd uintptr) bool {
	_, err := getsockoptInt(fd, syscall.IPPROTO_UDP, udpGRO)
	return err == nil
}

// A train is datagrams that are sent as one message: they go the same way and have
// the same length, except that the last one may be shorter.
type train struct {
	way  way
	size int // the length of each
	room int // octets that the message may still have; 0: it has its last datagram
}

// newTrain makes one of a datagram of size octets.
func newTrain(way way, size, longest int) train {
	t := train{way: way, size: size}
	if size <= longest {
		t.room = mostTogether - size
	}
	return t
}

// takes adds a datagram, if it can. An empty one would be lost in it.
func (t *train) takes(way way, size int) bool {
	if size == 0 || size > t.size || size > t.room || way != t.way {
		return false
	}
	t.room -= size
	if size < t.size {
		t.room = 0
	}
	return true
}

// join adds the next datagram to the last message, which is one of size octets each.
func (b *batchWriter) join(size int) {
	m := b.last - 1
	h := &b.headers[m].Msghdr
	if h.Iovlen++; h.Iovlen > 2 {
		return // it says so already
	}
	at := int(h.Controllen)
	b.setControl(m, at+putSegment(b.control[m][at:], size))
}

// putSegment writes the control data that has a message cut every size octets, and
// returns the length of it.
func putSegment(buf []byte, size int) int {
	const length = 2
	end := align(syscall.SizeofCmsghdr + length)
	clear(buf[:end])
	putCmsgHeader(buf, syscall.IPPROTO_UDP, udpSegment, length)
	binary.NativeEndian.PutUint16(buf[syscall.SizeofCmsghdr:], uint16(size))
	return end
}

// writeApart sends those of p that are left after the first n, each by itself, for
// together the kernel refused them: they are longer than the path's MTU, or the
// interface cannot have it, or a filter thinks them too long. What was the matter
// with being together is remembered, what was with a datagram is its error.
func (c *UDPConn) writeApart(n int, p []Packet, errno syscall.Errno) (int, error) {
	size := len(p[n].Data)
	sent, err := c.writeTogether(p[n:], 0)
	if sent > 0 && !slices.Contains(transientErrnos, errno) {
		c.out.lower(size - 1)
	}
	return n + sent, err
}

// lower has datagrams of more octets go by themselves from now on.
func (w *batchWriters) lower(longest int) {
	for {
		old := w.longest.Load()
		if int(old) <= longest || w.longest.CompareAndSwap(old, int32(longest)) {
			return
		}
	}
}
