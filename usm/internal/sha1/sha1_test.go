package sha1_test

import (
	std "crypto/sha1"
	"encoding"
	"hash"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/sha1"
)

// What this package offers, and the same of the standard library.
var hashes = []struct {
	name, of    string
	new, oracle func() hash.Hash
}{
	{"SHA1", "ours", sha1.New, std.New},
	{"SHA1", "portable", sha1.NewPortable, std.New},
}

var (
	_ encoding.BinaryAppender    = (*sha1.Digest)(nil)
	_ encoding.BinaryMarshaler   = (*sha1.Digest)(nil)
	_ encoding.BinaryUnmarshaler = (*sha1.Digest)(nil)
)

func TestHash(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.of+"/"+h.name, func(t *testing.T) { cryptotest.Hash(t, h.new, h.oracle) })
	}
}

func TestVectors(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.of+"/"+h.name, func(t *testing.T) { cryptotest.HashVectors(t, h.name, h.new) })
	}
}

func TestSum(t *testing.T) {
	message := make([]byte, 300)
	for n := range message {
		message[n] = byte(n * n)
		if got, want := sha1.Sum(message[:n]), std.Sum(message[:n]); got != want {
			t.Errorf("Sum of %d octets: %x, want %x", n, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { sha1.Sum(message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSHA1(f *testing.F) { cryptotest.FuzzHash(f, sha1.New, std.New) }

func BenchmarkHash(b *testing.B) {
	for _, h := range hashes {
		b.Run("hash="+h.name, func(b *testing.B) {
			cryptotest.BenchmarkHash(b, h.of, h.new)
			if h.of == "ours" {
				cryptotest.BenchmarkHash(b, "std", h.oracle)
			}
		})
	}
}
