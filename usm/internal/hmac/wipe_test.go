package hmac

import (
	"bytes"
	"encoding"
	"hash"
	"testing"

	"snmpstack/usm/internal/md5"
	"snmpstack/usm/internal/sha1"
	"snmpstack/usm/internal/sha256"
	"snmpstack/usm/internal/sha512"
)

// Finish and Wipe leave nothing of key and message in what a worker holds, and
// Key.Wipe nothing in a key. Of the standard library's hashes the package cannot
// promise that.
func TestWipe(t *testing.T) {
	for _, h := range []func() hash.Hash{
		md5.New, sha1.New, sha1.NewPortable, sha256.New224, sha256.New, sha256.NewPortable, sha512.New384, sha512.New,
	} {
		wiped := h()
		wipe(wiped)
		want := state(t, wiped)

		key, w := New(h, []byte("secret")), NewWorker(h)
		check := func(after string) {
			t.Helper()
			if got := state(t, w.state); !bytes.Equal(got, want) {
				t.Errorf("%T: after %s the hash holds %x", wiped, after, got)
			}
			if got := w.sum[:cap(w.sum)]; !bytes.Equal(got, make([]byte, len(got))) {
				t.Errorf("%T: after %s the worker holds the inner digest %x", wiped, after, got)
			}
			if w.key != nil {
				t.Errorf("%T: after %s the worker holds the key", wiped, after)
			}
		}
		w.MAC(key, nil, []byte("message"))
		check("Finish")
		w.Start(key)
		w.Write([]byte("message"))
		if bytes.Equal(state(t, w.state), want) {
			t.Errorf("%T: Wipe has nothing to do", wiped)
		}
		w.Wipe()
		check("Wipe")

		key.Wipe()
		if zeros := make([]byte, len(key.inner)); !bytes.Equal(key.inner, zeros) || !bytes.Equal(key.outer, zeros) {
			t.Errorf("%T: after Wipe the key is %x and %x", wiped, key.inner, key.outer)
		}
	}
}

func state(t *testing.T, h hash.Hash) []byte {
	t.Helper()
	saved, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return saved
}
