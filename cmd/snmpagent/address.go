package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A listenAddress is an address to listen on, as package transport takes it.
type listenAddress struct {
	network  string // "udp4" or "udp6"
	hostPort string
}

const defaultPort = "161"

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

// isReachable reports whether other machines may reach the agent: whether it listens
// on an address that is not the loopback interface's.
func (c *configuration) isReachable() bool {
	return slices.ContainsFunc(c.addresses, func(a listenAddress) bool {
		host, _, _ := net.SplitHostPort(a.hostPort)
		addr, err := netip.ParseAddr(host)
		return host != "localhost" && (err != nil || !addr.IsLoopback())
	})
}
