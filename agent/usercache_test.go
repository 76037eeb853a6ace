package agent_test

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// What happens to a user while HashPasswords hashes stays so: one who is removed
// does not come back, and a new password is not lost.
func TestHashPasswordsMeanwhile(t *testing.T) {
	changed := writer
	changed.AuthPassword = usm.NewSecret("a new password")
	for name, tt := range map[string]struct {
		meanwhile func(a *agent.Agent)
		counter   string // for the former user's messages
		good      *usm.User
	}{
		"removed":  {func(a *agent.Agent) { a.RemoveUser("writer") }, "usmStatsUnknownUserNames", nil},
		"cleared":  {func(a *agent.Agent) { a.ClearCache() }, "usmStatsUnknownUserNames", nil},
		"replaced": {func(a *agent.Agent) { a.AddUserKeys(changed) }, "usmStatsWrongDigests", &changed},
	} {
		t.Run(name, func(t *testing.T) {
			hashing := false
			r := newRig(t, withUsers(t), func(a *agent.Agent) {
				if err := a.AddUserKeys(writer); err != nil { // with passwords
					t.Fatal(err)
				}
				a.OnHashPassword = func(*agent.HashPasswordEvent) {
					if hashing {
						hashing = false
						tt.meanwhile(a)
					}
				}
			})
			hashing = true
			if err := r.HashPasswords(); err != nil {
				t.Error(err)
			}
			before := r.Stats()
			r.exchange(r.as(writer, pdu.AuthPriv).datagram(get(instance(title))))
			r.countedIn(before, tt.counter)
			if tt.good != nil {
				r.as(*tt.good, pdu.AuthPriv).ask(get(instance(title)))
			}
		})
	}
}

// A key that was given in a password's place stays the key: the password is
// neither hashed nor shown.
func TestKeyInPasswordsPlace(t *testing.T) {
	ku, err := usm.MasterKey(usm.System, usm.SHA256, usm.NewSecret("the password behind the key"))
	if err != nil {
		t.Fatal(err)
	}
	u := usm.User{Name: "u", Auth: usm.SHA256, AuthKey: ku, AuthPassword: usm.NewSecret("not the password")}
	var shown []agent.CacheEntryEvent
	r := newRig(t, func(a *agent.Agent) {
		withEngine(a)
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
		a.OnCacheEntry = func(e *agent.CacheEntryEvent) { shown = append(shown, *e) }
		a.OnHashPassword = func(*agent.HashPasswordEvent) { t.Error("a password is hashed") }
		if err := a.AddUserKeys(u); err != nil {
			t.Fatal(err)
		}
	})
	if err := r.HashPasswords(); err != nil {
		t.Error(err)
	}
	r.as(usm.User{Name: "u", Auth: usm.SHA256, AuthKey: ku}, pdu.AuthNoPriv).ask(get(instance(title)))
	r.ShowCache()
	if want := []agent.CacheEntryEvent{{User: "u", AuthenticationProtocol: usm.SHA256}}; !slices.Equal(shown, want) {
		t.Errorf("ShowCache shows %+v", shown)
	}
}

// A user keeps the key extension of the mode that there was when he was added, also
// where his passwords are hashed again in another one.
func TestHashPasswordsKeepsExtension(t *testing.T) {
	u := usm.User{
		Name: "u", Auth: usm.MD5, AuthPassword: usm.NewSecret("the password"),
		Priv: usm.AES192, PrivPassword: usm.NewSecret("the password"),
	}
	r := newRig(t, func(a *agent.Agent) {
		withEngine(a)
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
		if err := a.AddUserKeys(u); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := r.Config("CompatibilityMode=1"); err != nil {
		t.Fatal(err)
	}
	if err := r.HashPasswords(); err != nil {
		t.Fatal(err)
	}
	u.Extension = usm.Reeder
	r.as(u, pdu.AuthPriv).ask(get(instance(title)))
}

// The cache, the settings and the agent itself can be changed from everywhere at
// once. It is the race detector's.
func TestUserCacheAtOnce(t *testing.T) {
	stored := make(map[usm.AuthProtocol]usm.Secret)
	for _, auth := range []usm.AuthProtocol{usm.SHA1, usm.SHA256} {
		ku, err := usm.MasterKey(usm.System, auth, usm.NewSecret("the password"))
		if err != nil {
			t.Fatal(err)
		}
		stored[auth] = usm.NewSecret(hex.EncodeToString(ku))
	}
	a := agent.New()
	withEngine(a)
	a.LocalHost, a.LocalPort = "127.0.0.1", 0
	a.OnHashPassword = func(e *agent.HashPasswordEvent) { e.Hash = stored[e.AuthAlgorithm] }
	a.OnCacheEntry = func(*agent.CacheEntryEvent) {}
	var all sync.WaitGroup
	for i, f := range []func(n int) error{
		func(n int) error {
			return a.AddUser(fmt.Sprint("u", n%3), usm.SHA1, "the password", usm.AES128, "the password")
		},
		func(n int) error { return a.AddUser(fmt.Sprint("u", n%3), usm.SHA256, "the password", usm.NoPriv, "") },
		func(n int) error { a.RemoveUser(fmt.Sprint("u", n%3)); return nil },
		func(n int) error {
			if n%5 == 0 {
				a.ClearCache()
			}
			return a.HashPasswords()
		},
		func(int) error { a.ShowCache(); a.Stats(); return nil },
		func(n int) error {
			_, err := a.Config([]string{
				"TimeWindow=20", "CompatibilityMode=1", "UseInternalSecurityAPI=False", "IgnoreDiscoveryRequestType=True",
				"CompatibilityMode=0", "UseInternalSecurityAPI=True", "TimeWindow", "MsgMaxSize=1000",
			}[n%8])
			return err
		},
		func(n int) error {
			if n%10 != 0 {
				return nil
			}
			defer a.Deactivate()
			return a.Activate()
		},
	} {
		all.Go(func() {
			for n := range 60 {
				if err := f(n); err != nil {
					t.Errorf("%d: %v", i, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// Decision 8: whoever names a weak protocol, or any, has chosen it. The log says so
// once for each, and nothing else of the user.
func TestWeakProtocolsAreLogged(t *testing.T) {
	var log strings.Builder
	a := agent.New()
	a.Logger = slog.New(slog.NewTextHandler(&log, nil))
	key := func(n int) []byte { return make([]byte, n) }
	for _, u := range []usm.User{
		{Name: "good", Auth: usm.SHA256, AuthKey: key(32), Priv: usm.AES128, PrivKey: key(32)},
		{Name: "good2", Auth: usm.SHA512, AuthKey: key(64)},
	} {
		if err := a.AddUserKeys(u); err != nil {
			t.Fatal(err)
		}
	}
	if log.Len() > 0 {
		t.Errorf("nothing weak is logged: %s", &log)
	}
	for range 2 {
		for _, u := range []usm.User{
			{Name: "old", Auth: usm.MD5, AuthKey: key(16), Priv: usm.DES, PrivKey: key(16)},
			{Name: "older", Auth: usm.MD5, AuthKey: key(16)},
			{Name: "sha", Auth: usm.SHA1, AuthKey: key(20), Priv: usm.AES128, PrivKey: key(20)},
			{Name: "any", Auth: usm.AnyAuth, AuthPassword: usm.NewSecret("the password")},
		} {
			if err := a.AddUserKeys(u); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{"protocol=MD5", "protocol=DES", "protocol=SHA", "protocol=any"} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("%q is in the log %d times, want 1:\n%s", want, n, &log)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 4 || strings.Contains(log.String(), "the password") {
		t.Errorf("the log:\n%s", &log)
	}
}
