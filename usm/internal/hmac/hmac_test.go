package hmac_test

import (
	"bytes"
	stdhmac "crypto/hmac"
	stdmd5 "crypto/md5"
	stdsha1 "crypto/sha1"
	stdsha256 "crypto/sha256"
	stdsha512 "crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/md5"
	"snmpstack/usm/internal/sha1"
	"snmpstack/usm/internal/sha256"
	"snmpstack/usm/internal/sha512"
)

// Every hash that SNMPv3 uses, of this module and of the standard library.
var hashes = []struct {
	name, of string
	new, std func() hash.Hash
}{
	{"MD5", "ours", md5.New, stdmd5.New},
	{"SHA1", "ours", sha1.New, stdsha1.New},
	{"SHA224", "ours", sha256.New224, stdsha256.New224},
	{"SHA256", "ours", sha256.New, stdsha256.New},
	{"SHA384", "ours", sha512.New384, stdsha512.New384},
	{"SHA512", "ours", sha512.New, stdsha512.New},
	{"SHA1", "portable", sha1.NewPortable, stdsha1.New},
	{"SHA224", "portable", sha256.NewPortable224, stdsha256.New224},
	{"SHA256", "portable", sha256.NewPortable, stdsha256.New},
	{"MD5", "std", stdmd5.New, stdmd5.New},
	{"SHA1", "std", stdsha1.New, stdsha1.New},
	{"SHA224", "std", stdsha256.New224, stdsha256.New224},
	{"SHA256", "std", stdsha256.New, stdsha256.New},
	{"SHA384", "std", stdsha512.New384, stdsha512.New384},
	{"SHA512", "std", stdsha512.New, stdsha512.New},
}

func stdMAC(h func() hash.Hash, key, message []byte) []byte {
	m := stdhmac.New(h, key)
	m.Write(message)
	return m.Sum(nil)
}

func random(r *rand.Rand, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

func TestVectors(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.of+"/"+h.name, func(t *testing.T) {
			w := hmac.NewWorker(h.new)
			cryptotest.MACVectors(t, h.name, func(key, message []byte) []byte {
				return w.MAC(hmac.New(h.new, key), nil, message)
			})
		})
	}
}

// The example of RFC 2104's appendix, also RFC 2202 §2, case 2.
func TestRFC2104Example(t *testing.T) {
	got := hmac.NewWorker(md5.New).MAC(hmac.New(md5.New, []byte("Jefe")), nil, []byte("what do ya want for nothing?"))
	if want := "750c783e6ab0b503eaa86e310a5db738"; hex.EncodeToString(got) != want {
		t.Errorf("%x, want %s", got, want)
	}
}

// FIPS 198-1 §4, steps 1 to 3: keys of every length around a block and the size
// of a digest, and messages in parts; one worker for all of them.
func TestKeysAndMessages(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.of+"/"+h.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			w := hmac.NewWorker(h.new)
			for n := range 2*h.new().BlockSize() + 2 {
				secret, message := random(r, n), random(r, r.IntN(400))
				kept := bytes.Clone(secret)
				key := hmac.New(h.new, secret)
				if !bytes.Equal(secret, kept) {
					t.Fatal("New changed the secret")
				}
				clear(secret) // New keeps no reference to it
				want := stdMAC(h.std, kept, message)

				cut := r.IntN(len(message) + 1)
				got := w.MAC(key, []byte("before"), message[:cut], nil, message[cut:])
				if string(got[:6]) != "before" || !bytes.Equal(got[6:], want) {
					t.Fatalf("a key of %d octets: %x, want \"before\" and %x", n, got, want)
				}
				w.Start(key) // in the midst of which another one begins
				w.Write(message)
				w.Start(key)
				for _, b := range message {
					if n, err := w.Write([]byte{b}); n != 1 || err != nil {
						t.Fatalf("Write returned %d, %v", n, err)
					}
				}
				if got := w.Finish(nil); !bytes.Equal(got, want) {
					t.Fatalf("a key of %d octets, octet for octet: %x, want %x", n, got, want)
				}
			}
		})
	}
}

// FIPS 198-1 §6: what is computed of the key beforehand is only read, so that
// goroutines may share it. The race detector watches.
func TestKeyIsShared(t *testing.T) {
	secret := []byte("Jefe")
	for _, h := range hashes {
		key := hmac.New(h.new, secret)
		var group sync.WaitGroup
		for g := range 4 {
			group.Go(func() {
				w := hmac.NewWorker(h.new)
				for i := range 50 {
					message := []byte(strings.Repeat("m", 10*g+i))
					if got, want := w.MAC(key, nil, message), stdMAC(h.std, secret, message); !bytes.Equal(got, want) {
						t.Errorf("%s, %s: %x, want %x", h.name, h.of, got, want)
					}
				}
			})
		}
		group.Wait()
	}
}

func TestAllocs(t *testing.T) {
	for _, h := range hashes {
		key, w := hmac.New(h.new, []byte("0123456789abcdef")), hmac.NewWorker(h.new)
		head, tail, mac := make([]byte, 70), make([]byte, 300), make([]byte, 0, 64)
		if n := testing.AllocsPerRun(100, func() {
			w.Start(key)
			w.Write(head)
			w.Write(tail)
			w.Finish(mac)
		}); n != 0 {
			t.Errorf("%s, %s: Start, Write, Finish: %v allocations", h.name, h.of, n)
		}
		if n := testing.AllocsPerRun(100, func() { w.MAC(key, mac, head, tail) }); n != 0 {
			t.Errorf("%s, %s: MAC: %v allocations", h.name, h.of, n)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"abc", "abc", true},
		{"abc", "abd", false},
		{"abc", "bbc", false},
		{"abc", "ab", false},
		{"", "a", false},
	} {
		if got := hmac.Equal([]byte(tt.a), []byte(tt.b)); got != tt.want {
			t.Errorf("Equal(%q, %q) is %v", tt.a, tt.b, got)
		}
	}
}

// A worker and a key are for one hash, and a MAC has a beginning: anything else
// is a mistake of the program.
func TestMisuse(t *testing.T) {
	type hashWithoutState struct{ hash.Hash }
	stateless := func() hash.Hash { return hashWithoutState{md5.New()} }
	key := hmac.New(sha1.New, []byte("secret"))
	wiped := hmac.New(sha1.New, []byte("secret"))
	wiped.Wipe()
	finished := hmac.NewWorker(sha1.New)
	finished.MAC(key, nil)

	for _, tt := range []struct {
		name, want string
		run        func()
	}{
		{"key of another hash", "key of another hash", func() { hmac.NewWorker(md5.New).Start(key) }},
		{"key of the same hash elsewhere", "key of another hash", func() { hmac.NewWorker(stdsha1.New).Start(key) }},
		{"SHA-224 and SHA-256", "key of another hash", func() { hmac.NewWorker(sha256.New).Start(hmac.New(sha256.New224, nil)) }},
		{"wiped key", "a wiped one", func() { hmac.NewWorker(sha1.New).Start(wiped) }},
		{"Write first", "without Start", func() { hmac.NewWorker(sha1.New).Write(nil) }},
		{"Finish first", "without Start", func() { hmac.NewWorker(sha1.New).Finish(nil) }},
		{"Finish twice", "without Start", func() { finished.Finish(nil) }},
		{"New without states", "cannot be saved", func() { hmac.New(stateless, nil) }},
		{"NewWorker without states", "cannot be restored", func() { hmac.NewWorker(stateless) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, tt.want) {
					t.Errorf("panic %q, want one with %q", got, tt.want)
				}
			}()
			tt.run()
		})
	}
}

// FuzzHMAC compares with crypto/hmac for any key and message.
func FuzzHMAC(f *testing.F) {
	f.Add(uint8(0), []byte{}, []byte{})
	f.Add(uint8(3), []byte("Jefe"), []byte("what do ya want for nothing?"))
	f.Add(uint8(11), make([]byte, 200), make([]byte, 300))
	f.Fuzz(func(t *testing.T, which uint8, secret, message []byte) {
		h := hashes[int(which)%len(hashes)]
		got := hmac.NewWorker(h.new).MAC(hmac.New(h.new, secret), nil, message)
		if want := stdMAC(h.std, secret, message); !bytes.Equal(got, want) {
			t.Errorf("%s, %s, key %x, message %x: %x, want %x", h.name, h.of, secret, message, got, want)
		}
	})
}

// BenchmarkHMAC measures a MAC with a prepared key, beside crypto/hmac used again
// with Reset.
func BenchmarkHMAC(b *testing.B) {
	secret, message, mac := make([]byte, 20), make([]byte, 200), make([]byte, 0, 64)
	for _, h := range hashes {
		b.Run(fmt.Sprintf("hash=%s/of=%s/octets=%d", h.name, h.of, len(message)), func(b *testing.B) {
			key, w := hmac.New(h.new, secret), hmac.NewWorker(h.new)
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				mac = w.MAC(key, mac[:0], message)
			}
		})
	}
	for _, h := range hashes[:6] {
		b.Run(fmt.Sprintf("hash=%s/of=crypto-hmac/octets=%d", h.name, len(message)), func(b *testing.B) {
			m := stdhmac.New(h.std, secret)
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				m.Reset()
				m.Write(message)
				mac = m.Sum(mac[:0])
			}
		})
	}
}
