package agent

import "time"

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
