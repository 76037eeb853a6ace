package memnet

import (
	"fmt"
	"net/netip"
	"sync"
	"syscall"

	"snmpstack/transport"
)

// DefaultQueueLimit is how many datagrams wait for a Conn unless the Network
// says otherwise.
const DefaultQueueLimit = 256

// firstEphemeral is the first port given to a Conn that asks for port 0
// (RFC 6335 §6: the dynamic ports).
const firstEphemeral = 49152

// A Network connects the Conns listening on it. The zero Network is one
// without Conns.
type Network struct {
	// QueueLimit is how many datagrams may wait for each Conn; one more is
	// dropped, and counted there. 0 means DefaultQueueLimit. It applies to the
	// Conns opened after it was set.
	QueueLimit int

	// mu guards everything in the Network and in all its Conns: with one lock
	// there is one order of events.
	mu          sync.Mutex
	conns       map[netip.AddrPort]*Conn
	unreachable uint64
	pool        transport.Pool
}

// New returns a network without Conns.
func New() *Network { return new(Network) }

// Listen opens a Conn on an address that has none yet. Port 0 takes the lowest
// free port from 49152 up.
func (n *Network) Listen(addr netip.AddrPort) (*Conn, error) {
	addr = unmap(addr)
	if !addr.Addr().IsValid() {
		return nil, fmt.Errorf("memnet: listen on %v: no IP address", addr)
	}
	if addr.Addr().IsMulticast() {
		return nil, fmt.Errorf("memnet: listen on %v: a multicast address, expected a unicast one", addr)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for port := firstEphemeral; addr.Port() == 0; port++ {
		if port > 65535 {
			return nil, fmt.Errorf("memnet: listen on %v: every port from %d up is taken", addr, firstEphemeral)
		}
		if free := netip.AddrPortFrom(addr.Addr(), uint16(port)); n.conns[free] == nil {
			addr = free
		}
	}
	if n.conns[addr] != nil {
		return nil, fmt.Errorf("memnet: listen on %v: %w", addr, syscall.EADDRINUSE)
	}
	limit := n.QueueLimit
	if limit <= 0 {
		limit = DefaultQueueLimit
	}
	c := &Conn{net: n, local: addr, queue: queue{ring: make([]datagram, limit)}}
	c.readable.L, c.quieter.L = &n.mu, &n.mu
	if n.conns == nil {
		n.conns = make(map[netip.AddrPort]*Conn)
	}
	n.conns[addr] = c
	return c, nil
}

// Pending returns how many datagrams wait in the queues of all Conns.
func (n *Network) Pending() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	total := 0
	for _, c := range n.conns {
		total += c.queue.n
	}
	return total
}

// Unreachable returns how many datagrams were sent to where nobody listens.
// Their senders were told nothing, as on UDP.
func (n *Network) Unreachable() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unreachable
}

// find returns the Conn for datagrams to an address: the one on exactly it, or
// else on the wildcard address of its family. Call with mu held.
func (n *Network) find(to netip.AddrPort) *Conn {
	if c := n.conns[to]; c != nil {
		return c
	}
	wildcard := netip.IPv6Unspecified()
	if to.Addr().Is4() {
		wildcard = netip.IPv4Unspecified()
	}
	return n.conns[netip.AddrPortFrom(wildcard, to.Port())]
}

// unmap makes an IPv4-mapped IPv6 address the IPv4 address it stands for.
func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
