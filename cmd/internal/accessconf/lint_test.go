package accessconf

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/pdu"
)

// TestLint shows what lines are warned of, without their file's name.
func TestLint(t *testing.T) {
	const (
		readers = "com2sec n 10.0.0.0/8 c\ngroup g v2c n\n"
		ops     = "group g usm ops\n" // who has passwords for both levels
	)
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", readers + "view v included system\naccess g '' any noauth exact v none none", nil},
		{"rules", "rocommunity c\nrouser ops\nrwuser ops priv", nil},
		{"loopback", "rwcommunity private 127.0.0.1\nrwcommunity6 private ::1\nrocommunity public 127.0.0.0/8", nil},

		{"group without access", readers, []string{`2: group: no access line is for group "g"`}},
		{"access without group", "access g '' any noauth exact _all_ none none", []string{`1: access: nobody is in group "g", the line has no effect`}},
		{"name that nobody has", "group g v2c n\naccess g '' any noauth exact _all_ none none", []string{
			`1: group: no com2sec line gives the name "n"`,
			`2: access: nobody is in group "g", the line has no effect`,
		}},
		{"any name that nobody has", "group g any n\naccess g '' any noauth exact _all_ none none", []string{
			`1: group: no com2sec or createUser line gives the name "n"`,
			`2: access: nobody is in group "g", the line has no effect`,
		}},
		{"any name that a user has", "group g any ops\naccess g '' any auth exact _all_ none none", nil},
		{"name in no group", "com2sec n default c", []string{`1: com2sec: the name "n" is in no group with v1 or v2c`}},
		{"name in a group of users", "com2sec n default c\ngroup g usm n\naccess g '' any noauth exact _all_ none none", []string{
			`1: com2sec: the name "n" is in no group with v1 or v2c`,
			`3: access: nobody is in group "g", the line has no effect`,
		}},

		{"level of a community", readers + "access g '' any auth exact _all_ none none",
			[]string{`3: access: nobody in group "g" has messages of authNoPriv, the line has no effect`}},
		{"level of a user", "group g usm low\naccess g '' any auth exact _all_ none none\naccess g '' any priv exact _all_ none none",
			[]string{`3: access: nobody in group "g" has messages of authPriv, the line has no effect`}},
		{"model", readers + "access g '' usm noauth exact _all_ none none\naccess g '' v2c noauth exact _all_ none none",
			[]string{`3: access: nobody in group "g" is of security model usm, the line has no effect`}},
		{"preferred model", ops + "access g '' any priv exact _all_ none none\naccess g '' usm auth exact _all_ none none",
			[]string{`2: access: snmpd.conf:3 is always preferred, the line has no effect`}},
		{"preferred level", "group g usm low\naccess g '' any noauth exact _all_ none none\naccess g '' any auth exact _all_ none none", nil},
		{"preferred context", ops + "access g '' usm auth prefix _all_ none none\naccess g '' any auth exact _all_ none none",
			[]string{`3: access: snmpd.conf:2 is always preferred, the line has no effect`}},
		{"context that does not exist", ops + "access g '' any auth exact _all_ none none\naccess g zo any auth prefix _all_ none none",
			[]string{`3: access: there is no context that begins with "zo", the line has no effect`}},
		{"context that exists", ops + "access g zone any auth exact _all_ none none\naccess g zo any auth prefix _all_ none none",
			[]string{`3: access: snmpd.conf:2 is always preferred, the line has no effect`}},

		{"view that is not there", readers + "access g '' any noauth exact v none none", []string{`3: access: there is no view "v", expected a view line for it`}},
		{"view of a rule that is not there", "rocommunity c default -V v\nrouser ops auth -V w", []string{
			`1: rocommunity: there is no view "v", expected a view line for it`,
			`2: rouser: there is no view "w", expected a view line for it`,
		}},
		{"view that nobody uses", "view v included system\nview v excluded sysORTable", []string{`1: view: no access line and no -V names view "v"`}},
		{"empty view", "view v excluded system\nrouser ops auth -V v", []string{`1: view: view "v" is empty, nothing is included in it`}},
		{"view called none", "view none excluded .1\n" + readers + "access g '' any noauth exact _all_ none none", nil},
		{"hidden view", "view v included .1.3.6.1.2.1.1\nview v excluded .1.3.6.1.2.1.1.0 fe\nrouser ops auth -V v",
			[]string{`1: view: view "v" is empty, all that is included in it is excluded again`}},
		{"hidden by one that is greater", "view v included .1.3.6.1.2.0 fb\nview v excluded .1.3.6.1.2.1 fb\nrouser ops auth -V v",
			[]string{`1: view: view "v" is empty, all that is included in it is excluded again`}},
		{"not hidden by one that is smaller", "view v included .1.3.6.1.2.1 fb\nview v excluded .1.3.6.1.2.0 fb\nrouser ops auth -V v", nil},
		{"hidden by a mask", "view v included .1.3.6.1.2.0\nview v excluded .1.3.6.1.2.1 fb\nrouser ops auth -V v",
			[]string{`1: view: view "v" is empty, all that is included in it is excluded again`}},
		{"hidden in part", "view v included .1.3.6.1.2.1\nview v excluded .1.3.6.1.2.1.1\nrouser ops auth -V v", nil},

		{"writing community", "rwcommunity c", []string{"1: rwcommunity: it may write without authentication: whoever hears the community can"}},
		{"writing user", "rwuser ops noauth", []string{`1: rwuser: user "ops" may write without authentication: whoever knows the name can`}},
		{"writing group", readers + "view w included system\naccess g '' any noauth exact _all_ w none",
			[]string{`4: access: members of group "g" may write without authentication, those of security model v2c`}},
		{"writing group of users", ops + "access g '' any noauth exact _all_ _all_ none",
			[]string{`2: access: members of group "g" may write without authentication, those of security model usm`}},
		{"writing group on this machine", "com2sec n 127.0.0.1 c\ngroup g v2c n\naccess g '' any noauth exact _all_ _all_ none", nil},

		{"well known", "rocommunity public\nrocommunity6 public\nrocommunity public2", []string{
			"1: rocommunity: a community that everybody tries first is good from everywhere",
			"2: rocommunity6: a community that everybody tries first is good from everywhere",
		}},
		{"shadowed", "com2sec n 10.0.0.0/8 c\ncom2sec m 10.1.0.0/16 c\ncom2sec m default c\ngroup g v2c n\ngroup g v2c m\naccess g '' any noauth exact _all_ none none",
			[]string{"2: com2sec: snmpd.conf:1 is for the same community from these sources too and comes first, the line has no effect"}},
		{"shadowed rule", "rocommunity c\nrwcommunity c 127.0.0.1",
			[]string{"2: rwcommunity: snmpd.conf:1 is for the same community from these sources too and comes first, the line has no effect"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, problems := read(t, test.text)
			if problems = append(problems, r.Settle()...); len(problems) > 0 {
				t.Fatal(problems)
			}
			users := []User{{Name: "ops", Level: pdu.AuthPriv}, {Name: "low", Level: pdu.AuthNoPriv}}
			got := ""
			if err := errors.Join(r.Lint(users, true)...); err != nil {
				got = err.Error()
			}
			want := ""
			for _, line := range test.want {
				want += "\nsnmpd.conf:" + line
			}
			if want = strings.TrimPrefix(want, "\n"); got != want {
				t.Errorf("%s\nexpected\n%s", got, want)
			}
			for _, p := range r.Lint(users, false) {
				if strings.Contains(p.Error(), "everywhere") || strings.Contains(p.Error(), "without authentication") {
					t.Errorf("of an agent that only this machine reaches: %v", p)
				}
			}
		})
	}
}

// TestLintSelects holds what the linter takes for the row that is selected against
// package vacm.
func TestLintSelects(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	contexts := []string{"", "a", "ab", "abc", "b"}
	selected := 0
	for range 300 {
		text := ""
		for range 1 + random.IntN(8) {
			text += fmt.Sprintf("access g %q %s %s %s _all_ none none\n",
				pick(contexts...), pick("any", "v1", "v2c", "usm"), pick("noauth", "auth", "priv"), pick("exact", "prefix"))
		}
		r, _ := read(t, text)
		r.Settle()
		statements := r.Statements()
		g := &lintGroup{}
		for i, s := range statements {
			g.rows = append(g.rows, lintRow{Access: s.(vacm.Access), line: r.entries[i].line})
		}
		for _, model := range models {
			statements = append(statements, vacm.SecurityToGroup{Model: model, SecurityName: "n", GroupName: "g"})
		}
		p := vacm.MustNew(statements...)
		for _, model := range models {
			for level := pdu.NoAuthNoPriv; level <= pdu.AuthPriv; level++ {
				for _, context := range contexts {
					e := p.Explain(vacm.Question{SecurityModel: model, SecurityName: "n", SecurityLevel: level, ContextName: context, Contexts: contexts})
					want, got := "", ""
					if e.Access != nil {
						want, selected = e.Access.Origin, selected+1
					}
					if i := g.chosen(model, level, context); i >= 0 {
						got = place(g.rows[i].line)
					}
					if got != want {
						t.Fatalf("%v%s %v in context %q: line %q, package vacm has %q", text, model, level, context, got, want)
					}
				}
			}
		}
	}
	if selected == 0 {
		t.Error("nothing was ever selected")
	}
}
