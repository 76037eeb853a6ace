package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/cmd/internal/agentconf"
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
	c.Access.LookUp = hosts
	return c, c.interpret(context.Background(), directives)
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
		{"udp:70000", "", "", `"70000" is not a port`},
		{"udp:127.0.0.1:1161x", "", "", `"1161x" is not a port from 0 to 65535, expected [udp:|udp6:][HOST:]PORT or HOST`},
		{"udp:127.0.0.1:", "", "", `"" is not a port`},
		{"udp:<server_ip>:161", "", "", `"<server_ip>" is neither an IP address nor a host name, expected [udp:|udp6:][HOST:]PORT or HOST`},
		{"udq:127.0.0.1:161", "", "", `"udq:127.0.0.1:161" is neither an IP address nor a host name`},
		{"udp:300.1.1.1:161", "", "", `"300.1.1.1" is neither`},
		{"udp:*:161", "", "", `"*" is neither`},
		{"udp:161 udp6:161", "", "", `"161 udp6" is neither`},
		{"127.0.0.1:161 more", "", "", `"161 more" is not a port`},
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
			if err != nil || got.network != test.network || net.JoinHostPort(got.host, got.port) != test.hostPort {
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
		{"words", "agentAddress udp:1161 , \"[::1]:1161\" # loopback", nil, ":1161 [::1]:1161"},
		{"both", "agentAddress udp:1161", []string{"127.0.0.1:2161"}, ":1161 127.0.0.1:2161"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, problems := interpret(test.config)
			c.BuiltIn = test.config == ""
			c.addCommandLine(test.commandLine)
			if len(problems) != 0 {
				t.Fatal(problems)
			}
			var got []string
			for _, a := range c.addresses {
				got = append(got, net.JoinHostPort(a.host, a.port))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestIsReachable shows which addresses only this machine reaches.
func TestIsReachable(t *testing.T) {
	for list, want := range map[string]bool{
		"127.0.0.1:1161,udp6:[::1]:1161,localhost": false, "127.0.0.2": false,
		"udp:1161": true, "udp6:1161": true, "127.0.0.1,192.0.2.1": true, "nms.example.net": true,
	} {
		c := newConfiguration()
		if c.addCommandLine([]string{list}); len(c.badAddresses) > 0 || c.isReachable() != want {
			t.Errorf("%s: %t, %v", list, c.isReachable(), c.badAddresses)
		}
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
		"com2sec -Cn ctx sec !10.0.0.0/8 secret-word\ncom2sec6 sec default secret-word\ngroup g any sec\ngroup g v2c sec",
		"view v included .1 ff:a0\nview v excluded .1.3 zz\naccess g \"\" any noauth prefix v v none\naccess g c usm priv 0 v v none",
		"rocommunity secret-word !10.0.0.0/8\nrocommunity secret-word default -V v ctx*\nauthcommunity read,write secret-word\nauthuser read ops",
		"exactEngineID 0x8000000001020304\nengineID text\nengineIDType 3\nengineIDNic lo\nengineBoots 7",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		directives, _ := snmpdconf.Parse(strings.NewReader(text), "fuzz.conf")
		c := newConfiguration()
		c.Access.LookUp = hosts
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
			if !wrong[d.Line] {
				good += statementsOf(d)
			}
		}
		for _, p := range slices.Concat(problems, c.finish(), c.Access.Lint(c.AccessUsers(), true)) {
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
		if n := len(c.Access.Statements()); n > good {
			t.Fatalf("%d statements from lines that are right and make %d", n, good)
		}
		if _, err := vacm.New(c.Access.Statements()...); err != nil {
			t.Fatalf("the lines make no policy: %v", err)
		}
	})
}

// statementsOf returns how many statements a line may be.
func statementsOf(d snmpdconf.Directive) int {
	switch key := d.Key(); key {
	case "rouser", "rwuser", "authuser", "com2sec", "com2sec6", "view", "access":
		return 1
	case "group":
		return 3
	default:
		if strings.Contains(key, "community") {
			return 1
		}
	}
	return 0
}

// shown is what messages may show of a directive: its name, of a community's where
// it is good, of a user's the name.
func shown(d snmpdconf.Directive) string {
	switch words := d.Words(); d.Key() {
	case "rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6":
		return d.Name + " " + d.Tail(1)
	case "authcommunity":
		return d.Name + " " + words[0] + " " + d.Tail(2)
	case "com2sec", "com2sec6":
		if words[0] == "-Cn" {
			words = words[min(2, len(words)):]
		}
		return d.Name + " " + strings.Join(words[:min(2, len(words))], " ")
	case "createuser":
		return d.Name + " " + strings.Join(words[:min(3, len(words))], " ")
	case "usmuser":
		return d.Name + " " + strings.Join(words[:min(5, len(words))], " ")
	}
	return d.Name + " " + d.Rest
}

// TestUnreadableInclude shows that the agent does not start without what a file that
// is there has to say: it may be what is to be hidden.
func TestUnreadableInclude(t *testing.T) {
	for _, tt := range []struct {
		err        error
		unreadable bool
	}{
		{&fs.PathError{Op: "open", Path: "hidden.conf", Err: fs.ErrPermission}, true},
		{&fs.PathError{Op: "open", Path: "hidden.conf", Err: fs.ErrNotExist}, false},
	} {
		c := newConfiguration()
		c.Loader.Open = func(path string) (io.ReadCloser, error) {
			if path == "snmpd.conf" {
				return io.NopCloser(strings.NewReader("rocommunity c default -V v\nview v included .1.3.6\nincludeFile hidden.conf\n")), nil
			}
			return nil, tt.err
		}
		where := agentconf.Where{Given: []snmpdconf.File{{Path: "snmpd.conf"}}, Getenv: func(string) (string, bool) { return "", false }}
		problems := c.Load(t.Context(), where, c.apply)
		if len(problems) != 1 || (len(c.Unreadable) > 0) != tt.unreadable || (c.check() != nil) != tt.unreadable {
			t.Errorf("%v: %v, unreadable: %v", tt.err, problems, c.Unreadable)
		}
	}
}

// TestRestricting shows that a directive that would keep somebody out, and is not
// supported, is told as an error.
func TestRestricting(t *testing.T) {
	for line, warning := range map[string]bool{
		"sourceFilterType acceptlist":        false,
		"sourceFilterType none":              true,
		"sourceFilterAddress 192.0.2.1":      false,
		"injectHandler stash_cache cacheObj": true,
	} {
		_, problems := interpret(line)
		var placed *snmpdconf.Error
		if len(problems) != 1 || !errors.As(problems[0], &placed) || placed.Warning != warning {
			t.Errorf("%s: %v", line, problems)
		}
	}
}
