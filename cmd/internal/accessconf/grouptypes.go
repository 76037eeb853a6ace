package accessconf

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// authgroup, authaccess and setaccess give a group a view for each type that they name.
// Several of them for one row fill it together.
const (
	authGroupWords  = "TYPES [-s MODEL] GROUP [noauth|auth|priv [-V VIEW [CONTEXT]]]"
	authAccessWords = "TYPES [-s MODEL] GROUP VIEW [noauth|auth|priv [CONTEXT]]"
	setAccessWords  = "GROUP CONTEXT any|v1|v2c|usm noauth|auth|priv exact|prefix TYPES VIEW"
)

// viewTypes are types of which a view is for something here.
type viewTypes struct{ read, write, notify bool }

// parseTypes reads types between commas, bars or colons. Those that snmptrapd alone has
// a use for are none here.
func parseTypes(word string) (t viewTypes, ok bool) {
	list := strings.FieldsFunc(word, func(c rune) bool { return c == ',' || c == '|' || c == ':' })
	for _, name := range list {
		switch name {
		case "read":
			t.read = true
		case "write":
			t.write = true
		case "notify":
			t.notify = true
		case "log", "execute", "net":
		default:
			return t, false
		}
	}
	return t, len(list) > 0
}

// authGroup reads TYPES [-s MODEL] GROUP [LEVEL [-V VIEW [CONTEXT]]].
func authGroup(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	a, types, words, err := parseAuth(d, authGroupWords)
	if err != nil {
		return err
	}
	if len(words) > 0 {
		if a.Level, err = parseLevel(d, words[0]); err != nil {
			return err
		}
		words = words[1:]
	}
	view := vacm.All
	if len(words) > 0 {
		if words[0] != "-V" {
			return fmt.Errorf("an OID is not supported here, expected -V and a view that has it; %s", noAccess)
		}
		what, err := parseWhat(words, authGroupWords)
		if err != nil {
			return err
		}
		view, a.ContextPrefix, a.ContextMatch = what.view, what.context, what.match
	} else {
		a.ContextMatch = vacm.Prefix // all contexts, as with authuser
	}
	return r.addTypes(d, a, types, view)
}

// authAccess reads TYPES [-s MODEL] GROUP VIEW [LEVEL [CONTEXT]].
func authAccess(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	a, types, words, err := parseAuth(d, authAccessWords)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return missing("the view", authAccessWords)
	}
	if len(words) > 1 {
		if a.Level, err = parseLevel(d, words[1]); err != nil {
			return err
		}
	}
	a.ContextMatch = vacm.Exact
	if len(words) > 2 {
		prefix, all := strings.CutSuffix(words[2], "*")
		if a.ContextPrefix = prefix; all {
			a.ContextMatch = vacm.Prefix
		}
	}
	if err := r.addTypes(d, a, types, words[0]); err != nil {
		return err
	}
	return wordsTooMany(d, words, 3)
}

// parseAuth reads TYPES [-s MODEL] GROUP, and returns what follows them.
func parseAuth(d snmpdconf.Directive, expected string) (a vacm.Access, t viewTypes, rest []string, err error) {
	words := d.Words()
	a = vacm.Access{Model: pdu.SecurityModelUSM, Level: pdu.AuthNoPriv, Row: row(d)}
	t, ok := parseTypes(words[0])
	if !ok {
		return a, t, nil, fmt.Errorf("the first word is not a list of read, write and notify; %s", noAccess)
	}
	words = words[1:]
	if len(words) > 1 && words[0] == "-s" {
		if a.Model, err = parseModel(d, words[1]); err != nil {
			return a, t, nil, err
		}
		words = words[2:]
	}
	if len(words) == 0 || words[0] == "-s" {
		return a, t, nil, missing("the group", expected)
	}
	a.GroupName = words[0]
	return a, t, words[1:], nil
}

// setAccess reads GROUP CONTEXT MODEL LEVEL PREFIX and then TYPES VIEW, which is
// snmpd's order, or VIEW TYPES, which is its manual's.
func setAccess(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	words := d.Words()
	if len(words) < 7 {
		return missing("a word", setAccessWords)
	}
	a := vacm.Access{GroupName: words[0], ContextPrefix: words[1], Row: row(d)}
	var err error
	if a.Model, a.Level, a.ContextMatch, err = parseAccess(d, words[2:5]); err != nil {
		return err
	}
	types, ok := parseTypes(words[5])
	view := words[6]
	if !ok {
		types, ok = parseTypes(words[6])
		view = words[5]
	}
	if !ok {
		return fmt.Errorf("neither the sixth nor the seventh word is a list of read, write and notify; %s", noAccess)
	}
	if err := r.addTypes(d, a, types, view); err != nil {
		return err
	}
	return wordsTooMany(d, words, 7)
}

// addTypes adds a view for some types to the row of a group, which is a new one unless
// an earlier line of these directives has begun it.
func (r *Rules) addTypes(d snmpdconf.Directive, a vacm.Access, t viewTypes, view string) error {
	if t == (viewTypes{}) {
		return d.Warnf("it is not for reading, writing or being notified, which is what snmptrapd has a use for; the line has no effect")
	}
	i := slices.IndexFunc(r.entries, func(e entry) bool {
		former, ok := e.Statement.(vacm.Access)
		return ok && e.byTypes && former.GroupName == a.GroupName && former.ContextPrefix == a.ContextPrefix &&
			former.ContextMatch == a.ContextMatch && former.Model == a.Model && former.Level == a.Level
	})
	if i >= 0 {
		a = r.entries[i].Statement.(vacm.Access)
	}
	for _, x := range []struct {
		is   bool
		name *string
	}{{t.read, &a.ReadViewName}, {t.write, &a.WriteViewName}, {t.notify, &a.NotifyViewName}} {
		switch {
		case !x.is:
		case *x.name != "" && *x.name != view:
			return d.Warnf("%s gives the group another view for this already, the line has no effect", place(r.entries[i].line))
		default:
			*x.name = view
		}
	}
	if i >= 0 {
		if err := vacm.Check(a); err != nil {
			return fmt.Errorf("%w; %s", err, noAccess)
		}
		r.entries[i].Statement = a
		return nil
	}
	if err := r.add(d, a); err != nil {
		return err
	}
	r.entries[len(r.entries)-1].byTypes = true
	if a.ContextMatch == vacm.Exact {
		r.addContext(a.ContextPrefix)
	}
	return nil
}
