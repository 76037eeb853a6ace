package agent_test

import (
	"fmt"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The operations over SNMPv3, at each level.
func TestV3Requests(t *testing.T) {
	r := newRig(t, withUsers(t))
	for _, who := range []struct {
		usm.User
		level pdu.SecurityLevel
		sees  int // instances
	}{
		{guest, pdu.NoAuthNoPriv, 1}, {reader, pdu.AuthNoPriv, len(everything())}, {writer, pdu.AuthPriv, len(everything())},
	} {
		t.Run(who.Name, func(t *testing.T) {
			r.t = t
			m := r.as(who.User, who.level)
			before := r.Stats()
			if got := m.ask(get(instance(title))); got.VarBinds[0] != everything()[0] {
				t.Errorf("GET: %v", got.VarBinds)
			}
			r.countedIn(before, "Answered")
			after := base
			for i, want := range everything()[:who.sees] {
				got := m.ask(pdu.PDU{Kind: pdu.GetNextRequest, RequestID: int32(i), VarBinds: names(after)})
				if got.VarBinds[0] != want {
					t.Fatalf("GETNEXT after %v: %v, want %v", after, got.VarBinds, want)
				}
				after = want.Name
			}
			got := m.ask(pdu.PDU{Kind: pdu.GetBulkRequest, RequestID: 5, MaxRepetitions: 50, VarBinds: names(base)})
			if len(got.VarBinds) != who.sees+1 || got.VarBinds[who.sees].Value != pdu.EndOfMibView {
				t.Errorf("GETBULK: %v", got.VarBinds)
			}
			// RFC 3413 §3.2 (5): who may not write what he can read.
			set := m.ask(pdu.PDU{Kind: pdu.SetRequest, RequestID: 6, VarBinds: []pdu.VarBind{vb(instance(setpoint), pdu.Integer(42))}})
			if want := map[bool]pdu.ErrorStatus{true: pdu.NoError, false: pdu.NoAccess}[who.Name == "writer"]; set.ErrorStatus != want {
				t.Errorf("SET: %v, want %v", set.ErrorStatus, want)
			}
		})
	}
	if n := r.Stats().SNMP[agent.SnmpInBadCommunityUses]; n != 0 {
		t.Errorf("snmpInBadCommunityUses is %d, without a community", n)
	}
}

// A user's rule is for messages that reach its level (RFC 3415 §3.2), and where
// the user is not held to a level of his own, that is all there is.
func TestUserRuleLevels(t *testing.T) {
	lax := writer
	lax.AllowLower = true
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		if err := a.AddUserKeys(keyed(lax)); err != nil {
			t.Fatal(err)
		}
		a.Access = vacm.MustNew(
			vacm.UserRule{User: "writer", Level: pdu.AuthNoPriv, Subtree: title},
			vacm.UserRule{User: "writer", Level: pdu.AuthPriv},
			vacm.CommunityRule{Community: "writer"},
		)
	})
	for _, tt := range []struct {
		level  pdu.SecurityLevel
		status pdu.ErrorStatus
		other  pdu.Value // what there is outside of title
	}{
		{pdu.NoAuthNoPriv, pdu.AuthorizationError, pdu.Null},
		{pdu.AuthNoPriv, pdu.NoError, pdu.NoSuchObject},
		{pdu.AuthPriv, pdu.NoError, pdu.Integer(0)},
	} {
		got := r.as(writer, tt.level).ask(get(instance(title), instance(setpoint)))
		if got.ErrorStatus != tt.status || got.VarBinds[1].Value != tt.other || got.ErrorIndex != 0 {
			t.Errorf("%v: %v %d %v", tt.level, got.ErrorStatus, got.ErrorIndex, got.VarBinds)
		}
	}
	// A community that is called like a user is another principal.
	if got := r.ask(pdu.Message{Version: pdu.V2c, Community: []byte("writer"), PDU: get(instance(setpoint))}); got.VarBinds[0].Value != pdu.Integer(0) {
		t.Errorf("the community: %v", got)
	}
	nobody := usm.User{Name: "community-rule-1"}
	if err := r.AddUserKeys(nobody); err != nil {
		t.Fatal(err)
	}
	if got := r.as(nobody, pdu.NoAuthNoPriv).ask(get(instance(title))); got.ErrorStatus != pdu.AuthorizationError {
		t.Errorf("a user who is called like a rule for communities gets %v", got.ErrorStatus)
	}
}

// A request is answered in the context that it names, if there is one (RFC 3413
// §3.2 (5)), and only by the engine that it names (RFC 3412 §4.2.2.1.2).
func TestContexts(t *testing.T) {
	var seen string
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.Contexts = []string{"shop", "yard"}
		register(t, a.MIB, base.Append(9), contextHandler{&seen})
	})
	unknownContexts := ber.MustOID("1.3.6.1.6.3.12.1.5.0")
	unknownPDUHandlers := ber.MustOID("1.3.6.1.6.3.11.2.1.3.0")
	const localEngineID = "\x80\x00\x00\x00\x06"
	for _, tt := range []struct {
		name            string
		engine          usm.EngineID
		context         string
		counter         string // "": it is answered
		oid             ber.OID
		level           pdu.SecurityLevel
		contextOfAnswer string
	}{
		{name: "default", engine: testEngine},
		{name: "one that there is", engine: testEngine, context: "yard"},
		{name: "one that there is not", engine: testEngine, context: "yar", counter: "snmpUnknownContexts", oid: unknownContexts},
		{name: "another engine", engine: testEngine + "2", counter: "snmpUnknownPDUHandlers", oid: unknownPDUHandlers},
		{name: "another engine and context", engine: testEngine + "2", context: "yar", counter: "snmpUnknownPDUHandlers", oid: unknownPDUHandlers},
		{name: "no engine", engine: "", counter: "snmpUnknownPDUHandlers", oid: unknownPDUHandlers},
		{name: "RFC 5343 §3.1: any engine", engine: localEngineID},
		{name: "RFC 5343 §3.1: the default context alone", engine: localEngineID, context: "yard", counter: "snmpUnknownContexts", oid: unknownContexts},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			m := r.as(writer, pdu.AuthPriv)
			m.contextEngineID, m.contextName = tt.engine, tt.context
			request := get(base.Append(9, 1))
			seen = "nothing"
			if tt.counter == "" {
				if got := m.ask(request); got.VarBinds[0].Value != pdu.Integer(9) || seen != tt.context {
					t.Errorf("%v; the handler has seen the context %q", got.VarBinds, seen)
				}
				return
			}
			header, n := r.reported(m.datagram(request), tt.counter, tt.oid)
			if header.MsgID != m.MsgID || header.MsgFlags != 0 || n.ScopedPDU.PDU.RequestID != request.RequestID || n.UserName != "writer" {
				t.Errorf("%+v, %+v", header, n)
			}
			if seen != "nothing" {
				t.Error("the handler was called")
			}
		})
	}
}

// contextHandler has one instance, and notes the context that it is asked in.
type contextHandler struct{ seen *string }

// PDUs that are no requests: which of them get a Report is a matter of their class
// (RFC 3412 §7.1 (3) b), whatever the reportable flag says.
func TestV3Unsolicited(t *testing.T) {
	r := newRig(t, withUsers(t))
	unknownPDUHandlers := ber.MustOID("1.3.6.1.6.3.11.2.1.3.0")
	for _, level := range []pdu.SecurityLevel{pdu.AuthNoPriv, pdu.AuthPriv} {
		for _, reportable := range []bool{false, true} {
			m := r.as(writer, level)
			if level == pdu.AuthNoPriv {
				m = r.as(reader, level)
			}
			m.Reportable = reportable
			for kind, counter := range map[pdu.Kind]string{
				pdu.Response: "Unsolicited", pdu.Report: "Unsolicited", pdu.TrapV2: "snmpUnknownPDUHandlers",
			} {
				before := r.Stats()
				r.silent(m.datagram(pdu.PDU{Kind: kind, RequestID: 3}))
				r.countedIn(before, counter)
			}
			r.reported(m.datagram(pdu.PDU{Kind: pdu.InformRequest, RequestID: 3}), "snmpUnknownPDUHandlers", unknownPDUHandlers)
		}
	}
}

// No answer is longer than what the one who asks can take, nor than what we send
// (RFC 3412 §6.3), and ours says what we take.
func TestV3Sizes(t *testing.T) {
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.MsgMaxSize, a.MaxPacketSize = 2000, 1800
		many := make([]pdu.VarBind, 300)
		for i := range many {
			many[i] = vb(base.Append(9, uint32(i+1)), pdu.OctetString(fmt.Sprintf("number %d", i)))
		}
		many = append(many, vb(base.Append(9, 1000), pdu.OctetString(string(make([]byte, 1700)))))
		many = append(many, vb(base.Append(9, 1001), pdu.OctetString(string(make([]byte, 2000)))))
		register(t, a.MIB, base.Append(9), instances(many))
	})
	for _, level := range []pdu.SecurityLevel{pdu.AuthNoPriv, pdu.AuthPriv} {
		m := r.as(writer, level)
		if level == pdu.AuthNoPriv {
			m = r.as(reader, level)
		}
		for _, tt := range []struct{ theirs, atLeast, atMost int }{
			{484, 400, 484}, {1000, 900, 1000}, {65507, 1350, 1472},
		} {
			m.MaxSize = tt.theirs
			request := pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: 1000, VarBinds: names(base.Append(9))}
			answers := r.exchange(m.datagram(request))
			if len(answers) != 1 || len(answers[0]) > tt.atMost || len(answers[0]) < tt.atLeast {
				t.Fatalf("%v, %d: %d answers, of %d octets", level, tt.theirs, len(answers), len(answers[0]))
			}
			if got := m.response(request, answers[0]); got.ErrorStatus != pdu.NoError {
				t.Errorf("%v", got)
			}
			if header, _ := pdu.ReadHeader3(answers[0], true); header.MsgMaxSize != 1800 {
				t.Errorf("the answer says that we take %d octets, want 1800", header.MsgMaxSize)
			}
			if got := m.ask(get(base.Append(9, 1001))); got.ErrorStatus != pdu.TooBig { // for us
				t.Errorf("%v, %d: more than 2000 octets: %v", level, tt.theirs, got.ErrorStatus)
			}
			request = get(base.Append(9, 1000))
			got := m.ask(request)
			if tt.theirs < 1700 && (got.ErrorStatus != pdu.TooBig || got.ErrorIndex != 0 || len(got.VarBinds) != 0) || tt.theirs > 1800 && got.ErrorStatus != pdu.NoError {
				t.Errorf("%v, %d: %v with %d varbinds", level, tt.theirs, got.ErrorStatus, len(got.VarBinds))
			}
		}
	}
}

// DisableV3 switches the version off.
func TestDisableV3(t *testing.T) {
	r := newRig(t, withUsers(t), func(a *agent.Agent) { a.DisableV3 = true })
	before := r.Stats()
	r.silent(r.as(writer, pdu.AuthPriv).datagram(get(instance(title))))
	r.countedIn(before, "snmpInBadVersions")
}

// What hooks are told about an SNMPv3 request, and that what they answer is what
// is sent.
func TestV3Hooks(t *testing.T) {
	var seen agent.RequestEvent
	hookedRig(t, func(e *agent.RequestEvent) {
		seen = *e
		seen.ContextName = string([]byte(e.ContextName))
		seen.ContextEngineID = usm.EngineID([]byte(e.ContextEngineID))
		e.Respond = true
		e.Objects[0].Value = pdu.Integer(17)
	}, func(a *agent.Agent) {
		withEngine(a)
		a.Access = nil // the hook is the policy
		if err := a.AddUserKeys(keyed(writer)); err != nil {
			t.Fatal(err)
		}
	}, func(t *testing.T, r *rig) {
		m := r.as(writer, pdu.AuthPriv)
		m.contextName = "any"
		got := m.ask(get(base))
		if got.ErrorStatus != pdu.NoError || got.VarBinds[0] != vb(base, pdu.Integer(17)) {
			t.Errorf("%v", got)
		}
		if seen.Version != pdu.V3 || seen.User != "writer" || seen.SecurityLevel != pdu.AuthPriv || seen.MessageID != 4711 || seen.RequestID != -99 ||
			seen.Community != "" || seen.ContextEngineID != testEngine || seen.ContextName != "any" {
			t.Errorf("the hook was told %+v", seen)
		}
	})
}

func (h contextHandler) Inline(mib.Operation) bool { return true }

func (h contextHandler) Get(r *mib.Request, name ber.OID) (pdu.Value, error) {
	*h.seen = string([]byte(r.ContextName))
	return pdu.Integer(9), nil
}

func (h contextHandler) Next(*mib.Request, ber.OID, []pdu.VarBind) (int, error) { return 0, nil }

// BER that X.690 forbids is counted where it is accepted, in the message's header and
// parameters as in its PDU (X.690 §8.3.2), and refused with Strict.
func TestV3Tolerated(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r := newRig(t, withUsers(t), func(a *agent.Agent) { a.Strict = strict })
		b := r.as(guest, pdu.NoAuthNoPriv).datagram(get(instance(title)))
		// The version has an octet that is too much.
		b = append([]byte{b[0], b[1] + 1, 2, 2, 0}, b[4:]...)
		before := r.Stats()
		answers := r.exchange(b)
		if strict {
			r.countedIn(before, "snmpInASNParseErrs")
		} else {
			r.countedIn(before, "Answered")
		}
		if n := r.Stats().Tolerated; (n == 1) == strict || len(answers) == 1 == strict {
			t.Errorf("strict is %v: %d tolerated, %d answers", strict, n, len(answers))
		}
		r.Deactivate()
	}
}
