package accessconf

import (
	"cmp"
	"net/netip"
	"slices"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// Lint returns warnings of lines that are right and do not what somebody may think:
// that can never have an effect, or let more in than is wise. It is called after
// Settle. reachable says that the agent listens on more than the loopback interface.
func (r *Rules) Lint(users []User, reachable bool) (problems []error) {
	l := linter{
		contexts: append(r.Contexts(), ""), disabled: r.Disabled, users: byName(users), reachable: reachable,
		names: make(map[string]bool), inGroup: make(map[string]bool), groups: make(map[string]*lintGroup), views: make(map[string]*lintView),
		earlier: make(map[communitySource]snmpdconf.Directive),
	}
	for _, e := range r.entries {
		l.gather(e)
	}
	for _, e := range r.entries {
		l.members(e)
	}
	for _, e := range r.entries {
		l.community(e)
		l.access(e)
	}
	l.selection()
	l.usedViews()
	slices.SortStableFunc(l.problems, func(a, b *snmpdconf.Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Msg, b.Msg))
	})
	for _, p := range l.problems {
		problems = append(problems, p)
	}
	return problems
}

// A linter has seen all lines.
type linter struct {
	contexts  []string
	disabled  map[pdu.SecurityModel]snmpdconf.Directive
	users     map[string]User
	reachable bool
	names     map[string]bool // that com2sec lines give: whether from other machines too
	inGroup   map[string]bool // names of communities that a group line is for
	groups    map[string]*lintGroup
	views     map[string]*lintView
	earlier   map[communitySource]snmpdconf.Directive
	problems  []*snmpdconf.Error
}

// A lintGroup is a group, or a user with rules of his own.
type lintGroup struct {
	// highest has for each security model that somebody in the group is of the highest
	// level that he has keys for.
	highest map[pdu.SecurityModel]pdu.SecurityLevel
	open    map[pdu.SecurityModel]bool // from another machine
	rows    []lintRow
}

// A lintRow is an access line of a group, or a rule of a user.
type lintRow struct {
	vacm.Access
	line   snmpdconf.Directive
	warned bool
}

// A lintView is a view.
type lintView struct {
	line     snmpdconf.Directive // its first one
	families []vacm.ViewTreeFamily
	used     bool
}

type communitySource struct {
	community string
	source    netip.Prefix
}

func (l *linter) warn(d snmpdconf.Directive, format string, args ...any) {
	if d.File != "" { // else no line says it
		l.problems = append(l.problems, d.Warnf(format, args...))
	}
}

// isDisabled reports whether no message of a security model is accepted, and warns that
// a line has no effect then.
func (l *linter) isDisabled(d snmpdconf.Directive, m pdu.SecurityModel) bool {
	by, ok := l.disabled[m]
	if ok {
		l.warn(d, "%s switches off the version of SNMP that it is for (security model %v), the line has no effect", place(by), m)
	}
	return ok
}

func (l *linter) group(name string) *lintGroup {
	g, ok := l.groups[name]
	if !ok {
		g = &lintGroup{highest: make(map[pdu.SecurityModel]pdu.SecurityLevel), open: make(map[pdu.SecurityModel]bool)}
		l.groups[name] = g
	}
	return g
}

// gather collects what lines define.
func (l *linter) gather(e entry) {
	switch s := e.Statement.(type) {
	case vacm.Community:
		l.names[s.SecurityName] = l.names[s.SecurityName] || l.reachable && !allLoopback(s.Sources)
	case vacm.Access:
		g := l.group(s.GroupName)
		g.rows = append(g.rows, lintRow{Access: s, line: e.line})
	case vacm.UserRule:
		g := l.group(ownGroup(s.User))
		row := vacm.Access{ContextPrefix: s.ContextPrefix, ContextMatch: s.ContextMatch, Level: s.Level}
		g.rows = append(g.rows, lintRow{Access: row, line: e.line})
		if u, ok := l.users[s.User]; ok && !l.isDisabled(e.line, pdu.SecurityModelUSM) {
			g.highest[pdu.SecurityModelUSM] = u.Level
		}
	case vacm.ViewTreeFamily:
		v, ok := l.views[s.ViewName]
		if !ok {
			v = &lintView{line: e.line}
			l.views[s.ViewName] = v
		}
		v.families = append(v.families, s)
	}
}

// ownGroup is the name under which a user with rules of his own is kept: no group is
// called so.
func ownGroup(user string) string { return "user\x00" + user }

// members finds out who can be in a group.
func (l *linter) members(e entry) {
	s, ok := e.Statement.(vacm.SecurityToGroup)
	if !ok {
		return
	}
	_, known := l.groups[s.GroupName]
	g := l.group(s.GroupName)
	if s.Model != pdu.SecurityModelUSM {
		l.inGroup[s.SecurityName] = true
	}
	if e.any {
		if _, ok := l.disabled[s.Model]; ok {
			return
		}
	} else if l.isDisabled(e.line, s.Model) {
		return
	}
	if !known { // once is enough
		l.warn(e.line, "no access line is for group %q", s.GroupName)
	}
	if s.Model == pdu.SecurityModelUSM {
		if u, ok := l.users[s.SecurityName]; ok {
			g.highest[s.Model], g.open[s.Model] = max(g.highest[s.Model], u.Level), l.reachable
		}
		return // a user who does not exist has been told
	}
	open, ok := l.names[s.SecurityName]
	switch {
	case ok:
		g.highest[s.Model], g.open[s.Model] = pdu.NoAuthNoPriv, g.open[s.Model] || open
	case !e.any:
		l.warn(e.line, "no com2sec line gives the name %q", s.SecurityName)
	case s.Model == pdu.SecurityModelV1: // once for all models
		if _, ok := l.users[s.SecurityName]; !ok {
			l.warn(e.line, "no com2sec or createUser line gives the name %q", s.SecurityName)
		}
	}
}

// wellKnown are the communities that everybody tries first.
var wellKnown = []string{
	"public", "private", "community", "snmp", "snmpd", "admin", "manager", "monitor", "cisco", "default", "secret", "read", "write", "test", "all private",
}

// community looks at a line that lets a community in.
func (l *linter) community(e entry) {
	var community string
	var sources []netip.Prefix
	switch s := e.Statement.(type) {
	case vacm.Community:
		community, sources = s.Community, s.Sources
		if !l.inGroup[s.SecurityName] {
			l.warn(e.line, "the name %q is in no group with v1 or v2c", s.SecurityName)
		}
	case vacm.CommunityRule:
		community, sources = s.Community, s.Sources
		if s.Writable && l.reachable && !allLoopback(sources) {
			l.warn(e.line, "it may write without authentication: whoever hears the community can")
		}
	default:
		return
	}
	if _, ok := l.disabled[pdu.SecurityModelV1]; ok && l.isDisabled(e.line, pdu.SecurityModelV2c) {
		return
	}
	if former, ok := l.covered(community, sources); ok {
		l.warn(e.line, "%s is for the same community from these sources too and comes first, the line has no effect", place(former))
	}
	for _, p := range sources {
		l.earlier[communitySource{community, p}] = e.line
	}
	if l.reachable && slices.Contains(wellKnown, community) && slices.ContainsFunc(sources, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		l.warn(e.line, "a community that everybody tries first is good from everywhere")
	}
}

// covered returns the line above that takes all of a community's sources.
func (l *linter) covered(community string, sources []netip.Prefix) (line snmpdconf.Directive, all bool) {
	for _, p := range sources {
		found := false
		for bits := p.Bits(); bits >= 0 && !found; bits-- {
			wider, _ := p.Addr().Prefix(bits)
			var d snmpdconf.Directive
			if d, found = l.earlier[communitySource{community, wider}]; found {
				line = d
			}
		}
		if !found {
			return line, false
		}
	}
	return line, len(sources) > 0
}

// allLoopback reports whether sources are this machine alone.
func allLoopback(sources []netip.Prefix) bool {
	return len(sources) > 0 && !slices.ContainsFunc(sources, func(p netip.Prefix) bool {
		return !p.Addr().IsLoopback() || p.Addr().Is4() && p.Bits() < 8
	})
}

// access looks at the views that a line names.
func (l *linter) access(e entry) {
	switch s := e.Statement.(type) {
	case vacm.Access:
		for _, name := range slices.Compact(slices.Sorted(slices.Values([]string{s.ReadViewName, s.WriteViewName, s.NotifyViewName}))) {
			l.uses(e.line, name)
		}
	case vacm.CommunityRule:
		l.uses(e.line, s.ViewName)
	case vacm.UserRule:
		l.uses(e.line, s.ViewName)
		if s.Writable && s.Level == pdu.NoAuthNoPriv && l.reachable {
			l.warn(e.line, "user %q may write without authentication: whoever knows the name can", s.User)
		}
	}
}

// selection looks for access lines that are never selected (RFC 3415 §3.2 (3)): it
// tries everything that can be asked.
func (l *linter) selection() {
	for _, g := range l.groups {
		selected := make([]bool, len(g.rows))
		for _, model := range models {
			highest, ok := g.highest[model]
			for level := pdu.NoAuthNoPriv; ok && level <= highest; level++ {
				for _, context := range l.contexts {
					i := g.chosen(model, level, context)
					if i < 0 {
						continue
					}
					selected[i] = true
					if row := &g.rows[i]; level == pdu.NoAuthNoPriv && g.open[model] && l.hasIncluded(row.WriteViewName) && !row.warned {
						row.warned = true
						l.warn(row.line, "members of group %q may write without authentication, those of security model %v", row.GroupName, model)
					}
				}
			}
		}
		for i := range g.rows {
			if !selected[i] {
				l.neverSelected(g, &g.rows[i])
			}
		}
	}
}

// hasIncluded reports whether a view has anything.
func (l *linter) hasIncluded(name string) bool {
	v, ok := l.views[name]
	return name == vacm.All || ok && slices.ContainsFunc(v.families, func(f vacm.ViewTreeFamily) bool { return f.Type == vacm.Included })
}

// models are the security models that messages come with.
var models = []pdu.SecurityModel{pdu.SecurityModelV1, pdu.SecurityModelV2c, pdu.SecurityModelUSM}

// chosen returns which row is selected (RFC 3415 §4, vacmAccessTable), -1 if none
// fits.
func (g *lintGroup) chosen(model pdu.SecurityModel, level pdu.SecurityLevel, context string) int {
	best := -1
	for i := range g.rows {
		if g.rows[i].Fits(model, level, context) && (best < 0 || g.rows[i].ComparePreference(&g.rows[best].Access) < 0) {
			best = i
		}
	}
	return best
}

// neverSelected says why a row has no effect.
func (l *linter) neverSelected(g *lintGroup, row *lintRow) {
	if row.GroupName == "" && len(g.highest) == 0 {
		return // a user who does not exist has been told
	}
	if len(g.highest) == 0 {
		l.warn(row.line, "nobody is in group %q, the line has no effect", row.GroupName)
		return
	}
	fitting, high := false, pdu.NoAuthNoPriv // members by their model, and how high their levels are
	for model, highest := range g.highest {
		if row.Model == model || row.Model == pdu.SecurityModelAny {
			fitting, high = true, max(high, highest)
		}
	}
	if !fitting {
		l.warn(row.line, "nobody in group %q is of security model %v, the line has no effect", row.GroupName, row.Model)
		return
	}
	if high < row.Level {
		if row.GroupName != "" { // a user's level has been told
			l.warn(row.line, "nobody in group %q has messages of %v, the line has no effect", row.GroupName, row.Level)
		}
		return
	}
	for _, model := range models {
		for _, context := range l.contexts {
			highest, ok := g.highest[model]
			if ok && row.Fits(model, highest, context) {
				l.warn(row.line, "%s is always preferred, the line has no effect", place(g.rows[g.chosen(model, highest, context)].line))
				return
			}
		}
	}
	l.warn(row.line, "there is no context that begins with %q, the line has no effect", row.ContextPrefix)
}
