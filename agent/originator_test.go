package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// toReceiver is a receiver at the sink's address, or at another host's.
func toReceiver(name string, v pdu.Version, inform bool) notify.Receiver {
	r := notify.Receiver{Name: name, Address: sinkHost, Version: v, Inform: inform, Timeout: time.Second, RetryCount: 2}
	if v == pdu.V3 {
		u := keyed(trapper)
		r.User, r.SecurityLevel = &u, pdu.AuthPriv
	} else {
		r.Community, r.SecurityName = manager.Community(name+"'s secret"), "noc"
	}
	return r
}

// withTargets has an agent tell by statements.
func withTargets(statements ...notify.Statement) func(*agent.Agent) {
	return func(a *agent.Agent) {
		allowAll(a)
		a.Targets = notify.MustNew(statements...)
	}
}

// RFC 3413 §3.3: one notification goes to everybody whom the tables name, to each in
// the form that they say.
func TestNotifyAll(t *testing.T) {
	configure := withTargets(
		toReceiver("a", pdu.V1, false), toReceiver("b", pdu.V2c, false), toReceiver("c", pdu.V2c, true),
		toReceiver("d", pdu.V3, false), toReceiver("e", pdu.V3, true),
	)
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		r.SetSysUpTime(4711)
		n := linkUpNotification
		n.ContextName = "ctx"
		if err := r.NotifyAll(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range s.all() {
			got = append(got, fmt.Sprintln(n.Version, n.Kind, string(n.Community), n.User, n.Level, n.ContextName, n.UpTime, n.OID, n.Objects()))
		}
		slices.Sort(got)
		what := fmt.Sprintln(4711, linkUp, []pdu.VarBind{ifIndex})
		want := []string{
			fmt.Sprint(pdu.V1, " ", pdu.TrapV1, " a's secret  noAuthNoPriv  ", what),
			fmt.Sprint(pdu.V2c, " ", pdu.InformRequest, " c's secret  noAuthNoPriv  ", what),
			fmt.Sprint(pdu.V2c, " ", pdu.TrapV2, " b's secret  noAuthNoPriv  ", what),
			fmt.Sprint(pdu.V3, " ", pdu.InformRequest, "  trapper authPriv ctx ", what),
			fmt.Sprint(pdu.V3, " ", pdu.TrapV2, "  trapper authPriv ctx ", what),
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("got\n%swant\n%s", strings.Join(got, ""), strings.Join(want, ""))
		}
	})
}

// rowsFor are the rows that name the sink for one who is in no statement's secrets: a
// user of the agent's, or whom a community stands for.
func rowsFor(p notify.TargetParams) []notify.Statement {
	p.Name = "params"
	return []notify.Statement{
		notify.TargetAddr{Name: "addr", Address: sinkHost, TagList: "other ops", Params: "params"},
		p,
		notify.Notify{Name: "notify", Tag: "ops"},
	}
}

// Who has no secrets of his own in the rows is known to Access and to the agent's users
// (RFC 3584 §5.2.3, RFC 3414 §3.1).
func TestNotifyAllKnown(t *testing.T) {
	policy := vacm.MustNew(
		vacm.Community{Community: "elsewhere", SecurityName: "noc", Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
		vacm.Community{Community: "in ctx", SecurityName: "noc", ContextName: "ctx"},
		vacm.Community{Community: "the sink's", SecurityName: "noc", Sources: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		vacm.Community{Community: "of all", SecurityName: "noc"},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
		vacm.Access{GroupName: "g", ContextMatch: vacm.Prefix, NotifyViewName: vacm.All},
		vacm.UserRule{User: "trapper", Level: pdu.AuthPriv},
	)
	tests := []struct {
		name      string
		params    notify.TargetParams
		context   string
		engine    usm.EngineID
		community string
		code      agent.Code
	}{
		{"a community", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "noc"}, "", "", "the sink's", 0},
		{"in a context", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "noc"}, "ctx", "", "in ctx", 0},
		{"in another context", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "noc"}, "other", "", "", agent.CodeNotAuthenticated},
		{"in a context of this engine", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "noc"}, "", testEngine, "the sink's", 0},
		{"RFC 3584 §5.2.3: of another engine", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "noc"}, "", testEngine + "x", "", agent.CodeNotAuthenticated},
		{"nobody's community", notify.TargetParams{MPModel: pdu.V2c, SecurityName: "public"}, "", "", "", agent.CodeNotAuthenticated},
		{"without a notify view", notify.TargetParams{MPModel: pdu.V1, SecurityName: "noc"}, "", "", "", agent.CodeNotPermitted},
		{"a user", notify.TargetParams{MPModel: pdu.V3, SecurityName: "trapper", SecurityLevel: pdu.AuthPriv}, "", "", "", 0},
		{"a user at a level that he may see nothing at", notify.TargetParams{MPModel: pdu.V3, SecurityName: "trapper"}, "", "", "", agent.CodeNotPermitted},
		{"nobody", notify.TargetParams{MPModel: pdu.V3, SecurityName: "nobody"}, "", "", "", agent.CodeUserName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			configure := func(a *agent.Agent) {
				withTargets(rowsFor(tt.params)...)(a)
				a.Access = policy
			}
			withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
				if err := r.AddUserKeys(keyed(trapper)); err != nil {
					t.Fatal(err)
				}
				n := linkUpNotification
				n.ContextName, n.ContextEngineID = tt.context, tt.engine
				err := r.NotifyAll(t.Context(), n)
				if codeOf(err) != tt.code {
					t.Fatalf("%v, want code %d", err, tt.code)
				}
				if tt.code != 0 {
					var one *agent.TargetError
					if !errors.As(err, &one) || one.Name != "addr" {
						t.Errorf("%v does not say who it is", err)
					}
					if len(s.all()) > 0 {
						t.Error("it was sent all the same")
					}
					return
				}
				if got := s.one(); string(got.Community) != tt.community || got.Version == pdu.V3 && got.User != "trapper" {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// One who cannot be told keeps it from nobody else, and what was lost is sent again.
func TestNotifyAllFailures(t *testing.T) {
	gone := toReceiver("gone", pdu.V2c, true)
	gone.Address = "192.0.2.99"
	other := toReceiver("ipv6", pdu.V2c, false)
	other.Address = "2001:db8::1"
	small := toReceiver("small", pdu.V2c, false)
	configure := func(a *agent.Agent) {
		withTargets(gone, other, small, toReceiver("z", pdu.V2c, true))(a)
		a.Conns[0] = agenttest.NewFaulty(a.Conns[0], agenttest.Script(agenttest.Drop, agenttest.Drop, agenttest.Drop))
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		began := time.Now()
		err := r.NotifyAll(t.Context(), linkUpNotification)
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		failed := map[string]agent.Code{}
		for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
			var one *agent.TargetError
			if errors.As(err, &one) {
				failed[one.Name] = codeOf(one)
			}
		}
		if len(failed) != 2 || failed["gone"] != agent.CodeTimeout || failed["ipv6"] != agent.CodeAddressFamily {
			t.Errorf("failed: %v", err)
		}
		if got := s.one(); string(got.Community) != "z's secret" || got.Kind != pdu.InformRequest {
			t.Errorf("%+v", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.NotifyAll(ctx, linkUpNotification); strings.Count(err.Error(), "target") != 4 {
			t.Errorf("%v", err)
		}
		if len(s.all()) > 0 {
			t.Error("something was sent after the context's end")
		}
	})
}

// Over UDP: a host's name, and an address of the other family, to which a socket is
// opened that sees and shows what confirms the inform.
func TestNotifyAllUDP(t *testing.T) {
	heard := make(chan *manager.Notification, 10)
	l := &manager.Listener{AnyCommunity: true, OnNotification: func(n *manager.Notification) { heard <- n }}
	if err := l.AddUser(keyed(trapper)); err != nil {
		t.Fatal(err)
	}
	receivers := []struct {
		network, address string
		notify.Receiver
	}{
		{"udp4", "127.0.0.1:0", toReceiver("name", pdu.V2c, true)},
		{"udp6", "[::1]:0", toReceiver("other", pdu.V3, true)},
	}
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	allowAll(a)
	var statements []notify.Statement
	for _, to := range receivers {
		c, err := transport.Listen(t.Context(), to.network, to.address, transport.Options{})
		if err != nil {
			t.Skipf("this host has no %s: %v", to.network, err)
		}
		defer c.Close()
		go l.Serve(c)
		if to.Address = c.LocalAddr().String(); to.Name == "name" {
			to.Address = fmt.Sprint("localhost:", c.LocalAddr().Port())
		}
		to.Timeout, to.RetryCount = 20*time.Second, 3
		statements = append(statements, to.Receiver)
	}
	a.Targets = notify.MustNew(statements...)
	a.DecryptLogPackets = true
	var mu sync.Mutex
	confirmed := 0
	a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
		header, err := pdu.ReadHeader3(e.Packet, true)
		if scoped := (pdu.ScopedPDU{}); err == nil && e.Direction == agent.Incoming && new(pdu.Decoder).ScopedPDU(header.Data, &scoped) == nil && scoped.PDU.Kind == pdu.Response {
			mu.Lock()
			defer mu.Unlock()
			confirmed++
		}
	}
	defer a.Deactivate()
	if err := a.NotifyAll(t.Context(), linkUpNotification); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for range len(receivers) {
		n := <-heard
		got = append(got, n.User+string(n.Community))
	}
	slices.Sort(got)
	if want := []string{"name's secret", "trapper"}; !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
	if mu.Lock(); confirmed != 1 {
		t.Errorf("%d confirmations were shown decrypted", confirmed)
	}
	mu.Unlock()
	if stats := a.Stats(); stats.Delivered != 3 {
		t.Errorf("%+v", stats)
	}
}

// RFC 3584 §3.2: who has SNMPv1 hears nothing that has a Counter64 in it, and others do.
func TestNotifyAllCounter64(t *testing.T) {
	withSink(t, withTargets(toReceiver("a", pdu.V1, false), toReceiver("b", pdu.V2c, false)), func(t *testing.T, r *rig, s *sink) {
		err := r.NotifyAll(t.Context(), agent.Notification{OID: linkUp, Objects: []pdu.VarBind{vb(ifIndex.Name, pdu.Counter64(1))}})
		var one *agent.TargetError
		if !errors.As(err, &one) || one.Name != "a" || codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("%v", err)
		}
		if n := s.one(); n.Version != pdu.V2c {
			t.Errorf("%+v", n)
		}
	})
}

// RFC 3413 §6: filters come before the access policy, and let nobody hear what it does
// not allow.
func TestNotifyAllFilterAndView(t *testing.T) {
	for name, tt := range map[string]struct {
		view vacm.FamilyType
		code agent.Code
	}{"allowed": {vacm.Included, 0}, "not allowed": {vacm.Excluded, agent.CodeNotPermitted}} {
		t.Run(name, func(t *testing.T) {
			configure := func(a *agent.Agent) {
				withTargets(toReceiver("a", pdu.V2c, false), notify.FilterProfile{Params: "a", ProfileName: "f"},
					notify.Filter{ProfileName: "f", Subtree: ber.MustOID("1.3")})(a)
				a.Access = vacm.MustNew(
					vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
					vacm.Access{GroupName: "g", NotifyViewName: "some"},
					vacm.ViewTreeFamily{ViewName: "some", Subtree: ber.MustOID("1.3")},
					vacm.ViewTreeFamily{ViewName: "some", Subtree: ifIndex.Name, Type: tt.view},
				)
			}
			withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
				if err := r.NotifyAll(t.Context(), linkUpNotification); codeOf(err) != tt.code {
					t.Errorf("%v", err)
				}
				if got := s.all(); (len(got) == 1) != (tt.code == 0) {
					t.Errorf("%d have come", len(got))
				}
			})
		})
	}
}
