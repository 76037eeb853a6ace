package usm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"snmpstack/pdu"
	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/hmac"
)

// What is no user is refused when it is added.
func TestUserCheck(t *testing.T) {
	const good, short = "12345678", "1234567"
	secret := NewSecret
	for _, row := range []struct {
		name string
		user User
		want error // nil: it is one
	}{
		{"no keys", User{Name: "u"}, nil},
		{"authentication", User{Name: "u", Auth: SHA1, AuthPassword: secret(good)}, nil},
		{"both", User{Name: "u", Auth: SHA1, AuthPassword: secret(good), Priv: DES, PrivPassword: secret(good)}, nil},
		{"any protocol", User{Name: "u", AuthPassword: secret(good), Priv: DES, PrivPassword: secret(good)}, nil},
		{"32 octets", User{Name: strings.Repeat("u", 32)}, nil},
		{"empty name", User{}, errUserName}, // RFC 3414 §4
		{"33 octets", User{Name: strings.Repeat("u", 33)}, errUserName},
		{"privacy alone", User{Name: "u", Priv: DES, PrivPassword: secret(good)}, errPrivAlone}, // RFC 3414 §1.4.2
		{"privacy key alone", User{Name: "u", Priv: DES, PrivKey: make([]byte, 16)}, errPrivAlone},
		{"short password", User{Name: "u", Auth: SHA1, AuthPassword: secret(short)}, errShort}, // RFC 3414 §11.2
		{"one octet", User{Name: "u", Auth: SHA1, AuthPassword: secret("1")}, errShort},
		{"short privacy password", User{Name: "u", Auth: SHA1, AuthPassword: secret(good), Priv: DES, PrivPassword: secret(short)}, errShort},
		{"privacy without its password", User{Name: "u", Auth: SHA1, AuthPassword: secret(good), Priv: DES}, errMissing},
		{"key of any protocol", User{Name: "u", AuthKey: make([]byte, 16)}, errAnyKey},
		{"privacy key of any protocol", User{Name: "u", AuthPassword: secret(good), Priv: DES, PrivKey: make([]byte, 16)}, errAnyKey},
		{"protocol 7", User{Name: "u", Auth: 7, AuthPassword: secret(good)}, errNoSuchAuth},
		{"protocol -1", User{Name: "u", Auth: -1}, errNoSuchAuth},
		{"privacy protocol 6", User{Name: "u", Auth: MD5, AuthPassword: secret(good), Priv: 6, PrivPassword: secret(good)}, errNoSuchPriv},
		{"privacy password without protocol", User{Name: "u", Auth: MD5, AuthPassword: secret(good), PrivPassword: secret(good)}, errNoSuchPriv},
		{"extension 3", User{Name: "u", Extension: 3}, errNoSuchExt},
	} {
		users := NewUsers(testEngine, System)
		err := users.Add(row.user)
		if !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
		// The same if somebody else hashes the passwords (RFC 3414 §11.2).
		_, err = HashUser(System, row.user, func(a AuthProtocol, _ Secret) ([]byte, error) { return make([]byte, a.KeyLen()), nil })
		if !errors.Is(err, row.want) {
			t.Errorf("%s, hashed elsewhere: %v, want %v", row.name, err, row.want)
		}
		if added := len(users.Names()) == 1; added != (row.want == nil) {
			t.Errorf("%s: added: %v", row.name, added)
		}
		if err != nil && (strings.Contains(err.Error(), good) || strings.Contains(err.Error(), short)) {
			t.Errorf("%s: %v tells the password", row.name, err)
		}
	}
}

// RFC 3414 §6.1, §7.1 and §8.1, RFC 7860 §4.1, RFC 3826 §3.2: keys have their
// protocol's length.
func TestKeyLength(t *testing.T) {
	for i := range authProtocols {
		a := &authProtocols[i]
		for n := range 80 {
			if n == 0 {
				continue
			}
			for _, localized := range []bool{false, true} {
				err := NewUsers(testEngine, System).Add(User{Name: "u", Auth: a.id, AuthKey: make([]byte, n), Localized: localized})
				checkLength(t, err, n, a.keyLen, n == a.keyLen)
			}
			for j := range privProtocols {
				p := &privProtocols[j]
				u := User{Name: "u", Auth: a.id, AuthKey: make([]byte, a.keyLen), Priv: p.id, PrivKey: make([]byte, n), Localized: true}
				checkLength(t, NewUsers(testEngine, System).Add(u), n, p.keyLen, n == p.keyLen || n > p.keyLen && n%a.keyLen == 0)
				// A master key is one of the hash's.
				if u.Localized = false; p.keyLen <= a.keyLen { // else Reeder's extension takes its time
					checkLength(t, NewUsers(testEngine, System).Add(u), n, a.keyLen, n == a.keyLen)
				}
			}
		}
	}
}

func checkLength(t *testing.T, err error, got, want int, ok bool) {
	t.Helper()
	var length *KeyLengthError
	if ok == (err == nil) && (ok || errors.As(err, &length) && length.Got == got && length.Want == want) {
		return
	}
	t.Errorf("a key of %d octets where there should be %d: %v", got, want, err)
}

// The empty name is never a user, whoever has brought one in (RFC 3414 §4).
func TestEmptyUserName(t *testing.T) {
	users := NewUsers(testEngine, System)
	if err := users.AddHashed(&HashedUser{}); !errors.Is(err, errUserName) {
		t.Errorf("%v, want %v", err, errUserName)
	}
	users.directory.put(named(""))
	if users.lookup(nil) != nil || users.lookup([]byte("")) != nil {
		t.Error("the empty name is a user")
	}
}

// RFC 3414 §3.2 (4) and (5): which level a user can have, and which one he has to.
func TestLevels(t *testing.T) {
	none, auth, priv := User{Name: "none"}, ops(SHA1, NoPriv), ops(SHA1, AES128)
	auth.Name, priv.Name = "auth", "priv"
	authLower, privLower := auth, priv
	authLower.Name, authLower.AllowLower = "authLower", true
	privLower.Name, privLower.AllowLower = "privLower", true
	x := newPair(t, Internal, none, auth, priv, authLower, privLower)
	for _, row := range []struct {
		user   string
		levels string // that are accepted
	}{
		{"none", "0"}, {"auth", "1"}, {"priv", "2"}, {"authLower", "01"}, {"privLower", "012"},
	} {
		for level := pdu.NoAuthNoPriv; level <= pdu.AuthPriv; level++ {
			want := strings.Contains(row.levels, fmt.Sprint(int(level)))
			r := Request{MsgID: 1, MaxSize: 484, User: row.user, Level: level}
			if _, err := x.peer.GenerateRequest(x.pw, make([]byte, 600), &r, &testScoped); want != (err == nil) || !want && !errors.Is(err, ErrUnsupportedSecLevel) {
				t.Errorf("%s sends at %v: %v", row.user, level, err)
			}
			_, err := x.process(x.craft(t, row.user, level))
			if want != (err == nil) || !want && !errors.Is(err, ErrUnsupportedSecLevel) {
				t.Errorf("%s is taken at %v: %v", row.user, level, err)
			}
		}
	}
	// RFC 3412 §7.2 (5) d: privacy without authentication is no level.
	header, err := pdu.ReadHeader3(x.craft(t, "priv", pdu.AuthPriv), true)
	if err != nil {
		t.Fatal(err)
	}
	header.MsgFlags = pdu.FlagPriv
	if _, err := x.model.ProcessIncoming(x.mw, nil, header, true); !errors.Is(err, ErrFlags) {
		t.Errorf("%v, want %v", err, ErrFlags)
	}
	if _, err := x.peer.ProcessIncoming(x.pw, nil, header, true); !errors.Is(err, ErrFlags) {
		t.Errorf("%v, want %v", err, ErrFlags)
	}
	if _, err := x.process(x.craft(t, "nobody", pdu.AuthPriv)); !errors.Is(err, ErrUnknownUserName) {
		t.Errorf("%v, want %v", err, ErrUnknownUserName)
	}
}

// craft returns a message at any level, with the keys of ops(SHA1, AES128) where it
// takes some.
func (x *pair) craft(t testing.TB, name string, level pdu.SecurityLevel) []byte {
	t.Helper()
	o := outgoing{
		header:   pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: level.Flags() | pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM},
		engineID: testEngine, boots: x.clock.boots, time: x.clock.time, userName: []byte(name), scoped: &testScoped,
	}
	u := newTestUser(t, Internal, testEngine, ops(SHA1, AES128))
	if level >= pdu.AuthNoPriv {
		o.credential = u.credentials[0]
	}
	if level == pdu.AuthPriv {
		o.cipher = o.credential.ciphers[0]
	}
	b, err := x.pw.generate(make([]byte, 600), &o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// AnyAuth takes whichever protocol verifies, and answers with that one.
func TestAnyAuth(t *testing.T) {
	password := NewSecret("the password")
	x := newPair(t, System, User{Name: "any", AuthPassword: password, Priv: AES256, PrivPassword: password})
	notify := func() error {
		_, err := x.model.GenerateRequest(x.mw, make([]byte, 600), &Request{MsgID: 1, MaxSize: 484, User: "any", Level: pdu.AuthPriv}, &testScoped)
		return err
	}
	if err := notify(); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Errorf("sending before a message has come: %v", err)
	}
	for i := range authProtocols {
		a := &authProtocols[i]
		for _, e := range []KeyExtension{Reeder, Blumenthal} {
			if err := x.peer.Users().Add(User{Name: "any", Auth: a.id, AuthPassword: password, Priv: AES256, PrivPassword: password, Extension: e}); err != nil {
				t.Fatal(err)
			}
			b := x.request(t, "any", pdu.AuthPriv)
			v, err := x.process(b)
			if err != nil {
				t.Errorf("%v, %v: %v", a.id, e, err)
				continue
			}
			if v.credential.auth != a {
				t.Errorf("%v verified as %v", a.id, v.credential.auth.id)
			}
			if _, err := x.take(x.respond(t, &v)); err != nil {
				t.Errorf("%v, %v: the answer: %v", a.id, e, err)
			}
			if err := notify(); err != nil {
				t.Errorf("%v: sending: %v", a.id, err)
			}
			b[len(b)-1] ^= 1
			if _, err := x.process(b); !errors.Is(err, ErrWrongDigest) {
				t.Errorf("%v: %v, want %v", a.id, err, ErrWrongDigest)
			}
		}
	}
}

// RFC 3414 §3.2 (11): a request whose user is removed, or gets other keys, while it
// is under way is answered with the keys that it came with; the next one is not.
func TestUserRemovedUnderway(t *testing.T) {
	for name, remove := range map[string]func(*Users){
		"Remove": func(us *Users) { us.Remove("ops") },
		"Clear":  func(us *Users) { us.Clear() },
		"Add":    func(us *Users) { us.Add(ops(MD5, DES)) },
	} {
		x := newPair(t, Internal, ops(SHA256, AES128))
		request := x.request(t, "ops", pdu.AuthPriv)
		v, err := x.process(request)
		if err != nil {
			t.Fatal(err)
		}
		x.clock.time += 200
		_, late := x.process(request)
		remove(x.model.Users())
		for range 3 {
			runtime.GC() // what would clear keys that are in use
		}
		if _, err := x.take(x.respond(t, &v)); err != nil {
			t.Errorf("%s: the answer: %v", name, err)
		}
		if _, err := x.take(x.report(t, late)); err != nil {
			t.Errorf("%s: the Report: %v", name, err)
		}
		if _, err := x.process(x.request(t, "ops", pdu.AuthPriv)); err == nil {
			t.Errorf("%s: the next request is accepted", name)
		}
	}
}

// Keys are cleared when their user is gone and nothing refers to them any more.
func TestKeysCleared(t *testing.T) {
	if cryptotest.RaceEnabled {
		t.Skip("it looks at keys while they are cleared, as nothing else does")
	}
	users := NewUsers(testEngine, Internal)
	if err := users.Add(ops(SHA256, DES)); err != nil {
		t.Fatal(err)
	}
	c := users.lookup([]byte("ops")).credentials[0] // does not refer to the user
	w := hmac.NewWorker(Internal.impl().Hash(c.auth.hash))
	wiped := func() (ok bool) {
		defer func() { ok = recover() != nil }()
		w.MAC(c.key, nil)
		return false
	}
	if wiped() || c.ciphers[0].preIV == [8]byte{} {
		t.Fatal("cleared too early")
	}
	users.Remove("ops")
	for range 1000 {
		runtime.GC()
		runtime.Gosched()
		if wiped() {
			break
		}
	}
	if !wiped() || c.ciphers[0].preIV != [8]byte{} {
		t.Error("the keys are still there")
	}
	defer func() {
		if recover() == nil {
			t.Error("a wiped cipher encrypts")
		}
	}()
	c.ciphers[0].block.Encrypt(make([]byte, 8), make([]byte, 8))
}

// A HashedUser that was wiped has no keys, and those at engines stay.
func TestHashedUserWipe(t *testing.T) {
	x := newPair(t, Internal)
	u := ops(SHA1, AES128)
	h, err := HashUser(Internal, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []*Users{x.model.Users(), x.peer.Users()} {
		if err := table.AddHashed(h); err != nil {
			t.Fatal(err)
		}
	}
	key := h.keys[0].priv.octets
	h.Wipe()
	if !bytes.Equal(key, make([]byte, len(key))) || bytes.Equal(u.PrivKey, key) {
		t.Errorf("%x after Wipe, and the caller's is %x", key, u.PrivKey)
	}
	if _, err := x.process(x.request(t, "ops", pdu.AuthPriv)); err != nil {
		t.Error(err)
	}
	if auth, priv, err := h.LocalizedKeys(testEngine); auth != nil || priv != nil || !errors.Is(err, errUserName) {
		t.Errorf("%x, %x, %v", auth, priv, err)
	}
	// Above all he is no user who needs no keys.
	if err := x.model.Users().AddHashed(h); !errors.Is(err, errUserName) {
		t.Errorf("he can be added again: %v", err)
	}
}

// What a caller's hash function returns stays the caller's.
func TestHashUserCopies(t *testing.T) {
	stored := []byte("0123456789abcdef")
	h, err := HashUser(System, User{Name: "u", Auth: MD5, AuthPassword: NewSecret("the password")}, func(AuthProtocol, Secret) ([]byte, error) { return stored, nil })
	if err != nil {
		t.Fatal(err)
	}
	h.Wipe()
	if string(stored) != "0123456789abcdef" {
		t.Errorf("%q", stored)
	}
}

// One HashedUser serves any number of engines, with other keys at each.
func TestHashedUserEngines(t *testing.T) {
	h, err := HashUser(System, User{Name: "ops", Auth: SHA1, AuthPassword: NewSecret("the password"), Priv: AES256, PrivPassword: NewSecret("the password")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, engine := range []EngineID{"engine 1", "engine 2", "engine 3"} {
		auth, priv, err := h.LocalizedKeys(engine)
		if err != nil || len(auth) != 20 || len(priv) != 32 {
			t.Fatalf("%x, %x, %v", auth, priv, err)
		}
		seen[string(auth)], seen[string(priv)] = true, true
		// The keys alone are the same user.
		a, b := NewUsers(engine, System), NewUsers(engine, System)
		if err := errors.Join(a.AddHashed(h), b.Add(User{Name: "ops", Auth: SHA1, AuthKey: auth, Priv: AES256, PrivKey: priv, Localized: true})); err != nil {
			t.Fatal(err)
		}
		w, message := newWorker(System.impl()), []byte("a message, in which the MAC is here: 123456789012")
		var macs [][]byte
		for _, us := range []*Users{a, b} {
			macs = append(macs, bytes.Clone(w.sign(us.lookup([]byte("ops")).credentials[0], message, len(message)-12)))
		}
		if !bytes.Equal(macs[0], macs[1]) {
			t.Errorf("%x and %x", macs[0], macs[1])
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d keys at three engines", len(seen))
	}
	if _, _, err := LocalizedKeys(System, User{Name: "any", AuthPassword: NewSecret("the password")}, testEngine); !errors.Is(err, errAnyKey) {
		t.Errorf("AnyAuth: %v, want %v", err, errAnyKey)
	}
}

// Messages are verified while users come and go.
func TestUsersConcurrently(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, AES128))
	other := ops(SHA1, AES128)
	other.Name = "other"
	stays, goes := x.request(t, "ops", pdu.AuthPriv), x.craft(t, "other", pdu.AuthPriv)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			w, buf := x.model.NewWorker(), make([]byte, 600)
			for range 200 {
				for _, b := range [][]byte{stays, goes} {
					header, _ := pdu.ReadHeader3(b, true)
					v, err := x.model.ProcessIncoming(w, b, header, true)
					switch {
					case err == nil:
						if _, err := x.model.GenerateResponse(w, buf, &v, 65507, &testScoped); err != nil {
							t.Error(err)
						}
					case &b[0] == &stays[0] || !errors.Is(err, ErrUnknownUserName):
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 200 {
			if err := x.model.Users().Add(other); err != nil {
				t.Error(err)
			}
			if err := x.model.Users().Add(ops(SHA1, AES128)); err != nil {
				t.Error(err)
			}
			if !x.model.Users().Remove("other") {
				t.Error("other was not there")
			}
			if i%50 == 0 {
				runtime.GC() // clears the keys of those who are gone
			}
		}
	})
	wg.Wait()
	if got := fmt.Sprint(x.model.Users().Names()); got != "[ops]" {
		t.Errorf("%s", got)
	}
}

// Nothing that prints or encodes shows a password or a key.
func TestRedacted(t *testing.T) {
	const password = "correct horse"
	u := User{Name: "ops", Auth: SHA1, AuthPassword: NewSecret(password), AuthKey: []byte(password), Priv: DES, PrivPassword: NewSecret(password), PrivKey: []byte(password)}
	h := HashedUser{name: "ops", keys: []hashedKeys{{auth: hashedKey{octets: []byte(password)}}}}
	var out strings.Builder
	for _, v := range []any{NewSecret(password), u, &u, h, &h, []User{u}, struct{ Secret Secret }{NewSecret(password)}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("test", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("test", "v", v)
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	for _, form := range []string{password, fmt.Sprintf("%x", password), fmt.Sprintf("%X", password), strings.Trim(fmt.Sprint([]byte(password)), "[]"), "Y29ycmVjdCBob3JzZQ"} {
		if at := strings.Index(out.String(), form); at >= 0 {
			t.Errorf("shown as %q: %.200q", form, out.String()[max(0, at-100):])
		}
	}
}

// What access control keeps about a user stands by him alone, and goes with him.
func TestNote(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, AES128))
	if got := new(Verified).Rights(); got != nil {
		t.Errorf("the zero Verified has %v", got)
	}
	note := func() *atomic.Uint64 {
		v, err := x.process(x.request(t, "ops", pdu.AuthPriv))
		if err != nil {
			t.Fatal(err)
		}
		name, note := v.Rights().(interface {
			Note() (string, *atomic.Uint64)
		}).Note()
		if name != v.SecurityName() {
			t.Errorf("it stands by %q", name)
		}
		return note
	}
	note().Store(7)
	if got := note().Load(); got != 7 {
		t.Errorf("the note is %d", got)
	}
	if err := x.model.Users().Add(ops(SHA1, AES128)); err != nil {
		t.Fatal(err)
	}
	if got := note().Load(); got != 0 {
		t.Errorf("the note about somebody new is %d", got)
	}
}
