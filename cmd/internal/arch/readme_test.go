package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
)

// The README's Go is copied from examples, which compile and mostly run: each
// snippet stands in one of them line by line, whatever its indentation there.
func TestReadmeSnippets(t *testing.T) {
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	if len(snippets) == 0 {
		t.Fatal("README.md has no Go")
	}
	var examples []string
	for _, f := range sources(t) {
		if filepath.Base(f.path) == "example_test.go" {
			code, err := os.ReadFile(filepath.Join(bertest.Root(t), f.path))
			if err != nil {
				t.Fatal(err)
			}
			examples = append(examples, unindented(string(code)))
		}
	}
	for _, snippet := range snippets {
		found := false
		for _, example := range examples {
			found = found || strings.Contains(example, unindented(snippet[1]))
		}
		if !found {
			t.Errorf("this stands in no example_test.go:\n%s", snippet[1])
		}
	}
}

// What the README calls a command, a directory or a target of make is there.
func TestReadmeNames(t *testing.T) {
	text := readme(t)
	root := bertest.Root(t)
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
		return err == nil
	}
	checked := 0
	for _, m := range regexp.MustCompile("\\./((?:cmd|bench|fuzz|agent)[a-z/]*)|`((?:cmd|agent|mib|transport|usm|testdata|bench|fuzz|\\.ci)/[a-z0-9_./]+)`").FindAllStringSubmatch(text, -1) {
		if name := m[1] + m[2]; !exists(name) {
			t.Errorf("README.md names %s, which is not there", name)
		}
		checked++
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`make ([a-z0-9-]+)").FindAllStringSubmatch(text, -1) {
		if !strings.Contains(string(makefile), "\n"+m[1]+":") {
			t.Errorf("README.md names make %s, which is no target", m[1])
		}
		checked++
	}
	if checked < 5 {
		t.Errorf("README.md names only %d things", checked)
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(bertest.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unindented is a text without the space its lines begin and end with.
func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}
