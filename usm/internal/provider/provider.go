// Package provider offers the cryptography of SNMPv3 from three sources with the
// same results: [Internal], the packages beside this one, with assembly for
// processors that have instructions for it; [Portable], those packages without it;
// and [System], Go's crypto packages. Whoever uses one holds a *Provider and need not
// know which.
//
// The sources differ in speed and in what the time of a computation tells about
// keys and messages:
//
//   - Internal: AES and the hashes have no branch and no table index that depends
//     on a secret, with the processor's instructions or without. DES and Triple DES
//     have none either, as long as the processor shifts in constant time. Key
//     schedules and hash states can be wiped.
//   - Portable: the same, and slower. It is what the assembly is tested against, and
//     for who trusts no assembly. To leave that out of the program altogether, build
//     it with the tag purego.
//   - System: as fast as the machine's own instructions for AES and SHA, which are
//     in constant time where the processor has them. Without them AES uses tables,
//     and DES always does. Key schedules cannot be wiped: they go with the garbage.
//     A program that runs in FIPS 140-3 only mode gets errors or panics for what
//     that mode forbids: MD5, DES, Triple DES.
//
// The modes of operation are packages cfb and cbc, and the MAC is package hmac,
// for both.
package provider

import (
	"fmt"
	"hash"
)

// A Hash is one of the hash functions that authentication protocols use.
type Hash uint8

const (
	MD5    Hash = iota + 1 // RFC 3414 §6
	SHA1                   // RFC 3414 §7
	SHA224                 // RFC 7860 §4
	SHA256
	SHA384
	SHA512
)

// hashes are the names and sizes, by Hash.
var hashes = [...]struct {
	name            string
	size, blockSize int
}{
	MD5:    {"MD5", 16, 64},
	SHA1:   {"SHA-1", 20, 64},
	SHA224: {"SHA-224", 28, 64},
	SHA256: {"SHA-256", 32, 64},
	SHA384: {"SHA-384", 48, 128},
	SHA512: {"SHA-512", 64, 128},
}

// valid reports whether h is one of the constants.
func (h Hash) valid() bool { return h > 0 && int(h) < len(hashes) }

// String returns the name, as "SHA-256".
func (h Hash) String() string {
	if !h.valid() {
		return fmt.Sprintf("Hash(%d)", uint8(h))
	}
	return hashes[h].name
}

// Size returns the octets of a digest. It panics if h is not one of the constants.
func (h Hash) Size() int {
	h.check()
	return hashes[h].size
}

// BlockSize returns the octets of a message block. It panics if h is not one of
// the constants.
func (h Hash) BlockSize() int {
	h.check()
	return hashes[h].blockSize
}

func (h Hash) check() {
	if !h.valid() {
		panic("provider: " + h.String() + " is no hash")
	}
}

// MaxSize is the largest size of a digest, that of SHA-512.
const MaxSize = 64

// A Block is a block cipher with a key. It is safe for concurrent use.
type Block interface {
	// BlockSize returns the octets of a block.
	BlockSize() int
	// Encrypt encrypts the first block of src into dst, Decrypt decrypts it. dst
	// and src are the same memory, or do not overlap in these blocks.
	Encrypt(dst, src []byte)
	Decrypt(dst, src []byte)
}

// A Provider is a source of hashes and block ciphers. It is safe for concurrent
// use; what its methods return is, if it is not a Block, not.
type Provider struct {
	name         string
	hashes       [len(hashes)]func() hash.Hash
	newAES       func(key []byte) (Block, error)
	newDES       func(key []byte) (Block, error)
	newTripleDES func(key []byte) (Block, error)
}

// String returns "internal", "portable" or "system".
func (p *Provider) String() string { return p.name }

// Hash returns the function that makes hashes of the kind h, for hmac.New and
// hmac.NewWorker. What it makes can save and restore its state. It panics if h is
// not one of the constants.
func (p *Provider) Hash(h Hash) func() hash.Hash {
	h.check()
	return p.hashes[h]
}

// NewAES returns AES with a key of 16, 24 or 32 octets. Any other length is an
// error. It keeps no reference to key, as the others.
func (p *Provider) NewAES(key []byte) (Block, error) { return p.newAES(key) }

// NewDES returns DES with a key of 8 octets, whose parity bits are not looked at.
// Any other length is an error.
func (p *Provider) NewDES(key []byte) (Block, error) { return p.newDES(key) }

// NewTripleDES returns Triple DES, encrypt-decrypt-encrypt, with three keys of 8
// octets in a row. Any other length is an error.
func (p *Provider) NewTripleDES(key []byte) (Block, error) { return p.newTripleDES(key) }

// Wipe clears a Block or a hash that a Provider returned, as far as it can be
// done. It must not be in use; a hash has to be Reset before it is used again, and
// a Block is of no use any more.
func Wipe(secret any) {
	switch secret := secret.(type) {
	case interface{ Wipe() }:
		secret.Wipe()
	case hash.Hash:
		secret.Reset()
	}
}
