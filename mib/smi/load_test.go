package smi

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
)

// modules writes files and returns their directory.
func modules(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, src := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// chained returns a module with one object of its own name in lower case.
func chained(name, imports, parent string) string {
	return name + " DEFINITIONS ::= BEGIN IMPORTS " + imports + "; " + strings.ToLower(name) + " OBJECT IDENTIFIER ::= { " + parent + " 1 } END"
}

func TestLoad(t *testing.T) {
	dir := modules(t, map[string]string{
		"A-MIB":     chained("A-MIB", "b-mib FROM B-MIB", "b-mib"),
		"B-MIB.txt": chained("B-MIB", "c-mib FROM C-MIB enterprises FROM SNMPv2-SMI", "c-mib"),
		"C-MIB.mib": chained("C-MIB", "d-mib FROM D-MIB", "d-mib"),
		"D-MIB.my":  chained("D-MIB", "e-mib FROM E-MIB", "e-mib"),
		"other":     "-- found by what is in it\n" + chained("E-MIB", "OBJECT-TYPE FROM RFC-1212 enterprises FROM RFC1155-SMI", "enterprises"),
		"nothing":   "no module in here",
	})
	n := New()
	if err := n.Load("A-MIB", []string{dir}); err == nil { // enterprises is in no file
		t.Error("Load without a file for SNMPv2-SMI's names reports nothing")
	}
	n = Core()
	if n.Has("A-MIB") {
		t.Fatal("A-MIB is in the core table")
	}
	if err := n.Load("A-MIB", []string{filepath.Join(dir, "absent"), dir}); err != nil {
		t.Fatal(err)
	}
	if oid, err := n.Resolve("A-MIB::a-mib"); err != nil || oid != ber.MustOID("1.3.6.1.4.1.1.1.1.1.1") {
		t.Errorf("a-mib is %v, %v", oid, err)
	}
	if got := n.Modules(); !slices.Equal(got[len(got)-5:], []string{"E-MIB", "D-MIB", "C-MIB", "B-MIB", "A-MIB"}) {
		t.Errorf("modules end with %q: what is imported comes first", got[len(got)-5:])
	}
	if err := n.Load("A-MIB", nil); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if Core().Has("A-MIB") {
		t.Error("Load changed everybody's core table")
	}
}

func TestLoadErrors(t *testing.T) {
	dir := modules(t, map[string]string{
		"RING-A-MIB": chained("RING-A-MIB", "ring-b-mib FROM RING-B-MIB enterprises FROM SNMPv2-SMI", "enterprises"),
		"RING-B-MIB": chained("RING-B-MIB", "ring-a-mib FROM RING-A-MIB", "mib-2"),
		"WRONG-MIB":  chained("RIGHT-MIB", "enterprises FROM SNMPv2-SMI", "enterprises"),
		"BAD-MIB":    "BAD-MIB DEFINITIONS ::= BEGIN\nx OBJECT IDENTIFIER ::= { nobody 1 }\ny OBJECT IDENTIFIER ::= { enterprises 7 } END",
		"LOST-MIB":   chained("LOST-MIB", "sysDescr FROM ABSENT-MIB", "sysDescr"),
	})
	for _, c := range []struct {
		module string
		err    string // a part of it
		is     error
		found  string // is known nevertheless
	}{
		{module: "RING-A-MIB", found: "RING-B-MIB::ring-b-mib"},
		{module: "NO-SUCH-MIB", err: "smi: no such module: NO-SUCH-MIB, looked for in " + dir, is: ErrNotFound},
		{module: "../" + filepath.Base(dir) + "/BAD-MIB", err: "no such module", is: ErrNotFound},
		{module: "WRONG-MIB", found: "RIGHT-MIB::right-mib"},
		{module: "BAD-MIB", err: "BAD-MIB:2: x is below nobody, which is unknown", found: "BAD-MIB::y"},
		{module: "LOST-MIB", err: "no such module: ABSENT-MIB", is: ErrNotFound, found: "LOST-MIB::lost-mib"},
	} {
		n := Core()
		err := n.Load(c.module, []string{dir})
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("Load(%q) = %v, want %q", c.module, err, c.err)
		}
		if _, err := n.Resolve(c.found); c.found != "" && err != nil {
			t.Errorf("after Load(%q): %v", c.module, err)
		}
	}
	var syntax *SyntaxError
	if err := Core().Load("BAD-MIB", []string{dir}); !errors.As(err, &syntax) || syntax.Line != 2 || syntax.File != filepath.Join(dir, "BAD-MIB") {
		t.Errorf("the error is %#v", syntax)
	}
}

func TestLoadAll(t *testing.T) {
	dir := modules(t, map[string]string{
		"A-MIB":  chained("A-MIB", "b-mib FROM B-MIB", "b-mib"),
		"B-MIB":  chained("B-MIB", "enterprises FROM SNMPv2-SMI", "enterprises"),
		"README": "Two modules.",
	})
	n := Core()
	if err := n.LoadAll([]string{dir}); err != nil || !n.Has("A-MIB") || !n.Has("B-MIB") {
		t.Errorf("LoadAll = %v, %v %v", err, n.Has("A-MIB"), n.Has("B-MIB"))
	}
	if err := n.LoadAll([]string{filepath.Join(dir, "absent")}); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("LoadAll of no directory = %v", err)
	}
}
