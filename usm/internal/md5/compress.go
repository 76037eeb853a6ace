package md5

import (
	"encoding/binary"
	"math/bits"
)

// table is T of RFC 1321 §3.4: T[i] is the integer part of 4294967296 times
// abs(sin(i)), i in radians. The RFC counts from 1, table from 0.
var table = [64]uint32{
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee,
	0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
	0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
	0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
	0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
}

// The functions of RFC 1321 §3.4. F is "if x then y else z", G the same with z
// as the condition; both are written here with one operation less than there.
func f(x, y, z uint32) uint32 { return z ^ x&(y^z) }
func g(x, y, z uint32) uint32 { return y ^ z&(x^y) }
func h(x, y, z uint32) uint32 { return x ^ y ^ z }
func i(x, y, z uint32) uint32 { return y ^ (x | ^z) }

// step is the operation of all rounds, RFC 1321 §3.4: a = b + ((a + F(b,c,d) +
// X[k] + T[i]) <<< s). sum is the parenthesis inside.
func step(b, sum uint32, s int) uint32 { return b + bits.RotateLeft32(sum, s) }

// compress takes the whole blocks of p, one after the other, into the state
// (RFC 1321 §3.4). A line is one of the RFC's operations [abcd k s i]; four at a
// time, after which a, b, c, d have their places again.
func compress(state *[4]uint32, p []byte) {
	for ; len(p) >= BlockSize; p = p[BlockSize:] {
		var x [16]uint32 // X: the words of the block, low-order octet first
		for k := range x {
			x[k] = binary.LittleEndian.Uint32(p[4*k:])
		}
		a, b, c, d := state[0], state[1], state[2], state[3]

		for k := uint(0); k < 16; k += 4 { // round 1: X in order
			a = step(b, a+x[k]+table[k]+f(b, c, d), 7)
			d = step(a, d+x[k+1]+table[k+1]+f(a, b, c), 12)
			c = step(d, c+x[k+2]+table[k+2]+f(d, a, b), 17)
			b = step(c, b+x[k+3]+table[k+3]+f(c, d, a), 22)
		}
		for k := uint(0); k < 16; k += 4 { // round 2: X[1], X[6], and so on by 5
			a = step(b, a+x[(5*k+1)%16]+table[k+16]+g(b, c, d), 5)
			d = step(a, d+x[(5*k+6)%16]+table[k+17]+g(a, b, c), 9)
			c = step(d, c+x[(5*k+11)%16]+table[k+18]+g(d, a, b), 14)
			b = step(c, b+x[(5*k+16)%16]+table[k+19]+g(c, d, a), 20)
		}
		for k := uint(0); k < 16; k += 4 { // round 3: X[5], X[8], and so on by 3
			a = step(b, a+x[(3*k+5)%16]+table[k+32]+h(b, c, d), 4)
			d = step(a, d+x[(3*k+8)%16]+table[k+33]+h(a, b, c), 11)
			c = step(d, c+x[(3*k+11)%16]+table[k+34]+h(d, a, b), 16)
			b = step(c, b+x[(3*k+14)%16]+table[k+35]+h(c, d, a), 23)
		}
		for k := uint(0); k < 16; k += 4 { // round 4: X[0], X[7], and so on by 7
			a = step(b, a+x[(7*k)%16]+table[k+48]+i(b, c, d), 6)
			d = step(a, d+x[(7*k+7)%16]+table[k+49]+i(a, b, c), 10)
			c = step(d, c+x[(7*k+14)%16]+table[k+50]+i(d, a, b), 15)
			b = step(c, b+x[(7*k+21)%16]+table[k+51]+i(c, d, a), 21)
		}

		state[0] += a
		state[1] += b
		state[2] += c
		state[3] += d
	}
}
