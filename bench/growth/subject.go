package main

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"snmpstack/agent"
	"snmpstack/transport"
	"snmpstack/usm"
)

// A subject is an agent that is asked without a network.
type subject struct {
	agent *agent.Agent
	conn  *askingConn
}

// newSubject activates an agent with a conn that asks it.
func newSubject(a *agent.Agent) (*subject, error) {
	s := &subject{agent: a, conn: newAskingConn()}
	a.Conns = []transport.Conn{s.conn}
	a.Engine = usm.NewEngine(engineID, stoppedClock{})
	return s, a.Activate()
}

// ask has the agent answer n requests for so many objects each, and returns what that
// took of the processor's time: all that this process has had of it, the making of
// requests and the garbage collection included.
func (s *subject) ask(g generator, n, varBinds int) (time.Duration, error) {
	before := s.agent.Stats()
	start := cpuTime()
	s.conn.ask(g, n)
	end := cpuTime()
	return end - start, check(before, s.agent.Stats(), n, varBinds)
}

// check fails unless n requests have been answered between before and after, each with as
// many objects as it is to have.
func check(before, after agent.Stats, n, varBinds int) error {
	objects := after.SNMP[agent.SnmpInTotalReqVars] + after.SNMP[agent.SnmpInTotalSetVars] -
		before.SNMP[agent.SnmpInTotalReqVars] - before.SNMP[agent.SnmpInTotalSetVars]
	if after.Answered-before.Answered != uint64(n) || objects != uint32(n*varBinds) {
		return fmt.Errorf("%d answers with %d objects to %d requests for %d each; %+v", after.Answered-before.Answered, objects, n, varBinds, after)
	}
	return nil
}

// heap is what the heap holds, without the garbage.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what has a cleanup goes in the second
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// An askingConn is a socket that has as many requests to read as it is told to, and
// forgets what is written.
type askingConn struct {
	orders    chan order
	order     order
	answers   int
	last      []byte
	closed    chan struct{}
	closeOnce sync.Once
}

// An order is for a number of requests; done is told when they have been answered.
type order struct {
	generator generator
	left      int
	done      chan struct{}
}

func newAskingConn() *askingConn {
	return &askingConn{orders: make(chan order), closed: make(chan struct{})}
}

// ask has n requests read and waits until they have been answered.
func (c *askingConn) ask(g generator, n int) {
	done := make(chan struct{})
	c.orders <- order{g, n, done}
	<-done
}

// Read implements transport.Conn. There is one reader; when it comes again it has
// answered what it was given. A batch that is full makes it look for another reader,
// so that there is none.
func (c *askingConn) Read(p []transport.Packet) (int, error) {
	if c.order.left == 0 {
		if c.order.done != nil {
			close(c.order.done)
		}
		select {
		case c.order = <-c.orders:
		case <-c.closed:
			return 0, net.ErrClosed
		}
	}
	n := min(c.order.left, len(p), 32)
	for i := range p[:n] {
		p[i].Data = c.order.generator(p[i].Buf.Bytes())
		p[i].Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), 1024)
	}
	c.order.left -= n
	return n, nil
}

// Write implements transport.Conn.
func (c *askingConn) Write(p []transport.Packet) (int, error) {
	c.answers += len(p)
	c.last = append(c.last[:0], p[len(p)-1].Data...)
	return len(p), nil
}

// LocalAddr implements transport.Conn.
func (c *askingConn) LocalAddr() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.2:161") }

// Close implements transport.Conn.
func (c *askingConn) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return nil
}
