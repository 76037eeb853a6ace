// Package aes is the Advanced Encryption Standard, FIPS 197, with keys of 128,
// 192 and 256 bits, for the privacy protocol of RFC 3826 and its relatives with
// longer keys. Packages cfb and cbc make a mode of operation of it.
//
// The usual ways to compute AES look octets of the state up in tables, and the
// time that takes tells through the processor's cache which ones they were. Here
// there is no table. The state is bit-sliced: bit i of every octet of four blocks
// lies in the machine word q[i], and SubBytes, the only step that is not linear,
// is a circuit of AND and XOR that works on all 64 octets at once (sbox.go).
//
// What that costs: the circuit takes the same time whether one block is wanted or
// four. CFB can be decrypted four blocks at a time, but encrypted only one after
// the other, with three quarters of the work done in vain; for a message of an
// SNMP agent this is some tens of microseconds. Processors with instructions for
// AES are faster by far, and that is what the standard library uses.
//
// Constant time: the time depends on the length of the key and the number of
// blocks, never on what is in them: no branch and no index depends on key or
// data, in the key expansion neither.
//
// The names are those of FIPS 197: s[r,c] is the octet in row r and column c of
// the state, Nk the words of the key, Nr the number of rounds, w the key schedule.
package aes

import "fmt"

// BlockSize is the octets of a block.
const BlockSize = 16

// several is how many octets, four blocks of them, are computed at once.
const several = 4 * BlockSize

// maxRounds is Nr for keys of 256 bits.
const maxRounds = 14

// A Cipher is AES with a key. It is safe for concurrent use, but for Wipe.
type Cipher struct {
	rounds int                  // Nr; 0 once wiped
	keys   [maxRounds + 1]state // the round keys, each four times side by side
}

// NewCipher returns AES with a key of 16, 24 or 32 octets, to which it keeps no
// reference. Any other length is an error.
func NewCipher(key []byte) (*Cipher, error) {
	switch len(key) {
	case 16, 24, 32:
	default:
		return nil, fmt.Errorf("aes: a key of %d octets: AES takes 16, 24 or 32", len(key))
	}
	c := new(Cipher)
	c.expandKey(key)
	return c, nil
}

// BlockSize returns 16, the octets of a block.
func (c *Cipher) BlockSize() int { return BlockSize }

// Encrypt encrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Cipher) Encrypt(dst, src []byte) {
	checkLengths(dst, src)
	var s state
	s.load(src[:BlockSize])
	c.cipher(&s)
	s.store(dst[:BlockSize])
}

// Decrypt decrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Cipher) Decrypt(dst, src []byte) {
	checkLengths(dst, src)
	var s state
	s.load(src[:BlockSize])
	c.invCipher(&s)
	s.store(dst[:BlockSize])
}

func checkLengths(dst, src []byte) {
	if len(dst) < BlockSize || len(src) < BlockSize {
		panic(fmt.Sprintf("aes: a block of %d octets into %d", len(src), len(dst)))
	}
}

// EncryptXOR encrypts the blocks of in, four at most, and sets dst to src ⊕ what
// comes out. src has the length of dst, that of in is as many whole blocks as dst
// reaches into. All is read before anything is written, so that the three may
// overlap in any way. It panics if the lengths do not fit.
func (c *Cipher) EncryptXOR(dst, src, in []byte) {
	if len(src) != len(dst) || len(in) != (len(dst)+BlockSize-1)&^(BlockSize-1) || len(in) > several {
		panic(fmt.Sprintf("aes: EncryptXOR of %d octets in %d, and %d of result", len(in), len(src), len(dst)))
	}
	var s state
	s.load(in)
	c.cipher(&s)
	var out [several]byte
	s.store(out[:len(in)])
	for i := range src {
		out[i] ^= src[i]
	}
	copy(dst, out[:])
}

// Wipe clears the key. The cipher must not be in use, and panics if it is used
// afterwards. Copies that may have been left on the stack are out of reach.
func (c *Cipher) Wipe() { *c = Cipher{} }
