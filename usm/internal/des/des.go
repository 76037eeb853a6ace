// Package des is the Data Encryption Standard, FIPS 46-3, and Triple DES with
// three keys (there, and SP 800-67), for the privacy protocol CBC-DES (RFC 3414
// §8) and its relative with three keys. Package cbc makes a mode of operation of
// them. A DES key is found by trying all of them: use it where a peer knows
// nothing better. Triple DES is withdrawn too, for its small blocks.
//
// Constant time: no branch and no table index depends on key or data. The S-boxes
// are looked up by shifting a machine word that holds one bit of all 64 entries
// (see f). What that relies on is that the processor shifts by any number of bits
// in the same time, which those with a barrel shifter do, all that Go has a
// compiler for as far as is known; where a uint64 takes two words the compiler
// makes several such shifts of one, without branches. The time depends on nothing
// but the number of blocks. It is several times that of tables.
//
// The names are those of FIPS 46-3: L and R are the halves of a block, K the key
// of a round, f the cipher function, C and D the halves of the key register.
package des

import (
	"encoding/binary"
	"fmt"
)

// BlockSize is the octets of a block.
const BlockSize = 8

// A Cipher is DES with a key. It is safe for concurrent use, but for Wipe.
type Cipher struct {
	keys schedule
	made bool // false once wiped
}

// NewCipher returns DES with a key of 8 octets, to which it keeps no reference.
// Any other length is an error. The parity bits are not looked at, and weak keys
// are keys like others.
func NewCipher(key []byte) (*Cipher, error) {
	if len(key) != 8 {
		return nil, fmt.Errorf("des: a key of %d octets: DES takes 8", len(key))
	}
	c := &Cipher{made: true}
	c.keys.expand(key)
	return c, nil
}

// BlockSize returns 8, the octets of a block.
func (c *Cipher) BlockSize() int { return BlockSize }

// Encrypt encrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Cipher) Encrypt(dst, src []byte) {
	check(c.made, dst, src)
	l, r := load(src)
	l, r = c.keys.forward(l, r)
	store(dst, l, r)
}

// Decrypt decrypts the first block of src into dst, which may be the same memory.
// It panics if one of them is shorter than a block.
func (c *Cipher) Decrypt(dst, src []byte) {
	check(c.made, dst, src)
	l, r := load(src)
	l, r = c.keys.inverse(l, r)
	store(dst, l, r)
}

// Wipe clears the key. The cipher must not be in use, and panics if it is used
// afterwards. Copies that may have been left on the stack are out of reach.
func (c *Cipher) Wipe() { *c = Cipher{} }

// A TripleCipher is Triple DES with three keys. It is safe for concurrent use, but
// for Wipe.
type TripleCipher struct {
	keys [3]schedule
	made bool // false once wiped
}

// NewTripleCipher returns Triple DES with three keys of 8 octets in a row, to which
// it keeps no reference. Any other length is an error. The parity bits are not
// looked at, and neither is whether the keys are different: a protocol that asks
// for that checks it.
func NewTripleCipher(key []byte) (*TripleCipher, error) {
	if len(key) != 24 {
		return nil, fmt.Errorf("des: a key of %d octets: Triple DES takes 24", len(key))
	}
	c := &TripleCipher{made: true}
	for i := range c.keys {
		c.keys[i].expand(key[8*i:])
	}
	return c, nil
}

// BlockSize returns 8, the octets of a block.
func (c *TripleCipher) BlockSize() int { return BlockSize }

// Encrypt encrypts the first block of src into dst (SP 800-67 §3.1: O =
// E_K3(D_K2(E_K1(I)))), which may be the same memory. It panics if one of them is
// shorter than a block.
func (c *TripleCipher) Encrypt(dst, src []byte) {
	check(c.made, dst, src)
	l, r := load(src) // between two of the three, IP undoes its inverse
	l, r = c.keys[0].forward(l, r)
	l, r = c.keys[1].inverse(l, r)
	l, r = c.keys[2].forward(l, r)
	store(dst, l, r)
}

// Decrypt decrypts the first block of src into dst (SP 800-67 §3.1: O =
// D_K1(E_K2(D_K3(I)))), which may be the same memory. It panics if one of them is
// shorter than a block.
func (c *TripleCipher) Decrypt(dst, src []byte) {
	check(c.made, dst, src)
	l, r := load(src)
	l, r = c.keys[2].inverse(l, r)
	l, r = c.keys[1].forward(l, r)
	l, r = c.keys[0].inverse(l, r)
	store(dst, l, r)
}

// Wipe clears the keys. The cipher must not be in use, and panics if it is used
// afterwards. Copies that may have been left on the stack are out of reach.
func (c *TripleCipher) Wipe() { *c = TripleCipher{} }

// check panics if a cipher has no key, whose place zeros would take, or if there
// is less than a block.
func check(made bool, dst, src []byte) {
	if !made {
		panic("des: used after Wipe, or not made by NewCipher or NewTripleCipher")
	}
	if len(dst) < BlockSize || len(src) < BlockSize {
		panic(fmt.Sprintf("des: a block of %d octets into %d", len(src), len(dst)))
	}
}

// load returns the halves of a block after the initial permutation.
func load(src []byte) (l, r uint32) {
	return permuteIP(binary.BigEndian.Uint32(src), binary.BigEndian.Uint32(src[4:]))
}

// store writes the block whose halves, before the inverse initial permutation, are
// l and r.
func store(dst []byte, l, r uint32) {
	l, r = permuteInverseIP(l, r)
	binary.BigEndian.PutUint32(dst, l)
	binary.BigEndian.PutUint32(dst[4:], r)
}
