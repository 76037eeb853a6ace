package memnet

import (
	"net"
	"net/netip"
	"sync"
	"syscall"

	"snmpstack/transport"
)

// The longest payload of a UDP datagram: 65535 octets less the UDP header and,
// for IPv4 only, the IP header, which counts there (RFC 768, RFC 8200 §3).
const (
	maxPayload4 = 65535 - 8 - 20
	maxPayload6 = 65535 - 8
)

// A Conn is one transport.Conn on a Network.
type Conn struct {
	net   *Network
	local netip.AddrPort

	// All below is guarded by net.mu.
	queue    queue
	readable sync.Cond // the queue has a datagram, or closed: Reads wait for it
	quieter  sync.Cond // a Read took some or waits, or closed: WaitIdle waits for it
	waiting  int       // Reads that wait for a datagram
	closed   bool
	stats    Stats
}

var _ transport.Conn = (*Conn)(nil)

// Stats count the datagrams for one Conn since it was opened.
type Stats struct {
	Queued  uint64 // that found room in the queue
	Read    uint64 // of these, handed over by Read
	Dropped uint64 // that found the queue full
}

// Read implements transport.Conn. It returns all datagrams queued, as far as
// there are packets for them.
func (c *Conn) Read(p []transport.Packet) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	for i := range p {
		p[i] = transport.Packet{Buf: p[i].Buf}
		p[i].Buf.Bytes() // panics if there is none, before anything is read
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for c.queue.n == 0 && !c.closed {
		c.waiting++
		c.quieter.Broadcast()
		c.readable.Wait()
		c.waiting--
	}
	if c.closed {
		return 0, c.fail("read", netip.AddrPort{}, net.ErrClosed)
	}
	for n < len(p) && c.queue.n > 0 {
		d := c.queue.pop()
		buf := p[n].Buf.Bytes()
		size := copy(buf, d.buf.Bytes()[:d.size])
		p[n].Data = buf[:size:size]
		p[n].Remote = d.from
		p[n].Local = d.to
		p[n].Truncated = size < d.size
		d.buf.Release()
		n++
	}
	c.stats.Read += uint64(n)
	c.quieter.Broadcast()
	return n, nil
}

// Write implements transport.Conn. It never blocks. A datagram to where nobody
// listens, or to a full queue, counts as written. Errors are *net.OpError, as
// those of UDP are.
func (c *Conn) Write(p []transport.Packet) (n int, err error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for i := range p {
		if err := c.writeOne(&p[i]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// writeOne delivers one packet.
func (c *Conn) writeOne(p *transport.Packet) error {
	to := unmap(p.Remote)
	from, err := c.source(to, p.Local.Unmap().WithZone(""))
	if err != nil {
		return c.fail("write", to, err)
	}
	limit := maxPayload6
	if to.Addr().Is4() {
		limit = maxPayload4
	}
	if len(p.Data) > limit {
		return c.fail("write", to, syscall.EMSGSIZE)
	}
	receiver := c.net.find(to)
	if receiver == nil {
		c.net.unreachable++
		return nil
	}
	if receiver.queue.full() {
		receiver.stats.Dropped++
		return nil
	}
	buf := c.net.pool.Get(len(p.Data))
	copy(buf.Bytes(), p.Data)
	receiver.queue.push(datagram{buf: buf, size: len(p.Data), from: from, to: to.Addr().WithZone("")})
	receiver.stats.Queued++
	receiver.readable.Broadcast()
	return nil
}

// source returns the address a datagram leaves from, given the one asked for.
func (c *Conn) source(to netip.AddrPort, local netip.Addr) (netip.AddrPort, error) {
	own := c.local.Addr()
	chosen := local.IsValid() && !local.IsUnspecified()
	switch {
	case c.closed:
		return netip.AddrPort{}, net.ErrClosed
	case !to.IsValid():
		return netip.AddrPort{}, syscall.EDESTADDRREQ
	case to.Addr().Is4() != own.Is4(), chosen && local.Is4() != own.Is4():
		return netip.AddrPort{}, syscall.EAFNOSUPPORT
	case !own.IsUnspecified():
		if chosen && local != own.WithZone("") {
			return netip.AddrPort{}, syscall.EADDRNOTAVAIL
		}
		return c.local, nil
	case chosen && local.IsMulticast():
		return netip.AddrPort{}, syscall.EADDRNOTAVAIL
	case chosen:
		return netip.AddrPortFrom(local, c.local.Port()), nil
	case own.Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), c.local.Port()), nil
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), c.local.Port()), nil
}

// LocalAddr implements transport.Conn.
func (c *Conn) LocalAddr() netip.AddrPort { return c.local }

// Close implements transport.Conn. Datagrams still queued are discarded, and
// the address is free for another Listen.
func (c *Conn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.fail("close", netip.AddrPort{}, net.ErrClosed)
	}
	c.closed = true
	delete(c.net.conns, c.local)
	for c.queue.n > 0 {
		c.queue.pop().buf.Release()
	}
	c.readable.Broadcast()
	c.quieter.Broadcast()
	return nil
}

// Stats returns the counts up to this moment.
func (c *Conn) Stats() Stats {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.stats
}

// Dropped returns Stats.Dropped as a UDPConn has it, modulo 2³². It never fails.
func (c *Conn) Dropped() (uint32, error) { return uint32(c.Stats().Dropped), nil }

// Pending returns how many datagrams wait to be read.
func (c *Conn) Pending() int {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.queue.n
}

// WaitIdle waits until nothing is queued and at least readers Reads wait for
// more. With the number of goroutines that read from the Conn, it so returns
// when each of them has come back from dealing with what it had read; with 0,
// when everything has been read. It returns an error that matches
// net.ErrClosed if the Conn is closed first.
func (c *Conn) WaitIdle(readers int) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for !c.closed && (c.queue.n > 0 || c.waiting < readers) {
		c.quieter.Wait()
	}
	if c.closed {
		return c.fail("wait", netip.AddrPort{}, net.ErrClosed)
	}
	return nil
}

// fail makes an error of the form package net's have, which is what
// transport.Classify goes by.
func (c *Conn) fail(op string, remote netip.AddrPort, cause error) error {
	e := &net.OpError{Op: op, Net: "memnet", Source: net.UDPAddrFromAddrPort(c.local), Err: cause}
	if remote.IsValid() {
		e.Addr = net.UDPAddrFromAddrPort(remote)
	}
	return e
}
