package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

func listenLinux(t *testing.T, address string, opts Options) *UDPConn {
	t.Helper()
	c, err := Listen(context.Background(), "udp", address, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// option reads a socket option back from the kernel.
func option(t *testing.T, c *UDPConn, level, name int) int {
	t.Helper()
	raw, err := c.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var value int
	var failed error
	if err := raw.Control(func(fd uintptr) { value, failed = getsockoptInt(fd, level, name) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return value
}

func TestOptionsReachTheKernel(t *testing.T) {
	const (
		sol  = syscall.SOL_SOCKET
		ip4  = syscall.IPPROTO_IP
		ip6  = syscall.IPPROTO_IPV6
		any4 = "0.0.0.0:0"
		one4 = "127.0.0.1:0"
		any6 = "[::]:0"
		one6 = "[::1]:0"
	)
	for _, test := range []struct {
		name, address string
		opts          Options
		level, option int
		want          int
	}{
		{"receive buffer, doubled by the kernel", one4, Options{InBufferSize: 50000}, sol, syscall.SO_RCVBUF, 100000},
		{"send buffer, doubled by the kernel", one4, Options{OutBufferSize: 50000}, sol, syscall.SO_SNDBUF, 100000},
		{"DSCP", one4, Options{DSCP: 46}, ip4, syscall.IP_TOS, 46 << 2},
		{"DSCP IPv6", one6, Options{DSCP: 46}, ip6, syscall.IPV6_TCLASS, 46 << 2},
		{"DSCP of all bits", one4, Options{DSCP: 63}, ip4, syscall.IP_TOS, 0xfc},
		{"no DSCP", one4, Options{}, ip4, syscall.IP_TOS, 0},
		{"DontFragment", one4, Options{DontFragment: true}, ip4, syscall.IP_MTU_DISCOVER, syscall.IP_PMTUDISC_DO},
		{"DontFragment IPv6", one6, Options{DontFragment: true}, ip6, syscall.IPV6_MTU_DISCOVER, syscall.IPV6_PMTUDISC_DO},
		{"ShareLocalPort", one4, Options{ShareLocalPort: true}, sol, soReusePort, 1},
		{"not ShareLocalPort", one4, Options{}, sol, soReusePort, 0},
		{"pktinfo by default on the wildcard", any4, Options{}, ip4, syscall.IP_PKTINFO, 1},
		{"pktinfo by default on the wildcard, IPv6", any6, Options{}, ip6, syscall.IPV6_RECVPKTINFO, 1},
		{"no pktinfo by default on one address", one4, Options{}, ip4, syscall.IP_PKTINFO, 0},
		{"pktinfo on", one4, Options{ReplyFromDestination: On}, ip4, syscall.IP_PKTINFO, 1},
		{"pktinfo off", any4, Options{ReplyFromDestination: Off}, ip4, syscall.IP_PKTINFO, 0},
		{"no SO_REUSEADDR", any4, Options{}, sol, syscall.SO_REUSEADDR, 0},
		{"no SO_REUSEADDR with a shared port", any4, Options{ShareLocalPort: true}, sol, syscall.SO_REUSEADDR, 0},
		{"IPv6 alone", any6, Options{}, ip6, syscall.IPV6_V6ONLY, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.level == ip6 {
				needLoopback6(t)
			}
			c := listenLinux(t, test.address, test.opts)
			if got := option(t, c, test.level, test.option); got != test.want {
				t.Errorf("the kernel has %d, want %d", got, test.want)
			}
		})
	}
}

// Without InBufferSize there is room for DefaultInBuffer octets, or as many as the
// system grants, and never less than its own default.
func TestDefaultInBuffer(t *testing.T) {
	const sol, size = syscall.SOL_SOCKET, syscall.SO_RCVBUF
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	untouched := option(t, &UDPConn{conn: conn}, sol, size)
	if err := conn.SetReadBuffer(DefaultInBuffer); err != nil {
		t.Fatal(err)
	}
	want := max(untouched, option(t, &UDPConn{conn: conn}, sol, size))
	if got := option(t, listenLinux(t, "127.0.0.1:0", Options{}), sol, size); got != want {
		t.Errorf("there is room for %d octets, want %d; untouched it is %d", got, want, untouched)
	}
	if got := option(t, listenLinux(t, "127.0.0.1:0", Options{InBufferSize: 40000}), sol, size); got != 80000 {
		t.Errorf("40000 asked for, there is room for %d, want 80000", got)
	}
}

func needLoopback6(t *testing.T) {
	t.Helper()
	c, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skipf("this host has no IPv6 loopback: %v", err)
	}
	c.Close()
}

func TestShareLocalPort(t *testing.T) {
	shared := Options{ShareLocalPort: true}
	first := listenLinux(t, "127.0.0.1:0", shared)
	listenLinux(t, first.LocalAddr().String(), shared)
	if c, err := Listen(context.Background(), "udp", first.LocalAddr().String(), Options{}); err == nil {
		c.Close()
		t.Errorf("a socket without the option got the shared port")
	}
}

// exchange sends a datagram from a manager's socket to an agent's address and
// returns what the agent read and what the manager got for an answer, when the
// agent wrote back the packet it had read.
func exchange(t *testing.T, manager, agent *UDPConn, to netip.AddrPort) (asked, answered Packet) {
	t.Helper()
	var pool Pool
	p := []Packet{{Data: []byte("who are you?"), Remote: to}}
	if _, err := manager.Write(p); err != nil {
		t.Fatal(err)
	}
	p[0].Buf = pool.Get(SmallSize)
	if _, err := agent.Read(p); err != nil {
		t.Fatal(err)
	}
	asked = p[0]
	if _, err := agent.Write(p); err != nil {
		t.Fatalf("answer to %v from %v by interface %d: %v", p[0].Remote, p[0].Local, p[0].IfIndex, err)
	}
	p[0].Buf = pool.Get(SmallSize)
	if _, err := manager.Read(p); err != nil {
		t.Fatal(err)
	}
	return asked, p[0]
}

func TestReplyFromDestination(t *testing.T) {
	loopback, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skipf("no interface lo: %v", err)
	}
	agent := listenLinux(t, "0.0.0.0:0", Options{})
	manager := listenLinux(t, "127.0.0.1:0", Options{})
	for _, asked := range []string{"127.0.0.1", "127.0.0.5", "127.1.2.3"} {
		t.Run(asked, func(t *testing.T) {
			to := netip.AddrPortFrom(netip.MustParseAddr(asked), agent.LocalAddr().Port())
			in, answer := exchange(t, manager, agent, to)
			if in.Local != to.Addr() || in.IfIndex != loopback.Index {
				t.Errorf("Local %v, interface %d, want %v, %d", in.Local, in.IfIndex, to.Addr(), loopback.Index)
			}
			if answer.Remote != to {
				t.Errorf("the answer came from %v, want %v", answer.Remote, to)
			}
		})
	}

	t.Run("off", func(t *testing.T) {
		agent := listenLinux(t, "0.0.0.0:0", Options{ReplyFromDestination: Off})
		to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.5"), agent.LocalAddr().Port())
		in, answer := exchange(t, manager, agent, to)
		if in.Local.IsValid() || in.IfIndex != 0 {
			t.Errorf("Local %v, interface %d, want neither", in.Local, in.IfIndex)
		}
		if answer.Remote.Addr() != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("the answer came from %v; without the option the kernel takes 127.0.0.1", answer.Remote)
		}
	})
}

// TestReplyFromDestinationAllocs holds that control data costs no allocation.
func TestReplyFromDestinationAllocs(t *testing.T) {
	for _, test := range []struct{ name, agent, to string }{
		{"IPv4", "0.0.0.0:0", "127.0.0.1"},
		{"IPv6", "[::]:0", "::1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.to == "::1" {
				needLoopback6(t)
			}
			agent := listenLinux(t, test.agent, Options{})
			to := netip.AddrPortFrom(netip.MustParseAddr(test.to), agent.LocalAddr().Port())
			manager := listenLinux(t, netip.AddrPortFrom(to.Addr(), 0).String(), Options{})
			var pool Pool
			p := []Packet{{Buf: pool.Get(SmallSize)}}
			n := testing.AllocsPerRun(100, func() {
				p[0].Data, p[0].Remote, p[0].Local = p[0].Buf.Bytes()[:100], to, netip.Addr{}
				for _, step := range []func([]Packet) (int, error){manager.Write, agent.Read, agent.Write, manager.Read} {
					if n, err := step(p); n != 1 || err != nil {
						t.Fatal(n, err)
					}
				}
			})
			if n != 0 {
				t.Errorf("a request and its answer cost %v allocations, want 0", n)
			}
			if p[0].Remote != to {
				t.Errorf("the answer came from %v, want %v", p[0].Remote, to)
			}
		})
	}
}

// TestLinkLocal asks one of this host's own link-local addresses, so the
// datagrams stay on the host; but the kernel wants to know the link.
func TestLinkLocal(t *testing.T) {
	address, index := linkLocal(t)
	agent := listenLinux(t, "[::]:0", Options{})
	manager := listenLinux(t, fmt.Sprintf("[%v]:0", address), Options{})
	to := netip.AddrPortFrom(address, agent.LocalAddr().Port())
	in, answer := exchange(t, manager, agent, to)
	if in.Remote != manager.LocalAddr() {
		t.Errorf("Remote %v, want %v with its zone", in.Remote, manager.LocalAddr())
	}
	if in.Local != address.WithZone("") || in.IfIndex != index {
		t.Errorf("Local %v, interface %d, want %v, %d", in.Local, in.IfIndex, address.WithZone(""), index)
	}
	if answer.Remote != to {
		t.Errorf("the answer came from %v, want %v", answer.Remote, to)
	}
	if answer.Local != address.WithZone("") {
		t.Errorf("a socket bound to %v tells Local %v", address, answer.Local)
	}

	// The zone may be left to IfIndex, which then decides.
	p := []Packet{{Remote: netip.AddrPortFrom(address.WithZone(""), to.Port()), IfIndex: index}}
	if _, err := agent.Write(p); err != nil {
		t.Errorf("Write by IfIndex without a zone: %v", err)
	}
	p[0].IfIndex = noSuchInterface
	if _, err := agent.Write(p); Classify(err) != ClassDatagram {
		t.Errorf("Write by interface %d: %v, want an error of class datagram", noSuchInterface, err)
	}
}

// linkLocal returns a link-local address of this host and its interface.
func linkLocal(t *testing.T) (netip.Addr, int) {
	t.Helper()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Skipf("cannot list the interfaces: %v", err)
	}
	for _, i := range interfaces {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && prefix.Addr().Is6() && prefix.Addr().IsLinkLocalUnicast() && i.Flags&net.FlagUp != 0 {
				return prefix.Addr().WithZone(i.Name), i.Index
			}
		}
	}
	t.Skip("this host has no link-local IPv6 address")
	return netip.Addr{}, 0
}

// noSuchInterface is the index of no interface.
const noSuchInterface = 1 << 30

// TestInterfaceIgnoredWithoutNeed holds that an answer echoing the interface a
// request came in by is routed by its destination nevertheless. TestLinkLocal
// has the opposite case.
func TestInterfaceIgnoredWithoutNeed(t *testing.T) {
	agent := listenLinux(t, "0.0.0.0:0", Options{})
	manager := listenLinux(t, "127.0.0.1:0", Options{})
	p := []Packet{{
		Data:    []byte("x"),
		Remote:  manager.LocalAddr(),
		Local:   netip.MustParseAddr("127.0.0.5"),
		IfIndex: noSuchInterface,
	}}
	if _, err := agent.Write(p); err != nil {
		t.Errorf("Write to loopback: %v", err)
	}
}
