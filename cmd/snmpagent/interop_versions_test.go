package main_test

import (
	"os/exec"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// TestInteropVersions switches versions of SNMP off, and asks this agent and Debian's
// snmpd with each of them.
func TestInteropVersions(t *testing.T) {
	snmpd, get := interoptest.Tool(t, "snmpd"), interoptest.Tool(t, "snmpget")
	program := buildAgent(t)
	requests := map[string][]string{
		"v1":  {"-v1", "-c", "public"},
		"v2c": {"-v2c", "-c", "public"},
		"v3":  {"-v3", "-u", "walker", "-l", "authNoPriv", "-a", "SHA", "-A", "auth-passphrase"},
	}
	for _, lines := range []string{"", "disableSNMPv1 yes\n", "disableSNMPv3 1\n", "disableSNMPv1 yes\ndisableSNMPv3 true\n", "disableSNMPv1 yes\ndisableSNMPv1 no\n"} {
		t.Run(lines, func(t *testing.T) {
			config := interopConfig + interopUser + "[snmp]\n" + lines
			ours, theirs := interoptest.Start(t, program, config), interoptest.Start(t, snmpd, config)
			for version, options := range requests {
				answers := func(d *interoptest.Daemon) bool {
					args := append(append([]string{"-t1", "-r0"}, options...), d.Address, ".1.3.6.1.2.1.1.3.0")
					cmd := exec.CommandContext(t.Context(), get, args...)
					cmd.Env = interoptest.ToolEnv(t.TempDir())
					return cmd.Run() == nil
				}
				if got, want := answers(ours), answers(theirs); got != want {
					t.Errorf("%s: answered is %v, by snmpd %v", version, got, want)
				}
			}
		})
	}
}
