package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"

	"snmpstack/agent"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
	"snmpstack/mib"
	"snmpstack/usm"
)

// settleUsers makes the users of an engine out of those of the configuration: of
// several with one name the last one, as with snmpd. It returns what an operator
// should know.
//
// Where the persistent file has passwords, keys localized to the engine take their
// place, here and in the file: whoever reads it then can go to this agent alone.
// Other files are never written: users of theirs are permanent. What managers have
// changed about one is a line of the persistent file that is permanent too, and counts
// until the one in the other file is changed.
func (c *configuration) settleUsers(p usm.Provider, engine usm.EngineID, state *agent.State) (notes []error, err error) {
	lines := make(map[int]newLine) // of the persistent file
	rewrite := false
	byName := make(map[string]int) // in settled
	c.ordinary = make(map[string]*user)
	configured := c.configuredUsers()
	for i, u := range configured {
		if !c.IsPersistent(u.line) && cmp.Or(u.engine, engine) == engine {
			c.ordinary[u.Name] = &configured[i]
		}
	}
	var settled []user
	for _, u := range configured {
		at := cmp.Or(u.engine, engine)
		switch kept := c.IsPersistent(u.line); {
		case !kept:
			u.StorageType = mib.Permanent
		case u.line.Is("createUser"):
			u.StorageType = mib.NonVolatile
			if u.User, err = localized(p, u.User, at); err != nil {
				return notes, u.line.Errorf("%w", err)
			}
			u.kept = usmUserArguments(at, &u.UserEntry)
			lines[u.line.Line], rewrite = newLine{u.line, "usmUser " + u.kept}, true
		default:
			u.kept = usmUserArguments(at, &u.UserEntry)
			if u.StorageType != mib.Permanent || at != engine {
				break
			}
			stale, err := c.settleChanged(p, engine, &u)
			if err != nil {
				return notes, err
			}
			if stale == nil {
				break
			}
			notes = append(notes, stale)
			if c.ordinary[u.Name] != nil {
				lines[u.line.Line], rewrite = newLine{instead: u.line}, true
			}
			continue
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
		if c.IsPersistent(u.line) && u.StorageType != mib.Permanent && c.ordinary[u.Name] != nil {
			// Who may make users must not make himself one that the operator names.
			notes = append(notes, u.line.Warnf("user %q is in %s:%d too, which counts; this line has no effect", u.Name, former.File, former.Line))
			lines[u.line.Line] = newLine{instead: u.line}
			continue
		}
		if c.IsPersistent(former) {
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
	text, err := os.ReadFile(c.PersistentPath())
	if err == nil {
		text, err = replaceLines(text, lines)
	}
	if err != nil {
		return notes, err
	}
	return notes, state.WriteFile(persistentFile, text)
}

// settleChanged is settleUsers for what managers have changed about a user of another
// file, u. stale says why it has no effect: the other file has him no more, or
// otherwise than then. Where there is no user a line was perhaps mistyped, and what
// was changed is good again when it has been corrected.
func (c *configuration) settleChanged(p usm.Provider, engine usm.EngineID, u *user) (stale, err error) {
	configured := c.ordinary[u.Name]
	if configured == nil {
		return u.line.Warnf("what managers changed about user %q has no effect: he is in no other file", u.Name), nil
	}
	of, err := configured.fingerprint(p, engine)
	if err != nil {
		return nil, configured.line.Errorf("%w", err)
	}
	if u.of != of {
		return u.line.Warnf("what managers changed about user %q has no effect any more: %s:%d has changed since", u.Name, configured.line.File, configured.line.Line), nil
	}
	u.Changed = true
	u.kept += " " + of
	return nil, nil
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

// fingerprint tells a user from the one that he was before somebody changed his line.
func (u *user) fingerprint(p usm.Provider, engine usm.EngineID) (string, error) {
	local, err := localized(p, u.User, engine)
	if err != nil {
		return "", err
	}
	defer clear(local.AuthKey)
	defer clear(local.PrivKey)
	sum := sha256.Sum256([]byte(usmUserArguments(engine, &agent.UserEntry{User: local, Public: u.Public, Status: u.Status})))
	return "0x" + hex.EncodeToString(sum[:16]), nil
}

// userTable is usmUserTable as it is kept: of the program's own users, who have lines
// in other files, those whom managers changed.
func (d *daemon) userTable() keptTable {
	engine := d.agent.Engine.ID()
	return keptTable{
		directive: "usmUser",
		key: func(line snmpdconf.Directive) (string, bool) {
			words := line.Words()
			if len(words) < 4 {
				return "", false
			}
			id, err := userconf.EngineID(words[2])
			name, nameErr := userconf.Octets(line, words, 3)
			return name, err == nil && nameErr == nil && id == engine
		},
		rows: func() (rows []keptRow, err error) {
			for _, e := range d.agent.KeptUsers() {
				arguments := usmUserArguments(engine, &e)
				clear(e.AuthKey)
				clear(e.PrivKey)
				if e.StorageType != mib.NonVolatile {
					configured := d.conf.ordinary[e.Name]
					if configured == nil {
						continue
					}
					of, err := configured.fingerprint(d.agent.SecurityProvider, engine)
					if err != nil {
						return nil, configured.line.Errorf("%w", err)
					}
					arguments += " " + of
				}
				rows = append(rows, keptRow{e.Name, arguments})
			}
			return rows, nil
		},
	}
}

// learnUsers makes the users of the persistent file those that the agent goes by, and
// returns the lines that it went by so far, by name. The caller holds d.keeper.mu.
func (d *daemon) learnUsers(users []user) (former map[string]string) {
	lines := make(map[string]string)
	for _, u := range users {
		if u.kept != "" {
			lines[u.Name] = u.kept
		}
	}
	return d.keeper.learn("usmUser", lines)
}

// addUsers adds the users of a configuration, but for those who are as they were
// before: whatever managers have done to them since stays. former is what learnUsers
// has returned, before the users of the former configuration.
func (d *daemon) addUsers(users []user, former map[string]string, before []user) error {
	var errs []error
	for _, u := range users {
		line, wasKept := former[u.Name]
		same := func(b user) bool { return reflect.DeepEqual(b.UserEntry, u.UserEntry) }
		if wasKept && line == u.kept || !wasKept && u.kept == "" && slices.ContainsFunc(before, same) {
			continue
		}
		if err := d.agent.AddUserEntry(u.UserEntry); err != nil {
			errs = append(errs, u.line.Errorf("%w", err))
		}
	}
	return errors.Join(errs...)
}

// removeUsers removes who was in the former configuration, or among those whom
// managers made and who are kept, and is not in the present one.
func (d *daemon) removeUsers(conf *configuration, former map[string]string, before []user) {
	names := slices.Collect(maps.Keys(former))
	for _, u := range before {
		names = append(names, u.Name)
	}
	for _, name := range names {
		if !conf.hasUser(name) {
			d.agent.RemoveUser(name)
		}
	}
}
