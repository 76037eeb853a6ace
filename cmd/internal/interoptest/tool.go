// Package interoptest is what tests with independent clients and agents share: Net-SNMP's tools and daemons, which are
// skipped where they are not installed, or missed loudly where SNMPSTACK_REQUIRE_INTEROP is set.
package interoptest

import (
	"os"
	"os/exec"
	"testing"
)

// Absent skips the test, or fails it where the tools are required: there a skipped test would hide a missing installation.
func Absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("SNMPSTACK_REQUIRE_INTEROP") != "" {
		t.Fatalf("SNMPSTACK_REQUIRE_INTEROP is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// Tool gives the path of a program that the test cannot do without. Debian's daemons lie outside an ordinary user's PATH.
func Tool(t *testing.T, name string) string {
	t.Helper()
	for _, name := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Absent(t, "%s is not installed", name)
	return ""
}

// ToolEnv keeps Net-SNMP's tools from reading anybody's configuration or MIB files, so that they print numbers.
func ToolEnv(dir string) []string {
	return append(os.Environ(), "LC_ALL=C", "MIBS=", "MIBDIRS=", "SNMPCONFPATH="+dir, "SNMP_PERSISTENT_DIR="+dir, "HOME="+dir)
}
