package aes

import (
	"bytes"
	"testing"
)

// times8 is multiplication in GF(2^8) as FIPS 197 §4.2 defines it: of polynomials,
// modulo x^8 + x^4 + x^3 + x + 1.
func times8(a, b byte) byte {
	product := 0
	for i := range 8 {
		if b>>i&1 == 1 {
			product ^= int(a) << i
		}
	}
	for i := 14; i >= 8; i-- {
		if product>>i&1 == 1 {
			product ^= 0x11b << (i - 8)
		}
	}
	return byte(product)
}

// sbox is SBOX as FIPS 197 §5.1.1 defines it: the inverse, then the affine
// transformation.
func sbox(a byte) byte {
	var inverse, b byte
	for x := range 256 {
		if times8(a, byte(x)) == 1 {
			inverse = byte(x)
		}
	}
	for i := range 8 {
		bit := func(k int) byte { return inverse >> (k % 8) & 1 }
		b |= (bit(i) ^ bit(i+4) ^ bit(i+5) ^ bit(i+6) ^ bit(i+7) ^ 0x63>>i&1) << i
	}
	return b
}

// blocksOf calls f with states that have each octet once at each position: the
// first octet of the first block goes through all values, and the others with it.
func blocksOf(f func(in []byte, s *state)) {
	in := make([]byte, several)
	for x := range 256 {
		for i := range in {
			in[i] = byte(x + 3*i)
		}
		var s state
		s.load(in)
		f(in, &s)
	}
}

func TestLoadAndStore(t *testing.T) {
	blocksOf(func(in []byte, s *state) {
		// The position that the type's comment gives.
		for at, b := range in {
			block, r, c := at/16, at%4, at/4%4
			for i := range 8 {
				if got, want := s[i]>>(16*r+4*c+block)&1, uint64(b>>i&1); got != want {
					t.Fatalf("bit %d of s[%d,%d] in block %d is %d, want %d", i, r, c, block, got, want)
				}
			}
		}
		out := make([]byte, several)
		s.store(out)
		if !bytes.Equal(out, in) {
			t.Fatalf("%x comes back as %x", in, out)
		}
	})
	for n := 0; n <= several; n += BlockSize {
		in, out := bytes.Repeat([]byte{0xff}, n), make([]byte, several)
		var s state
		s.load(in)
		s.store(out)
		if !bytes.Equal(out[:n], in) || !bytes.Equal(out[n:], make([]byte, several-n)) {
			t.Errorf("%d octets come back as %x", n, out)
		}
	}
}

// The steps for each octet in each place, against their definitions in FIPS 197
// §5.1 and §5.3.
func TestSteps(t *testing.T) {
	var substituted, inverted [256]byte
	for x := range 256 {
		substituted[x] = sbox(byte(x))
		inverted[substituted[x]] = byte(x)
	}
	// each applies f to each octet, given its block, row and column.
	each := func(f func(in []byte, at, r, c int) byte) func([]byte) []byte {
		return func(in []byte) []byte {
			out := make([]byte, len(in))
			for i := range out {
				out[i] = f(in[i/16*16:][:16], i%16, i%4, i/4%4)
			}
			return out
		}
	}
	matrix := func(m [4]byte) func([]byte) []byte {
		return each(func(in []byte, at, r, c int) (sum byte) {
			for k := range 4 {
				sum ^= times8(m[(k-r+4)%4], in[4*c+k])
			}
			return sum
		})
	}
	tests := []struct {
		name   string
		run    func(*state)
		single func(*single) // nil: there is none
		want   func([]byte) []byte
	}{
		{"SubBytes, FIPS 197 §5.1.1", (*state).subBytes, (*single).subBytes, each(func(in []byte, at, r, c int) byte { return substituted[in[at]] })},
		{"ShiftRows, FIPS 197 §5.1.2", (*state).shiftRows, (*single).shiftRows, each(func(in []byte, at, r, c int) byte { return in[(c+r)%4*4+r] })},
		{"MixColumns, FIPS 197 §5.1.3", (*state).mixColumns, (*single).mixColumns, matrix([4]byte{2, 3, 1, 1})},
		{"InvShiftRows, FIPS 197 §5.3.1", (*state).invShiftRows, nil, each(func(in []byte, at, r, c int) byte { return in[(c-r+4)%4*4+r] })},
		{"InvSubBytes, FIPS 197 §5.3.2", (*state).invSubBytes, nil, each(func(in []byte, at, r, c int) byte { return inverted[in[at]] })},
		{"InvMixColumns, FIPS 197 §5.3.3", (*state).invMixColumns, nil, matrix([4]byte{0x0e, 0x0b, 0x0d, 0x09})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			blocksOf(func(in []byte, s *state) {
				tt.run(s)
				got := make([]byte, len(in))
				s.store(got)
				want := tt.want(in)
				if !bytes.Equal(got, want) {
					t.Fatalf("%x becomes %x, want %x", in, got, want)
				}
				for at := 0; at < len(in) && tt.single != nil; at += BlockSize {
					var s single
					s.load(in[at:])
					tt.single(&s)
					if s.store(got); !bytes.Equal(got[:BlockSize], want[at:at+BlockSize]) {
						t.Fatalf("alone, %x becomes %x, want %x", in[at:at+BlockSize], got[:BlockSize], want[at:at+BlockSize])
					}
				}
			})
		})
	}
}

// What comments of sbox.go say of the smaller field, for each of its elements or
// pairs of them.
func TestSmallField(t *testing.T) {
	times4 := func(a, b int) (product int) {
		for i := range 4 {
			product ^= b >> i & 1 * (a << i)
		}
		for i := 6; i >= 4; i-- {
			product ^= product >> i & 1 * (0b10011 << (i - 4))
		}
		return product
	}
	for a := range 16 {
		if a != 0 && times4(a, 7) == 0 {
			t.Fatal("this is no field")
		}
		for b := range 16 {
			if got, want := element(of(a).times(of(b))), times4(a, b); got != want {
				t.Errorf("%d times %d is %d, want %d", a, b, got, want)
			}
			if got := element(of(a).plus(of(b))); got != a^b {
				t.Errorf("%d plus %d is %d", a, b, got)
			}
			if (times4(a, b) == 1) != (a != 0 && element(of(a).inverse()) == b) {
				t.Errorf("1/%d is %d, and %d times %d is %d", a, element(of(a).inverse()), a, b, times4(a, b))
			}
		}
		if got, want := element(of(a).squaredTimesNu()), times4(8, times4(a, a)); got != want {
			t.Errorf("ν times the square of %d is %d, want %d", a, got, want)
		}
		if times4(a, a)^a^8 == 0 {
			t.Errorf("%d is a root of z^2 + z + ν", a)
		}
	}
	if got := element(of(0).inverse()); got != 0 {
		t.Errorf("1/0 is %d, want 0", got)
	}
}

func of(x int) gf16 {
	bit := func(i int) uint64 { return -uint64(x >> i & 1) }
	return gf16{bit(0), bit(1), bit(2), bit(3)}
}

func element(a gf16) (x int) {
	for i, b := range []uint64{a.b0, a.b1, a.b2, a.b3} {
		x |= int(b&1) << i
	}
	return x
}

// The octets that stand for the smaller field's basis are what sbox.go says.
func TestBasis(t *testing.T) {
	const y, z = 0x5c, 0xa2
	cube := times8(y, times8(y, y))
	if times8(cube, y)^y^1 != 0 {
		t.Error("5c is no root of y^4 + y + 1")
	}
	if times8(z, z)^z^cube != 0 {
		t.Error("a2 is no root of z^2 + z + 5c^3")
	}
	if got, want := []byte{1, y, times8(y, y), cube, z, times8(z, y), times8(z, times8(y, y)), times8(z, cube)},
		[]byte{0x01, 0x5c, 0xe0, 0x50, 0xa2, 0x02, 0xb8, 0xdb}; !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

// The first and the last word of the key schedules in FIPS 197's appendix A
// (KEYEXPANSION, FIPS 197 §5.2).
func TestExpandKey(t *testing.T) {
	for _, tt := range []struct {
		name        string
		key         []byte
		first, last uint32 // the first word that is not of the key
	}{
		{"A.1", []byte("\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c"), 0xa0fafe17, 0xb6630ca6},
		{"A.2", []byte("\x8e\x73\xb0\xf7\xda\x0e\x64\x52\xc8\x10\xf3\x2b\x80\x90\x79\xe5\x62\xf8\xea\xd2\x52\x2c\x6b\x7b"), 0xfe0c91f7, 0x01002202},
		{"A.3", []byte("\x60\x3d\xeb\x10\x15\xca\x71\xbe\x2b\x73\xae\xf0\x85\x7d\x77\x81\x1f\x35\x2c\x07\x3b\x61\x08\xd7\x2d\x98\x10\xa3\x09\x14\xdf\xf4"), 0x9ba35411, 0x706c631e},
	} {
		var w schedule
		w.expand(tt.key)
		if got := w[len(tt.key)/4]; got != tt.first {
			t.Errorf("%s: w[%d] is %08x, want %08x", tt.name, len(tt.key)/4, got, tt.first)
		}
		if last := 4*rounds(len(tt.key)/4) + 3; w[last] != tt.last {
			t.Errorf("%s: w[%d] is %08x, want %08x", tt.name, last, w[last], tt.last)
		}
	}
}

// A round key is added to each of the four blocks (AddRoundKey, FIPS 197 §5.1.4).
func TestRoundKey(t *testing.T) {
	blocksOf(func(in []byte, s *state) {
		var k single
		k.load(in[:BlockSize])
		s.addRoundKey(&k)
		got := make([]byte, several)
		s.store(got)
		for i := range got {
			if want := in[i] ^ in[i%BlockSize]; got[i] != want {
				t.Fatalf("octet %d of %x plus %x is %02x, want %02x", i, in, in[:BlockSize], got[i], want)
			}
		}
	})
}
