package vacm

import (
	"cmp"
	"net/netip"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// An index is a policy's rows, arranged so that Community and View find what they need
// at once. It holds for the communities and the snapshots of the tables that it was made
// of, and does not change.
type index struct {
	communities *communities
	groups      *mib.Snapshot[SecurityToGroup]
	access      *mib.Snapshot[Access]
	families    *mib.Snapshot[ViewTreeFamily]

	views      map[string]View
	byGroup    map[string]*rights
	byMember   names // of members
	members    []membership
	byName     names // of principals, those that come first
	principals []principal
}

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

// A principal is an active row of the communities: whom it stands for, with what he may
// do, so that View need not look for him again. There may be very many; as a rule all
// that there is to know stands here, in one line of the processor's caches.
type principal struct {
	community    string
	securityName string
	rights       [2]*rights   // under SNMPv1's model and under SNMPv2c's; nil: none
	index        *index       // that the principal is of
	more         *particulars // nil: the row is the only one, for the default context, and good from anywhere
}

// particulars are what else a row for a community says. The rows for one community are
// in their order.
type particulars struct {
	contextName string
	sources     []netip.Prefix
	next        *principal
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
		x = p.newIndex(x, x.communities)
		p.index.Store(x)
	}
	return x
}

func (x *index) holds(p *Policy) bool {
	return x.groups == p.groups.Load() && x.access == p.access.Load() && x.families == p.families.Load()
}

// newIndex makes an index of the communities and of the rows as they are now. What has not
// changed since former was made is taken from there.
func (p *Policy) newIndex(former *index, c *communities) *index {
	x := &index{communities: c, groups: p.groups.Load(), access: p.access.Load(), families: p.families.Load()}
	if x.views = former.views; x.families != former.families {
		x.views = viewsOf(x.families)
	}
	x.byGroup = former.byGroup
	if x.access != former.access || x.families != former.families {
		x.byGroup = rightsOf(x.access, x.views)
	}
	x.addMembers()
	x.addPrincipals()
	return x
}

func (x *index) addMembers() {
	x.byMember = newNames(x.groups.Len())
	x.members = make([]membership, 0, x.groups.Len())
	for _, r := range x.groups.All() {
		if g := x.byGroup[r.GroupName]; g != nil && r.Status.Active() {
			m := member{r.Model, r.SecurityName}
			x.byMember.put(x.byMember.ofMember(m), len(x.members))
			x.members = append(x.members, membership{m, g})
		}
	}
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

func (x *index) addPrincipals() {
	list := x.communities.list
	x.byName = newNames(len(list))
	x.principals = make([]principal, 0, len(list))
	for i := range list {
		row := &list[i]
		if !row.Status.Active() {
			continue
		}
		x.principals = append(x.principals, principal{community: row.Community, securityName: row.SecurityName, index: x})
		who := &x.principals[len(x.principals)-1]
		for model := range who.rights {
			who.rights[model] = x.rightsOf(member{pdu.SecurityModel(model + 1), row.SecurityName})
		}
		if row.ContextName != "" || len(row.Sources) > 0 {
			who.more = &particulars{contextName: row.ContextName, sources: row.Sources}
		}
		last := x.principal([]byte(row.Community))
		if last == nil {
			x.byName.put(x.byName.ofCommunity([]byte(row.Community)), len(x.principals)-1)
			continue
		}
		for last.more != nil && last.more.next != nil {
			last = last.more.next
		}
		if last.more == nil {
			last.more = new(particulars)
		}
		last.more.next = who
	}
}

// principal returns the first row for a community, nil if there is none.
func (x *index) principal(community []byte) *principal {
	for i := range x.byName.find(x.byName.ofCommunity(community)) {
		if who := &x.principals[i]; who.community == string(community) {
			return who
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
