package accessconf

import (
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/pdu"
)

func nonVolatile(status mib.RowStatus) vacm.Row {
	return vacm.Row{Storage: mib.NonVolatile, Status: status, Origin: "snmpd.conf:1"}
}

// TestManaged reads lines, the first ones as Net-SNMP 5.9.3 has written them, and
// writes the rows that they stand for again.
func TestManaged(t *testing.T) {
	for _, tt := range []struct {
		line  string
		want  vacm.Statement
		line2 string // that is written; "" is the same
	}{
		{`vacmGroup 1 3 2 0x636f6d6d3900 0x676700`,
			vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "comm9", GroupName: "gg", Row: nonVolatile(mib.Active)}, ""},
		{`vacmGroup 1 3 3 0xff012200 0x6122625c206300`,
			vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "\xff\x01\"", GroupName: `a"b\ c`, Row: nonVolatile(mib.Active)}, ""},
		{`vacmAccess 1 3 3 3 1 0x676700 0x00 0x767600 0x6e6f6e6500 0x767600`,
			vacm.Access{GroupName: "gg", ContextMatch: vacm.Exact, Model: pdu.SecurityModelUSM, Level: pdu.AuthPriv,
				ReadViewName: "vv", WriteViewName: "none", NotifyViewName: "vv", Row: nonVolatile(mib.Active)}, ""},
		{`vacmAccess 1 3 0 1 2 0x676700 0x63747800 0x00 0x767600 0x767600`,
			vacm.Access{GroupName: "gg", ContextPrefix: "ctx", ContextMatch: vacm.Prefix, WriteViewName: "vv", NotifyViewName: "vv", Row: nonVolatile(mib.Active)}, ""},
		{`vacmView 1 3 1 "vv" .1.3.6.1.2.1 0xfff0`,
			vacm.ViewTreeFamily{ViewName: "vv", Subtree: ber.MustOID("1.3.6.1.2.1"), Mask: "\xff\xf0", Type: vacm.Included, Row: nonVolatile(mib.Active)}, ""},
		{`vacmView 2 3 1 "a" .1.3.6 0x`,
			vacm.ViewTreeFamily{ViewName: "a", Subtree: ber.MustOID("1.3.6"), Type: vacm.Included, Row: nonVolatile(mib.NotInService)}, ""},
		{`vacmView 1 3 2 "vv" .1.3.6.1.2.1.11 0x00`,
			vacm.ViewTreeFamily{ViewName: "vv", Subtree: ber.MustOID("1.3.6.1.2.1.11"), Mask: "\x00", Type: vacm.Excluded, Row: nonVolatile(mib.Active)}, ""},

		{`vacmGroup 1 3 3 "bob" 'the staff'`,
			vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "bob", GroupName: "the staff", Row: nonVolatile(mib.Active)},
			`vacmGroup 1 3 3 0x626f6200 0x74686520737461666600`},
		{`vacmGroup 1 3 3 "0x6162" 0x6700`,
			vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "0x6162", GroupName: "g", Row: nonVolatile(mib.Active)},
			`vacmGroup 1 3 3 0x30783631363200 0x6700`},
		{`vacmGroup 1 3 2147483647 0x610000 0x67`,
			vacm.SecurityToGroup{Model: 2147483647, SecurityName: "a\x00", GroupName: "g", Row: nonVolatile(mib.Active)},
			`vacmGroup 1 3 2147483647 0x610000 0x6700`},
		{`vacmView 1 4 1 0x5aeb .1 0xFF`,
			vacm.ViewTreeFamily{ViewName: "Z\xeb", Subtree: ber.NewOID(1), Mask: "\xff", Type: vacm.Included, Row: vacm.Row{Storage: mib.Permanent, Status: mib.Active, Origin: "snmpd.conf:1"}},
			`vacmView 1 4 1 0x5aeb .1 0xff`},
		{`vacmView 1 3 1 "0x5a" .1 0x`,
			vacm.ViewTreeFamily{ViewName: "0x5a", Subtree: ber.NewOID(1), Type: vacm.Included, Row: nonVolatile(mib.Active)}, ""},
	} {
		rules, problems := read(t, tt.line+"\n")
		if len(problems) > 0 {
			t.Errorf("%s: %v", tt.line, problems)
			continue
		}
		problems = rules.Settle()
		if got := rules.Managed(); len(problems) > 0 || len(rules.Statements()) > 0 || !slices.Equal(got, []vacm.Statement{tt.want}) {
			t.Errorf("%s is\n%#v\nwant\n%#v, problems %v", tt.line, got, tt.want, problems)
			continue
		}
		directive, key, arguments := FormatManaged(tt.want)
		want := tt.line2
		if want == "" {
			want = tt.line
		}
		if got := directive + " " + arguments; got != want {
			t.Errorf("%s is written as\n%s, want\n%s", tt.line, got, want)
		}
		d, _ := snmpdconf.Parse(strings.NewReader(tt.line), "snmpd.conf")
		if got, ok := ManagedKey(d[0]); !ok || got != key || !IsManaged(d[0]) {
			t.Errorf("%s is about the row %q, %v; want %q", tt.line, got, ok, key)
		}
		if err := vacm.MustNew().Restore(rules.Managed()...); err != nil {
			t.Errorf("%s: %v", tt.line, err)
		}
	}
}

// TestManagedProblems shows which lines stand for no row; they give no access.
func TestManagedProblems(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`vacmView 1 3 1 "a" NULL 0x`, "word 5 is not an OID"}, // snmpd's, for a subtree of no sub-identifier
		{`vacmView 1 3 1 "a" .3.9 0x`, "a subtree has"},
		{`vacmGroup 3 3 3 0x626f7800 0x00`, "a name has 1 to 32 octets"}, // snmpd's, for a row that is notReady
		{`vacmGroup 1`, "word 2 is not there"},
		{`vacmGroup 0 3 3 0x61 0x67`, "word 1 is not a number from 1 to 3"},
		{`vacmGroup 4 3 3 0x61 0x67`, "word 1 is not a number from 1 to 3"},
		{`vacmGroup 1 5 3 0x61 0x67`, "word 2 is not a number from 3 to 4"},
		{`vacmGroup 1 2 3 0x61 0x67`, "word 2 is not a number from 3 to 4"},
		{`vacmGroup 1 3 0 0x61 0x67`, "word 3 is not a number from 1 to 2147483647"},
		{`vacmGroup 1 3 4294967297 0x61 0x67`, "word 3 is not a number"},
		{`vacmGroup 1 3 3 0x61`, "word 5 is not there"},
		{`vacmGroup 1 3 3 0x616 0x67`, "word 4 is not octets"},
		{`vacmGroup 1 3 3 0x61 0x` + strings.Repeat("61", 33), "a name has 1 to 32 octets"},
		{`vacmGroup 1 3 3 "user-rule-1" 0x67`, "one that the agent gives itself"},
		{`vacmAccess 1 3 3 0 1 0x67 0x00 0x00 0x00 0x00`, "word 4 is not a number from 1 to 3"},
		{`vacmAccess 1 3 3 4 1 0x67 0x00 0x00 0x00 0x00`, "word 4 is not a number from 1 to 3"},
		{`vacmAccess 1 3 3 1 3 0x67 0x00 0x00 0x00 0x00`, "word 5 is not a number from 1 to 2"},
		{`vacmAccess 1 3 3 1 1 0x67 0x00 0x00 0x00`, "word 10 is not there"},
		{`vacmView 1 3 3 "a" .1 0x`, "word 3 is not a number from 1 to 2"},
		{`vacmView 1 3 1 "a" .1`, "word 6 is not there"},
		{`vacmView 1 3 1 "a" .1 0x` + strings.Repeat("ff", 17), "a mask has at most 16 octets"},
	} {
		rules, problems := read(t, tt.line+"\n")
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), tt.want) || !strings.Contains(problems[0].Error(), noAccess) {
			t.Errorf("%s: %v, want %s", tt.line, problems, tt.want)
		}
		if rules.Len() > 0 {
			t.Errorf("%s is %v", tt.line, rules.Managed())
		}
	}
}

// TestManagedLoses: what a configuration says counts, wherever its lines are, and what
// managers were to hide is not shown where their line cannot be read.
func TestManagedLoses(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		managed    int
		warning    string
	}{
		{"group", "vacmGroup 1 3 3 0x626f6200 0x6700\ngroup other usm bob\n", 0, `puts "bob" into group "other"`},
		{"rule", "vacmGroup 1 3 3 0x626f6200 0x6700\nrouser bob\n", 0, `gives user "bob" a group of his own`},
		{"access", "vacmAccess 1 3 3 1 1 0x6700 0x00 0x7600 0x00 0x00\naccess g \"\" usm noauth exact none none none\n", 0, "the first one counts, which is snmpd.conf:2"},
		{"view", "vacmView 1 3 1 \"v\" .1.3 0x\nview v excluded .1.3\n", 0, "the first one counts, which is snmpd.conf:2"},
		{"several of managers", "vacmGroup 1 3 3 0x626f6200 0x6700\nvacmGroup 1 3 3 0x626f6200 0x6800\n", 1, `snmpd.conf:2 puts "bob" into group "h"`},
		{"other rows", "vacmGroup 1 3 3 0x626f6200 0x6700\nvacmView 1 3 1 \"v\" .1.3 0x\ngroup g v2c bob\nview v excluded .1.3.6\n", 2, ""},
		{"a line that cannot be read", "vacmView 1 3 1 \"v\" .1.3 0x\nvacmView 1 3 2 \"v\" .1.3.nine 0x\nvacmView 1 3 1 \"w\" .1.3 0x\n", 1, ""},
		{"one that would show", "vacmView 1 3 1 \"v\" .1.3 0x\nvacmView 1 3 1 \"v\" .1.nine 0x\n", 1, ""},
	} {
		rules, _ := read(t, tt.text)
		problems := rules.Settle()
		if len(problems) > 1 || len(problems) == 1 && (tt.warning == "" || !strings.Contains(problems[0].Error(), tt.warning)) || len(problems) == 0 && tt.warning != "" {
			t.Errorf("%s: %v, want %s", tt.name, problems, tt.warning)
		}
		if got := rules.Managed(); len(got) != tt.managed {
			t.Errorf("%s: there are %v, want %d rows", tt.name, got, tt.managed)
		}
		p, err := vacm.New(rules.Statements()...)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Restore(rules.Managed()...); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestManagedBrokenAll: a line that cannot be read does not bring back what others hide
// of the view that there always is.
func TestManagedBrokenAll(t *testing.T) {
	hidden := ber.MustOID("1.3.6.1.6.3")
	for _, text := range []string{
		"rouser bob\nview _all_ excluded .1.3.6.1.6.3\n",
		"rouser bob\nvacmView 1 3 2 \"_all_\" .1.3.6.1.6.3 0x\n",
	} {
		rules, _ := read(t, text+"vacmView 1 3 2 \"_all_\" .1.nine 0x\n")
		rules.Settle()
		p := vacm.MustNew(rules.Statements()...)
		if err := p.Restore(rules.Managed()...); err != nil {
			t.Fatal(err)
		}
		q := vacm.Question{SecurityModel: pdu.SecurityModelUSM, SecurityName: "bob", SecurityLevel: pdu.AuthPriv, Name: hidden}
		if e := p.Explain(q); e.Indication != vacm.NotInView {
			t.Errorf("%s: %v", text, e.Indication)
		}
	}
}
