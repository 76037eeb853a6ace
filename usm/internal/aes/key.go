package aes

import (
	"encoding/binary"
	"math/bits"
)

// A schedule is the key schedule w of FIPS 197 §5.2: four words for each round key.
type schedule [4 * (maxRounds + 1)]uint32

// rounds is Nr for a key of 4·nk octets (FIPS 197 §5, table 3).
func rounds(nk int) int { return nk + 6 }

// expand is KEYEXPANSION (FIPS 197 §5.2). key has 4·Nk octets.
func (w *schedule) expand(key []byte) {
	nk := len(key) / 4
	words := 4 * (rounds(nk) + 1)
	for i := range nk {
		w[i] = binary.BigEndian.Uint32(key[4*i:])
	}
	temp := w[nk-1]
	rcon := uint32(0x01000000) // Rcon[1]: x^0 in GF(2^8), then three octets 00
	for i := nk; i < words; i += nk {
		// i mod Nk is 0. RotWord takes the first octet to the end.
		temp = subWord(bits.RotateLeft32(temp, 8)) ^ rcon
		rcon <<= 1
		if rcon == 0 { // x^8, which is 1b; it depends on i alone
			rcon = 0x1b000000
		}
		for j := range min(nk, words-i) {
			if nk > 6 && j == 4 {
				temp = subWord(temp)
			}
			temp ^= w[i+j-nk]
			w[i+j] = temp
		}
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
	x = binary.BigEndian.Uint32(block[:])
	clear(block[:])
	return x
}
