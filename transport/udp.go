package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
)

// A UDPConn is a Conn over one UDP socket of one address family. Its Read
// returns one datagram a call. Neither Read nor Write allocates unless it
// fails.
type UDPConn struct {
	conn    *net.UDPConn
	local   netip.AddrPort
	ipv4    bool
	pktinfo bool // Read asks for control data

	// Package net lets one goroutine read and one write at a time, so a mutex
	// for each direction costs nothing and gives each one scratch space.
	reading    sync.Mutex
	inControl  [controlSize]byte
	writing    sync.Mutex
	outControl [controlSize]byte
}

var _ Conn = (*UDPConn)(nil)

// Listen opens a UDP socket and binds it to address, "host:port" as package
// net has it. Port 0 lets the system choose one. SNMP's own port is 161, and
// 162 for notifications (RFC 3417 §3.2).
//
// The socket has one address family: IPv4 for network "udp4", IPv6 for "udp6",
// that of the host for "udp". An empty host is the wildcard address, IPv4's
// for "udp"; for a name with addresses of both families "udp" takes the IPv4
// one. A socket on [::] takes no IPv4 datagrams (IPV6_V6ONLY): to serve both
// families listen twice. Multicast addresses are refused.
//
// ctx bounds the resolution of names and nothing after.
func Listen(ctx context.Context, network, address string, opts Options) (*UDPConn, error) {
	c, err := listen(ctx, network, address, opts)
	if err != nil {
		return nil, fmt.Errorf("transport: listen on %s %s: %w", network, address, err)
	}
	return c, nil
}

func listen(ctx context.Context, network, address string, opts Options) (*UDPConn, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	local, err := resolve(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ipv4 := local.Addr().Is4()
	network = "udp6"
	if ipv4 {
		network = "udp4"
	}
	pktinfo := opts.wantsPktinfo(local.Addr().IsUnspecified())
	config := net.ListenConfig{
		Control: func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = opts.setBeforeBind(fd, ipv4, pktinfo)
			})
			return errors.Join(err, failed)
		},
	}
	conn, err := config.ListenPacket(ctx, network, local.String())
	if err != nil {
		return nil, err
	}
	udp := conn.(*net.UDPConn)
	return &UDPConn{
		conn:    udp,
		local:   unmap(udp.LocalAddr().(*net.UDPAddr).AddrPort()),
		ipv4:    ipv4,
		pktinfo: pktinfo,
	}, nil
}

// Read implements Conn. It fills p[0] only.
func (c *UDPConn) Read(p []Packet) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	for i := range p {
		p[i] = Packet{Buf: p[i].Buf}
		p[i].Buf.Bytes() // panics if there is none, before anything is read
	}
	first := &p[0]
	buf := first.Buf.Bytes()

	c.reading.Lock()
	defer c.reading.Unlock()
	var control []byte
	if c.pktinfo {
		control = c.inControl[:]
	}
	size, controlLen, flags, remote, err := c.conn.ReadMsgUDPAddrPort(buf, control)
	if err != nil {
		if !isTooLong(err) {
			return 0, err
		}
		// Windows reports truncation as an error, and then not the sender.
		*first = Packet{Buf: first.Buf, Data: buf[:size:size], Truncated: true}
		return 1, nil
	}
	first.Data = buf[:size:size]
	first.Remote = unmap(remote)
	first.Truncated = flags&msgTrunc != 0
	if c.pktinfo {
		first.Local, first.IfIndex = parsePktinfo(control[:controlLen])
	} else if !c.local.Addr().IsUnspecified() {
		first.Local = c.local.Addr().WithZone("")
	}
	return 1, nil
}

// isTooLong reports whether a read failed because the datagram was longer than
// the buffer.
func isTooLong(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(tooLongErrnos, errno)
}

// Write implements Conn. Its errors are all *net.OpError.
func (c *UDPConn) Write(p []Packet) (n int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	for i := range p {
		if err := c.writeOne(&p[i]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// writeOne sends one packet.
func (c *UDPConn) writeOne(p *Packet) error {
	remote := unmap(p.Remote)
	local := p.Local.Unmap().WithZone("")
	if local.IsUnspecified() {
		local = netip.Addr{}
	}
	switch {
	case !remote.IsValid():
		return refused(c, p, syscall.EDESTADDRREQ)
	case remote.Addr().Is4() != c.ipv4, local.IsValid() && local.Is4() != c.ipv4:
		return refused(c, p, syscall.EAFNOSUPPORT)
	}
	ifIndex := 0
	if needsInterface(remote.Addr(), local) {
		ifIndex = p.IfIndex
	}
	if local == c.local.Addr().WithZone("") {
		local = netip.Addr{} // the socket sends from there anyway
	}
	var control []byte
	if local.IsValid() || ifIndex != 0 {
		var err error
		if control, err = c.sourceControl(local, ifIndex); err != nil {
			return refused(c, p, err)
		}
	}
	_, _, err := c.conn.WriteMsgUDPAddrPort(p.Data, control, remote)
	return err
}

// LocalAddr implements Conn.
func (c *UDPConn) LocalAddr() netip.AddrPort { return c.local }

// Close implements Conn.
func (c *UDPConn) Close() error { return c.conn.Close() }

// BufferSizes returns the octets the kernel agreed to queue in each direction,
// which may be less than the Options asked for.
func (c *UDPConn) BufferSizes() (in, out int, err error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		var errIn, errOut error
		in, errIn = getsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF)
		out, errOut = getsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF)
		failed = errors.Join(errIn, errOut)
	})
	return grantedSize(in), grantedSize(out), errors.Join(err, failed)
}
