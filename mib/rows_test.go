package mib

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
)

type numbered struct {
	ID  uint32
	Val int
}

func numberedRows() *Rows[numbered] {
	return &Rows[numbered]{Index: func(x *Index, r *numbered) { x.Uint32(&r.ID) }}
}

// check compares a snapshot with the model, and looks at its chunks.
func (s *Snapshot[R]) check(t *testing.T) {
	t.Helper()
	n := 0
	last := ber.OID("")
	for i, c := range s.chunks {
		if len(c.keys) == 0 || len(c.keys) > maxChunk || len(c.keys) != len(c.rows) {
			t.Fatalf("chunk %d has %d keys and %d rows", i, len(c.keys), len(c.rows))
		}
		for _, k := range c.keys {
			if k <= last {
				t.Fatalf("chunk %d: key %v comes after %v", i, k, last)
			}
			last = k
			n++
		}
	}
	if n != s.Len() {
		t.Fatalf("Len is %d, there are %d rows", s.Len(), n)
	}
}

// TestRowsAgainstModel does random operations on Rows and on a map.
func TestRowsAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(3, seed))
		rs, model := numberedRows(), map[uint32]int{}
		span := 1 + rnd.IntN(3000)
		grow := 0.7
		for step := range 6000 {
			if step == 4000 {
				grow = 0.1 // shrink, so that chunks merge
			}
			id := uint32(rnd.IntN(span))
			_, there := model[id]
			switch p := rnd.Float64(); {
			case p < grow/2:
				if err := rs.Insert(numbered{id, step}); errors.Is(err, ErrDuplicate) != there {
					t.Fatalf("Insert %d: %v, there: %v", id, err, there)
				}
				if !there {
					model[id] = step
				}
			case p < grow:
				if err := rs.Put(numbered{id, step}); err != nil {
					t.Fatal(err)
				}
				model[id] = step
			case p < 0.95:
				if rs.Delete(ber.NewOID(id)) != there {
					t.Fatalf("Delete %d: there: %v", id, there)
				}
				delete(model, id)
			default:
				if rs.Update(ber.NewOID(id), func(r *numbered) { r.Val = -step }) != there {
					t.Fatalf("Update %d: there: %v", id, there)
				}
				if there {
					model[id] = -step
				}
			}
			if row := rs.Load().Get(ber.NewOID(id)); (row != nil) != (func() bool { _, ok := model[id]; return ok }()) || row != nil && *row != (numbered{id, model[id]}) {
				t.Fatalf("step %d: Get %d: %v, model %v", step, id, row, model[id])
			}
			if step%500 == 499 {
				rs.Load().check(t)
				var got, want []numbered
				for key, r := range rs.Load().All() {
					if key != ber.NewOID(r.ID) {
						t.Fatalf("row %v is at %v", *r, key)
					}
					got = append(got, *r)
				}
				for _, id := range slices.Sorted(maps.Keys(model)) {
					want = append(want, numbered{id, model[id]})
				}
				if !slices.Equal(got, want) {
					t.Fatalf("step %d:\n got %v\nwant %v", step, got, want)
				}
			}
		}
		// What was many chunks has become few again.
		for id := range model {
			rs.Delete(ber.NewOID(id))
			delete(model, id)
			rs.Load().check(t)
			if got, most := len(rs.Load().chunks), 2+4*len(model)/maxChunk; got > most {
				t.Fatalf("%d rows are in %d chunks, at most %d were expected", len(model), got, most)
			}
		}
	}
}

// TestSnapshotImmutable: who holds a snapshot sees what was there, whatever is
// done later.
func TestSnapshotImmutable(t *testing.T) {
	rs := numberedRows()
	var rows []numbered
	for i := range 1000 {
		rows = append(rows, numbered{uint32(1000 - i), i})
	}
	if err := rs.Store(rows); err != nil {
		t.Fatal(err)
	}
	before := rs.Load()
	clear(rows) // the caller may reuse its slice
	for id := range uint32(2000) {
		rs.Put(numbered{id, -1})
	}
	for id := range uint32(500) {
		rs.Delete(ber.NewOID(id))
	}
	next := uint32(1)
	for key, r := range before.All() {
		if want := (numbered{next, 1000 - int(next)}); key != ber.NewOID(next) || *r != want {
			t.Fatalf("row %v at %v, want %v", *r, key, want)
		}
		next++
	}
	if next != 1001 || before.Len() != 1000 {
		t.Errorf("%d rows, Len %d", next-1, before.Len())
	}
}

func TestRowsErrors(t *testing.T) {
	rs := numberedRows()
	if err := rs.Store([]numbered{{1, 0}, {2, 0}}); err != nil {
		t.Fatal(err)
	}
	before := rs.Load()
	err := rs.Store([]numbered{{9, 0}, {8, 0}, {9, 0}})
	if !errors.Is(err, ErrDuplicate) || !strings.Contains(err.Error(), "rows 0 and 2 of mib.numbered with index 9") {
		t.Errorf("Store of a duplicate: %v", err)
	}
	negative := &Rows[int]{Index: func(x *Index, r *int) { x.Int(r) }}
	if err := negative.Store([]int{1, -1}); err == nil || !strings.Contains(err.Error(), "row 1: mib: index of int: the integer -1") {
		t.Errorf("Store of a negative index: %v", err)
	}
	if err := negative.Put(-1); err == nil {
		t.Error("Put of a negative index was accepted")
	}
	if rs.Load() != before || negative.Load().Len() != 0 {
		t.Error("a Store that failed changed the rows")
	}
}

// TestRowsIndexWrites: the function that names the index objects may convert them
// to and fro. That does not reach rows that others read.
func TestRowsIndexWrites(t *testing.T) {
	rs := &Rows[numbered]{Index: func(x *Index, r *numbered) {
		half := r.ID / 2
		x.Uint32(&half)
		r.ID, r.Val = half*2, r.Val+1
	}}
	if err := rs.Store([]numbered{{ID: 6}, {ID: 3}}); err != nil {
		t.Fatal(err)
	}
	if err := rs.Insert(numbered{ID: 8}); err != nil {
		t.Fatal(err)
	}
	row := rs.Load().Get(ber.NewOID(1))
	if key, err := rs.Key(row); key != ber.NewOID(1) || err != nil {
		t.Errorf("Key: %v, %v", key, err)
	}
	if got, want := slices.Collect(rowsOf(rs)), []numbered{{ID: 3}, {ID: 6}, {ID: 8}}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

// TestRowsSwap shows that what somebody else has done since is not lost.
func TestRowsSwap(t *testing.T) {
	rs := numberedRows()
	if ok, err := rs.Swap(rs.Load(), []numbered{{1, 1}}); !ok || err != nil {
		t.Errorf("the first rows: %v, %v", ok, err)
	}
	seen := rs.Load()
	rs.Insert(numbered{2, 2})
	if ok, err := rs.Swap(seen, nil); ok || err != nil || rs.Load().Len() != 2 {
		t.Errorf("%v, %v with other rows than there were; %d are there", ok, err, rs.Load().Len())
	}
	if ok, err := rs.Swap(rs.Load(), []numbered{{3, 3}, {3, 4}}); ok || !errors.Is(err, ErrDuplicate) || rs.Load().Len() != 2 {
		t.Errorf("%v, %v with two rows of one index; %d are there", ok, err, rs.Load().Len())
	}
	if ok, err := rs.Swap(rs.Load(), []numbered{{3, 3}}); !ok || err != nil || rs.Load().Get(ber.NewOID(3)) == nil {
		t.Errorf("%v, %v", ok, err)
	}
}
