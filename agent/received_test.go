package agent_test

import (
	"slices"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// reportsTo makes an agent write down what OnReport and OnBadPacket are told.
func reportsTo(reports *[]agent.ReportEvent, bad *[]agent.Code) func(*agent.Agent) {
	return func(a *agent.Agent) {
		a.OnReport = func(e *agent.ReportEvent) {
			e.Objects = slices.Clone(e.Objects)
			for i := range e.Objects {
				e.Objects[i] = e.Objects[i].Clone()
			}
			*reports = append(*reports, *e)
		}
		a.OnBadPacket = func(e *agent.BadPacketEvent) { *bad = append(*bad, e.Code) }
	}
}

// OnReport hears of every Report that can be read, with the level at which it has
// been verified. None is answered.
func TestOnReport(t *testing.T) {
	var reports []agent.ReportEvent
	var bad []agent.Code
	const other = usm.EngineID("\x80\x00\x7e\xd9\x05other")
	r := newRig(t, withUsers(t), reportsTo(&reports, &bad), func(a *agent.Agent) { a.Access = agent.InsecureAllowAll })
	p := pdu.PDU{
		Kind: pdu.Report, RequestID: 31, ErrorStatus: pdu.GenErr, ErrorIndex: 1,
		VarBinds: []pdu.VarBind{vb(usm.WrongDigests.OID(), pdu.Counter32(3))},
	}
	foreign := func(level pdu.SecurityLevel) []byte {
		m := r.as(reader, level)
		m.peer = usm.NewPeer(other, usm.Internal, time.Now)
		if err := m.peer.Users().Add(keyed(reader)); err != nil {
			t.Fatal(err)
		}
		m.worker = m.peer.NewWorker()
		return m.datagram(p)
	}
	v2 := message(pdu.V2c, pdu.Report, p.VarBinds...)
	v2.PDU = p
	for _, tt := range []struct {
		name     string
		datagram []byte
		end      string
		want     agent.ReportEvent
	}{
		{"authenticated", r.as(reader, pdu.AuthNoPriv).datagram(p), "Unsolicited",
			agent.ReportEvent{Version: pdu.V3, User: "reader", EngineID: testEngine, SecurityLevel: pdu.AuthNoPriv}},
		{"encrypted", r.as(writer, pdu.AuthPriv).datagram(p), "Unsolicited",
			agent.ReportEvent{Version: pdu.V3, User: "writer", EngineID: testEngine, SecurityLevel: pdu.AuthPriv}},
		{"another engine's, which says that it is authenticated", foreign(pdu.AuthNoPriv), "usmStatsUnknownEngineIDs",
			agent.ReportEvent{Version: pdu.V3, User: "reader", EngineID: other}},
		{"SNMPv2c", encode(v2), "Unsolicited", agent.ReportEvent{Version: pdu.V2c, Community: "public"}},
	} {
		reports, bad = nil, nil
		before := r.Stats()
		r.silent(tt.datagram)
		r.countedIn(before, tt.end)
		if len(reports) != 1 || len(bad) > 0 {
			t.Fatalf("%s: OnReport was called %d times, OnBadPacket with %v", tt.name, len(reports), bad)
		}
		got := reports[0]
		if got.Version != tt.want.Version || got.User != tt.want.User || got.Community != tt.want.Community || got.EngineID != tt.want.EngineID || got.SecurityLevel != tt.want.SecurityLevel {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if got.RequestID != 31 || got.ErrorStatus != pdu.GenErr || got.ErrorIndex != 0 || got.ErrorDescription() != "genErr" || got.Source != r.client.LocalAddr() || !slices.Equal(got.Objects, p.VarBinds) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}

	// What is wrong is no Report, whatever it says.
	reports, bad = nil, nil
	forged := r.as(reader, pdu.AuthNoPriv).datagram(p)
	forged[len(forged)-1] ^= 1
	r.silent(forged)
	if len(reports) > 0 || !slices.Equal(bad, []agent.Code{agent.CodeWrongMAC}) {
		t.Errorf("a forged Report: OnReport was called %d times, OnBadPacket with %v", len(reports), bad)
	}

	// Without OnReport, OnBadPacket has the one of another engine.
	bad = nil
	without := newRig(t, withUsers(t), reportsTo(&reports, &bad), func(a *agent.Agent) { a.OnReport = nil })
	without.silent(foreign(pdu.AuthNoPriv))
	if !slices.Equal(bad, []agent.Code{agent.CodeEngineID}) {
		t.Errorf("without OnReport, OnBadPacket was called with %v", bad)
	}
}
