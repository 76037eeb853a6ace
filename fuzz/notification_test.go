package fuzz

import (
	"errors"
	"net/netip"
	"slices"
	"testing"

	"snmpstack/ber/bertest"
	"snmpstack/pdu"
)

// FuzzNotification translates notifications from one version into the other and
// back (RFC 3584 §3), and asserts that
//
//   - what a translation accepts can be encoded, and is read as what it was,
//   - a Trap comes back with its number, time and varbinds, and where RFC 3584 §3.1
//     keeps it with its enterprise,
//   - varbinds come back as they were, unless the last number of their snmpTrapOID
//     has no 0 in front of it, which a Trap cannot say,
//   - every refusal is pdu.ErrNotTranslatable.
func FuzzNotification(f *testing.F) {
	for _, p := range bertest.Packets(f) {
		f.Add(p.Octets)
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		m, err := pdu.ParseMessage(datagram)
		if err != nil {
			return
		}
		if m.PDU.Kind == pdu.TrapV1 {
			checkTrap(t, &m.Trap)
		} else {
			checkNotification(t, m.PDU.VarBinds)
		}
	})
}

func checkTrap(t *testing.T, trap *pdu.Trap) {
	list, err := trap.V2()
	if err != nil {
		mustBeNotTranslatable(t, err)
		return
	}
	if !slices.ContainsFunc(trap.VarBinds, func(vb pdu.VarBind) bool { return !vb.Value.Syntax().In(pdu.V1) }) {
		back, err := pdu.TrapOf(list, trap.AgentAddr)
		if err != nil {
			t.Fatalf("%+v cannot be translated back: %v", trap, err)
		}
		// (3): of a standard trap the enterprise is lost, and the specific-trap that
		// such a trap should not have.
		if generic := trap.GenericTrap; generic == pdu.GenericEnterpriseSpecific && (back.Enterprise != trap.Enterprise || back.SpecificTrap != trap.SpecificTrap) ||
			back.GenericTrap != generic || back.TimeStamp != trap.TimeStamp || back.AgentAddr != trap.AgentAddr || !slices.Equal(back.VarBinds, trap.VarBinds) {
			t.Fatalf("%+v comes back as %+v", trap, back)
		}
	}
	message := pdu.Message{Version: pdu.V2c, PDU: pdu.PDU{Kind: pdu.TrapV2, VarBinds: list}}
	again, err := pdu.ParseMessage(message.Append(nil))
	if err != nil || !slices.Equal(again.PDU.VarBinds, list) {
		t.Fatalf("%v is read as %v, %v", list, again, err)
	}
	forwarded, err := trap.ForwardV2("community")
	if err != nil || len(forwarded) < len(list) || !slices.Equal(forwarded[:len(list)], list) {
		t.Fatalf("passed on as %v, %v", forwarded, err)
	}
}

func checkNotification(t *testing.T, list []pdu.VarBind) {
	trap, err := pdu.TrapOf(list, netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		mustBeNotTranslatable(t, err)
		return
	}
	message := pdu.Message{Version: pdu.V1, PDU: pdu.PDU{Kind: pdu.TrapV1}, Trap: trap}
	again, err := pdu.ParseMessage(message.Append(nil))
	if err != nil || again.Trap.Enterprise != trap.Enterprise || !slices.Equal(again.Trap.VarBinds, trap.VarBinds) {
		t.Fatalf("%+v is read as %+v, %v", trap, again, err)
	}
	back, err := trap.V2()
	if err != nil {
		t.Fatalf("%+v cannot be translated back: %v", trap, err)
	}
	_, oid, _ := pdu.ReadNotification(list)
	standard := trap.GenericTrap != pdu.GenericEnterpriseSpecific
	if n := oid.Len(); (standard || n > 3 && oid.At(n-2) == 0) && !slices.Equal(back, list) {
		t.Fatalf("%v comes back as %v", list, back)
	}
}

func mustBeNotTranslatable(t *testing.T, err error) {
	if !errors.Is(err, pdu.ErrNotTranslatable) {
		t.Fatalf("%v, want ErrNotTranslatable", err)
	}
}
