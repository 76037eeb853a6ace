package arch

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
)

const tableFile = "agent/specification.go"

// The table of the specification's names in package agent's documentation has all of
// them, and what it says they are in Go is there, and so are the tests that it names.
func TestSpecification(t *testing.T) {
	want := specifiedNames(t)
	identifiers, tests := declared(t)
	space := regexp.MustCompile(`\s{2,}`)
	section, seen := "", make(map[string]bool)
	for line := range strings.Lines(docOf(t, tableFile)) {
		row, ok := strings.CutPrefix(line, "\t")
		if row = strings.TrimSpace(row); !ok || row == "" {
			continue
		}
		cells := space.Split(row, -1)
		if len(cells) != 3 {
			t.Errorf("%s: %q has %d cells, want 3", tableFile, row, len(cells))
			continue
		}
		if cells[2] == "tests" {
			section = cells[0]
			continue
		}
		for _, name := range strings.Fields(cells[0]) {
			key := section + " " + name
			if seen[key] || !slices.Contains(want[section], name) {
				t.Errorf("%s: %q is there twice, or not in the specification", tableFile, key)
			}
			seen[key] = true
		}
		if !strings.HasPrefix(cells[1], "(") {
			for _, name := range strings.Fields(cells[1]) {
				if !identifiers[name] {
					t.Errorf("%s: %s is said to be %s, which is not there", tableFile, cells[0], name)
				}
			}
		}
		for _, name := range strings.Fields(cells[2]) {
			if !tests[name] {
				t.Errorf("%s: %s is said to be shown by %s, which is not there", tableFile, cells[0], name)
			}
		}
	}
	for section, names := range want {
		for _, name := range names {
			if !seen[section+" "+name] {
				t.Errorf("%s: %s %s is missing", tableFile, section, name)
			}
		}
	}
}

// specifiedNames returns the names of the specification by what they are.
func specifiedNames(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(bertest.Root(t), "agent", "testdata", "specification.txt"))
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		if section, list, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			names[section] = strings.Fields(list)
		}
	}
	for section, n := range map[string]int{"properties": 13, "methods": 15, "events": 14, "settings": 45, "errors": 105} {
		if len(names[section]) != n {
			t.Errorf("%d %s are specified, want %d", len(names[section]), section, n)
		}
	}
	return names
}

// declared returns the exported identifiers of the packages that the table speaks of,
// those of package agent without its name before them, and the names of all tests.
func declared(t *testing.T) (identifiers, tests map[string]bool) {
	t.Helper()
	identifiers, tests = make(map[string]bool), make(map[string]bool)
	prefixes := map[string]string{"agent": "", "pdu": "pdu.", "usm": "usm.", "transport": "transport."}
	for _, f := range sources(t) {
		prefix, ok := prefixes[f.dir]
		if !ok {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				switch {
				case f.test && strings.HasPrefix(d.Name.Name, "Test"):
					tests[d.Name.Name] = true
				case f.test:
				case d.Recv != nil:
					identifiers[prefix+receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
				default:
					identifiers[prefix+d.Name.Name] = true
				}
			case *ast.GenDecl:
				if !f.test && d.Tok != token.IMPORT {
					addSpecs(identifiers, prefix, d.Specs)
				}
			}
		}
	}
	return identifiers, tests
}

func addSpecs(identifiers map[string]bool, prefix string, specs []ast.Spec) {
	for _, s := range specs {
		switch s := s.(type) {
		case *ast.ValueSpec:
			for _, name := range s.Names {
				identifiers[prefix+name.Name] = true
			}
		case *ast.TypeSpec:
			identifiers[prefix+s.Name.Name] = true
			if st, ok := s.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					for _, name := range field.Names {
						identifiers[prefix+s.Name.Name+"."+name.Name] = true
					}
				}
			}
		}
	}
}

// The list of deviations in package agent's documentation has all that the sources
// speak of, by their files.
func TestDeviations(t *testing.T) {
	listed, there := make(map[string]int), make(map[string]int)
	for line := range strings.Lines(docOf(t, tableFile)) {
		if item, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok {
			file, _, _ := strings.Cut(item, ": ")
			listed[file]++
		}
	}
	for _, f := range sources(t) {
		for _, group := range f.ast.Comments {
			if n := strings.Count(group.Text(), "Deviation:"); n > 0 && !f.test && f.path != tableFile {
				there[f.path] += n
			}
		}
	}
	for file, n := range there {
		if listed[file] != n {
			t.Errorf("%s has %d deviations, the list in %s has %d: put them there in a line each", file, n, tableFile, listed[file])
		}
	}
	for file := range listed {
		if there[file] == 0 {
			t.Errorf("%s has a deviation of %s, which has none", tableFile, file)
		}
	}
	if len(there) < 5 {
		t.Errorf("only %d files have deviations", len(there))
	}
}

// docOf returns the package comment in a file.
func docOf(t *testing.T, file string) string {
	t.Helper()
	for _, f := range sources(t) {
		if f.path == file {
			return f.ast.Doc.Text()
		}
	}
	t.Fatalf("there is no %s", file)
	return ""
}
