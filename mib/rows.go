package mib

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"snmpstack/ber"
)

// Rows holds the rows of a table, or of several that have the same index as
// ifTable and ifXTable have. Who reads gets a [Snapshot] and is never in the way
// of who writes.
//
// Rows are values: to change one is to put another one in its place. What a row
// points to must not change while it is here.
type Rows[R any] struct {
	// Index names the index objects of a row. It must not be changed.
	Index func(x *Index, row *R)

	mu       sync.Mutex // held by writers
	snapshot atomic.Pointer[Snapshot[R]]
	room     int // the most sub-identifiers an index may have; 0: MaxArcs
}

// ErrDuplicate is the reason why a row cannot be stored or inserted.
var ErrDuplicate = errors.New("another row has the same index")

// Load returns the rows as they are now.
func (rs *Rows[R]) Load() *Snapshot[R] {
	if s := rs.snapshot.Load(); s != nil {
		return s
	}
	return &Snapshot[R]{}
}

// Store replaces all rows by copies of these, which need not be sorted. If two
// have the same index or one's cannot be encoded, nothing changes.
func (rs *Rows[R]) Store(rows []R) error {
	s, err := rs.newSnapshot(rows)
	if err != nil {
		return err
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.snapshot.Store(s)
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
	rs.snapshot.Store(s)
	return true, nil
}

// newSnapshot takes its time, and holds no lock: a SET must not wait for it.
func (rs *Rows[R]) newSnapshot(rows []R) (*Snapshot[R], error) {
	rs.mu.Lock()
	room := rs.limit()
	rs.mu.Unlock()
	return newSnapshot(rows, rs.Index, room)
}

// Insert adds a row that is not there yet.
func (rs *Rows[R]) Insert(row R) error { return rs.put(row, false) }

// Put adds a row, or replaces the one with the same index.
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
	s := rs.Load()
	if !replace && s.Get(key) != nil {
		return fmt.Errorf("mib: %T with index %s: %w", row, key, ErrDuplicate)
	}
	rs.snapshot.Store(s.with(key, &row))
	return nil
}

// Update lets f change a copy of the row with index key, puts it in the row's
// place and reports whether there is such a row. f leaves the index alone.
func (rs *Rows[R]) Update(key ber.OID, f func(row *R)) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.Load()
	old := s.Get(key)
	if old == nil {
		return false
	}
	row := *old
	f(&row)
	rs.snapshot.Store(s.with(key, &row))
	return true
}

// Delete removes the row with index key and reports whether there was one.
func (rs *Rows[R]) Delete(key ber.OID) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	s := rs.Load()
	if s.Get(key) == nil {
		return false
	}
	rs.snapshot.Store(s.without(key))
	return true
}

// Key returns the index of row: what follows the column in the names of its
// instances.
func (rs *Rows[R]) Key(row *R) (ber.OID, error) {
	x := Index{}
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
	for key := range rs.Load().All() {
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

// A Snapshot is the rows of a table at one moment, in the order of their index.
// It never changes.
//
// The rows are in chunks, so that another snapshot that differs in one row
// shares the rest with this one: 10⁶ rows are some 4000 chunks.
type Snapshot[R any] struct {
	chunks []*chunk[R] // none is empty
	len    int
}

// A chunk is up to maxChunk consecutive rows. It is never changed.
type chunk[R any] struct {
	keys []ber.OID
	rows []R
}

const maxChunk = 256

// NewSnapshot makes a Snapshot of copies of rows, which need not be sorted.
func NewSnapshot[R any](rows []R, index func(x *Index, row *R)) (*Snapshot[R], error) {
	return newSnapshot(rows, index, ber.MaxArcs)
}

func newSnapshot[R any](rows []R, index func(x *Index, row *R), room int) (*Snapshot[R], error) {
	// All keys lie behind each other in x.arcs until they are sorted: a string
	// for each would cost an allocation for each.
	type place struct {
		key ber.OID
		row int
	}
	var x Index
	ends := make([]int, len(rows))
	row := new(R)
	for i := range rows {
		*row = rows[i]
		if err := encodeIndex(&x, index, row); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		ends[i] = len(x.arcs)
	}
	places := make([]place, len(rows))
	all, start := ber.OID(x.arcs), 0
	for i, end := range ends {
		places[i] = place{all[start:end], i}
		start = end
	}
	slices.SortFunc(places, func(a, b place) int { return a.key.Compare(b.key) })

	s := &Snapshot[R]{len: len(rows)}
	for part := range slices.Chunk(places, maxChunk) {
		c := &chunk[R]{make([]ber.OID, len(part)), make([]R, len(part))}
		for i, p := range part {
			c.keys[i], c.rows[i] = p.key, rows[p.row]
			if p.key.Len() > room {
				return nil, errRoom(p.key, room)
			}
		}
		c.ownKeys()
		s.chunks = append(s.chunks, c)
	}
	for i := 1; i < len(places); i++ {
		if places[i].key == places[i-1].key {
			return nil, fmt.Errorf("mib: rows %d and %d of %T with index %s: %w",
				places[i-1].row, places[i].row, *row, places[i].key, ErrDuplicate)
		}
	}
	return s, nil
}

// ownKeys moves the keys into memory of their own, so that the chunk keeps
// nothing else alive.
func (c *chunk[R]) ownKeys() {
	var b []byte
	for _, k := range c.keys {
		b = append(b, k...)
	}
	all := ber.OID(b)
	for i, k := range c.keys {
		c.keys[i], all = all[:len(k)], all[len(k):]
	}
}

// Len returns the number of rows.
func (s *Snapshot[R]) Len() int { return s.len }

// Get returns the row with index key, nil if there is none. The row must not be
// changed.
func (s *Snapshot[R]) Get(key ber.OID) *R {
	if at := s.seek(key); at.valid() && at.key() == key {
		return at.row()
	}
	return nil
}

// All iterates over the rows in the order of their index. They must not be
// changed.
func (s *Snapshot[R]) All() iter.Seq2[ber.OID, *R] {
	return func(yield func(ber.OID, *R) bool) {
		for at := s.seek(""); at.valid(); at.next() {
			if !yield(at.key(), at.row()) {
				return
			}
		}
	}
}

// A cursor is a place in a snapshot: a row, or the end.
type cursor[R any] struct {
	chunks []*chunk[R] // the first one is the cursor's; none at the end
	i      int
}

// seek returns the place of the first row whose index is key or comes after it.
func (s *Snapshot[R]) seek(key ber.OID) cursor[R] {
	c := s.chunkOf(key)
	if c == len(s.chunks) {
		return cursor[R]{}
	}
	i, _ := slices.BinarySearch(s.chunks[c].keys, key)
	return cursor[R]{s.chunks[c:], i}
}

// chunkOf returns the number of the first chunk with a key that is key or comes
// after it.
func (s *Snapshot[R]) chunkOf(key ber.OID) int {
	return sort.Search(len(s.chunks), func(i int) bool {
		keys := s.chunks[i].keys
		return keys[len(keys)-1] >= key
	})
}

func (at *cursor[R]) valid() bool  { return len(at.chunks) > 0 }
func (at *cursor[R]) key() ber.OID { return at.chunks[0].keys[at.i] }
func (at *cursor[R]) row() *R      { return &at.chunks[0].rows[at.i] }

func (at *cursor[R]) next() {
	if at.i++; at.i == len(at.chunks[0].keys) {
		at.chunks, at.i = at.chunks[1:], 0
	}
}

// with returns a snapshot that has row at key, whether or not there was one. It
// keeps key.
func (s *Snapshot[R]) with(key ber.OID, row *R) *Snapshot[R] {
	if s.len == 0 {
		return &Snapshot[R]{[]*chunk[R]{{[]ber.OID{key}, []R{*row}}}, 1}
	}
	at := min(s.chunkOf(key), len(s.chunks)-1)
	c := s.chunks[at]
	i, found := slices.BinarySearch(c.keys, key)
	if found {
		rows := slices.Clone(c.rows)
		rows[i] = *row
		return s.splice(at, at+1, 0, &chunk[R]{c.keys, rows})
	}
	c = &chunk[R]{
		keys: slices.Concat(c.keys[:i], []ber.OID{key}, c.keys[i:]),
		rows: slices.Concat(c.rows[:i], []R{*row}, c.rows[i:]),
	}
	if n := len(c.keys); n > maxChunk {
		return s.splice(at, at+1, 1, c.part(0, n/2), c.part(n/2, n))
	}
	return s.splice(at, at+1, 1, c)
}

// without returns a snapshot that does not have the row at key.
func (s *Snapshot[R]) without(key ber.OID) *Snapshot[R] {
	at := s.chunkOf(key)
	if at == len(s.chunks) {
		return s
	}
	c := s.chunks[at]
	i, found := slices.BinarySearch(c.keys, key)
	if !found {
		return s
	}
	c = &chunk[R]{
		keys: slices.Concat(c.keys[:i], c.keys[i+1:]),
		rows: slices.Concat(c.rows[:i], c.rows[i+1:]),
	}
	if len(c.keys) == 0 {
		return s.splice(at, at+1, -1)
	}
	// Small neighbours become one, or a table that shrinks would stay as many
	// chunks as it ever had.
	if at+1 < len(s.chunks) && len(c.keys)+len(s.chunks[at+1].keys) <= maxChunk/2 {
		next := s.chunks[at+1]
		both := &chunk[R]{slices.Concat(c.keys, next.keys), slices.Concat(c.rows, next.rows)}
		return s.splice(at, at+2, -1, both)
	}
	return s.splice(at, at+1, -1, c)
}

// splice returns a snapshot that has other chunks in the place of those from i
// up to but without j, and more rows.
func (s *Snapshot[R]) splice(i, j, more int, chunks ...*chunk[R]) *Snapshot[R] {
	return &Snapshot[R]{slices.Concat(s.chunks[:i], chunks, s.chunks[j:]), s.len + more}
}

// part returns the rows from i up to but without j as a chunk of their own.
func (c *chunk[R]) part(i, j int) *chunk[R] {
	return &chunk[R]{slices.Clone(c.keys[i:j]), slices.Clone(c.rows[i:j])}
}
