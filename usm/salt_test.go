package usm

import (
	"encoding/binary"
	"sync"
	"testing"

	"snmpstack/pdu"
)

// RFC 3414 §8.1.1.1: boots ‖ a local integer. RFC 3826 §3.1.2.1: a 64-bit integer
// that begins with a random number. Either goes up by one for each message.
func TestSalt(t *testing.T) {
	s, opaque := newSaltSource(false), newSaltSource(true)
	for _, row := range []struct {
		name  string
		s     *saltSource
		mode  mode
		boots int32
		bits  int // that count
	}{
		{"AES", s, cfbMode, 7, 64},
		{"DES", s, cbcMode, 7, 32},
		{"DES, other boots", s, cbcMode, 1<<31 - 1, 32},
		{"AES, boots do not count", opaque, cfbMode, 0, 64},
		{"DES, boots do not count", opaque, cbcMode, 0, 64},
	} {
		a, b := row.s.next(row.mode, row.boots), row.s.next(row.mode, row.boots)
		first, second := binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:])
		if row.bits == 32 {
			if first>>32 != uint64(row.boots) || second>>32 != uint64(row.boots) {
				t.Errorf("%s: %x and %x, want boots %d in front", row.name, a, b, row.boots)
			}
			if uint32(second) != uint32(first)+1 {
				t.Errorf("%s: %x, then %x", row.name, a, b)
			}
		} else if second != first+1 {
			t.Errorf("%s: %x, then %x", row.name, a, b)
		}
	}
	if s.next(cfbMode, 0) == newSaltSource(false).next(cfbMode, 0) {
		t.Error("two sources begin with the same salt")
	}
	opaque.counter.Store(7<<32 - 1)
	if got := opaque.next(cbcMode, 5); got != (salt{0, 0, 0, 7}) {
		t.Errorf("%x where boots do not count, want the 64 bits of the counter", got)
	}
	s.counter.Store(1<<64 - 1)
	if got := s.next(cbcMode, 5); got != (salt{0, 0, 0, 5}) {
		t.Errorf("%x after the last, want boots and zeros", got)
	}
}

// Boots are part of a salt where they count, and not with the clock whose boots stay
// the same.
func TestSaltsOfClocks(t *testing.T) {
	persistent, err := NewPersistentClock(&memoryStore{boots: 6}, newFakeTime().now)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		clock EngineClock
		want  salt
	}{
		{persistent, salt{0, 0, 0, 7}},
		{NewEpochClock(newFakeTime().now), salt{0, 0, 0, 9}},
	} {
		e := NewEngine(testEngine, row.clock)
		e.salts.counter.Store(9<<32 - 1)
		boots, _ := e.BootsTime()
		if got := e.salts.next(cbcMode, boots); got != row.want {
			t.Errorf("%T: %x, want %x", row.clock, got, row.want)
		}
	}
}

// No salt is used twice under a key: not by workers side by side, and not by the
// next Model of the same engine.
func TestSaltsDiffer(t *testing.T) {
	const goroutines, messages = 8, 500
	for _, priv := range []PrivProtocol{DES, AES128} {
		clock, err := NewPersistentClock(&memoryStore{}, newFakeTime().now)
		if err != nil {
			t.Fatal(err)
		}
		engine := NewEngine(testEngine, clock)
		users := NewUsers(testEngine, System)
		if err := users.Add(ops(SHA1, priv)); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		seen := make(map[salt]bool)
		for range 2 {
			m := NewModel(engine, users, System, nil)
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					w, buf := m.NewWorker(), make([]byte, 600)
					for range messages {
						b, err := m.GenerateRequest(w, buf, &Request{MsgID: 1, MaxSize: 484, User: "ops", Level: pdu.AuthPriv}, &testScoped)
						if err != nil {
							t.Error(err)
							return
						}
						header, _ := pdu.ReadHeader3(b, true)
						p, err := readParameters(&header, true)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						seen[salt(p.priv)] = true
						mu.Unlock()
					}
				})
			}
			wg.Wait()
		}
		if len(seen) != 2*goroutines*messages {
			t.Errorf("%v: %d salts in %d messages", priv, len(seen), 2*goroutines*messages)
		}
	}
}
