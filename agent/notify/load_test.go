package notify

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/agent/internal/managed"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// TestWhileTelling: while statements are replaced over and over, and managers make and
// destroy rows, whoever asks for destinations gets those of one set of statements and
// not some of either, and no manager's row is lost.
func TestWhileTelling(t *testing.T) {
	statements := func(name string) []Statement {
		return []Statement{
			addr(name, "x", name), params(name), Notify{Name: name, Tag: "x"},
			FilterProfile{Params: name, ProfileName: name}, Filter{ProfileName: name, Subtree: pdu.SnmpTraps},
		}
	}
	targets := MustNew(statements("even")...)
	tree := serve(t, targets)
	done := make(chan struct{})
	var managers, others sync.WaitGroup
	for who := range 2 {
		managers.Go(func() {
			for i := range 200 {
				name := fmt.Sprint("managed", who, "-", i)
				for _, vbs := range [][]pdu.VarBind{makeAddr(name, "x", "managed"), makeNotify(name, "nothing", Trap)} {
					if err := tree.Set(new(mib.Request), vbs); err != nil {
						t.Error(err)
					}
				}
				if err := tree.Set(new(mib.Request), []pdu.VarBind{status(inAddr(9, name), mib.Destroy)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	forever := func(f func(i int)) {
		others.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					f(i)
				}
			}
		})
	}
	forever(func(i int) {
		if err := targets.Replace(statements([]string{"even", "odd"}[i%2])...); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		forever(func(int) {
			var list []string
			for d := range targets.Destinations(coldStart) {
				list = append(list, d.Addr.Name+" "+d.Params.Name+" "+d.Notify)
			}
			if got := strings.Join(list, ", "); got != "even even even" && got != "odd odd odd" {
				t.Errorf("the destinations are %q", got)
			}
		})
	}
	managers.Wait()
	close(done)
	others.Wait()
	if got := targets.notifies.Load().Len(); got != 401 {
		t.Errorf("%d rows of snmpNotifyTable, want 400 of the managers and one of a statement", got)
	}
	if got := targets.addrs.Load().Len(); got != 1 {
		t.Errorf("%d rows of snmpTargetAddrTable", got)
	}
}

// fill are n targets, each with all the tags, all of which select it.
func fill(n int, tags string) []Statement {
	list := []Statement{params("p")}
	for i := range n {
		list = append(list, addr(fmt.Sprint("a", i), tags, "p"))
	}
	for i, tag := range slices.Compact(strings.Fields(tags)) {
		list = append(list, Notify{Name: fmt.Sprint("n", i), Tag: tag, Type: Trap + Type(i%2)})
	}
	return list
}

// TestManySelect: however many rows select an address, it is told once of each type.
func TestManySelect(t *testing.T) {
	var tags []string
	for c := '!'; c <= 'z'; c++ {
		tags = append(tags, string(c))
	}
	list := fill(100, strings.Join(tags, " "))
	for i := range 5000 {
		list = append(list, Notify{Name: fmt.Sprint("more", i), Tag: "!"})
	}
	if got := names(MustNew(list...), coldStart); len(got) != 200 {
		t.Errorf("there are %d destinations", len(got))
	}
}

func BenchmarkDestinations(b *testing.B) {
	for _, n := range []int{1, 100, managed.MaxRows} {
		targets := MustNew(fill(n, "x y")...)
		b.Run(fmt.Sprintf("targets=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range targets.Destinations(coldStart) {
				}
			}
		})
		tags := strings.TrimSpace(strings.Repeat("x ", 127))
		changed := MustNew(fill(n, tags)...)
		b.Run(fmt.Sprintf("changed/targets=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				changed.newSelection(nil)
			}
		})
	}
}
