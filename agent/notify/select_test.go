package notify

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

var coldStart = pdu.NotificationVarBinds(1, pdu.SnmpTraps.Append(1))

// names returns the destinations of a notification by their names.
func names(t *Targets, list []pdu.VarBind) (names []string) {
	for d := range t.Destinations(list) {
		names = append(names, fmt.Sprintf("%s by %s: %v", d.Addr.Name, d.Notify, d.Type))
	}
	return names
}

func addr(name, tags, params string) TargetAddr {
	return TargetAddr{Name: name, Address: "192.0.2.1", TagList: tags, Params: params}
}

func params(name string) TargetParams {
	return TargetParams{Name: name, MPModel: pdu.V2c, SecurityName: "noc"}
}

func paramsV1(name string) TargetParams { return TargetParams{Name: name, SecurityName: "noc"} }

// RFC 3413 §5: each active row of snmpNotifyTable selects the rows of
// snmpTargetAddrTable that have its tag.
func TestDestinations(t *testing.T) {
	out := Row{Status: mib.NotInService}
	tests := []struct {
		name       string
		statements []Statement
		want       []string
	}{
		{"none", nil, nil},
		{"one", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}}, []string{"a by n: trap"}},
		{"a tag among others", []Statement{addr("a", "w\tx\ny\rz", "p"), params("p"), Notify{Name: "n", Tag: "y"}}, []string{"a by n: trap"}},
		{"a part of a tag", []Statement{addr("a", "xyz", "p"), params("p"), Notify{Name: "n", Tag: "xy"}}, nil},
		{"octets that are no text", []Statement{addr("a", "\xff\x00 \xfe", "p"), params("p"), Notify{Name: "n", Tag: "\xfe"}}, []string{"a by n: trap"}},
		{"a tag of no octets", []Statement{addr("a", "", "p"), params("p"), Notify{Name: "n"}}, nil},
		{"no parameters", []Statement{addr("a", "x", "q"), params("p"), Notify{Name: "n", Tag: "x"}}, nil},
		{"trap and inform", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, Notify{Name: "m", Tag: "x", Type: Inform}}, []string{"a by n: trap", "a by m: inform"}},
		{"twice", []Statement{addr("a", "x y", "p"), params("p"), Notify{Name: "n", Tag: "x"}, Notify{Name: "m", Tag: "y"}}, []string{"a by m: trap"}},
		{"RFC 3413 §5: SNMPv1 has no informs", []Statement{addr("a", "x", "p"), paramsV1("p"), Notify{Name: "n", Tag: "x", Type: Inform}}, []string{"a by n: trap"}},
		{"RFC 3413 §5: nor is one told twice", []Statement{addr("a", "x", "p"), paramsV1("p"), Notify{Name: "n", Tag: "x"}, Notify{Name: "m", Tag: "x", Type: Inform}}, []string{"a by m: trap"}},
		{"in their order", []Statement{addr("b", "x", "p"), addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}}, []string{"a by n: trap", "b by n: trap"}},
		{"an address that is not active", []Statement{TargetAddr{Name: "a", Address: "192.0.2.1", TagList: "x", Params: "p", Row: out}, params("p"), Notify{Name: "n", Tag: "x"}}, nil},
		{"parameters that are not", []Statement{addr("a", "x", "p"), TargetParams{Name: "p", Row: out}, Notify{Name: "n", Tag: "x"}}, nil},
		{"a selection that is not", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x", Row: out}}, nil},
		{"a profile without filters", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, FilterProfile{Params: "p", ProfileName: "f"}}, []string{"a by n: trap"}},
		{"a profile that is not active", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, FilterProfile{Params: "p", ProfileName: "f", Row: out}, Filter{ProfileName: "f", Subtree: ber.MustOID("1.3"), Type: Excluded}}, []string{"a by n: trap"}},
		{"a filter that is not", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, FilterProfile{Params: "p", ProfileName: "f"}, Filter{ProfileName: "f", Subtree: ber.MustOID("1.3"), Type: Excluded, Row: out}}, []string{"a by n: trap"}},
		{"a filter", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, FilterProfile{Params: "p", ProfileName: "f"}, Filter{ProfileName: "f", Subtree: ber.MustOID("1.3"), Type: Excluded}}, nil},
		{"another's filter", []Statement{addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"}, FilterProfile{Params: "q", ProfileName: "f"}, Filter{ProfileName: "f", Subtree: ber.MustOID("1.3"), Type: Excluded}}, []string{"a by n: trap"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(MustNew(tt.statements...), coldStart); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	targets := MustNew(addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"})
	if got := names(targets, coldStart[1:]); got != nil {
		t.Errorf("what is no notification goes to %q", got)
	}
}

// modelDestinations is RFC 3413 §5 without an index, for rows without filters.
func modelDestinations(addrs []TargetAddr, params []TargetParams, notifies []Notify) (names []string) {
	for _, a := range addrs {
		v1 := slices.ContainsFunc(params, func(p TargetParams) bool { return p.Name == a.Params && p.MPModel == pdu.V1 })
		for _, kind := range []Type{Trap, Inform} {
			by := ""
			for _, n := range notifies {
				if v1 {
					n.Type = Trap
				}
				if n.Type != kind || n.Status != mib.Active || n.Tag == "" || by != "" && by < n.Name {
					continue
				}
				if slices.Contains(strings.Fields(a.TagList), n.Tag) {
					by = n.Name
				}
			}
			for _, p := range params {
				if p.Name == a.Params && p.Status == mib.Active && a.Status == mib.Active && by != "" {
					names = append(names, fmt.Sprintf("%s by %s: %v", a.Name, by, kind))
				}
			}
		}
	}
	return names
}

// The selection, which is made anew when rows have changed, is RFC 3413 §5's, whatever
// was put in the place of what.
func TestDestinationsAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(3413, 5))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	row := func() Row { return Row{Status: mib.RowStatus(1 + r.IntN(8)/7)} }
	targets := MustNew()
	some := 0
	for range 3000 {
		var statements []Statement
		var addrs []TargetAddr
		var parameters []TargetParams
		var notifies []Notify
		for _, name := range []string{"a", "b", "c"} {
			if r.IntN(4) > 0 {
				a := addr(name, pick("", "x", "y", "x y", "x y z", "xy"), pick("p", "q"))
				a.Row = row()
				addrs, statements = append(addrs, a), append(statements, a)
			}
			if r.IntN(4) > 0 {
				p := params(pick("p", "q", "o"))
				p.Row, p.MPModel = row(), pdu.Version(r.IntN(2))
				if !slices.ContainsFunc(parameters, func(q TargetParams) bool { return q.Name == p.Name }) {
					parameters, statements = append(parameters, p), append(statements, p)
				}
			}
			if r.IntN(4) > 0 {
				n := Notify{Name: name, Tag: pick("", "x", "y", "z"), Type: Type(1 + r.IntN(2)), Row: row()}
				notifies, statements = append(notifies, n), append(statements, n)
			}
		}
		if err := targets.Replace(statements...); err != nil {
			t.Fatal(err)
		}
		got, want := names(targets, coldStart), modelDestinations(addrs, parameters, notifies)
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q by %+v", got, want, statements)
		}
		for d := range targets.Destinations(coldStart) {
			if one, ok := targets.Destination(d.Addr.Name, d.Type, coldStart); !ok || one != d {
				t.Fatalf("by itself %+v is %+v, %v", d, one, ok)
			}
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			for _, kind := range []Type{Trap, Inform} {
				if d, ok := targets.Destination(name, kind, coldStart); ok && !slices.Contains(slices.Collect(targets.Destinations(coldStart)), d) {
					t.Fatalf("there is %+v", d)
				}
			}
		}
		if len(got) > 0 {
			some++
		}
	}
	if some < 500 {
		t.Errorf("only %d of 3000 had destinations: the test says little", some)
	}
}

// A Receiver stands for the rows that say so.
func TestReceiver(t *testing.T) {
	user := &usm.User{Name: "ops"}
	targets := MustNew(Receiver{
		Name: "noc", Address: "noc.example:1162", Version: pdu.V3, SecurityLevel: pdu.AuthPriv, User: user,
		Inform: true, Timeout: 2 * time.Second, RetryCount: 4, Origin: "here",
	})
	want := Destination{
		Addr: TargetAddr{
			Name: "noc", TDomain: TransportDomainUDPDNS, TAddress: "noc.example:1162",
			Timeout: 2 * time.Second, RetryCount: 4, TagList: "noc", Params: "noc",
			Row: Row{Storage: mib.ReadOnly, Status: mib.Active, Origin: "here"},
		},
		Params: TargetParams{
			Name: "noc", MPModel: pdu.V3, SecurityModel: pdu.SecurityModelUSM, SecurityName: "ops", SecurityLevel: pdu.AuthPriv,
			User: user, Row: Row{Storage: mib.ReadOnly, Status: mib.Active, Origin: "here"},
		},
		Notify: "noc", Type: Inform,
	}
	n := 0
	for d := range targets.Destinations(coldStart) {
		if n++; d != want {
			t.Errorf("got %+v, want %+v", d, want)
		}
	}
	if n != 1 {
		t.Errorf("%d destinations", n)
	}
}

// What is wrong with a statement is said, and changes nothing; secrets are not shown.
func TestNewErrors(t *testing.T) {
	long := strings.Repeat("x", 33)
	tests := []struct {
		name      string
		statement Statement
		says      string
	}{
		{"no name", TargetAddr{Address: "192.0.2.1", Params: "p"}, "1 to 32 octets"},
		{"a long name", Notify{Name: long}, "1 to 32 octets"},
		{"no params", TargetAddr{Name: "a", Address: "192.0.2.1"}, "1 to 32 octets"},
		{"no address", TargetAddr{Name: "a", Params: "p"}, "transport domain"},
		{"both forms", TargetAddr{Name: "a", Address: "192.0.2.1", TDomain: SnmpUDPDomain, TAddress: "abcdef", Params: "p"}, "a TDomain and a TAddress"},
		{"a short address", TargetAddr{Name: "a", TDomain: SnmpUDPDomain, TAddress: "abcde", Params: "p"}, "transport address"},
		{"a bad port", TargetAddr{Name: "a", Address: "192.0.2.1:0", Params: "p"}, "port from 1 to 65535"},
		{"no host", TargetAddr{Name: "a", Address: ":162", Params: "p"}, "neither an IP address"},
		{"a long timeout", TargetAddr{Name: "a", Address: "h", Params: "p", Timeout: (1 << 31) * 10 * time.Millisecond}, "hundredths"},
		{"a timeout that is negative", TargetAddr{Name: "a", Address: "h", Params: "p", Timeout: -1}, "hundredths"},
		{"many retries", TargetAddr{Name: "a", Address: "h", Params: "p", RetryCount: 256}, "0 to 255"},
		{"tags", TargetAddr{Name: "a", Address: "h", Params: "p", TagList: "x  y"}, "tag list"},
		{"a mask", TargetAddr{Name: "a", Address: "192.0.2.1", Params: "p", TMask: "\xff\xff\xff\xff"}, "as many octets"},
		{"a small size", TargetAddr{Name: "a", Address: "192.0.2.1", Params: "p", MMS: 483}, "484"},
		{"a tag with a space", Notify{Name: "n", Tag: "a b"}, "a tag has"},
		{"a type", Notify{Name: "n", Type: 3}, "Trap or an Inform"},
		{"a version", TargetParams{Name: "p", MPModel: 2}, "message processing model"},
		{"a model", TargetParams{Name: "p", MPModel: pdu.V3, SecurityModel: pdu.SecurityModelV2c, SecurityName: "u"}, "security model"},
		{"a level", TargetParams{Name: "p", MPModel: pdu.V2c, SecurityLevel: pdu.AuthPriv}, "security level"},
		{"nobody", TargetParams{Name: "p", MPModel: pdu.V3}, "security name"},
		{"another user", TargetParams{Name: "p", MPModel: pdu.V3, SecurityName: "u", User: &usm.User{Name: "v"}}, "User"},
		{"a community in SNMPv3", TargetParams{Name: "p", MPModel: pdu.V3, SecurityName: "u", Community: "s3cret"}, "Community"},
		{"no profile", FilterProfile{Params: "p"}, "1 to 32 octets"},
		{"no subtree", Filter{ProfileName: "f"}, "1 to 128"},
		{"a subtree", Filter{ProfileName: "f", Subtree: ber.NewOID(3)}, "1 to 128"},
		{"a mask of a filter", Filter{ProfileName: "f", Subtree: ber.NewOID(1), Mask: "12345678901234567"}, "16 octets"},
		{"a long row", Filter{ProfileName: "f", Subtree: ber.NewOID(make([]uint32, 116)...)}, "116"},
		{"a filter's type", Filter{ProfileName: "f", Subtree: ber.NewOID(1), Type: 3}, "Included or Excluded"},
		{"not ready", Notify{Name: "n", Row: Row{Status: mib.NotReady}}, "not ready"},
		{"another one", TargetParams{Name: "twice", MPModel: pdu.V2c, Community: "s3cret"}, "same parameters \"twice\", that of first"},
		{"a receiver", Receiver{Name: "a b", Address: "h", Community: "s3cret"}, "a tag has"},
	}
	targets := MustNew(addr("a", "x", "p"), params("p"), Notify{Name: "n", Tag: "x"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			first := TargetParams{Name: "twice", Row: Row{Origin: "first"}}
			err := targets.Replace(Notify{Name: "ok"}, first, first, tt.statement)
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "statement 4") {
				t.Errorf("got %v, expected it to speak of %q", err, tt.says)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v", err)
			}
		})
	}
	if got := names(targets, coldStart); len(got) != 1 {
		t.Errorf("then there are %q", got)
	}
}

// What an Address is in the MIB, and back (RFC 3417 §2, RFC 3419 §4).
func TestEndpoint(t *testing.T) {
	tests := []struct {
		address  string
		domain   ber.OID
		octets   string
		endpoint string
	}{
		{"192.0.2.1", SnmpUDPDomain, "\xc0\x00\x02\x01\x00\xa2", "192.0.2.1:162"},
		{"192.0.2.1:1162", SnmpUDPDomain, "\xc0\x00\x02\x01\x04\x8a", "192.0.2.1:1162"},
		{"[192.0.2.1]", SnmpUDPDomain, "\xc0\x00\x02\x01\x00\xa2", "192.0.2.1:162"},
		{"::ffff:192.0.2.1", SnmpUDPDomain, "\xc0\x00\x02\x01\x00\xa2", "192.0.2.1:162"},
		{"2001:db8::1", TransportDomainUDPIPv6, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\xa2", "[2001:db8::1]:162"},
		{"[2001:db8::1]:1162", TransportDomainUDPIPv6, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x04\x8a", "[2001:db8::1]:1162"},
		{"[fe80::1%7]:1162", TransportDomainUDPIPv6z, "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x07\x04\x8a", "[fe80::1%7]:1162"},
		{"noc.example", TransportDomainUDPDNS, "noc.example:162", "noc.example:162"},
		{"noc_1.example:1162", TransportDomainUDPDNS, "noc_1.example:1162", "noc_1.example:1162"},
	}
	for _, tt := range tests {
		domain, octets, err := transportOf(tt.address)
		if err != nil || domain != tt.domain || octets != tt.octets {
			t.Errorf("%s is %v %q, %v", tt.address, domain, octets, err)
		}
		if got := (&TargetAddr{TDomain: tt.domain, TAddress: tt.octets}).Endpoint(); got != tt.endpoint {
			t.Errorf("%s comes back as %s", tt.address, got)
		}
	}
	for _, bad := range []string{"", ":", "[", "[]", "[::1", "a:b:c", "a:", "a:0", "a:65536", "a:-1", "a b", "ä", "192.0.2.1:", "[fe80::1%no-such-interface]", strings.Repeat("x", 252)} {
		if domain, octets, err := transportOf(bad); err == nil {
			t.Errorf("%q is %v %q", bad, domain, octets)
		}
	}
	for _, bad := range []struct {
		domain ber.OID
		octets string
	}{
		{SnmpUDPDomain, "\xc0\x00\x02\x01\x00\x00"},
		{SnmpUDPDomain, "\xc0\x00\x02\x01\x00\xa2\x00"},
		{TransportDomainUDPIPv4, ""},
		{TransportDomainUDPIPv6, "\xc0\x00\x02\x01\x00\xa2"},
		{TransportDomainUDPIPv6z, "\xc0\x00\x02\x01\x00\xa2"},
		{TransportDomainUDPDNS, "noc.example"},
		{TransportDomainUDPDNS, "192.0.2.1:162"},
		{TransportDomainUDPDNS, "noc.example:0"},
		{ber.MustOID("1.3.6.1.6.1.2"), "\xc0\x00\x02\x01\x00\xa2"}, // snmpCLNSDomain
		{"", ""},
	} {
		if text, err := endpoint(bad.domain, bad.octets); err == nil {
			t.Errorf("%v %q is %s", bad.domain, bad.octets, text)
		}
	}
}

// RFC 3413 §4.1.1.
func TestTags(t *testing.T) {
	for list, ok := range map[string]bool{
		"": true, "acme": true, "host router bridge": true, "a\tb\rc\nd": true, "\xff\x00": true, strings.Repeat("x", 255): true,
		" ": false, " a": false, "a ": false, "a  b": false, "a \tb": false, "\n": false, strings.Repeat("x", 256): false,
	} {
		if isTagList(list) != ok {
			t.Errorf("%q: isTagList is %v", list, !ok)
		}
		if one := ok && !strings.ContainsAny(list, " \t\r\n"); isTag(list) != one {
			t.Errorf("%q: isTag is %v", list, !one)
		}
	}
}

// What New has not made tells nobody, and says so where it is to have rows.
func TestZeroTargets(t *testing.T) {
	var targets Targets
	list := pdu.NotificationVarBinds(1, pdu.SnmpTraps.Append(1))
	for d := range targets.Destinations(list) {
		t.Errorf("it goes to %v", d)
	}
	for what, err := range map[string]error{
		"Register": targets.Register(mib.NewTree()),
		"Replace":  targets.Replace(Receiver{Name: "noc", Address: "192.0.2.9"}),
		"Restore":  targets.Restore(Notify{Name: "all", Tag: "noc"}),
	} {
		if err == nil {
			t.Errorf("%s has no error", what)
		}
	}
}
