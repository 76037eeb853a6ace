package accessconf

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// hosts is the resolver of the tests: one name, with an address of each family.
func hosts(_ context.Context, network, host string) ([]netip.Addr, error) {
	switch {
	case host != "nms.example.net":
		return nil, errors.New("no such host")
	case network == "ip4":
		return []netip.Addr{netip.MustParseAddr("192.0.2.7")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("2001:db8::7")}, nil
}

// read carries out the lines of a text. The problems are those of single lines.
func read(t *testing.T, text string) (*Rules, []error) {
	t.Helper()
	directives, wrong := snmpdconf.Parse(strings.NewReader(text), "snmpd.conf")
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	r := &Rules{LookUp: hosts}
	var problems []error
	for _, d := range directives {
		i := slices.IndexFunc(Directives, func(row Directive) bool { return d.Is(row.Name) })
		if err := Directives[i].Apply(t.Context(), r, d); err != nil {
			problems = append(problems, d.Errorf("%w", err))
		}
	}
	return r, problems
}

func networks(list ...string) (prefixes []netip.Prefix) {
	for _, text := range list {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

func communityRule(change func(*vacm.CommunityRule)) vacm.CommunityRule {
	rule := vacm.CommunityRule{Community: "c", Sources: networks("0.0.0.0/0")}
	change(&rule)
	return rule
}

func from(list ...string) vacm.CommunityRule {
	return communityRule(func(r *vacm.CommunityRule) { r.Sources = networks(list...) })
}

func userRule(change func(*vacm.UserRule)) vacm.UserRule {
	rule := vacm.UserRule{User: "ops", Level: pdu.AuthNoPriv, ContextMatch: vacm.Prefix}
	change(&rule)
	return rule
}

var system = ber.MustOID("1.3.6.1.2.1.1")

// TestDirectives shows what each form of a line says.
func TestDirectives(t *testing.T) {
	for _, test := range []struct {
		line string
		want vacm.Statement // without its Origin
	}{
		{"rocommunity c", from("0.0.0.0/0")},
		{"rocommunity c default", from("0.0.0.0/0")},
		{"rwcommunity c DEFAULT", communityRule(func(r *vacm.CommunityRule) { r.Writable = true })},
		{"rocommunity6 c", from("::/0")},
		{"rwcommunity6 c 2001:db8::/32", communityRule(func(r *vacm.CommunityRule) { r.Writable, r.Sources = true, networks("2001:db8::/32") })},
		{"rocommunity c 192.0.2.1", from("192.0.2.1/32")},
		{"rocommunity c 192.0.2.0/24", from("192.0.2.0/24")},
		{"rocommunity c 192.0.2.0/255.255.255.0", from("192.0.2.0/24")},
		{"rocommunity c nms.example.net", from("192.0.2.7/32")},
		{"rocommunity6 c nms.example.net", from("2001:db8::7/128")},
		{`rocommunity "c" "default" # for all`, from("0.0.0.0/0")},
		{"rocommunity c default .1.3.6.1.2.1.1", communityRule(func(r *vacm.CommunityRule) { r.Subtree = system })},
		{"rocommunity c default system", communityRule(func(r *vacm.CommunityRule) { r.Subtree = system })},
		{"rocommunity c default 1.3.6.1.2.1.1.", communityRule(func(r *vacm.CommunityRule) { r.Subtree = system })},
		{"rocommunity c default -V systemonly", communityRule(func(r *vacm.CommunityRule) { r.ViewName = "systemonly" })},
		{"rocommunity c default -V v ctx", communityRule(func(r *vacm.CommunityRule) { r.ViewName, r.ContextName = "v", "ctx" })},
		{"rocommunity c default -V v ctx*", communityRule(func(r *vacm.CommunityRule) { r.ViewName, r.ContextName = "v", "ctx" })},
		{"rocommunity c default -V v *", communityRule(func(r *vacm.CommunityRule) { r.ViewName = "v" })},
		{"rocommunity c default system ctx", communityRule(func(r *vacm.CommunityRule) { r.Subtree, r.ContextName = system, "ctx" })},
		{"authcommunity read c", from("0.0.0.0/0", "::/0")},
		{"authcommunity read,write,notify c 2001:db8::/32 system", communityRule(func(r *vacm.CommunityRule) {
			r.Writable, r.Sources, r.Subtree = true, networks("2001:db8::/32"), system
		})},

		{"rouser ops", userRule(func(r *vacm.UserRule) {})},
		{"rouser ops noauth", userRule(func(r *vacm.UserRule) { r.Level = pdu.NoAuthNoPriv })},
		{"rouser ops authNoPriv", userRule(func(r *vacm.UserRule) {})},
		{"rouser ops PRIV", userRule(func(r *vacm.UserRule) { r.Level = pdu.AuthPriv })},
		{"rwuser ops authPriv .iso", userRule(func(r *vacm.UserRule) { r.Level, r.Writable, r.Subtree = pdu.AuthPriv, true, ber.MustOID("1") })},
		{"rwuser -s usm ops auth system", userRule(func(r *vacm.UserRule) { r.Writable, r.Subtree = true, system })},
		{"rouser ops authpriv -V systemonly", userRule(func(r *vacm.UserRule) { r.Level, r.ViewName = pdu.AuthPriv, "systemonly" })},
		{"rouser ops auth -V v ctx", userRule(func(r *vacm.UserRule) { r.ViewName, r.ContextPrefix, r.ContextMatch = "v", "ctx", vacm.Exact })},
		{"rouser ops auth -V v ctx*", userRule(func(r *vacm.UserRule) { r.ViewName, r.ContextPrefix = "v", "ctx" })},
		{"rouser ops auth -V v *", userRule(func(r *vacm.UserRule) { r.ViewName = "v" })},
		{`rouser ops auth -V v ""`, userRule(func(r *vacm.UserRule) { r.ViewName, r.ContextMatch = "v", vacm.Exact })},
		{"rouser ops auth system ctx", userRule(func(r *vacm.UserRule) { r.Subtree, r.ContextPrefix, r.ContextMatch = system, "ctx", vacm.Exact })},
		{"authuser read|write -s usm ops priv", userRule(func(r *vacm.UserRule) { r.Level, r.Writable = pdu.AuthPriv, true })},

		{"com2sec notConfigUser  default       public", vacm.Community{Community: "public", Sources: networks("0.0.0.0/0"), SecurityName: "notConfigUser"}},
		{"com2sec6 local6 ::1 c", vacm.Community{Community: "c", Sources: networks("::1/128"), SecurityName: "local6"}},
		{"com2sec -Cn ctx noc 10.0.0.0/8 c", vacm.Community{Community: "c", Sources: networks("10.0.0.0/8"), SecurityName: "noc", ContextName: "ctx"}},
		{"group MyROGroup v2c readonly", vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "readonly", GroupName: "MyROGroup"}},
		{"group MyROGroup V1 readonly", vacm.SecurityToGroup{Model: pdu.SecurityModelV1, SecurityName: "readonly", GroupName: "MyROGroup"}},
		{"group admins usm ops", vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "ops", GroupName: "admins"}},

		{"view all included .1 80", vacm.ViewTreeFamily{ViewName: "all", Subtree: ber.MustOID("1"), Mask: "\x80", Type: vacm.Included}},
		{"view all included .1", vacm.ViewTreeFamily{ViewName: "all", Subtree: ber.MustOID("1"), Type: vacm.Included}},
		{"view v included system fe", vacm.ViewTreeFamily{ViewName: "v", Subtree: system, Mask: "\xfe", Type: vacm.Included}},
		{"view v excluded .iso.org.dod.internet.mgmt.mib-2.system 0xff:a0", vacm.ViewTreeFamily{ViewName: "v", Subtree: system, Mask: "\xff\xa0", Type: vacm.Excluded}},
		{"view v included SNMPv2-MIB::system ff.a0", vacm.ViewTreeFamily{ViewName: "v", Subtree: system, Mask: "\xff\xa0", Type: vacm.Included}},
		{"view v included 1.3.6.1.2.1.1 ff 0xA0 # comment", vacm.ViewTreeFamily{ViewName: "v", Subtree: system, Mask: "\xff\xa0", Type: vacm.Included}},
		{"view v included .1.3.6.1.2.1.1. f", vacm.ViewTreeFamily{ViewName: "v", Subtree: system, Mask: "\x0f", Type: vacm.Included}},

		{`access g "" any noauth exact all none none`, vacm.Access{
			GroupName: "g", ContextMatch: vacm.Exact, ReadViewName: "all", WriteViewName: "none", NotifyViewName: "none"}},
		{`access g '' any noauth 0 all none none`, vacm.Access{
			GroupName: "g", ContextMatch: vacm.Exact, ReadViewName: "all", WriteViewName: "none", NotifyViewName: "none"}},
		{`access g ctx USM authPriv prefix all all all`, vacm.Access{
			GroupName: "g", ContextPrefix: "ctx", ContextMatch: vacm.Prefix, Model: pdu.SecurityModelUSM, Level: pdu.AuthPriv,
			ReadViewName: "all", WriteViewName: "all", NotifyViewName: "all"}},
	} {
		t.Run(test.line, func(t *testing.T) {
			r, problems := read(t, test.line)
			statements := r.Statements()
			if len(problems) != 0 || len(statements) != 1 {
				t.Fatalf("%d statements, problems %v", len(statements), problems)
			}
			want := test.want
			switch x := want.(type) {
			case vacm.CommunityRule:
				x.Origin, want = "snmpd.conf:1", nil
				if got, ok := statements[0].(vacm.CommunityRule); ok && slices.Equal(got.Sources, x.Sources) {
					got.Sources, x.Sources = nil, nil
					if got.Community == x.Community && got.Subtree == x.Subtree && got.ViewName == x.ViewName && got.Writable == x.Writable &&
						got.ContextName == x.ContextName && got.Origin == x.Origin {
						return
					}
				}
			case vacm.Community:
				if got, ok := statements[0].(vacm.Community); ok && slices.Equal(got.Sources, x.Sources) && got.Community == x.Community &&
					got.SecurityName == x.SecurityName && got.ContextName == x.ContextName && got.Origin == "snmpd.conf:1" {
					return
				}
			default:
				if placed(want) == statements[0] {
					return
				}
			}
			t.Errorf("got %+v, want %+v", statements[0], test.want)
		})
	}
}

// placed is a statement that can be compared, as if it were of the first line.
func placed(s vacm.Statement) vacm.Statement {
	const origin = "snmpd.conf:1"
	switch x := s.(type) {
	case vacm.UserRule:
		x.Origin = origin
		return x
	case vacm.SecurityToGroup:
		x.Origin = origin
		return x
	case vacm.ViewTreeFamily:
		x.Origin = origin
		return x
	case vacm.Access:
		x.Origin = origin
		return x
	}
	return s
}

// TestBadLines shows that a line that is wrong gives no access, and that what is
// said of it shows no community.
func TestBadLines(t *testing.T) {
	for _, test := range []struct{ line, err string }{
		{"rocommunity s3cret default -V", "the view is missing"},
		{"rocommunity s3cret 192.0.2.1/24", "expected 192.0.2.0/24"},
		{"rocommunity s3cret 192.0.2.0/255.0.255.0", "not a run of ones"},
		{"rocommunity s3cret 192.0.2.0/33", "neither a number of bits nor a netmask"},
		{"rocommunity s3cret ::1", "is not IPv4"},
		{"rocommunity6 s3cret 127.0.0.1", "is not IPv6"},
		{"rocommunity6 s3cret ::ffff:192.0.2.1", "expected 192.0.2.1"},
		{"authcommunity read s3cret ::ffff:192.0.2.0/120", "expected 192.0.2.0"},
		{"rocommunity s3cret nowhere.example.net", "neither an address nor a host name"},
		{"rocommunity s3cret default 1.x", "is not an OID"},
		{"rocommunity s3cret default 1.3 ctx more", "1 words too many"},
		{`rocommunity ""`, "the community is missing"},
		{"rocommunity -v 2c s3cret", "-v is not supported"},
		{"rocommunity s3cret default -V abcdefghijklmnopqrstuvwxyzabcdefghi", "at most 32 octets"},
		{"rouser -s tsm ops", "expected usm behind -s"},
		{"rouser -s usm", "the user is missing"},
		{"rouser ops secure", `"secure" is no security level`},
		{"rwuser ops priv 1.x", "is not an OID"},
		{"rwuser ops priv -V", "the view is missing"},
		{"rwuser ops priv .1.3 ctx more", "1 words too many"},
		{"authcommunity log,execute,net s3cret", "snmptrapd"},
		{"authcommunity s3cret", "the first word is not a list"},
		{"authcommunity read", "the community is missing"},
		{"com2sec sec default", "a word is missing"},
		{"com2sec -Cn", "the context is missing"},
		{"com2sec -Cn ctx sec", "a word is missing"},
		{"com2sec sec s3cret default", "the source is none, but another word is (neither is shown"},
		{"com2sec sec s3cret/x default", "the source is none (it is not shown"},
		{"rocommunity two s3cret", "it is not shown"},
		{"com2sec sec s3cret readers", "neither an address nor a host name that can be resolved (it is not shown"},
		{"com2sec sec nowhere.example.net s3cret", "neither an address nor a host name"},
		{"com2sec abcdefghijklmnopqrstuvwxyzabcdefghi default s3cret", "1 to 32 octets"},
		{"com2sec user-rule-1 default s3cret", "one that the agent gives itself"},
		{"com2sec sec default ''", "the community is missing"},
		{"com2secunix sec /run/snmp s3cret", "no Unix domain sockets"},
		{"group g v2c", "a word is missing"},
		{"group g v3 ops", `"v3" is no security model`},
		{"group g tsm ops", `"tsm" is no security model`},
		{"view v included", "a word is missing"},
		{"view v include .1", "neither included nor excluded"},
		{"view v included .1.3.6.bogus", "is not an OID"},
		{"view v included .1 zz", "in the mask is not an octet"},
		{"view v included .1 ffa0", "in the mask is not an octet"},
		{"view v included .1 " + strings.Repeat("ff:", 17), "at most 16 octets"},
		{"view _all_ excluded .1", "one that there always is"},
		{"view _all_ excluded 1.x", "the line hides nothing"},
		{"view _none_ included 1", "one that there always is"},
		{"view _none_ included .1.3.6", "nothing can be included"},
		{"view v included .3", "the first one at most 2"},
		{`access g "" any noauth exact all none`, "a word is missing"},
		{`access g "" v3 noauth exact all none none`, `"v3" is no security model`},
		{`access g "" any open exact all none none`, `"open" is no security level`},
		{`access g "" any noauth 1 all none none`, "neither exact nor prefix"},
	} {
		t.Run(test.line, func(t *testing.T) {
			r, problems := read(t, test.line)
			if len(problems) != 1 || !strings.Contains(problems[0].Error(), test.err) || !strings.HasPrefix(problems[0].Error(), "snmpd.conf:1: ") {
				t.Fatalf("problems %v, expected %q", problems, test.err)
			}
			if strings.Contains(problems[0].Error(), "s3cret") {
				t.Errorf("the message shows a secret: %v", problems[0])
			}
			if r.LetsIn([]User{{Name: "ops", Level: pdu.AuthPriv}}) || len(r.Statements()) != 0 {
				t.Errorf("a line that is wrong gives access: %v", r.Statements())
			}
		})
	}
}

// TestContradictions shows which of several lines has an effect, and that the others
// are told with both places.
func TestContradictions(t *testing.T) {
	for _, test := range []struct {
		name, text string
		left       []string // the places of the statements that are left
		problem    string
	}{
		{"groups", "group a v2c x\ngroup b v2c x", []string{"1"},
			`snmpd.conf:2: group: snmpd.conf:1 puts "x" into group "a", the line has no effect: the first one counts`},
		{"the same group twice", "group a v2c x\ngroup a v2c x", []string{"1"}, ""},
		{"groups of two models", "group a v1 x\ngroup b v2c x", []string{"1", "2"}, ""},
		{"any goes first", "group a v2c x\ngroup b any x", []string{"2", "2", "2"},
			`snmpd.conf:1: group: snmpd.conf:2 puts "x" into group "b", the line has no effect: a line with any goes first`},
		{"any twice", "group a any x\ngroup b any x", []string{"1", "1", "1"},
			`snmpd.conf:2: group: snmpd.conf:1 puts "x" into group "a", the line has no effect: a line with any goes first`},
		{"access", "access g '' any noauth exact a none none\naccess g '' any noauth exact b none none", []string{"1"},
			"snmpd.conf:2: access: of several access lines for one group, context, model and level the first one counts, which is snmpd.conf:1; the line has no effect"},
		{"access of two levels", "access g '' any noauth exact a none none\naccess g '' any auth exact b none none", []string{"1", "2"}, ""},
		{"views", "view v included .1.3\nview v excluded .1.3", []string{"1"},
			"snmpd.conf:2: view: of several lines for one subtree of a view the first one counts, which is snmpd.conf:1; the line has no effect"},
		{"masks", "view v included .1.3.6 e0\nview v included .1.3.6 a0", []string{"1"},
			"snmpd.conf:2: view: of several lines for one subtree of a view the first one counts, which is snmpd.conf:1; the line has no effect"},
		{"less than everything", "view _all_ excluded .1.3.6.1.6.3", []string{"1"}, ""},
		{"rouser and rwuser", "rouser ops\nrwuser ops", []string{"1"},
			"snmpd.conf:2: rwuser: of several rules for one user, level and context the first one counts, which is snmpd.conf:1; the line has no effect"},
		{"rouser and rwuser for two levels", "rouser ops\nrwuser ops priv", []string{"1", "2"}, ""},
		{"rule and group", "rouser ops\ngroup g usm ops", []string{"1"},
			`snmpd.conf:2: group: snmpd.conf:1 gives user "ops" a group of his own, the line has no effect`},
		{"group and rule", "group g usm ops\nrouser ops", []string{"1"},
			`snmpd.conf:2: rouser: snmpd.conf:1 puts "ops" into group "g", the line has no effect: the first one counts`},
		{"rule and group of another model", "rouser ops\ngroup g v2c ops", []string{"1", "2"}, ""},
		{"denied", "com2sec x !10.0.0.0/8 c\ncom2sec x 10.1.0.0/16 c\ncom2sec x 10.0.0.0/7 c", []string{"3"},
			"snmpd.conf:2: com2sec: every source of it is denied by the lines above, the line has no effect"},
		{"denied to a rule", "rocommunity c !default\nrocommunity c !0.0.0.0/0\nrocommunity c", nil,
			"snmpd.conf:3: rocommunity: every source of it is denied by the lines above, the line has no effect"},
		{"another one denied", "rocommunity6 c !::/0\nrocommunity d\nrocommunity c", []string{"2", "3"}, ""},
		{"allowed before", "rocommunity c\nrocommunity c !10.0.0.0/8", []string{"1"},
			"snmpd.conf:2: rocommunity: snmpd.conf:1 lets some of these sources in and comes first"},
		{"a view that is not to be shown", "view v included .1\nview v excluded nonsense\nview w included .1", []string{"3"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := read(t, test.text)
			got := ""
			if err := errors.Join(r.Settle()...); err != nil {
				got = err.Error()
			}
			if got != test.problem {
				t.Errorf("problems %s, expected %s", got, test.problem)
			}
			var left []string
			for _, e := range r.entries {
				left = append(left, strings.TrimPrefix(place(e.line), "snmpd.conf:"))
			}
			if !slices.Equal(left, test.left) {
				t.Errorf("left are lines %v, expected %v", left, test.left)
			}
			if _, err := vacm.New(r.Statements()...); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDenied shows what is left of the sources of a community.
func TestDenied(t *testing.T) {
	r, problems := read(t, "com2sec x !10.10.10.0/24 c\ncom2sec x !nms.example.net c\ncom2sec x 10.0.0.0/8 c\nrocommunity c")
	problems = append(problems, r.Settle()...)
	p, err := vacm.New(r.Statements()...)
	if len(problems) > 0 || err != nil {
		t.Fatal(problems, err)
	}
	for source, want := range map[string]string{
		"10.10.10.1": "", "10.10.10.255": "", "192.0.2.7": "",
		"10.10.9.255": "x", "10.10.11.0": "x", "10.0.0.0": "x", "10.255.255.255": "x",
		"192.0.2.6": "community-rule-1", "192.0.2.8": "community-rule-1", "11.0.0.0": "community-rule-1",
	} {
		got := ""
		if who := p.Community([]byte("c"), netip.MustParseAddr(source)); who != nil {
			got = who.SecurityName
		}
		if got != want {
			t.Errorf("from %s: %q, want %q", source, got, want)
		}
	}
	// A name that cannot be resolved may be anybody's.
	r, problems = read(t, "authcommunity read c !::ffff:10.10.10.0/120\nauthcommunity read c")
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "let nobody in") {
		t.Errorf("%v", problems)
	}
	r.Settle()
	if vacm.MustNew(r.Statements()...).Community([]byte("c"), netip.MustParseAddr("10.10.10.1")) != nil {
		t.Error("an address that is denied in the form of IPv6 is let in")
	}
	r, problems = read(t, "rocommunity c !nowhere.example.net\nrocommunity c\nauthcommunity read c\nrocommunity d")
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "let nobody in") {
		t.Errorf("problems %v", problems)
	}
	if problems := r.Settle(); len(problems) != 2 || len(r.Statements()) != 1 {
		t.Errorf("%v, problems %v", r.Statements(), problems)
	}
}

// TestContexts shows which contexts there are.
func TestContexts(t *testing.T) {
	r, problems := read(t, `com2sec -Cn zone sec default c
access g exact any noauth exact v none none
access g prefix any noauth prefix v none none
access g "" any noauth exact v none none
rouser one auth -V v user
rouser two auth -V v users*
rocommunity c default -V v community*
rocommunity c default -V v zone
`)
	want := []string{"community", "exact", "user", "zone"}
	if got := r.Contexts(); len(problems) > 0 || !slices.Equal(got, want) {
		t.Errorf("%v, want %v, problems %v", got, want, problems)
	}
}

// TestCommunityIsNotLookedUp shows that no name server is asked for what is a community
// rather than a host.
func TestCommunityIsNotLookedUp(t *testing.T) {
	for line, want := range map[string]string{
		"com2sec sec s3cret default":                       "",
		"com2sec sec s3cret 192.0.2.0/24":                  "",
		"com2sec sec !s3cret 192.0.2.7":                    "",
		"com2sec 192.0.2.1 s3cret sec":                     "",
		"com2sec6 ::1 s3cret sec":                          "",
		"rocommunity default s3cret":                       "",
		"rwcommunity 192.0.2.0/24 s3cret":                  "",
		"rocommunity ours s3cr:t":                          "",
		"rocommunity ours S3cret$":                         "",
		"rocommunity ours -s3cret":                         "",
		"rocommunity ours s..cret":                         "",
		"rocommunity ours 31337":                           "",
		"rocommunity ours 's3 cret'":                       "",
		"rocommunity ours s3cr\u00e9t":                     "",
		"rocommunity ours " + strings.Repeat("s3cret", 11): "",
		"rocommunity ours nms.example.net":                 "nms.example.net",
		"rocommunity ours nms.example.net.":                "nms.example.net.",
		"rocommunity ours !our_nms":                        "our_nms",
		"com2sec default localhost ours":                   "localhost",
		"com2sec sec 3com ours":                            "3com",
	} {
		asked := ""
		r := &Rules{LookUp: func(_ context.Context, _, host string) ([]netip.Addr, error) {
			asked = host
			return []netip.Addr{netip.MustParseAddr("192.0.2.7")}, nil
		}}
		directives, _ := snmpdconf.Parse(strings.NewReader(line), "snmpd.conf")
		for _, row := range Directives {
			if directives[0].Is(row.Name) {
				if err := row.Apply(t.Context(), r, directives[0]); (err == nil) != (want != "") {
					t.Errorf("%s: %v", line, err)
				}
			}
		}
		if asked != want {
			t.Errorf("%s: a name server is asked for %q", line, asked)
		}
	}
}
