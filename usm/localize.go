package usm

import (
	"fmt"
	"hash"
)

// localize makes the user's key Kul for one engine of the user's key Ku (RFC 3414
// §2.6): the hash of Ku ‖ snmpEngineID ‖ Ku. One engine's key tells nothing about
// another's.
func localize(h hash.Hash, ku []byte, engine EngineID) []byte {
	h.Reset()
	h.Write(ku)
	h.Write([]byte(engine))
	h.Write(ku)
	return h.Sum(nil)
}

// A KeyExtension is a way to make a long key out of a hash that is shorter:
// AES-192 and AES-256 need one with MD5 and SHA-1, AES-256 with SHA-224. Neither
// is a standard, and peers differ.
type KeyExtension int

const (
	// AutoExtension tries both on receipt and remembers which one fitted; what is
	// sent before anything has been received is as with Reeder.
	AutoExtension KeyExtension = iota
	// Reeder's extension (draft-reeder-snmpv3-usm-3desede-00): Cisco, pysnmp.
	Reeder
	// Blumenthal's extension (draft-blumenthal-aes-usm-04): SNMP4J, Net-SNMP,
	// gosnmp.
	Blumenthal
)

func (e KeyExtension) String() string {
	if e < AutoExtension || e > Blumenthal {
		return fmt.Sprintf("key extension %d", int(e))
	}
	return [...]string{"auto", "Reeder", "Blumenthal"}[e]
}

// extendReeder lengthens a localized key to n octets: the last piece of the key so
// far, taken for a password, gives another one, which is localized and appended
// (draft-reeder-snmpv3-usm-3desede-00 §2.1).
func extendReeder(h hash.Hash, kul []byte, engine EngineID, n int) []byte {
	key := append(make([]byte, 0, n+h.Size()), kul...)
	for last := key; len(key) < n; {
		ku := passwordToKey(h, last)
		piece := localize(h, ku, engine)
		key = append(key, piece...)
		last = key[len(key)-len(piece):]
		clear(ku)
		clear(piece)
	}
	clear(key[n:])
	return key[:n:n]
}

// extendBlumenthal lengthens a localized key to n octets: the hash of all there is
// so far is appended (draft-blumenthal-aes-usm-04 §3.1.2.1).
func extendBlumenthal(h hash.Hash, kul []byte, n int) []byte {
	key := append(make([]byte, 0, n+h.Size()), kul...)
	for len(key) < n {
		h.Reset()
		h.Write(key)
		key = h.Sum(key)
	}
	clear(key[n:])
	return key[:n:n]
}
