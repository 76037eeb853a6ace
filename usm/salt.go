package usm

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
)

// A salt is msgPrivacyParameters.
type salt [8]byte

// saltSource makes salts, never one twice while the engine's boots are the same; or,
// of those with 32 bits that count, not within 2³² messages (RFC 3414 §8.1.1.1).
type saltSource struct {
	counter atomic.Uint64
	// opaque makes the salts of DES and 3DES from the counter too.
	opaque bool
}

// newSaltSource begins with a random number (RFC 3826 §3.1.2.1: the 64-bit integer
// is initialized to a pseudo-random value).
//
// With opaque, salts of DES and 3DES are from a random 64-bit start as well.
//
// Deviation: RFC 3414 §8.1.1.1 makes them boots ‖ integer. Where engineBoots does
// not count, that would begin with the same octets after each start; receivers
// take a salt as it comes. draft-reeder-snmpv3-usm-3desede-00 §5.1 would have
// those of 3DES hashed besides.
func newSaltSource(opaque bool) *saltSource {
	var b [8]byte
	rand.Read(b[:])
	s := &saltSource{opaque: opaque}
	s.counter.Store(binary.BigEndian.Uint64(b[:]))
	return s
}

// next returns the salt for a message that is encrypted in a mode, by an engine
// with these boots.
func (s *saltSource) next(m mode, boots int32) (out salt) {
	n := s.counter.Add(1)
	if m == cbcMode && !s.opaque {
		// RFC 3414 §8.1.1.1: the generating engine's boots ‖ a local integer
		n = uint64(uint32(boots))<<32 | n&(1<<32-1)
	}
	binary.BigEndian.PutUint64(out[:], n)
	return out
}
