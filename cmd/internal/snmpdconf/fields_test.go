package snmpdconf

import (
	"fmt"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

func TestFields(t *testing.T) {
	octets := func(f *Fields) any { return f.Octets(0) }
	for _, tt := range []struct {
		name, rest string
		read       func(*Fields) any
		want       any
		wrong      string
	}{
		{"number", "3 4", func(f *Fields) any { return f.Number(1, 1, 4) }, int32(4), ""},
		{"number too high", "5", func(f *Fields) any { return f.Number(0, 1, 4) }, int32(5), "word 1 is not a number from 1 to 4"},
		{"no number", "secret", func(f *Fields) any { return f.Number(0, 1, 4) }, int32(0), "word 1 is not a number from 1 to 4"},
		{"no word", "1 2", func(f *Fields) any { return f.Word(2) }, "", "word 3 is not there"},
		{"level", "2", func(f *Fields) any { return f.Level(0) }, pdu.AuthNoPriv, ""},
		{"level too high", "4", func(f *Fields) any { return f.Level(0) }, pdu.SecurityLevel(3), "word 1 is not a number from 1 to 3"},
		{"hexadecimal", "0x6100ff", octets, "a\x00\xff", ""},
		{"quoted", `"0x61 b"`, octets, "0x61 b", ""},
		{"plain", "noc", octets, "noc", ""},
		{"nothing", `""`, octets, "", ""},
		{"no digits", "0x", octets, "", ""},
		{"half an octet", "0x612", octets, "a", "word 1 is not octets"},
		{"terminated", "0x6100", func(f *Fields) any { return f.Name(0) }, "a", ""},
		{"not terminated", "0x61", func(f *Fields) any { return f.Name(0) }, "a", ""},
		{"OID", ".1.3.6", func(f *Fields) any { return f.OID(0) }, ber.MustOID("1.3.6"), ""},
		{"no OID", "secret", func(f *Fields) any { return f.OID(0) }, ber.OID(""), "word 1 is not an OID"},
		{"first error", "a b", func(f *Fields) any { f.Number(1, 0, 1); return f.Number(0, 0, 1) }, int32(0), "word 2 is not"},
	} {
		f := NewFields(Directive{Name: "x", Rest: tt.rest})
		got, wrong := tt.read(f), ""
		if f.Err() != nil {
			wrong = f.Err().Error()
		}
		if got != tt.want || (wrong == "") != (tt.wrong == "") || !strings.HasPrefix(wrong, tt.wrong) || strings.Contains(wrong, "secret") {
			t.Errorf("%s: %q, %s; want %q, %s", tt.name, got, wrong, tt.want, tt.wrong)
		}
	}
}

// What LevelNumber returns is what Level reads.
func TestLevelNumber(t *testing.T) {
	for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv, pdu.AuthPriv} {
		f := NewFields(Directive{Name: "x", Rest: fmt.Sprint(LevelNumber(level))})
		if got := f.Level(0); got != level || f.Err() != nil {
			t.Errorf("%v is read as %v, %v", level, got, f.Err())
		}
	}
}

// What QuoteOctets writes is what Octets reads, and stays on its line.
func TestQuoteOctets(t *testing.T) {
	for _, octets := range []string{"", "noc", "a b", "0x61", `say "no"`, `a\b`, "a\nb", "a\tb", "\xc3\xa4", "#", "'", "[x]"} {
		quoted := QuoteOctets(octets)
		directives, problems := Parse(strings.NewReader(fmt.Sprintf("x 1 %s 2\n", quoted)), "file")
		if len(directives) != 1 || len(problems) > 0 {
			t.Errorf("%q: %q is %v, %v", octets, quoted, directives, problems)
			continue
		}
		f := NewFields(directives[0])
		if got := f.Octets(1); got != octets || f.Len() != 3 || f.Err() != nil {
			t.Errorf("%q: %q is read as %q, %v", octets, quoted, got, f.Err())
		}
	}
}
