package cryptotest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// A Cipher is a block cipher with a key.
type Cipher interface {
	BlockSize() int
	Encrypt(dst, src []byte)
	Decrypt(dst, src []byte)
}

// A NewCipher returns a block cipher with a key.
type NewCipher = func(key []byte) (Cipher, error)

// Block checks the rules of a block cipher, and compares with the oracle. keySizes
// are the lengths of keys that it takes; the oracle takes the same.
func Block(t *testing.T, newCipher, oracle NewCipher, blockSize int, keySizes ...int) {
	t.Helper()
	t.Run("key sizes", func(t *testing.T) { keySizesAreChecked(t, newCipher, keySizes) })
	for _, size := range keySizes {
		t.Run(fmt.Sprintf("key of %d", size), func(t *testing.T) {
			c := mustNew(t, newCipher, random(10, size))
			if c.BlockSize() != blockSize {
				t.Fatalf("BlockSize is %d, want %d", c.BlockSize(), blockSize)
			}
			t.Run("random", func(t *testing.T) { randomBlocks(t, newCipher, oracle, blockSize, size) })
			t.Run("buffers", func(t *testing.T) { blockBuffers(t, c, mustNew(t, oracle, random(10, size))) })
			t.Run("short buffers", func(t *testing.T) { shortBuffers(t, c) })
			t.Run("concurrent use", func(t *testing.T) { concurrentBlocks(t, c) })
			t.Run("allocations", func(t *testing.T) { blockAllocs(t, c) })
			t.Run("wipe", func(t *testing.T) { wipedBlock(t, newCipher, size) })
		})
	}
}

func mustNew(tb testing.TB, newCipher NewCipher, key []byte) Cipher {
	tb.Helper()
	c, err := newCipher(key)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// A key of another length is an error, and there is no cipher then.
func keySizesAreChecked(t *testing.T, newCipher NewCipher, keySizes []int) {
	good := make(map[int]bool)
	for _, size := range keySizes {
		good[size] = true
	}
	for size := range 66 {
		if good[size] {
			continue
		}
		if c, err := newCipher(make([]byte, size)); err == nil || c != nil {
			t.Errorf("a key of %d octets: %v, %v", size, c, err)
		}
	}
	if c, err := newCipher(nil); err == nil || c != nil {
		t.Errorf("no key: %v, %v", c, err)
	}
}

func randomBlocks(t *testing.T, newCipher, oracle NewCipher, blockSize, keySize int) {
	for i := range 200 {
		key, p := random(uint64(i), keySize), random(uint64(i)+1<<32, blockSize)
		kept := bytes.Clone(key)
		c, want := mustNew(t, newCipher, key), mustNew(t, oracle, kept)
		if !bytes.Equal(key, kept) {
			t.Fatal("the key was changed")
		}
		clear(key) // the cipher keeps no reference to it
		got, expected, back := make([]byte, blockSize), make([]byte, blockSize), make([]byte, blockSize)
		c.Encrypt(got, p)
		want.Encrypt(expected, p)
		if !bytes.Equal(got, expected) {
			t.Fatalf("key %x: %x encrypts to %x, want %x", kept, p, got, expected)
		}
		if c.Decrypt(back, got); !bytes.Equal(back, p) {
			t.Fatalf("key %x: %x decrypts to %x, want %x", kept, got, back, p)
		}
		want.Decrypt(expected, p)
		if c.Decrypt(got, p); !bytes.Equal(got, expected) {
			t.Fatalf("key %x: %x decrypts to %x, want %x", kept, p, got, expected)
		}
	}
}

// Only the first block of dst is written, src is left alone, and they may be the
// same memory.
func blockBuffers(t *testing.T, c, oracle Cipher) {
	n := c.BlockSize()
	for _, way := range []struct {
		name      string
		run, want func(dst, src []byte)
	}{
		{"Encrypt", c.Encrypt, oracle.Encrypt},
		{"Decrypt", c.Decrypt, oracle.Decrypt},
	} {
		src := random(11, 2*n)
		want := make([]byte, n)
		way.want(want, src)

		kept, dst := bytes.Clone(src), random(12, 2*n)
		rest := bytes.Clone(dst[n:])
		way.run(dst, src)
		if !bytes.Equal(src, kept) {
			t.Errorf("%s changed its source", way.name)
		}
		if !bytes.Equal(dst[:n], want) || !bytes.Equal(dst[n:], rest) {
			t.Errorf("%s to another place: %x, want %x and %x left alone", way.name, dst, want, rest)
		}
		rest = bytes.Clone(src[n:])
		way.run(src, src)
		if !bytes.Equal(src[:n], want) || !bytes.Equal(src[n:], rest) {
			t.Errorf("%s in place: %x, want %x and %x left alone", way.name, src, want, rest)
		}
	}
}

// Less than a block is a mistake of the program, and nothing is written then.
func shortBuffers(t *testing.T, c Cipher) {
	n := c.BlockSize()
	for _, tt := range []struct{ dst, src int }{{n - 1, n}, {n, n - 1}, {0, n}, {n, 0}} {
		for name, run := range map[string]func(dst, src []byte){"Encrypt": c.Encrypt, "Decrypt": c.Decrypt} {
			// Capacity does not count.
			dst, src := make([]byte, 2*n), make([]byte, 2*n)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s of %d octets into %d did not panic", name, tt.src, tt.dst)
					}
				}()
				run(dst[:tt.dst], src[:tt.src])
			}()
			if !bytes.Equal(dst, make([]byte, 2*n)) {
				t.Errorf("%s of %d octets into %d wrote %x", name, tt.src, tt.dst, dst)
			}
		}
	}
}

// The race detector watches.
func concurrentBlocks(t *testing.T, c Cipher) {
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			p := random(uint64(g), c.BlockSize())
			q := bytes.Clone(p)
			for range 50 {
				c.Encrypt(q, q)
			}
			for range 50 {
				c.Decrypt(q, q)
			}
			if !bytes.Equal(q, p) {
				t.Errorf("%x, encrypted and decrypted 50 times, is %x", p, q)
			}
		})
	}
	group.Wait()
}

func blockAllocs(t *testing.T, c Cipher) {
	p := make([]byte, c.BlockSize())
	if n := testing.AllocsPerRun(100, func() { c.Encrypt(p, p); c.Decrypt(p, p) }); n != 0 {
		t.Errorf("Encrypt and Decrypt: %v allocations", n)
	}
}

// After Wipe nothing is left of the key, and the cipher refuses to work: it would
// encrypt with a key that everyone knows.
func wipedBlock(t *testing.T, newCipher NewCipher, keySize int) {
	c := mustNew(t, newCipher, bytes.Repeat([]byte{0xa5}, keySize))
	w, ok := c.(wiper)
	if !ok {
		return // one of the standard library
	}
	// The value itself, as it lies in memory.
	holds := func() string { return strings.Trim(strings.ReplaceAll(fmt.Sprintf("%v", c), "false", ""), "&{}[]0 ") }
	if holds() == "" {
		t.Error("Wipe has nothing to do")
	}
	w.Wipe()
	if text := holds(); text != "" {
		t.Errorf("after Wipe: %s", text)
	}
	for name, run := range map[string]func(dst, src []byte){"Encrypt": c.Encrypt, "Decrypt": c.Decrypt} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s after Wipe did not panic", name)
				}
			}()
			p := make([]byte, c.BlockSize())
			run(p, p)
		}()
	}
}

// FuzzBlock compares with the oracle for any key and block, in both directions.
func FuzzBlock(f *testing.F, newCipher, oracle NewCipher, blockSize int, keySizes ...int) {
	for _, size := range keySizes {
		f.Add(random(13, size), random(14, blockSize))
	}
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, key, p []byte) {
		c, err := newCipher(key)
		want, wantErr := oracle(key)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("a key of %d octets: %v, want %v", len(key), err, wantErr)
		}
		if err != nil || len(p) < blockSize {
			return
		}
		got, expected := make([]byte, blockSize), make([]byte, blockSize)
		c.Encrypt(got, p)
		if want.Encrypt(expected, p); !bytes.Equal(got, expected) {
			t.Errorf("key %x: %x encrypts to %x, want %x", key, p, got, expected)
		}
		c.Decrypt(got, p)
		if want.Decrypt(expected, p); !bytes.Equal(got, expected) {
			t.Errorf("key %x: %x decrypts to %x, want %x", key, p, got, expected)
		}
	})
}

// BenchmarkBlock measures a block cipher: single blocks, and what making a cipher of a
// key takes. of is whose it is.
func BenchmarkBlock(b *testing.B, of string, newCipher NewCipher, keySizes ...int) {
	for _, size := range keySizes {
		key := random(15, size)
		c := mustNew(b, newCipher, key)
		p := make([]byte, c.BlockSize())
		for name, run := range map[string]func(dst, src []byte){"encrypt": c.Encrypt, "decrypt": c.Decrypt} {
			b.Run(fmt.Sprintf("of=%s/key=%d/op=%s", of, size, name), func(b *testing.B) {
				b.SetBytes(int64(len(p)))
				for b.Loop() {
					run(p, p)
				}
			})
		}
		b.Run(fmt.Sprintf("of=%s/key=%d/op=key", of, size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := newCipher(key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// randomLengths are message lengths that reach all parts of a mode: every short
// one, then some up to a few thousand octets.
func randomLengths(r *rand.Rand, unit int) (lengths []int) {
	for n := 0; n < 20*unit; n += unit {
		lengths = append(lengths, n)
	}
	for range 50 {
		lengths = append(lengths, r.IntN(2000/unit)*unit)
	}
	return lengths
}
