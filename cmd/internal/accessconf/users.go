package accessconf

import (
	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// A User is an SNMPv3 user whom the lines may be about.
type User struct {
	Name  string
	Level pdu.SecurityLevel // the highest one that there are keys for
	Line  snmpdconf.Directive
}

// byName returns users by their names: of several with one name the one with the most
// keys.
func byName(users []User) map[string]User {
	m := make(map[string]User, len(users))
	for _, u := range users {
		if former, ok := m[u.Name]; !ok || former.Level < u.Level {
			m[u.Name] = u
		}
	}
	return m
}

// CheckUsers returns what is wrong with users and lines together: a line for a user
// who does not exist lets nobody in, nor does one for a level that the user has no
// keys for, and a user without a line may do nothing.
func (r *Rules) CheckUsers(users []User) (problems []error) {
	known, ruled := byName(users), make(map[string]bool)
	for _, e := range r.entries {
		name, level := userOf(e.Statement)
		if name == "" {
			continue
		}
		ruled[name] = true
		switch u, ok := known[name]; {
		case !ok && e.any: // it is for communities too
		case !ok:
			problems = append(problems, e.line.Warnf("there is no user %q, expected a createUser for it; until then whoever may write usmUserTable can make it, and has what the line gives", name))
		case u.Level < level:
			problems = append(problems, e.line.Warnf("user %q has no password for %v, the line gives no access", name, level))
		}
	}
	for _, u := range users {
		if !ruled[u.Name] {
			ruled[u.Name] = true // once is enough
			problems = append(problems, u.Line.Warnf("user %q may do nothing, expected a rouser, rwuser or group for it", u.Name))
		}
	}
	return problems
}

// userOf returns the SNMPv3 user that a statement is about, and the least level.
func userOf(s vacm.Statement) (name string, level pdu.SecurityLevel) {
	switch s := s.(type) {
	case vacm.UserRule:
		return s.User, s.Level
	case vacm.SecurityToGroup:
		if s.Model == pdu.SecurityModelUSM {
			return s.SecurityName, pdu.NoAuthNoPriv
		}
	}
	return "", 0
}

func (r *Rules) isDisabled(m pdu.SecurityModel) bool {
	_, ok := r.Disabled[m]
	return ok
}

// LetsIn reports whether there is anybody that the lines let in: by a simple
// directive, or as a member of a group that has an access line.
func (r *Rules) LetsIn(users []User) bool {
	known := byName(users)
	if r.isDisabled(pdu.SecurityModelUSM) {
		known = nil
	}
	byCommunity := !r.isDisabled(pdu.SecurityModelV1) || !r.isDisabled(pdu.SecurityModelV2c)
	members := make(map[string]bool) // groups by name: whether somebody can be in it
	names := make(map[string]bool)   // of communities
	for _, e := range r.entries {
		switch s := e.Statement.(type) {
		case vacm.CommunityRule:
			if byCommunity {
				return true
			}
		case vacm.UserRule:
			if u, ok := known[s.User]; ok && u.Level >= s.Level {
				return true
			}
		case vacm.Community:
			names[s.SecurityName] = true
		}
	}
	for _, e := range r.entries {
		if s, ok := e.Statement.(vacm.SecurityToGroup); ok && !r.isDisabled(s.Model) {
			_, isUser := known[s.SecurityName]
			members[s.GroupName] = members[s.GroupName] || names[s.SecurityName] && s.Model != pdu.SecurityModelUSM ||
				isUser && s.Model == pdu.SecurityModelUSM
		}
	}
	for _, e := range r.entries {
		if s, ok := e.Statement.(vacm.Access); ok && members[s.GroupName] {
			return true
		}
	}
	return false
}
