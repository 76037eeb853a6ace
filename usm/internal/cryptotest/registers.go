//go:build (amd64 || arm64) && !purego

package cryptotest

import "testing"

// WipesRegisters checks that what a function in assembly leaves in the vector registers
// does not depend on secrets: prepare gets everything ready for one of them, and all
// that run does is to call the function.
func WipesRegisters(t *testing.T, what string, prepare func(secret byte), run func()) {
	t.Helper()
	var left [2][32][16]byte
	// Between the function and the look at the registers the runtime may do something
	// of its own, but not each time.
	for range 100 {
		for i, secret := range []byte{0x5a, 0xa7} {
			prepare(secret)
			setVectors(new([32][16]byte))
			run()
			getVectors(&left[i])
		}
		if left[0] == left[1] {
			return
		}
	}
	for i := range left[0] {
		if left[0][i] != left[1][i] {
			t.Errorf("%s leaves %x or %x in vector register %d", what, left[0][i], left[1][i], i)
		}
	}
}

// setVectors and getVectors set the vector registers and read them. Of amd64's only the
// first 15 are set and read: the last of the 16 that everyone has is zero between Go's
// functions.
//
//go:noescape
func setVectors(from *[32][16]byte)

//go:noescape
func getVectors(to *[32][16]byte)
