package agent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// Every field of a user is kept but for passwords, which are an error, and encoders of
// text do not lose keys without a word.
func TestAppendUsers(t *testing.T) {
	u := agent.UserEntry{
		User: usm.User{
			Name: "ops", Auth: usm.SHA256, AuthKey: []byte{0, 1, 0xFF}, Priv: usm.AES256, PrivKey: []byte{2},
			Extension: usm.Blumenthal, Localized: true, AllowLower: true,
		},
		Public: "\xff", StorageType: mib.NonVolatile, Status: mib.NotInService, Changed: true, Fingerprint: "\x00\xfe", EngineID: "engine",
	}
	for _, v := range []reflect.Value{reflect.ValueOf(u), reflect.ValueOf(u.User)} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "AuthPassword" && name != "PrivPassword" {
				t.Errorf("this test does not say whether %s is kept", name)
			}
		}
	}
	b, err := agent.AppendUsers(nil, u, agent.UserEntry{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := agent.ParseUsers(b); err != nil || !reflect.DeepEqual(got, []agent.UserEntry{u, {}}) {
		t.Errorf("%v, %v, want %v", got, err, u)
	}
	if got, err := agent.ParseUsers(b[:len(b)-1]); err == nil || got != nil {
		t.Errorf("what was cut off: %v, %v", got, err)
	}
	if _, err := agent.ParseUsers([]byte("\x01\x01\x04")); err == nil {
		t.Error("a row that is no user is read")
	}
	if text, err := json.Marshal([]agent.UserEntry{u}); err == nil {
		t.Errorf("as JSON it is %s", text)
	}
	u.AuthPassword = usm.NewSecret("a password")
	if b, err := agent.AppendUsers([]byte("x"), u); err == nil || string(b) != "x" {
		t.Errorf("with a password: %q, %v", b, err)
	}
}

// Who may be below his highest level may be so after a restart.
func TestKeptAllowLower(t *testing.T) {
	r := newRig(t, withEngine)
	for name, lower := range map[string]bool{"lax": true, "strict": false} {
		u := writer
		u.Name, u.AllowLower = name, lower
		if err := r.AddUserEntry(agent.UserEntry{User: keyed(u), StorageType: mib.NonVolatile}); err != nil {
			t.Fatal(err)
		}
	}
	entries := r.KeptUsers()
	if len(entries) != 2 {
		t.Fatal(entries)
	}
	for _, e := range entries {
		if e.AllowLower != (e.Name == "lax") {
			t.Errorf("%v: AllowLower is %v", e, e.AllowLower)
		}
	}
}

// keptOf returns an agent at an engine, and the users whom another one at engine
// keptEngine had: ops, whom the program had added and a manager has changed, and eve, whom a
// manager has made.
func keptOf(t *testing.T, keptEngine, engine usm.EngineID) (*agent.Agent, []agent.UserEntry) {
	t.Helper()
	at := func(id usm.EngineID) *agent.Agent {
		a := agent.New()
		a.Conns = []transport.Conn{agenttest.NewNetwork().Listen(t, "192.0.2.1:161")}
		if id != "" {
			a.Engine = usm.NewEngine(id, usm.NewEpochClock(agenttest.NewClock().Now))
		}
		t.Cleanup(a.Deactivate)
		return a
	}
	first := at(keptEngine)
	for name, storage := range map[string]mib.StorageType{"ops": mib.Permanent, "eve": mib.NonVolatile} {
		u := usm.User{Name: name, Auth: usm.SHA256, AuthPassword: usm.NewSecret("a long password")}
		if err := first.AddUserEntry(agent.UserEntry{User: u, StorageType: storage, Changed: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Activate(); err != nil {
		t.Fatal(err)
	}
	b, err := agent.AppendUsers(nil, first.KeptUsers()...)
	if err != nil {
		t.Fatal(err)
	}
	users, err := agent.ParseUsers(b)
	if err != nil || len(users) != 2 {
		t.Fatal(users, err)
	}
	return at(engine), users
}

// Whom the program does not have any more does not come back, whatever managers have
// changed of him; whom they have made does.
func TestAddKeptUsers(t *testing.T) {
	for _, tt := range []struct {
		has  bool
		gone []string
		want int
	}{{true, nil, 2}, {false, []string{"ops"}, 1}} {
		a, users := keptOf(t, testEngine, testEngine)
		if tt.has {
			if err := a.AddUser("ops", usm.SHA256, "a long password", usm.NoPriv, ""); err != nil {
				t.Fatal(err)
			}
		}
		if gone, err := a.AddKeptUsers(users...); !slices.Equal(gone, tt.gone) || err != nil {
			t.Errorf("%v: left out: %q, %v, want %q", tt.has, gone, err, tt.gone)
		}
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		if got := a.KeptUsers(); len(got) != tt.want {
			t.Errorf("%v: %d users are there, want %d", tt.has, len(got), tt.want)
		}
	}
}

// What a manager has changed of a user of the program's counts until the program gives him
// another password.
func TestKeptUntilTheProgramChanges(t *testing.T) {
	const password, other, theirs = "what was configured", "what is now configured", "what a manager has set"
	for _, tt := range []struct {
		name    string
		rekeyed bool     // the manager has set a key, and not usmUserPublic alone
		given   []string // the program's passwords at the starts that follow
		want    string   // whose keys he has then
		left    bool     // out, at the last of them
	}{
		{"something is set", false, []string{password, password}, password, false},
		{"something is set, then the password is another", false, []string{password, other}, other, true},
		{"a key is set", true, []string{password, password}, theirs, false},
		{"a key is set, then the password is another", true, []string{password, other}, other, true},
		{"the password is another, and then the first one again", true, []string{other, password}, password, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var kept []byte
			start := func(password string) (a *agent.Agent, gone []string) {
				t.Helper()
				a = agent.New()
				a.Conns = []transport.Conn{agenttest.NewNetwork().Listen(t, "192.0.2.1:161")}
				a.Engine = usm.NewEngine(testEngine, usm.NewEpochClock(agenttest.NewClock().Now))
				a.MIB, a.Access = mib.NewTree(), agent.InsecureAllowAll
				t.Cleanup(a.Deactivate)
				users, err := agent.ParseUsers(kept)
				if err == nil {
					err = a.AddUser("ops", usm.SHA256, password, usm.AES256, password)
				}
				if err == nil {
					gone, err = a.AddKeptUsers(users...)
				}
				system := new(agent.System)
				system.Keep = func() (err error) { kept, err = agent.AppendUsers(nil, a.KeptUsers()...); return err }
				if err := errors.Join(err, a.RegisterObjects(a.MIB, system), a.Activate()); err != nil {
					t.Fatal(err)
				}
				return a, gone
			}
			keysOf := func(password string) (auth, priv []byte) {
				u := usm.User{Name: "ops", Auth: usm.SHA256, AuthPassword: usm.NewSecret(password), Priv: usm.AES256, PrivPassword: usm.NewSecret(password)}
				auth, priv, err := usm.LocalizedKeys(usm.System, u, testEngine)
				if err != nil {
					t.Fatal(err)
				}
				return auth, priv
			}
			set := func(a *agent.Agent, vb pdu.VarBind) {
				t.Helper()
				if err := a.MIB.Set(new(mib.Request), []pdu.VarBind{vb}); err != nil {
					t.Fatal(err)
				}
			}
			a, _ := start(password)
			set(a, userCell(11, "ops", pdu.OctetString("public"))) // usmUserPublic
			if tt.rekeyed {
				old, _ := keysOf(password)
				new, _ := keysOf(theirs)
				set(a, keyChange(t, 6, "ops", usm.SHA256, old, new)) // usmUserAuthKeyChange
			}
			var gone []string
			for _, password := range tt.given {
				a.Deactivate()
				a, gone = start(password)
				set(a, userCell(11, "ops", pdu.OctetString("public again")))
			}
			if left := slices.Equal(gone, []string{"ops"}); left != tt.left {
				t.Errorf("left out: %q, want ops to be: %t", gone, tt.left)
			}
			want, _ := keysOf(tt.want)
			if users := a.KeptUsers(); len(users) != 1 || !bytes.Equal(users[0].AuthKey, want) {
				t.Errorf("he has keys of another password than %q", tt.want)
			}
		})
	}
}

// Keys that are localized to another engine are error 324 as soon as it is known: they
// would make every message of their users one with a wrong digest.
func TestKeptUsersOfAnotherEngine(t *testing.T) {
	a, users := keptOf(t, testEngine, "another engine")
	if err := a.AddUserEntry(users[0]); codeOf(err) != agent.CodeEngineID {
		t.Errorf("with an Engine: %v", err)
	}
	a, users = keptOf(t, testEngine, "")
	if err := a.AddUserEntry(users[0]); err != nil {
		t.Fatal(err)
	}
	if err := a.Activate(); codeOf(err) != agent.CodeEngineID {
		t.Errorf("Activate: %v", err)
	}
	a.RemoveUser(users[0].Name)
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	if err := a.AddUserEntry(users[0]); codeOf(err) != agent.CodeEngineID {
		t.Errorf("while it is active: %v", err)
	}
	users[0].EngineID = ""
	if err := a.AddUserEntry(users[0]); err != nil {
		t.Errorf("without an EngineID: %v", err)
	}
}

// A user of the program's of whom a manager has set something, and no key, still has the
// program's keys after a restart, which informs take. One whose key was changed, or a
// protocol dropped, has what the manager has left.
func TestKeptWithoutAKey(t *testing.T) {
	kept := agent.UserEntry{User: trapperAt(t, testEngine), Public: "set", StorageType: mib.Permanent, Status: mib.Active, Changed: true, EngineID: testEngine}
	rekeyed, dropped := kept, kept
	rekeyed.AuthKey = make([]byte, len(kept.AuthKey))
	dropped.Priv, dropped.PrivKey = usm.NoPriv, nil
	for _, tt := range []struct {
		name  string
		entry agent.UserEntry
		level pdu.SecurityLevel
		code  agent.Code
	}{
		{"Public", kept, pdu.AuthPriv, 0},
		{"a key", rekeyed, pdu.AuthPriv, agent.CodeSecurityLevel},
		{"a protocol", dropped, pdu.AuthNoPriv, agent.CodeSecurityLevel},
	} {
		configure := func(a *agent.Agent) {
			allowAll(a)
			if err := a.AddUserKeys(keyed(trapper)); err != nil {
				t.Fatal(err)
			}
			if err := a.AddUserEntry(tt.entry); err != nil {
				t.Fatal(err)
			}
		}
		withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
			to := toSink(pdu.V3)
			to.User, to.Level = usm.User{Name: "trapper"}, tt.level
			if err := r.Notify(t.Context(), to, linkUpNotification); codeOf(err) != tt.code {
				t.Errorf("%s: %v, want code %d", tt.name, err, tt.code)
			}
			s.all()
			got := r.KeptUsers()
			for i := range got {
				got[i].Fingerprint = ""
			}
			if len(got) != 1 || !reflect.DeepEqual(got[0], tt.entry) {
				t.Errorf("%s: kept are %v, want %v", tt.name, got, tt.entry)
			}
		})
	}
}
