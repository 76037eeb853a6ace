package main

import (
	"encoding/hex"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// encoded returns the encoding of a value.
func encoded(t *testing.T, v pdu.Value) string {
	t.Helper()
	m := pdu.Message{Version: pdu.V2c, PDU: pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{{Name: ber.NewOID(1, 3), Value: v}}}}
	b := m.Append(nil)
	name := []byte{0x06, 0x01, 0x2B}
	at := strings.Index(string(b), string(name)) + len(name)
	return hex.EncodeToString(b[at:])
}

// What Net-SNMP 5.9.3 sends, or says, unless a note says what differs.
func TestParseValue(t *testing.T) {
	const unknown = "1.3.5.5"
	tests := []struct {
		name, letter, text string
		want               string // the value's encoding, or the error
	}{
		{"sysName.0", "s", "foo", "0403666f6f"},
		{"sysName.0", "s", `a\x41`, "0405615c783431"},
		{"sysName.0", "s", "", "0400"},
		{"sysName.0", "s", "µ", "0402c2b5"},
		{"sysName.0", "x", "4142", "04024142"},
		{"sysName.0", "x", "41 42", "04024142"},
		{"sysName.0", "x", "0x4142", "04024142"},
		{"sysName.0", "x", "", "0400"},
		{"sysName.0", "x", "41 4", "Bad value notation (41 4)"},
		{"sysName.0", "x", "0x41:42", "Bad value notation (0x41:42)"},
		{"sysName.0", "d", "65.66", "04024142"},
		{"sysName.0", "d", "1.2. 3", "0403010203"},
		{"sysName.0", "d", "1.2.300", "Bad value notation (1.2.300)"},
		{"sysName.0", "n", "x", "0500"},
		{"sysName.0", "=", "foo", "0403666f6f"},
		{"sysName.0", "i", "5", "Bad variable type (Type of attribute is OCTET STRING, not INTEGER)"},
		{"sysName.0", "u", "5", "Bad variable type (Type of attribute is OCTET STRING, not Unsigned32)"},
		{"sysName.0", "t", "5", "Bad variable type (Type of attribute is OCTET STRING, not Timeticks)"},
		{"sysName.0", "a", "1.2.3.4", "Bad variable type (Type of attribute is OCTET STRING, not IpAddress)"},
		{"sysName.0", "o", "1.3", "Bad variable type (Type of attribute is OCTET STRING, not OBJECT IDENTIFIER)"},
		{"sysName.0", "b", "1", "Bad variable type (Type of attribute is OCTET STRING, not BITS)"},
		{"sysName.0", "3", "5", "Bad variable type (Type of attribute is OCTET STRING, not UInteger32)"},
		{"sysName.0", "q", "5", "Bad object type: q"},
		{"sysName.0", "U", "300", "44059f7b02012c"},
		{"sysName.0", "I", "-5", "44049f7a01fb"},
		{"sysName.0", "F", "1.5", "44079f78043fc00000"},
		{"sysName.0", "D", "1.5", "440b9f79083ff8000000000000"},
		// In Net-SNMP's words: (Value does not match DISPLAY-HINT :: {(0..255)}).
		{"sysName.0", "s", strings.Repeat("x", 256), "Value out of range (256 octets :: {(0..255)})"},

		{"ifAdminStatus.1", "i", "up", "020101"},
		{"ifAdminStatus.1", "i", "9", "020109"},
		{"ifAdminStatus.1", "=", "down", "020102"},
		{"ifAdminStatus.1", "=", "3", "020103"},
		{"ifAdminStatus.1", "i", "foo", "Value out of range (foo)"},
		{"ifAdminStatus.1", "i", "up(1)", "Value out of range (up(1))"},
		{"ifAdminStatus.1", "s", "up", "Bad variable type (Type of attribute is INTEGER, not OCTET STRING)"},
		{"ifIndex.1", "i", "0", "Value out of range (0 :: {(1..2147483647)})"},
		{"ifIndex.1", "i", "-1", "Value out of range (-1 :: {(1..2147483647)})"},
		{"ifSpeed.1", "u", "5", "420105"},
		{"ifSpeed.1", "=", "5", "420105"},
		{"ifSpeed.1", "i", "5", "Bad variable type (Type of attribute is Gauge32, not INTEGER)"},
		{"ifSpeed.1", "u", "x", "Bad value notation (x)"},
		// Net-SNMP sends 4294967295 for the first and 0 for the second.
		{"ifSpeed.1", "u", "-1", "Value out of range (-1)"},
		{"ifSpeed.1", "u", "4294967296", "Value out of range (4294967296)"},
		{"ifInOctets.1", "=", "5", "410105"},
		{"ifInOctets.1", "u", "5", "Bad variable type (Type of attribute is Counter32, not Unsigned32)"},
		{"ifHCInOctets.1", "=", "18446744073709551615", "460900ffffffffffffffff"},
		{"ifHCInOctets.1", "=", "18446744073709551616", "Value out of range (18446744073709551616)"},
		{"ifHCInOctets.1", "u", "1", "Bad variable type (Type of attribute is Counter64, not Unsigned32)"},
		{"sysUpTime.0", "t", "5", "430105"},
		{"sysUpTime.0", "t", "x", "Bad value notation (x)"},
		{"sysUpTime.0", "t", "1:2:3:4.5", "Bad value notation (1:2:3:4.5)"},
		// Net-SNMP knows no type for this one, because the instance has a name.
		{"sysUpTime.0", "=", "5", "430105"},
		{"sysUpTime.0", "i", "5", "Bad variable type (Type of attribute is Timeticks, not INTEGER)"},
		{"ifLastChange.1", "i", "5", "Bad variable type (Type of attribute is Timeticks, not INTEGER)"},
		{"ifMtu.1", "u", "5", "Bad variable type (Type of attribute is Integer32, not Unsigned32)"},
		{"ipAdEntNetMask.1.2.3.4", "a", "1.2.3.4", "400401020304"},
		{"ipAdEntNetMask.1.2.3.4", "=", "1.2.3.4", "400401020304"},
		{"ipAdEntNetMask.1.2.3.4", "a", "localhost", "Bad value notation (localhost)"},
		{"ipAdEntNetMask.1.2.3.4", "a", "::1", "Bad value notation (::1)"},
		{"ipAdEntNetMask.1.2.3.4", "i", "1", "Bad variable type (Type of attribute is IpAddress, not INTEGER)"},
		{"sysObjectID.0", "o", "sysDescr", "06072b060102010101"},
		{"sysObjectID.0", "o", ".1.3.6", "06022b06"},
		{"sysObjectID.0", "=", "1.3.6", "06022b06"},
		{"sysObjectID.0", "o", "1", "Bad value notation (1)"},
		{unknown, "o", "zz", "Unknown Object Identifier (Sub-id not found: (top) -> zz)"},

		// By the DISPLAY-HINT.
		{"ifPhysAddress.1", "s", "1:2:aa", "04030102aa"},
		{"ifPhysAddress.1", "=", "1:2:3", "0403010203"},
		{"ifPhysAddress.1", "s", "xyz", "040378797a"},
		{"hrSystemDate.0", "s", "2026-1-1,1:2:3.4", "040807ea010101020304"},
		{"hrSystemDate.0", "=", "2026-1-1,1:2:3.4,+1:0", "040b07ea0101010203042b0100"},

		{unknown, "b", "0,2", "0401a0"},
		{unknown, "b", "0 9", "04028040"},
		{unknown, "b", "20", "0403000008"},
		{unknown, "b", "", "040100"},
		{unknown, "b", "1,2,x", "Value out of range (x)"},
		{unknown, "b", "-1", "Value out of range (-1)"},
		{unknown, "b", "99999999999", "Value out of range (99999999999)"},

		{unknown, "i", "-5", "0201fb"},
		{unknown, "i", " 5", "020105"},
		{unknown, "i", "010", "02010a"},
		{unknown, "i", "0x10", "Value out of range (0x10)"},
		{unknown, "i", "5x", "Value out of range (5x)"},
		{unknown, "i", "", "Bad value notation ()"},
		{unknown, "i", "2147483648", "Value out of range (2147483648)"}, // Net-SNMP truncates
		{unknown, "u", "0x10", "Bad value notation (0x10)"},
		{unknown, "u", "", "Bad value notation ()"},
		{unknown, "s", "1:2", "0403313a32"},
		{unknown, "3", "5", "470105"},
		{unknown, "F", "x", "Bad value notation (x)"},
		{unknown, "D", "x", "Bad value notation (x)"},
		{unknown, "I", "x", "Bad value notation (x)"},
		{unknown, "I", "128", "44059f7a020080"},
		{unknown, "U", "18446744073709551615", "440c9f7b0900ffffffffffffffff"},
		{unknown, "U", "18446744073709551616", "Value out of range (18446744073709551616)"},
		{unknown, "=", "5", `Bad variable type ("=": the type of the attribute is unknown)`},
		{unknown, "is", "5", "Bad object type: is"}, // Net-SNMP looks at the first letter only
	}
	c := &call{names: smi.Core()}
	for _, test := range tests {
		name, err := c.names.Resolve(test.name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := c.parseValue(c.attribute(name), test.letter, test.text)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = encoded(t, v)
		}
		if got != test.want {
			t.Errorf("%s %s %q: got %s, want %s", test.name, test.letter, test.text, got, test.want)
		}
	}
}

// -Ir checks nothing, -Ih reads no display hints, and BITS have labels.
func TestParseValueOptions(t *testing.T) {
	names := smi.Core()
	physAddress, sysName := names.Find("IF-MIB", "ifPhysAddress").Type, names.Find("SNMPv2-MIB", "sysName").Type
	labels := &smi.Type{Base: pdu.TypeOctetString, Bits: true, Enum: []smi.Enum{{Label: "existence", Value: 0}, {Label: "boolean", Value: 1}}}
	tests := []struct {
		name         string
		options      options
		t            *smi.Type
		letter, text string
		want         string
	}{
		{"-Ir, another type", options{unchecked: true}, sysName, "i", "5", "020105"},
		{"-Ir, too long", options{unchecked: true}, sysName, "s", strings.Repeat("x", 256), "0482010078"},
		{"-Ih", options{noHints: true}, physAddress, "s", "1:2", "0403313a32"},
		{"labels of bits", options{}, labels, "b", "existence boolean", "0401c0"},
		{"labels of bits by =", options{}, labels, "=", "boolean", "040140"},
		{"BITS as octets", options{}, labels, "x", "80", "040180"},
	}
	for _, test := range tests {
		c := &call{names: names, options: test.options}
		v, err := c.parseValue(test.t, test.letter, test.text)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := encoded(t, v); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestReadHinted(t *testing.T) {
	tests := []struct {
		hint, text string
		want       string // hexadecimal; "-" if the text is not of that form
	}{
		{"1x:", "0:a:ff", "000aff"},
		{"1x:", "0:100", "-"},
		{"1x:", "1:2:", "-"},
		{"1x:", "1-2", "-"},
		{"1x:", "g", "-"},
		{"1x", "0aff", "0aff"},
		{"255a", "hello", "68656c6c6f"},
		{"255t", "ä", "c3a4"},
		{"1d.1d.1d.1d", "192.0.2.1", "c0000201"},
		{"1d.1d.1d.1d/2d", "192.0.2.1/161", "c000020100a1"},
		{"2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "2026-11-22,10:17:38.0,+0:0", "07ea0b160a1126002b0000"},
		{"2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "2026-11-22,10:17:38.0", "07ea0b160a112600"},
		{"2x:2x", "fe80:1", "fe800001"},
		{"1o.", "17.0", "0f00"},
		{"10d", "5", "00000000000000000005"},
		{"", "x", "-"},
		{"d", "1", "-"},
		{"1q", "1", "-"},
		{"*1x:", "1", "-"},
		{"0d", "1", "-"},
		{"1x:", "", ""},
	}
	for _, test := range tests {
		got, ok := readHinted(test.text, test.hint)
		text := hex.EncodeToString([]byte(got))
		if !ok {
			text = "-"
		}
		if text != test.want {
			t.Errorf("hint %q, text %q: got %s, want %s", test.hint, test.text, text, test.want)
		}
	}
}

// FuzzReadHinted: nothing panics or hangs, and an octet costs at least a
// character unless the hint says how long a number is.
func FuzzReadHinted(f *testing.F) {
	f.Add("1x:", "0:a:ff")
	f.Add("2d-1d-1d,1d:1d:1d.1d,1a1d:1d", "2026-11-22,10:17:38.0,+0:0")
	f.Add("0a0d", "x")
	f.Fuzz(func(t *testing.T, hint, text string) {
		octets, ok := readHinted(text, hint)
		if ok && len(octets) > 65535*max(len(text), 1) {
			t.Errorf("%d octets of %d", len(octets), len(text))
		}
	})
}
