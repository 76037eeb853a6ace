package agent

import (
	"context"
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

// withTimeout returns the context of a request that may take HandlerTimeout, and what
// ends it.
func (r *run) withTimeout() (ctx context.Context, end func()) {
	if _, ok := r.Clock.(systemClock); ok {
		return context.WithTimeout(r.context, r.HandlerTimeout)
	}
	inner, cancel := context.WithCancelCause(r.context)
	stop := r.Clock.AfterFunc(r.HandlerTimeout, func() { cancel(context.DeadlineExceeded) })
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
