package agent_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"net/netip"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// discovery is the probe that managers send first (RFC 3414 §4): no engine, no
// user, no varbinds.
func discovery(kind pdu.Kind) []byte {
	w := ber.NewWriter(make([]byte, 200))
	message := w.Mark()
	(&pdu.ScopedPDU{PDU: pdu.PDU{Kind: kind, RequestID: 12}}).Encode(&w)
	outer := w.Mark()
	inner := w.Mark()
	for range 3 { // salt, MAC, user name
		w.Octets(ber.OctetString, nil)
	}
	w.Int32(ber.Integer, 0)
	w.Int32(ber.Integer, 0)
	w.Octets(ber.OctetString, nil)
	w.Wrap(ber.Sequence, inner)
	w.Wrap(ber.OctetString, outer)
	pdu.EncodeHeader3(&w, message, &pdu.Header3{MsgID: 21, MsgMaxSize: 65507, MsgFlags: pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM})
	return w.Bytes()
}

// RFC 3414 §4: who asks for the engine is told its ID, boots and time, unless a
// hook says no. A probe that is no GetRequest is a bad packet too, unless it is
// said to be none.
func TestDiscovery(t *testing.T) {
	for _, tt := range []struct {
		name    string
		kind    pdu.Kind
		ignore  bool
		respond bool // what the hooks say
		report  bool
		bad     int // calls of OnBadPacket
	}{
		{"a GetRequest", pdu.GetRequest, false, true, true, 0},
		{"a hook that does not answer", pdu.GetRequest, false, false, false, 0},
		{"another request", pdu.GetNextRequest, false, true, true, 1},
		{"another request, no answer", pdu.GetNextRequest, false, false, false, 1},
		{"another request, which is none the worse", pdu.SetRequest, true, true, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked []agent.DiscoveryRequestEvent
			var bad []agent.BadPacketEvent
			r := newRig(t, withUsers(t), func(a *agent.Agent) {
				a.IgnoreDiscoveryRequestType = tt.ignore
				a.OnBadPacket = func(e *agent.BadPacketEvent) { bad = append(bad, *e) }
				a.OnDiscoveryRequest = func(e *agent.DiscoveryRequestEvent) {
					asked = append(asked, *e)
					e.Respond = tt.respond
				}
			})
			before := r.Stats()
			answers := r.exchange(discovery(tt.kind))
			r.countedIn(before, "usmStatsUnknownEngineIDs")
			if (len(answers) == 1) != tt.report {
				t.Fatalf("%d answers", len(answers))
			}
			if tt.report {
				header, n := r.report(answers)
				if header.MsgID != 21 || header.MsgFlags != 0 || n.EngineID != testEngine || n.Boots != 7 || n.Time != 1000 || n.ScopedPDU.PDU.RequestID != 12 {
					t.Errorf("%+v, %+v", header, n)
				}
				if r.Stats().Reported != 1 {
					t.Errorf("Reported is %d", r.Stats().Reported)
				}
			}
			want := agent.DiscoveryRequestEvent{Source: netip.MustParseAddrPort(managerAddress), Respond: true}
			if len(asked) != 1 || asked[0] != want {
				t.Errorf("OnDiscoveryRequest had %+v", asked)
			}
			if len(bad) != tt.bad {
				t.Errorf("OnBadPacket had %+v", bad)
			}
			for _, e := range bad {
				if e.Code != agent.CodeEngineID || e.Counter != "usmStatsUnknownEngineIDs" || e.Report != tt.respond {
					t.Errorf("OnBadPacket had %+v", e)
				}
			}
		})
	}
	// RFC 3412 §7.1 (3) b: what asks for no answer asks for no ID.
	var told []agent.Code
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.OnDiscoveryRequest = func(e *agent.DiscoveryRequestEvent) { t.Error("a trap is a discovery request") }
		a.OnBadPacket = func(e *agent.BadPacketEvent) { told = append(told, e.Code) }
	})
	before := r.Stats()
	r.silent(discovery(pdu.TrapV2))
	r.countedIn(before, "usmStatsUnknownEngineIDs")
	if len(told) != 1 || told[0] != agent.CodeEngineID {
		t.Errorf("OnBadPacket had %v", told)
	}
}

// OnBadPacket is told of every SNMPv3 message that is not processed, and can keep
// the Report back, and ask for one where the PDU can be read and is answered.
func TestV3BadPackets(t *testing.T) {
	for _, tt := range []struct {
		name    string
		counter string
		code    agent.Code
		report  bool // preset
		make    func(r *rig) []byte
	}{
		{"another user", "usmStatsUnknownUserNames", agent.CodeUserName, true, func(r *rig) []byte {
			u := writer
			u.Name = "nobody"
			return r.as(u, pdu.AuthNoPriv).datagram(get(base))
		}},
		{"a level that the user has no key for", "usmStatsUnsupportedSecLevels", agent.CodeSecurityLevel, true, func(r *rig) []byte {
			u := reader
			u.Priv, u.PrivPassword = usm.AES128, usm.NewSecret("reader has none")
			return r.as(u, pdu.AuthPriv).datagram(get(base))
		}},
		{"a level below the user's", "usmStatsUnsupportedSecLevels", agent.CodeSecurityLevel, true, func(r *rig) []byte {
			return r.as(writer, pdu.AuthNoPriv).datagram(get(base))
		}},
		{"another password", "usmStatsWrongDigests", agent.CodeWrongMAC, true, func(r *rig) []byte {
			u := reader
			u.AuthPassword = usm.NewSecret("not the password")
			return r.as(u, pdu.AuthNoPriv).datagram(get(base))
		}},
		{"another protocol", "usmStatsWrongDigests", agent.CodeNoMAC, true, func(r *rig) []byte {
			u := reader
			u.Auth = usm.SHA512
			return r.as(u, pdu.AuthNoPriv).datagram(get(base))
		}},
		{"late", "usmStatsNotInTimeWindows", agent.CodeTimeFrame, true, func(r *rig) []byte {
			m := r.as(reader, pdu.AuthNoPriv)
			m.peer.Suppose(7, 1151)
			return m.datagram(get(base))
		}},
		{"another password for privacy", "usmStatsDecryptionErrors", agent.CodeDecryption, true, func(r *rig) []byte {
			u := writer
			u.PrivPassword = usm.NewSecret("not the password")
			return r.as(u, pdu.AuthPriv).datagram(get(base))
		}},
		{"encrypted, and no PDU", "usmStatsDecryptionErrors", agent.CodeDecryption, true, func(r *rig) []byte {
			b := r.as(writer, pdu.AuthPriv).datagram(get(base))
			b[len(b)-1] ^= 1 // of the varbind's NULL: CFB hides no change
			return resign(r.t, b, writer)
		}},
		{"a trap of nobody's", "usmStatsUnknownUserNames", agent.CodeUserName, false, func(r *rig) []byte {
			return r.as(usm.User{Name: "nobody"}, pdu.NoAuthNoPriv).datagram(pdu.PDU{Kind: pdu.TrapV2})
		}},
		{"another security model", "snmpUnknownSecurityModels", agent.CodeSecurityModel, false, func(r *rig) []byte {
			b := discovery(pdu.GetRequest)
			return bytes.Replace(b, []byte{4, 1, 4, 2, 1, 3}, []byte{4, 1, 4, 2, 1, 4}, 1)
		}},
		{"privacy without authentication", "snmpInvalidMsgs", agent.CodeBadPacket, false, func(r *rig) []byte {
			b := discovery(pdu.GetRequest)
			return bytes.Replace(b, []byte{4, 1, 4, 2, 1, 3}, []byte{4, 1, 6, 2, 1, 3}, 1)
		}},
		{"a PDU that SNMPv3 does not have", "snmpInASNParseErrs", agent.CodeUnknownPDU, false, func(r *rig) []byte {
			return r.as(reader, pdu.AuthNoPriv).datagram(pdu.PDU{Kind: pdu.Report + 1})
		}},
		{"a PDU that cannot be read", "snmpInASNParseErrs", agent.CodeDefectivePacket, false, func(r *rig) []byte {
			return bytes.Replace(r.as(guest, pdu.NoAuthNoPriv).datagram(get(base)), []byte{5, 0}, []byte{5, 1}, 1)
		}},
		{"encrypted, and said not to be", "snmpInASNParseErrs", agent.CodeNotEncrypted, false, func(r *rig) []byte {
			b := r.as(guest, pdu.NoAuthNoPriv).datagram(get(base))
			header, err := pdu.ReadHeader3(b, true)
			if err != nil {
				r.t.Fatal(err)
			}
			b[len(b)-len(header.Data)] = byte(ber.OctetString) // in the place of SEQUENCE
			return b
		}},
		{"no SEQUENCE", "snmpInASNParseErrs", agent.CodeBadPacket, false, func(r *rig) []byte {
			return bytes.Replace(discovery(pdu.GetRequest), []byte{0x30}, []byte{0x31}, 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, says := range []bool{true, false} {
				var told []agent.BadPacketEvent
				r := newRig(t, withUsers(t), func(a *agent.Agent) {
					a.OnBadPacket = func(e *agent.BadPacketEvent) {
						told = append(told, *e)
						e.Report = says
					}
				})
				datagram := tt.make(r)
				before := r.Stats()
				answers := r.exchange(datagram)
				r.countedIn(before, tt.counter)
				// Of these the PDU can be read, and asks for an answer.
				asked := tt.name == "another security model" || tt.name == "privacy without authentication" || tt.name == "a PDU that cannot be read"
				if (len(answers) == 1) != ((tt.report || asked) && says) {
					t.Errorf("the hook says %v: %d answers", says, len(answers))
				}
				if len(told) != 1 || told[0].Code != tt.code || told[0].Counter != tt.counter || told[0].Report != tt.report || told[0].Err == nil {
					t.Errorf("OnBadPacket had %+v, want %d, %s", told, tt.code, tt.counter)
				}
			}
		})
	}
}

// What a Report or OnBadPacket is about can be read over SNMP: each of the counters
// of the usmStats and snmpMPDStats groups, and of contexts (RFC 3412 §5, RFC 3414 §5,
// RFC 3413 §4.1), and the engine (RFC 3411 §5).
func TestV3Counters(t *testing.T) {
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		if err := a.RegisterObjects(a.MIB, &agent.System{}); err != nil {
			t.Fatal(err)
		}
	})
	send := func(times int, datagram []byte) {
		for range times {
			r.exchange(datagram)
		}
	}
	as := func(u usm.User, level pdu.SecurityLevel, change func(u *usm.User)) *v3user {
		change(&u)
		return r.as(u, level)
	}
	p := get(base)
	late := r.as(reader, pdu.AuthNoPriv)
	late.peer.Suppose(7, 849)
	nowhere := r.as(writer, pdu.AuthPriv)
	nowhere.contextName = "nowhere"
	send(1, r.as(reader, pdu.NoAuthNoPriv).datagram(p))
	send(2, late.datagram(p))
	send(3, as(reader, pdu.AuthNoPriv, func(u *usm.User) { u.Name = "nobody" }).datagram(p))
	send(4, discovery(pdu.GetRequest))
	send(5, as(reader, pdu.AuthNoPriv, func(u *usm.User) { u.AuthPassword = usm.NewSecret("not the password") }).datagram(p))
	send(6, as(writer, pdu.AuthPriv, func(u *usm.User) { u.PrivPassword = usm.NewSecret("not the password") }).datagram(p))
	send(7, bytes.Replace(discovery(pdu.GetRequest), []byte{4, 1, 4, 2, 1, 3}, []byte{4, 1, 4, 2, 1, 99}, 1))
	send(8, bytes.Replace(discovery(pdu.GetRequest), []byte{4, 1, 4, 2, 1, 3}, []byte{4, 1, 2, 2, 1, 3}, 1))
	send(9, r.as(writer, pdu.AuthPriv).datagram(pdu.PDU{Kind: pdu.InformRequest}))
	send(10, nowhere.datagram(p))
	for oid, want := range map[string]pdu.Value{
		"1.3.6.1.6.3.15.1.1.1.0": pdu.Counter32(1),  // usmStatsUnsupportedSecLevels
		"1.3.6.1.6.3.15.1.1.2.0": pdu.Counter32(2),  // usmStatsNotInTimeWindows
		"1.3.6.1.6.3.15.1.1.3.0": pdu.Counter32(3),  // usmStatsUnknownUserNames
		"1.3.6.1.6.3.15.1.1.4.0": pdu.Counter32(4),  // usmStatsUnknownEngineIDs
		"1.3.6.1.6.3.15.1.1.5.0": pdu.Counter32(5),  // usmStatsWrongDigests
		"1.3.6.1.6.3.15.1.1.6.0": pdu.Counter32(6),  // usmStatsDecryptionErrors
		"1.3.6.1.6.3.11.2.1.1.0": pdu.Counter32(7),  // snmpUnknownSecurityModels
		"1.3.6.1.6.3.11.2.1.2.0": pdu.Counter32(8),  // snmpInvalidMsgs
		"1.3.6.1.6.3.11.2.1.3.0": pdu.Counter32(9),  // snmpUnknownPDUHandlers
		"1.3.6.1.6.3.12.1.5.0":   pdu.Counter32(10), // snmpUnknownContexts
		"1.3.6.1.6.3.12.1.4.0":   pdu.Counter32(0),  // snmpUnavailableContexts
		"1.3.6.1.6.3.10.2.1.1.0": pdu.OctetString(string(testEngine)),
		"1.3.6.1.6.3.10.2.1.2.0": pdu.Integer(7),
		"1.3.6.1.6.3.10.2.1.3.0": pdu.Integer(1000),
	} {
		if got := r.as(writer, pdu.AuthPriv).ask(get(ber.MustOID(oid))); got.VarBinds[0].Value != want {
			t.Errorf("%s is %v, want %v", oid, got.VarBinds[0].Value, want)
		}
	}
}

// A message that no security model has verified is not dispatched, whatever is in
// it.
func TestDispatchVerifiedOnly(t *testing.T) {
	var told []error
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.Access = agent.InsecureAllowAll
		a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Err) }
	})
	for name, refused := range agent.DispatchUnverified(r.Agent, get(instance(title))) {
		if !refused {
			t.Errorf("%s was dispatched", name)
		}
	}
	if len(told) != 3 || r.Stats().Answered != 0 {
		t.Errorf("OnError had %v, %d answers", told, r.Stats().Answered)
	}
}

// resign returns a message of a user's, who has HMAC-SHA-96, with the right MAC for
// what is in it now.
func resign(t testing.TB, b []byte, u usm.User) []byte {
	t.Helper()
	key, _, err := usm.LocalizedKeys(usm.System, keyed(u), testEngine)
	if err != nil {
		t.Fatal(err)
	}
	header, err := pdu.ReadHeader3(b, true)
	if err != nil {
		t.Fatal(err)
	}
	p := ber.NewReader(header.SecurityParameters)
	p.Enter(ber.Sequence)
	for range 4 { // engine, boots, time, user
		p.Skip()
	}
	field := p.Octets(ber.OctetString)
	at := header.SecurityOffset + p.Offset() - len(field)
	if p.Err() != nil {
		t.Fatal(p.Err())
	}
	clear(b[at : at+12])
	mac := hmac.New(sha1.New, key)
	mac.Write(b)
	copy(b[at:at+12], mac.Sum(nil))
	return b
}
