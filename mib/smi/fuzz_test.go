package smi

import (
	"errors"
	"strings"
	"testing"
	"time"

	"snmpstack/ber"
)

// FuzzParse: whatever a file contains, reading it and resolving its names ends,
// and what comes out is sound: OIDs of legal length, types with a base, problems
// on lines that the file has.
func FuzzParse(f *testing.F) {
	f.Add("A DEFINITIONS ::= BEGIN IMPORTS enterprises FROM SNMPv2-SMI; x OBJECT IDENTIFIER ::= { enterprises 1 y(2) 3 } END")
	f.Add("A DEFINITIONS ::= BEGIN T ::= TEXTUAL-CONVENTION DISPLAY-HINT \"1x:\" STATUS current SYNTAX OCTET STRING (SIZE (0..6 | 8)) END")
	f.Add("A DEFINITIONS ::= BEGIN x OBJECT-TYPE SYNTAX INTEGER { up(1), down('2'h) } -- c -- ACCESS read-only STATUS mandatory INDEX { IMPLIED a } ::= { b 1 } END")
	f.Add("A DEFINITIONS ::= BEGIN x TRAP-TYPE ENTERPRISE { iso 3 } VARIABLES { } ::= 4 y MODULE-COMPLIANCE MODULE ::= { iso 2 } END")
	f.Add("A DEFINITIONS ::= BEGIN " + table("AUGMENTS { ifEntry }") + " END B DEFINITIONS ::= BEGIN")
	f.Fuzz(func(t *testing.T, src string) {
		lines := strings.Count(src, "\n") + 1
		n := New()
		for _, m := range Parse("fuzz", []byte(src)) {
			n.Add("fuzz", m)
			for _, p := range m.Problems {
				if p.Line < 1 || p.Line > lines {
					t.Errorf("problem on line %d of %d: %v", p.Line, lines, p)
				}
			}
		}
		for o := range n.All() {
			if o.OID.Len() < 1 || o.OID.Len() > ber.MaxArcs || o.Name == "" {
				t.Errorf("%s has the OID %s", o, o.OID)
			}
			if o.Type != nil && o.Type.Base == 0 {
				t.Errorf("%s has a type without base: %+v", o, o.Type)
			}
			if got, _ := n.Lookup(o.OID); got != o {
				t.Errorf("Lookup(%s) = %v, want %v", o.OID, got, o)
			}
		}
	})
}

// TestParseIsLinear doubles the input that is worst for a careless parser, and
// would take minutes with a quadratic one.
func TestParseIsLinear(t *testing.T) {
	const n = 50_000
	for name, unit := range map[string]string{
		"braces":      "{ ",
		"parentheses": "x T ::= INTEGER ( ",
		"quotes":      "\"\n",
		"dashes":      "-- - ",
		"definitions": "x OBJECT IDENTIFIER ",
		"stray words": "x OBJECT-TYPE y ",
		"tags":        "X ::= [ ] IMPLICIT ",
		"modules":     "A DEFINITIONS ::= BEGIN ",
		"headers":     "A { ",
		"constraints": "X ::= INTEGER (1..",
	} {
		begin := time.Now()
		for _, m := range Parse(name, []byte("M DEFINITIONS ::= BEGIN "+strings.Repeat(unit, n))) {
			New().Add(name, m)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s: %d repetitions took %v", name, n, took)
		}
	}
	var chain strings.Builder // each one below the next
	chain.WriteString("M DEFINITIONS ::= BEGIN ")
	for i := range n {
		chain.WriteString("x" + ber.NewOID(uint32(i)).String() + " OBJECT IDENTIFIER ::= { x" + ber.NewOID(uint32(i+1)).String() + " 1 } ")
	}
	names := New()
	for _, m := range Parse("chain", []byte(chain.String()+" END")) {
		names.Add("chain", m)
	}
}

// FuzzResolve: every text is an OID of legal length or an *UnknownError.
func FuzzResolve(f *testing.F) {
	for _, text := range []string{"1.3.6.1", "IF-MIB::ifDescr.1", `nsExtendOutLine."a\"b".3`, "ifDescr[1]", `ipAddressIfIndex.ipv6z."fe80::1%2"`, "system.sysDescr.0", "'", "[", "::", ".", "ifEntry.999[1]"} {
		f.Add(text)
	}
	n := Core()
	f.Fuzz(func(t *testing.T, text string) {
		oid, err := n.Resolve(text)
		var unknown *UnknownError
		if err != nil {
			if !errors.As(err, &unknown) || unknown.Text != text {
				t.Errorf("Resolve(%q): %v", text, err)
			}
			return
		}
		if oid.Len() > ber.MaxArcs {
			t.Errorf("Resolve(%q) has %d sub-identifiers", text, oid.Len())
		}
		if again, err := n.Resolve("." + oid.String()); err != nil || again != oid {
			t.Errorf("Resolve(%q) = %s, but that is %s, %v", text, oid, again, err)
		}
	})
}
