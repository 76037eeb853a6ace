package managed

import (
	"fmt"
	"slices"

	"snmpstack/ber"
	"snmpstack/mib"
)

// A Draft is the rows of one table that statements make: they differ in their index.
type Draft[R comparable] struct {
	index  func(*mib.Index, *R)
	origin func(*R) *string
	rows   []R
	byKey  map[ber.OID]int // in rows
}

// NewDraft returns a draft without rows. origin is where a row says where it comes from,
// which two statements about one row may differ in.
func NewDraft[R comparable](index func(*mib.Index, *R), origin func(*R) *string) Draft[R] {
	return Draft[R]{index: index, origin: origin, byKey: make(map[ber.OID]int)}
}

// Len returns the number of rows.
func (d *Draft[R]) Len() int { return len(d.rows) }

// Add adds a row that has been checked. name is what an error calls it: that another
// statement is about the same row, and says something else.
func (d *Draft[R]) Add(row R, name string) error {
	key, err := (&mib.Rows[R]{Index: d.index}).Key(&row)
	if err != nil {
		return err
	}
	i, ok := d.byKey[key]
	if !ok {
		d.byKey[key] = len(d.rows)
		d.rows = append(d.rows, row)
		return nil
	}
	former := d.rows[i]
	origin := *d.origin(&former)
	*d.origin(&former) = *d.origin(&row)
	switch {
	case former == row:
		return nil
	case origin != "":
		return fmt.Errorf("another statement is about the same %s, that of %s", name, origin)
	}
	return fmt.Errorf("another statement is about the same %s", name)
}

// Replace makes the draft the rows of a table, with those that were there and stay. It
// begins again when a manager has changed rows meanwhile. The error is about a row that
// has no index.
func (d *Draft[R]) Replace(rows *mib.Rows[R], stays func(*R) bool) error {
	for {
		list, now := slices.Clone(d.rows), rows.Load()
		for key, row := range now.All() {
			if _, ok := d.byKey[key]; !ok && stays(row) {
				list = append(list, *row)
			}
		}
		if done, err := rows.Swap(now, list); done || err != nil {
			return err
		}
	}
}
