package cryptotest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// A Crypt is one direction of a mode of operation: it encrypts or decrypts src
// into dst. It may write to iv.
type Crypt = func(c Cipher, iv, dst, src []byte)

// A Mode is a mode of operation.
type Mode struct {
	Encrypt, Decrypt Crypt
	IVSize           int // octets
	Unit             int // a message is a multiple of so many octets
}

// Modes checks one mode against another, the oracle, with the same cipher: each
// short length and some long ones, in place and elsewhere, with room behind the
// message. oracle may use another implementation of the cipher.
func Modes(t *testing.T, newCipher, newOracle NewCipher, keySize int, mode, oracle Mode) {
	t.Helper()
	r := rand.New(rand.NewPCG(20, 20))
	for i, n := range randomLengths(r, mode.Unit) {
		key, iv := random(uint64(i), keySize), random(uint64(i)+1<<32, mode.IVSize)
		c, o := mustNew(t, newCipher, key), mustNew(t, newOracle, key)
		message := random(uint64(i)+1<<33, n)
		for _, way := range []struct {
			name      string
			run, want Crypt
		}{
			{"encrypt", mode.Encrypt, oracle.Encrypt},
			{"decrypt", mode.Decrypt, oracle.Decrypt},
		} {
			want := make([]byte, n)
			way.want(o, bytes.Clone(iv), want, message)
			what := fmt.Sprintf("%s %d octets", way.name, n)

			src, dst := bytes.Clone(message), random(uint64(i), n+40)
			behind := bytes.Clone(dst[n:])
			way.run(c, bytes.Clone(iv), dst, src)
			if !bytes.Equal(dst[:n], want) {
				t.Fatalf("%s: %x, want %x", what, dst[:n], want)
			}
			if !bytes.Equal(dst[n:], behind) {
				t.Fatalf("%s: wrote behind the message", what)
			}
			if !bytes.Equal(src, message) {
				t.Fatalf("%s: changed its source", what)
			}

			both := append(bytes.Clone(message), behind...)
			way.run(c, bytes.Clone(iv), both[:n], both[:n])
			if !bytes.Equal(both[:n], want) || !bytes.Equal(both[n:], behind) {
				t.Fatalf("%s in place: %x, want %x and %x left alone", what, both, want, behind)
			}
		}
	}
}

// ModeAllocs checks that neither direction allocates.
func ModeAllocs(t *testing.T, newCipher NewCipher, keySize int, mode Mode) {
	t.Helper()
	c, iv, p := mustNew(t, newCipher, random(21, keySize)), make([]byte, mode.IVSize), make([]byte, 37*mode.Unit)
	if n := testing.AllocsPerRun(100, func() { mode.Encrypt(c, iv, p, p) }); n != 0 {
		t.Errorf("encrypting: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { mode.Decrypt(c, iv, p, p) }); n != 0 {
		t.Errorf("decrypting: %v allocations", n)
	}
}

// FuzzMode checks a mode against another for any key, IV and message.
func FuzzMode(f *testing.F, newCipher, newOracle NewCipher, mode, oracle Mode) {
	f.Add(random(22, 8), random(23, 32), random(24, 8))
	f.Add(random(25, 16), random(26, 16), random(27, 35))
	f.Add(random(28, 24), random(29, 16), random(30, 200))
	f.Add(random(31, 32), random(32, 16), random(33, 129))
	f.Fuzz(func(t *testing.T, key, iv, message []byte) {
		c, err := newCipher(key)
		o, oracleErr := newOracle(key)
		if (err == nil) != (oracleErr == nil) {
			t.Fatalf("a key of %d octets: %v, want %v", len(key), err, oracleErr)
		}
		if err != nil {
			return
		}
		iv = append(iv, make([]byte, mode.IVSize)...)[:mode.IVSize]
		message = message[:len(message)/mode.Unit*mode.Unit]
		encrypted, decrypted, want := make([]byte, len(message)), make([]byte, len(message)), make([]byte, len(message))
		mode.Encrypt(c, bytes.Clone(iv), encrypted, message)
		if oracle.Encrypt(o, bytes.Clone(iv), want, message); !bytes.Equal(encrypted, want) {
			t.Errorf("key %x, IV %x: %x encrypts to %x, want %x", key, iv, message, encrypted, want)
		}
		if mode.Decrypt(c, bytes.Clone(iv), decrypted, encrypted); !bytes.Equal(decrypted, message) {
			t.Errorf("key %x, IV %x: %x decrypts to %x, want %x", key, iv, encrypted, decrypted, message)
		}
	})
}

// BenchmarkMode measures both directions of a mode, on messages of the size that
// an agent sees, and of a full datagram.
func BenchmarkMode(b *testing.B, of string, newCipher NewCipher, keySize int, mode Mode) {
	c, iv := mustNew(b, newCipher, random(34, keySize)), make([]byte, mode.IVSize)
	for _, n := range []int{128, 1024} {
		p := make([]byte, n)
		for name, run := range map[string]Crypt{"encrypt": mode.Encrypt, "decrypt": mode.Decrypt} {
			b.Run(fmt.Sprintf("of=%s/key=%d/op=%s/octets=%d", of, keySize, name, n), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					run(c, iv, p, p)
				}
			})
		}
	}
}
