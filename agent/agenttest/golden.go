package agenttest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// GoldenWalk walks over what an agent serves below root and compares it with a file,
// which has an instance a line, as its String writes it:
//
//	1.3.6.1.2.1.1.5.0 = OCTET STRING "pump 7"
//	1.3.6.1.2.1.1.3.0 = *
//
// The * is for a value that differs from run to run; everything else has to be the
// same, and in the same order. With UpdateEnv in the environment the file is written,
// in which instances that had a * keep it. A file that is not there fails the test.
func GoldenWalk(t testing.TB, client *manager.Client, root ber.OID, file string) {
	t.Helper()
	var walked []string
	for vb, err := range client.Walk(context.Background(), root) {
		if err != nil {
			t.Fatalf("after %d instances: %v", len(walked), err)
		}
		walked = append(walked, vb.String())
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
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
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
