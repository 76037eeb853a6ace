package vacm

import (
	"errors"
	"fmt"

	"snmpstack/agent/internal/keep"
	"snmpstack/agent/internal/managed"
	"snmpstack/mib"
)

// Kept returns the rows that are to survive a restart, for Restore: each a
// SecurityToGroup, an Access or a ViewTreeFamily that managers have created and whose
// Storage is mib.NonVolatile, in the order of the tables. One that is notReady is still
// being made, and not among them. AppendRows makes octets of them.
func (p *Policy) Kept() (rows []Statement) {
	rows = managed.Kept(rows, &p.groups, (*SecurityToGroup).survives)
	rows = managed.Kept(rows, &p.access, (*Access).survives)
	return managed.Kept(rows, &p.families, (*ViewTreeFamily).survives)
}

func (r *Row) survives() bool { return managed.Survives(r.Storage, r.Status) }

// HasManaged reports whether managers have made a part of the view called name.
func (p *Policy) HasManaged(name string) bool {
	for _, r := range p.families.Load().All() {
		if r.ViewName == name && r.managed() {
			return true
		}
	}
	return false
}

// Restore puts rows back that Kept has returned in an earlier run. It is called
// before Register: one that is not active will have been abandoned some time later. A
// row that a statement is about stays out, with an error that is mib.ErrDuplicate; so
// does one that is not right. The others are put back all the same.
func (p *Policy) Restore(rows ...Statement) error {
	var errs []error
	for _, s := range rows {
		var err error
		switch r := s.(type) {
		case SecurityToGroup:
			err = restore(&p.groups, r)
		case Access:
			err = restore(&p.access, r)
		case ViewTreeFamily:
			err = restore(&p.families, r)
		default:
			err = keep.ErrNotKept
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("vacm: a %T cannot be put back: %w", s, err))
		}
	}
	return errors.Join(errs...)
}

func restore[R any, P row[R]](rows *mib.Rows[R], r R) error {
	*P(&r).origin() = "" // it is a manager's
	if err := P(&r).check(); err != nil {
		return err
	}
	if !P(&r).survives() {
		return keep.ErrNotKept
	}
	return rows.Insert(r)
}

// Withdraw takes rows away that Kept has returned, as RowStatus destroy does (RFC 2579
// §2). One that has changed since stays.
func (p *Policy) Withdraw(rows ...Statement) {
	managed.Withdraw(&p.groups, rows)
	managed.Withdraw(&p.access, rows)
	managed.Withdraw(&p.families, rows)
}
