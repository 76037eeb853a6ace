// Those whom managers name are told the same by this daemon and by Debian's snmpd, but where snmpd does not do what RFC 3413 says.

package main_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"snmpstack/cmd/internal/interoptest"
	"snmpstack/pdu"
)

// targetUsers are the users who are told, by traps and by informs.
var targetUsers = []struct{ name, level, number, secrets string }{
	{"plain", "noauth", "1", ""},
	{"sha1", "auth", "2", "SHA auth-passphrase"},
	{"aes128", "priv", "3", "SHA auth-passphrase AES priv-passphrase"},
	{"aes256", "priv", "3", "SHA-256 auth-passphrase AES-256 priv-passphrase"},
	{"aes192", "priv", "3", "SHA-512 auth-passphrase AES-192 priv-passphrase"},
}

// targetsConfig is both agents'. The names for which communities stand are those communities, for to snmpd they are the same.
func targetsConfig(engine string) string {
	config := `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
sysName interop
dontLogTCPWrappersConnects yes
authtrapenable 1
v1trapaddress 192.0.2.99
exactEngineID ` + engine + `
com2sec noc 127.0.0.1 noc
group told v1 noc
group told v2c noc
access told "" any noauth exact none none all
view all included .1
notificationFilter lines .1.3 0x00 included
trap2sink -name sink -tag sinks -profile lines UNHEARD sink
informsink UNHEARD sink
`
	for _, u := range targetUsers {
		config += fmt.Sprintf("createUser %s %s\nrouser %s %s\n", u.name, u.secrets, u.name, u.level)
	}
	return config
}

// targetNames writes $addr.COLUMN.NAME and the like as OIDs (RFC 3413 §4).
func targetNames(text string) string {
	entries := map[string]string{
		"addr": ".1.3.6.1.6.3.12.1.2.1", "params": ".1.3.6.1.6.3.12.1.3.1", "notify": ".1.3.6.1.6.3.13.1.1.1",
		"profile": ".1.3.6.1.6.3.13.1.2.1", "filter": ".1.3.6.1.6.3.13.1.3.1",
	}
	return regexp.MustCompile(`\$([a-z]+)(\.[0-9]+)?(\.[a-z][a-z0-9]*)?`).ReplaceAllStringFunc(text, func(match string) string {
		parts := strings.Split(match[1:], ".")
		oid := entries[parts[0]]
		if len(parts) > 1 {
			oid += "." + parts[1]
		}
		if len(parts) > 2 {
			if parts[0] == "filter" { // its index is a profile and a subtree
				oid += fmt.Sprintf(".%d", len(parts[2]))
			}
			for _, c := range []byte(parts[2]) {
				oid += fmt.Sprintf(".%d", c)
			}
		}
		return oid
	})
}

// targetQuestions make the rows, and ask for what has become of them.
func targetQuestions(to string) (questions [][]string) {
	ask := func(tool, what string) {
		questions = append(questions, words(tool+" -r 2 -t 3 -On -v2c -c private ADDRESS "+targetNames(what)))
	}
	set := func(what string) { ask("snmpset", what) }
	udp := "o .1.3.6.1.6.1.1"
	address := func(name, tags, params string) {
		set(fmt.Sprintf("$addr.2.%s %s $addr.3.%s x %s $addr.5.%s i 2 $addr.6.%s s %s $addr.7.%s s %s $addr.9.%s i 4", name, udp, name, to, name, name, tags, name, params, name))
	}
	params := func(name, model, securityModel, securityName, level string) {
		set(fmt.Sprintf("$params.2.%s i %s $params.3.%s i %s $params.4.%s s %s $params.5.%s i %s $params.7.%s i 4", name, model, name, securityModel, name, securityName, name, level, name))
	}
	set("$notify.2.traps s traps $notify.5.traps i 4")
	set("$notify.2.informs s informs $notify.3.informs i 2 $notify.5.informs i 4")
	params("v1", "0", "1", "noc", "1")
	address("v1", "traps", "v1")
	params("v2", "1", "2", "noc", "1")
	address("v2", "traps", "v2")
	address("v2i", "informs", "v2")
	for _, u := range targetUsers {
		params(u.name, "3", "3", u.name, u.number)
		address(u.name, "traps", u.name)
		address(u.name+"i", "informs", u.name)
	}
	// A row in steps.
	set("$addr.9.steps i 5")
	ask("snmpget", "$addr.9.steps")
	set("$addr.9.steps i 1")
	set("$addr.2.steps " + udp)
	set("$addr.3.steps x " + to)
	ask("snmpget", "$addr.9.steps")
	set("$addr.7.steps s gone")
	ask("snmpget", "$addr.9.steps")
	set("$addr.9.steps i 1")
	set("$addr.6.steps s 'traps informs'") // nobody has these parameters
	// What is held back.
	params("quiet", "1", "2", "noc", "1")
	address("quiet", "traps", "quiet")
	set("$profile.1.quiet s f $profile.3.quiet i 4")
	set("$filter.3.f.1.3 i 1 $filter.5.f.1.3 i 4")
	set("$filter.2.f.1.3.6.1.6.3.1.1.5.5 x 00 $filter.3.f.1.3.6.1.6.3.1.1.5.5 i 2 $filter.5.f.1.3.6.1.6.3.1.1.5.5 i 4")
	set("$filter.2.f.1.3.6.1.6.3.1.1.5.5 x ff")
	// What is wrong.
	set("$addr.2.steps o .1.3.6.1.2.1")
	set("$addr.5.steps i 256")
	set("$addr.6.steps s ' traps'")
	set("$addr.6.steps s 'two  spaces'")
	set("$addr.4.steps i -1")
	set("$params.2.v1 i 1")
	set("$params.5.sha1 i 4")
	set("$notify.2.traps s 'two tags'")
	set("$notify.3.traps i 3")
	set("$profile.1.quiet s ''")
	set("$addr.9.missing i 1")
	set("$addr.9.sink i 6")
	set("$addr.5.sink i 1")
	for _, column := range []string{
		"$addr.2", "$addr.3", "$addr.4", "$addr.5", "$addr.6", "$addr.7", "$addr.8", "$addr.9",
		"$params.2", "$params.3", "$params.4", "$params.5", "$params.6", "$params.7",
		"$notify.2", "$notify.3", "$notify.4", "$notify.5", "$profile.1", "$profile.2", "$profile.3",
		"$filter.2", "$filter.3", "$filter.4", "$filter.5",
	} {
		ask("snmpwalk", column)
	}
	return questions
}

var targetDifferences = []difference{
	{"12.1.2.1.2.115.116.101.112.115 o .1.3.6.1.2.1", "wrongValue", "inconsistentValue", "a transport domain that there is not: no value for it is right (RFC 3416 §4.2.5 (6)); snmpd finds it inconsistent"},
	{"12.1.2.1.9.115.105.110.107 i 6", "inconsistentValue", "notWritable", "the end of a row that is readOnly: RowStatus can be written, and has no such value now (RFC 2579 §2)"},
	{"snmpwalk -r 2 -t 3 -On -v2c -c private ADDRESS .1.3.6.1.6.3.12.1.2.1.4", "INTEGER: 100\n", "INTEGER: 1000\n", "a second is 100 of snmpTargetAddrTimeout (RFC 2579 §2, TimeInterval); snmpd has thousandths for its sinks"},
	{"snmpwalk -r 2 -t 3 -On -v2c -c private ADDRESS .1.3.6.1.6.3.12.1.2.1.6", "115.116.101.112.115 = STRING: \"traps informs\"", "", "a SET that is refused changes nothing (RFC 3416 §4.2.5); with snmpd the tag list is gone"},
	{"snmpwalk -r 2 -t 3 -On -v2c -c private ADDRESS .1.3.6.1.6.3.12.1.3.1.4", "STRING: \"trapsink\"", "STRING: \"sink\"", "a sink's community is a secret; snmpd shows it as its securityName"},
	{"snmpwalk -r 2 -t 3 -On -v2c -c private ADDRESS .1.3.6.1.6.3.13.1.3.1.4", "1.3 = INTEGER: 5", "1.3 = INTEGER: 0", "a notificationFilter is readOnly; with snmpd it has no StorageType"},
	{"snmpwalk -r 2 -t 3 -On -v2c -c private ADDRESS .1.3.6.1.6.3.13.1.3.1.5", "115.1.3 = INTEGER: 1\n", "115.1.3 = INTEGER: ", "a notificationFilter is active; with snmpd its RowStatus is whatever was in memory"},
}

// An arrival is what snmptrapd says of a notification, but for its objects.
type arrival struct {
	what   string
	ours   int // how many of each notification
	theirs int
	why    string // they differ
}

// targetArrivals are those of authenticationFailure. All others go to quiet too.
func targetArrivals() []arrival {
	list := []arrival{
		{"V1 noc 192.0.2.99", 1, 1, ""},
		{"V2 TRAP2, SNMP v2c, community noc", 1, 2, "quiet's filter excludes it (RFC 3413 §6); snmpd does not ask the filters that managers make"},
		{"V2 INFORM, SNMP v2c, community noc", 1, 1, ""},
	}
	for _, u := range targetUsers {
		informs := arrival{"V2 INFORM, SNMP v3, user " + u.name + ", context ", 1, 1, ""}
		if u.secrets != "" {
			informs.theirs = 0
			informs.why = "of an inform the receiver is authoritative, and is asked for its engine ID (RFC 3414 §4); snmpd sends it with its own, or not at all"
		}
		list = append(list, arrival{"V2 TRAP2, SNMP v3, user " + u.name + ", context ", 1, 1, ""}, informs)
	}
	return list
}

// TestInteropTargets has snmpset make the same rows at both agents, and snmptrapd hear what they tell, before and after a restart.
func TestInteropTargets(t *testing.T) {
	reference, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpset")
	engines := []string{"0x80007ed90405060708", "0x80007ed90405060709"}
	receiver := "format1 V1 %u %a|%w %q\\n\nformat2 V2 %P|%v\\n\nauthCommunity log noc\n"
	for _, u := range targetUsers {
		for _, engine := range engines {
			receiver += fmt.Sprintf("createUser -e %s %s %s\n", engine, u.name, u.secrets)
		}
		receiver += fmt.Sprintf("createUser %s %s\nauthUser log %s %s\n", u.name, u.secrets, u.name, u.level)
	}
	trapd := interoptest.StartTrapd(t, receiver)
	unheard := freeAddress(t)
	var daemons []*interoptest.Daemon
	for i, program := range []string{program, reference} {
		state := filepath.Join(t.TempDir(), "state")
		if err := os.MkdirAll(filepath.Join(state, "cert_indexes"), 0o700); err != nil {
			t.Fatal(err)
		}
		daemons = append(daemons, interoptest.StartIn(t, program, strings.ReplaceAll(targetsConfig(engines[i]), "UNHEARD", unheard), state))
	}
	compareAccess(t, targetQuestions(tAddressDigits(t, trapd.Address)), targetDifferences, daemons[0], daemons[1])

	for _, a := range targetArrivals() {
		if (a.ours != a.theirs) != (a.why != "") {
			t.Errorf("%s: %q", a.what, a.why)
		}
	}
	for i, daemon := range daemons {
		told := make(map[string]int) // lines that are to come
		for _, a := range targetArrivals() {
			told[a.what+"|"] = []int{a.ours, a.theirs}[i]
		}
		conn, err := net.Dial("udp4", daemon.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		request := pdu.Message{Version: pdu.V2c, Community: []byte("unknown"), PDU: pdu.PDU{Kind: pdu.GetRequest}}
		if _, err := conn.Write(request.Append(nil)); err != nil {
			t.Fatal(err)
		}
		hear(t, trapd, told, ".1.3.6.1.6.3.1.1.5.5", "4 0")

		told["V2 TRAP2, SNMP v2c, community noc|"] = 2
		if err := daemon.Stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		hear(t, trapd, told, ".1.3.6.1.4.1.8072.4.0.2", "6 .2")
		daemon.Start(t)
		hear(t, trapd, told, ".1.3.6.1.6.3.1.1.5.1", "0 0")
	}
}

// hear waits until as many notifications as are told have come, and accepts no others before.
func hear(t *testing.T, trapd *interoptest.Trapd, told map[string]int, oid, generic string) {
	t.Helper()
	missing := make(map[string]int)
	for what, n := range told {
		suffix := oid
		if strings.HasPrefix(what, "V1 ") {
			suffix = generic
		}
		missing[what+suffix] = n
	}
	line := regexp.MustCompile(`(?m)^(V1 [^|\n]*\|[0-9. ]*[0-9])|^(V2 [^|\n]*\|).*\.1\.3\.6\.1\.6\.3\.1\.1\.4\.1\.0 = OID: ([0-9.]+)`)
	printed := ""
	for left := 1; left > 0; {
		left = 0
		for _, n := range missing {
			left += n
		}
		if left == 0 {
			return
		}
		printed += trapd.Await(t, "|")
		end := strings.LastIndexByte(printed, '\n') + 1
		for _, m := range line.FindAllStringSubmatch(printed[:end], -1) {
			got := m[1] + m[2] + m[3]
			if missing[got]--; missing[got] < 0 {
				t.Errorf("%s has come, of %s", got, oid)
				missing[got] = 0
			}
		}
		printed = printed[end:]
	}
}

// tAddressDigits is an address as snmpTargetAddrTAddress has it (RFC 3417 §3.1), in hexadecimal digits.
func tAddressDigits(t *testing.T, address string) string {
	t.Helper()
	a, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x%04x", []byte(a.IP.To4()), a.Port)
}
