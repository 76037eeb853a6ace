package kernel

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fakeSource hands out what the test puts into it.
type fakeSource struct {
	mu      sync.Mutex
	state   fakeState
	samples int
	closed  int
}

type fakeState struct {
	interfaces []Interface
	err        error
	cost       time.Duration // how long a sample takes
}

func (f *fakeSource) Sample() (*Snapshot, error) {
	f.mu.Lock()
	f.samples++
	state := f.state
	f.mu.Unlock()
	s := &Snapshot{Taken: time.Now(), Interfaces: slices.Clone(state.interfaces)}
	if state.cost > 0 {
		time.Sleep(state.cost)
	}
	return s, state.err
}

func (f *fakeSource) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
}

// set replaces the state that the next sample sees.
func (f *fakeSource) set(state fakeState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

// counts returns how many samples were begun, and how often Close was called.
func (f *fakeSource) counts() (samples, closed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.samples, f.closed
}

// asItIs makes the snapshot itself the view.
func asItIs(s *Snapshot) *Snapshot { return s }

// inBubble runs f with the clock of testing/synctest and a started Sampler,
// whose uptime counts from 10 s.
func inBubble(t *testing.T, source *fakeSource, f func(t *testing.T, s *Sampler[Snapshot])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now().Add(-10 * time.Second)
		s, err := Start(source, func() uint32 { return uint32(time.Since(began) / (10 * time.Millisecond)) }, asItIs, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		f(t, s)
	})
}

// pass lets time go by in steps, and waits after each until all is quiet.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Whoever asks, whenever, sees data at most a second old, and asking alone
// takes no time.
func TestSamplerIsFresh(t *testing.T) {
	source := &fakeSource{state: fakeState{cost: 5 * time.Millisecond}}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		for _, quiet := range []time.Duration{
			time.Millisecond, 999 * time.Millisecond, 1001 * time.Millisecond, time.Hour, 2*time.Hour + 317*time.Millisecond,
		} {
			pass(quiet)
			before := time.Now()
			age := before.Sub(s.Current().Taken)
			if age > DefaultMaxAge || time.Since(before) > 0 {
				t.Errorf("after %v: data %v old, waited %v; want at most %v and no wait", quiet, age, time.Since(before), DefaultMaxAge)
			}
		}
	})
}

// Where a sample is dear, an unasked Sampler takes fewer, and asking ends that.
func TestSamplerRests(t *testing.T) {
	const cost = 40 * time.Millisecond
	source := &fakeSource{state: fakeState{cost: cost}}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		pass(idleAfter + time.Minute)

		const quiet = 10 * time.Minute
		before, _ := source.counts()
		pass(quiet)
		after, _ := source.counts()
		share := float64(after-before) * cost.Seconds() / quiet.Seconds()
		if share > 1.0/idleShare || after == before {
			t.Errorf("idle, %d samples take %.4f of the time, want some and at most %.4f", after-before, share, 1.0/idleShare)
		}

		if age := time.Since(s.Current().Taken); age > cost*idleShare+cost {
			t.Errorf("the first call sees data %v old", age)
		}
		pass(cost)
		for range 100 {
			if age := time.Since(s.Current().Taken); age > DefaultMaxAge {
				t.Fatalf("after waking, data is %v old, want at most %v", age, DefaultMaxAge)
			}
			pass(617 * time.Millisecond)
		}
		before, _ = source.counts()
		pass(idleAfter - time.Minute) // a manager that asks every five minutes
		after, _ = source.counts()
		if n := time.Duration(after-before) * DefaultMaxAge; n < idleAfter-time.Minute {
			t.Errorf("%d samples in the minutes after the last call, want one a second", after-before)
		}
	})
}

// A single slow sample must not put the Sampler to sleep for longer than the
// bound, nor may samples that take longer than the interval fill all the time.
func TestSamplerSlowSample(t *testing.T) {
	slow := fakeState{cost: 3 * time.Second}
	source := &fakeSource{}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		pass(idleAfter + time.Minute)
		source.set(slow)
		pass(5 * time.Second)
		source.set(fakeState{})
		pass(longestRest + time.Second)
		if age := time.Since(s.Current().Taken); age > DefaultMaxAge {
			t.Errorf("data %v old", age)
		}

		source.set(slow)
		s.Current()
		before, _ := source.counts()
		pass(time.Minute)
		if after, _ := source.counts(); after-before > 11 {
			t.Errorf("%d samples of 3 s in a minute, want half of the time free", after-before)
		}
	})
}

// RFC 2863 §3.1.17: interfaces come and go at run time, and the times follow.
func TestSamplerFollowsTheKernel(t *testing.T) {
	lo := Interface{Index: 1, Name: "lo", Hardware: HardwareLoopback, Oper: OperUp}
	tun := Interface{Index: 2, Name: "tun0", Hardware: HardwareNone, Oper: OperDown}
	source := &fakeSource{state: fakeState{interfaces: []Interface{lo}}}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		first := s.Current()
		if first.TableChange != 0 || first.Interfaces[0].LastChange != 0 {
			t.Errorf("first snapshot %+v: want all times 0", first)
		}

		pass(5 * time.Second)
		source.set(fakeState{interfaces: []Interface{lo, tun}})
		pass(time.Second)
		second := s.Current()
		added := second.TableChange
		if len(second.Interfaces) != 2 || added < 1500 || added > 1600 {
			t.Fatalf("%d interfaces, TableChange %d; want 2 and from 1500 to 1600", len(second.Interfaces), added)
		}
		if got := second.Find(2); got.LastChange != added || got.Discontinuity != added {
			t.Errorf("new interface %+v: want its times to be %d", got, added)
		}

		pass(20 * time.Second)
		tun.Oper = OperUp
		source.set(fakeState{interfaces: []Interface{lo, tun}})
		pass(time.Second)
		third := s.Current()
		if got := third.Find(2).LastChange; got < 3600 || got > 3700 || third.TableChange != added {
			t.Errorf("LastChange %d, TableChange %d; want from 3600 to 3700 and %d", got, third.TableChange, added)
		}

		source.set(fakeState{interfaces: []Interface{tun}})
		pass(time.Second)
		if got := s.Current().TableChange; got <= added {
			t.Errorf("TableChange %d after an interface went, want more than %d", got, added)
		}
		if len(first.Interfaces) != 1 || first.TableChange != 0 {
			t.Error("a published snapshot has changed")
		}
	})
}

func TestSamplerKeepsTheLastGoodSnapshot(t *testing.T) {
	failure := errors.New("out of descriptors")
	good := fakeState{interfaces: []Interface{{Index: 1, Name: "lo"}}}
	source := &fakeSource{state: good}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		source.set(fakeState{err: failure})
		pass(2 * time.Second)
		if got := s.Err(); !errors.Is(got, failure) {
			t.Errorf("Err() = %v, want %v", got, failure)
		}
		if got := s.Current(); len(got.Interfaces) != 1 {
			t.Errorf("%d interfaces, want the last good snapshot's 1", len(got.Interfaces))
		}
		source.set(good)
		pass(2 * time.Second)
		if got := s.Err(); got != nil {
			t.Errorf("Err() = %v after a success, want nil", got)
		}
	})
}

func TestSamplerStartFails(t *testing.T) {
	failure := errors.New("no such machine")
	source := &fakeSource{state: fakeState{err: failure}}
	s, err := Start(source, func() uint32 { return 0 }, asItIs, 0)
	if _, closed := source.counts(); s != nil || !errors.Is(err, failure) || closed != 1 {
		t.Errorf("Start = %v, %v, source closed %d times; want nil, %v, once", s, err, closed, failure)
	}
}

func TestSamplerClose(t *testing.T) {
	source := &fakeSource{}
	inBubble(t, source, func(t *testing.T, s *Sampler[Snapshot]) {
		s.Close()
		s.Close()
		before, closed := source.counts()
		if closed != 1 {
			t.Errorf("source closed %d times, want once", closed)
		}
		pass(time.Minute)
		if after, _ := source.counts(); after != before || s.Current() == nil {
			t.Errorf("%d samples after Close, snapshot %v; want none and the last one", after-before, s.Current())
		}
	})
}

func TestCurrentDoesNotAllocate(t *testing.T) {
	s, err := Start(&fakeSource{}, func() uint32 { return 0 }, asItIs, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := testing.AllocsPerRun(100, func() { s.Current() }); n != 0 {
		t.Errorf("Current allocates %.0f times", n)
	}
}
