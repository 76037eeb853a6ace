package main

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"snmpstack/mib"
)

// removeLine is an operator who deletes a line of the persistent file.
func (p *agentProcess) removeLine(line string) {
	p.t.Helper()
	path := filepath.Join(p.state, persistentFile)
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	rest := regexp.MustCompile("(?m)^"+line+".*\n").ReplaceAll(text, nil)
	if len(rest) == len(text) {
		p.t.Fatalf("there is no line %s in\n%s", line, text)
	}
	writeFile(p.t, path, string(rest))
}

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
	lines := func(want string) {
		t.Helper()
		if text, err := os.ReadFile(filepath.Join(p.state, persistentFile)); err != nil || regexp.MustCompile(`(?m) .*$`).ReplaceAllString(strings.TrimPrefix(string(text), fileHead), "") != want {
			t.Errorf("the file has %q, %v, want lines %q", text, err, want)
		}
	}

	p.removeLine("vacmView 1 3 2") // what hides sysLocation
	p.set(ops, setRow(groupCell(5, "dan"), mib.CreateAndGo), setText(groupCell(3, "dan"), "g"))
	lines("vacmGroup\nvacmAccess\nvacmView\nvacmGroup\n")
	p.checkSees("before SIGHUP", "bob", bobSees)
	p.reload()
	p.checkSees("without the line that hides", "bob", `OCTET STRING "here" OCTET STRING "there"`)
	p.checkSees("who is not kept", "eve", `OCTET STRING "here" OCTET STRING "there"`)

	p.removeLine("vacmGroup 1 3 3 0x626f6200")
	p.removeLine("vacmAccess")
	p.set(ops, setText(accessCell(5), "w")) // which a manager has changed since
	p.reload()
	p.checkSees("whose group is gone", "bob", seesNothing)
	lines("vacmView\nvacmGroup\nvacmAccess\n")
}

// TestProcessWithdrawsTargets shows that SIGHUP takes away whom managers have named, and
// whose lines an operator has deleted, and that this alters the agent's configuration:
// it is told as coldStart (RFC 3418).
func TestProcessWithdrawsTargets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP on Windows")
	}
	h := newHearing(t)
	p := newAgentProcess(t, targetConfig)
	ops := p.as("ops", "longenough1", "longenough2")
	makeTargets(p, ops, h.address)
	p.set(ops, setRow(groupCell(5, "dan"), mib.CreateAndGo), setText(groupCell(3, "dan"), "g"))

	p.removeLine(`snmpNotifyFilterProfileTable "noc"`)
	p.reload()
	h.expect("without the profile that holds it back", coldInform, coldTrap)
	p.removeLine(`targetAddr "noc"`)
	p.set(ops, setTo(addrCell(5, "ops"), 2)) // which does not bring the line back
	p.reload()
	h.expect("without the address", coldInform)
	p.reload()
	h.expect("unaltered", warmInform)
	p.removeLine("vacmGroup")
	p.reload()
	h.expect("without a row of access", coldInform)
	p.removeLine(`snmpNotifyTable "ops"`)
	p.removeLine(`targetParams "ops"`)
	p.set(ops, setRow(paramsCell(7, "ops"), mib.NotInService)) // which a manager has changed since
	p.set(ops, setRow(paramsCell(7, "ops"), mib.Active))
	p.reload()
	p.set(ops, setText(notifyCell(2, "again"), "tag-ops"), setRow(notifyCell(5, "again"), mib.CreateAndGo))
	p.reload()
	h.expect("to whom another row selects", "SNMPv2-Trap ops 1.3.6.1.6.3.1.1.5.2")
}
