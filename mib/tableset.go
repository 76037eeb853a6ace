package mib

import (
	"errors"
	"slices"
	"sync"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// writableTable is a table that is a Setter too.
type writableTable[R any] struct {
	*table[R]

	setting   sync.Mutex           // held from Test to Close
	idle      *tableChange[R]      // for the next SET; nil: there is none
	abandoned map[ber.OID]*waiting // for the rows that are not active
}

func newWritableTable[R any](t *table[R]) *writableTable[R] {
	h := &writableTable[R]{table: t, abandoned: make(map[ber.OID]*waiting)}
	if h.Source == nil {
		h.Rows.overwriting()
	}
	if h.status != nil {
		h.setting.Lock()
		defer h.setting.Unlock()
		for key, row := range h.Rows.Load().All() {
			h.watch(key, row)
		}
	}
	return h
}

func (h *writableTable[R]) Inline(op Operation) bool {
	return !h.Blocks && (op == Read || !h.SetBlocks && h.Keep == nil)
}

// An edit is what one SET wants of one row.
type edit[R any] struct {
	key      ber.OID
	first    int       // varbind that names the row first, from 1
	cells    []cell    // what is assigned, by column
	status   RowStatus // what the status column is set to, 0: nothing
	statusAt int
	failed   bool
	old, row *R       // before and after: was and next, or what another part of the SET has
	leaf     *node[R] // which has the row that is there; nil: there is none
	i        int      // its number in it
	was      R        // a copy of it
	next     R        // room for row

	// A part of the same SET that comes before this one may have changed the row, which
	// is old then, or destroyed it, in which case there is nothing to do. former is
	// what is there before the SET.
	joined, gone bool
	former       *R
}

// A cell is a value for a column of a row.
type cell struct {
	column, at int
	value      pdu.Value
}

// blame returns the varbind that is at fault where the row as a whole is.
func (e *edit[R]) blame() int {
	if e.status != 0 {
		return e.statusAt
	}
	return e.first
}

// errIndexChanged tells the owner of a table that its functions do what they
// must not.
var errIndexChanged = errors.New("the table's New, or the Set of a column, changed the index of a row")

// Test looks at the rows that the SET concerns one by one, each with all that is
// assigned to it, so that the order of varbinds does not matter (RFC 2579 §2,
// RowStatus). Of several values for one instance the last is assigned.
func (h *writableTable[R]) Test(r *Request, vbs []pdu.VarBind) (_ Change, err error) {
	h.setting.Lock()
	c, tested := h.idle, false
	if h.idle = nil; c == nil {
		c = &tableChange[R]{h: h, byKey: make(map[ber.OID]int)}
	}
	defer func() {
		// After an error, or a panic in a function of the owner's, others may still look
		// into c: see join. It is not used again.
		if !tested {
			h.setting.Unlock()
		}
	}()
	err = c.test(r, vbs)
	if len(r.set.parts) > 1 && h.Source == nil {
		r.set.plans = append(r.set.plans, c)
	}
	if err != nil {
		return nil, err
	}
	tested = true
	return c, nil
}

// comesLast: rows are made and destroyed by a table that has a column for that, and only
// then have columns in this one.
func (h *writableTable[R]) comesLast() bool {
	return !slices.ContainsFunc(h.columns, func(c column[R]) bool { return c.RowStatus != nil })
}

// test works out what becomes of each row.
func (c *tableChange[R]) test(r *Request, vbs []pdu.VarBind) error {
	if c.h.Source == nil {
		c.version = c.h.Rows.version.Load()
	}
	rows, held, err := c.h.rows(r)
	if held {
		defer c.h.release()
	}
	if err != nil {
		return err
	}
	var first failure
	c.group(r, rows, vbs, &first)
	more, creates := 0, 0
	for i := range c.edits {
		e := &c.edits[i]
		if e.failed {
			continue
		}
		if c.join(r, e); e.failed || e.gone {
			continue
		}
		var at int
		if e.row, at, err = c.plan(r, e.old, e); err != nil {
			e.failed = true
			first.add(at, err)
			continue
		}
		switch {
		case e.old == nil && e.row != nil && c.h.counts(e.row):
			more++
			creates = e.blame()
		case e.old != nil && e.row == nil && c.h.counts(e.old):
			more--
		}
	}
	if limit := c.h.MaxRows; limit > 0 && more > 0 && c.h.count(rows)+more > limit {
		first.add(creates, pdu.ResourceUnavailable) // RFC 3416 §4.2.5 (11)
	}
	if first.err != nil {
		return atIndex(first.err, first.at)
	}
	return nil
}

// join finds the row of e as the SET has left it so far, which is as it is, or as a
// table with the same Rows means to leave it. If that has failed, it says why.
func (c *tableChange[R]) join(r *Request, e *edit[R]) {
	if e.leaf != nil {
		e.former, e.old = &e.was, &e.was
	}
	for _, plan := range slices.Backward(r.set.plans) {
		other, ok := plan.(*tableChange[R])
		if !ok || other.h.Rows != c.h.Rows {
			continue
		}
		if i, ok := other.known(e.key); ok {
			o := &other.edits[i]
			e.joined, e.failed, e.gone = true, o.failed, o.row == nil
			e.former, e.old = o.former, o.row
			return
		}
	}
}

// counts reports whether MaxRows is about row.
func (h *writableTable[R]) counts(row *R) bool { return h.Counts == nil || h.Counts(row) }

// count returns the number of rows that MaxRows is about.
func (h *writableTable[R]) count(rows *Snapshot[R]) (n int) {
	if h.Counts == nil {
		return rows.Len()
	}
	for _, row := range rows.All() {
		if h.Counts(row) {
			n++
		}
	}
	return n
}

// A failure is the reason for the first varbind of a request that fails.
type failure struct {
	at  int
	err error
}

func (f *failure) add(at int, err error) {
	if f.err == nil || at < f.at {
		f.at, f.err = at, err
	}
}

// tableChange is the Change of a table. Its memory is used again.
type tableChange[R any] struct {
	h       *writableTable[R]
	edits   []edit[R]
	byKey   map[ber.OID]int // the first ones of edits: see known
	version uint64          // of the rows that Test saw, or older
	done    []assignment[R] // what Commit replaced by what, for each edit
	index   Index           // for checkIndex, as is row
	row     R
}

// known returns the number of the edit for the row at key, if there is one. As a rule that
// is the last one or none.
func (c *tableChange[R]) known(key ber.OID) (number int, known bool) {
	last := len(c.edits) - 1
	if last < 0 || c.edits[last].key == key {
		return last, last >= 0
	}
	for i := len(c.byKey); i <= last; i++ {
		c.byKey[c.edits[i].key] = i
	}
	number, known = c.byKey[key]
	return number, known
}

// edit returns the number of the edit for the row at key, which varbind at is about.
func (c *tableChange[R]) edit(rows *Snapshot[R], key ber.OID, at int) (number int) {
	number, known := c.known(key)
	if known {
		return number
	}
	number = len(c.edits)
	if number < cap(c.edits) {
		c.edits = c.edits[:number+1]
	} else {
		c.edits = append(c.edits, edit[R]{})
	}
	e := &c.edits[number]
	e.first = at
	if e.leaf, e.i = rows.find(key); e.leaf != nil {
		e.key, e.was = e.leaf.keys.at(e.i), e.leaf.rows[e.i]
	} else {
		e.key = key.Clone()
	}
	return number
}

// Close keeps no more memory than most SETs need, and nothing that it points to.
func (c *tableChange[R]) Close() {
	for i := range c.edits {
		cells := c.edits[i].cells
		clear(cells)
		c.edits[i] = edit[R]{cells: cells[:0]}
	}
	if c.edits = c.edits[:0]; cap(c.edits) > keepEdits {
		c.edits = nil
	}
	if len(c.byKey) > 0 {
		clear(c.byKey)
	}
	clear(c.done)
	var nothing R
	c.row = nothing
	c.h.idle = c
	c.h.setting.Unlock()
}

const keepEdits = 64

// group sorts varbinds into edits. It makes the checks that need no row. A row
// that one of them fails for is not looked at further: what the SET wants of it is
// not known as a whole.
func (c *tableChange[R]) group(r *Request, rows *Snapshot[R], vbs []pdu.VarBind, first *failure) {
	h := c.h
	for i := range vbs {
		at, v := i+1, vbs[i].Value
		n, found, key := h.find(vbs[i].Name[len(h.Entry):])
		if !found { // RFC 3416 §4.2.5 (2)
			first.add(at, pdu.NotWritable)
			continue
		}
		e := &c.edits[c.edit(rows, key, at)]
		if err := h.columns[n].check(r, v); err != nil {
			first.add(at, err)
			e.failed = true
			continue
		}
		e.assign(n, at, v, h.columns[n].RowStatus != nil)
	}
	for i := range c.edits {
		slices.SortFunc(c.edits[i].cells, func(a, b cell) int { return a.column - b.column })
	}
}

// check makes the checks of RFC 3416 §4.2.5 that concern the object and not the
// instance.
func (c *column[R]) check(r *Request, v pdu.Value) error {
	switch {
	case c.assign == nil:
		return pdu.NotWritable // (2)
	case v.Syntax() != c.Syntax:
		return pdu.WrongType // (3)
	case c.Check != nil:
		return c.Check(r, v) // (4) to (6)
	}
	return nil
}

// assign notes one varbind. A later one for the same column replaces it.
func (e *edit[R]) assign(column, at int, v pdu.Value, isStatus bool) {
	if isStatus {
		e.status, e.statusAt = RowStatus(v.Int()), at
		return
	}
	e.cells = slices.DeleteFunc(e.cells, func(c cell) bool { return c.column == column })
	e.cells = append(e.cells, cell{column, at, v.Clone()})
}

// assigns reports whether a varbind is for the column.
func (e *edit[R]) assigns(column int) bool {
	return slices.ContainsFunc(e.cells, func(c cell) bool { return c.column == column })
}

// Commit first has the device do its part, since that may fail, and then shows
// readers all rows at once.
func (c *tableChange[R]) Commit(r *Request) error {
	for i := range c.edits {
		if err := c.apply(r, i, false); err != nil {
			return c.takeBack(r, i, atIndex(err, c.edits[i].first))
		}
	}
	if c.h.Source != nil {
		return nil // the next request asks it anew
	}
	if err := c.publish(r); err != nil {
		return c.takeBack(r, len(c.edits), err)
	}
	if err := c.keep(); err != nil {
		c.restore()
		return c.takeBack(r, len(c.edits), err)
	}
	return nil
}

// apply calls the owner's Apply for one edit.
func (c *tableChange[R]) apply(r *Request, i int, undo bool) error {
	e := &c.edits[i]
	if c.h.Apply == nil || e.old == nil && e.row == nil {
		return nil
	}
	if undo {
		return c.h.Apply(r, e.row, e.old)
	}
	return c.h.Apply(r, e.old, e.row)
}

// takeBack undoes the first n edits in the device and returns err, which becomes
// undoFailed if that did not work.
func (c *tableChange[R]) takeBack(r *Request, n int, err error) error {
	for i := n - 1; i >= 0; i-- {
		if e := c.apply(r, i, true); e != nil {
			err = errors.Join(pdu.UndoFailed, e, err)
		}
	}
	return err
}

// publish puts the new rows in the place of the old ones. If the owner or another
// table with the same Rows has changed some since Test, the SET is worked out
// anew, so that nobody's change is lost.
func (c *tableChange[R]) publish(r *Request) error {
	rs := c.h.Rows
	rs.mu.Lock()
	defer rs.mu.Unlock()
	changed := rs.version.Load() != c.version
	c.done = c.done[:0]
	for i := range c.edits {
		e := &c.edits[i]
		done := assignment[R]{key: e.key, former: e.old, row: e.row, leaf: e.leaf, i: e.i}
		if changed {
			var at int
			var err error
			if done.former, done.row, at, err = c.anew(r, *e); err != nil {
				return atIndex(err, at)
			}
			done.leaf = nil
		}
		c.done = append(c.done, done)
	}
	c.put()
	return nil
}

// anew works out e for the row as it is now. What was applied stays in the edit that e
// is a copy of: it may have to be taken back.
func (c *tableChange[R]) anew(r *Request, e edit[R]) (before, after *R, at int, err error) {
	if row := c.h.Rows.now().Get(e.key); row != nil {
		e.was = *row
		before = &e.was
	}
	if e.gone {
		return before, before, 0, nil
	}
	if !e.joined {
		e.former = before
	}
	after, at, err = c.plan(r, before, &e)
	return before, after, at, err
}

// put makes the rows of done the present ones. The caller holds the lock of Rows.
func (c *tableChange[R]) put() {
	c.h.Rows.assign(c.done)
	for i := range c.done {
		c.h.watch(c.done[i].key, c.done[i].row)
	}
}

// restore puts the old rows back.
func (c *tableChange[R]) restore() {
	c.h.Rows.mu.Lock()
	defer c.h.Rows.mu.Unlock()
	for i := range c.done {
		a := &c.done[i]
		a.former, a.row, a.leaf = a.row, a.former, nil
	}
	c.put()
}

// keep has the owner write the rows down, if one of those that were replaced is to
// survive a restart.
func (c *tableChange[R]) keep() error {
	if c.h.Keep == nil {
		return nil
	}
	for i := range c.done {
		if c.h.survives(c.done[i].former) || c.h.survives(c.done[i].row) {
			return c.h.Keep()
		}
	}
	return nil
}

// survives reports whether row is to survive a restart. None does not.
func (h *table[R]) survives(row *R) bool {
	if row == nil {
		return false
	}
	s := h.storageOf(row)
	return s == NonVolatile || s == Permanent
}

// Undo puts the old rows back, here and where they are kept.
func (c *tableChange[R]) Undo(r *Request) error {
	if c.h.Source != nil {
		return c.takeBack(r, len(c.edits), nil)
	}
	c.restore()
	return errors.Join(c.takeBack(r, len(c.edits), nil), c.keep())
}

// checkIndex fails if row is not the one at key.
func (c *tableChange[R]) checkIndex(row *R, key ber.OID) error {
	if c.h.Rows == nil {
		return nil
	}
	// The function that names the fields may write to them.
	c.index.arcs, c.index.err, c.row = c.index.arcs[:0], nil, *row
	if err := encodeIndex(&c.index, c.h.Rows.Index, &c.row); err != nil || string(c.index.arcs) != string(key) {
		return errIndexChanged
	}
	return nil
}
