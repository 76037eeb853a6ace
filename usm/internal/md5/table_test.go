package md5

import (
	"math"
	"testing"
)

// RFC 1321 §3.4: "Let T[i] denote the i-th element of the table, which is equal
// to the integer part of 4294967296 times abs(sin(i)), where i is in radians."
func TestTable(t *testing.T) {
	for i, got := range table {
		if want := uint32(math.Floor(1 << 32 * math.Abs(math.Sin(float64(i+1))))); got != want {
			t.Errorf("T[%d] is %#x, want %#x", i+1, got, want)
		}
	}
}

// The functions of RFC 1321 §3.4 as the RFC writes them, for each triple of bits.
func TestFunctions(t *testing.T) {
	const x, y, z = 0b00001111, 0b00110011, 0b01010101
	for _, tt := range []struct {
		name      string
		got, want uint32
	}{
		{"F", f(x, y, z), x&y | ^uint32(x)&z},
		{"G", g(x, y, z), x&z | y&^uint32(z)},
		{"H", h(x, y, z), x ^ y ^ z},
		{"I", i(x, y, z), y ^ (x | ^uint32(z))},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %b, want %b", tt.name, tt.got, tt.want)
		}
	}
}
