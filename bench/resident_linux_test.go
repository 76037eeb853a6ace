package bench

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// mostResident is what the daemon may take of the machine's memory, in KiB.
const mostResident = 30 << 10

// The daemon with its built-in configuration never has 30 MiB of resident memory,
// neither when it starts nor when everything has been asked for again and again,
// in small messages and in the largest there are. What the kernel remembers as the
// most is more than what an idle one has.
func TestResidentMemory(t *testing.T) {
	daemon := filepath.Join(t.TempDir(), "snmpagent")
	build := exec.Command("go", "build", "-o", daemon, "snmpstack/cmd/snmpagent")
	build.Env = append(os.Environ(), "GOARCH=") // this machine's, even if the test is emulated
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := exec.Command(daemon, "-C", "-Ln", "127.0.0.1:0")
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	address, ok := strings.CutPrefix(lines.Text(), "snmpagent: listening on ")
	if !ok {
		run.Process.Kill()
		t.Fatalf("the daemon says %q, and then ends: %v", lines.Text(), run.Wait())
	}
	defer func() {
		run.Process.Signal(syscall.SIGTERM)
		for lines.Scan() { // until it closes its end
		}
		if err := run.Wait(); err != nil {
			t.Errorf("the daemon: %v", err)
		}
	}()
	c, err := manager.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Community = "public"

	started := resident(t, run.Process.Pid)
	objects := 0
	for i := range 40 {
		c.MaxRepetitions = 1 + 25*(i%2)
		for _, err := range c.Walk(t.Context(), ber.MustOID("1.3")) {
			if err != nil {
				t.Fatal(err)
			}
			objects++
		}
	}
	large := pdu.VarBind{Name: ber.MustOID("1.3.6.1.2.1.1.5.0"), Value: pdu.OctetString(strings.Repeat("x", 65000))}
	many := slices.Repeat([]pdu.VarBind{{Name: large.Name, Value: pdu.Null}}, 1000)
	for range 100 {
		if _, err := c.Do(t.Context(), pdu.PDU{Kind: pdu.GetRequest, VarBinds: []pdu.VarBind{large}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), pdu.PDU{Kind: pdu.GetRequest, VarBinds: many}); err != nil {
			t.Fatal(err)
		}
	}
	worked := resident(t, run.Process.Pid)
	t.Logf("%d KiB when it had started, %d KiB after %d objects in walks and 200 large messages", started, worked, objects)
	if objects < 40*50 || worked > mostResident {
		t.Errorf("%d objects, then %d KiB, want at most %d", objects, worked, mostResident)
	}
}

// resident returns the most memory that a process has had at once, in KiB.
func resident(t *testing.T, pid int) (n int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &n); err == nil {
			return n
		}
	}
	t.Fatalf("the kernel does not tell:\n%s", status)
	return 0
}
