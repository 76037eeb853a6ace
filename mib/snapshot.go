package mib

import (
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"snmpstack/ber"
)

// A Snapshot is the rows of a table at one moment, in the order of their index.
// It never changes.
//
// The rows are in the leaves of a tree (a B+ tree), so that another snapshot that
// differs in one row shares all with this one but the nodes on the way to it, and
// that to find a row among ten million takes little longer than among a thousand: an
// index is looked for in three pieces of memory, not in twenty-four.
type Snapshot[R any] struct {
	root  *node[R] // nil: no rows
	len   int
	given atomic.Bool // Load has returned it; see inPlace
}

// A node is up to maxRows consecutive rows, or up to maxKids nodes that are all of the
// same height. It is never changed, but for a row that nobody looks at (inPlace). It
// takes no more than a line of the processor's cache.
type node[R any] struct {
	keys keys // of the rows; or of each kid its last one
	rows []R
	kids *[]*node[R] // nil: a leaf
}

// To change a row is to copy those beside it and the kids of each node above it, to
// find one is to look into as many nodes as there are levels: 10⁷ rows are in three.
const (
	maxRows = 256
	maxKids = 256
)

// NewSnapshot makes a Snapshot of copies of rows, which need not be sorted.
func NewSnapshot[R any](rows []R, index func(x *Index, row *R)) (*Snapshot[R], error) {
	return newSnapshot(rows, index, ber.MaxArcs)
}

func newSnapshot[R any](rows []R, index func(x *Index, row *R), room int) (*Snapshot[R], error) {
	// All keys lie behind each other in x.arcs until they are sorted: a string
	// for each would cost an allocation for each.
	type place struct {
		key ber.OID
		row int
	}
	var x Index
	ends := make([]int, len(rows))
	row := new(R)
	for i := range rows {
		*row = rows[i]
		if err := encodeIndex(&x, index, row); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		ends[i] = len(x.arcs)
	}
	places := make([]place, len(rows))
	all, start := ber.OID(x.arcs), 0
	for i, end := range ends {
		places[i] = place{all[start:end], i}
		start = end
	}
	slices.SortFunc(places, func(a, b place) int { return a.key.Compare(b.key) })

	var nodes []*node[R]
	var list [maxRows]ber.OID
	for part := range slices.Chunk(places, maxRows) {
		leaf := &node[R]{rows: make([]R, len(part))}
		for i, p := range part {
			list[i], leaf.rows[i] = p.key, rows[p.row]
			if p.key.Len() > room {
				return nil, errRoom(p.key, room)
			}
		}
		leaf.keys = packKeys(list[:len(part)])
		nodes = append(nodes, leaf)
	}
	for i := 1; i < len(places); i++ {
		if places[i].key == places[i-1].key {
			return nil, fmt.Errorf("mib: rows %d and %d of %T with index %s: %w",
				places[i-1].row, places[i].row, *row, places[i].key, ErrDuplicate)
		}
	}
	for len(nodes) > 1 {
		var above []*node[R]
		for part := range slices.Chunk(nodes, maxKids) {
			above = append(above, newInner(slices.Clone(part)))
		}
		nodes = above
	}
	s := &Snapshot[R]{len: len(rows)}
	if len(nodes) > 0 {
		s.root = nodes[0]
	}
	return s, nil
}

// newInner makes a node of kids.
func newInner[R any](kids []*node[R]) *node[R] {
	list := make([]ber.OID, len(kids))
	for i, kid := range kids {
		list[i] = kid.keys.last()
	}
	return &node[R]{keys: packKeys(list), kids: &kids}
}

// Len returns the number of rows.
func (s *Snapshot[R]) Len() int { return s.len }

// Get returns the row with index key, nil if there is none. The row must not be
// changed.
func (s *Snapshot[R]) Get(key ber.OID) *R {
	if leaf, i := s.find(key); leaf != nil {
		return &leaf.rows[i]
	}
	return nil
}

// find returns the leaf that has the row with index key and the row's number there, nil
// if there is none.
func (s *Snapshot[R]) find(key ber.OID) (leaf *node[R], i int) {
	n := s.root
	if n == nil {
		return nil, 0
	}
	for n.kids != nil {
		i, _ := n.keys.search(key)
		if i == len(*n.kids) {
			return nil, 0
		}
		n = (*n.kids)[i]
	}
	i, found := n.keys.search(key)
	if !found {
		return nil, 0
	}
	return n, i
}

// All iterates over the rows in the order of their index. They must not be
// changed.
func (s *Snapshot[R]) All() iter.Seq2[ber.OID, *R] {
	return func(yield func(ber.OID, *R) bool) {
		for at := s.seek(""); at.valid(); at.next() {
			if !yield(at.key(), at.row()) {
				return
			}
		}
	}
}

// A cursor is a place in a snapshot: a row, or the end.
type cursor[R any] struct {
	root *node[R]
	leaf *node[R] // nil at the end
	i    int      // the row's number in it
}

// seek returns the place of the first row whose index is key or comes after it.
func (s *Snapshot[R]) seek(key ber.OID) cursor[R] {
	n := s.root
	if n == nil {
		return cursor[R]{}
	}
	for n.kids != nil {
		i, _ := n.keys.search(key)
		if i == len(*n.kids) {
			return cursor[R]{}
		}
		n = (*n.kids)[i]
	}
	i, _ := n.keys.search(key)
	if i == len(n.rows) {
		return cursor[R]{}
	}
	return cursor[R]{s.root, n, i}
}

func (at *cursor[R]) valid() bool  { return at.leaf != nil }
func (at *cursor[R]) key() ber.OID { return at.leaf.keys.at(at.i) }
func (at *cursor[R]) row() *R      { return &at.leaf.rows[at.i] }

func (at *cursor[R]) next() {
	if at.i++; at.i == len(at.leaf.rows) {
		at.nextLeaf()
	}
}

// nextLeaf goes to the first row of the next leaf, or to the end: in each node to the
// first kid that ends behind the last row.
func (at *cursor[R]) nextLeaf() {
	leaf, n := at.leaf, at.root
	at.leaf, at.i = nil, 0
	if n == leaf {
		return
	}
	last := leaf.keys.last()
	for n.kids != nil {
		i, found := n.keys.search(last)
		if found {
			i++
		}
		if i == len(*n.kids) {
			return
		}
		n = (*n.kids)[i]
	}
	at.leaf = n
}

// with returns a snapshot that has row at key, whether or not there was one.
func (s *Snapshot[R]) with(key ber.OID, row *R) *Snapshot[R] {
	if s.root == nil {
		return &Snapshot[R]{root: &node[R]{keys: packKeys([]ber.OID{key}), rows: []R{*row}}, len: 1}
	}
	root, more, added := s.root.with(key, row)
	if more != nil {
		root = newInner([]*node[R]{root, more})
	}
	return &Snapshot[R]{root: root, len: s.len + added}
}

// with returns what comes in the place of n: a node, or two if it would have been too
// large, and how many rows there are more, 0 or 1.
func (n *node[R]) with(key ber.OID, row *R) (made, more *node[R], added int) {
	i, found := n.keys.search(key)
	switch {
	case n.kids != nil:
		i = min(i, len(*n.kids)-1)
		kid, second, added := (*n.kids)[i].with(key, row)
		made, more = n.splice(i, i+1, kid, second).split()
		return made, more, added
	case found:
		made = &node[R]{keys: n.keys, rows: slices.Clone(n.rows)}
		made.rows[i] = *row
		return made, nil, 0
	}
	made, more = (&node[R]{
		keys: packKeys(slices.Insert(n.keys.list(), i, key)),
		rows: slices.Concat(n.rows[:i], []R{*row}, n.rows[i:]),
	}).split()
	return made, more, 1
}

// without returns a snapshot that does not have the row at key.
func (s *Snapshot[R]) without(key ber.OID) *Snapshot[R] {
	if s.Get(key) == nil {
		return s
	}
	root := s.root.without(key)
	for root != nil && root.kids != nil && root.size() == 1 {
		root = (*root.kids)[0]
	}
	return &Snapshot[R]{root: root, len: s.len - 1}
}

// without returns what comes in the place of n, which has the row at key: nil if
// nothing is left.
func (n *node[R]) without(key ber.OID) *node[R] {
	i, _ := n.keys.search(key)
	if n.kids == nil {
		if len(n.rows) == 1 {
			return nil
		}
		return &node[R]{
			keys: packKeys(slices.Delete(n.keys.list(), i, i+1)),
			rows: slices.Concat(n.rows[:i], n.rows[i+1:]),
		}
	}
	kids := *n.kids
	kid := kids[i].without(key)
	if kid == nil && len(kids) == 1 {
		return nil
	}
	if kid == nil {
		return n.splice(i, i+1, nil, nil)
	}
	// Small neighbours become one, or a table that shrinks would stay as many nodes as
	// it ever had.
	from, to := i, i+1
	if i > 0 && kids[i-1].size()+kid.size() <= kid.most()/2 {
		from--
		kid = kids[from].join(kid)
	}
	if to < len(kids) && kid.size()+kids[to].size() <= kid.most()/2 {
		kid = kid.join(kids[to])
		to++
	}
	return n.splice(from, to, kid, nil)
}

// size returns the number of rows or kids.
func (n *node[R]) size() int {
	if n.kids != nil {
		return len(*n.kids)
	}
	return len(n.rows)
}

// most returns how many there may be.
func (n *node[R]) most() int {
	if n.kids != nil {
		return maxKids
	}
	return maxRows
}

// join returns a node of all that n and the node after it have.
func (n *node[R]) join(next *node[R]) *node[R] {
	if n.kids != nil {
		return newInner(slices.Concat(*n.kids, *next.kids))
	}
	return &node[R]{keys: packKeys(slices.Concat(n.keys.list(), next.keys.list())), rows: slices.Concat(n.rows, next.rows)}
}

// split returns n, or its halves if it is too large.
func (n *node[R]) split() (first, second *node[R]) {
	size := n.size()
	if size <= n.most() {
		return n, nil
	}
	if n.kids != nil {
		return newInner(slices.Clone((*n.kids)[:size/2])), newInner(slices.Clone((*n.kids)[size/2:]))
	}
	part := func(i, j int) *node[R] {
		return &node[R]{keys: packKeys(n.keys.list()[i:j]), rows: slices.Clone(n.rows[i:j])}
	}
	return part(0, size/2), part(size/2, size)
}

// splice returns a node that has one or two other kids, or none, in the place of those
// from i up to but without j.
func (n *node[R]) splice(i, j int, kid, second *node[R]) *node[R] {
	var put []*node[R]
	for _, k := range [...]*node[R]{kid, second} {
		if k != nil {
			put = append(put, k)
		}
	}
	kids := slices.Concat((*n.kids)[:i], put, (*n.kids)[j:])
	if len(put) == 1 && j-i == 1 && kid.keys.last() == n.keys.at(i) {
		return &node[R]{keys: n.keys, kids: &kids} // as a rule: nothing else has to be made anew
	}
	return newInner(kids)
}
