package des

import (
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// initialPermutation is IP, which permuteIP applies without looking anything up.
var initialPermutation = [64]uint8{
	58, 50, 42, 34, 26, 18, 10, 2,
	60, 52, 44, 36, 28, 20, 12, 4,
	62, 54, 46, 38, 30, 22, 14, 6,
	64, 56, 48, 40, 32, 24, 16, 8,
	57, 49, 41, 33, 25, 17, 9, 1,
	59, 51, 43, 35, 27, 19, 11, 3,
	61, 53, 45, 37, 29, 21, 13, 5,
	63, 55, 47, 39, 31, 23, 15, 7,
}

// permute is how FIPS 46-3 reads its tables: bit i+1 of the result is bit table[i]
// of x, which has width bits.
func permute(x uint64, width int, table []uint8) (y uint64) {
	for _, from := range table {
		y = y<<1 | x>>(width-int(from))&1
	}
	return y
}

// The rules by which the tables were made, as far as they are known: a slip of the
// pen would break one of them.
func TestTables(t *testing.T) {
	checkPermutation := func(name string, table []uint8, want []int) {
		seen := make(map[int]bool)
		for _, from := range table {
			seen[int(from)] = true
		}
		for _, from := range want {
			if !seen[from] {
				t.Errorf("%s lacks bit %d", name, from)
			}
		}
		if len(seen) != len(want) {
			t.Errorf("%s has %d different bits, want %d", name, len(seen), len(want))
		}
	}
	numbers := func(n int, without ...int) (all []int) {
		skip := make(map[int]bool)
		for _, i := range without {
			skip[i] = true
		}
		for i := 1; i <= n; i++ {
			if !skip[i] {
				all = append(all, i)
			}
		}
		return all
	}
	checkPermutation("IP", initialPermutation[:], numbers(64))
	checkPermutation("P", permutation[:], numbers(32))
	checkPermutation("PC-1", permutedChoice1[:], numbers(64, 8, 16, 24, 32, 40, 48, 56, 64))
	checkPermutation("PC-2", permutedChoice2[:], numbers(56, 9, 18, 22, 25, 35, 38, 43, 54))

	for j, box := range selection {
		for row, entries := range box {
			seen := 0
			for _, v := range entries {
				seen |= 1 << v
			}
			if seen != 1<<16-1 {
				t.Errorf("row %d of S%d is no permutation of 0 to 15: %v", row, j+1, entries)
			}
		}
		// Two inputs that differ in one bit have outputs that differ in two at least,
		// and so have two that differ in the two bits in the middle.
		at := func(x int) int { return int(box[x>>4&2|x&1][x>>1&15]) }
		for x := range 64 {
			for _, d := range []int{1, 2, 4, 8, 16, 32, 0b001100} {
				if v := at(x) ^ at(x^d); v&(v-1) == 0 {
					t.Errorf("S%d: %06b and %06b give %04b and %04b", j+1, x, x^d, at(x), at(x^d))
				}
			}
		}
	}
	total := 0
	for _, n := range leftShifts {
		total += int(n)
	}
	if total != 28 {
		t.Errorf("C and D are rotated by %d places, want 28", total)
	}
}

// The initial permutation (SP 800-67 §2.1) and its inverse are what their table
// says, for each bit.
func TestInitialPermutation(t *testing.T) {
	for i := range 64 {
		x := uint64(1) << i
		l, r := permuteIP(uint32(x>>32), uint32(x))
		got, want := uint64(l)<<32|uint64(r), permute(x, 64, initialPermutation[:])
		if got != want {
			t.Errorf("%016x becomes %016x, want %016x", x, got, want)
		}
		l, r = permuteInverseIP(l, r)
		if back := uint64(l)<<32 | uint64(r); back != x {
			t.Errorf("%016x comes back as %016x", x, back)
		}
	}
}

// The cipher function as SP 800-67 §2.3 defines it, with the table E and in its
// steps.
func TestCipherFunction(t *testing.T) {
	expansion := []uint8{
		32, 1, 2, 3, 4, 5,
		4, 5, 6, 7, 8, 9,
		8, 9, 10, 11, 12, 13,
		12, 13, 14, 15, 16, 17,
		16, 17, 18, 19, 20, 21,
		20, 21, 22, 23, 24, 25,
		24, 25, 26, 27, 28, 29,
		28, 29, 30, 31, 32, 1,
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 2000 {
		half, key := r.Uint32(), r.Uint64()&(1<<48-1)
		if i < 32 {
			half, key = 1<<i, 0
		}
		x := permute(uint64(half), 32, expansion) ^ key
		var s uint64
		var groups [8]uint8
		for j := range 8 {
			b := x >> (42 - 6*j) & 63
			s = s<<4 | uint64(selection[j][b>>4&2|b&1][b>>1&15])
			groups[j] = uint8(key >> (42 - 6*j) & 63)
		}
		if got, want := f(half, &groups), uint32(permute(s, 32, permutation[:])); got != want {
			t.Fatalf("f(%08x, %012x) is %08x, want %08x", half, key, got, want)
		}
	}
}

// The key schedule of a key that is worked through in many textbooks.
func TestExpand(t *testing.T) {
	key, err := hex.DecodeString("133457799bbcdff1")
	if err != nil {
		t.Fatal(err)
	}
	var s schedule
	s.expand(key)
	for _, tt := range []struct {
		n    int
		want [8]uint8
	}{
		{1, [8]uint8{0b000110, 0b110000, 0b001011, 0b101111, 0b111111, 0b000111, 0b000001, 0b110010}},
		{2, [8]uint8{0b011110, 0b011010, 0b111011, 0b011001, 0b110110, 0b111100, 0b100111, 0b100101}},
		{16, [8]uint8{0b110010, 0b110011, 0b110110, 0b001011, 0b000011, 0b100001, 0b011111, 0b110101}},
	} {
		if got := s[tt.n-1]; got != tt.want {
			t.Errorf("K%d is %06b, want %06b", tt.n, got, tt.want)
		}
	}
}
