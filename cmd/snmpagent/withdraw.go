package main

import (
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/cmd/internal/targetconf"
)

// withdraw takes away what managers have made, and whose lines an operator has deleted
// from the persistent file since, and reports whether there was something. What a
// manager has changed after that stays, and is kept again. The caller holds d.keeper.mu.
func (d *daemon) withdraw() (bool, error) {
	if d.keeper.state == nil {
		return false, nil
	}
	deleted, err := d.keeper.deleted()
	if err != nil {
		return false, err
	}
	access := deletedOf(d.keeper, deleted, d.policy.Kept(), accessconf.FormatManaged)
	targets := deletedOf(d.keeper, deleted, d.targets.Kept(), targetconf.Format)
	d.policy.Withdraw(access...)
	d.targets.Withdraw(targets...)
	return len(access)+len(targets) > 0, nil
}

// deletedOf returns those of a list of rows that an operator has deleted the lines of,
// and has the keeper forget these.
func deletedOf[S any](k *keeper, deleted map[string]map[string]bool, rows []S, format func(S) (directive, key, arguments string)) (list []S) {
	for _, row := range rows {
		directive, key, arguments := format(row)
		if known := k.known[directive]; deleted[directive][key] && known[key] == arguments {
			list = append(list, row)
			delete(known, key)
		}
	}
	return list
}
