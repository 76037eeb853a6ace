package agent_test

import (
	"context"
	"errors"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/mib"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// What the kernel drops at a real socket is in Stats, while the agent is active and
// afterwards, and what it drops at the next one is added to it.
func TestKernelDrops(t *testing.T) {
	const sent = 100
	flood := func(a *agent.Agent) (dropped uint64) {
		t.Helper()
		c, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{InBufferSize: 2000})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		client, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		// Nobody reads yet: the queue has room for a few.
		for range sent {
			if n, err := client.Write([]transport.Packet{{Data: make([]byte, 500), Remote: c.LocalAddr()}}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		before := a.Stats().KernelDrops
		n, err := c.Dropped()
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skipf("%v", err)
		}
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		a.Conns = []transport.Conn{c}
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		if got := a.Stats().KernelDrops - before; got != uint64(n) {
			t.Errorf("%d more in Stats, want %d", got, n)
		}
		if again := a.Stats().KernelDrops - before; again != uint64(n) {
			t.Errorf("%d when it is asked again, want %d", again, n)
		}
		a.Deactivate()
		return uint64(n)
	}
	a := agent.New()
	a.MIB, a.Access = mib.NewTree(), readWrite
	sum := flood(a)
	sum += flood(a)
	if got := a.Stats().KernelDrops; got != sum {
		t.Errorf("%d in all, want %d", got, sum)
	}
}

// What is dropped after the last look at Stats is counted when the agent stops, and
// the sockets' counters may begin anew at 2³².
func TestKernelDropsAtTheEnd(t *testing.T) {
	network := &agenttest.Network{Network: &memnet.Network{}}
	conn := &wrappingConn{Conn: network.Listen(t, agentAddress), dropped: 1<<32 - 10}
	a := agent.New()
	a.MIB, a.Access, a.Conns = mib.NewTree(), readWrite, []transport.Conn{conn}
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	if got := a.Stats().KernelDrops; got != 1<<32-10 {
		t.Errorf("%d in Stats", got)
	}
	conn.dropped = 5
	a.Deactivate()
	if got := a.Stats().KernelDrops; got != 1<<32+5 {
		t.Errorf("%d in the end, want %d", got, uint64(1<<32+5))
	}

	// Who does not say it counts for nothing.
	silent := struct{ transport.Conn }{network.Listen(t, agentAddress)}
	a.Conns = []transport.Conn{silent}
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	a.Deactivate()
	if got := a.Stats(); got.KernelDrops != 1<<32+5 || got.SNMP[agent.SnmpInPkts] != 0 {
		t.Errorf("%+v", got)
	}
}

// A wrappingConn is a socket that says how many datagrams it dropped.
type wrappingConn struct {
	*memnet.Conn
	dropped uint64
}

func (c *wrappingConn) Dropped() (uint32, error) { return uint32(c.dropped), nil }
