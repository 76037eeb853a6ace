// Package agentconf reads what a configuration says of who may do what: which files
// there are, which of their lines are about access and users, and what these come to.
// The daemon goes by it, which has more directives, and so do those who tell what the
// daemon would do.
package agentconf

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/privilege"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
)

// A Config is what the files come to.
type Config struct {
	Access     accessconf.Rules
	Users      []User // in the order of their lines
	StateDir   string // "": none
	BuiltIn    bool   // there is no configuration
	Files      []string
	Unreadable []error // what may have hidden something and could not be read

	Loader snmpdconf.Loader // how files are opened
}

// A User is an SNMPv3 user of a line.
type User struct {
	userconf.User
	Line snmpdconf.Directive
}

// BuiltIn is what is allowed without a configuration.
var BuiltIn = vacm.CommunityRule{Community: "public", Origin: "built in"}

// Load reads a configuration, the persistent file last: which one that is, the others
// say. apply carries out a directive, or nil for those of this package alone, which
// leaves out all others. It returns what is wrong, as errors of package snmpdconf, and
// is followed by Settle.
//
// The persistent file is whose the state directory is. So it includes no others, and a link
// is not followed for him (privilege.Open).
func (c *Config) Load(ctx context.Context, w Where, apply func(context.Context, snmpdconf.Directive) error) (problems []error) {
	if apply == nil {
		apply = c.Apply
	}
	c.StateDir, _ = w.Getenv(stateDirVariable)
	c.Loader.SearchPath = snmpdconf.SearchPath(w.Getenv)
	problems = c.read(ctx, &c.Loader, w.files(), apply)
	if len(c.Files) == 0 && len(w.Given) == 0 {
		c.BuiltIn = true
		c.Access.Add(BuiltIn)
	}
	if path := c.PersistentPath(); c.hasStateDir() && !slices.Contains(c.Files, path) {
		loader := c.Loader
		loader.NoIncludes = true
		loader.Open = func(path string) (io.ReadCloser, error) { return privilege.Open(path) }
		problems = append(problems, c.read(ctx, &loader, []snmpdconf.File{{Path: path, Section: snmpdconf.SectionAgent}}, apply)...)
	}
	return problems
}

// Settle draws the conclusions from all directives together, and returns what is wrong
// with them. It is called once, after Load.
func (c *Config) Settle() []error {
	return append(c.Access.Settle(), c.Access.CheckUsers(c.AccessUsers())...)
}

// read reads files and carries out their directives.
func (c *Config) read(ctx context.Context, loader *snmpdconf.Loader, files []snmpdconf.File, apply func(context.Context, snmpdconf.Directive) error) (problems []error) {
	loaded := loader.Load(files...)
	c.Files = append(c.Files, loaded.Files...)
	for _, e := range loaded.Errors {
		problems = append(problems, e)
		// A file that is there has lines that may hide something.
		failed := (*fs.PathError)(nil)
		if e.Line == 0 && !e.Warning || errors.As(e, &failed) && !errors.Is(e, fs.ErrNotExist) {
			c.Unreadable = append(c.Unreadable, e)
		}
	}
	return append(problems, Interpret(ctx, loaded.Directives, apply)...)
}

// Interpret carries out directives, and returns what is wrong with them as errors of
// package snmpdconf.
func Interpret(ctx context.Context, list []snmpdconf.Directive, apply func(context.Context, snmpdconf.Directive) error) (problems []error) {
	for _, d := range list {
		if err := apply(ctx, d); err != nil {
			var placed *snmpdconf.Error
			if !errors.As(err, &placed) {
				placed = d.Errorf("%w", err)
			}
			problems = append(problems, placed)
		}
	}
	return problems
}

// AccessUsers are the users, for the rules of access to be checked with.
func (c *Config) AccessUsers() []accessconf.User {
	list := make([]accessconf.User, len(c.Users))
	for i, u := range c.Users {
		list[i] = accessconf.User{Name: u.Name, Level: userconf.Level(&u.UserEntry), Line: u.Line}
	}
	return list
}
