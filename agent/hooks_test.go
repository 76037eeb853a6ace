package agent_test

import (
	"context"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// hookedRig runs f in a bubble with an agent that has one hook for every kind of
// request, and no MIB unless configure gives it one.
func hookedRig(t *testing.T, hook func(*agent.RequestEvent), configure func(*agent.Agent), f func(t *testing.T, r *rig)) {
	t.Helper()
	inBubble(t, func(a *agent.Agent) {
		a.OnGetRequest, a.OnGetNextRequest, a.OnGetBulkRequest, a.OnSetRequest = hook, hook, hook, hook
		if configure != nil {
			configure(a)
		}
	}, f)
}

// What a hook is told about each kind of request.
func TestRequestEvent(t *testing.T) {
	var seen agent.RequestEvent
	hookedRig(t, func(e *agent.RequestEvent) {
		seen = *e
		seen.Objects = slices.Clone(e.Objects)
		for i := range seen.Objects {
			seen.Objects[i] = seen.Objects[i].Clone()
		}
		if e.Context == nil || e.Context.Err() != nil {
			t.Errorf("the Context is %v", e.Context)
		}
		e.Respond, e.ErrorStatus = true, pdu.GenErr
	}, nil, func(t *testing.T, r *rig) {
		for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest} {
			m := private(message(pdu.V2c, kind, vb(base, pdu.Integer(4)), vb(label, pdu.OctetString("x"))))
			m.PDU.RequestID = -5
			m.PDU.NonRepeaters, m.PDU.MaxRepetitions = -1, math.MaxInt32
			m.PDU.ErrorStatus, m.PDU.ErrorIndex = 0, 0
			r.ask(m)
			if seen.RequestID != -5 || seen.Version != pdu.V2c || seen.Community != "private" || seen.SecurityLevel != pdu.NoAuthNoPriv ||
				seen.Source != netip.MustParseAddrPort(managerAddress) || seen.Destination != netip.MustParseAddr("192.0.2.1") ||
				seen.Respond || seen.ErrorStatus != pdu.NoError || seen.ErrorIndex != -1 || seen.MessageID != 0 || seen.User != "" {
				t.Errorf("%v: the hook was told %+v", kind, seen)
			}
			if !slices.Equal(seen.Objects, m.PDU.VarBinds) {
				t.Errorf("%v: Objects %v, want %v", kind, seen.Objects, m.PDU.VarBinds)
			}
			if kind == pdu.GetBulkRequest && (seen.NonRepeaters != 0 || seen.MaxRepetitions != math.MaxInt32) {
				t.Errorf("non-repeaters %d, max-repetitions %d", seen.NonRepeaters, seen.MaxRepetitions)
			}
		}
	})
}

// Who answers: the hook, else the MIB, else nobody.
func TestWhoAnswers(t *testing.T) {
	respond := true
	hook := func(e *agent.RequestEvent) {
		e.Objects[0].Value = pdu.Integer(42)
		e.ErrorStatus = pdu.NoError
		e.Respond = respond
		if !respond {
			e.ErrorStatus, e.ErrorIndex = pdu.GenErr, 7 // means nothing then
		}
	}
	get := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
	hookedRig(t, hook, nil, func(t *testing.T, r *rig) {
		if got := r.ask(get); !slices.Equal(got.VarBinds, []pdu.VarBind{vb(instance(title), pdu.Integer(42))}) {
			t.Errorf("%v, want the hook's answer", got.VarBinds)
		}
		respond = false
		before := r.Stats()
		r.silent(get.Append(nil))
		r.countedIn(before, "Unanswered")
	})
	hookedRig(t, hook, withMIB(newTree(t, &plant{})), func(t *testing.T, r *rig) {
		if got := r.ask(get); !slices.Equal(got.VarBinds, everything()[:1]) {
			t.Errorf("%v %v, want the MIB's answer", got.ErrorStatus, got.VarBinds)
		}
		respond = true
		if got := r.ask(get); got.VarBinds[0].Value != pdu.Integer(42) {
			t.Errorf("%v, want the hook's answer", got.VarBinds)
		}
	})
	// Neither a hook nor a MIB.
	r := newRig(t)
	before := r.Stats()
	r.silent(get.Append(nil))
	r.countedIn(before, "Unanswered")
}

// A hook that leaves a request to objects that block.
func TestHookThenBlockingMIB(t *testing.T) {
	hookedRig(t, func(*agent.RequestEvent) {}, func(a *agent.Agent) {
		a.MIB = newTree(t, &plant{})
		slow := instances([]pdu.VarBind{vb(base.Append(9, 1), pdu.Integer(5))})
		slow.inline = false
		register(t, a.MIB, base.Append(9), slow)
	}, func(t *testing.T, r *rig) {
		got := r.ask(bulk(0, 2, names(instance(after), title)...))
		want := []pdu.VarBind{vb(base.Append(9, 1), pdu.Integer(5)), everything()[0], vb(base.Append(9, 1), pdu.EndOfMibView), everything()[1]}
		if !slices.Equal(got.VarBinds, want) {
			t.Errorf("%v, want %v", got.VarBinds, want)
		}
	})
}

// Without an Access the hooks are the policy: every community reaches them. With
// one, a community that is refused does not (OnBadPacket tells).
func TestHooksAndAccess(t *testing.T) {
	calls := 0
	hook := func(e *agent.RequestEvent) { calls++; e.Respond = true }
	other := message(pdu.V2c, pdu.GetRequest, names(base)...)
	other.Community = []byte("anything")
	hookedRig(t, hook, func(a *agent.Agent) { a.Access = nil }, func(t *testing.T, r *rig) {
		r.ask(other)
		r.ask(message(pdu.V2c, pdu.SetRequest, vb(base, pdu.Integer(1))))
		if calls != 2 {
			t.Errorf("the hook was called %d times", calls)
		}
	})
	calls = 0
	hookedRig(t, hook, nil, func(t *testing.T, r *rig) {
		r.silent(other.Append(nil))
		// A SET outside the write view does not reach the hook either.
		if got := r.ask(message(pdu.V2c, pdu.SetRequest, vb(base, pdu.Integer(1)))); got.ErrorStatus != pdu.NoAccess || got.ErrorIndex != 1 {
			t.Errorf("%v at %d", got.ErrorStatus, got.ErrorIndex)
		}
		if calls != 0 {
			t.Errorf("the hook was called %d times", calls)
		}
	})
}

// What a hook answers to a GetRequest, GetNextRequest or GetBulkRequest is checked
// against the policy again, and what is hidden does not show, its name neither.
func TestHookAnswersAreHidden(t *testing.T) {
	answers := map[pdu.Kind][]pdu.VarBind{
		pdu.GetRequest:     {vb(base.Append(1), pdu.Integer(1)), vb(base.Append(2), pdu.Integer(2))},
		pdu.GetNextRequest: {vb(base.Append(1, 5), pdu.Integer(1)), vb(base.Append(3), pdu.Integer(2))},
		pdu.GetBulkRequest: {vb(base.Append(1, 5), pdu.Integer(1)), vb(base.Append(1, 6), pdu.Integer(2)), vb(base.Append(2, 7), pdu.Integer(3)), vb(base.Append(2, 8), pdu.Integer(4))},
	}
	want := map[pdu.Kind][]pdu.VarBind{
		pdu.GetRequest:     {vb(base.Append(1), pdu.Integer(1)), vb(base.Append(2), pdu.NoSuchObject)},
		pdu.GetNextRequest: {vb(base.Append(1, 5), pdu.Integer(1)), vb(base.Append(2), pdu.EndOfMibView)},
		pdu.GetBulkRequest: {vb(base.Append(1, 5), pdu.Integer(1)), vb(base.Append(1, 6), pdu.Integer(2)), vb(base.Append(1, 5), pdu.EndOfMibView), vb(base.Append(1, 6), pdu.EndOfMibView)},
	}
	for kind := range answers {
		hookedRig(t, func(e *agent.RequestEvent) { e.Objects, e.Respond = answers[kind], true }, func(a *agent.Agent) {
			a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public", Subtree: base.Append(1)})
		}, func(t *testing.T, r *rig) {
			m := message(pdu.V2c, kind, names(base.Append(1), base.Append(2))...)
			if kind == pdu.GetBulkRequest {
				m = bulk(0, 2, names(base.Append(1), base.Append(1))...)
			}
			if got := r.ask(m); got.ErrorStatus != pdu.NoError || !slices.Equal(got.VarBinds, want[kind]) {
				t.Errorf("%v: %v %v, want %v", kind, got.ErrorStatus, got.VarBinds, want[kind])
			}
		})
	}
}

// ErrorIndex counts from 0 for hooks and from 1 on the wire.
func TestHookErrors(t *testing.T) {
	var status pdu.ErrorStatus
	var index int
	hookedRig(t, func(e *agent.RequestEvent) { e.Respond, e.ErrorStatus, e.ErrorIndex = true, status, index }, nil, func(t *testing.T, r *rig) {
		for _, tt := range []struct {
			version    pdu.Version
			status     pdu.ErrorStatus
			index      int
			want       pdu.ErrorStatus
			wantIndex  int32
			noVarBinds bool
		}{
			{pdu.V2c, pdu.NotWritable, 0, pdu.NotWritable, 1, false},
			{pdu.V2c, pdu.NotWritable, 2, pdu.NotWritable, 3, false},
			{pdu.V2c, pdu.GenErr, -1, pdu.GenErr, 0, false},
			{pdu.V2c, pdu.NoSuchName, 1, pdu.NoSuchName, 2, false}, // who answers for a proxy says so
			{pdu.V2c, pdu.TooBig, 1, pdu.TooBig, 0, true},
			{pdu.V2c, pdu.InconsistentName, 3, pdu.GenErr, 0, false}, // there is no fourth
			{pdu.V2c, pdu.InconsistentName, -2, pdu.GenErr, 0, false},
			{pdu.V2c, pdu.InconsistentName, math.MaxInt, pdu.GenErr, 0, false},
			{pdu.V2c, 19, 0, pdu.GenErr, 0, false},
			{pdu.V2c, -1, 0, pdu.GenErr, 0, false},
			{pdu.V1, pdu.WrongType, 1, pdu.BadValue, 2, false},
			{pdu.V1, pdu.TooBig, 1, pdu.TooBig, 0, false},
		} {
			status, index = tt.status, tt.index
			got := r.ask(private(message(tt.version, pdu.SetRequest, vb(base, pdu.Null), vb(label, pdu.Null), vb(title, pdu.Null))))
			if got.ErrorStatus != tt.want || got.ErrorIndex != tt.wantIndex || (len(got.VarBinds) == 0) != tt.noVarBinds {
				t.Errorf("%v %v at %d: %v at %d with %v", tt.version, tt.status, tt.index, got.ErrorStatus, got.ErrorIndex, got.VarBinds)
			}
		}
	})
}

// Whatever a hook answers, what is sent can be read, and it is genErr where the
// answer is none. OnError tells.
func TestHooksThatAnswerGarbage(t *testing.T) {
	tooMany := make([]pdu.VarBind, 5000)
	for i := range tooMany {
		tooMany[i] = vb(base.Append(uint32(i)), pdu.Integer(1))
	}
	get, next, bulk2 := pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest
	for _, tt := range []struct {
		name    string
		kind    pdu.Kind
		objects []pdu.VarBind
	}{
		{"nothing", get, nil},
		{"nothing", next, nil},
		{"too few", get, names(base)},
		{"too many", get, names(base, label, title)},
		{"too many", next, tooMany},
		{"too many", bulk2, tooMany},
		{"other names", get, names(label, base)},
		{"no names", get, make([]pdu.VarBind, 2)},
		{"no values", get, []pdu.VarBind{{Name: base}, {Name: label}}},
		{"a name of one sub-identifier", next, names(ber.NewOID(2), title)},
		{"a name of nothing", bulk2, names("")},
		{"a name that is no OID", next, names("abc", title)},
		{"a name that cannot be encoded", next, names(ber.NewOID(3, 1), title)},
		{"a value that cannot be encoded", get, []pdu.VarBind{vb(base, pdu.ObjectIdentifier("")), vb(label, pdu.Null)}},
		{"endOfMibView to a GetRequest", get, []pdu.VarBind{vb(base, pdu.EndOfMibView), vb(label, pdu.Null)}},
		{"noSuchObject to a GetNextRequest", next, []pdu.VarBind{vb(title, pdu.NoSuchObject), vb(title, pdu.Null)}},
		{"the name that was asked for", next, names(base, label)},
		{"a name before it", next, names(ber.NewOID(1, 3), title)},
		{"decreasing names", bulk2, names(title, title, label)},
	} {
		t.Run(tt.kind.String()+" "+tt.name, func(t *testing.T) {
			told := 0
			hookedRig(t, func(e *agent.RequestEvent) {
				e.Objects, e.Respond = tt.objects, true
				e.NonRepeaters, e.MaxRepetitions = -4, -4 // not the hook's to say
			}, func(a *agent.Agent) {
				a.OnError = func(*agent.ErrorEvent) { told++ }
			}, func(t *testing.T, r *rig) {
				m := message(pdu.V2c, tt.kind, names(base, label)...)
				m.PDU.MaxRepetitions = 2
				if tt.kind != bulk2 {
					m.PDU.MaxRepetitions = 0
				}
				got := r.ask(m)
				if got.ErrorStatus != pdu.GenErr || got.ErrorIndex != 0 || !slices.Equal(got.VarBinds, m.PDU.VarBinds) || told != 1 {
					t.Errorf("%v at %d with %v, OnError called %d times", got.ErrorStatus, got.ErrorIndex, got.VarBinds, told)
				}
			})
		})
	}
}

// A hook's answer is bounded like any other.
func TestHookAnswersTooMuch(t *testing.T) {
	long := pdu.OctetString(strings.Repeat("x", 70_000))
	hookedRig(t, func(e *agent.RequestEvent) {
		e.Respond = true
		for i := range e.Objects {
			e.Objects[i].Value = long
		}
		if e.MaxRepetitions > 0 {
			e.Objects = nil
			for i := range 300 {
				e.Objects = append(e.Objects, vb(base.Append(uint32(i)), pdu.OctetString("0123456789")))
			}
		}
	}, nil, func(t *testing.T, r *rig) {
		if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(base)...)); got.ErrorStatus != pdu.TooBig || len(got.VarBinds) != 0 {
			t.Errorf("%v with %d varbinds", got.ErrorStatus, len(got.VarBinds))
		}
		request := bulk(0, 300, names(base)...)
		answers := r.exchange(request.Append(nil))
		if got := r.response(request, answers[0]); len(answers[0]) > 1472 || len(answers[0]) < 1472-40 || got.ErrorStatus != pdu.NoError {
			t.Errorf("%v in %d octets", got.ErrorStatus, len(answers[0]))
		}
	})
}

// RFC 3416 §4.2.5: a SET that a hook has carried out is answered with the request's
// varbinds, whatever the hook did to its Objects.
func TestHookSet(t *testing.T) {
	hookedRig(t, func(e *agent.RequestEvent) { e.Objects, e.Respond = nil, true }, nil, func(t *testing.T, r *rig) {
		m := private(message(pdu.V2c, pdu.SetRequest, vb(base, pdu.Integer(4))))
		if got := r.ask(m); got.ErrorStatus != pdu.NoError || !slices.Equal(got.VarBinds, m.PDU.VarBinds) {
			t.Errorf("%v %v", got.ErrorStatus, got.VarBinds)
		}
	})
}

// RFC 3584 §4.2.2.1: what a hook answers with SNMPv2's values is noSuchName in
// SNMPv1.
func TestHookV1(t *testing.T) {
	var value pdu.Value
	hookedRig(t, func(e *agent.RequestEvent) { e.Objects[1].Value, e.Respond = value, true }, nil, func(t *testing.T, r *rig) {
		for _, value = range []pdu.Value{pdu.Counter64(1), pdu.NoSuchObject, pdu.NoSuchInstance} {
			got := r.ask(message(pdu.V1, pdu.GetRequest, names(base, label)...))
			if got.ErrorStatus != pdu.NoSuchName || got.ErrorIndex != 2 {
				t.Errorf("%v: %v at %d", value, got.ErrorStatus, got.ErrorIndex)
			}
		}
	})
}

// HandlerTimeout ends the Context of a hook.
func TestHookContext(t *testing.T) {
	var lasted time.Duration
	hookedRig(t, func(e *agent.RequestEvent) {
		start := time.Now()
		<-e.Context.Done()
		lasted = time.Since(start)
		if cause := context.Cause(e.Context); cause != context.DeadlineExceeded {
			t.Errorf("the Context ended with %v", cause)
		}
	}, func(a *agent.Agent) { a.HandlerTimeout = 3 * time.Second }, func(t *testing.T, r *rig) {
		r.send(encode(message(pdu.V2c, pdu.GetRequest, names(base)...)))
		time.Sleep(time.Minute)
		synctest.Wait()
		if lasted != 3*time.Second {
			t.Errorf("the Context ended after %v", lasted)
		}
	})
}
