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
	found := map[string]int{}
	for _, f := range sources(t) {
		if f.ast.Doc == nil {
			continue
		}
		for _, program := range indented(f.ast.Doc.Text(), "package main") {
			found[f.dir]++
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
	}
	for dir, want := range map[string]int{"agent": 2, "mib": 1} {
		if found[dir] < want {
			t.Errorf("the documentation of %s has %d programs, want %d", dir, found[dir], want)
		}
	}
}

// indented returns the blocks of text that begin with first.
func indented(text, first string) (blocks []string) {
	parts := strings.Split("\n"+text, "\n\t"+first)
	for _, part := range parts[1:] {
		lines := strings.Split("\t"+first+part, "\n")
		for i, line := range lines {
			if line != "" && !strings.HasPrefix(line, "\t") {
				lines = lines[:i]
				break
			}
			lines[i] = strings.TrimPrefix(line, "\t")
		}
		blocks = append(blocks, strings.Join(lines, "\n"))
	}
	return blocks
}
