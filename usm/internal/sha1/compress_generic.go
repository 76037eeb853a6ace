//go:build purego || (!amd64 && !arm64)

package sha1

// There are no instructions for SHA-1, or they are not wanted.
const hasHardware = false

func compressHardware(hash *[5]uint32, p []byte) { compress(hash, p) }
