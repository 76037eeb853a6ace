package agenttest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// A Clock stands still until Advance. It begins at 2026-01-01 00:00:00 UTC.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*timer
	change *sync.Cond // of timers
}

type timer struct {
	at time.Time
	f  func()
}

// NewClock returns a Clock.
func NewClock() *Clock {
	c := &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.change = sync.NewCond(&c.mu)
	return c
}

// Now implements agent.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc implements agent.Clock.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{c.now.Add(d), f}
	c.timers = append(c.timers, t)
	c.change.Broadcast()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.timers, t)
		if i < 0 {
			return false
		}
		c.timers = slices.Delete(c.timers, i, i+1)
		c.change.Broadcast()
		return true
	}
}

// Advance moves the time on by d, and starts what AfterFunc has put off until
// then, in order.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	slices.SortStableFunc(c.timers, func(a, b *timer) int { return a.at.Compare(b.at) })
	for len(c.timers) > 0 && !c.timers[0].at.After(c.now) {
		go c.timers[0].f()
		c.timers = slices.Delete(c.timers, 0, 1)
	}
	c.change.Broadcast()
}

// Sleep returns when the time has moved on by d, or when ctx ends.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	woken := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(woken) })
	defer stop()
	select {
	case <-woken:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// patience is how long WaitTimers waits, in real time.
const patience = 10 * time.Second

// WaitTimers waits until at least n functions are put off or sleeping: what has to
// be there before Advance. An agent puts off one for each request that is with a
// hook or a handler that blocks, its HandlerTimeout, and one for each attempt of an
// inform. If they are not there within ten seconds of real time the test has failed,
// and WaitTimers returns all the same. Any goroutine of the test may call it.
func (c *Clock) WaitTimers(t testing.TB, n int) {
	t.Helper()
	late := false
	limit := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.change.Broadcast()
	})
	defer limit.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.timers) < n && !late {
		c.change.Wait()
	}
	if len(c.timers) < n {
		t.Errorf("agenttest: %d functions are put off or sleeping after %v, the test waits for %d", len(c.timers), patience, n)
	}
}
