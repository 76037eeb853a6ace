package vacm

import (
	"cmp"
	"sync/atomic"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// An index is a policy's rows, arranged so that View finds what it needs at once. It holds
// for the snapshots of the tables that it was made of, and does not change.
type index struct {
	groups   *mib.Snapshot[SecurityToGroup]
	access   *mib.Snapshot[Access]
	families *mib.Snapshot[ViewTreeFamily]

	views      map[string]View
	rights     allRights
	byMember   names // of members
	members    []membership
	generation uint64 // no other index has this number
}

// generations is how many indexes there have been.
var generations atomic.Uint64

// A member is somebody who is in a group.
type member struct {
	model pdu.SecurityModel
	name  string
}

// A membership says what somebody may do whose group has rights.
type membership struct {
	member
	rights *rights
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

// newIndex makes an index of the rows as they are now. What has not changed since former
// was made is taken from there.
func (p *Policy) newIndex(former *index) *index {
	if former == nil {
		former = new(index)
	}
	x := &index{groups: p.groups.Load(), access: p.access.Load(), families: p.families.Load(), generation: generations.Add(1)}
	if x.views = former.views; x.families != former.families {
		x.views = viewsOf(x.families)
	}
	x.rights = former.rights
	if x.access != former.access || x.families != former.families {
		x.rights = newAllRights(x.access, x.views)
	}
	x.byMember = newNames(x.groups.Len())
	x.members = make([]membership, 0, x.groups.Len())
	for _, r := range x.groups.All() {
		if g := x.rights.byGroup[r.GroupName]; g != nil && r.Status.Active() {
			m := member{r.Model, r.SecurityName}
			x.byMember.put(x.byMember.ofMember(m), len(x.members))
			x.members = append(x.members, membership{m, g})
		}
	}
	return x
}

// rightsOf returns the rights of a member, nil if there are none.
func (x *index) rightsOf(m member) *rights {
	for i := range x.byMember.find(x.byMember.ofMember(m)) {
		if x.members[i].member == m {
			return x.members[i].rights
		}
	}
	return nil
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
