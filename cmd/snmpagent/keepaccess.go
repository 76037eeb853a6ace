package main

import (
	"errors"

	"snmpstack/cmd/internal/accessconf"
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
	return errors.Join(d.policy.Restore(d.started.Access.Managed()...), d.keeper.learnRows(d.accessTables()))
}
