package provider

import (
	"hash"

	"snmpstack/usm/internal/aes"
	"snmpstack/usm/internal/des"
	"snmpstack/usm/internal/md5"
	"snmpstack/usm/internal/sha1"
	"snmpstack/usm/internal/sha256"
	"snmpstack/usm/internal/sha512"
)

// Internal is the packages beside this one, with the processor's instructions for
// AES, SHA-1 and SHA-256 where it has them.
var Internal = &Provider{
	name: "internal",
	hashes: [len(hashes)]func() hash.Hash{
		MD5:    md5.New,
		SHA1:   sha1.New,
		SHA224: sha256.New224,
		SHA256: sha256.New,
		SHA384: sha512.New384,
		SHA512: sha512.New,
	},
	newAES:       func(key []byte) (Block, error) { return block(aes.New(key)) },
	newDES:       newDES,
	newTripleDES: newTripleDES,
}

// Portable is the same without those instructions: the references, in Go alone.
var Portable = &Provider{
	name: "portable",
	hashes: [len(hashes)]func() hash.Hash{
		MD5:    md5.New,
		SHA1:   sha1.NewPortable,
		SHA224: sha256.NewPortable224,
		SHA256: sha256.NewPortable,
		SHA384: sha512.New384,
		SHA512: sha512.New,
	},
	newAES:       func(key []byte) (Block, error) { return block(aes.NewPortable(key)) },
	newDES:       newDES,
	newTripleDES: newTripleDES,
}

func newDES(key []byte) (Block, error)       { return block(des.NewCipher(key)) }
func newTripleDES(key []byte) (Block, error) { return block(des.NewTripleCipher(key)) }

// block returns a nil Block with an error, not one that holds a nil pointer.
func block[B Block](b B, err error) (Block, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}
