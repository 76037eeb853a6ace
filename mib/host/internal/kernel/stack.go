package kernel

import (
	"cmp"
	"slices"
)

// A StackEntry says that one interface runs directly on top of another. The
// index 0 stands for nothing: {I, 0} says that nothing is below interface I, and
// {0, I} that nothing is above it (RFC 2863 §3.1.1, ifStackTable).
type StackEntry struct{ Higher, Lower int32 }

// stack finds out what runs on top of what: a VLAN or the like on the interface
// it names, and a bridge or bond on its members. Every interface is in at least
// two entries, once as the higher and once as the lower. Interfaces are in
// ascending order of Index, and so are the entries.
func stack(interfaces []Interface) []StackEntry {
	exists := func(index int32) bool {
		_, ok := slices.BinarySearchFunc(interfaces, index, func(i Interface, index int32) int {
			return cmp.Compare(i.Index, index)
		})
		return ok
	}
	entries := make([]StackEntry, 0, 2*len(interfaces))
	above, below := make(map[int32]bool), make(map[int32]bool) // has something above, below
	add := func(higher, lower int32) {
		// A dump is not a photograph: what an interface names may be gone.
		if exists(higher) && exists(lower) {
			entries = append(entries, StackEntry{higher, lower})
			above[lower], below[higher] = true, true
		}
	}
	for _, i := range interfaces {
		if i.Lower != 0 {
			add(i.Index, i.Lower)
		}
		if i.Master != 0 {
			add(i.Master, i.Index)
		}
	}
	for _, i := range interfaces {
		if !below[i.Index] {
			entries = append(entries, StackEntry{i.Index, 0})
		}
		if !above[i.Index] {
			entries = append(entries, StackEntry{0, i.Index})
		}
	}
	slices.SortFunc(entries, func(a, b StackEntry) int {
		return cmp.Or(cmp.Compare(a.Higher, b.Higher), cmp.Compare(a.Lower, b.Lower))
	})
	return slices.Compact(entries)
}
