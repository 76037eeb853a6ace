package agent_test

import (
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// addUser adds a user with what he has: passwords, which the cache then knows, or keys.
func addUser(t *testing.T, a *agent.Agent, u usm.User) {
	t.Helper()
	if err := a.AddUserKeys(u); err != nil {
		t.Fatal(err)
	}
}

// To send as a user never makes it easier to ask the agent as him: not with fewer
// passwords than he has, and not with AllowLower.
func TestSendingWeakensNobody(t *testing.T) {
	withSink(t, func(a *agent.Agent) {
		allowAll(a)
		a.MIB = newTree(t, &plant{})
	}, func(t *testing.T, r *rig, s *sink) {
		refused := func(what string, u usm.User, level pdu.SecurityLevel, counter string) {
			t.Helper()
			before := r.Stats()
			r.report(r.exchange(r.as(u, level).datagram(get(instance(title)))))
			r.countedIn(before, counter)
			if t.Failed() {
				t.Fatalf("after %s", what)
			}
		}
		good := func(what string, u usm.User) {
			t.Helper()
			if p := r.as(u, pdu.AuthPriv).ask(get(instance(title))); p.ErrorStatus != pdu.NoError {
				t.Fatalf("after %s: %+v", what, p)
			}
		}
		target := func(u usm.User, level pdu.SecurityLevel) error {
			return r.Notify(t.Context(), agent.Target{Address: sinkHost, Version: pdu.V3, User: u, Level: level}, agent.Notification{OID: linkUp})
		}
		authOnly := usm.User{Name: "trapper", Auth: trapper.Auth, AuthPassword: trapper.AuthPassword}
		for _, tt := range []struct {
			what string
			send func() error
			code agent.Code
		}{
			{"SendSecureTrap without passwords", func() error {
				return r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "", usm.NoPriv, "")
			}, agent.CodeNoPassword},
			{"SendSecureTrap with one password", func() error {
				return r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's password", usm.NoPriv, "")
			}, 0},
			{"SendSecureTrap with one password and any protocol", func() error {
				return r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.AnyAuth, "trapper's password", usm.NoPriv, "")
			}, 0},
			{"Notify with one password", func() error { return target(authOnly, pdu.AuthNoPriv) }, 0},
			{"Notify with a name alone", func() error { return target(usm.User{Name: "trapper"}, pdu.NoAuthNoPriv) }, agent.CodeSecurityLevel},
			{"Notify with AllowLower", func() error {
				lax := trapper
				lax.AllowLower = true
				return target(lax, pdu.AuthPriv)
			}, 0},
		} {
			for _, as := range []usm.User{trapper, keyed(trapper)} { // with passwords, and with keys
				addUser(t, r.Agent, as)
				code := tt.code
				if len(as.AuthKey) > 0 && strings.Contains(tt.what, "any protocol") {
					code = agent.CodeSecurityLevel // whose password is not known
				}
				if err := tt.send(); codeOf(err) != code {
					t.Fatalf("%s: %v", tt.what, err)
				}
				s.forget()
				refused(tt.what, usm.User{Name: "trapper"}, pdu.NoAuthNoPriv, "usmStatsUnsupportedSecLevels")
				refused(tt.what, authOnly, pdu.AuthNoPriv, "usmStatsUnsupportedSecLevels")
				good(tt.what, trapper)
			}
		}
		// Another password for authentication leaves the one for privacy alone.
		addUser(t, r.Agent, trapper)
		changed := trapper
		changed.AuthPassword = usm.NewSecret("another password")
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "another password", usm.NoPriv, ""); err != nil {
			t.Fatal(err)
		}
		s.forget()
		good("another password", changed)
		refused("another password", trapper, pdu.AuthPriv, "usmStatsWrongDigests")
		// Where the key for privacy is no password's, it stays as it was.
		addUser(t, r.Agent, keyed(trapper))
		if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "another password", usm.NoPriv, ""); err != nil {
			t.Fatal(err)
		}
		s.forget()
		good("another password beside a key", trapper)
	})
}

// forget drops what has come, good or not.
func (s *sink) forget() {
	s.rig.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.bad = nil, nil
}

// SendSecureResponse changes a user's passwords when there is an answer, and makes
// nobody's messages acceptable at a lower level.
func TestSendSecureResponseWeakensNobody(t *testing.T) {
	var event agent.RequestEvent
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.MIB, a.Access = nil, nil
		withHooks(a, func(e *agent.RequestEvent) { event = *e; e.Defer() })
	}, func(t *testing.T, r *rig) {
		addUser(t, r.Agent, writer)
		for name, answer := range map[string]usm.User{
			"a name alone": {Name: "writer"},
			"one password": {Name: "writer", Auth: writer.Auth, AuthPassword: writer.AuthPassword, AllowLower: true},
		} {
			r.as(writer, pdu.AuthPriv).askLater(get(instance(title)), func() {
				other := writer
				other.AuthPassword = usm.NewSecret("another password")
				if err := r.SendSecureResponse(from, event.RequestID, event.MessageID, pdu.NoError, -1, other); codeOf(err) != agent.CodeInvalidArgument {
					t.Errorf("an answer without objects: %v", err)
				}
				if err := r.SendSecureResponse(from, event.RequestID, event.MessageID, pdu.GenErr, -1, answer); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv} {
				before := r.Stats()
				r.report(r.exchange(r.as(writer, level).datagram(get(instance(title)))))
				r.countedIn(before, "usmStatsUnsupportedSecLevels")
			}
		}
	})
}

// What cannot be sent changes nobody's passwords, and uses up no request-id.
func TestFailedTrapChangesNothing(t *testing.T) {
	withSink(t, func(a *agent.Agent) {
		allowAll(a)
		a.MIB = newTree(t, &plant{})
	}, func(t *testing.T, r *rig, s *sink) {
		addUser(t, r.Agent, trapper)
		r.SetRequestID(77)
		for _, tt := range []struct {
			host, trap string
			auth       usm.AuthProtocol
			object     pdu.VarBind
			code       agent.Code
		}{
			{sinkHost + ":0", "coldStart", usm.SHA256, ifIndex, agent.CodeInvalidArgument},
			{"", "coldStart", usm.SHA256, ifIndex, agent.CodeInvalidArgument},
			{sinkHost, "bogus", usm.SHA256, ifIndex, agent.CodeNoSuchOID},
			{sinkHost, "coldStart", usm.AnyAuth, ifIndex, agent.CodeSecurityLevel},
			{sinkHost, "coldStart", usm.SHA256, vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 65500))), agent.CodeMessageTooLong},
			{"2001:db8::1", "coldStart", usm.SHA256, ifIndex, agent.CodeAddressFamily},
		} {
			for _, user := range []string{"trapper", "somebody else"} {
				err := r.SendSecureTrap(tt.host, tt.trap, user, tt.auth, "another password", usm.AES128, "another one still", tt.object)
				if codeOf(err) != tt.code {
					t.Errorf("%q, %q: %v, want code %d", tt.host, tt.trap, err, tt.code)
				}
			}
			if p := r.as(trapper, pdu.AuthPriv).ask(get(instance(title))); p.ErrorStatus != pdu.NoError {
				t.Fatalf("after %q, %q: %+v", tt.host, tt.trap, p)
			}
			if id := r.RequestID(); id != 77 {
				t.Fatalf("after %q, %q: the next request-id is %d", tt.host, tt.trap, id)
			}
		}
		if r.RemoveUser("somebody else") {
			t.Error("a user who could not send is in the cache")
		}
	})
}

// What no message can have is an error of the call, never a panic and never sent.
func TestBadTrapSettings(t *testing.T) {
	withSink(t, allowAll, func(t *testing.T, r *rig, s *sink) {
		for name, tt := range map[string]struct {
			set  func()
			code agent.Code
		}{
			"TrapPort":             {func() { r.TrapPort = 65536 + 162 }, agent.CodeInvalidArgument},
			"negative TrapPort":    {func() { r.TrapPort = -1 }, agent.CodeInvalidArgument},
			"TrapAgentAddress":     {func() { r.TrapAgentAddress = netip.MustParseAddr("2001:db8::1") }, agent.CodeBadIPAddress},
			"TrapEnterprise":       {func() { r.TrapEnterprise = ber.NewOID(1) }, agent.CodeInvalidArgument},
			"ContextEngineID":      {func() { r.Version, r.ContextEngineID = pdu.V3, "x" }, agent.CodeInvalidArgument},
			"ContextName":          {func() { r.Version, r.ContextName = pdu.V3, strings.Repeat("x", 33) }, agent.CodeInvalidArgument},
			"Version":              {func() { r.Version = 2 }, agent.CodeBadVersion},
			"nothing wrong at all": {func() {}, 0},
		} {
			r.Reset()
			r.Version = pdu.V1
			tt.set()
			if err := r.SendTrap(sinkHost, "6.1"); codeOf(err) != tt.code && (r.Version == pdu.V1 || codeOf(err) != agent.CodeNoSuchOID) {
				t.Errorf("%s: SendTrap: %v, want code %d", name, err, tt.code)
			}
			if err := r.SendTrap(sinkHost, "1.3.6.1.4.1.32473.0.1"); codeOf(err) != tt.code {
				t.Errorf("%s: SendTrap with an OID: %v, want code %d", name, err, tt.code)
			}
			if got := len(s.all()); got > 0 && tt.code != 0 {
				t.Errorf("%s: %d were sent", name, got)
			}
		}
		r.Reset()
		for _, level := range []pdu.SecurityLevel{agent.IgnoreMessage, 3, 9} {
			err := r.Notify(t.Context(), agent.Target{Address: sinkHost, Version: pdu.V3, User: usm.User{Name: "plain"}, Level: level}, agent.Notification{OID: linkUp})
			if codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("level %d: %v", int(level), err)
			}
		}
		if _, err := r.Config("ContextName=" + strings.Repeat("x", 33)); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("a ContextName of 33 octets: %v", err)
		}
	})
}

// MaxPacketSize is the longest trap too.
func TestTrapMaxPacketSize(t *testing.T) {
	withSink(t, func(a *agent.Agent) {
		allowAll(a)
		a.MaxPacketSize = 1000
	}, func(t *testing.T, r *rig, s *sink) {
		long := vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 990)))
		for _, inform := range []bool{false, true} {
			err := r.Notify(t.Context(), agent.Target{Address: sinkHost, Version: pdu.V2c, Community: "public", Inform: inform}, agent.Notification{OID: linkUp, Objects: []pdu.VarBind{long}})
			if codeOf(err) != agent.CodeMessageTooLong {
				t.Errorf("inform %v: %v", inform, err)
			}
		}
	})
}

// HashPasswords hashes those who were added by sending too.
func TestHashPasswordsOfSenders(t *testing.T) {
	hashed := 0
	withSink(t, func(a *agent.Agent) {
		allowAll(a)
		a.OnHashPassword = func(e *agent.HashPasswordEvent) {
			if e.Hash.IsEmpty() {
				hashed++
			}
		}
	}, func(t *testing.T, r *rig, s *sink) {
		send := func() {
			t.Helper()
			if err := r.SendSecureTrap(sinkHost, "linkUp", "trapper", usm.SHA256, "trapper's password", usm.AES128, "trapper's other one"); err != nil {
				t.Fatal(err)
			}
			s.one()
		}
		send()
		hashed = 0
		if err := r.HashPasswords(); err != nil || hashed != 2 {
			t.Errorf("%d passwords were hashed, %v", hashed, err)
		}
		if send(); hashed != 2 {
			t.Errorf("%d passwords were hashed when he sent again", hashed)
		}
	})
}
