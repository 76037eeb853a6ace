package notify

import (
	"errors"
	"fmt"

	"snmpstack/agent/internal/keep"
	"snmpstack/mib"
)

// Kept returns the rows that are to survive a restart, for Restore: those that managers
// have created and whose Storage is mib.NonVolatile, in the order of the tables. A row
// that is notReady is still being made, and not among them. AppendRows makes octets of them.
func (t *Targets) Kept() (rows []Statement) {
	rows = kept(rows, &t.addrs)
	rows = kept(rows, &t.params)
	rows = kept(rows, &t.notifies)
	rows = kept(rows, &t.profiles)
	return kept(rows, &t.filters)
}

func kept[R any, P row[R]](list []Statement, rows *mib.Rows[R]) []Statement {
	for _, r := range rows.Load().All() {
		if P(r).common().survives() {
			list = append(list, any(*r).(Statement))
		}
	}
	return list
}

// survives reports whether a row is a manager's and survives a restart (RFC 2579 §2,
// StorageType).
func (r *Row) survives() bool {
	return (r.Storage == mib.NonVolatile || r.Storage == mib.Permanent) && r.Status != mib.NotReady
}

var errNotKept = errors.New("it is not a row that Kept returns")

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
			err = errNotKept
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("notify: a %T cannot be put back: %w", s, err))
		}
	}
	return errors.Join(errs...)
}

func restore[R any, P row[R]](rows *mib.Rows[R], r R) error {
	common := P(&r).common()
	common.Origin = "" // it is a manager's
	if !common.survives() {
		return errNotKept
	}
	if err := P(&r).check(); err != nil {
		return err
	}
	return rows.Insert(r)
}

// Withdraw takes rows away that Kept has returned, as RowStatus destroy does (RFC 2579
// §2). One that has changed since stays.
func (t *Targets) Withdraw(rows ...Statement) {
	keep.Withdraw(&t.addrs, rows)
	keep.Withdraw(&t.params, rows)
	keep.Withdraw(&t.notifies, rows)
	keep.Withdraw(&t.profiles, rows)
	keep.Withdraw(&t.filters, rows)
}
