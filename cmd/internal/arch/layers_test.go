package arch

import (
	"slices"
	"strings"
	"testing"
)

// layers says for each part of the module which others it may import: those that
// lie strictly below it. A part may always import its own packages. The first
// row that fits a package counts. Tests are bound by the same rules.
var layers = []struct {
	part string
	may  []string
}{
	{"ber", nil},
	{"pdu", []string{"ber"}},
	{"usm", []string{"ber", "pdu"}},
	{"mib", []string{"ber", "pdu"}},
	{"transport", nil},
	{"agent/manager", []string{"ber", "pdu", "usm", "transport"}}, // a manager without an agent
	{"agent", []string{"ber", "pdu", "usm", "mib", "transport"}},
	{"cmd", everything},
	{"fuzz", everything},
	{"bench", everything},
}

var everything = []string{"ber", "pdu", "usm", "mib", "transport", "agent", "cmd", "fuzz", "bench"}

// part returns the layer that a directory belongs to.
func part(dir string) (name string, may []string, ok bool) {
	for _, l := range layers {
		if below(dir, l.part) {
			return l.part, l.may, true
		}
	}
	return "", nil, false
}

// ours returns the directory that an import path of the module's names.
func ours(importPath string) (dir string, ok bool) {
	return strings.CutPrefix(importPath, module+"/")
}

// breaksLayers says what is wrong with a file in dir that imports another
// package of ours, or "".
func breaksLayers(dir, imported string, test bool) string {
	name, may, ok := part(dir)
	if !ok {
		return "belongs to no layer"
	}
	if !test && isTestSupport(imported) {
		return "is no test, and imports what only serves tests"
	}
	if below(imported, name) || below(imported, may...) {
		return ""
	}
	if test && isTestSupport(imported) && below(imported, "ber") {
		return "" // reads files, and imports nothing of ours
	}
	return name + " may import " + strings.Join(append(slices.Clone(may), "itself"), ", ")
}

func TestImportsGoDown(t *testing.T) {
	for _, f := range sources(t) {
		for _, p := range f.imports() {
			imported, ok := ours(p)
			if !ok {
				continue
			}
			if wrong := breaksLayers(f.dir, imported, f.test); wrong != "" {
				t.Errorf("%s imports %s: %s", f.path, p, wrong)
			}
		}
	}
}

// The rules refuse what they are there to refuse.
func TestBreaksLayers(t *testing.T) {
	tests := []struct {
		dir, imported string
		test          bool
		ok            bool
	}{
		{"pdu", "ber", false, true},
		{"ber", "pdu", false, false},
		{"ber", "pdu", true, false},
		{"usm", "mib", false, false},
		{"mib", "usm", false, false},
		{"mib/host", "mib", false, true},
		{"mib/host", "mib/host/internal/kernel", false, true},
		{"mib", "agent", true, false},
		{"agent", "usm", false, true},
		{"agent", "cmd/internal/getopt", false, false},
		{"agent/manager", "agent", false, false},
		{"agent/manager", "transport/memnet", false, true},
		{"agent/agenttest", "agent", false, true},
		{"agent", "agent/agenttest", false, false},
		{"agent", "agent/agenttest", true, true},
		{"transport", "ber", false, false},
		{"transport", "ber/bertest", true, true},
		{"transport/memnet", "transport", false, true},
		{"transportation", "ber", false, false},
		{"cmd/snmpagent", "agent", false, true},
		{"cmd/snmpagent", "mib/mibtest", false, false},
		{"fuzz", "agent/agenttest", true, true},
		{"helper", "ber", false, false},
	}
	for _, tt := range tests {
		if wrong := breaksLayers(tt.dir, tt.imported, tt.test); (wrong == "") != tt.ok {
			t.Errorf("%s imports %s (test %v): %q", tt.dir, tt.imported, tt.test, wrong)
		}
	}
}
