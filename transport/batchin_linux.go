package transport

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// A batchReader is what Read of a UDPConn works with, under the mutex for
// reading.
type batchReader struct {
	messages
	raw   syscall.RawConn
	links linkNames

	// receive makes the call and leaves its results in n and errno. It is made
	// once and for all: a new closure for each Read would be an allocation.
	receive func(fd uintptr) bool
	asked   int
	n       int
	errno   syscall.Errno
}

func newBatchReader(raw syscall.RawConn) *batchReader {
	b := &batchReader{raw: raw}
	b.receive = func(fd uintptr) bool {
		b.n, b.errno = b.call(syscall.SYS_RECVMMSG, fd, 0, b.asked)
		return b.errno != syscall.EAGAIN // else wait until there is something
	}
	return b
}

// readBatch is Read with recvmmsg. An error that the kernel has after some
// datagrams is for the next call to tell.
func (c *UDPConn) readBatch(p []Packet) (n int, err error) {
	b := c.in
	b.asked = b.grow(len(p))
	control := 0
	if c.pktinfo {
		control = controlSize
	}
	for i := range p[:b.asked] {
		b.setData(i, p[i].Buf.Bytes())
		b.setControl(i, control)
		b.headers[i].Namelen = syscall.SizeofSockaddrInet6
	}
	if err := b.raw.Read(b.receive); err != nil {
		return 0, err
	}
	if b.errno != 0 {
		return 0, c.callError("read", "recvmmsg", netip.AddrPort{}, b.errno)
	}
	for i := range p[:b.n] {
		c.fill(&p[i], i)
	}
	return b.n, nil
}

// fill makes p of datagram i.
func (c *UDPConn) fill(p *Packet, i int) {
	b := c.in
	h := &b.headers[i]
	p.Data = p.Buf.Bytes()[:h.len:h.len]
	p.Truncated = h.Flags&msgTrunc != 0
	var link uint32
	p.Remote, link = b.name(i)
	if link != 0 {
		p.Remote = netip.AddrPortFrom(p.Remote.Addr().WithZone(b.links.name(link)), p.Remote.Port())
	}
	if c.pktinfo {
		p.Local, p.IfIndex = parsePktinfo(b.control[i][:h.Controllen])
	} else {
		p.Local, p.IfIndex = c.from, 0
	}
}

// linkNames remembers what interfaces are called, which the kernel does not say
// with a link-local address but netip wants to know. There are not more of them
// than the host has interfaces.
type linkNames struct {
	names map[uint32]string
	since time.Time
}

// A name is asked for anew after this time: it can change.
const linkNameAge = time.Minute

// name returns the name of an interface, or its number if it has none any more.
func (l *linkNames) name(index uint32) string {
	if now := time.Now(); l.names == nil || now.Sub(l.since) > linkNameAge {
		l.names, l.since = make(map[uint32]string), now
	}
	name, known := l.names[index]
	if !known {
		name = strconv.FormatUint(uint64(index), 10)
		if i, err := net.InterfaceByIndex(int(index)); err == nil {
			name = i.Name
		}
		l.names[index] = name
	}
	return name
}
