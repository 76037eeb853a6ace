package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A listenAddress is an address to listen on, as package transport takes it.
type listenAddress struct {
	network  string // "udp4" or "udp6"
	hostPort string
}

const defaultPort = "161"

// lookUpTimeout bounds how long a host name in the configuration may take.
const lookUpTimeout = 5 * time.Second

// The transports of snmpd and what they are here; "" is one that is not
// supported.
var transports = map[string]string{
	"udp": "udp4", "udp6": "udp6", "udpv6": "udp6", "udpipv6": "udp6",
	"tcp": "", "tcp6": "", "tcpv6": "", "tcpipv6": "", "unix": "", "ipx": "", "aal5pvc": "", "pvc": "",
	"dtlsudp": "", "dtls": "", "tlstcp": "", "tls": "", "ssh": "", "alias": "", "std": "",
}

// parseAddress reads a listening address as snmpd has it:
// [TRANSPORT:][HOST:]PORT or [TRANSPORT:]HOST. Without a host it is all
// addresses of the transport's family, without a port it is 161.
func parseAddress(text string) (listenAddress, error) {
	rest, network := text, ""
	if prefix, after, ok := strings.Cut(text, ":"); ok {
		if n, known := transports[lower(prefix)]; known {
			if n == "" {
				return listenAddress{}, fmt.Errorf("address %q: transport %s is not supported, expected udp or udp6", text, prefix)
			}
			network, rest = n, after
		}
	}
	host, port := "", defaultPort
	switch {
	case rest == "":
	case isPort(rest):
		port = rest
	case strings.HasPrefix(rest, "["): // [::1] or [::1]:161
		h, after, ok := strings.Cut(rest[1:], "]")
		if !ok || after != "" && !strings.HasPrefix(after, ":") {
			return listenAddress{}, fmt.Errorf("address %q: expected [IPv6-ADDRESS] or [IPv6-ADDRESS]:PORT", text)
		}
		host = h
		if after != "" {
			port = after[1:]
		}
		if network == "" {
			network = "udp6"
		}
	case strings.Count(rest, ":") > 1: // an IPv6 address without brackets
		if host = rest; network == "" {
			network = "udp6"
		}
	default:
		h, p, ok := strings.Cut(rest, ":")
		if host = h; ok {
			port = p
		}
	}
	if network == "" {
		network = "udp4"
	}
	if !isPort(port) {
		return listenAddress{}, fmt.Errorf("address %q: %q is not a port, expected a number from 0 to 65535", text, port)
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() != (network == "udp4") {
		return listenAddress{}, fmt.Errorf("address %q: %s is no address for %s", text, host, strings.TrimSuffix(network, "4"))
	}
	return listenAddress{network, net.JoinHostPort(host, port)}, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == s
}

// showAddress returns an address in the form that parseAddress reads.
func showAddress(a netip.AddrPort) string {
	if a.Addr().Is4() {
		return "udp:" + a.String()
	}
	return "udp6:" + a.String()
}

// parseSource reads the SOURCE of a community as snmpd has it: default, an
// address, NETWORK/BITS, NETWORK/NETMASK or a host name, of one address family.
// A name is looked up here, once.
func parseSource(ctx context.Context, text string, ipv6 bool, lookUp lookUp) ([]netip.Prefix, error) {
	all, family, network := netip.MustParsePrefix("0.0.0.0/0"), "IPv4", "ip4"
	if ipv6 {
		all, family, network = netip.MustParsePrefix("::/0"), "IPv6", "ip6"
	}
	if text == "" || lower(text) == "default" {
		return []netip.Prefix{all}, nil
	}
	host, mask, hasMask := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if hasMask {
			return nil, fmt.Errorf("source %q: expected default, an address, NETWORK/BITS, NETWORK/NETMASK or a host name", text)
		}
		return lookUp.prefixes(ctx, network, host)
	}
	if addr.Is4() == ipv6 {
		return nil, fmt.Errorf("source %q is not %s", text, family)
	}
	bits := addr.BitLen()
	if hasMask {
		if bits, err = parseMask(mask, addr); err != nil {
			return nil, fmt.Errorf("source %q: %w", text, err)
		}
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return nil, fmt.Errorf("source %q: %w", text, err)
	}
	if p.Addr() != addr.WithZone("") {
		return nil, fmt.Errorf("source %q: the address has bits set behind the mask, expected %s", text, p)
	}
	return []netip.Prefix{p}, nil
}

// parseMask reads what follows the slash: a number of bits or a netmask.
func parseMask(mask string, addr netip.Addr) (bits int, err error) {
	if n, err := strconv.Atoi(mask); err == nil && n >= 0 && n <= addr.BitLen() {
		return n, nil
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || m.BitLen() != addr.BitLen() {
		return 0, fmt.Errorf("%q is neither a number of bits nor a netmask", mask)
	}
	bits, _ = net.IPMask(m.AsSlice()).Size()
	if bits == 0 && !m.IsUnspecified() {
		return 0, fmt.Errorf("netmask %s is not a run of ones", mask)
	}
	return bits, nil
}

// lookUp is how host names are looked up: net.DefaultResolver.LookupNetIP.
type lookUp func(ctx context.Context, network, host string) ([]netip.Addr, error)

func (l lookUp) prefixes(ctx context.Context, network, host string) ([]netip.Prefix, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	addrs, err := l(ctx, network, host)
	if err != nil || len(addrs) == 0 {
		return nil, fmt.Errorf("source %q is neither an address nor a host name that can be resolved", host)
	}
	var prefixes []netip.Prefix
	for _, a := range addrs {
		a = a.Unmap()
		prefixes = append(prefixes, netip.PrefixFrom(a, a.BitLen()))
	}
	return prefixes, nil
}
