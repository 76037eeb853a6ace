package notify

import (
	"reflect"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// Every field of a row is kept that a manager can have set, and what is no row that is
// kept is an error.
func TestAppendRows(t *testing.T) {
	common := Row{Storage: mib.NonVolatile, Status: mib.NotInService, Origin: "somewhere"}
	rows := []Statement{
		TargetAddr{
			Name: "a", Address: "x", TDomain: ber.MustOID("1.3.6.1.6.1.1"), TAddress: "\x7f\x00\x00\x01\x00\xa2", Timeout: 3 * hundredth,
			RetryCount: 7, TagList: "t u", Params: "p", TMask: "\xff\xff\xff\xff\xff\xff", MMS: 1472, Row: common,
		},
		TargetParams{
			Name: "p", MPModel: pdu.V3, SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops", SecurityLevel: pdu.AuthPriv, Row: common,
		},
		Notify{Name: "n", Tag: "t", Type: Inform, Row: common},
		FilterProfile{Params: "p", ProfileName: "f", Row: common},
		Filter{ProfileName: "f", Subtree: ber.MustOID("1.3.6"), Mask: "\xA0", Type: Excluded, Row: common},
	}
	never := []string{"Community", "User", "missing"} // secrets, and what a row has that is not ready
	for _, r := range rows {
		for v, i := reflect.ValueOf(r), 0; i < v.NumField(); i++ {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains(never, name) {
				t.Errorf("this test does not say whether %T keeps %s", r, name)
			}
		}
	}
	b, err := AppendRows(nil, rows...)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseRows(b); err != nil || !slices.Equal(got, rows) {
		t.Errorf("%v, %v, want %v", got, err, rows)
	}
	for _, r := range []Statement{TargetParams{Community: "public"}, TargetParams{User: new(usm.User)}} {
		if b, err := AppendRows([]byte("x"), rows[0], r); err == nil || string(b) != "x" {
			t.Errorf("%+v: %q, %v", r, b, err)
		}
	}
	if rows, err := ParseRows(b[:len(b)-1]); err == nil || rows != nil {
		t.Errorf("what was cut off: %v, %v", rows, err)
	}
	if _, err := ParseRows([]byte("\x01\x01\x0e")); err == nil {
		t.Error("a row of another kind is read")
	}
}
