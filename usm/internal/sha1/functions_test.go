package sha1

import "testing"

// The functions of FIPS 180-4 §4.1.1 as the standard writes them, for each
// triple of bits.
func TestFunctions(t *testing.T) {
	const x, y, z = 0b00001111, 0b00110011, 0b01010101
	for _, tt := range []struct {
		name      string
		got, want uint32
	}{
		{"Ch", ch(x, y, z), x&y ^ ^uint32(x)&z},
		{"Parity", parity(x, y, z), x ^ y ^ z},
		{"Maj", maj(x, y, z), x&y ^ x&z ^ y&z},
	} {
		if tt.got != tt.want {
			t.Errorf("%s is %b, want %b", tt.name, tt.got, tt.want)
		}
	}
}
