package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"snmpstack/agent"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/usm"
)

// persistentFile is the file in the state directory that is read like a
// configuration file, and in which the agent replaces passwords by keys.
const persistentFile = "snmpagent.conf"

// persistentPath returns the path of the persistent file, "" without a state
// directory.
func (c *configuration) persistentPath() string {
	if c.stateDir == "" {
		return ""
	}
	return filepath.Join(c.stateDir, persistentFile)
}

// settleUsers makes the users of an engine out of those of the configuration: of
// several with one name the last one, as with snmpd. It returns what an operator
// should know.
//
// Where the persistent file has passwords, keys localized to the engine take their
// place, here and in the file: whoever reads it then can go to this agent alone.
// Other files are never written.
func (c *configuration) settleUsers(p usm.Provider, engine usm.EngineID, state *agent.State) (notes []error, err error) {
	lines := make(map[int]newLine) // of the persistent file
	rewrite := false
	byName := make(map[string]int) // in settled
	var settled []user
	for _, u := range c.users {
		kept := c.isPersistent(u.line)
		at := cmp.Or(u.engine, engine)
		if kept && u.line.Is("createUser") {
			if u.User, err = localized(p, u.User, at); err != nil {
				return notes, u.line.Errorf("%w", err)
			}
			lines[u.line.Line], rewrite = newLine{u.line, usmUserLine(at, u.User)}, true
		}
		if at != engine {
			notes = append(notes, u.line.Warnf("user %q is one of engine %v, this agent is %v; the line has no effect", u.Name, at, engine))
			continue
		}
		i, again := byName[u.Name]
		if !again {
			byName[u.Name] = len(settled)
			settled = append(settled, u)
			continue
		}
		former := settled[i].line
		if c.isPersistent(former) {
			lines[former.Line] = newLine{instead: former}
		} else {
			notes = append(notes, former.Warnf("user %q is in %s:%d too; this line has no effect", u.Name, u.line.File, u.line.Line))
		}
		settled[i] = u
	}
	c.users = settled
	if !rewrite {
		return notes, nil
	}
	text, err := os.ReadFile(c.persistentPath())
	if err == nil {
		text, err = replaceLines(text, lines)
	}
	if err != nil {
		return notes, err
	}
	return notes, state.WriteFile(persistentFile, text)
}

// hasStateDir reports whether there is a state directory already. One that is none
// is an error when it is opened.
func (c *configuration) hasStateDir() bool {
	info, err := os.Stat(c.stateDir)
	return err == nil && info.IsDir()
}

// isPersistent reports whether a line is one of the persistent file.
func (c *configuration) isPersistent(d snmpdconf.Directive) bool {
	return c.stateDir != "" && d.File == c.persistentPath()
}

// localized returns a user with localized keys in the place of what it has.
func localized(p usm.Provider, u usm.User, engine usm.EngineID) (usm.User, error) {
	authKey, privKey, err := usm.LocalizedKeys(p, u, engine)
	return usm.User{
		Name: u.Name,
		Auth: u.Auth, AuthKey: authKey, Priv: u.Priv, PrivKey: privKey,
		Localized: true, AllowLower: u.AllowLower,
	}, err
}

// A newLine is what comes instead of a line that a directive stands in: nothing if
// text is empty.
type newLine struct {
	instead snmpdconf.Directive
	text    string
}

// replaceLines replaces lines of a text by their number, from 1. It is an error if
// one of them is not what it was when the directives were read.
func replaceLines(text []byte, lines map[int]newLine) ([]byte, error) {
	var out bytes.Buffer
	n, replaced := 0, 0
	for line := range strings.Lines(string(text)) {
		n++
		new, ok := lines[n]
		switch {
		case !ok:
			out.WriteString(line)
			continue
		case !strings.Contains(line, new.instead.Name) || !strings.Contains(line, new.instead.Rest):
			return nil, new.instead.Errorf("the file was changed while it was read")
		case new.text == "":
		case strings.HasPrefix(strings.TrimSpace(line), "["): // a section for this line alone
			fmt.Fprintf(&out, "[snmpd] %s\n", new.text)
		default:
			fmt.Fprintln(&out, new.text)
		}
		replaced++
	}
	if replaced < len(lines) {
		return nil, errors.New("the persistent file was changed while it was read")
	}
	return out.Bytes(), nil
}
