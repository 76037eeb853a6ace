package notify

import (
	"errors"
	"fmt"

	"snmpstack/agent/internal/keep"
	"snmpstack/agent/internal/managed"
	"snmpstack/mib"
)

// Kept returns the rows that are to survive a restart, for Restore: those that managers
// have created and whose Storage is mib.NonVolatile, in the order of the tables. A row
// that is notReady is still being made, and not among them. AppendRows makes octets of them.
func (t *Targets) Kept() (rows []Statement) {
	rows = managed.Kept(rows, &t.addrs, (*TargetAddr).survives)
	rows = managed.Kept(rows, &t.params, (*TargetParams).survives)
	rows = managed.Kept(rows, &t.notifies, (*Notify).survives)
	rows = managed.Kept(rows, &t.profiles, (*FilterProfile).survives)
	return managed.Kept(rows, &t.filters, (*Filter).survives)
}

func (r *Row) survives() bool { return managed.Survives(r.Storage, r.Status) }

// Restore puts rows back that Kept has returned in an earlier run. It is called
// before Register: one that is not active will have been abandoned some time later. A
// row that a statement is about stays out, with an error that is mib.ErrDuplicate; so
// does one that is not right. The others are put back all the same.
func (t *Targets) Restore(rows ...Statement) error {
	var errs []error
	for _, s := range rows {
		var err error
		switch r := s.(type) {
		case TargetAddr:
			err = restore(&t.addrs, r)
		case TargetParams:
			err = restore(&t.params, r)
		case Notify:
			err = restore(&t.notifies, r)
		case FilterProfile:
			err = restore(&t.profiles, r)
		case Filter:
			err = restore(&t.filters, r)
		default:
			err = keep.ErrNotKept
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("notify: a %T cannot be put back: %w", s, err))
		}
	}
	return errors.Join(errs...)
}

func restore[R any, P row[R]](rows *mib.Rows[R], r R) error {
	*P(&r).origin() = "" // it is a manager's
	if !P(&r).survives() {
		return keep.ErrNotKept
	}
	if err := P(&r).check(); err != nil {
		return err
	}
	return rows.Insert(r)
}

// Withdraw takes rows away that Kept has returned, as RowStatus destroy does (RFC 2579
// §2). One that has changed since stays.
func (t *Targets) Withdraw(rows ...Statement) {
	managed.Withdraw(&t.addrs, rows)
	managed.Withdraw(&t.params, rows)
	managed.Withdraw(&t.notifies, rows)
	managed.Withdraw(&t.profiles, rows)
	managed.Withdraw(&t.filters, rows)
}
