package vacm

import (
	"cmp"
	"slices"

	"snmpstack/ber"
)

// NewView returns the view that families make, whatever their names and status
// (RFC 3415 §4, vacmViewTreeFamilyTable). It keeps their Subtrees and Masks. A
// Subtree of more than ber.MaxArcs sub-identifiers has no instance (RFC 2578 §3.5)
// and no effect.
//
// The view is right for any OID, with one exception: where everything that has a
// name is included, by 0, 1 and 2 or by a wildcard for them, it is Everything.
//
// What Contains costs hardly depends on how many families there are if they differ
// in some sub-identifier; at worst it looks at one machine word for each 64 of
// them and each sub-identifier. Seek's result is exact, that is the first OID in
// the view, unless finding it would take too long.
func NewView(families []ViewTreeFamily) View {
	list := distinct(families)
	switch {
	case !slices.ContainsFunc(list, func(f ViewTreeFamily) bool { return f.Type != Excluded }):
		return nothing{}
	case coverAll(list):
		return Everything
	}
	v := &view{families: list, root: commonBeginning(&list[0], &list[len(list)-1]), decider: -1}
	if v.root.Len() == list[0].Subtree.Len() {
		v.decider = 0
	}
	v.included = make([]int32, len(list)+1)
	v.included[len(list)] = int32(len(list))
	for i := len(list) - 1; i >= 0; i-- {
		if v.included[i] = v.included[i+1]; list[i].Type != Excluded {
			v.included[i] = int32(i)
		}
	}
	v.matrix = newMatrix(list, v.root.Len())
	v.edges = newEdges(list)
	return v
}

// nothing is the view that has nothing.
type nothing struct{}

func (nothing) Contains(ber.OID) bool                    { return false }
func (nothing) Seek(*ber.Arena, ber.OID) (ber.OID, bool) { return "", false }

// A view is the families of a view in three arrangements: one to decide about a name
// (matrix.go), one to find the next name that is in the view (seek.go), one to tell how
// far it goes on from there (span.go). It does not change.
type view struct {
	matrix matrix
	root   ber.OID // what all families begin with
	// The tree. Families are sorted sub-identifier by sub-identifier, wildcards
	// first, so that those with the same beginning stand together, and one that is
	// this beginning itself comes first of them.
	families []ViewTreeFamily
	included []int32 // for each family the first one from there on that is Included
	decider  int32   // which family is root itself, -1 if none is
	edges    []edge
}

func (v *view) Contains(name ber.OID) bool {
	in, _ := v.WeighContains(name)
	return in
}

// WeighContains implements Weigher.
func (v *view) WeighContains(name ber.OID) (contains bool, steps int) {
	if !name.HasPrefix(v.root) {
		return false, 0
	}
	in, words := v.matrix.contains(name)
	return in, words / wordsInStep
}

// wordsInStep is how many words of a matrix are looked at in the time of a step.
const wordsInStep = 4

// distinct returns families sorted as the tree has them. Of those that match the
// same instances only the one is left that decides.
func distinct(families []ViewTreeFamily) []ViewTreeFamily {
	list := slices.Clone(families)
	list = slices.DeleteFunc(list, func(f ViewTreeFamily) bool { return f.Subtree.Len() > ber.MaxArcs })
	slices.SortFunc(list, func(f, g ViewTreeFamily) int {
		return cmp.Or(comparePatterns(&f, &g), comparePriority(&f, &g))
	})
	return slices.CompactFunc(list, func(f, g ViewTreeFamily) bool { return comparePatterns(&f, &g) == 0 })
}

// comparePatterns orders families by what they match.
func comparePatterns(f, g *ViewTreeFamily) int {
	for i := range min(f.Subtree.Len(), g.Subtree.Len()) {
		if c := cmp.Compare(f.pattern(i), g.pattern(i)); c != 0 {
			return c
		}
	}
	return cmp.Compare(f.Subtree.Len(), g.Subtree.Len())
}

// comparePriority orders families so that of those that match an instance the first
// one decides (RFC 3415 §4, vacmViewTreeFamilyTable): that with the longest Subtree,
// and of these that with the lexicographically greatest.
func comparePriority(f, g *ViewTreeFamily) int {
	return cmp.Or(cmp.Compare(g.Subtree.Len(), f.Subtree.Len()), cmp.Compare(g.Subtree, f.Subtree))
}

// coverAll reports whether the families of a sorted list include everything. No
// name is shorter than one sub-identifier, and that is 0, 1 or 2 (X.690 §8.19.4).
func coverAll(list []ViewTreeFamily) bool {
	roots := 0
	for i := range list {
		switch f := &list[i]; {
		case f.Type == Excluded:
			return false
		case f.Subtree.Len() == 0 || f.Subtree.Len() == 1 && f.Wild(0):
			roots = 3
		case f.Subtree.Len() == 1 && f.Subtree.At(0) <= 2:
			roots++
		}
	}
	return roots >= 3
}

// commonBeginning returns what the subtrees of the first and the last family of a
// sorted list, and hence of all in it, begin with, up to the first wildcard.
func commonBeginning(first, last *ViewTreeFamily) ber.OID {
	n := 0
	for n < min(first.Subtree.Len(), last.Subtree.Len()) && first.pattern(n) != wildcard && first.pattern(n) == last.pattern(n) {
		n++
	}
	return first.Subtree.Slice(0, n)
}

// wildcard is the pattern of a sub-identifier where any will do.
const wildcard int64 = -1

// pattern returns sub-identifier i of the Subtree, or wildcard.
func (f *ViewTreeFamily) pattern(i int) int64 {
	if f.Wild(i) {
		return wildcard
	}
	return int64(f.Subtree.At(i))
}

// Wild reports whether any sub-identifier will do at i, which counts from 0 (RFC 3415
// §4, vacmViewTreeFamilyMask).
func (f *ViewTreeFamily) Wild(i int) bool {
	return i/8 < len(f.Mask) && f.Mask[i/8]&(0x80>>(i%8)) == 0
}

// matches reports whether name is in the family.
func (f *ViewTreeFamily) matches(name ber.OID) bool {
	if name.Len() < f.Subtree.Len() {
		return false
	}
	for i := range f.Subtree.Len() {
		if !f.Wild(i) && name.At(i) != f.Subtree.At(i) {
			return false
		}
	}
	return true
}
