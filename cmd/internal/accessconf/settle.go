package accessconf

import (
	"net/netip"
	"slices"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// Settle decides between lines that contradict each other, and returns a warning for
// each that has no effect. It is called once, after all lines. The statements that
// are left make a policy without an error.
//
// The first of several lines for one row counts, as with snmpd. The order of lines
// for different rows has no meaning, but for communities. What managers have made
// comes after all that a configuration says.
func (r *Rules) Settle() (problems []error) {
	r.managersLast()
	s := settling{
		denied: make(map[string][]netip.Prefix), allowed: make(map[string][]allowed),
		groups: make(map[member]entry), rows: make(map[accessRow]entry), subtrees: make(map[subtree]entry),
	}
	for _, e := range r.entries {
		if g, ok := e.Statement.(vacm.SecurityToGroup); ok && e.any {
			s.settleGroup(e, member{g.Model, g.SecurityName}, g.GroupName)
		}
	}
	kept := r.entries[:0:0]
	for _, e := range r.entries {
		keep, problem := s.settle(e, r.broken)
		// A line with any is three statements.
		if n := len(problems); problem != nil && (n == 0 || problems[n-1].Error() != problem.Error()) {
			problems = append(problems, problem)
		}
		if keep != nil {
			e.Statement = keep
			kept = append(kept, e)
		}
	}
	r.entries = kept
	return problems
}

// managersLast puts the rows of managers behind everything else, and the last ones
// first: of several lines for one of them that is the one that the agent has written.
func (r *Rules) managersLast() {
	var theirs []entry
	r.entries = slices.DeleteFunc(r.entries, func(e entry) bool {
		if !e.managed {
			return false
		}
		theirs = append(theirs, e)
		return true
	})
	slices.Reverse(theirs)
	r.entries = append(r.entries, theirs...)
}

// settling is what the lines so far have come to.
type settling struct {
	denied   map[string][]netip.Prefix // by community
	allowed  map[string][]allowed
	groups   map[member]entry
	rows     map[accessRow]entry
	subtrees map[subtree]entry
}

type member struct {
	model pdu.SecurityModel
	name  string
}

// An accessRow is what access lines, or a user's rules, differ in (RFC 3415 §4,
// vacmAccessEntry).
type accessRow struct {
	group, user string
	context     string
	model       pdu.SecurityModel
	level       pdu.SecurityLevel
}

// A subtree is what the lines of views differ in (RFC 3415 §4,
// vacmViewTreeFamilyEntry).
type subtree struct {
	view string
	root ber.OID
}

// settle returns the statement that an entry comes to: nil is none.
func (s *settling) settle(e entry, broken map[string]snmpdconf.Directive) (vacm.Statement, error) {
	switch x := e.Statement.(type) {
	case nil:
		s.denied[e.denied.community] = append(s.denied[e.denied.community], e.denied.from...)
		for _, former := range s.allowed[e.denied.community] {
			if slices.ContainsFunc(former.from, func(p netip.Prefix) bool { return overlaps(p, e.denied.from) }) {
				return nil, e.line.Warnf("%s lets some of these sources in and comes first", place(former.line))
			}
		}
	case vacm.Community:
		if x.Sources = s.sources(e, x.Community, x.Sources); len(x.Sources) > 0 {
			return x, nil
		}
		return nil, e.line.Warnf("%w", errDenied)
	case vacm.CommunityRule:
		if len(x.Sources) == 0 { // none means any, in a statement that no line says
			return x, nil
		}
		if x.Sources = s.sources(e, x.Community, x.Sources); len(x.Sources) > 0 {
			return x, nil
		}
		return nil, e.line.Warnf("%w", errDenied)
	case vacm.SecurityToGroup:
		return s.settleGroup(e, member{x.Model, x.SecurityName}, x.GroupName)
	case vacm.UserRule:
		// A rule puts its user into a group of his own.
		if keep, problem := s.settleGroup(e, member{pdu.SecurityModelUSM, x.User}, ""); keep == nil {
			return nil, problem
		}
		return settleRow(s.rows, e, accessRow{user: x.User, context: x.ContextPrefix, level: x.Level}, "rules for one user, level and context")
	case vacm.Access:
		key := accessRow{group: x.GroupName, context: x.ContextPrefix, model: x.Model, level: x.Level}
		return settleRow(s.rows, e, key, "access lines for one group, context, model and level")
	case vacm.ViewTreeFamily:
		// Of a broken view nothing is shown, which has been said. What else is hidden of
		// one that there always is stays hidden.
		if _, ok := broken[x.ViewName]; ok && (x.ViewName != vacm.All || x.Type != vacm.Excluded) {
			return nil, nil
		}
		return settleRow(s.subtrees, e, subtree{x.ViewName, x.Subtree}, "lines for one subtree of a view")
	}
	return e.Statement, nil
}

// sources returns what is left of the sources of a community.
func (s *settling) sources(e entry, community string, sources []netip.Prefix) []netip.Prefix {
	sources = without(sources, s.denied[community])
	s.allowed[community] = append(s.allowed[community], allowed{sources, e.line})
	return sources
}

// An allowed is where a community is good by a line.
type allowed struct {
	from []netip.Prefix
	line snmpdconf.Directive
}

func overlaps(p netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, p.Overlaps)
}

// settleGroup decides whose group somebody is in. "" is his own, by a rule.
func (s *settling) settleGroup(e entry, m member, group string) (vacm.Statement, error) {
	former, ok := s.groups[m]
	if !ok {
		s.groups[m] = e
		return e.Statement, nil
	}
	switch f := former.Statement.(type) {
	case vacm.UserRule:
		if group == "" {
			return e.Statement, nil
		}
		return nil, e.line.Warnf("%s gives user %q a group of his own, the line has no effect", place(former.line), m.name)
	case vacm.SecurityToGroup:
		switch {
		case place(former.line) == place(e.line) && former.any == e.any:
			return e.Statement, nil // which has come before the others
		case f.GroupName == group:
			return nil, nil
		}
		first := "the first one counts"
		if former.any {
			first = "a line with any goes first"
		}
		return nil, e.line.Warnf("%s puts %q into group %q, the line has no effect: %s", place(former.line), m.name, f.GroupName, first)
	}
	return nil, nil
}

// settleRow decides between lines for one row: the first one counts. One that says
// the same is no contradiction.
func settleRow[K comparable](rows map[K]entry, e entry, key K, what string) (vacm.Statement, error) {
	former, ok := rows[key]
	if !ok {
		rows[key] = e
		return e.Statement, nil
	}
	if withoutOrigin(former.Statement) == withoutOrigin(e.Statement) {
		return nil, nil
	}
	return nil, e.line.Warnf("of several %s the first one counts, which is %s; the line has no effect", what, place(former.line))
}

// withoutOrigin returns what a statement says, for comparison.
func withoutOrigin(s vacm.Statement) vacm.Statement {
	switch x := s.(type) {
	case vacm.UserRule:
		x.Origin = ""
		return x
	case vacm.Access:
		x.Origin = ""
		return x
	case vacm.ViewTreeFamily:
		x.Origin = ""
		return x
	}
	return s
}
