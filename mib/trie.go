package mib

import (
	"slices"
	"strings"

	"snmpstack/ber"
)

// A trie finds the place of a name among many that are sorted, sub-identifier by
// sub-identifier: that takes as many steps as there are places where names part, which
// hardly depends on how many names there are. It does not change, and keeps nothing of
// the names but what it looks at: the less there is of it, the more of it is in the
// processor's caches.
type trie struct {
	nodes  []trieNode // the root is first
	common ber.OID    // what nodes have in common, one behind the other
	arcs   []uint32   // of the nodes where they are not consecutive
}

// A trieNode stands for the names from one up to but without another that have the
// same beginning. It is half a line of the processor's cache.
type trieNode struct {
	from, to int32 // the numbers of the first name and of the one behind the last
	// What they have in common behind what the node above has used, for a single one its
	// rest, is trie.common[common:][:octets].
	common uint32
	octets uint16
	// consecutive arcs are first, first+1 and so on.
	consecutive bool
	// What comes behind common: arc i of many leads to node kids+i. One name may have nothing
	// there; then it is the first one.
	many  int32
	first uint32
	arcs  uint32 // trie.arcs[arcs:][:many] are they, unless they are consecutive
	kids  int32  // 0: each arc is the end of one name, and leads nowhere
}

// newTrie makes a trie of names, which are sorted and all different.
func newTrie(names []ber.OID) trie {
	t := trie{nodes: []trieNode{{to: int32(len(names))}}}
	var common strings.Builder
	used := []int{0} // for each node how many sub-identifiers of its names those above it have used
	for at := 0; at < len(t.nodes) && len(names) > 0; at++ {
		n, depth := t.nodes[at], used[at]
		mine := names[n.from:n.to]
		first, last := mine[0], mine[len(mine)-1]
		end := depth
		for end < first.Len() && end < last.Len() && first.At(end) == last.At(end) {
			end++
		}
		n.common, n.octets = uint32(common.Len()), uint16(len(first.Slice(depth, end)))
		common.WriteString(string(first.Slice(depth, end)))
		if first.Len() == end {
			mine = mine[1:]
		}
		longer := slices.ContainsFunc(mine, func(name ber.OID) bool { return name.Len() > end+1 })
		if longer {
			n.kids = int32(len(t.nodes))
		}
		n.arcs = uint32(len(t.arcs))
		for i, name := range mine {
			if arc := name.At(end); i == 0 || arc != t.arcs[len(t.arcs)-1] {
				t.arcs = append(t.arcs, arc)
				if longer {
					start := n.to - int32(len(mine)-i)
					t.nodes, used = append(t.nodes, trieNode{from: start, to: start}), append(used, end+1)
				}
			}
			if longer {
				t.nodes[len(t.nodes)-1].to++
			}
		}
		if arcs := t.arcs[n.arcs:]; len(arcs) > 0 {
			n.many, n.first = int32(len(arcs)), arcs[0]
			if n.consecutive = arcs[len(arcs)-1]-n.first == uint32(len(arcs)-1); n.consecutive {
				t.arcs = t.arcs[:n.arcs]
			}
		}
		t.nodes[at] = n
	}
	t.nodes, t.arcs, t.common = slices.Clip(t.nodes), slices.Clip(t.arcs), ber.OID(common.String())
	return t
}

// upTo returns how many names are not greater than name, and whether the last of these is
// name or what name begins with. It does not tell that of names that others begin with.
func (t *trie) upTo(name ber.OID) (n int, below bool) {
	at := &t.nodes[0]
	for {
		if at.octets > 0 {
			common := t.common[at.common:][:at.octets]
			if !name.HasPrefix(common) {
				if name < common {
					return int(at.from), false
				}
				return int(at.to), false
			}
			name = name[len(common):]
		}
		if at.many == 0 {
			return int(at.to), true // common is all of the only one
		}
		if name == "" { // what goes on there is greater
			return t.start(at, 0), false
		}
		i, found := t.kid(at, name.At(0))
		switch {
		case !found:
			return t.start(at, i), false
		case at.kids == 0:
			return t.start(at, i+1), true
		}
		at, name = &t.nodes[int(at.kids)+i], name.Slice(1, name.Len())
	}
}

// start returns the number of the first name that arc i of n leads to, or of the one
// behind all of the node's.
func (t *trie) start(n *trieNode, i int) int {
	switch {
	case i == int(n.many):
		return int(n.to)
	case n.kids == 0:
		return int(n.to-n.many) + i
	}
	return int(t.nodes[int(n.kids)+i].from)
}

// kid returns the number of the first of n's arcs that is arc or greater, and whether it
// is arc. Most nodes' are consecutive, and where that is is known without a look.
func (t *trie) kid(n *trieNode, arc uint32) (i int, found bool) {
	if arc <= n.first {
		return 0, arc == n.first
	}
	i = int(min(arc-n.first, uint32(n.many)))
	if n.consecutive {
		return i, i < int(n.many)
	}
	arcs := t.arcs[n.arcs:][:n.many]
	if i < len(arcs) && arcs[i] == arc {
		return i, true
	}
	return slices.BinarySearch(arcs, arc)
}
