// Package cfb is the cipher feedback mode with segments of 128 bits, CFB128, of
// SP 800-38A §6.3, for the privacy protocol CFB128-AES-128 (RFC 3826 §3.1) and
// its relatives with longer keys. It works with any block cipher whose blocks
// have 16 octets, the standard library's too.
//
// A message may have any length: of the last block as much is used as there are
// octets left (RFC 3826 §3.1.3), and nothing is padded.
//
// Constant time: as the block cipher is; apart from that the time depends on the
// length of the message alone.
package cfb

import "encoding/binary"

// BlockSize is the octets of a block, and of a segment.
const BlockSize = 16

// A Block is a block cipher with a key, CIPH_K in SP 800-38A. Encryption and
// decryption both need its forward direction only.
type Block interface {
	BlockSize() int
	Encrypt(dst, src []byte)
}

// Encrypt encrypts src into dst (SP 800-38A §6.3: O_j = CIPH_K(I_j), C_j = P_j ⊕
// O_j, and I_j+1 = C_j). dst has at least the length of src, and is either the
// same memory or does not overlap it.
//
// iv serves as the input register and is zeros afterwards: that makes an IV used
// twice a mistake that shows. It panics if the cipher's blocks are not 16 octets,
// or dst is too short.
func Encrypt(b Block, iv *[BlockSize]byte, dst, src []byte) {
	dst = check(b, dst, src)
	if whole, ok := b.(wholeMessages); ok {
		whole.EncryptCFB(iv, dst, src)
		return
	}
	for len(src) >= BlockSize {
		b.Encrypt(iv[:], iv[:])
		xor(iv[:], iv[:], src)
		copy(dst, iv[:])
		dst, src = dst[BlockSize:], src[BlockSize:]
	}
	last(b, iv, dst, src)
}

// Decrypt decrypts src into dst: P_j = C_j ⊕ O_j, the rest as with Encrypt. All
// of the O_j depend on the ciphertext alone, and a cipher that can compute
// several at once is asked to.
func Decrypt(b Block, iv *[BlockSize]byte, dst, src []byte) {
	dst = check(b, dst, src)
	switch b := b.(type) {
	case wholeMessages:
		b.DecryptCFB(iv, dst, src)
		return
	case encryptXORer:
		decryptSeveral(b, iv, dst, src)
		return
	}
	for len(src) >= BlockSize {
		b.Encrypt(iv[:], iv[:])
		c0, c1 := binary.NativeEndian.Uint64(src), binary.NativeEndian.Uint64(src[8:])
		xor(dst, iv[:], src)
		binary.NativeEndian.PutUint64(iv[:], c0)
		binary.NativeEndian.PutUint64(iv[8:], c1)
		dst, src = dst[BlockSize:], src[BlockSize:]
	}
	last(b, iv, dst, src)
}

// check returns dst in the length of src.
func check(b Block, dst, src []byte) []byte {
	if b.BlockSize() != BlockSize {
		panic("cfb: a block cipher whose blocks are not 16 octets")
	}
	if len(dst) < len(src) {
		panic("cfb: dst is shorter than src")
	}
	return dst[:len(src)]
}

// last does the octets behind the last whole block, in either direction: nothing
// is fed back any more. It clears the register.
func last(b Block, iv *[BlockSize]byte, dst, src []byte) {
	if len(src) > 0 {
		b.Encrypt(iv[:], iv[:])
		for i := range src {
			dst[i] = src[i] ^ iv[i]
		}
	}
	clear(iv[:])
}

// xor sets the first 16 octets of dst to those of x ⊕ y.
func xor(dst, x, y []byte) {
	ne := binary.NativeEndian
	low, high := ne.Uint64(x)^ne.Uint64(y), ne.Uint64(x[8:])^ne.Uint64(y[8:])
	ne.PutUint64(dst, low)
	ne.PutUint64(dst[8:], high)
}

// wholeMessages is a Block that has this mode itself, as AES in hardware does: it
// then is faster by more than a call for each block would take. dst has the length of
// src; the rest is as with Encrypt and Decrypt.
type wholeMessages interface {
	EncryptCFB(iv *[BlockSize]byte, dst, src []byte)
	DecryptCFB(iv *[BlockSize]byte, dst, src []byte)
}

// An encryptXORer is a Block that computes several blocks in hardly more time
// than one.
type encryptXORer interface {
	// EncryptXOR sets dst to src ⊕ CIPH_K(in), block for block, of four blocks at
	// most. in consists of whole blocks, dst and src may end within the last. All
	// of in and src is read before dst is written, so that they may overlap.
	EncryptXOR(dst, src, in []byte)
}

// several is how many octets an encryptXORer takes at once.
const several = 4 * BlockSize

// decryptSeveral decrypts from the end to the beginning: in place, what is
// decrypted has taken the place of ciphertext that is not needed any more.
func decryptSeveral(b encryptXORer, iv *[BlockSize]byte, dst, src []byte) {
	for end := len(src); end > BlockSize; {
		// Segments begin with the second block. Each takes as much as there is behind
		// whole groups of four, so that only the first to be done can be short.
		begin := BlockSize + (end-BlockSize-1)/several*several
		in := src[begin-BlockSize:]
		whole := (end - begin + BlockSize - 1) &^ (BlockSize - 1)
		b.EncryptXOR(dst[begin:end], src[begin:end], in[:whole])
		end = begin
	}
	if first := min(len(src), BlockSize); first > 0 {
		b.EncryptXOR(dst[:first], src[:first], iv[:])
	}
	clear(iv[:])
}
