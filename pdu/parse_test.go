package pdu

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/ber"
)

// Every type has a text that ParseValue takes back, by its number in the
// specification.
func TestParseValue(t *testing.T) {
	for _, tt := range []struct {
		number Syntax
		text   string
		want   Value
	}{
		{2, "-2147483648", Integer(-1 << 31)},
		{2, "2147483647", Integer(1<<31 - 1)},
		{4, "\x00 any octets \xff", OctetString("\x00 any octets \xff")},
		{4, "", OctetString("")},
		{5, "", Null},
		{6, "1.3.6.1.4.1.32473", ObjectIdentifier(ber.MustOID("1.3.6.1.4.1.32473"))},
		{64, "192.0.2.1", IPAddress(netip.MustParseAddr("192.0.2.1"))},
		{65, "4294967295", Counter32(1<<32 - 1)},
		{66, "0", Gauge32(0)},
		{67, "100", TimeTicks(100)},
		{68, "\x9f\x78\x00", Opaque("\x9f\x78\x00")},
		{69, "\x47", NSAP("\x47")},
		{70, "18446744073709551615", Counter64(1<<64 - 1)},
		{71, "7", UInteger32(7)},
		{128, "", NoSuchObject},
		{129, "", NoSuchInstance},
		{130, "", EndOfMibView},
	} {
		got, err := ParseValue(tt.number, tt.text)
		if got != tt.want || err != nil {
			t.Errorf("type %d, %q: %v, %v, want %v", int(tt.number), tt.text, got, err, tt.want)
		}
		if got.Text() != tt.text || got.Syntax() != tt.number {
			t.Errorf("type %d, %q: the text is %q, the type %d", int(tt.number), tt.text, got.Text(), int(got.Syntax()))
		}
	}
}

func TestParseValueErrors(t *testing.T) {
	for _, tt := range []struct {
		number  Syntax
		text    string
		address bool
	}{
		{2, "2147483648", false},
		{2, "", false},
		{2, "0x10", false},
		{4, strings.Repeat("a", 65536), false},
		{5, "x", false},
		{6, "1.2.", false},
		{6, "3.1", false},
		{64, "192.0.2", true},
		{64, "192.0.2.256", true},
		{64, "::ffff:192.0.2.1", true},
		{64, "", true},
		{65, "-1", false},
		{66, "4294967296", false},
		{70, "18446744073709551616", false},
		{130, "end", false},
		{0, "", false},
		{3, "", false},
		{131, "", false},
	} {
		if got, err := ParseValue(tt.number, tt.text); err == nil || got != (Value{}) || errors.Is(err, ErrIPAddress) != tt.address {
			t.Errorf("type %d, %.20q: %v, %v", int(tt.number), tt.text, got, err)
		}
	}
}
