package des

import "math/bits"

// A schedule is the keys K1 to K16 of the rounds, each as eight groups of six bits,
// one for each S-box.
type schedule [16][8]uint8

// forward is the sixteen rounds of enciphering (SP 800-67 §2.1): L' = R, R' = L ⊕
// f(R, K). What it returns is the preoutput, R16 before L16.
func (s *schedule) forward(l, r uint32) (uint32, uint32) {
	for n := range s {
		l, r = r, l^f(r, &s[n])
	}
	return r, l
}

// inverse is the sixteen rounds of deciphering (SP 800-67 §2.2): the same with the
// keys in reverse order.
func (s *schedule) inverse(l, r uint32) (uint32, uint32) {
	for n := len(s) - 1; n >= 0; n-- {
		l, r = r, l^f(r, &s[n])
	}
	return r, l
}

// f is the cipher function (SP 800-67 §2.3), P(S(E(R) ⊕ K)).
//
// E makes eight overlapping groups of six bits of R: bits 32 to 5, 4 to 9, and so
// on to bits 28 to 1. Each of them, with the bits of the key added, is the number
// of an entry in its S-box. Of that each bit is taken from a truth table of 64
// bits, which is rotated until the entry wanted is at the place that P moves the
// bit to. Constant time: as the processor's rotation is; all truth tables are read
// each time.
func f(r uint32, k *[8]uint8) uint32 {
	var out uint64
	for j := range truth {
		x := -int(bits.RotateLeft32(r, 4*j+5)&63 ^ uint32(k[j]))
		t := &truth[j]
		out |= bits.RotateLeft64(t[0].table, x)&t[0].place |
			bits.RotateLeft64(t[1].table, x)&t[1].place |
			bits.RotateLeft64(t[2].table, x)&t[2].place |
			bits.RotateLeft64(t[3].table, x)&t[3].place
	}
	return uint32(out)
}

// truth holds for each S-box and each of its four bits the truth table, rotated to
// the left so that entry 0 is at the place of the bit in the result of f.
var truth = truthTables()

type truthTable struct{ table, place uint64 }

func truthTables() (truth [8][4]truthTable) {
	for i, from := range permutation { // bit i+1 of the result, bit from of all S-boxes' output
		j, k := int(from-1)/4, int(from-1)%4
		var table uint64
		for x := range 64 {
			// The first and the last of the six bits are the row, those between the column.
			row, column := x>>4&2|x&1, x>>1&15
			bit := selection[j][row][column] >> (3 - k) & 1
			table |= uint64(bit) << x
		}
		place := 31 - i
		truth[j][k] = truthTable{bits.RotateLeft64(table, place), 1 << place}
	}
	return truth
}

// expand is the key schedule (FIPS 46-3, appendix 1, KS): it takes the first 8
// octets of key. Constant time: the tables say which bits go where, and they are
// moved whatever they are.
func (s *schedule) expand(key []byte) {
	var bit [65]uint8 // by number, from 1
	for i := range 64 {
		bit[i+1] = key[i/8] >> (7 - i%8) & 1
	}
	var c, d uint32 // 28 bits each
	for i := range 28 {
		c |= uint32(bit[permutedChoice1[i]]) << (27 - i)
		d |= uint32(bit[permutedChoice1[28+i]]) << (27 - i)
	}
	clear(bit[:])
	for n, shift := range leftShifts {
		c = (c<<shift | c>>(28-shift)) & (1<<28 - 1)
		d = (d<<shift | d>>(28-shift)) & (1<<28 - 1)
		cd := uint64(c)<<28 | uint64(d)
		for i, from := range permutedChoice2 {
			s[n][i/6] |= uint8(cd>>(56-from)&1) << (5 - i%6)
		}
	}
}

// permuteIP is the initial permutation IP. Written as eight rows of eight bits, the
// block is turned: its columns become rows, the even ones L, the odd ones R, each
// from the bottom to the top. The five steps exchange ever smaller or larger
// pieces; a test holds the result against the table.
func permuteIP(l, r uint32) (uint32, uint32) {
	l, r = exchange(l, r, 4, 0x0f0f0f0f)
	l, r = exchange(l, r, 16, 0x0000ffff)
	r, l = exchange(r, l, 2, 0x33333333)
	r, l = exchange(r, l, 8, 0x00ff00ff)
	return exchange(l, r, 1, 0x55555555)
}

// permuteInverseIP is the inverse of IP: the same steps in reverse order, of which
// each undoes itself.
func permuteInverseIP(l, r uint32) (uint32, uint32) {
	l, r = exchange(l, r, 1, 0x55555555)
	r, l = exchange(r, l, 8, 0x00ff00ff)
	r, l = exchange(r, l, 2, 0x33333333)
	l, r = exchange(l, r, 16, 0x0000ffff)
	return exchange(l, r, 4, 0x0f0f0f0f)
}

// exchange exchanges the bits of y that mask selects with those n places higher in
// x.
func exchange(x, y uint32, n uint, mask uint32) (uint32, uint32) {
	t := (x>>n ^ y) & mask
	return x ^ t<<n, y ^ t
}
