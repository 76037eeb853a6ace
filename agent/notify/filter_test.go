package notify

import (
	"math/rand/v2"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// What follows is RFC 3413 §6 sentence by sentence.

// modelMatches: "the number of sub-identifiers in X is greater than or equal to the
// number of sub-identifiers in the value of snmpNotifyFilterSubtree", and each of
// them matches.
func modelMatches(f Filter, x ber.OID) bool {
	if x.Len() < f.Subtree.Len() {
		return false
	}
	for i := range f.Subtree.Len() {
		bit := true // "the bit mask is extended with 1's to be the required length"
		if octet := i / 8; octet < len(f.Mask) {
			bit = f.Mask[octet]&(1<<(7-i%8)) != 0
		}
		if bit && x.At(i) != f.Subtree.At(i) {
			return false
		}
	}
	return true
}

// modelIncluded is what the matching entries say of x, and otherwise if there are none.
func modelIncluded(filters []Filter, x ber.OID, otherwise bool) bool {
	var decides *Filter
	for i := range filters {
		f := &filters[i]
		if !modelMatches(*f, x) {
			continue
		}
		// "the entry whose value of snmpNotifyFilterSubtree has the most
		// sub-identifiers", and of these the one "whose instance is lexicographically
		// the largest".
		if decides == nil || f.Subtree.Len() > decides.Subtree.Len() ||
			f.Subtree.Len() == decides.Subtree.Len() && f.Subtree.Compare(decides.Subtree) > 0 {
			decides = f
		}
	}
	if decides == nil {
		return otherwise
	}
	return decides.Type == Included
}

func modelPasses(filters []Filter, list []pdu.VarBind) bool {
	if len(filters) == 0 {
		return true // "If no such entries exist, no filtering is performed"
	}
	if !modelIncluded(filters, list[1].Value.OID(), false) {
		return false
	}
	for _, vb := range list {
		if !modelIncluded(filters, vb.Name, true) {
			return false
		}
	}
	return true
}

// choice makes decisions out of octets, a random source or a fuzzer's.
type choice func(n int) int

// choices are made out of octets, the first one when there are no more.
func choices(data *[]byte) choice {
	return func(n int) int {
		if len(*data) == 0 {
			return 0
		}
		c := (*data)[0]
		*data = (*data)[1:]
		return int(c) % n
	}
}

func randomOID(pick choice, least, most int) ber.OID {
	o := ber.NewOID(uint32(pick(3)))
	for n := least - 1 + pick(most-least+1); o.Len() <= n; {
		o = o.Append(uint32(1 + pick(3)))
	}
	return o
}

// randomFilters are filters that differ in their Subtree.
func randomFilters(pick choice) (filters []Filter) {
	for range pick(7) {
		f := Filter{ProfileName: "p", Subtree: randomOID(pick, 1, 5), Type: Included + FilterType(pick(2))}
		if pick(2) == 0 {
			f.Mask = string([]byte{byte(pick(32)<<3 | pick(8))})
		}
		if !slices.ContainsFunc(filters, func(g Filter) bool { return g.Subtree == f.Subtree }) {
			filters = append(filters, f)
		}
	}
	return filters
}

func randomNotification(pick choice) []pdu.VarBind {
	list := pdu.NotificationVarBinds(1, randomOID(pick, 2, 6))
	for range pick(4) {
		list = append(list, pdu.VarBind{Name: randomOID(pick, 2, 6), Value: pdu.Integer(1)})
	}
	return list
}

// checkFilters compares the filters of a profile with the model.
func checkFilters(t *testing.T, pick choice) (passed bool) {
	t.Helper()
	filters := randomFilters(pick)
	s, err := mib.NewSnapshot(filters, indexFilter)
	if err != nil {
		t.Fatal(err)
	}
	f := filtersOf(s)["p"]
	for range 8 {
		list := randomNotification(pick)
		got, want := f.passes(list), modelPasses(filters, list)
		if got != want {
			t.Fatalf("passes is %v, expected %v, of %v\nby %+v", got, want, list, filters)
		}
		passed = passed || got && f != nil
	}
	return passed
}

// RFC 3413 §6.
func TestFiltersAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(3413, 6))
	passed := 0
	for range 20000 {
		if checkFilters(t, r.IntN) {
			passed++
		}
	}
	if passed < 1000 || passed > 19000 {
		t.Errorf("%d of 20000 filters let something pass: the test says little", passed)
	}
}

// FuzzFilter: whatever a profile's filters are, they decide as RFC 3413 §6 says.
func FuzzFilter(f *testing.F) {
	f.Add([]byte("\x03\x01\x02\x00\x01\x01"))
	f.Add([]byte("a profile of some filters, and the notifications that are to pass"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkFilters(t, choices(&data))
	})
}

// RFC 3413 §6, example by example.
func TestFilter(t *testing.T) {
	const (
		linkDown = "1.3.6.1.6.3.1.1.5.3"
		ifIndex7 = "1.3.6.1.2.1.2.2.1.1.7"
		ifDescr7 = "1.3.6.1.2.1.2.2.1.2.7"
	)
	in := func(subtree, mask string) Filter {
		return Filter{ProfileName: "p", Subtree: ber.MustOID(subtree), Mask: mask, Type: Included}
	}
	out := func(subtree, mask string) Filter {
		return Filter{ProfileName: "p", Subtree: ber.MustOID(subtree), Mask: mask, Type: Excluded}
	}
	tests := []struct {
		name    string
		filters []Filter
		objects []string
		passes  bool
	}{
		{"no filters", nil, []string{ifIndex7}, true},
		{"included", []Filter{in("1.3.6.1.6.3.1.1.5", "")}, []string{ifIndex7}, true},
		{"nothing matches the name", []Filter{in("1.3.6.1.6.3.1.1.5.4", "")}, nil, false},
		{"the name is excluded", []Filter{in("1.3.6.1.6.3.1.1.5", ""), out(linkDown, "")}, nil, false},
		{"an object is excluded", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.2.2.1.2", "")}, []string{ifIndex7, ifDescr7}, false},
		{"another object is", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.2.2.1.2", "")}, []string{ifIndex7}, true},
		{"sysUpTime.0 is", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.1", "")}, nil, false},
		{"a longer subtree wins", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.2", ""), in("1.3.6.1.2.1.2.2.1.1", "")}, []string{ifIndex7}, true},
		{"row 7 by mask", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.2.2.1.0.7", "\xff\xa0")}, []string{ifDescr7}, false},
		{"row 8 by mask", []Filter{in("1.3.6.1.6.3", ""), out("1.3.6.1.2.1.2.2.1.0.8", "\xff\xa0")}, []string{ifDescr7}, true},
		{"of equal length the greatest", []Filter{in("1.3.6.1.6.3.1.1.5.3", "\xff\x80"), out("1.3.6.1.6.3.1.1.5.2", "\xff\x80")}, nil, true},
		{"of equal length the greatest, the other way", []Filter{out("1.3.6.1.6.3.1.1.5.9", "\xff\x80"), in("1.3.6.1.6.3.1.1.5.3", "\xff\xc0")}, nil, false},
		{"excluded alone", []Filter{out("1.3.6.1.2.1.2", "")}, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statements := []Statement{
				Receiver{Name: "noc", Address: "192.0.2.1", Community: "public", SecurityName: "noc"},
				FilterProfile{Params: "noc", ProfileName: "p"},
			}
			for _, f := range tt.filters {
				statements = append(statements, f)
			}
			list := pdu.NotificationVarBinds(1, ber.MustOID(linkDown))
			for _, o := range tt.objects {
				list = append(list, pdu.VarBind{Name: ber.MustOID(o), Value: pdu.Integer(1)})
			}
			passes := false
			for range MustNew(statements...).Destinations(list) {
				passes = true
			}
			if passes != tt.passes {
				t.Errorf("passes is %v, expected %v", passes, tt.passes)
			}
		})
	}
}
