package smi

import (
	"math"
	"strconv"
)

// A clauseKind is what follows the keyword of a clause.
type clauseKind uint8

const (
	clauseSyntax clauseKind = iota + 1 // a type
	clauseString                       // a string that is kept
	clauseText                         // a string that is not
	clauseWord                         // one word
	clauseIndex                        // { a, IMPLIED b }
	clauseName                         // a name, perhaps in braces
	clauseList                         // braces, not kept
)

// The clauses of all macros but MODULE-COMPLIANCE and AGENT-CAPABILITIES, of
// both versions of the SMI.
var clauses = map[string]clauseKind{
	"SYNTAX":        clauseSyntax,
	"UNITS":         clauseString,
	"DISPLAY-HINT":  clauseString,
	"DESCRIPTION":   clauseText,
	"REFERENCE":     clauseText,
	"LAST-UPDATED":  clauseText,
	"ORGANIZATION":  clauseText,
	"CONTACT-INFO":  clauseText,
	"REVISION":      clauseText,
	"ACCESS":        clauseWord,
	"MAX-ACCESS":    clauseWord,
	"MIN-ACCESS":    clauseWord,
	"STATUS":        clauseWord,
	"INDEX":         clauseIndex,
	"AUGMENTS":      clauseName,
	"ENTERPRISE":    clauseName,
	"DEFVAL":        clauseList,
	"OBJECTS":       clauseList,
	"NOTIFICATIONS": clauseList,
	"VARIABLES":     clauseList,
}

// clause returns what follows the keyword that comes next, 0 if it is none.
func (p *parser) clause() clauseKind {
	if t := p.peek(); t.kind == tokWord {
		return clauses[t.text]
	}
	return 0
}

// clauses reads clauses up to the "::=" behind a macro or, in a textual
// convention, up to the SYNTAX.
func (p *parser) clauses(d *definition) {
	for {
		t, kind := p.peek(), p.clause()
		switch {
		case t.kind == tokEOF || p.is("::="):
			return
		case kind == 0:
			if p.atDefinition() {
				return
			}
			p.warn("%s where a clause was expected", t)
			p.skipStray()
			continue
		}
		p.pos++
		switch kind {
		case clauseSyntax:
			d.syntax = p.syntax()
			if d.macro == "" {
				return
			}
		case clauseString:
			s := p.quoted()
			if t.text == "UNITS" {
				d.units = s
			} else {
				d.hint = s
			}
		case clauseText:
			p.quoted()
		case clauseWord:
			w := p.word("a word")
			if t.text == "STATUS" {
				d.status = w
			} else {
				d.access = w
			}
		case clauseIndex:
			d.index = p.indexList()
		case clauseName:
			arcs := p.nameClause()
			if t.text == "ENTERPRISE" {
				d.enterprise = arcs
			} else if len(arcs) > 0 {
				d.augments = arcs[len(arcs)-1].name
			}
		case clauseList:
			p.braces()
		}
	}
}

// skipStray goes past what is no clause, up to something that may be one.
func (p *parser) skipStray() {
	for {
		p.pos++
		if p.peek().kind == tokEOF || p.is("::=") || p.is("END") || p.clause() != 0 || p.atDefinition() {
			return
		}
	}
}

// nameClause reads `name` or `{ name }`.
func (p *parser) nameClause() []arc {
	if p.is("{") {
		return p.oidValue()
	}
	return []arc{{name: p.word("a name")}}
}

// braces goes past `{ … }`, which may contain more of them.
func (p *parser) braces() {
	p.expect("{")
	for depth := 1; depth > 0 && p.peek().kind != tokEOF; {
		switch {
		case p.accept("{"):
			depth++
		case p.accept("}"):
			depth--
		default:
			p.pos++
		}
	}
}

func (p *parser) indexList() (list []Index) {
	p.expect("{")
	for p.peek().kind != tokEOF && !p.accept("}") {
		var x Index
		x.Implied = p.accept("IMPLIED")
		x.Name = p.word("an index object")
		switch {
		case x.Name == "OCTET" && p.accept("STRING"):
			x.Name = "OCTET STRING"
		case x.Name == "OBJECT" && p.accept("IDENTIFIER"):
			x.Name = "OBJECT IDENTIFIER"
		case p.accept("."):
			x.Name = p.word("an index object")
		}
		if p.is("(") {
			p.constraint()
		}
		list = append(list, x)
		p.accept(",")
	}
	return list
}

// syntax reads a type: RFC 2578 §7.1, and what else modules have.
func (p *parser) syntax() *syntax {
	if p.accept("[") { // [APPLICATION 1] IMPLICIT OCTET STRING (SIZE (4))
		p.skipPast("]")
		p.accept("IMPLICIT")
		if p.peek().kind == tokWord {
			p.syntax()
		}
		return nil // a base type, built in
	}
	s := &syntax{name: p.word("a type")}
	switch s.name {
	case "OCTET", "BIT":
		p.expect("STRING")
		s.name += " STRING"
	case "OBJECT":
		p.expect("IDENTIFIER")
		s.name = "OBJECT IDENTIFIER"
	case "SEQUENCE":
		if p.accept("OF") {
			s.name, s.of = "SEQUENCE OF", p.word("a type")
			return s
		}
		p.braces()
		return s
	case "CHOICE":
		p.braces()
		return s
	default:
		if p.accept(".") { // Module.Type
			s.name = p.word("a type")
		}
	}
	for { // both at once is a mistake, but a common one
		switch {
		case p.is("{"):
			s.enum = p.enumeration()
		case p.is("("):
			s.ranges = p.constraint()
		default:
			return s
		}
	}
}

// enumeration reads `{ up(1), down(2) }`. Labels in quotes or missing commas
// are no obstacle.
func (p *parser) enumeration() (list []Enum) {
	p.expect("{")
	for p.peek().kind != tokEOF && !p.accept("}") {
		t := p.next()
		if t.kind != tokWord && t.kind != tokString && t.kind != tokNumber {
			p.fail("%s where a label was expected", t)
			return nil
		}
		p.expect("(")
		n, ok := p.bound()
		if !ok {
			p.fail("%s where the number of %s was expected", p.peek(), t.text)
		}
		p.expect(")")
		p.accept(",")
		list = append(list, Enum{t.text, n})
	}
	return list
}

// constraint reads `(0..255)`, `(1 | 3..5)`, `(SIZE (0..255))`.
func (p *parser) constraint() (list []Range) {
	p.expect("(")
	if p.accept("SIZE") {
		p.expect("(")
		list = p.ranges()
		p.expect(")")
		return list
	}
	return p.ranges()
}

// ranges reads `0..255 | 300)`.
func (p *parser) ranges() (list []Range) {
	for p.peek().kind != tokEOF && !p.accept(")") {
		r := Range{}
		var ok bool
		if r.Min, ok = p.bound(); !ok {
			p.fail("%s where a number was expected", p.peek())
			return nil
		}
		r.Max = r.Min
		if p.accept("..") {
			if r.Max, ok = p.bound(); !ok {
				p.fail("%s where a number was expected", p.peek())
				return nil
			}
		}
		list = append(list, r)
		if !p.accept("|") {
			p.accept(",")
		}
	}
	return list
}

// bound reads a number: decimal, or '…'H or '…'B (RFC 2578 §3.1.1).
func (p *parser) bound() (n int64, ok bool) {
	t := p.peek()
	switch {
	case t.kind == tokNumber:
		n, ok = saturate(strconv.ParseInt(t.text, 10, 64))
	case t.kind == tokBits && len(t.text) > 0:
		digits, base := t.text[:len(t.text)-1], 16
		switch t.text[len(t.text)-1] | 0x20 {
		case 'h':
		case 'b':
			base = 2
		default:
			return 0, false
		}
		if digits == "" {
			digits = "0"
		}
		n, ok = saturate(strconv.ParseInt(digits, base, 64))
	case p.is("MIN"):
		n, ok = math.MinInt64, true
	case p.is("MAX"):
		n, ok = math.MaxInt64, true
	}
	if ok {
		p.pos++
	}
	return n, ok
}

// saturate accepts numbers that do not fit: ParseInt gives the nearest for
// them.
func saturate(n int64, err error) (int64, bool) {
	if ne, isNum := err.(*strconv.NumError); isNum {
		return n, ne.Err == strconv.ErrRange
	}
	return n, true
}
