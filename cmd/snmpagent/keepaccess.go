package main

import (
	"errors"

	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/snmpdconf"
)

// accessTables are the tables of access as they are kept: what managers have made.
func (d *daemon) accessTables() (tables []keptTable) {
	for _, directive := range accessconf.ManagedDirectives {
		tables = append(tables, keptTable{
			directive: directive,
			key:       accessconf.ManagedKey,
			rows: func() (rows []keptRow, err error) {
				for _, s := range d.policy.Kept() {
					if of, key, arguments := accessconf.FormatManaged(s); of == directive {
						rows = append(rows, keptRow{key, arguments})
					}
				}
				return rows, nil
			},
		})
	}
	return tables
}

// restoreAccess puts back what managers had made before the agent was started, and
// makes their lines those that it goes by.
func (d *daemon) restoreAccess() error {
	return errors.Join(d.policy.Restore(d.started.access.Managed()...), d.keeper.learnRows(d.accessTables()))
}

// errElsewhere is for a line of managers' rows that no manager can take away.
func errElsewhere(d snmpdconf.Directive) error {
	return d.Warnf("the line has a meaning in %s of the state directory only, and no effect here", persistentFile)
}
