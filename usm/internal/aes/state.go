package aes

import "encoding/binary"

// A state is the state of FIPS 197 §3.4 for four blocks at once, bit-sliced. Word
// i holds bit i of each octet: that of s[r,c] of block b at position 16r+4c+b. A
// row is a lane of 16 bits, then, and an octet's bits have the same position in
// the eight words.
type state [8]uint64

// load fills the state with up to four blocks. Those that are missing are zeros.
func (q *state) load(blocks []byte) {
	*q = state{}
	for b := 0; b < len(blocks)/BlockSize; b++ {
		block := blocks[b*BlockSize:][:BlockSize]
		// FIPS 197 §3.4: s[r,c] is octet r+4c, so that four octets in a row are a
		// column. Two columns go into a word alternately; octet 2r+k of word b then
		// is s[r,2k], of word 4+b s[r,2k+1].
		column := func(c int) uint64 { return spread(binary.LittleEndian.Uint32(block[4*c:])) }
		q[b] = column(0) | column(2)<<8
		q[4+b] = column(1) | column(3)<<8
	}
	q.transpose()
}

// store is the reverse of load. It takes the state apart.
func (q *state) store(blocks []byte) {
	q.transpose()
	for b := 0; b < len(blocks)/BlockSize; b++ {
		block := blocks[b*BlockSize:][:BlockSize]
		for k, word := range [4]uint64{q[b], q[4+b], q[b] >> 8, q[4+b] >> 8} {
			binary.LittleEndian.PutUint32(block[4*k:], gather(word))
		}
	}
}

// spread moves octet r of x to octet 2r.
func spread(x uint32) uint64 {
	w := uint64(x)
	w = (w | w<<16) & 0x0000ffff0000ffff
	return (w | w<<8) & 0x00ff00ff00ff00ff
}

// gather moves octet 2r to octet r, and drops the others.
func gather(w uint64) uint32 {
	w &= 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}

// transpose exchanges bit j of every octet of word i with bit i of the same octet
// of word j: first single bits, then pairs of them, then fours.
func (q *state) transpose() {
	for i := 0; i < 8; i += 2 {
		q[i], q[i+1] = exchange(q[i], q[i+1], 0x5555555555555555, 1)
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		q[i], q[i+2] = exchange(q[i], q[i+2], 0x3333333333333333, 2)
	}
	for i := range 4 {
		q[i], q[i+4] = exchange(q[i], q[i+4], 0x0f0f0f0f0f0f0f0f, 4)
	}
}

// exchange exchanges the bits of y that mask selects with those n places higher
// in x.
func exchange(x, y, mask uint64, n uint) (uint64, uint64) {
	t := (x>>n ^ y) & mask
	return x ^ t<<n, y ^ t
}
