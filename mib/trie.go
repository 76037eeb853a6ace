package mib

import (
	"slices"

	"snmpstack/ber"
)

// A trie finds the place of a name among many that are sorted, sub-identifier by
// sub-identifier: that takes as many steps as there are places where names part, which
// hardly depends on how many names there are. It does not change.
type trie struct {
	nodes []trieNode // the root is first
}

// A trieNode stands for the names from one up to but without another that have the
// same beginning.
type trieNode struct {
	// common is what they have in common behind what the node above has used; for a
	// single one its rest.
	common ber.OID
	// from and to are the numbers of the first one and of the one behind the last.
	from, to int32
	// What comes behind common: arcs[i] leads to node kids+i. One name may have nothing
	// there; then it is the first one.
	arcs []uint32
	kids int32 // 0: each of arcs is the end of one name, and leads nowhere
}

// newTrie makes a trie of names, which are sorted and all different.
func newTrie(names []ber.OID) trie {
	t := trie{nodes: []trieNode{{to: int32(len(names))}}}
	used := []int{0} // for each node how many sub-identifiers of its names those above it have used
	for at := 0; at < len(t.nodes) && len(names) > 0; at++ {
		n, depth := t.nodes[at], used[at]
		mine := names[n.from:n.to]
		first, last := mine[0], mine[len(mine)-1]
		end := depth
		for end < first.Len() && end < last.Len() && first.At(end) == last.At(end) {
			end++
		}
		n.common = first.Slice(depth, end)
		if first.Len() == end {
			mine = mine[1:]
		}
		longer := slices.ContainsFunc(mine, func(name ber.OID) bool { return name.Len() > end+1 })
		if longer {
			n.kids = int32(len(t.nodes))
		}
		for i, name := range mine {
			if arc := name.At(end); i == 0 || arc != n.arcs[len(n.arcs)-1] {
				n.arcs = append(n.arcs, arc)
				if longer {
					start := n.to - int32(len(mine)-i)
					t.nodes, used = append(t.nodes, trieNode{from: start, to: start}), append(used, end+1)
				}
			}
			if longer {
				t.nodes[len(t.nodes)-1].to++
			}
		}
		n.arcs = slices.Clip(n.arcs)
		t.nodes[at] = n
	}
	return t
}

// upTo returns how many names are not greater than name.
func (t *trie) upTo(name ber.OID) int {
	n := &t.nodes[0]
	for {
		if !name.HasPrefix(n.common) {
			if name < n.common {
				return int(n.from)
			}
			return int(n.to)
		}
		name = name[len(n.common):]
		if len(n.arcs) == 0 {
			return int(n.to) // common is all of the only one
		}
		if name == "" { // what goes on there is greater
			return n.start(t, 0)
		}
		i, found := n.kid(name.At(0))
		if !found {
			return n.start(t, i)
		}
		if n.kids == 0 {
			return n.start(t, i+1)
		}
		n, name = &t.nodes[int(n.kids)+i], name.Slice(1, name.Len())
	}
}

// start returns the number of the first name that arcs[i] leads to, or of the one behind
// all of the node's.
func (n *trieNode) start(t *trie, i int) int {
	switch {
	case i == len(n.arcs):
		return int(n.to)
	case n.kids == 0:
		return int(n.to) - len(n.arcs) + i
	}
	return int(t.nodes[int(n.kids)+i].from)
}

// kid returns the number of the first arc that is arc or greater, and whether it is
// arc. They are often consecutive.
func (n *trieNode) kid(arc uint32) (i int, found bool) {
	first := n.arcs[0]
	if arc <= first {
		return 0, arc == first
	}
	if i := arc - first; uint64(i) < uint64(len(n.arcs)) && n.arcs[i] == arc {
		return int(i), true
	}
	return slices.BinarySearch(n.arcs, arc)
}
