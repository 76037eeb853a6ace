package cryptotest

import (
	"bytes"
	"fmt"
	"testing"

	"snmpstack/usm/internal/cbc"
	"snmpstack/usm/internal/cfb"
)

// AESVectors checks the known answers for single blocks of AES.
func AESVectors(t *testing.T, newCipher NewCipher) {
	t.Helper()
	each(t, "aes_block.json", func(t *testing.T, v struct {
		Source                     string
		Key, Plaintext, Ciphertext Octets
	}) bool {
		checkBlocks(t, mustNew(t, newCipher, v.Key), v.Source, v.Plaintext, v.Ciphertext)
		return true
	})
}

// checkBlocks encrypts and decrypts block for block.
func checkBlocks(t *testing.T, c Cipher, what string, plaintext, ciphertext []byte) {
	t.Helper()
	n := c.BlockSize()
	encrypted, decrypted := make([]byte, len(plaintext)), make([]byte, len(plaintext))
	for at := 0; at < len(plaintext); at += n {
		c.Encrypt(encrypted[at:], plaintext[at:])
		c.Decrypt(decrypted[at:], ciphertext[at:])
	}
	if !bytes.Equal(encrypted, ciphertext) {
		t.Errorf("%s: %x encrypts to %x, want %x", what, plaintext, encrypted, ciphertext)
	}
	if !bytes.Equal(decrypted, plaintext) {
		t.Errorf("%s: %x decrypts to %x, want %x", what, ciphertext, decrypted, plaintext)
	}
}

// CFBVectors checks the known answers for AES in mode CFB128, the Monte Carlo
// tests among them.
func CFBVectors(t *testing.T, newCipher NewCipher) {
	t.Helper()
	type vector struct {
		Test, Op, Source               string
		Count                          int
		Key, IV, Plaintext, Ciphertext Octets
	}
	t.Run("messages", func(t *testing.T) {
		each(t, "aes_cfb128.json", func(t *testing.T, v vector) bool {
			c := mustNew(t, newCipher, v.Key)
			what := fmt.Sprintf("%s %s %d (%s)", v.Test, v.Op, v.Count, v.Source)
			out := make([]byte, len(v.Plaintext))
			if cfb.Encrypt(c, (*[16]byte)(bytes.Clone(v.IV)), out, v.Plaintext); !bytes.Equal(out, v.Ciphertext) {
				t.Errorf("%s: %x encrypts to %x, want %x", what, v.Plaintext, out, v.Ciphertext)
			}
			if cfb.Decrypt(c, (*[16]byte)(bytes.Clone(v.IV)), out, v.Ciphertext); !bytes.Equal(out, v.Plaintext) {
				t.Errorf("%s: %x decrypts to %x, want %x", what, v.Ciphertext, out, v.Plaintext)
			}
			return true
		})
	})
	t.Run("monte carlo", func(t *testing.T) {
		each(t, "aes_cfb128_mct.json", func(t *testing.T, v vector) bool {
			in, want := v.Plaintext, v.Ciphertext
			if v.Op == "decrypt" {
				in, want = v.Ciphertext, v.Plaintext
			}
			if got := monteCarloCFB(mustNew(t, newCipher, v.Key), v.Op == "encrypt", v.IV, in); !bytes.Equal(got, want) {
				t.Errorf("%s %s %d (%s): %x, want %x", v.Test, v.Op, v.Count, v.Source, got, want)
			}
			return true
		})
	})
}

// monteCarloCFB is the inner loop of the Monte Carlo test for CFB128 of the AES
// Algorithm Validation Suite, §6.4: a message of 1000 blocks, of which the first is
// the input, the second the IV, and each other what came out of the block before
// the last. It returns what the last block becomes.
func monteCarloCFB(c Cipher, encrypt bool, iv, input []byte) []byte {
	// The message is not known beforehand: each block is one of its own, and what
	// is fed back, the ciphertext, its IV.
	feedback, in, before := [16]byte(iv), [16]byte(input), [16]byte(iv)
	var out [16]byte
	for range 1000 {
		if register := feedback; encrypt {
			cfb.Encrypt(c, &register, out[:], in[:])
			feedback = out
		} else {
			cfb.Decrypt(c, &register, out[:], in[:])
			feedback = in
		}
		in, before = before, out
	}
	return out[:]
}

// DESVectors checks the known answers for DES or Triple DES, in file des.json or
// tdes.json: single blocks and mode CBC.
func DESVectors(t *testing.T, file string, newCipher NewCipher) {
	t.Helper()
	each(t, file, func(t *testing.T, v struct {
		Test, Mode, Op, Source         string
		Count                          int
		Key, IV, Plaintext, Ciphertext Octets
	}) bool {
		c := mustNew(t, newCipher, v.Key)
		what := fmt.Sprintf("%s %s %d (%s)", v.Test, v.Op, v.Count, v.Source)
		switch v.Mode {
		case "ecb":
			checkBlocks(t, c, what, v.Plaintext, v.Ciphertext)
		case "cbc":
			out := make([]byte, len(v.Plaintext))
			if cbc.Encrypt(c, (*[8]byte)(v.IV), out, v.Plaintext); !bytes.Equal(out, v.Ciphertext) {
				t.Errorf("%s: %x encrypts to %x, want %x", what, v.Plaintext, out, v.Ciphertext)
			}
			if cbc.Decrypt(c, (*[8]byte)(v.IV), out, v.Ciphertext); !bytes.Equal(out, v.Plaintext) {
				t.Errorf("%s: %x decrypts to %x, want %x", what, v.Ciphertext, out, v.Plaintext)
			}
		default:
			t.Fatalf("%s: a mode %q", what, v.Mode)
		}
		return true
	})
}
