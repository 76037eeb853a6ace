//go:build linux

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropUnit starts snmpd, and this agent in its place, as Debian's unit for it does:
// with its options and a socket of systemd's. Both say that they are ready, and are the
// same user and groups then, with no right of root's.
func TestInteropUnit(t *testing.T) {
	needRoot(t)
	snmpd := interoptest.Tool(t, "snmpd")
	const unit = "/lib/systemd/system/snmpd.service"
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/sbin/snmpd (.*-u .*-g .*)$`).FindSubmatch(text)
	if line == nil {
		t.Fatalf("%s has no ExecStart with -u and -g", unit)
	}
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := openDir(t)
	config := filepath.Join(dir, "snmpd.conf")
	writeFile(t, config, "rocommunity public\nagentAddress 127.0.0.1:"+port+"\n[snmp] persistentDir "+filepath.Join(dir, "state")+"\n")
	options := append(strings.Fields(string(line[1])), "-C", "-c", config)
	start := func(cmd *exec.Cmd) []string {
		c := notifySocket(t)
		cmd.Env = append(append(os.Environ(), cmd.Env...), "MIBS=")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Wait()
		defer cmd.Process.Signal(syscall.SIGTERM)
		expectState(t, c, "READY=1\n?")
		return identityOf(t, cmd.Process.Pid)
	}
	theirs := start(exec.Command(snmpd, options...))
	agent := exec.Command(os.Args[0], options...)
	agent.Env = []string{runEnv + "=1"}
	ours := start(agent)
	t.Logf("both are %q", ours)
	if !slices.Equal(ours, theirs) || slices.Contains(ours, "Uid:\t0\t0\t0\t0") {
		t.Errorf("the agent is %q, snmpd %q", ours, theirs)
	}
}
