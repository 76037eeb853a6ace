// Real clients ask this agent, and Debian's snmpd beside it is asked the same.

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The agents are configured alike. sysLocation is left to the clients: snmpd would make a value given here read-only.
const interopConfig = `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
sysName interop
sysContact nobody <nobody@example.org>
sysServices 72
dontLogTCPWrappersConnects yes
`

// What snmpd knows besides is asked for as soon as the daemon lists the directives, with -H.
const (
	interopUser   = "createUser walker SHA auth-passphrase AES priv-passphrase\nrwuser walker auth\n"
	interopLoad   = "load 12 10 5\n"
	interopExtend = "extend greeting /bin/echo hello world\n"
)

const clients = "../../agent/testdata/clients"

// absent skips the test, or fails it where the tools are required: there a skipped test would hide a missing installation.
func absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("SNMPSTACK_REQUIRE_INTEROP") != "" {
		t.Fatalf("SNMPSTACK_REQUIRE_INTEROP is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// tool gives the path of a program that the test cannot do without. Debian's daemons lie outside an ordinary user's PATH.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, name := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	absent(t, "%s is not installed", name)
	return ""
}

// buildAgent builds the daemon, with the race detector when the test has it. SNMPSTACK_INTEROP_AGENT may name another
// agent with the same command line instead: with snmpd it shows whether a check is the agent's fault or the script's.
func buildAgent(t *testing.T) string {
	t.Helper()
	if other := os.Getenv("SNMPSTACK_INTEROP_AGENT"); other != "" {
		return other
	}
	path := filepath.Join(t.TempDir(), "snmpagent")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// configFor gives the configuration that both snmpd and the daemon understand, and whether it has a user for SNMPv3.
func configFor(t *testing.T, program string) (config string, user bool) {
	t.Helper()
	known := func(directive string) bool { return true }
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") == "" {
		list, err := exec.Command(program, "-H").CombinedOutput()
		if err != nil {
			t.Fatalf("%s -H: %v\n%s", program, err, list)
		}
		known = func(directive string) bool { return strings.Contains("\n"+string(list), "\n"+directive+" ") }
	}
	config = interopConfig
	for _, more := range []string{interopUser, interopLoad, interopExtend} {
		directive, _, _ := strings.Cut(more, " ")
		if !known(directive) {
			t.Logf("the daemon does not know %s: nothing of it is asked", directive)
			continue
		}
		config += more
		user = user || more == interopUser
	}
	return config, user
}

// startAgent starts a daemon on a free port of the loopback interface and gives the port. At the end of the test it is
// told to stop, and must then end by itself without an error.
func startAgent(t *testing.T, program, config string) (port string) {
	t.Helper()
	snmpget := tool(t, "snmpget")
	dir := t.TempDir()
	path := filepath.Join(dir, "agent.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	if err := os.MkdirAll(filepath.Join(state, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := conn.LocalAddr().String()
	conn.Close()
	_, port, _ = net.SplitHostPort(address)

	daemon := exec.Command(program, "-f", "-Lo", "-C", "-c", path, "-I", "-smux", "-p", filepath.Join(dir, "pid"), "udp:"+address)
	daemon.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+state, "MIBS=", "HOME="+dir)
	var log lockedBuffer
	daemon.Stdout, daemon.Stderr = &log, &log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() {
		daemon.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("%s ended with %v:\n%s", filepath.Base(program), err, log.tail())
			}
		case <-time.After(10 * time.Second):
			daemon.Process.Kill()
			t.Errorf("%s did not stop within 10 s of SIGTERM:\n%s", filepath.Base(program), log.tail())
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), log.tail())
		}
	})

	for range 100 {
		get := exec.Command(snmpget, "-v2c", "-c", "public", "-r", "0", "-t", "0.1", address, ".1.3.6.1.2.1.1.3.0")
		get.Env = toolEnv(dir)
		if get.Run() == nil {
			return port
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended at once: %v\n%s", filepath.Base(program), err, log.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not answer on %s:\n%s", filepath.Base(program), address, log.tail())
	return ""
}

// toolEnv keeps Net-SNMP's tools from reading anybody's configuration or MIB files, so that they print numbers.
func toolEnv(dir string) []string {
	return append(os.Environ(), "LC_ALL=C", "MIBS=", "MIBDIRS=", "SNMPCONFPATH="+dir, "SNMP_PERSISTENT_DIR="+dir, "HOME="+dir)
}

// lockedBuffer holds what a daemon prints while the test may read it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b.Bytes()[max(0, l.b.Len()-4000):])
}

// TestInteropClients runs each client's script against the daemon, while tshark records what it will dissect afterwards.
func TestInteropClients(t *testing.T) {
	tool(t, "snmpget")
	program := buildAgent(t)
	config, user := configFor(t, program)
	port := startAgent(t, program, config)
	stop, capture := record(t, port)
	environment := append(os.Environ(), "SNMP_PORT="+port)
	if user {
		environment = append(environment, "SNMP_USER=walker", "SNMP_AUTH_PASS=auth-passphrase", "SNMP_PRIV_PASS=priv-passphrase")
	}
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") == "" {
		environment = append(environment, "SNMP_SMALL_BULK=1")
	}
	if mibs, err := filepath.Abs("../../../shared/mibs"); err == nil {
		environment = append(environment, "SNMP_MIBS="+mibs)
	}

	t.Run("net-snmp tools", func(t *testing.T) { runScript(t, environment, tool(t, "bash"), "netsnmp.sh") })
	t.Run("perl Net-SNMP", func(t *testing.T) {
		perl := tool(t, "perl")
		if out, err := exec.Command(perl, "-MNet::SNMP", "-MCrypt::DES", "-MDigest::HMAC", "-MCrypt::Rijndael", "-e1").CombinedOutput(); err != nil {
			absent(t, "Perl's Net::SNMP or a module for its SNMPv3 is not installed: %s", out)
		}
		runScript(t, environment, perl, "net-snmp.pl")
	})
	t.Run("pysnmp", func(t *testing.T) {
		// Debian's package belongs to Debian's interpreter, whatever python3 the PATH leads to.
		if out, err := exec.Command("/usr/bin/python3", "-c", "import pysnmp.hlapi").CombinedOutput(); err != nil {
			absent(t, "pysnmp 4 is not installed: %v %s", err, out)
		}
		runScript(t, environment, "/usr/bin/python3", "pysnmp4.py")
	})
	t.Run("gosnmp", func(t *testing.T) { runScript(t, environment, buildGosnmp(t)) })
	t.Run("node net-snmp", func(t *testing.T) {
		node, dir := tool(t, "node"), t.TempDir()
		install := exec.Command(tool(t, "npm"), "install", "--prefix", dir, "--no-audit", "--no-fund", "--silent", "net-snmp@3.29.2")
		if out, err := install.CombinedOutput(); err != nil {
			absent(t, "npm cannot install net-snmp: %v\n%s", err, out)
		}
		runScript(t, append(environment, "NODE_PATH="+filepath.Join(dir, "node_modules")), node, "net-snmp.js")
	})
	t.Run("tshark", func(t *testing.T) {
		tool(t, "tshark")
		if capture == "" {
			absent(t, "dumpcap is not installed or may not capture on lo")
		}
		stop(t)
		runScript(t, environment, tool(t, "bash"), "dissect.sh", capture)
	})
}

// buildGosnmp builds the gosnmp client as a module of its own outside this tree, which imports nothing but the standard library.
func buildGosnmp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, err := os.ReadFile(filepath.Join(clients, "gosnmp.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mod", "init", "client"}, {"get", "github.com/gosnmp/gosnmp@v1.47.0"}} {
		run := exec.Command("go", args...)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			absent(t, "go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	build := exec.Command("go", "build", "-o", "client", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "client")
}

// record captures the agent's port on the loopback interface until stop is called. Without dumpcap, or the right to use
// it, capture is empty.
func record(t *testing.T, port string) (stop func(*testing.T), capture string) {
	t.Helper()
	path, err := exec.LookPath("dumpcap")
	if err != nil {
		return nil, ""
	}
	capture = filepath.Join(t.TempDir(), "clients.pcapng")
	dumpcap := exec.Command(path, "-q", "-i", "lo", "-B", "64", "-f", "udp port "+port, "-w", capture)
	said, err := dumpcap.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := dumpcap.Start(); err != nil {
		t.Fatal(err)
	}
	running := true
	end := func() {
		if running {
			running = false
			dumpcap.Process.Signal(os.Interrupt)
			dumpcap.Wait()
		}
	}
	t.Cleanup(end)
	// It names its file once it captures, and then says nothing until it has ended.
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "File: ") {
			return func(t *testing.T) {
				// The last datagrams pass through the kernel's buffer in blocks, each handed over after at most a second.
				time.Sleep(1500 * time.Millisecond)
				end()
			}, capture
		}
	}
	end()
	return nil, ""
}

// runScript runs a client's script, or a program given whole, and reads its TAP lines.
func runScript(t *testing.T, environment []string, program string, script ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	if len(script) > 0 {
		script[0] = filepath.Join(clients, script[0])
	}
	run := exec.CommandContext(ctx, program, script...)
	run.Env = environment
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	err := run.Run()

	good, bad, plan := 0, 0, -1
	for line := range strings.Lines(stdout.String()) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "ok "):
			good++
			t.Log(line)
		case strings.HasPrefix(line, "not ok "):
			bad++
			t.Error(line)
		case strings.HasPrefix(line, "1.."):
			plan, _ = strconv.Atoi(line[len("1.."):])
		default:
			t.Log(line)
		}
	}
	if good == 0 || good+bad != plan {
		t.Errorf("%d checks done, %d planned", good+bad, plan)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(program), err, stderr.Bytes())
	}
}

// TestInteropSnmpd walks Debian's snmpd and this daemon, both configured alike on this host, and compares what both serve.
func TestInteropSnmpd(t *testing.T) {
	reference, walk := tool(t, "snmpd"), tool(t, "snmpbulkwalk")
	program := buildAgent(t)
	config, _ := configFor(t, program)
	ours := walkAll(t, walk, startAgent(t, program, config))
	theirs := walkAll(t, walk, startAgent(t, reference, config))

	shared, values, near := 0, 0, 0
	onlyTheirs := map[string]int{}
	for oid, want := range theirs {
		got, ok := ours[oid]
		if !ok {
			onlyTheirs[group(oid)]++
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

// An object is what snmpbulkwalk printed of one: the syntax before the colon, the value after it.
type object struct{ syntax, text string }

var walkLine = regexp.MustCompile(`^(\.1\.[0-9.]+) = (?:((?:Opaque: )?[A-Za-z0-9-]+): ?)?(.*)$`)

// walkAll reads the walk of .1 with strings as hexadecimal digits: whatever they hold, a line stays a line.
func walkAll(t *testing.T, snmpbulkwalk, port string) map[string]object {
	t.Helper()
	walk := exec.Command(snmpbulkwalk, "-v2c", "-c", "public", "-Cr25", "-r", "2", "-t", "5", "-Onex", "127.0.0.1:"+port, ".1")
	walk.Env = toolEnv(t.TempDir())
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
	{".1.3.6.1.2.1.11", anyValue, "the snmp group counts each agent's own messages"},
	{".1.3.6.1.2.1.25.1.2", anyValue, "hrSystemDate"},
	{".1.3.6.1.2.1.25.1.6", nearValue, "hrSystemProcesses"},
	{".1.3.6.1.2.1.25.2.3.1.5", nearValue, "hrStorageSize: of cached and shared memory, what is in use"},
	{".1.3.6.1.2.1.25.2.3.1.6", nearValue, "hrStorageUsed"},
	{".1.3.6.1.2.1.25.3.3.1.2", anyValue, "hrProcessorLoad"},
	{".1.3.6.1.2.1.25.4", anyValue, "hrSWRunTable: processes come and go"},
	{".1.3.6.1.2.1.25.5", anyValue, "hrSWRunPerfTable: their processor time and memory"},
	{".1.3.6.1.2.1.31.1.1.1.17", anyValue, "ifConnectorPresent: snmpd gives virtual interfaces a connector"},
	{".1.3.6.1.4.1.2021.4", nearValue, "memory in use"},
	{".1.3.6.1.4.1.2021.10", anyValue, "laTable: the load average"},
	{".1.3.6.1.4.1.2021.11", anyValue, "systemStats: activity since the last look"},
	{".1.3.6.1.4.1.2021.100", anyValue, "version: the product and its build"},
	{".1.3.6.1.6.3.1.1.6.1.0", anyValue, "snmpSetSerialNo starts at random"},
	{".1.3.6.1.6.3.10.2.1", anyValue, "snmpEngine: its identity, boots and time"},
	{".1.3.6.1.6.3.11.2.1", anyValue, "snmpMPDStats count each agent's own messages"},
	{".1.3.6.1.6.3.15.1.1", anyValue, "usmStats count each agent's own messages"},
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
	return math.Abs(x-y) <= max(0.2*max(math.Abs(x), math.Abs(y)), slack)
}
