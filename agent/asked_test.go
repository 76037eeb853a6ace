package agent_test

import (
	"bytes"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// A hook may ask for a Report about a message of SNMPv3's that has not got as far as to be
// verified, where its PDU can be read and is answered, and for no other.
func TestReportAskedFor(t *testing.T) {
	var told []agent.BadPacketEvent
	ask := true
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.OnBadPacket = func(e *agent.BadPacketEvent) { told = append(told, *e); e.Report = ask }
	})
	// plain makes a message that is not encrypted, whatever its flags say.
	plain := func(flags pdu.MsgFlags, model pdu.SecurityModel, kind pdu.Kind) []byte {
		w := ber.NewWriter(make([]byte, 500))
		message := w.Mark()
		scoped := pdu.ScopedPDU{ContextEngineID: string(testEngine), PDU: pdu.PDU{Kind: kind, RequestID: 12}}
		scoped.Encode(&w)
		at := w.Mark()
		w.Raw(octets(t, "30 0E 04 00 02 01 00 02 01 00 04 00 04 00 04 00"))
		w.Wrap(ber.OctetString, at)
		pdu.EncodeHeader3(&w, message, &pdu.Header3{MsgID: 4711, MsgMaxSize: 1000, MsgFlags: flags, SecurityModel: model})
		return w.Bytes()
	}
	// broken has security parameters that cannot be read.
	broken := func(b []byte) []byte { return bytes.Replace(b, []byte{0x30, 0x0E, 4, 0}, []byte{0x31, 0x0E, 4, 0}, 1) }
	const usmModel = pdu.SecurityModelUSM
	for _, tt := range []struct {
		name     string
		datagram []byte
		counter  string
		oid      ber.OID // "": there is no Report
	}{
		{"security model", plain(4, 2, pdu.GetRequest), "snmpUnknownSecurityModels", ber.MustOID("1.3.6.1.6.3.11.2.1.1.0")},
		{"flags", plain(6, usmModel, pdu.SetRequest), "snmpInvalidMsgs", ber.MustOID("1.3.6.1.6.3.11.2.1.2.0")},
		{"security parameters", broken(plain(4, usmModel, pdu.GetBulkRequest)), "snmpInASNParseErrs", ber.MustOID("1.3.6.1.2.1.11.6.0")},
		{"an inform", plain(0, 2, pdu.InformRequest), "snmpUnknownSecurityModels", ber.MustOID("1.3.6.1.6.3.11.2.1.1.0")},
		{"a trap", plain(4, 2, pdu.TrapV2), "snmpUnknownSecurityModels", ""},
		{"a Response", plain(4, 2, pdu.Response), "snmpUnknownSecurityModels", ""},
		{"a Report", plain(4, 2, pdu.Report), "snmpUnknownSecurityModels", ""},
		{"not to be read", octets(t, "30 05 02 01 03 30 00"), "snmpInASNParseErrs", ""},
		{"SNMPv2c", encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))[:20], "snmpInASNParseErrs", ""},
	} {
		told, ask = nil, true
		if tt.oid == "" {
			before := r.Stats()
			r.silent(tt.datagram)
			r.countedIn(before, tt.counter)
		} else if header, n := r.reported(tt.datagram, tt.counter, tt.oid); header.MsgID != 4711 || header.MsgFlags != 0 || n.ScopedPDU.PDU.RequestID != 12 {
			t.Errorf("%s: the Report is %+v, %+v", tt.name, header, n)
		}
		if len(told) != 1 || told[0].Report || told[0].Counter != tt.counter {
			t.Errorf("%s: OnBadPacket had %+v", tt.name, told)
		}
		ask = false
		r.silent(tt.datagram)
	}
}

// OnBadPacket is told of what is verified and that nobody here takes, and may keep the
// Report back (RFC 3412 §4.2.2.1.2, RFC 3413 §3.2 (5)).
func TestNoApplicationIsTold(t *testing.T) {
	var told []agent.BadPacketEvent
	suppress := false
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.OnBadPacket = func(e *agent.BadPacketEvent) {
			told = append(told, *e)
			e.Report = e.Report && !suppress
		}
	})
	for _, tt := range []struct {
		name    string
		change  func(*v3user)
		request pdu.PDU
		counter string
		oid     ber.OID
		code    agent.Code
	}{
		{"an inform", func(*v3user) {}, pdu.PDU{Kind: pdu.InformRequest, VarBinds: pdu.NotificationVarBinds(1, linkUp)}, "snmpUnknownPDUHandlers", ber.MustOID("1.3.6.1.6.3.11.2.1.3.0"), agent.CodeUnknownPDU},
		{"another engine", func(m *v3user) { m.contextEngineID = "\x80\x00\x7e\xd9\x05other" }, get(instance(title)), "snmpUnknownPDUHandlers", ber.MustOID("1.3.6.1.6.3.11.2.1.3.0"), agent.CodeEngineID},
		{"another context", func(m *v3user) { m.contextName = "nowhere" }, get(instance(title)), "snmpUnknownContexts", ber.MustOID("1.3.6.1.6.3.12.1.5.0"), agent.CodeBadPacket},
	} {
		m := r.as(reader, pdu.AuthNoPriv)
		tt.change(m)
		told, suppress = nil, false
		r.reported(m.datagram(tt.request), tt.counter, tt.oid)
		if len(told) != 1 || told[0].Code != tt.code || told[0].Counter != tt.counter || !told[0].Report || told[0].Err == nil {
			t.Errorf("%s: OnBadPacket had %+v", tt.name, told)
		}
		suppress = true
		r.silent(m.datagram(tt.request))
	}
	told = nil
	r = newRig(t, func(a *agent.Agent) { a.OnBadPacket = func(e *agent.BadPacketEvent) { told = append(told, *e) } })
	r.silent(encode(message(pdu.V2c, pdu.InformRequest, pdu.NotificationVarBinds(1, linkUp)...)))
	if len(told) != 1 || told[0].Code != agent.CodeUnknownPDU || told[0].Report {
		t.Errorf("an inform of SNMPv2c: OnBadPacket had %+v", told)
	}
}
