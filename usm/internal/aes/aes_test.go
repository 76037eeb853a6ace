package aes_test

import (
	"bytes"
	std "crypto/aes"
	"fmt"
	"math/rand/v2"
	"testing"

	"snmpstack/usm/internal/aes"
	"snmpstack/usm/internal/cryptotest"
)

func ours(key []byte) (cryptotest.Cipher, error) { return aes.New(key) }

func portable(key []byte) (cryptotest.Cipher, error) {
	c, err := aes.NewPortable(key)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func oracle(key []byte) (cryptotest.Cipher, error) { return std.NewCipher(key) }

var ciphers = []struct {
	of  string
	new cryptotest.NewCipher
}{
	{"ours", ours},
	{"portable", portable},
}

func TestBlock(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.of, func(t *testing.T) { cryptotest.Block(t, c.new, oracle, aes.BlockSize, 16, 24, 32) })
	}
}

// FIPS 197's own examples (its appendices B and C) are among the vectors.
func TestVectors(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.of, func(t *testing.T) { cryptotest.AESVectors(t, c.new) })
	}
}

func FuzzBlock(f *testing.F) { cryptotest.FuzzBlock(f, ours, oracle, aes.BlockSize, 16, 24, 32) }

func FuzzPortable(f *testing.F) { cryptotest.FuzzBlock(f, portable, ours, aes.BlockSize, 16, 24, 32) }

// EncryptXOR is Encrypt of each block, then XOR, for every length and wherever
// its arguments lie.
func TestEncryptXOR(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 65 {
		key := make([]byte, 16+8*(n%3))
		key[n%16] = byte(n)
		c, err := aes.NewPortable(key)
		if err != nil {
			t.Fatal(err)
		}
		whole := (n + 15) / 16 * 16
		for range 20 {
			memory := make([]byte, 200)
			for i := range memory {
				memory[i] = byte(r.Uint32())
			}
			d, s, i := r.IntN(100), r.IntN(100), r.IntN(100)
			dst, src, in := memory[d:d+n], memory[s:s+n], memory[i:i+whole]
			want := make([]byte, whole)
			for at := 0; at < whole; at += 16 {
				c.Encrypt(want[at:], in[at:])
			}
			for k := range n {
				want[k] ^= src[k]
			}
			before := bytes.Clone(memory)
			c.EncryptXOR(dst, src, in)
			if !bytes.Equal(dst, want[:n]) {
				t.Fatalf("%d octets, dst at %d, src at %d, in at %d: %x, want %x", n, d, s, i, dst, want[:n])
			}
			copy(before[d:], dst)
			if !bytes.Equal(memory, before) {
				t.Fatalf("%d octets: wrote beside dst", n)
			}
		}
	}
}

func TestEncryptXORLengths(t *testing.T) {
	c, err := aes.NewPortable(make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ dst, src, in int }{
		{16, 15, 16}, {15, 16, 16}, {16, 16, 15}, {16, 16, 32}, {17, 17, 16}, {1, 1, 0}, {0, 0, 16}, {80, 80, 80},
	} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			c.EncryptXOR(make([]byte, tt.dst), make([]byte, tt.src), make([]byte, tt.in))
		})
	}
}

func TestEncryptXORAllocs(t *testing.T) {
	c, err := aes.NewPortable(make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 64)
	if n := testing.AllocsPerRun(100, func() { c.EncryptXOR(p, p, p) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAES(b *testing.B) {
	cryptotest.BenchmarkBlock(b, "ours", ours, 16, 24, 32)
	cryptotest.BenchmarkBlock(b, "portable", portable, 16, 24, 32)
	cryptotest.BenchmarkBlock(b, "std", oracle, 16, 24, 32)
	b.Run("of=portable/key=16/op=four", func(b *testing.B) {
		c, err := aes.NewPortable(make([]byte, 16))
		if err != nil {
			b.Fatal(err)
		}
		p := make([]byte, 64)
		b.SetBytes(64)
		for b.Loop() {
			c.EncryptXOR(p, p, p)
		}
	})
}
