package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// A Notification is something that the agent tells of its own accord (RFC 3416
// §4.2.6).
type Notification struct {
	// OID says what it is: the value of snmpTrapOID.0.
	OID ber.OID
	// Objects follow sysUpTime.0 and snmpTrapOID.0. If they begin with these two they
	// are sent unchanged.
	Objects []pdu.VarBind
	// ContextName and ContextEngineID are the context that it is about, which need not
	// be one of the agent's Contexts; "" are the default context and the agent's own
	// engine. They go over the wire in SNMPv3 alone. Access is asked for the notify view in
	// this context: a vacm.UserRule is for the default one, unless it has ContextPrefix or
	// ContextMatch.
	ContextName     string
	ContextEngineID usm.EngineID
}

// A Target is whom the agent tells, and in which form.
type Target struct {
	// Address is a name or an IP address, perhaps with a port: "192.0.2.1",
	// "noc.example:1162", "[2001:db8::1]:162". Without one it is the agent's
	// TrapPort.
	Address string
	// Version is the message's; the zero value is pdu.V1.
	Version pdu.Version

	// Community is that of a message of SNMPv1 or SNMPv2c. SecurityName is whom it
	// stands for at Access, whose notify view has to contain what is sent; "" is whom
	// Access says that it stands for at the target's address (RFC 3584 §5.2.3).
	Community    manager.Community
	SecurityName string

	// User is the user of a message of SNMPv3, and Level its level. One with nothing
	// but a name is a user who was added to the agent, or at noAuthNoPriv anybody. One
	// with passwords is added as SendSecureTrap does it, when the trap has been sent or the
	// inform confirmed; one with keys is used and not kept. Localized keys are those at the
	// agent's engine, and for an inform those at the target's. The zero User is nobody, at
	// noAuthNoPriv: no policy but InsecureAllowAll lets anything go to him. A key for
	// AES-192 or AES-256 that the hash is too short for is made longer as the agent's
	// CompatibilityMode or User.Extension says: for Net-SNMP that has to be
	// CompatibilityBlumenthal or usm.Blumenthal.
	User  usm.User
	Level pdu.SecurityLevel

	// Inform asks the target to confirm that it has heard. SNMPv1 cannot.
	Inform bool
	// Timeout is how long each attempt of an inform waits, by the agent's Clock; 0 means
	// 15 seconds (RFC 3413 §4.1.2), and Retries is how often it is sent again.
	Timeout time.Duration
	Retries int

	// MaxSize is the longest message of SNMPv1 or SNMPv2c that the target takes, in
	// octets; 0 means MsgMaxSize. In SNMPv3 it says itself.
	MaxSize int

	// fromTargets says that it stands in the agent's Targets: who it is has to be known
	// already.
	fromTargets bool
}

const defaultInformTimeout = 15 * time.Second

// Notify sends a notification to one target: a trap, about whose arrival nobody
// knows, or an inform, for which Notify waits until the target has confirmed it (RFC
// 3413 §3.3). It activates the agent if it has not been active yet, but not after
// Deactivate, and sends nothing if ctx has ended.
//
// It leaves from the agent's socket, or where that cannot reach the target from one
// that is opened for it. A message of SNMPv1 is a translation (RFC 3584 §3.2), of
// which there is none with a Counter64 in it; its agent-addr is the value of
// snmpTrapAddress.0 if that is among the objects, as with what a Trap was forwarded as
// (pdu.Trap.ForwardV2), else TrapAgentAddress. Names are looked up on the caller's
// time.
//
// Who has localized keys, as everybody whose keys a manager has changed, can be sent
// traps but no informs: the keys that these take are those at the target's engine, which
// only a password or a master key can be made into (RFC 3414 §2.6).
//
// Objects that do not block (mib.Scalar without Blocks) and hooks that watch run on the
// goroutine that reads the socket. An inform from there cannot be confirmed, and until
// it has failed nobody is answered: start a goroutine for it, or say that the object
// blocks.
//
// Errors are *Error: 109 if the agent was deactivated, before or meanwhile, 319 if
// the notify view of Access does not contain sysUpTime.0, snmpTrapOID.0, its value
// and each object, or with CompatibilityReceive if the user's privacy key can be
// extended in two ways, 321 if Access does not know the community, 326 or 327 if
// there is no such user or he has no keys for the level, or for an inform none but
// those at this engine, 10022 for what no message can have, 201 if an inform has not
// been confirmed in time or ctx has ended, 328 if not even the engine of an inform's
// target could be found out (RFC 3414 §4), 307 if 256 informs wait already, 118 if
// the message is longer than MaxPacketSize, MsgMaxSize or the target's MaxSize, 11001
// to 11003 if a name has no address, 10056 if UseConnection is set and it goes to
// somebody else. What a target says in a Report in the place of a confirmation has
// the report's code, and is a *manager.ReportError, and told to OnReport. To try
// others after one has failed is the caller's business.
func (a *Agent) Notify(ctx context.Context, to Target, n Notification) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	r, err := a.activated(ctx, false)
	if err != nil {
		return err
	}
	list, err := a.notificationVarBinds(n)
	if err != nil {
		return err
	}
	return a.notify(ctx, r, to, n, list, nil)
}

// notificationVarBinds returns the varbinds of a notification in SNMPv2's form.
func (a *Agent) notificationVarBinds(n Notification) ([]pdu.VarBind, error) {
	list := n.Objects
	if _, _, complete := pdu.ReadNotification(list); !complete {
		if err := n.OID.CheckEncodable(); err != nil {
			return nil, &Error{CodeNoSuchOID, err}
		}
		list = pdu.NotificationVarBinds(a.SysUpTime(), n.OID, list...)
	}
	return list, checkObjects(list)
}

// checkObjects checks that varbinds can be sent.
func checkObjects(list []pdu.VarBind) error {
	for i := range list {
		if !encodable(&list[i]) || list[i].Value.IsException() {
			return &Error{CodeInvalidArgument, fmt.Errorf("object %v cannot be sent", list[i])}
		}
	}
	return nil
}

// activated returns the run that there is, or begins one: after Deactivate too if again is
// true, and for a ctx that has ended never.
func (a *Agent) activated(ctx context.Context, again bool) (*run, error) {
	for {
		if a.state != nil {
			if r := a.state.run.Load(); r != nil {
				return r, nil
			}
		}
		if ctx.Err() != nil {
			return nil, contextError(ctx)
		}
		r, err := a.activate(again)
		if !errors.Is(err, CodeActive) {
			return r, err
		}
		// somebody else was faster
	}
}

// notify is the notification originator for one target (RFC 3413 §3.3). list is the
// notification in SNMPv2's form, trap in SNMPv1's, nil to translate.
func (a *Agent) notify(ctx context.Context, r *run, to Target, n Notification, list []pdu.VarBind, trap *pdu.Trap) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.context, func() { cancel(&Error{Code: CodeNotActive}) })()
	switch {
	case !pdu.TrapV2.In(to.Version) && to.Version != pdu.V1:
		return &Error{CodeBadVersion, fmt.Errorf("%v", to.Version)}
	case to.Inform && to.Version == pdu.V1: // RFC 3584 §4.2.3
		return &Error{CodeInvalidArgument, errors.New("SNMPv1 has no informs")}
	case to.Version == pdu.V3 && (to.Level < pdu.NoAuthNoPriv || to.Level > pdu.AuthPriv):
		return &Error{CodeInvalidArgument, fmt.Errorf("security level %d, expected 0 to 2", int(to.Level))}
	}
	settings := a.trapSettings()
	if err := settings.check(); err != nil {
		return err
	}
	if to.Version == pdu.V3 {
		if err := checkContext(&n); err != nil {
			return err
		}
	}
	remote, err := r.resolve(ctx, to.Address, settings.port())
	if err != nil {
		return err
	}
	if to.fromTargets {
		if err := r.identify(&to, remote.Addr(), &n); err != nil {
			return err
		}
	}
	var as *sender
	if to.Version == pdu.V3 {
		if as, err = a.senderOf(r, &to); err != nil {
			return err
		}
		if to.Level == pdu.AuthPriv && as.hashed != nil && as.hashed.TwoPrivKeys() && a.receivesOnly() {
			return errReceiveOnly
		}
		// RFC 3413 §3.3 (6), RFC 3414 §1.5.1: the target's engine is authoritative for an inform.
		if to.Inform && len(to.User.AuthKey) == 0 && len(to.User.PrivKey) == 0 && as.hashed != nil && as.hashed.IsLocalized(to.Level) {
			return &Error{CodeSecurityLevel, errOwnEngineOnly}
		}
	}
	if err := r.mayNotify(ctx, &to, remote.Addr(), n.ContextName, list); err != nil {
		return err
	}
	c, own, err := r.socketTo(ctx, remote)
	if err != nil {
		return err
	}
	if own {
		defer c.Close()
	}
	if to.Inform {
		return r.inform(ctx, c, own, remote, &to, as, n, list)
	}
	if to.Version == pdu.V1 && trap == nil {
		from := settings.TrapAgentAddress
		switch {
		case slices.ContainsFunc(list, isTrapAddress): // RFC 3584 §3.2 (2): it is passed on
			from = pdu.ForwardedFrom(list)
		case !from.IsValid():
			from = r.sourceTo(ctx, c, remote)
		}
		translated, err := pdu.TrapOf(list, from)
		if err != nil {
			return &Error{CodeInvalidArgument, err}
		}
		trap = &translated
	} else if trap != nil && !trap.AgentAddr.IsValid() {
		trap.AgentAddr = r.sourceTo(ctx, c, remote)
	}
	buf := r.pool.Get(transport.FullSize)
	defer buf.Release()
	id := r.state.requestID.take()
	defer func() {
		if err != nil {
			r.state.requestID.giveBack(id)
		}
	}()
	data, shown, err := r.encodeTrap(buf.Bytes()[:r.maxSizeTo(&to)], id, &to, as, n, list, trap)
	switch {
	case errors.Is(err, ber.ErrShortBuffer):
		return &Error{CodeMessageTooLong, fmt.Errorf("a trap to %v has at most %d octets, by MaxPacketSize, MsgMaxSize and the target's MaxSize", remote, r.maxSizeTo(&to))}
	case err != nil:
		return securityError(err)
	}
	if err := r.originate(c, transport.Packet{Data: data, Remote: remote}, shown); err != nil {
		return err
	}
	r.counters.snmp[SnmpOutTraps].Add(1)
	if as != nil {
		as.keep()
	}
	return nil
}

func isTrapAddress(vb pdu.VarBind) bool { return vb.Name == pdu.SnmpTrapAddress }

// checkContext returns an error for a context that cannot be (RFC 3411 §5, SnmpEngineID;
// RFC 3415 §4, vacmContextName).
func checkContext(n *Notification) error {
	if len(n.ContextName) > maxContextName {
		return &Error{CodeInvalidArgument, fmt.Errorf("the context's name has %d octets, expected at most %d", len(n.ContextName), maxContextName)}
	}
	if n.ContextEngineID != "" {
		if err := n.ContextEngineID.Check(); err != nil {
			return &Error{CodeInvalidArgument, err}
		}
	}
	return nil
}

// maxSizeTo returns how long a message to a target may be.
func (r *run) maxSizeTo(to *Target) int {
	most := min(r.MsgMaxSize, r.MaxPacketSize)
	if to.Version == pdu.V3 || to.MaxSize <= 0 {
		return most
	}
	return min(most, to.MaxSize)
}

// encodeTrap writes a trap to the end of buf. shown is what OnPacketTrace sees of it.
func (r *run) encodeTrap(buf []byte, requestID int32, to *Target, as *sender, n Notification, list []pdu.VarBind, trap *pdu.Trap) (data, shown []byte, err error) {
	p := pdu.PDU{Kind: pdu.TrapV2, RequestID: requestID, VarBinds: list}
	if to.Version != pdu.V3 {
		m := pdu.Message{Version: to.Version, Community: []byte(to.Community), PDU: p}
		if trap != nil {
			m.PDU, m.Trap = pdu.PDU{Kind: pdu.TrapV1}, *trap
		}
		w := ber.NewWriter(buf)
		m.Encode(&w)
		return w.Bytes(), w.Bytes(), w.Err()
	}
	// RFC 3412 §7.1 (9) a: of what nobody confirms the sender is authoritative.
	scoped := pdu.ScopedPDU{ContextEngineID: string(r.Engine.ID()), ContextName: n.ContextName, PDU: p}
	if n.ContextEngineID != "" {
		scoped.ContextEngineID = string(n.ContextEngineID)
	}
	data, err = as.model.GenerateRequest(as.model.NewWorker(), buf, &usm.Request{
		MsgID: r.state.nextMsgID(), MaxSize: r.announcedSize(), User: to.User.Name, Level: to.Level,
	}, &scoped)
	if shown = data; err == nil && to.Level == pdu.AuthPriv && r.tracesDecrypted() {
		shown = withScopedPDU(data, &scoped)
	}
	return data, shown, err
}

// securityError gives what the security model says of a message to send its code.
func securityError(err error) error {
	if _, coded := errors.AsType[*Error](err); coded {
		return err
	}
	switch {
	case errors.Is(err, usm.ErrUnknownUserName):
		return &Error{CodeUserName, err}
	case errors.Is(err, usm.ErrUnsupportedSecLevel):
		return &Error{CodeSecurityLevel, err}
	}
	return &Error{CodeInvalidArgument, err}
}

// mayNotify asks the access policy whether each instance in the notification, and
// what it is called, may go to the target (RFC 3413 §3.3 (2) and (3)).
func (r *run) mayNotify(ctx context.Context, to *Target, address netip.Addr, contextName string, list []pdu.VarBind) (err error) {
	defer mib.Recovered(&err)
	q := mib.Request{Context: ctx, Version: to.Version, SecurityModel: pdu.SecurityModelUSM, SecurityLevel: to.Level, SecurityName: to.User.Name}
	if to.Version != pdu.V3 {
		q.SecurityModel, q.SecurityLevel, q.SecurityName = pdu.SecurityModelV2c, pdu.NoAuthNoPriv, to.SecurityName
		if to.Version == pdu.V1 {
			q.SecurityModel = pdu.SecurityModelV1
		}
		if to.SecurityName == "" {
			who, ok := r.Access.Community([]byte(to.Community), address)
			if !ok {
				return &Error{CodeNotAuthenticated, fmt.Errorf("Access does not know the community at %v", address)}
			}
			q.SecurityName, q.ContextName = who.SecurityName, who.ContextName
		}
	}
	if contextName != "" {
		q.ContextName = contextName
	}
	view, err := r.Access.View(&q, vacm.NotifyView)
	if err != nil {
		return &Error{CodeNotPermitted, fmt.Errorf("there is no notify view for %s: %w", whoIs(&q), err)}
	}
	for i := range list {
		if name := list[i].Name; !view.Contains(name) {
			return &Error{CodeNotPermitted, fmt.Errorf("%v is not in the notify view of %s: %w", name, whoIs(&q), pdu.AuthorizationError)}
		}
	}
	if _, oid, ok := pdu.ReadNotification(list); ok && !view.Contains(oid) {
		return &Error{CodeNotPermitted, fmt.Errorf("the notification %v is not in the notify view of %s: %w", oid, whoIs(&q), pdu.AuthorizationError)}
	}
	return nil
}

// whoIs names whom a view is for, with the level and context that it is for.
func whoIs(q *mib.Request) string {
	who := fmt.Sprintf("%q", q.SecurityName)
	if q.SecurityModel == pdu.SecurityModelUSM {
		who = fmt.Sprintf("user %q at %v", q.SecurityName, q.SecurityLevel)
	}
	if q.ContextName == "" {
		return who + " in the default context"
	}
	return fmt.Sprintf("%s in context %q", who, q.ContextName)
}

// receivesOnly reports whether CompatibilityMode does not say which of two keys to encrypt
// with.
func (a *Agent) receivesOnly() bool {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.CompatibilityMode == CompatibilityReceive
}

var errReceiveOnly = &Error{CodeNotPermitted, errors.New("CompatibilityMode 2 is for receiving only")}

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
