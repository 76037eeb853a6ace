package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// resolve makes of the arguments of Listen one address of one family. The
// family is always decided here: the sockets package net opens for "udp" on a
// wildcard address serve both, with control data for only one of them.
func resolve(ctx context.Context, network, address string) (netip.AddrPort, error) {
	var none netip.AddrPort
	switch network {
	case "udp", "udp4", "udp6":
	default:
		return none, fmt.Errorf("network %q, expected udp, udp4 or udp6", network)
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return none, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return none, err
	}
	addr, err := resolveHost(ctx, network, host)
	switch {
	case err != nil:
		return none, err
	case network == "udp4" && !addr.Is4():
		return none, fmt.Errorf("%v is not an IPv4 address", addr)
	case network == "udp6" && addr.Is4():
		return none, fmt.Errorf("%v is not an IPv6 address", addr)
	case addr.IsMulticast():
		// Package net would bind the wildcard address, with SO_REUSEADDR.
		return none, fmt.Errorf("%v is a multicast address, expected one of this host", addr)
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}

// resolveHost resolves the host part. An empty one is the wildcard address, of
// IPv4 unless network says otherwise; so is the choice for a name with both.
func resolveHost(ctx context.Context, network, host string) (netip.Addr, error) {
	if host == "" {
		if network == "udp6" {
			return netip.IPv6Unspecified(), nil
		}
		return netip.IPv4Unspecified(), nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap(), nil
	}
	family := "ip" + network[len("udp"):]
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, family, host)
	if err != nil {
		return netip.Addr{}, err
	}
	chosen := choose(addrs)
	if !chosen.IsValid() {
		return chosen, fmt.Errorf("host %q has no address", host)
	}
	return chosen, nil
}

// choose takes the first IPv4 address, or the first of all if there is none.
func choose(addrs []netip.Addr) netip.Addr {
	for _, a := range addrs {
		if a.Unmap().Is4() {
			return a.Unmap()
		}
	}
	if len(addrs) > 0 {
		return addrs[0]
	}
	return netip.Addr{}
}
