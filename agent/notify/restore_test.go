package notify

import (
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// TestWithdraw shows that a row goes that is as Kept has returned it, and stays if it has
// changed since, and that the next notification knows.
func TestWithdraw(t *testing.T) {
	row := Row{Storage: mib.NonVolatile, Status: mib.Active}
	domain, address, err := transportOf("192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	to := TargetAddr{Name: "a", TDomain: domain, TAddress: address, Timeout: defaultTimeout, TagList: "x", Params: "p", Row: row}
	form := TargetParams{Name: "p", MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: "noc", Row: row}
	by := Notify{Name: "n", Tag: "x", Type: Trap, Row: row}
	profile := FilterProfile{Params: "p", ProfileName: "f", Row: row}
	filter := Filter{ProfileName: "f", Subtree: ber.MustOID("1.3.6.1.6.3.1.1.5.1"), Type: Excluded, Row: row}
	changed := to
	changed.TagList = "y"
	fixed := []Statement{addr("fixed", "z", "q"), params("q"), Notify{Name: "fixed", Tag: "z"}}
	told := []string{"a by n: trap"}
	for _, test := range []struct {
		name     string
		withdraw []Statement
		want     []string
		left     int
	}{
		{"none", nil, nil, 5},
		{"one that is another now", []Statement{changed}, nil, 5},
		{"the profile", []Statement{profile, profile}, told, 4},
		{"the filter", []Statement{filter}, told, 4},
		{"the address", []Statement{profile, to}, nil, 3},
		{"the parameters", []Statement{profile, form}, nil, 3},
		{"the selection", []Statement{profile, by}, nil, 3},
		{"all", []Statement{filter, profile, by, form, to}, nil, 0},
	} {
		targets := MustNew(fixed...)
		if err := targets.Restore(to, form, by, profile, filter); err != nil {
			t.Fatal(err)
		}
		names(targets, coldStart) // so that there is a selection
		targets.Withdraw(test.withdraw...)
		want := append(slices.Clone(test.want), "fixed by fixed: trap")
		if got := names(targets, coldStart); !slices.Equal(got, want) || len(targets.Kept()) != test.left {
			t.Errorf("%s: %q with %d rows, want %q with %d", test.name, got, len(targets.Kept()), want, test.left)
		}
	}
}
