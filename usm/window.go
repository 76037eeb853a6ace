package usm

import (
	"math"
	"time"
)

// TimeWindow is how many seconds a message's time may differ from the engine's
// (RFC 3414 §2.2.3).
const TimeWindow = 150

// timely reports whether a message for our engine is inside the time window (RFC
// 3414 §3.2 (7) a).
func (m *Model) timely(p *parameters) bool {
	boots, time := m.engine.BootsTime()
	if boots == math.MaxInt32 || p.boots != boots {
		return false
	}
	difference := int64(p.time) - int64(time)
	window := int64(m.window.Load())
	return -window <= difference && difference <= window
}

// A remoteClock is what is known of another engine's clock (RFC 3414 §2.3). The
// zero value is what is known before a message has come.
type remoteClock struct {
	boots  int32     // snmpEngineBoots
	latest int32     // latestReceivedEngineTime
	at     time.Time // when that was; zero: never
}

// read returns the engine's boots and time as they should be now.
func (c *remoteClock) read(now time.Time) (boots, seconds int32) {
	if c.at.IsZero() {
		return 0, 0
	}
	passed := int64(now.Sub(c.at) / time.Second)
	return c.boots, int32(min(int64(c.latest)+max(passed, 0), math.MaxInt32))
}

// follow takes boots and time from an authentic message, if they are ahead, and
// reports whether it is inside the time window (RFC 3414 §3.2 (7) b).
func (c *remoteClock) follow(p *parameters, now time.Time) bool {
	// (7) b 1: the clock is set only by what is later than all there was before.
	if c.at.IsZero() || p.boots > c.boots || p.boots == c.boots && p.time > c.latest {
		*c = remoteClock{p.boots, p.time, now}
	}
	// (7) b 2
	boots, seconds := c.read(now)
	return boots != math.MaxInt32 && p.boots == boots && int64(p.time) >= int64(seconds)-TimeWindow
}
