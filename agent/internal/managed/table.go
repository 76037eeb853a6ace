// Package managed has what the tables of packages vacm and notify have in common: their
// rows are statements of the program, which managers read, and rows of the managers' own,
// which they change and which survive a restart. Package keep makes octets of these.
//
// In the order in which a row meets them: draft.go makes rows of statements, table.go and
// column.go serve them, kept.go finds those that survive, and takes them away.
package managed

import (
	"errors"
	"sync"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// MaxRows is how many rows managers can create in each table.
const MaxRows = 10000

// Table returns what the tables have in common; Columns are still to come. managed
// reports whether a row is a manager's, creatable whether there can be a row with the
// index that a manager names: otherwise it "could not ever be created" (RFC 3416 §4.2.5
// (7)). It may give the row what it has from its beginning.
func Table[R any](entry ber.OID, rows *mib.Rows[R], managed, creatable func(*R) bool, keep func() error) mib.Table[R] {
	return mib.Table[R]{
		Entry: entry, Rows: rows,
		New: func(_ *mib.Request, r *R) error {
			if !creatable(r) {
				return pdu.NoCreation
			}
			return nil
		},
		MaxRows: MaxRows, Counts: managed,
		Keep: keep,
	}
}

// Serial returns Keep for several tables, whose SETs call it one after the other: of two
// calls that overlap, the list that was made first might be written last. nil stays nil.
func Serial(keep func() error) func() error {
	if keep == nil {
		return nil
	}
	var mu sync.Mutex
	return func() error {
		mu.Lock()
		defer mu.Unlock()
		return keep()
	}
}

// Objects are those of a MIB. All trees get the same handlers: that is where SETs wait
// for each other.
type Objects []Object

// An Object is an object or a table, with what it is registered for.
type Object struct {
	Prefix  ber.OID
	Handler mib.Handler
}

// AddSpinLock adds a TestAndIncr (RFC 2579 §2).
func (o *Objects) AddSpinLock(at ber.OID) {
	*o = append(*o, Object{at, mib.NewTestAndIncr(at).Handler()})
}

// AddTable adds a table. It panics where mib.Table.Handler has an error.
func AddTable[R any](o *Objects, t mib.Table[R]) {
	h, err := t.Handler()
	if err != nil {
		panic(err)
	}
	*o = append(*o, Object{t.Entry, h})
}

// Register adds the objects to a tree. The error is that of a tree which has one of them
// already, and may have some of the others then.
func (o Objects) Register(tree *mib.Tree) error {
	var err error
	for _, object := range o {
		err = errors.Join(err, tree.Register(object.Prefix, object.Handler))
	}
	return err
}
