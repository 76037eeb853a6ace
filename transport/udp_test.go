package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"snmpstack/transport"
	"snmpstack/transport/internal/conntest"
)

// listen opens a socket that the test closes.
func listen(t *testing.T, network, address string, opts transport.Options) *transport.UDPConn {
	t.Helper()
	c, err := transport.Listen(context.Background(), network, address, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// needIPv6 skips a test on a host without IPv6.
func needIPv6(t *testing.T) {
	t.Helper()
	c, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skipf("this host has no IPv6 loopback: %v", err)
	}
	c.Close()
}

func TestUDPConn(t *testing.T) {
	for _, test := range []struct {
		name, network, address string
		opts                   transport.Options
		ipv6, linux            bool
	}{
		{"udp4", "udp4", "127.0.0.1:0", transport.Options{}, false, false},
		{"udp on an IPv4 address", "udp", "127.0.0.1:0", transport.Options{}, false, false},
		{"udp6", "udp6", "[::1]:0", transport.Options{}, true, false},
		{"udp on an IPv6 address", "udp", "[::1]:0", transport.Options{}, true, false},
		{"udp4 with control data", "udp4", "127.0.0.1:0", transport.Options{ReplyFromDestination: transport.On}, false, true},
		{"udp6 with control data", "udp6", "[::1]:0", transport.Options{ReplyFromDestination: transport.On}, true, true},
		{"udp4 in batches", "udp4", "127.0.0.1:0", transport.Options{Batch: transport.On}, false, true},
		{"udp6 in batches", "udp6", "[::1]:0", transport.Options{Batch: transport.On}, true, true},
		{"udp4 one by one", "udp4", "127.0.0.1:0", transport.Options{Batch: transport.Off}, false, false},
		{"udp6 one by one", "udp6", "[::1]:0", transport.Options{Batch: transport.Off}, true, false},
		{"udp4 with control data, one by one", "udp4", "127.0.0.1:0", transport.Options{ReplyFromDestination: transport.On, Batch: transport.Off}, false, true},
		{"udp6 with control data, one by one", "udp6", "[::1]:0", transport.Options{ReplyFromDestination: transport.On, Batch: transport.Off}, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.ipv6 {
				needIPv6(t)
			}
			if test.linux && runtime.GOOS != "linux" {
				t.Skip("there is neither control data nor a batch but on Linux")
			}
			conntest.Run(t, func(t *testing.T) (a, b transport.Conn) {
				return listen(t, test.network, test.address, test.opts),
					listen(t, test.network, test.address, test.opts)
			})
		})
	}
}

func TestListenFails(t *testing.T) {
	taken := listen(t, "udp4", "127.0.0.1:0", transport.Options{})
	for _, test := range []struct {
		name, network, address string
		opts                   transport.Options
		want                   string
	}{
		{"network", "tcp", "127.0.0.1:0", transport.Options{}, "expected udp, udp4 or udp6"},
		{"no port", "udp", "127.0.0.1", transport.Options{}, "missing port"},
		{"port too large", "udp", "127.0.0.1:65536", transport.Options{}, "65536"},
		{"unknown service", "udp", "127.0.0.1:no-such-service", transport.Options{}, "no-such-service"},
		{"IPv6 on udp4", "udp4", "[::1]:0", transport.Options{}, "not an IPv4 address"},
		{"IPv4 on udp6", "udp6", "127.0.0.1:0", transport.Options{}, "not an IPv6 address"},
		{"multicast", "udp", "224.0.0.1:0", transport.Options{}, "multicast"},
		{"IPv6 multicast", "udp", "[ff02::1]:0", transport.Options{}, "multicast"},
		{"address of another host", "udp", "192.0.2.1:0", transport.Options{}, "bind"},
		{"taken", "udp", taken.LocalAddr().String(), transport.Options{}, "bind"},
		{"receive buffer below 0", "udp", "127.0.0.1:0", transport.Options{InBufferSize: -1}, "InBufferSize -1"},
		{"send buffer below 0", "udp", "127.0.0.1:0", transport.Options{OutBufferSize: -1}, "OutBufferSize -1"},
		{"DSCP below 0", "udp", "127.0.0.1:0", transport.Options{DSCP: -1}, "DSCP -1, expected 0 to 63"},
		{"DSCP of 7 bits", "udp", "127.0.0.1:0", transport.Options{DSCP: 64}, "DSCP 64, expected 0 to 63"},
		{"batch", "udp", "127.0.0.1:0", transport.Options{Batch: 3}, "Batch 3, expected Default, On or Off"},
		{"switch", "udp", "127.0.0.1:0", transport.Options{ReplyFromDestination: 3}, "ReplyFromDestination 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := transport.Listen(context.Background(), test.network, test.address, test.opts)
			if err == nil {
				c.Close()
				t.Fatalf("succeeded on %v", c.LocalAddr())
			}
			if !strings.HasPrefix(err.Error(), "transport: listen on ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want one with %q", err, test.want)
			}
		})
	}
}

// TestOptionsElsewhere holds that no option is ignored where it cannot be had.
func TestOptionsElsewhere(t *testing.T) {
	for _, test := range []struct {
		name string
		opts transport.Options
	}{
		{"DSCP", transport.Options{DSCP: 46}},
		{"DontFragment", transport.Options{DontFragment: true}},
		{"ShareLocalPort", transport.Options{ShareLocalPort: true}},
		{"ReplyFromDestination", transport.Options{ReplyFromDestination: transport.On}},
		{"Batch", transport.Options{Batch: transport.On}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", test.opts)
			if c != nil {
				c.Close()
			}
			if runtime.GOOS == "linux" {
				if err != nil {
					t.Errorf("Linux has it, but: %v", err)
				}
				return
			}
			if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), test.name+" is not supported on "+runtime.GOOS) {
				t.Errorf("error %v, want one that says it is not supported", err)
			}
		})
	}
}

func TestWildcardFamilies(t *testing.T) {
	for _, test := range []struct {
		name, network, address string
		want                   netip.Addr
	}{
		{"no host", "udp", ":0", netip.IPv4Unspecified()},
		{"no host on udp4", "udp4", ":0", netip.IPv4Unspecified()},
		{"no host on udp6", "udp6", ":0", netip.IPv6Unspecified()},
		{"IPv4", "udp", "0.0.0.0:0", netip.IPv4Unspecified()},
		{"IPv6", "udp", "[::]:0", netip.IPv6Unspecified()},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want.Is6() {
				needIPv6(t)
			}
			c := listen(t, test.network, test.address, transport.Options{})
			if c.LocalAddr().Addr() != test.want {
				t.Fatalf("listens on %v, want %v", c.LocalAddr(), test.want)
			}
			// The port is free in the other family: the socket has but one.
			other, port := "udp6", c.LocalAddr().Port()
			if test.want.Is6() {
				other = "udp4"
			} else {
				needIPv6(t)
			}
			listen(t, other, fmt.Sprintf(":%d", port), transport.Options{})
		})
	}
}

func TestBufferSizes(t *testing.T) {
	c := listen(t, "udp4", "127.0.0.1:0", transport.Options{InBufferSize: 40000, OutBufferSize: 30000})
	in, out, err := c.BufferSizes()
	if in != 40000 || out != 30000 || err != nil {
		t.Errorf("BufferSizes %d, %d, %v, want 40000, 30000", in, out, err)
	}
	c.Close()
	if _, _, err := c.BufferSizes(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("BufferSizes after Close: %v, want net.ErrClosed", err)
	}
}

func ExampleListen() {
	ctx := context.Background()
	agent, err := transport.Listen(ctx, "udp", "127.0.0.1:0", transport.Options{InBufferSize: 128 << 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	manager, err := transport.Listen(ctx, "udp", "127.0.0.1:0", transport.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer manager.Close()

	var pool transport.Pool
	stopped := make(chan error)
	go func() { stopped <- serve(agent, &pool) }()

	manager.Write([]transport.Packet{{Data: []byte("sysUpTime?"), Remote: agent.LocalAddr()}})
	p := []transport.Packet{{Buf: pool.Get(transport.SmallSize)}}
	if _, err := manager.Read(p); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s\n", p[0].Data)
	agent.Close()
	fmt.Println(transport.Classify(<-stopped))
	// Output:
	// SYSUPTIME?
	// closed
}

// serve answers every datagram with itself in capitals, until conn is closed.
func serve(conn transport.Conn, pool *transport.Pool) error {
	p := make([]transport.Packet, 8)
	for i := range p {
		p[i].Buf = pool.Get(transport.FullSize)
		defer p[i].Buf.Release()
	}
	for {
		n, err := conn.Read(p)
		if c := transport.Classify(err); c == transport.ClassClosed || c == transport.ClassFatal {
			return err
		}
		for i := range p[:n] {
			p[i].Data = []byte(strings.ToUpper(string(p[i].Data)))
		}
		for sent := 0; sent < n; sent++ { // a packet that fails is skipped
			k, _ := conn.Write(p[sent:n])
			sent += k
		}
	}
}
