package aes

import (
	"encoding/binary"
	"math/bits"
)

// expandKey is KEYEXPANSION (FIPS 197 §5.2): the key schedule w, four words for
// each round key. key has 4·Nk octets.
func (c *Cipher) expandKey(key []byte) {
	nk := len(key) / 4
	c.rounds = nk + 6 // FIPS 197 §5, table 3

	var w [4 * (maxRounds + 1)]uint32
	for i := range nk {
		w[i] = binary.BigEndian.Uint32(key[4*i:])
	}
	rcon := uint32(0x01000000) // Rcon[1]: x^0 in GF(2^8), then three octets 00
	for i := nk; i < 4*(c.rounds+1); i++ {
		temp := w[i-1]
		if i%nk == 0 {
			temp = subWord(bits.RotateLeft32(temp, 8)) ^ rcon // RotWord takes the first octet to the end
			rcon <<= 1
			if rcon == 0 { // x^8, which is 1b; it depends on i alone
				rcon = 0x1b000000
			}
		} else if nk > 6 && i%nk == 4 {
			temp = subWord(temp)
		}
		w[i] = w[i-nk] ^ temp
	}

	for round := range c.rounds + 1 {
		var blocks [several]byte // the round key for each of the four blocks
		for i := range several / 4 {
			binary.BigEndian.PutUint32(blocks[4*i:], w[4*round+i%4])
		}
		c.keys[round].load(blocks[:])
	}
}

// subWord is SUBWORD (FIPS 197 §5.2): SubBytes for the octets of a word.
func subWord(x uint32) uint32 {
	var block [BlockSize]byte
	binary.BigEndian.PutUint32(block[:], x)
	var s state
	s.load(block[:])
	s.subBytes()
	s.store(block[:])
	return binary.BigEndian.Uint32(block[:])
}
