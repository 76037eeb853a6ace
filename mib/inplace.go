package mib

import (
	"sync"
	"sync/atomic"

	"snmpstack/ber"
)

// A SET of a cell puts another row in the place of one. Where nobody looks at that row
// it is overwritten: to copy those beside it, as a Snapshot needs it, would cost memory
// and time, more of both in a large table.
//
// Nobody looks if two things are true. Rows that a Snapshot holds which Load has
// returned never change: owned are the leaves that are in none of those. And requests
// read rows of a table that can be written with reading held, which a SET tries to have
// for itself; if it does not get it at once, it copies, as it does with all other rows.
type inPlace[R any] struct {
	// allowed is true as soon as a table with these rows can be written. Who reads asks
	// it after having loaded the rows: no leaf that was there before is ever owned.
	allowed atomic.Bool
	reading sync.RWMutex
	owned   map[*node[R]]struct{} // guarded by Rows.mu; nil unless allowed
}

// overwriting allows rows to be overwritten.
func (rs *Rows[R]) overwriting() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.inPlace.owned == nil {
		rs.inPlace.owned = make(map[*node[R]]struct{})
		rs.inPlace.allowed.Store(true)
	}
}

// read returns the rows for a request, and whether reading is held: then it has to be
// released when they have been read. Nothing of them may be kept.
func (rs *Rows[R]) read() (s *Snapshot[R], held bool) {
	s = rs.now()
	if rs.inPlace.allowed.Load() {
		rs.inPlace.reading.RLock()
		held = true
	}
	return s, held
}

// copyOf returns a copy of the row with index key, nil if there is none.
func (rs *Rows[R]) copyOf(key ber.OID) *R {
	rows, held := rs.read()
	if held {
		defer rs.inPlace.reading.RUnlock()
	}
	row := rows.Get(key)
	if row == nil {
		return nil
	}
	copied := *row
	return &copied
}

// now returns the rows as they are now, for read and for who holds mu.
func (rs *Rows[R]) now() *Snapshot[R] {
	if s := rs.snapshot.Load(); s != nil {
		return s
	}
	return &Snapshot[R]{}
}

// replace makes s the rows. The caller holds mu.
func (rs *Rows[R]) replace(s *Snapshot[R]) {
	rs.snapshot.Store(s)
	rs.version.Add(1)
	clear(rs.inPlace.owned)
}

// An assignment puts a row at a key in the place of another one.
type assignment[R any] struct {
	key         ber.OID
	former, row *R // nil: none
	// leaf has the former row, as its number i. nil: it has not been looked for, or there
	// is none.
	leaf *node[R]
	i    int
}

// assign carries all of list out at once. The caller holds mu.
func (rs *Rows[R]) assign(list []assignment[R]) {
	if rs.overwrite(list) {
		rs.version.Add(1)
		return
	}
	former := rs.now()
	s, same := former, true
	for _, a := range list {
		if a.row == nil {
			s, same = s.without(a.key), false
		} else {
			same = same && former.Get(a.key) != nil
			s = s.with(a.key, a.row)
		}
	}
	owned := rs.inPlace.owned
	if !same || owned == nil {
		rs.replace(s)
		return
	}
	rs.snapshot.Store(s)
	rs.version.Add(1)
	if former.given.Load() { // asked after others are there: see Load
		clear(owned)
	}
	for _, a := range list {
		leaf, _ := former.find(a.key)
		delete(owned, leaf)
		leaf, _ = s.find(a.key)
		owned[leaf] = struct{}{}
	}
}

// overwrite is assign for rows that nobody looks at. It reports whether all are such.
func (rs *Rows[R]) overwrite(list []assignment[R]) bool {
	p := &rs.inPlace
	if len(p.owned) == 0 || !p.reading.TryLock() {
		return false
	}
	defer p.reading.Unlock()
	s := rs.now()
	if s.given.Load() {
		return false
	}
	for i := range list {
		a := &list[i]
		if a.leaf == nil {
			a.leaf, a.i = s.find(a.key)
		}
		if _, owned := p.owned[a.leaf]; a.row == nil || !owned {
			return false
		}
	}
	for _, a := range list {
		a.leaf.rows[a.i] = *a.row
	}
	return true
}

// Load returns the rows as they are now.
func (rs *Rows[R]) Load() *Snapshot[R] {
	s := rs.now()
	if s.given.Load() {
		return s
	}
	// Nobody is to overwrite them from now on: either it is seen that they were given,
	// by who overwrites or by who puts others in their place, or these are there already.
	rs.inPlace.reading.RLock()
	defer rs.inPlace.reading.RUnlock()
	for {
		s.given.Store(true)
		now := rs.now()
		if now == s || now.len == 0 {
			return now
		}
		s = now
	}
}
