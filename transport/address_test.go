package transport

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name, network, address string
		want                   string
	}{
		{"IPv4", "udp", "192.0.2.1:161", "192.0.2.1:161"},
		{"IPv6", "udp", "[2001:db8::1]:161", "[2001:db8::1]:161"},
		{"zone", "udp6", "[fe80::1%eth0]:161", "[fe80::1%eth0]:161"},
		{"mapped is IPv4", "udp", "[::ffff:192.0.2.1]:161", "192.0.2.1:161"},
		{"mapped on udp4", "udp4", "[::ffff:192.0.2.1]:161", "192.0.2.1:161"},
		{"no host", "udp", ":161", "0.0.0.0:161"},
		{"no host on udp6", "udp6", ":161", "[::]:161"},
		{"no port", "udp", "192.0.2.1:", "192.0.2.1:0"},
		{"name", "udp4", "localhost:161", "127.0.0.1:161"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := resolve(context.Background(), test.network, test.address)
			if err != nil || got.String() != test.want {
				t.Errorf("resolve(%s, %s) is %v, %v, want %s", test.network, test.address, got, err, test.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	parse := netip.MustParseAddr
	for _, test := range []struct {
		name  string
		addrs []netip.Addr
		want  netip.Addr
	}{
		{"none", nil, netip.Addr{}},
		{"IPv6 alone", []netip.Addr{parse("2001:db8::1"), parse("2001:db8::2")}, parse("2001:db8::1")},
		{"IPv4 after IPv6", []netip.Addr{parse("2001:db8::1"), parse("192.0.2.1"), parse("192.0.2.2")}, parse("192.0.2.1")},
		{"IPv4 written as IPv6", []netip.Addr{parse("2001:db8::1"), parse("::ffff:192.0.2.1")}, parse("192.0.2.1")},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := choose(test.addrs); got != test.want {
				t.Errorf("chose %v, want %v", got, test.want)
			}
		})
	}
}

func TestResolveStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got, err := resolve(ctx, "udp", "agent.invalid:161"); !errors.Is(err, context.Canceled) {
		t.Errorf("resolve with a cancelled context: %v, %v", got, err)
	}
}

func TestNeedsInterface(t *testing.T) {
	for _, test := range []struct {
		name, remote, local string
		want                bool
	}{
		{"IPv4", "192.0.2.1", "192.0.2.2", false},
		{"IPv6", "2001:db8::1", "2001:db8::2", false},
		{"loopback", "127.0.0.1", "127.0.0.5", false},
		{"IPv6 to link-local", "fe80::1%eth0", "fe80::2", true},
		{"IPv6 from link-local", "2001:db8::1", "fe80::2", true},
		{"IPv4 to link-local", "169.254.1.1", "169.254.1.2", true},
		{"IPv4 multicast", "224.0.0.251", "192.0.2.2", true},
		{"IPv6 multicast", "ff02::1", "2001:db8::2", true},
		{"limited broadcast", "255.255.255.255", "192.0.2.2", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := needsInterface(netip.MustParseAddr(test.remote), netip.MustParseAddr(test.local))
			if got != test.want {
				t.Errorf("needsInterface(%s, %s) is %v", test.remote, test.local, got)
			}
		})
	}
}
