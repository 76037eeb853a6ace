package main

import (
	"context"
	"errors"
	"fmt"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// A grant is a rule with the line that it comes from.
type grant struct {
	vacm.Statement
	user  string            // of a UserRule
	level pdu.SecurityLevel // of a UserRule
	line  snmpdconf.Directive
}

// community returns the function for rocommunity and its kin:
// COMMUNITY [SOURCE [OID]].
func community(writable, ipv6 bool) func(context.Context, *configuration, snmpdconf.Directive) error {
	return func(ctx context.Context, c *configuration, d snmpdconf.Directive) error {
		words := d.Words()
		if words[0] == "" {
			return errors.New("the community is missing")
		}
		rule := vacm.CommunityRule{Community: words[0], Writable: writable}
		source := ""
		if len(words) > 1 {
			source = words[1]
		}
		var err error
		if rule.Sources, err = parseSource(ctx, source, ipv6, c.lookUp); err != nil {
			return err
		}
		switch {
		case len(words) > 2 && words[2] == "-V":
			return errView
		case len(words) > 3:
			return fmt.Errorf("%d words are too many, expected COMMUNITY [SOURCE [OID]]", len(words))
		case len(words) == 3:
			if rule.Subtree, err = resolve(words[2]); err != nil {
				return err
			}
		}
		c.grants = append(c.grants, grant{Statement: rule, line: d})
		if d.OpenQuote() {
			return openQuote(d)
		}
		return nil
	}
}

var errView = errors.New("-V VIEW is not supported, expected an OID; the line gives no access")

// levels are the security levels of rouser and rwuser, in lower case.
var levels = map[string]pdu.SecurityLevel{
	"noauth": pdu.NoAuthNoPriv, "noauthnopriv": pdu.NoAuthNoPriv,
	"auth": pdu.AuthNoPriv, "authnopriv": pdu.AuthNoPriv,
	"priv": pdu.AuthPriv, "authpriv": pdu.AuthPriv,
}

// userAccess returns the function for rouser and rwuser:
// [-s usm] USER [noauth|auth|priv [OID]].
func userAccess(writable bool) func(context.Context, *configuration, snmpdconf.Directive) error {
	return func(_ context.Context, c *configuration, d snmpdconf.Directive) error {
		words := d.Words()
		if words[0] == "-s" {
			if len(words) < 2 || lower(words[1]) != "usm" {
				return errors.New("expected usm behind -s, there is no other security model for users; the line gives no access")
			}
			words = words[2:]
		}
		if len(words) == 0 || words[0] == "" {
			return errors.New("the user is missing, expected [-s usm] USER [noauth|auth|priv [OID]]")
		}
		rule := vacm.UserRule{User: words[0], Level: pdu.AuthNoPriv, Writable: writable}
		if len(words) > 1 {
			level, ok := levels[lower(words[1])]
			if !ok {
				return fmt.Errorf("%s is no security level, expected noauth, auth or priv; the line gives no access", d.Show(words[1]))
			}
			rule.Level = level
		}
		var err error
		switch {
		case len(words) > 2 && words[2] == "-V":
			return errView
		case len(words) > 3:
			return fmt.Errorf("%d words are too many, expected USER [noauth|auth|priv [OID]]", len(words))
		case len(words) == 3:
			if rule.Subtree, err = resolve(words[2]); err != nil {
				return err
			}
		}
		c.grants = append(c.grants, grant{rule, rule.User, rule.Level, d})
		return nil
	}
}

// statements returns the access policy.
func (c *configuration) statements() []vacm.Statement {
	list := make([]vacm.Statement, len(c.grants))
	for i, g := range c.grants {
		list[i] = g.Statement
	}
	return list
}

// checkUsers returns what is wrong with users and rules together: a rule without
// its user lets nobody in, nor does one for a level that the user has no keys for,
// and a user without a rule may do nothing.
func (c *configuration) checkUsers() (problems []error) {
	ruled := make(map[string]bool)
	for _, g := range c.grants {
		if g.user == "" {
			continue
		}
		ruled[g.user] = true
		switch highest, ok := c.highestLevel(g.user); {
		case !ok:
			problems = append(problems, g.line.Warnf("there is no user %q, expected a createUser for it", g.user))
		case highest < g.level:
			problems = append(problems, g.line.Warnf("user %q has no password for %v, the line gives no access", g.user, g.level))
		}
	}
	for _, u := range c.users {
		if !ruled[u.Name] {
			ruled[u.Name] = true // once is enough
			problems = append(problems, u.line.Warnf("user %q may do nothing, expected a rouser or rwuser for it", u.Name))
		}
	}
	return problems
}

// highestLevel returns the highest level that a user's passwords or keys are good
// for, and false if there is no such user.
func (c *configuration) highestLevel(name string) (level pdu.SecurityLevel, ok bool) {
	for _, u := range c.users {
		if u.Name == name {
			level, ok = max(level, u.highestLevel()), true
		}
	}
	return level, ok
}

func (u *user) highestLevel() pdu.SecurityLevel {
	switch {
	case !u.PrivPassword.IsEmpty() || len(u.PrivKey) > 0:
		return pdu.AuthPriv
	case !u.AuthPassword.IsEmpty() || len(u.AuthKey) > 0:
		return pdu.AuthNoPriv
	}
	return pdu.NoAuthNoPriv
}

// letsSomebodyIn reports whether there is any rule that somebody can come in by.
func (c *configuration) letsSomebodyIn() bool {
	for _, g := range c.grants {
		if g.user == "" {
			return true
		}
		if highest, ok := c.highestLevel(g.user); ok && highest >= g.level {
			return true
		}
	}
	return false
}

// errNobody is for a configuration that is of no use to anybody.
var errNobody = errors.New("the configuration lets nobody in: expected at least one correct rocommunity, rwcommunity, " +
	"rocommunity6 or rwcommunity6, or a rouser or rwuser with its createUser")
