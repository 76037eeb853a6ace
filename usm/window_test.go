package usm

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"snmpstack/pdu"
)

// RFC 3414 §2.2.3 and §3.2 (7) a: which boots and time a message may state, at the
// edges.
func TestTimeWindow(t *testing.T) {
	const latched = math.MaxInt32 // RFC 3414 §2.2.2
	for _, row := range []struct {
		name        string
		boots, time int32 // of the engine
		says        fixedClock
		window      int32
		ok          bool
	}{
		{"same", 3, 1000, fixedClock{3, 1000}, 150, true},
		{"150 behind", 3, 1000, fixedClock{3, 850}, 150, true},
		{"151 behind", 3, 1000, fixedClock{3, 849}, 150, false},
		{"150 ahead", 3, 1000, fixedClock{3, 1150}, 150, true},
		{"151 ahead", 3, 1000, fixedClock{3, 1151}, 150, false},
		{"one boot fewer", 3, 1000, fixedClock{2, 1000}, 150, false},
		{"one boot more", 3, 1000, fixedClock{4, 1000}, 150, false},
		{"discovery", 3, 1000, fixedClock{0, 0}, 150, false},
		{"all the time ahead", 3, 0, fixedClock{3, math.MaxInt32}, 150, false},
		{"all the time behind", 3, math.MaxInt32, fixedClock{3, 0}, 150, false},
		{"boots 0", 0, 1000, fixedClock{0, 1000}, 150, true},
		{"latched", latched, 1000, fixedClock{latched, 1000}, 150, false},
		{"almost latched", latched - 1, 1000, fixedClock{latched - 1, 1000}, 150, true},
		{"another window", 3, 1000, fixedClock{3, 990}, 10, true},
		{"outside another window", 3, 1000, fixedClock{3, 989}, 10, false},
	} {
		x := newPair(t, Internal, ops(SHA1, AES128))
		x.clock = fixedClock{row.boots, row.time}
		x.model.SetTimeWindow(row.window)
		x.peer.Suppose(row.says.boots, row.says.time)
		_, err := x.process(x.request(t, "ops", pdu.AuthPriv))
		if row.ok != (err == nil) || !row.ok && !errors.Is(err, ErrNotInTimeWindow) {
			t.Errorf("%s: %v", row.name, err)
		}
		if err != nil {
			// The Report is authenticated, in plain text, and has the right time.
			header, _ := pdu.ReadHeader3(x.report(t, err), true)
			if level, _ := header.MsgFlags.Level(); level != pdu.AuthNoPriv || header.Encrypted {
				t.Errorf("%s: the Report is at %v", row.name, level)
			}
		}
	}
}

// RFC 3414 §1.4.2: without authentication nothing is said about time.
func TestTimeWindowWithoutAuthentication(t *testing.T) {
	x := newPair(t, Internal, User{Name: "anyone"})
	x.clock = fixedClock{math.MaxInt32, 5}
	if _, err := x.process(x.request(t, "anyone", pdu.NoAuthNoPriv)); err != nil {
		t.Error(err)
	}
}

// A message that is sent again is good as long as it is inside the window and the
// engine has not started again, and never later (RFC 3414 §1.4.1).
func TestReplay(t *testing.T) {
	x := newPair(t, Internal, ops(SHA256, AES256))
	captured := x.request(t, "ops", pdu.AuthPriv)
	for _, row := range []struct {
		boots, time int32
		ok          bool
	}{
		{3, 1000, true}, {3, 1150, true}, {3, 1151, false}, {3, 5000, false}, {4, 1000, false}, {4, 0, false},
		{math.MaxInt32, 1000, false}, {3, 1150, true},
	} {
		x.clock = fixedClock{row.boots, row.time}
		if _, err := x.process(captured); (err == nil) != row.ok {
			t.Errorf("boots %d, time %d: %v", row.boots, row.time, err)
		}
	}
}

// The clock that needs no storage: seconds since 1970, which never go back.
func TestEpochClock(t *testing.T) {
	now := newFakeTime()
	c := NewEpochClock(now.now)
	read := func(boots, seconds int32) {
		t.Helper()
		if b, s := c.BootsTime(); b != boots || s != seconds {
			t.Errorf("boots %d, time %d, want %d and %d", b, s, boots, seconds)
		}
	}
	read(0, 1e9)
	now.pass(1500 * time.Millisecond)
	read(0, 1e9+1)
	now.pass(-time.Hour)
	read(0, 1e9+1)
	now.pass(2 * time.Hour)
	read(0, 1e9+1+3600)
	now.t = time.Unix(math.MaxInt32, 0)
	read(0, math.MaxInt32)
	now.pass(time.Second) // in 2038
	read(1, 0)
	now.pass((math.MaxInt32 + 1) * time.Second)
	read(2, 0)

	if b, s := NewEpochClock(func() time.Time { return time.Unix(-100, 0) }).BootsTime(); b != 0 || s != 0 {
		t.Errorf("before 1970: boots %d, time %d", b, s)
	}
}

// Two clocks of a machine: the monotonic one does not stop and does not jump, and
// the system clock may do both.
func TestStopwatch(t *testing.T) {
	c := startStopwatch(newFakeTime().now)
	for _, row := range []struct {
		name          string
		elapsed, wall time.Duration
		want          time.Duration
	}{
		{"together", 10, 10, 10},
		{"set back", 20, -500, 20},
		{"still behind", 30, -490, 30},
		{"after a suspend", 40, 140, 140},
		{"goes on from there", 50, 150, 150},
		{"set back again", 60, 0, 160},
		{"read in the wrong order", 55, 155, 160},
		{"ahead once more", 70, 1000, 1000},
	} {
		if got := c.advance(row.elapsed*time.Second, row.wall*time.Second); got != row.want*time.Second {
			t.Errorf("%s: %v, want %v", row.name, got, row.want*time.Second)
		}
	}
}

// A memoryStore is a BootsStore that can fail.
type memoryStore struct {
	boots, saved int32
	load, save   error
}

func (s *memoryStore) LoadBoots() (int32, error) { return s.boots, s.load }
func (s *memoryStore) SaveBoots(boots int32) error {
	s.saved = boots
	return s.save
}

// RFC 3414 §2.2: one more boot for each start, stored before it is used, and no
// more at 2147483647.
func TestPersistentClock(t *testing.T) {
	broken := errors.New("broken disk")
	for _, row := range []struct {
		name  string
		store memoryStore
		boots int32
		err   string
	}{
		{"first start", memoryStore{}, 1, ""},
		{"later", memoryStore{boots: 41}, 42, ""},
		{"the last", memoryStore{boots: math.MaxInt32 - 1}, math.MaxInt32, ""},
		{"latched", memoryStore{boots: math.MaxInt32}, math.MaxInt32, ""},
		{"unreadable", memoryStore{load: broken}, 0, "cannot be read: broken disk"},
		{"not writable", memoryStore{boots: 5, save: broken}, 0, "cannot be stored: broken disk"},
		{"negative", memoryStore{boots: -1}, 0, "snmpEngineBoots is -1"},
	} {
		now := newFakeTime()
		c, err := NewPersistentClock(&row.store, now.now)
		if row.err != "" {
			if c != nil || err == nil || !strings.Contains(err.Error(), row.err) {
				t.Errorf("%s: %v, want %s", row.name, err, row.err)
			}
			continue
		}
		if err != nil || row.store.saved != row.boots {
			t.Fatalf("%s: %v, %d stored", row.name, err, row.store.saved)
		}
		if b, s := c.BootsTime(); b != row.boots || s != 0 {
			t.Errorf("%s: boots %d, time %d, want %d and 0", row.name, b, s, row.boots)
		}
		now.pass(90 * time.Second)
		if b, s := c.BootsTime(); b != row.boots || s != 90 {
			t.Errorf("%s: boots %d, time %d, want %d and 90", row.name, b, s, row.boots)
		}
		now.pass(-time.Hour)
		if b, s := c.BootsTime(); b != row.boots || s != 90 {
			t.Errorf("%s: boots %d, time %d with the clock set back, want %d and 90", row.name, b, s, row.boots)
		}
		now.pass(time.Hour)
		// RFC 3414 §2.2.2: where time would pass its maximum
		now.pass((math.MaxInt32 - 90) * time.Second)
		if b, s := c.BootsTime(); b != row.boots || s != math.MaxInt32 {
			t.Errorf("%s: boots %d, time %d, want %d and the maximum", row.name, b, s, row.boots)
		}
		now.pass(time.Second)
		want := min(int64(row.boots)+1, math.MaxInt32)
		if b, s := c.BootsTime(); int64(b) != want || s != 0 {
			t.Errorf("%s: boots %d, time %d, want %d and 0", row.name, b, s, want)
		}
	}
}
