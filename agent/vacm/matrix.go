package vacm

import (
	"cmp"
	"slices"

	"snmpstack/ber"
)

// A matrix says of each sub-identifier which families it fits, in a bit for each
// family. The families that match a name are those that all of its sub-identifiers
// fit: the bits that are left of a conjunction. Bits are in the order in which
// families decide, so that the first one left is the answer.
//
// Words without bits are not stored, or not looked at. To decide about a name means
// to start from the sub-identifier that leaves the fewest words.
type matrix struct {
	base     int      // the sub-identifiers before are the same in all families
	columns  []column // for each sub-identifier from base on
	included []uint64 // the families that are Included
	// For each length of a name the first family whose Subtree is not longer. What
	// the last one has holds for longer names too.
	notLonger []int32
}

// A column is one sub-identifier of all families.
type column struct {
	// The families that any sub-identifier fits there: those that have a wildcard,
	// or are shorter. In words before the one called firstAny there are none.
	any      []uint64
	firstAny int
	// The families that have a certain one: for values[i], those in words[from[i]:from[i+1]].
	values []uint32
	from   []int32
	words  []word
}

// A word is 64 bits of a matrix, and where.
type word struct {
	at   int32
	bits uint64
}

// newMatrix makes a matrix of families, of which there is one at least, that have
// the first base sub-identifiers in common.
func newMatrix(families []ViewTreeFamily, base int) matrix {
	order := make([]*ViewTreeFamily, len(families))
	for i := range families {
		order[i] = &families[i]
	}
	slices.SortFunc(order, comparePriority)
	size := (len(order) + 63) / 64
	m := matrix{base: base, included: make([]uint64, size)}
	longest := order[0].Subtree.Len()
	for i, f := range order {
		if f.Type != Excluded {
			m.included[i/64] |= 1 << (i % 64)
		}
	}
	m.notLonger = make([]int32, longest+1)
	for n, i := longest, 0; n >= 0; n-- {
		for i < len(order) && order[i].Subtree.Len() > n {
			i++
		}
		m.notLonger[n] = int32(i)
	}
	for i := base; i < longest; i++ {
		m.columns = append(m.columns, newColumn(order, i))
	}
	return m
}

func newColumn(order []*ViewTreeFamily, i int) column {
	c := column{any: make([]uint64, (len(order)+63)/64)}
	type entry struct {
		value  uint32
		family int32
	}
	var entries []entry
	for n, f := range order {
		if i >= f.Subtree.Len() || f.wild(i) {
			c.any[n/64] |= 1 << (n % 64)
		} else {
			entries = append(entries, entry{f.Subtree.At(i), int32(n)})
		}
	}
	for c.firstAny < len(c.any) && c.any[c.firstAny] == 0 {
		c.firstAny++
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
	for n, e := range entries {
		if n == 0 || e.value != entries[n-1].value {
			c.values = append(c.values, e.value)
			c.from = append(c.from, int32(len(c.words)))
		} else if last := &c.words[len(c.words)-1]; last.at == e.family/64 {
			last.bits |= 1 << (e.family % 64)
			continue
		}
		c.words = append(c.words, word{e.family / 64, 1 << (e.family % 64)})
	}
	c.from = append(c.from, int32(len(c.words)))
	return c
}

// contains reports whether the family that decides about name is Included. The name
// begins as all families do.
func (m *matrix) contains(name ber.OID) bool {
	length := min(name.Len(), len(m.notLonger)-1)
	first, end := int(m.notLonger[length]), len(m.included)
	columns := m.columns[:length-m.base]
	if len(columns) == 0 {
		return first < 64*end && m.included[first/64]>>(first%64)&1 != 0
	}
	var runs [ber.MaxArcs]run
	start, fewest := 0, 2*end+1
	for i := range columns {
		c := &columns[i]
		runs[i] = c.find(name.At(m.base + i))
		n := end - c.firstAny + runs[i].len()
		if n == 0 {
			return false
		}
		if n < fewest {
			start, fewest = i, n
		}
	}
	for at := columns[start].next(&runs[start], first/64); at < end; at = columns[start].next(&runs[start], at+1) {
		left := ^uint64(0)
		if at == first/64 {
			left <<= first % 64
		}
		for i := 0; i < len(columns) && left != 0; i++ {
			left &= columns[i].bits(&runs[i], at)
		}
		if left != 0 {
			return m.included[at]&(left&-left) != 0
		}
	}
	return false
}

// A run is the part of a column's words that is for one sub-identifier. It becomes
// shorter as words are looked at in their order.
type run struct{ from, end int32 }

func (r run) len() int { return int(r.end - r.from) }

// find returns the run for a sub-identifier.
func (c *column) find(arc uint32) run {
	if len(c.values) == 0 {
		return run{}
	}
	// Values are often consecutive, as the indexes of rows are.
	i := int64(arc) - int64(c.values[0])
	if i < 0 || i >= int64(len(c.values)) || c.values[i] != arc {
		n, ok := slices.BinarySearch(c.values, arc)
		if !ok {
			return run{}
		}
		i = int64(n)
	}
	return run{c.from[i], c.from[i+1]}
}

// skip leaves out the words before at.
func (c *column) skip(r *run, at int) {
	for r.from < r.end && int(c.words[r.from].at) < at {
		r.from++
	}
}

// next returns the first word from at on that may have bits, or the number of words.
func (c *column) next(r *run, at int) int {
	c.skip(r, at)
	end := len(c.any)
	if r.from < r.end {
		end = int(c.words[r.from].at)
	}
	at = max(at, c.firstAny)
	for at < end && c.any[at] == 0 {
		at++
	}
	return min(at, end)
}

// bits returns the families of a word that fit.
func (c *column) bits(r *run, at int) uint64 {
	c.skip(r, at)
	b := c.any[at]
	if r.from < r.end && int(c.words[r.from].at) == at {
		b |= c.words[r.from].bits
	}
	return b
}
