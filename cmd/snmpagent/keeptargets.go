package main

import (
	"errors"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/cmd/internal/targetconf"
)

// targetTables are the tables of who is told as they are kept: what managers have made.
func (d *daemon) targetTables() (tables []keptTable) {
	for _, directive := range targetconf.ManagedDirectives {
		tables = append(tables, keptTable{
			directive: directive,
			room:      roomOfTargets,
			key:       targetconf.Key,
			rows: func() (rows []keptRow, err error) {
				for _, s := range d.targets.Kept() {
					if of, key, arguments := targetconf.Format(s); of == directive {
						rows = append(rows, keptRow{key, arguments})
					}
				}
				return rows, nil
			},
		})
	}
	return tables
}

// roomOfTargets is more than ten thousand rows take as a rule: 2 MiB of the file's 16 for
// each of the five tables.
const roomOfTargets = snmpdconf.MaxFile / 8

// restoreTargets puts back what managers had made before the agent was started, and
// makes their lines those that it goes by.
func (d *daemon) restoreTargets() error {
	return errors.Join(d.targets.Restore(d.started.targets.Managed()...), d.keeper.learnRows(d.targetTables()))
}

// lintTargets returns what lines about who is told name that there is not.
func (c *configuration) lintTargets() []error {
	// A policy that cannot be made is told of elsewhere.
	policy, _ := vacm.New(append(c.Access.Statements(), c.Access.Managed()...)...)
	return c.targets.Lint(policy, c.AccessUsers())
}
