package vacm

import (
	"cmp"

	"snmpstack/mib"
)

// An index is a policy's rows, arranged so that View finds what it needs at once.
// It holds for the snapshots of the tables that it was made of, and does not
// change.
type index struct {
	groups   *mib.Snapshot[SecurityToGroup]
	access   *mib.Snapshot[Access]
	families *mib.Snapshot[ViewTreeFamily]

	views   map[string]View
	byGroup map[string]*rights
	members map[member]*rights // those who are in a group that has rights
}

// current returns the index of the rows as they are now.
func (p *Policy) current() *index {
	x := p.index.Load()
	if p.replacing.Load() || x.holds(p) {
		return x // nobody is to see some of what is being replaced
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if x = p.index.Load(); !x.holds(p) { // else somebody else was faster
		x = p.newIndex(x)
		p.index.Store(x)
	}
	return x
}

func (x *index) holds(p *Policy) bool {
	return x.groups == p.groups.Load() && x.access == p.access.Load() && x.families == p.families.Load()
}

// newIndex makes an index of the rows as they are now. What has not changed since
// former was made is taken from there.
func (p *Policy) newIndex(former *index) *index {
	if former == nil {
		former = new(index)
	}
	x := &index{groups: p.groups.Load(), access: p.access.Load(), families: p.families.Load()}
	if x.views = former.views; x.families != former.families {
		x.views = viewsOf(x.families)
	}
	x.byGroup = former.byGroup
	if x.access != former.access || x.families != former.families {
		x.byGroup = rightsOf(x.access, x.views)
	}
	x.members = make(map[member]*rights, x.groups.Len())
	for _, r := range x.groups.All() {
		if g := x.byGroup[r.GroupName]; g != nil && r.Status.Active() {
			x.members[member{r.Model, r.SecurityName}] = g
		}
	}
	return x
}

func viewsOf(s *mib.Snapshot[ViewTreeFamily]) map[string]View {
	families := make(map[string][]ViewTreeFamily)
	for _, r := range s.All() {
		if r.Status.Active() {
			families[r.ViewName] = append(families[r.ViewName], *r)
		}
	}
	views := make(map[string]View, len(families))
	for name, list := range families {
		views[name] = NewView(list)
	}
	return views
}

// ComparePreference orders rows so that of those that fit a message the first one is
// to be selected (RFC 3415 §4, vacmAccessTable (2)): it is negative if that is a. A
// prefix that is the context's whole name (b) is the longest one (c) of those that
// fit.
func (a *Access) ComparePreference(b *Access) int {
	specific := func(a *Access) int { return min(int(a.Model), 1) }
	return cmp.Or(
		cmp.Compare(specific(b), specific(a)),
		cmp.Compare(len(b.ContextPrefix), len(a.ContextPrefix)),
		cmp.Compare(b.Level, a.Level))
}
