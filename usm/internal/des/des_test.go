package des_test

import (
	std "crypto/des"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/des"
)

func single(key []byte) (cryptotest.Cipher, error) {
	c, err := des.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func triple(key []byte) (cryptotest.Cipher, error) {
	c, err := des.NewTripleCipher(key)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func stdSingle(key []byte) (cryptotest.Cipher, error) { return std.NewCipher(key) }
func stdTriple(key []byte) (cryptotest.Cipher, error) { return std.NewTripleDESCipher(key) }

// DES is SP 800-67 §2.1 and §2.2, Triple DES §3.1.
func TestBlock(t *testing.T) {
	t.Run("DES", func(t *testing.T) { cryptotest.Block(t, single, stdSingle, des.BlockSize, 8) })
	t.Run("Triple DES", func(t *testing.T) { cryptotest.Block(t, triple, stdTriple, des.BlockSize, 24) })
}

func TestVectors(t *testing.T) {
	t.Run("DES", func(t *testing.T) { cryptotest.DESVectors(t, "des.json", single) })
	t.Run("Triple DES", func(t *testing.T) { cryptotest.DESVectors(t, "tdes.json", triple) })
}

// Triple DES with the same key three times is DES.
func TestTripleIsSingle(t *testing.T) {
	key := []byte{0x13, 0x34, 0x57, 0x79, 0x9b, 0xbc, 0xdf, 0xf1}
	one, err := des.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	three, err := des.NewTripleCipher(append(append(key, key...), key...))
	if err != nil {
		t.Fatal(err)
	}
	var a, b [8]byte
	for range 100 {
		one.Encrypt(a[:], a[:])
		three.Encrypt(b[:], b[:])
		if a != b {
			t.Fatalf("%x, want %x", b, a)
		}
	}
}

// The parity bits make no difference, and the other bits do.
func TestParity(t *testing.T) {
	encrypted := func(key []byte) (p [8]byte) {
		c, err := des.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		c.Encrypt(p[:], p[:])
		return p
	}
	key := []byte("8 octets")
	want := encrypted(key)
	for i := range 64 {
		key[i/8] ^= 1 << (i % 8)
		if got := encrypted(key); (got == want) != (i%8 == 0) {
			t.Errorf("with bit %d of octet %d of the key changed: %x, before %x", i%8, i/8, got, want)
		}
		key[i/8] ^= 1 << (i % 8)
	}
}

func FuzzDES(f *testing.F) { cryptotest.FuzzBlock(f, single, stdSingle, des.BlockSize, 8) }
func FuzzTripleDES(f *testing.F) {
	cryptotest.FuzzBlock(f, triple, stdTriple, des.BlockSize, 24)
}

func BenchmarkDES(b *testing.B) {
	cryptotest.BenchmarkBlock(b, "ours", single, 8)
	cryptotest.BenchmarkBlock(b, "std", stdSingle, 8)
}

func BenchmarkTripleDES(b *testing.B) {
	cryptotest.BenchmarkBlock(b, "ours", triple, 24)
	cryptotest.BenchmarkBlock(b, "std", stdTriple, 24)
}
