package md5_test

import (
	std "crypto/md5"
	"encoding"
	"hash"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/md5"
)

// What this package offers, and the same of the standard library.
var hashes = []struct {
	name        string
	new, oracle func() hash.Hash
}{
	{"MD5", md5.New, std.New},
}

var (
	_ encoding.BinaryAppender    = (*md5.Digest)(nil)
	_ encoding.BinaryMarshaler   = (*md5.Digest)(nil)
	_ encoding.BinaryUnmarshaler = (*md5.Digest)(nil)
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
		if got, want := md5.Sum(message[:n]), std.Sum(message[:n]); got != want {
			t.Errorf("Sum of %d octets: %x, want %x", n, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { md5.Sum(message) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzMD5(f *testing.F) { cryptotest.FuzzHash(f, md5.New, std.New) }

func BenchmarkHash(b *testing.B) {
	for _, h := range hashes {
		b.Run("hash="+h.name, func(b *testing.B) {
			cryptotest.BenchmarkHash(b, "ours", h.new)
			cryptotest.BenchmarkHash(b, "std", h.oracle)
		})
	}
}
