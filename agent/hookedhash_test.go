//go:build !race

package agent

import (
	"bytes"
	"runtime"
	"testing"

	"snmpstack/usm"
)

// The hash of a password that a hook has given is cleared when there is no room for it
// any more, and not while somebody uses it. The race detector would find that the test
// looks at keys while they are cleared, as nothing else does.
func TestHookedHashIsCleared(t *testing.T) {
	q := &request{run: &run{Agent: Agent{OnHashPassword: func(e *HashPasswordEvent) {
		e.Hash = usm.NewSecret("0102030405060708090a0b0c0d0e0f1011121314")
	}}}}
	var users hookedUsers
	e, err := users.hash(q, hookedPassword{"ops", usm.SHA1, usm.NewSecret("a password")})
	if err != nil {
		t.Fatal(err)
	}
	key := e.key // does not refer to e
	users.hashes = nil
	runtime.GC()
	if len(key) != 20 || key[0] != 1 {
		t.Fatalf("cleared too early: %x", key)
	}
	runtime.KeepAlive(e)
	for range 1000 {
		runtime.GC()
		runtime.Gosched()
		if bytes.Equal(key, make([]byte, 20)) {
			return
		}
	}
	t.Error("the key is still there")
}
