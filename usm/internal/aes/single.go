package aes

import "encoding/binary"

// A single is the state of FIPS 197 §3.4 for one block, in two words: bits 0 to 3 of
// s[r,c] are four bits at position 16r+4c of the first, bits 4 to 7 of the second. A
// row is a lane of 16 bits here too. CFB is encrypted block after block: SubBytes takes
// as long for one as for four, but the other steps have an eighth or a quarter of the
// words to do.
type single [2]uint64

// lowest has the lowest bit of each four.
const lowest = 0x1111111111111111

// load sets the state to a block.
func (s *single) load(block []byte) {
	*s = single{}
	for c := range 4 {
		// FIPS 197 §3.4: s[r,c] is octet r+4c, so that four octets in a row are a
		// column; its octet r goes to bit 16r.
		column := binary.LittleEndian.Uint32(block[4*c:])
		s[0] |= spread(column&0x0f0f0f0f) << (4 * c)
		s[1] |= spread(column>>4&0x0f0f0f0f) << (4 * c)
	}
}

// store is the reverse of load.
func (s *single) store(block []byte) {
	const column = 0x000f000f000f000f
	for c := range 4 {
		binary.LittleEndian.PutUint32(block[4*c:], gather(s[0]>>(4*c)&column)|gather(s[1]>>(4*c)&column)<<4)
	}
}

// cipherSingle is CIPHER (FIPS 197 §5.1) for one block.
func (c *Portable) cipherSingle(s *single) {
	ready(c.rounds)
	s.addRoundKey(&c.keys[0])
	for round := 1; round < c.rounds; round++ {
		s.subBytes()
		s.shiftRows()
		s.mixColumns()
		s.addRoundKey(&c.keys[round])
	}
	s.subBytes()
	s.shiftRows()
	s.addRoundKey(&c.keys[c.rounds])
}

// addRoundKey is AddRoundKey (FIPS 197 §5.1.4).
func (s *single) addRoundKey(key *single) {
	s[0] ^= key[0]
	s[1] ^= key[1]
}

// subBytes is SubBytes (FIPS 197 §5.1.1), by the circuit for four blocks.
func (s *single) subBytes() {
	var q state
	for i := range 4 {
		q[i], q[4+i] = s[0]>>i, s[1]>>i // with what does not belong there in the upper three of each four bits
	}
	q.subBytes()
	*s = single{}
	for i := range 4 {
		s[0] |= q[i] & lowest << i
		s[1] |= q[4+i] & lowest << i
	}
}

// shiftRows is ShiftRows (FIPS 197 §5.1.2).
func (s *single) shiftRows() {
	s[0], s[1] = shiftedRows(s[0]), shiftedRows(s[1])
}

// mixColumns is MixColumns (FIPS 197 §5.1.3): see that for four blocks.
func (s *single) mixColumns() {
	s1 := single{below(s[0], 1), below(s[1], 1)}
	t := single{s[0] ^ s1[0], s[1] ^ s1[1]}
	// Twice t: the bits move up, from the first word's topmost place to the second's
	// lowest, and where the second's topmost was set 1b is added.
	const upper = ^uint64(lowest)
	top := t[1] >> 3 & lowest
	s[0] = t[0]<<1&upper ^ top ^ top<<1 ^ top<<3
	s[1] = t[1]<<1&upper ^ t[0]>>3&lowest ^ top
	s[0] ^= s1[0] ^ below(t[0], 2)
	s[1] ^= s1[1] ^ below(t[1], 2)
}
