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
	arcs   []uint32   // of the nodes that have any here
}

// A trieNode stands for the names from one up to but without another that have the
// same beginning. It is half a line of the processor's cache.
type trieNode struct {
	from, to int32 // the numbers of the first name and of the one behind the last
	// What they have in common behind what the node above has used, for a single one its
	// rest, is trie.common[common:][:octets].
	common uint32
	octets uint16
	here   uint8 // how many have nothing behind it, 0 or 1: that is the first one
	// What comes behind common is arcs, from first to last. The one with number i leads to
	// node kids+i.
	look        look
	first, last uint32
	arcs        uint32 // where they are in trie.arcs
	kids        int32  // 0: each arc is the end of one name, and leads nowhere
}

// A look is how the number of an arc is found.
type look uint8

const (
	atNone   look = iota // there are none: common is all of the only name
	atFirst              // they are consecutive: by what is between first and arc
	atRank               // trie.arcs has for all from first to last twice the number, and 1 more for those that are there
	atSearch             // trie.arcs has how many there are, and then each of them
)

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
			mine, n.here = mine[1:], 1
		}
		longer := slices.ContainsFunc(mine, func(name ber.OID) bool { return name.Len() > end+1 })
		if longer {
			n.kids = int32(len(t.nodes))
		}
		var arcs []uint32
		for i, name := range mine {
			if arc := name.At(end); i == 0 || arc != arcs[len(arcs)-1] {
				arcs = append(arcs, arc)
				if longer {
					start := n.to - int32(len(mine)-i)
					t.nodes, used = append(t.nodes, trieNode{from: start, to: start}), append(used, end+1)
				}
			}
			if longer {
				t.nodes[len(t.nodes)-1].to++
			}
		}
		t.add(&n, arcs)
		t.nodes[at] = n
	}
	t.nodes, t.arcs, t.common = slices.Clip(t.nodes), slices.Clip(t.arcs), ber.OID(common.String())
	return t
}

// add gives a node its arcs.
func (t *trie) add(n *trieNode, arcs []uint32) {
	if len(arcs) == 0 {
		return
	}
	n.arcs, n.first, n.last = uint32(len(t.arcs)), arcs[0], arcs[len(arcs)-1]
	switch span := uint64(n.last-n.first) + 1; {
	case span == uint64(len(arcs)):
		n.look = atFirst
	case span <= 4*uint64(len(arcs))+16:
		n.look = atRank
		for i, arc := range arcs {
			for uint32(len(t.arcs))-n.arcs < arc-n.first {
				t.arcs = append(t.arcs, 2*uint32(i))
			}
			t.arcs = append(t.arcs, 2*uint32(i)+1)
		}
	default:
		n.look = atSearch
		t.arcs = append(append(t.arcs, uint32(len(arcs))), arcs...)
	}
}

// upTo returns how many names are not greater than name, and whether the last of these is
// name or what name begins with. It does not tell that of names that others begin with.
func (t *trie) upTo(name ber.OID) (n int, below bool) {
	at, used := &t.nodes[0], 0 // what the nodes above have used of name, in octets
	for {
		if octets := int(at.octets); octets > 0 {
			rest, common := name[used:], t.common[at.common:][:octets]
			if !rest.HasPrefix(common) {
				if rest < common {
					return int(at.from), false
				}
				return int(at.to), false
			}
			used += octets
		}
		if at.look == atNone {
			return int(at.to), true
		}
		if used >= len(name) { // what goes on there is greater
			return t.start(at, 0), false
		}
		arc := name.At(used / 4)
		if arc > at.last {
			return int(at.to), false
		}
		// The number of the first one that is arc or greater, and whether it is arc.
		i, found := int(arc-at.first), true
		switch {
		case arc < at.first:
			i, found = 0, false
		case at.look == atRank:
			rank := t.arcs[int(at.arcs)+i]
			i, found = int(rank/2), rank%2 == 1
		case at.look == atSearch:
			arcs := t.arcs[at.arcs:]
			i, found = slices.BinarySearch(arcs[1:][:arcs[0]], arc)
		}
		switch {
		case !found:
			return t.start(at, i), false
		case at.kids == 0:
			return t.start(at, i) + 1, true
		}
		at, used = &t.nodes[int(at.kids)+i], used+4
	}
}

// start returns the number of the first name that arc i of a node leads to.
func (t *trie) start(n *trieNode, i int) int {
	if n.kids == 0 {
		return int(n.from) + int(n.here) + i
	}
	return int(t.nodes[int(n.kids)+i].from)
}
