package mib

import (
	"errors"
	"fmt"
	"slices"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A Table is a conceptual table (RFC 2578 §7.1.12): the objects that rows of the
// caller's type R have, and where the rows are.
//
//	interfaces := &mib.Rows[Interface]{
//		Index: func(x *mib.Index, i *Interface) { x.Int(&i.Index) },
//	}
//	err := mib.Table[Interface]{
//		Entry: ber.MustOID("1.3.6.1.2.1.2.2.1"),
//		Rows:  interfaces,
//		Columns: []mib.Column[Interface]{
//			{Arc: 1, Get: func(i *Interface) pdu.Value { return pdu.Integer(int32(i.Index)) }},
//			{Arc: 2, Get: func(i *Interface) pdu.Value { return pdu.OctetString(i.Name) }},
//		},
//	}.Register(tree)
//	…
//	err = interfaces.Store(rows) // as often as there is news
//
// Several tables may have the same Rows: one that AUGMENTS another, or one that
// has instances for some of the rows only.
type Table[R any] struct {
	// Entry is the OID of the row object, the one whose name ends with Entry.
	Entry ber.OID
	// Columns are the accessible columns, in any order.
	Columns []Column[R]

	// Rows holds the rows.
	Rows *Rows[R]
	// Source, if it is set, is asked for the rows at every request instead: it
	// may look at the SNMP context, or ask the device.
	Source func(r *Request) (*Snapshot[R], error)
	// Blocks says that Source may block.
	Blocks bool
}

// A Column is an object of a Table.
type Column[R any] struct {
	// Arc is the column's sub-identifier behind Entry.
	Arc uint32
	// Get returns the value of the column in a row, which it must not change.
	// The zero Value says that this row has no such instance.
	Get func(row *R) pdu.Value
}

// The reasons why a Table cannot be registered.
var (
	errTableRows   = errors.New("a Table needs Entry, Columns, and Rows with an Index or a Source")
	errColumn      = errors.New("a Column needs an Arc greater than 0 and Get")
	errColumnTwice = errors.New("another Column has the same Arc")
)

// Register adds the table to t.
func (tb Table[R]) Register(t *Tree) error {
	h, err := tb.Handler()
	if err != nil {
		return err
	}
	return t.Register(tb.Entry, h)
}

// Handler returns what Register registers at Entry.
func (tb Table[R]) Handler() (Handler, error) {
	h := &table[R]{Table: tb}
	if tb.Entry == "" || len(tb.Columns) == 0 || tb.Source == nil && (tb.Rows == nil || tb.Rows.Index == nil) {
		return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, errTableRows)
	}
	for _, c := range tb.Columns {
		if c.Arc == 0 || c.Get == nil {
			return nil, fmt.Errorf("mib: table %s, column %d: %w", tb.Entry, c.Arc, errColumn)
		}
		h.columns = append(h.columns, column[R]{c, tb.Entry.Append(c.Arc)})
	}
	slices.SortFunc(h.columns, func(a, b column[R]) int { return a.prefix.Compare(b.prefix) })
	for i := 1; i < len(h.columns); i++ {
		if h.columns[i].Arc == h.columns[i-1].Arc {
			return nil, fmt.Errorf("mib: table %s, column %d: %w", tb.Entry, h.columns[i].Arc, errColumnTwice)
		}
	}
	if tb.Rows != nil {
		if err := tb.Rows.reserve(tb.Entry.Len() + 1); err != nil {
			return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, err)
		}
	}
	return h, nil
}

// table is the Handler of a read-only Table.
type table[R any] struct {
	Table[R]
	columns []column[R] // in ascending order
}

type column[R any] struct {
	Column[R]
	prefix ber.OID // Entry and Arc
}

func (h *table[R]) Inline(op Operation) bool { return !h.Blocks }

func (h *table[R]) rows(r *Request) (*Snapshot[R], error) {
	if h.Source != nil {
		return h.Source(r)
	}
	return h.Rows.Load(), nil
}

// find splits what follows Entry in a name. It returns the number of the first
// column at or after it, whether the name lies in that column, and the index.
func (h *table[R]) find(rest ber.OID) (i int, found bool, key ber.OID) {
	if rest == "" {
		return 0, false, ""
	}
	i, found = slices.BinarySearchFunc(h.columns, rest.At(0), func(c column[R], arc uint32) int {
		switch {
		case c.Arc < arc:
			return -1
		case c.Arc > arc:
			return 1
		}
		return 0
	})
	if found {
		key = rest.Slice(1, rest.Len())
	}
	return i, found, key
}

// Get tells the exceptions apart as RFC 3416 §4.2.1 does: there is no object but
// in a column, and in a column every name is one of an instance that could be.
func (h *table[R]) Get(r *Request, name ber.OID) (pdu.Value, error) {
	i, found, key := h.find(name[len(h.Entry):])
	if !found {
		return pdu.NoSuchObject, nil
	}
	rows, err := h.rows(r)
	if err != nil {
		return pdu.Value{}, err
	}
	if row := rows.Get(key); row != nil {
		if v := h.columns[i].Get(row); !v.IsZero() {
			return v, nil
		}
	}
	return pdu.NoSuchInstance, nil
}

// Next goes through the columns one after the other (RFC 2578 §7.7: the column
// precedes the index in a name) and in each through the rows.
func (h *table[R]) Next(r *Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	var i int
	var key ber.OID
	switch {
	case from.HasPrefix(h.Entry):
		i, _, key = h.find(from[len(h.Entry):])
	case from > h.Entry:
		return 0, nil
	}
	rows, err := h.rows(r)
	if err != nil {
		return 0, err
	}
	for ; i < len(h.columns); i++ {
		c := &h.columns[i]
		for at := rows.seek(key); at.valid(); at.next() {
			v := c.Get(at.row())
			if v.IsZero() {
				continue // no such instance: the next one in the column follows
			}
			dst[n] = pdu.VarBind{Name: r.Arena.Join(c.prefix, at.key()), Value: v}
			if n++; n == len(dst) {
				return n, nil
			}
		}
		key = ""
	}
	return n, nil
}
