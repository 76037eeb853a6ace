package agent_test

import (
	"bytes"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// goroutine returns which goroutine the caller is, as a trace of it says.
func goroutine() string {
	stack := make([]byte, 64)
	stack = stack[:runtime.Stack(stack, false)]
	id, _, _ := bytes.Cut(stack, []byte(" ["))
	return string(id)
}

// With ProcessIdleEvents off nothing happens but in DoEvents, on its caller's
// goroutine: reading objects, and hooks of every kind.
func TestDoEvents(t *testing.T) {
	var called []string
	here := func(hook string) {
		called = append(called, hook+" on "+goroutine())
	}
	inBubble(t, func(a *agent.Agent) {
		withSetting(t, "ProcessIdleEvents=False")(a)
		withUsers(t)(a)
		a.Access = agent.InsecureAllowAll
		a.OnGetRequest = func(*agent.RequestEvent) { here("OnGetRequest") } // a worker's work
		a.OnBadPacket = func(*agent.BadPacketEvent) { here("OnBadPacket") } // a reader's
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) { here("OnPacketTrace " + e.Direction.String()) }
		a.OnGetUserSecurityLevel = func(e *agent.GetUserSecurityLevelEvent) { here("OnGetUserSecurityLevel") }
	}, func(t *testing.T, r *rig) {
		r.send(r.as(reader, pdu.AuthNoPriv).datagram(get(instance(title))))
		r.settle()
		r.send([]byte("garbage"))
		r.settle()
		if answers := r.received(); len(answers) > 0 || len(called) > 0 {
			t.Fatalf("before DoEvents: %d answers, %v", len(answers), called)
		}
		for i := range 2 {
			start := time.Now()
			if err := r.DoEvents(); err != nil {
				t.Fatal(err)
			}
			// The reader may be so quick that both are for the first one to handle.
			if passed := time.Since(start); i == 0 && passed != 0 {
				t.Errorf("DoEvents has waited for %v though there was something to do", passed)
			}
			r.settle()
		}
		me := goroutine()
		want := []string{
			"OnPacketTrace in", "OnGetUserSecurityLevel", "OnGetRequest", "OnPacketTrace out",
			"OnPacketTrace in", "OnBadPacket",
		}
		for i := range want {
			want[i] += " on " + me
		}
		if got := strings.Join(called, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("called were\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
		if answers := r.received(); len(answers) != 1 {
			t.Errorf("%d answers, want 1", len(answers))
		}
	})
}

// DoEvents waits for SelectWaitMillis if there is nothing to do, whoever handles
// events, and no longer than the agent is active.
func TestDoEventsWaits(t *testing.T) {
	for _, settings := range [][]string{nil, {"ProcessIdleEvents=False"}} {
		for text, want := range map[string]time.Duration{"20": 20 * time.Millisecond, "0": 0, "3000": 3 * time.Second} {
			inBubble(t, func(a *agent.Agent) {
				if text == "20" {
					if got := config(t, a, "SelectWaitMillis"); got != text {
						t.Errorf("SelectWaitMillis is %s at first", got)
					}
				}
				for _, s := range append(settings, "SelectWaitMillis="+text) {
					withSetting(t, s)(a)
				}
			}, func(t *testing.T, r *rig) {
				start := time.Now()
				if err := r.DoEvents(); err != nil {
					t.Fatal(err)
				}
				if passed := time.Since(start); passed != want {
					t.Errorf("%v, SelectWaitMillis=%s: DoEvents has waited for %v", settings, text, passed)
				}
			})
		}
	}
	synctest.Test(t, func(t *testing.T) {
		a := agent.New()
		a.Conns = []transport.Conn{agenttest.NewNetwork().Listen(t, agentAddress)}
		a.ProcessIdleEvents, a.SelectWaitMillis = false, 1<<31-1
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- a.DoEvents() }()
		synctest.Wait()
		if err := a.DoEvents(); codeOf(err) != agent.CodeBusy {
			t.Errorf("a second DoEvents: %v", err)
		}
		a.Deactivate()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.DoEvents(); codeOf(err) != agent.CodeNotActive {
			t.Errorf("DoEvents of an agent that is not active: %v", err)
		}
	})
}

// A hook cannot call DoEvents, what it throws is the caller's, and then all goes on.
func TestDoEventsWithin(t *testing.T) {
	inBubble(t, func(a *agent.Agent) {
		a.ProcessIdleEvents = false
		a.OnBadPacket = func(*agent.BadPacketEvent) { panic(a.DoEvents()) }
	}, func(t *testing.T, r *rig) {
		for range 2 {
			r.send([]byte("garbage"))
			r.settle()
			thrown := func() (thrown any) {
				defer func() { thrown = recover() }()
				return r.DoEvents()
			}()
			if err, ok := thrown.(error); !ok || codeOf(err) != agent.CodeBusy {
				t.Errorf("DoEvents within a hook: %v", thrown)
			}
		}
	})
}

// At the end what waits for DoEvents is dropped and counted, and errors of sockets
// wait for it too.
func TestDoEventsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := agenttest.NewNetwork()
		conn := &faultyConn{
			Conn: network.Listen(t, agentAddress), reads: make(chan error, 1),
			refuse: func(*transport.Packet) error { return nil },
		}
		client := network.Listen(t, managerAddress)
		a := agent.New()
		a.Logger = testLogger(t)
		a.Conns = []transport.Conn{conn, network.Listen(t, "192.0.2.1:1161")}
		a.ProcessIdleEvents = false
		told := 0
		a.OnError = func(*agent.ErrorEvent) { told++ }
		conn.reads <- syscall.EBADF
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Write([]transport.Packet{{Data: []byte("garbage"), Remote: a.Conns[1].(*memnet.Conn).LocalAddr()}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if told > 0 {
			t.Error("OnError was called before DoEvents")
		}
		if err := a.DoEvents(); err != nil {
			t.Fatal(err)
		}
		if told != 1 || a.Stats().SNMP[agent.SnmpInASNParseErrs] != 1 {
			t.Errorf("OnError was called %d times, and there are %d parse errors", told, a.Stats().SNMP[agent.SnmpInASNParseErrs])
		}
		if _, err := client.Write([]transport.Packet{{Data: []byte("garbage"), Remote: a.Conns[1].(*memnet.Conn).LocalAddr()}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		a.Deactivate()
		if n := a.Stats().NotAccepted; n != 1 {
			t.Errorf("%d datagrams were not accepted, want 1", n)
		}
	})
}
