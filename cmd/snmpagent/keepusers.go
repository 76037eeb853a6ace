package main

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/userconf"
	"snmpstack/mib"
)

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
