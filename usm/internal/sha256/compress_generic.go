//go:build purego || (!amd64 && !arm64)

package sha256

// There are no instructions for SHA-256, or they are not wanted.
const hasHardware = false

func compressHardware(hash *[8]uint32, p []byte) { compress(hash, p) }
