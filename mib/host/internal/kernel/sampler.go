package kernel

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultMaxAge is the age a snapshot may reach when nothing else is asked for.
const DefaultMaxAge = time.Second

// idleAfter is how long a Sampler goes on at full pace after the last call of
// Current. Most managers poll every minute or every five.
const idleAfter = 6 * time.Minute

// idleShare bounds what sampling costs while nobody asks: one part in idleShare
// of one processor's time.
const idleShare = 100

// longestRest bounds the pause that follows from idleShare: a sample may be slow
// for once, because somebody else held the kernel's lock.
const longestRest = 10 * time.Second

// A Source takes snapshots. [Collector] is the one for the machine itself.
type Source interface {
	// Sample returns a new snapshot that the Sampler may keep and change.
	Sample() (*Snapshot, error)
	// Close releases what the source holds. No Sample runs or follows.
	Close()
}

// A Sampler keeps a recent view of a Source: a V, which a function of the
// caller's makes of each snapshot, so that this work too is off the request path.
//
// It takes one every three quarters of the maximum age, which leaves the last
// quarter for the sampling itself and for a busy machine. Where nobody has
// called Current for some minutes and sampling is dear, it slows down until it
// takes a hundredth of a processor at most: with a handful of interfaces a
// sample takes well under a millisecond and the pace never changes, with some
// thousands it may fall to one sample in several seconds. The call that ends
// such a rest gets the view there is, and the next one is made at once.
type Sampler[V any] struct {
	source Source
	uptime func() uint32
	view   func(*Snapshot) *V
	maxAge time.Duration

	latest  *Snapshot // belongs to the background goroutine
	current atomic.Pointer[V]
	asked   atomic.Bool   // Current was called since the loop last looked
	resting atomic.Bool   // the loop waits longer than usual
	wake    chan struct{} // ends a rest

	failure   atomic.Pointer[error]
	stop      chan struct{}
	stopped   chan struct{}
	closeOnce sync.Once
}

// Start takes the first snapshot and goes on in the background until Close.
// The function uptime gives the time in 1/100 s that changes are dated with
// (sysUpTime), view makes what Current returns; neither is called by two
// goroutines at once. A maxAge of 0 means DefaultMaxAge. If the first snapshot
// fails, Start closes source and returns the error.
func Start[V any](source Source, uptime func() uint32, view func(*Snapshot) *V, maxAge time.Duration) (*Sampler[V], error) {
	if maxAge <= 0 {
		maxAge = DefaultMaxAge
	}
	first, err := source.Sample()
	if err != nil {
		source.Close()
		return nil, fmt.Errorf("kernel: first snapshot: %w", err)
	}
	s := &Sampler[V]{
		source:  source,
		uptime:  uptime,
		view:    view,
		maxAge:  maxAge,
		latest:  first,
		wake:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	s.current.Store(view(first))
	go s.run()
	return s, nil
}

// Current returns the latest view. It does not block and does not allocate.
func (s *Sampler[V]) Current() *V {
	if !s.asked.Load() { // most calls only read, and share the cache line
		s.asked.Store(true)
		if s.resting.Load() {
			select {
			case s.wake <- struct{}{}:
			default:
			}
		}
	}
	return s.current.Load()
}

// Err returns why the latest attempt to sample failed, nil if it did not.
// Meanwhile Current returns the view of the last snapshot that succeeded.
func (s *Sampler[V]) Err() error {
	if p := s.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// Close ends sampling and closes the source; it waits for a sample under way.
// Current keeps returning the last view. Closing twice is allowed.
func (s *Sampler[V]) Close() {
	s.closeOnce.Do(func() { close(s.stop) })
	<-s.stopped
}

// run samples until Close.
func (s *Sampler[V]) run() {
	defer close(s.stopped)
	defer s.source.Close()
	interval := s.maxAge * 3 / 4
	lastAsked := time.Now()
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-s.wake:
		case <-timer.C:
		}
		s.resting.Store(false)

		began := time.Now()
		s.sample()
		cost := time.Since(began)

		if s.asked.Swap(false) {
			lastAsked = began
		}
		pause := interval
		if rest := min(cost*idleShare, longestRest); rest > interval && began.Sub(lastAsked) > idleAfter {
			s.resting.Store(true)
			if !s.asked.Load() { // a call after the Swap saw no rest to end
				pause = rest
			}
		}
		// Measured from the beginning of the sample, so that a slow one does
		// not make the next late; but never more than half of the time.
		timer.Reset(max(pause-cost, cost))
	}
}

// sample replaces the current view, or notes why it could not.
func (s *Sampler[V]) sample() {
	fresh, err := s.source.Sample()
	if err != nil {
		s.failure.Store(&err)
		return
	}
	advance(s.latest, fresh, s.uptime())
	s.latest = fresh
	s.current.Store(s.view(fresh))
	s.failure.Store(nil)
}
