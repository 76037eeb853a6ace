package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"snmpstack/transport"
)

// How what the agent sends of its own accord finds its way: the target's address,
// and the socket and the address it leaves from.

// resolve returns the address of a target. A name with addresses of both families
// is taken as one of that of the agent's first socket.
func (r *run) resolve(ctx context.Context, address string, port int) (netip.AddrPort, error) {
	host, port, err := splitTarget(address, port)
	if err != nil {
		return netip.AddrPort{}, &Error{CodeInvalidArgument, err}
	}
	ip, err := lookUp(ctx, host, r.ipv4())
	return netip.AddrPortFrom(ip, uint16(port)), err
}

// lookUp returns an address of a host, of IPv4 or IPv6 if it has one of that family.
func lookUp(ctx context.Context, host string, ipv4 bool) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap(), nil
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(list) == 0 {
		err = &net.DNSError{Err: "it has no address", Name: host, IsNotFound: true}
	}
	if err != nil {
		if ctx.Err() != nil {
			return netip.Addr{}, contextError(ctx)
		}
		return netip.Addr{}, systemError(err)
	}
	chosen := list[0]
	for _, ip := range list {
		if ip.Unmap().Is4() == ipv4 {
			chosen = ip
			break
		}
	}
	return chosen.Unmap(), nil
}

// contextError says why ctx has ended.
func contextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	var coded *Error
	if errors.As(cause, &coded) {
		return coded
	}
	return &Error{CodeTimeout, cause}
}

// splitTarget takes HOST, HOST:PORT, IPv6, [IPv6] or [IPv6]:PORT apart.
func splitTarget(address string, port int) (string, int, error) {
	if _, err := netip.ParseAddr(address); err == nil {
		return address, port, nil
	}
	if inner, ok := strings.CutPrefix(address, "["); ok && strings.HasSuffix(inner, "]") {
		return inner[:len(inner)-1], port, nil
	}
	host := address
	if strings.Contains(address, ":") {
		var service string
		var err error
		if host, service, err = net.SplitHostPort(address); err != nil {
			return "", 0, fmt.Errorf("address %q: expected HOST, HOST:PORT or [IPv6]:PORT", address)
		}
		if port, err = strconv.Atoi(service); err != nil || port < 1 || port > 65535 {
			return "", 0, fmt.Errorf("address %q: the port is not a number from 1 to 65535", address)
		}
	}
	if host == "" {
		return "", 0, fmt.Errorf("address %q has no host", address)
	}
	return host, port, nil
}

// socketTo returns the agent's socket for what goes to remote. Where it has none of
// the address's family, or none but one on a loopback address that nothing can leave
// the machine from, one of the caller's own is opened, on a port that the system
// chooses.
func (r *run) socketTo(ctx context.Context, remote netip.AddrPort) (c transport.Conn, own bool, err error) {
	onUDP := false
	for _, c := range r.Conns {
		local := c.LocalAddr().Addr()
		if _, ok := c.(*transport.UDPConn); ok {
			onUDP = true
		}
		if local.Is4() != remote.Addr().Is4() {
			continue
		}
		if local.IsLoopback() && !remote.Addr().IsLoopback() && onUDP {
			continue
		}
		return c, false, nil
	}
	if !onUDP {
		return nil, false, &Error{CodeAddressFamily, fmt.Errorf("no socket for %v", remote)}
	}
	network := "udp6"
	if remote.Addr().Is4() {
		network = "udp4"
	}
	options := r.Transport
	options.ShareLocalPort = false
	c, err = transport.Listen(ctx, network, ":0", options)
	return c, true, systemError(err)
}

// sourceTo returns the address that a datagram from c to remote leaves from, and the
// zero Addr if that cannot be told.
func (r *run) sourceTo(ctx context.Context, c transport.Conn, remote netip.AddrPort) netip.Addr {
	if source := r.sourceFor(remote.Addr()); source.IsValid() {
		return source
	}
	local := c.LocalAddr().Addr()
	if _, ok := c.(*transport.UDPConn); !ok || !local.IsUnspecified() {
		return local
	}
	// The system knows: a socket that is connected has chosen its address, and sends
	// nothing.
	var dialer net.Dialer
	probe, err := dialer.DialContext(ctx, "udp", remote.String())
	if err != nil {
		return netip.Addr{}
	}
	defer probe.Close()
	return probe.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// originate hands a message that nobody has asked for to the kernel. OnPacketTrace is
// told what it shows.
func (r *run) originate(c transport.Conn, p transport.Packet, shown []byte) error {
	if err := r.leaveAs(&p); err != nil {
		return err
	}
	if _, err := c.Write([]transport.Packet{p}); err != nil {
		return r.notSent(err)
	}
	r.counters.snmp[SnmpOutPkts].Add(1)
	r.trace(Outgoing, shown, p.Remote)
	return nil
}
