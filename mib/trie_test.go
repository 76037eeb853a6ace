package mib

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"snmpstack/ber"
)

// The slow and obvious model of a trie is a binary search.
func TestTrie(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 16))
	for round := range 3000 {
		arcs := []uint32{0, 1, 2, 3, 4, 9, 30, 99, 4294967294, 4294967295}[:2+random.IntN(9)]
		name := func() (o ber.OID) {
			for range random.IntN(6) {
				o = o.Append(arcs[random.IntN(len(arcs))])
			}
			return o
		}
		var names []ber.OID
		base := name()
		for range random.IntN(30) {
			names = append(names, base+name())
		}
		slices.Sort(names)
		names = slices.Compact(names)
		tr := newTrie(names)
		for range 100 {
			o := name()
			if random.IntN(2) == 0 {
				o = base + o
			}
			want := sort.Search(len(names), func(i int) bool { return names[i] > o })
			got, below := tr.upTo(o)
			if got != want {
				t.Fatalf("round %d: %d of %v are not greater than %v, want %d", round, got, names, o, want)
			}
			begins := func(i int) bool { return i+1 < len(names) && names[i+1].HasPrefix(names[i]) }
			if want > 0 && !begins(want-1) && below != o.HasPrefix(names[want-1]) {
				t.Fatalf("round %d: %v is below the last of %v that is not greater: %v", round, o, names, below)
			}
		}
	}
}

func BenchmarkTrie(b *testing.B) {
	for _, many := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("names=%d", many), func(b *testing.B) {
			var names []ber.OID
			for i := range uint32(many) {
				names = append(names, ber.NewOID(1, 3, 6, 1, 4, 1, 32473, i/1000, i%1000))
			}
			tr, i := newTrie(names), 0
			for b.Loop() {
				i = (i + 7919) % many
				if got, below := tr.upTo(names[i]); got != i+1 || !below {
					b.Fatal(got, i)
				}
			}
		})
	}
}
