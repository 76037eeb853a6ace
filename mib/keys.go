package mib

import (
	"sort"
	"strings"

	"snmpstack/ber"
)

// keys are the indexes of consecutive rows, in ascending order, one behind the other
// in one piece of memory: neither does each take a string's header, nor does a search
// follow a pointer for each that it looks at. They do not change.
type keys struct {
	packed ber.OID
	// width is how many octets each of them has. If they differ in that it is 0, and
	// ends says where each ends.
	width uint16
	// If the keys are alike in all but their last sub-identifiers, shared is how many
	// octets the others have, and low that of the first key. Else shared is -1.
	shared int16
	low    uint32
	ends   *[]uint32
}

// packKeys makes keys of a list that is sorted.
func packKeys(list []ber.OID) keys {
	k := keys{shared: -1}
	if len(list) == 0 {
		return k
	}
	var b strings.Builder
	size := 0
	k.width = uint16(len(list[0]))
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
		k.shared, k.low = int16(4*n), first.At(n)
	}
	return k
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
		return len(k.packed) / int(k.width)
	case k.ends != nil:
		return len(*k.ends)
	}
	return 0
}

// at returns key i.
func (k *keys) at(i int) ber.OID {
	if width := int(k.width); width > 0 {
		return k.packed[i*width : (i+1)*width]
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
	if n := int(k.shared); n >= 0 && len(key) >= int(k.width) && key[:n] == k.packed[:n] {
		i, found = k.searchLast(key.At(n / 4))
		if found && len(key) > int(k.width) { // it comes after the one that it begins with
			return i + 1, false
		}
		return i, found
	}
	n := k.len()
	i = sort.Search(n, func(i int) bool { return k.at(i) >= key })
	return i, i < n && k.at(i) == key
}

// searchLast is search by the last sub-identifier alone. It begins where that is if
// the keys are consecutive, as those of most tables are that have many rows: nothing
// but that place has to be fetched from memory then. After that it looks where it
// would be if they were evenly spread.
func (k *keys) searchLast(arc uint32) (i int, found bool) {
	if arc <= k.low {
		return 0, arc == k.low
	}
	n := k.len()
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
		guess := from + int(uint64(arc-below)*uint64(to-from)/uint64(above-below))
		guess = min(max(guess, from+step), to-step)
		if guess <= from || guess >= to {
			guess = (from + to) / 2
		}
		switch at := k.arc(guess); {
		case at == arc:
			return guess, true
		case at < arc:
			from, below = guess, at
		default:
			to, above = guess, at
		}
	}
	return to, false
}

// arc returns the last sub-identifier of key i, where all have the same width.
func (k *keys) arc(i int) uint32 { return k.at(i).At(int(k.width)/4 - 1) }
