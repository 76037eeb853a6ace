package kernel

import (
	"slices"
	"testing"
)

// RFC 2863 §3.1.1 and ifStackTable: who runs on top of whom.
func TestStack(t *testing.T) {
	tests := []struct {
		name       string
		interfaces []Interface
		want       []StackEntry
	}{
		{"none", nil, []StackEntry{}},
		{"one alone", []Interface{{Index: 3}}, []StackEntry{{0, 3}, {3, 0}}},
		{"a VLAN", []Interface{{Index: 2}, {Index: 5, Lower: 2}}, []StackEntry{{0, 5}, {2, 0}, {5, 2}}},
		{"a bridge and its ports", []Interface{{Index: 2, Master: 9}, {Index: 3, Master: 9}, {Index: 9}},
			[]StackEntry{{0, 9}, {2, 0}, {3, 0}, {9, 2}, {9, 3}}},
		{"a VLAN in a bridge", []Interface{{Index: 2}, {Index: 5, Lower: 2, Master: 9}, {Index: 9}},
			[]StackEntry{{0, 9}, {2, 0}, {5, 2}, {9, 5}}},
		{"below and member at once", []Interface{{Index: 2, Master: 9}, {Index: 9, Lower: 2}}, []StackEntry{{0, 9}, {2, 0}, {9, 2}}},
		{"what is below is gone", []Interface{{Index: 5, Lower: 2, Master: 9}}, []StackEntry{{0, 5}, {5, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := stack(tt.interfaces); !slices.Equal(got, tt.want) {
				t.Errorf("stack = %v, want %v", got, tt.want)
			}
		})
	}
	t.Run("of the dump", func(t *testing.T) {
		got := loadDump(t, "netns-links.hex", linksSeq).Stack
		// veth1 (2) is in br0 (4), mac0 (8) is on veth0 (3).
		want := []StackEntry{{0, 1}, {0, 4}, {0, 5}, {0, 6}, {0, 7}, {0, 8}, {1, 0}, {2, 0}, {3, 0}, {4, 2}, {5, 0}, {6, 0}, {7, 0}, {8, 3}}
		if !slices.Equal(got, want) {
			t.Errorf("stack = %v, want %v", got, want)
		}
	})
}

// RFC 2863, ifStackLastChange: sysUpTime at the last change of any row.
func TestStackChange(t *testing.T) {
	const before, now = 100, 500
	snapshot := func(list ...Interface) *Snapshot {
		s := &Snapshot{Interfaces: list}
		s.sort()
		return s
	}
	previous := snapshot(Interface{Index: 2}, Interface{Index: 9, Kind: "bridge"})
	previous.StackChange = before
	tests := []struct {
		name  string
		fresh *Snapshot
		want  uint32
	}{
		{"nothing", snapshot(Interface{Index: 2, Oper: OperDown}, Interface{Index: 9, Kind: "bridge"}), before},
		{"joined the bridge", snapshot(Interface{Index: 2, Master: 9}, Interface{Index: 9, Kind: "bridge"}), now},
		{"an interface more", snapshot(Interface{Index: 2}, Interface{Index: 9, Kind: "bridge"}, Interface{Index: 10}), now},
		{"an interface less", snapshot(Interface{Index: 2}), now},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			advance(previous, tt.fresh, now)
			if tt.fresh.StackChange != tt.want {
				t.Errorf("StackChange %d, want %d", tt.fresh.StackChange, tt.want)
			}
		})
	}
}
