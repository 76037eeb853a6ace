package vacm

import (
	"hash/maphash"
	"iter"

	"snmpstack/pdu"
)

// names says which of a list's records go by a name. It does not change once it is made.
//
// It is what a Go map of names to pointers would be, and costs less where there are so
// many that the processor's caches do not hold them: then it is the memory that takes the
// time, and how much of it a look-up touches. A slot is eight octets, and the hash in it
// tells the record nearly for sure; the records lie beside each other, not each for
// itself. Like a map's, the hash has a random seed, so that nobody can choose names that
// meet, and its time does not tell how much of a secret name was right.
type names struct {
	seed  maphash.Seed
	slots []slot // a power of two of them, some of which are empty
}

// A slot has a part of a name's hash, and the record's number, counted from 1: an empty
// one has 0.
type slot struct {
	hash   uint32
	record uint32
}

// newNames returns names for at most n records.
func newNames(n int) names {
	size := 2
	for size < n+n/2 {
		size *= 2
	}
	return names{maphash.MakeSeed(), make([]slot, size)}
}

// put says that record i goes by the name with a hash.
func (s *names) put(hash uint64, i int) {
	at := s.first(hash)
	for s.slots[at].record != 0 {
		at = s.next(at)
	}
	s.slots[at] = slot{uint32(hash), uint32(i + 1)}
}

// find iterates over the records that may go by the name with a hash, in the order in
// which they were put there: who asks compares.
func (s *names) find(hash uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := s.first(hash); s.slots[at].record != 0; at = s.next(at) {
			if s.slots[at].hash == uint32(hash) && !yield(int(s.slots[at].record-1)) {
				return
			}
		}
	}
}

func (s *names) first(hash uint64) int { return int(hash>>32) & (len(s.slots) - 1) }
func (s *names) next(at int) int       { return (at + 1) & (len(s.slots) - 1) }

// ofCommunity returns the hash of a community.
func (s *names) ofCommunity(name []byte) uint64 { return maphash.Bytes(s.seed, name) }

// ofMember returns the hash of a name under a model.
func (s *names) ofMember(m member) uint64 {
	return maphash.String(s.seed, m.name) ^ spread(m.model)
}

// spread makes of a model's number one that is different from others' everywhere.
func spread(m pdu.SecurityModel) uint64 { return uint64(m) * 0x9E3779B97F4A7C15 }
