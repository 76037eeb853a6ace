package agent_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// RFC 3412 §7.1 (3), §7.2 (6): whatever is wrong with a message, there is a Report
// about it if its PDU can be read and asks for an answer, or cannot be read and the
// reportable flag is set; in no other case. The counter moves in any.
func TestV3ReportsByClass(t *testing.T) {
	var told []bool // Report, as OnBadPacket had it
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.OnBadPacket = func(e *agent.BadPacketEvent) {
			told = append(told, e.Report)
			e.Report = true // which is no way to get one that is not to be
		}
	})
	other := func(u usm.User, change func(*usm.User)) usm.User { change(&u); return u }
	wrongAuth := func(u *usm.User) { u.AuthPassword = usm.NewSecret("not the password") }
	wrongPriv := func(u *usm.User) { u.PrivPassword = usm.NewSecret("not the password") }
	for _, tt := range []struct {
		name    string
		counter string
		level   pdu.SecurityLevel
		usm.User
		change func(m *v3user)
	}{
		{"engine", "usmStatsUnknownEngineIDs", pdu.AuthNoPriv, reader, func(m *v3user) { m.move("another engine") }},
		{"engine", "usmStatsUnknownEngineIDs", pdu.AuthPriv, writer, func(m *v3user) { m.move("another engine") }},
		{"user", "usmStatsUnknownUserNames", pdu.NoAuthNoPriv, usm.User{Name: "nobody"}, nil},
		{"user", "usmStatsUnknownUserNames", pdu.AuthPriv, other(writer, func(u *usm.User) { u.Name = "nobody" }), nil},
		{"level", "usmStatsUnsupportedSecLevels", pdu.NoAuthNoPriv, reader, nil},
		{"level", "usmStatsUnsupportedSecLevels", pdu.AuthPriv, other(writer, func(u *usm.User) { u.Name = "reader" }), nil},
		{"digest", "usmStatsWrongDigests", pdu.AuthNoPriv, other(reader, wrongAuth), nil},
		{"digest", "usmStatsWrongDigests", pdu.AuthPriv, other(writer, wrongAuth), nil},
		{"time", "usmStatsNotInTimeWindows", pdu.AuthNoPriv, reader, func(m *v3user) { m.peer.Suppose(7, 1151) }},
		{"boots", "usmStatsNotInTimeWindows", pdu.AuthPriv, writer, func(m *v3user) { m.peer.Suppose(8, 1000) }},
		{"decryption", "usmStatsDecryptionErrors", pdu.AuthPriv, other(writer, wrongPriv), nil},
	} {
		m := r.as(tt.User, tt.level)
		if tt.change != nil {
			tt.change(m)
		}
		for kind, confirmed := range map[pdu.Kind]bool{
			pdu.GetRequest: true, pdu.GetNextRequest: true, pdu.GetBulkRequest: true, pdu.SetRequest: true, pdu.InformRequest: true,
			pdu.Response: false, pdu.TrapV2: false, pdu.Report: false,
		} {
			for _, flag := range []bool{false, true} {
				m.Reportable = flag
				want := confirmed
				if tt.level == pdu.AuthPriv {
					want = flag
				}
				told = nil
				before := r.Stats()
				answers := r.exchange(m.datagram(pdu.PDU{Kind: kind, RequestID: 5}))
				r.countedIn(before, tt.counter)
				if (len(answers) == 1) != want || len(told) != 1 || told[0] != want {
					t.Errorf("%s, %v, %v, reportable %v: %d Reports, OnBadPacket had %v", tt.name, tt.level, kind, flag, len(answers), told)
				}
				// No Report is encrypted, or asks for one itself: two agents cannot
				// keep each other busy.
				for _, answer := range answers {
					if header, err := pdu.ReadHeader3(answer, true); err != nil || header.Encrypted || header.MsgFlags&pdu.FlagReportable != 0 {
						t.Errorf("the Report is %+v, %v", header, err)
					}
					r.silent(answer)
				}
			}
		}
	}
}

// move makes what follows messages to another engine.
func (m *v3user) move(engine usm.EngineID) {
	u := reader
	if m.Level == pdu.AuthPriv {
		u = writer
	}
	m.peer = usm.NewPeer(engine, usm.Internal, time.Now)
	m.peer.Suppose(7, 1000)
	if err := m.peer.Users().Add(keyed(u)); err != nil {
		m.t.Fatal(err)
	}
}

// Every datagram is dealt with as if it were the first: nothing of the one before
// it shows, in whatever that has ended, neither in the reader's nor in a worker's
// memory.
func TestNothingIsLeftBehind(t *testing.T) {
	var seen []string // by hooks
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.Contexts = []string{"yard"}
		a.Access = agent.InsecureAllowAll
		a.OnGetRequest = func(e *agent.RequestEvent) { // needs a worker
			seen = append(seen, fmt.Sprintf("%v %q %q %q %q %d %v", e.Version, e.Community, e.User, string(e.ContextEngineID), e.ContextName, e.MessageID, e.SecurityLevel))
		}
		a.OnBadPacket = func(e *agent.BadPacketEvent) {
			seen = append(seen, fmt.Sprintf("%d %s %v", e.Code, e.Counter, e.Report))
		}
	}, func(t *testing.T, r *rig) {
		refuse := func(c []byte) []byte { c[len(c)-1] ^= 1; return c }
		in := func(m *v3user, context string) *v3user {
			m.contextName, m.MsgID = context, int32(len(context)+1)
			return m
		}
		next := pdu.PDU{Kind: pdu.GetNextRequest, RequestID: 8, VarBinds: names(base, colName)}
		wrongPriv := writer
		wrongPriv.PrivPassword = usm.NewSecret("not the password")
		list := []struct {
			datagram []byte
			end      string
			seen     string
		}{
			{encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)), "Answered", `SNMPv2c "public" "" "" "" 0 noAuthNoPriv`},
			{encode(message(pdu.V1, pdu.GetNextRequest, names(base)...)), "Answered", ""},
			{in(r.as(guest, pdu.NoAuthNoPriv), "").datagram(get(instance(title))), "Answered", fmt.Sprintf(`SNMPv3 "" "guest" %q "" 1 noAuthNoPriv`, string(testEngine))},
			{in(r.as(reader, pdu.AuthNoPriv), "yard").datagram(get(instance(title))), "Answered", fmt.Sprintf(`SNMPv3 "" "reader" %q "yard" 5 authNoPriv`, string(testEngine))},
			{in(r.as(writer, pdu.AuthPriv), "").datagram(get(instance(title))), "Answered", fmt.Sprintf(`SNMPv3 "" "writer" %q "" 1 authPriv`, string(testEngine))},
			{in(r.as(writer, pdu.AuthPriv), "yard").datagram(next), "Answered", ""},
			{in(r.as(writer, pdu.AuthPriv), "nowhere").datagram(next), "snmpUnknownContexts", "320 snmpUnknownContexts true"},
			{r.as(wrongPriv, pdu.AuthPriv).datagram(next), "usmStatsDecryptionErrors", "313 usmStatsDecryptionErrors true"},
			{refuse(r.as(writer, pdu.AuthPriv).datagram(next)), "usmStatsWrongDigests", "308 usmStatsWrongDigests true"},
			{r.as(reader, pdu.AuthNoPriv).datagram(pdu.PDU{Kind: pdu.Response}), "Unsolicited", ""},
			{r.as(reader, pdu.AuthNoPriv).datagram(pdu.PDU{Kind: pdu.InformRequest}), "snmpUnknownPDUHandlers", "306 snmpUnknownPDUHandlers true"},
			{discovery(pdu.GetRequest), "usmStatsUnknownEngineIDs", ""},
			{encode(message(pdu.V2c, pdu.GetRequest, names(base)...))[:20], "snmpInASNParseErrs", "320 snmpInASNParseErrs false"},
			{[]byte{0x30, 3, 2, 1, 9}, "snmpInBadVersions", "305 snmpInBadVersions false"},
		}
		for i, first := range list {
			for j, second := range list {
				r.exchange(first.datagram)
				seen = nil
				before := r.Stats()
				answers := r.exchange(second.datagram)
				r.countedIn(before, second.end)
				if got := fmt.Sprint(seen); second.seen == "" && len(seen) > 0 || second.seen != "" && got != "["+second.seen+"]" {
					t.Errorf("%d after %d: hooks have seen %s, want %s", j, i, got, second.seen)
				}
				if len(answers) > 1 {
					t.Errorf("%d after %d: %d answers", j, i, len(answers))
				}
			}
		}
	})
}

// A settableEngine is an engine clock that somebody sets.
type settableEngine struct{ time atomic.Int32 }

func (c *settableEngine) BootsTime() (boots, time int32) { return 7, c.time.Load() }

// accessMeanwhile is an Access at whose first question something happens.
type accessMeanwhile struct {
	agent.Access
	meanwhile func()
}

func (a *accessMeanwhile) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	if f := a.meanwhile; f != nil {
		a.meanwhile = nil
		f()
	}
	return a.Access.View(r, t)
}

// A request that a worker takes over is verified once more, by what is so then, and
// counted once.
func TestWorkersVerifyAgain(t *testing.T) {
	changed := writer
	changed.AuthPassword = usm.NewSecret("a new password")
	clock := &settableEngine{}
	for _, tt := range []struct {
		name      string
		meanwhile func(a *agent.Agent)
		counter   string
		code      agent.Code
	}{
		{"nothing happens", func(*agent.Agent) {}, "Answered", 0},
		{"the user is removed", func(a *agent.Agent) { a.RemoveUser("writer") }, "usmStatsUnknownUserNames", agent.CodeUserName},
		{"the user has another password", func(a *agent.Agent) { a.AddUserKeys(keyed(changed)) }, "usmStatsWrongDigests", agent.CodeWrongMAC},
		{"the time window has passed", func(*agent.Agent) { clock.time.Store(1151) }, "usmStatsNotInTimeWindows", agent.CodeTimeFrame},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock.time.Store(1000)
			access := &accessMeanwhile{Access: agent.InsecureAllowAll}
			called := 0
			var told []agent.Code
			inBubble(t, func(a *agent.Agent) {
				withUsers(t)(a)
				a.Engine, a.Access = usm.NewEngine(testEngine, clock), access
				register(t, a.MIB, base.Append(9), &handler{get: func(*mib.Request, ber.OID) (pdu.Value, error) { // may block
					called++
					return pdu.Integer(9), nil
				}})
				a.OnBadPacket = func(e *agent.BadPacketEvent) { told = append(told, e.Code) }
			}, func(t *testing.T, r *rig) {
				access.meanwhile = func() { tt.meanwhile(r.Agent) }
				before := r.Stats()
				answers := r.exchange(r.as(writer, pdu.AuthPriv).datagram(get(base.Append(9, 1))))
				r.countedIn(before, tt.counter)
				if len(answers) != 1 || access.meanwhile != nil {
					t.Errorf("%d answers", len(answers))
				}
				if good := tt.code == 0; good != (called == 1) || good != (len(told) == 0) || !good && (len(told) != 1 || told[0] != tt.code) {
					t.Errorf("the handler was called %d times, OnBadPacket had %v", called, told)
				}
			})
		})
	}
}

// RFC 3416 §4.2.5, RFC 3412 §6.3: at the very limit of what the one who asks can take
// a SET is either carried out and answered, or tooBig and not carried out; and a GET
// is tooBig only if it does not fit. DES pads to 8 octets.
func TestV3AtTheLimit(t *testing.T) {
	var stored string
	object := base.Append(8)
	r := newRig(t, withUsers(t), func(a *agent.Agent) {
		a.Access = agent.InsecureAllowAll
		err := mib.Scalar{
			Object: object, Syntax: pdu.TypeOctetString,
			Get: mib.Value(func() pdu.Value { return pdu.OctetString(stored) }),
			Set: func(_ *mib.Request, v pdu.Value) error { stored = string([]byte(v.Octets())); return nil },
		}.Register(a.MIB)
		if err != nil {
			t.Fatal(err)
		}
	})
	des := writer
	des.Name, des.Priv = "des", usm.DES
	if err := r.AddUserKeys(keyed(des)); err != nil {
		t.Fatal(err)
	}
	value := func(n int) string { return fmt.Sprintf("%0*d", n, n) }
	for _, tt := range []struct {
		usm.User
		level pdu.SecurityLevel
		step  int // octets that a message grows by at once
	}{{reader, pdu.AuthNoPriv, 1}, {writer, pdu.AuthPriv, 1}, {des, pdu.AuthPriv, 8}} {
		m := r.as(tt.User, tt.level)
		m.MaxSize = 484
		longest, fits, written := 0, 0, 0
		for n := 300; n < 420; n++ {
			stored = "before"
			p := pdu.PDU{Kind: pdu.SetRequest, RequestID: 1 << 30, VarBinds: []pdu.VarBind{vb(instance(object), pdu.OctetString(value(n)))}}
			got := m.ask(p)
			switch {
			case got.ErrorStatus == pdu.NoError && stored == value(n):
				written = n
			case got.ErrorStatus != pdu.TooBig || stored != "before":
				t.Errorf("%s: a SET of %d octets: %v, and the value has %d octets", tt.Name, n, got.ErrorStatus, len(stored))
			}
			stored = value(n)
			p = get(instance(object))
			answers := r.exchange(m.datagram(p))
			if len(answers) != 1 || len(answers[0]) > 484 {
				t.Fatalf("%s: %d octets: %d answers", tt.Name, n, len(answers))
			}
			got = m.response(p, answers[0])
			switch {
			case got.ErrorStatus == pdu.NoError:
				longest, fits = max(longest, len(answers[0])), n
			case got.ErrorStatus != pdu.TooBig || longest+tt.step <= 484:
				t.Errorf("%s: a GET of %d octets: %v, and %d octets were possible", tt.Name, n, got.ErrorStatus, longest)
			}
		}
		// The size of a SET's Response is estimated, never too low and not much too high.
		if written == 0 || written > fits || written < fits-32 || longest <= 484-tt.step {
			t.Errorf("%s: the longest Response has %d octets, a value of %d could be read, one of %d written", tt.Name, longest, fits, written)
		}
	}
}

// A flood of messages that are refused costs the agent little memory, and what it
// sends is not much longer than what provoked it.
func TestReportsAreCheap(t *testing.T) {
	defer agent.StopPoisoning()()
	r := newRig(t, withUsers(t))
	nobody := writer
	nobody.Name = "nobody"
	for name, datagram := range map[string][]byte{
		"discovery": discovery(pdu.GetRequest),
		"user":      r.as(nobody, pdu.AuthPriv).datagram(get(base)),
		"digest":    append(r.as(writer, pdu.AuthPriv).datagram(get(base)), 0),
	} {
		answers := r.exchange(datagram)
		if len(answers) != 1 || len(answers[0]) > 2*len(datagram) {
			t.Fatalf("%s: %d answers to %d octets, % X", name, len(answers), len(datagram), answers)
		}
		// The usm.Failure and the Report's varbinds.
		if n := exchangeAllocs(t, r, datagram); n > 2 {
			t.Errorf("%s: a Report costs %v allocations", name, n)
		}
	}
}
