package pdu

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"

	"snmpstack/ber"
)

// The instances that say of a notification what it is (RFC 3418, RFC 3416 §4.2.6)
// and, of one that was a Trap before, what it has been (RFC 3584 §3.1).
var (
	SysUpTime          = ber.MustOID("1.3.6.1.2.1.1.3.0")     // TimeTicks
	SnmpTrapOID        = ber.MustOID("1.3.6.1.6.3.1.1.4.1.0") // OBJECT IDENTIFIER
	SnmpTrapEnterprise = ber.MustOID("1.3.6.1.6.3.1.1.4.3.0") // OBJECT IDENTIFIER
	SnmpTrapAddress    = ber.MustOID("1.3.6.1.6.3.18.1.3.0")  // IpAddress
	SnmpTrapCommunity  = ber.MustOID("1.3.6.1.6.3.18.1.4.0")  // OCTET STRING, a secret
)

// SnmpTraps is the subtree of the standard notifications (RFC 3418): coldStart is
// SnmpTraps.1.
var SnmpTraps = ber.MustOID("1.3.6.1.6.3.1.1.5")

// The generic traps of SNMPv1 (RFC 1157 §4.1.6), in generic-trap. But for the last
// one, the standard notification of the same name has a number that is one higher
// (RFC 3584 §3.1 (3)).
const (
	GenericColdStart             = 0
	GenericWarmStart             = 1
	GenericLinkDown              = 2
	GenericLinkUp                = 3
	GenericAuthenticationFailure = 4
	GenericEGPNeighborLoss       = 5
	GenericEnterpriseSpecific    = 6
)

// ErrNotTranslatable: a notification has no form in the other version.
var ErrNotTranslatable = errors.New("pdu: the notification cannot be translated")

func notTranslatable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotTranslatable, fmt.Sprintf(format, args...))
}

// ReadNotification returns what the first two of an SNMPv2-Trap-PDU's or an
// InformRequest-PDU's varbinds say (RFC 3416 §4.2.6): sysUpTime and what the
// notification is called. ok is false if they are not sysUpTime.0 and
// snmpTrapOID.0. The result aliases list.
func ReadNotification(list []VarBind) (upTime uint32, trapOID ber.OID, ok bool) {
	if len(list) < 2 || list[0].Name != SysUpTime || list[1].Name != SnmpTrapOID ||
		list[0].Value.Syntax() != TypeTimeTicks || list[1].Value.Syntax() != TypeObjectIdentifier {
		return 0, "", false
	}
	return uint32(list[0].Value.Uint()), list[1].Value.OID(), true
}

// NotificationVarBinds returns the varbinds of a notification: sysUpTime.0 and
// snmpTrapOID.0, then objects (RFC 3416 §4.2.6).
func NotificationVarBinds(upTime uint32, trapOID ber.OID, objects ...VarBind) []VarBind {
	return append([]VarBind{
		{SysUpTime, TimeTicks(upTime)},
		{SnmpTrapOID, ObjectIdentifier(trapOID)},
	}, objects...)
}

// V2 translates a Trap into the varbinds of an SNMPv2-Trap-PDU (RFC 3584 §3.1). The
// error is ErrNotTranslatable: the RFC has no name for a generic-trap beyond 6 or a
// negative specific-trap, and none fits into an OID under an enterprise that is too
// long.
func (t *Trap) V2() ([]VarBind, error) {
	var trapOID ber.OID
	switch {
	case t.GenericTrap == GenericEnterpriseSpecific: // (2)
		if t.SpecificTrap < 0 {
			return nil, notTranslatable("specific-trap is %d", t.SpecificTrap)
		}
		trapOID = t.Enterprise.Append(0, uint32(t.SpecificTrap))
	case t.GenericTrap >= GenericColdStart && t.GenericTrap < GenericEnterpriseSpecific: // (3)
		trapOID = SnmpTraps.Append(uint32(t.GenericTrap) + 1)
	default:
		return nil, notTranslatable("generic-trap is %d", t.GenericTrap)
	}
	if err := trapOID.CheckEncodable(); err != nil {
		return nil, notTranslatable("snmpTrapOID: %v", err)
	}
	return NotificationVarBinds(t.TimeStamp, trapOID, t.VarBinds...), nil // (1), (4)
}

// ForwardV2 is V2 for who passes on a Trap of somebody else's: the sender's address,
// community and enterprise follow, unless they are there already (RFC 3584 §3.1
// (4)). The community is a secret, and goes wherever the result goes.
func (t *Trap) ForwardV2(community string) ([]VarBind, error) {
	list, err := t.V2()
	if err != nil {
		return nil, err
	}
	for _, vb := range []VarBind{
		{SnmpTrapAddress, IPAddress(t.AgentAddr)},
		{SnmpTrapCommunity, OctetString(community)},
		{SnmpTrapEnterprise, ObjectIdentifier(t.Enterprise)},
	} {
		if !slices.ContainsFunc(t.VarBinds, func(there VarBind) bool { return there.Name == vb.Name }) {
			list = append(list, vb)
		}
	}
	return list, nil
}

// TrapOf translates the varbinds of an SNMPv2-Trap-PDU into a Trap (RFC 3584 §3.2),
// whose agent-addr is from, or 0.0.0.0 unless that is IPv4. The error is
// ErrNotTranslatable: the first two varbinds are not what they have to be, a value
// has a type that SNMPv1 does not have, or snmpTrapOID has no enterprise or a
// number that does not fit specific-trap.
//
// A Trap that came by ForwardV2 gets its address back with ForwardedFrom.
//
// The result aliases list.
func TrapOf(list []VarBind, from netip.Addr) (Trap, error) {
	upTime, trapOID, ok := ReadNotification(list)
	if !ok {
		return Trap{}, notTranslatable("it does not begin with sysUpTime.0 and snmpTrapOID.0")
	}
	t := Trap{TimeStamp: upTime, VarBinds: list[2:]} // (6), (7)
	if from = from.Unmap(); !from.Is4() {
		from = netip.IPv4Unspecified()
	}
	t.AgentAddr = from // (2)
	for i := range t.VarBinds {
		if syntax := t.VarBinds[i].Value.Syntax(); !syntax.In(V1) {
			return Trap{}, notTranslatable("varbind %d is a %v, which SNMPv1 does not have", i+3, syntax)
		}
	}
	n := trapOID.Len()
	if generic, ok := standardTrap(trapOID); ok {
		t.GenericTrap = generic  // (3)
		t.Enterprise = SnmpTraps // (1)
		for i := range t.VarBinds {
			if vb := &t.VarBinds[i]; vb.Name == SnmpTrapEnterprise && vb.Value.Syntax() == TypeObjectIdentifier {
				t.Enterprise = vb.Value.OID()
			}
		}
		return t, nil
	}
	if n < 3 {
		return Trap{}, notTranslatable("snmpTrapOID %v is too short for an enterprise", trapOID)
	}
	last := trapOID.At(n - 1)
	if last > math.MaxInt32 {
		return Trap{}, notTranslatable("the last number of snmpTrapOID %v does not fit specific-trap", trapOID)
	}
	t.GenericTrap, t.SpecificTrap = GenericEnterpriseSpecific, int32(last) // (3), (4)
	t.Enterprise = trapOID.Slice(0, n-1)                                   // (1)
	if n > 3 && trapOID.At(n-2) == 0 {
		t.Enterprise = trapOID.Slice(0, n-2)
	}
	return t, nil
}

// ForwardedFrom returns the address in snmpTrapAddress.0: what agent-addr has to be
// when a notification that was a Trap becomes one again at who passes it on (RFC
// 3584 §3.2 (2)). It is 0.0.0.0 if there is none.
func ForwardedFrom(list []VarBind) netip.Addr {
	for i := range list {
		if vb := &list[i]; vb.Name == SnmpTrapAddress && vb.Value.Syntax() == TypeIPAddress {
			return vb.Value.Addr()
		}
	}
	return netip.IPv4Unspecified()
}

// standardTrap returns the generic-trap of a standard notification, and false for
// any other.
func standardTrap(trapOID ber.OID) (generic int32, ok bool) {
	if trapOID.Len() != SnmpTraps.Len()+1 || !trapOID.HasPrefix(SnmpTraps) {
		return 0, false
	}
	arc := trapOID.At(SnmpTraps.Len())
	if arc < 1 || arc > GenericEnterpriseSpecific {
		return 0, false
	}
	return int32(arc) - 1, true
}

// In reports whether version v has values of type s: SNMPv1 has those of RFC 1157
// §5 alone.
func (s Syntax) In(v Version) bool {
	switch s {
	case TypeInteger, TypeOctetString, TypeNull, TypeObjectIdentifier,
		TypeIPAddress, TypeCounter32, TypeGauge32, TypeTimeTicks, TypeOpaque:
		return true
	case TypeNSAP, TypeCounter64, TypeUInteger32, TypeNoSuchObject, TypeNoSuchInstance, TypeEndOfMibView:
		return v != V1
	}
	return false
}
