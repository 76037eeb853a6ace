package manager

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// RFC 3414 §4: the engine is asked for in front of the first request, and only
// there.
func TestDiscovery(t *testing.T) {
	for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv, pdu.AuthPriv} {
		t.Run(level.String(), func(t *testing.T) {
			a := newSecureAgent(t, engineA)
			c := a.client(level)
			c.Retries = 0
			for range 2 {
				list, err := c.Get(t.Context(), oid(sysDescr))
				if err != nil || text(list) != sysDescr+"=1;" {
					t.Errorf("got %s, %v", text(list), err)
				}
			}
			request := level.String() + " GetRequest"
			if want := []string{"noAuthNoPriv UnknownEngineIDs", request, request}; !slices.Equal(a.got, want) {
				t.Errorf("the agent got %q, want %q", a.got, want)
			}
		})
	}
}

// What does not tell an engine ID leaves the probe unanswered.
func TestNoDiscovery(t *testing.T) {
	tests := []struct {
		name   string
		report func(a *secureAgent, report []byte) []byte
		why    string
	}{
		{"another Report", func(a *secureAgent, report []byte) []byte {
			header, _ := pdu.ReadHeader3(report, true)
			return a.report(header.MsgID, usm.WrongDigests).data
		}, "does not tell the engine ID"},
		{"an ID that is none", func(a *secureAgent, report []byte) []byte {
			return bytes.Replace(report, []byte(engineA), make([]byte, len(engineA)), 1)
		}, "5 to 32 octets"},
		{"cut off", func(_ *secureAgent, report []byte) []byte { return report[:len(report)-1] }, "truncated"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newSecureAgent(t, engineA)
				a.discovery = func(report []byte) []delivery {
					return []delivery{{from: agentAddr, data: test.report(a, report)}}
				}
				c := a.client(pdu.AuthPriv)
				c.Retries = 1
				_, err := c.Get(t.Context(), oid(sysDescr))
				if timeout, ok := errors.AsType[*TimeoutError](err); !ok || timeout.Ignored != 2 || !strings.Contains(timeout.LastIgnored.Error(), test.why) {
					t.Errorf("error %v, want a time-out with %q", err, test.why)
				}
			})
		})
	}
}

// A probe that was answered twice tells nothing about the request that follows.
func TestDuplicateDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		a.discovery = func(report []byte) []delivery {
			d := delivery{from: agentAddr, data: report}
			return []delivery{d, d}
		}
		a.change = func(int, *usm.Verified, pdu.ScopedPDU) []delivery { return nil }
		c := a.client(pdu.AuthPriv)
		c.Retries = 1
		_, err := c.Get(t.Context(), oid(sysDescr))
		if timeout, ok := errors.AsType[*TimeoutError](err); !ok || !errors.Is(timeout.LastIgnored, errForeignMsgID) {
			t.Errorf("error %v", err)
		}
		if want := []string{"noAuthNoPriv UnknownEngineIDs", "authPriv GetRequest", "authPriv GetRequest"}; !slices.Equal(a.got, want) {
			t.Errorf("the agent got %q, want %q", a.got, want)
		}
	})
}

// An engine ID that is given is not asked for.
func TestGivenEngine(t *testing.T) {
	a := newSecureAgent(t, engineA)
	c := a.client(pdu.AuthPriv)
	c.Security.EngineID, c.Security.Boots, c.Security.Time = engineA, 3, 1000
	if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
		t.Error(err)
	}
	if want := []string{"authPriv GetRequest"}; !slices.Equal(a.got, want) {
		t.Errorf("the agent got %q, want %q", a.got, want)
	}
}

// Security may change between requests: the next one goes by it, and what does not change
// costs no discovery.
func TestSecurityChanges(t *testing.T) {
	a := newSecureAgent(t, engineA)
	c := a.client(pdu.AuthPriv)
	ask := func() error {
		_, err := c.Get(t.Context(), oid(sysDescr))
		return err
	}
	if err := errors.Join(ask(), ask()); err != nil {
		t.Fatal(err)
	}
	c.Security.Level = pdu.AuthNoPriv
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	c.Security.User.AuthPassword = usm.NewSecret("the wrong one")
	if err := ask(); !errors.Is(err, usm.ErrWrongDigest) {
		t.Errorf("with another password: %v", err)
	}
	want := []string{
		"noAuthNoPriv UnknownEngineIDs", "authPriv GetRequest", "authPriv GetRequest",
		"noAuthNoPriv UnknownEngineIDs", "authNoPriv GetRequest",
		"noAuthNoPriv UnknownEngineIDs", "authNoPriv WrongDigests",
	}
	if len(a.got) < len(want) || !slices.Equal(a.got[:len(want)], want) {
		t.Errorf("the agent got %q, want %q", a.got, want)
	}
}

// RFC 3414 §4, the second step: where the time that discovery has told is not the
// engine's, an authentic Report tells it. That is no retry.
func TestTimeSynchronization(t *testing.T) {
	tests := []struct {
		name        string
		boots, time int32 // what discovery tells
	}{
		{"zero", 0, 0},
		{"behind", 3, 500},
		{"ahead", 3, 5000},
		{"far ahead", 2147483647, 2147483647},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newSecureAgent(t, engineA)
			a.discovery = func(report []byte) []delivery { // the clock is not what it was
				a.boots, a.time = 3, 1000
				return []delivery{{from: agentAddr, data: report}}
			}
			a.boots, a.time = test.boots, test.time
			c := a.client(pdu.AuthPriv)
			c.Retries = 0
			if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
				t.Error(err)
			}
			a.boots, a.time = a.boots+1, 5 // it was started again
			if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
				t.Error(err)
			}
			want := []string{"noAuthNoPriv UnknownEngineIDs", "authPriv NotInTimeWindows", "authPriv GetRequest", "authPriv NotInTimeWindows", "authPriv GetRequest"}
			if !slices.Equal(a.got, want) {
				t.Errorf("the agent got %q, want %q", a.got, want)
			}
		})
	}
}

// A Report that the agent cannot sign ends a request with authentication when the
// attempt's time is over, for the answer might still come; without authentication
// at once.
func TestReports(t *testing.T) {
	tests := []struct {
		name  string
		level pdu.SecurityLevel
		as    func(*Security)
		want  error
		took  time.Duration
	}{
		{"unknown user", pdu.AuthNoPriv, func(s *Security) { s.User.Name = "bob" }, usm.ErrUnknownUserName, time.Second},
		{"unknown user without authentication", pdu.NoAuthNoPriv, func(s *Security) { s.User = usm.User{Name: "bob"} }, usm.ErrUnknownUserName, 0},
		{"wrong password", pdu.AuthPriv, func(s *Security) { s.User.AuthPassword = usm.NewSecret("authorization") }, usm.ErrWrongDigest, time.Second},
		{"wrong privacy password", pdu.AuthPriv, func(s *Security) { s.User.PrivPassword = usm.NewSecret("publicity") }, usm.ErrDecryption, time.Second},
		{"wrong engine", pdu.AuthNoPriv, func(s *Security) { s.EngineID = engineB }, usm.ErrUnknownEngineID, time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newSecureAgent(t, engineA)
				c := a.client(test.level)
				test.as(&c.Security)
				start := time.Now()
				_, err := c.Get(t.Context(), oid(sysDescr))
				report, ok := errors.AsType[*ReportError](err)
				if !ok || !errors.Is(err, test.want) || report.Address != "udp:192.0.2.1" || strings.Contains(err.Error(), "auth") && test.level == pdu.AuthPriv {
					t.Errorf("error %v, want one that is %v", err, test.want)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
			})
		})
	}
}

// RFC 3412 §7.2 (11): what anybody may have sent does not end a request whose answer
// comes.
func TestForgedReports(t *testing.T) {
	for stat := usm.UnsupportedSecLevels; stat <= usm.DecryptionErrors; stat++ {
		t.Run(stat.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newSecureAgent(t, engineA)
				a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
					right := a.respond(v, answer)
					right[0].after = 500 * time.Millisecond
					return append(right, a.report(v.MsgID(), stat))
				}
				list, err := a.client(pdu.AuthPriv).Get(t.Context(), oid(sysDescr))
				if err != nil || text(list) != sysDescr+"=1;" || len(a.got) != 2 {
					t.Errorf("got %s, %v after %q", text(list), err, a.got)
				}
			})
		})
	}
}

// A Report about a request that is given up says nothing about the next one, even
// where one would end it at once.
func TestLateReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		var late []delivery
		a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
			if late == nil {
				late = []delivery{a.report(v.MsgID(), usm.UnknownUserNames)}
				return nil
			}
			right := a.respond(v, answer)
			right[0].after = 500 * time.Millisecond
			return append(late, right...)
		}
		c := a.client(pdu.NoAuthNoPriv)
		c.Retries = 0
		if _, err := c.Get(t.Context(), oid(sysDescr)); err == nil {
			t.Error("an answer that there was not")
		}
		if list, err := c.Get(t.Context(), oid(sysDescr)); err != nil || text(list) != sysDescr+"=1;" {
			t.Errorf("got %s, %v", text(list), err)
		}
	})
}

// Without authentication a Report is as good as an answer would be, and not called
// authentic.
func TestReportWithoutAuthentication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		a.change = func(_ int, v *usm.Verified, _ pdu.ScopedPDU) []delivery {
			return []delivery{a.report(v.MsgID(), usm.NotInTimeWindows)}
		}
		start := time.Now()
		_, err := a.client(pdu.NoAuthNoPriv).Get(t.Context(), oid(sysDescr))
		if report, ok := errors.AsType[*ReportError](err); !ok || report.Authentic || !errors.Is(err, usm.ErrNotInTimeWindow) || time.Since(start) != 0 || len(a.got) != 2 {
			t.Errorf("error %v after %v and %q", err, time.Since(start), a.got)
		}
	})
}

// What a request returns shares no memory with the next one's answer.
func TestSecureAnswersAreKept(t *testing.T) {
	for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthPriv} {
		a := newSecureAgent(t, engineA)
		text := "first"
		a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
			answer.PDU.VarBinds[0].Value = pdu.OctetString(text)
			return a.respond(v, answer)
		}
		c := a.client(level)
		first, err := c.Get(t.Context(), oid(sysDescr))
		if err != nil {
			t.Fatal(err)
		}
		text = "other"
		if _, err := c.Get(t.Context(), oid(sysUpTime)); err != nil {
			t.Fatal(err)
		}
		if got := first[0].Name.String() + first[0].Value.Octets(); got != sysDescr+"first" {
			t.Errorf("%v: the first answer has become %s", level, got)
		}
	}
}

// RFC 3412 §6.3: every engine takes messages of 484 octets, whatever a Client's
// MaxSize.
func TestLeastMaxSize(t *testing.T) {
	a := newSecureAgent(t, engineA)
	var announced int
	a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
		announced = v.MaxSize()
		return a.respond(v, answer)
	}
	c := a.client(pdu.AuthPriv)
	c.MaxSize = 300
	if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil || announced != pdu.MinMaxSize {
		t.Errorf("msgMaxSize %d, error %v", announced, err)
	}
}

// The context is the default one of the agent's own engine unless Security says
// otherwise.
func TestContexts(t *testing.T) {
	tests := []struct {
		engine usm.EngineID
		name   string
		want   usm.EngineID
	}{
		{"", "", engineA},
		{engineB, "elsewhere", engineB},
	}
	for _, test := range tests {
		a := newSecureAgent(t, engineA)
		var got pdu.ScopedPDU
		a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
			got = pdu.ScopedPDU{ContextEngineID: strings.Clone(answer.ContextEngineID), ContextName: strings.Clone(answer.ContextName)}
			return a.respond(v, answer)
		}
		c := a.client(pdu.AuthPriv)
		c.Security.ContextEngineID, c.Security.ContextName = test.engine, test.name
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil || got.ContextEngineID != string(test.want) || got.ContextName != test.name {
			t.Errorf("context %q of engine %x, error %v", got.ContextName, got.ContextEngineID, err)
		}
	}
}

// A Report with authentication ends a request at once.
func TestAuthenticReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
			answer.PDU.Kind = pdu.Report
			answer.PDU.VarBinds = []pdu.VarBind{{Name: oid("1.3.6.1.6.3.12.1.5.0"), Value: pdu.Counter32(7)}}
			return a.respond(v, answer)
		}
		c := a.client(pdu.AuthPriv)
		c.Security.ContextName = "elsewhere"
		start := time.Now()
		_, err := c.Get(t.Context(), oid(sysDescr))
		if report, ok := errors.AsType[*ReportError](err); !ok || !report.Authentic || !errors.Is(err, ErrUnknownContext) || time.Since(start) != 0 {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		if want := "manager: udp:192.0.2.1 reports snmpUnknownContexts: the agent does not know the context"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	})
}

// RFC 3412 §7.2 (10) to (12), RFC 3413 §3.1: what is not the answer to the request,
// at its level, of its user and in its context, is ignored.
func TestForeignSecureAnswers(t *testing.T) {
	other := alice
	other.Name = "bob"
	// as returns what a manager of the same engine would send.
	as := func(a *secureAgent, u usm.User, level pdu.SecurityLevel, msgID int32, answer pdu.ScopedPDU) []byte {
		p := usm.NewPeer(engineA, usm.System, time.Now)
		p.Suppose(a.boots, a.time)
		u.AllowLower = true
		if err := p.Users().Add(u); err != nil {
			a.t.Fatal(err)
		}
		b, err := p.GenerateRequest(p.NewWorker(), make([]byte, 2000), &usm.Request{MsgID: msgID, MaxSize: 2000, User: u.Name, Level: level}, &answer)
		if err != nil {
			a.t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		name string
		data func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte
		why  error
	}{
		{"msgID", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			return as(a, alice, pdu.AuthPriv, msgID^1<<20, answer)
		}, errForeignMsgID},
		{"without privacy", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			return as(a, alice, pdu.AuthNoPriv, msgID, answer)
		}, errForeignLevel},
		{"without authentication", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			return as(a, alice, pdu.NoAuthNoPriv, msgID, answer)
		}, errForeignLevel},
		{"user", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			return as(a, other, pdu.AuthPriv, msgID, answer)
		}, usm.ErrUnknownUserName},
		{"request-id", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			answer.PDU.RequestID++
			return as(a, alice, pdu.AuthPriv, msgID, answer)
		}, errForeignID},
		{"context name", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			answer.ContextName = "elsewhere"
			return as(a, alice, pdu.AuthPriv, msgID, answer)
		}, errForeignContext},
		{"context engine", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			answer.ContextEngineID = string(engineB)
			return as(a, alice, pdu.AuthPriv, msgID, answer)
		}, errForeignContext},
		{"no Response", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			answer.PDU.Kind = pdu.GetRequest
			return as(a, alice, pdu.AuthPriv, msgID, answer)
		}, errForeignKind},
		{"MAC", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			b := as(a, alice, pdu.AuthPriv, msgID, answer)
			b[len(b)-1] ^= 1
			return b
		}, usm.ErrWrongDigest},
		{"time", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			a.time -= usm.TimeWindow + 1
			defer func() { a.time += usm.TimeWindow + 1 }()
			return as(a, alice, pdu.AuthPriv, msgID, answer)
		}, usm.ErrNotInTimeWindow},
		{"security model", func(a *secureAgent, msgID int32, answer pdu.ScopedPDU) []byte {
			b := as(a, alice, pdu.NoAuthNoPriv, msgID, answer)
			// 04 01 00, msgFlags, stands in front of 02 01 03, msgSecurityModel.
			b[bytes.Index(b, []byte{4, 1, 0, 2, 1, 3})+5] = 4
			return b
		}, errForeignModel},
		{"version", func(_ *secureAgent, _ int32, answer pdu.ScopedPDU) []byte {
			return (&pdu.Message{Version: pdu.V2c, Community: []byte("public"), PDU: answer.PDU}).Append(nil)
		}, pdu.ErrVersion},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newSecureAgent(t, engineA)
				c := a.client(pdu.AuthPriv)
				c.Retries = 0
				if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil { // so that the clock is known
					t.Fatal(err)
				}
				alone := false
				a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
					wrong := answer
					wrong.PDU.VarBinds = []pdu.VarBind{bind(sysDescr, 666)}
					list := []delivery{{from: agentAddr, data: test.data(a, v.MsgID(), wrong)}}
					if alone {
						return list
					}
					right := a.respond(v, answer)
					right[0].after = 20 * time.Millisecond
					return append(list, right...)
				}
				if list, err := c.Get(t.Context(), oid(sysDescr)); err != nil || text(list) != sysDescr+"=1;" {
					t.Errorf("got %s, %v", text(list), err)
				}
				alone = true
				_, err := c.Get(t.Context(), oid(sysDescr))
				if timeout, ok := errors.AsType[*TimeoutError](err); !ok || timeout.Ignored != 1 || !errors.Is(timeout.LastIgnored, test.why) {
					t.Errorf("alone it gives %v, want %v", err, test.why)
				}
			})
		})
	}
}

// RFC 3412 §6.2: a retry has a msgID of its own. The answer to an earlier
// attempt counts all the same.
func TestSecureRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		var ids []int32
		a.change = func(_ int, v *usm.Verified, answer pdu.ScopedPDU) []delivery {
			ids = append(ids, v.MsgID())
			late := a.respond(v, answer)
			late[0].after = 2500 * time.Millisecond
			return late
		}
		if _, err := a.client(pdu.AuthPriv).Get(t.Context(), oid(sysDescr)); err != nil {
			t.Error(err)
		}
		if len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2] {
			t.Errorf("the msgIDs were %v", ids)
		}
	})
}

// An agent that has become another engine is found again with the next attempt.
func TestEngineChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSecureAgent(t, engineA)
		c := a.client(pdu.AuthPriv)
		c.Retries = 1
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
			t.Fatal(err)
		}
		a.setEngine(engineB)
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
			t.Error(err)
		}
		// An agent that keeps denying the engine it has told is not asked for ever.
		a.discovery = func(report []byte) []delivery { return []delivery{{from: agentAddr, data: report}} }
		a.setEngine(engineA)
		c.Retries = 0
		if _, err := c.Get(t.Context(), oid(sysDescr)); !errors.Is(err, usm.ErrUnknownEngineID) {
			t.Errorf("error %v", err)
		}
	})
}

// Keys and names that cannot be used are an error before anything is sent.
func TestRefusedUsers(t *testing.T) {
	tests := []struct {
		name string
		as   func(*Security)
		want string
		sent int
	}{
		{"no name", func(s *Security) { s.User.Name = "" }, "1 to 32 octets", 0},
		{"short password", func(s *Security) { s.User.AuthPassword = usm.NewSecret("secret!") }, "at least 8 octets", 0},
		{"engine ID", func(s *Security) { s.EngineID = "1234" }, "5 to 32 octets", 0},
		{"no keys for the level", func(s *Security) { s.User = usm.User{Name: "alice"} }, usm.ErrUnsupportedSecLevel.Error(), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newSecureAgent(t, engineA)
			c := a.client(pdu.AuthPriv)
			test.as(&c.Security)
			_, err := c.Get(t.Context(), oid(sysDescr))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret!") || len(a.got) != test.sent {
				t.Errorf("error %v after %d messages, want one with %q after %d", err, len(a.got), test.want, test.sent)
			}
		})
	}
}
