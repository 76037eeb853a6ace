package agent

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"snmpstack/transport"
)

// RemoteSettings say where SendData sends, and with UseConnection with whom alone the
// agent speaks.
type RemoteSettings struct {
	// RemoteHost is a name or an IP address; "" is where the last packet came from.
	// RemotePort is its UDP port; with "" for the host 0 is the last packet's.
	RemoteHost string
	RemotePort int
	// UseConnection makes RemoteHost and RemotePort, which have to be set, the only
	// one whom the agent sends to, and whose packets it takes. It is a filter: the socket
	// itself is not connected, and does not tell that nobody listens there (10061).
	UseConnection bool
	// SourceIPAddress is the address that packets of SendData, traps and informs leave
	// from. Answers leave from the address that was asked. It has to be an address of
	// the system's; the zero Addr lets the system choose, and so does an address of the
	// other family for what goes to this one. Where the socket listens on another
	// address it needs Linux.
	SourceIPAddress netip.Addr
	// DelayHostResolution makes Config("RemoteHost=NAME") look the name up at once,
	// and RemoteHost the address; else that is done for each packet, or with
	// UseConnection by Activate. (The name says the opposite. That is the
	// specification's.)
	DelayHostResolution bool
}

func (a *Agent) remoteSettings() RemoteSettings {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.RemoteSettings
}

// SendData sends a datagram as it is to RemoteHost and RemotePort. It activates the
// agent if it is not active, after Deactivate too.
//
// Errors are 118 for more than MaxPacketSize octets, 119 for none, 10039 if there is
// nobody to send to, and those of the resolver and the system. After 10035 and 10055
// OnReadyToSend tells when to try again. Names are looked up on the caller's time, for
// HandlerTimeout at most.
func (a *Agent) SendData(datagram []byte) error {
	if len(datagram) == 0 {
		return &Error{Code: CodeMessageTooShort}
	}
	r, err := a.activated(context.Background(), true)
	if err != nil {
		return err
	}
	if len(datagram) > r.MaxPacketSize {
		return &Error{CodeMessageTooLong, fmt.Errorf("%d octets, at most %d", len(datagram), r.MaxPacketSize)}
	}
	ctx, cancel := context.WithTimeout(r.context, r.HandlerTimeout)
	defer cancel()
	remote, err := a.remote(ctx, r)
	if err != nil {
		return err
	}
	c, own, err := r.socketTo(ctx, remote)
	if err != nil {
		return err
	}
	if own {
		defer c.Close()
	}
	return r.originate(c, transport.Packet{Data: datagram, Remote: remote}, datagram)
}

// remote returns where SendData sends.
func (a *Agent) remote(ctx context.Context, r *run) (netip.AddrPort, error) {
	if r.UseConnection {
		return r.peer, nil
	}
	s := a.remoteSettings()
	if s.RemoteHost == "" {
		last := a.state.lastSource()
		if s.RemotePort != 0 {
			last = netip.AddrPortFrom(last.Addr(), uint16(s.RemotePort))
		}
		if !last.IsValid() {
			return last, &Error{CodeDestinationRequired, errors.New("RemoteHost is not set, and no packet has come")}
		}
		return last, nil
	}
	if s.RemotePort == 0 {
		return netip.AddrPort{}, &Error{CodeDestinationRequired, errors.New("RemotePort is not set")}
	}
	addr, err := lookUp(ctx, s.RemoteHost, r.ipv4())
	return netip.AddrPortFrom(addr, uint16(s.RemotePort)), err
}

// connect finds out with whom an agent with UseConnection speaks.
func (r *run) connect() error {
	switch {
	case !r.UseConnection:
		return nil
	case r.RemotePort == 0:
		return &Error{Code: CodeRemotePortZero}
	case r.RemoteHost == "":
		return &Error{CodeDestinationRequired, errors.New("UseConnection needs RemoteHost")}
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.HandlerTimeout)
	defer cancel()
	addr, err := lookUp(ctx, r.RemoteHost, r.ipv4())
	r.peer = netip.AddrPortFrom(addr, uint16(r.RemotePort))
	return err
}

var errNotFromPeer = errors.New("it does not come from RemoteHost and RemotePort, and UseConnection is set")

// notFromPeer drops a datagram that comes from somebody else than the one with whom
// alone the agent speaks.
func (q *request) notFromPeer() verdict {
	q.run.counters.notAccepted.Add(1)
	if hook := q.run.OnBadPacket; hook != nil {
		hook(&BadPacketEvent{Packet: q.Data, Source: q.Remote, Code: CodeNotFromBound, Err: errNotFromPeer})
	}
	return dropped
}

// leaveAs gives what the agent sends of its own accord the address that it leaves
// from, and refuses what would go to somebody else than the one with whom alone it
// speaks.
func (r *run) leaveAs(p *transport.Packet) error {
	if r.UseConnection && p.Remote != r.peer {
		return &Error{CodeConnected, fmt.Errorf("to %v, not to %v: UseConnection is set", r.peer, p.Remote)}
	}
	if source := r.sourceFor(p.Remote.Addr()); source.IsValid() {
		p.Local = source
	}
	return nil
}

// sourceFor returns the SourceIPAddress for what goes to remote: the zero Addr where it
// is one of the other family.
func (r *run) sourceFor(remote netip.Addr) netip.Addr {
	if r.SourceIPAddress.Unmap().Is4() != remote.Unmap().Is4() {
		return netip.Addr{}
	}
	return r.SourceIPAddress
}

// notSent gives an error of the system's its code. If nothing can be sent for the
// moment, OnReadyToSend is told when that has passed.
func (r *run) notSent(err error) error {
	if code := systemCode(err); code == CodeWouldBlock || code == CodeNoBuffers {
		r.Clock.AfterFunc(readyAfter, r.readyToSend)
	}
	return systemError(err)
}

// readyAfter is how long the kernel has to send some of what it has. It does not say
// when it has done so.
const readyAfter = 10 * time.Millisecond

func (r *run) readyToSend() {
	if r.OnReadyToSend == nil || !r.gate.enter() {
		return
	}
	defer r.gate.leave()
	r.event(r.OnReadyToSend)
}

// The settings for SendData: rows of settingTable.

func sendHex(a *Agent, v string) (string, error) {
	datagram, err := hex.DecodeString(strings.TrimPrefix(v, "0x"))
	if err != nil {
		return "", &Error{CodeInvalidArgument, errors.New("setting DataToSend: expected hexadecimal digits")}
	}
	return "", a.SendData(datagram)
}

// resolveRemoteHost returns what RemoteHost is set to.
func resolveRemoteHost(a *Agent, v string) (string, error) {
	a.state.fields.Lock()
	atOnce, ipv6, timeout := a.DelayHostResolution, a.UseIPv6, a.HandlerTimeout
	a.state.fields.Unlock()
	if !atOnce || v == "" {
		return v, nil
	}
	setDefault(&timeout, defaultHandlerTimeout)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	addr, err := lookUp(ctx, v, !ipv6)
	if err != nil {
		return "", err
	}
	return addr.String(), nil
}

func setSourceIPAddress(a *Agent, v string) error {
	if v == "" {
		a.SourceIPAddress = netip.Addr{}
		return nil
	}
	addr, err := netip.ParseAddr(v)
	if err == nil {
		a.SourceIPAddress = addr.Unmap()
	}
	return err
}
