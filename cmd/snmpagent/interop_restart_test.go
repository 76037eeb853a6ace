// Clients remember the agent's boots and time (RFC 3414 §2.3), and go on when it has been started anew.

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"snmpstack/cmd/internal/interoptest"
)

// v3Clients have scripts that ask as users.
var v3Clients = []string{"tools", "perl", "pysnmp", "gosnmp", "node", "snmpm"}

// askAcrossRestarts has every client keep a session while the agent is stopped, once so that it can say goodbye and once not.
func askAcrossRestarts(t *testing.T, program string, clients map[string]*client) {
	asked := plainUsers(t)
	daemon := interoptest.Start(t, program, usersConfig(asked))
	environment := append(scriptEnvironment(daemon), "SNMP_RESTARTS=1", "SNMP_AUTH_PASS="+authPass, "SNMP_PRIV_PASS="+privPass)

	var talks []*talk
	for _, name := range v3Clients {
		talks = append(talks, clients[name].talk(t, append(environment, "SNMP_USERS="+userList(t, asked, name))))
	}
	boots := engineBoots(t, daemon)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		for _, c := range talks {
			c.ready(t)
		}
		if err := daemon.Stop(signal); err != nil {
			t.Errorf("after %v: %v", signal, err)
		}
		daemon.Start(t)
		before := boots
		if boots = engineBoots(t, daemon); boots != before+1 {
			t.Errorf("snmpEngineBoots is %d after %v, and was %d", boots, signal, before)
		}
		for _, c := range talks {
			fmt.Fprintln(c.input)
		}
	}
	for _, c := range talks {
		t.Run(c.name, c.end)
	}
}

// askAcrossTheMove has every client keep a session with snmpd while this agent takes its place, with what snmpd has kept:
// the users' keys, the engine's ID and its boots.
func askAcrossTheMove(t *testing.T, program string, clients map[string]*client) {
	snmpd, asked := interoptest.Tool(t, "snmpd"), plainUsers(t)
	// Users whom snmpd finds in its own file are kept there, as keys.
	var users, config string
	for line := range strings.Lines(usersConfig(asked)) {
		if strings.HasPrefix(line, "createUser") {
			users += line
		} else {
			config += line
		}
	}
	theirs, ours := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(theirs, "snmpd.conf"), []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(theirs, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := interoptest.StartIn(t, snmpd, config, theirs)
	environment := append(scriptEnvironment(before), "SNMP_RESTARTS=1", "SNMP_AUTH_PASS="+authPass, "SNMP_PRIV_PASS="+privPass)
	var talks []*talk
	for _, name := range v3Clients {
		talks = append(talks, clients[name].talk(t, append(environment, "SNMP_USERS="+userList(t, asked, name))))
	}
	boots := engineBoots(t, before)
	for _, c := range talks {
		c.ready(t)
	}
	if err := before.Stop(syscall.SIGTERM); err != nil {
		t.Errorf("snmpd: %v", err)
	}
	kept, err := os.ReadFile(filepath.Join(theirs, "snmpd.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, []byte(authPass)) {
		t.Error("snmpd has kept a password: this shows nothing of its keys")
	}
	if err := os.WriteFile(filepath.Join(ours, "snmpagent.conf"), kept, 0o600); err != nil {
		t.Fatal(err)
	}
	after := interoptest.StartAt(t, program, config, ours, before.Address)
	if now := engineBoots(t, after); now <= boots {
		t.Errorf("snmpEngineBoots is %d after the move, and was %d", now, boots)
	}
	for _, c := range talks {
		fmt.Fprintln(c.input)
	}
	for _, c := range talks {
		t.Run(c.name, c.end)
	}
}

// engineBoots asks for snmpEngineBoots.0.
func engineBoots(t *testing.T, daemon *interoptest.Daemon) int {
	t.Helper()
	get := exec.Command(interoptest.Tool(t, "snmpget"), "-v2c", "-c", "public", "-Oqv", daemon.Address, ".1.3.6.1.6.3.10.2.1.2.0")
	get.Env = interoptest.ToolEnv(t.TempDir())
	out, err := get.Output()
	if err != nil {
		t.Fatalf("snmpget of snmpEngineBoots.0: %v", err)
	}
	boots, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return boots
}

// A talk is a running script that says when it is ready for the next line.
type talk struct {
	name   string
	input  io.WriteCloser
	lines  chan string // what it says; closed at the end of that
	said   bytes.Buffer
	stderr bytes.Buffer
	ended  func() error
}

// talk starts a script. Where the client is missing the test ends.
func (c *client) talk(t *testing.T, environment []string) *talk {
	t.Helper()
	if c.missing != "" {
		interoptest.Absent(t, "%s", c.missing)
	}
	run := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
	run.Env = slices.Concat(os.Environ(), environment, c.environment)
	talk := &talk{name: c.name, lines: make(chan string, 100), ended: run.Wait}
	run.Stderr = &talk.stderr
	input, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	talk.input = input
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(talk.lines)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			talk.lines <- lines.Text()
		}
	}()
	return talk
}

// ready waits until the script wants to hear more, or has ended.
func (c *talk) ready(t *testing.T) {
	t.Helper()
	patience := time.After(time.Minute)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok || line == "# ready" {
				return
			}
			fmt.Fprintln(&c.said, line)
		case <-patience:
			t.Fatalf("%s has not been ready within a minute; it said:\n%s", c.name, c.said.Bytes())
		}
	}
}

// end lets the script come to its end, and reads what it said.
func (c *talk) end(t *testing.T) {
	c.ready(t)
	c.input.Close()
	for line := range c.lines {
		fmt.Fprintln(&c.said, line)
	}
	readTAP(t, &c.said)
	if err := c.ended(); err != nil {
		t.Errorf("%s: %v\n%s", c.name, err, c.stderr.Bytes())
	}
}
