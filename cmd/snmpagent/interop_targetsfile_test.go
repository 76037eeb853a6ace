// What managers have made of the tables of targets moves from snmpd's persistent file to this daemon's, and back.

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// A targetManager has snmpset and the others ask a daemon.
type targetManager struct {
	t      *testing.T
	daemon *interoptest.Daemon
}

func (m targetManager) ask(tool, what string) string {
	m.t.Helper()
	run := exec.Command(tool, words("-r 2 -t 3 -On -v2c -c private "+m.daemon.Address+" "+targetNames(what))...)
	dir := m.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil { // or the tools say that they made it
		m.t.Fatal(err)
	}
	run.Env = interoptest.ToolEnv(dir)
	out, _ := run.CombinedOutput()
	return accessAnswer(string(out), run.ProcessState.ExitCode(), m.daemon.Address)
}

func (m targetManager) set(what ...string) {
	m.t.Helper()
	for _, line := range what {
		if said := m.ask("snmpset", line); !strings.HasSuffix(said, "exit 0") {
			m.t.Errorf("%s at %s: %s", line, m.daemon.Name, said)
		}
	}
}

func (m targetManager) tables() string {
	m.t.Helper()
	var all strings.Builder
	for _, entry := range []string{"$addr", "$params", "$notify", "$profile", "$filter"} {
		all.WriteString(m.ask("snmpwalk", entry) + "\n")
	}
	return all.String()
}

func TestInteropTargetsFile(t *testing.T) {
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		t.Skip("this is about two files")
	}
	const config = "rocommunity public 127.0.0.1\nrwcommunity private 127.0.0.1\nsysName interop\ndontLogTCPWrappersConnects yes\n"
	snmpd, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpset")
	theirs := stateWith(t, "snmpd.conf", "")
	before := targetManager{t, interoptest.StartIn(t, snmpd, config, theirs)}
	before.set(
		"$notify.2.noc s two $notify.3.noc i 2 $notify.5.noc i 4", "$notify.5.empty i 5",
		"$params.2.noc i 1 $params.3.noc i 2 $params.4.noc s public $params.5.noc i 1 $params.7.noc i 4",
		"$params.2.ops i 3 $params.3.ops i 3 $params.4.ops s ops $params.5.ops i 3 $params.7.ops i 4",
		"$addr.2.noc o .1.3.6.1.6.1.1 $addr.3.noc x 7f00000100a2 $addr.4.noc i 250 $addr.5.noc i 7 $addr.6.noc s 'one two' $addr.7.noc s noc $addr.9.noc i 4",
		"$addr.2.ops o .1.3.6.1.6.1.1 $addr.3.ops x 7f00000100a2 $addr.7.ops s ops $addr.9.ops i 5",
		"$profile.1.noc s f $profile.3.noc i 4", "$filter.5.f.1.3 i 4", "$filter.2.f.1.3.6.1.6 x ffa0 $filter.3.f.1.3.6.1.6 i 2 $filter.5.f.1.3.6.1.6 i 4",
	)
	want := before.tables()
	if strings.Count(want, "\n") < 40 {
		t.Fatalf("there is not much at snmpd:\n%s", want)
	}
	if err := before.daemon.Stop(syscall.SIGTERM); err != nil {
		t.Errorf("snmpd: %v", err)
	}

	ours := moveState(t, filepath.Join(theirs, "snmpd.conf"), "snmpagent.conf")
	here := targetManager{t, interoptest.StartIn(t, program, config, ours)}
	if got := here.tables(); got != want {
		t.Errorf("here there is\n%s\nat snmpd there was\n%s", got, want)
	}
	here.set("$addr.6.ops s 'three four' $addr.9.ops i 1", "$notify.5.empty i 6", "$notify.2.ops s three $notify.5.ops i 4",
		"$filter.5.f.1.3.6.1.6 i 6", "$filter.5.f.1.3.6.1.4 i 4", "$params.7.noc i 2", "$params.4.noc s 'pub lic'")
	want = here.tables()
	here.daemon.Stop(syscall.SIGKILL)

	after := targetManager{t, interoptest.StartIn(t, snmpd, config, moveState(t, filepath.Join(ours, "snmpagent.conf"), "snmpd.conf"))}
	if got := after.tables(); got != want {
		t.Errorf("back at snmpd there is\n%s\nhere there was\n%s", got, want)
	}
}
