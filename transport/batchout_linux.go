package transport

import (
	"syscall"

	"snmpstack/transport/internal/sysnum"
)

// A batchWriter is what Write of a UDPConn works with, under the mutex for
// writing.
type batchWriter struct {
	messages
	raw syscall.RawConn

	// send sends the datagrams from first to last. When it is done, first is the
	// one that was not sent, for the reason errno. It is made once and for all, as
	// is receive of a batchReader.
	send        func(fd uintptr) bool
	first, last int
	errno       syscall.Errno
}

func newBatchWriter(raw syscall.RawConn) *batchWriter {
	b := &batchWriter{raw: raw}
	b.send = func(fd uintptr) bool {
		// A call that ends early says how far it came, and the next one why.
		for b.first < b.last {
			var n int
			if n, b.errno = b.call(sysnum.Sendmmsg, fd, b.first, b.last); b.errno != 0 {
				return b.errno != syscall.EAGAIN // else wait until there is room
			}
			b.first += n
		}
		return true
	}
	return b
}

// writeBatch sends as many of p as go together with sendmmsg, one at least, and
// returns how many were sent. p[0] must not have a zone.
func (c *UDPConn) writeBatch(p []Packet) (n int, err error) {
	b := c.out
	b.first, b.last, b.errno = 0, 0, 0
	for most := b.grow(len(p)); b.last < most; b.last++ {
		next := &p[b.last]
		if next.Remote.Addr().Zone() != "" {
			break
		}
		if err := b.prepare(c, next); err != nil {
			if b.last == 0 {
				return 0, err
			}
			break // those before it go first
		}
	}
	defer clear(b.data[:b.last]) // what is there belongs to the caller
	if err := b.raw.Write(b.send); err != nil {
		return b.first, err
	}
	if b.errno != 0 {
		return b.first, c.callError("write", "sendmmsg", p[b.first].Remote, b.errno)
	}
	return b.last, nil
}

// prepare makes p the last datagram.
func (b *batchWriter) prepare(c *UDPConn, p *Packet) error {
	way, err := c.route(p)
	if err != nil {
		return refused(c, p, err)
	}
	control := 0
	if way.chosen() {
		control = len(putPktinfo(&b.control[b.last], c.ipv4, way.local, way.ifIndex))
	}
	b.putName(b.last, way.remote)
	b.setControl(b.last, control)
	b.setData(b.last, p.Data)
	return nil
}
