package agent

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// standardTraps has the specification's names of traps: the last number of their OID
// below pdu.SnmpTraps is one higher than the generic-trap of SNMPv1.
var standardTraps = []string{"coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss", "enterpriseSpecific"}

// SendTrap sends a trap of the Version in the TrapSettings to a host: a name or an IP
// address, with a port if it is not TrapPort. It activates the agent if it is not
// active, after Deactivate too, which opens LocalPort: a program that only sends sets
// that to 0, and needs no root for it.
//
// For SNMPv2c and SNMPv3 the trap is its OID or one of the names coldStart,
// warmStart, linkDown, linkUp, authenticationFailure, egpNeighborLoss and
// enterpriseSpecific. sysUpTime.0 and snmpTrapOID.0 come first, unless the objects
// begin with these two: then these are sent as they are.
//
// For SNMPv1 the trap is "generic.specific", as "6.42", one of these names, or an
// OID of more than two numbers, which is translated and has its enterprise in it (RFC
// 3584 §3.2). Otherwise that is TrapEnterprise. TrapAgentAddress is the message's, the
// objects are sent as they are.
//
// With SNMPv3 it is not authenticated and has no user; SendSecureTrap has one.
//
// Errors are those of Notify, and those of Activate. A trap that is none of these is
// error 322; 10022 is a host, an object or a TrapSetting that cannot be, 303 a
// TrapAgentAddress of IPv6; 11001 to 11003 say that a name has no address, 201 that this
// has taken longer than HandlerTimeout; 10056 is UseConnection's: it goes to somebody
// else. Names are looked up on the caller's time.
//
// Deviation: in the specification nothing is put in front of objects. A trap without
// these two is none (RFC 3416 §4.2.6).
//
// Deviation: in the specification an object without a type is a NULL. Here one without a
// Value is error 10022: it has been forgotten, and pdu.Null is there to say so.
func (a *Agent) SendTrap(host, trap string, objects ...pdu.VarBind) error {
	s := a.trapSettings()
	return a.sendTrap(&s, Target{Address: host, Version: s.Version, Community: s.TrapCommunity}, trap, objects)
}

// SendSecureTrap sends a trap of SNMPv3's, at the highest level that there are
// passwords for: authPassword signs it, and privPassword encrypts it unless it is
// empty. The AuthenticationKey and EncryptionKey of the TrapSettings each take the
// place of one of them. Without anything to sign with it is error 330: SendTrap and
// Notify send at noAuthNoPriv.
//
// As soon as the trap has been sent the user is in the internal authentication cache, for
// sending alone. One whom AddUser has added gets these passwords; a protocol for which
// there is none here stays as it is, and so does the least level that his messages must
// have. One whose keys a manager has changed stays as he is, and so does one who was
// added with a privacy key, unless there is a privacy password here.
//
// With AnyAuth it is sent only for one whom AddUser has added with this password, or who
// has sent with it before. If he has AnyAuth himself the protocol is the one that has
// verified his last message; if none has, or the password is another one, that is error
// 327.
//
// Errors are those of SendTrap, 329 for a key that does not have the length of its
// protocol, and 319 with CompatibilityReceive, which says nothing about sending.
//
// AES-192 and AES-256 need a longer key than SHA-1 or MD5 makes, AES-256 than SHA-224
// too. Who receives has to make it longer in the same way, or cannot decrypt and says
// nothing: for Net-SNMP CompatibilityMode has to be CompatibilityBlumenthal.
//
// Deviation: in the specification a user who was added by sending can ask the agent too.
// Sending a trap must not open it to queries.
func (a *Agent) SendSecureTrap(host, trap, user string, auth usm.AuthProtocol, authPassword string, priv usm.PrivProtocol, privPassword string, objects ...pdu.VarBind) error {
	s := a.trapSettings()
	if a.receivesOnly() {
		return errReceiveOnly
	}
	to := Target{Address: host, Version: pdu.V3, Level: pdu.AuthNoPriv, User: usm.User{Name: user, Auth: auth, AuthPassword: usm.NewSecret(authPassword)}}
	u := &to.User
	if privPassword != "" || !s.EncryptionKey.IsEmpty() {
		u.Priv, u.PrivPassword, to.Level = priv, usm.NewSecret(privPassword), pdu.AuthPriv
	}
	if err := s.takeKeys(u); err != nil {
		return err
	}
	if !hasAuth(u) {
		return &Error{Code: CodeNoPassword}
	}
	return a.sendTrap(&s, to, trap, objects)
}

// sendTrap sends a trap by the name that SendTrap takes.
func (a *Agent) sendTrap(s *TrapSettings, to Target, trap string, objects []pdu.VarBind) error {
	r, err := a.activated(context.Background(), true)
	if err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.context, r.HandlerTimeout)
	defer cancel()
	n := Notification{Objects: objects, ContextName: s.ContextName, ContextEngineID: s.ContextEngineID}
	if to.Version == pdu.V1 {
		if v1, err := a.parseTrapV1(s, trap); v1 != nil || err != nil {
			if err != nil {
				return err
			}
			return a.sendTrapV1(ctx, r, to, n, v1)
		}
	}
	if n.OID, err = parseTrapOID(trap); err != nil {
		return err
	}
	list, err := a.notificationVarBinds(n)
	if err != nil {
		return err
	}
	return a.notify(ctx, r, outgoing{to: to, n: n, list: list})
}

// sendTrapV1 sends a trap whose header is given in SNMPv1's terms.
func (a *Agent) sendTrapV1(ctx context.Context, r *run, to Target, n Notification, trap *pdu.Trap) error {
	if err := checkObjects(n.Objects); err != nil {
		return err
	}
	trap.VarBinds = n.Objects
	for i := range trap.VarBinds {
		if syntax := trap.VarBinds[i].Value.Syntax(); !syntax.In(pdu.V1) { // RFC 3584 §3.2
			return &Error{CodeInvalidArgument, fmt.Errorf("object %d is a %v, which SNMPv1 does not have", i, syntax)}
		}
	}
	list, err := trap.V2() // what the policy is asked about
	if err != nil {
		return &Error{CodeInvalidArgument, err}
	}
	return a.notify(ctx, r, outgoing{to: to, n: n, list: list, v1: trap})
}

// parseTrapOID reads what SendTrap takes for SNMPv2c and SNMPv3.
func parseTrapOID(trap string) (ber.OID, error) {
	for i, name := range standardTraps {
		if name == trap {
			return pdu.SnmpTraps.Append(uint32(i) + 1), nil
		}
	}
	oid, err := ber.ParseOID(trap)
	if err == nil {
		err = oid.CheckEncodable()
	}
	if err != nil {
		return "", &Error{CodeNoSuchOID, fmt.Errorf("trap %q: expected an OID or one of %s", trap, strings.Join(standardTraps, ", "))}
	}
	return oid, nil
}

// parseTrapV1 reads what SendTrap takes for SNMPv1. It returns nil for what may be an
// OID.
func (a *Agent) parseTrapV1(s *TrapSettings, trap string) (*pdu.Trap, error) {
	t := &pdu.Trap{Enterprise: s.TrapEnterprise, AgentAddr: s.TrapAgentAddress, TimeStamp: a.SysUpTime()}
	if t.Enterprise == "" {
		t.Enterprise = pdu.SnmpTraps
	}
	for i, name := range standardTraps {
		if name == trap {
			t.GenericTrap = int32(i)
			return t, nil
		}
	}
	generic, specific, ok := strings.Cut(trap, ".")
	if !ok || strings.Contains(specific, ".") {
		return nil, nil
	}
	g, err1 := strconv.ParseUint(generic, 10, 31)
	n, err2 := strconv.ParseUint(specific, 10, 31)
	if err1 != nil || err2 != nil || g > pdu.GenericEnterpriseSpecific {
		return nil, &Error{CodeNoSuchOID, fmt.Errorf("trap %q: expected generic.specific, 0 to 6 and 0 to 2147483647", trap)}
	}
	t.GenericTrap, t.SpecificTrap = int32(g), int32(n)
	return t, nil
}
