package agent

import (
	"context"
	"sync"
	"time"
)

// A Clock is where the agent has its time from. Tests put a manual one in its
// place (package agenttest).
type Clock interface {
	// Now returns the time. Its differences must not be changed by somebody who
	// sets the system's clock, as is so for time.Now.
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own when d has passed, unless stop
	// is called before.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// A requestContext is the context of a request that a worker answers: it ends when that
// takes longer than HandlerTimeout, when it is done, or with the run. As a rule nobody
// waits for that; it takes a context of package context's only when somebody does, and
// else serves for one request after another.
type requestContext struct {
	run      *run
	mu       sync.Mutex
	deadline time.Time
	ended    bool
	inner    context.Context // nil: nobody has asked for Done
	cancel   func()
}

// start begins with another request.
func (c *requestContext) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline, c.ended = c.run.Clock.Now().Add(c.run.HandlerTimeout), false
}

// end ends the context. It reports whether somebody has waited for that, so that it
// must not be started again.
func (c *requestContext) end() (waited bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.inner != nil {
		c.cancel()
	}
	return c.inner != nil
}

func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = c.run.withTimeout(c.deadline.Sub(c.run.Clock.Now()))
		if c.ended {
			c.cancel()
		}
	}
	return c.inner.Done()
}

func (c *requestContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.run.context.Err() != nil:
		return c.run.context.Err()
	case c.ended:
		return context.Canceled
	case !c.run.Clock.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Deadline is by the system's clock, if the agent's is that.
func (c *requestContext) Deadline() (time.Time, bool) {
	if _, ok := c.run.Clock.(systemClock); !ok {
		return time.Time{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deadline, true
}

func (c *requestContext) Value(key any) any {
	c.mu.Lock()
	inner := c.inner
	c.mu.Unlock()
	if inner != nil {
		return inner.Value(key)
	}
	return c.run.context.Value(key)
}

// withTimeout returns a context that ends after d, and what ends it before.
func (r *run) withTimeout(d time.Duration) (ctx context.Context, end func()) {
	if _, ok := r.Clock.(systemClock); ok {
		return context.WithTimeout(r.context, d)
	}
	inner, cancel := context.WithCancelCause(r.context)
	stop := r.Clock.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })
	return clockContext{inner}, func() { stop(); cancel(nil) }
}

// A clockContext ends by another clock than the system's. It has no Deadline: who asks
// for one compares it with the system's time.
type clockContext struct{ context.Context }

func (c clockContext) Err() error {
	err := c.Context.Err()
	if err != nil && context.Cause(c.Context) == context.DeadlineExceeded {
		return context.DeadlineExceeded
	}
	return err
}
