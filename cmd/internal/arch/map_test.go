package arch

import (
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestClausesIn(t *testing.T) {
	tests := []struct{ text, want string }{
		{"nothing", ""},
		{"RFC 1157 as a whole", ""},
		{"§4.1 of nothing", ""},
		{"as RFC 3416 §4.2.3 asks", "RFC 3416 §4.2.3"},
		{"(RFC 2578\n§7.1.6)", "RFC 2578 §7.1.6"},
		{"(RFC\n2578 §7.1.6)", "RFC 2578 §7.1.6"},
		{"X.690 §8.3.2 and §8.19.2, RFC 3417 §8 (1)", "X.690 §8.3.2, X.690 §8.19.2, RFC 3417 §8"},
		{"RFC 2578 §7.1.6 to §7.1.8", "RFC 2578 §7.1.6, RFC 2578 §7.1.7, RFC 2578 §7.1.8"},
		{"RFC 3414 §3.1 to §4", "RFC 3414 §3.1, RFC 3414 §4"},
		{"RFC 3414 §A.2.1.", "RFC 3414 §A.2.1"},
		{"FIPS 198-1 §6", "FIPS 198-1 §6"},
		{"draft-blumenthal-aes-usm-04 §3.1.2.1", "draft-blumenthal-aes-usm-04 §3.1.2.1"},
	}
	for _, tt := range tests {
		if got := strings.Join(clausesIn(tt.text), ", "); got != tt.want {
			t.Errorf("%q names %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestAddFile(t *testing.T) {
	const code = `// Package p is RFC 1 §1, and RFC 1000 §1.
package p

import "fmt" // RFC 1000 §2

// A T is RFC 1000 §3.
type T struct {
	a int // RFC 1000 §4
}

const (
	x = 1 // RFC 1000 §5
	y = 2 // RFC 1000 §6
)

var s = "RFC 1000 §7"

// RFC 1000 §8, on its own.

// M is RFC 1000 §9.
func (t *T) M() {
	fmt.Print() // RFC 1000 §10
}

func f() {} // RFC 1000 §11
`
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "p.go", code, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	collect := func(test bool) string {
		m := make(clauseMap)
		m.addFile(&sourceFile{path: "a/p.go", dir: "a", test: test, ast: parsed, fset: fset})
		var all []string
		for _, clause := range slices.SortedFunc(maps.Keys(m), compareClauses) {
			all = append(all, strings.TrimPrefix(clause, "RFC 1000 §")+" "+names(m[clause].code)+names(m[clause].tests))
		}
		return strings.Join(all, "; ")
	}
	if got, want := collect(false), "1 a; 2 a.T; 3 a.T; 4 a.T; 5 a.x; 6 a.y; 8 a.T.M; 9 a.T.M; 10 a.T.M; 11 a.f"; got != want {
		t.Errorf("code: %s\nwant: %s", got, want)
	}
	if got, want := collect(true), "2 a.T; 3 a.T; 4 a.T; 5 a.x; 6 a.y; 7 a.s; 8 a.T.M; 9 a.T.M; 10 a.T.M; 11 a.f"; got != want {
		t.Errorf("test: %s\nwant: %s", got, want)
	}
}

// What the committed map has and the module lost is found, and nothing else is
// complained of.
func TestLost(t *testing.T) {
	committed := make(clauseMap)
	committed.add("RFC 3416 §4.2.1", "agent.get", false)
	committed.add("RFC 3416 §4.2.1", "agent.TestGet", true)
	committed.add("RFC 3416 §4.2.2", "agent.getNext", false)
	committed.add("RFC 3416 §4.2.10", "agent.TestBulk", true)
	if again := parseMap(string(committed.text())); len(lost(committed, again)) != 0 || len(lost(again, committed)) != 0 || len(again) != 3 {
		t.Errorf("written and read again: %v", again)
	}

	current := make(clauseMap)
	current.add("RFC 3416 §4.2.1", "agent.respond", false) // under another name
	current.add("RFC 3416 §4.2.1", "agent.TestRespond", true)
	current.add("RFC 3416 §4.2.2", "agent.TestGetNext", true) // without code
	current.add("RFC 3416 §4.2.3", "agent.bulk", false)       // new
	want := []string{
		"RFC 3416 §4.2.2: no code names it any more, it was in agent.getNext",
		"RFC 3416 §4.2.10: no test names it any more, it was in agent.TestBulk",
	}
	if got := lost(committed, current); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
