//go:build purego || (!amd64 && !arm64)

package aes

// fastest returns AES with a key of a good length: there are no instructions for it,
// or they are not wanted.
func fastest(key []byte) Block { return newPortable(key) }
