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

// A UDPConn is a Conn over one UDP socket of one address family. Where the
// system can (Options.Batch), Read and Write move many datagrams with one system
// call, otherwise one. Neither allocates unless it fails, or gets more packets
// than ever before.
type UDPConn struct {
	conn    *net.UDPConn
	local   netip.AddrPort
	from    netip.Addr // what datagrams leave from anyway, if that is one address
	ipv4    bool
	pktinfo bool // Read asks for control data

	// Package net lets one goroutine read and one write at a time, so a mutex
	// for each direction costs nothing and gives each one scratch space.
	reading    sync.Mutex
	in         *batchReader // nil to read one at a time
	inControl  [controlSize]byte
	writing    sync.Mutex    // for one at a time
	out        *batchWriters // nil to write one at a time
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
	c := &UDPConn{
		conn:    udp,
		local:   unmap(udp.LocalAddr().(*net.UDPAddr).AddrPort()),
		ipv4:    ipv4,
		pktinfo: pktinfo,
	}
	if a := c.local.Addr(); !a.IsUnspecified() {
		c.from = a.WithZone("")
	}
	if err := c.setBatches(&opts); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// Batch returns how many datagrams Read and Write move with one system call at
// most: more packets than that are of no use to Read. It is 1 where Options.Batch
// is off or cannot be had.
func (c *UDPConn) Batch() int {
	if c.in == nil {
		return 1
	}
	return mostPerCall
}

// Read implements Conn.
func (c *UDPConn) Read(p []Packet) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	for i := range p {
		p[i].Buf.Bytes() // panics if there is none, before anything is read
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.in != nil {
		return c.readBatch(p)
	}
	return c.readOne(&p[0])
}

// readOne reads one packet.
func (c *UDPConn) readOne(p *Packet) (n int, err error) {
	*p = Packet{Buf: p.Buf}
	buf := p.Buf.Bytes()
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
		p.Data, p.Truncated = buf[:size:size], true
		return 1, nil
	}
	p.Data = buf[:size:size]
	p.Remote = unmap(remote)
	p.Truncated = flags&msgTrunc != 0
	p.Local = c.from
	if c.pktinfo {
		p.Local, p.IfIndex = parsePktinfo(control[:controlLen])
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
	for n < len(p) {
		sent, err := c.writeSome(p[n:])
		n += sent
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeSome sends one packet or more.
func (c *UDPConn) writeSome(p []Packet) (n int, err error) {
	// Package net knows the number of a zone.
	if c.out != nil && p[0].Remote.Addr().Zone() == "" {
		return c.writeBatch(p)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.writeOne(&p[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

// writeOne sends one packet.
func (c *UDPConn) writeOne(p *Packet) error {
	way, err := c.route(p)
	var control []byte
	if err == nil && way.chosen() {
		control, err = c.sourceControl(way.local, way.ifIndex)
	}
	if err != nil {
		return refused(c, p, err)
	}
	_, _, err = c.conn.WriteMsgUDPAddrPort(p.Data, control, way.remote)
	return err
}

// A way is how a packet leaves: where to, and where from and by which interface
// if that is not for the kernel to choose.
type way struct {
	remote  netip.AddrPort
	local   netip.Addr
	ifIndex int
}

// chosen reports whether the kernel has to be told.
func (w *way) chosen() bool { return w.local.IsValid() || w.ifIndex != 0 }

// route finds the way of p, or why there is none from this socket.
func (c *UDPConn) route(p *Packet) (way, error) {
	w := way{remote: unmap(p.Remote), local: p.Local.Unmap().WithZone("")}
	if w.local.IsUnspecified() {
		w.local = netip.Addr{}
	}
	switch {
	case !w.remote.IsValid():
		return w, syscall.EDESTADDRREQ
	case w.remote.Addr().Is4() != c.ipv4, w.local.IsValid() && w.local.Is4() != c.ipv4:
		return w, syscall.EAFNOSUPPORT
	}
	if needsInterface(w.remote.Addr(), w.local) {
		w.ifIndex = p.IfIndex
	}
	if w.local == c.from {
		w.local = netip.Addr{} // it leaves from there anyway
	}
	return w, nil
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
