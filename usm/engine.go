package usm

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// An Engine is an SNMP engine's identity and clock (RFC 3414 §2.2). Its methods
// are safe for concurrent use.
type Engine struct {
	id    EngineID
	clock EngineClock
	salts *saltSource
}

// NewEngine returns the engine called id, with a clock of its own. One engine is
// one Engine for as long as the process lives: what it encrypts has salts that do
// not repeat, however often a Model is made for it.
func NewEngine(id EngineID, clock EngineClock) *Engine {
	_, epoch := clock.(*EpochClock)
	return &Engine{id, clock, newSaltSource(epoch)}
}

// ID returns snmpEngineID.
func (e *Engine) ID() EngineID { return e.id }

// BootsTime returns snmpEngineBoots and snmpEngineTime as one reading: 0 to
// 2147483647 each, the time in seconds.
func (e *Engine) BootsTime() (boots, time int32) { return e.clock.BootsTime() }

// An EngineClock counts an engine's boots and the seconds since the last one, 0 to
// 2147483647 each. It never goes back while the process lives, and is asked by several
// goroutines at once.
type EngineClock interface {
	BootsTime() (boots, time int32)
}

// An EpochClock is the engine clock that needs no storage: snmpEngineBoots is 0
// and snmpEngineTime the seconds since 1970. What passes 2³¹−1, from 2038 on,
// goes into snmpEngineBoots.
//
// It is carried by the monotonic clock, so that a system clock that is set back
// does not show, and it follows the system clock forward, past a suspend or a
// correction. Identical replicas behind one address have the same clock.
//
// Deviation: SNMP-FRAMEWORK-MIB has snmpEngineBoots begin with 1. A system clock
// that was set back between two runs locks clients out, or lets a message that
// was captured pass again, until it has caught up. Where there is a disk,
// PersistentClock has neither.
type EpochClock struct{ since stopwatch }

// NewEpochClock returns an EpochClock that reads now, normally time.Now.
func NewEpochClock(now func() time.Time) *EpochClock { return &EpochClock{startStopwatch(now)} }

// BootsTime implements EngineClock.
func (c *EpochClock) BootsTime() (boots, seconds int32) {
	s := max(c.since.start.Add(c.since.passed()).Unix(), 0) // a clock that was never set may say 1969
	return int32(min(s>>31, math.MaxInt32)), int32(s & math.MaxInt32)
}

// A stopwatch tells how much time has passed. It is carried by the monotonic clock,
// which does not go while the machine is suspended, and follows the system clock
// forward: peers whose clocks went on would find an engine that has slept outside
// the time window for good (RFC 3414 §3.2 (7) b).
type stopwatch struct {
	now   func() time.Time
	start time.Time

	mu      sync.Mutex
	forward time.Duration // how far the system clock has run ahead of the monotonic one
	last    time.Duration // what was read last
}

func startStopwatch(now func() time.Time) stopwatch { return stopwatch{now: now, start: now()} }

// passed returns how much time has passed since start, never less than before.
func (s *stopwatch) passed() time.Duration {
	now := s.now()
	elapsed := now.Sub(s.start)                // by the monotonic clock
	wall := now.Round(0).Sub(s.start.Round(0)) // by the system clock
	return s.advance(elapsed, wall)
}

func (s *stopwatch) advance(elapsed, wall time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forward = max(s.forward, wall-elapsed)
	s.last = max(s.last, elapsed+s.forward)
	return s.last
}

// A BootsStore keeps snmpEngineBoots over restarts.
type BootsStore interface {
	// LoadBoots returns what SaveBoots has stored last, or 0 if there is nothing.
	LoadBoots() (int32, error)
	// SaveBoots stores boots. When it returns nil the value survives a power cut.
	SaveBoots(boots int32) error
}

// A PersistentClock is the engine clock of RFC 3414 §2.2: snmpEngineBoots counts
// the starts, snmpEngineTime the seconds since the last one. Like EpochClock it
// follows the system clock forward, past a suspend.
type PersistentClock struct {
	since stopwatch
	boots int32
}

// NewPersistentClock counts one more boot in store and returns the clock. now is
// normally time.Now. A store that cannot be read or written is an error: with a
// boots value that was used before, messages of the past would be good again.
//
// At 2147483647 the value stays, and everything authenticated is refused until
// the engine gets a new ID (RFC 3414 §2.2.2).
func NewPersistentClock(store BootsStore, now func() time.Time) (*PersistentClock, error) {
	boots, err := store.LoadBoots()
	if err != nil {
		return nil, fmt.Errorf("usm: snmpEngineBoots cannot be read: %w", err)
	}
	if boots < 0 {
		return nil, fmt.Errorf("usm: the store's snmpEngineBoots is %d: %w", boots, errBoots)
	}
	if boots < math.MaxInt32 {
		boots++
	}
	if err := store.SaveBoots(boots); err != nil {
		return nil, fmt.Errorf("usm: snmpEngineBoots cannot be stored: %w", err)
	}
	return &PersistentClock{startStopwatch(now), boots}, nil
}

var errBoots = errors.New("0 to 2147483647 is possible")

// BootsTime implements EngineClock. When snmpEngineTime would pass its maximum,
// after 68 years, it starts again with one more boot (RFC 3414 §2.2.2).
func (c *PersistentClock) BootsTime() (boots, seconds int32) {
	s := int64(c.since.passed() / time.Second)
	return int32(min(int64(c.boots)+s>>31, math.MaxInt32)), int32(s & math.MaxInt32)
}
