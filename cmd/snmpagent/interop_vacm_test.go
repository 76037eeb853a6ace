// The tables of view-based access control mean the same here as with Debian's snmpd, but where it does not do what RFC 3415 says.

package main_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// vacmConfig has communities and users whose names say what they are for.
const vacmConfig = `rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
sysContact nobody
sysName interop
sysServices 72
dontLogTCPWrappersConnects yes

com2sec cTypes default types
group gTypes v1 cTypes
group gTypes v2c cTypes
authgroup read,write -s any gTypes noauth -V location
com2sec cSet default set
group gSet v1 cSet
group gSet v2c cSet
setaccess gSet "" any noauth exact read name
setaccess gSet "" any noauth exact write location

view all      included .1 80
view iso      included .iso
view name     included .1.3.6.1.2.1.1.5
view location included .1.3.6.1.2.1.1.6
view some     included .1.3.6.1.2.1.1.4
view some     included .1.3.6.1.2.1.1.5
view some     included .1.3.6.1.2.1.1.6.0
view hole     included .1.3.6.1.2.1.1.4
view hole     included .1.3.6.1.2.1.1.5
view hole     included .1.3.6.1.2.1.1.6
view hole     excluded .1.3.6.1.2.1.1.5
view hole     excluded .1.3.6.1.2.1.1.6.0
view inner    included .1.3.6.1.2.1.1
view inner    excluded .1.3.6.1.2.1
view inner    excluded .1.3.6.1.2.1.1.9
view inner    excluded .1.3.6.1.2.1.1.5
view inner    included .1.3.6.1.2.1.1.5.0
view row      included .1.3.6.1.2.1.2.2.1.0.1 ff:a0
view columns  included .1.3.6.1.2.1.2.2.1.2.0 ff.c0
view shorter  included .1.3.6.1.2.1.1.5.0 f0
view wider    included .1.3.6.1.2.1.0.5.0 fd
view equal    included .1.3.6.1.2.1.1.5.0 fe
view equal    excluded .1.3.6.1.2.1.1.0.0 fe.80
view longmask included .1.3.6.1.2.1.1.5 ff:ff:ff:ff
view hidden   excluded .1.3.6.1.2.1.1
view once     included .1.3.6.1.2.1.1.5
view once     excluded .1.3.6.1.2.1.1.5

com2sec       cAll      default            all-c
com2sec       cAll      127.0.0.0/8        all-net
com2sec       cAll      127.0.0.0/255.0.0.0 all-mask
com2sec       cAll      127.0.0.1          all-address
com2sec       cAll      localhost          all-host
com2sec       cAll      10.0.0.0/8         elsewhere
com2sec       cAll      !127.0.0.0/8       denied
com2sec       cAll      default            denied
com2sec       cAll      !10.0.0.0/8        not-ten
com2sec       cAll      default            not-ten
com2sec       cName     127.0.0.1          first
com2sec       cAll      default            first
com2sec       cName     10.0.0.0/8         second
com2sec       cLocation default            second
com2sec       "c word"  default            "quo ted"
group gAll v1 cAll
group gAll v2c cAll
access gAll "" any noauth exact all all none

com2sec cName default name-c
com2sec cLocation default location-c
group gName     v1  cName
group gName     v2c cName
group gName     v2c "c word"
group gLocation v1  cLocation
group gLocation v2c cLocation
access gName     "" any noauth exact  name none none
access gLocation '' any noauth prefix location location none

com2sec cV1 default v1-only
group gAll v1 cV1
com2sec cV2 default v2c-only
group gAll v2c cV2
com2sec cTwo default two-groups
group gName v2c cTwo
group gLocation v2c cTwo
group gLocation v1 cTwo
com2sec cAny default any-group
group gName v2c cAny
group gLocation any cAny
com2sec cRows default two-rows
group gRows v1 cRows
group gRows v2c cRows
access gRows "" any noauth exact name none none
access gRows "" any noauth exact location none none
access gRows "" v1 noauth exact location location none
com2sec cHigh default too-high
group gHigh v2c cHigh
access gHigh "" any auth exact all all none
access gHigh "" v2c noauth exact name none none
com2sec cModel default other-model
group gModel v1 cModel
group gModel v2c cModel
access gModel "" v1 noauth exact name none none

com2sec cNoGroup default no-group
com2sec cNoAccess default no-access
group gNowhere v2c cNoAccess
group gNowhere v1 cNoAccess
com2sec cNoView default no-view
group gNoView v2c cNoView
group gNoView v1 cNoView
access gNoView "" any noauth exact undefined undefined none

rocommunity some-c     default -V some
rwcommunity hole-c     default -V hole
rwcommunity inner-c    127.0.0.1 -V inner
rocommunity row-c      default -V row
rocommunity columns-c  default -V columns
rocommunity shorter-c  default -V shorter
rocommunity wider-c    default -V wider
rocommunity equal-c    default -V equal
rocommunity longmask-c default -V longmask
rocommunity hidden-c   default -V hidden
rocommunity once-c     default -V once
rwcommunity iso-c      default .iso
rocommunity ctx1-c     default -V name ctx1
rocommunity deny-c     !127.0.0.1
rocommunity deny-c
com2sec -Cn ctx1 cCtx default ctx-c
group gCtx v2c cCtx
access gCtx ctx any noauth prefix name none none
access gCtx ctx1 any noauth exact location none none
com2sec -Cn ctx2 cCtx default ctx2-c

createUser uGroup SHA auth-passphrase AES priv-passphrase
createUser uLevels SHA auth-passphrase AES priv-passphrase
createUser uModels SHA auth-passphrase AES priv-passphrase
createUser uContexts SHA auth-passphrase AES priv-passphrase
createUser uView SHA auth-passphrase AES priv-passphrase
createUser uContext SHA auth-passphrase AES priv-passphrase
createUser uPrefix SHA auth-passphrase AES priv-passphrase
createUser uDefault SHA auth-passphrase AES priv-passphrase
createUser uEverywhere SHA auth-passphrase AES priv-passphrase
createUser uRoRw SHA auth-passphrase AES priv-passphrase
createUser uRwRo SHA auth-passphrase AES priv-passphrase
createUser uGroupRule SHA auth-passphrase AES priv-passphrase
createUser uRuleGroup SHA auth-passphrase AES priv-passphrase
createUser uAny SHA auth-passphrase AES priv-passphrase
group gUsers usm uGroup
access gUsers "" usm auth exact all location none
group gLevels usm uLevels
access gLevels "" any noauth exact name none none
access gLevels "" any auth exact some none none
access gLevels "" any priv exact all all none
group gModels usm uModels
access gModels "" any priv exact all all none
access gModels "" usm noauth exact name none none
group gContexts usm uContexts
access gContexts ""   usm auth exact all none none
access gContexts ctx  usm auth prefix name none none
access gContexts ctx1 usm auth exact location none none
access gContexts ct   usm priv prefix all none none
rouser uView priv -V some
rouser uContext auth -V name ctx1
rouser uPrefix auth -V name ctx*
rouser uDefault auth -V name ""
rouser uEverywhere
rouser uRoRw auth
rwuser uRoRw auth
rwuser uRwRo auth
rouser uRwRo auth
group gName usm uGroupRule
rwuser uGroupRule
rwuser uRuleGroup
group gName usm uRuleGroup
group gLocation any uAny
rwuser uAny
`

// vacmContexts make the contexts exist for snmpd, with the same objects: it asks itself.
const vacmContexts = `proxy -Cn ctx1 -v2c -c public ADDRESS .1.3
proxy -Cn ctx2 -v2c -c public ADDRESS .1.3
proxy -Cn other -v2c -c public ADDRESS .1.3
`

// ourContexts are made by being named.
const ourContexts = "access nobody other usm priv exact none none none\n"

// vacmQuestions gives the command lines of Net-SNMP's tools.
func vacmQuestions() (questions [][]string) {
	const (
		name     = ".1.3.6.1.2.1.1.5.0"
		location = ".1.3.6.1.2.1.1.6.0"
		system   = ".1.3.6.1.2.1.1"
		keys     = " -a SHA -A auth-passphrase -x AES -X priv-passphrase"
	)
	ask := func(tool, asker, what string) {
		patience := " -r 2 -t 3"
		if strings.Contains(asker, "silent") {
			patience = " -r 0 -t 2"
		}
		questions = append(questions, words(tool+patience+" -On "+strings.ReplaceAll(asker, " silent", "")+" ADDRESS "+what))
	}
	ask("snmpset", "-v2c -c private", location+" s somewhere")
	number := 0
	askAll := func(asker string) {
		ask("snmpget", asker, name)
		ask("snmpget -Cf", asker, location+" "+name+" .1.3.6.1.2.1.2.2.1.2.1")
		ask("snmpgetnext", asker, system+".4.0")
		number++
		ask("snmpset", asker, fmt.Sprintf("%s s place%d", location, number))
	}
	walks := func(asker string) {
		for _, root := range []string{system + ".4", system + ".5", system + ".6", ".1.3.6.1.2.1.2.2.1.2"} {
			ask("snmpwalk", asker, root)
		}
		if !strings.HasPrefix(asker, "-v1") {
			ask("snmpbulkget -Cn0 -Cr3", asker, system+".4")
		}
	}
	for _, community := range []string{
		"all-c", "all-net", "all-mask", "all-address", "all-host", "not-ten", "first", "second", "'quo ted'", "name-c", "location-c",
		"two-groups", "any-group", "two-rows", "too-high", "types", "set", "ctx-c", "ctx1-c", "iso-c", "hole-c",
	} {
		askAll("-v2c -c " + community)
	}
	for _, community := range []string{"all-c", "location-c", "two-rows", "any-group", "v1-only", "hole-c", "other-model", "types", "set"} {
		askAll("-v1 -c " + community)
	}
	askAll("-v2c -c v2c-only")
	for _, community := range []string{
		"some-c", "hole-c", "inner-c", "row-c", "columns-c", "equal-c", "longmask-c", "once-c", "hidden-c", "name-c", "any-group",
	} {
		walks("-v2c -c " + community)
	}
	for _, community := range []string{"some-c", "hole-c", "row-c"} {
		walks("-v1 -c " + community)
	}
	for _, from := range []string{".0", ".1", ".4", ".5", ".5.0", ".6"} {
		ask("snmpgetnext", "-v2c -c shorter-c", system+from)
		ask("snmpgetnext", "-v2c -c wider-c", system+from)
	}
	// snmpd is silent where somebody is in no group, or has no access.
	for _, asker := range []string{
		"-v2c -c elsewhere", "-v2c -c denied", "-v2c -c deny-c", "-v1 -c elsewhere", "-v2c -c v1-only", "-v1 -c v2c-only", "-v2c -c no-group", "-v1 -c no-group",
		"-v2c -c no-access", "-v1 -c no-access", "-v2c -c other-model", "-v1 -c two-groups",
	} {
		ask("snmpget", asker+" silent", name)
	}
	ask("snmpget", "-v2c -c no-view", name)
	ask("snmpgetnext", "-v2c -c no-view", name)
	ask("snmpset", "-v2c -c no-view", location+" s nowhere")
	ask("snmpget", "-v1 -c no-view", name)
	ask("snmpset", "-v2c -c name-c", name+" s nobody")

	for _, user := range []string{"uGroup", "uLevels", "uModels", "uView", "uEverywhere", "uRoRw", "uRwRo", "uGroupRule", "uRuleGroup", "uAny"} {
		for _, level := range []string{"noAuthNoPriv", "authNoPriv", "authPriv"} {
			askAll("-v3 -u " + user + " -l " + level + keys)
		}
	}
	for _, user := range []string{"uContexts", "uContext", "uPrefix", "uDefault", "uEverywhere", "uGroup"} {
		for _, context := range []string{`""`, "ctx1", "ctx2", "other"} {
			for _, level := range []string{"authNoPriv", "authPriv"} {
				asker := "-v3 -u " + user + " -l " + level + keys + " -n " + context
				ask("snmpget", asker, name+" "+location)
				ask("snmpgetnext", asker, system+".4.0")
			}
		}
	}
	return questions
}

// words splits a command line, with quotes around words that have spaces or are empty.
func words(line string) (list []string) {
	for i, part := range strings.FieldsFunc(strings.ReplaceAll(strings.ReplaceAll(line, `""`, `'\x00'`), "'", "'\x01"), func(c rune) bool { return c == '\'' }) {
		if text, ok := strings.CutPrefix(part, "\x01"); ok && i%2 == 1 {
			list = append(list, strings.ReplaceAll(text, `\x00`, ""))
			continue
		}
		list = append(list, strings.Fields(strings.TrimPrefix(part, "\x01"))...)
	}
	return list
}

// TestInteropVACM has Net-SNMP's tools ask both agents the same.
func TestInteropVACM(t *testing.T) {
	reference, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpget")
	address := freeAddress(t)
	state := filepath.Join(t.TempDir(), "state")
	if err := os.MkdirAll(filepath.Join(state, "cert_indexes"), 0o700); err != nil {
		t.Fatal(err)
	}
	compareAccess(t, vacmQuestions(), vacmDifferences,
		interoptest.Start(t, program, vacmConfig+ourContexts),
		interoptest.StartAt(t, reference, vacmConfig+strings.ReplaceAll(vacmContexts, "ADDRESS", address), state, address))
}

func freeAddress(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// A difference is a known one: what is asked, what is said here, what snmpd says, and why that is so.
type difference struct{ question, ours, theirs, why string }

var vacmDifferences = []difference{
	{"snmpset", "authorizationError", "noAccess",
		"a view of which there is no line, such as none: noSuchView (RFC 3415 §3.2 (5a)) and so authorizationError (RFC 3413 §3.2 (5)); snmpd treats it as an empty one"},
	{"snmpget -r 2 -t 3 -On -v2c -c no-view", "authorizationError", "No Such Object", "the same for reading"},
	{"snmpgetnext -r 2 -t 3 -On -v2c -c no-view", "authorizationError", "No more variables", "the same for reading"},
	{"-v2c", "authorizationError", "Timeout",
		"no group, or no access line that fits: authorizationError (RFC 3413 §3.2 (5)); snmpd says nothing, but to SNMPv3"},
	{"-v1", "noSuchName", "Timeout", "the same, as SNMPv1 has it (RFC 3584 §4.4)"},
	{"-v1", "noSuchName", "noSuchName",
		"error-index: the first object that is not there, and zero for authorizationError (RFC 3413 §3.2 (5)); snmpd names the last one"},
	{"-c hole-c", "No Such Instance", "No Such Object",
		"an instance that is hidden, of an object that has others that are not: noSuchInstance (RFC 3416 §4.2.1)"},
}
