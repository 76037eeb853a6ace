//go:build (amd64 || arm64) && !purego

package sha256

import (
	"bytes"
	"testing"

	"snmpstack/usm/internal/cryptotest"
)

func TestHardwareWipes(t *testing.T) {
	if !hasHardware {
		t.Skip("this host has no instructions for SHA-256")
	}
	var hash [8]uint32
	block := make([]byte, 2*BlockSize)
	prepare := func(secret byte) {
		for i := range hash {
			hash[i] = uint32(secret)
		}
		copy(block, bytes.Repeat([]byte{secret}, len(block)))
	}
	cryptotest.WipesRegisters(t, "compressHardware", prepare, func() { compressHardware(&hash, block) })
}
