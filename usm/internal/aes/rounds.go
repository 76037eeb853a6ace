package aes

import "math/bits"

// cipher is CIPHER (FIPS 197 §5.1).
func (c *Portable) cipher(s *state) {
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

// invCipher is INVCIPHER (FIPS 197 §5.3).
func (c *Portable) invCipher(s *state) {
	ready(c.rounds)
	s.addRoundKey(&c.keys[c.rounds])
	for round := c.rounds - 1; round > 0; round-- {
		s.invShiftRows()
		s.invSubBytes()
		s.addRoundKey(&c.keys[round])
		s.invMixColumns()
	}
	s.invShiftRows()
	s.invSubBytes()
	s.addRoundKey(&c.keys[0])
}

// addRoundKey is AddRoundKey (FIPS 197 §5.1.4), and its own inverse (§5.3.4): the
// round key is added to each of the four blocks.
func (q *state) addRoundKey(key *single) {
	for i := range 4 {
		q[i] ^= fourfold(key[0] >> i)
		q[4+i] ^= fourfold(key[1] >> i)
	}
}

// fourfold fills each four bits with the lowest of them: that is a multiplication by
// 15.
func fourfold(x uint64) uint64 {
	x &= lowest
	return x<<4 - x
}

// shiftRows is ShiftRows (FIPS 197 §5.1.2): s[r,c] becomes s[r,c+r], the column
// modulo 4.
func (q *state) shiftRows() {
	for i, x := range q {
		q[i] = shiftedRows(x)
	}
}

// shiftedRows rotates row r, a lane of 16 bits, by 4r bits to the right: rows 2 and 3 by
// 8, then rows 1 and 3 by 4.
func shiftedRows(x uint64) uint64 {
	x = halfway(x)
	return x&0x0000ffff0000ffff | x>>4&0x0fff00000fff0000 | x<<12&0xf0000000f0000000
}

// invShiftRows is InvShiftRows (FIPS 197 §5.3.1): the rotations to the left.
func (q *state) invShiftRows() {
	for i, x := range q {
		x = halfway(x)
		q[i] = x&0x0000ffff0000ffff | x<<4&0xfff00000fff00000 | x>>12&0x000f0000000f0000
	}
}

// halfway rotates rows 2 and 3 by 8 bits: it exchanges the halves of the lanes.
func halfway(x uint64) uint64 {
	t := (x ^ x>>8) & 0x00ff00ff00000000
	return x ^ t ^ t<<8
}

// below returns the state with each row replaced by the one n rows below it, the
// row modulo 4.
func below(x uint64, n int) uint64 { return bits.RotateLeft64(x, -16*n) }

// mixColumns is MixColumns (FIPS 197 §5.1.3). In each column
//
//	s'[r] = 2·s[r] + 3·s[r+1] + s[r+2] + s[r+3]
//	      = 2·(s[r] + s[r+1]) + s[r+1] + (s[r+2] + s[r+3])
//
// the row modulo 4. With t[r] = s[r] + s[r+1] the last sum is t[r+2]. Twice t is
// xTimes (§4.2): the bits move up, and where the topmost was set 1b is added.
func (q *state) mixColumns() {
	var s1, t state // s1: row r+1
	for i, s := range q {
		s1[i] = below(s, 1)
		t[i] = s ^ s1[i]
	}
	q[0] = t[7] ^ s1[0] ^ below(t[0], 2)
	q[1] = t[0] ^ t[7] ^ s1[1] ^ below(t[1], 2)
	q[2] = t[1] ^ s1[2] ^ below(t[2], 2)
	q[3] = t[2] ^ t[7] ^ s1[3] ^ below(t[3], 2)
	q[4] = t[3] ^ t[7] ^ s1[4] ^ below(t[4], 2)
	q[5] = t[4] ^ s1[5] ^ below(t[5], 2)
	q[6] = t[5] ^ s1[6] ^ below(t[6], 2)
	q[7] = t[6] ^ s1[7] ^ below(t[7], 2)
}

// invMixColumns is InvMixColumns (FIPS 197 §5.3.3). MixColumns multiplies a column
// by a polynomial a(x) modulo x^4 + 1, with a(x)^4 = 1. Its inverse therefore is
// a(x)^3, MixColumns after a multiplication by a(x)^2 = 04·x^2 + 05:
//
//	s'[r] = 5·s[r] + 4·s[r+2] = s[r] + 4·(s[r] + s[r+2])
func (q *state) invMixColumns() {
	var u state
	for i, s := range q {
		u[i] = s ^ below(s, 2)
	}
	// 4·u: the bits move up by two, and where the two topmost were set 1b and 36,
	// twice 1b, are added.
	q[0] ^= u[6]
	q[1] ^= u[6] ^ u[7]
	q[2] ^= u[0] ^ u[7]
	q[3] ^= u[1] ^ u[6]
	q[4] ^= u[2] ^ u[6] ^ u[7]
	q[5] ^= u[3] ^ u[7]
	q[6] ^= u[4]
	q[7] ^= u[5]
	q.mixColumns()
}
