package main

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"testing"

	"snmpstack/mib"
)

// TestProcessWithdrawsAccess shows that the line of a manager's row that an operator has
// deleted does not come back with the next SET, and that SIGHUP takes the row away: only
// that one.
func TestProcessWithdrawsAccess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	p := newAgentProcess(t, accessConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	grantBob(p, ops)
	path := filepath.Join(p.state, persistentFile)
	remove := func(line string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rest := regexp.MustCompile("(?m)^"+line+".*\n").ReplaceAll(text, nil)
		if len(rest) == len(text) {
			t.Fatalf("there is no line %s in\n%s", line, text)
		}
		writeFile(t, path, string(rest))
	}
	reload := func() {
		t.Helper()
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.await("was read again")
	}
	lines := func(want string) {
		t.Helper()
		if text, err := os.ReadFile(path); err != nil || regexp.MustCompile(`(?m) .*$`).ReplaceAllString(string(text), "") != want {
			t.Errorf("the file has %q, %v, want lines %q", text, err, want)
		}
	}

	remove("vacmView 1 3 2") // what hides sysLocation
	p.set(ops, setRow(groupCell(5, "dan"), mib.CreateAndGo), setText(groupCell(3, "dan"), "g"))
	lines("vacmGroup\nvacmAccess\nvacmView\nvacmGroup\n")
	p.checkSees("before SIGHUP", "bob", bobSees)
	reload()
	p.checkSees("without the line that hides", "bob", `OCTET STRING "here" OCTET STRING "there"`)
	p.checkSees("who is not kept", "eve", `OCTET STRING "here" OCTET STRING "there"`)

	remove("vacmGroup 1 3 3 0x626f6200")
	remove("vacmAccess")
	p.set(ops, setText(accessCell(5), "w")) // which a manager has changed since
	reload()
	p.checkSees("whose group is gone", "bob", seesNothing)
	lines("vacmView\nvacmGroup\nvacmAccess\n")
}
