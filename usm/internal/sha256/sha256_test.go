package sha256_test

import (
	std "crypto/sha256"
	"encoding"
	"hash"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/sha256"
)

// What this package offers, and the same of the standard library.
var hashes = []struct {
	name, of    string
	new, oracle func() hash.Hash
}{
	{"SHA224", "ours", sha256.New224, std.New224},
	{"SHA256", "ours", sha256.New, std.New},
	{"SHA224", "portable", sha256.NewPortable224, std.New224},
	{"SHA256", "portable", sha256.NewPortable, std.New},
}

var (
	_ encoding.BinaryAppender    = (*sha256.Digest)(nil)
	_ encoding.BinaryMarshaler   = (*sha256.Digest)(nil)
	_ encoding.BinaryUnmarshaler = (*sha256.Digest)(nil)
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
		if got, want := sha256.Sum256(message[:n]), std.Sum256(message[:n]); got != want {
			t.Errorf("Sum256 of %d octets: %x, want %x", n, got, want)
		}
		if got, want := sha256.Sum224(message[:n]), std.Sum224(message[:n]); got != want {
			t.Errorf("Sum224 of %d octets: %x, want %x", n, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { sha256.Sum256(message); sha256.Sum224(message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSHA224(f *testing.F) { cryptotest.FuzzHash(f, sha256.New224, std.New224) }

func FuzzSHA256(f *testing.F) { cryptotest.FuzzHash(f, sha256.New, std.New) }

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
