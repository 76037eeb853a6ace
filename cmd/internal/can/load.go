package can

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/agentfiles"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
)

// Load reads what a configuration says about access, of the files that the daemon
// would read. The error is about one that cannot be read; notes are about what else
// somebody should know.
func Load(ctx context.Context, f Files, getenv func(string) (string, bool)) (c *Config, notes []error, err error) {
	var l loading
	l.loader.SearchPath = snmpdconf.SearchPath(getenv)
	l.stateDir, _ = getenv(agentfiles.StateDir)
	read, err := l.read(ctx, agentfiles.Configuration(f.Given, f.NoSearch, getenv)...)
	if err != nil {
		return nil, nil, err
	}
	if len(read) == 0 && len(f.Given) == 0 {
		l.rules.Add(BuiltIn)
	}
	if path := l.persistentPath(); path != "" && !slices.Contains(read, path) {
		if info, err := os.Stat(l.stateDir); err == nil && info.IsDir() {
			// It is the daemon's alone.
			if _, err := l.read(ctx, snmpdconf.File{Path: path, Section: snmpdconf.SectionAgent}); err != nil {
				notes = append(notes, err)
			}
		}
	}
	l.rules.Settle()
	return NewConfig(&l.rules, l.users, l.wrong), notes, nil
}

// Files are those to read.
type Files struct {
	Given    []snmpdconf.File
	NoSearch bool // not to look in $SNMPCONFPATH if none is given
}

// BuiltIn is what the daemon allows without a configuration.
var BuiltIn = vacm.CommunityRule{Community: "public", Origin: "built in"}

// NewConfig returns what rules that have been settled, and users, come to. wrong is
// how many lines have no effect, for they are wrong.
func NewConfig(rules *accessconf.Rules, users []accessconf.User, wrong int) *Config {
	return &Config{
		statements: append(rules.Statements(), rules.Managed()...), contexts: rules.Contexts(), users: users, wrong: wrong,
	}
}

// loading is the state of one Load.
type loading struct {
	loader   snmpdconf.Loader
	stateDir string
	rules    accessconf.Rules
	users    []accessconf.User
	wrong    int
}

// read reads files and returns which ones could be.
func (l *loading) read(ctx context.Context, files ...snmpdconf.File) (read []string, err error) {
	loaded := l.loader.Load(files...)
	for _, e := range loaded.Errors {
		if e.Line == 0 && !e.Warning {
			return nil, e
		}
		l.count(e)
	}
	for _, d := range loaded.Directives {
		l.count(l.apply(ctx, d))
	}
	return loaded.Files, nil
}

// count counts an error, unless it is a warning.
func (l *loading) count(err error) {
	if placed := (*snmpdconf.Error)(nil); err != nil && (!errors.As(err, &placed) || !placed.Warning) {
		l.wrong++
	}
}

// persistentPath returns the path of the persistent file, "" without a state
// directory, as far as the lines so far say.
func (l *loading) persistentPath() string {
	if l.stateDir == "" {
		return ""
	}
	return filepath.Join(l.stateDir, agentfiles.Persistent)
}

// apply carries out a directive that has to do with access.
func (l *loading) apply(ctx context.Context, d snmpdconf.Directive) error {
	if d.Is("persistentDir") && d.Section != snmpdconf.SectionAgentX {
		l.stateDir = d.Words()[0]
		return nil
	}
	if d.Section != snmpdconf.SectionAgent {
		return nil
	}
	var u *userconf.User
	var err error
	switch {
	case d.Is("createUser"):
		u, err = userconf.CreateUser(d)
	case d.Is("usmUser"):
		u, err = userconf.UsmUser(d)
	case accessconf.IsManaged(d) && d.File != l.persistentPath():
		return nil // the daemon too gives it no effect there
	default:
		if i := slices.IndexFunc(accessconf.Directives, func(row accessconf.Directive) bool { return d.Is(row.Name) }); i >= 0 {
			err = accessconf.Directives[i].Apply(ctx, &l.rules, d)
		}
		return err
	}
	if u != nil {
		l.users = append(l.users, accessconf.User{Name: u.Name, Level: userconf.Level(&u.UserEntry), Line: d})
	}
	return err
}
