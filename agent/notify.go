package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
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
	managed     bool // and that a manager has put it there
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
// Errors are *Error:
//
//   - 109, CodeNotActive: the agent was deactivated, before or meanwhile
//   - 118, CodeMessageTooLong: by MaxPacketSize, MsgMaxSize or the target's MaxSize
//   - 201, CodeTimeout: an inform was not confirmed in time, or ctx has ended
//   - 305, CodeBadVersion: there is no such version
//   - 307, CodeBusy: 256 informs wait already, or 192 to those of Targets whom managers
//     have put there
//   - 319, CodeNotPermitted: the notify view of Access does not contain sysUpTime.0,
//     snmpTrapOID.0, its value and each object; or with CompatibilityReceive the user's
//     privacy key can be extended in two ways
//   - 321, CodeNotAuthenticated: Access does not know the community
//   - 322, CodeNoSuchOID: the notification's OID cannot be sent
//   - 326, CodeUserName, and 327, CodeSecurityLevel: there is no such user, or he has no
//     keys for the level, or for an inform none but those at this engine
//   - 328, CodeDiscovery: not even the engine of an inform's target could be found out
//     (RFC 3414 §4)
//   - 10022, CodeInvalidArgument: what no message can have
//   - 10056, CodeConnected: UseConnection is set, and it goes to somebody else
//   - 11001 to 11003: a name has no address
//
// What a target says in a Report in the place of a confirmation has the Report's code, is
// a *manager.ReportError, and is told to OnReport. To try others after one has failed is
// the caller's business.
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
	return a.notify(ctx, r, outgoing{to: to, n: n, list: list})
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

// An outgoing is a notification on its way to one target: what is handed to sendPdu (RFC
// 3412 §4.1.1).
type outgoing struct {
	to   Target
	n    Notification
	list []pdu.VarBind // all that is in it, in SNMPv2's form
	v1   *pdu.Trap     // the same in SNMPv1's; nil: list is translated

	// What notify finds out.
	remote netip.AddrPort
	as     *sender // nil in SNMPv1 and SNMPv2c
}

// notify is the notification originator for one target (RFC 3413 §3.3).
func (a *Agent) notify(ctx context.Context, r *run, o outgoing) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.context, func() { cancel(&Error{Code: CodeNotActive}) })()
	settings := a.trapSettings()
	err := cmp.Or(o.to.check(), settings.check(), o.checkContext())
	if err != nil {
		return err
	}
	if o.remote, err = r.resolve(ctx, o.to.Address, settings.port()); err != nil {
		return err
	}
	if o.to.fromTargets {
		if err := r.identify(&o.to, o.remote.Addr(), &o.n); err != nil {
			return err
		}
	}
	if o.to.Version == pdu.V3 {
		if o.as, err = a.senderTo(r, &o.to); err != nil {
			return err
		}
	}
	if err := r.mayNotify(ctx, &o); err != nil {
		return err
	}
	c, own, err := r.socketTo(ctx, o.remote)
	if err != nil {
		return err
	}
	if own {
		defer c.Close()
	}
	if o.to.Inform {
		return r.inform(ctx, c, own, &o)
	}
	return r.trap(ctx, c, &o, settings.TrapAgentAddress)
}

// check returns an error for what no message can be.
func (to *Target) check() error {
	switch {
	case !pdu.TrapV2.In(to.Version) && to.Version != pdu.V1:
		return &Error{CodeBadVersion, fmt.Errorf("%v", to.Version)}
	case to.Inform && to.Version == pdu.V1: // RFC 3584 §4.2.3
		return &Error{CodeInvalidArgument, errors.New("SNMPv1 has no informs")}
	case to.Version == pdu.V3 && (to.Level < pdu.NoAuthNoPriv || to.Level > pdu.AuthPriv):
		return &Error{CodeInvalidArgument, fmt.Errorf("security level %d, expected 0 to 2", int(to.Level))}
	}
	return nil
}

// checkContext returns an error for a context that cannot be (RFC 3411 §5, SnmpEngineID;
// RFC 3415 §4, vacmContextName). Only SNMPv3 has one.
func (o *outgoing) checkContext() error {
	if o.to.Version != pdu.V3 {
		return nil
	}
	if length := len(o.n.ContextName); length > maxContextName {
		return &Error{CodeInvalidArgument, fmt.Errorf("the context's name has %d octets, expected at most %d", length, maxContextName)}
	}
	if o.n.ContextEngineID != "" {
		if err := o.n.ContextEngineID.Check(); err != nil {
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
