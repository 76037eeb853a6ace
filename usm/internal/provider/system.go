package provider

import (
	"crypto/aes"
	"crypto/des"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// System is Go's standard library.
var System = &Provider{
	name: "system",
	hashes: [len(hashes)]func() hash.Hash{
		MD5:    md5.New,
		SHA1:   sha1.New,
		SHA224: sha256.New224,
		SHA256: sha256.New,
		SHA384: sha512.New384,
		SHA512: sha512.New,
	},
	newAES:       func(key []byte) (Block, error) { return aes.NewCipher(key) },
	newDES:       func(key []byte) (Block, error) { return des.NewCipher(key) },
	newTripleDES: func(key []byte) (Block, error) { return des.NewTripleDESCipher(key) },
}
