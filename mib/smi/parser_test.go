package smi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
)

// add parses and adds modules, and returns what was wrong with them.
func add(n *Names, src string) (problems []string) {
	for _, m := range Parse("test", []byte(src)) {
		n.Add("test", m)
		for _, p := range m.Problems {
			problems = append(problems, p.Error())
		}
	}
	return problems
}

// summary writes what matters of an object in one line.
func summary(o *Object) string {
	s := fmt.Sprintf("%s %s %s %s", o.Kind, o.OID, o.Access, o.Status)
	if o.Type != nil {
		s += fmt.Sprintf(" %s:%s%s%s", o.Type.Name, o.Type.Base, enumText(o.Type.Enum), rangeText(o.Type.Ranges))
		if o.Type.Hint != "" {
			s += " hint=" + o.Type.Hint
		}
	}
	if o.Units != "" {
		s += " units=" + o.Units
	}
	for _, x := range o.Index {
		s += " index=" + x.Name
		if x.Implied {
			s += "!"
		}
		if x.Type == nil {
			s += "?"
		}
	}
	return s
}

func enumText(list []Enum) (s string) {
	for _, e := range list {
		s += fmt.Sprintf(" %s=%d", e.Label, e.Value)
	}
	return s
}

func rangeText(list []Range) (s string) {
	for _, r := range list {
		s += fmt.Sprintf(" %d..%d", r.Min, r.Max)
	}
	return s
}

// TestDefinitions has definitions of every kind, in both versions of the SMI,
// and as authors write them who did not read it. Each is the body of a module.
func TestDefinitions(t *testing.T) {
	for _, c := range []struct {
		name, body string
		object     string   // of this name
		want       string   // its summary, "" if there must be none
		problems   []string // beginnings of what follows "test:"
	}{
		{name: "OBJECT IDENTIFIER", body: `x OBJECT IDENTIFIER ::= { enterprises 5 }`,
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "several arcs", body: `x OBJECT IDENTIFIER ::= { enterprises 5 6 y(7) 8 }`,
			object: "x", want: "node 1.3.6.1.4.1.5.6.7.8 not-accessible current"},
		{name: "an arc named in passing", body: `x OBJECT IDENTIFIER ::= { enterprises 5 6 y(7) 8 }`,
			object: "y", want: "node 1.3.6.1.4.1.5.6.7 not-accessible current"},
		{name: "numbers only", body: `x OBJECT IDENTIFIER ::= { 1 3 6 }`,
			object: "x", want: "node 1.3.6 not-accessible current"},
		{name: "root with its number", body: `x OBJECT IDENTIFIER ::= { iso(1) org(3) 9 }`,
			object: "x", want: "node 1.3.9 not-accessible current"},
		{name: "used before it is defined", body: `x OBJECT IDENTIFIER ::= { y 1 } y OBJECT IDENTIFIER ::= { enterprises 2 }`,
			object: "x", want: "node 1.3.6.1.4.1.2.1 not-accessible current"},
		{name: "defined by itself", body: `x OBJECT IDENTIFIER ::= { y 1 } y OBJECT IDENTIFIER ::= { x 2 }`,
			object: "x", problems: []string{"1: x is defined by itself"}},
		{name: "parent unknown", body: "\nx OBJECT IDENTIFIER ::= { nobody 1 }\ny OBJECT IDENTIFIER ::= { x 1 }",
			object: "y", problems: []string{"2: x is below nobody, which is unknown"}},
		{name: "defined twice", body: `x OBJECT IDENTIFIER ::= { enterprises 1 } x OBJECT IDENTIFIER ::= { enterprises 2 }`,
			object: "x", want: "node 1.3.6.1.4.1.1 not-accessible current", problems: []string{"1: x is defined twice"}},
		{name: "too long", body: `x OBJECT IDENTIFIER ::= { 1 ` + strings.Repeat("1 ", 128) + `}`,
			object: "x", problems: []string{"1: x: its OID has more than 128 sub-identifiers"}},
		{name: "arc out of range", body: `x OBJECT IDENTIFIER ::= { enterprises 4294967296 }`,
			object: "x", problems: []string{`1: "4294967296" where a sub-identifier was expected`}},

		{name: "MODULE-IDENTITY", body: `x MODULE-IDENTITY LAST-UPDATED "2" ORGANIZATION "o" CONTACT-INFO "c" DESCRIPTION "d" REVISION "1" DESCRIPTION "e" ::= { enterprises 1 }`,
			object: "x", want: "node 1.3.6.1.4.1.1 not-accessible current"},
		{name: "OBJECT-IDENTITY", body: `x OBJECT-IDENTITY STATUS obsolete DESCRIPTION "d" REFERENCE "r" ::= { enterprises 1 }`,
			object: "x", want: "node 1.3.6.1.4.1.1 not-accessible obsolete"},
		{name: "NOTIFICATION-TYPE", body: `x NOTIFICATION-TYPE OBJECTS { a, b } STATUS deprecated DESCRIPTION "d" ::= { enterprises 0 1 }`,
			object: "x", want: "notification 1.3.6.1.4.1.0.1 not-accessible deprecated"},
		{name: "OBJECT-GROUP", body: `x OBJECT-GROUP OBJECTS { a, b } STATUS current DESCRIPTION "d" ::= { enterprises 1 }`,
			object: "x", want: "group 1.3.6.1.4.1.1 not-accessible current"},
		{name: "NOTIFICATION-GROUP", body: `x NOTIFICATION-GROUP NOTIFICATIONS { a } STATUS current DESCRIPTION "d" ::= { enterprises 1 }`,
			object: "x", want: "group 1.3.6.1.4.1.1 not-accessible current"},
		{name: "MODULE-COMPLIANCE", body: `x MODULE-COMPLIANCE STATUS current DESCRIPTION "d" MODULE IF-MIB MANDATORY-GROUPS { a } GROUP b DESCRIPTION "d" OBJECT c SYNTAX INTEGER { up(1) } MIN-ACCESS read-only DESCRIPTION "d" ::= { enterprises 1 }`,
			object: "x", want: "compliance 1.3.6.1.4.1.1 not-accessible current"},
		{name: "MODULE-COMPLIANCE of nothing", body: `x MODULE-COMPLIANCE STATUS current DESCRIPTION "d" MODULE ::= { enterprises 1 }`,
			object: "x", want: "compliance 1.3.6.1.4.1.1 not-accessible current"},
		{name: "AGENT-CAPABILITIES", body: `x AGENT-CAPABILITIES PRODUCT-RELEASE "1" STATUS current DESCRIPTION "d" SUPPORTS IF-MIB INCLUDES { a } VARIATION b SYNTAX INTEGER { up(1) } ACCESS not-implemented CREATION-REQUIRES { c } DEFVAL { 1 } DESCRIPTION "d" ::= { enterprises 1 }`,
			object: "x", want: "capabilities 1.3.6.1.4.1.1 not-accessible current"},
		{name: "TRAP-TYPE", body: `x TRAP-TYPE ENTERPRISE enterprises VARIABLES { a } DESCRIPTION "d" ::= 7`,
			object: "x", want: "notification 1.3.6.1.4.1.0.7 not-accessible current"}, // RFC 3584 §2.1.2
		{name: "TRAP-TYPE in braces", body: `AX-TRAP TRAP-TYPE ENTERPRISE { enterprises 9 } ::= 7`,
			object: "AX-TRAP", want: "notification 1.3.6.1.4.1.9.0.7 not-accessible current"},
		{name: "generic TRAP-TYPE", body: `snmp OBJECT IDENTIFIER ::= { mib-2 11 } linkDown TRAP-TYPE ENTERPRISE snmp ::= 2`,
			object: "linkDown", want: "notification 1.3.6.1.6.3.1.1.5.3 not-accessible current"}, // RFC 3584 §3.1 (2)
		{name: "TRAP-TYPE without enterprise", body: `x TRAP-TYPE DESCRIPTION "d" ::= 7`,
			object: "x", problems: []string{"1: trap x needs an ENTERPRISE and a number"}},

		{name: "scalar", body: `x OBJECT-TYPE SYNTAX Integer32 (0..10) UNITS "kB" MAX-ACCESS read-write STATUS current DESCRIPTION "d" REFERENCE "r" DEFVAL { 5 } ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-write current Integer32:INTEGER 0..10 units=kB"},
		{name: "SMIv1 words", body: `x OBJECT-TYPE SYNTAX Counter ACCESS read-only STATUS mandatory ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current Counter:Counter32"},
		{name: "write-only", body: `x OBJECT-TYPE SYNTAX Gauge ACCESS write-only STATUS optional ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-write current Gauge:Gauge32"}, // RFC 3584 §2.1.1
		{name: "enumeration", body: `x OBJECT-TYPE SYNTAX INTEGER { up(1), down(-2) } MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current INTEGER:INTEGER up=1 down=-2"},
		{name: "enumeration, badly written", body: `x OBJECT-TYPE SYNTAX INTEGER { "0:00"(0) 10baseT(1), Up(2), } (0..255) MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current INTEGER:INTEGER 0:00=0 10baseT=1 Up=2 0..255"},
		{name: "BITS", body: `x OBJECT-TYPE SYNTAX BITS { a(0), b(9) } MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current BITS:OCTET STRING a=0 b=9"},
		{name: "ranges", body: `x OBJECT-TYPE SYNTAX OCTET STRING (SIZE (0 | 4..'10'h | '11'B)) MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current OCTET STRING:OCTET STRING 0..0 4..16 3..3"},
		{name: "range beyond 64 bits", body: `x OBJECT-TYPE SYNTAX Counter64 (0..18446744073709551615) MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current Counter64:Counter64 0..9223372036854775807"},
		{name: "range by a name", body: `x OBJECT-TYPE SYNTAX Integer32 (1..most) MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", problems: []string{`1: "most" where a number was expected`}},
		{name: "unknown type", body: `x OBJECT-TYPE SYNTAX Strange MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current", problems: []string{"1: x has the unknown type Strange"}},
		{name: "no SYNTAX", body: `x OBJECT-TYPE MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current", problems: []string{"1: x has no SYNTAX"}},

		{name: "textual convention", body: `T ::= TEXTUAL-CONVENTION DISPLAY-HINT "1x:" STATUS current DESCRIPTION "d" SYNTAX OCTET STRING (SIZE (6)) x OBJECT-TYPE SYNTAX T MAX-ACCESS read-only STATUS current ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current T:OCTET STRING 6..6 hint=1x:"},
		{name: "refined textual convention", body: `x OBJECT-TYPE SYNTAX T (SIZE (1..2)) MAX-ACCESS read-only STATUS current ::= { enterprises 1 } T ::= TEXTUAL-CONVENTION DISPLAY-HINT "1x:" STATUS current SYNTAX OCTET STRING (SIZE (6))`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current T:OCTET STRING 1..2 hint=1x:"}, // RFC 2578 §9
		{name: "type of a type", body: `x OBJECT-TYPE SYNTAX U ACCESS read-only STATUS mandatory ::= { enterprises 1 } U ::= T (0..5) T ::= INTEGER (0..9)`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current U:INTEGER 0..5"},
		{name: "type of itself", body: `T ::= U U ::= T x OBJECT-TYPE SYNTAX T ACCESS read-only STATUS mandatory ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current",
			problems: []string{"1: U has the unknown type T", "1: T has the unknown type U", "1: x has the unknown type T"}},
		{name: "base type defined again", body: `IpAddress ::= [APPLICATION 0] IMPLICIT OCTET STRING (SIZE (4)) x OBJECT-TYPE SYNTAX IpAddress ACCESS read-only STATUS mandatory ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current IpAddress:IpAddress"},
		{name: "not imported", body: `x OBJECT-TYPE SYNTAX DisplayString ACCESS read-only STATUS mandatory ::= { enterprises 1 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.1 read-only current DisplayString:OCTET STRING 0..255 hint=255a"},

		{name: "table", body: table(`INDEX { IMPLIED a, b }`), object: "tTable", want: "table 1.3.6.1.4.1.1 not-accessible current"},
		{name: "row", body: table(`INDEX { a, IMPLIED b }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current index=a index=b!"},
		{name: "column", body: table(`INDEX { a }`), object: "b", want: "column 1.3.6.1.4.1.1.1.2 read-only current OCTET STRING:OCTET STRING"},
		{name: "index by type", body: table(`INDEX { INTEGER, OCTET STRING (SIZE (4)), }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current index=INTEGER index=OCTET STRING"},
		{name: "unknown index", body: table(`INDEX { strange }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current index=strange?",
			problems: []string{"2: tEntry is indexed by strange, which is unknown"}},
		{name: "no index", body: table(``), object: "b", want: "column 1.3.6.1.4.1.1.1.2 read-only current OCTET STRING:OCTET STRING"},
		{name: "AUGMENTS", body: table(`AUGMENTS { ifEntry }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current index=ifIndex"}, // RFC 2578 §7.8
		{name: "AUGMENTS a scalar", body: table(`AUGMENTS { ifNumber }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current",
			problems: []string{"2: tEntry augments ifNumber, which is no known row"}},
		{name: "AUGMENTS itself", body: table(`AUGMENTS { tEntry }`), object: "tEntry", want: "row 1.3.6.1.4.1.1.1 not-accessible current"},

		{name: "MACRO", body: `STRANGE MACRO ::= BEGIN TYPE NOTATION ::= "x" VALUE NOTATION ::= value(VALUE INTEGER) END x OBJECT IDENTIFIER ::= { enterprises 5 }`,
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "CHOICE", body: `C ::= CHOICE { a INTEGER, b CHOICE { c NULL } } x OBJECT IDENTIFIER ::= { enterprises 5 }`,
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "EXPORTS", body: `EXPORTS a, b; x OBJECT IDENTIFIER ::= { enterprises 5 }`,
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "underscore", body: `x_y OBJECT IDENTIFIER ::= { enterprises 5 }`,
			object: "x_y", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "empty OBJECTS", body: `x OBJECT-GROUP OBJECTS { -- none -- } STATUS current ::= { enterprises 1 }`,
			object: "x", want: "group 1.3.6.1.4.1.1 not-accessible current"},
		{name: "not ASCII", body: "x OBJECT IDENTIFIER ::= \xef\xbc\x8c{ enterprises 5 }",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},

		{name: "comment ends", body: `x OBJECT IDENTIFIER ::= { enterprises -- five -- 5 }`,
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"}, // RFC 2578 §3.4
		{name: "comment does not end", body: "-- a -- comment ::= { \" --\nx OBJECT IDENTIFIER ::= { enterprises 5 }",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "rows of dashes", body: "---------------\n------------\nx OBJECT IDENTIFIER ::= { enterprises 5 } ---\n",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},
		{name: "quotes in a comment", body: "-- it's \"\nx OBJECT IDENTIFIER ::= { enterprises 5 }",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current"},

		{name: "definition without a value", body: "\ny OBJECT-TYPE SYNTAX INTEGER\nx OBJECT IDENTIFIER ::= { enterprises 5 }",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current", problems: []string{`3: "x" where "::=" was expected`}},
		{name: "stray words", body: `x OBJECT-TYPE SYNTAX INTEGER and more STATUS current ::= { enterprises 5 }`,
			object: "x", want: "scalar 1.3.6.1.4.1.5 not-accessible current INTEGER:INTEGER", problems: []string{`1: "and" where a clause was expected`}},
		{name: "nonsense between definitions", body: "y ) ( ::= ]\nx OBJECT IDENTIFIER ::= { enterprises 5 }",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current", problems: []string{`1: ")" where a macro or "::=" was expected`}},
		{name: "string without end", body: "x OBJECT IDENTIFIER ::= { enterprises 5 }\ny OBJECT-TYPE DESCRIPTION \"",
			object: "x", want: "node 1.3.6.1.4.1.5 not-accessible current", problems: []string{`4: the end of the file where "::=" was expected`, "4: END is missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := Core()
			src := "T-MIB DEFINITIONS ::= BEGIN " + c.body + "\nEND\n"
			problems := add(n, src)
			o := n.Find("T-MIB", c.object)
			if c.want == "" && o != nil {
				t.Errorf("%s is %s", c.object, summary(o))
			} else if c.want != "" && (o == nil || summary(o) != c.want) {
				t.Errorf("%s is wrong:", c.object)
				if o != nil {
					t.Errorf(" got %s", summary(o))
				}
				t.Errorf("want %s", c.want)
			}
			for i := range c.problems {
				c.problems[i] = "test:" + c.problems[i]
			}
			if !slices.Equal(problems, c.problems) {
				t.Errorf("problems are %q, want %q", problems, c.problems)
			}
		})
	}
}

// table returns a module's body with a table of two columns, indexed as given.
func table(index string) string {
	return `tTable OBJECT-TYPE SYNTAX SEQUENCE OF TEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "d" ::= { enterprises 1 }
		tEntry OBJECT-TYPE SYNTAX TEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "d" ` + index + ` ::= { tTable 1 }
		TEntry ::= SEQUENCE { a INTEGER, b OCTET STRING }
		a OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS not-accessible STATUS current DESCRIPTION "d" ::= { tEntry 1 }
		b OBJECT-TYPE SYNTAX OCTET STRING MAX-ACCESS read-only STATUS current DESCRIPTION "d" ::= { tEntry 2 }`
}

func TestParseModules(t *testing.T) {
	modules := Parse("two", []byte(`
		some text { in front }
		A-MIB { 1 3 6 } DEFINITIONS ::= BEGIN
			IMPORTS a, b FROM B-MIB c FROM C-MIB;
		END
		B-MIB DEFINITIONS IMPLICIT TAGS ::= BEGIN END`))
	if len(modules) != 2 || modules[0].Name != "A-MIB" || modules[1].Name != "B-MIB" {
		t.Fatalf("got %d modules, want A-MIB and B-MIB", len(modules))
	}
	a := modules[0]
	if !slices.Equal(a.sources, []string{"B-MIB", "C-MIB"}) || a.imports["b"] != "B-MIB" || a.imports["c"] != "C-MIB" || len(a.Problems) > 0 {
		t.Errorf("A-MIB imports %v from %v: %v", a.imports, a.sources, a.Problems)
	}
	for _, src := range []string{"", "no module", "A-MIB DEFINITION ::= BEGIN END", "DEFINITIONS ::= BEGIN END", "{ DEFINITIONS"} {
		if modules := Parse("none", []byte(src)); len(modules) != 0 {
			t.Errorf("%q has %d modules", src, len(modules))
		}
	}
}

// TestImportedName: a name that two modules define means the one that is
// imported.
func TestImportedName(t *testing.T) {
	n := Core()
	problems := add(n, `
		A-MIB DEFINITIONS ::= BEGIN same OBJECT IDENTIFIER ::= { enterprises 1 } T ::= INTEGER END
		B-MIB DEFINITIONS ::= BEGIN same OBJECT IDENTIFIER ::= { enterprises 2 } T ::= OCTET STRING END
		C-MIB DEFINITIONS ::= BEGIN IMPORTS same, T FROM B-MIB;
			x OBJECT-TYPE SYNTAX T ACCESS read-only STATUS mandatory ::= { same 3 } END`)
	if len(problems) > 0 {
		t.Error(problems)
	}
	if o := n.Find("C-MIB", "x"); o == nil || o.OID != ber.MustOID("1.3.6.1.4.1.2.3") || o.Type.Base != baseTypes["OCTET STRING"].Base {
		t.Errorf("x is %v", o)
	}
}
