package agent_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

func TestAddUserErrors(t *testing.T) {
	for _, tt := range []struct {
		name         string
		user         string
		auth         usm.AuthProtocol
		authPassword string
		priv         usm.PrivProtocol
		privPassword string
		code         agent.Code // 0: it is taken
	}{
		{"authentication and privacy", "u", usm.SHA256, "12345678", usm.AES128, "87654321", 0},
		{"authentication", "u", usm.SHA256, "12345678", usm.AES128, "", 0},
		{"neither", "u", usm.SHA256, "", usm.AES128, "", 0},
		{"any", "u", usm.AnyAuth, "12345678", usm.NoPriv, "", 0},
		{"no name", "", usm.SHA256, "12345678", usm.NoPriv, "", agent.CodeInvalidArgument},
		{"a name of 33 octets", strings.Repeat("u", 33), usm.SHA256, "12345678", usm.NoPriv, "", agent.CodeInvalidArgument},
		{"privacy without authentication", "u", usm.SHA256, "", usm.AES128, "87654321", agent.CodeInvalidArgument},
		{"a password of 7 octets", "u", usm.SHA256, "1234567", usm.NoPriv, "", agent.CodeInvalidArgument}, // RFC 3414 §11.2
		{"another of 1 octet", "u", usm.SHA256, "12345678", usm.DES, "x", agent.CodeInvalidArgument},
		{"authentication protocol 7", "u", 7, "12345678", usm.NoPriv, "", agent.CodeInvalidArgument},
		{"privacy protocol 6", "u", usm.SHA1, "12345678", 6, "12345678", agent.CodeInvalidArgument},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := agent.New()
			err := a.AddUser(tt.user, tt.auth, tt.authPassword, tt.priv, tt.privPassword)
			if codeOf(err) != tt.code || (err == nil) != (tt.code == 0) {
				t.Errorf("%v, want code %d", err, tt.code)
			}
			if err != nil && (strings.Contains(err.Error(), "1234567") || strings.Contains(err.Error(), "8765432")) {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
	a := agent.New()
	err := a.AddUserKeys(usm.User{Name: "u", Auth: usm.SHA1, AuthKey: make([]byte, 19)})
	if codeOf(err) != agent.CodeKeyLength {
		t.Errorf("a key of 19 octets for SHA: %v", err)
	}
}

// Users come and go while the agent is active, and stay when it is activated
// again, with another engine too.
func TestUserCache(t *testing.T) {
	r := newRig(t, withUsers(t))
	m := r.as(writer, pdu.AuthPriv)
	request := get(instance(title))
	m.ask(request)
	if !r.RemoveUser("writer") || r.RemoveUser("writer") {
		t.Error("RemoveUser does not say whether there was one")
	}
	r.reported(m.datagram(request), "usmStatsUnknownUserNames", usm.UnknownUserNames.OID())
	if err := r.AddUserKeys(keyed(writer)); err != nil {
		t.Fatal(err)
	}
	m.ask(request)
	// Another password takes the place of the one before it.
	changed := writer
	changed.AuthPassword = usm.NewSecret("a new password")
	if err := r.AddUserKeys(keyed(changed)); err != nil {
		t.Fatal(err)
	}
	r.reported(m.datagram(request), "usmStatsWrongDigests", usm.WrongDigests.OID())
	r.as(changed, pdu.AuthPriv).ask(request)
	r.ClearCache()
	r.reported(m.datagram(request), "usmStatsUnknownUserNames", usm.UnknownUserNames.OID())
}

// Hashes are independent of the engine: users added before there is one are good
// at whatever it becomes.
func TestUsersBeforeEngine(t *testing.T) {
	r := newRig(t, func(a *agent.Agent) {
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
		if err := a.AddUserKeys(writer); err != nil {
			t.Fatal(err)
		}
		withEngine(a)
	})
	r.as(writer, pdu.AuthPriv).ask(get(instance(title)))
}

// "Any" takes whichever authentication protocol verifies, with each privacy
// protocol, and answers by the same.
func TestAnyAuth(t *testing.T) {
	r := newRig(t, func(a *agent.Agent) {
		withEngine(a)
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
	})
	if err := r.AddUser("any", usm.AnyAuth, "the password", usm.AES256, "the other password"); err != nil {
		t.Fatal(err)
	}
	for _, auth := range []usm.AuthProtocol{usm.SHA512, usm.MD5, usm.SHA1, usm.SHA224, usm.SHA256, usm.SHA384} {
		for _, extension := range []usm.KeyExtension{usm.Reeder, usm.Blumenthal} {
			u := usm.User{
				Name: "any", Auth: auth, AuthPassword: usm.NewSecret("the password"),
				Priv: usm.AES256, PrivPassword: usm.NewSecret("the other password"), Extension: extension,
			}
			if got := r.as(u, pdu.AuthPriv).ask(get(instance(title))); got.VarBinds[0] != everything()[0] {
				t.Errorf("%v, %v: %v", auth, extension, got)
			}
		}
	}
}

// CompatibilityMode 1 is Blumenthal's key extension both ways.
func TestCompatibilityMode(t *testing.T) {
	for mode, good := range map[string]bool{"CompatibilityMode=0": true, "CompatibilityMode=1": false, "CompatibilityMode=2": true} {
		u := usm.User{
			Name: "u", Auth: usm.MD5, AuthPassword: usm.NewSecret("the password"),
			Priv: usm.AES192, PrivPassword: usm.NewSecret("the other password"),
		}
		r := newRig(t, func(a *agent.Agent) {
			withEngine(a)
			a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
			if _, err := a.Config(mode); err != nil {
				t.Fatal(err)
			}
			if err := a.AddUserKeys(u); err != nil {
				t.Fatal(err)
			}
		})
		u.Extension = usm.Blumenthal
		r.as(u, pdu.AuthPriv).ask(get(instance(title)))
		u.Extension = usm.Reeder
		if m := r.as(u, pdu.AuthPriv); good {
			m.ask(get(instance(title)))
		} else {
			r.reported(m.datagram(get(instance(title))), "usmStatsDecryptionErrors", usm.DecryptionErrors.OID())
		}
		r.Deactivate()
	}
}

// OnHashPassword is asked for a hash before one is computed and told of it
// afterwards; with all hashes supplied no password is ever hashed.
func TestHashPassword(t *testing.T) {
	stored := make(map[string]usm.Secret) // by protocol and password
	key := func(e *agent.HashPasswordEvent) string {
		return fmt.Sprintf("%d %s", int(e.AuthAlgorithm), e.Password.Reveal())
	}
	var asked, told []string
	r := newRig(t, func(a *agent.Agent) {
		withEngine(a)
		a.MIB, a.Access = newTree(t, &plant{}), agent.InsecureAllowAll
		a.OnHashPassword = func(e *agent.HashPasswordEvent) {
			if e.Hash.IsEmpty() {
				asked = append(asked, key(e))
				e.Hash = stored[key(e)]
				return
			}
			told = append(told, key(e))
			stored[key(e)] = e.Hash
		}
	})
	add := func() {
		t.Helper()
		if err := r.AddUser("u", usm.SHA1, "the password", usm.AES128, "the other password"); err != nil {
			t.Fatal(err)
		}
	}
	add()
	want := []string{"2 the password", "2 the other password"}
	if !slices.Equal(asked, want) || !slices.Equal(told, want) {
		t.Errorf("asked for %q, told of %q", asked, told)
	}
	if ku, _ := usm.MasterKey(usm.System, usm.SHA1, usm.NewSecret("the password")); stored[want[0]].Reveal() != hex.EncodeToString(ku) {
		t.Error("the hash is not Ku")
	}
	for name, again := range map[string]func(){
		"AddUser": add,
		"HashPasswords": func() {
			if err := r.HashPasswords(); err != nil {
				t.Error(err)
			}
		},
	} {
		asked, told = nil, nil
		again()
		if !slices.Equal(asked, want) || len(told) != 0 {
			t.Errorf("%s: asked for %q, told of %q", name, asked, told)
		}
	}
	u := usm.User{Name: "u", Auth: usm.SHA1, AuthPassword: usm.NewSecret("the password"), Priv: usm.AES128, PrivPassword: usm.NewSecret("the other password")}
	r.as(u, pdu.AuthPriv).ask(get(instance(title)))

	for bad, code := range map[string]agent.Code{"00ff": agent.CodeKeyLength, "no digits": agent.CodeInvalidArgument} {
		stored[want[0]] = usm.NewSecret(bad)
		if err := r.HashPasswords(); codeOf(err) != code || strings.Contains(err.Error(), bad) {
			t.Errorf("the hash %q: %v", bad, err)
		}
	}
	r.as(u, pdu.AuthPriv).ask(get(instance(title))) // he is as he was
}

func TestShowCache(t *testing.T) {
	a := agent.New()
	a.ShowCache() // without a hook: nothing
	var seen []agent.CacheEntryEvent
	a.OnCacheEntry = func(e *agent.CacheEntryEvent) { seen = append(seen, *e) }
	for _, err := range []error{
		a.AddUser("b", usm.SHA256, "the password", usm.AES256, "the other password"),
		a.AddUser("c", usm.AnyAuth, "the password", usm.NoPriv, ""),
		a.AddUserKeys(usm.User{Name: "a", Auth: usm.MD5, AuthKey: make([]byte, 16)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	a.ShowCache()
	want := []agent.CacheEntryEvent{
		{User: "a", AuthenticationProtocol: usm.MD5},
		{
			User: "b", AuthenticationProtocol: usm.SHA256, AuthenticationPassword: usm.NewSecret("the password"),
			EncryptionAlgorithm: usm.AES256, EncryptionPassword: usm.NewSecret("the other password"),
		},
		{User: "c", AuthenticationProtocol: usm.AnyAuth, AuthenticationPassword: usm.NewSecret("the password")},
	}
	if !slices.Equal(seen, want) {
		t.Errorf("%+v, want %+v", seen, want)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %q", seen, seen, seen, seen, seen); strings.Contains(text, "password\"") || strings.Contains(text, "the ") {
		t.Errorf("an event shows passwords: %s", text)
	}
}

// A request costs no allocation at any level, with either provider.
func TestV3NoAllocs(t *testing.T) {
	defer agent.StopPoisoning()()
	for _, provider := range []usm.Provider{usm.Internal, usm.System} {
		r := newRig(t, withUsers(t), func(a *agent.Agent) { a.SecurityProvider = provider })
		for _, who := range []struct {
			usm.User
			level pdu.SecurityLevel
		}{{guest, pdu.NoAuthNoPriv}, {reader, pdu.AuthNoPriv}, {writer, pdu.AuthPriv}} {
			for _, p := range []pdu.PDU{
				get(instance(title), colName.Append(1)),
				{Kind: pdu.GetNextRequest, VarBinds: names(base, colName)},
				{Kind: pdu.GetBulkRequest, MaxRepetitions: 10, VarBinds: names(colName, colState)},
				{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{vb(instance(setpoint), pdu.Integer(5))}},
			} {
				if p.Kind == pdu.SetRequest && who.Name != "writer" {
					continue
				}
				t.Run(fmt.Sprint(provider, " ", who.level, " ", p.Kind), func(t *testing.T) {
					r.t = t
					m := r.as(who.User, who.level)
					m.ask(p)
					exchangeNoAllocs(t, r, m.datagram(p))
				})
			}
		}
	}
}
