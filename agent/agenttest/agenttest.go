// Package agenttest has what it takes to test an agent without a socket and
// without waiting: a network in memory and a clock that stands still until it is
// told to go on.
//
//	clock := agenttest.NewClock()
//	net := agenttest.NewNetwork()
//	a := agent.New()
//	a.Clock = clock
//	a.Conns = []transport.Conn{net.Listen(t, "192.0.2.1:161")}
//	… a.Activate()
//	client := net.Manager(t, "192.0.2.1:161")
//	vbs, err := client.Get(ctx, name)
//
// The client waits in real time: where silence is expected, as after a community
// that is not known, its Timeout is short and its Retries 0. The network loses
// nothing; NewFaulty makes a socket that does, and repeats, delays, reorders and
// shortens. GoldenWalk compares all that an agent serves with a file. What the agent
// made of a datagram is in its Stats, and OnBadPacket is told why it was refused.
//
// All of it works within testing/synctest, where the client's time-outs take no time: the
// sockets are made, and the agent is deactivated, in the bubble. Answers that are wrong
// rather than late, as with another request-id, take a transport.Conn of the test's own
// around one of these, whose Write changes the octets.
package agenttest

import (
	"net/netip"
	"testing"

	"snmpstack/agent/manager"
	"snmpstack/transport/memnet"
)

// A Network is a network in memory.
type Network struct {
	*memnet.Network
}

// NewNetwork returns a network without sockets.
func NewNetwork() *Network { return &Network{memnet.New()} }

// Listen opens a socket at an address such as "192.0.2.1:161", and closes it at
// the end of the test.
func (n *Network) Listen(t testing.TB, address string) *memnet.Conn {
	t.Helper()
	c, err := n.Network.Listen(netip.MustParseAddrPort(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Manager returns a client of the agent at address, with a socket of its own at
// 127.0.0.1. Its Community, or Version and Security, are to be set.
func (n *Network) Manager(t testing.TB, address string) *manager.Client {
	t.Helper()
	return manager.New(manager.OverTransport(n.Listen(t, "127.0.0.1:0"), netip.MustParseAddrPort(address)), address)
}
