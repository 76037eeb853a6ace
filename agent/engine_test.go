package agent_test

import (
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A settableClock is a system clock that somebody sets.
type settableClock struct{ now time.Time }

func (c *settableClock) Now() time.Time { return c.now }

func (c *settableClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}

// The engine that an agent makes for itself stays the same one while the process
// lives, however often the agent is activated: its time does not go back (decision
// 14), so that what was captured before is not good again.
func TestEngineOutlivesActivation(t *testing.T) {
	clock := &settableClock{time.Unix(1_700_000_000, 0)}
	a := agent.New()
	a.Clock = clock
	ask := func() (id usm.EngineID, seconds int32) {
		before := a.EngineID()
		r := activateAt(t, a, agentAddress, managerAddress)
		defer r.Deactivate()
		_, n := r.report(r.exchange(discovery(pdu.GetRequest)))
		if before != n.EngineID || a.EngineID() != n.EngineID {
			t.Errorf("EngineID is %v, then %v; the engine is %v", before, a.EngineID(), n.EngineID)
		}
		return n.EngineID, n.Time
	}
	id, first := ask()
	clock.now = clock.now.Add(-time.Hour)
	if again, second := ask(); again != id || second < first {
		t.Errorf("%v at %d, before that %v at %d", again, second, id, first)
	}
	a.Enterprise = 99999
	if other, _ := ask(); other == id {
		t.Errorf("Enterprise has changed, and the engine is still %v", other)
	}
}

// The ID of an Engine that somebody has given is the agent's, active or not.
func TestEngineID(t *testing.T) {
	a := agent.New()
	withEngine(a)
	if id := a.EngineID(); id != testEngine {
		t.Error(id)
	}
	r := activateAt(t, a, agentAddress, managerAddress)
	if a.Engine = nil; r.EngineID() != testEngine { // it is another one from the next activation on
		t.Error(r.EngineID())
	}
}

// An engine ID that is none, or that names no engine in particular, is refused with
// a code (RFC 3411 §5, SnmpEngineID; RFC 5343 §3.1).
func TestBadEngineID(t *testing.T) {
	for _, id := range []usm.EngineID{"", "four", usm.EngineID(make([]byte, 12)), "\xFF\xFF\xFF\xFF\xFF", usm.EngineID(strings.Repeat("x", 33)), "\x80\x00\x00\x00\x06"} {
		a := agent.New()
		a.LocalHost, a.LocalPort = "127.0.0.1", 0
		a.Engine = usm.NewEngine(id, fixedClock{1, 1})
		if err := a.Activate(); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("%v: %v", id, err)
		}
		a.Deactivate()
	}
}
