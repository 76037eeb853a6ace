package vacm

import (
	"net/netip"

	"snmpstack/agent/community"
	"snmpstack/mib"
)

// communities do not change, but for the notes.
type communities struct {
	list       []Community
	byName     names                    // of principals: of those for one community the first one
	principals []principal              // the active rows of list, in their order
	rules      map[communityRule]string // the names in the rows of CommunityRules
	number     int                      // of the last of these names

	entries func() (*mib.Snapshot[communityEntry], error) // the rows of snmpCommunityTable
}

// A principal is an active row of the communities: whom it stands for. There may be very
// many; as a rule all that there is to know stands here, in one line of the processor's
// caches.
type principal struct {
	octets [15]byte // the community, unless it is longer
	length uint8    // of the community; or longer
	community.Principal
	more *particulars // nil: the row is the only one, and good from anywhere
}

// longer is the length of a community that stands among the particulars.
const longer = 0xFF

// particulars are what else a row for a community says. The rows for one community are
// in their order.
type particulars struct {
	community string // "" unless it is longer
	sources   []netip.Prefix
	next      *principal
}

// newCommunities returns the communities of a draft.
func newCommunities(d *draft) *communities {
	list := d.communities
	c := &communities{
		list: list, byName: newNames(len(list)), principals: make([]principal, 0, len(list)),
		rules: d.rules, number: d.number, entries: newEntries(list),
	}
	for i := range list {
		if list[i].Status.Active() {
			c.add(&list[i])
		}
	}
	return c
}

func (c *communities) add(row *Community) {
	name := []byte(row.Community)
	last := c.find(name)
	c.principals = append(c.principals, principal{})
	who := &c.principals[len(c.principals)-1]
	who.SecurityName, who.ContextName = row.SecurityName, row.ContextName
	more := particulars{sources: row.Sources}
	if len(name) <= len(who.octets) {
		who.length = uint8(copy(who.octets[:], name))
	} else {
		who.length, more.community = longer, row.Community
	}
	if more.community != "" || len(more.sources) > 0 {
		who.more = &more
	}
	if last == nil {
		c.byName.put(c.byName.ofCommunity(name), len(c.principals)-1)
		return
	}
	for last.more != nil && last.more.next != nil {
		last = last.more.next
	}
	if last.more == nil {
		last.more = new(particulars)
	}
	last.more.next = who
}

// find returns the first row for a community, nil if there is none.
func (c *communities) find(community []byte) *principal {
	for i := range c.byName.find(c.byName.ofCommunity(community)) {
		if who := &c.principals[i]; who.isCalled(community) {
			return who
		}
	}
	return nil
}

// isCalled reports whether the row is for a community.
func (who *principal) isCalled(community []byte) bool {
	if who.length == longer {
		return who.more.community == string(community)
	}
	return string(who.octets[:who.length]) == string(community)
}

// Community returns whom a community stands for (RFC 3584 §5.2.1): what the first
// of its rows says whose sources fit.
func (p *Policy) Community(name []byte, source netip.Addr) *community.Principal {
	for who := p.communities.Load().find(name); who != nil; who = who.more.next {
		if who.more == nil || areIn(who.more.sources, source) {
			return &who.Principal
		}
	}
	return nil
}
