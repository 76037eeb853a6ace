package mib

import (
	"sync"
	"testing"
)

// Nobody has a turn together with another one, and everybody gets one.
func TestTurn(t *testing.T) {
	var turns turn
	const each = 200
	taken := 0 // the race detector sees whether the turn guards it
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range each {
				if !turns.wait(nil) {
					t.Error("a turn was given up that nobody is too late for")
				}
				taken++
				turns.release()
			}
		})
	}
	all.Wait()
	if taken != 8*each || !turns.try() || turns.try() {
		t.Errorf("%d turns were taken, want %d, and now it is to be had once", taken, 8*each)
	}
}

// Who is too late gives up, and those who wait beside him do not.
func TestTurnTooLate(t *testing.T) {
	var turns turn
	turns.try()
	patient := make(chan bool)
	go func() { patient <- turns.wait(nil) }()
	late := make(chan struct{})
	close(late)
	if turns.wait(late) {
		t.Fatal("two have the turn")
	}
	turns.release()
	if !<-patient {
		t.Error("who waits does not get the turn")
	}
	if turns.try() {
		t.Error("two have the turn")
	}
	turns.release()
	if got := testing.AllocsPerRun(10, func() { turns.try(); turns.release() }); got != 0 {
		t.Errorf("a turn that nobody waits for takes %v allocations", got)
	}
}
