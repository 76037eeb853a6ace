package main

import (
	"context"
	"errors"

	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
)

// accessDirectives are the directives about access.
func accessDirectives() (list []directive) {
	for _, row := range accessconf.Directives {
		list = append(list, directive{row.Name, row.Help, "", func(ctx context.Context, c *configuration, d snmpdconf.Directive) error {
			if accessconf.IsManaged(d) && !c.isPersistent(d) {
				return errElsewhere(d)
			}
			return row.Apply(ctx, &c.access, d)
		}})
	}
	return list
}

// accessUsers are the users, for the rules of access to be checked with.
func (c *configuration) accessUsers() []accessconf.User {
	list := make([]accessconf.User, len(c.users))
	for i, u := range c.users {
		list[i] = accessconf.User{Name: u.Name, Level: userconf.Level(&u.UserEntry), Line: u.line}
	}
	return list
}

// hasUser reports whether there is a user of that name.
func (c *configuration) hasUser(name string) bool {
	for _, u := range c.users {
		if u.Name == name {
			return true
		}
	}
	return false
}

// errNobody is for a configuration that is of no use to anybody.
var errNobody = errors.New("the configuration lets nobody in: expected at least one correct rocommunity or rwcommunity, " +
	"a rouser or rwuser with its createUser, or a group with somebody in it and an access line")
