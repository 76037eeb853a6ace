package vacm_test

import (
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// families reads a view: "+1.3.6 -1.3.6.1/f0" includes 1.3.6 and excludes 1.3.6.1
// with the mask F0.
func families(t testing.TB, text string) (list []vacm.ViewTreeFamily) {
	t.Helper()
	for field := range strings.FieldsSeq(text) {
		subtree, mask, _ := strings.Cut(field[1:], "/")
		octets, err := hex.DecodeString(mask)
		if err != nil {
			t.Fatal(err)
		}
		f := vacm.ViewTreeFamily{ViewName: "v", Subtree: ber.MustOID(subtree), Mask: string(octets), Type: vacm.Included}
		if field[0] == '-' {
			f.Type = vacm.Excluded
		}
		list = append(list, f)
	}
	return list
}

// long is a name of 113 sub-identifiers, all of them 1 but the last one. The names in
// the table leave no room for a longer subtree.
func long(last string) string { return strings.Repeat("1.", 112) + last }

var viewCases = []struct {
	rule     string
	families string
	name     string
	want     bool
}{
	{"RFC 3415 §4, vacmViewTreeFamilyTable: none matches", "+1.3.6.1.2.1.1", "1.3.6.1.2.1.2.1.0", false},
	{"RFC 3415 §4, vacmViewTreeFamilyTable: none matches, all is excluded elsewhere", "-1.3.6.1.4", "1.3.6.1.2.1.1.1.0", false},
	{"RFC 3415 §4, vacmViewTreeFamilyTable: one matches and includes", "+1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5.0", true},
	{"RFC 3415 §4, vacmViewTreeFamilyTable: one matches and excludes", "-1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5.0", false},
	{"RFC 3415 §2.4.1: the instance is the subtree", "+1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.5.0", true},
	{"RFC 3415 §2.4.1: the name is longer than an instance's", "+1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.5.0.0.0.7", true},
	{"RFC 3415 §2.4.1: digits alike, another sub-identifier", "+1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.50.0", false},
	{"RFC 3415 §2.4.2: shorter than the subtree", "+1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.5", false},
	{"RFC 3415 §2.4.2: shorter than the subtree, all wildcards", "+1.3.6.1/00", "1.3.6", false},
	{"RFC 3415 §2.4.2: shorter than one, as long as the other", "+1.3.6 -1.3.6.1", "1.3.6", true},

	{"RFC 3415 §4: most sub-identifiers, excluded inside included", "+1.3.6.1.2.1 -1.3.6.1.2.1.2", "1.3.6.1.2.1.2.1.0", false},
	{"RFC 3415 §4: beside what is excluded", "+1.3.6.1.2.1 -1.3.6.1.2.1.2", "1.3.6.1.2.1.3.1.0", true},
	{"RFC 3415 §4: included inside excluded inside included", "+1.3.6.1.2.1 -1.3.6.1.2.1.2 +1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.2.7", true},
	{"RFC 3415 §4: excluded between", "+1.3.6.1.2.1 -1.3.6.1.2.1.2 +1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.3.7", false},
	{"RFC 3415 §4: excluded inside included inside excluded inside included", "+1.3.6.1.2.1 -1.3.6.1.2.1.2 +1.3.6.1.2.1.2.2.1.2 -1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.2.1.2.2.1.2.7", false},
	{"RFC 3415 §4: the order of rows does not matter", "-1.3.6.1.2.1.2 +1.3.6.1.2.1", "1.3.6.1.2.1.2.1.0", false},
	{"RFC 3415 §4: one instance excluded, the next one", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.2.1.2.2.1.2.8", true},
	{"RFC 3415 §4: one instance excluded, what lies below", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.2.1.2.2.1.2.7.1", false},
	{"RFC 3415 §4: included inside excluded only", "-1.3.6.1.2.1 +1.3.6.1.2.1.1", "1.3.6.1.2.1.1.1.0", true},
	{"RFC 3415 §4: most sub-identifiers goes before lexicographically greatest", "-1.9/80 +1.3.6", "1.3.6.1", true},
	{"RFC 3415 §4: most sub-identifiers, wildcards count", "+1.3.6.1 -1.3.6.1.9/f0", "1.3.6.1.4", false},
	{"RFC 3415 §4: most sub-identifiers, wildcards at the end only", "+1.3.6.1 -1.3.6.1.0.0.0/f0", "1.3.6.1.4.1", true},

	{"RFC 3415 §4: as long, the greatest includes", "-1.3.0.5/d0 +1.3.1.5/d0", "1.3.1.5.0", true},
	{"RFC 3415 §4: as long, the greatest excludes", "+1.3.0.5/d0 -1.3.1.5/d0", "1.3.1.5.0", false},
	{"RFC 3415 §4: as long, greater by number, not by its digits", "-1.3.9.5/d0 +1.3.10.5/d0", "1.3.1.5.0", true},
	{"RFC 3415 §4: as long, greater is unsigned", "-1.3.1.5/d0 +1.3.4294967295.5/d0", "1.3.1.5.0", true},
	{"RFC 3415 §4: as long, three of them", "-1.3.0.5/d0 +1.3.2.5/d0 -1.3.1.5/d0", "1.3.7.5.0", true},
	{"RFC 3415 §4: as long, the greatest does not match", "+1.3.0.5/d0 -1.3.1.6/d0", "1.3.7.5.0", true},
	{"RFC 3415 §4: as long, other masks, the first difference decides", "-1.3.6.9/e0 +1.3.7.1/d0", "1.3.6.1", true},
	{"RFC 3415 §4: as long, the sub-identifier under a wildcard counts", "+1.3.7/c0 -1.3.6", "1.3.6.1", true},
	{"RFC 3415 §4: as long, the sub-identifier under a wildcard counts, lesser", "+1.3.0/c0 -1.3.6", "1.3.6.1", false},
	{"RFC 3415 §4: as long, the lesser one has a match elsewhere", "+1.3.0/c0 -1.3.6", "1.3.5.1", true},
	{"RFC 3415 §4: the same instances, the greatest includes", "-1.3.4.1/d0 +1.3.5.1/d0", "1.3.77.1", true},

	{"RFC 3415 §4, vacmViewTreeFamilyMask: zero-length is all ones", "+1.3.6.1.2.1.1/", "1.3.6.1.2.2.1", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: all ones", "+1.3.6.1.2.1.1/ff", "1.3.6.1.2.1.1.1.0", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: all ones, another", "+1.3.6.1.2.1.1/ff", "1.3.6.1.2.1.2.1.0", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, a column", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.2.5", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, another column", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.22.5", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, column 0", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.0.5", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, the greatest column", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.4294967295.5", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, row 6", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.2.6", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, a column alone", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.2", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of ifTable, a longer index", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.2.5.1", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: row 5 of another table", "+1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.3.1.2.5", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 1 is the most significant", "+1.3.6/7f", "2.3.6.1", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 8 is the least significant of octet 1", "+1.3.6.1.2.1.2.2.1/fe", "1.3.6.1.2.1.2.9.1.1", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 8 alone", "+1.3.6.1.2.1.2.2.1/fe", "1.3.6.1.2.1.9.2.1.1", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 9 is the most significant of octet 2", "+1.3.6.1.2.1.2.2.1/ff7f", "1.3.6.1.2.1.2.2.9.1", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 9 alone", "+1.3.6.1.2.1.2.2.1/ff7f", "1.3.6.1.2.1.2.9.1.1", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 17", "+1.3.6.1.2.1.7.8.9.10.11.12.13.14.15.16.17/ffff7f", "1.3.6.1.2.1.7.8.9.10.11.12.13.14.15.16.0", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 113", "+" + long("1/"+strings.Repeat("ff", 14)+"7f"), long("2"), true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bit 113 is a one", "+" + long("1/"+strings.Repeat("ff", 16)), long("2"), false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bits beyond the subtree, zeros", "+1.3/c000000000", "1.3.9.9.9", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bits beyond the subtree, zeros, another subtree", "+1.3/c000000000", "1.4.9.9.9", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bits beyond the subtree, ones", "+1.3/80ffffff", "1.9.1", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: bits beyond the subtree, the name itself", "+1.3/c000000000", "1.3", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: shorter, extended with ones", "+1.3.6.1.2.1.2.2.1.5/fe", "1.3.6.1.2.1.2.9.1.5", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: shorter, extended with ones, bit 10", "+1.3.6.1.2.1.2.2.1.5/fe", "1.3.6.1.2.1.2.2.1.6", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: no ones", "+1.3.6/00", "2.999.4", true},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: no ones, excluded", "+1.3 -1.3.6/00", "1.3.6.1", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: no ones, but eight only", "+1.3.6.1.2.1.2.2.1/00", "2.3.6.1.2.1.2.2.2", false},
	{"RFC 3415 §4, vacmViewTreeFamilyMask: wildcards first and in the middle", "+1.3.6.1.2/6f", "2.3.6.9.2.1", true},

	{"RFC 3415 §4: a column excluded, an instance in it included", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.9 +1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.9.5", true},
	{"RFC 3415 §4: a column excluded, in another row", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.9 +1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.9.6", false},
	{"RFC 3415 §4: a row excluded by mask", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.9.5", false},
	{"RFC 3415 §4: a row excluded by mask, another row", "+1.3.6.1.2.1.2.2.1 -1.3.6.1.2.1.2.2.1.0.5/ffa0", "1.3.6.1.2.1.2.2.1.9.6", true},
	{"RFC 3415 §4: a row included, one instance of it excluded by the greater subtree", "+1.3.6.1.2.1.2.2.1.0.5/ffa0 -1.3.6.1.2.1.2.2.1.9.5", "1.3.6.1.2.1.2.2.1.9.5", false},
	{"RFC 3415 §4: a row included by the greater subtree, one instance excluded in vain", "+1.3.6.1.2.1.2.2.1.10.5/ffa0 -1.3.6.1.2.1.2.2.1.9.5", "1.3.6.1.2.1.2.2.1.9.5", true},
	{"RFC 3415 §4: everything", "+0 +1 +2", "1.3.6.1.2.1.1.1.0", true},
	{"RFC 3415 §4: everything but", "+0 +1 +2 -1.3.6.1.6.3", "1.3.6.1.6.3.16.1.1.1.1.0", false},
	{"RFC 3415 §4: not everything", "+0 +1", "2.999.1", false},
	{"RFC 3415 §4: everything by a wildcard", "+1/00", "2.999.1", true},
}

// TestViewCases shows what is in a view: through the View, through a policy and its
// explanation, and by the slow model.
func TestViewCases(t *testing.T) {
	seen := make(map[string]bool)
	for _, tt := range viewCases {
		t.Run(tt.rule, func(t *testing.T) {
			if seen[tt.rule] {
				t.Fatal("another case has this name")
			}
			seen[tt.rule] = true
			list, name := families(t, tt.families), ber.MustOID(tt.name)
			if got := vacm.NewView(list).Contains(name); got != tt.want {
				t.Errorf("Contains is %v, want %v", got, tt.want)
			}
			m := &model{
				contexts: []string{""},
				groups:   []vacm.SecurityToGroup{{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "g"}},
				access:   []vacm.Access{{GroupName: "g", ReadViewName: "v"}},
				families: list,
			}
			want := vacm.NotInView
			if tt.want {
				want = vacm.AccessAllowed
			}
			m.check(t, m.policy(t), question{pdu.SecurityModelUSM, "u", pdu.NoAuthNoPriv, vacm.ReadView, "", name}, want)
		})
	}
}

// TestSeekCases shows where a walk goes on.
func TestSeekCases(t *testing.T) {
	const ifEntry = "1.3.6.1.2.1.2.2.1"
	row7, holes := "+"+ifEntry+".0.7/ffa0", "+"+ifEntry+" -"+ifEntry+".2.3 -"+ifEntry+".2.4 -"+ifEntry+".2.5"
	for _, tt := range []struct {
		name, families string
		from, want     string // want "-" is none
	}{
		{"from before it", "+1.3.6.1.2.1.1", "", "1.3.6.1.2.1.1"},
		{"from a prefix of it", "+1.3.6.1.2.1.1", "1.3.6", "1.3.6.1.2.1.1"},
		{"from in it", "+1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.5.0"},
		{"from behind it", "+1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "-"},
		{"over what is excluded", "+1.3.6.1.2.1 -1.3.6.1.2.1.2", "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.3"},
		{"over what is excluded at the end", "+1.3.6.1.2.1 -1.3.6.1.2.1.2 -1.3.6.1.2.1.3.0/fe", "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.3"},
		{"to what is included inside what is excluded", "+1.3.6.1.2.1 -1.3.6.1.2.1.2 +1.3.6.1.2.1.2.2.1.5", "1.3.6.1.2.1.2", "1.3.6.1.2.1.2.2.1.5"},
		{"to the next subtree", "+1.3.6.1.2.1.1 +1.3.6.1.2.1.11", "1.3.6.1.2.1.2", "1.3.6.1.2.1.11"},
		{"to the first column", row7, "1.3.6.1.2.1", ifEntry + ".0.7"},
		{"to the row in this column", row7, ifEntry + ".2.3", ifEntry + ".2.7"},
		{"to the row in the next column", row7, ifEntry + ".2.8", ifEntry + ".3.7"},
		{"below the row", row7, ifEntry + ".2.7.0", ifEntry + ".2.7.0"},
		{"behind the last column", row7, ifEntry + ".4294967295.8", "-"},
		{"to the row in the last column", row7, ifEntry + ".4294967295.7.1", ifEntry + ".4294967295.7.1"},
		{"over holes", holes, ifEntry + ".2.3", ifEntry + ".2.6"},
		{"over the rest of holes", holes, ifEntry + ".2.4.9", ifEntry + ".2.6"},
		{"over the greatest sub-identifier", "+1.3.6 -1.3.6.1.4294967295", "1.3.6.1.4294967295", "1.3.6.2"},
		{"over the greatest sub-identifiers", "+1.3 -1.3.6.4294967295.4294967295 +2", "1.3.6.4294967295.4294967295.1", "1.3.7"},
		{"over a row that is excluded", "+" + ifEntry + " -" + ifEntry + ".0.7/ffa0", ifEntry + ".2.7.0", ifEntry + ".2.8"},
		{"nothing there", "-1.3.6", "", "-"},
		{"what is included is excluded by a greater one everywhere", "+1.3.0.5/d0 -1.3.1.5/d0", "", "-"},
		{"what is included is excluded by a greater one in some columns", "+1.3.0.5/d0 -1.3.1.5 -1.3.2.5", "1.3.1", "1.3.3.5"},
		{"from a name that is too long", row7, ifEntry + ".2.6" + strings.Repeat(".1", 100), ifEntry + ".2.7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := families(t, tt.families)
			from := ber.MustOID(tt.from)
			if strings.Contains(tt.name, "too long") {
				from = from.Append(make([]uint32, 100)...)
			}
			var a ber.Arena
			got, ok := vacm.NewView(list).Seek(&a, from)
			switch {
			case tt.want == "-" && ok:
				t.Errorf("Seek(%v) is %v, want none", from, got)
			case tt.want != "-" && (!ok || got != ber.MustOID(tt.want)):
				t.Errorf("Seek(%v) is %v, %v, want %s", from, got, ok, tt.want)
			case ok && !inView(list, got):
				t.Errorf("%v is not in the view", got)
			}
		})
	}
}

// TestViewOfNothing shows that a view that includes nothing has nothing.
func TestViewOfNothing(t *testing.T) {
	for _, text := range []string{"", "-1.3", "-0 -1 -2", "-1.3.6/a0 -1.3.6.1"} {
		v := vacm.NewView(families(t, text))
		for _, name := range []ber.OID{"", ber.NewOID(1), ber.MustOID("1.3"), ber.MustOID("1.3.6.1.2.1.1.1.0")} {
			if next, ok := v.Seek(new(ber.Arena), name); v.Contains(name) || ok {
				t.Errorf("%q: %v is contained: %v, next %v", text, name, v.Contains(name), next)
			}
		}
	}
}

// TestViewOfEverything shows when a view is Everything: it has to cost nothing.
func TestViewOfEverything(t *testing.T) {
	for text, want := range map[string]bool{
		"+0 +1 +2": true, "+0 +1 +2 +1.3": true, "+1/00": true, "+0 +1 +2 -1.3": false, "+0 +1": false,
		"+0 +1 -2": false, "+0 +1 +3": false, "+0 +1 +2.1": false, "+1.3/00": false, "+1.3/40 +0": false,
	} {
		if got := vacm.NewView(families(t, text)) == vacm.Everything; got != want {
			t.Errorf("%s is everything: %v, want %v", text, got, want)
		}
	}
	p := vacm.MustNew(vacm.UserRule{User: "u"})
	if v, err := p.View(request(question{model: pdu.SecurityModelUSM, name: "u"}), vacm.ReadView); v != vacm.Everything || err != nil {
		t.Errorf("a rule without a view: %v, %v", v, err)
	}
}

// TestViewLongest shows that a subtree may be as long as a name, and that no instance
// can be in a longer one.
func TestViewLongest(t *testing.T) {
	name := ber.NewOID(slices.Repeat([]uint32{1}, ber.MaxArcs)...)
	for mask, want := range map[string]bool{
		"": false, strings.Repeat("\xff", 16): false, strings.Repeat("\xff", 15) + "\xfe": true, strings.Repeat("\x00", 16): true,
	} {
		v := vacm.NewView([]vacm.ViewTreeFamily{{Subtree: name, Mask: mask}})
		if other := name.Slice(0, ber.MaxArcs-1).Append(2); !v.Contains(name) || v.Contains(other) != want {
			t.Errorf("mask %x: %v, %v, want true, %v", mask, v.Contains(name), v.Contains(other), want)
		}
	}
	v := vacm.NewView([]vacm.ViewTreeFamily{{Subtree: name.Append(1)}, {Subtree: ber.NewOID(2)}})
	if v.Contains(name.Append(1)) || !v.Contains(ber.NewOID(2, 999)) {
		t.Errorf("a subtree that is too long: %v, %v", v.Contains(name.Append(1)), v.Contains(ber.NewOID(2, 999)))
	}
}

// The families of a view do not change when those that it was made of do.
func TestViewKeepsFamilies(t *testing.T) {
	list := families(t, "+1.3.6.1.2.1.1 -1.3.6.1.2.1.1.9")
	v := vacm.NewView(list)
	before := slices.Clone(list)
	for i := range list {
		list[i] = vacm.ViewTreeFamily{Subtree: ber.NewOID(math.MaxUint32)}
	}
	if !v.Contains(ber.MustOID("1.3.6.1.2.1.1.1.0")) || v.Contains(ber.MustOID("1.3.6.1.2.1.1.9.0")) {
		t.Error("the view has changed")
	}
	copy(list, before)
	vacm.NewView(list)
	if !slices.Equal(list, before) {
		t.Errorf("NewView has changed its families: %v", list)
	}
}
