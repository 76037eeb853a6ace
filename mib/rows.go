package mib

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"snmpstack/ber"
)

// Rows holds the rows of a table, or of several that have the same index as
// ifTable and ifXTable have. Who reads gets a [Snapshot] and is never in the way
// of who writes.
//
// Rows are values: to change one is to put another one in its place. What a row
// points to must not change while it is here. What rows take of memory and time where
// there are many of them is in the package's comment.
type Rows[R any] struct {
	// Index names the index objects of a row. It must not be changed, and without it no
	// row can be stored.
	Index func(x *Index, row *R)

	mu       sync.Mutex // held by writers
	snapshot atomic.Pointer[Snapshot[R]]
	version  atomic.Uint64 // how often rows have changed
	room     int           // the most sub-identifiers an index may have; 0: MaxArcs
	inPlace  inPlace[R]
}

// ErrDuplicate is the reason why a row cannot be stored or inserted.
var ErrDuplicate = errors.New("another row has the same index")

// Store replaces all rows by copies of these, which need not be sorted. If two
// have the same index or one's cannot be encoded, nothing changes.
func (rs *Rows[R]) Store(rows []R) error {
	s, err := rs.newSnapshot(rows)
	if err != nil {
		return err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.replace(s)
	return nil
}

// Swap is Store if the rows are still those of from, what Load has returned.
// Otherwise it changes nothing and reports false.
func (rs *Rows[R]) Swap(from *Snapshot[R], rows []R) (bool, error) {
	s, err := rs.newSnapshot(rows)
	if err != nil {
		return false, err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if now := rs.snapshot.Load(); now != from && (now != nil || from.len > 0) {
		return false, nil
	}
	rs.replace(s)
	return true, nil
}

// newSnapshot takes its time, and holds no lock: a SET must not wait for it.
func (rs *Rows[R]) newSnapshot(rows []R) (*Snapshot[R], error) {
	rs.mu.Lock()
	room := rs.limit()
	rs.mu.Unlock()
	return newSnapshot(rows, rs.Index, room)
}

// Insert adds a row that is not there yet. The error is Put's, or ErrDuplicate if it is.
func (rs *Rows[R]) Insert(row R) error { return rs.put(row, false) }

// Put adds a row, or replaces the one with the same index. The error is Key's, or that the
// index is too long for the names of a table that has these rows (RFC 2578 §3.5).
func (rs *Rows[R]) Put(row R) error { return rs.put(row, true) }

func (rs *Rows[R]) put(row R, replace bool) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	key, err := rs.Key(&row)
	if err != nil {
		return err
	}
	if key.Len() > rs.limit() {
		return errRoom(key, rs.limit())
	}
	s := rs.now()
	if !replace && s.Get(key) != nil {
		return fmt.Errorf("mib: %T with index %s: %w", row, key, ErrDuplicate)
	}
	rs.replace(s.with(key, &row))
	return nil
}

// Update lets f change a copy of the row with index key, puts it in the row's
// place and reports whether there is such a row. A SET of that row that is under way is
// not lost, nor is what f does: the SET is worked out anew on the row that there is then.
//
// f must not call methods of rs, which would wait for each other for ever; Load is the
// one that it may. If it changes the index, Update panics: that would be another row.
func (rs *Rows[R]) Update(key ber.OID, f func(row *R)) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	old := rs.now().Get(key)
	if old == nil {
		return false
	}
	row := *old
	f(&row)
	if now, err := rs.Key(&row); err != nil || now != key {
		panic(fmt.Sprintf("mib: Rows.Update of %T: the function has changed the index from %s to %s", row, key, now))
	}
	rs.assign([]assignment[R]{{key: key, former: old, row: &row}})
	return true
}

// Delete removes the row with index key and reports whether there was one.
func (rs *Rows[R]) Delete(key ber.OID) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.now()
	if s.Get(key) == nil {
		return false
	}
	rs.replace(s.without(key))
	return true
}

// Key returns the index of row: what follows the column in the names of its instances. The
// error says which index object has a value that it cannot have.
func (rs *Rows[R]) Key(row *R) (ber.OID, error) {
	x := Index{arcs: make([]byte, 0, 128)}
	r := *row // the function that names the fields may write to them
	if err := encodeIndex(&x, rs.Index, &r); err != nil {
		return "", err
	}
	return ber.OID(x.arcs), nil
}

// reserve makes sure that names of no more than MaxArcs sub-identifiers result
// where the index follows prefix sub-identifiers.
func (rs *Rows[R]) reserve(prefix int) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.room = min(rs.limit(), ber.MaxArcs-prefix)
	for key := range rs.now().All() {
		if key.Len() > rs.room {
			return errRoom(key, rs.room)
		}
	}
	return nil
}

func (rs *Rows[R]) limit() int {
	if rs.room == 0 {
		return ber.MaxArcs
	}
	return rs.room
}

func errRoom(key ber.OID, limit int) error {
	return fmt.Errorf("mib: index %s has %d sub-identifiers; in this table there is room for %d (RFC 2578 §3.5)", key, key.Len(), limit)
}
