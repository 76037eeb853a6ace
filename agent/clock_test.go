package agent

import (
	"context"
	"testing"
	"time"
)

// A manualClock stands still until a test moves it; nobody waits for it here.
type manualClock struct{ now time.Time }

func (c *manualClock) Now() time.Time { return c.now }
func (c *manualClock) AfterFunc(time.Duration, func()) func() bool {
	return func() bool { return true }
}

// A request's context says that it has ended, and why, without anybody having waited:
// when its time is over, when it is done, when the agent stops; and starts anew.
func TestRequestContext(t *testing.T) {
	clock := &manualClock{now: time.Unix(1, 0)}
	r := &run{Agent: Agent{Clock: clock, HandlerTimeout: 3 * time.Second}}
	r.context, r.cancel = context.WithCancel(context.Background())
	c := &requestContext{run: r}
	is := func(when string, want error) {
		t.Helper()
		if got, cause := c.Err(), context.Cause(c); got != want || cause != want {
			t.Errorf("%s: %v, because of %v, want %v", when, got, cause, want)
		}
	}
	c.start()
	is("at first", nil)
	clock.now = clock.now.Add(2999 * time.Millisecond)
	is("just before the end", nil)
	clock.now = clock.now.Add(time.Millisecond)
	is("at the end", context.DeadlineExceeded)
	c.start()
	is("started anew", nil)
	if c.end() {
		t.Error("nobody has waited")
	}
	is("when it is done", context.Canceled)
	c.start()
	is("the third time", nil)
	if _, ok := c.Deadline(); ok {
		t.Error("a deadline by another clock than the system's")
	}

	// What is made of it ends with it, and it cannot be used again.
	derived, cancel := context.WithCancel(c)
	defer cancel()
	is("when somebody waits", nil)
	if !c.end() {
		t.Error("somebody has waited, and it would be used again")
	}
	<-c.Done()
	<-derived.Done()
	is("when it is done and somebody waits", context.Canceled)

	c = &requestContext{run: r}
	c.start()
	r.cancel()
	is("when the agent stops", context.Canceled)
	<-c.Done()
}
