package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
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

// Managers' targets that do not confirm do not keep a notification from those whom
// statements name, however many they are and however they are called.
func TestNotifyAllStatementsFirst(t *testing.T) {
	configure := func(a *agent.Agent) {
		withTargets(toReceiver("z", pdu.V2c, false))(a)
		a.Access = vacm.MustNew(
			vacm.Community{Community: "noc's", SecurityName: "noc"},
			vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
			vacm.Access{GroupName: "g", NotifyViewName: vacm.All},
		)
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		row := notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
		managed := []notify.Statement{
			notify.Notify{Name: "dead", Tag: "dead", Type: notify.Inform, Row: row},
			notify.TargetParams{Name: "dead", MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: "noc", Row: row},
		}
		for i := range 40 { // more than are told at the same time
			managed = append(managed, notify.TargetAddr{
				Name: fmt.Sprint("a", i), TDomain: notify.SnmpUDPDomain, TAddress: string([]byte{198, 51, 100, byte(i), 0, 162}),
				Timeout: time.Hour, TagList: "dead", Params: "dead", Row: row,
			})
		}
		if err := r.Targets.Restore(managed...); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go r.NotifyAll(ctx, linkUpNotification)
		synctest.Wait()
		s.one()
		cancel()
		synctest.Wait()
	})
}

// A program with queues of its own has the targets one by one.
func TestDestinations(t *testing.T) {
	both := toReceiver("both", pdu.V2c, false)
	both.Timeout, both.RetryCount = 248*24*time.Hour, 255
	configure := withTargets(
		both, notify.Notify{Name: "more", Tag: "both", Type: notify.Inform},
		notify.TargetAddr{Name: "small", Address: sinkHost, TagList: "both", Params: "both", MMS: 484, Row: notify.Row{Origin: "here"}},
	)
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		n := linkUpNotification
		n.Objects = append(slices.Clone(n.Objects), vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 400))))
		list, err := r.Destinations(n)
		if err != nil || len(list) != 4 {
			t.Fatalf("%v, %v", list, err)
		}
		for i, want := range []struct {
			name, origin string
			inform       bool
			code         agent.Code
		}{
			{"both", "", false, 0}, {"both", "", true, 0},
			{"small", "here", false, agent.CodeMessageTooLong}, {"small", "here", true, agent.CodeMessageTooLong}, // RFC 3584 §5.3
		} {
			d := list[i]
			if wait := d.Timeout; i < 2 && (wait != 5*time.Minute || d.Retries != 255) || i >= 2 && wait != 15*time.Second {
				t.Errorf("%d waits for %v", i, wait)
			}
			if d.Name != want.name || d.Origin != want.origin || d.Inform != want.inform {
				t.Errorf("%d is %+v", i, d)
			}
			if err := r.Notify(t.Context(), d.Target, n); codeOf(err) != want.code {
				t.Errorf("%+v: %v", d, err)
			}
			if one, ok := r.Destination(n, d.Name, d.Inform); !ok || !reflect.DeepEqual(one, d) {
				t.Errorf("by itself %d is %+v, %v", i, one, ok)
			}
		}
		for _, name := range []string{"", "a", "more", "z"} {
			if d, ok := r.Destination(n, name, false); ok {
				t.Errorf("there is %+v", d)
			}
		}
		if got := s.all(); len(got) != 2 {
			t.Errorf("%d have come", len(got))
		}
		to := toSink(pdu.V3) // which says itself what it takes
		to.MaxSize = 484
		if err := r.Notify(t.Context(), to, n); err != nil {
			t.Error(err)
		}
		s.one()
		if _, err := r.Destinations(agent.Notification{}); codeOf(err) != agent.CodeNoSuchOID {
			t.Errorf("without an OID: %v", err)
		}
	})
	a := agent.New()
	if list, err := a.Destinations(linkUpNotification); err != nil || list != nil {
		t.Errorf("without Targets: %v, %v", list, err)
	}
}

// Managers make targets, and are obeyed; the targets' objects are in sysORTable.
func TestRegisterTargets(t *testing.T) {
	kept := 0
	targets := notify.MustNew(toReceiver("fixed", pdu.V2c, false))
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.MIB, a.Targets = mib.NewTree(), targets
		system := &agent.System{Keep: func() error { kept++; return nil }}
		if err := errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterTargets(a.MIB, system, targets)); err != nil {
			t.Fatal(err)
		}
		if err := a.RegisterTargets(a.MIB, system, targets); err == nil {
			t.Error("registered twice")
		}
		if err := a.RegisterTargets(a.MIB, system, nil); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("without Targets: %v", err)
		}
		if err := a.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
	}
	const (
		targetMIB, notificationMIB = "1.3.6.1.6.3.12", "1.3.6.1.6.3.13"
		row                        = ".109" // called "m"
	)
	object := func(o string) ber.OID { return ber.MustOID(o) }
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		set := func(vbs ...pdu.VarBind) {
			t.Helper()
			if answer := r.ask(private(message(pdu.V2c, pdu.SetRequest, vbs...))); answer.ErrorStatus != pdu.NoError {
				t.Fatalf("%v: %v", vbs, answer)
			}
			r.settle()
		}
		tell := func(want ...string) {
			t.Helper()
			if err := r.NotifyAll(t.Context(), linkUpNotification); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range s.all() {
				got = append(got, n.User+string(n.Community))
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("told are %q, want %q", got, want)
			}
		}
		tell("fixed's secret")
		set(
			vb(object(targetMIB+".1.3.1.7"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(targetMIB+".1.3.1.2"+row), pdu.Integer(3)),
			vb(object(targetMIB+".1.3.1.3"+row), pdu.Integer(3)), vb(object(targetMIB+".1.3.1.4"+row), pdu.OctetString("trapper")),
			vb(object(targetMIB+".1.3.1.5"+row), pdu.Integer(3)),
			vb(object(targetMIB+".1.2.1.9"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(targetMIB+".1.2.1.2"+row), pdu.ObjectIdentifier(notify.SnmpUDPDomain)),
			vb(object(targetMIB+".1.2.1.3"+row), pdu.OctetString("\xc0\x00\x02\xa2\x00\xa2")), vb(object(targetMIB+".1.2.1.7"+row), pdu.OctetString("m")),
			vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("night day")),
			vb(object(notificationMIB+".1.1.1.5"+row), pdu.Integer(int32(mib.CreateAndGo))), vb(object(notificationMIB+".1.1.1.2"+row), pdu.OctetString("day")),
			vb(object(notificationMIB+".1.1.1.3"+row), pdu.Integer(int32(notify.Inform))),
		)
		if kept == 0 {
			t.Error("nothing was kept")
		}
		tell("fixed's secret", "trapper")
		set(vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("night")))
		tell("fixed's secret")
		set(vb(object(targetMIB+".1.2.1.6"+row), pdu.OctetString("day")))
		tell("fixed's secret", "trapper")
		set(vb(object(targetMIB+".1.2.1.9"+row), pdu.Integer(int32(mib.Destroy))))
		tell("fixed's secret")
		found := 0
		for i := range uint32(12) {
			switch r.get(sysOREntry.Append(2, i+1)) {
			case pdu.ObjectIdentifier(object(targetMIB + ".3.1.1")), pdu.ObjectIdentifier(object(notificationMIB + ".3.1.3")):
				found++
			}
		}
		if found != 2 {
			t.Errorf("%d rows of sysORTable", found)
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

// RFC 3413 §3.3 (6) a and b: what is known of a target is kept while it is waited for, and
// an inform goes on as it began when its rows are others meanwhile, or are gone.
func TestNotifyAllRowsGone(t *testing.T) {
	other := toReceiver("a", pdu.V2c, true)
	other.Address, other.Community, other.RetryCount = "192.0.2.77", "other's", 0
	for name, rows := range map[string][]notify.Statement{"gone": nil, "others": {other}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withTargets(toReceiver("a", pdu.V2c, true)), func(t *testing.T, r *rig) {
				s := newSink(r)
				change := time.AfterFunc(500*time.Millisecond, func() {
					if err := r.Targets.Replace(rows...); err != nil {
						t.Error(err)
					}
				})
				defer change.Stop()
				late := time.AfterFunc(1500*time.Millisecond, func() { s.listen(trapper) }) // the first and the second are lost
				defer late.Stop()
				if err := r.NotifyAll(t.Context(), linkUpNotification); err != nil {
					t.Error(err)
				}
				if n := s.one(); string(n.Community) != "a's secret" {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// Rows that are made, changed and destroyed while notifications go by them: each goes by
// rows that have been there, or not.
func TestNotifyAllWhileChanged(t *testing.T) {
	targets, tree := notify.MustNew(toReceiver("fixed", pdu.V2c, true)), mib.NewTree()
	if err := targets.Register(tree); err != nil {
		t.Fatal(err)
	}
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.Targets = targets
		if err := a.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		var changing, telling sync.WaitGroup
		addr, params := ber.MustOID("1.3.6.1.6.3.12.1.2.1"), ber.MustOID("1.3.6.1.6.3.12.1.3.1")
		integer := func(o ber.OID, n int32) pdu.VarBind { return vb(o, pdu.Integer(n)) }
		done := make(chan struct{})
		changing.Go(func() {
			defer close(done)
			for range 200 {
				for _, vbs := range [][]pdu.VarBind{
					{
						integer(params.Append(7, 'm'), int32(mib.CreateAndGo)), integer(params.Append(2, 'm'), 3), integer(params.Append(3, 'm'), 3),
						vb(params.Append(4, 'm'), pdu.OctetString("trapper")), integer(params.Append(5, 'm'), 3),
					},
					{
						integer(addr.Append(9, 'm'), int32(mib.CreateAndGo)), vb(addr.Append(2, 'm'), pdu.ObjectIdentifier(notify.SnmpUDPDomain)),
						vb(addr.Append(3, 'm'), pdu.OctetString("\xc0\x00\x02\xa2\x00\xa2")), vb(addr.Append(7, 'm'), pdu.OctetString("m")),
						vb(addr.Append(6, 'm'), pdu.OctetString("fixed")),
					},
					{vb(addr.Append(7, 'm'), pdu.OctetString("fixed"))},
					{integer(addr.Append(9, 'm'), int32(mib.Destroy)), integer(params.Append(7, 'm'), int32(mib.Destroy))},
				} {
					if err := tree.Set(new(mib.Request), vbs); err != nil {
						t.Errorf("%v: %v", vbs, err)
					}
				}
			}
		})
		told := 0
		telling.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := r.NotifyAll(t.Context(), linkUpNotification)
				var one *agent.TargetError
				// The statement's community does not go where a manager likes.
				if err != nil && (!errors.As(err, &one) || one.Name != "m" || codeOf(err) != agent.CodeNotAuthenticated) {
					t.Error(err)
				}
				told++
			}
		})
		changing.Wait()
		telling.Wait()
		fixed := 0
		for _, n := range s.all() {
			if n.User != "trapper" && string(n.Community) == "fixed's secret" {
				fixed++
			} else if n.User != "trapper" {
				t.Errorf("told is %+v", n)
			}
		}
		if fixed != told || told == 0 {
			t.Errorf("of %d informs %d came", told, fixed)
		}
	})
}
