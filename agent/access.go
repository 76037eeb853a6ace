package agent

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"

	"snmpstack/agent/community"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Access decides who may do what: which communities are known where, and which
// part of the MIB the one who asks may see. Its methods are called for each
// request, from several goroutines, and must neither block nor resolve names.
type Access interface {
	community.Table

	// View returns the view for one class of operation (RFC 3415 §3.2 up to step
	// 5): what r's SecurityName may do under its SecurityModel, at its
	// SecurityLevel, in its ContextName. The error is pdu.AuthorizationError if
	// there is no view.
	View(r *mib.Request, t ViewType) (View, error)
}

// A ViewType is a class of operations that has a view of its own (RFC 3415 §2.5).
type ViewType int

const (
	ReadView ViewType = iota
	WriteView
	NotifyView
)

func (t ViewType) String() string {
	switch t {
	case ReadView:
		return "read"
	case WriteView:
		return "write"
	case NotifyView:
		return "notify"
	}
	return "view type " + strconv.Itoa(int(t))
}

// A View is a set of instances (RFC 3415 §2.4).
type View interface {
	// Contains reports whether the instance called name is in the view.
	Contains(name ber.OID) bool
	// Seek returns the smallest OID that is not smaller than from and may be in
	// the view, and false if there is none. It lets GETNEXT step over what is
	// hidden. Returning from is always right, but slow where much is hidden, and
	// makes names that are not in the view noSuchInstance where noSuchObject would
	// say more.
	Seek(from ber.OID) (ber.OID, bool)
}

// InsecureAllowAll lets everybody with any community, and every SNMPv3 user at
// whatever level the user's messages may have, read and write everything.
var InsecureAllowAll Access = allowAll{}

type allowAll struct{}

func (allowAll) Community(c []byte, _ netip.Addr) (community.Principal, bool) {
	return community.Principal{SecurityName: "anybody"}, true
}

func (allowAll) View(*mib.Request, ViewType) (View, error) { return everything, nil }

// A Subtree is the view of one subtree, its root included (RFC 3415 §2.4.1).
// Subtree("") is everything.
type Subtree ber.OID

const everything Subtree = ""

// Contains reports whether name is the subtree's root or below it.
func (s Subtree) Contains(name ber.OID) bool { return name.HasPrefix(ber.OID(s)) }

// Seek returns from, or the subtree's root if that comes later.
func (s Subtree) Seek(from ber.OID) (ber.OID, bool) {
	root := ber.OID(s)
	if from <= root {
		return root, true
	}
	return from, from.HasPrefix(root)
}

// noInstances is the view that is empty.
type noInstances struct{}

func (noInstances) Contains(ber.OID) bool        { return false }
func (noInstances) Seek(ber.OID) (ber.OID, bool) { return "", false }

// A Rule is a CommunityRule or a UserRule: who may do what.
type Rule interface{ addTo(*ruleSet) }

// A CommunityRule gives a community access to a subtree: the view and the mode that
// RFC 1157 §3.2.5 calls its profile.
type CommunityRule struct {
	// Community is compared octet by octet. It is a secret.
	Community string
	// Sources are the networks it is good from. None means any.
	Sources []netip.Prefix
	// Subtree may be read; "" is everything.
	Subtree ber.OID
	// Writable says that Subtree may be written too.
	Writable bool
}

// A UserRule gives an SNMPv3 user access to a subtree, in every context that there
// is.
type UserRule struct {
	User string
	// Level is the least security level of messages that the rule is for.
	Level pdu.SecurityLevel
	// Subtree may be read; "" is everything.
	Subtree ber.OID
	// Writable says that Subtree may be written too.
	Writable bool
}

// Rules is an Access made of one rule for each community or user, as snmpd.conf's
// rocommunity, rwcommunity, rouser and rwuser have them. Of several rules for one
// community the first one whose source fits decides; of several for one user the
// one with the highest level that the message reaches, and of these the first. It
// is made by NewRules.
type Rules struct {
	set atomic.Pointer[ruleSet]
}

// A ruleSet does not change.
type ruleSet struct {
	communities map[string][]communityRule
	views       map[string]views // of a community's rule, by securityName
	users       map[string][]userRule
	number      int // of the last community's rule
}

type communityRule struct {
	sources   []netip.Prefix
	principal community.Principal
}

type userRule struct {
	level pdu.SecurityLevel
	views
}

// views are what one rule lets a request do. They are made once: a View in an
// interface costs memory.
type views struct{ read, write View }

func viewsOf(subtree ber.OID, writable bool) views {
	v := views{read: Subtree(subtree), write: noInstances{}}
	if writable {
		v.write = v.read
	}
	return v
}

// NewRules returns the Access that rules make.
func NewRules(rules ...Rule) *Rules {
	r := new(Rules)
	r.set.Store(newRuleSet(0, rules))
	return r
}

// Replace puts other rules in the place of those that there are, all at once. A
// request that came in by a community's former rule may do nothing any more.
func (r *Rules) Replace(rules ...Rule) {
	for {
		former := r.set.Load()
		// No rule gets the name of a former one: a request that is under way must not
		// come to stand for somebody else.
		if r.set.CompareAndSwap(former, newRuleSet(former.number, rules)) {
			return
		}
	}
}

func newRuleSet(number int, rules []Rule) *ruleSet {
	s := &ruleSet{
		communities: make(map[string][]communityRule),
		views:       make(map[string]views),
		users:       make(map[string][]userRule),
		number:      number,
	}
	for _, rule := range rules {
		rule.addTo(s)
	}
	return s
}

func (rule CommunityRule) addTo(s *ruleSet) {
	// Every rule is a principal of its own: what stands for a community in logs and
	// to handlers is the rule's number, never the community.
	s.number++
	name := fmt.Sprintf("community-rule-%d", s.number)
	s.views[name] = viewsOf(rule.Subtree, rule.Writable)
	s.communities[rule.Community] = append(s.communities[rule.Community],
		communityRule{rule.Sources, community.Principal{SecurityName: name}})
}

func (rule UserRule) addTo(s *ruleSet) {
	list := append(s.users[rule.User], userRule{rule.Level, viewsOf(rule.Subtree, rule.Writable)})
	slices.SortStableFunc(list, func(a, b userRule) int { return cmp.Compare(b.level, a.level) })
	s.users[rule.User] = list
}

// Community returns the principal of the first rule that fits.
func (r *Rules) Community(name []byte, source netip.Addr) (community.Principal, bool) {
	for _, rule := range r.set.Load().communities[string(name)] {
		if rule.covers(source) {
			return rule.principal, true
		}
	}
	return community.Principal{}, false
}

func (r *communityRule) covers(source netip.Addr) bool {
	if len(r.sources) == 0 {
		return true
	}
	source = source.WithZone("")
	for _, p := range r.sources {
		if p.Contains(source) {
			return true
		}
	}
	return false
}

// View returns the view of the rule that q came in by. A user and a community
// never stand for each other, whatever they are called.
func (r *Rules) View(q *mib.Request, t ViewType) (View, error) {
	v, ok := r.set.Load().viewsFor(q)
	switch {
	case !ok || t == NotifyView:
		return nil, pdu.AuthorizationError
	case t == WriteView:
		return v.write, nil
	}
	return v.read, nil
}

func (s *ruleSet) viewsFor(q *mib.Request) (views, bool) {
	if q.SecurityModel != pdu.SecurityModelUSM {
		v, ok := s.views[q.SecurityName]
		return v, ok
	}
	for _, rule := range s.users[q.SecurityName] {
		if q.SecurityLevel >= rule.level {
			return rule.views, true
		}
	}
	return views{}, false
}
