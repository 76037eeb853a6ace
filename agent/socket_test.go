package agent_test

import (
	"context"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// A faultyConn is a socket in memory on which calls fail.
type faultyConn struct {
	*memnet.Conn
	reads  chan error                      // errors that come before datagrams
	refuse func(p *transport.Packet) error // what Write refuses, and why
}

func (c *faultyConn) Read(p []transport.Packet) (int, error) {
	select {
	case err := <-c.reads:
		return 0, &net.OpError{Op: "read", Err: os.NewSyscallError("recvmmsg", err)}
	default:
		return c.Conn.Read(p)
	}
}

func (c *faultyConn) Write(p []transport.Packet) (int, error) {
	for i := range p {
		if err := c.refuse(&p[i]); err != nil {
			n, _ := c.Conn.Write(p[:i])
			return n, &net.OpError{Op: "write", Err: os.NewSyscallError("sendmmsg", err)}
		}
	}
	return c.Conn.Write(p)
}

// What the kernel does not take is counted, a Response as a send error and a Report
// not at all, and told to OnError, and what comes after it is still sent, unless the
// socket is of no more use. What may be about another datagram is not held against this
// one.
func TestWriteErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		err              syscall.Errno
		fails            func(try int) bool // of a Report and three Responses
		reports, answers uint64
		sendErrors       uint64
		told             agent.Code // to OnError, for each, 0: nothing
	}{
		"one datagram":       {syscall.EMSGSIZE, func(try int) bool { return try <= 2 }, 0, 2, 1, 10040},
		"a packet filter":    {syscall.EPERM, func(try int) bool { return try == 2 }, 1, 2, 1, 10013},
		"no way to a peer":   {syscall.EHOSTUNREACH, func(try int) bool { return try == 2 }, 1, 2, 1, 10065},
		"about another one":  {syscall.ECONNREFUSED, func(try int) bool { return try%2 == 1 }, 1, 3, 0, 0},
		"for a moment":       {syscall.ENOBUFS, func(try int) bool { return try == 2 }, 1, 3, 0, 0},
		"for a longer while": {syscall.ENOBUFS, func(try int) bool { return try <= 4 }, 0, 2, 1, 10055},
		"the socket":         {syscall.EBADF, func(int) bool { return true }, 0, 0, 3, 10009},
	} {
		t.Run(name, func(t *testing.T) {
			var conn *faultyConn
			var told []agent.Code
			r := newRig(t, withUsers(t), func(a *agent.Agent) {
				a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Code) }
				a.Access = agent.InsecureAllowAll
				conn = &faultyConn{Conn: a.Conns[0].(*memnet.Conn), refuse: func(*transport.Packet) error { return nil }}
				a.Conns[0] = conn
			})
			n := 0
			conn.refuse = func(*transport.Packet) error {
				if n++; tt.fails(n) {
					return tt.err
				}
				return nil
			}
			request := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
			var batch []transport.Packet
			for _, datagram := range [][]byte{discovery(pdu.GetRequest), request, request, request} {
				batch = append(batch, transport.Packet{Data: datagram, Remote: r.to})
			}
			before := r.Stats()
			if _, err := r.client.Write(batch); err != nil {
				t.Fatal(err)
			}
			r.settle()
			after := r.Stats()
			if got := uint64(len(r.received())); got != tt.reports+tt.answers || after.Answered != tt.answers || after.Reported != tt.reports || after.SendErrors-before.SendErrors != tt.sendErrors {
				t.Errorf("%d datagrams received; %d Reports sent, want %d; %d Responses, want %d; %d send errors, want %d",
					got, after.Reported, tt.reports, after.Answered, tt.answers, after.SendErrors, tt.sendErrors)
			}
			if told = slices.Compact(told); len(told) > 1 || (len(told) == 1) != (tt.told != 0) || len(told) == 1 && told[0] != tt.told {
				t.Errorf("OnError had %v, want %d", told, int(tt.told))
			}
			if got := accounted(after); got != 4 {
				t.Errorf("%d of 4 datagrams are accounted for", got)
			}
		})
	}
}

// A reader goes on after errors that pass, without spinning, and ends at one that
// does not; when the last one has ended ListenAndServe says why.
func TestReadErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := agenttest.NewNetwork()
		conn := &faultyConn{
			Conn: network.Listen(t, agentAddress), reads: make(chan error, 1000),
			refuse: func(*transport.Packet) error { return nil },
		}
		a := agent.New()
		a.Conns = []transport.Conn{conn}
		var told []agent.Code
		a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Code) }
		for range 110 {
			conn.reads <- syscall.ECONNREFUSED // an ICMP message about an answer
		}
		start := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- a.ListenAndServe(context.Background()) }()
		time.Sleep(time.Minute)
		if n := a.Stats().ReceiveErrors; n != 110 || len(told) != 0 || len(ended) != 0 {
			t.Errorf("%d receive errors, OnError had %v", n, told)
		}
		conn.reads <- syscall.EBADF
		client := network.Listen(t, managerAddress)
		if _, err := client.Write([]transport.Packet{{Data: []byte("wake up"), Remote: conn.LocalAddr()}}); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; codeOf(err) != 10009 || len(told) != 1 || told[0] != 10009 || a.Active() {
			t.Errorf("%v; OnError had %v", err, told)
		}
		if passed := time.Since(start); passed < time.Minute {
			t.Errorf("it took %v", passed)
		}
	})
}
