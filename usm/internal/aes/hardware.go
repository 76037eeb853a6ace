//go:build (amd64 || arm64) && !purego

package aes

import "snmpstack/usm/internal/cpu"

// fastest returns AES with a key of a good length, in hardware if there is some.
func fastest(key []byte) Block {
	if !cpu.AES() {
		return newPortable(key)
	}
	return newHardware(key)
}

// A hardware is AES with a key, by the processor's instructions. What the functions
// in assembly do is in aes_amd64.s and aes_arm64.s.
type hardware struct {
	rounds int                            // Nr; 0 once wiped
	keys   [maxRounds + 1][BlockSize]byte // the round keys, octet for octet
}

func newHardware(key []byte) *hardware {
	nk := len(key) / 4
	c := &hardware{rounds: rounds(nk)}
	expandHardware(&c.keys, &key[0], nk, 4*(c.rounds+1))
	return c
}

func (c *hardware) BlockSize() int { return BlockSize }

func (c *hardware) Encrypt(dst, src []byte) {
	checkLengths(dst, src)
	ready(c.rounds)
	encryptHardware(&c.keys, c.rounds, &dst[0], &src[0])
}

func (c *hardware) Decrypt(dst, src []byte) {
	checkLengths(dst, src)
	ready(c.rounds)
	decryptHardware(&c.keys, c.rounds, &dst[0], &src[0])
}

func (c *hardware) Wipe() { *c = hardware{} }

// EncryptCFB is Encrypt of package cfb: dst has the length of src and is the same
// memory, or does not overlap it; iv is zeros afterwards.
func (c *hardware) EncryptCFB(iv *[BlockSize]byte, dst, src []byte) {
	ready(c.rounds)
	whole := len(src) &^ (BlockSize - 1)
	if whole > 0 {
		encryptCFBHardware(&c.keys, c.rounds, iv, &dst[0], &src[0], whole/BlockSize)
	}
	if whole < len(src) {
		var last [BlockSize]byte
		copy(last[:], src[whole:])
		encryptCFBHardware(&c.keys, c.rounds, iv, &last[0], &last[0], 1)
		copy(dst[whole:], last[:])
		clear(last[:])
	}
	clear(iv[:])
}

// group is how many octets, eight blocks of them, DecryptCFB does at once: so many
// rounds at the same time keep a processor busy that can begin one or two in each
// cycle, and has the result of each after three to eight.
const group = 8 * BlockSize

// DecryptCFB is Decrypt of package cfb, under the same conditions as EncryptCFB.
func (c *hardware) DecryptCFB(iv *[BlockSize]byte, dst, src []byte) {
	ready(c.rounds)
	whole := len(src) &^ (group - 1)
	if whole > 0 {
		decryptCFBHardware(&c.keys, c.rounds, iv, &dst[0], &src[0], whole/group)
	}
	if whole < len(src) {
		// It takes hardly longer to decrypt eight blocks than one.
		var last [group]byte
		copy(last[:], src[whole:])
		decryptCFBHardware(&c.keys, c.rounds, iv, &last[0], &last[0], 1)
		copy(dst[whole:], last[:])
		clear(last[:])
	}
	clear(iv[:])
}

// The lengths of key and message are the only things that these have a branch for;
// none has an index. Those with dst and src take the same memory for both.

// expandHardware is KEYEXPANSION (FIPS 197 §5.2): it makes words words of a key of nk
// words, which are the first of them.
//
//go:noescape
func expandHardware(keys *[maxRounds + 1][BlockSize]byte, key *byte, nk, words int)

// encryptHardware is CIPHER (FIPS 197 §5.1) for one block.
//
//go:noescape
func encryptHardware(keys *[maxRounds + 1][BlockSize]byte, rounds int, dst, src *byte)

// decryptHardware is INVCIPHER (FIPS 197 §5.3) for one block.
//
//go:noescape
func decryptHardware(keys *[maxRounds + 1][BlockSize]byte, rounds int, dst, src *byte)

// encryptCFBHardware encrypts whole blocks, at least one, and leaves the last block of
// ciphertext in iv.
//
//go:noescape
func encryptCFBHardware(keys *[maxRounds + 1][BlockSize]byte, rounds int, iv *[BlockSize]byte, dst, src *byte, blocks int)

// decryptCFBHardware decrypts whole groups, at least one, and leaves the last block of
// ciphertext in iv.
//
//go:noescape
func decryptCFBHardware(keys *[maxRounds + 1][BlockSize]byte, rounds int, iv *[BlockSize]byte, dst, src *byte, groups int)
