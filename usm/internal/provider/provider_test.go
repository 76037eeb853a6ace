package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"snmpstack/usm/internal/cryptotest"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/provider"
)

var hashes = []provider.Hash{provider.MD5, provider.SHA1, provider.SHA224, provider.SHA256, provider.SHA384, provider.SHA512}

// pairs are the providers, and for each the one to compare it with.
var pairs = []struct{ p, oracle *provider.Provider }{
	{provider.Internal, provider.System},
	{provider.Portable, provider.System},
	{provider.System, provider.Internal},
}

func newCipher(f func([]byte) (provider.Block, error)) cryptotest.NewCipher {
	return func(key []byte) (cryptotest.Cipher, error) { return f(key) }
}

// All providers go through the same tests, the known answers among them.
func TestHash(t *testing.T) {
	for _, pair := range pairs {
		for _, h := range hashes {
			t.Run(fmt.Sprintf("%v/%v", pair.p, h), func(t *testing.T) {
				cryptotest.Hash(t, pair.p.Hash(h), pair.oracle.Hash(h))
				name := strings.ReplaceAll(h.String(), "-", "")
				cryptotest.HashVectors(t, name, pair.p.Hash(h))
				w := hmac.NewWorker(pair.p.Hash(h))
				cryptotest.MACVectors(t, name, func(key, message []byte) []byte {
					return w.MAC(hmac.New(pair.p.Hash(h), key), nil, message)
				})
			})
		}
	}
}

func TestAES(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.p.String(), func(t *testing.T) {
			cryptotest.Block(t, newCipher(pair.p.NewAES), newCipher(pair.oracle.NewAES), 16, 16, 24, 32)
			cryptotest.AESVectors(t, newCipher(pair.p.NewAES))
			cryptotest.CFBVectors(t, newCipher(pair.p.NewAES))
		})
	}
}

func TestDES(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.p.String(), func(t *testing.T) {
			cryptotest.Block(t, newCipher(pair.p.NewDES), newCipher(pair.oracle.NewDES), 8, 8)
			cryptotest.DESVectors(t, "des.json", newCipher(pair.p.NewDES))
		})
	}
}

func TestTripleDES(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.p.String(), func(t *testing.T) {
			cryptotest.Block(t, newCipher(pair.p.NewTripleDES), newCipher(pair.oracle.NewTripleDES), 8, 24)
			cryptotest.DESVectors(t, "tdes.json", newCipher(pair.p.NewTripleDES))
		})
	}
}

// What the constants say of themselves is what the hashes say.
func TestHashConstants(t *testing.T) {
	for _, h := range hashes {
		for _, p := range []*provider.Provider{provider.Internal, provider.Portable, provider.System} {
			made := p.Hash(h)()
			if made.Size() != h.Size() || made.BlockSize() != h.BlockSize() || h.Size() > provider.MaxSize {
				t.Errorf("%v of %v: Size %d, BlockSize %d; the constant says %d and %d",
					h, p, made.Size(), made.BlockSize(), h.Size(), h.BlockSize())
			}
		}
	}
	for _, h := range []provider.Hash{0, provider.SHA512 + 1, 255} {
		if got, want := h.String(), fmt.Sprintf("Hash(%d)", uint8(h)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		for name, run := range map[string]func(){
			"Hash":      func() { provider.Internal.Hash(h) },
			"Size":      func() { h.Size() },
			"BlockSize": func() { h.BlockSize() },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s of %v did not panic", name, h)
					}
				}()
				run()
			}()
		}
	}
}

func TestWipe(t *testing.T) {
	for _, pair := range pairs {
		h := pair.p.Hash(provider.SHA256)()
		h.Write([]byte("secret"))
		provider.Wipe(h)
		h.Reset()
		if got, want := h.Sum(nil), pair.oracle.Hash(provider.SHA256)().Sum(nil); !bytes.Equal(got, want) {
			t.Errorf("%v: after Wipe and Reset the digest of nothing is %x, want %x", pair.p, got, want)
		}
		b, err := pair.p.NewAES(make([]byte, 16))
		if err != nil {
			t.Fatal(err)
		}
		provider.Wipe(b) // clears the one, and leaves the other to the garbage
	}
	// Those that can be cleared are.
	for _, p := range []*provider.Provider{provider.Internal, provider.Portable} {
		b, err := p.NewAES(make([]byte, 16))
		if err != nil {
			t.Fatal(err)
		}
		provider.Wipe(b)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: a wiped Block encrypts", p)
				}
			}()
			b.Encrypt(make([]byte, 16), make([]byte, 16))
		}()
	}
}
