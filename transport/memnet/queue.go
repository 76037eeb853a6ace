package memnet

import (
	"net/netip"

	"snmpstack/transport"
)

// A datagram is on its way: buf[:size] is its own copy of the data.
type datagram struct {
	buf  *transport.Buffer
	size int
	from netip.AddrPort
	to   netip.Addr
}

// A queue holds the datagrams for one Conn, oldest first, in a ring of fixed
// length.
type queue struct {
	ring  []datagram
	first int // the oldest
	n     int
}

// full reports whether push has no room.
func (q *queue) full() bool { return q.n == len(q.ring) }

// push appends d. The queue must not be full.
func (q *queue) push(d datagram) {
	q.ring[(q.first+q.n)%len(q.ring)] = d
	q.n++
}

// pop takes the oldest datagram. The queue must not be empty.
func (q *queue) pop() datagram {
	d := q.ring[q.first]
	q.ring[q.first] = datagram{}
	q.first = (q.first + 1) % len(q.ring)
	q.n--
	return d
}
