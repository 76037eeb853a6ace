package mib

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"snmpstack/ber"
)

type keyed struct {
	key ber.OID
	val int
}

// awkward returns an index: related to one of the pool (the same, one that begins with
// it, that it begins with, or is beside it), or any, of sub-identifiers at the limits.
func awkward(rnd *rand.Rand, pool []ber.OID) ber.OID {
	arc := func() uint32 {
		return [...]uint32{0, math.MaxUint32 - rnd.Uint32N(3), rnd.Uint32(), 1 << rnd.IntN(32), rnd.Uint32N(300)}[rnd.IntN(5)]
	}
	if len(pool) > 0 && rnd.IntN(3) > 0 {
		key := pool[rnd.IntN(len(pool))]
		above, last := key.Slice(0, key.Len()-1), key.At(key.Len()-1)
		switch n := rnd.IntN(5); {
		case n == 0 && key.Len() < ber.MaxArcs:
			return key.Append(arc())
		case n == 1 && above != "":
			return above
		case n == 2:
			return above.Append(last + 1)
		case n == 3:
			return above.Append(arc())
		}
		return key
	}
	key, n := ber.NewOID(arc()), rnd.IntN(4)
	if rnd.IntN(50) == 0 {
		n = ber.MaxArcs - 1 - rnd.IntN(20)
	}
	for range n {
		key = key.Append(arc())
	}
	return key
}

// TestAwkwardKeys makes, changes and takes away rows whose indexes begin with each other,
// differ in length and are at the limits, with and without overwriting, and looks for
// them as in a sorted list. Snapshots that were taken stay what they were.
func TestAwkwardKeys(t *testing.T) {
	type taken struct {
		snapshot *Snapshot[keyed]
		rows     []keyed
	}
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		rs, model := &Rows[keyed]{Index: func(x *Index, r *keyed) { x.ImpliedOID(&r.key) }}, make(map[ber.OID]int)
		if seed%2 == 0 {
			rs.overwriting()
		}
		assign := func(key ber.OID, row *keyed) {
			rs.mu.Lock()
			defer rs.mu.Unlock()
			rs.assign([]assignment[keyed]{{key: key, row: row}})
		}
		var pool []ber.OID
		var snapshots []taken
		for step := range 5000 {
			key := awkward(rnd, pool)
			if grows := step < 3000; len(pool) == 0 || (rnd.IntN(4) > 0) == grows {
				model[key], pool = step, append(pool, key)
				assign(key, &keyed{key, step})
			} else {
				key = pool[rnd.IntN(len(pool))]
				delete(model, key)
				assign(key, nil)
			}
			looked, now := awkward(rnd, pool), rs.now()
			val, there := model[looked]
			if row := now.Get(looked); (row != nil) != there || there && *row != (keyed{looked, val}) || now.Len() != len(model) {
				t.Fatalf("seed %d, step %d: %v is %v, want %d, %v; %d rows, want %d", seed, step, looked, row, val, there, now.Len(), len(model))
			}
			if step%250 > 0 {
				continue
			}
			var rows []keyed
			sorted := slices.Sorted(maps.Keys(model))
			for _, key := range sorted {
				rows = append(rows, keyed{key, model[key]})
			}
			for range 50 {
				looked := awkward(rnd, pool)
				i, _ := slices.BinarySearch(sorted, looked)
				if at := now.seek(looked); at.valid() != (i < len(sorted)) || at.valid() && (at.key() != sorted[i] || *at.row() != rows[i]) {
					t.Fatalf("seed %d, step %d: what comes at or after %v is another one than row %d", seed, step, looked, i)
				}
			}
			snapshots = append(snapshots, taken{rs.Load(), rows})
			for i, s := range snapshots {
				var got []keyed
				for key, row := range s.snapshot.All() {
					if key != row.key {
						t.Fatalf("seed %d, step %d: %v is at %v", seed, step, *row, key)
					}
					got = append(got, *row)
				}
				if !slices.Equal(got, s.rows) {
					t.Fatalf("seed %d, step %d: snapshot %d is another one than it was", seed, step, i)
				}
			}
		}
	}
}
