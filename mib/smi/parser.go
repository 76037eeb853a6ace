package smi

import (
	"fmt"
	"strconv"
	"strings"
)

// A Module is a module as it was read, its names not yet resolved; Names.Add
// does that.
type Module struct {
	// Name is the module's, which need not be its file's.
	Name string
	// Problems are what Parse did not understand.
	Problems []*SyntaxError

	imports map[string]string // name to the module it is imported from
	sources []string          // those modules, in order
	defs    []definition
}

// A definition is one assignment of a module. Which fields are used depends on
// macro.
type definition struct {
	name, macro string // macro is "" for a type assignment
	line        int

	syntax                      *syntax
	hint, units, access, status string
	index                       []Index // without Type
	augments                    string
	enterprise, value           []arc
}

// An arc is one element of an OID value: a name, a number or name(number).
type arc struct {
	name   string
	num    uint32
	hasNum bool
}

// A syntax is a SYNTAX clause.
type syntax struct {
	name   string // of the type; "SEQUENCE", "SEQUENCE OF" and "CHOICE" too
	of     string // element of a SEQUENCE OF
	enum   []Enum
	ranges []Range
}

// The macros that define an object (RFC 2578 §3.1, RFC 2580, RFC 1212, RFC
// 1215).
var kindOfMacro = map[string]Kind{
	"OBJECT":             Node, // OBJECT IDENTIFIER
	"MODULE-IDENTITY":    Node,
	"OBJECT-IDENTITY":    Node,
	"OBJECT-TYPE":        Scalar, // or what its syntax and place make of it
	"NOTIFICATION-TYPE":  Notification,
	"TRAP-TYPE":          Notification,
	"OBJECT-GROUP":       Group,
	"NOTIFICATION-GROUP": Group,
	"MODULE-COMPLIANCE":  Compliance,
	"AGENT-CAPABILITIES": Capabilities,
}

// Parse reads the modules of a file, normally one; file is its name for
// messages. There is no error as such: a Module tells its Problems, and a file
// without a module gives none.
func Parse(file string, src []byte) []*Module {
	modules := parse(file, string(src), false)
	if problems(modules) == 0 {
		return modules
	}
	// Many authors believe that a comment ends with its line only. Their
	// dashes in the middle of it make no sense to others.
	if lenient := parse(file, string(src), true); problems(lenient) < problems(modules) {
		return lenient
	}
	return modules
}

func problems(modules []*Module) (n int) {
	for _, m := range modules {
		n += len(m.Problems)
	}
	return n
}

func parse(file, src string, toEOL bool) []*Module {
	p := parser{file: file, tokens: scan(src, toEOL)}
	var modules []*Module
	for p.toModule() {
		modules = append(modules, p.module())
	}
	return modules
}

// A parser goes through the tokens of a file once.
type parser struct {
	file   string
	tokens []token // the last one is tokEOF
	pos    int
	m      *Module
	// failed is set between a mistake and recover: everything looks like the
	// end of the file then, so that all loops end.
	failed bool
}

func (p *parser) peek() token { return p.peekAt(0) }

func (p *parser) peekAt(n int) token {
	if p.failed || p.pos+n >= len(p.tokens) {
		return token{kind: tokEOF, line: p.tokens[len(p.tokens)-1].line}
	}
	return p.tokens[p.pos+n]
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokEOF {
		p.pos++
	}
	return t
}

// is reports whether a word or symbol comes next.
func (p *parser) is(text string) bool { return p.isAt(0, text) }

func (p *parser) isAt(n int, text string) bool {
	t := p.peekAt(n)
	return t.text == text && (t.kind == tokWord || t.kind == tokSymbol)
}

// accept goes past a word or symbol if it comes next.
func (p *parser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("%s where %q was expected", p.peek(), text)
	}
}

func (p *parser) word(what string) string {
	if t := p.peek(); t.kind == tokWord {
		p.pos++
		return t.text
	}
	p.fail("%s where %s was expected", p.peek(), what)
	return ""
}

func (p *parser) quoted() string {
	if t := p.peek(); t.kind == tokString {
		p.pos++
		return t.text
	}
	p.fail("%s where a string was expected", p.peek())
	return ""
}

// fail reports a mistake, once for each definition.
func (p *parser) fail(format string, args ...any) {
	if !p.failed {
		p.warn(format, args...)
		p.failed = true
	}
}

// warn reports a mistake that does no harm to the definition.
func (p *parser) warn(format string, args ...any) {
	p.m.Problems = append(p.m.Problems, &SyntaxError{p.file, p.peek().line, fmt.Sprintf(format, args...)})
}

// toModule goes to the next module header, `name DEFINITIONS`, or `name {…}
// DEFINITIONS`.
func (p *parser) toModule() bool {
	name := -1
	for ; p.peek().kind != tokEOF; p.pos++ {
		switch t := p.peek(); {
		case t.kind == tokWord && t.text == "DEFINITIONS" && name >= 0:
			p.pos = name
			return true
		case t.kind == tokSymbol && t.text == "{" && name == p.pos-1:
			for p.peek().kind != tokEOF && !p.is("}") {
				p.pos++
			}
			if !p.isAt(1, "DEFINITIONS") {
				name = -1
			}
		case t.kind == tokWord:
			name = p.pos
		default:
			name = -1
		}
	}
	return false
}

func (p *parser) module() *Module {
	p.m = &Module{imports: make(map[string]string)}
	p.m.Name = p.word("a module name")
	for p.peek().kind != tokEOF && !p.accept("BEGIN") {
		p.pos++
	}
	for {
		p.failed = false
		t := p.peek()
		switch {
		case t.kind == tokEOF:
			p.warn("END is missing")
			return p.m
		case p.accept("END"):
			return p.m
		case p.accept("EXPORTS"):
			p.skipPast(";")
		case p.accept("IMPORTS"):
			p.importList()
		default:
			start := p.pos
			if d := p.definition(); !p.failed {
				if d.macro != "" || d.syntax != nil {
					p.m.defs = append(p.m.defs, d)
				}
				continue
			}
			p.recover(start)
		}
	}
}

// recover goes to the next definition behind the token start.
func (p *parser) recover(start int) {
	p.failed = false
	p.pos = max(p.pos, start+1)
	for p.peek().kind != tokEOF && !p.is("END") && !p.atDefinition() {
		p.pos++
	}
}

// atDefinition reports whether a definition begins here: `name MACRO` or
// `Type ::=`.
func (p *parser) atDefinition() bool {
	if p.peek().kind != tokWord || p.clause() != 0 || p.is("MODULE") {
		return false
	}
	if p.isAt(1, "OBJECT") {
		return p.isAt(2, "IDENTIFIER") && p.isAt(3, "::=")
	}
	u := p.peekAt(1)
	_, macro := kindOfMacro[u.text]
	return u.kind == tokWord && macro || p.isAt(1, "MACRO") || p.isAt(1, "::=") && isUpper(p.peek().text[0])
}

func (p *parser) skipPast(text string) {
	for p.peek().kind != tokEOF && !p.accept(text) {
		p.pos++
	}
}

// importList reads `a, b FROM M c FROM N;`.
func (p *parser) importList() {
	var names []string
	for p.peek().kind != tokEOF && !p.accept(";") {
		switch t := p.peek(); {
		case p.accept("FROM"):
			from := p.word("a module name")
			for _, name := range names {
				p.m.imports[name] = from
			}
			p.m.sources = append(p.m.sources, from)
			names = nil
		case p.accept(","):
		case t.kind == tokWord && !p.atDefinition():
			names = append(names, p.next().text)
		default: // the semicolon is missing
			p.warn("%s where \";\" was expected", t)
			return
		}
	}
}

func (p *parser) definition() (d definition) {
	d.line = p.peek().line
	d.name = p.word("a definition or END")
	if p.failed {
		return d
	}
	switch t := p.peek(); {
	case p.accept("MACRO"): // the SMI's own: built in
		p.skipPast("END")
	case p.accept("::="):
		p.typeAssignment(&d)
	case p.accept("OBJECT"):
		p.expect("IDENTIFIER")
		p.expect("::=")
		d.macro = "OBJECT"
		d.value = p.oidValue()
	case t.kind == tokWord:
		if _, ok := kindOfMacro[t.text]; !ok {
			p.fail("%s where a macro or \"::=\" was expected", t)
			break
		}
		d.macro = p.next().text
		p.macroBody(&d)
	default:
		p.fail("%s where a macro or \"::=\" was expected", t)
	}
	return d
}

// typeAssignment reads what follows `Name ::=`.
func (p *parser) typeAssignment(d *definition) {
	if p.accept("TEXTUAL-CONVENTION") {
		p.clauses(d)
		if d.syntax == nil {
			p.fail("textual convention %s has no SYNTAX", d.name)
		}
		return
	}
	d.syntax = p.syntax()
}

// macroBody reads the clauses of a macro and the value behind them.
func (p *parser) macroBody(d *definition) {
	switch d.macro {
	case "MODULE-COMPLIANCE", "AGENT-CAPABILITIES":
		// Their clauses have a structure of their own, of which nothing is
		// kept.
		for p.peek().kind != tokEOF && !p.is("::=") && !p.atDefinition() {
			p.pos++
		}
	default:
		p.clauses(d)
	}
	p.expect("::=")
	if d.macro != "TRAP-TYPE" {
		d.value = p.oidValue()
		return
	}
	// RFC 1215: the value is a number, and the enterprise a clause.
	if n, err := strconv.ParseUint(p.peek().text, 10, 31); err == nil && d.enterprise != nil {
		p.pos++
		d.value = append(d.enterprise, arc{num: 0, hasNum: true}, arc{num: uint32(n), hasNum: true})
	} else {
		p.fail("trap %s needs an ENTERPRISE and a number", d.name)
	}
}

// oidValue reads `{ parent name(1) 2 }`.
func (p *parser) oidValue() (arcs []arc) {
	p.expect("{")
	for p.peek().kind != tokEOF && !p.accept("}") {
		var a arc
		if t := p.peek(); t.kind == tokWord {
			a.name = p.next().text
			if p.accept(".") { // Module.name: the module adds nothing
				a.name = p.word("a name")
			}
			if p.accept("(") {
				a.num, a.hasNum = p.subIdentifier(), true
				p.expect(")")
			}
		} else {
			a.num, a.hasNum = p.subIdentifier(), true
		}
		p.accept(",")
		arcs = append(arcs, a)
	}
	if len(arcs) == 0 {
		p.fail("an OID value is empty")
	}
	return arcs
}

func (p *parser) subIdentifier() uint32 {
	t := p.peek()
	n, err := strconv.ParseUint(t.text, 10, 32)
	if t.kind != tokNumber || err != nil {
		p.fail("%s where a sub-identifier was expected", t)
		return 0
	}
	p.pos++
	return uint32(n)
}

// statusOf takes SMIv1's words and unknown ones as current.
func statusOf(word string) Status {
	switch strings.ToLower(word) {
	case "deprecated":
		return Deprecated
	case "obsolete":
		return Obsolete
	}
	return Current
}

// accessOf takes SMIv1's write-only as read-write, as RFC 3584 §2.1.1 does.
func accessOf(word string) Access {
	switch strings.ToLower(word) {
	case "accessible-for-notify":
		return AccessibleForNotify
	case "read-only":
		return ReadOnly
	case "read-write", "write-only":
		return ReadWrite
	case "read-create":
		return ReadCreate
	}
	return NotAccessible
}
