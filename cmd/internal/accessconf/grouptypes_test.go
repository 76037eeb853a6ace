package accessconf

import (
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/pdu"
)

// TestGroupTypes shows the rows that authgroup, authaccess and setaccess come to.
func TestGroupTypes(t *testing.T) {
	access := func(line string, m pdu.SecurityModel, l pdu.SecurityLevel, context string, match vacm.ContextMatch, read, write, notify string) vacm.Statement {
		return vacm.Access{
			GroupName: "g", Model: m, Level: l, ContextPrefix: context, ContextMatch: match,
			ReadViewName: read, WriteViewName: write, NotifyViewName: notify, Row: vacm.Row{Origin: "snmpd.conf:" + line},
		}
	}
	const any, v2c, usm, noAuth, auth, priv = pdu.SecurityModelAny, pdu.SecurityModelV2c, pdu.SecurityModelUSM, pdu.NoAuthNoPriv, pdu.AuthNoPriv, pdu.AuthPriv
	for _, test := range []struct {
		text string
		want []vacm.Statement
	}{
		{"authgroup read g", []vacm.Statement{access("1", usm, auth, "", vacm.Prefix, "_all_", "", "")}},
		{"authgroup read,write,notify -s any g noauth -V v", []vacm.Statement{access("1", any, noAuth, "", vacm.Prefix, "v", "v", "v")}},
		{"authgroup read,log g priv -V v ctx", []vacm.Statement{access("1", usm, priv, "ctx", vacm.Exact, "v", "", "")}},
		{"authaccess write|notify g v", []vacm.Statement{access("1", usm, auth, "", vacm.Exact, "", "v", "v")}},
		{"authaccess read -s v2c g v noauth ctx*", []vacm.Statement{access("1", v2c, noAuth, "ctx", vacm.Prefix, "v", "", "")}},
		{"setaccess g ctx any noauth prefix read:write v", []vacm.Statement{access("1", any, noAuth, "ctx", vacm.Prefix, "v", "v", "")}},
		{`setaccess g "" v2c noauth exact v read,write`, []vacm.Statement{access("1", v2c, noAuth, "", vacm.Exact, "v", "v", "")}},
		{`setaccess g "" v2c noauth exact read write`, []vacm.Statement{access("1", v2c, noAuth, "", vacm.Exact, "write", "", "")}},
		// Several lines fill one row.
		{"setaccess g '' usm auth exact read v\nauthaccess write g w\nauthaccess read,notify g v", []vacm.Statement{access("1", usm, auth, "", vacm.Exact, "v", "w", "v")}},
		{"authaccess read g v\nauthaccess read g w priv", []vacm.Statement{
			access("1", usm, auth, "", vacm.Exact, "v", "", ""), access("2", usm, priv, "", vacm.Exact, "w", "", ""),
		}},
	} {
		r, problems := read(t, test.text)
		if got := r.Statements(); len(problems) > 0 || !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %+v\nwant %+v\n%v", test.text, got, test.want, problems)
		}
	}
	for _, test := range []struct{ text, err string }{
		{"authgroup log,execute,net g", "snmptrapd"},
		{"authgroup g", "not a list"},
		{"authgroup read", "the group is missing"},
		{"authgroup read -s usm", "the group is missing"},
		{"authgroup read -s ssh g", "is no security model"},
		{"authgroup read g auth .1.3.6.1", "an OID is not supported here, expected -V"},
		{"authgroup read g auth -V", "the view is missing"},
		{"authgroup read user-rule-1", "one that the agent gives itself"},
		{"authaccess read g", "the view is missing"},
		{"authaccess read g v nolevel", "is no security level"},
		{"setaccess g '' any noauth exact read", "a word is missing"},
		{"setaccess g '' any noauth exact v w", "neither the sixth nor the seventh"},
		{"setaccess g '' any noauth similar read w", "neither exact nor prefix"},
	} {
		r, problems := read(t, test.text)
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), test.err) || r.Len() != 0 {
			t.Errorf("%s: %v, expected %q", test.text, problems, test.err)
		}
	}
	_, problems := read(t, "authaccess read g v\nauthaccess read,write g w")
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "snmpd.conf:1 gives the group another view") {
		t.Errorf("another view for the same type: %v", problems)
	}
}
