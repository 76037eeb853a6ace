package sha512_test

import (
	std "crypto/sha512"
	"encoding"
	"hash"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/sha512"
)

// What this package offers, and the same of the standard library.
var hashes = []struct {
	name        string
	new, oracle func() hash.Hash
}{
	{"SHA384", sha512.New384, std.New384},
	{"SHA512", sha512.New, std.New},
}

var (
	_ encoding.BinaryAppender    = (*sha512.Digest)(nil)
	_ encoding.BinaryMarshaler   = (*sha512.Digest)(nil)
	_ encoding.BinaryUnmarshaler = (*sha512.Digest)(nil)
)

func TestHash(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.name, func(t *testing.T) { cryptotest.Hash(t, h.new, h.oracle) })
	}
}

func TestVectors(t *testing.T) {
	for _, h := range hashes {
		t.Run(h.name, func(t *testing.T) { cryptotest.HashVectors(t, h.name, h.new) })
	}
}

func TestSum(t *testing.T) {
	message := make([]byte, 300)
	for n := range message {
		message[n] = byte(n * n)
		if got, want := sha512.Sum512(message[:n]), std.Sum512(message[:n]); got != want {
			t.Errorf("Sum512 of %d octets: %x, want %x", n, got, want)
		}
		if got, want := sha512.Sum384(message[:n]), std.Sum384(message[:n]); got != want {
			t.Errorf("Sum384 of %d octets: %x, want %x", n, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { sha512.Sum512(message); sha512.Sum384(message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSHA384(f *testing.F) { cryptotest.FuzzHash(f, sha512.New384, std.New384) }

func FuzzSHA512(f *testing.F) { cryptotest.FuzzHash(f, sha512.New, std.New) }

func BenchmarkHash(b *testing.B) {
	for _, h := range hashes {
		b.Run("hash="+h.name, func(b *testing.B) {
			cryptotest.BenchmarkHash(b, "ours", h.new)
			cryptotest.BenchmarkHash(b, "std", h.oracle)
		})
	}
}
