package memnet_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"

	"snmpstack/transport"
	"snmpstack/transport/internal/conntest"
	"snmpstack/transport/memnet"
)

func listen(t *testing.T, n *memnet.Network, addr string) *memnet.Conn {
	t.Helper()
	c, err := n.Listen(netip.MustParseAddrPort(addr))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t *testing.T, c *memnet.Conn, to string, data ...string) {
	t.Helper()
	for _, d := range data {
		p := []transport.Packet{{Data: []byte(d), Remote: netip.MustParseAddrPort(to)}}
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
	}
}

func packets(n int) []transport.Packet {
	var pool transport.Pool
	p := make([]transport.Packet, n)
	for i := range p {
		p[i].Buf = pool.Get(transport.SmallSize)
	}
	return p
}

func TestConn(t *testing.T) {
	for _, test := range []struct{ name, a, b string }{
		{"IPv4", "192.0.2.1:162", "192.0.2.2:161"},
		{"IPv6", "[2001:db8::1]:162", "[2001:db8::2]:161"},
		{"link-local", "[fe80::1%mem0]:162", "[fe80::2%mem0]:161"},
		{"ports chosen", "127.0.0.1:0", "127.0.0.1:0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conntest.Run(t, func(t *testing.T) (a, b transport.Conn) {
				network := memnet.New()
				return listen(t, network, test.a), listen(t, network, test.b)
			})
		})
	}
}

func TestListen(t *testing.T) {
	network := memnet.New()
	taken := listen(t, network, "192.0.2.1:161")
	for _, test := range []struct {
		name, addr string
		want       string // the address it gets, or none
		err        error
	}{
		{"taken", "192.0.2.1:161", "", syscall.EADDRINUSE},
		{"taken, written as IPv6", "[::ffff:192.0.2.1]:161", "", syscall.EADDRINUSE},
		{"wildcard beside it", "0.0.0.0:161", "0.0.0.0:161", nil},
		{"other family", "[::]:161", "[::]:161", nil},
		{"first port chosen", "192.0.2.1:0", "192.0.2.1:49152", nil},
		{"second port chosen", "192.0.2.1:0", "192.0.2.1:49153", nil},
		{"ports are per address", "192.0.2.2:0", "192.0.2.2:49152", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := network.Listen(netip.MustParseAddrPort(test.addr))
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && c.LocalAddr().String() != test.want {
				t.Errorf("LocalAddr %v, want %v", c.LocalAddr(), test.want)
			}
		})
	}
	for _, addr := range []netip.AddrPort{{}, netip.MustParseAddrPort("224.0.0.1:161")} {
		if _, err := network.Listen(addr); err == nil {
			t.Errorf("Listen on %v succeeded", addr)
		}
	}
	taken.Close()
	listen(t, network, "192.0.2.1:161")
}

func TestWildcard(t *testing.T) {
	network := memnet.New()
	agent := listen(t, network, "0.0.0.0:161")
	exact := listen(t, network, "192.0.2.9:161")
	manager := listen(t, network, "192.0.2.1:5000")
	p := packets(1)

	send(t, manager, "192.0.2.9:161", "to the exact one")
	if agent.Pending() != 0 || exact.Pending() != 1 {
		t.Fatalf("the wildcard has %d, the exact address %d", agent.Pending(), exact.Pending())
	}

	send(t, manager, "192.0.2.7:161", "to the wildcard")
	if _, err := agent.Read(p); err != nil {
		t.Fatal(err)
	}
	if want := netip.MustParseAddr("192.0.2.7"); p[0].Local != want {
		t.Errorf("Local %v, want %v", p[0].Local, want)
	}
	for _, test := range []struct{ name, local, from string }{
		{"an answer leaves from where it was asked", "192.0.2.7", "192.0.2.7:161"},
		{"left to choose", "", "127.0.0.1:161"},
		{"unspecified is left to choose", "0.0.0.0", "127.0.0.1:161"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p[0].Remote, p[0].Local = manager.LocalAddr(), netip.Addr{}
			if test.local != "" {
				p[0].Local = netip.MustParseAddr(test.local)
			}
			if _, err := agent.Write(p); err != nil {
				t.Fatal(err)
			}
			if _, err := manager.Read(p); err != nil {
				t.Fatal(err)
			}
			if p[0].Remote.String() != test.from {
				t.Errorf("came from %v, want %v", p[0].Remote, test.from)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	network := memnet.New()
	a, b := listen(t, network, "127.0.0.1:1"), listen(t, network, "127.0.0.1:2")
	send(t, a, "127.0.0.1:2", "0", "1", "2", "3", "4")
	p := packets(3)
	for _, want := range [][]string{{"0", "1", "2"}, {"3", "4"}} {
		n, err := b.Read(p)
		if n != len(want) || err != nil {
			t.Fatalf("Read: %d, %v, want %d", n, err, len(want))
		}
		for i := range p[:n] {
			if string(p[i].Data) != want[i] {
				t.Errorf("packet %d is %q, want %q", i, p[i].Data, want[i])
			}
		}
	}
}

func TestOverflow(t *testing.T) {
	network := memnet.New()
	network.QueueLimit = 3
	a, b := listen(t, network, "127.0.0.1:1"), listen(t, network, "127.0.0.1:2")
	p := packets(2)
	send(t, a, "127.0.0.1:2", "0", "1", "2", "dropped", "dropped")
	if n, err := b.Read(p); n != 2 || err != nil {
		t.Fatalf("Read: %d, %v", n, err)
	}
	send(t, a, "127.0.0.1:2", "3", "4", "dropped") // around the end of the ring
	want := memnet.Stats{Queued: 5, Read: 2, Dropped: 3}
	if got := b.Stats(); got != want {
		t.Errorf("Stats %+v, want %+v", got, want)
	}
	if b.Pending() != 3 || network.Pending() != 3 {
		t.Errorf("pending %d, in all %d, want 3", b.Pending(), network.Pending())
	}
	for _, want := range []string{"2", "3", "4"} {
		if _, err := b.Read(p[:1]); err != nil || string(p[0].Data) != want {
			t.Errorf("read %q, %v, want %q", p[0].Data, err, want)
		}
	}
	if network.Pending() != 0 {
		t.Errorf("pending %d after everything was read", network.Pending())
	}
}

func TestUnreachable(t *testing.T) {
	network := memnet.New()
	a, b := listen(t, network, "127.0.0.1:1"), listen(t, network, "127.0.0.1:2")
	send(t, a, "127.0.0.1:3", "nobody")
	send(t, a, "127.0.0.1:2", "discarded by Close")
	b.Close()
	send(t, a, "127.0.0.1:2", "gone")
	if got := network.Unreachable(); got != 2 {
		t.Errorf("Unreachable %d, want 2", got)
	}
	if network.Pending() != 0 {
		t.Errorf("pending %d after Close", network.Pending())
	}
}

// TestBlocked holds that a Read without datagrams is durably blocked, and that
// WaitIdle returns when a reader is back in Read and no earlier.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		a, b := listen(t, network, "127.0.0.1:1"), listen(t, network, "127.0.0.1:2")
		handled, resume := 0, make(chan struct{})
		go func() {
			p := packets(1)
			for {
				if _, err := b.Read(p); err != nil {
					return
				}
				<-resume
				handled++
			}
		}()
		synctest.Wait() // returns only because Read is durably blocked

		idle := false
		send(t, a, "127.0.0.1:2", "x", "y")
		go func() {
			if err := b.WaitIdle(1); err != nil {
				t.Error(err)
			}
			idle = true
		}()
		for want := range 2 {
			synctest.Wait()
			if idle || handled != want {
				t.Errorf("idle %v with %d handled, want %d", idle, handled, want)
			}
			resume <- struct{}{}
		}
		synctest.Wait()
		if !idle || handled != 2 {
			t.Errorf("idle %v with %d handled, want idle with 2", idle, handled)
		}
		if err := b.WaitIdle(0); err != nil {
			t.Errorf("WaitIdle with nothing queued: %v", err)
		}

		var err error
		go func() { err = b.WaitIdle(2) }()
		synctest.Wait()
		b.Close()
		synctest.Wait()
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("WaitIdle while closing: %v, want net.ErrClosed", err)
		}
	})
}

// TestIdleReaders holds that readers without work do not keep each other awake.
func TestIdleReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := listen(t, memnet.New(), "127.0.0.1:2")
		for range 3 {
			go b.Read(packets(1))
		}
		if err := b.WaitIdle(3); err != nil {
			t.Error(err)
		}
		synctest.Wait() // would not return if they woke each other
		b.Close()
	})
}

func Example() {
	network := memnet.New()
	agent, _ := network.Listen(netip.MustParseAddrPort("192.0.2.1:161"))
	manager, _ := network.Listen(netip.MustParseAddrPort("192.0.2.2:0"))

	manager.Write([]transport.Packet{
		{Data: []byte("get"), Remote: agent.LocalAddr()},
		{Data: []byte("set"), Remote: agent.LocalAddr()},
	})

	var pool transport.Pool
	p := make([]transport.Packet, 8)
	for i := range p {
		p[i].Buf = pool.Get(transport.SmallSize)
	}
	n, err := agent.Read(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range p[:n] {
		fmt.Printf("%s from %v to %v\n", in.Data, in.Remote, in.Local)
	}
	fmt.Println(network.Pending(), "pending")
	// Output:
	// get from 192.0.2.2:49152 to 192.0.2.1
	// set from 192.0.2.2:49152 to 192.0.2.1
	// 0 pending
}
