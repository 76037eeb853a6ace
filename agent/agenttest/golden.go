package agenttest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/agent/manager"
	"snmpstack/ber"
)

// UpdateEnv is the environment variable that, if it is not empty, makes GoldenWalk
// write its files instead of comparing with them.
const UpdateEnv = "SNMPSTACK_UPDATE"

// anyValue stands in a golden file for a value that differs from run to run.
const anyValue = "*"

// volatile are the instances that a new golden file has anyValue for.
var volatile = []string{
	"1.3.6.1.2.1.1.3.0",      // sysUpTime (RFC 3418)
	"1.3.6.1.6.3.1.1.6.1.0",  // snmpSetSerialNo
	"1.3.6.1.6.3.10.2.1.1.0", // snmpEngineID (RFC 3411)
	"1.3.6.1.6.3.10.2.1.2.0", // snmpEngineBoots
	"1.3.6.1.6.3.10.2.1.3.0", // snmpEngineTime
	"1.3.6.1.6.3.12.1.1.0",   // snmpTargetSpinLock (RFC 3413)
	"1.3.6.1.6.3.15.1.2.1.0", // usmUserSpinLock (RFC 3414)
	"1.3.6.1.6.3.16.1.5.1.0", // vacmViewSpinLock (RFC 3415)
}

// GoldenWalk walks over what an agent serves below root and compares it with a file,
// which has an instance a line, as its String writes it:
//
//	1.3.6.1.2.1.1.5.0 = OCTET STRING "pump 7"
//	1.3.6.1.2.1.1.3.0 = *
//
// The * is for a value that differs from run to run; everything else has to be the
// same, and in the same order. With UpdateEnv in the environment the file is written, and
// its directory made, in which instances that had a * keep it. So have those of the
// agent's own that always differ: sysUpTime.0, snmpSetSerialNo.0, the spin locks of
// SNMP-TARGET-MIB, usmUserTable and vacmViewTreeFamilyTable, and snmpEngineID.0 with its
// boots and time. An engine ID is in the names of the rows of usmUserTable too, and that of
// the machine unless the agent has an Engine: give it one. A file that is not there
// fails the test, and so does a walk that finds nothing.
func GoldenWalk(t testing.TB, client *manager.Client, root ber.OID, file string) {
	t.Helper()
	var walked []string
	for vb, err := range client.Walk(context.Background(), root) {
		if err != nil {
			t.Fatalf("after %d instances: %v", len(walked), err)
		}
		walked = append(walked, vb.String())
	}
	if len(walked) == 0 {
		t.Fatalf("there is nothing below %v that the manager may see", root)
	}
	golden, err := readGolden(file)
	update := os.Getenv(UpdateEnv) != ""
	if err != nil && !(update && errors.Is(err, fs.ErrNotExist)) {
		t.Fatalf("%v (%s=1 in the environment writes it)", err, UpdateEnv)
	}
	if update {
		writeGolden(t, file, golden, walked)
		return
	}
	for _, difference := range compare(golden, walked) {
		t.Errorf("%s: %s", file, difference)
	}
}

// A goldenLine is a line of a golden file.
type goldenLine struct{ name, value string }

func splitLine(text string) (goldenLine, bool) {
	name, value, ok := strings.Cut(text, " = ")
	return goldenLine{name, value}, ok
}

func readGolden(file string) (list []goldenLine, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for n := 1; lines.Scan(); n++ {
		line, ok := splitLine(lines.Text())
		if !ok {
			return nil, fmt.Errorf("%s:%d: expected NAME = VALUE", file, n)
		}
		list = append(list, line)
	}
	return list, lines.Err()
}

func writeGolden(t testing.TB, file string, former []goldenLine, walked []string) {
	t.Helper()
	differs := make(map[string]bool)
	for _, name := range volatile {
		differs[name] = true
	}
	for _, line := range former {
		differs[line.name] = line.value == anyValue
	}
	var b strings.Builder
	for _, text := range walked {
		if line, _ := splitLine(text); differs[line.name] {
			text = line.name + " = " + anyValue
		}
		fmt.Fprintln(&b, text)
	}
	err := os.MkdirAll(filepath.Dir(file), 0o777)
	if err == nil {
		err = os.WriteFile(file, []byte(b.String()), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// compare returns what is different, line by line: of what is missing or new in the
// middle, no more is said than that.
func compare(golden []goldenLine, walked []string) (differences []string) {
	want := make(map[string]string, len(golden))
	for _, line := range golden {
		want[line.name] = line.value
	}
	got := make(map[string]bool, len(walked))
	var order []string // of the names that are in both
	for _, text := range walked {
		line, _ := splitLine(text)
		got[line.name] = true
		value, ok := want[line.name]
		switch {
		case !ok:
			differences = append(differences, text+" is new")
			continue
		case value != anyValue && value != line.value:
			differences = append(differences, fmt.Sprintf("%s, want %s", text, value))
		}
		order = append(order, line.name)
	}
	for _, line := range golden {
		switch {
		case !got[line.name]:
			differences = append(differences, line.name+" is missing")
		case len(order) > 0 && order[0] == line.name:
			order = order[1:]
		case len(order) > 0:
			return append(differences, fmt.Sprintf("%s comes before %s", order[0], line.name))
		}
	}
	return differences
}
