package vacm_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

func origin(line int) vacm.Row { return vacm.Row{Origin: fmt.Sprintf("snmpd.conf:%d", line)} }

// plant is a policy with something of everything.
var plant = []vacm.Statement{
	vacm.Community{Community: "s3cret", Sources: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, SecurityName: "noc", Row: origin(1)},
	vacm.Community{Community: "s3cret", Sources: []netip.Prefix{netip.MustParsePrefix("2001:db8::/32")}, SecurityName: "noc6", ContextName: "six", Row: origin(2)},
	vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "monitors", Row: origin(3)},
	vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc6", GroupName: "monitors", Row: origin(4)},
	vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "ops", GroupName: "operators", Row: origin(5)},
	vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "gone", GroupName: "operators", Row: vacm.Row{Status: mib.NotInService}},
	vacm.Access{GroupName: "monitors", ReadViewName: "system", Row: origin(6)},
	vacm.Access{GroupName: "operators", Level: pdu.AuthNoPriv, ReadViewName: vacm.All, Row: origin(7)},
	vacm.Access{GroupName: "operators", Level: pdu.AuthPriv, ReadViewName: vacm.All, WriteViewName: "port7", NotifyViewName: "nowhere", Row: origin(8)},
	vacm.Access{GroupName: "operators", ContextPrefix: "s", ContextMatch: vacm.Prefix, Level: pdu.AuthPriv, ReadViewName: "system", Row: origin(9)},
	vacm.Access{GroupName: "operators", Model: pdu.SecurityModelUSM, ContextPrefix: "shop", ContextMatch: vacm.Prefix, Level: pdu.AuthNoPriv, ReadViewName: vacm.None, Row: origin(10)},
	vacm.ViewTreeFamily{ViewName: "system", Subtree: ber.MustOID("1.3.6.1.2.1.1"), Row: origin(11)},
	vacm.ViewTreeFamily{ViewName: "system", Subtree: ber.MustOID("1.3.6.1.2.1.1.9"), Type: vacm.Excluded, Row: origin(12)},
	vacm.ViewTreeFamily{ViewName: "port7", Subtree: ber.MustOID("1.3.6.1.2.1.2.2.1.0.7"), Mask: "\xff\xa0", Row: origin(13)},
}

var plantContexts = []string{"six", "shop", "street"}

// TestExplain shows what is said of each way that RFC 3415 §3.2 may go.
func TestExplain(t *testing.T) {
	p := vacm.MustNew(plant...)
	for _, tt := range []struct {
		name string
		q    vacm.Question
		want vacm.Indication
		last string // the last step
	}{
		{"community", fromCommunity("s3cret", "192.0.2.9", "1.3.6.1.2.1.1.5.0"), vacm.AccessAllowed,
			"RFC 3415 §3.2 (5): included subtree 1.3.6.1.2.1.1 matches 1.3.6.1.2.1.1.5.0 [snmpd.conf:11]"},
		{"other source", fromCommunity("s3cret", "198.51.100.9", "1.3.6.1.2.1.1.5.0"), vacm.UnknownCommunity,
			"RFC 3584 §5.2.1: the community is good from 2001:db8::/32, not from 198.51.100.9 [snmpd.conf:2]"},
		{"no such community", fromCommunity("S3CRET", "192.0.2.9", "1.3.6.1.2.1.1.5.0"), vacm.UnknownCommunity,
			"RFC 3584 §5.2.1: there is no such community"},
		{"no access in its context", fromCommunity("s3cret", "2001:db8::1", "1.3.6.1.2.1.1.5.0"), vacm.NoAccessEntry,
			`RFC 3415 §3.2 (3): group "monitors" has no access with security model v2c at noAuthNoPriv in context "six"`},
		{"excluded", fromCommunity("s3cret", "192.0.2.9", "1.3.6.1.2.1.1.9.1.2.1"), vacm.NotInView,
			"RFC 3415 §4, vacmViewTreeFamilyTable: included subtree 1.3.6.1.2.1.1 matches too, but is shorter [snmpd.conf:11]"},
		{"outside", fromCommunity("s3cret", "192.0.2.9", "1.3.6.1.2.1.2.1.0"), vacm.NotInView,
			`RFC 3415 §3.2 (5): nothing in view "system" matches 1.3.6.1.2.1.2.1.0`},
		{"a name that is text", vacm.Question{SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops", SecurityLevel: pdu.AuthPriv, Name: "1.3.6.1.2.1.1.5.0"}, vacm.NotInView,
			`RFC 3415 §3.2 (5): no instance has the name: ber: "1.3.6.1.2.1.1.5.0" has nothing below it: a string is not an OID: MustOID or ParseOID make one of its dotted form`},
		{"no view for it", vacm.Question{Community: []byte("s3cret"), Source: netip.MustParseAddr("192.0.2.9"), SecurityModel: pdu.SecurityModelV2c, ViewType: vacm.WriteView}, vacm.NoSuchView,
			"RFC 3415 §3.2 (4): it has no write view [snmpd.conf:6]"},
		{"other model", fromUser("noc", pdu.NoAuthNoPriv, "", vacm.ReadView, ""), vacm.NoGroupName,
			`RFC 3415 §3.2 (2): "noc" of security model usm is in no group`},
		{"not in service", fromUser("gone", pdu.AuthPriv, "", vacm.ReadView, ""), vacm.NoGroupName,
			`RFC 3415 §3.2 (2): "gone" of security model usm is in no group`},
		{"level too low", fromUser("ops", pdu.NoAuthNoPriv, "", vacm.ReadView, "1.3"), vacm.NoAccessEntry,
			`RFC 3415 §3.2 (3): group "operators" has no access with security model usm at noAuthNoPriv in context ""`},
		{"mask", fromUser("ops", pdu.AuthPriv, "", vacm.WriteView, "1.3.6.1.2.1.2.2.1.7.7"), vacm.AccessAllowed,
			"RFC 3415 §3.2 (5): included subtree 1.3.6.1.2.1.2.2.1.0.7 with mask ffa0 matches 1.3.6.1.2.1.2.2.1.7.7 [snmpd.conf:13]"},
		{"other port", fromUser("ops", pdu.AuthPriv, "", vacm.WriteView, "1.3.6.1.2.1.2.2.1.7.8"), vacm.NotInView,
			`RFC 3415 §3.2 (5): nothing in view "port7" matches 1.3.6.1.2.1.2.2.1.7.8`},
		{"view without families", fromUser("ops", pdu.AuthPriv, "", vacm.NotifyView, ""), vacm.NoSuchView,
			`RFC 3415 §3.2 (5): there is no view "nowhere"`},
		{"no context", fromUser("ops", pdu.AuthPriv, "yard", vacm.ReadView, ""), vacm.NoSuchContext,
			`RFC 3415 §3.2 (1): there is no context "yard"`},
		{"prefix", fromUser("ops", pdu.AuthPriv, "street", vacm.ReadView, "1.3.6.1.2.1.1.1.0"), vacm.AccessAllowed,
			"RFC 3415 §3.2 (5): included subtree 1.3.6.1.2.1.1 matches 1.3.6.1.2.1.1.1.0 [snmpd.conf:11]"},
		// (2a) goes before (2d): the row for the model is for a lower level.
		{"model before level", fromUser("ops", pdu.AuthPriv, "shop", vacm.ReadView, "1.3.6.1.2.1.1.1.0"), vacm.NotInView,
			"RFC 3415 §3.2 (5): excluded subtree 1 matches 1.3.6.1.2.1.1.1.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Contexts = plantContexts
			e := p.Explain(tt.q)
			if e.Indication != tt.want || show(e.Steps[len(e.Steps)-1]) != tt.last {
				t.Errorf("%s, want %s, the last step\n%s", e.Indication, tt.want, tt.last)
			}
			for _, s := range e.Steps {
				if t.Failed() {
					t.Log(show(s))
				}
				if strings.Contains(s.Text, "s3cret") {
					t.Error("a community is shown:", s.Text)
				}
			}
		})
	}
}

func show(s vacm.Step) string {
	text := s.Clause + ": " + s.Text
	if s.Origin != "" {
		text += " [" + s.Origin + "]"
	}
	return text
}

func fromCommunity(community, source, name string) vacm.Question {
	return vacm.Question{
		Community: []byte(community), Source: netip.MustParseAddr(source), SecurityModel: pdu.SecurityModelV2c, Name: ber.MustOID(name),
	}
}

func fromUser(user string, level pdu.SecurityLevel, context string, t vacm.ViewType, name string) vacm.Question {
	q := vacm.Question{SecurityModel: pdu.SecurityModelUSM, SecurityName: user, SecurityLevel: level, ContextName: context, ViewType: t}
	if name != "" {
		q.Name = ber.MustOID(name)
	}
	return q
}

// TestExplainAgrees asks everything that the policy of TestExplain tells apart, and
// compares the explanation with what Community, View and the View decide.
func TestExplainAgrees(t *testing.T) {
	p := vacm.MustNew(plant...)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	names := []string{
		"", "1", "1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.9", "1.3.6.1.2.1.1.9.1", "1.3.6.1.2.1.2.2.1.7.7",
		"1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.7.7.1", "1.3.6.1.2.1.2.2.1.7.8", "2.5",
	}
	seen := make(map[vacm.Indication]int)
	for range 20_000 {
		q := fromUser(pick("ops", "gone", "noc", "nobody"), pdu.SecurityLevel(random.IntN(3)), pick("", "six", "shop", "shopping", "street", "yard"),
			vacm.ViewType(random.IntN(3)), pick(names...))
		if random.IntN(3) == 0 {
			q.Community, q.Source = []byte(pick("s3cret", "public", "")), netip.MustParseAddr(pick("192.0.2.1", "2001:db8::1", "::1"))
			q.SecurityModel = pdu.SecurityModel(1 + random.IntN(2))
		}
		q.Contexts = append(plantContexts, "yard", "shopping")
		e := p.Explain(q)
		seen[e.Indication]++

		r := mib.Request{SecurityModel: q.SecurityModel, SecurityName: q.SecurityName, SecurityLevel: q.SecurityLevel, ContextName: q.ContextName}
		if q.Community != nil {
			principal := p.Community(q.Community, q.Source)
			if (principal != nil) != (e.Indication != vacm.UnknownCommunity) || !same(principal, e.Principal) {
				t.Fatalf("%+v: %v; explained: %s %v", q, principal, e.Indication, e.Principal)
			}
			if principal == nil {
				continue
			}
			if random.IntN(2) == 0 {
				r.Rights = principal
			}
			r.SecurityName, r.ContextName, r.SecurityLevel = principal.SecurityName, principal.ContextName, pdu.NoAuthNoPriv
		}
		v, err := p.View(&r, q.ViewType)
		want := e.Indication == vacm.AccessAllowed || e.Indication == vacm.NotInView
		if (err == nil) != want {
			t.Fatalf("%+v: %v; explained: %s", q, err, e.Indication)
		}
		if err == nil && q.Name != "" && v.Contains(q.Name) != (e.Indication == vacm.AccessAllowed) {
			t.Fatalf("%+v: in view: %v; explained: %s", q, v.Contains(q.Name), e.Indication)
		}
	}
	for _, i := range []vacm.Indication{vacm.AccessAllowed, vacm.NotInView, vacm.NoSuchView, vacm.NoGroupName, vacm.NoAccessEntry, vacm.UnknownCommunity} {
		if seen[i] < 20 {
			t.Errorf("%s came up %d times", i, seen[i])
		}
	}
}

func ExamplePolicy_Explain() {
	policy := vacm.MustNew(
		vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true, Origin: "snmpd.conf:7"},
		vacm.UserRule{User: "ops", Level: pdu.AuthNoPriv, Subtree: ber.MustOID("1.3.6.1.2.1.1"), Origin: "snmpd.conf:8"},
	)
	e := policy.Explain(vacm.Question{
		SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops", SecurityLevel: pdu.AuthNoPriv,
		ViewType: vacm.ReadView, Name: ber.MustOID("1.3.6.1.2.1.2.1.0"),
	})
	fmt.Println(e.Indication)
	for _, s := range e.Steps {
		fmt.Printf("%s [%s]\n", s.Text, s.Origin)
	}
	// Output:
	// notInView
	// context "" exists []
	// "ops" of security model usm is in group "user-rule-1" [snmpd.conf:7]
	// selected: group "user-rule-1", context "", security model any, at least authNoPriv [snmpd.conf:8]
	// its read view is "user-rule-1-2-2" [snmpd.conf:8]
	// nothing in view "user-rule-1-2-2" matches 1.3.6.1.2.1.2.1.0 []
}

// TestManyAccessRows: RFC 3415 §4, vacmAccessTable, a group with hundreds of rows for
// contexts and prefixes of contexts is asked as one with a few is: whatever row View
// goes by is the one that the explanation selects step by step.
func TestManyAccessRows(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	contexts := []string{""}
	for from := 0; len(contexts) < 100; from++ {
		for _, letter := range "ab" {
			contexts = append(contexts, contexts[from]+string(letter))
		}
	}
	for _, rows := range []int{8, 9, 60, 600} {
		seen := make(map[string]bool)
		statements := []vacm.Statement{
			vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "u", GroupName: "g"},
			vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "u", GroupName: "g"},
		}
		for len(seen) < rows {
			a := vacm.Access{
				GroupName: "g", ContextPrefix: contexts[random.IntN(len(contexts))], ContextMatch: vacm.ContextMatch(1 + random.IntN(2)),
				Model: pdu.SecurityModel(random.IntN(4)), Level: pdu.SecurityLevel(random.IntN(3)),
			}
			index := fmt.Sprintf("%q %d %d", a.ContextPrefix, a.Model, a.Level)
			if seen[index] {
				continue
			}
			seen[index] = true
			// A view of its own: what is in it tells which row it was.
			n := uint32(len(seen))
			a.ReadViewName = fmt.Sprint("v", n)
			statements = append(statements, a, vacm.ViewTreeFamily{ViewName: a.ReadViewName, Subtree: ber.NewOID(1, 3, n)})
		}
		p := vacm.MustNew(statements...)
		found := 0
		for range 3000 {
			r := mib.Request{
				SecurityModel: pdu.SecurityModel(2 + random.IntN(2)), SecurityName: "u",
				SecurityLevel: pdu.SecurityLevel(random.IntN(3)), ContextName: contexts[random.IntN(len(contexts))] + []string{"", "a", "c"}[random.IntN(3)],
			}
			e := p.Explain(vacm.Question{SecurityModel: r.SecurityModel, SecurityName: r.SecurityName, SecurityLevel: r.SecurityLevel,
				ContextName: r.ContextName, Contexts: []string{r.ContextName}})
			v, err := p.View(&r, vacm.ReadView)
			if e.Access == nil {
				if err == nil {
					t.Fatalf("%d rows, %+v: a view; explained: %s", rows, r, e.Indication)
				}
				continue
			}
			found++
			if err != nil || !v.Contains(e.Families[0].Subtree) {
				t.Fatalf("%d rows, %+v: %v, and not the view of %v", rows, r, err, e.Access)
			}
		}
		if found == 0 || found == 3000 && rows < 600 {
			t.Errorf("%d rows: %d of 3000 messages have one", rows, found)
		}
	}
}
