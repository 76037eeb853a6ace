package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"

	"snmpstack/agent"
	"snmpstack/mib"
	"snmpstack/usm"
)

// settleUsers makes the users of an engine out of those of the configuration: of
// several with one name the last one, as with snmpd. It returns what an operator
// should know.
//
// Where the persistent file has passwords, keys localized to the engine take their
// place, here and in the file: whoever reads it then can go to this agent alone. Of the
// users it has, the lines that another line goes before are taken out of it: whoever
// deletes that one must not have the other user come back, with keys that are forgotten.
// Other files are never written: users of theirs are permanent. What managers have
// changed about one is a line of the persistent file that is permanent too, and counts
// until the one in the other file is changed.
func (c *configuration) settleUsers(p usm.Provider, engine usm.EngineID, state *agent.State) (notes []error, err error) {
	s := userSettler{c: c, provider: p, engine: engine, byName: make(map[string]int), lines: make(map[int]newLine)}
	configured := c.configuredUsers()
	c.ordinary = make(map[string]*user)
	for i, u := range configured {
		if !c.IsPersistent(u.line) && s.isHere(&u) {
			c.ordinary[u.Name] = &configured[i]
		}
	}
	for _, u := range configured {
		if err := s.settle(u); err != nil {
			return s.notes, err
		}
	}
	c.users = s.users
	if len(s.lines) == 0 {
		return s.notes, nil
	}
	text, err := os.ReadFile(c.PersistentPath())
	if err == nil {
		text, err = replaceLines(text, s.lines)
	}
	if err != nil {
		return s.notes, err
	}
	return s.notes, state.WriteFile(persistentFile, text)
}

// A userSettler is settleUsers at work.
type userSettler struct {
	c        *configuration
	provider usm.Provider
	engine   usm.EngineID

	users  []user
	byName map[string]int  // in users
	lines  map[int]newLine // of the persistent file, which must not stay as they are
	notes  []error
}

// at returns the engine that a line has its user at.
func (s *userSettler) at(u *user) usm.EngineID { return cmp.Or(u.engine, s.engine) }

func (s *userSettler) isHere(u *user) bool { return s.at(u) == s.engine }

// settle takes the user of a line, and what it says of his row.
func (s *userSettler) settle(u user) (err error) {
	switch {
	case !s.c.IsPersistent(u.line):
		u.StorageType = mib.Permanent
	case u.line.Is("createUser"):
		u.StorageType = mib.NonVolatile
		if u.User, err = localized(s.provider, u.User, s.at(&u)); err != nil {
			return u.line.Errorf("%w", err)
		}
		u.kept = usmUserArguments(s.at(&u), &u.UserEntry)
		s.lines[u.line.Line] = newLine{u.line, "usmUser " + u.kept}
	default:
		u.kept = usmUserArguments(s.at(&u), &u.UserEntry)
		if u.StorageType == mib.Permanent && s.isHere(&u) {
			stale, err := s.settleChanged(&u)
			if err != nil || stale {
				return err
			}
		}
	}
	if !s.isHere(&u) {
		s.notes = append(s.notes, u.line.Warnf("user %q is one of engine %v, this agent is %v; the line has no effect", u.Name, s.at(&u), s.engine))
		return nil
	}
	s.add(u)
	return nil
}

// add adds a user, or puts him in the place of the one of another line.
func (s *userSettler) add(u user) {
	i, again := s.byName[u.Name]
	if !again {
		s.byName[u.Name] = len(s.users)
		s.users = append(s.users, u)
		return
	}
	former := s.users[i].line
	if s.c.IsPersistent(u.line) && u.StorageType != mib.Permanent && s.c.ordinary[u.Name] != nil {
		// Who may make users must not make himself one that the operator names.
		s.notes = append(s.notes, u.line.Warnf("user %q is in %s:%d too, which counts; this line is taken out", u.Name, former.File, former.Line))
		s.lines[u.line.Line] = newLine{instead: u.line}
		return
	}
	if s.c.IsPersistent(former) {
		s.lines[former.Line] = newLine{instead: former}
	} else {
		s.notes = append(s.notes, former.Warnf("user %q is in %s:%d too; this line has no effect", u.Name, u.line.File, u.line.Line))
	}
	s.users[i] = u
}

// settleChanged is settle for what managers have changed about a user of another file, u.
// It is stale, and has no effect, if the other file has him no more, or otherwise than
// then. Where there is no user a line was perhaps mistyped, and what was changed is good
// again when it has been corrected.
func (s *userSettler) settleChanged(u *user) (stale bool, err error) {
	configured := s.c.ordinary[u.Name]
	if configured == nil {
		s.notes = append(s.notes, u.line.Warnf("what managers changed about user %q has no effect: he is in no other file", u.Name))
		return true, nil
	}
	of, err := configured.fingerprint(s.provider, s.engine)
	if err != nil {
		return false, configured.line.Errorf("%w", err)
	}
	if u.of != of {
		s.notes = append(s.notes, u.line.Warnf("what managers changed about user %q has no effect any more: %s:%d has changed since", u.Name, configured.line.File, configured.line.Line))
		s.lines[u.line.Line] = newLine{instead: u.line}
		return true, nil
	}
	u.Changed = true
	u.kept += " " + of
	return false, nil
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
