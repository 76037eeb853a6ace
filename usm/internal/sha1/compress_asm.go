//go:build (amd64 || arm64) && !purego

package sha1

import "snmpstack/usm/internal/cpu"

// hasHardware says whether compressHardware may be called.
var hasHardware = cpu.SHA1()

// compressHardware is compress with the processor's instructions. Constant time: it
// has no branch but the one at the end of a block, and no index.
//
//go:noescape
func compressHardware(hash *[5]uint32, p []byte)
