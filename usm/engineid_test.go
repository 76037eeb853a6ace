package usm

import (
	"errors"
	"strings"
	"testing"
)

// RFC 3411 §5, SnmpEngineID: 5 to 32 octets, not all 00 or FF.
func TestEngineIDCheck(t *testing.T) {
	for _, row := range []struct {
		name string
		id   EngineID
		ok   bool
	}{
		{"empty", "", false},
		{"4 octets", "\x80\x00\x00\x01", false},
		{"5 octets", "\x80\x00\x00\x01\x05", true},
		{"32 octets", EngineID(strings.Repeat("e", 32)), true},
		{"33 octets", EngineID(strings.Repeat("e", 33)), false},
		{"zeros", "\x00\x00\x00\x00\x00", false},
		{"ones", "\xFF\xFF\xFF\xFF\xFF\xFF", false},
		{"almost zeros", "\x00\x00\x00\x00\x01", true},
	} {
		if err := row.id.Check(); (err == nil) != row.ok || err != nil && !errors.Is(err, errEngineID) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// RFC 3411 §5: the enterprise number with the first bit set, the format, the rest.
func TestNewEngineID(t *testing.T) {
	for _, row := range []struct {
		enterprise uint32
		format     byte
		octets     string
		want       string // empty: refused
	}{
		{696, FormatOctets, "\x01\x02", "0x800002b8050102"},
		{DocumentationEnterprise, FormatText, "text", "0x80007ed90474657874"},
		{1<<31 - 1, FormatText, "x", "0xffffffff0478"},
		{1 << 31, FormatText, "x", ""},
		{0, FormatText, "text", "0x80007ed90474657874"},
		{1, FormatText, strings.Repeat("x", 27), "0x8000000104" + strings.Repeat("78", 27)},
		{1, FormatText, strings.Repeat("x", 28), ""},
		{1, FormatText, "", "0x8000000104"},
	} {
		id, err := NewEngineID(row.enterprise, row.format, row.octets)
		if err != nil != (row.want == "") || err == nil && id.String() != row.want {
			t.Errorf("%d %d %q: %v, %v, want %s", row.enterprise, row.format, row.octets, id, err, row.want)
		}
	}
}

// RFC 3411 §3.1.1.1 and §5: the same after a restart, and another one for each
// instance, in a legal format.
func TestDeriveEngineID(t *testing.T) {
	a, b := DeriveEngineID(0, "161"), DeriveEngineID(0, "1161")
	if a != DeriveEngineID(0, "161") || a == b || a == DeriveEngineID(9, "161") {
		t.Errorf("%v and %v", a, b)
	}
	if err := a.Check(); err != nil || !strings.HasPrefix(a.String(), "0x80007ed905") || len(a) != 17 {
		t.Errorf("%v, %v", a, err)
	}
}
