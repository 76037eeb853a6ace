package main

import (
	"context"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// An awaited is what a program prints, and tests wait for.
type awaited struct {
	mu      sync.Mutex
	changed *sync.Cond
	text    strings.Builder
	read    int
}

func newAwaited() *awaited {
	a := &awaited{}
	a.changed = sync.NewCond(&a.mu)
	return a
}

func (a *awaited) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed.Broadcast()
	return a.text.Write(p)
}

// await returns what has been printed since the last call up to what matches.
func (a *awaited) await(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.AfterFunc(20*time.Second, a.changed.Broadcast)
	defer late.Stop()
	begin := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		rest := a.text.String()[a.read:]
		if at := re.FindStringSubmatchIndex(rest); at != nil {
			a.read += at[1]
			return re.FindStringSubmatch(rest)
		}
		if time.Since(begin) >= 20*time.Second {
			t.Fatalf("nothing matches %q in\n%s", pattern, rest)
		}
		a.changed.Wait()
	}
}

// startListen runs listen on a free port, and returns where and what it prints.
func startListen(t *testing.T, args ...string) (address string, out, errs *awaited) {
	t.Helper()
	out, errs = newAwaited(), newAwaited()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	args = append(append([]string{"snmptool", "listen"}, args...), "127.0.0.1:0")
	go func() { ended <- run(ctx, args, strings.NewReader(""), out, errs) }()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitAnswered {
			t.Errorf("listen has ended with code %d: %s", code, errs.text.String())
		}
	})
	return errs.await(t, `listening on (127\.0\.0\.1:\d+)\n`)[1], out, errs
}

// must runs a command that has to succeed and print nothing.
func must(t *testing.T, args ...string) {
	t.Helper()
	if code, out, errs := runTool(t, args...); code != exitAnswered || out != "" || errs != "" {
		t.Errorf("%v: exit code %d, output %q, error output %q", args, code, out, errs)
	}
}

// What trap and inform send is what listen prints, in snmptrapd's form.
func TestTrapAndListen(t *testing.T) {
	address, out, errs := startListen(t, "-u", "ops", "-a", "SHA-256", "-A", "authentication", "-x", "AES", "-X", "confidentiality")
	const head = `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UDP: \[127\.0\.0\.1\]:\d+->\[127\.0\.0\.1\]:\d+ \[UDP: \[127\.0\.0\.1\]:\d+->\[127\.0\.0\.1\]:\d+\]:\n`
	upTime := regexp.QuoteMeta("DISMAN-EVENT-MIB::sysUpTimeInstance = Timeticks: (12345) 0:02:03.45\tSNMPv2-MIB::snmpTrapOID.0 = OID: ")
	linkUp := head + upTime + regexp.QuoteMeta("IF-MIB::linkUp\tIF-MIB::ifIndex.7 = INTEGER: 7\tIF-MIB::ifDescr.7 = STRING: eth0\n")
	object := []string{"12345", "linkUp", "ifIndex.7", "i", "7", "ifDescr.7", "s", "eth0"}
	user := []string{"-v3", "-u", "ops", "-l", "authPriv", "-a", "SHA-256", "-A", "authentication", "-x", "AES", "-X", "confidentiality"}
	for _, args := range [][]string{
		{"trap", address},
		{"trap", "-v2c", "-c", "public", "udp:" + address},
		{"inform", address},
		{"trap", "-Ci", address},
		append(append([]string{"trap"}, user...), address),
		append(append([]string{"trap"}, user...), "-e", "0x8000000001020304", "-Z", "3,500", address),
		append(append([]string{"inform"}, user...), address),
	} {
		must(t, append(args, object...)...)
		out.await(t, linkUp)
	}
	must(t, append([]string{"trap", "-v1", "-c", "s3cret", address, "enterprises.32473", "192.0.2.7", "6", "42"}, "12345", "sysName.0", "s", "-x-")...)
	out.await(t, `^\S+ \S+ 192\.0\.2\.7 \[192\.0\.2\.7\] \(via UDP: \[127\.0\.0\.1\]:\d+->\[127\.0\.0\.1\]:\d+\) TRAP, SNMP v1, community \[redacted\]\n`+
		regexp.QuoteMeta("\tSNMPv2-SMI::enterprises.32473 Enterprise Specific Trap (42) Uptime: 0:02:03.45\n\tSNMPv2-MIB::sysName.0 = STRING: -x-\n"))
	// What is left empty.
	must(t, "trap", "-v1", address, "", "", "2", "0", "")
	out.await(t, `^\S+ \S+ 127\.0\.0\.1 \[127\.0\.0\.1\] .*\n\tSNMPv2-SMI::enterprises\.3\.1\.1 Link Down Trap \(0\) Uptime: \S.*\n\n`)
	must(t, "trap", address, "", "coldStart")
	out.await(t, head+`DISMAN-EVENT-MIB::sysUpTimeInstance = Timeticks: \(\d+\) .*\tSNMPv2-MIB::snmpTrapOID\.0 = OID: SNMPv2-MIB::coldStart\n`)

	// What is not accepted, and said.
	for _, test := range []struct{ args, want string }{
		{"-u other", `unknown user name\n  It says that it is of user "other" at engine 0x[0-9a-f]+, noAuthNoPriv\.\n`},
		{"-u ops -l authNoPriv -a SHA-256 -A authentication", `security level[^\n]*\n  It says that it is of user "ops" at engine 0x[0-9a-f]+, authNoPriv\.\n`},
		{"-u ops -l authPriv -a SHA-256 -A another-one -x AES -X confidentiality", `digest[^\n]*\n  It says [^\n]*, authPriv\.\n`},
	} {
		args := append([]string{"trap", "-v3"}, strings.Fields(test.args)...)
		must(t, append(args, address, "1", "coldStart")...)
		errs.await(t, `(?m)^snmptool listen: 127\.0\.0\.1:\d+: [^\n]*`+test.want)
		args[0] = "inform"
		if code, _, errs := runTool(t, append(args, "-r0", "-t1", address, "1", "coldStart")...); code != exitFailed || errs == "" {
			t.Errorf("%v: exit code %d, error output %q", args, code, errs)
		}
	}
	if code, _, errs := runTool(t, "inform", "-r0", "-t0.1", "127.0.0.1:9", "1", "coldStart"); code != exitFailed || !strings.HasPrefix(errs, "snmptool inform: Timeout\n") {
		t.Errorf("nobody is there: exit code %d, error output %q", code, errs)
	}
}

func TestListenOptions(t *testing.T) {
	t.Run("communities", func(t *testing.T) {
		address, out, errs := startListen(t, "-c", "one", "-c", "two", "-F", `%u %W\n`, "--show-secrets")
		must(t, "trap", "-c", "one", address, "1", "coldStart")
		out.await(t, "^one Cold Start\n")
		must(t, "trap", "-c", "three", address, "1", "coldStart")
		errs.await(t, `the community is none of the listener's\n  It is one of SNMPv2c with the community "three"\.\n`)
		must(t, "trap", "-c", "two", address, "1", "warmStart")
		out.await(t, "^two Warm Start\n")
	})
	t.Run("a lower level", func(t *testing.T) {
		address, out, errs := startListen(t, "-l", "authNoPriv", "-u", "ops", "-a", "SHA", "-A", "authentication", "-x", "AES", "-X", "confidentiality", "-F", `%P %E\n`)
		user := []string{"-v3", "-u", "ops", "-a", "SHA", "-A", "authentication"}
		must(t, append(append([]string{"trap"}, user...), "-l", "authNoPriv", "-e", "0x8000000001020304", "-n", "ctx", address, "1", "coldStart")...)
		out.await(t, "^TRAP2, SNMP v3, user ops, context ctx 0x8000000001020304\n")
		must(t, append(append([]string{"trap"}, user...), "-l", "noAuthNoPriv", address, "1", "coldStart")...)
		errs.await(t, "noAuthNoPriv, which is less than -l\n")
	})
	t.Run("another community", func(t *testing.T) {
		address, _, errs := startListen(t, "-c", "one")
		must(t, "trap", "-v1", "-c", "s3cret", address, "", "", "2", "0", "")
		errs.await(t, `  It is one of SNMPv1 with the community \[redacted\]\.\n`)
	})
	t.Run("another engine", func(t *testing.T) {
		user := []string{"-u", "ops", "-a", "SHA", "-A", "authentication"}
		address, _, errs := startListen(t, append(user, "-e", "0x8000000001020304")...)
		must(t, append(append([]string{"trap", "-v3", "-l", "authNoPriv", "-e", "0x8000000001020305"}, user...), address, "1", "coldStart")...)
		errs.await(t, `at engine 0x8000000001020305, authNoPriv\.\n  -e names another engine\.\n`)
	})
	for _, args := range [][]string{{"-F", "%z"}, {"-F", "%V%v"}, {"-u", "ops", "-A", "short"}, {"127.0.0.1:x"}, {"-l", "some"}} {
		if code, _, errs := runTool(t, append([]string{"listen"}, args...)...); code != exitFailed || errs == "" {
			t.Errorf("%v: exit code %d, error output %q", args, code, errs)
		}
	}
}

// The sequences of -F.
func TestTrapFormat(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600))
	v1 := &manager.Notification{
		Version: pdu.V1, Kind: pdu.TrapV1, Community: "public", UpTime: 12345,
		Source: addrPort("192.0.2.1:1000"), Destination: addrPort("192.0.2.9:162"),
		Trap: &pdu.Trap{
			Enterprise: ber.MustOID("1.3.6.1.4.1.9"), AgentAddr: addrPort("192.0.2.7:1").Addr(), GenericTrap: 6, SpecificTrap: 42,
			VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.1"), Value: pdu.Integer(1)}, {Name: ber.MustOID("1.3.6.1.2"), Value: pdu.Integer(2)}},
		},
	}
	v3 := &manager.Notification{
		Version: pdu.V3, Kind: pdu.InformRequest, User: "ops", ContextName: "ctx", ContextEngineID: "\x80\x00\x00\x00\x01\x02", UpTime: 99,
		OID: pdu.SnmpTraps.Append(3), VarBinds: pdu.NotificationVarBinds(99, pdu.SnmpTraps.Append(3)),
	}
	for _, tt := range []struct {
		n            *manager.Notification
		format, want string
	}{
		{v1, `%y-%.2m-%.2l %.2h:%.2j:%.2k`, "2026-03-04 05:06:07"},
		{v1, `%#.2h:%#j %t`, "04:6 1772597167"},
		{v1, `%a %A %b`, "192.0.2.7 192.0.2.7 UDP: [192.0.2.1]:1000->[192.0.2.9]:162"},
		{v1, `%N %w %q %W %s`, ".1.3.6.1.4.1.9 6 42 Enterprise Specific 0"},
		{v1, `%T %#T`, "123 0:02:03.45"},
		{v1, `%v`, "\t.1.3.6.1.1 = INTEGER: 1\t.1.3.6.1.2 = INTEGER: 2"},
		{v1, `%#v`, "\t.1.3.6.1.1 = INTEGER: 1, .1.3.6.1.2 = INTEGER: 2"},
		{v1, `%V|%v`, ".1.3.6.1.1 = INTEGER: 1|.1.3.6.1.2 = INTEGER: 2"},
		{v1, `%u %P`, "[redacted] TRAP, SNMPv1, community [redacted]"},
		{v1, `[%5q][%-5q][%05q][%.4q]`, "[   42][42   ][00042][0042]"},
		{v1, `100%%\t\\n\n`, "100%\t\\n\n"},
		{v3, `%a %w %q %W %N`, "0.0.0.0 2 0 Link Down .1.3.6.1.6.3.1.1.5"},
		{v3, `%P|%u|%E|%s`, "INFORM, SNMP v3, user ops, context ctx|ops|0x800000000102|3"},
		{v3, `%b`, "UDP: [0.0.0.0]:0->[0.0.0.0]:0"},
	} {
		f, err := parseTrapFormat(tt.format)
		if err != nil {
			t.Fatal(err)
		}
		c := &call{}
		c.noNames = true
		c.loadNames()
		if err := c.out.Set("n"); err != nil {
			t.Fatal(err)
		}
		if got := f.write(c, tt.n, now); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.format, got, tt.want)
		}
	}
}

func TestListenAddress(t *testing.T) {
	for text, want := range map[string]string{
		"162": "udp4 :162", "udp:1162": "udp4 :1162", "127.0.0.1": "udp4 127.0.0.1:162", "udp:127.0.0.1:99": "udp4 127.0.0.1:99",
		"udp6:[::1]:99": "udp6 [::1]:99", "[::1]:99": "udp6 [::1]:99", "::1": "udp6 [::1]:162", "udp6:99": "udp6 :99", "host.example": "udp4 host.example:162",
	} {
		if network, hostPort := listenAddress(text); network+" "+hostPort != want {
			t.Errorf("%s: %s %s, want %s", text, network, hostPort, want)
		}
	}
}

// Mistakes on the command line, in Net-SNMP's words.
func TestTrapMistakes(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"trap", "No hostname specified.\n"},
		{"trap 127.0.0.1:9", "Missing up-time parameter\n"},
		{"trap 127.0.0.1:9 5", "Missing trap-oid parameter\n"},
		{"trap 127.0.0.1:9 5 nosuch", "nosuch: Unknown Object Identifier"},
		{"trap 127.0.0.1:9 x coldStart", "x: the up-time is a number"},
		{"trap 127.0.0.1:9 4294967296 coldStart", "4294967296: the up-time is a number"},
		{"trap 127.0.0.1:9 5 coldStart sysName.0 s", "sysName.0: Missing type/value for variable\n"},
		{"trap 127.0.0.1:9 5 coldStart sysName.0 q x", "sysName.0: Bad"},
		{"trap -v1 127.0.0.1:9", "No enterprise oid\n"},
		{"trap -v1 127.0.0.1:9 system", "Missing agent parameter\n"},
		{"trap -v1 127.0.0.1:9 system 192.0.2.1", "Missing generic-trap parameter\n"},
		{"trap -v1 127.0.0.1:9 system 192.0.2.1 6", "Missing specific-trap parameter\n"},
		{"trap -v1 127.0.0.1:9 system 192.0.2.1 6 7", "Missing uptime parameter\n"},
		{"trap -v1 127.0.0.1:9 system no.such.host.invalid 6 7 1", "unknown host: no.such.host.invalid\n"},
		{"trap -v1 127.0.0.1:9 nosuch 192.0.2.1 6 7 1", "nosuch: Unknown Object Identifier"},
		{"trap -v1 127.0.0.1:9 system 192.0.2.1 x 7 1", "x: generic-trap and specific-trap are numbers\n"},
		{"trap -v1 127.0.0.1:9 system 192.0.2.1 6 7 1 sysName.0 C 1", "sysName.0: Bad variable type"},
		{"trap -v1 -Ci 127.0.0.1:9 system 192.0.2.1 6 7 1", "Cannot send INFORM as SNMPv1 PDU\n"},
		{"inform -v1 127.0.0.1:9 system 192.0.2.1 6 7 1", "Cannot send INFORM as SNMPv1 PDU\n"},
		{"inform -Ci 127.0.0.1:9 5 coldStart", "Unknown flag passed to -C: i\n"},
		{"trap -Cx 127.0.0.1:9 5 coldStart", "Unknown flag passed to -C: x\n"},
		{"trap -v3 127.0.0.1:9 5 coldStart", "snmptool trap: No securityName specified\n"},
	} {
		if code, out, errs := runTool(t, strings.Fields(test.args)...); code != exitFailed || out != "" || !strings.HasPrefix(errs, test.want) {
			t.Errorf("%s: exit code %d, output %q, error output %q, want %q", test.args, code, out, errs, test.want)
		}
	}
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
