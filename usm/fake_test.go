package usm

import "time"

// A fixedClock is an EngineClock that stands still.
type fixedClock struct{ boots, time int32 }

func (c fixedClock) BootsTime() (boots, time int32) { return c.boots, c.time }

// A fakeTime is a clock that goes when it is told to.
type fakeTime struct{ t time.Time }

func newFakeTime() *fakeTime { return &fakeTime{time.Unix(1e9, 0)} }

func (f *fakeTime) now() time.Time { return f.t }

func (f *fakeTime) pass(d time.Duration) { f.t = f.t.Add(d) }
