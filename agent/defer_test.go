package agent_test

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// from is where the tests' requests come from.
var from = netip.MustParseAddrPort(managerAddress)

// answerTo sends a request that is deferred, lets f answer it, and returns the Response.
func (r *rig) answerTo(request pdu.Message, f func()) pdu.PDU {
	r.t.Helper()
	r.send(request.Append(nil))
	r.settle()
	if early := r.received(); len(early) > 0 {
		r.t.Fatalf("%d answers before there is one", len(early))
	}
	f()
	r.settle()
	answers := r.received()
	if len(answers) != 1 {
		r.t.Fatalf("%d answers to %v, want 1", len(answers), request.PDU)
	}
	return r.response(request, answers[0])
}

// withHooks gives all hooks of an agent.
func withHooks(a *agent.Agent, hook func(*agent.RequestEvent)) {
	a.OnGetRequest, a.OnGetNextRequest, a.OnGetBulkRequest, a.OnSetRequest = hook, hook, hook, hook
}

// Every kind of request can be answered later, by its source and request-id or by its
// Deferred, with objects or an error.
func TestDefer(t *testing.T) {
	var last *agent.Deferred
	hook := func(e *agent.RequestEvent) {
		last = e.Defer()
		e.Respond, e.ErrorStatus = true, pdu.GenErr // means nothing now
		if e.Defer() != last {
			t.Error("two Deferreds of one request")
		}
	}
	asked := names(instance(title), instance(label))
	values := []pdu.VarBind{vb(instance(title), pdu.OctetString("later")), vb(instance(label), pdu.OctetString("too"))}
	next := []pdu.VarBind{vb(instance(title).Append(1), pdu.Integer(1)), vb(instance(label).Append(1), pdu.Integer(2))}
	hookedRig(t, hook, nil, func(t *testing.T, r *rig) {
		for _, tt := range []struct {
			name    string
			request pdu.Message
			status  pdu.ErrorStatus
			index   int
			objects []pdu.VarBind
			want    pdu.PDU
		}{
			{"get", message(pdu.V2c, pdu.GetRequest, asked...), 0, 0, values, pdu.PDU{VarBinds: values}},
			{"v1", message(pdu.V1, pdu.GetRequest, asked...), 0, 0, values, pdu.PDU{VarBinds: values}},
			{"next", message(pdu.V2c, pdu.GetNextRequest, asked...), 0, -1, next, pdu.PDU{VarBinds: next}},
			{"bulk", bulk(0, 3, asked...), 0, -1, next, pdu.PDU{VarBinds: next}},
			{"set", private(message(pdu.V2c, pdu.SetRequest, values...)), 0, -1, nil, pdu.PDU{VarBinds: values}},
			{"error", message(pdu.V2c, pdu.GetRequest, asked...), pdu.ResourceUnavailable, 1, nil, pdu.PDU{ErrorStatus: pdu.ResourceUnavailable, ErrorIndex: 2, VarBinds: asked}},
			{"error of none", message(pdu.V2c, pdu.GetRequest, asked...), pdu.GenErr, -1, nil, pdu.PDU{ErrorStatus: pdu.GenErr, VarBinds: asked}},
			{"v1 error", message(pdu.V1, pdu.GetRequest, asked...), pdu.NoAccess, 0, nil, pdu.PDU{ErrorStatus: pdu.NoSuchName, ErrorIndex: 1, VarBinds: asked}},
		} {
			byID := func() error { return r.SendResponse(from, 77, tt.status, tt.index, tt.objects...) }
			byDeferred := func() error { return last.Respond(tt.status, tt.index, tt.objects...) }
			for _, respond := range []func() error{byID, byDeferred} {
				got := r.answerTo(tt.request, func() {
					if err := respond(); err != nil {
						t.Errorf("%s: %v", tt.name, err)
					}
				})
				if got.ErrorStatus != tt.want.ErrorStatus || got.ErrorIndex != tt.want.ErrorIndex || !slices.Equal(got.VarBinds, tt.want.VarBinds) {
					t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
				}
				for _, again := range []func() error{byID, byDeferred} {
					if err := again(); codeOf(err) != agent.CodeNotPermitted {
						t.Errorf("%s: answered twice: %v", tt.name, err)
					}
				}
			}
		}
		if s := r.Stats(); s.Answered != 16 || accounted(s) != uint64(s.SNMP[agent.SnmpInPkts]) {
			t.Errorf("%d datagrams, %d accounted for, %d answered", s.SNMP[agent.SnmpInPkts], accounted(s), s.Answered)
		}
	})
}

// An answer that is none is an error for the one who gave it, and the request waits
// for a better one.
func TestDeferBadAnswer(t *testing.T) {
	var last *agent.Deferred
	hookedRig(t, func(e *agent.RequestEvent) { last = e.Defer() }, nil, func(t *testing.T, r *rig) {
		got := r.answerTo(message(pdu.V2c, pdu.GetRequest, names(instance(title))...), func() {
			for _, bad := range [][]pdu.VarBind{nil, names(instance(label)), {{Name: instance(title)}}, everything()} {
				if err := last.Respond(pdu.NoError, -1, bad...); codeOf(err) != agent.CodeInvalidArgument {
					t.Errorf("%v: %v", bad, err)
				}
			}
			for status, index := range map[pdu.ErrorStatus]int{pdu.GenErr: 1, pdu.BadValue: -2, 19: 0, -1: 0} {
				if err := last.Respond(status, index); codeOf(err) != agent.CodeInvalidArgument {
					t.Errorf("%v %d: %v", status, index, err)
				}
			}
			if err := last.Respond(pdu.NoError, -1, vb(instance(title), pdu.Integer(3))); err != nil {
				t.Error(err)
			}
		})
		if got.VarBinds[0].Value != pdu.Integer(3) {
			t.Errorf("%v", got)
		}
	})
}

// The answer may come before the hook has returned.
func TestDeferAnsweredInHook(t *testing.T) {
	hook := func(e *agent.RequestEvent) {
		d := e.Defer()
		done := make(chan error)
		go func() { done <- d.Respond(pdu.NoError, -1, vb(e.Objects[0].Name, pdu.Integer(9))) }()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	hookedRig(t, hook, nil, func(t *testing.T, r *rig) {
		if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)); got.VarBinds[0].Value != pdu.Integer(9) {
			t.Errorf("%v", got)
		}
	})
}

// A manager that asks again is answered each time; what is different and has the same
// id can only be told apart by the Deferreds.
func TestDeferCopies(t *testing.T) {
	var deferred []*agent.Deferred
	hookedRig(t, func(e *agent.RequestEvent) { deferred = append(deferred, e.Defer()) }, nil, func(t *testing.T, r *rig) {
		request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
		value := vb(instance(title), pdu.Integer(1))
		for range 3 {
			r.send(request.Append(nil))
			r.settle()
		}
		if err := r.SendResponse(from, 77, pdu.NoError, -1, value); err != nil {
			t.Error(err)
		}
		r.settle()
		answers := r.received()
		if len(answers) != 3 {
			t.Fatalf("%d answers to three copies", len(answers))
		}
		for _, a := range answers {
			if got := r.response(request, a); got.VarBinds[0] != value {
				t.Errorf("%v", got)
			}
		}

		deferred = nil
		for _, other := range []pdu.Message{request, private(request), message(pdu.V1, pdu.GetRequest, names(instance(title))...), message(pdu.V2c, pdu.GetNextRequest, names(instance(title))...), message(pdu.V2c, pdu.GetRequest, names(instance(label))...)} {
			r.send(other.Append(nil))
			r.settle()
		}
		if err := r.SendResponse(from, 77, pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
			t.Errorf("ambiguous: %v", err)
		}
		for other, to := range map[int32]netip.AddrPort{78: from, 77: netip.MustParseAddrPort("192.0.2.9:40001")} {
			if err := r.SendResponse(to, other, pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
				t.Errorf("unknown: %v", err)
			}
		}
		for _, d := range deferred {
			if err := d.Respond(pdu.GenErr, -1); err != nil {
				t.Error(err)
			}
		}
		r.settle()
		r.receivedLots(5)
	})
}

// SNMPv3: the answer has the request's message id, user, level, keys and context, and
// SendSecureResponse insists on them.
func TestSendSecureResponse(t *testing.T) {
	var event agent.RequestEvent
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.MIB, a.Access = nil, nil
		withHooks(a, func(e *agent.RequestEvent) { event = *e; e.Defer() })
	}, func(t *testing.T, r *rig) {
		for _, level := range []pdu.SecurityLevel{pdu.AuthNoPriv, pdu.AuthPriv} {
			who := map[pdu.SecurityLevel]usm.User{pdu.AuthNoPriv: reader, pdu.AuthPriv: writer}[level]
			other := who
			other.Name = "somebody"
			value := vb(instance(title), pdu.Integer(int32(level)))
			got := r.as(who, level).askLater(get(instance(title)), func() {
				id, message := event.RequestID, event.MessageID
				for what, err := range map[string]error{
					"other message": r.SendSecureResponse(from, id, message+1, pdu.NoError, -1, keyed(who), value),
					"other user":    r.SendSecureResponse(from, id, message, pdu.NoError, -1, keyed(other), value),
				} {
					if codeOf(err) != agent.CodeNotPermitted {
						t.Errorf("%s: %v", what, err)
					}
				}
				if err := r.SendSecureResponse(from, id, message, pdu.NoError, -1, keyed(who), value); err != nil {
					t.Error(err)
				}
			})
			if !slices.Equal(got.VarBinds, []pdu.VarBind{value}) {
				t.Errorf("%v", got)
			}
		}
		// A request that was not authenticated has no secure answer.
		got := r.as(guest, pdu.NoAuthNoPriv).askLater(get(instance(title)), func() {
			if err := r.SendSecureResponse(from, event.RequestID, event.MessageID, pdu.GenErr, -1, guest); codeOf(err) != agent.CodeNotPermitted {
				t.Errorf("noAuthNoPriv: %v", err)
			}
			if err := r.SendResponse(from, event.RequestID, pdu.GenErr, -1); err != nil {
				t.Error(err)
			}
		})
		if got.ErrorStatus != pdu.GenErr {
			t.Errorf("%v", got)
		}
	})
}

// SendSecureResponse does not make somebody new a user.
func TestSendSecureResponseAddsNobody(t *testing.T) {
	var event agent.RequestEvent
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.MIB, a.Access = nil, nil
		withHooks(a, func(e *agent.RequestEvent) { event = *e; e.Defer() })
	}, func(t *testing.T, r *rig) {
		r.as(reader, pdu.AuthNoPriv).askLater(get(instance(title)), func() {
			r.RemoveUser("reader")
			if err := r.SendSecureResponse(from, event.RequestID, event.MessageID, pdu.GenErr, -1, keyed(reader)); err != nil {
				t.Error(err)
			}
		})
		seen := 0
		r.OnCacheEntry = func(*agent.CacheEntryEvent) { seen++ }
		r.ShowCache()
		if seen != 2 {
			t.Errorf("%d users, want 2", seen)
		}
	})
}

// A thousand requests wait at once without a goroutine, those that nobody answers are
// given up, and there is room for as many again.
func TestDeferThousand(t *testing.T) {
	const many = 1000
	var mu sync.Mutex
	var deferred []*agent.Deferred
	inBubble(t, func(a *agent.Agent) {
		a.Clock = agenttest.NewClock()
		a.HandlerTimeout = 4 * time.Second
		a.MaxConcurrent = many
		withHooks(a, func(e *agent.RequestEvent) {
			mu.Lock()
			defer mu.Unlock()
			deferred = append(deferred, e.Defer())
		})
	}, func(t *testing.T, r *rig) {
		request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
		value := vb(instance(title), pdu.Integer(1))
		for round := range 3 {
			deferred = nil
			for i := range int32(many) {
				request.PDU.RequestID = i
				r.send(request.Append(nil))
				r.settle()
			}
			r.send(request.Append(nil))
			r.settle()
			if s := r.Stats(); len(deferred) != many || s.Overloaded != uint64(round+1) {
				t.Fatalf("%d wait, %d are one too many", len(deferred), s.Overloaded)
			}
			for _, d := range deferred[:many/2] {
				if err := d.Respond(pdu.NoError, -1, value); err != nil {
					t.Fatal(err)
				}
				r.receivedLots(1)
			}
			r.Clock.(*agenttest.Clock).Advance(4 * time.Second)
			r.settle()
			for _, d := range deferred {
				if err := d.Respond(pdu.NoError, -1, value); codeOf(err) != agent.CodeNotPermitted {
					t.Fatalf("answered or given up, and yet: %v", err)
				}
			}
			if s := r.Stats(); s.Unanswered != uint64(round+1)*many/2 || accounted(s) != uint64(s.SNMP[agent.SnmpInPkts]) {
				t.Errorf("%d given up; %d datagrams, %d accounted for", s.Unanswered, s.SNMP[agent.SnmpInPkts], accounted(s))
			}
		}
	})
}

// Deactivate waits for deferred requests, and gives up those that are still there
// after HandlerTimeout.
func TestDeferDeactivate(t *testing.T) {
	var deferred []*agent.Deferred
	inBubble(t, func(a *agent.Agent) {
		a.Clock = agenttest.NewClock()
		a.HandlerTimeout = 4 * time.Second
		withHooks(a, func(e *agent.RequestEvent) { deferred = append(deferred, e.Defer()) })
	}, func(t *testing.T, r *rig) {
		request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
		for range 2 {
			r.send(request.Append(nil))
			r.settle()
		}
		ended := make(chan struct{})
		go func() { r.Deactivate(); close(ended) }()
		r.settle()
		if err := deferred[0].Respond(pdu.NoError, -1, vb(instance(title), pdu.Integer(1))); err != nil {
			t.Error(err)
		}
		r.settle()
		select {
		case <-ended:
			t.Fatal("it has not waited")
		default:
		}
		r.receivedLots(1)
		r.Clock.(*agenttest.Clock).Advance(4 * time.Second)
		<-ended
		r.settle()
		if err := deferred[1].Respond(pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
			t.Errorf("after the end: %v", err)
		}
		if err := r.SendResponse(from, 77, pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
			t.Errorf("without a run: %v", err)
		}
		if s := r.Stats(); s.Unanswered != 1 || s.Answered != 1 {
			t.Errorf("%d given up, %d answered", s.Unanswered, s.Answered)
		}
	})
}

// A hook that panics after Defer gets nobody's request lost.
func TestDeferPanic(t *testing.T) {
	var last *agent.Deferred
	hookedRig(t, func(e *agent.RequestEvent) {
		last = e.Defer()
		panic(errors.New("the hook's"))
	}, nil, func(t *testing.T, r *rig) {
		if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)); got.ErrorStatus != pdu.GenErr {
			t.Errorf("%v", got)
		}
		if err := last.Respond(pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
			t.Errorf("after the panic: %v", err)
		}
	})
}

// An event of a test's own can be deferred, for nothing.
func TestDeferByHand(t *testing.T) {
	if err := new(agent.RequestEvent).Defer().Respond(pdu.NoError, -1); codeOf(err) != agent.CodeNotPermitted {
		t.Error(err)
	}
}

// A hook that drops a request has its place free at once, with a MIB too: while it runs, or
// later. It is done with then.
func TestDrop(t *testing.T) {
	var last *agent.Deferred
	now := true
	hook := func(e *agent.RequestEvent) {
		last = e.Defer()
		if now {
			if err := last.Drop(); err != nil {
				t.Error(err)
			}
		}
	}
	inBubble(t, func(a *agent.Agent) {
		allowAll(a)
		a.MIB = newTree(t, &plant{})
		a.MaxConcurrent = 1
		withHooks(a, hook)
	}, func(t *testing.T, r *rig) {
		for i := range 6 {
			now = i%2 == 0
			request := message(pdu.V2c, pdu.GetRequest, names(instance(title))...)
			r.send(request.Append(nil))
			r.settle()
			if !now {
				if err := last.Drop(); err != nil {
					t.Error(err)
				}
			}
			if err := last.Drop(); codeOf(err) != agent.CodeNotPermitted {
				t.Errorf("dropped twice: %v", err)
			}
			if err := last.Respond(pdu.GenErr, -1); codeOf(err) != agent.CodeNotPermitted {
				t.Errorf("answered after Drop: %v", err)
			}
		}
		r.settle()
		if answers := r.received(); len(answers) > 0 {
			t.Errorf("%d answers", len(answers))
		}
		if s := r.Stats(); s.Unanswered != 6 || s.Overloaded != 0 || accounted(s) != 6 {
			t.Errorf("%+v", s)
		}
		began := time.Now()
		r.Deactivate()
		if d := time.Since(began); d != 0 {
			t.Errorf("Deactivate has waited %v", d)
		}
	})
}
