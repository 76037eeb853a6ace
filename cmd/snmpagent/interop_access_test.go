// Who may do what is the same here as with Debian's snmpd, to the word that Net-SNMP's tools say of it.

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// accessConfig has a user or a community for each way of giving access.
const accessConfig = `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
rocommunity part 127.0.0.1 .1.3.6.1.2.1.1
rwcommunity place 127.0.0.1 .1.3.6.1.2.1.1.6
sysName interop
sysServices 72
dontLogTCPWrappersConnects yes
createUser ro SHA auth-passphrase AES priv-passphrase
rouser ro auth
createUser rw SHA auth-passphrase AES priv-passphrase
rwuser rw priv
createUser part SHA auth-passphrase AES priv-passphrase
rouser part auth .1.3.6.1.2.1.1
createUser place SHA auth-passphrase AES priv-passphrase
rwuser place priv .1.3.6.1.2.1.1.6
createUser level SHA auth-passphrase AES priv-passphrase
rouser level
createUser two SHA auth-passphrase AES priv-passphrase
rouser two noauth .1.3.6.1.2.1.1.5
rwuser two priv
createUser keyless
rouser keyless noauth .1.3.6.1.2.1.1.5
createUser unencrypted SHA auth-passphrase
rwuser unencrypted
createUser beyond SHA auth-passphrase
rouser beyond priv
createUser onepass SHA auth-passphrase AES
rwuser onepass priv
createUser nothing SHA auth-passphrase AES priv-passphrase
`

// accessQuestions gives the command lines of Net-SNMP's tools, with ADDRESS where the agent's has to stand.
func accessQuestions() (questions [][]string) {
	const (
		auth     = " -a SHA -A auth-passphrase"
		priv     = auth + " -x AES -X priv-passphrase"
		name     = ".1.3.6.1.2.1.1.5.0"
		location = ".1.3.6.1.2.1.1.6.0"
		outside  = ".1.3.6.1.2.1.2.1.0"
	)
	var askers []string
	for _, user := range []string{"ro", "rw", "part", "place", "level", "two", "keyless", "unencrypted", "beyond", "onepass", "nothing", "stranger"} {
		private := priv
		if user == "onepass" {
			private = strings.Replace(priv, "priv-passphrase", "auth-passphrase", 1)
		}
		for level, keys := range map[string]string{"noAuthNoPriv": "", "authNoPriv": auth, "authPriv": private} {
			askers = append(askers, "-v3 -u "+user+" -l "+level+keys)
		}
	}
	for _, community := range []string{"public", "private", "part", "place"} {
		askers = append(askers, "-v1 -c "+community, "-v2c -c "+community)
	}
	slices.Sort(askers)
	// What snmpd says before the first set is its own.
	questions = append(questions, strings.Fields("snmpset -v2c -c private -On ADDRESS "+location+" s somewhere"))
	for i, asker := range askers {
		ask := func(tool, what string) {
			questions = append(questions, strings.Fields(tool+" -r 2 -t 3 -On "+asker+" "+what))
		}
		ask("snmpget", "ADDRESS "+name)
		ask("snmpget", "-Cf ADDRESS "+location+" "+outside)
		ask("snmpgetnext", "ADDRESS "+name)
		ask("snmpset", fmt.Sprintf("ADDRESS %s s place%d", location, i))
		ask("snmpset", fmt.Sprintf("ADDRESS %s s refused %s i 4", location, outside))
		if !strings.HasPrefix(asker, "-v1") {
			ask("snmpbulkget", "-Cr2 ADDRESS "+name)
		}
	}
	return questions
}

// TestInteropAccess has Net-SNMP's tools ask both agents the same.
func TestInteropAccess(t *testing.T) {
	reference, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpget")
	compareAccess(t, accessQuestions(), nil, interoptest.Start(t, program, accessConfig), interoptest.Start(t, reference, accessConfig))
}

// compareAccess has Net-SNMP's tools ask both agents the same. Where they do not say the same that is known, or an error.
func compareAccess(t *testing.T, questions [][]string, known []difference, ours, theirs *interoptest.Daemon) {
	t.Helper()
	var answers [2][]string
	var both sync.WaitGroup
	for i, daemon := range []*interoptest.Daemon{ours, theirs} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil { // or the tools say that they made it
			t.Fatal(err)
		}
		env := interoptest.ToolEnv(dir)
		both.Go(func() {
			for _, question := range questions {
				question = slices.Clone(question)
				question[slices.Index(question, "ADDRESS")] = daemon.Address
				run := exec.Command(question[0], question[1:]...)
				run.Env = env
				out, _ := run.CombinedOutput()
				answers[i] = append(answers[i], accessAnswer(string(out), run.ProcessState.ExitCode(), daemon.Address))
			}
		})
	}
	both.Wait()
	granted, differ := 0, 0
	met := make([]bool, len(known))
	for i, question := range questions {
		ours, theirs := answers[0][i], answers[1][i]
		text := strings.Join(question, " ")
		if ours != theirs {
			at := slices.IndexFunc(known, func(d difference) bool {
				return strings.Contains(text, d.question) && strings.Contains(ours, d.ours) && strings.Contains(theirs, d.theirs)
			})
			if at < 0 {
				t.Errorf("%s\n%s\nsnmpd:\n%s", text, ours, theirs)
			} else {
				met[at] = true
			}
			differ++
		}
		if strings.HasSuffix(ours, "exit 0") {
			granted++
		}
	}
	for i, d := range known {
		if !met[i] {
			t.Errorf("the known difference is none any more: %s: %s", d.question, d.why)
		}
	}
	t.Logf("%d questions, %d answers differ as is known, the others are the same; %d were granted", len(questions), differ, granted)
	if granted == 0 || granted == len(questions) {
		t.Error("that is not what the rules are for")
	}
}

// accessAnswer is what a tool said, without what may differ: for authorizationError snmpd gives GETBULK an error-index that is
// none of the varbinds', where RFC 3413 §3.2 (5) has zero.
func accessAnswer(said string, exit int, address string) string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(said, address, "ADDRESS")) {
		if line = strings.TrimSpace(line); line != "" && line != "Failed object:" {
			lines = append(lines, line)
		}
	}
	return strings.Join(append(lines, fmt.Sprint("exit ", exit)), "\n")
}
