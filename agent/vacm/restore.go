package vacm

import (
	"errors"
	"fmt"

	"snmpstack/agent/internal/keep"
	"snmpstack/mib"
)

// Kept returns the rows that are to survive a restart, for Restore: each a
// SecurityToGroup, an Access or a ViewTreeFamily that managers have created and whose
// Storage is mib.NonVolatile, in the order of the tables. One that is notReady is still
// being made, and not among them. AppendRows makes octets of them.
func (p *Policy) Kept() (rows []Statement) {
	for _, r := range p.groups.Load().All() {
		if r.survives() {
			rows = append(rows, *r)
		}
	}
	for _, r := range p.access.Load().All() {
		if r.survives() {
			rows = append(rows, *r)
		}
	}
	for _, r := range p.families.Load().All() {
		if r.survives() {
			rows = append(rows, *r)
		}
	}
	return rows
}

// HasManaged reports whether managers have made a part of the view called name.
func (p *Policy) HasManaged(name string) bool {
	for _, r := range p.families.Load().All() {
		if r.ViewName == name && r.managed() {
			return true
		}
	}
	return false
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
func (p *Policy) Restore(rows ...Statement) error {
	var errs []error
	for _, row := range rows {
		var err error
		switch r := row.(type) {
		case SecurityToGroup:
			r.Origin = "" // it is a manager's
			err = restore(&p.groups, r, &r.Row, r.check())
		case Access:
			r.Origin = "" // it is a manager's
			err = restore(&p.access, r, &r.Row, r.check())
		case ViewTreeFamily:
			r.Origin = "" // it is a manager's
			err = restore(&p.families, r, &r.Row, r.check())
		default:
			err = errNotKept
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("vacm: a %T cannot be put back: %w", row, err))
		}
	}
	return errors.Join(errs...)
}

func restore[R any](rows *mib.Rows[R], row R, common *Row, wrong error) error {
	switch {
	case wrong != nil:
		return wrong
	case !common.survives():
		return errNotKept
	}
	return rows.Insert(row)
}

// Withdraw takes rows away that Kept has returned, as RowStatus destroy does (RFC 2579
// §2). One that has changed since stays.
func (p *Policy) Withdraw(rows ...Statement) {
	keep.Withdraw(&p.groups, rows)
	keep.Withdraw(&p.access, rows)
	keep.Withdraw(&p.families, rows)
}
