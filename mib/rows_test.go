package mib

import (
	"errors"
	"fmt"
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

// check looks at a snapshot's tree.
func (s *Snapshot[R]) check(t *testing.T) {
	t.Helper()
	if s.root == nil {
		if s.len != 0 {
			t.Fatalf("Len is %d, there are no rows", s.len)
		}
		return
	}
	n, last := 0, ber.OID("")
	var look func(at *node[R], height int) (leafAt int)
	look = func(at *node[R], height int) (leafAt int) {
		size := at.size()
		if size == 0 || size > at.most() || size != at.keys.len() || (at.kids != nil) == (at.rows != nil) {
			t.Fatalf("a node of %d has %d keys and %d rows", size, at.keys.len(), len(at.rows))
		}
		if at == s.root && at.kids != nil && size == 1 {
			t.Fatal("the root has one kid")
		}
		if at.kids == nil {
			for i := range at.rows {
				if k := at.keys.at(i); k <= last && n > 0 {
					t.Fatalf("key %v comes after %v", k, last)
				} else {
					last = k
				}
				n++
			}
			return height
		}
		for i, kid := range *at.kids {
			got := look(kid, height+1)
			if leafAt == 0 {
				leafAt = got
			}
			if got != leafAt || at.keys.at(i) != last {
				t.Fatalf("leaves are at %d and %d; kid %d ends with %v, its node says %v", leafAt, got, i, last, at.keys.at(i))
			}
		}
		return leafAt
	}
	if height := look(s.root, 0); height > 0 && n < maxRows/4<<(4*(height-1)) {
		t.Fatalf("%d rows make a tree of %d levels", n, height+1)
	}
	if n != s.Len() {
		t.Fatalf("Len is %d, there are %d rows", s.Len(), n)
	}
}

// leaves returns how many leaves there are.
func (n *node[R]) leaves() (sum int) {
	if n == nil {
		return 0
	}
	if n.kids == nil {
		return 1
	}
	for _, kid := range *n.kids {
		sum += kid.leaves()
	}
	return sum
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
				grow = 0.1 // shrink, so that nodes merge
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
		// What was many leaves has become few again.
		for id := range model {
			rs.Delete(ber.NewOID(id))
			delete(model, id)
			rs.Load().check(t)
			if got, most := rs.Load().root.leaves(), 2+4*len(model)/maxRows; got > most {
				t.Fatalf("%d rows are in %d leaves, at most %d were expected", len(model), got, most)
			}
		}
	}
}

// TestManyRows: a tree of several levels grows and shrinks, with indexes that differ
// in length, and finds every row and what comes after it.
func TestManyRows(t *testing.T) {
	const rows = 80_000 // in leaves that are half full: more than one node has kids
	rnd := rand.New(rand.NewPCG(4, 4))
	index := func(x *Index, r *numbered) { // numbers that end with 3 have two sub-identifiers
		x.Uint32(&r.ID)
		if r.ID%10 == 3 {
			extra := r.ID % 7
			x.Uint32(&extra)
		}
	}
	rs := &Rows[numbered]{Index: index}
	order := rnd.Perm(rows)
	for _, id := range order {
		if err := rs.Insert(numbered{uint32(id), -id}); err != nil {
			t.Fatal(err)
		}
	}
	stored := &Rows[numbered]{Index: index}
	var all []numbered
	for _, id := range order {
		all = append(all, numbered{uint32(id), -id})
	}
	if err := stored.Store(all); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b numbered) int { return int(a.ID) - int(b.ID) })
	for _, s := range []*Snapshot[numbered]{rs.Load(), stored.Load()} {
		s.check(t)
		if s.root.kids == nil || (*s.root.kids)[0].kids == nil && s == rs.Load() {
			t.Fatal("the tree has too few levels for this test")
		}
		if got := slices.Collect(rowsIn(s)); !slices.Equal(got, all) {
			t.Fatal("the rows are not those that were inserted, in order")
		}
	}
	for left, id := range order {
		key, err := rs.Key(&numbered{ID: uint32(id)})
		if err != nil {
			t.Fatal(err)
		}
		before := rs.Load()
		if row := before.Get(key); row == nil || row.ID != uint32(id) {
			t.Fatalf("%v is %v", key, row)
		}
		at := before.seek(key)
		if at.next(); at.valid() && at.row().ID <= uint32(id) {
			t.Fatalf("%d follows %d", at.row().ID, id)
		}
		if !rs.Delete(key) || rs.Load().Get(key) != nil || before.Get(key) == nil {
			t.Fatalf("Delete of %v: %v, then %v, in the snapshot before %v", key, true, rs.Load().Get(key), before.Get(key))
		}
		if left%10_000 == 0 || left > rows-20 {
			rs.Load().check(t)
		}
	}
	if s := rs.Load(); s.Len() != 0 || s.root != nil {
		t.Errorf("%d rows are left", s.Len())
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

// TestRowsNoIndex: rows cannot be stored, and who forgot the Index is told.
func TestRowsNoIndex(t *testing.T) {
	rows := new(Rows[sparse])
	_, swap := rows.Swap(rows.Load(), make([]sparse, 1))
	_, snapshot := NewSnapshot(make([]sparse, 1), nil)
	_, key := rows.Key(new(sparse))
	for name, err := range map[string]error{
		"Store": rows.Store(make([]sparse, 1)), "Insert": rows.Insert(sparse{}), "Put": rows.Put(sparse{}),
		"Swap": swap, "NewSnapshot": snapshot, "Key": key,
	} {
		if !errors.Is(err, errNoIndex) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRowsUpdateIndex: to change the index of a row in its place would be to have it
// where nobody finds it.
func TestRowsUpdateIndex(t *testing.T) {
	rows := sparseRows()
	if err := rows.Store([]sparse{{Name: "a"}, {Name: "c"}}); err != nil {
		t.Fatal(err)
	}
	key := ber.NewOID(1, 'a')
	func() {
		defer func() {
			if v := fmt.Sprint(recover()); !strings.Contains(v, "has changed the index from 1.97 to 1.98") {
				t.Errorf("Update panics with %s", v)
			}
		}()
		rows.Update(key, func(r *sparse) { r.Name = "b" })
	}()
	// Nothing has changed, and nothing is locked.
	if !rows.Update(key, func(r *sparse) { r.Cells[0] = 7 }) || rows.Load().Len() != 2 || rows.Load().Get(key).Cells[0] != 7 {
		t.Errorf("afterwards there are %d rows, %v", rows.Load().Len(), rows.Load().Get(key))
	}
}
