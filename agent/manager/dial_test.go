package manager

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/pdu"
)

func TestSplitAddress(t *testing.T) {
	tests := []struct {
		address, network, hostPort string
		err                        string
	}{
		{"192.0.2.1", "udp", "192.0.2.1:161", ""},
		{"192.0.2.1:1161", "udp", "192.0.2.1:1161", ""},
		{"agent.example", "udp", "agent.example:161", ""},
		{"agent.example:snmp", "udp", "agent.example:snmp", ""},
		{"udp:192.0.2.1", "udp4", "192.0.2.1:161", ""},
		{"UDP:agent.example:1161", "udp4", "agent.example:1161", ""},
		{"udp", "udp", "udp:161", ""}, // a host of that name
		{"udp6:[::1]:1161", "udp6", "[::1]:1161", ""},
		{"udp6:[::1]", "udp6", "[::1]:161", ""},
		{"udp6:::1", "udp6", "[::1]:161", ""},
		{"udp6:agent.example", "udp6", "agent.example:161", ""},
		{"udpv6:[fe80::1%eth0]:161", "udp6", "[fe80::1%eth0]:161", ""},
		{"[2001:db8::1]:1161", "udp", "[2001:db8::1]:1161", ""},
		{"[2001:db8::1]", "udp", "[2001:db8::1]:161", ""},
		{"2001:db8::1", "udp", "[2001:db8::1]:161", ""},

		{"tcp:192.0.2.1", "", "", "transport tcp is not available"},
		{"unix:/run/agent", "", "", "transport unix is not available"},
		{"udp:", "", "", "has no host"},
		{"", "", "", "has no host"},
		{":161", "", "", "has no host"},
		{"192.0.2.1:", "", "", "empty port"},
		{"192.0.2.1:65536", "", "", "there is no UDP port 65536"},
		{"192.0.2.1:nosuch", "", "", "there is no UDP port nosuch"},
		{"192.0.2.1:161:162", "", "", "expected host, host:port or [IPv6]:port"},
		{"udp:[::1]:161", "", "", "no IPv4 address, expected udp6"},
		{"udp6:192.0.2.1", "", "", "no IPv6 address, expected udp"},
	}
	for _, test := range tests {
		network, hostPort, err := splitAddress(test.address, DefaultPort)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q: %s %s, error %v, want one with %q", test.address, network, hostPort, err, test.err)
			}
		} else if err != nil || network != test.network || hostPort != test.hostPort {
			t.Errorf("%q: %s %s, %v, want %s %s", test.address, network, hostPort, err, test.network, test.hostPort)
		}
	}
}

// serve answers requests on a socket of its own with the fake agent's MIB.
func serve(t *testing.T, network, address string) string {
	conn, err := net.ListenPacket(network, address)
	if err != nil {
		t.Skipf("no %s here: %v", network, err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			request, err := pdu.ParseMessage(b[:n])
			if err != nil {
				t.Error(err)
				continue
			}
			for _, d := range system.answer(1, request) {
				conn.WriteTo(d.data, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

func TestDial(t *testing.T) {
	for _, prefix := range []string{"", "udp:", "udp6:"} {
		network, address := "udp4", "127.0.0.1:0"
		if prefix == "udp6:" {
			network, address = "udp6", "[::1]:0"
		}
		t.Run(prefix+address, func(t *testing.T) {
			address := prefix + serve(t, network, address)
			c, err := Dial(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			list, err := c.Get(t.Context(), oid(sysDescr))
			if err != nil || text(list) != sysDescr+"=1;" || c.Address() != address {
				t.Errorf("got %s, %v", text(list), err)
			}
		})
	}
}

// A port that nothing listens on is a time-out that says so, after all attempts:
// the agent may be about to start.
func TestRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows reports a port that is not open under another name")
	}
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := socket.LocalAddr().String()
	socket.Close()
	c, err := Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Timeout, c.Retries = 20*time.Millisecond, 2
	start := time.Now()
	_, err = c.Get(t.Context(), oid(sysDescr))
	var timeout *TimeoutError
	if !errors.As(err, &timeout) || !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("gave up after %v", took)
	}
}

func TestDialUnknownHost(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := Dial(ctx, "nosuchhost.invalid")
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		t.Errorf("error %v, want a *net.DNSError", err)
	}
}
