//go:build !purego

package cpu

import (
	"encoding/binary"
	"os"
)

// detect reads what the kernel says of the processor: the auxiliary vector, in
// which AT_HWCAP is a set of features (Linux, Documentation/arch/arm64/elf_hwcaps).
// A program may not ask the processor itself. Where there is no /proc the answer is
// no.
func detect() features {
	vector, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		return features{}
	}
	return fromHWCAP(hwcap(vector))
}

// hwcap returns the value of AT_HWCAP in an auxiliary vector, 0 if there is none. A
// vector is pairs of a type and a value, words of the machine.
func hwcap(vector []byte) uint64 {
	const atHWCAP = 16
	for ; len(vector) >= 16; vector = vector[16:] {
		if binary.NativeEndian.Uint64(vector) == atHWCAP {
			return binary.NativeEndian.Uint64(vector[8:])
		}
	}
	return 0
}

// fromHWCAP tells the bits of AT_HWCAP apart.
func fromHWCAP(hwcap uint64) features {
	const (
		aes  = 1 << 3
		sha1 = 1 << 5
		sha2 = 1 << 6
	)
	return features{aes: hwcap&aes != 0, sha1: hwcap&sha1 != 0, sha256: hwcap&sha2 != 0}
}
