package pdu

import (
	"net/netip"

	"snmpstack/ber"
)

// A Trap is SNMPv1's Trap-PDU (RFC 1157 §4.1.6).
//
//	Trap-PDU ::= [4] IMPLICIT SEQUENCE {
//	    enterprise         OBJECT IDENTIFIER,
//	    agent-addr         NetworkAddress,     -- an IpAddress
//	    generic-trap       INTEGER,
//	    specific-trap      INTEGER,
//	    time-stamp         TimeTicks,
//	    variable-bindings  VarBindList
//	}
type Trap struct {
	Enterprise   ber.OID
	AgentAddr    netip.Addr // IPv4
	GenericTrap  int32      // 0 coldStart to 6 enterpriseSpecific
	SpecificTrap int32
	TimeStamp    uint32 // sysUpTime when the trap was made, hundredths of a second
	VarBinds     []VarBind
}

func readTrap(r *ber.Reader, a *ber.Arena, t *Trap, list []VarBind) {
	body := r.Field("PDU").Enter(ber.Tag(TrapV1))
	t.Enterprise = r.Field("enterprise").OID(ber.ObjectIdentifier, a)
	at := r.Field("agent-addr").Offset()
	addr, _ := netip.AddrFromSlice(r.Octets(ber.Tag(TypeIPAddress)))
	if !addr.Is4() {
		r.Fail(at, ber.ErrLength)
	}
	t.AgentAddr = addr
	t.GenericTrap = r.Field("generic-trap").Int32(ber.Integer)
	t.SpecificTrap = r.Field("specific-trap").Int32(ber.Integer)
	t.TimeStamp = r.Field("time-stamp").Uint32(ber.Tag(TypeTimeTicks))
	t.VarBinds, _ = readVarBinds(r, a, list)
	r.Field("PDU").Leave(body)
}

// Encode writes the Trap-PDU, as Message.Encode does. An AgentAddr that is not IPv4 is written as
// 0.0.0.0.
func (t *Trap) Encode(w *ber.Writer) {
	body := w.Mark()
	encodeVarBinds(w, t.VarBinds, nil)
	w.Uint32(ber.Tag(TypeTimeTicks), t.TimeStamp)
	w.Int32(ber.Integer, t.SpecificTrap)
	w.Int32(ber.Integer, t.GenericTrap)
	IPAddress(t.AgentAddr).encode(w)
	w.OID(ber.ObjectIdentifier, t.Enterprise)
	w.Wrap(ber.Tag(TrapV1), body)
}
