package manager

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"snmpstack/transport"
)

// OverTransport returns a Conn that talks to the agent at remote over conn,
// which belongs to it from then on: any of package transport's, the in-memory
// network's among them. What comes from another address is dropped (RFC 3413
// §3.1: an answer belongs to the transport address that was asked).
//
// A transport.Conn has no deadlines, so a goroutine reads from it until Close.
func OverTransport(conn transport.Conn, remote netip.AddrPort) Conn {
	o := &overTransport{
		conn:   conn,
		remote: netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()),
		queue:  make(chan []byte, queueLength),
		closed: make(chan struct{}),
		passed: make(chan struct{}),
	}
	go o.receive()
	return o
}

// queueLength is how many datagrams wait for Read. As with a socket's buffer,
// more of them are lost.
const queueLength = 64

type overTransport struct {
	conn   transport.Conn
	remote netip.AddrPort
	queue  chan []byte
	closed chan struct{} // closed when receive has ended
	fault  error         // why it ended; set before closed is closed

	mu     sync.Mutex
	timer  *time.Timer
	passed chan struct{} // closed when the deadline has passed
}

// receive moves datagrams from the transport to the queue.
func (o *overTransport) receive() {
	defer close(o.closed)
	var pool transport.Pool
	packets := []transport.Packet{{Buf: pool.Get(transport.FullSize)}}
	for {
		n, err := o.conn.Read(packets)
		switch transport.Classify(err) {
		case transport.ClassClosed, transport.ClassFatal:
			o.fault = err
			return
		}
		for _, p := range packets[:n] {
			if p.Remote != o.remote || p.Truncated {
				continue
			}
			select {
			case o.queue <- append([]byte(nil), p.Data...):
			default:
			}
		}
	}
}

func (o *overTransport) Read(b []byte) (int, error) {
	o.mu.Lock()
	passed := o.passed
	o.mu.Unlock()
	select {
	case <-passed: // before what waits, as a socket has it
		return 0, os.ErrDeadlineExceeded
	default:
	}
	select {
	case d := <-o.queue:
		return copy(b, d), nil
	case <-passed:
		return 0, os.ErrDeadlineExceeded
	case <-o.closed:
		return 0, o.fault
	}
}

func (o *overTransport) Write(b []byte) (int, error) {
	if _, err := o.conn.Write([]transport.Packet{{Data: b, Remote: o.remote}}); err != nil {
		return 0, err
	}
	return len(b), nil
}

// SetReadDeadline gives a Read that waits a new deadline too.
func (o *overTransport) SetReadDeadline(t time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.timer != nil && !o.timer.Stop() {
		<-o.passed // the old deadline's function closes it, or has done so
	}
	o.timer = nil
	select {
	case <-o.passed:
		o.passed = make(chan struct{})
	default:
	}
	if t.IsZero() {
		return nil
	}
	passed, wait := o.passed, time.Until(t)
	if wait <= 0 { // no timer: it would be late, and one that is due at once crashes go1.26's race detector in a bubble
		close(passed)
		return nil
	}
	o.timer = time.AfterFunc(wait, func() { close(passed) })
	return nil
}

func (o *overTransport) Close() error {
	err := o.conn.Close()
	<-o.closed
	return err
}

var _ Conn = (*net.UDPConn)(nil)
