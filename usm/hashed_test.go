package usm_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"snmpstack/usm"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 3414 §A.3.1 and §A.3.2: "maplesyrup" at engine 00…02.
func TestMasterKey(t *testing.T) {
	engine := usm.EngineID(unhex(t, "000000000000000000000002"))
	for _, row := range []struct {
		auth    usm.AuthProtocol
		ku, kul string
	}{
		{usm.MD5, "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"},
		{usm.SHA1, "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"},
	} {
		for _, p := range []usm.Provider{usm.Internal, usm.Portable, usm.System} {
			ku, err := usm.MasterKey(p, row.auth, usm.NewSecret("maplesyrup"))
			if err != nil || !bytes.Equal(ku, unhex(t, row.ku)) {
				t.Errorf("%v %v: Ku %x, %v, want %s", p, row.auth, ku, err, row.ku)
			}
			user := usm.User{Name: "u", Auth: row.auth, AuthPassword: usm.NewSecret("maplesyrup")}
			kul, priv, err := usm.LocalizedKeys(p, user, engine)
			if err != nil || !bytes.Equal(kul, unhex(t, row.kul)) || priv != nil {
				t.Errorf("%v %v: Kul %x and %x, %v, want %s", p, row.auth, kul, priv, err, row.kul)
			}
		}
	}
}

// A hash function that the caller supplies is asked once for each protocol and
// password, and nothing else is hashed.
func TestHashUserAsks(t *testing.T) {
	for _, row := range []struct {
		name string
		user usm.User
		want string
	}{
		{"same password", usm.User{Auth: usm.SHA1, Priv: usm.AES128, PrivPassword: usm.NewSecret("the auth password")}, "[SHA]"},
		{"two passwords", usm.User{Auth: usm.SHA1, Priv: usm.AES128, PrivPassword: usm.NewSecret("the priv password")}, "[SHA SHA]"},
		{"any", usm.User{Auth: usm.AnyAuth}, "[MD5 SHA SHA-224 SHA-256 SHA-384 SHA-512]"},
	} {
		row.user.Name, row.user.AuthPassword = "u", usm.NewSecret("the auth password")
		var asked []usm.AuthProtocol
		_, err := usm.HashUser(usm.Internal, row.user, func(a usm.AuthProtocol, _ usm.Secret) ([]byte, error) {
			asked = append(asked, a)
			return make([]byte, a.KeyLen()), nil
		})
		if err != nil || fmt.Sprint(asked) != row.want {
			t.Errorf("%s: asked for %v, %v, want %s", row.name, asked, err, row.want)
		}
	}
	refused := errors.New("no such password")
	_, err := usm.HashUser(usm.Internal, usm.User{Name: "u", Auth: usm.MD5, AuthPassword: usm.NewSecret("12345678")},
		func(usm.AuthProtocol, usm.Secret) ([]byte, error) { return nil, refused })
	if !errors.Is(err, refused) {
		t.Errorf("%v, want the function's own error", err)
	}
	_, err = usm.HashUser(usm.Internal, usm.User{Name: "u", Auth: usm.MD5, AuthPassword: usm.NewSecret("12345678")},
		func(usm.AuthProtocol, usm.Secret) ([]byte, error) { return make([]byte, 20), nil })
	var length *usm.KeyLengthError
	if !errors.As(err, &length) || length.Got != 20 || length.Want != 16 {
		t.Errorf("%v, want a KeyLengthError of 20 for 16", err)
	}
}

// A localized privacy key has the octets that its protocol takes, or all those that the
// hash has made: no other number.
func TestLocalizedKeyLengths(t *testing.T) {
	for _, tt := range []struct {
		auth usm.AuthProtocol
		priv usm.PrivProtocol
		n    int
		ok   bool
	}{
		{usm.SHA1, usm.AES128, 16, true}, {usm.SHA1, usm.AES128, 20, true}, {usm.SHA512, usm.AES128, 64, true},
		{usm.SHA1, usm.AES128, 21, false}, {usm.SHA1, usm.AES128, 64, false}, {usm.SHA1, usm.AES128, 15, false},
		{usm.SHA1, usm.AES256, 32, true}, {usm.SHA1, usm.AES256, 40, true}, {usm.SHA1, usm.AES256, 20, false}, {usm.MD5, usm.DES, 16, true},
	} {
		_, err := usm.HashUser(usm.Internal, usm.User{Name: "u", Auth: tt.auth, AuthKey: make([]byte, tt.auth.KeyLen()), Priv: tt.priv, PrivKey: make([]byte, tt.n), Localized: true}, nil)
		var length *usm.KeyLengthError
		if tt.ok != (err == nil) || !tt.ok && (!errors.As(err, &length) || length.Got != tt.n || length.Want != tt.priv.KeyLen()) {
			t.Errorf("%v and %v with %d octets: %v", tt.auth, tt.priv, tt.n, err)
		}
	}
}
