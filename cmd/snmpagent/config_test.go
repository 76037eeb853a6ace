package main

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
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

func interpret(text string) (*configuration, []error) {
	directives, _ := snmpdconf.Parse(strings.NewReader(text), "snmpd.conf")
	c := newConfiguration()
	c.lookUp = hosts
	return c, c.interpret(context.Background(), directives)
}

func TestCommunities(t *testing.T) {
	system := ber.MustOID("1.3.6.1.2.1.1")
	for _, test := range []struct {
		name, line string
		want       vacm.CommunityRule // Community is "c"
		err        string
	}{
		{"alone", "rocommunity c", rule(false, "", "0.0.0.0/0"), ""},
		{"default", "rocommunity c default", rule(false, "", "0.0.0.0/0"), ""},
		{"writable", "rwcommunity c DEFAULT", rule(true, "", "0.0.0.0/0"), ""},
		{"six", "rocommunity6 c", rule(false, "", "::/0"), ""},
		{"six writable", "rwcommunity6 c 2001:db8::/32", rule(true, "", "2001:db8::/32"), ""},
		{"address", "rocommunity c 192.0.2.1", rule(false, "", "192.0.2.1/32"), ""},
		{"bits", "rocommunity c 192.0.2.0/24", rule(false, "", "192.0.2.0/24"), ""},
		{"netmask", "rocommunity c 192.0.2.0/255.255.255.0", rule(false, "", "192.0.2.0/24"), ""},
		{"name", "rocommunity c nms.example.net", rule(false, "", "192.0.2.7/32"), ""},
		{"name six", "rocommunity6 c nms.example.net", rule(false, "", "2001:db8::7/128"), ""},
		{"OID", "rocommunity c default .1.3.6.1.2.1.1", rule(false, system, "0.0.0.0/0"), ""},
		{"OID by name", "rocommunity c default system", rule(false, system, "0.0.0.0/0"), ""},
		{"quoted", `rocommunity "c" "default"`, rule(false, "", "0.0.0.0/0"), ""},

		{"view", "rocommunity c default -V all", vacm.CommunityRule{}, "-V VIEW is not supported"},
		{"host bits", "rocommunity c 192.0.2.1/24", vacm.CommunityRule{}, "expected 192.0.2.0/24"},
		{"mask", "rocommunity c 192.0.2.0/255.0.255.0", vacm.CommunityRule{}, "not a run of ones"},
		{"too many bits", "rocommunity c 192.0.2.0/33", vacm.CommunityRule{}, "neither a number of bits nor a netmask"},
		{"family", "rocommunity c ::1", vacm.CommunityRule{}, "is not IPv4"},
		{"family six", "rocommunity6 c 127.0.0.1", vacm.CommunityRule{}, "is not IPv6"},
		{"unknown name", "rocommunity c nowhere.example.net", vacm.CommunityRule{}, "neither an address nor a host name"},
		{"OID that is none", "rocommunity c default 1.x", vacm.CommunityRule{}, "is not an OID"},
		{"too many words", "rocommunity c default 1.3 more", vacm.CommunityRule{}, "4 words are too many"},
		{"empty", `rocommunity ""`, vacm.CommunityRule{}, "the community is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, problems := interpret(test.line)
			if test.err != "" {
				if len(problems) != 1 || !strings.Contains(problems[0].Error(), test.err) || !strings.HasPrefix(problems[0].Error(), "snmpd.conf:1: ro") {
					t.Fatalf("problems %v, expected %q", problems, test.err)
				}
				if len(c.grants) != 0 {
					t.Fatal("a line that is wrong gives access")
				}
				return
			}
			if len(problems) != 0 || len(c.grants) != 1 {
				t.Fatalf("%d rules, problems %v", len(c.grants), problems)
			}
			got := c.grants[0].Statement.(vacm.CommunityRule)
			if got.Community != "c" || got.Writable != test.want.Writable || got.Subtree != test.want.Subtree ||
				len(got.Sources) != 1 || got.Sources[0] != test.want.Sources[0] {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func rule(writable bool, subtree ber.OID, source string) vacm.CommunityRule {
	return vacm.CommunityRule{Community: "c", Writable: writable, Subtree: subtree, Sources: []netip.Prefix{netip.MustParsePrefix(source)}}
}

func TestParseAddress(t *testing.T) {
	for _, test := range []struct {
		text, network, hostPort, err string
	}{
		{"1161", "udp4", ":1161", ""},
		{"udp:1161", "udp4", ":1161", ""},
		{"udp:161", "udp4", ":161", ""},
		{"127.0.0.1", "udp4", "127.0.0.1:161", ""},
		{"127.0.0.1:1161", "udp4", "127.0.0.1:1161", ""},
		{"udp:127.0.0.1:1161", "udp4", "127.0.0.1:1161", ""},
		{"UDP:localhost:1161", "udp4", "localhost:1161", ""},
		{"localhost", "udp4", "localhost:161", ""},
		{"[::1]", "udp6", "[::1]:161", ""},
		{"[::1]:1161", "udp6", "[::1]:1161", ""},
		{"udp6:[::1]:1161", "udp6", "[::1]:1161", ""},
		{"udp6:1161", "udp6", ":1161", ""},
		{"udp6:::1", "udp6", "[::1]:161", ""},
		{"udpv6:[fe80::1%eth0]:161", "udp6", "[fe80::1%eth0]:161", ""},

		{"tcp:161", "", "", "transport tcp is not supported"},
		{"udp:127.0.0.1:99999", "", "", `"99999" is not a port`},
		{"udp:<server_ip>:", "", "", `"" is not a port`},
		{"udp:[::1", "", "", "expected [IPv6-ADDRESS]"},
		{"udp:[::1]:161", "", "", "is no address for udp"},
		{"udp6:127.0.0.1:161", "", "", "is no address for udp6"},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := parseAddress(test.text)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, expected %q", err, test.err)
				}
				return
			}
			if err != nil || got != (listenAddress{test.network, test.hostPort}) {
				t.Fatalf("got %+v, %v", got, err)
			}
		})
	}
}

// TestAddresses shows which addresses are listened on.
func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		name, config string
		commandLine  []string
		want         string
	}{
		{"built in", "", nil, "127.0.0.1:1161"},
		{"built in and command line", "", []string{"127.0.0.1:2161,[::1]:2161"}, "127.0.0.1:2161 [::1]:2161"},
		{"configuration without address", "rocommunity c", nil, ":161"},
		{"configuration", "agentAddress udp:1161,udp6:[::1]:1161\nagentaddress 127.0.0.1,udp:1161", nil, ":1161 [::1]:1161 127.0.0.1:161"},
		{"commas with nothing between", "agentAddress udp:1161, ,[::1]:1161,", nil, ":1161 [::1]:1161"},
		{"both", "agentAddress udp:1161", []string{"127.0.0.1:2161"}, ":1161 127.0.0.1:2161"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, problems := interpret(test.config)
			if test.config == "" {
				c.setBuiltIn()
			}
			c.addCommandLine(test.commandLine)
			if len(problems) != 0 {
				t.Fatal(problems)
			}
			var got []string
			for _, a := range c.addresses {
				got = append(got, a.hostPort)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// FuzzConfiguration interprets arbitrary text. It asserts that nothing panics,
// that every error has a place in the file, that a line which is wrong gives no
// access, and that no message shows a secret.
func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{
		"rocommunity public\nagentAddress udp:161,udp6:[::1]:161\nsysServices 72",
		"rwcommunity6 secret-word nms.example.net system\nsysObjectID .1.3.6.1.4.1.8072.3.2.10",
		"rocommunity secret-word default -V view\n[snmp] persistentDir /tmp",
		"rocommunity secret-word 10.0.0.1/8 .1.3\nsysDescr \"a\nview all included .1",
		"createUser ops SHA secret-word AES secret-word more\nrouser ops priv .1.3",
		"createUser -e 0x8000000001020304 ops SHA -l 0x00 AES -m secret-word\nrwuser -s usm ops",
		"usmUser 1 3 0x8000000001020304 \"ops\" 0x6f7073 NULL .1.3.6.1.6.3.10.1.1.3 secret-word .1.3.6.1.6.3.10.1.2.1 \"\" \"\"",
		"exactEngineID 0x8000000001020304\nengineID text\nengineIDType 3\nengineIDNic lo\nengineBoots 7",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		directives, _ := snmpdconf.Parse(strings.NewReader(text), "fuzz.conf")
		c := newConfiguration()
		c.lookUp = hosts
		problems := c.interpret(context.Background(), directives)
		if len(problems) > len(directives) {
			t.Fatalf("%d problems from %d directives", len(problems), len(directives))
		}
		wrong := make(map[int]bool)
		for _, p := range problems {
			var placed *snmpdconf.Error
			if !errors.As(p, &placed) || placed.File != "fuzz.conf" || placed.Line < 1 {
				t.Fatalf("problem without a place: %v", p)
			}
			wrong[placed.Line] = !placed.Warning
		}
		good := 0
		for _, d := range directives {
			if key := d.Key(); (strings.Contains(key, "community") || key == "rouser" || key == "rwuser") && !wrong[d.Line] {
				good++
			}
		}
		for _, p := range append(problems, c.finish()...) {
			var placed *snmpdconf.Error
			if !errors.As(p, &placed) || !strings.Contains(placed.Msg, "secret-word") {
				continue
			}
			for _, d := range directives {
				if d.Line == placed.Line && !strings.Contains(shown(d), "secret-word") {
					t.Fatalf("a secret is shown: %v", p)
				}
			}
		}
		if len(c.grants) > good {
			t.Fatalf("%d rules from %d lines that are right", len(c.grants), good)
		}
	})
}

// shown is what messages may show of a directive: its name, of a community's where
// it is good, of a user's the name.
func shown(d snmpdconf.Directive) string {
	switch words := d.Words(); d.Key() {
	case "rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6":
		return d.Name + " " + d.Tail(1)
	case "createuser":
		return d.Name + " " + strings.Join(words[:min(3, len(words))], " ")
	case "usmuser":
		return d.Name + " " + strings.Join(words[:min(5, len(words))], " ")
	}
	return d.Name + " " + d.Rest
}
