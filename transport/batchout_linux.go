package transport

import (
	"sync"
	"syscall"

	"snmpstack/transport/internal/sysnum"
)

// batchWriters are what the Writes of a UDPConn work with, each with one of its
// own: the kernel sends for many at the same time.
type batchWriters struct {
	raw  syscall.RawConn
	mu   sync.Mutex
	idle []*batchWriter
}

// mostIdle is how many of them are kept for later.
const mostIdle = 64

func (w *batchWriters) get() *batchWriter {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := len(w.idle) - 1
	if last < 0 {
		return newBatchWriter(w.raw)
	}
	b := w.idle[last]
	w.idle = w.idle[:last]
	return b
}

func (w *batchWriters) put(b *batchWriter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.idle) < mostIdle {
		w.idle = append(w.idle, b)
	}
}

// A batchWriter is what one Write works with.
type batchWriter struct {
	messages
	raw syscall.RawConn

	// send sends the datagrams from first to last. When it is done, first is the
	// one that was not sent, for the reason errno. Both are made once and for all,
	// as is receive of a batchReader.
	send        func(fd uintptr)
	sendOrWait  func(fd uintptr) bool
	first, last int
	errno       syscall.Errno
}

func newBatchWriter(raw syscall.RawConn) *batchWriter {
	b := &batchWriter{raw: raw}
	b.send = func(fd uintptr) {
		// A call that ends early says how far it came, and the next one why.
		for b.errno = 0; b.first < b.last && b.errno == 0; {
			var n int
			if n, b.errno = b.call(sysnum.Sendmmsg, fd, b.first, b.last); b.errno == 0 {
				b.first += n
			}
		}
	}
	b.sendOrWait = func(fd uintptr) bool {
		b.send(fd)
		return b.errno != syscall.EAGAIN // else wait until there is room
	}
	return b
}

// write sends the datagrams from first to last. Who waits for room keeps others
// from waiting too, but not from sending.
func (b *batchWriter) write() error {
	err := b.raw.Control(b.send)
	if err == nil && b.errno == syscall.EAGAIN {
		err = b.raw.Write(b.sendOrWait)
	}
	return err
}

// writeBatch sends as many of p as go together with sendmmsg, one at least, and
// returns how many were sent. p[0] must not have a zone.
func (c *UDPConn) writeBatch(p []Packet) (n int, err error) {
	b := c.out.get()
	defer c.out.put(b)
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
	if err := b.write(); err != nil {
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
