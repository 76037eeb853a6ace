package vacm_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent/community"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// TestReplaceRules shows that a request which came in by a rule that is replaced
// meanwhile does not get what another rule allows.
func TestReplaceRules(t *testing.T) {
	source := netip.MustParseAddr("192.0.2.9")
	r := vacm.MustNew(vacm.CommunityRule{Community: "reader"}, vacm.UserRule{User: "ops"})
	reader := r.Community([]byte("reader"), source)
	if reader == nil {
		t.Fatal("reader is not let in")
	}
	r.Replace(vacm.CommunityRule{Community: "writer", Writable: true}, vacm.UserRule{User: "other"})
	if r.Community([]byte("reader"), source) != nil {
		t.Error("a community whose rule is gone is let in")
	}
	if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: reader.SecurityName}, vacm.ReadView); err != pdu.AuthorizationError {
		t.Errorf("a request by a former rule: %v, want authorizationError", err)
	}
	writer := r.Community([]byte("writer"), source)
	if writer == nil {
		t.Fatal("writer is not let in")
	}
	if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: writer.SecurityName}, vacm.WriteView); err != nil {
		t.Errorf("a request by a new rule: %v", err)
	}
	for user, want := range map[string]error{"ops": pdu.AuthorizationError, "other": nil} {
		if _, err := r.View(&mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: user}, vacm.ReadView); err != want {
			t.Errorf("user %s: %v, want %v", user, err, want)
		}
	}
}

// A community stands for what the slow look through all of the rows says, however long
// it is and however many rows there are for it.
func TestCommunitiesRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3584, 5))
	known, refused := 0, 0
	for range 200 {
		var list []vacm.Statement
		name := func() string {
			return strings.Repeat(string(rune('a'+random.IntN(3))), []int{0, 1, 5, 30, 31, 32, 33, 254, 255, 256, 300}[random.IntN(11)])
		}
		for i := range random.IntN(40) {
			row := vacm.Community{Community: name(), SecurityName: fmt.Sprint("n", i), ContextName: []string{"", "c"}[random.IntN(2)]}
			row.Status = []mib.RowStatus{0, mib.Active, mib.NotInService}[random.IntN(3)]
			for range random.IntN(3) {
				row.Sources = append(row.Sources, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(8))}), 30+random.IntN(3)))
			}
			list = append(list, row)
		}
		p := vacm.MustNew(list...)
		for range 100 {
			c, source := name(), netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(8))})
			who := p.Community([]byte(c), source)
			want := p.Explain(vacm.Question{Community: []byte(c), Source: source})
			if (who != nil) != (want.Indication != vacm.UnknownCommunity) || !same(who, want.Principal) {
				t.Fatalf("%q from %v: %v; want %v, %v\nof %v", c, source, who, want.Principal, want.Indication, list)
			}
			if who != nil {
				known++
			} else {
				refused++
			}
		}
	}
	if known < 1000 || refused < 1000 {
		t.Errorf("%d known and %d refused: that shows little", known, refused)
	}
}

// same reports whether two principals are the same, or both none.
func same(a, b *community.Principal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.SecurityName == b.SecurityName && a.ContextName == b.ContextName
}

// What a community has led to counts for nobody else, not under another policy, and not
// after a row has changed: then it is what rows say of the name.
func TestRightsOutOfDate(t *testing.T) {
	source := netip.MustParseAddr("192.0.2.9")
	writer := vacm.CommunityRule{Community: "writer", Writable: true, SecurityName: "w"}
	reader := vacm.CommunityRule{Community: "reader", SecurityName: "r"}
	p, other := vacm.MustNew(writer, reader), vacm.MustNew(writer, reader)
	who := p.Community([]byte("writer"), source)
	if who == nil {
		t.Fatal("writer is not let in")
	}
	r := &mib.Request{SecurityModel: pdu.SecurityModelV2c, SecurityName: who.SecurityName, Rights: who}
	mayWrite := func(p *vacm.Policy, want bool, what string) {
		t.Helper()
		v, err := p.View(r, vacm.WriteView)
		if in := err == nil && v.Contains(ifEntry); in != want {
			t.Errorf("%s: it may write: %v, want %v", what, in, want)
		}
	}
	mayWrite(p, true, "the one who was let in")
	r.SecurityName = "r"
	mayWrite(p, false, "somebody else")
	r.SecurityName = "w"
	r.SecurityModel = pdu.SecurityModelUSM
	mayWrite(p, false, "a user with that name")
	r.SecurityModel = pdu.SecurityModelV2c
	mayWrite(other, true, "another policy that says the same")
	other.Replace(reader)
	mayWrite(other, false, "another policy")
	writer.Writable = false
	if err := p.Replace(writer, reader); err != nil {
		t.Fatal(err)
	}
	mayWrite(p, false, "what was let in before")
	row := vacm.Row{Storage: mib.NonVolatile, Status: mib.Active}
	managed := []vacm.Statement{
		vacm.SecurityToGroup{Model: pdu.SecurityModelV1, SecurityName: "w", GroupName: "managers", Row: row},
		vacm.Access{GroupName: "managers", ContextMatch: vacm.Exact, WriteViewName: vacm.All, Row: row},
	}
	p = vacm.MustNew(vacm.Community{Community: "writer", SecurityName: "w"})
	if who = p.Community([]byte("writer"), source); who == nil {
		t.Fatal("writer is not let in")
	}
	r.Rights, r.SecurityModel = who, pdu.SecurityModelV1
	mayWrite(p, false, "who is in no group")
	if err := p.Restore(managed...); err != nil {
		t.Fatal(err)
	}
	mayWrite(p, true, "who is in a group now")
	p.Withdraw(managed...)
	mayWrite(p, false, "who was in a group")
}

// TestReplaceError shows that statements of which one is wrong change nothing.
func TestReplaceError(t *testing.T) {
	long := ber.NewOID(1, 3).Append(make([]uint32, 112)...)
	for name, wrong := range map[string]vacm.Statement{
		"no name in its table": vacm.ViewTreeFamily{ViewName: "v", Subtree: long},
		"no group":             vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "x"},
		"the same row":         vacm.UserRule{User: "new", Writable: true},
		"a long context":       vacm.Community{SecurityName: "x", ContextName: strings.Repeat("c", 33)},
		"a rule's community":   vacm.Community{Community: "c", SecurityName: "community-rule-1"},
		"a rule's member":      vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "community-rule-1", GroupName: "g"},
		"a rule's group":       vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "x", GroupName: "user-rule-1"},
		"access of a rule's":   vacm.Access{GroupName: "user-rule-1", Model: pdu.SecurityModelUSM, WriteViewName: vacm.All},
		"a rule's view":        vacm.Access{GroupName: "g", ReadViewName: "user-rule-1-1-1"},
		"more in its view":     vacm.ViewTreeFamily{ViewName: "user-rule-1-1-1", Subtree: long.Slice(0, 3)},
		"another rule's view":  vacm.UserRule{User: "x", ViewName: "user-rule-1-1-1"},
		"a community's view":   vacm.CommunityRule{Community: "c", ViewName: "community-rule-1"},
		"something in nothing": vacm.ViewTreeFamily{ViewName: vacm.None, Subtree: long.Slice(0, 3)},
	} {
		p := vacm.MustNew(vacm.UserRule{User: "ops"})
		if err := p.Replace(vacm.UserRule{User: "new"}, wrong); err == nil {
			t.Errorf("%s: no error", name)
		}
		for user, want := range map[string]error{"ops": nil, "new": pdu.AuthorizationError} {
			if _, err := p.View(&mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: user}, vacm.ReadView); err != want {
				t.Errorf("%s: user %s: %v, want %v", name, user, err, want)
			}
		}
	}
	if _, err := vacm.New(vacm.CommunityRule{Community: "c", Subtree: "1.3.6.1.4.1.32473.12"}); err == nil || !strings.Contains(err.Error(), "MustOID") {
		t.Errorf("text for a subtree: %v", err)
	}
	if _, err := vacm.New(vacm.ViewTreeFamily{ViewName: "v", Subtree: long.Slice(0, 113)}); err != nil {
		t.Errorf("the longest subtree that has a name: %v", err)
	}
}

// RFC 3584 §5.2.3: the community of a message that is sent on somebody's behalf, to an
// address, in a context.
func TestCommunityOf(t *testing.T) {
	lan := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	p := vacm.MustNew(
		vacm.Community{Community: "out of service", SecurityName: "noc", Row: vacm.Row{Status: mib.NotInService}},
		vacm.Community{Community: "on the lan", SecurityName: "noc", Sources: lan},
		vacm.Community{Community: "everywhere", SecurityName: "noc"},
		vacm.Community{Community: "in blue", SecurityName: "noc", ContextName: "blue"},
		vacm.Community{Community: "another's", SecurityName: "ops", Sources: lan},
	)
	for _, tt := range []struct{ name, context, at, want string }{
		{"noc", "", "192.0.2.9", "on the lan"},
		{"noc", "", "198.51.100.9", "everywhere"},
		{"noc", "blue", "192.0.2.9", "in blue"},
		{"noc", "red", "192.0.2.9", ""},
		{"ops", "", "192.0.2.9", "another's"},
		{"ops", "", "198.51.100.9", ""},
		{"", "", "192.0.2.9", ""},
	} {
		if got, ok := p.CommunityOf(tt.name, tt.context, netip.MustParseAddr(tt.at)); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q in %q at %s has %q, %v, want %q", tt.name, tt.context, tt.at, got, ok, tt.want)
		}
	}
}
