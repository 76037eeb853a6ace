// How the daemon is built for the tests with real clients.

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
)

// buildAgent builds the daemon, with the race detector when the test has it. SNMPSTACK_INTEROP_AGENT may name another
// agent with the same command line instead: with snmpd it shows whether a check is the agent's fault or the script's.
func buildAgent(t *testing.T) string {
	t.Helper()
	if other := os.Getenv("SNMPSTACK_INTEROP_AGENT"); other != "" {
		return other
	}
	path := filepath.Join(t.TempDir(), "snmpagent")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}
