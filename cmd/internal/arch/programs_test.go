package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
)

// The programs in the documentation of packages are whole: who copies one has one that
// compiles.
func TestProgramsInDocs(t *testing.T) {
	found := map[string]bool{}
	for _, f := range sources(t) {
		if f.ast.Doc == nil {
			continue
		}
		program := indented(f.ast.Doc.Text(), "package main")
		if program == "" {
			continue
		}
		found[f.dir] = true
		name := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(name, []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		vet := exec.Command("go", "vet", name)
		vet.Dir = bertest.Root(t)
		if out, err := vet.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f.path, err, out)
		}
	}
	for _, dir := range []string{"agent", "mib"} {
		if !found[dir] {
			t.Errorf("the documentation of %s has no program", dir)
		}
	}
}

// indented returns the block of text that begins with first, "" if there is none.
func indented(text, first string) string {
	_, block, ok := strings.Cut("\n"+text, "\n\t"+first)
	if !ok {
		return ""
	}
	lines := strings.Split("\t"+first+block, "\n")
	for i, line := range lines {
		if line != "" && !strings.HasPrefix(line, "\t") {
			lines = lines[:i]
			break
		}
		lines[i] = strings.TrimPrefix(line, "\t")
	}
	return strings.Join(lines, "\n")
}
