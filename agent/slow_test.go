package agent_test

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// sleepy is a handler whose Get takes five seconds of a clock.
func sleepy(clock *agenttest.Clock) *handler {
	return &handler{get: func(r *mib.Request, _ ber.OID) (pdu.Value, error) {
		if err := clock.Sleep(r.Context, 5*time.Second); err != nil {
			return pdu.Value{}, err
		}
		return pdu.Integer(5), nil
	}}
}

// A hundred handlers that sleep for five seconds hold up nobody: in the meantime
// other requests are answered as ever, by objects, by other handlers that block,
// and by hooks.
func TestHandlersAsleep(t *testing.T) {
	inBubble(t, func(a *agent.Agent) {
		clock := agenttest.NewClock()
		a.Clock = clock
		a.MIB = newTree(t, &plant{})
		for i := range uint32(100) {
			register(t, a.MIB, base.Append(100+i), sleepy(clock))
		}
		quick := instances([]pdu.VarBind{vb(base.Append(9, 1), pdu.Integer(9))})
		quick.inline = false
		register(t, a.MIB, base.Append(9), quick)
		a.OnGetNextRequest = func(e *agent.RequestEvent) {}
	}, func(t *testing.T, r *rig) {
		for i := range uint32(100) {
			m := message(pdu.V2c, pdu.GetRequest, names(base.Append(100+i))...)
			m.PDU.RequestID = int32(1000 + i)
			r.send(m.Append(nil))
			if i%25 == 0 {
				r.settle()
			}
		}
		r.settle()
		if asleep := r.received(); len(asleep) != 0 {
			t.Fatalf("%d answers without the clock having moved", len(asleep))
		}
		for range 20 {
			for _, want := range everything() {
				if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(want.Name)...)); got.VarBinds[0] != want {
					t.Fatalf("%v %v, want %v", got.ErrorStatus, got.VarBinds, want)
				}
			}
			if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(base.Append(9, 1))...)); got.VarBinds[0].Value != pdu.Integer(9) {
				t.Fatalf("another handler that blocks: %v", got.VarBinds)
			}
			if got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(base)...)); got.VarBinds[0] != everything()[0] {
				t.Fatalf("a request with a hook: %v", got.VarBinds)
			}
			if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, vb(instance(setpoint), pdu.Integer(0))))); got.ErrorStatus != pdu.NoError {
				t.Fatalf("a SET: %v", got.ErrorStatus)
			}
		}
		r.Clock.(*agenttest.Clock).Advance(5 * time.Second)
		r.settle()
		var ids []int32
		for _, answer := range r.receivedLots(100) {
			m, err := pdu.ParseMessage(answer)
			if err != nil || m.PDU.ErrorStatus != pdu.NoError {
				t.Fatalf("%v, %v", m, err)
			}
			ids = append(ids, m.PDU.RequestID)
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 100 || ids[0] != 1000 || ids[99] != 1099 {
			t.Errorf("answers to %d", ids)
		}
	})
}

// receivedLots is received for so many answers.
func (r *rig) receivedLots(n int) (answers [][]byte) {
	for len(answers) < n {
		got := r.received()
		if len(got) == 0 {
			r.t.Fatalf("%d answers, want %d", len(answers), n)
		}
		answers = append(answers, got...)
	}
	return answers
}

// The same with sockets: none of the other requests is lost or answered late
// because others sleep. It counts and does not look at the time.
func TestHandlersAsleepOnSockets(t *testing.T) {
	clock := agenttest.NewClock()
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	a.Clock = clock
	a.MIB, a.Access = newTree(t, &plant{}), readWrite
	register(t, a.MIB, base.Append(100), sleepy(clock))
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	defer a.Deactivate()
	var sleepers, others sync.WaitGroup
	for range 100 {
		c := dial(t, a, "public")
		c.Timeout, c.Retries = time.Minute, 0
		sleepers.Go(func() {
			if got, err := c.Get(t.Context(), base.Append(100, 1)); err != nil || got[0].Value != pdu.Integer(5) {
				t.Errorf("a sleeper: %v, %v", got, err)
			}
		})
	}
	clock.WaitTimers(t, 200) // each one's sleep and HandlerTimeout
	var answered atomic.Int64
	for range 4 {
		c := dial(t, a, "public")
		c.Timeout, c.Retries = 10*time.Second, 0
		others.Go(func() {
			for range 250 {
				if _, err := c.Get(t.Context(), instance(title)); err != nil {
					t.Error(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	others.Wait()
	if answered.Load() != 1000 {
		t.Errorf("%d answers while others sleep, want 1000", answered.Load())
	}
	clock.Advance(5 * time.Second)
	sleepers.Wait()
	// The agent counts an answer after it has left: only now are all counted.
	a.Deactivate()
	if s := a.Stats(); s.SNMP[agent.SnmpInPkts] != 1100 || s.Answered != 1100 || s.Overloaded != 0 {
		t.Errorf("the agent counts %d datagrams, %d answers, and %d dropped, want 1100, 1100 and 0", s.SNMP[agent.SnmpInPkts], s.Answered, s.Overloaded)
	}
}

// More than MaxConcurrent requests for what blocks are dropped and counted, and
// neither goroutines nor answers pile up.
func TestOverload(t *testing.T) {
	const most = 10
	inBubble(t, func(a *agent.Agent) {
		a.Clock = agenttest.NewClock()
		a.MaxConcurrent = most
		a.MIB = newTree(t, &plant{})
		register(t, a.MIB, base.Append(100), sleepy(a.Clock.(*agenttest.Clock)))
	}, func(t *testing.T, r *rig) {
		before := runtime.NumGoroutine()
		for range 500 {
			r.send(encode(message(pdu.V2c, pdu.GetRequest, names(base.Append(100, 1))...)))
			r.settle()
		}
		if more := runtime.NumGoroutine() - before; more > most {
			t.Errorf("%d more goroutines, want at most %d", more, most)
		}
		if s := r.Stats(); s.Overloaded != 500-most {
			t.Errorf("Overloaded is %d, want %d", s.Overloaded, 500-most)
		}
		r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)) // as before
		r.Clock.(*agenttest.Clock).Advance(5 * time.Second)
		r.settle()
		r.receivedLots(most)
		if s := r.Stats(); accounted(s) != uint64(s.SNMP[agent.SnmpInPkts]) || s.Answered != most+1 {
			t.Errorf("%d datagrams, %d accounted for, %d answered", s.SNMP[agent.SnmpInPkts], accounted(s), s.Answered)
		}
		// There is room again.
		r.send(encode(message(pdu.V2c, pdu.GetRequest, names(base.Append(100, 1))...)))
		r.settle()
		r.Clock.(*agenttest.Clock).Advance(5 * time.Second)
		r.settle()
		r.receivedLots(1)
	})
}

// A handler that has had HandlerTimeout gets an error from its Context; what it
// answers nevertheless is sent.
func TestHandlerTimeout(t *testing.T) {
	inBubble(t, func(a *agent.Agent) {
		a.Clock = agenttest.NewClock()
		a.HandlerTimeout = 4 * time.Second
		a.MIB = mib.NewTree()
		register(t, a.MIB, base.Append(100), sleepy(a.Clock.(*agenttest.Clock)))
	}, func(t *testing.T, r *rig) {
		request := message(pdu.V2c, pdu.GetRequest, names(base.Append(100, 1))...)
		r.send(request.Append(nil))
		r.settle()
		r.Clock.(*agenttest.Clock).Advance(4 * time.Second)
		r.settle()
		if got := r.response(request, r.receivedLots(1)[0]); got.ErrorStatus != pdu.GenErr || got.ErrorIndex != 1 {
			t.Errorf("%v at %d", got.ErrorStatus, got.ErrorIndex)
		}
	})
}

// The Context of a hook ends with context.DeadlineExceeded, by whatever clock the agent
// has; with the system's it has the Deadline too.
func TestHookDeadline(t *testing.T) {
	for name, clock := range map[string]*agenttest.Clock{"the system's clock": nil, "another clock": agenttest.NewClock()} {
		t.Run(name, func(t *testing.T) {
			hookedRig(t, func(e *agent.RequestEvent) {
				deadline, ok := e.Context.Deadline()
				if ok != (clock == nil) || ok && time.Until(deadline) != 4*time.Second {
					t.Errorf("the deadline is %v, %v", deadline, ok)
				}
				<-e.Context.Done()
				if e.Context.Err() != context.DeadlineExceeded || context.Cause(e.Context) != context.DeadlineExceeded {
					t.Errorf("it has ended with %v, for %v", e.Context.Err(), context.Cause(e.Context))
				}
				e.ErrorStatus, e.Respond = pdu.ResourceUnavailable, true
			}, func(a *agent.Agent) {
				a.HandlerTimeout = 4 * time.Second
				if clock != nil {
					a.Clock = clock
				}
			}, func(t *testing.T, r *rig) {
				r.send(encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)))
				r.settle()
				if clock != nil {
					clock.Advance(4 * time.Second)
				} else {
					time.Sleep(4 * time.Second) // the bubble's
				}
				r.settle()
				if got := r.receivedLots(1); len(got) != 1 { // late, but it is the hook's to say so
					t.Errorf("%d answers", len(got))
				}
			})
		})
	}
}

// wait returns the next datagram that the agent sends.
func (r *rig) wait() []byte {
	r.t.Helper()
	n, err := r.client.Read(r.in[:1])
	if err != nil || n != 1 {
		r.t.Fatal(err)
	}
	return bytes.Clone(r.in[0].Data)
}

// A SET that takes its time delays neither reads nor SETs of other handlers, and
// those of the same handler wait for their turn. (No bubble: who waits for a
// mutex is not idle there.)
func TestSlowSet(t *testing.T) {
	entered, release := make(chan int32), make(chan struct{})
	tree := newTree(t, &plant{})
	register(t, tree, base.Append(100), &changer{commit: func(vbs []pdu.VarBind) error {
		entered <- vbs[0].Value.Int()
		<-release
		return nil
	}})
	r := newRig(t, withMIB(tree))
	slow := func(i int32) {
		r.send(encode(private(message(pdu.V2c, pdu.SetRequest, vb(base.Append(100, 0), pdu.Integer(i))))))
		r.settle()
	}
	slow(0)
	if first := <-entered; first != 0 {
		t.Fatalf("SET %d is carried out", first)
	}
	slow(1)
	for i := range int32(50) {
		if got := r.ask(private(message(pdu.V2c, pdu.SetRequest, vb(instance(setpoint), pdu.Integer(i))))); got.ErrorStatus != pdu.NoError {
			t.Fatal(got.ErrorStatus)
		}
		if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(setpoint))...)); got.VarBinds[0].Value != pdu.Integer(i) {
			t.Fatal(got.VarBinds)
		}
	}
	select {
	case second := <-entered:
		t.Errorf("SET %d has not waited", second)
	default:
	}
	release <- struct{}{}
	r.wait()
	if second := <-entered; second != 1 {
		t.Errorf("SET %d is carried out", second)
	}
	release <- struct{}{}
	r.wait()
}

// SETs of the same handlers in different orders do not wait for each other.
func TestSetsDoNotDeadlock(t *testing.T) {
	tree := mib.NewTree()
	for i := range uint32(2) {
		register(t, tree, base.Append(i), &changer{test: func([]pdu.VarBind) error {
			for range 20 {
				runtime.Gosched() // the other one may come in between
			}
			return nil
		}})
	}
	r := newRig(t, withMIB(tree))
	one, two := vb(base.Append(0, 0), pdu.Integer(1)), vb(base.Append(1, 0), pdu.Integer(1))
	for range 50 {
		r.send(encode(private(message(pdu.V2c, pdu.SetRequest, one, two))))
		r.send(encode(private(message(pdu.V2c, pdu.SetRequest, two, one))))
		r.wait()
		r.wait()
	}
}
