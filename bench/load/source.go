package main

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"snmpstack/transport"
)

const (
	maxSources = 1 << 10
	maxSlots   = 1 << 15
	batch      = 64 // datagrams that are moved together
)

// A protocol makes requests and reads answers.
type protocol interface {
	// request encodes the request that an answer is told by, 0 ≤ id < 2³¹.
	request(id int32) ([]byte, error)
	// answer returns which request a datagram answers, and how many varbinds it
	// has; an error says what is wrong with it.
	answer(datagram []byte) (id int32, varBinds int, err error)
}

// A source is a port that is asked from.
type source struct {
	conn     *transport.UDPConn
	agent    netip.AddrPort
	clock    netip.AddrPort // what tells the time, see clock
	protocol protocol
	first    int32 // the id of slot 0
	slots    []slot
	free     []int // slots without a request that is outstanding
	burst    int
	patience time.Duration
	in, out  []transport.Packet

	sent, answered, lost, wrong, late uint64
	requestOctets, answerOctets       uint64
	varBinds                          uint64
	why                               error // the first wrong answer's
	latency                           histogram
}

// A slot is a request that is sent again as soon as it has been answered.
type slot struct {
	datagram []byte
	sent     time.Time // zero while it is free
}

func newSource(local, agent netip.AddrPort, p protocol, number, slots int, o options) (*source, error) {
	conn, err := transport.Listen(context.Background(), "udp", local.String(), transport.Options{InBufferSize: 4 << 20})
	if err != nil {
		return nil, err
	}
	s := &source{conn: conn, agent: agent, protocol: p, first: 1<<30 + int32(number)*maxSlots, slots: make([]slot, slots),
		burst: o.burst, patience: o.patience}
	var pool transport.Pool
	s.in, s.out = make([]transport.Packet, batch), make([]transport.Packet, min(slots, batch))
	for i := range s.in {
		s.in[i].Buf = pool.Get(transport.FullSize)
	}
	for i := range s.slots {
		if s.slots[i].datagram, err = p.request(s.first + int32(i)); err != nil {
			return nil, err
		}
		s.free = append(s.free, i)
	}
	return s, nil
}

// run asks until the time is over, and then waits for the last answers.
func (s *source) run(until time.Time) error {
	now := time.Now()
	for {
		if now.Before(until) {
			if err := s.send(now); err != nil {
				return err
			}
		} else if len(s.free) == len(s.slots) {
			return nil
		}
		n, err := s.conn.Read(s.in)
		switch transport.Classify(err) {
		case transport.ClassClosed, transport.ClassFatal:
			return err
		}
		now = time.Now()
		for i := range s.in[:n] {
			s.receive(&s.in[i], now)
		}
	}
}

// send sends what is free, if that is a burst.
func (s *source) send(now time.Time) error {
	if len(s.free) < s.burst {
		return nil
	}
	for len(s.free) > 0 {
		n := min(len(s.free), len(s.out))
		rest := s.free[:len(s.free)-n]
		for i, slot := range s.free[len(rest):] {
			s.out[i].Data, s.out[i].Remote = s.slots[slot].datagram, s.agent
			s.slots[slot].sent = now
			s.requestOctets += uint64(len(s.slots[slot].datagram))
		}
		s.free = rest
		if sent, err := s.conn.Write(s.out[:n]); err != nil {
			return fmt.Errorf("%d of %d requests could be sent: %w", sent, n, err)
		}
		s.sent += uint64(n)
	}
	return nil
}

// receive looks at a datagram that has come.
func (s *source) receive(p *transport.Packet, now time.Time) {
	switch p.Remote {
	case s.clock:
		s.expire(now)
		return
	case s.agent:
	default:
		return // a stranger's
	}
	id, varBinds, err := s.protocol.answer(p.Data)
	i := id - s.first
	if err == nil && (i < 0 || int(i) >= len(s.slots)) {
		err = fmt.Errorf("an answer to a request that was not made: %d", id)
	}
	if err != nil {
		s.wrong++
		if s.why == nil {
			s.why = err
		}
		return
	}
	slot := &s.slots[i]
	if slot.sent.IsZero() {
		s.late++
		return
	}
	s.answered++
	s.answerOctets += uint64(len(p.Data))
	s.varBinds += uint64(varBinds)
	s.latency.add(now.Sub(slot.sent))
	slot.sent = time.Time{}
	s.free = append(s.free, int(i))
}

// expire gives up requests that have waited too long.
func (s *source) expire(now time.Time) {
	for i := range s.slots {
		if sent := s.slots[i].sent; !sent.IsZero() && now.Sub(sent) > s.patience {
			s.lost++
			s.slots[i].sent = time.Time{}
			s.free = append(s.free, i)
		}
	}
}

// A clock sends all sources a datagram now and then, since to wait for an answer
// is to wait for a datagram.
type clock struct {
	conn    *transport.UDPConn
	packets []transport.Packet
	tick    time.Duration
	end     chan struct{}
	ended   chan struct{}
}

func newClock(local netip.AddrPort, sources []*source, tick time.Duration) (*clock, error) {
	conn, err := transport.Listen(context.Background(), "udp", local.String(), transport.Options{})
	if err != nil {
		return nil, err
	}
	c := &clock{conn: conn, tick: tick, end: make(chan struct{}), ended: make(chan struct{})}
	host := netip.IPv6Loopback()
	if local.Addr().Is4() {
		host = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	for _, s := range sources {
		s.clock = netip.AddrPortFrom(host, conn.LocalAddr().Port())
		c.packets = append(c.packets, transport.Packet{Remote: netip.AddrPortFrom(host, s.conn.LocalAddr().Port())})
	}
	go c.run()
	return c, nil
}

func (c *clock) run() {
	defer close(c.ended)
	tick := time.NewTicker(c.tick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for sent := 0; sent < len(c.packets); sent++ {
				n, _ := c.conn.Write(c.packets[sent:])
				sent += n
			}
		case <-c.end:
			return
		}
	}
}

func (c *clock) stop() {
	close(c.end)
	<-c.ended
	c.conn.Close()
}
