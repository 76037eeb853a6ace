package usm

import (
	"errors"
	"fmt"

	"snmpstack/usm/internal/provider"
)

// ErrKeyChange says that a KeyChange value has not twice the octets of the key.
var ErrKeyChange = errors.New("a KeyChange value has twice the octets of the key")

// ChangeKey returns the key that a KeyChange value makes of an old one (RFC 3414
// §5, KeyChange): value is random ‖ delta, each as long as the key, and the hash
// is that of the user's authentication protocol, for privacy keys too.
func ChangeKey(a AuthProtocol, old, value []byte) ([]byte, error) {
	row := a.row()
	if row == nil {
		return nil, fmt.Errorf("usm: %v: %w", a, errNoSuchAuth)
	}
	if len(value) != 2*len(old) {
		return nil, fmt.Errorf("usm: %w: %d octets, expected %d", ErrKeyChange, len(value), 2*len(old))
	}
	return keyChange(row, old, value[:len(old)], value[len(old):]), nil
}

// KeyChange returns the value that changes an old key into a new one of the same
// length. random is as long and comes from a random generator. Other lengths are an
// error, and so is AnyAuth.
func KeyChange(a AuthProtocol, old, new, random []byte) ([]byte, error) {
	row := a.row()
	if row == nil {
		return nil, fmt.Errorf("usm: %v: %w", a, errNoSuchAuth)
	}
	if len(new) != len(old) || len(random) != len(old) {
		return nil, fmt.Errorf("usm: keys of %d and %d octets and %d random ones, expected the same length", len(old), len(new), len(random))
	}
	return append(append([]byte(nil), random...), keyChange(row, old, random, new)...), nil
}

// keyChange is the loop that both directions have: the exclusive or of delta with
// a sequence that the old key and the random octets make. The last piece is cut
// off where the key is no multiple of the hash's length.
func keyChange(row *authProtocol, old, random, delta []byte) []byte {
	h := provider.Internal.Hash(row.hash)()
	defer provider.Wipe(h)
	temp := append(make([]byte, 0, max(len(old), row.keyLen)), old...)
	key := make([]byte, 0, len(old))
	for len(key) < len(old) {
		h.Reset()
		h.Write(temp)
		h.Write(random)
		clear(temp)
		temp = h.Sum(temp[:0])
		for i := 0; i < len(temp) && len(key) < len(old); i++ {
			key = append(key, temp[i]^delta[len(key)])
		}
	}
	clear(temp)
	return key
}
