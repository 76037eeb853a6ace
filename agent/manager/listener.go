package manager

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// A Listener receives notifications (RFC 3413 §3.4): traps and informs of all
// versions, which it verifies, decrypts and hands out in one form. It confirms
// informs. Set the fields, add users, then call Serve.
//
// In SNMPv3 it is the authoritative engine for informs, and answers those who ask for
// its ID (RFC 3414 §4). For traps each sender is: a user's keys are localized to the
// engine of each message, and its time window is checked by the sender's clock (RFC 3414
// §3.2 (7) b). The first authentic trap of an engine sets that clock; one that is older
// than the clock allows is refused with usm.ErrNotInTimeWindow.
type Listener struct {
	// OnNotification is called for each notification, by the goroutine that reads:
	// nothing is read from that socket before it returns. An inform is confirmed
	// afterwards, so that what has been confirmed has been dealt with. One whose
	// confirmation was lost comes again.
	OnNotification func(*Notification)
	// OnBadMessage, if it is set, is told of each message that is no notification or
	// is not accepted. It is called like OnNotification.
	OnBadMessage func(*BadMessage)

	// Communities are those of SNMPv1 and SNMPv2c that are accepted. AnyCommunity
	// accepts all: a community in a notification proves nothing.
	Communities  []Community
	AnyCommunity bool

	// Engine is the listener's engine; nil makes one whose ID is of this machine.
	Engine *usm.Engine
	// Provider is where the cryptography comes from.
	Provider usm.Provider
	// MaxSize is the longest message in octets; 0 means 65507.
	MaxSize int
	// Trace, if it is set, sees every datagram that is received or sent, before
	// anything is made of it. It must not keep or change the octets.
	Trace func(sent bool, peer netip.AddrPort, datagram []byte)

	setup   sync.Once
	model   *usm.Model // of the listener's own engine
	users   listenerUsers
	engines remoteEngines

	unknownPDUHandlers atomic.Uint32 // for Reports
}

// A Notification is a trap or an inform. It shares no memory with the Listener.
type Notification struct {
	Source netip.AddrPort
	// Destination is where it was sent to; the address is not valid where the system
	// does not tell.
	Destination netip.AddrPort
	// Kind is pdu.TrapV1, pdu.TrapV2 or pdu.InformRequest.
	Kind    pdu.Kind
	Version pdu.Version

	Community Community // SNMPv1 and SNMPv2c
	// SNMPv3: who has sent it, and how it was protected. EngineID is the sender's for
	// a trap and the listener's for an inform.
	User            string
	Level           pdu.SecurityLevel
	EngineID        usm.EngineID
	ContextEngineID usm.EngineID
	ContextName     string

	RequestID int32 // not of SNMPv1
	// UpTime is the sender's sysUpTime in hundredths of a second, and OID what has
	// happened (RFC 3416 §4.2.6). OID is "" if the message does not say, or if
	// SNMPv1's Trap has no translation.
	UpTime uint32
	OID    ber.OID
	// VarBinds are all of SNMPv2's form: sysUpTime.0 and snmpTrapOID.0 first. SNMPv1's
	// are translated (RFC 3584 §3.1).
	VarBinds []pdu.VarBind
	// Trap is SNMPv1's Trap as it came, or nil.
	Trap *pdu.Trap

	// Respond, true at first, confirms an inform.
	Respond bool
}

// Objects returns the varbinds behind sysUpTime.0 and snmpTrapOID.0, or all if these
// are not there.
func (n *Notification) Objects() []pdu.VarBind {
	if n.OID == "" {
		return n.VarBinds
	}
	return n.VarBinds[2:]
}

// A BadMessage is a message that a Listener does not hand out.
type BadMessage struct {
	Source netip.AddrPort
	Packet []byte // valid until the hook returns
	// Err says why: ErrUnknownCommunity, ErrNoNotification, an error of package usm's,
	// as usm.ErrUnknownUserName, or what cannot be read. It holds no secrets.
	Err error

	// What the message says of itself, as far as it can be read: nobody has verified
	// these. Version is pdu.V1 too where it cannot be read.
	Version   pdu.Version
	Community Community         // SNMPv1 and SNMPv2c
	User      string            // SNMPv3
	EngineID  usm.EngineID      // SNMPv3: the authoritative one
	Level     pdu.SecurityLevel // SNMPv3
}

// newBadMessage reads what it can.
func newBadMessage(source netip.AddrPort, packet []byte, err error) *BadMessage {
	b := &BadMessage{Source: source, Packet: packet, Err: err}
	version, err := pdu.ReadVersion(packet)
	if err != nil {
		return b
	}
	switch b.Version = version; version {
	case pdu.V1, pdu.V2c:
		if header, err := pdu.ReadHeader(packet, false); err == nil {
			b.Community = Community(bytes.Clone(header.Community))
		}
	case pdu.V3:
		header, err := pdu.ReadHeader3(packet, false)
		if err != nil {
			return b
		}
		b.Level, _ = header.MsgFlags.Level()
		if header.SecurityModel != pdu.SecurityModelUSM {
			return b
		}
		if engine, user, err := usm.Parties(header, false); err == nil {
			b.EngineID, b.User = engine, user
		}
	}
	return b
}

// Why a message is not accepted.
var (
	ErrUnknownCommunity = errors.New("manager: the community is none of the listener's")
	ErrNoNotification   = errors.New("manager: it is neither a trap nor an inform")
	errListenerModel    = errors.New("manager: the security model is not USM")
)

// Serve reads from the sockets until they are closed or fail, and returns the first
// failure, or net.ErrClosed. The caller closes them.
func (l *Listener) Serve(conns ...transport.Conn) error {
	if err := l.init(); err != nil {
		return err
	}
	failures := make(chan error, len(conns))
	for _, c := range conns {
		go func() { failures <- l.read(c) }()
	}
	var first error = net.ErrClosed
	for range conns {
		if err := <-failures; !errors.Is(err, net.ErrClosed) && errors.Is(first, net.ErrClosed) {
			first = err
		}
	}
	return first
}

// init makes what the fields lack.
func (l *Listener) init() (err error) {
	l.setup.Do(func() {
		if l.Engine == nil {
			l.Engine = usm.NewEngine(usm.DeriveEngineID(0, "listener"), usm.NewEpochClock(time.Now))
		}
		if err = l.Engine.ID().Check(); err != nil {
			return
		}
		if l.MaxSize == 0 {
			l.MaxSize = DefaultMaxSize
		}
		l.model = usm.NewModel(l.Engine, usm.NewUsers(l.Engine.ID(), l.Provider), l.Provider, nil)
		err = l.users.localize(l.model.Users())
	})
	if err == nil && l.model == nil {
		err = errors.New("manager: the Listener's engine ID is none")
	}
	return err
}

// read serves one socket.
func (l *Listener) read(c transport.Conn) error {
	var pool transport.Pool
	packets := make([]transport.Packet, 16)
	for i := range packets {
		packets[i].Buf = pool.Get(transport.FullSize)
	}
	in := &incoming{Listener: l, conn: c, worker: l.model.NewWorker()}
	for failures := 0; ; {
		n, err := c.Read(packets)
		switch transport.Classify(err) {
		case transport.ClassClosed, transport.ClassFatal:
			return err
		case transport.ClassNone:
			failures = 0
		default:
			if failures++; failures > 1000 { // nothing but errors: not to be read from
				return err
			}
			continue
		}
		for i := range packets[:n] {
			in.Packet = packets[i]
			in.receive()
		}
	}
}

// An incoming is a datagram on its way, and what is used for one after the other.
type incoming struct {
	*Listener
	transport.Packet
	conn    transport.Conn
	worker  *usm.Worker
	decoder pdu.Decoder
	message pdu.Message
	scoped  pdu.ScopedPDU
}

func (in *incoming) receive() {
	if in.Trace != nil {
		in.Trace(false, in.Remote, in.Data)
	}
	err := errTooLong
	if !in.Truncated && len(in.Data) <= in.MaxSize {
		var version pdu.Version
		version, err = pdu.ReadVersion(in.Data)
		switch {
		case err != nil:
		case version == pdu.V1, version == pdu.V2c:
			err = in.receiveCommunity()
		case version == pdu.V3:
			err = in.receiveUSM()
		default:
			err = pdu.ErrVersion
		}
	}
	if err != nil && in.OnBadMessage != nil {
		in.OnBadMessage(newBadMessage(in.Remote, in.Data, err))
	}
}

// receiveCommunity takes a message of SNMPv1 or SNMPv2c.
func (in *incoming) receiveCommunity() error {
	header, err := pdu.ReadHeader(in.Data, false)
	if err != nil {
		return err
	}
	known := func(c Community) bool { return string(c) == string(header.Community) }
	if !in.AnyCommunity && !slices.ContainsFunc(in.Communities, known) {
		return ErrUnknownCommunity
	}
	m := &in.message
	if err := in.decoder.Message(in.Data, m); err != nil {
		return err
	}
	n := &Notification{Version: m.Version, Community: Community(bytes.Clone(m.Community))}
	if m.PDU.Kind == pdu.TrapV1 {
		n.fromTrap(&m.Trap)
		in.deliver(n)
		return nil
	}
	if err := n.fromPDU(&m.PDU); err != nil {
		return err
	}
	in.deliver(n)
	if !n.confirms() {
		return nil
	}
	response := pdu.Message{Version: m.Version, Community: m.Community, PDU: confirmation(&m.PDU)}
	return in.answer(response.Append(nil))
}

// fromTrap takes SNMPv1's Trap. One that has no translation is handed out without.
func (n *Notification) fromTrap(t *pdu.Trap) {
	own := *t
	own.Enterprise, own.VarBinds = t.Enterprise.Clone(), clone(t.VarBinds)
	n.Kind, n.Trap = pdu.TrapV1, &own
	n.UpTime, n.VarBinds = own.TimeStamp, own.VarBinds
	if list, err := own.V2(); err == nil {
		n.VarBinds = list
		_, n.OID, _ = pdu.ReadNotification(list)
	}
}

// fromPDU takes an SNMPv2-Trap-PDU or an InformRequest-PDU.
func (n *Notification) fromPDU(p *pdu.PDU) error {
	if p.Kind != pdu.TrapV2 && p.Kind != pdu.InformRequest {
		return fmt.Errorf("%w: it is a %v", ErrNoNotification, p.Kind)
	}
	n.Kind, n.RequestID, n.VarBinds = p.Kind, p.RequestID, clone(p.VarBinds)
	n.UpTime, n.OID, _ = pdu.ReadNotification(n.VarBinds)
	return nil
}

func clone(list []pdu.VarBind) []pdu.VarBind {
	out := make([]pdu.VarBind, len(list))
	for i := range list {
		out[i] = list[i].Clone()
	}
	return out
}

// deliver hands a notification out.
func (in *incoming) deliver(n *Notification) {
	n.Source, n.Respond = in.Remote, n.Kind == pdu.InformRequest
	n.Destination = netip.AddrPortFrom(in.Local, in.conn.LocalAddr().Port())
	if in.OnNotification != nil {
		in.OnNotification(n)
	}
}

// confirms reports whether a notification is to be confirmed.
func (n *Notification) confirms() bool { return n.Kind == pdu.InformRequest && n.Respond }

// confirmation is the Response to an inform: it repeats it (RFC 3416 §4.2.7). It is as
// long as the inform was, so that it fits wherever that came through.
func confirmation(inform *pdu.PDU) pdu.PDU {
	return pdu.PDU{Kind: pdu.Response, RequestID: inform.RequestID, VarBinds: inform.VarBinds}
}

// answer sends a datagram back to where one has come from, from the address that it
// was sent to.
func (in *incoming) answer(datagram []byte) error {
	if in.Trace != nil {
		in.Trace(true, in.Remote, datagram)
	}
	_, err := in.conn.Write([]transport.Packet{{Data: datagram, Remote: in.Remote, Local: in.Local, IfIndex: in.IfIndex}})
	return err
}
