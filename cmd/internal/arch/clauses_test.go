package arch

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
)

var update = flag.Bool("update", false, "write clauses.md anew")

const mapFile = "clauses.md"

// A clauseMap says for each clause where it is named: in code, and in tests.
type clauseMap map[string]*struct{ code, tests map[string]bool }

func (m clauseMap) add(clause, where string, test bool) {
	e := m[clause]
	if e == nil {
		e = &struct{ code, tests map[string]bool }{map[string]bool{}, map[string]bool{}}
		m[clause] = e
	}
	if test {
		e.tests[where] = true
	} else {
		e.code[where] = true
	}
}

// reference finds a document, or a section with perhaps the last one of a range.
var reference = regexp.MustCompile(`(RFC\s?\d{3,5}|X\.\d{3}|FIPS \d+(?:-\d+)?|SP \d+-\d+[A-F]?|draft-[a-z0-9-]+)|§\s?([A-Z0-9]+(?:\.\d+)*)(?:(?: to |–)§?([A-Z0-9]+(?:\.\d+)*))?`)

// clausesIn returns the clauses that a comment names: "RFC 2578 §7.1.1". A
// section belongs to the document that was named last, so that of "X.690 §8.3.2
// and §8.19.2" both are found, and of a range also what lies between.
func clausesIn(text string) (clauses []string) {
	document := ""
	for _, m := range reference.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1) {
		if m[1] != "" {
			document = m[1]
			continue
		}
		if document == "" {
			continue
		}
		for _, section := range between(m[2], m[3]) {
			clauses = append(clauses, document+" §"+section)
		}
	}
	return clauses
}

// between returns the sections from first to last if they differ in their last
// number alone: 7.1.6, 7.1.7, 7.1.8.
func between(first, last string) []string {
	if last == "" {
		return []string{first}
	}
	i, j := strings.LastIndexByte(first, '.')+1, strings.LastIndexByte(last, '.')+1
	from, err1 := strconv.Atoi(first[i:])
	to, err2 := strconv.Atoi(last[j:])
	if err1 != nil || err2 != nil || first[:i] != last[:j] || to < from || to-from > 50 {
		return []string{first, last}
	}
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, first[:i]+strconv.Itoa(n))
	}
	return all
}

// addFile collects the markers of a Go file: from its comments and, in tests,
// also from strings, since a table's row may name a clause in its name.
func (m clauseMap) addFile(f *sourceFile) {
	for _, group := range f.ast.Comments {
		where := f.enclosing(group.Pos())
		if f.test && where == f.dir {
			continue // a test's package comment proves nothing
		}
		for _, clause := range clausesIn(group.Text()) {
			m.add(clause, where, f.test)
		}
	}
	if !f.test {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				for _, clause := range clausesIn(s) {
					m.add(clause, f.enclosing(lit.Pos()), true)
				}
			}
		}
		return true
	})
}

// enclosing returns the name of the top-level declaration that pos lies in, with
// its package: "ber.Reader.header". A comment that lies in none belongs to the
// next declaration of the file, and one before the package clause to the package.
func (f *sourceFile) enclosing(pos token.Pos) string {
	if pos < f.ast.Package {
		return f.dir
	}
	line := f.fset.Position(pos).Line
	for _, d := range f.ast.Decls {
		if pos > d.End() && line != f.fset.Position(d.End()).Line { // else: a comment behind it
			continue
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			return f.dir + "." + name
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			name := ""
			for _, spec := range d.Specs {
				if name = specName(spec); pos <= spec.End() || line == f.fset.Position(spec.End()).Line {
					break
				}
			}
			return f.dir + "." + name
		}
	}
	return f.dir
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

func specName(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Name.Name
	case *ast.ValueSpec:
		return s.Names[0].Name
	}
	return ""
}

// currentMap reads the whole module, and the packets whose header names a clause.
func currentMap(t *testing.T) clauseMap {
	m := make(clauseMap)
	for _, f := range sources(t) {
		if f.dir != "cmd/internal/arch" {
			m.addFile(&f)
		}
	}
	for _, p := range bertest.Packets(t) {
		for _, clause := range clausesIn(p.Clause) {
			m.add(clause, "packet "+p.Name, true)
		}
	}
	return m
}

// compareClauses orders by document and then by number, section by section.
func compareClauses(a, b string) int {
	docA, secA, _ := strings.Cut(a, " §")
	docB, secB, _ := strings.Cut(b, " §")
	if c := comparePart(docA, docB); c != 0 {
		return c
	}
	return slices.CompareFunc(strings.Split(secA, "."), strings.Split(secB, "."), comparePart)
}

// comparePart orders texts by length first, so that numbers come out right.
func comparePart(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// text is the map as clauses.md has it.
func (m clauseMap) text() []byte {
	var b bytes.Buffer
	b.WriteString(`# Clauses

Which function follows which clause, and which test names it too. The table is
made from the markers in the comments: see doc.go. A packet is a file of
testdata/packets.

| clause | code | tests |
| --- | --- | --- |
`)
	for _, clause := range slices.SortedFunc(maps.Keys(m), compareClauses) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", clause, names(m[clause].code), names(m[clause].tests))
	}
	open := m.open()
	b.WriteString(`
# Not shown to hold

Of the sections that bind an agent (binding_test.go), those that no code names
yet, and those that code names and no test does.

| section | what is missing |
| --- | --- |
`)
	for _, clause := range slices.SortedFunc(maps.Keys(open), compareClauses) {
		fmt.Fprintf(&b, "| %s | %s |\n", clause, open[clause])
	}
	return b.Bytes()
}

// open returns the binding sections that the map does not show to hold. What
// lies below a section counts for it: §8.3.2 for §8.3.
func (m clauseMap) open() map[string]string {
	out := make(map[string]string)
	for _, clause := range bindingClauses() {
		code, test := false, false
		for c, e := range m {
			if c == clause || strings.HasPrefix(c, clause+".") {
				code = code || len(e.code) > 0
				test = test || len(e.tests) > 0
			}
		}
		switch {
		case !code && !test:
			out[clause] = "code and test"
		case !code:
			out[clause] = "code"
		case !test:
			out[clause] = "test"
		}
	}
	return out
}

// parseMap reads the first table of a clauses.md.
func parseMap(text string) clauseMap {
	m := make(clauseMap)
	text, _, _ = strings.Cut(text, "\n# Not shown")
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.Contains(cells[0], " §") {
			continue
		}
		for i, cell := range cells[1:] {
			for where := range strings.SplitSeq(cell, ",") {
				if where = strings.TrimSpace(where); where != "" {
					m.add(strings.TrimSpace(cells[0]), where, i == 1)
				}
			}
		}
	}
	return m
}

// lost returns what the committed map has and the module has no more: for a
// clause, its last function or its last test.
func lost(committed, current clauseMap) (losses []string) {
	for _, clause := range slices.SortedFunc(maps.Keys(committed), compareClauses) {
		was, is := committed[clause], current[clause]
		if len(was.code) > 0 && (is == nil || len(is.code) == 0) {
			losses = append(losses, fmt.Sprintf("%s: no code names it any more, it was in %s", clause, names(was.code)))
		}
		if len(was.tests) > 0 && (is == nil || len(is.tests) == 0) {
			losses = append(losses, fmt.Sprintf("%s: no test names it any more, it was in %s", clause, names(was.tests)))
		}
	}
	return losses
}

// A clause that was implemented or tested stays so. With -update the map is
// written anew, which is how something is given up on purpose.
func TestClauses(t *testing.T) {
	current := currentMap(t)
	if *update {
		if err := os.WriteFile(mapFile, current.text(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(mapFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no %s: write it with go test ./cmd/internal/arch -run TestClauses -update", mapFile)
	} else if err != nil {
		t.Fatal(err)
	}
	committed := parseMap(string(text))
	if len(committed) == 0 {
		t.Fatalf("%s has no table", mapFile)
	}
	for _, loss := range lost(committed, current) {
		t.Errorf("%s (to give it up on purpose: go test ./cmd/internal/arch -run TestClauses -update)", loss)
	}
	missing := 0
	for clause := range current {
		if committed[clause] == nil {
			missing++
		}
	}
	t.Logf("%d clauses, %d of them not yet in %s; %d binding sections are not shown to hold", len(current), missing, mapFile, len(current.open()))
}
