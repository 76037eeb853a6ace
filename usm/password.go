package usm

import "hash"

// passwordLen is how many octets of the repeated password are hashed: one
// megabyte (RFC 3414 §A.2).
const passwordLen = 1 << 20

// passwordToKey is the algorithm of RFC 3414 §A.2 that makes a user's key Ku of a
// password: the hash of the password, repeated until it has 1048576 octets, the
// last repetition cut off. It takes milliseconds, on purpose. The password is not
// empty.
//
// What is hashed is assembled in blocks of as many octets as the hash takes at a
// time, so that memory stays small.
func passwordToKey(h hash.Hash, password []byte) []byte {
	var block [128]byte
	size := h.BlockSize()
	h.Reset()
	for done, at := 0, 0; done < passwordLen; done += size {
		for i := range size {
			block[i] = password[at]
			if at++; at == len(password) {
				at = 0
			}
		}
		h.Write(block[:size]) // passwordLen is a multiple of 64 and of 128
	}
	clear(block[:])
	return h.Sum(nil)
}
