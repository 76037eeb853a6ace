// Package cpu says which instructions for cryptography the processor has: those
// for AES, SHA-1 and SHA-256 on amd64 and arm64. It finds out once, when the
// program starts, and on all other processors and systems the answer is no.
//
// Who does not want these instructions builds with the tag purego: then there is
// no assembly in the program, and the answer is no as well. Without building anew
// there is usm.Portable.
package cpu

var has = detect()

// features are what a processor has.
type features struct{ aes, sha1, sha256 bool }

// AES reports whether there are instructions for a round of AES.
func AES() bool { return has.aes }

// SHA1 reports whether there are instructions for SHA-1.
func SHA1() bool { return has.sha1 }

// SHA256 reports whether there are instructions for SHA-224 and SHA-256.
func SHA256() bool { return has.sha256 }
