// What managers have made of the access tables moves from snmpd's persistent file to this daemon's, and back.

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

const (
	vacmFileConfig = "rocommunity public 127.0.0.1\nsysName interop\nrwuser admin priv\ndontLogTCPWrappersConnects yes\n"
	vacmFileUsers  = "createUser admin SHA auth-passphrase AES priv-passphrase\ncreateUser bob SHA auth-passphrase AES priv-passphrase\n"
)

// A vacmManager has snmpvacm and the others ask a daemon.
type vacmManager struct {
	t      *testing.T
	daemon *interoptest.Daemon
}

func (m vacmManager) ask(line string) string {
	m.t.Helper()
	words := strings.Fields(snmpvacmNames.Replace(line))
	command := append([]string{words[1]}, strings.Fields("-r 2 -t 3 -On "+snmpvacmAskers[words[0]])...)
	run := exec.Command(command[0], slices.Concat(command[1:], []string{m.daemon.Address}, words[2:])...)
	dir := m.t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil { // or the tools say that they made it
		m.t.Fatal(err)
	}
	run.Env = interoptest.ToolEnv(dir)
	out, _ := run.CombinedOutput()
	return accessAnswer(string(out), run.ProcessState.ExitCode(), m.daemon.Address)
}

func (m vacmManager) do(lines ...string) {
	m.t.Helper()
	for _, line := range lines {
		if said := m.ask("admin snmpvacm " + line); !strings.HasSuffix(said, "exit 0") {
			m.t.Errorf("%s at %s: %s", line, m.daemon.Name, said)
		}
	}
}

// tables are the rows for bob, the groups staff and other, and the views read and write.
func (m vacmManager) tables() string {
	m.t.Helper()
	var all []string
	for column, index := range map[string]string{
		"$group.3": ".3.3.98.111.98", "$group.4": ".3.3.98.111.98", "$group.5": ".3.3.98.111.98",
		"$access.4": ".5", "$access.5": ".5", "$access.6": ".5", "$access.7": ".5", "$access.8": ".5", "$access.9": ".5",
		"$view.3": ".4", "$view.4": ".4", "$view.5": ".4", "$view.6": ".4",
	} {
		for line := range strings.Lines(m.ask("admin snmpwalk " + column + index)) {
			if line = strings.TrimSpace(line); line != "exit 0" {
				all = append(all, line)
			}
		}
	}
	slices.Sort(all)
	all = append(all, m.ask("bob snmpset $location s there"), m.ask("bob snmpget $name $location"))
	return strings.Join(all, "\n")
}

// moveState copies the lines of a persistent file to a new state directory.
func moveState(t *testing.T, from, to string) (dir string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	return stateWith(t, to, string(text))
}

func stateWith(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestInteropSnmpvacmFile has snmpd's rows read here, and what is written here read by snmpd.
func TestInteropSnmpvacmFile(t *testing.T) {
	if os.Getenv("SNMPSTACK_INTEROP_AGENT") != "" {
		t.Skip("this is about two files")
	}
	snmpd, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpvacm")
	theirs := stateWith(t, "snmpd.conf", vacmFileUsers)
	before := vacmManager{t, interoptest.StartIn(t, snmpd, vacmFileConfig, theirs)}
	before.do("createSec2Group 3 bob staff", "createAccess staff blue 0 3 2 read _none_ read", "createAccess staff 3 2 1 read from _none_",
		"createView read .1.3.6.1.2.1.1 ff", "createView -Ce read .1.3.6.1.2.1.1.6 ff.80", "createView from $location ff.ff")
	want := before.tables()
	if !strings.Contains(want, "interop") || !strings.Contains(want, "No Such Object") || strings.Count(want, "\n") < 20 {
		t.Fatalf("there is not much at snmpd:\n%s", want)
	}
	if err := before.daemon.Stop(syscall.SIGTERM); err != nil {
		t.Errorf("snmpd: %v", err)
	}

	ours := moveState(t, filepath.Join(theirs, "snmpd.conf"), "snmpagent.conf")
	here := vacmManager{t, interoptest.StartIn(t, program, vacmFileConfig, ours)}
	if got := here.tables(); got != want {
		t.Errorf("here there is\n%s\nat snmpd there was\n%s", got, want)
	}
	here.do("deleteView read .1.3.6.1.2.1.1.6", "createView read .1.3.6.1.2.1.1.5.0 ff.fe", "createAccess other 3 3 1 read read read",
		"deleteAccess staff blue 0 3", "createSec2Group 2 bob other")
	want = here.tables()
	if !strings.Contains(want, `"there"`) {
		t.Errorf("here there is\n%s", want)
	}
	here.daemon.Stop(syscall.SIGKILL)

	after := vacmManager{t, interoptest.StartIn(t, snmpd, vacmFileConfig, moveState(t, filepath.Join(ours, "snmpagent.conf"), "snmpd.conf"))}
	if got := after.tables(); got != want {
		t.Errorf("back at snmpd there is\n%s\nhere there was\n%s", got, want)
	}
}
