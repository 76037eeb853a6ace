package cfb_test

import (
	"bytes"
	stdaes "crypto/aes"
	"crypto/cipher"
	"fmt"
	"strings"
	"testing"

	"snmpstack/usm/internal/aes"
	"snmpstack/usm/internal/cfb"
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

func std(key []byte) (cryptotest.Cipher, error) { return stdaes.NewCipher(key) }

// A oneByOne hides from package cfb that a cipher can do several blocks at once.
type oneByOne struct{ cryptotest.Cipher }

func oursOneByOne(key []byte) (cryptotest.Cipher, error) {
	c, err := ours(key)
	return oneByOne{c}, err
}

var mode = cryptotest.Mode{
	Encrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cfb.Encrypt(c, (*[16]byte)(iv), dst, src) },
	Decrypt: func(c cryptotest.Cipher, iv, dst, src []byte) { cfb.Decrypt(c, (*[16]byte)(iv), dst, src) },
	IVSize:  16,
	Unit:    1,
}

// The standard library has the mode too, but advises against it.
var oracle = cryptotest.Mode{
	Encrypt: func(c cryptotest.Cipher, iv, dst, src []byte) {
		cipher.NewCFBEncrypter(c.(cipher.Block), iv).XORKeyStream(dst, src) //lint:ignore SA1019 as an oracle
	},
	Decrypt: func(c cryptotest.Cipher, iv, dst, src []byte) {
		cipher.NewCFBDecrypter(c.(cipher.Block), iv).XORKeyStream(dst, src) //lint:ignore SA1019 as an oracle
	},
	IVSize: 16,
	Unit:   1,
}

var ciphers = []struct {
	name string
	new  cryptotest.NewCipher
}{
	{"ours", ours},
	{"portable", portable},
	{"ours one by one", oursOneByOne},
	{"std", std},
}

// SP 800-38A §6.3 in both directions, for each key size, against another
// implementation of mode and cipher.
func TestCFB(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{16, 24, 32} {
				cryptotest.Modes(t, c.new, std, size, mode, oracle)
			}
			cryptotest.ModeAllocs(t, c.new, 16, mode)
		})
	}
}

// Known answers for SP 800-38A §6.3, every length up to some blocks among them.
func TestVectors(t *testing.T) {
	for _, c := range ciphers {
		t.Run(c.name, func(t *testing.T) { cryptotest.CFBVectors(t, c.new) })
	}
}

// The register is zeros afterwards, whichever way was taken and whatever was left
// of the last block.
func TestRegisterIsCleared(t *testing.T) {
	for _, c := range ciphers {
		b, err := c.new(make([]byte, 16))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 100 {
			for name, run := range map[string]cryptotest.Crypt{"Encrypt": mode.Encrypt, "Decrypt": mode.Decrypt} {
				iv, p := bytes.Repeat([]byte{0xa5}, 16), make([]byte, n)
				if run(b, iv, p, p); !bytes.Equal(iv, make([]byte, 16)) {
					t.Errorf("%s, %s of %d octets left %x in the register", c.name, name, n, iv)
				}
			}
		}
	}
}

// A cipher with other blocks and a result that does not fit are mistakes of the
// program, found before anything is written.
func TestMisuse(t *testing.T) {
	b, err := ours(make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, want string
		block      cfb.Block
		dst, src   int
	}{
		{"blocks of 8 octets", "not 16 octets", blocksOf8{}, 16, 16},
		{"dst too short", "dst is shorter", b, 19, 20},
		{"no dst", "dst is shorter", b, 0, 1},
	} {
		for name, run := range map[string]func(cfb.Block, *[16]byte, []byte, []byte){"Encrypt": cfb.Encrypt, "Decrypt": cfb.Decrypt} {
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
				run(tt.block, new([16]byte), dst[:tt.dst], make([]byte, tt.src))
			})
		}
	}
}

type blocksOf8 struct{ cfb.Block }

func (blocksOf8) BlockSize() int { return 8 }

func FuzzCFB(f *testing.F)         { cryptotest.FuzzMode(f, ours, std, mode, oracle) }
func FuzzCFBPortable(f *testing.F) { cryptotest.FuzzMode(f, portable, ours, mode, mode) }
func FuzzCFBOneByOne(f *testing.F) { cryptotest.FuzzMode(f, std, std, mode, oracle) }

func BenchmarkCFB(b *testing.B) {
	for _, size := range []int{16, 32} {
		cryptotest.BenchmarkMode(b, "ours", ours, size, mode)
		cryptotest.BenchmarkMode(b, "portable", portable, size, mode)
		cryptotest.BenchmarkMode(b, "std-block", std, size, mode)
		cryptotest.BenchmarkMode(b, "std", std, size, oracle)
	}
}
