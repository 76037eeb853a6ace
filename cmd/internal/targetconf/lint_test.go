package targetconf

import (
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/accessconf"
	"snmpstack/pdu"
)

// lintBase is right: an address that a line selects, whose parameters have a filter, and
// on whose behalf something may be sent.
const lintBase = `targetAddr a .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "x t" p 3 1
targetParams p 1 2 noc 1 3 1
snmpNotifyTable n t 1 3 1
snmpNotifyFilterProfileTable p f 3 1
notificationFilter f .1.3 0x00 included
targetAddr b .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t v3 3 1
targetParams v3 3 3 ops 3 3 1
`

func TestLint(t *testing.T) {
	policy := vacm.MustNew(
		vacm.Community{Community: "c", SecurityName: "noc"},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV1, SecurityName: "noc", GroupName: "g"},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
		vacm.Access{GroupName: "g", NotifyViewName: vacm.All},
		vacm.UserRule{User: "ops", Level: pdu.AuthNoPriv}, vacm.UserRule{User: "low"},
		vacm.Community{Community: "deaf", SecurityName: "deaf"},
	)
	users := []accessconf.User{{Name: "ops", Level: pdu.AuthPriv}, {Name: "low", Level: pdu.AuthNoPriv}, {Name: "unruled", Level: pdu.AuthPriv}}
	for _, tt := range []struct{ name, lines, managed, want string }{
		{"nothing", "", "", ""},
		{"parameters that there are not", `targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1`, "", `no parameters are called "q"`},
		{"a manager's", `targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1`, "targetParams q 1 2 noc 1 3 1", ""},
		{"a tag that nothing selects", `targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "u v" p 3 1`, "", "no snmpNotifyTable line has a tag"},
		{"a tag that a manager selects", `targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "u v" p 3 1`, "snmpNotifyTable m v 1 3 1", ""},
		{"an address that is not active", `targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t p 3 2`, "", "is not active"},
		{"a tag that no address has", `snmpNotifyTable m w 1 3 1`, "", `no address has the tag "w"`},
		{"no tag", `snmpNotifyTable m "" 1 3 1`, "", `no address has the tag ""`},
		{"parameters that nobody has", `targetParams q 1 2 noc 1 3 1`, "", `no address has the parameters "q"`},
		{"a profile without parameters", "snmpNotifyFilterProfileTable q f 3 1", "", `no parameters are called "q"`},
		{"a profile without a filter", "snmpNotifyFilterProfileTable v3 none 3 1", "", `there is no filter "none"`},
		{"a filter that nobody has", "notificationFilter g .1.3 0x00 included", "", `nobody has the filter "g"`},
		{"a manager's row", "", "snmpNotifyTable m w 1 3 1", ""},
		{"a user who there is not", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 3 3 nobody 1 3 1", "", `no createUser for user "nobody"`},
		{"a user without keys", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 3 3 low 3 3 1", "", `user "low" has no keys for authPriv`},
		{"a user without rules", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 3 3 unruled 3 3 1", "", `give "unruled" no notify view`},
		{"a level that is too low", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 3 3 ops 1 3 1", "", `give "ops" no notify view`},
		{"no community", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 0 1 noc-1 1 3 1", "", `no community stands for "noc-1" there`},
		{"informs with SNMPv1", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 i q 3 1\ntargetParams q 0 1 noc 1 3 1\nsnmpNotifyTable i i 2 3 1", "", "which SNMPv1 has not"},
		{"no notify view", "targetAddr c .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 t q 3 1\ntargetParams q 1 2 deaf 1 3 1", "", `give "deaf" no notify view`},
	} {
		var r Rules
		if problems := append(read(&r, "snmpd.conf", lintBase+tt.lines, false), read(&r, "state.conf", tt.managed, true)...); len(problems) > 0 {
			t.Fatal(tt.name, problems)
		}
		got := ""
		for _, p := range r.Lint(policy, users) {
			got += p.Error() + "\n"
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) || strings.Contains(got, "state.conf") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if tt.want != "" && !strings.Contains(got, "snmpd.conf:8: ") && !strings.Contains(got, "snmpd.conf:9: ") {
			t.Errorf("%s: the place is missing in %q", tt.name, got)
		}
	}
}
