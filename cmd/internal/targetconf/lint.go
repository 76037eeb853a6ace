package targetconf

import (
	"net/netip"
	"strings"

	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Lint returns warnings of lines that are right and do not what somebody may think:
// that name what there is not, or that nothing names. What managers have made may be
// named, and is not warned of. It is called when all lines have been applied. policy is
// that of access; users are those with createUser lines.
func (r *Rules) Lint(policy *vacm.Policy, users []accessconf.User) (problems []error) {
	l := linter{
		policy: policy, users: make(map[string]accessconf.User),
		params: make(map[string]notify.TargetParams), addressed: make(map[string]bool),
		tags: make(map[string]bool), selected: make(map[string]bool), informed: make(map[string]bool),
		profiles: make(map[string]bool), filtered: make(map[string]bool),
	}
	for _, u := range users {
		l.users[u.Name] = u
	}
	for _, e := range r.entries {
		l.gather(e.Statement)
	}
	for _, e := range r.entries {
		if !e.managed {
			l.check(e)
		}
	}
	return l.problems
}

// A linter has seen all rows.
type linter struct {
	policy    *vacm.Policy
	users     map[string]accessconf.User
	params    map[string]notify.TargetParams
	addressed map[string]bool // parameters that an address has
	tags      map[string]bool // of addresses
	selected  map[string]bool // tags that a snmpNotifyTable line has
	informed  map[string]bool // those of them that are for informs
	profiles  map[string]bool // that parameters have
	filtered  map[string]bool // profiles that there are
	problems  []error
}

func (l *linter) warn(d snmpdconf.Directive, format string, args ...any) {
	l.problems = append(l.problems, d.Warnf(format, args...))
}

// gather collects what rows define and name.
func (l *linter) gather(s notify.Statement) {
	switch s := s.(type) {
	case notify.TargetAddr:
		l.addressed[s.Params] = true
		for _, tag := range strings.Fields(s.TagList) {
			l.tags[tag] = true
		}
	case notify.TargetParams:
		l.params[s.Name] = s
	case notify.Notify:
		l.selected[s.Tag] = true
		l.informed[s.Tag] = l.informed[s.Tag] || s.Type == notify.Inform
	case notify.FilterProfile:
		l.profiles[s.ProfileName] = true
	case notify.Filter:
		l.filtered[s.ProfileName] = true
	}
}

// check says what is wrong about a row. A sink's are right but for its profile.
func (l *linter) check(e entry) {
	switch s := e.Statement.(type) {
	case notify.TargetAddr:
		if e.line.Is(targetAddr) {
			l.address(e.line, &s)
		}
	case notify.TargetParams:
		if e.line.Is(targetParams) {
			l.principal(e.line, &s)
		}
	case notify.Notify:
		if s.Tag == "" || !l.tags[s.Tag] {
			l.warn(e.line, "no address has the tag %q, %s", s.Tag, noEffect)
		}
	case notify.FilterProfile:
		if _, ok := l.params[s.Params]; !ok {
			l.warn(e.line, "no parameters are called %q, %s", s.Params, noEffect)
		}
		if !l.filtered[s.ProfileName] {
			l.warn(e.line, "there is no filter %q, so nothing is held back", s.ProfileName)
		}
	case notify.Filter:
		if !l.profiles[s.ProfileName] {
			l.warn(e.line, "nobody has the filter %q, %s", s.ProfileName, noEffect)
		}
	}
}

// address looks at where somebody is.
func (l *linter) address(d snmpdconf.Directive, s *notify.TargetAddr) {
	if !s.Status.Active() && s.Status != 0 {
		l.warn(d, "the row is not active, nothing is sent there")
		return
	}
	selects, informs := false, false
	for _, tag := range strings.Fields(s.TagList) {
		selects, informs = selects || l.selected[tag], informs || l.informed[tag]
	}
	if !selects {
		l.warn(d, "no %s line has a tag of the address, nothing is sent there", notifyTable)
	}
	params, ok := l.params[s.Params]
	if !ok {
		l.warn(d, "no parameters are called %q, nothing is sent there", s.Params)
		return
	}
	if params.MPModel == pdu.V1 && informs {
		l.warn(d, "a tag of the address is for informs, which SNMPv1 has not: they are traps there")
	}
	at, err := netip.ParseAddrPort(s.Endpoint())
	if params.MPModel == pdu.V3 || err != nil || l.policy == nil {
		return
	}
	if _, ok := l.policy.CommunityOf(params.SecurityName, "", at.Addr()); !ok {
		l.warn(d, "no community stands for %q there, nothing is sent", params.SecurityName)
	}
}

// principal looks at on whose behalf something is sent.
func (l *linter) principal(d snmpdconf.Directive, s *notify.TargetParams) {
	if !l.addressed[s.Name] {
		l.warn(d, "no address has the parameters %q, %s", s.Name, noEffect)
		return
	}
	if s.MPModel == pdu.V3 {
		u, ok := l.users[s.SecurityName]
		switch {
		case !ok:
			l.warn(d, "there is no createUser for user %q, nothing is sent", s.SecurityName)
			return
		case u.Level < s.SecurityLevel:
			l.warn(d, "user %q has no keys for %v, nothing is sent", s.SecurityName, s.SecurityLevel)
			return
		}
	}
	if l.policy == nil {
		return
	}
	q := &mib.Request{Version: s.MPModel, SecurityModel: s.SecurityModel, SecurityName: s.SecurityName, SecurityLevel: s.SecurityLevel}
	if _, err := l.policy.View(q, vacm.NotifyView); err != nil {
		l.warn(d, "the access lines give %q no notify view, nothing is sent", s.SecurityName)
	}
}
