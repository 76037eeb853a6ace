package transport

import (
	"sync"
	"sync/atomic"
	"syscall"

	"snmpstack/transport/internal/sysnum"
)

// batchWriters are what the Writes of a UDPConn work with, each with one of its
// own: the kernel sends for many at the same time.
type batchWriters struct {
	raw     syscall.RawConn
	longest atomic.Int32 // datagrams that are longer go by themselves, see gso_linux.go
	mu      sync.Mutex
	idle    []*batchWriter
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

	// send sends the messages from first to last. When it is done, first is the
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

// write sends the messages from first to last. Who waits for room keeps others
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
	return c.writeTogether(p, int(c.out.longest.Load()))
}

// writeTogether is writeBatch; datagrams of up to longest octets may go as one.
func (c *UDPConn) writeTogether(p []Packet, longest int) (n int, err error) {
	b := c.out.get()
	defer c.out.put(b)
	n, err = b.prepare(c, p, longest)
	defer clear(b.data[:n]) // what is there belongs to the caller
	if err != nil {
		return 0, err
	}
	if err := b.write(); err != nil {
		return b.sent(), err
	}
	if b.errno == 0 {
		return n, nil
	}
	n = b.sent()
	if size := int(b.headers[b.first].Iovlen); size > 1 {
		return c.writeApart(n, p[:n+size], b.errno)
	}
	return n, c.callError("write", "sendmmsg", p[n].Remote, b.errno)
}

// prepare makes messages of p, as far as it goes, and returns how many datagrams
// are in them.
func (b *batchWriter) prepare(c *UDPConn, p []Packet, longest int) (n int, err error) {
	b.first, b.last, b.errno = 0, 0, 0
	var t train
	for most := b.grow(len(p)); n < most; n++ {
		next := &p[n]
		if next.Remote.Addr().Zone() != "" {
			break
		}
		way, err := c.route(next)
		if err != nil {
			if n == 0 {
				return 0, refused(c, next, err)
			}
			break // those before it go first
		}
		b.setData(n, next.Data)
		if t.takes(way, len(next.Data)) {
			b.join(t.size)
		} else {
			t = newTrain(way, len(next.Data), longest)
			b.add(c, n, way)
		}
	}
	return n, nil
}

// add makes datagram i the first one of another message.
func (b *batchWriter) add(c *UDPConn, i int, way way) {
	m := b.last
	b.last++
	h := &b.headers[m].Msghdr
	h.Iov, h.Iovlen = &b.data[i], 1
	control := 0
	if way.chosen() {
		control = len(putPktinfo(&b.control[m], c.ipv4, way.local, way.ifIndex))
	}
	b.putName(m, way.remote)
	b.setControl(m, control)
}

// sent returns how many datagrams have been sent.
func (b *batchWriter) sent() (n int) {
	for i := range b.first {
		n += int(b.headers[i].Iovlen)
	}
	return n
}
