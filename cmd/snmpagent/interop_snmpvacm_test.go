// Debian's snmpvacm changes who may do what, at this daemon as at Debian's snmpd, and what others are answered then is the same.

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/cmd/internal/interoptest"
)

// snmpvacmConfig lets admin in, who lets the others in.
const snmpvacmConfig = `rocommunity public 127.0.0.1
com2sec guest 127.0.0.1 guestly
sysName interop
sysServices 72
dontLogTCPWrappersConnects yes
createUser admin SHA auth-passphrase AES priv-passphrase
rwuser admin priv
createUser bob SHA auth-passphrase AES priv-passphrase
createUser carol SHA auth-passphrase AES priv-passphrase
group fixed usm carol
access fixed "" any auth exact fixed none none
view fixed included .1.3.6.1.2.1.1
view fixed excluded .1.3.6.1.2.1.1.9 ff.80
`

// The objects that the steps are about.
var snmpvacmNames = strings.NewReplacer(
	"$name", ".1.3.6.1.2.1.1.5.0", "$contact", ".1.3.6.1.2.1.1.4.0", "$location", ".1.3.6.1.2.1.1.6.0",
	"$system", ".1.3.6.1.2.1.1", "$ifDescr", ".1.3.6.1.2.1.2.2.1.2", "$ifNumber", ".1.3.6.1.2.1.2.1.0",
	"$group", ".1.3.6.1.6.3.16.1.2.1", "$access", ".1.3.6.1.6.3.16.1.4.1", "$view", ".1.3.6.1.6.3.16.1.5.2.1", "$vacm", ".1.3.6.1.6.3.16",
)

// snmpvacmSteps are who asks, with which tool, for what; what follows " # " is why snmpd answers otherwise.
const snmpvacmSteps = `
admin snmpset $location s somewhere

# a group, its access and its view, each of which is of no use without the next one
bob snmpget $name
admin snmpvacm createSec2Group 3 bob staff
bob snmpget $name
admin snmpvacm createAccess staff 3 2 1 read write _none_
bob snmpget $name # RFC 3415 §3.2 (5) a: there is no such view, which is an authorizationError; to snmpd it is an empty one
admin snmpvacm createView read $system ff
bob snmpget $name
bob snmpget $name $ifNumber
bob snmpgetnext $ifNumber
bob snmpset $location s elsewhere # there is no such view
bob-noauth snmpget $name
bob-priv snmpget $name
carol snmpget $name

# what may be written
admin snmpvacm createView write $location ff.ff
bob snmpset $location s elsewhere
bob snmpset $contact s nobody
bob snmpset $location s refused $contact s nobody
bob snmpget $location

# what is excluded
bob snmpgetnext $contact
admin snmpvacm createView -Ce read $name
bob snmpgetnext $contact
bob snmpget $name # RFC 3416 §4.2.1: an instance is hidden, and not the object, which is a noSuchInstance
bob snmpbulkwalk $location
admin snmpvacm deleteView read $name
admin snmpvacm createView -Ce read .1.3.6.1.2.1.1.0.0 ff.40
bob snmpget $name $location
bob snmpgetnext $contact
admin snmpvacm deleteView read .1.3.6.1.2.1.1.0.0
bob snmpgetnext $contact

# one row of a table, in all its columns
admin snmpvacm createView read .1.3.6.1.2.1.2.2.1.0.1 ff.a0
bob snmpget $ifDescr.1
bob snmpget $ifDescr.2 # as said
bob snmpwalk $ifDescr
bob snmpget .1.3.6.1.2.1.2.2.1.1.1 .1.3.6.1.2.1.2.2.1.3.1

# what snmpvacm has made is there, with what the configuration says
admin snmpwalk $vacm.1.1
admin snmpwalk $group.3.3.3
admin snmpwalk $group.5.3
admin snmpwalk $access.4.5
admin snmpwalk $access.5.5
admin snmpwalk $access.6.5
admin snmpwalk $access.9.5
admin snmpwalk $view.3.4
admin snmpwalk $view.3.5
admin snmpwalk $view.4.4
admin snmpwalk $view.4.5
admin snmpwalk $view.6.4
admin snmpwalk $view.5.4.114.101.97.100
admin snmpget $group.4.3.3.98.111.98
admin snmpget $group.4.3.5.99.97.114.111.108 # rows of the configuration are readOnly(5), which brings them back at the next start; snmpd says permanent(4)

# what is wrong
admin snmpvacm createSec2Group 3 bob other
admin snmpvacm createSec2Group 0 bob staff
admin snmpvacm createSec2Group 3 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx staff
admin snmpvacm createSec2Group 3 dave xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
admin snmpvacm createAccess trash 3 4 1 read write _none_ # RFC 3416 §4.2.5 (7): there never will be such a row, noCreation; snmpd says inconsistentValue
admin snmpvacm createView xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx $system ff
admin snmpvacm deleteSec2Group 3 nobody
admin snmpvacm deleteView nothing $system
admin snmpvacm deleteAccess nobody 3 2
admin snmpvacm deleteSec2Group 3 carol # RFC 2579: what a row's state does not allow is an inconsistentValue; snmpd says wrongValue
admin snmpset $group.3.3.5.99.97.114.111.108 s fixed # readOnly; snmpd lets it be changed until the next start
admin snmpset $view.4.4.114.101.97.100.7.1.3.6.1.2.1.1 i 3
admin snmpset $view.3.4.114.101.97.100.7.1.3.6.1.2.1.1 x 0102030405060708090a0b0c0d0e0f1011
admin snmpvacm createAccess trash 3 3 1 read write _none_
admin snmpset $access.4.5.116.114.97.115.104.0.3.3 i 0 # exact(1) and prefix(2) are what it may be
admin snmpset $access.8.5.116.114.97.115.104.0.3.3 i 5 # RFC 2579, StorageType: no row becomes readOnly
bob snmpvacm createView read .1 80

# NET-SNMP-VACM-MIB, with views of more kinds, is snmpd's own: here it is notWritable
admin snmpvacm createAuth other 3 2 log 1 read # as said
admin snmpvacm deleteAuth other 3 2 log # as said

# rows that are not active, or without what they need
admin snmpset $group.5.3.4.101.114.105.110 i 5
admin snmpget $group.5.3.4.101.114.105.110
admin snmpset $group.5.3.4.101.114.105.110 i 1
admin snmpset $group.3.3.4.101.114.105.110 s staff
admin snmpget $group.5.3.4.101.114.105.110 $group.3.3.4.101.114.105.110
admin snmpset $group.5.3.4.101.114.105.110 i 1
admin snmpset $group.5.3.4.101.114.105.110 i 6
admin snmpget $group.5.3.4.101.114.105.110
admin snmpset $view.6.4.114.101.97.100.7.1.3.6.1.2.1.1 i 2
bob snmpget $name $ifDescr.1 # RFC 3415 §4: active entries are what a view is made of; snmpd has them decide in any state
admin snmpset $view.6.4.114.101.97.100.7.1.3.6.1.2.1.1 i 1
bob snmpget $name $ifDescr.1
admin snmpset $group.5.3.3.98.111.98 i 2
bob snmpget $name # as said
admin snmpset $group.5.3.3.98.111.98 i 1
admin snmpset $access.6.5.115.116.97.102.102.0.3.2 s read
bob snmpset $contact s bob
admin snmpset $view.4.4.114.101.97.100.7.1.3.6.1.2.1.1 i 2
bob snmpget $name
bob snmpset $contact s bob
admin snmpset $view.4.4.114.101.97.100.7.1.3.6.1.2.1.1 i 1

# communities
guest snmpget $name # RFC 3413 §3.2 (5): an authorizationError; snmpd does not answer
admin snmpvacm createSec2Group 2 guest guests
admin snmpvacm createAccess guests 0 1 2 read _none_ _none_
guest snmpget $name
guest snmpset $name s mine
admin snmpvacm createSec2Group 1 guest guests
guest-v1 snmpget $name
guest-v1 snmpget $ifNumber
guest-v1 snmpset $name s mine
admin snmpvacm deleteSec2Group 1 guest
admin snmpvacm deleteAccess guests 0 1
guest snmpget $name # as said

# of several rows for one group the one of the highest level; snmpd takes a new row for one that is there, if a request could go by that
admin snmpvacm createView name $name ff.ff
admin snmpvacm createAccess ranks 3 3 1 name _none_ _none_
admin snmpvacm createAccess ranks 3 2 1 read _none_ _none_
admin snmpvacm deleteSec2Group 3 bob
admin snmpvacm createSec2Group 3 bob ranks
bob-priv snmpget $name $location
bob snmpget $name $location
admin snmpvacm deleteAccess ranks 3 3
bob-priv snmpget $name $location
admin snmpvacm deleteAccess ranks 3 2
bob-priv snmpget $name $location

# who takes away what lets himself in is told so, and nothing more
admin snmpvacm createView everything .1 80
admin snmpvacm createAccess bosses 3 2 1 everything everything everything
admin snmpvacm deleteSec2Group 3 bob
admin snmpvacm createSec2Group 3 bob bosses
bob snmpget $group.3.3.3.98.111.98
bob snmpvacm createView other $system ff
bob snmpvacm deleteSec2Group 3 bob
bob snmpget $name
bob snmpvacm createSec2Group 3 bob bosses
admin snmpvacm createSec2Group 3 bob bosses
bob snmpget $name
bob snmpvacm deleteView everything .1
bob snmpget $name # there is no such view
admin snmpget $name
`

// snmpvacmAskers are the options of who asks.
var snmpvacmAskers = map[string]string{
	"admin":      "-v3 -u admin -l authPriv -a SHA -A auth-passphrase -x AES -X priv-passphrase",
	"bob":        "-v3 -u bob -l authNoPriv -a SHA -A auth-passphrase",
	"bob-noauth": "-v3 -u bob -l noAuthNoPriv",
	"bob-priv":   "-v3 -u bob -l authPriv -a SHA -A auth-passphrase -x AES -X priv-passphrase",
	"carol":      "-v3 -u carol -l authNoPriv -a SHA -A auth-passphrase",
	"guest":      "-v2c -c guestly",
	"guest-v1":   "-v1 -c guestly",
}

// A snmpvacmStep is a line of snmpvacmSteps.
type snmpvacmStep struct {
	line    string
	command []string // with ADDRESS where the agent's has to stand
	differs string
}

func readSnmpvacmSteps(t *testing.T) (steps []snmpvacmStep) {
	t.Helper()
	for line := range strings.Lines(snmpvacmSteps) {
		line, why, _ := strings.Cut(strings.TrimSpace(line), " # ")
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(snmpvacmNames.Replace(line))
		options, ok := snmpvacmAskers[words[0]]
		if !ok {
			t.Fatalf("%s: nobody is called that", line)
		}
		command := append([]string{words[1]}, strings.Fields("-r 1 -t 3 -On "+options)...)
		steps = append(steps, snmpvacmStep{line, append(append(command, "ADDRESS"), words[2:]...), why})
	}
	return steps
}

// TestInteropSnmpvacm has Debian's snmpvacm grant and take away, and others see what they may do, at both agents.
func TestInteropSnmpvacm(t *testing.T) {
	reference, program := interoptest.Tool(t, "snmpd"), buildAgent(t)
	interoptest.Tool(t, "snmpvacm")
	steps := readSnmpvacmSteps(t)
	var answers [2][]string
	var both sync.WaitGroup
	for i, daemon := range []*interoptest.Daemon{interoptest.Start(t, program, snmpvacmConfig), interoptest.Start(t, reference, snmpvacmConfig)} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "cert_indexes"), 0o700); err != nil { // or the tools say that they made it
			t.Fatal(err)
		}
		env := interoptest.ToolEnv(dir)
		both.Go(func() {
			for _, step := range steps {
				command := slices.Clone(step.command)
				command[slices.Index(command, "ADDRESS")] = daemon.Address
				run := exec.Command(command[0], command[1:]...)
				run.Env = env
				out, _ := run.CombinedOutput()
				answers[i] = append(answers[i], accessAnswer(string(out), run.ProcessState.ExitCode(), daemon.Address))
			}
		})
	}
	both.Wait()
	granted := 0
	for i, step := range steps {
		ours, theirs := answers[0][i], answers[1][i]
		if strings.HasSuffix(ours, "exit 0") {
			granted++
		}
		switch {
		case ours == theirs && step.differs != "" && os.Getenv("SNMPSTACK_INTEROP_AGENT") == "":
			t.Errorf("%s: snmpd was expected to answer otherwise, and says\n%s", step.line, ours)
		case ours != theirs && step.differs == "":
			t.Errorf("%s\n%s\nsnmpd:\n%s", step.line, ours, theirs)
		}
	}
	t.Logf("%d steps, %d of them granted", len(steps), granted)
	if granted < 50 || granted > len(steps)-20 {
		t.Error("that is not what the steps are for")
	}
}
