package vacm

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"

	"snmpstack/agent/community"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// A Question is what Explain answers: may somebody do something?
type Question struct {
	// Community and Source are those of a message with SNMPv1 or SNMPv2c. In one
	// with SNMPv3 SecurityName, SecurityLevel and ContextName stand for them.
	Community     []byte
	Source        netip.Addr
	SecurityModel pdu.SecurityModel
	SecurityName  string
	SecurityLevel pdu.SecurityLevel
	ContextName   string

	ViewType ViewType
	// Name is the instance. "" asks for the view as a whole. One that no instance can
	// have (ber.OID.CheckPrefix), as the dotted text, is in no view, and the last step says
	// so.
	Name ber.OID

	// Contexts are the contexts that there are beside the default one.
	Contexts []string
}

// An Indication is what becomes of a Question: the statusInformation of
// isAccessAllowed (RFC 3415 §3.1).
type Indication string

const (
	AccessAllowed Indication = "accessAllowed"
	NotInView     Indication = "notInView"
	NoSuchView    Indication = "noSuchView"
	NoSuchContext Indication = "noSuchContext"
	NoGroupName   Indication = "noGroupName"
	NoAccessEntry Indication = "noAccessEntry"

	// UnknownCommunity is not RFC 3415's: the message does not get as far (RFC
	// 3584 §5.2.1).
	UnknownCommunity Indication = "unknownCommunityName"
)

// A Step is one step on the way to a decision.
type Step struct {
	// Clause is where the step stands, for example "RFC 3415 §3.2 (2)".
	Clause string
	// Text says what was found.
	Text string
	// Origin is that of the row that was decisive, "" if there is none.
	Origin string
}

// An Explanation is a decision and how it came about.
type Explanation struct {
	Indication
	Steps []Step

	// Principal is whom a Community stands for, nil if that is not known.
	Principal *community.Principal
	// Access is the row that was selected, nil if there is none.
	Access *Access
	// ViewName is the name of the view, and Families are its active rows in
	// the order of their subtrees.
	ViewName string
	Families []ViewTreeFamily
}

func (e *Explanation) say(clause, origin, format string, args ...any) {
	e.Steps = append(e.Steps, Step{clause, fmt.Sprintf(format, args...), origin})
}

// Explain decides as View and the View do, in no hurry, and tells how. It does not
// show communities.
func (p *Policy) Explain(q Question) *Explanation {
	e := new(Explanation)
	if q.Community != nil && !p.explainCommunity(&q, e) {
		e.Indication = UnknownCommunity
		return e
	}
	e.Indication = p.isAccessAllowed(&q, e)
	return e
}

// explainCommunity finds out whom a community stands for.
func (p *Policy) explainCommunity(q *Question, e *Explanation) bool {
	const clause = "RFC 3584 §5.2.1"
	known := false
	for _, row := range p.communities.Load().list {
		switch {
		case row.Community != string(q.Community):
			continue
		case !row.Status.Active():
			e.say(clause, row.Origin, "a row for the community is %v", row.Status)
		case !row.covers(q.Source):
			e.say(clause, row.Origin, "the community is good from %s, not from %v", sourceList(row.Sources), q.Source)
		default:
			e.say(clause, row.Origin, "the community stands for security name %q from %s, context %q",
				row.SecurityName, sourceList(row.Sources), row.ContextName)
			e.Principal = &community.Principal{SecurityName: row.SecurityName, ContextName: row.ContextName}
			q.SecurityName, q.ContextName, q.SecurityLevel = row.SecurityName, row.ContextName, pdu.NoAuthNoPriv
			return true
		}
		known = true
	}
	if !known {
		e.say(clause, "", "there is no such community")
	}
	return false
}

func sourceList(sources []netip.Prefix) string {
	if len(sources) == 0 {
		return "anywhere"
	}
	text := sources[0].String()
	for _, s := range sources[1:] {
		text += ", " + s.String()
	}
	return text
}

// isAccessAllowed is RFC 3415 §3.2, step by step.
func (p *Policy) isAccessAllowed(q *Question, e *Explanation) Indication {
	const clause = "RFC 3415 §3.2 "

	if q.ContextName != "" && !slices.Contains(q.Contexts, q.ContextName) {
		e.say(clause+"(1)", "", "there is no context %q", q.ContextName)
		return NoSuchContext
	}
	e.say(clause+"(1)", "", "context %q exists", q.ContextName)

	group := ""
	for _, r := range p.groups.Load().All() {
		if r.Model != q.SecurityModel || r.SecurityName != q.SecurityName {
			continue
		}
		if r.Status.Active() {
			e.say(clause+"(2)", r.Origin, "%q of security model %v is in group %q", r.SecurityName, r.Model, r.GroupName)
			group = r.GroupName
		} else {
			e.say(clause+"(2)", r.Origin, "that %q of security model %v is in group %q is %v", r.SecurityName, r.Model, r.GroupName, r.Status)
		}
	}
	if group == "" {
		e.say(clause+"(2)", "", "%q of security model %v is in no group", q.SecurityName, q.SecurityModel)
		return NoGroupName
	}

	if e.Access = p.selectAccess(q, e, group); e.Access == nil {
		e.say(clause+"(3)", "", "group %q has no access with security model %v at %v in context %q",
			group, q.SecurityModel, q.SecurityLevel, q.ContextName)
		return NoAccessEntry
	}
	e.say(clause+"(3)", e.Access.Origin, "selected: %v", e.Access)

	e.ViewName = e.Access.view(q.ViewType)
	if e.ViewName == "" {
		e.say(clause+"(4)", e.Access.Origin, "it has no %v view", q.ViewType)
		return NoSuchView
	}
	e.say(clause+"(4)", e.Access.Origin, "its %v view is %q", q.ViewType, e.ViewName)

	for _, r := range p.families.Load().All() {
		if r.ViewName == e.ViewName && r.Status.Active() {
			e.Families = append(e.Families, *r)
		}
	}
	if len(e.Families) == 0 {
		e.say(clause+"(5)", "", "there is no view %q", e.ViewName)
		return NoSuchView
	}
	if q.Name == "" {
		return AccessAllowed
	}
	if err := q.Name.CheckPrefix(); err != nil {
		e.say(clause+"(5)", "", "no instance has the name: %v", err)
		return NotInView
	}
	return e.explainName(q.Name, clause+"(5)")
}

// selectAccess selects a row for a group as the DESCRIPTION of vacmAccessTable says
// (RFC 3415 §4). Of the others that fit, the first one says why not it.
func (p *Policy) selectAccess(q *Question, e *Explanation, group string) *Access {
	var set []*Access // (1)
	for _, r := range p.access.Load().All() {
		switch {
		case r.GroupName != group || !r.Fits(q.SecurityModel, q.SecurityLevel, q.ContextName):
		case !r.Status.Active():
			e.say("RFC 3415 §4", r.Origin, "not used, it is %v: %v", r.Status, r)
		default:
			set = append(set, r)
		}
	}
	keep := func(rule string, f func(*Access) bool) { // unless that is none
		if !slices.ContainsFunc(set, f) {
			return
		}
		set = slices.DeleteFunc(set, func(r *Access) bool {
			if f(r) {
				return false
			}
			e.say("RFC 3415 §4, vacmAccessTable "+rule, r.Origin, "not used, another one is preferred: %v", r)
			return true
		})
	}
	keep("(2a)", func(r *Access) bool { return r.Model == q.SecurityModel })
	keep("(2b)", func(r *Access) bool { return r.ContextPrefix == q.ContextName })
	longest, highest := 0, pdu.NoAuthNoPriv
	for _, r := range set {
		longest = max(longest, len(r.ContextPrefix))
	}
	keep("(2c)", func(r *Access) bool { return len(r.ContextPrefix) == longest })
	for _, r := range set {
		highest = max(highest, r.Level)
	}
	keep("(2d)", func(r *Access) bool { return r.Level == highest })
	if len(set) == 0 {
		return nil
	}
	return set[0]
}

// explainName decides about one instance (RFC 3415 §4, vacmViewTreeFamilyTable).
func (e *Explanation) explainName(name ber.OID, clause string) Indication {
	var matching []ViewTreeFamily
	for _, f := range e.Families {
		if f.matches(name) {
			matching = append(matching, f)
		}
	}
	if len(matching) == 0 {
		e.say(clause, "", "nothing in view %q matches %v", e.ViewName, name)
		return NotInView
	}
	slices.SortFunc(matching, func(a, b ViewTreeFamily) int {
		return cmp.Or(cmp.Compare(b.Subtree.Len(), a.Subtree.Len()), b.Subtree.Compare(a.Subtree))
	})
	best := matching[0]
	e.say(clause, best.Origin, "%v matches %v", &best, name)
	for _, other := range matching[1:] {
		why := "is shorter"
		if other.Subtree.Len() == best.Subtree.Len() {
			why = "comes before it"
		}
		e.say("RFC 3415 §4, vacmViewTreeFamilyTable", other.Origin, "%v matches too, but %s", &other, why)
	}
	if best.Type == Excluded {
		return NotInView
	}
	return AccessAllowed
}

// view returns the name of the view for a class of operations.
func (r *Access) view(t ViewType) string {
	return [...]string{r.ReadViewName, r.WriteViewName, r.NotifyViewName}[t]
}

// String describes the row.
func (r *Access) String() string {
	match := ""
	if r.ContextMatch == Prefix {
		match = "s that begin with"
	}
	return fmt.Sprintf("group %q, context%s %q, security model %v, at least %v", r.GroupName, match, r.ContextPrefix, r.Model, r.Level)
}

// String describes the row.
func (r *ViewTreeFamily) String() string {
	text := "included subtree "
	if r.Type == Excluded {
		text = "excluded subtree "
	}
	text += r.Subtree.String()
	if r.Mask != "" {
		text += " with mask " + hex.EncodeToString([]byte(r.Mask))
	}
	return text
}
