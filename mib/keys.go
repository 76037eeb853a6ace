package mib

import (
	"math"
	"sort"
	"strings"

	"snmpstack/ber"
)

// keys are the indexes of consecutive rows, in ascending order, one behind the other
// in one piece of memory: neither does each take a string's header, nor does a search
// follow a pointer for each that it looks at. They do not change.
type keys struct {
	packed ber.OID
	// width is how many sub-identifiers each of them has. If they differ in that it is 0,
	// and ends says how many octets of packed come before the end of each.
	width uint8
	// alike: they are so in all but their last sub-identifiers, of which low is the first.
	// If all of these but the very last one are evenly spread, gap is the distance.
	alike bool
	gap   uint16
	low   uint32
	ends  *[]uint32
}

// packKeys makes keys of a list that is sorted.
func packKeys(list []ber.OID) keys {
	var k keys
	if len(list) == 0 {
		return k
	}
	var b strings.Builder
	size := 0
	k.width = uint8(list[0].Len())
	for _, key := range list {
		size += len(key)
		if len(key) != len(list[0]) {
			k.width = 0
		}
	}
	b.Grow(size)
	var ends []uint32
	if k.width == 0 {
		ends = make([]uint32, 0, len(list))
		k.ends = &ends
	}
	for _, key := range list {
		b.WriteString(string(key))
		if k.width == 0 {
			ends = append(ends, uint32(b.Len()))
		}
	}
	k.packed = ber.OID(b.String())
	// What the first and the last one have in common all have: they are sorted.
	first, last := list[0], list[len(list)-1]
	if n := first.Len() - 1; k.width > 0 && first.Slice(0, n) == last.Slice(0, n) {
		k.alike, k.low = true, first.At(n)
		k.gap = k.spread()
	}
	return k
}

// spread returns the gap of keys that are alike, 0 if there is none or it is too large.
func (k *keys) spread() uint16 {
	n := k.len()
	if n < 2 {
		return 0
	}
	gap := k.arc(1) - k.low
	for i := 2; i < n-1; i++ {
		if k.arc(i)-k.arc(i-1) != gap {
			return 0
		}
	}
	if gap > math.MaxUint16 {
		return 0
	}
	return uint16(gap)
}

// list returns the keys one by one.
func (k *keys) list() []ber.OID {
	list := make([]ber.OID, k.len())
	for i := range list {
		list[i] = k.at(i)
	}
	return list
}

// len returns how many there are.
func (k *keys) len() int {
	switch {
	case k.width > 0:
		return k.packed.Len() / int(k.width)
	case k.ends != nil:
		return len(*k.ends)
	}
	return 0
}

// at returns key i.
func (k *keys) at(i int) ber.OID {
	if width := int(k.width); width > 0 {
		return k.packed.Slice(i*width, (i+1)*width)
	}
	ends, start := *k.ends, uint32(0)
	if i > 0 {
		start = ends[i-1]
	}
	return k.packed[start:ends[i]]
}

// last returns the last one. There is one.
func (k *keys) last() ber.OID { return k.at(k.len() - 1) }

// search returns the number of the first key that is key or comes after it, and
// whether it is key.
func (k *keys) search(key ber.OID) (i int, found bool) {
	if key == "" { // where a walk through a column begins; no key is empty
		return 0, false
	}
	if n := int(k.width); k.alike && key.Len() >= n && key.Slice(0, n-1) == k.packed.Slice(0, n-1) {
		i, found = k.searchLast(key.At(n - 1))
		if found && key.Len() > n { // it comes after the one that it begins with
			return i + 1, false
		}
		return i, found
	}
	n := k.len()
	i = sort.Search(n, func(i int) bool { return k.at(i) >= key })
	return i, i < n && k.at(i) == key
}

// searchLast is search by the last sub-identifier alone. Where they are evenly spread, as
// those of most tables are that have many rows, none of them has to be fetched from
// memory. Else it looks where it would be if they were.
func (k *keys) searchLast(arc uint32) (i int, found bool) {
	if arc <= k.low {
		return 0, arc == k.low
	}
	n := k.len()
	if gap := uint64(k.gap); gap > 0 {
		beyond := uint64(arc - k.low)
		if i := (beyond + gap - 1) / gap; i < uint64(n-1) {
			return int(i), i*gap == beyond
		}
		last := k.arc(n - 1)
		if arc > last {
			return n, false
		}
		return n - 1, arc == last
	}
	// The first one is less than arc. Since all differ, one that is not less comes no
	// later than this, if there is any.
	from, below := 0, k.low
	to := int(min(uint64(arc-k.low), uint64(n-1)))
	above := k.arc(to)
	switch {
	case above == arc:
		return to, true
	case above < arc:
		return to + 1, false // there are no more, or this would have been it
	}
	for step := 1; to-from > 1; step *= 2 {
		// Where it would be, and further from there with every attempt, so that it
		// does not take long where they are not evenly spread.
		guess := from + int((uint64(arc-below)*uint64(to-from)+uint64(above-below)-1)/uint64(above-below))
		guess = min(max(guess, from+step), to-step)
		if guess <= from || guess >= to {
			guess = (from + to) / 2
		}
		at := k.arc(guess)
		if at < arc {
			from, below = guess, at
			continue
		}
		// As a rule this is it: the one before is less.
		before := k.arc(guess - 1)
		if before < arc {
			return guess, at == arc
		}
		to, above = guess-1, before
	}
	return to, above == arc
}

// arc returns the last sub-identifier of key i, where all have the same width.
func (k *keys) arc(i int) uint32 { return k.packed.At((i+1)*int(k.width) - 1) }
