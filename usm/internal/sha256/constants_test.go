package sha256

import (
	"math/big"
	"testing"
)

// primes returns the first n primes.
func primes(n int) (all []int64) {
	for p := int64(2); len(all) < n; p++ {
		if big.NewInt(p).ProbablyPrime(0) { // exact below 2^64
			all = append(all, p)
		}
	}
	return all
}

// root returns the first bits of the fractional part of the square root or cube
// root of n: of the root of n times 2 to the power of degree times bits, what is
// below 2 to the power of bits.
func root(n int64, degree, bits uint) uint64 {
	scaled := new(big.Int).Lsh(big.NewInt(n), degree*bits)
	low, high := big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), bits+16)
	for new(big.Int).Sub(high, low).Cmp(big.NewInt(1)) > 0 {
		middle := new(big.Int).Add(low, high)
		middle.Rsh(middle, 1)
		if new(big.Int).Exp(middle, big.NewInt(int64(degree)), nil).Cmp(scaled) <= 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return low.And(low, new(big.Int).SetUint64(1<<bits-1)).Uint64()
}

// FIPS 180-4 §4.2.2, §5.3.3 and §5.3.2: the constants are what they are said to be.
func TestConstants(t *testing.T) {
	for i, prime := range primes(64) {
		if want := uint32(root(prime, 3, 32)); k[i] != want {
			t.Errorf("K[%d] is %#x, want %#x", i, k[i], want)
		}
	}
	for i, prime := range primes(16) {
		if i < 8 {
			if want := uint32(root(prime, 2, 32)); initial256[i] != want {
				t.Errorf("SHA-256 begins with H%d = %#x, want %#x", i, initial256[i], want)
			}
			continue
		}
		if want := uint32(root(prime, 2, 64)); initial224[i-8] != want {
			t.Errorf("SHA-224 begins with H%d = %#x, want %#x", i-8, initial224[i-8], want)
		}
	}
}

// Ch and Maj of FIPS 180-4 §4.1.2 as the standard writes them, for each triple of
// bits.
func TestFunctions(t *testing.T) {
	const x, y, z = 0b00001111, 0b00110011, 0b01010101
	if got, want := ch(x, y, z), x&y^^uint32(x)&z; got != want {
		t.Errorf("Ch is %b, want %b", got, want)
	}
	if got, want := maj(x, y, z), uint32(x&y^x&z^y&z); got != want {
		t.Errorf("Maj is %b, want %b", got, want)
	}
}
