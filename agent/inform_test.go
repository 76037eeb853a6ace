package agent_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// toSink is a target that is to confirm.
func toSink(v pdu.Version) agent.Target {
	to := agent.Target{Address: sinkHost, Version: v, Community: "public", Inform: true, Timeout: time.Second, Retries: 2}
	if v == pdu.V3 {
		to.User, to.Level = trapper, pdu.AuthPriv
	}
	return to
}

var linkUpNotification = agent.Notification{OID: linkUp, Objects: []pdu.VarBind{ifIndex}}

// RFC 3413 §3.3 (6): an inform is confirmed, with both versions that have informs.
func TestInform(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		r.SetSysUpTime(4711)
		for _, v := range []pdu.Version{pdu.V2c, pdu.V3} {
			n := linkUpNotification
			n.ContextName = "ctx"
			if err := r.Notify(t.Context(), toSink(v), n); err != nil {
				t.Errorf("%v: %v", v, err)
			}
			got := s.one()
			if got.Kind != pdu.InformRequest || got.Version != v || got.UpTime != 4711 || got.OID != linkUp || !slices.Equal(got.Objects(), n.Objects) || got.Source != r.to {
				t.Errorf("%v: %+v", v, got)
			}
			if v == pdu.V3 && (got.User != "trapper" || got.Level != pdu.AuthPriv || got.EngineID != s.Engine.ID() || // RFC 3414 §1.5.1
				got.ContextEngineID != testEngine || got.ContextName != "ctx") {
				t.Errorf("%v: %+v", v, got)
			}
		}
		// One that AddUser has added is named alone.
		if err := r.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
		to := toSink(pdu.V3)
		to.User = usm.User{Name: "trapper"}
		if err := r.Notify(t.Context(), to, linkUpNotification); err != nil {
			t.Error(err)
		}
		s.one()

		// Counted: SNMPv2c takes one message each way, SNMPv3 one more for discovery the
		// first time.
		stats := r.Stats()
		if stats.SNMP[agent.SnmpOutPkts] != 4 || stats.SNMP[agent.SnmpInPkts] != 4 || stats.Delivered != 4 || accounted(stats) != 4 || stats.SNMP[agent.SnmpOutTraps] != 0 {
			t.Errorf("%+v", stats)
		}
		for _, tt := range []struct {
			name   string
			change func(*agent.Target)
			code   agent.Code
		}{
			{"SNMPv1", func(to *agent.Target) { to.Version = pdu.V1 }, agent.CodeInvalidArgument}, // RFC 3584 §4.2.3
			{"a user who is not known", func(to *agent.Target) { to.User = usm.User{Name: "other"} }, agent.CodeUserName},
			{"a level without a key", func(to *agent.Target) { to.User = usm.User{Name: "plain"} }, agent.CodeUserName},
			{"nobody", func(to *agent.Target) { to.User, to.Level = usm.User{}, 0 }, agent.CodeInvalidArgument},
		} {
			to := toSink(pdu.V3)
			tt.change(&to)
			if err := r.Notify(t.Context(), to, linkUpNotification); codeOf(err) != tt.code {
				t.Errorf("%s: %v, want code %d", tt.name, err, tt.code)
			}
		}
	})
}

// RFC 3414 §1.5.1: the target is authoritative for an inform, so that keys at the agent's
// engine are none for it. Nothing is sent with them; a trap is.
func TestInformLocalizedKeys(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		if err := r.AddUserKeys(trapperAt(t, testEngine)); err != nil {
			t.Fatal(err)
		}
		to := toSink(pdu.V3)
		to.User = usm.User{Name: "trapper"}
		out := r.Stats().SNMP[agent.SnmpOutPkts]
		for _, level := range []pdu.SecurityLevel{pdu.AuthNoPriv, pdu.AuthPriv} {
			to.Level = level
			if err := r.Notify(t.Context(), to, linkUpNotification); codeOf(err) != agent.CodeSecurityLevel || !strings.Contains(err.Error(), "for this engine alone") {
				t.Errorf("%v: %v", level, err)
			}
		}
		if n := r.Stats().SNMP[agent.SnmpOutPkts]; n != out {
			t.Errorf("%d messages were sent", n-out)
		}
		to.Inform = false
		if err := r.Notify(t.Context(), to, linkUpNotification); err != nil {
			t.Errorf("a trap: %v", err)
		}
		s.one()
		to.Inform, to.User = true, trapperAt(t, s.Engine.ID())
		if err := r.Notify(t.Context(), to, linkUpNotification); err != nil {
			t.Errorf("with keys at the target's engine: %v", err)
		}
		s.one()
	})
}

// trapperAt is trapper with his keys at an engine.
func trapperAt(t *testing.T, engine usm.EngineID) usm.User {
	u := trapper
	var err error
	if u.AuthKey, u.PrivKey, err = usm.LocalizedKeys(usm.System, keyed(u), engine); err != nil {
		t.Fatal(err)
	}
	u.AuthPassword, u.PrivPassword, u.Localized = usm.Secret{}, usm.Secret{}, true
	return u
}

// RFC 3413 §3.3 (6) d: one that is not confirmed in time is sent again, so often and
// no more.
func TestInformRetries(t *testing.T) {
	for _, v := range []pdu.Version{pdu.V2c, pdu.V3} {
		inBubble(t, allowAll, func(t *testing.T, r *rig) {
			s := newSink(r)
			late := time.AfterFunc(1500*time.Millisecond, func() { s.listen(trapper) }) // the first and the second are lost
			defer late.Stop()
			began := time.Now()
			if err := r.Notify(t.Context(), toSink(v), linkUpNotification); err != nil {
				t.Errorf("%v: %v", v, err)
			}
			if took := time.Since(began); took != 2*time.Second {
				t.Errorf("%v: it took %v", v, took)
			}
			s.one()
		})
		inBubble(t, allowAll, func(t *testing.T, r *rig) { // nobody is there
			began := time.Now()
			err := r.Notify(t.Context(), toSink(v), linkUpNotification)
			var timeout *manager.TimeoutError
			code := agent.CodeTimeout
			if v == pdu.V3 {
				code = agent.CodeDiscovery
			}
			if codeOf(err) != code || !errors.As(err, &timeout) || timeout.Attempts != 3 {
				t.Errorf("%v: %v", v, err)
			}
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("%v: it took %v", v, took)
			}
			if sent := r.Stats().SNMP[agent.SnmpOutPkts]; sent != 3 {
				t.Errorf("%v: %d were sent", v, sent)
			}
			// RFC 3413 §4.1.2: without a Timeout it is 15 seconds.
			to := toSink(v)
			to.Timeout, to.Retries = 0, 0
			began = time.Now()
			r.Notify(t.Context(), to, linkUpNotification)
			if took := time.Since(began); took != 15*time.Second {
				t.Errorf("%v: it took %v", v, took)
			}
		})
	}
}

// An inform's Timeout is by the agent's Clock.
func TestInformClock(t *testing.T) {
	clock := agenttest.NewClock()
	inBubble(t, func(a *agent.Agent) {
		allowAll(a)
		a.Clock = clock
	}, func(t *testing.T, r *rig) {
		for _, v := range []pdu.Version{pdu.V2c, pdu.V3} {
			to := toSink(v)
			to.Timeout, to.Retries = time.Hour, 1
			done := make(chan error, 1)
			go func() { done <- r.Notify(context.Background(), to, linkUpNotification) }()
			for range 2 {
				clock.WaitTimers(t, 1)
				synctest.Wait()
				if len(done) > 0 {
					t.Fatalf("%v: it has ended before its time: %v", v, <-done)
				}
				clock.Advance(time.Hour)
				synctest.Wait()
			}
			if code := codeOf(<-done); code != map[pdu.Version]agent.Code{pdu.V2c: agent.CodeTimeout, pdu.V3: agent.CodeDiscovery}[v] {
				t.Errorf("%v: code %d", v, code)
			}
		}
		s := newSink(r).listen(trapper) // and one that is confirmed needs no time
		if err := r.Notify(context.Background(), toSink(pdu.V3), linkUpNotification); err != nil {
			t.Error(err)
		}
		s.one()
	})
}

// The agent answers others while informs wait, also who asks from where one was sent
// to; what is no answer to one is left alone.
func TestInformBesideRequests(t *testing.T) {
	inBubble(t, func(a *agent.Agent) {
		withEngine(a)
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
	}, func(t *testing.T, r *rig) {
		done := make(chan error, 1)
		to := toSink(pdu.V2c)
		to.Address = managerAddress // where r.client is
		go func() { done <- r.Notify(context.Background(), to, linkUpNotification) }()
		synctest.Wait()
		sent := r.received()
		if len(sent) != 1 {
			t.Fatalf("%d messages were sent", len(sent))
		}
		inform, err := pdu.ParseMessage(sent[0])
		if err != nil || inform.PDU.Kind != pdu.InformRequest {
			t.Fatalf("%+v, %v", inform, err)
		}
		if p := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)); p.ErrorStatus != pdu.NoError {
			t.Errorf("%+v", p)
		}
		answer := pdu.Message{Version: pdu.V2c, Community: []byte("public"), PDU: pdu.PDU{Kind: pdu.Response, RequestID: inform.PDU.RequestID, VarBinds: inform.PDU.VarBinds}}
		for _, wrong := range []func(*pdu.Message){
			func(m *pdu.Message) { m.PDU.RequestID++ },
			func(m *pdu.Message) { m.Community = []byte("other") },
			func(m *pdu.Message) { m.Version = pdu.V1 },
		} {
			m := answer
			wrong(&m)
			r.silent(encode(m))
		}
		other := r.network.Listen(t, "192.0.2.10:40000") // another endpoint's
		before := r.Stats()
		sendFrom(t, other, r.to, encode(answer))
		r.settle()
		r.countedIn(before, "Unsolicited")
		select {
		case err := <-done:
			t.Fatalf("it is over: %v", err)
		default:
		}
		r.silent(encode(answer))
		if err := <-done; err != nil {
			t.Error(err)
		}
		before = r.Stats()
		r.silent(encode(answer)) // comes again
		r.countedIn(before, "Unsolicited")
	})
}

// Waiting ends with the context, and with the agent; there are so many at a time and
// no more, and nothing of them stays.
func TestInformEnds(t *testing.T) {
	inBubble(t, allowAll, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := r.Notify(ctx, toSink(pdu.V2c), linkUpNotification); codeOf(err) != agent.CodeTimeout || !errors.Is(err, context.Canceled) {
			t.Errorf("after cancel: %v", err)
		}
		var waiting sync.WaitGroup
		codes := make(chan agent.Code, 300)
		for range 300 {
			waiting.Go(func() { codes <- codeOf(r.Notify(context.Background(), toSink(pdu.V2c), linkUpNotification)) })
		}
		synctest.Wait()
		if len(codes) != 300-256 {
			t.Errorf("%d have ended at once, want %d", len(codes), 300-256)
		}
		for range len(codes) {
			if code := <-codes; code != agent.CodeBusy {
				t.Errorf("code %d, want %d", code, agent.CodeBusy)
			}
		}
		r.Deactivate()
		waiting.Wait()
		for range len(codes) {
			if code := <-codes; code != agent.CodeNotActive {
				t.Errorf("code %d, want %d", code, agent.CodeNotActive)
			}
		}
	})
}

// sendFrom sends a datagram from a socket.
func sendFrom(t *testing.T, c transport.Conn, to netip.AddrPort, datagram []byte) {
	t.Helper()
	if _, err := c.Write([]transport.Packet{{Data: datagram, Remote: to}}); err != nil {
		t.Fatal(err)
	}
}

// RFC 3414 §4: the target's engine is asked for once, as long as it is the one that
// answers.
func TestInformEngines(t *testing.T) {
	inBubble(t, allowAll, func(t *testing.T, r *rig) {
		// inform sends one, which takes that many messages there and as many attempts.
		inform := func(messages uint32, took time.Duration, code agent.Code) {
			t.Helper()
			before, began := r.Stats().SNMP[agent.SnmpOutPkts], time.Now()
			if err := r.Notify(t.Context(), toSink(pdu.V3), linkUpNotification); codeOf(err) != code {
				t.Errorf("%v, want code %d", err, code)
			}
			if sent := r.Stats().SNMP[agent.SnmpOutPkts] - before; sent != messages {
				t.Errorf("it took %d messages, want %d", sent, messages)
			}
			if time.Since(began) != took {
				t.Errorf("it took %v, want %v", time.Since(began), took)
			}
		}
		sinkAt := func(engine usm.EngineID, boots int32) *sink {
			s := newSink(r)
			s.Engine = usm.NewEngine(engine, fixedClock{boots: boots, time: 77})
			return s.listen(trapper)
		}
		leave := func(s *sink) { synctest.Wait(); s.socket.Close() }
		const here, there = "\x80\x00\x7e\xd9\x04here", "\x80\x00\x7e\xd9\x04there"

		inform(3, 3*time.Second, agent.CodeDiscovery) // nobody is there
		s := sinkAt(here, 3)
		inform(2, 0, 0) // who is there, and the inform
		inform(1, 0, 0)
		time.Sleep(time.Hour)
		inform(2, 0, 0) // its clock stands still, and a Report says so
		leave(s)
		s = sinkAt(here, 4) // it was started again
		inform(2, 0, 0)
		inform(1, 0, 0)
		leave(s)
		s = sinkAt(there, 1) // another one has taken its place, and says so
		inform(3, 0, 0)
		inform(1, 0, 0)
		leave(s)
		inform(3, 3*time.Second, agent.CodeDiscovery) // it goes, which is found out at the second attempt
		inform(3, 3*time.Second, agent.CodeDiscovery)

		// One that keeps silent about engines that are not its own.
		s = sinkAt(here, 3)
		inform(2, 0, 0)
		leave(s)
		s = newSink(r)
		s.Engine = usm.NewEngine(there, fixedClock{boots: 1, time: 77})
		if err := s.AddUser(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
		s.socket = r.network.Listen(t, sinkAddress)
		go s.Serve(agenttest.NewFaulty(s.socket, agenttest.Script(agenttest.Drop)))
		inform(3, time.Second, 0)
		leave(s)
	})
}
