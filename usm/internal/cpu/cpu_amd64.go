//go:build !purego

package cpu

// detect asks the processor itself (Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2, CPUID). The instructions work on the SSE registers,
// which every operating system for amd64 saves: that of the wider ones must be
// asked after, that of these not.
//
// The code needs instructions of SSSE3 and SSE4.1 beside those that it is for.
func detect() features {
	const (
		ssse3 = 1 << 9  // leaf 1, ECX
		sse41 = 1 << 19 // leaf 1, ECX
		aes   = 1 << 25 // leaf 1, ECX
		sha   = 1 << 29 // leaf 7, subleaf 0, EBX: SHA-1 and SHA-256
	)
	highest, _, _, _ := cpuid(0, 0)
	_, _, leaf1, _ := cpuid(1, 0)
	if leaf1&ssse3 == 0 || leaf1&sse41 == 0 {
		return features{}
	}
	f := features{aes: leaf1&aes != 0}
	if highest >= 7 {
		_, leaf7, _, _ := cpuid(7, 0)
		f.sha1 = leaf7&sha != 0
		f.sha256 = f.sha1
	}
	return f
}

// cpuid executes CPUID with a leaf and a subleaf.
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)
