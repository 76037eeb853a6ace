//go:build !purego

package cpu

// detect: each of Apple's processors with 64 bits has had them.
func detect() features { return features{aes: true, sha1: true, sha256: true} }
