package vacm

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"snmpstack/ber"
)

// beyond is behind all OIDs that can be asked for.
var beyond = ber.OID(strings.Repeat("\xff", 4*(ber.MaxArcs+2)))

// Span is what it can be for Everything.
func (everything) Span(ber.OID) ber.OID { return beyond }

// Span goes as far as the next place where a family begins or ends: up to there no
// decision changes. Where masks make them begin and end everywhere it returns from.
func (v *view) Span(from ber.OID) (end ber.OID) {
	i := sort.Search(len(v.edges), func(i int) bool { return v.edges[i].at > from })
	switch {
	case i > 0 && v.edges[i-1].masked > 0:
		return from
	case i == len(v.edges):
		return beyond
	}
	return v.edges[i].at
}

// An edge is where families begin or end. Of one with a mask that is what comes before
// its first wildcard.
type edge struct {
	at     ber.OID
	masked int // how many families with a wildcard there are from here to the next edge
}

// newEdges returns the edges of families in their order.
func newEdges(families []ViewTreeFamily) []edge {
	edges := make([]edge, 0, 2*len(families))
	for i := range families {
		f := &families[i]
		begin, masked := f.Subtree, 0
		for n := range f.Subtree.Len() {
			if f.Wild(n) {
				begin, masked = f.Subtree.Slice(0, n), 1
				break
			}
		}
		edges = append(edges, edge{begin, masked})
		if end, ok := begin.After(); ok {
			edges = append(edges, edge{end, -masked})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	n := 0
	for _, e := range edges {
		if n > 0 {
			e.masked += edges[n-1].masked
			if edges[n-1].at == e.at {
				n--
			}
		}
		edges[n] = e
		n++
	}
	return slices.Clip(edges[:n])
}
