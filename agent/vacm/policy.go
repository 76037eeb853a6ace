package vacm

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"snmpstack/agent/community"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A Policy is the Local Configuration Datastore of the model (RFC 3415 §2, §4): the
// rows that say who may do what. It is made by New and safe for concurrent use.
//
// An agent that has a Policy as its Access follows it. Several agents may share
// one.
type Policy struct {
	// Keep, if it is set, is called when a SET has changed rows that are to survive a
	// restart, before it is answered: it stores what Kept returns, for Restore. An
	// error makes the SET fail, and is for the log. It is called from several
	// goroutines, may take its time, and is set before Register. Without it no
	// manager's row survives.
	Keep func() error

	communities atomic.Pointer[communities]
	groups      mib.Rows[SecurityToGroup]
	access      mib.Rows[Access]
	families    mib.Rows[ViewTreeFamily]
	tables      []served // what Register registers; none before

	index     atomic.Pointer[index]
	replacing atomic.Bool
	mu        sync.Mutex // held by who replaces rows, or makes an index
}

// communities do not change.
type communities struct {
	list   []Community
	byName map[string][]*Community
	rules  map[communityRule]string // the names in the rows of CommunityRules
	number int                      // of the last of these names

	entries func() (*mib.Snapshot[communityEntry], error) // the rows of snmpCommunityTable
}

// New returns the policy that statements make. They are all that is allowed; none
// lets nobody in. An error says which statement is wrong, and in what, or contradicts
// another one; it does not show communities.
func New(statements ...Statement) (*Policy, error) {
	p := new(Policy)
	p.communities.Store(new(communities))
	p.groups.Index = indexSecurityToGroup
	p.access.Index = indexAccess
	p.families.Index = indexViewTreeFamily
	if err := p.Replace(statements...); err != nil {
		return nil, err
	}
	return p, nil
}

// MustNew is New for statements that are right. It panics where New has an error.
func MustNew(statements ...Statement) *Policy {
	p, err := New(statements...)
	if err != nil {
		panic(err)
	}
	return p
}

// Replace puts what statements say in the place of the statements before, all at
// once: no decision is made by some of either. Rows that managers have created stay,
// but for those that a statement is about too, and those that have a name that a rule
// gives: it may be another rule's now, and they would hand on somebody else's rights.
// A request that came in by a CommunityRule that is gone may do nothing any more, one
// whose rule is still there goes on. If there is an error, nothing has changed.
func (p *Policy) Replace(statements ...Statement) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := newDraft(p.communities.Load())
	if err := d.add(statements); err != nil {
		return err
	}
	p.replacing.Store(true)
	defer p.replacing.Store(false)
	err := replaceRows(&p.groups, &d.groups, func(r *SecurityToGroup) (*Row, []string) { return &r.Row, r.names() })
	if err == nil {
		err = replaceRows(&p.access, &d.access, func(r *Access) (*Row, []string) { return &r.Row, r.names() })
	}
	if err == nil {
		err = replaceRows(&p.families, &d.families, func(r *ViewTreeFamily) (*Row, []string) { return &r.Row, r.names() })
	}
	if err != nil {
		return err // of rows that have been checked: there is none
	}
	c := &communities{d.communities, make(map[string][]*Community), d.rules, d.number, newEntries(d.communities)}
	for i := range c.list {
		if row := &c.list[i]; row.Status.Active() {
			c.byName[row.Community] = append(c.byName[row.Community], row)
		}
	}
	p.communities.Store(c)
	p.index.Store(p.newIndex(nil))
	return nil
}

// replaceRows puts the rows of a draft in the place of those that were statements, or
// have a name of theirs.
// It begins again when a manager has changed rows meanwhile.
func replaceRows[R comparable](rows *mib.Rows[R], draft *set[R], about func(*R) (*Row, []string)) error {
	for {
		list, now := slices.Clone(draft.rows), rows.Load()
		for key, row := range now.All() {
			common, names := about(row)
			if _, ok := draft.byKey[key]; !ok && common.managed() && !slices.ContainsFunc(names, IsRuleName) {
				list = append(list, *row)
			}
		}
		if done, err := rows.Swap(now, list); done || err != nil {
			return err
		}
	}
}

// Community returns whom a community stands for (RFC 3584 §5.2.1): what the first
// of its rows says whose sources fit.
func (p *Policy) Community(name []byte, source netip.Addr) (community.Principal, bool) {
	for _, row := range p.communities.Load().byName[string(name)] {
		if row.covers(source) {
			return community.Principal{SecurityName: row.SecurityName, ContextName: row.ContextName}, true
		}
	}
	return community.Principal{}, false
}

// CommunityOf returns the community that stands for somebody in a context, and is good
// at an address: what a message that is sent on his behalf there has (RFC 3584
// §5.2.3). Of several it is the first one. It is a secret.
func (p *Policy) CommunityOf(securityName, contextName string, at netip.Addr) (string, bool) {
	list := p.communities.Load().list
	for i := range list {
		row := &list[i]
		if row.SecurityName == securityName && row.ContextName == contextName && row.Status.Active() && row.covers(at) {
			return row.Community, true
		}
	}
	return "", false
}

// covers reports whether the community is good from source.
func (r *Community) covers(source netip.Addr) bool {
	if len(r.Sources) == 0 {
		return true
	}
	source = source.WithZone("")
	for _, p := range r.Sources {
		if p.Contains(source) {
			return true
		}
	}
	return false
}

// View returns the view for one class of operation: what r's SecurityName may do
// under its SecurityModel, at its SecurityLevel, in its ContextName (RFC 3415 §3.2
// up to (5) a)). That the context exists has been seen to by who calls (RFC 3412
// §4.2.2). The error is pdu.AuthorizationError if there is no view (RFC 3413 §3.2
// (5)).
func (p *Policy) View(r *mib.Request, t ViewType) (View, error) {
	x := p.current()
	group, ok := x.groupOf[member{r.SecurityModel, r.SecurityName}]
	if !ok {
		return nil, pdu.AuthorizationError // noGroupName
	}
	rows := x.byGroup[group]
	for i := range rows {
		if a := &rows[i]; a.Fits(r.SecurityModel, r.SecurityLevel, r.ContextName) {
			if v := a.views[t]; v != nil {
				return v, nil
			}
			break // noSuchView
		}
	}
	return nil, pdu.AuthorizationError
}

// A member is somebody who is in a group.
type member struct {
	model pdu.SecurityModel
	name  string
}

// Fits reports whether a is among the rows that may be selected for a message from
// somebody in its group (RFC 3415 §4, vacmAccessTable (1)).
func (a *Access) Fits(model pdu.SecurityModel, level pdu.SecurityLevel, context string) bool {
	return (a.Model == model || a.Model == pdu.SecurityModelAny) && a.Level <= level && a.covers(context)
}

// covers reports whether a is for a context.
func (a *Access) covers(context string) bool {
	if a.ContextMatch == Prefix {
		return len(context) >= len(a.ContextPrefix) && context[:len(a.ContextPrefix)] == a.ContextPrefix
	}
	return context == a.ContextPrefix
}
