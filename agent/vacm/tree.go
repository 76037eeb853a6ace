package vacm

import "snmpstack/ber"

// NewView returns the view that families make, whatever their names and status
// (RFC 3415 §4, vacmViewTreeFamilyTable).
func NewView(families []ViewTreeFamily) View { return slowView(families) }

type slowView []ViewTreeFamily

func (v slowView) Contains(name ber.OID) bool {
	var best *ViewTreeFamily
	for i := range v {
		f := &v[i]
		if f.matches(name) && (best == nil || f.Subtree.Len() > best.Subtree.Len() || f.Subtree.Len() == best.Subtree.Len() && f.Subtree > best.Subtree) {
			best = f
		}
	}
	return best != nil && best.Type == Included
}

func (v slowView) Seek(_ *ber.Arena, from ber.OID) (next ber.OID, ok bool) {
	for i := range v {
		f := &v[i]
		if f.Type != Included {
			continue
		}
		n := 0
		for n < f.Subtree.Len() && !f.wild(n) {
			n++
		}
		root := f.Subtree.Slice(0, n)
		if from.HasPrefix(root) {
			return from, true
		}
		if root > from && (!ok || root < next) {
			next, ok = root, true
		}
	}
	return next, ok
}

// matches reports whether name is in the family.
func (f *ViewTreeFamily) matches(name ber.OID) bool {
	if name.Len() < f.Subtree.Len() {
		return false
	}
	for i := range f.Subtree.Len() {
		if !f.wild(i) && name.At(i) != f.Subtree.At(i) {
			return false
		}
	}
	return true
}

// wild reports whether any sub-identifier will do at i.
func (f *ViewTreeFamily) wild(i int) bool {
	return i/8 < len(f.Mask) && f.Mask[i/8]&(0x80>>(i%8)) == 0
}
