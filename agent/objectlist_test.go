package agent_test

import (
	"net/netip"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// An object that is not there is error 301 by its index and 322 by its OID.
func TestObjects(t *testing.T) {
	var list agent.Objects = []pdu.VarBind{vb(instance(title), pdu.OctetString("pump")), vb(instance(setpoint), pdu.Integer(7))}
	first, err := list.At(0)
	if err != nil {
		t.Fatal(err)
	}
	if first.Name.String() != "1.3.6.1.4.1.32473.1.1.0" || first.Value.Syntax() != 4 || first.Value.Syntax().String() != "OCTET STRING" || first.Value.Text() != "pump" {
		t.Errorf("object 0 is %v", first)
	}
	first.Value = pdu.OctetString("valve")
	if v, err := list.Value("1.3.6.1.4.1.32473.1.1.0"); v != pdu.OctetString("valve") || err != nil {
		t.Errorf("its value is %v, %v after it was changed", v, err)
	}
	if v, err := list.Value(".1.3.6.1.4.1.32473.1.2.0"); v != pdu.Integer(7) || err != nil {
		t.Errorf("object 1 has the value %v, %v", v, err)
	}
	for _, i := range []int{-1, 2} {
		if _, err := list.At(i); codeOf(err) != agent.CodeBadIndex {
			t.Errorf("object %d: %v", i, err)
		}
	}
	if _, err := list.Value("1.3.6.1.4.1.32473.1.1"); codeOf(err) != agent.CodeNoSuchOID {
		t.Errorf("an OID that is not there: %v", err)
	}
	for _, oid := range []string{"", "1", "sysDescr.0", "1.3.x"} {
		if _, err := list.Value(oid); codeOf(err) != agent.CodeInvalidArgument {
			t.Errorf("%q, which is no OID: %v", oid, err)
		}
	}
}

// Objects are made out of text, each with the error that the specification has for
// one that cannot be.
func TestNewObject(t *testing.T) {
	a := agent.New()
	const oid = "1.3.6.1.4.1.32473.1.1.0"
	for _, tt := range []struct {
		oid    string
		number pdu.Syntax
		text   string
		want   pdu.Value
		code   agent.Code
	}{
		{oid, 4, "pump", pdu.OctetString("pump"), 0},
		{oid, 64, "192.0.2.1", pdu.IPAddress(netip.MustParseAddr("192.0.2.1")), 0},
		{oid, 5, "", pdu.Null, 0},
		{oid, 64, "192.0.2", pdu.Value{}, agent.CodeBadIPAddress},
		{oid, 64, "pump.example", pdu.Value{}, agent.CodeBadIPAddress},
		{oid, 2, "many", pdu.Value{}, agent.CodeInvalidArgument},
		{oid, 72, "", pdu.Value{}, agent.CodeInvalidArgument},
		{"pump", 4, "", pdu.Value{}, agent.CodeInvalidArgument},
	} {
		vb, err := a.NewObject(tt.oid, tt.number, tt.text)
		if vb.Value != tt.want || codeOf(err) != tt.code {
			t.Errorf("%s, type %d, %q: %v, %v", tt.oid, int(tt.number), tt.text, vb, err)
		}
		if err == nil && vb.Name != ber.MustOID(tt.oid) {
			t.Errorf("%s is called %v", tt.oid, vb.Name)
		}
	}
}

// CodePage converts the text of strings, both ways, or it is error 434.
func TestCodePage(t *testing.T) {
	for _, tt := range []struct {
		page, octets, text string
		from, to           bool // both ways, or what cannot be converted
	}{
		{"65001", "f\xc3\xbcnf \xe2\x82\xac", "fünf €", true, true},
		{"65001", "\x00\x1b\xff", "\x00\x1b\xff", true, true}, // any octets
		{"20127", "five", "five", true, true},
		{"20127", "f\xfcnf", "", false, true},
		{"20127", "", "fünf", true, false},
		{"28591", "f\xfcnf \x80\xff", "fünf \u0080ÿ", true, true},
		{"28591", "", "€", true, false},
		{"28591", "", "\xff", true, false}, // no text to begin with
		{"1252", "f\xfcnf \x80\x9f\xa0\xff", "fünf €Ÿ\u00a0ÿ", true, true},
		{"1252", "\x81", "", false, true},
		{"1252", "", "\u0080", true, false},
		{"1252", "", "ж", true, false},
		{"1200", "f\x00\xfc\x00=\xd8\x00\xde", "fü😀", true, true},
		{"1201", "\x00f\x00\xfc\xd8=\xde\x00", "fü😀", true, true},
		{"1201", "\x00f\x00", "", false, true},         // half a unit
		{"1201", "\xd8=", "", false, true},             // half a pair
		{"1201", "\xd8=\x00f", "", false, true},        // half a pair with a letter behind it
		{"1200", "\x00\xde=\xd8", "", false, true},     // a pair the wrong way round
		{"1200", "", "\xed\xa0\x80", true, false},      // half a pair, in what is no UTF-8
		{"UTF-16BE", "\xfe\xff", "\ufeff", true, true}, // a byte order mark is a character like any
	} {
		a := agent.New()
		if _, err := a.Config("CodePage=" + tt.page); err != nil {
			t.Fatal(err)
		}
		if tt.octets != "" {
			text, err := a.Text(pdu.OctetString(tt.octets))
			if tt.from && (text != tt.text || err != nil) || !tt.from && codeOf(err) != agent.CodeCodePage {
				t.Errorf("%s: the text of % x is %q, %v", tt.page, tt.octets, text, err)
			}
		}
		if tt.text != "" {
			vb, err := a.NewObject("1.3.6", pdu.TypeOctetString, tt.text)
			if tt.to && (vb.Value != pdu.OctetString(tt.octets) || err != nil) || !tt.to && codeOf(err) != agent.CodeCodePage {
				t.Errorf("%s: %q is %v, %v", tt.page, tt.text, vb.Value, err)
			}
		}
	}
	a := agent.New()
	a.CodePage = agent.UTF16BE
	if text, err := a.Text(pdu.Opaque("\x9f\x78")); text != "\x9f\x78" || err != nil { // is no text
		t.Errorf("an Opaque is %q, %v", text, err)
	}
	if text, err := a.Text(pdu.Gauge32(7)); text != "7" || err != nil {
		t.Errorf("a Gauge32 is %q, %v", text, err)
	}
}
