// Net-SNMP's snmpusm makes users, changes their keys and deletes them, and what it has done outlives the agent.

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// usmConfig has a manager, somebody to clone from, and rules for those who are still to be made.
const usmConfig = `rocommunity public 127.0.0.1
dontLogTCPWrappersConnects yes
createUser manager %[1]s manager-pass %[2]s manager-pass
rwuser manager priv
createUser template %[1]s template-pass %[2]s template-pass
rwuser template priv
rwuser wes priv
rwuser ann priv
rwuser bob priv
`

// A usmStep is a command line, and what comes of it with this agent and with snmpd.
type usmStep struct {
	command string // TOOL USER AUTH-PASSPHRASE PRIV-PASSPHRASE ARGUMENT…, "agent" for the address, "$key" for a key
	ours    string
	theirs  string // "": the same
	why     string // they differ
}

const (
	created     = "User successfully created."
	cloned      = "User successfully cloned."
	activated   = "User successfully activated."
	deactivated = "User successfully deactivated."
	deleted     = "User successfully deleted."
	changed     = "SNMPv3 Key(s) successfully changed."
	answered    = "answered"
	unknownUser = "snmpget: Unknown user name"
	wrongAuth   = "snmpget: Authentication failure (incorrect password, community or key)"
	wrongPriv   = "snmpget: Decryption error"
	silence     = "Timeout: No Response"
)

const (
	usmManager = "manager manager-pass manager-pass"
	template   = "template template-pass template-pass"
	uptime     = " agent .1.3.6.1.2.1.1.3.0"
)

// usmLife is what is done before the agent is stopped.
var usmLife = []usmStep{
	// The example of snmpusm's manual: a user who is cloned and good at once, and then changes his passphrase.
	{"snmpusm " + usmManager + " agent create wes template", created, "", ""},
	{"snmpget wes template-pass template-pass" + uptime, answered, "", ""},
	{"snmpusm " + usmManager + " agent create wes template", "inconsistentValue", "", ""},
	{"snmpusm wes template-pass template-pass agent passwd template-pass both-new-pass", changed, "", ""},
	{"snmpget wes both-new-pass both-new-pass" + uptime, answered, "", ""},
	{"snmpget wes template-pass both-new-pass" + uptime, wrongAuth, "", ""},
	{"snmpget wes both-new-pass template-pass" + uptime, wrongPriv, silence, "snmpd says nothing of what it cannot decrypt"},
	{"snmpusm wes both-new-pass both-new-pass -Ca agent passwd both-new-pass wes-auth-pass", changed, "", ""},
	{"snmpget wes wes-auth-pass both-new-pass" + uptime, answered, "", ""},
	{"snmpget wes both-new-pass both-new-pass" + uptime, wrongAuth, "", ""},
	{"snmpusm " + usmManager + " -Cx agent passwd both-new-pass wes-priv-pass wes", changed, "", ""},
	{"snmpget wes wes-auth-pass wes-priv-pass" + uptime, answered, "", ""},
	{"snmpget wes wes-auth-pass both-new-pass" + uptime, wrongPriv, silence, "as above"},
	{"snmpget " + template + uptime, answered, "", ""},

	// With a localized key in a passphrase's place, there and back.
	{"snmpusm wes wes-auth-pass wes-priv-pass -Ca -Ck agent passwd wes-auth-pass $key", changed, "", ""},
	{"snmpget wes wes-auth-pass wes-priv-pass" + uptime, wrongAuth, "", ""},
	{"snmpusm " + usmManager + " -Ca -Ck agent passwd $key wes-auth-pass wes", changed, "", ""},
	{"snmpget wes wes-auth-pass wes-priv-pass" + uptime, answered, "", ""},

	// By steps, with createAndWait.
	{"snmpusm " + usmManager + " -Cw agent create ann", created, "", ""},
	{"snmpusm " + usmManager + " agent activate ann", "inconsistentValue", "", ""},
	{"snmpusm " + usmManager + " agent cloneFrom ann nobody", "inconsistentName", "", ""},
	{"snmpusm " + usmManager + " agent cloneFrom ann template", cloned, "", ""},
	{"snmpget ann template-pass template-pass" + uptime, answered, "", ""},
	{"snmpusm " + usmManager + " agent delete ann", deleted, "", ""},
	{"snmpusm " + usmManager + " -Cw agent create ann template", created, "", ""},
	{"snmpget ann template-pass template-pass" + uptime, unknownUser, "", ""},
	{"snmpusm " + usmManager + " agent activate ann", "inconsistentValue", activated, "RFC 3414 §5 wants keys of his own before he is active"},
	{"snmpusm " + usmManager + " agent passwd template-pass ann-new-pass ann", changed, "", ""},
	{"snmpusm " + usmManager + " agent activate ann", activated, "", ""},
	{"snmpget ann ann-new-pass ann-new-pass" + uptime, answered, "", ""},
	{"snmpget ann template-pass ann-new-pass" + uptime, wrongAuth, "", ""},
	{"snmpusm " + usmManager + " agent cloneFrom ann manager", cloned, "", ""}, // "Subsequent writes are successful but invoke no action"
	{"snmpget ann ann-new-pass ann-new-pass" + uptime, answered, "", ""},
	{"snmpusm " + usmManager + " agent deactivate ann", deactivated, "", ""},
	{"snmpget ann ann-new-pass ann-new-pass" + uptime, unknownUser, "", ""},
	{"snmpusm " + usmManager + " agent activate ann", activated, "", ""},
	{"snmpget ann ann-new-pass ann-new-pass" + uptime, answered, "", ""},

	// Who is made and goes again, one without a template among them.
	{"snmpusm " + usmManager + " -Cw agent create bob template", created, "", ""},
	{"snmpusm " + usmManager + " agent delete bob", deleted, "", ""},
	{"snmpusm " + usmManager + " agent delete bob", deleted, "", ""},
	{"snmpusm " + usmManager + " agent create bob", created, "", ""}, // with createAndWait, where it has no template
	{"snmpusm " + usmManager + " agent delete bob", deleted, "", ""},
	{"snmpusm " + usmManager + " -Cp x agent create bob template", created, "", ""},
	{"snmpget bob template-pass template-pass" + uptime, answered, "", ""},
	{"snmpusm " + usmManager + " agent delete bob", deleted, "", ""},
	{"snmpget bob template-pass template-pass" + uptime, unknownUser, "", ""},

	// Somebody at another engine.
	{"snmpusm " + usmManager + " -Cw -CE 8000000001020304 agent create bob", "noCreation", created, "rows are of this engine alone here"},

	// A Diffie-Hellman exchange takes SNMP-USM-DH-OBJECTS-MIB.
	{"snmpusm wes wes-auth-pass wes-priv-pass agent changekey", "Can't get diffie-helman exchange from the agent", "", ""},
	{"snmpget wes wes-auth-pass wes-priv-pass" + uptime, answered, "", ""},

	// Users of the configuration.
	{"snmpusm " + template + " agent passwd template-pass other-new-pass", changed, "inconsistentName", "snmpd takes a createUser for one who was not cloned"},
	{"snmpget template other-new-pass other-new-pass" + uptime, answered, wrongAuth, "as above"},
	{"snmpusm " + usmManager + " agent delete template", "inconsistentValue", deleted, "his line in the configuration would bring him back: the row is permanent"},
}

// usmAfter is asked when the agent has been started anew.
var usmAfter = []usmStep{
	{"snmpget wes wes-auth-pass wes-priv-pass" + uptime, answered, "", ""},
	{"snmpget wes template-pass template-pass" + uptime, wrongAuth, "", ""},
	{"snmpget ann ann-new-pass ann-new-pass" + uptime, answered, "", ""},
	{"snmpget bob template-pass template-pass" + uptime, unknownUser, "", ""},
	{"snmpget " + usmManager + uptime, answered, "", ""},
	{"snmpget template other-new-pass other-new-pass" + uptime, answered, wrongAuth, "snmpd has let nobody change it"},
	{"snmpget " + template + uptime, wrongAuth, answered, "as above"},
}

// TestInteropSnmpusm runs snmpusm against this agent and Debian's, which is stopped both so that it can say goodbye and not.
func TestInteropSnmpusm(t *testing.T) {
	reference, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpusm")
	for _, algorithms := range []struct {
		auth, priv string
		keyLen     int // octets of an authentication key
	}{{"MD5", "DES", 16}, {"SHA", "AES", 20}, {"SHA-256", "AES-256", 32}} {
		t.Run(algorithms.auth+" "+algorithms.priv, func(t *testing.T) {
			config := fmt.Sprintf(usmConfig, algorithms.auth, algorithms.priv)
			for _, agent := range []string{program, reference} {
				t.Run(filepath.Base(agent), func(t *testing.T) {
					t.Parallel()
					u := &usmTool{daemon: interoptest.Start(t, agent, config), theirs: agent != program}
					u.auth, u.priv, u.keyLen = algorithms.auth, algorithms.priv, algorithms.keyLen
					u.env = interoptest.ToolEnv(toolDir(t))
					u.run(t, usmLife)
					for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
						if u.theirs && signal == syscall.SIGKILL {
							continue // it writes at its end
						}
						if err := u.daemon.Stop(signal); err != nil {
							t.Error(err)
						}
						u.daemon.Start(t)
						u.run(t, usmAfter)
					}
				})
			}
		})
	}
}

// toolDir is a directory in which Net-SNMP's tools have nothing to make.
func toolDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A usmTool runs the tools for one agent.
type usmTool struct {
	daemon     *interoptest.Daemon
	auth, priv string // the users' protocols
	keyLen     int
	theirs     bool // it is snmpd
	env        []string
}

func (u *usmTool) run(t *testing.T, steps []usmStep) {
	t.Helper()
	for _, step := range steps {
		words := strings.Fields(step.command)
		args := []string{
			"-v3", "-r", "1", "-t", "1", "-u", words[1], "-l", "authPriv",
			"-a", u.auth, "-A", words[2], "-x", u.priv, "-X", words[3],
		}
		for _, word := range words[4:] {
			switch word {
			case "agent":
				word = u.daemon.Address
			case "$key":
				word = "0x" + strings.Repeat("5a", u.keyLen)
			}
			args = append(args, word)
		}
		tool := exec.Command(words[0], args...)
		tool.Env = u.env
		out, _ := tool.CombinedOutput()
		want := step.ours
		if u.theirs && step.theirs != "" {
			want = step.theirs
		}
		if got := usmOutcome(string(out)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", step.command, got, want)
		}
	}
}

// usmOutcome is the line of a tool's output that says what came of it.
func usmOutcome(said string) string {
	if strings.Contains(said, " = Timeticks: ") {
		return answered
	}
	outcome := ""
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if reason, ok := strings.CutPrefix(line, "Reason: "); ok {
			return reason
		}
		if line != "" && line != "snmpusm:" && line != "Error in packet." && outcome == "" {
			outcome = line
		}
	}
	return outcome
}
