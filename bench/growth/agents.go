package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// manyAgents is how many agents there are at once.
const manyAgents = 1000

// A crowd is many agents in this process, each with a socket and an engine of its own,
// the objects of SNMPv2-MIB, SNMP-FRAMEWORK-MIB, SNMP-MPD-MIB and
// SNMP-USER-BASED-SM-MIB, and a user; the policy is the same for all.
type crowd struct {
	size                   int
	heap, stacks, resident float64 // octets for each, idle
	asked                  float64 // resident octets for each when it has been asked
	goroutines             float64 // for each
	cpu                    float64 // nanoseconds to make one and activate it
}

// gather makes the crowd and asks each of it by SNMPv2c and, with its own user, by
// SNMPv3.
func gather(size int, progress io.Writer) (*crowd, error) {
	policy, err := vacm.New(vacm.CommunityRule{Community: "public"}, vacm.UserRule{User: "ops", Level: pdu.AuthNoPriv})
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(progress, "agents:", size)
	heapBefore, stacksBefore, residentBefore, goroutinesBefore := heap(), stacks(), resident(self), runtime.NumGoroutine()
	start := cpuTime()
	var agents []*agent.Agent
	for n := range size {
		a := agent.New()
		a.LocalHost, a.LocalPort = "127.0.0.1", 0
		a.MIB, a.Access = mib.NewTree(), policy
		a.Engine = usm.NewEngine(engineOf(n), stoppedClock{})
		if err := a.AddUserKeys(newUser("ops", protection{usm.SHA256, usm.NoPriv})); err != nil {
			return nil, err
		}
		if err := a.RegisterObjects(a.MIB, &agent.System{Name: keyName(n)}); err != nil {
			return nil, err
		}
		if err := a.Activate(); err != nil {
			return nil, fmt.Errorf("agent %d: %w", n, err)
		}
		defer a.Deactivate()
		agents = append(agents, a)
	}
	c := &crowd{size: size, cpu: float64(cpuTime()-start) / float64(size)}
	c.heap = float64(heap()-heapBefore) / float64(size)
	c.stacks = float64(stacks()-stacksBefore) / float64(size)
	c.resident = (resident(self) - residentBefore) / float64(size)
	c.goroutines = float64(runtime.NumGoroutine()-goroutinesBefore) / float64(size)
	for n, a := range agents {
		if err := askOne(a, n); err != nil {
			return nil, fmt.Errorf("agent %d: %w", n, err)
		}
	}
	runtime.GC()
	c.asked = (resident(self) - residentBefore) / float64(size)
	return c, nil
}

// engineOf is the engine of agent n.
func engineOf(n int) usm.EngineID {
	return usm.EngineID(fmt.Sprintf("\x80\x00\x7e\xd9\x04%07d", n))
}

// askOne asks agent n for sysName, which has to be its own, in both ways.
func askOne(a *agent.Agent, n int) error {
	ctx := context.Background()
	for _, user := range []string{"", "ops"} {
		c, err := manager.Dial(ctx, a.LocalAddr().String())
		if err != nil {
			return err
		}
		c.Community = "public"
		if user != "" {
			c.Version = pdu.V3
			c.Security = manager.Security{User: newUser(user, protection{usm.SHA256, usm.NoPriv}), Level: pdu.AuthNoPriv}
		}
		list, err := c.Get(ctx, ber.MustOID("1.3.6.1.2.1.1.5.0"))
		c.Close()
		if err != nil {
			return err
		}
		if got := list[0].Value.Octets(); got != keyName(n) {
			return fmt.Errorf("its name is %q", got)
		}
	}
	return nil
}

// stacks is what goroutines' stacks take.
func stacks() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.StackInuse
}

// resident is how much of the machine's memory a process has, in octets, by its file
// statm in /proc: 0 if the system does not tell.
func resident(statm string) float64 {
	text, err := os.ReadFile(statm)
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize())
}

const self = "/proc/self/statm"
