package pdu_test

import (
	"strings"
	"testing"

	"snmpstack/pdu"
)

func TestSecurityModelNames(t *testing.T) {
	for m, want := range map[pdu.SecurityModel]string{
		pdu.SecurityModelAny: "any", pdu.SecurityModelV1: "v1", pdu.SecurityModelV2c: "v2c", pdu.SecurityModelUSM: "usm", 4: "4", -1: "-1",
	} {
		if got := m.String(); got != want {
			t.Errorf("model %d is %q, want %q", int(m), got, want)
		}
		got, ok := pdu.ParseSecurityModel(strings.ToUpper(want))
		if known := m >= 0 && m <= 3; ok != known || known && got != m {
			t.Errorf("%q is read as %d, %v", want, int(got), ok)
		}
	}
	for _, name := range []string{"", "v3", "3", "usm "} {
		if m, ok := pdu.ParseSecurityModel(name); ok {
			t.Errorf("%q is read as %d", name, int(m))
		}
	}
}
