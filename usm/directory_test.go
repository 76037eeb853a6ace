package usm

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// A directory does what a map does, however users come and go.
func TestDirectory(t *testing.T) {
	random := rand.New(rand.NewPCG(3414, 24))
	for _, names := range []int{1, 3, 40, 2000} {
		d, model := newDirectory(), make(map[string]*user)
		for step := range 20_000 {
			name := fmt.Sprint("user-", random.IntN(names))
			switch random.IntN(5) {
			case 0, 1:
				u := named(name)
				d.put(u)
				model[name] = u
			case 2:
				_, was := model[name]
				if d.remove(name) != was {
					t.Fatalf("%d names, step %d: %s was there: %v", names, step, name, was)
				}
				delete(model, name)
			case 3:
				if random.IntN(1000) == 0 {
					d.clear()
					clear(model)
				}
			}
			if got := d.find([]byte(name)); got != model[name] {
				t.Fatalf("%d names, step %d: %s is %p, want %p", names, step, name, got, model[name])
			}
		}
		if got := slices.Sorted(func(yield func(string) bool) {
			for u := range d.all() {
				if !yield(u.name) {
					return
				}
			}
		}); !slices.Equal(got, slices.Sorted(maps.Keys(model))) {
			t.Errorf("%d names: %v, want those of %v", names, got, model)
		}
		for i := range names {
			name := fmt.Sprint("user-", i)
			if got := d.find([]byte(name)); got != model[name] {
				t.Errorf("%d names: %s is %p, want %p", names, name, got, model[name])
			}
		}
		if slots := len(*d.slots.Load()); slots > 4+8*names {
			t.Errorf("%d slots for %d names", slots, names)
		}
	}
}

// Who stays is always found while others come and go, and who is gone is not.
func TestDirectoryConcurrently(t *testing.T) {
	d, stays := newDirectory(), named("stays")
	d.put(stays)
	d.put(named("goes"))
	d.remove("goes")
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				if got := d.find([]byte("stays")); got != stays {
					t.Errorf("stays is %v", got)
					return
				}
				if got := d.find([]byte("goes")); got != nil {
					t.Errorf("goes is %v", got)
					return
				}
				if got := d.find([]byte("user-7")); got != nil && got.name != "user-7" {
					t.Errorf("user-7 is %v", got)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 20_000 {
		d.put(named(fmt.Sprint("user-", i%1000)))
		d.remove(fmt.Sprint("user-", i*7%1000))
	}
	close(done)
	wg.Wait()
}
