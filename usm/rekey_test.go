package usm

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"snmpstack/usm/internal/cryptotest"
)

// octets returns n octets that begin with first and go on from there.
func octets(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// hashedTestUser returns a user with master keys in the place of passwords.
func hashedTestUser(t testing.TB, a AuthProtocol, p PrivProtocol, e KeyExtension) *HashedUser {
	t.Helper()
	u := User{Name: "ops", Auth: a, AuthKey: octets(1, a.KeyLen()), Priv: p, Extension: e}
	if p != NoPriv {
		u.PrivKey = octets(101, a.KeyLen())
	}
	h, err := HashUser(Internal, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// RFC 3414 §5, usmUserAuthKeyChange and usmUserPrivKeyChange: a KeyChange value
// that a manager makes of localized keys makes the new key of the old one, with the
// hash of the authentication protocol for both, whatever their lengths. The user
// whom it was made of stays as he was.
func TestChangeKeys(t *testing.T) {
	for i := range authProtocols {
		a := &authProtocols[i]
		for j := range privProtocols {
			p := &privProtocols[j]
			if !p.extended && p.keyLen > a.keyLen && a.id != SHA1 {
				continue // Reeder's extension takes its time; one shows that it is in order
			}
			t.Run(a.name+" "+p.name, func(t *testing.T) {
				h := hashedTestUser(t, a.id, p.id, Blumenthal)
				auth, priv, err := h.LocalizedKeys(testEngine)
				if err != nil {
					t.Fatal(err)
				}
				newAuth, newPriv := octets(200, a.keyLen), octets(33, p.keyLen)
				value := func(old, new []byte) []byte {
					v, err := KeyChange(a.id, old, new, octets(77, len(old)))
					if err != nil {
						t.Fatal(err)
					}
					return v
				}
				check := func(h *HashedUser, err error, wantAuth, wantPriv []byte) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
					gotAuth, gotPriv, err := h.LocalizedKeys(testEngine)
					if err != nil || !bytes.Equal(gotAuth, wantAuth) || !bytes.Equal(gotPriv, wantPriv) {
						t.Errorf("keys %x and %x, %v, want %x and %x", gotAuth, gotPriv, err, wantAuth, wantPriv)
					}
				}
				one, err := h.ChangeAuthKey(testEngine, value(auth, newAuth))
				check(one, err, newAuth, priv)
				two, err := h.ChangePrivKey(testEngine, value(priv, newPriv))
				check(two, err, auth, newPriv)
				both, err := one.ChangePrivKey(testEngine, value(priv, newPriv))
				check(both, err, newAuth, newPriv)
				again, err := both.ChangeAuthKey(testEngine, value(newAuth, auth))
				check(again, err, auth, newPriv)
				check(h, nil, auth, priv)
				for _, n := range []int{-1, 1} {
					if _, err := h.ChangeAuthKey(testEngine, make([]byte, 2*a.keyLen+n)); !errors.Is(err, ErrKeyChange) {
						t.Errorf("authentication, %+d octet: %v", n, err)
					}
					if _, err := h.ChangePrivKey(testEngine, make([]byte, 2*p.keyLen+n)); !errors.Is(err, ErrKeyChange) {
						t.Errorf("privacy, %+d octet: %v", n, err)
					}
				}
			})
		}
	}
}

// Where it is not known which extension of a key a user has, each of the two that it
// may be is changed, so that one of them is right.
func TestChangeKeyOfEitherExtension(t *testing.T) {
	old := map[KeyExtension][]byte{}
	for _, e := range []KeyExtension{Reeder, Blumenthal} {
		_, priv, err := hashedTestUser(t, MD5, AES256, e).LocalizedKeys(testEngine)
		if err != nil {
			t.Fatal(err)
		}
		old[e] = priv
	}
	want := octets(33, 32)
	for e := range old {
		value, err := KeyChange(MD5, old[e], want, octets(77, 32))
		if err != nil {
			t.Fatal(err)
		}
		changed, err := hashedTestUser(t, MD5, AES256, AutoExtension).ChangePrivKey(testEngine, value)
		if err != nil {
			t.Fatal(err)
		}
		clone, err := changed.Clone("clone")
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []*HashedUser{changed, clone} {
			_, privs := h.localized(&h.keys[0], testEngine)
			if len(privs) != 2 || !bytes.Equal(privs[e-Reeder], want) || bytes.Equal(privs[0], privs[1]) {
				t.Errorf("%v: keys %x, want %x as number %d", e, privs, want, e-Reeder)
			}
			// What is changed a second time, with what is known now, is in order too.
			value, err := KeyChange(MD5, want, old[e], octets(99, 32))
			if err != nil {
				t.Fatal(err)
			}
			back, err := h.ChangePrivKey(testEngine, value)
			if err != nil {
				t.Fatal(err)
			}
			if _, privs := back.localized(&back.keys[0], testEngine); len(privs) != 2 || !bytes.Equal(privs[e-Reeder], old[e]) {
				t.Errorf("%v: keys %x after the way back", e, privs)
			}
		}
	}
}

// RFC 3414 §5, usmUserCloneFrom, usmUserAuthProtocol and usmUserPrivProtocol: what
// becomes of protocols and keys.
func TestCloneAndDrop(t *testing.T) {
	h := hashedTestUser(t, SHA256, AES128, AutoExtension)
	auth, priv, err := h.LocalizedKeys(testEngine)
	if err != nil {
		t.Fatal(err)
	}
	clone, err := h.Clone("clone")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name       string
		user       *HashedUser
		want       string
		protocols  string
		auth, priv []byte
	}{
		{"the user", h, "ops", fmt.Sprint(SHA256.OID(), AES128.OID()), auth, priv},
		{"the clone", clone, "clone", fmt.Sprint(SHA256.OID(), AES128.OID()), auth, priv},
		{"without privacy", clone.WithoutPriv(), "clone", fmt.Sprint(SHA256.OID(), NoPrivProtocol), auth, nil},
		{"without both", clone.WithoutAuth(), "clone", fmt.Sprint(NoAuthProtocol, NoPrivProtocol), nil, nil},
	} {
		a, p := row.user.Protocols()
		gotAuth, gotPriv, err := row.user.LocalizedKeys(testEngine)
		if row.user.Name() != row.want || fmt.Sprint(a, p) != row.protocols || err != nil || !bytes.Equal(gotAuth, row.auth) || !bytes.Equal(gotPriv, row.priv) {
			t.Errorf("%s: %v, protocols %v and %v, keys %x and %x, %v", row.name, row.user, a, p, gotAuth, gotPriv, err)
		}
	}
	clone.Wipe()
	if again, _, err := h.LocalizedKeys(testEngine); err != nil || !bytes.Equal(again, auth) {
		t.Errorf("a wiped clone takes the key with it: %x, %v", again, err)
	}
	if _, err := clone.Clone("another"); !errors.Is(err, errUserName) {
		t.Errorf("the clone of one who was wiped: %v", err)
	}
	if _, err := h.Clone(""); !errors.Is(err, errUserName) {
		t.Errorf("a clone without a name: %v", err)
	}
}

// A user who may have any authentication protocol has no key that could be changed,
// nor has one without authentication.
func TestChangeKeyOfNone(t *testing.T) {
	anyAuth, err := HashUser(Internal, User{Name: "any", AuthPassword: NewSecret("12345678")},
		func(a AuthProtocol, _ Secret) ([]byte, error) { return octets(1, a.KeyLen()), nil })
	if err != nil {
		t.Fatal(err)
	}
	if auth, priv := anyAuth.Protocols(); auth != "" || priv != NoPrivProtocol {
		t.Errorf("protocols %v and %v", auth, priv)
	}
	for _, h := range []*HashedUser{anyAuth, anyAuth.WithoutAuth()} {
		if _, err := h.ChangeAuthKey(testEngine, make([]byte, 32)); err == nil {
			t.Error("the authentication key is changed")
		}
		if _, err := h.ChangePrivKey(testEngine, make([]byte, 32)); err == nil {
			t.Error("the privacy key is changed")
		}
	}
	if _, err := hashedTestUser(t, MD5, NoPriv, AutoExtension).ChangePrivKey(testEngine, make([]byte, 32)); !errors.Is(err, errMissing) {
		t.Errorf("a user without privacy: %v", err)
	}
}

// Keys are cleared when nobody has the user any more, also if nobody wiped him.
func TestHashedKeysCleared(t *testing.T) {
	if cryptotest.RaceEnabled {
		t.Skip("it looks at keys while they are cleared, as nothing else does")
	}
	h := hashedTestUser(t, SHA256, AES128, AutoExtension)
	clone, err := h.Clone("clone")
	if err != nil {
		t.Fatal(err)
	}
	keys := [][]byte{h.keys[0].auth.octets, h.keys[0].priv.octets, clone.keys[0].auth.octets, clone.keys[0].priv.octets}
	runtime.KeepAlive(h)
	runtime.KeepAlive(clone)
	h, clone = nil, nil
	for range 1000 {
		runtime.GC()
		runtime.Gosched()
		if bytes.Equal(bytes.Join(keys, nil), make([]byte, 4*32)) {
			return
		}
	}
	t.Error("the keys are still there")
}
