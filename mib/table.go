package mib

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

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
	// Source, if it is set, is asked for the rows instead: it may look at the SNMP
	// context, or ask the device. It is asked once for a request, so that all that the
	// request gets of the table is of the same moment (again if the request has to begin
	// anew, since another object of it blocks, or a SET has been carried out meanwhile).
	// No Snapshot is no rows. Where a Column has Set, Apply has to carry it out: the rows
	// are not ours.
	Source func(r *Request) (*Snapshot[R], error)
	// Blocks says that Source or a column's Get may block: wait for the network, a
	// disk, or a lock that is held for long. Without Blocks they run on the goroutine
	// that reads the socket: while they wait nobody is answered.
	Blocks bool

	// RowStatus and StorageType say where a row keeps what another table with the same
	// Rows has columns for, if this one AUGMENTS it (RFC 2578 §7.8.1) and a Column can
	// be written: rows are made and destroyed there, and abide by both here too. Default
	// and Required are of no effect here: there are New and Complete for that.
	//
	// A SET to both is tested and carried out there first. Validate and Apply of this
	// table get the row as that leaves it, as old: not nil for a row that the SET makes.
	RowStatus   func(row *R) *RowStatus
	StorageType func(row *R) *StorageType

	// What follows matters only if a Column can be written. All functions but
	// Apply change nothing but the row they are given: a SET may yet fail. None keeps
	// a row: its memory is used for other ones when the SET is over.

	// New fills in what the columns of a row that a manager creates do not: its
	// index is set already. It refuses with a pdu.ErrorStatus such as
	// pdu.InconsistentName. A table needs a RowStatus column for rows to be
	// created, but not New.
	New func(r *Request, row *R) error
	// Validate looks at a row as it would be after a SET, with all varbinds of the
	// SET that concern it. old is nil for a row that is created, row for one that
	// is destroyed. It refuses with pdu.InconsistentValue or another
	// pdu.ErrorStatus. A row that is not active may well be inconsistent yet.
	Validate func(r *Request, old, row *R) error
	// Complete reports whether a row has all that it needs to become active, where
	// Required columns do not say it; nil is yes. action is what the SET sets the
	// status column to, 0 if it does not. It changes nothing.
	Complete func(action RowStatus, row *R) bool
	// Apply makes the device do what the row says, before readers see it; old and
	// row are as for Validate. To undo a SET it is called with the two exchanged. An
	// error, whatever its status, is commitFailed for the one who asks: what can be
	// refused is refused by Validate. Rows that were abandoned are taken away with a
	// Request that is nobody's.
	Apply func(r *Request, old, row *R) error
	// Keep, if it is set, is called when a SET has changed rows whose StorageType is
	// nonVolatile or permanent, or was, before the SET is answered: it writes down what
	// is in Rows then, and may block. An error makes the SET fail, and undoes it. When
	// such a row has been abandoned, it is called too; an error is of no effect then.
	Keep func() error
	// SetBlocks says that one of the other functions or a column's may block, as
	// Blocks says it of Source. With Keep they are taken to.
	SetBlocks bool

	// MaxRows is the number of rows beyond which none can be created
	// (resourceUnavailable), 0 is no limit.
	MaxRows int
	// Counts says which rows MaxRows is about; nil is all.
	Counts func(row *R) bool
	// NoWait says that rows are created and activated at once: createAndWait and
	// notInService cannot be set.
	NoWait bool
	// CreateImplicitly lets a SET of any column create the row it belongs to,
	// which is then not active. Without it that is an inconsistentName.
	CreateImplicitly bool
	// Abandoned is how long a row may be neither active nor written to before it
	// is removed: 0 is the 5 minutes that RFC 2579 suggests, less is for ever.
	Abandoned time.Duration
}

// A Column is an object of a Table.
type Column[R any] struct {
	// Arc is the column's sub-identifier behind Entry, at least 1.
	Arc uint32
	// Get returns the value of the column in a row, which it must neither change nor
	// keep. The zero Value says that this row has no such instance.
	Get func(row *R) pdu.Value

	// Set assigns a value to the column in a copy of a row and changes nothing
	// else; nil makes the column read-only. It gets only values of type Syntax
	// that Check has accepted, may keep them, and may refuse one for the sake of this
	// row with a pdu.ErrorStatus such as pdu.InconsistentValue. That is sent as it is,
	// unlike that of a Scalar's Set: here the SET may yet fail, and the device is
	// told by Table.Apply.
	Set func(row *R, v pdu.Value) error
	// Syntax is the type that Set takes.
	Syntax pdu.Syntax
	// Check refuses values that no row could ever take, with a pdu.ErrorStatus such as
	// pdu.WrongValue; nil accepts all. v shares the memory of the request.
	Check func(r *Request, v pdu.Value) error
	// Default, if it is not zero, is what a new row gets that is created without
	// this column (RFC 2578 §7.9). It is of type Syntax, and Set gets it if Check
	// accepts it; else the row cannot be created without the column.
	Default pdu.Value
	// Required says that a row cannot be active while Get has no value.
	Required bool
	// NotWhileActive says that the column cannot be set while the row is active.
	NotWhileActive bool

	// RowStatus, StorageType or TestAndIncr says where a row keeps the value of a
	// column that has this textual convention. Get, Set, Syntax and Check are not
	// set then. A table has at most one RowStatus and one StorageType.
	RowStatus   func(row *R) *RowStatus
	StorageType func(row *R) *StorageType
	TestAndIncr func(row *R) *int32
}

// The reasons why a Table cannot be registered.
var (
	errTableRows   = errors.New("a Table needs Entry, Columns, and Rows with an Index or a Source")
	errColumn      = errors.New("a Column needs an Arc greater than 0 and Get, and with Set a Syntax")
	errCounter     = errors.New("a counter can never be written (RFC 2578 §7.1.6)")
	errColumnTwice = errors.New("another Column has the same Arc or textual convention")
	errDefault     = errors.New("the Default of a Column needs Set, and is of type Syntax")
	errConvention  = errors.New("a Column of a textual convention has no Get, Set, Syntax or Check of its own")
	errSource      = errors.New("rows that come from a Source have no RowStatus, and need Apply to be written to")
)

// Register adds the table to t. The error is Handler's or that of Tree.Register.
func (tb Table[R]) Register(t *Tree) error {
	h, err := tb.Handler()
	if err != nil {
		return err
	}
	return t.Register(tb.Entry, h)
}

// Handler returns what Register registers at Entry. The error says what a Table or Column
// lacks, has beside what excludes it, or has twice.
func (tb Table[R]) Handler() (Handler, error) {
	if err := tb.Entry.CheckPrefix(); err != nil {
		return nil, fmt.Errorf("mib: table: %w", err)
	}
	h := &table[R]{Table: tb, status: tb.RowStatus, storage: tb.StorageType}
	if tb.Entry == "" || len(tb.Columns) == 0 || tb.Source == nil && (tb.Rows == nil || tb.Rows.Index == nil) {
		return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, errTableRows)
	}
	writable := false
	for _, c := range tb.Columns {
		prefix := tb.Entry.Append(c.Arc)
		if err := prefix.Append(0).CheckEncodable(); err != nil { // there is no index shorter than that
			return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, err)
		}
		col := column[R]{Column: c, prefix: prefix, end: subtreeEnd(prefix), encoded: pdu.NewColumn(prefix)}
		if err := h.add(col); err != nil {
			return nil, fmt.Errorf("mib: table %s, column %d: %w", tb.Entry, c.Arc, err)
		}
		writable = writable || h.columns[len(h.columns)-1].assign != nil
	}
	slices.SortFunc(h.columns, func(a, b column[R]) int { return a.prefix.Compare(b.prefix) })
	if tb.Source != nil && (h.status != nil || writable && tb.Apply == nil) {
		return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, errSource)
	}
	if tb.Rows != nil {
		if err := tb.Rows.reserve(tb.Entry.Len() + 1); err != nil {
			return nil, fmt.Errorf("mib: table %s: %w", tb.Entry, err)
		}
	}
	if writable {
		return newWritableTable(h), nil
	}
	return h, nil
}

// add adds a column, after filling in what its textual convention says.
func (h *table[R]) add(c column[R]) error {
	conventions := 0
	if c.RowStatus != nil {
		if h.status != nil {
			return errColumnTwice
		}
		h.status = c.RowStatus
		conventions++
	}
	if c.StorageType != nil {
		if h.storage != nil {
			return errColumnTwice
		}
		h.storage = c.StorageType
		conventions++
	}
	if c.TestAndIncr != nil {
		conventions++
	}
	if conventions > 0 {
		if conventions > 1 || c.Get != nil || c.Set != nil || c.Syntax != 0 || c.Check != nil {
			return errConvention
		}
		h.adopt(&c)
	} else if c.Set != nil {
		c.assign = func(_, row *R, v pdu.Value) error { return c.Set(row, v) }
	}
	if c.Arc == 0 || c.Get == nil || c.Set != nil && c.Syntax == 0 {
		return errColumn
	}
	if c.Set != nil && isCounter(c.Syntax) {
		return errCounter
	}
	if !c.Default.IsZero() && (c.assign == nil || c.Default.Syntax() != c.Syntax) {
		return errDefault
	}
	for i := range h.columns {
		if h.columns[i].Arc == c.Arc {
			return errColumnTwice
		}
	}
	h.columns = append(h.columns, c)
	return nil
}

func isCounter(s pdu.Syntax) bool { return s == pdu.TypeCounter32 || s == pdu.TypeCounter64 }

// table is the Handler of a read-only Table.
type table[R any] struct {
	Table[R]
	columns []column[R]             // in ascending order
	status  func(row *R) *RowStatus // nil: no column has this convention, here or in a table that this one augments
	storage func(row *R) *StorageType
}

type column[R any] struct {
	Column[R]
	prefix  ber.OID    // Entry and Arc
	end     ber.OID    // of the names below prefix
	encoded pdu.Column // prefix
	// assign is Set, or what the textual convention has in its place. old is the
	// row before the SET, nil if it is being created. nil: read-only.
	assign func(old, row *R, v pdu.Value) error
}

func (h *table[R]) ordered() ber.OID { return h.Entry }

func (h *table[R]) Inline(op Operation) bool { return !h.Blocks }

// rows returns the rows, and whether release has to be called when they have been read.
func (h *table[R]) rows(r *Request) (rows *Snapshot[R], held bool, err error) {
	if h.Source == nil {
		rows, held = h.Rows.read()
		return rows, held, nil
	}
	for i := range r.sources {
		if s := &r.sources[i]; s.table == h {
			return s.rows.(*Snapshot[R]), false, nil
		}
	}
	rows, err = h.Source(r)
	if rows == nil {
		rows = &Snapshot[R]{}
	}
	if r.begun && err == nil {
		r.sources = append(r.sources, source{h, rows})
	}
	return rows, false, err
}

func (h *table[R]) release() { h.Rows.inPlace.reading.RUnlock() }

// find splits what follows Entry in a name. It returns the number of the first
// column at or after it, whether the name lies in that column, and the index.
func (h *table[R]) find(rest ber.OID) (i int, found bool, key ber.OID) {
	if rest == "" {
		return 0, false, ""
	}
	// Most tables have all columns from the first one on.
	arc := rest.At(0)
	if n := int64(arc) - int64(h.columns[0].Arc); n >= 0 && n < int64(len(h.columns)) && h.columns[n].Arc == arc {
		return int(n), true, rest.Slice(1, rest.Len())
	}
	i, found = slices.BinarySearchFunc(h.columns, arc, func(c column[R], arc uint32) int { return cmp.Compare(c.Arc, arc) })
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
	rows, held, err := h.rows(r)
	if held {
		defer h.release()
	}
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

// Next writes the names and values of cells.
func (h *table[R]) Next(r *Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	n, _, err = h.walk(r, from, endOfTree, len(dst), dst, nil)
	return n, err
}

// encode writes cells as they are in an answer: neither are names put together, nor
// taken apart again.
func (h *table[R]) encode(r *Request, from, end ber.OID, most int, list *pdu.List) (n int, last ber.OID, err error) {
	n, at, err := h.walk(r, from, end, most, nil, list)
	if n > 0 {
		last = r.Arena.Join(at.prefix, at.key)
	}
	return n, last, err
}

// A cellName is the name of a cell in its two parts.
type cellName struct{ prefix, key ber.OID }

// walk goes through the columns one after the other (RFC 2578 §7.7: the column
// precedes the index in a name) and in each through the rows, from a name on and up to
// but without end. Cells with a value go to list or, where that is nil, to dst: most of
// them, or until nothing is Left in list. It returns how many, and the last one in list.
func (h *table[R]) walk(r *Request, from, end ber.OID, most int, dst []pdu.VarBind, list *pdu.List) (n int, last cellName, err error) {
	var i int
	var key ber.OID
	switch {
	case from.HasPrefix(h.Entry):
		i, _, key = h.find(from[len(h.Entry):])
	case from > h.Entry:
		return 0, last, nil
	}
	rows, held, err := h.rows(r)
	if held {
		defer h.release()
	}
	if err != nil {
		return 0, last, err
	}
	empty := 0
	for ; i < len(h.columns); i++ {
		c := &h.columns[i]
		ends := end < c.end // in this column, or before it
		if ends && !end.HasPrefix(c.prefix) {
			return n, last, nil
		}
		for at := rows.seek(key); at.valid(); at.nextLeaf() {
			leaf, to := at.leaf, len(at.leaf.rows)
			if ends {
				to, _ = leaf.keys.search(end[len(c.prefix):])
			}
			for i := at.i; i < to; i++ {
				v, key := c.Get(&leaf.rows[i]), leaf.keys.at(i)
				switch {
				case v.IsZero(): // no such instance: the next one in the column follows
					if empty++; empty%emptyCells > 0 {
						continue
					}
					if n > 0 {
						return n, last, nil
					}
					if !r.step(1) {
						return 0, last, ErrTooFar
					}
					continue
				case list == nil:
					dst[n] = pdu.VarBind{Name: r.Arena.Join(c.prefix, key), Value: v}
				case isOdd(v) && !sendable(v), c.prefix.Len()+key.Len() > ber.MaxArcs:
					return n, last, ErrNoValue
				default:
					list.AddInstance(&c.encoded, key, v)
					last = cellName{c.prefix, key}
				}
				if n++; n == most || list != nil && list.Left() <= 0 {
					return n, last, nil
				}
			}
			if to < len(leaf.rows) {
				return n, last, nil
			}
		}
		key = ""
	}
	return n, last, nil
}

// isOdd reports whether v is of a type some values of which are not sendable.
func isOdd(v pdu.Value) bool { return v.IsException() || v.Syntax() == pdu.TypeObjectIdentifier }

// emptyCells are as much work as one instance.
const emptyCells = 128
