package arch

import (
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
)

// The module lists no dependency, and no file imports one: neither the product
// nor its tests. Packages of the standard library have no dot in the first part
// of their path, and cgo is none of them.
func TestStandardLibraryOnly(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(bertest.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "", "//", "module", "go", "toolchain":
		default:
			t.Errorf("go.mod has a line %q", strings.TrimSpace(line))
		}
	}
	for _, f := range sources(t) {
		for _, p := range f.imports() {
			if _, ok := ours(p); ok {
				continue
			}
			if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") || first == module || p == "C" {
				t.Errorf("%s imports %s, which is not of the standard library", f.path, p)
			}
		}
	}
}

// restricted says below which directories, or in which file, a package of the
// standard library may be imported. It binds what is neither a test nor of a
// package that serves tests.
var restricted = map[string]struct {
	where []string
	why   string
}{
	"unsafe":         {[]string{"ber", "transport", "mib/host", "cmd/internal/systemd"}, "memory is shared without copies in one place, and system calls take pointers"},
	"log":            {nil, "log/slog is what the agent and the commands use"},
	"log/slog":       {[]string{"agent", "usm", "cmd"}, "only who knows the user logs; usm has the Secret that a log must not show"},
	"math/rand":      {nil, "crypto/rand or math/rand/v2"},
	"math/rand/v2":   {[]string{"agent", "transport", "mib", "cmd", "bench"}, "what keys and salts are made of comes from crypto/rand"},
	"reflect":        {[]string{"cmd", "bench"}, "protocol code says what it does"},
	"encoding/asn1":  {nil, "it is DER; SNMP needs package ber"},
	"os/exec":        {[]string{"cmd", "bench"}, "the library starts no programs"},
	"testing":        {[]string{"fuzz", "bench"}, "only tests and what serves them"},
	"plugin":         {nil, "no code is loaded at run time"},
	"net/http/pprof": {nil, "importing it opens a door"},
	"expvar":         {nil, "importing it opens a door"},
	"os":             {[]string{"agent", "transport", "mib", "cmd", "bench", "usm/engineid.go", "usm/internal/cpu/cpu_linux_arm64.go"}, "codecs and security know no files"},
	"net":            {[]string{"agent", "transport", "mib", "cmd", "bench", "usm/engineid.go"}, "codecs and security know no network; net/netip is for addresses"},
	"syscall":        {[]string{"transport", "mib", "cmd", "agent", "bench"}, "codecs and security know no operating system"},
}

func TestRestrictedImports(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		for _, p := range f.imports() {
			if rule, ok := restricted[p]; ok && !below(f.path, rule.where...) {
				t.Errorf("%s imports %s: %s", f.path, p, rule.why)
			}
		}
	}
}

// A library neither ends the process nor writes to its standard output. What a
// command may, a package below cmd/internal may too.
func TestLibraryHasNoSideEffects(t *testing.T) {
	forbidden := map[string]bool{
		"os.Exit": true, "os.Stdout": true, "os.Stderr": true, "os.Stdin": true, "os.Args": true,
		"fmt.Print": true, "fmt.Printf": true, "fmt.Println": true,
		"debug.PrintStack": true,
	}
	for _, f := range sources(t) {
		if f.test || below(f.dir, "cmd", "bench") || f.ast.Name.Name == "main" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && forbidden[x.Name+"."+s.Sel.Name] {
					t.Errorf("%s uses %s.%s", f.fset.Position(s.Pos()), x.Name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// topLevel is everything the module's root may hold. Anything else finds its
// home inside of one of these.
var topLevel = map[string]bool{
	"go.mod": true, "go.sum": true,
	"ber": true, "pdu": true, "usm": true, "transport": true, "agent": true, "mib": true,
	"cmd": true, "fuzz": true, "bench": true, "testdata": true,
	"Makefile": true, "README.md": true, "LICENSE": true, ".gitignore": true, ".ci": true,
	".git": true,
}

func TestTopLevel(t *testing.T) {
	root := bertest.Root(t)
	ignore, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !topLevel[e.Name()] && !ignored(string(ignore), e.Name()) {
			t.Errorf("%s does not belong in the module's root", e.Name())
		}
	}
}

// ignored reports whether a line of .gitignore is the name or a pattern for it.
func ignored(lines, name string) bool {
	for line := range strings.Lines(lines) {
		pattern := strings.Trim(strings.TrimSpace(line), "/")
		if ok, err := filepath.Match(pattern, name); err == nil && ok {
			return true
		}
	}
	return false
}
