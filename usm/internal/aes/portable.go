package aes

import (
	"encoding/binary"
	"fmt"
)

// several is how many octets, four blocks of them, are computed at once.
const several = 4 * BlockSize

// A Portable is AES with a key, in Go alone. It is safe for concurrent use, but for
// Wipe.
type Portable struct {
	rounds int                   // Nr; 0 once wiped
	keys   [maxRounds + 1]single // the round keys
}

// NewPortable returns AES with a key of 16, 24 or 32 octets, to which it keeps no
// reference. Any other length is an error.
func NewPortable(key []byte) (*Portable, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return newPortable(key), nil
}

func newPortable(key []byte) *Portable {
	var w schedule
	w.expand(key)
	c := &Portable{rounds: rounds(len(key) / 4)}
	for round := range c.rounds + 1 {
		var key [BlockSize]byte
		for i, word := range w[4*round:][:4] {
			binary.BigEndian.PutUint32(key[4*i:], word)
		}
		c.keys[round].load(key[:])
		clear(key[:])
	}
	clear(w[:])
	return c
}

// BlockSize returns 16, the octets of a block.
func (c *Portable) BlockSize() int { return BlockSize }

// Encrypt encrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Portable) Encrypt(dst, src []byte) {
	checkLengths(dst, src)
	var s single
	s.load(src[:BlockSize])
	c.cipherSingle(&s)
	s.store(dst[:BlockSize])
}

// Decrypt decrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Portable) Decrypt(dst, src []byte) {
	checkLengths(dst, src)
	var s state
	s.load(src[:BlockSize])
	c.invCipher(&s)
	s.store(dst[:BlockSize])
}

// EncryptXOR encrypts the blocks of in, four at most, and sets dst to src ⊕ what
// comes out. src has the length of dst, that of in is as many whole blocks as dst
// reaches into. All is read before anything is written, so that the three may
// overlap in any way. It panics if the lengths do not fit.
func (c *Portable) EncryptXOR(dst, src, in []byte) {
	if len(src) != len(dst) || len(in) != (len(dst)+BlockSize-1)&^(BlockSize-1) || len(in) > several {
		panic(fmt.Sprintf("aes: EncryptXOR of %d octets in %d, and %d of result", len(in), len(src), len(dst)))
	}
	var out [several]byte
	if len(in) == BlockSize {
		c.Encrypt(out[:], in)
	} else {
		var s state
		s.load(in)
		c.cipher(&s)
		s.store(out[:len(in)])
	}
	for i := range src {
		out[i] ^= src[i]
	}
	copy(dst, out[:])
	clear(out[:])
}

// Wipe clears the key. The cipher must not be in use, and panics if it is used
// afterwards.
func (c *Portable) Wipe() { *c = Portable{} }
