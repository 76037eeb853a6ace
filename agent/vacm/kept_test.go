package vacm_test

import (
	"reflect"
	"slices"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Every field of a row is kept, and what is no row that is kept is an error.
func TestAppendRows(t *testing.T) {
	common := vacm.Row{Storage: mib.NonVolatile, Status: mib.NotInService, Origin: "somewhere"}
	rows := []vacm.Statement{
		vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "s", GroupName: "g", Row: common},
		vacm.Access{
			GroupName: "g", ContextPrefix: "c", ContextMatch: vacm.Prefix, Model: pdu.SecurityModelV1, Level: pdu.AuthPriv,
			ReadViewName: "r", WriteViewName: "w", NotifyViewName: "n", Row: common,
		},
		vacm.ViewTreeFamily{ViewName: "v", Subtree: ber.MustOID("1.3.6"), Mask: "\xA0\xFF", Type: vacm.Excluded, Row: common},
	}
	for _, r := range rows {
		for v, i := reflect.ValueOf(r), 0; i < v.NumField(); i++ {
			if v.Field(i).IsZero() {
				t.Errorf("this test does not say whether %T keeps %s", r, v.Type().Field(i).Name)
			}
		}
	}
	b, err := vacm.AppendRows(nil, rows...)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := vacm.ParseRows(b); err != nil || !slices.Equal(got, rows) {
		t.Errorf("%v, %v, want %v", got, err, rows)
	}
	if b, err := vacm.AppendRows([]byte("x"), rows[0], vacm.CommunityRule{Community: "public"}); err == nil || string(b) != "x" {
		t.Errorf("a rule for a community: %q, %v", b, err)
	}
	for _, b := range []string{"\x01", "\x02", "\x01\x01\x08", string(b[:len(b)-1])} {
		if rows, err := vacm.ParseRows([]byte(b)); (err == nil) != (b == "\x01") || len(rows) > 0 {
			t.Errorf("%q: %v, %v", b, rows, err)
		}
	}
}
