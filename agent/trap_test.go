package agent_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// SNMPv1 (RFC 1157 §4.1.6): what a trap is called, and what else is in its header.
func TestSendTrapV1(t *testing.T) {
	enterprise := ber.MustOID("1.3.6.1.4.1.32473")
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		r.Version = pdu.V1
		r.SetSysUpTime(500)
		for _, tt := range []struct {
			trap       string
			enterprise ber.OID // TrapEnterprise
			want       pdu.Trap
		}{
			{"coldStart", "", pdu.Trap{Enterprise: pdu.SnmpTraps}},
			{"warmStart", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 1}},
			{"linkDown", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 2}},
			{"linkUp", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 3}},
			{"authenticationFailure", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 4}},
			{"egpNeighborLoss", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 5}},
			{"enterpriseSpecific", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 6}},
			{"6.42", enterprise, pdu.Trap{Enterprise: enterprise, GenericTrap: 6, SpecificTrap: 42}},
			{"3.0", "", pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 3}},
			// RFC 3584 §3.2
			{"1.3.6.1.4.1.32473.0.7", pdu.SnmpTraps, pdu.Trap{Enterprise: enterprise, GenericTrap: 6, SpecificTrap: 7}},
			{".1.3.6.1.6.3.1.1.5.4", enterprise, pdu.Trap{Enterprise: pdu.SnmpTraps, GenericTrap: 3}},
		} {
			r.TrapEnterprise = tt.enterprise
			if err := r.SendTrap(sinkHost, tt.trap, ifIndex); err != nil {
				t.Errorf("%s: %v", tt.trap, err)
				continue
			}
			n := s.one()
			got := n.Trap
			if got == nil || got.Enterprise != tt.want.Enterprise || got.GenericTrap != tt.want.GenericTrap || got.SpecificTrap != tt.want.SpecificTrap ||
				got.TimeStamp != 500 || got.AgentAddr != r.to.Addr() || !slices.Equal(got.VarBinds, []pdu.VarBind{ifIndex}) {
				t.Errorf("%s: %+v, want %+v", tt.trap, got, tt.want)
			}
			if n.Community != "public" || n.Source != r.to {
				t.Errorf("%s: from %v", tt.trap, n.Source)
			}
		}
		r.TrapAgentAddress, r.TrapCommunity = netip.MustParseAddr("198.51.100.1"), "other"
		if err := r.SendTrap(sinkAddress, "coldStart"); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.Trap.AgentAddr != r.TrapAgentAddress || n.Community != "other" || len(n.Trap.VarBinds) != 0 {
			t.Errorf("%+v", n.Trap)
		}
		for trap, code := range map[string]agent.Code{
			"7.0": agent.CodeNoSuchOID, "6.-1": agent.CodeNoSuchOID, "6.x": agent.CodeNoSuchOID, "6.2147483648": agent.CodeNoSuchOID,
			"coldstart": agent.CodeNoSuchOID, "": agent.CodeNoSuchOID, "6": agent.CodeNoSuchOID,
			"1.3.6.1.4.1.32473.0.2147483648": agent.CodeInvalidArgument,
		} {
			if err := r.SendTrap(sinkHost, trap); codeOf(err) != code {
				t.Errorf("%q: %v, want code %d", trap, err, code)
			}
		}
		// RFC 3584 §3.2: SNMPv1 has no Counter64.
		for _, trap := range []string{"linkUp", "1.3.6.1.4.1.32473.0.7"} {
			if err := r.SendTrap(sinkHost, trap, vb(ifIndex.Name, pdu.Counter64(1))); codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("Counter64: %v", err)
			}
		}
		if got := s.all(); len(got) != 0 {
			t.Errorf("%d were sent all the same", len(got))
		}
	})
}

// SNMPv2c (RFC 3416 §4.2.6): sysUpTime.0 and snmpTrapOID.0 come first.
func TestSendTrapV2c(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		r.SetSysUpTime(4294967295)
		for trap, want := range map[string]string{
			"coldStart": "1.3.6.1.6.3.1.1.5.1", "warmStart": "1.3.6.1.6.3.1.1.5.2", "linkDown": "1.3.6.1.6.3.1.1.5.3", "linkUp": "1.3.6.1.6.3.1.1.5.4",
			"authenticationFailure": "1.3.6.1.6.3.1.1.5.5", "egpNeighborLoss": "1.3.6.1.6.3.1.1.5.6", "enterpriseSpecific": "1.3.6.1.6.3.1.1.5.7",
			"1.3.6.1.4.1.32473.0.7": "1.3.6.1.4.1.32473.0.7", ".1.3.6.1.4.1.32473.0.7": "1.3.6.1.4.1.32473.0.7",
		} {
			if err := r.SendTrap(sinkHost, trap, ifIndex); err != nil {
				t.Errorf("%s: %v", trap, err)
				continue
			}
			n := s.one()
			if n.Version != pdu.V2c || n.Kind != pdu.TrapV2 || n.OID.String() != want || n.UpTime != 4294967295 || !slices.Equal(n.Objects(), []pdu.VarBind{ifIndex}) || n.Source != r.to {
				t.Errorf("%s: %+v", trap, n)
			}
		}
		// Objects that begin with these two are sent as they are.
		given := pdu.NotificationVarBinds(5, linkUp, ifIndex)
		if err := r.SendTrap(sinkHost, "coldStart", given...); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); !slices.Equal(n.VarBinds, given) {
			t.Errorf("%v, want %v", n.VarBinds, given)
		}
		time.Sleep(10 * time.Millisecond) // sysUpTime wraps
		if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
			t.Fatal(err)
		}
		if n := s.one(); n.UpTime != 0 {
			t.Errorf("sysUpTime is %d", n.UpTime)
		}
		for trap, code := range map[string]agent.Code{
			"6.42": agent.CodeNoSuchOID, "nonsense": agent.CodeNoSuchOID, "": agent.CodeNoSuchOID, "1": agent.CodeNoSuchOID,
		} {
			if err := r.SendTrap(sinkHost, trap); codeOf(err) != code {
				t.Errorf("%q: %v, want code %d", trap, err, code)
			}
		}
		for _, bad := range []pdu.VarBind{{Name: ifIndex.Name}, vb("", pdu.Null), vb(ifIndex.Name, pdu.NoSuchObject)} {
			if err := r.SendTrap(sinkHost, "linkUp", bad); codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("%v: %v", bad, err)
			}
		}
		for address, code := range map[string]agent.Code{
			"": agent.CodeInvalidArgument, ":162": agent.CodeInvalidArgument, "192.0.2.1:0": agent.CodeInvalidArgument, "192.0.2.1:x": agent.CodeInvalidArgument,
			"2001:db8::1": agent.CodeAddressFamily, "[2001:db8::1]:162": agent.CodeAddressFamily, "a:b:c": agent.CodeInvalidArgument,
		} {
			if err := r.SendTrap(address, "linkUp"); codeOf(err) != code {
				t.Errorf("to %q: %v, want code %d", address, err, code)
			}
		}
		if err := r.SendTrap(sinkHost, "linkUp", vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 65507)))); codeOf(err) != agent.CodeMessageTooLong {
			t.Errorf("too long: %v", err)
		}
		r.Version = 2
		if err := r.SendTrap(sinkHost, "linkUp"); codeOf(err) != agent.CodeBadVersion {
			t.Errorf("a version that is none: %v", err)
		}
		if got := s.all(); len(got) != 0 {
			t.Errorf("%d were sent all the same", len(got))
		}
	})
}

// What is sent is counted and traced, and the request-id counts up.
func TestSendTrapCounts(t *testing.T) {
	var traced []agent.PacketTraceEvent
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
			traced = append(traced, agent.PacketTraceEvent{Packet: slices.Clone(e.Packet), Direction: e.Direction, Peer: e.Peer})
		}
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		if first := r.RequestID(); first < 1 || r.RequestID() != first {
			t.Errorf("the request-id is %d at first, and then %d", first, r.RequestID())
		}
		r.SetRequestID(2147483647)
		for _, want := range []int32{2147483647, 1, 2} {
			if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
				t.Fatal(err)
			}
			if n := s.one(); n.RequestID != want {
				t.Errorf("request-id %d, want %d", n.RequestID, want)
			}
		}
		r.Version = pdu.V3
		seen := map[int32]bool{}
		for range 2 { // RFC 3412 §6.2: the msgIDs differ
			if err := r.SendTrap(sinkHost, "coldStart"); err != nil {
				t.Fatal(err)
			}
			header, err := pdu.ReadHeader3(traced[len(traced)-1].Packet, true)
			if err != nil || seen[header.MsgID] || header.MsgFlags != 0 || header.MsgMaxSize != 65507 { // RFC 3412 §6.4
				t.Errorf("%+v, %v", header, err)
			}
			seen[header.MsgID] = true
		}
		stats := r.Stats()
		if stats.SNMP[agent.SnmpOutTraps] != 5 || stats.SNMP[agent.SnmpOutPkts] != 5 || accounted(stats) != 0 {
			t.Errorf("%+v", stats)
		}
		if len(traced) != 5 || traced[0].Direction != agent.Outgoing || traced[0].Peer.String() != sinkAddress {
			t.Errorf("traced %v", traced)
		}
		synctest.Wait()
		s.bad = nil // nobody is no user of the sink's
	})
}
