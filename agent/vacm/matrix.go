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
// The conjunction is made word by word. A sub-identifier that nothing in a word fits
// says which word comes next, so that few are looked at where families differ, and
// none is looked at twice, whatever their masks are.
type matrix struct {
	columns  []column // for the sub-identifiers behind them
	included []uint64 // the families that are Included
	// For each length of a name the first family whose Subtree is not longer. What
	// the last one has holds for longer names too.
	notLonger []int32
}

// A column is one sub-identifier of all families, or several that fit the same
// families if they are all of path.
type column struct {
	start, end int
	path       ber.OID // "" if there are several values
	// The families that any sub-identifier fits there: those that have a wildcard,
	// or are shorter. In words before the one called firstAny there are none.
	any      []uint64
	firstAny int
	// The families that only path fits: those in words. Without path those in
	// words[from[i]:from[i+1]], which values[i] fits.
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
	m := matrix{included: make([]uint64, size)}
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
		c := newColumn(order, i)
		if n := len(m.columns) - 1; n >= 0 && m.columns[n].continues(&c) {
			m.columns[n].end, m.columns[n].path = c.end, m.columns[n].path+c.path
		} else {
			m.columns = append(m.columns, c)
		}
	}
	return m
}

// continues reports whether the next column can become a part of c.
func (c *column) continues(next *column) bool {
	return c.path != "" && next.path != "" && slices.Equal(c.any, next.any)
}

func newColumn(order []*ViewTreeFamily, i int) column {
	c := column{start: i, end: i + 1, any: make([]uint64, (len(order)+63)/64)}
	type entry struct {
		value  uint32
		family int32
	}
	var entries []entry
	for n, f := range order {
		if i >= f.Subtree.Len() || f.Wild(i) {
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
	if len(c.values) == 1 {
		c.path, c.values = ber.NewOID(c.values[0]), nil
	}
	return c
}

// contains reports whether the family that decides about name is Included, and how many
// words were looked at. The name begins as all families do.
func (m *matrix) contains(name ber.OID) (included bool, words int) {
	length := min(name.Len(), len(m.notLonger)-1)
	first := int(m.notLonger[length])
	columns := m.columns
	for len(columns) > 0 && columns[len(columns)-1].end > length {
		columns = columns[:len(columns)-1] // it is about families that are longer than name
	}
	switch {
	case len(columns) == 0:
		return first/64 < len(m.included) && m.included[first/64]>>(first%64)&1 != 0, 0
	case len(columns) <= 16: // as a rule
		var runs [16]run
		return m.decide(name, first, columns, runs[:])
	default:
		var runs [ber.MaxArcs]run
		return m.decide(name, first, columns, runs[:])
	}
}

// decide is contains for the families from first on: the others are longer than name.
// columns are those that name has all sub-identifiers of, and runs is room for theirs.
func (m *matrix) decide(name ber.OID, first int, columns []column, runs []run) (included bool, looked int) {
	end := len(m.included)
	for i := range columns {
		runs[i] = columns[i].find(name)
	}
words:
	for at := first / 64; at < end; {
		left := ^uint64(0)
		if at == first/64 {
			left <<= first % 64
		}
		for i := range columns {
			looked++
			b := columns[i].bits(&runs[i], at)
			if left &= b; left != 0 {
				continue
			}
			if at++; b == 0 {
				at = columns[i].next(&runs[i], at)
			}
			continue words
		}
		return m.included[at]&(left&-left) != 0, looked
	}
	return false, looked
}

// A run is the part of a column's words that fits a name. It becomes shorter as words
// are looked at in their order.
type run struct{ from, end int32 }

// find returns the run for a name.
func (c *column) find(name ber.OID) run {
	if c.path != "" {
		if name.Slice(c.start, c.end) != c.path {
			return run{}
		}
		return run{0, int32(len(c.words))}
	}
	if len(c.values) == 0 {
		return run{}
	}
	arc := name.At(c.start)
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
	if r.from == r.end || int(c.words[r.from].at) >= at {
		return
	}
	// Words increase, so that it is at most this far to go.
	low, high := r.from+1, min(r.from+int32(at)-c.words[r.from].at, r.end)
	if high < r.end && int(c.words[high].at) == at {
		low = high
	}
	for low < high {
		if middle := (low + high) / 2; int(c.words[middle].at) < at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	r.from = low
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
