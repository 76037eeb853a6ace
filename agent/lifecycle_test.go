package agent_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// local returns an agent for 127.0.0.1 and a port of the system's choice.
func local() *agent.Agent {
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	return a
}

func TestActivate(t *testing.T) {
	a := local()
	a.Deactivate() // does nothing
	for range 2 {
		if a.Active() || a.LocalAddr().IsValid() {
			t.Error("the agent is active before Activate")
		}
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		if err := a.Activate(); !errors.Is(err, agent.CodeActive) {
			t.Errorf("a second Activate: %v", err)
		}
		if !a.Active() || a.LocalAddr().Port() == 0 || a.LocalAddr().Addr() != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("active: %v, at %v", a.Active(), a.LocalAddr())
		}
		a.Deactivate()
	}
	if err := new(agent.Agent).Activate(); codeOf(err) != agent.CodeInvalidArgument {
		t.Errorf("an Agent that New has not made: %v", err)
	}
}

// With sockets that somebody has closed the agent is active no longer than it takes to
// find out, and then OnError has been told; with others it can be activated again.
func TestClosedConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := agenttest.NewNetwork()
		conn := network.Listen(t, agentAddress)
		conn.Close()
		told := 0
		a := agent.New()
		a.Logger = testLogger(t)
		a.OnError = func(e *agent.ErrorEvent) {
			if told++; !errors.Is(e.Err, net.ErrClosed) {
				t.Error(e.Err)
			}
		}
		a.Conns = []transport.Conn{conn}
		for range 2 {
			if err := a.Activate(); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if a.Active() {
				t.Error("active without a socket")
			}
			if err := a.DoEvents(); codeOf(err) != agent.CodeNotActive {
				t.Errorf("DoEvents: %v", err)
			}
			if _, err := a.Config("LocalPort=1161"); err != nil {
				t.Errorf("a setting that is fixed while the agent is active: %v", err)
			}
		}
		if told != 2 {
			t.Errorf("OnError was told %d times", told)
		}
		a.Conns = []transport.Conn{network.Listen(t, agentAddress)}
		if err := a.Activate(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !a.Active() {
			t.Error("not active with a new socket")
		}
		a.Deactivate()
	})
}

// Fields that cannot be are an error, and the agent is as it was.
func TestActivateErrors(t *testing.T) {
	for name, change := range map[string]func(*agent.Agent){
		"a MIB without Access": func(a *agent.Agent) { a.MIB, a.Access = newTree(t, &plant{}), nil },
		"LocalPort":            func(a *agent.Agent) { a.LocalPort = 65536 },
		"MaxPacketSize":        func(a *agent.Agent) { a.MaxPacketSize = 65508 },
		"MsgMaxSize":           func(a *agent.Agent) { a.MsgMaxSize = 483 },
		"MaxBulkResponse":      func(a *agent.Agent) { a.MaxBulkResponse = -1 },
		"MaxConcurrent":        func(a *agent.Agent) { a.MaxConcurrent = -1 },
		"Contexts":             func(a *agent.Agent) { a.Contexts = []string{"", strings.Repeat("x", 33)} },
		"TimeWindow":           func(a *agent.Agent) { a.TimeWindow = -1 },
		"HandlerTimeout":       func(a *agent.Agent) { a.HandlerTimeout = -1 },
	} {
		a := local()
		change(a)
		if err := a.Activate(); codeOf(err) != agent.CodeInvalidArgument || a.Active() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A port that is in use is error 10048, with the system's own error in it; with
// ForceLocalPort false the system chooses another one.
func TestPortInUse(t *testing.T) {
	first := local()
	if err := first.Activate(); err != nil {
		t.Fatal(err)
	}
	defer first.Deactivate()
	second := local()
	second.LocalPort = int(first.LocalAddr().Port())
	err := second.Activate()
	if codeOf(err) != agent.CodeAddressInUse || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v", err)
	}
	second.ForceLocalPort = false
	if err := second.Activate(); err != nil {
		t.Fatal(err)
	}
	defer second.Deactivate()
	if second.LocalAddr() == first.LocalAddr() || second.LocalAddr().Port() == 0 {
		t.Errorf("the second agent is at %v", second.LocalAddr())
	}
}

// ListenAndServe ends without an error when its context does, or when somebody
// calls Deactivate, and with one if it could not begin.
func TestListenAndServe(t *testing.T) {
	for name, end := range map[string]func(a *agent.Agent, cancel func()){
		"context":    func(_ *agent.Agent, cancel func()) { cancel() },
		"Deactivate": func(a *agent.Agent, _ func()) { a.Deactivate() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		a := local()
		started := make(chan struct{})
		a.OnPacketTrace = func(*agent.PacketTraceEvent) { close(started) }
		conn, err := transport.Listen(ctx, "udp4", "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a.Conns = append(a.Conns, conn)
		ended := make(chan error)
		go func() { ended <- a.ListenAndServe(ctx) }()
		sender, err := net.Dial("udp", conn.LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer sender.Close()
		if _, err := sender.Write([]byte("one datagram")); err != nil { // which is there when the agent comes to read
			t.Fatal(err)
		}
		<-started
		end(a, cancel)
		if err := <-ended; err != nil || a.Active() {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	a := local()
	a.MsgMaxSize = 1
	if err := a.ListenAndServe(t.Context()); codeOf(err) != agent.CodeInvalidArgument {
		t.Errorf("%v", err)
	}
}

// When its context ends ListenAndServe still has what it has accepted answered, and
// what comes later dropped, before it returns.
func TestListenAndServeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := agenttest.NewNetwork()
		client := network.Listen(t, managerAddress)
		a := agent.New()
		a.Conns = []transport.Conn{network.Listen(t, agentAddress)}
		a.OnGetRequest = func(e *agent.RequestEvent) {
			sleep(e.Context, 5*time.Second)
			e.Objects[0].Value, e.Respond = pdu.Integer(7), true
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		ask := func() {
			request := encode(message(pdu.V2c, pdu.GetRequest, names(instance(setpoint))...))
			if _, err := client.Write([]transport.Packet{{Data: request, Remote: netip.MustParseAddrPort(agentAddress)}}); err != nil {
				t.Error(err)
			}
		}
		ask()
		time.AfterFunc(3*time.Second, ask)
		began := time.Now()
		if err := a.ListenAndServe(ctx); err != nil || a.Active() {
			t.Errorf("%v, active %v", err, a.Active())
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if s := a.Stats(); s.Answered != 1 || s.NotAccepted != 1 || client.Pending() != 1 {
			t.Errorf("%d answers, %d received, %d datagrams not accepted", s.Answered, client.Pending(), s.NotAccepted)
		}
	})
}

// SysUpTime runs from the first activation, or from what it was set to, modulo 2³².
func TestSysUpTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := agent.New()
		is := func(want uint32) {
			t.Helper()
			if got := a.SysUpTime(); got != want {
				t.Errorf("SysUpTime is %d, want %d", got, want)
			}
		}
		time.Sleep(time.Second)
		is(0)
		for _, begin := range []uint32{0, 300} {
			a.Conns = []transport.Conn{agenttest.NewNetwork().Listen(t, agentAddress)}
			if err := a.Activate(); err != nil {
				t.Fatal(err)
			}
			is(begin)
			time.Sleep(3 * time.Second)
			is(begin + 300)
			a.Deactivate()
		}
		a.SetSysUpTime(1<<32 - 100)
		time.Sleep(500 * time.Millisecond)
		is(1<<32 - 50)
		time.Sleep(time.Second)
		is(50)
	})
}

// Reset gives what notifications are made of the values that New gives it, and nothing
// else.
func TestReset(t *testing.T) {
	a := agent.New()
	for _, s := range []string{"TrapPort=1162", "TrapCommunity=other", "TrapEnterprise=1.3.6.1.4.1.32473", "TrapAgentAddress=192.0.2.1", "ContextName=west",
		"AuthenticationKey=00112233445566778899aabbccddeeff", "EncryptionKey=00112233445566778899aabbccddeeff", "TimeWindow=20"} {
		withSetting(t, s)(a)
	}
	a.Version = pdu.V3
	a.Reset()
	for _, name := range []string{"TrapPort", "TrapCommunity", "TrapEnterprise", "TrapAgentAddress", "ContextName", "AuthenticationKey", "EncryptionKey"} {
		if got, want := config(t, a, name), config(t, agent.New(), name); got != want {
			t.Errorf("%s is %q after Reset, want %q", name, got, want)
		}
	}
	if a.Version != pdu.V2c || a.TimeWindow != 20 {
		t.Errorf("the version is %v, TimeWindow %d", a.Version, a.TimeWindow)
	}
}

// What has something to tell while the program ends does not open the port again: not for
// a context that has ended, and not after Deactivate. What the specification has activates
// the agent whenever it is not active.
func TestNotifyAfterDeactivate(t *testing.T) {
	to := agent.Target{Address: "127.0.0.1:9", Version: pdu.V2c, Community: "public"}
	ended, end := context.WithCancel(t.Context())
	end()
	for name, tell := range map[string]func(*agent.Agent, context.Context) error{
		"Notify":    func(a *agent.Agent, ctx context.Context) error { return a.Notify(ctx, to, linkUpNotification) },
		"NotifyAll": func(a *agent.Agent, ctx context.Context) error { return a.NotifyAll(ctx, linkUpNotification) },
	} {
		a := local()
		allowAll(a)
		check := func(when string, ctx context.Context, code agent.Code, active bool) {
			t.Helper()
			if err := tell(a, ctx); codeOf(err) != code || a.Active() != active {
				t.Errorf("%s %s: %v, active %v, want code %d and %v", name, when, err, a.Active(), code, active)
			}
		}
		check("before the first activation, for a context that has ended", ended, agent.CodeTimeout, false)
		check("before the first activation", t.Context(), 0, true)
		a.Deactivate()
		check("after Deactivate", t.Context(), agent.CodeNotActive, false)
		check("after Deactivate, for a context that has ended", ended, agent.CodeTimeout, false)
		if err := a.ListenAndServe(ended); err != nil {
			t.Fatal(err)
		}
		check("after ListenAndServe", t.Context(), agent.CodeNotActive, false)
		if err := a.SendTrap(to.Address, "linkUp"); err != nil || !a.Active() {
			t.Errorf("SendTrap after Deactivate: %v, active %v", err, a.Active())
		}
		check("in an active agent", t.Context(), 0, true)
		a.Deactivate()
	}
}
