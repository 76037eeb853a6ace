// Real clients ask this agent, each by a script of its own.

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"snmpstack/cmd/internal/interoptest"
)

const clientDir = "../../agent/testdata/clients"

// A client is a script, how it is run, and what it needs in its environment. One that is missing says why.
type client struct {
	name        string // its column in algorithms.txt
	command     []string
	environment []string
	missing     string
}

// findClients makes the clients ready that this machine can run.
func findClients(t *testing.T) map[string]*client {
	t.Helper()
	clients := map[string]*client{}
	script := func(name string) string { return filepath.Join(clientDir, name) }
	add := func(name, program string, prepare func(c *client) error, arguments ...string) {
		c := &client{name: name}
		clients[name] = c
		path, err := exec.LookPath(program)
		if err == nil {
			c.command = append([]string{path}, arguments...)
			if prepare != nil {
				err = prepare(c)
			}
		}
		if err != nil {
			c.missing = fmt.Sprintf("%s: %v", name, err)
		}
	}
	// probe runs a program that says whether what the script imports is there.
	probe := func(arguments ...string) func(*client) error {
		return func(c *client) error {
			if out, err := exec.Command(c.command[0], arguments...).CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
	}
	add("tools", "bash", func(*client) error { _, err := exec.LookPath("snmpget"); return err }, script("netsnmp.sh"))
	add("perl", "perl", probe("-MNet::SNMP", "-MCrypt::DES", "-MDigest::HMAC", "-MCrypt::Rijndael", "-e1"), script("net-snmp.pl"))
	// Debian's package belongs to Debian's interpreter, whatever python3 the PATH leads to.
	add("pysnmp", "/usr/bin/python3", probe("-c", "import pysnmp.hlapi"), script("pysnmp4.py"))
	add("gosnmp", "go", func(c *client) error {
		program, err := buildGosnmp(t.TempDir())
		c.command = []string{program}
		return err
	})
	add("node", "node", func(c *client) error {
		dir := t.TempDir()
		out, err := exec.Command("npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--silent", "net-snmp@3.29.2").CombinedOutput()
		if err != nil {
			return fmt.Errorf("npm cannot install net-snmp: %w: %s", err, out)
		}
		c.environment = []string{"NODE_PATH=" + filepath.Join(dir, "node_modules")}
		return nil
	}, "--openssl-legacy-provider", script("net-snmp.js")) // without it there is no DES
	add("snmpm", "escript", func(*client) error {
		out, err := exec.Command("erl", "-noshell", "-eval", "snmpm:module_info(), crypto:module_info(), halt().").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}, script("snmpm.escript"))
	add("tshark", "bash", func(*client) error {
		_, tshark := exec.LookPath("tshark")
		_, dumpcap := exec.LookPath("dumpcap")
		return errors.Join(tshark, dumpcap)
	}, script("dissect.sh"))
	return clients
}

// buildGosnmp builds the gosnmp client as a module of its own outside this tree, which imports nothing but the standard library.
func buildGosnmp(dir string) (string, error) {
	source, err := os.ReadFile(filepath.Join(clientDir, "gosnmp.go.txt"))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600); err != nil {
		return "", err
	}
	for _, args := range [][]string{{"mod", "init", "client"}, {"get", "github.com/gosnmp/gosnmp@v1.47.0"}} {
		run := exec.Command("go", args...)
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	build := exec.Command("go", "build", "-o", "client", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return filepath.Join(dir, "client"), nil
}

// record captures the agent's port on the loopback interface until stop is called. Without dumpcap, or the right to use
// it, stop says so.
func record(t *testing.T, port string) (stop func(*testing.T), capture string) {
	t.Helper()
	cannot := func(t *testing.T) { interoptest.Absent(t, "dumpcap is not installed or may not capture on lo") }
	path, err := exec.LookPath("dumpcap")
	if err != nil {
		return cannot, ""
	}
	capture = filepath.Join(t.TempDir(), "clients.pcapng")
	dumpcap := exec.Command(path, "-q", "-p", "-i", "lo", "-B", "64", "-f", "udp port "+port, "-w", capture)
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
	return cannot, ""
}

// run runs a client's script to its end, and reads its TAP lines.
func (c *client) run(t *testing.T, environment []string, more ...string) {
	t.Helper()
	if c.missing != "" {
		interoptest.Absent(t, "%s", c.missing)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, c.command[0], append(c.command[1:], more...)...)
	run.Env = slices.Concat(os.Environ(), environment, c.environment)
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	err := run.Run()
	readTAP(t, &stdout)
	if err != nil {
		t.Errorf("%s: %v\n%s", c.name, err, stderr.Bytes())
	}
}

// readTAP passes on what a script has checked: its "ok" and "not ok" lines, which must be as many as it planned.
func readTAP(t *testing.T, said io.Reader) {
	t.Helper()
	good, bad, plan := 0, 0, -1
	for lines := bufio.NewScanner(said); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
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
}
