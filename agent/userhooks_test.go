package agent_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// keeper has the passwords of the tests' users, as a program with a database of its
// own would, and the hooks that go with it.
type keeper struct {
	users   map[string]usm.User
	asked   []string // what OnGetUserPassword was asked for
	levels  []string // what OnGetUserSecurityLevel was told
	level   func(e *agent.GetUserSecurityLevelEvent)
	bad     []agent.BadPacketEvent
	errors  int
	hashing atomic.Int32 // passwords that were hashed
}

func newKeeper(users ...usm.User) *keeper {
	k := &keeper{users: make(map[string]usm.User)}
	for _, u := range users {
		k.users[u.Name] = u
	}
	return k
}

func (k *keeper) password(e *agent.GetUserPasswordEvent) {
	k.asked = append(k.asked, fmt.Sprint(e.PasswordType, " ", e.User))
	u := k.users[e.User]
	if e.PasswordType == agent.AuthenticationPassword {
		e.Password, e.AuthenticationProtocol = u.AuthPassword, u.Auth
	} else {
		e.Password, e.EncryptionAlgorithm = u.PrivPassword, u.Priv
	}
}

// keptRig runs f with an agent that has only hooks for users and requests: writer
// and reader are k's, guest is in the cache.
func keptRig(t *testing.T, k *keeper, configure func(*agent.Agent), f func(t *testing.T, r *rig)) {
	inBubble(t, func(a *agent.Agent) {
		withEngine(a)
		a.Access = nil
		withHooks(a, func(e *agent.RequestEvent) { e.Respond, e.Objects[0].Value = true, pdu.OctetString(e.User) })
		a.OnGetUserPassword = k.password
		a.OnBadPacket = func(e *agent.BadPacketEvent) { k.bad = append(k.bad, *e) }
		a.OnError = func(*agent.ErrorEvent) { k.errors++ }
		a.OnHashPassword = func(e *agent.HashPasswordEvent) {
			if e.Hash.IsEmpty() {
				k.hashing.Add(1)
			}
		}
		if k.level != nil {
			a.OnGetUserSecurityLevel = func(e *agent.GetUserSecurityLevelEvent) {
				k.levels = append(k.levels, fmt.Sprint(e.User, " ", int(e.SecurityLevel)))
				if e.EngineID != testEngine {
					t.Errorf("the engine ID is %v", e.EngineID)
				}
				k.level(e)
			}
		}
		if configure != nil {
			configure(a)
		}
	}, f)
}

// served checks that u is served at a level.
func (r *rig) served(u usm.User, level pdu.SecurityLevel) {
	r.t.Helper()
	if got := r.as(u, level).ask(get(instance(title))); got.VarBinds[0].Value != pdu.OctetString(u.Name) {
		r.t.Errorf("%s at %v: %v", u.Name, level, got)
	}
}

// refused checks that u's message ends in a Report about a counter and in OnBadPacket
// with a code.
func (r *rig) refused(k *keeper, u usm.User, level pdu.SecurityLevel, stat usm.Stat, code agent.Code) {
	r.t.Helper()
	k.bad = nil
	r.reported(r.as(u, level).datagram(get(instance(title))), stat.String(), stat.OID())
	if len(k.bad) != 1 || k.bad[0].Code != code || k.bad[0].Counter != stat.String() || !k.bad[0].Report {
		r.t.Errorf("OnBadPacket was told %+v, want one with %d", k.bad, code)
	}
}

// OnGetUserPassword has the passwords of users who are not in the cache, and each of
// these is hashed once.
func TestGetUserPassword(t *testing.T) {
	k := newKeeper(reader, writer)
	keptRig(t, k, nil, func(t *testing.T, r *rig) {
		if err := r.AddUserKeys(guest); err != nil {
			t.Fatal(err)
		}
		r.served(reader, pdu.AuthNoPriv)
		r.served(writer, pdu.AuthPriv)
		if want := []string{"authentication password reader", "authentication password writer", "encryption password writer"}; !slices.Equal(k.asked, want) {
			t.Errorf("asked %q, want %q", k.asked, want)
		}
		for range 5 {
			r.served(reader, pdu.AuthNoPriv)
			r.served(writer, pdu.AuthPriv)
			r.served(writer, pdu.AuthNoPriv)
		}
		if n := k.hashing.Load(); n != 3 {
			t.Errorf("%d passwords were hashed, want 3", n)
		}
		k.asked = nil
		r.served(guest, pdu.NoAuthNoPriv)
		if len(k.asked) > 0 {
			t.Errorf("of a user in the cache it is asked %q", k.asked)
		}

		// Who is not cached has to authenticate.
		r.refused(k, reader, pdu.NoAuthNoPriv, usm.UnsupportedSecLevels, agent.CodeSecurityLevel)
		wrong := reader
		wrong.AuthPassword = usm.NewSecret("not the reader's")
		r.refused(k, wrong, pdu.AuthNoPriv, usm.WrongDigests, agent.CodeWrongMAC)
		somebody := reader
		somebody.Name = "somebody"
		r.refused(k, somebody, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeNoVerification)

		// A new password takes the place of the old one.
		former := reader
		former.Priv, former.PrivPassword = usm.AES128, usm.NewSecret("reader's privacy")
		k.users["reader"] = wrong
		r.refused(k, former, pdu.AuthNoPriv, usm.WrongDigests, agent.CodeWrongMAC)
		r.served(wrong, pdu.AuthNoPriv)
		// Without a privacy password the message is authentic and cannot be read.
		former.AuthPassword = wrong.AuthPassword
		r.refused(k, former, pdu.AuthPriv, usm.DecryptionErrors, agent.CodeNoDecryption)

		if k.errors > 0 {
			t.Errorf("OnError was called %d times", k.errors)
		}
		short := reader
		short.AuthPassword = usm.NewSecret("7 chars")
		k.users["reader"] = short
		for range 3 { // whoever sends these is not to fill a log
			r.refused(k, reader, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
		}
		if k.errors != 1 {
			t.Errorf("OnError was called %d times for a short password", k.errors)
		}
		time.Sleep(time.Second) // there is one error a second at most
		short.AuthPassword = usm.NewSecret("another")
		k.users["reader"] = short
		r.refused(k, reader, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
		k.users["reader"] = wrong
		r.served(wrong, pdu.AuthNoPriv)
		time.Sleep(time.Second)
		k.users["reader"] = short
		r.refused(k, reader, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
		if k.errors != 3 {
			t.Errorf("OnError was called %d times after two changes", k.errors)
		}
	})
}

// Without a protocol named all are tried.
func TestGetUserPasswordAnyProtocol(t *testing.T) {
	k := newKeeper()
	keptRig(t, k, func(a *agent.Agent) {
		a.OnGetUserPassword = func(e *agent.GetUserPasswordEvent) {
			e.Password = usm.NewSecret("one password for all")
		}
	}, func(t *testing.T, r *rig) {
		for auth := usm.MD5; auth.OID() != ""; auth++ {
			u := usm.User{
				Name: "any", Auth: auth, AuthPassword: usm.NewSecret("one password for all"),
				Priv: usm.AES128, PrivPassword: usm.NewSecret("one password for all"),
			}
			r.served(u, pdu.AuthPriv)
		}
	})
}

// OnGetUserSecurityLevel sets the least level of every message.
func TestGetUserSecurityLevel(t *testing.T) {
	const ignore = agent.IgnoreMessage
	set := ignore
	k := newKeeper(reader, writer)
	k.level = func(e *agent.GetUserSecurityLevelEvent) { e.SecurityLevel = set }
	keptRig(t, k, nil, func(t *testing.T, r *rig) {
		cached := writer
		cached.Name = "cached"
		if err := r.AddUserKeys(keyed(cached)); err != nil {
			t.Fatal(err)
		}
		for _, u := range []usm.User{writer, cached} {
			for set = pdu.NoAuthNoPriv; set <= pdu.AuthPriv; set++ {
				for level := pdu.NoAuthNoPriv; level <= pdu.AuthPriv; level++ {
					if level < set {
						r.refused(k, u, level, usm.UnsupportedSecLevels, agent.CodeSecurityLevel)
					} else {
						r.served(u, level)
					}
				}
			}
			set = ignore
			r.refused(k, u, pdu.AuthPriv, usm.UnknownUserNames, agent.CodeUserName)
			if set = 3; true {
				r.refused(k, u, pdu.AuthPriv, usm.UnknownUserNames, agent.CodeUserName)
			}
			time.Sleep(time.Second)
		}
		if k.errors != 2 {
			t.Errorf("OnError was called %d times for a level that is none", k.errors)
		}
		for i, told := range k.levels {
			want := "writer -1"
			if i >= len(k.levels)/2 {
				want = "cached 2"
			}
			if told != want {
				t.Errorf("message %d: told %q, want %q", i, told, want)
			}
		}
	})
	// Nobody has passwords.
	set = pdu.NoAuthNoPriv
	keptRig(t, k, func(a *agent.Agent) { a.OnGetUserPassword = nil }, func(t *testing.T, r *rig) {
		r.served(writer, pdu.NoAuthNoPriv)
		r.refused(k, writer, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeNoPassword)
	})
}

// A discovery probe asks for nobody, and nobody is asked whose engine ID is another.
func TestUserHooksDiscovery(t *testing.T) {
	k := newKeeper(reader)
	k.level = func(*agent.GetUserSecurityLevelEvent) {}
	keptRig(t, k, nil, func(t *testing.T, r *rig) {
		r.exchange(discovery(pdu.GetRequest))
		if len(k.levels)+len(k.asked) > 0 {
			t.Errorf("asked %q and %q", k.levels, k.asked)
		}
	})
}

// A hook for users that panics makes the user unknown.
func TestUserHooksPanic(t *testing.T) {
	for name, hook := range map[string]func(*agent.Agent){
		"level": func(a *agent.Agent) {
			a.OnGetUserSecurityLevel = func(*agent.GetUserSecurityLevelEvent) { panic("here") }
		},
		"password": func(a *agent.Agent) { a.OnGetUserPassword = func(*agent.GetUserPasswordEvent) { panic("here") } },
		"hash":     func(a *agent.Agent) { a.OnHashPassword = func(*agent.HashPasswordEvent) { panic("here") } },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(reader)
			keptRig(t, k, hook, func(t *testing.T, r *rig) {
				for range 2 { // the second time nothing is in the way of the first
					r.refused(k, reader, pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
					time.Sleep(time.Second)
				}
				if k.errors != 2 {
					t.Errorf("OnError was called %d times", k.errors)
				}
			})
		})
	}
}

// Whoever makes hooks for users fail is not to fill a log, with one name or with many: there
// is one error a second, which says how many more there were.
func TestUserHooksFlood(t *testing.T) {
	for _, tt := range []struct {
		name string
		hook func(*agent.Agent)
		more int
	}{
		{"no level", func(a *agent.Agent) {
			a.OnGetUserSecurityLevel = func(e *agent.GetUserSecurityLevelEvent) { e.SecurityLevel = 7 }
		}, 19},
		{"short password", func(a *agent.Agent) {
			a.OnGetUserPassword = func(e *agent.GetUserPasswordEvent) { e.Password = usm.NewSecret("7 chars") }
		}, 18}, // one of them is the same again
		{"panic", func(a *agent.Agent) {
			a.OnGetUserPassword = func(e *agent.GetUserPasswordEvent) { panic("here") }
		}, 19},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newKeeper()
			var told []string
			configure := func(a *agent.Agent) {
				tt.hook(a)
				a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Description()) }
			}
			keptRig(t, k, configure, func(t *testing.T, r *rig) {
				name := func(i int) usm.User {
					u := reader
					u.Name = fmt.Sprint("reader", i)
					return u
				}
				for i := range 20 {
					r.refused(k, name(i/2), pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
				}
				if len(told) != 1 {
					t.Errorf("OnError was called %d times: %q", len(told), told)
				}
				time.Sleep(time.Second)
				r.refused(k, name(3), pdu.AuthNoPriv, usm.UnknownUserNames, agent.CodeUserName)
				if len(told) != 2 || !strings.Contains(told[1], fmt.Sprintf("failed %d times more", tt.more)) {
					t.Errorf("OnError was called %d times, the second one should be about %d: %q", len(told), tt.more, told)
				}
			})
		})
	}
}

// While as many passwords are hashed as may be, messages of further new users are
// dropped and counted, one user's wait for his hash, and others are served.
func TestUserHooksBusy(t *testing.T) {
	k := newKeeper(reader)
	release := make(chan struct{})
	keptRig(t, k, func(a *agent.Agent) {
		a.Clock = agenttest.NewClock()
		release = make(chan struct{}) // of the bubble
		a.OnGetUserPassword = func(e *agent.GetUserPasswordEvent) {
			e.Password, e.AuthenticationProtocol = reader.AuthPassword, reader.Auth
		}
		a.OnHashPassword = func(e *agent.HashPasswordEvent) {
			if e.Hash.IsEmpty() {
				k.hashing.Add(1)
				<-release
			}
		}
	}, func(t *testing.T, r *rig) {
		name := func(i int) usm.User {
			u := reader
			u.Name = fmt.Sprint("reader", i)
			return u
		}
		const users = 200
		for i := range users {
			for range 2 {
				r.send(r.as(name(i), pdu.AuthNoPriv).datagram(get(instance(title))))
				r.settle()
			}
		}
		busy := int(k.hashing.Load())
		if s := r.Stats(); busy == 0 || busy == users || s.Overloaded != uint64(2*(users-busy)) {
			t.Errorf("%d are being hashed, %d messages were dropped, of two from each of %d users", busy, s.Overloaded, users)
		}
		close(release)
		r.settle()
		r.receivedLots(2 * busy)
		if n := int(k.hashing.Load()); n != busy {
			t.Errorf("%d were hashed, want %d", n, busy)
		}
		r.served(name(users-1), pdu.AuthNoPriv) // there is room again
		if s := r.Stats(); accounted(s) != uint64(s.SNMP[agent.SnmpInPkts]) {
			t.Errorf("%d datagrams, %d accounted for", s.SNMP[agent.SnmpInPkts], accounted(s))
		}
	})
}
