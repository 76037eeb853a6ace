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

// withdrawAccess takes away what managers have made, and whose lines an operator has
// deleted from the persistent file since. What a manager has changed after that stays,
// and is kept again. The caller holds d.keeper.mu.
func (d *daemon) withdrawAccess() error {
	if d.keeper.state == nil {
		return nil
	}
	deleted, err := d.keeper.deleted()
	if err != nil {
		return err
	}
	for _, row := range d.policy.Kept() {
		directive, key, arguments := accessconf.FormatManaged(row)
		if known := d.keeper.known[directive]; deleted[directive][key] && known[key] == arguments {
			d.policy.Withdraw(row)
			delete(known, key)
		}
	}
	return nil
}
