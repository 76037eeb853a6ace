package manager

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// DefaultPort is the UDP port of agents, DefaultTrapPort that of those who receive
// notifications (RFC 3417 §3.2).
const (
	DefaultPort     = "161"
	DefaultTrapPort = "162"
)

// Dial returns a Client with the default settings for the agent at address,
// which has one of these forms. The port is 161 if there is none.
//
//	192.0.2.1        agent.example:1161       [2001:db8::1]:1161
//	udp:192.0.2.1    udp:agent.example:1161   udp6:[2001:db8::1]:1161   udp6:agent.example
//
// A name with both kinds of address is taken as IPv4 unless udp6 says
// otherwise. A name that is not known is a *net.DNSError.
func Dial(ctx context.Context, address string) (*Client, error) {
	return dial(ctx, address, DefaultPort)
}

// DialReceiver is Dial for whoever receives notifications: the port is 162 if there is
// none.
func DialReceiver(ctx context.Context, address string) (*Client, error) {
	return dial(ctx, address, DefaultTrapPort)
}

func dial(ctx context.Context, address, port string) (*Client, error) {
	network, hostPort, err := splitAddress(address, port)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, hostPort)
	if err != nil {
		return nil, fmt.Errorf("manager: %w", err)
	}
	return New(conn, address), nil
}

// networks has the transports that Net-SNMP's tools know. An empty value is one
// that is not available here.
var networks = map[string]string{
	"udp": "udp4", "udp4": "udp4",
	"udp6": "udp6", "udpv6": "udp6", "udpipv6": "udp6",
	"tcp": "", "tcp6": "", "tcpv6": "", "tcpipv6": "", "unix": "", "ssh": "",
	"dtlsudp": "", "dtlsudp6": "", "tlstcp": "", "tlstcp6": "", "alias": "", "callback": "", "std": "", "ipx": "",
}

// splitAddress returns what net.Dial needs.
func splitAddress(address, defaultPort string) (network, hostPort string, err error) {
	network, rest := "udp", address
	if word, after, found := strings.Cut(address, ":"); found {
		if known, ok := networks[strings.ToLower(word)]; ok {
			if known == "" {
				return "", "", fmt.Errorf("manager: address %q: transport %s is not available, expected udp or udp6", address, word)
			}
			network, rest = known, after
		}
	}
	host, port, err := splitHostPort(rest, defaultPort)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("manager: address %q: %w", address, err)
	case host == "":
		return "", "", fmt.Errorf("manager: address %q has no host", address)
	case port == "":
		return "", "", fmt.Errorf("manager: address %q has an empty port", address)
	}
	if _, err := net.LookupPort("udp", port); err != nil {
		return "", "", fmt.Errorf("manager: address %q: there is no UDP port %s", address, port)
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		switch {
		case network == "udp4" && !ip.Unmap().Is4():
			return "", "", fmt.Errorf("manager: address %q: %s is no IPv4 address, expected udp6 for it", address, host)
		case network == "udp6" && ip.Unmap().Is4():
			return "", "", fmt.Errorf("manager: address %q: %s is no IPv6 address, expected udp for it", address, host)
		}
	}
	return network, net.JoinHostPort(host, port), nil
}

// splitHostPort is net.SplitHostPort with a port that may be missing, also
// behind an IPv6 address without brackets.
func splitHostPort(s, defaultPort string) (host, port string, err error) {
	if _, err := netip.ParseAddr(s); err == nil {
		return s, defaultPort, nil
	}
	if inner, found := strings.CutPrefix(s, "["); found && strings.HasSuffix(inner, "]") {
		return inner[:len(inner)-1], defaultPort, nil
	}
	if !strings.Contains(s, ":") {
		return s, defaultPort, nil
	}
	host, port, err = net.SplitHostPort(s)
	if err != nil {
		return "", "", fmt.Errorf("expected host, host:port or [IPv6]:port")
	}
	return host, port, nil
}
