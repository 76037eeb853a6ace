package agentconf

import (
	"context"

	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
)

// A Directive is one that this package understands.
type Directive struct {
	Name, Help string
	Section    string // "" is snmpd's
	Apply      func(ctx context.Context, c *Config, d snmpdconf.Directive) error
}

// Directives are those that this package understands.
var Directives = append(append(access(), versions()...), []Directive{
	{"createUser", "[-e ENGINEID] USER [AUTH [-m|-l] SECRET [PRIV [[-m|-l] SECRET]]]", "", user(userconf.CreateUser)},
	{"usmUser", "STATUS STORAGE ENGINEID NAME SECURITYNAME CLONEFROM AUTH KEY PRIV KEY [PUBLIC]", "", user(userconf.UsmUser)},
	{"persistentDir", "DIRECTORY", snmpdconf.SectionLibrary, persistentDir},
	{"persistentDir", "DIRECTORY", "", persistentDir},
}...)

// Is reports whether a line is one of the directive.
func (row *Directive) Is(d snmpdconf.Directive) bool {
	return d.Is(row.Name) && (d.Section == row.Section || d.Section == snmpdconf.SectionAgent && row.Section == "")
}

// Apply carries a directive out, if it is one of this package.
func (c *Config) Apply(ctx context.Context, d snmpdconf.Directive) error {
	for _, row := range Directives {
		if row.Is(d) {
			return row.Apply(ctx, c, d)
		}
	}
	return nil
}

// access are the directives of package accessconf.
func access() (list []Directive) {
	for _, row := range accessconf.Directives {
		list = append(list, Directive{row.Name, row.Help, "", func(ctx context.Context, c *Config, d snmpdconf.Directive) error {
			if accessconf.IsManaged(d) && !c.IsPersistent(d) { // no manager could take it away
				return d.Warnf("the line has a meaning in %s of the state directory only, and no effect here", Persistent)
			}
			return row.Apply(ctx, &c.Access, d)
		}})
	}
	return list
}

// user returns the function that adds the user of a line, if it makes one.
func user(parse func(snmpdconf.Directive) (*userconf.User, error)) func(context.Context, *Config, snmpdconf.Directive) error {
	return func(_ context.Context, c *Config, d snmpdconf.Directive) error {
		u, err := parse(d)
		if u != nil {
			c.Users = append(c.Users, User{User: *u, Line: d})
		}
		return err
	}
}

func persistentDir(_ context.Context, c *Config, d snmpdconf.Directive) error {
	c.StateDir = d.Words()[0]
	return nil
}
