package agent_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/transport"
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
		r := activateAt(t, a, agentAddress, managerAddress)
		defer r.Deactivate()
		_, n := r.report(r.exchange(discovery(pdu.GetRequest)))
		if a.EngineID() != n.EngineID {
			t.Errorf("EngineID is %v; the engine is %v", a.EngineID(), n.EngineID)
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

// Agents on one machine have engine IDs of their own, wherever they come to listen, and
// the same ones after a restart (RFC 3411 §5, SnmpEngineID: unique).
func TestDerivedEngineIDs(t *testing.T) {
	ids := make(map[usm.EngineID]netip.AddrPort)
	first := local()
	if err := first.Activate(); err != nil {
		t.Fatal(err)
	}
	defer first.Deactivate()
	port := int(first.LocalAddr().Port())
	for name, listen := range map[string]func(a *agent.Agent){
		"port 0":          func(*agent.Agent) {},
		"port 0 again":    func(*agent.Agent) {},
		"a fallback":      func(a *agent.Agent) { a.LocalPort, a.ForceLocalPort = port, false },
		"another address": func(a *agent.Agent) { a.LocalHost, a.LocalPort = "127.0.0.2", port },
	} {
		a := local()
		listen(a)
		if err := a.Activate(); name == "another address" && codeOf(err) == agent.CodeAddressUnavailable {
			continue // a system where only 127.0.0.1 is its own
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer a.Deactivate()
		id := engineOf(t, a)
		if a.EngineID() != id {
			t.Errorf("%s: EngineID is %v, the engine has %v", name, a.EngineID(), id)
		}
		if at, taken := ids[id]; taken || id == engineOf(t, first) {
			t.Errorf("%s: %v has engine ID %v, and so has %v or %v", name, a.LocalAddr(), id, at, first.LocalAddr())
		}
		ids[id] = a.LocalAddr()
		if id != agent.DeriveEngineID(0, a.LocalAddr()) {
			t.Errorf("%s: the engine ID is not that of %v", name, a.LocalAddr())
		}
	}
	wildcard, other := netip.MustParseAddrPort("0.0.0.0:161"), netip.MustParseAddrPort("[::]:161")
	if id := agent.DeriveEngineID(0, wildcard); id != usm.DeriveEngineID(0, "161") || id == agent.DeriveEngineID(0, other) || id == agent.DeriveEngineID(9, wildcard) {
		t.Errorf("the engine ID at %v is %v", wildcard, id)
	}
}

// EngineID tells before Activate what it will be, unless nobody can know.
func TestEngineIDBefore(t *testing.T) {
	for host, at := range map[string]string{"": "0.0.0.0:161", "127.0.0.1": "127.0.0.1:161", "::1": "[::1]:161", "::ffff:127.0.0.1": "127.0.0.1:161", "localhost": ""} {
		a := agent.New()
		a.LocalHost = host
		want := usm.EngineID("")
		if at != "" {
			want = agent.DeriveEngineID(0, netip.MustParseAddrPort(at))
		}
		if id := a.EngineID(); id != want {
			t.Errorf("at %q: %v, want that of %q", host, id, at)
		}
		if a.LocalPort = 0; a.EngineID() != "" {
			t.Errorf("at %q, on a port that the system chooses: %v", host, a.EngineID())
		}
	}
	a := agent.New()
	a.UseIPv6 = true
	if id := a.EngineID(); id != agent.DeriveEngineID(0, netip.MustParseAddrPort("[::]:161")) {
		t.Errorf("with UseIPv6: %v", id)
	}
}

// engineOf asks an agent on a socket of the system's for its engine ID.
func engineOf(t *testing.T, a *agent.Agent) usm.EngineID {
	t.Helper()
	c, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]transport.Packet{{Data: discovery(pdu.GetRequest), Remote: a.LocalAddr()}}); err != nil {
		t.Fatal(err)
	}
	var pool transport.Pool
	in := []transport.Packet{{Buf: pool.Get(transport.FullSize)}}
	if n, err := c.Read(in); n != 1 {
		t.Fatal(err)
	}
	header, err := pdu.ReadHeader3(in[0].Data, true)
	if err != nil {
		t.Fatal(err)
	}
	n, err := usm.ReadReport(header, new(pdu.Decoder))
	if err != nil {
		t.Fatal(err)
	}
	return n.EngineID
}
