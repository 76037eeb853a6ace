package agenttest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

// What arrives of the datagrams "ab", "cd", … with each fault.
func TestFaults(t *testing.T) {
	clock := agenttest.NewClock()
	for _, tt := range []struct {
		name   string
		faults []agenttest.Fault
		want   []string // of four
		later  []string // after a second
	}{
		{"none", nil, []string{"ab", "cd", "ef", "gh"}, nil},
		{"drop", []agenttest.Fault{agenttest.Drop, agenttest.Deliver, agenttest.Drop}, []string{"cd", "gh"}, nil},
		{"duplicate", []agenttest.Fault{agenttest.Duplicate}, []string{"ab", "ab", "cd", "ef", "gh"}, nil},
		{"overtaken", []agenttest.Fault{agenttest.Overtaken, agenttest.Overtaken}, []string{"ef", "ab", "cd", "gh"}, nil},
		{"overtaken by nothing", []agenttest.Fault{agenttest.Overtaken, agenttest.Drop}, []string{"ab", "ef", "gh"}, nil},
		{"truncate", []agenttest.Fault{agenttest.Truncate(1), agenttest.Truncate(5), agenttest.Truncate(0)}, []string{"a", "cd", "", "gh"}, nil},
		{"flip", []agenttest.Fault{agenttest.Flip(15), agenttest.Flip(16), agenttest.Flip(0)}, []string{"ac", "cd", "\xe5f", "gh"}, nil},
		{"delay", []agenttest.Fault{agenttest.Delay(clock, time.Second)}, []string{"cd", "ef", "gh"}, []string{"ab"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := agenttest.NewNetwork()
			to := network.Listen(t, "192.0.2.1:161")
			conn := agenttest.NewFaulty(network.Listen(t, "192.0.2.9:40000"), agenttest.Script(tt.faults...))
			var out []transport.Packet
			for _, text := range []string{"ab", "cd", "ef", "gh"} {
				out = append(out, transport.Packet{Data: []byte(text), Remote: netip.MustParseAddrPort("192.0.2.1:161")})
			}
			if n, err := conn.Write(out); n != 4 || err != nil {
				t.Fatal(n, err)
			}
			if got := arrived(t, to); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if string(out[0].Data) != "ab" {
				t.Error("the caller's datagram was changed")
			}
			clock.Advance(time.Second)
			for to.Pending() < len(tt.later) { // Advance starts it and does not wait
				runtime.Gosched()
			}
			if got := arrived(t, to); !slices.Equal(got, tt.later) {
				t.Errorf("later %q, want %q", got, tt.later)
			}
		})
	}
}

func arrived(t *testing.T, c *memnet.Conn) (list []string) {
	t.Helper()
	var pool transport.Pool
	in := []transport.Packet{{Buf: pool.Get(transport.SmallSize)}}
	for c.Pending() > 0 {
		if _, err := c.Read(in); err != nil {
			t.Fatal(err)
		}
		list = append(list, string(in[0].Data))
	}
	return list
}

// newPump returns an active agent with a few objects.
func newPump(t *testing.T, conn transport.Conn) *agent.Agent {
	t.Helper()
	tree := mib.NewTree()
	for arc, value := range []pdu.Value{pdu.OctetString("pump 7"), pdu.Gauge32(1450), pdu.TimeTicks(uint32(rand.Int()))} {
		err := mib.Scalar{Object: ber.NewOID(1, 3, 6, 1, 4, 1, 32473, 1, uint32(arc)), Get: mib.Constant(value)}.Register(tree)
		if err != nil {
			t.Fatal(err)
		}
	}
	a := agent.New()
	a.MIB, a.Conns = tree, []transport.Conn{conn}
	a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public"})
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Deactivate)
	return a
}

// A client that tries again gets through a network that loses, repeats, shortens and
// reorders both ways.
func TestFaultyWalk(t *testing.T) {
	const seed = 7
	network := agenttest.NewNetwork()
	faults := func(stream uint64) func() agenttest.Fault {
		return agenttest.Sometimes(rand.New(rand.NewPCG(seed, stream)), 3,
			agenttest.Drop, agenttest.Duplicate, agenttest.Overtaken, agenttest.Truncate(20), agenttest.Flip(77))
	}
	newPump(t, agenttest.NewFaulty(network.Listen(t, "192.0.2.1:161"), faults(1)))
	conn := agenttest.NewFaulty(network.Listen(t, "192.0.2.9:40000"), faults(2))
	client := manager.New(manager.OverTransport(conn, netip.MustParseAddrPort("192.0.2.1:161")), "192.0.2.1:161")
	client.Community, client.Timeout, client.Retries = "public", 5*time.Millisecond, 1000
	for range 20 {
		n := 0
		for vb, err := range client.Walk(context.Background(), ber.MustOID("1.3.6.1.4.1.32473")) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; vb.Value.IsException() {
				t.Errorf("%v", vb)
			}
		}
		if n != 3 {
			t.Errorf("%d instances, want 3", n)
		}
	}
}

// A recorder is a testing.TB that remembers what failed.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, strings.TrimSpace(fmt.Sprintf(format, args...)))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); panic(r) }
func (r *recorder) Helper()                           {}

func TestGoldenWalk(t *testing.T) {
	network := agenttest.NewNetwork()
	newPump(t, network.Listen(t, "192.0.2.1:161"))
	client := network.Manager(t, "192.0.2.1:161")
	client.Community = "public"
	file := filepath.Join(t.TempDir(), "pump.walk")
	root := ber.MustOID("1.3.6.1.4.1.32473")
	compared := func() []string {
		r := &recorder{TB: t}
		func() {
			defer func() {
				if v := recover(); v != nil && v != any(r) {
					panic(v)
				}
			}()
			agenttest.GoldenWalk(r, client, root, file)
		}()
		return r.failures
	}
	write := func(lines ...string) {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name, rpm, ticks := `1.3.6.1.4.1.32473.1.0.0 = OCTET STRING "pump 7"`, "1.3.6.1.4.1.32473.1.1.0 = Gauge32 1450", "1.3.6.1.4.1.32473.1.2.0 = *"

	if got := compared(); len(got) != 1 || !strings.Contains(got[0], agenttest.UpdateEnv) {
		t.Errorf("without a file: %q", got)
	}
	for _, tt := range []struct {
		lines []string
		want  []string // what the failures begin with
	}{
		{[]string{name, rpm, ticks}, nil},
		{[]string{name, rpm}, []string{"1.3.6.1.4.1.32473.1.2.0 = "}},
		{[]string{name, strings.Replace(rpm, "1450", "1451", 1), ticks}, []string{rpm + ", want Gauge32 1451"}},
		{[]string{name, rpm, "1.3.6.1.4.1.32473.1.1.1 = Null", ticks}, []string{"1.3.6.1.4.1.32473.1.1.1 is missing"}},
		{[]string{rpm, name, ticks}, []string{"1.3.6.1.4.1.32473.1.0.0 comes before 1.3.6.1.4.1.32473.1.1.0"}},
		{[]string{name, "nonsense"}, []string{file + ":2: expected NAME = VALUE"}},
	} {
		write(tt.lines...)
		got := compared()
		if !slices.EqualFunc(got, tt.want, func(g, w string) bool { return strings.HasPrefix(strings.TrimPrefix(g, file+": "), w) }) {
			t.Errorf("%q:\n got %q\nwant %q", tt.lines, got, tt.want)
		}
	}
	// Updating keeps what differs from run to run.
	write(strings.Replace(name, "7", "8", 1), ticks)
	t.Setenv(agenttest.UpdateEnv, "1")
	if got := compared(); len(got) > 0 {
		t.Errorf("updating: %q", got)
	}
	text, err := os.ReadFile(file)
	if want := name + "\n" + rpm + "\n" + ticks + "\n"; string(text) != want || err != nil {
		t.Errorf("%s %v, want %s", text, err, want)
	}
	root = root.Append(2)
	if got := compared(); len(got) != 1 || !strings.HasPrefix(got[0], "there is nothing below "+root.String()) {
		t.Errorf("a walk that finds nothing: %q", got)
	}
}

// WaitTimers waits for so many, and not for ever.
func TestWaitTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := agenttest.NewClock()
		clock.AfterFunc(time.Hour, func() {})
		time.AfterFunc(time.Second, func() { clock.AfterFunc(time.Hour, func() {}) })
		r := &recorder{TB: t}
		clock.WaitTimers(r, 2)
		if len(r.failures) > 0 {
			t.Errorf("%q", r.failures)
		}
		if clock.WaitTimers(r, 3); len(r.failures) != 1 || !strings.Contains(r.failures[0], "2 functions") {
			t.Errorf("%q", r.failures)
		}
	})
}

// What a new golden file has of the agent's own objects is the same with another agent,
// started at another time; its directory is made.
func TestGoldenWalkOfTheAgent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "testdata", "agent.walk")
	for _, update := range []string{"1", ""} {
		t.Setenv(agenttest.UpdateEnv, update)
		network := agenttest.NewNetwork()
		a := agent.New()
		a.MIB, a.Access = mib.NewTree(), agent.InsecureAllowAll
		a.Engine = usm.NewEngine("\x80\x00\x7e\xd9\x04golden", usm.NewEpochClock(time.Now))
		targets, err := notify.New()
		system := new(agent.System)
		err = errors.Join(
			err,
			a.RegisterObjects(a.MIB, system),
			a.RegisterAccess(a.MIB, system, vacm.MustNew(vacm.UserRule{User: "ops"})),
			a.RegisterTargets(a.MIB, system, targets),
			a.AddUserKeys(usm.User{Name: "ops"}),
		)
		if err != nil {
			t.Fatal(err)
		}
		a.Conns = []transport.Conn{network.Listen(t, "192.0.2.1:161")}
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		agenttest.GoldenWalk(t, network.Manager(t, "192.0.2.1:161"), ber.MustOID("1.3.6.1"), file)
		a.Deactivate()
	}
	text, err := os.ReadFile(file)
	if n := strings.Count(string(text), " = *\n"); n != 8 || err != nil {
		t.Errorf("%d values are left open, want 8: %s", n, text)
	}
}
