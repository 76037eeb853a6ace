package mib

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"snmpstack/ber"
)

// TestKeys looks for keys, and for what comes before, behind and below them, as a
// linear search does.
func TestKeys(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	arcs := func(n int, below uint32) (o ber.OID) {
		for range n {
			o = o.Append(rnd.Uint32N(below))
		}
		return o
	}
	for name, key := range map[string]func(i int) ber.OID{
		"consecutive":              func(i int) ber.OID { return ber.NewOID(uint32(i) + 7) },
		"consecutive to the end":   func(i int) ber.OID { return ber.NewOID(math.MaxUint32 - uint32(i)) },
		"each seventh":             func(i int) ber.OID { return ber.NewOID(math.MaxUint32 - 7*uint32(i)) },
		"each 65535th":             func(i int) ber.OID { return ber.NewOID(65535 * uint32(i)) },
		"each 65536th":             func(i int) ber.OID { return ber.NewOID(65536 * uint32(i)) },
		"evenly but the last":      func(i int) ber.OID { return ber.NewOID(256*uint32(i) + 255 - uint32(i)/255*99) },
		"with a gap":               func(i int) ber.OID { return ber.NewOID(uint32(i/100)*1_000_000 + uint32(i)) },
		"evenly spread":            func(int) ber.OID { return arcs(1, math.MaxUint32) },
		"unevenly":                 func(i int) ber.OID { return ber.NewOID(1 << (i % 32)) },
		"behind the same":          func(i int) ber.OID { return ber.NewOID(1, 2, 3, uint32(3*i)) },
		"two sub-identifiers":      func(int) ber.OID { return arcs(2, 20) },
		"of one to three":          func(int) ber.OID { return arcs(1+rnd.IntN(3), 12) },
		"all the same but the len": func(i int) ber.OID { return ber.NewOID(slices.Repeat([]uint32{9}, 1+i%128)...) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 10, 256} {
				var list []ber.OID
				for i := range n {
					list = append(list, key(i))
				}
				slices.Sort(list)
				list = slices.Compact(list)
				k := packKeys(list)
				if !slices.Equal(k.list(), list) || k.last() != list[len(list)-1] {
					t.Fatalf("%v became %v", list, k.list())
				}
				queries := []ber.OID{"", ber.NewOID(0), ber.NewOID(math.MaxUint32), arcs(5, 30)}
				for _, o := range list {
					queries = append(queries, o, o.Append(0), o.Append(1, 2), o.Slice(0, o.Len()-1))
					last := o.At(o.Len() - 1)
					for _, other := range []uint32{last - 1, last + 1, last / 2, 2*last + 1} {
						queries = append(queries, o.Slice(0, o.Len()-1).Append(other))
					}
				}
				for _, q := range queries {
					want, wantFound := slices.BinarySearch(list, q)
					if i, found := k.search(q); i != want || found != wantFound {
						t.Fatalf("%v in %v: %d, %v, want %d, %v", q, list, i, found, want, wantFound)
					}
				}
			}
		})
	}
	if none := packKeys(nil); none.len() != 0 {
		t.Errorf("no keys are %d", none.len())
	}
}
