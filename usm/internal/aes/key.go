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

// A roundKey is a round key as addRoundKey takes it. In a state that has it in each
// of the four blocks, an octet's bit i would lie four times side by side in word i. It
// is kept once, at the lowest of the four places, and the three others belong to the
// next words: bits 0 to 3 lie in the first word, 4 to 7 in the second.
type roundKey [2]uint64

// lowest has the lowest place of each four.
const lowest = 0x1111111111111111

// set makes it the round key of four words of the schedule.
func (k *roundKey) set(w []uint32) {
	var block [BlockSize]byte
	for i, word := range w {
		binary.BigEndian.PutUint32(block[4*i:], word)
	}
	var s state // with the first of four blocks only, which has the lowest places
	s.load(block[:])
	for i := range 4 {
		k[0] |= s[i] & lowest << i
		k[1] |= s[4+i] & lowest << i
	}
	clear(block[:])
}

// low returns word i of the state that has the round key in each block, high word
// 4+i.
func (k *roundKey) low(i int) uint64  { return fourfold(k[0] >> i) }
func (k *roundKey) high(i int) uint64 { return fourfold(k[1] >> i) }

// fourfold fills each four places with what is in the lowest of them: that is a
// multiplication by 15.
func fourfold(x uint64) uint64 {
	x &= lowest
	return x<<4 - x
}
