// Package aes is the Advanced Encryption Standard, FIPS 197, with keys of 128,
// 192 and 256 bits, for the privacy protocol of RFC 3826 and its relatives with
// longer keys. Packages cfb and cbc make a mode of operation of it.
//
// [Portable] is the reference, and what is to be audited. The usual ways to compute
// AES look octets of the state up in tables, and the time that takes tells through
// the processor's cache which ones they were. Here there is no table. The state is
// bit-sliced: bit i of every octet of four blocks lies in the machine word q[i], and
// SubBytes, the only step that is not linear, is a circuit of AND and XOR that works
// on all 64 octets at once (sbox.go).
//
// What that costs: the circuit takes the same time whether one block is wanted or
// four. CFB can be decrypted four blocks at a time, but encrypted only one after the
// other, with three quarters of SubBytes done in vain; for the other steps there is a
// smaller state for a single block (single.go).
//
// Where the processor has instructions for a round of AES, [New] uses them, and is
// faster by far (hardware.go, aes_amd64.s, aes_arm64.s). The whole of CFB is done in
// one go: decrypting, eight blocks at a time.
//
// Constant time: the time depends on the length of the key and the number of
// blocks, never on what is in them: no branch and no index depends on key or
// data, in the key expansion neither. That the processor's instructions take the
// same time for all operands is what their makers say.
//
// What is wiped: Wipe clears the key schedule; the words it was expanded in, and
// what a mode computes beside its argument and result, are cleared before the
// function returns, and so are the registers that the assembly used. It keeps
// nothing on the stack. The states that the reference spills there stay until
// something else takes their place, and what the operating system saves when it
// interrupts a thread is out of reach.
//
// The names are those of FIPS 197: s[r,c] is the octet in row r and column c of
// the state, Nk the words of the key, Nr the number of rounds, w the key schedule.
package aes

import "fmt"

// BlockSize is the octets of a block.
const BlockSize = 16

// maxRounds is Nr for keys of 256 bits.
const maxRounds = 14

// A Block is AES with a key. It is safe for concurrent use, but for Wipe.
type Block interface {
	// BlockSize returns 16, the octets of a block.
	BlockSize() int
	// Encrypt encrypts the first block of src into dst, which may be the same memory,
	// and Decrypt decrypts it. They panic if one of them is shorter than a block.
	Encrypt(dst, src []byte)
	Decrypt(dst, src []byte)
	// Wipe clears the key. The Block must not be in use, and panics if it is used
	// afterwards.
	Wipe()
}

// New returns AES with a key of 16, 24 or 32 octets, to which it keeps no
// reference. Any other length is an error.
func New(key []byte) (Block, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return fastest(key), nil
}

func checkKey(key []byte) error {
	switch len(key) {
	case 16, 24, 32:
		return nil
	}
	return fmt.Errorf("aes: a key of %d octets: AES takes 16, 24 or 32", len(key))
}

func checkLengths(dst, src []byte) {
	if len(dst) < BlockSize || len(src) < BlockSize {
		panic(fmt.Sprintf("aes: a block of %d octets into %d", len(src), len(dst)))
	}
}

// ready panics if there is no key: what zero rounds make of a block would hide
// nothing.
func ready(rounds int) {
	if rounds == 0 {
		panic("aes: used after Wipe, or not made by New")
	}
}
