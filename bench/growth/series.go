package main

import (
	"fmt"
	"io"
	"time"

	"snmpstack/bench/internal/figures"
)

// A series is one thing that there can be more and more of.
type series struct {
	what, text string
	sizes      []int
	build      func(size int) (*built, error)
	// floors are look-ups of a key among as many in the simplest way: what is left of
	// the growth where there is no agent.
	floors func(size int) []floor
}

// A built is an agent with so many of it.
type built struct {
	*subject
	works  []work
	memory float64 // octets of the heap for each, 0: not measured
}

// A work is a kind of request.
type work struct {
	name     string
	generate generator
	varBinds int // in an answer
}

// A floor does n look-ups.
type floor struct {
	name string
	look func(n int)
}

// A line is what one kind of request, or look-up, costs by size.
type line struct {
	name   string
	floor  bool
	costs  []float64 // nanoseconds, by size: medians of the rounds
	ratios []float64 // to the least size in the same round: medians
}

// A result is what a series has come to.
type result struct {
	series
	lines   []line
	network []line  // over the loopback interface, of the least and the most
	memory  float64 // octets of the heap for each of the most
}

// run measures a series: in each round every size has its turn with every kind of
// request, so that what else the machine does meanwhile concerns all of them.
func (s series) run(program string, rounds int, turn time.Duration, progress io.Writer) (*result, error) {
	r := &result{series: s}
	var all []*built
	for _, size := range s.sizes {
		fmt.Fprintf(progress, "%s: %d\n", s.what, size)
		b, err := s.build(size)
		if err != nil {
			return nil, fmt.Errorf("%d %s: %w", size, s.what, err)
		}
		all = append(all, b)
		r.memory = b.memory
	}
	measure := func(name string, isFloor bool, do func(size, n int) (time.Duration, error)) error {
		l, err := compare(name, len(s.sizes), rounds, turn, do)
		if err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		l.floor = isFloor
		r.lines = append(r.lines, l)
		fmt.Fprintf(progress, "%s: %s %.0f\n", s.what, l.name, l.costs)
		return nil
	}
	for i, w := range all[0].works {
		err := measure(w.name, false, func(size, n int) (time.Duration, error) {
			b := all[size]
			return b.ask(b.works[i].generate, n, b.works[i].varBinds)
		})
		if err != nil {
			return nil, err
		}
	}
	if program != "" {
		var err error
		if r.network, err = s.network(program, all[0], all[len(all)-1], rounds, turn, progress); err != nil {
			return nil, err
		}
	}
	// The look-ups come when the agents are gone: what they need would otherwise be
	// more work for the garbage collector.
	for _, b := range all {
		b.agent.Deactivate()
	}
	clear(all)
	floors := make([][]floor, len(s.sizes))
	for i, size := range s.sizes {
		floors[i] = s.floors(size)
	}
	for i, f := range floors[0] {
		err := measure(f.name, true, func(size, n int) (time.Duration, error) {
			start := cpuTime()
			floors[size][i].look(n)
			return cpuTime() - start, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// compare lets sizes have their turns with a kind of request. do asks for n of them.
func compare(name string, sizes, rounds int, turn time.Duration, do func(size, n int) (time.Duration, error)) (l line, err error) {
	failed := func(size int, err error) (line, error) {
		return l, fmt.Errorf("%s, size %d of %d: %w", name, size+1, sizes, err)
	}
	// So many at a time as take a turn of the one that is quickest.
	n := 256
	for {
		took, err := do(0, n)
		if err != nil {
			return failed(0, err)
		}
		if took >= turn/2 {
			n = int(float64(n) * float64(turn) / float64(took))
			break
		}
		n *= 2
	}
	// What is done once has been done then: the first SET of a row copies those beside it.
	for i := range sizes {
		if _, err := do(i, 4*n); err != nil {
			return failed(i, err)
		}
	}
	costs := make([][]float64, sizes)
	ratios := make([][]float64, sizes)
	for range rounds {
		for i := range sizes {
			if _, err := do(i, n/8+1); err != nil { // the caches are others' still
				return failed(i, err)
			}
			took, err := do(i, n)
			if err != nil {
				return failed(i, err)
			}
			costs[i] = append(costs[i], float64(took.Nanoseconds())/float64(n))
			ratios[i] = append(ratios[i], costs[i][len(costs[i])-1]/costs[0][len(costs[0])-1])
		}
	}
	l.name = name
	for i := range sizes {
		l.costs, l.ratios = append(l.costs, figures.Median(costs[i])), append(l.ratios, figures.Median(ratios[i]))
	}
	return l, nil
}
