package vacm

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"snmpstack/agent/internal/managed"
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
	// goroutines, one at a time, may take its time, and is set before Register. Without
	// it no manager's row survives. One function for a System too is the System's: what
	// has none of its own gets that one, and no call of it overlaps another.
	Keep func() error

	communities atomic.Pointer[communities]
	groups      mib.Rows[SecurityToGroup]
	access      mib.Rows[Access]
	families    mib.Rows[ViewTreeFamily]
	tables      managed.Objects // what Register registers; none before

	index     atomic.Pointer[index]
	replacing atomic.Bool
	mu        sync.Mutex // held by who replaces rows, or makes an index
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

// Check returns what is wrong with a statement by itself: New with it and others may have
// an error nevertheless, since they contradict each other.
func Check(s Statement) error {
	if err := checkRuleNames(s); err != nil {
		return err
	}
	return s.addTo(newDraft(new(communities)))
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
	err := d.groups.Replace(&p.groups, stays[SecurityToGroup])
	if err == nil {
		err = d.access.Replace(&p.access, stays[Access])
	}
	if err == nil {
		err = d.families.Replace(&p.families, stays[ViewTreeFamily])
	}
	if err != nil {
		return err // of rows that have been checked: there is none
	}
	p.communities.Store(newCommunities(d))
	p.index.Store(p.newIndex(nil))
	return nil
}

// stays reports whether a row outlasts the statements that are replaced: it is a manager's,
// and has no name of theirs.
func stays[R any, P row[R]](r *R) bool {
	return P(r).managed() && !slices.ContainsFunc(P(r).names(), IsRuleName)
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
func (r *Community) covers(source netip.Addr) bool { return areIn(r.Sources, source) }

// areIn reports whether one of the networks that a community is good from has source in
// it. None means any.
func areIn(networks []netip.Prefix, source netip.Addr) bool {
	if len(networks) == 0 {
		return true
	}
	source = source.WithZone("")
	for _, p := range networks {
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
	g := p.rightsOf(r)
	if g == nil {
		return nil, pdu.AuthorizationError // noGroupName, or noAccessEntry
	}
	a := g.find(r.SecurityModel, r.SecurityLevel, r.ContextName)
	if a == nil {
		return nil, pdu.AuthorizationError // noAccessEntry
	}
	if v := a.views[t]; v != nil {
		return v, nil
	}
	return nil, pdu.AuthorizationError // noSuchView
}

// rightsOf returns the rights of the group in which the one who asks is.
func (p *Policy) rightsOf(r *mib.Request) *rights {
	x := p.current()
	m := member{r.SecurityModel, r.SecurityName}
	if who, ok := r.Rights.(keeper); ok {
		name, note := who.Note()
		return x.noted(m, name, note)
	}
	return x.rightsOf(m)
}

// Fits reports whether a is among the rows that may be selected for a message from
// somebody in its group (RFC 3415 §4, vacmAccessTable (1)).
func (a *Access) Fits(model pdu.SecurityModel, level pdu.SecurityLevel, context string) bool {
	return (a.Model == model || a.Model == pdu.SecurityModelAny) && a.Level <= level && a.covers(context)
}

// covers reports whether a is for a context.
func (a *Access) covers(context string) bool {
	return coversContext(a.ContextPrefix, a.ContextMatch != Prefix, context)
}

// coversContext reports whether a row with a ContextPrefix is for a context.
func coversContext(prefix string, exact bool, context string) bool {
	if exact {
		return context == prefix
	}
	return strings.HasPrefix(context, prefix)
}
