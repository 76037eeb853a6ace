package agent_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"snmpstack/agent"
	"snmpstack/mib"
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
		Public: "\xff", StorageType: mib.NonVolatile, Status: mib.NotInService, Changed: true,
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
