// Package cbc is the cipher block chaining mode of SP 800-38A §6.2, for block
// ciphers whose blocks have 8 octets: DES and Triple DES, in the privacy
// protocols CBC-DES (RFC 3414 §8) and its relative with three keys.
//
// Padding is left to the protocol: here a message is whole blocks.
//
// Constant time: as the block cipher is; apart from that the time depends on the
// length of the message alone.
package cbc

import "encoding/binary"

// BlockSize is the octets of a block.
const BlockSize = 8

// A Block is a block cipher with a key.
type Block interface {
	BlockSize() int
	Encrypt(dst, src []byte)
	Decrypt(dst, src []byte)
}

// Encrypt encrypts src into dst (SP 800-38A §6.2: C_1 = CIPH_K(P_1 ⊕ IV), C_j =
// CIPH_K(P_j ⊕ C_j-1)). dst has at least the length of src, and is either the
// same memory or does not overlap it. iv is only read.
//
// It panics if the cipher's blocks are not 8 octets, if src is not whole blocks,
// or dst is too short: the caller has padded it.
func Encrypt(b Block, iv *[BlockSize]byte, dst, src []byte) {
	dst = check(b, dst, src)
	chain := binary.NativeEndian.Uint64(iv[:])
	for ; len(src) > 0; dst, src = dst[BlockSize:], src[BlockSize:] {
		p := binary.NativeEndian.Uint64(src)
		binary.NativeEndian.PutUint64(dst, p^chain)
		b.Encrypt(dst[:BlockSize], dst[:BlockSize])
		chain = binary.NativeEndian.Uint64(dst)
	}
}

// Decrypt decrypts src into dst (SP 800-38A §6.2: P_1 = CIPH⁻¹_K(C_1) ⊕ IV, P_j =
// CIPH⁻¹_K(C_j) ⊕ C_j-1), under the same conditions as Encrypt: who receives a
// message checks that it is whole blocks.
func Decrypt(b Block, iv *[BlockSize]byte, dst, src []byte) {
	dst = check(b, dst, src)
	chain := binary.NativeEndian.Uint64(iv[:])
	for ; len(src) > 0; dst, src = dst[BlockSize:], src[BlockSize:] {
		c := binary.NativeEndian.Uint64(src)
		b.Decrypt(dst[:BlockSize], src[:BlockSize])
		p := binary.NativeEndian.Uint64(dst) ^ chain
		binary.NativeEndian.PutUint64(dst, p)
		chain = c
	}
}

// check returns dst in the length of src.
func check(b Block, dst, src []byte) []byte {
	if b.BlockSize() != BlockSize {
		panic("cbc: a block cipher whose blocks are not 8 octets")
	}
	if len(src)%BlockSize != 0 {
		panic("cbc: src is not whole blocks")
	}
	if len(dst) < len(src) {
		panic("cbc: dst is shorter than src")
	}
	return dst[:len(src)]
}
