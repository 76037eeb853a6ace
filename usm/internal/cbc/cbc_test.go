package cbc_test

import (
	"bytes"
	"crypto/cipher"
	stddes "crypto/des"
	"fmt"
	"strings"
	"testing"

	"snmpstack/usm/internal/cbc"
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

func stdSingle(key []byte) (cryptotest.Cipher, error) { return stddes.NewCipher(key) }
func stdTriple(key []byte) (cryptotest.Cipher, error) { return stddes.NewTripleDESCipher(key) }

var ciphers = []struct {
	name     string
	new, std cryptotest.NewCipher
	keySize  int
}{
	{"DES", single, stdSingle, 8},
	{"Triple DES", triple, stdTriple, 24},
	{"DES of std", stdSingle, stdSingle, 8},
	{"Triple DES of std", stdTriple, stdTriple, 24},
}

var mode = cryptotest.Mode{
	Encrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cbc.Encrypt(c, (*[8]byte)(iv), dst, src) },
	Decrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cbc.Decrypt(c, (*[8]byte)(iv), dst, src) },
	IVSize:  8,
	Unit:    8,
}

var oracle = cryptotest.Mode{
	Encrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cipher.NewCBCEncrypter(c, iv).CryptBlocks(dst, src) },
	Decrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cipher.NewCBCDecrypter(c, iv).CryptBlocks(dst, src) },
	IVSize:  8,
	Unit:    8,
}

// SP 800-38A §6.2 in both directions, against another implementation of mode and
// cipher.
func TestCBC(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.name, func(t *testing.T) {
			cryptotest.Modes(t, c.new, c.std, c.keySize, mode, oracle)
			cryptotest.ModeAllocs(t, c.new, c.keySize, mode)
		})
	}
}

// The IV is only read.
func TestIVIsKept(t *testing.T) {
	b, err := single(make([]byte, 8))
	if err != nil {
		t.Fatal(err)
	}
	iv, p := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, make([]byte, 24)
	kept := iv
	if cbc.Encrypt(b, &iv, p, p); iv != kept {
		t.Errorf("Encrypt made %x of the IV", iv)
	}
	if cbc.Decrypt(b, &iv, p, p); iv != kept {
		t.Errorf("Decrypt made %x of the IV", iv)
	}
	if !bytes.Equal(p, make([]byte, 24)) {
		t.Errorf("zeros come back as %x", p)
	}
}

// A cipher with other blocks, a message that is not whole blocks and a result that
// does not fit are mistakes of the program, found before anything is written.
func TestMisuse(t *testing.T) {
	b, err := single(make([]byte, 8))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, want string
		block      cbc.Block
		dst, src   int
	}{
		{"blocks of 16 octets", "not 8 octets", blocksOf16{}, 16, 16},
		{"half a block", "not whole blocks", b, 16, 4},
		{"an octet more", "not whole blocks", b, 24, 17},
		{"an octet less", "not whole blocks", b, 24, 15},
		{"dst too short", "dst is shorter", b, 15, 16},
		{"no dst", "dst is shorter", b, 0, 8},
	} {
		for name, run := range map[string]func(cbc.Block, *[8]byte, []byte, []byte){"Encrypt": cbc.Encrypt, "Decrypt": cbc.Decrypt} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				dst := make([]byte, 40)
				defer func() {
					if got := fmt.Sprint(recover()); !strings.Contains(got, tt.want) {
						t.Errorf("panic %q, want one with %q", got, tt.want)
					}
					if !bytes.Equal(dst, make([]byte, 40)) {
						t.Errorf("%x was written", dst)
					}
				}()
				run(tt.block, new([8]byte), dst[:tt.dst], make([]byte, tt.src))
			})
		}
	}
}

type blocksOf16 struct{ cbc.Block }

func (blocksOf16) BlockSize() int { return 16 }

func FuzzDESCBC(f *testing.F)       { cryptotest.FuzzMode(f, single, stdSingle, mode, oracle) }
func FuzzTripleDESCBC(f *testing.F) { cryptotest.FuzzMode(f, triple, stdTriple, mode, oracle) }

func BenchmarkCBC(b *testing.B) {
	for _, c := range ciphers[:2] {
		b.Run("cipher="+strings.ReplaceAll(c.name, " ", ""), func(b *testing.B) {
			cryptotest.BenchmarkMode(b, "ours", c.new, c.keySize, mode)
			cryptotest.BenchmarkMode(b, "std", c.std, c.keySize, oracle)
		})
	}
}
