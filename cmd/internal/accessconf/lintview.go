package accessconf

import (
	"maps"
	"slices"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
)

// conventional are names of views that people write where there is to be none.
var conventional = []string{"", "none", "-", vacm.All, vacm.None}

// uses looks at a view that a line names.
func (l *linter) uses(d snmpdconf.Directive, name string) {
	if v, ok := l.views[name]; ok {
		v.used = true
	} else if !slices.Contains(conventional, name) {
		l.warn(d, "there is no view %q, expected a view line for it", name)
	}
}

// usedViews looks for views that no line names, and for those that have nothing.
func (l *linter) usedViews() {
	for name, v := range maps.All(l.views) {
		switch {
		case slices.Contains(conventional, name):
		case !v.used:
			l.warn(v.line, "no access line and no -V names view %q", name)
		case !l.hasIncluded(name):
			l.warn(v.line, "view %q is empty, nothing is included in it", name)
		case v.allHidden():
			l.warn(v.line, "view %q is empty, all that is included in it is excluded again", name)
		}
	}
}

// allHidden reports whether each of the families that are included lies in one that
// is excluded and decides (RFC 3415 §4, vacmViewTreeFamilyTable).
func (v *lintView) allHidden() bool {
	for _, in := range v.families {
		if in.Type == vacm.Included && !slices.ContainsFunc(v.families, func(out vacm.ViewTreeFamily) bool { return hides(out, in) }) {
			return false
		}
	}
	return true
}

// hides reports whether everything in a family that is included, but for the names
// that are too short for an object of it, is in another one that decides.
func hides(out, in vacm.ViewTreeFamily) bool {
	if out.Type != vacm.Excluded || out.Subtree.Len() < in.Subtree.Len() ||
		out.Subtree.Len() == in.Subtree.Len() && out.Subtree.Compare(in.Subtree) < 0 {
		return false
	}
	for i := range out.Subtree.Len() {
		if !out.Wild(i) && (i >= in.Subtree.Len() || in.Wild(i) || in.Subtree.At(i) != out.Subtree.At(i)) {
			return false
		}
	}
	return true
}
