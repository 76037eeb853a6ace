package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"snmpstack/agent"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/transport"
)

// A listenAddress is an address to listen on, as package transport takes it.
type listenAddress struct {
	network    string // "udp4" or "udp6"
	host, port string // the first one is empty for all addresses of the family
}

func (a listenAddress) String() string {
	return strings.TrimSuffix(a.network, "4") + ":" + net.JoinHostPort(a.host, a.port)
}

const (
	defaultPort     = "161"
	expectedAddress = "expected [udp:|udp6:][HOST:]PORT or HOST"
)

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
	case strings.Trim(rest, "0123456789") == "":
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
		return listenAddress{}, fmt.Errorf("address %q: %q is not a port from 0 to 65535, %s", text, port, expectedAddress)
	}
	switch addr, err := netip.ParseAddr(host); {
	case err == nil && addr.Is4() != (network == "udp4"):
		return listenAddress{}, fmt.Errorf("address %q: %s is no address for %s", text, host, strings.TrimSuffix(network, "4"))
	case err != nil && host != "" && !accessconf.IsHostName(host):
		return listenAddress{}, fmt.Errorf("address %q: %q is neither an IP address nor a host name, %s", text, host, expectedAddress)
	}
	return listenAddress{network, host, port}, nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == s
}

// listen listens on one of the addresses, or on another port of its host. An error says
// which line has the address.
func (c *configuration) listen(ctx context.Context, addr listenAddress, port string, opts transport.Options) (*transport.UDPConn, error) {
	conn, err := transport.Listen(ctx, addr.network, net.JoinHostPort(addr.host, port), opts)
	if err == nil {
		return conn, nil
	}
	err = listenError(addr, err)
	if line, ok := c.addressLines[addr]; ok {
		err = line.Errorf("%w", err)
	}
	return nil, err
}

// tryAddresses returns what keeps the agent from listening on its addresses, whatever
// their ports: an agent that runs already has them, and somebody else may check what root
// is to start.
func (c *configuration) tryAddresses(ctx context.Context, o *options) (problems []error) {
	a := agent.New()
	if o.applySettings(a) != nil {
		return nil // which checkSettings says
	}
	for _, addr := range c.addresses {
		conn, err := c.listen(ctx, addr, "0", a.Transport)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		conn.Close()
	}
	return problems
}

// listenError says in one line what keeps an address from being listened on.
func listenError(addr listenAddress, err error) error {
	if cause := errors.Unwrap(err); cause != nil { // without the address that transport.Listen names
		err = cause
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var lookUp *net.DNSError
	if errors.As(err, &lookUp) {
		return fmt.Errorf("cannot listen on %v: %w, %s", addr, lookUp, expectedAddress)
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("cannot listen on %v: %w (ports below 1024 need root or the capability CAP_NET_BIND_SERVICE)", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("cannot listen on %v: %w, expected an address of this host", addr, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("cannot listen on %v: %w (another agent or snmpd may be running)", addr, err)
	}
	return fmt.Errorf("cannot listen on %v: %w", addr, err)
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
		addr, err := netip.ParseAddr(a.host)
		return a.host != "localhost" && (err != nil || !addr.IsLoopback())
	})
}
