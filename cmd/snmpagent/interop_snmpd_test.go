// Debian's snmpd and this daemon are asked the same, and must say the same.

package main_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"snmpstack/cmd/internal/interoptest"
)

// The agents are configured alike. sysLocation is left to the clients: snmpd would make a value given here read-only.
const interopConfig = `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
sysName interop
sysContact nobody <nobody@example.org>
sysServices 72
dontLogTCPWrappersConnects yes
`

const (
	interopUser   = "createUser walker SHA auth-passphrase AES priv-passphrase\nrwuser walker auth\n"
	interopLoad   = "load 12 10 5\n"
	interopExtend = "extend greeting /bin/echo hello world\n"
)

// configFor gives the configuration that both snmpd and the daemon understand. What snmpd knows besides is asked for as soon
// as the daemon lists the directive, with -H; snmpd in its place knows them all.
func configFor(t *testing.T, program string) string {
	t.Helper()
	config := interopConfig + interopUser
	other := os.Getenv("SNMPSTACK_INTEROP_AGENT") != ""
	var list []byte
	if !other {
		var err error
		if list, err = exec.Command(program, "-H").CombinedOutput(); err != nil {
			t.Fatalf("%s -H: %v\n%s", program, err, list)
		}
	}
	for _, more := range []string{interopLoad, interopExtend} {
		directive, _, _ := strings.Cut(more, " ")
		if !other && !strings.Contains("\n"+string(list), "\n"+directive+" ") {
			t.Logf("the daemon does not know %s: nothing of it is asked", directive)
			continue
		}
		config += more
	}
	return config
}

// TestInteropSnmpd walks Debian's snmpd and this daemon, both configured alike on this host, and compares what both serve.
func TestInteropSnmpd(t *testing.T) {
	reference, walk := interoptest.Tool(t, "snmpd"), interoptest.Tool(t, "snmpbulkwalk")
	program := buildAgent(t)
	config := configFor(t, program)
	daemon, snmpd := interoptest.Start(t, program, config), interoptest.Start(t, reference, config)
	settle(t, walk, snmpd)
	settle(t, walk, daemon) // which may be a snmpd too
	ours, theirs := walkAll(t, walk, daemon, ".1"), walkAll(t, walk, snmpd, ".1")

	shared, values, near := 0, 0, 0
	onlyTheirs := map[string]int{}
	for oid, want := range theirs {
		got, ok := ours[oid]
		if !ok {
			onlyTheirs[group(oid)]++
			if whole(oid) {
				t.Errorf("%s: missing, snmpd's is %s %q", oid, want.syntax, want.text)
			}
			continue
		}
		shared++
		if got.syntax != want.syntax {
			t.Errorf("%s: type %s, snmpd's is %s", oid, got.syntax, want.syntax)
			continue
		}
		switch how := comparison(oid, want.syntax); how {
		case sameValue:
			values++
			if got.text != want.text {
				t.Errorf("%s: %s %q, snmpd's is %q", oid, got.syntax, got.text, want.text)
			}
		case nearValue:
			near++
			if !isNear(got, want) {
				t.Errorf("%s: %s %s is far from snmpd's %s", oid, got.syntax, got.text, want.text)
			}
		}
	}
	t.Logf("%d objects here, %d there; both serve %d: types compared, %d values the same, %d near", len(ours), len(theirs), shared, values, near)
	var groups []string
	for _, group := range slices.Sorted(maps.Keys(onlyTheirs)) {
		groups = append(groups, fmt.Sprintf("%s (%d)", group, onlyTheirs[group]))
	}
	t.Logf("only snmpd serves %s", strings.Join(groups, ", "))
	if shared < 100 {
		t.Errorf("only %d objects are served by both: the comparison says little", shared)
	}
}

// settle waits until a daemon counts unicast packets, which snmpd does from its second look at the interfaces on.
func settle(t *testing.T, snmpbulkwalk string, daemon *interoptest.Daemon) {
	t.Helper()
	const ifInUcastPkts = ".1.3.6.1.2.1.2.2.1.11"
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(200 * time.Millisecond) {
		for _, o := range walkAll(t, snmpbulkwalk, daemon, ifInUcastPkts) {
			if o.text != "0" {
				return
			}
		}
	}
	t.Logf("%s has counted no unicast packet within 30 s", daemon.Name)
}

// An object is what snmpbulkwalk printed of one: the syntax before the colon, the value after it.
type object struct{ syntax, text string }

var walkLine = regexp.MustCompile(`^(\.1\.[0-9.]+) = (?:((?:Opaque: )?[A-Za-z0-9-]+): ?)?(.*)$`)

// walkAll reads the walk of a subtree with strings as hexadecimal digits: whatever they hold, a line stays a line.
func walkAll(t *testing.T, snmpbulkwalk string, daemon *interoptest.Daemon, root string) map[string]object {
	t.Helper()
	walk := exec.Command(snmpbulkwalk, "-v2c", "-c", "public", "-Cr25", "-r", "2", "-t", "5", "-Onex", daemon.Address, root)
	walk.Env = interoptest.ToolEnv(t.TempDir())
	out, err := walk.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("snmpbulkwalk: %v", err)
	}
	objects := map[string]object{}
	last := ""
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		part := walkLine.FindStringSubmatch(line)
		switch {
		case part == nil:
			// A long hexadecimal string goes on over several lines.
			o := objects[last]
			o.text += " " + line
			objects[last] = o
		case strings.HasPrefix(part[3], "No more variables left"):
		default:
			last = part[1]
			o := object{part[2], part[3]}
			if o.syntax == "" && o.text == `""` {
				o = object{"Hex-STRING", ""} // how the tool writes an empty string
			}
			objects[last] = o
		}
	}
	return objects
}

// group gives the part of the tree that an object lies in: .1.3.6.1.2.1.GROUP, or as much of another branch.
func group(oid string) string {
	parts := strings.Split(oid, ".")
	return strings.Join(parts[:min(len(parts), 8)], ".")
}

// What the daemon serves of these it serves whole: what snmpd has of them must be here too. sysORTable is each agent's own.
var wholes = []string{
	".1.3.6.1.2.1.1.1", ".1.3.6.1.2.1.1.2", ".1.3.6.1.2.1.1.3", ".1.3.6.1.2.1.1.4", ".1.3.6.1.2.1.1.5", ".1.3.6.1.2.1.1.6", ".1.3.6.1.2.1.1.7",
	".1.3.6.1.2.1.1.8", ".1.3.6.1.2.1.2", ".1.3.6.1.2.1.4.20", ".1.3.6.1.2.1.11", ".1.3.6.1.2.1.31", ".1.3.6.1.6.3.1.1.6",
	".1.3.6.1.6.3.10.2.1", ".1.3.6.1.6.3.11.2.1",
}

func whole(oid string) bool {
	return slices.ContainsFunc(wholes, func(prefix string) bool { return strings.HasPrefix(oid, prefix+".") })
}

const (
	sameValue = iota
	nearValue
	anyValue
)

// The two agents are not asked at the same moment, and some objects describe the agent itself. What is not listed here
// must be the same. The longest prefix that fits decides.
var comparisons = []struct {
	prefix string
	how    int
	why    string
}{
	{".1.3.6.1.2.1.1.2.0", anyValue, "sysObjectID names the product"},
	{".1.3.6.1.2.1.1.6.0", anyValue, "sysLocation: RFC 3418 wants the empty string when it is unknown, snmpd says Unknown"},
	{".1.3.6.1.2.1.1.9", anyValue, "sysORTable lists what each agent implements"},
	{".1.3.6.1.2.1.1.8", anyValue, "sysORLastChange"},
	{".1.3.6.1.2.1.4.33.0", anyValue, "ipAddressSpinLock starts at random"},
	{".1.3.6.1.2.1.4.35.1.7", anyValue, "ipNetToPhysicalState: what is known of a neighbour ages"},
	{".1.3.6.1.2.1.11", anyValue, "the snmp group counts each agent's own messages"},
	{".1.3.6.1.2.1.25.1.2", anyValue, "hrSystemDate"},
	{".1.3.6.1.2.1.25.1.6", nearValue, "hrSystemProcesses"},
	{".1.3.6.1.2.1.25.2.3.1.5", nearValue, "hrStorageSize: of cached and shared memory, what is in use"},
	{".1.3.6.1.2.1.25.2.3.1.6", nearValue, "hrStorageUsed"},
	{".1.3.6.1.2.1.25.3.3.1.2", anyValue, "hrProcessorLoad"},
	{".1.3.6.1.2.1.25.4", anyValue, "hrSWRunTable: processes come and go"},
	{".1.3.6.1.2.1.25.5", anyValue, "hrSWRunPerfTable: their processor time and memory"},
	{".1.3.6.1.2.1.31.1.1.1.16", anyValue, "ifPromiscuousMode: somebody may begin to capture between the two walks"},
	{".1.3.6.1.2.1.31.1.1.1.17", anyValue, "ifConnectorPresent: snmpd gives virtual interfaces a connector"},
	{".1.3.6.1.4.1.2021.4", nearValue, "memory in use"},
	{".1.3.6.1.4.1.2021.10", anyValue, "laTable: the load average"},
	{".1.3.6.1.4.1.2021.11", anyValue, "systemStats: activity since the last look"},
	{".1.3.6.1.4.1.2021.100", anyValue, "version: the product and its build"},
	{".1.3.6.1.6.3.1.1.6.1.0", anyValue, "snmpSetSerialNo starts at random"},
	{".1.3.6.1.6.3.10.2.1", anyValue, "snmpEngine: its identity, boots and time"},
	{".1.3.6.1.6.3.11.2.1", anyValue, "snmpMPDStats count each agent's own messages"},
	{".1.3.6.1.6.3.12.1.1.0", anyValue, "snmpTargetSpinLock starts at random"},
	{".1.3.6.1.6.3.15.1.1", anyValue, "usmStats count each agent's own messages"},
	{".1.3.6.1.6.3.15.1.2.1.0", anyValue, "usmUserSpinLock starts at random"},
	{".1.3.6.1.6.3.16.1.2.1.3", anyValue, "vacmGroupName: of what rouser and its kin stand for, each agent has names of its own"},
	{".1.3.6.1.6.3.16.1.2.1.4", anyValue, "vacmSecurityToGroupStorageType: what a configuration says is readOnly here, and permanent at snmpd"},
	{".1.3.6.1.6.3.16.1.4.1.8", anyValue, "vacmAccessStorageType"},
	{".1.3.6.1.6.3.16.1.5.1", anyValue, "vacmViewSpinLock starts at random"},
	{".1.3.6.1.6.3.16.1.5.2.1.5", anyValue, "vacmViewTreeFamilyStorageType"},
}

func comparison(oid, syntax string) int {
	how, length := sameValue, 0
	switch syntax {
	case "Timeticks":
		how = anyValue // times since each agent started
	case "Counter32", "Counter64":
		how = nearValue // the machine goes on counting between the two walks
	}
	for _, c := range comparisons {
		if len(c.prefix) > length && (oid == c.prefix || strings.HasPrefix(oid, c.prefix+".")) {
			how, length = c.how, len(c.prefix)
		}
	}
	return how
}

// isNear says that two readings a few seconds apart may be of the same quantity in the same unit: they differ by less
// than a fifth, or by what little changes meanwhile. For counters that is what a walk moves through the loopback interface.
func isNear(a, b object) bool {
	x, errX := strconv.ParseFloat(a.text, 64)
	y, errY := strconv.ParseFloat(b.text, 64)
	if errX != nil || errY != nil {
		return a == b
	}
	slack := 100.0
	if strings.HasPrefix(a.syntax, "Counter") {
		slack = 16 << 20
	}
	if a.syntax == "Counter32" { // one of them may have begun again at 0
		return float64(min(uint32(x)-uint32(y), uint32(y)-uint32(x))) <= max(0.2*max(x, y), slack)
	}
	return math.Abs(x-y) <= max(0.2*max(math.Abs(x), math.Abs(y)), slack)
}
