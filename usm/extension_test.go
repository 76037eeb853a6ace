package usm

import (
	"errors"
	"testing"

	"snmpstack/pdu"
)

// Which of the two key extensions a manager has is found out from each message, and
// it is answered in kind; a user who is pinned to one has that one only.
func TestExtensionDetection(t *testing.T) {
	password := NewSecret("the password")
	user := func(name string, a AuthProtocol, p PrivProtocol, e KeyExtension) User {
		return User{Name: name, Auth: a, AuthPassword: password, Priv: p, PrivPassword: password, Extension: e}
	}
	for _, row := range []struct {
		auth AuthProtocol
		priv PrivProtocol
	}{
		{MD5, AES192}, {MD5, AES256}, {SHA1, AES192}, {SHA1, AES256}, {SHA224, AES256},
	} {
		x := newPair(t, System)
		for _, table := range []*Users{x.model.Users(), x.peer.Users()} {
			for _, u := range []User{user("reeder", row.auth, row.priv, Reeder), user("blumenthal", row.auth, row.priv, Blumenthal)} {
				if err := table.Add(u); err != nil {
					t.Fatal(err)
				}
			}
		}
		auto := user("", row.auth, row.priv, AutoExtension)
		for _, name := range []string{"blumenthal", "reeder", "reeder", "blumenthal", "blumenthal"} {
			// The manager is pinned to one, the agent has both.
			if auto.Name != name {
				auto.Name = name
				if err := x.model.Users().Add(auto); err != nil {
					t.Fatal(err)
				}
			}
			v, err := x.process(x.request(t, name, pdu.AuthPriv))
			if err != nil {
				t.Errorf("%v %v, %s: %v", row.auth, row.priv, name, err)
				continue
			}
			if _, err := x.take(x.respond(t, &v)); err != nil {
				t.Errorf("%v %v, %s: the answer: %v", row.auth, row.priv, name, err)
			}
		}
		// The agent is pinned to the other one.
		if err := x.model.Users().Add(user("reeder", row.auth, row.priv, Blumenthal)); err != nil {
			t.Fatal(err)
		}
		if _, err := x.process(x.request(t, "reeder", pdu.AuthPriv)); !errors.Is(err, ErrDecryption) {
			t.Errorf("%v %v: %v, want %v", row.auth, row.priv, err, ErrDecryption)
		}
	}
}

// 3DES is extended as Reeder does it, whatever the user is pinned to; the draft has
// no other way (draft-reeder-snmpv3-usm-3desede-00 §2.1).
func TestTripleDESExtension(t *testing.T) {
	u := ops(SHA1, TripleDES)
	u.Localized, u.PrivKey = false, u.AuthKey
	keys := make(map[string]bool)
	for _, u.Extension = range []KeyExtension{AutoExtension, Reeder, Blumenthal} {
		_, priv, err := LocalizedKeys(System, u, testEngine)
		if err != nil {
			t.Fatal(err)
		}
		keys[string(priv)] = true
		us := NewUsers(testEngine, System)
		if err := us.Add(u); err != nil {
			t.Fatal(err)
		}
		if n := len(us.lookup([]byte("ops")).credentials[0].ciphers); n != 1 {
			t.Errorf("%v: %d ways to decrypt", u.Extension, n)
		}
	}
	if len(keys) != 1 {
		t.Errorf("%d keys", len(keys))
	}
}

// What is sent first, after a message has told the extension, has that one.
func TestExtensionRemembered(t *testing.T) {
	u := ops(SHA1, AES256)
	u.Localized, u.PrivKey = false, u.AuthKey
	x := newPair(t, System, u)
	for _, u.Extension = range []KeyExtension{Reeder, Blumenthal, Reeder} {
		if err := x.peer.Users().Add(u); err != nil {
			t.Fatal(err)
		}
		if _, err := x.process(x.request(t, "ops", pdu.AuthPriv)); err != nil {
			t.Fatal(err)
		}
		b, err := x.model.GenerateRequest(x.mw, make([]byte, 600), &Request{MsgID: 1, MaxSize: 484, User: "ops", Level: pdu.AuthPriv}, &testScoped)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.take(b); err != nil {
			t.Errorf("%v: %v", u.Extension, err)
		}
	}
}

// Two managers of one user with different extensions do not disturb each other:
// what is remembered is the first guess alone.
func TestExtensionsSideBySide(t *testing.T) {
	password := NewSecret("the password")
	u := User{Name: "ops", Auth: SHA1, AuthPassword: password, Priv: AES256, PrivPassword: password}
	x := newPair(t, System, u)
	requests := make(map[KeyExtension][]byte)
	for _, e := range []KeyExtension{Reeder, Blumenthal} {
		u.Extension = e
		if err := x.peer.Users().Add(u); err != nil {
			t.Fatal(err)
		}
		requests[e] = x.request(t, "ops", pdu.AuthPriv)
	}
	first, err := x.process(requests[Blumenthal])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.process(requests[Reeder]); err != nil {
		t.Fatal(err)
	}
	// The peer has Blumenthal's by now, and the first request's answer comes so.
	if _, err := x.take(x.respond(t, &first)); err != nil {
		t.Error(err)
	}
}
