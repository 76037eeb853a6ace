package sha1

import (
	"encoding/binary"
	"math/bits"
)

// k holds the constants of FIPS 180-4 §4.2.1, each for 20 values of t.
var k = [4]uint32{0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6}

// The functions of FIPS 180-4 §4.1.1. Ch is "if x then y else z", Maj what two
// of three say; both are written here with one operation less than there.
func ch(x, y, z uint32) uint32     { return z ^ x&(y^z) }
func parity(x, y, z uint32) uint32 { return x ^ y ^ z }
func maj(x, y, z uint32) uint32    { return x&y | z&(x|y) }

func rotl(x uint32, n int) uint32 { return bits.RotateLeft32(x, n) }

// compress takes the whole blocks of p, one after the other, into the hash value
// (FIPS 180-4 §6.1.2; the numbers are those of its steps).
func compress(hash *[5]uint32, p []byte) {
	var w [80]uint32
	for ; len(p) >= BlockSize; p = p[BlockSize:] {
		// 1. The message schedule.
		for t := range 16 {
			w[t] = binary.BigEndian.Uint32(p[4*t:])
		}
		for t := 16; t < 80; t++ {
			w[t] = rotl(w[t-3]^w[t-8]^w[t-14]^w[t-16], 1)
		}

		// 2. The working variables.
		a, b, c, d, e := hash[0], hash[1], hash[2], hash[3], hash[4]

		// 3. T = ROTL5(a) + f(b, c, d) + e + K + W[t], with f and K by t / 20.
		for _, wt := range w[:20] {
			a, b, c, d, e = e+k[0]+wt+ch(b, c, d)+rotl(a, 5), a, rotl(b, 30), c, d
		}
		for _, wt := range w[20:40] {
			a, b, c, d, e = e+k[1]+wt+parity(b, c, d)+rotl(a, 5), a, rotl(b, 30), c, d
		}
		for _, wt := range w[40:60] {
			a, b, c, d, e = e+k[2]+wt+maj(b, c, d)+rotl(a, 5), a, rotl(b, 30), c, d
		}
		for _, wt := range w[60:] {
			a, b, c, d, e = e+k[3]+wt+parity(b, c, d)+rotl(a, 5), a, rotl(b, 30), c, d
		}

		// 4. The next hash value.
		hash[0] += a
		hash[1] += b
		hash[2] += c
		hash[3] += d
		hash[4] += e
	}
}
