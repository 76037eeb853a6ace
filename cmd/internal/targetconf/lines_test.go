package targetconf

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// read carries out the lines of a file and returns what is wrong with them.
func read(r *Rules, file, text string, managers bool) (problems []error) {
	directives, _ := snmpdconf.Parse(strings.NewReader(text), file)
	for _, d := range directives {
		for _, row := range Directives {
			if !d.Is(row.Name) {
				continue
			}
			if err := row.Apply(r, d, managers); err != nil {
				placed := (*snmpdconf.Error)(nil)
				if !errors.As(err, &placed) {
					placed = d.Errorf("%w", err)
				}
				problems = append(problems, placed)
			}
		}
	}
	return problems
}

var (
	active = notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
	noc    = notify.TargetAddr{
		Name: "noc", TDomain: notify.SnmpUDPDomain, TAddress: "\x7f\x00\x00\x01+\x9a", Timeout: 15 * time.Second, RetryCount: 3,
		TagList: "t1 t2", Params: "p", MMS: 484, Row: active,
	}
)

// The lines are those that Debian's snmpd (5.9.3) has written after these rows had been
// made in it with snmpset.
func TestLinesOfSnmpd(t *testing.T) {
	for _, tt := range []struct {
		line string
		want notify.Statement
	}{
		{`targetAddr "noc" .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "t1 t2" p 3 1`, noc},
		{`targetAddr "b" .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "" p 3 2`, notify.TargetAddr{
			Name: "b", TDomain: notify.SnmpUDPDomain, TAddress: "\x7f\x00\x00\x01+\x9a", Timeout: 15 * time.Second, RetryCount: 3,
			Params: "p", MMS: 484, Row: notify.Row{Storage: mib.NonVolatile, Status: mib.NotInService},
		}},
		{`targetParams p 1 2 public 1 3 1`, notify.TargetParams{
			Name: "p", MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: "public", Row: active,
		}},
		{`snmpNotifyTable  "noc" "t1" 2 3 1`, notify.Notify{Name: "noc", Tag: "t1", Type: notify.Inform, Row: active}},
		{`snmpNotifyTable  "b" 0x 1 3 1`, notify.Notify{Name: "b", Type: notify.Trap, Row: active}},
		{`snmpNotifyFilterProfileTable  "p" "prof" 3 1`, notify.FilterProfile{Params: "p", ProfileName: "prof", Row: active}},
		{`snmpNotifyFilterTable .4.112.114.111.102.1.3.6 2:0xf0 3:2 4:3 5:1 $`, notify.Filter{
			ProfileName: "prof", Subtree: ber.MustOID("1.3.6"), Mask: "\xf0", Type: notify.Excluded, Row: active,
		}},
	} {
		var r Rules
		if problems := read(&r, "state.conf", tt.line, true); len(problems) > 0 {
			t.Error(problems)
			continue
		}
		if got := r.Managed(); len(got) != 1 || !reflect.DeepEqual(got[0], tt.want) || len(r.Statements()) > 0 {
			t.Errorf("%s: %+v, want %+v", tt.line, got, tt.want)
		}
		// In another file it is a row that managers cannot change.
		r = Rules{}
		if problems := read(&r, "snmpd.conf", tt.line, false); len(problems) > 0 {
			t.Error(problems)
			continue
		}
		got := r.Statements()
		if len(got) != 1 || len(r.Managed()) > 0 {
			t.Fatalf("%s: %+v", tt.line, got)
		}
		row := reflect.ValueOf(got[0]).FieldByName("Row").Interface().(notify.Row)
		if row.Storage != mib.ReadOnly || row.Origin != "snmpd.conf:1" {
			t.Errorf("%s: %+v", tt.line, row)
		}
	}
}

// What managers can make is read again as it was written.
func TestFormat(t *testing.T) {
	odd := noc
	odd.Name, odd.TagList, odd.Params, odd.TMask, odd.MMS = "a\"\\ \n\xc3\xa4", "x\ty\nz", "# 0x", "\xff\xff\xff\xff\x00\x00", 1500
	odd.Row.Storage, odd.Row.Status = mib.Permanent, mib.NotInService
	unlimited := noc
	unlimited.MMS = 0
	for _, row := range []notify.Statement{
		noc, odd, unlimited,
		notify.TargetParams{Name: "0x61", MPModel: pdu.V3, SecurityModel: pdu.SecurityModelUSM, SecurityName: "o p\n", SecurityLevel: pdu.AuthPriv, Row: active},
		notify.Notify{Name: "\xe2\x82\xac", Tag: "$", Type: notify.Trap, Row: active},
		notify.FilterProfile{Params: "p", ProfileName: "a b", Row: active},
		notify.Filter{ProfileName: "\xc3\xa4 b", Subtree: ber.MustOID("0"), Type: notify.Included, Row: active},
		notify.Filter{ProfileName: "p", Subtree: ber.MustOID("1.3.4294967295"), Mask: "A B\x00\xff", Type: notify.Excluded, Row: active},
	} {
		directive, key, arguments := Format(row)
		line := directive + " " + arguments
		var r Rules
		if problems := read(&r, "state.conf", line+"\n", true); len(problems) > 0 {
			t.Error(line, problems)
			continue
		}
		if got := r.Managed(); len(got) != 1 || !reflect.DeepEqual(got[0], row) {
			t.Errorf("%s: %+v, want %+v", line, got, row)
		}
		d, _ := snmpdconf.Parse(strings.NewReader(line), "state.conf")
		if got, ok := Key(d[0]); !ok || got != key {
			t.Errorf("%s: the key is %q, want %q", line, got, key)
		}
	}
}

// Lines that are wrong have no effect, and no message shows what may be a secret.
func TestWrongLines(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`targetAddr secret .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "" p 3`, "word 9 is not there"},
		{`targetAddr secret .1.3.6.1.6.1.1 0x7f0000012b9a 1500 300 "" p 3 1`, "word 5 is not a number from 0 to 255"},
		{`targetAddr secret .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 "" p 3 1 0x 484 secret`, "12 words are more"},
		{`targetAddr secret .1.3.6.1.6.1.2 0x7f0000012b9a 1500 3 "" p 3 1`, "transport domain"},
		{`targetAddr secret .1.3.6.1.6.1.1 0x7f000001 1500 3 "" p 3 1`, "transport address"},
		{`targetAddr secret udp4 0x7f0000012b9a 1500 3 "" p 3 1`, "is not an OID"},
		{`targetAddr secret .1.3.6.1.6.1.1 0x7f0000012b9a 1500 3 " x" p 3 1`, "a tag list has"},
		{`targetParams secret 1 1 secret 1 3 1`, "security model"},
		{`targetParams secret 2 2 secret 1 3 1`, "a message processing model"},
		{`targetParams secret 1 2 secret 2 3 1`, "security level"},
		{`targetParams p q 1 2 pub lic 1 3 1`, "word 2 is not a number"},
		{`snmpNotifyTable secret "a b" 1 3 1`, "a tag has"},
		{`snmpNotifyTable secret t 3 3 1`, "word 3 is not a number from 1 to 2"},
		{`snmpNotifyTable secret t 1 3 3`, "word 5 is not a number from 1 to 2"},
		{`snmpNotifyFilterProfileTable secret "" 3 1`, "a name has"},
		{`snmpNotifyFilterTable .4.112.114.111.102 2:0xf0 3:2 4:3 5:1 $`, "expected .INDEX"},
		{`snmpNotifyFilterTable .1.256.1.3 2:0xf0 3:2 4:3 5:1 $`, "expected .INDEX"},
		{`snmpNotifyFilterTable .1.112.1.3 2:0xf 3:2 4:3 5:1 $`, "expected .INDEX"},
		{`snmpNotifyFilterTable .1.112.1.3 2:0xf0 3:3 4:3 5:1 $`, "expected .INDEX"},
		{`snmpNotifyFilterTable .1.112.1.3 2:0xf0 3:2 4:3 5:1x $`, "expected .INDEX"},
		{`snmpNotifyFilterTable .1.112.1.3 2:0xf0 3:2 4:3 5:1`, "expected .INDEX"},
		{`notificationFilter secret .1.3 0x00`, "3 words, expected"},
		{`notificationFilter secret x 0x00 included`, "is not an OID"},
		{`notificationFilter secret .1.3 secret included`, "the mask is not"},
		{`notificationFilter secret .1.3 0x00 secret`, "neither included nor excluded"},
	} {
		for _, managers := range []bool{false, true} {
			if managers && strings.HasPrefix(tt.line, "notificationFilter") {
				continue
			}
			var r Rules
			problems := read(&r, "snmpd.conf", tt.line, managers)
			if len(problems) != 1 || len(r.entries) > 0 {
				t.Errorf("%s: %v, %v", tt.line, problems, r.entries)
				continue
			}
			text := problems[0].Error()
			if !strings.HasSuffix(text, noEffect) || !managers && !strings.Contains(text, tt.want) || strings.Contains(text, "secret") {
				t.Errorf("%s: %s, want %s", tt.line, text, tt.want)
			}
		}
	}
}

func TestNotificationFilter(t *testing.T) {
	var r Rules
	const text = `notificationFilter all_ok .1.3 0x00 included
notificationFilter no_coldstart snmpTraps 0xff:bf excluded
notificationFilter plain .1.3.6 f0 Included
`
	if problems := read(&r, "snmpd.conf", text, false); len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []notify.Statement{
		notify.Filter{ProfileName: "all_ok", Subtree: ber.MustOID("1.3"), Type: notify.Included, Row: notify.Row{Storage: mib.ReadOnly, Origin: "snmpd.conf:1"}},
		notify.Filter{ProfileName: "no_coldstart", Subtree: pdu.SnmpTraps, Mask: "\xff\xbf", Type: notify.Excluded, Row: notify.Row{Storage: mib.ReadOnly, Origin: "snmpd.conf:2"}},
		notify.Filter{ProfileName: "plain", Subtree: ber.MustOID("1.3.6"), Mask: "\xf0", Type: notify.Included, Row: notify.Row{Storage: mib.ReadOnly, Origin: "snmpd.conf:3"}},
	}
	if got := r.Statements(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Of several lines about one row the first one counts, before what managers have made,
// of which the last one does.
func TestSameRow(t *testing.T) {
	var r Rules
	problems := read(&r, "snmpd.conf", "snmpNotifyTable a one 1 3 1\nsnmpNotifyTable a two 1 3 1\n", false)
	problems = append(problems, read(&r, "state.conf", "snmpNotifyTable a three 1 3 1\nsnmpNotifyTable b four 1 3 1\nsnmpNotifyTable b five 1 3 1\n", true)...)
	want := []string{
		"snmpd.conf:2: snmpNotifyTable: snmpd.conf:1 is about the same row, which counts; the line has no effect",
		"state.conf:1: snmpNotifyTable: snmpd.conf:1 is about the same row, which counts; the line has no effect",
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if s := r.Statements(); len(s) != 1 || s[0].(notify.Notify).Tag != "one" {
		t.Errorf("%+v", s)
	}
	if s := r.Managed(); len(s) != 1 || s[0].(notify.Notify).Tag != "five" {
		t.Errorf("%+v", s)
	}
}

// snmpd keeps its notificationFilters in its persistent file, without a storage type.
func TestFilterOfSnmpd(t *testing.T) {
	var r Rules
	problems := read(&r, "state.conf", "snmpNotifyFilterTable .1.111.1.3.6 2:0x 3:1 4:0 5:1969 $\n", true)
	placed := (*snmpdconf.Error)(nil)
	if len(problems) != 1 || !errors.As(problems[0], &placed) || !placed.Warning || len(r.entries) > 0 {
		t.Errorf("%v, %v", problems, r.entries)
	}
}
