package agenttest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"snmpstack/transport"
)

// A Fault is what happens to one datagram on its way.
type Fault struct {
	times     int                 // how often it arrives
	change    func([]byte) []byte // what arrives; nil: what was sent
	clock     *Clock              // nil: it arrives at once
	late      time.Duration
	overtaken bool
}

// What happens to a datagram.
var (
	Deliver   = Fault{times: 1} // nothing
	Drop      = Fault{}         // it is lost
	Duplicate = Fault{times: 2} // it arrives twice
	// Overtaken has it arrive right behind the next one that goes the same way and is
	// not overtaken itself.
	Overtaken = Fault{times: 1, overtaken: true}
)

// Truncate lets no more than the first octets arrive.
func Truncate(octets int) Fault {
	return Fault{times: 1, change: func(b []byte) []byte { return b[:min(octets, len(b))] }}
}

// Flip changes a bit, counted from the first octet's most significant one. A datagram
// that has no such bit arrives as it is.
func Flip(bit int) Fault {
	return Fault{times: 1, change: func(b []byte) []byte {
		if bit/8 < len(b) {
			b[bit/8] ^= 0x80 >> (bit % 8)
		}
		return b
	}}
}

// Delay has the datagram arrive when the clock has moved on by d.
func Delay(clock *Clock, d time.Duration) Fault { return Fault{times: 1, clock: clock, late: d} }

// A Faulty is a transport.Conn that is not reliable: what is written to it meets with
// Faults. Two of them, one at each end, make both ways unreliable.
type Faulty struct {
	transport.Conn

	mu   sync.Mutex
	next func() Fault
	held []transport.Packet // for behind the next one
}

// NewFaulty returns a Conn that is conn but for what next says, datagram by datagram:
// Script and Sometimes are made for it.
func NewFaulty(conn transport.Conn, next func() Fault) *Faulty {
	return &Faulty{Conn: conn, next: next}
}

// Script returns the faults one after the other, and Deliver from then on.
func Script(faults ...Fault) func() Fault {
	return func() Fault {
		if len(faults) == 0 {
			return Deliver
		}
		f := faults[0]
		faults = faults[1:]
		return f
	}
}

// Sometimes returns one of the faults in one of n cases, and Deliver otherwise. What
// it does depends on the state of random alone.
func Sometimes(random *rand.Rand, n int, faults ...Fault) func() Fault {
	return func() Fault {
		if random.IntN(n) > 0 {
			return Deliver
		}
		return faults[random.IntN(len(faults))]
	}
}

// Write implements transport.Conn. Whatever becomes of a datagram, it counts as
// written; an error of the Conn below is returned unless the datagram is late.
func (c *Faulty) Write(p []transport.Packet) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range p {
		if err := c.writeOne(p[i]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

func (c *Faulty) writeOne(p transport.Packet) error {
	p.Buf, p.Data = nil, bytes.Clone(p.Data)
	f := c.next()
	if f.change != nil {
		p.Data = f.change(p.Data)
	}
	arriving := slices.Repeat([]transport.Packet{p}, f.times)
	switch {
	case f.overtaken:
		c.held = append(c.held, arriving...)
		return nil
	case f.clock != nil:
		f.clock.AfterFunc(f.late, func() { c.Conn.Write(arriving) })
		return nil
	}
	arriving = append(arriving, c.held...)
	c.held = nil
	_, err := c.Conn.Write(arriving)
	return err
}
