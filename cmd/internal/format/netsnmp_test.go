package format

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/cmd/internal/interoptest"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// The letters that are compared. Every letter is here alone, and with those it
// has something to do with.
var comparedLetters = []string{
	"", "a", "b", "e", "E", "f", "n", "q", "Q", "s", "S", "t", "T", "u", "U", "v", "x", "X", "0", "p.2",
	"qv", "Qv", "qe", "Qe", "qt", "qx", "qX", "qU", "xT", "TQ", "fX", "nX", "bX", "eX", "EX", "QUs", "teQUs",
}

// netSNMP skips the test unless Net-SNMP's tools and the published modules are
// here, and returns the directories for its option -M.
func netSNMP(t *testing.T) (dirs []string) {
	t.Helper()
	shared := os.Getenv("SNMPSTACK_SHARED")
	if shared == "" {
		t.Skip("SNMPSTACK_SHARED is not set: no modules for Net-SNMP")
	}
	interoptest.Tool(t, "snmpbulkwalk")
	return []string{filepath.Join(shared, "mibs"), "testdata"}
}

// walk returns what snmpbulkwalk prints for everything below a root.
func walk(t *testing.T, dirs []string, modules, letters, agent, root string) string {
	t.Helper()
	args := []string{"-v2c", "-cpublic", "-M", strings.Join(dirs, ":"), "-m", modules}
	if letters != "" {
		args = append(args, "-O"+letters)
	}
	cmd := exec.Command("snmpbulkwalk", append(args, agent, root)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SNMPCONFPATH="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.Bytes())
	}
	return string(out)
}

var update = flag.Bool("update", false, "record what Net-SNMP prints in "+recorded)

const recorded = "testdata/netsnmp.txt"

// record writes a part of what Net-SNMP printed, and we printed alike: letters,
// name and line, quoted. More of it would only be longer.
func record(t *testing.T, names *smi.Names, alike map[string][]pdu.VarBind) {
	var b strings.Builder
	b.WriteString("# Lines of snmpbulkwalk 5.9.3 for varbinds of TestAgainstNetSNMP: go test -update\n")
	for i, letters := range comparedLetters {
		var o Options
		if err := o.Set(letters); err != nil {
			t.Fatal(err)
		}
		step := 60
		if letters == "" {
			step = 5
		}
		list := slices.DeleteFunc(alike[letters], func(vb pdu.VarBind) bool {
			object, _ := names.Lookup(vb.Name)
			return object.Module != testModule
		})
		for n := i % step; n < len(list); n += step {
			fmt.Fprintf(&b, "%q %s %q\n", letters, list[n].Name, o.AppendLine(nil, names, list[n]))
		}
	}
	if err := os.WriteFile(recorded, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestRecorded compares with what was recorded, for machines without Net-SNMP.
func TestRecorded(t *testing.T) {
	names := smi.Core()
	if err := names.Load(testModule, []string{"testdata"}); err != nil {
		t.Fatal(err)
	}
	values := make(map[ber.OID]pdu.Value)
	for _, vb := range matrix(t, names) {
		values[vb.Name] = vb.Value
	}
	text, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var letters, name, want string
		if _, err := fmt.Sscanf(line, "%q %s %q\n", &letters, &name, &want); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		var o Options
		if err := o.Set(letters); err != nil {
			t.Fatal(err)
		}
		vb := pdu.VarBind{Name: ber.MustOID(name)}
		vb.Value = values[vb.Name]
		if got := string(o.AppendLine(nil, names, vb)); got != want {
			t.Errorf("-O%s %v\n got %q\nwant %q", letters, vb, got, want)
		}
		count++
	}
	if count < 1000 {
		t.Errorf("%s has %d lines", recorded, count)
	}
}

// compare reports where the lines for list differ from those in want; skip tells
// those that may. It returns the varbinds whose lines are alike.
func compare(t *testing.T, o *Options, names *smi.Names, list []pdu.VarBind, want string, skip func(line string) bool) (alike []pdu.VarBind) {
	t.Helper()
	var lines []string
	for _, vb := range list {
		lines = append(lines, string(o.AppendLine(nil, names, vb))+"\n")
	}
	const most = 10
	differences := 0
	for i, got := range lines {
		if rest, same := strings.CutPrefix(want, got); same {
			want = rest
			alike = append(alike, list[i])
			continue
		}
		// Values may have line ends in them: the next line of ours tells where
		// the one of the others is over.
		line, rest, _ := strings.Cut(want, "\n")
		for n, r := 0, rest; n < 8 && i+1 < len(lines); n++ {
			if strings.HasPrefix(r, lines[i+1]) {
				line, rest = want[:len(want)-len(r)-1], r
				break
			}
			_, r, _ = strings.Cut(r, "\n")
		}
		want = rest
		if skip(line) {
			continue
		}
		if differences++; differences <= most {
			t.Errorf("%s\n got %q\nwant %q", list[i], got, line)
		}
	}
	if differences > most {
		t.Errorf("and %d more", differences-most)
	}
	if want != "" {
		t.Errorf("lines left over: %.200q", want)
	}
	return alike
}

const testModule = "FORMAT-TEST-MIB"

// TestAgainstNetSNMP compares all letters for values of every type of objects
// of every type, and for many indexes of every type.
func TestAgainstNetSNMP(t *testing.T) {
	dirs := netSNMP(t)
	modules := []string{"SNMPv2-MIB", "IF-MIB", "NET-SNMP-TC", testModule}
	names := smi.New()
	for _, m := range modules {
		if err := names.Load(m, dirs); err != nil {
			t.Fatal(err)
		}
	}
	list := slices.DeleteFunc(matrix(t, names), func(vb pdu.VarBind) bool { return deviates(names, vb) })
	agent := replay(t, list)
	alike := make(map[string][]pdu.VarBind)
	for _, letters := range comparedLetters {
		t.Run(letters, func(t *testing.T) {
			var o Options
			if err := o.Set(letters); err != nil {
				t.Fatal(err)
			}
			want := walk(t, dirs, strings.Join(modules, ":"), letters, agent, ".1")
			alike[letters] = compare(t, &o, names, list, want, deviatingLine)
		})
	}
	if *update && !t.Failed() {
		record(t, names, alike)
	}
}

// deviatingLine reports whether a line of Net-SNMP's is one of the mistakes that
// Options says are not copied: brackets left open, text on several lines, and an
// index OID without sub-identifiers taken for one that has the next one.
func deviatingLine(line string) bool {
	name, _, _ := strings.Cut(line, " =")
	if strings.Count(name, "[") != strings.Count(name, "]") {
		return true
	}
	if _, text, found := strings.Cut(line, "  ["); found && strings.ContainsAny(text, "\t\v\f\r") {
		return true
	}
	return strings.Contains(line, "TRUNCATED") || strings.Contains(name, "ccitt]") || strings.Contains(name, "iso]")
}

// deviates reports whether a varbind is printed differently on purpose.
func deviates(names *smi.Names, vb pdu.VarBind) bool {
	object, _ := names.Lookup(vb.Name)
	for arc := range vb.Name.Arcs() { // an index that is no octet
		if object.Kind == smi.Column && (arc == 300 || arc == 1<<32-1) {
			return true
		}
	}
	if object.Type == nil {
		return false
	}
	size := len(vb.Value.Octets())
	switch hint := object.Type.Hint; hint {
	case "x", "o", "z", "d2", "x-1", "d-", "dd", "-2":
		return vb.Value.Syntax() == pdu.TypeInteger
	case "0a[2x:2x]0a:2d", "1d*1d,", "*1a-", "1a*2d:,1x", "1a*2d:,1x,":
		return true
	case "2x:", "2o/":
		return size%2 != 0 || size > 0 && hint == "2o/"
	case "3x":
		return size%3 != 0
	case "4d":
		return size%4 != 0
	case "8x ":
		return size%8 != 0
	case "1d.1d.1d.1d:2d", "1x:2d", "2x.:1d", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d":
		return true
	}
	// It forgets the label of the last bit of a long BITS.
	return object.Type.Bits && size > 2
}

// matrix returns the varbinds for the objects of the test module.
func matrix(t *testing.T, names *smi.Names) (list []pdu.VarBind) {
	strs := []string{
		"", "a", "abc", "hello world", "\x00", "\x07\xe4\x0b\x16\x0a\x11\x26\x00", "\x07\xe4\x0b\x16\x0a\x11\x26\x00\x2b\x05\x1e",
		"\xff\xfe\xfd", "ä€", `"q"\x`, "a\tb\nc\r\n", strings.Repeat("x", 40), "\x7f\x00\x00\x01\x00\xa1", "\x05\x01\x02\x03\x04\x05\x06\x07\x08",
		"\x02A", "\x01\x00", "\xc8d2\x19", "ab\x00cd", "\x7f", "ab\x1b[0m", "\x00\x10", "\x80@", strings.Repeat("\xff", 9), ascending(17), ascending(40),
	}
	ints := []int32{0, 1, -1, 9, 10, -10, 12345, -12345, 1<<31 - 1, -1 << 31, 100, -5}
	values := []pdu.Value{
		pdu.Integer(1), pdu.Integer(-1), pdu.Integer(7), pdu.OctetString("text"), pdu.OctetString("\x01\x02\xff"), pdu.OctetString(""),
		pdu.OctetString("\xc0"), pdu.OctetString("\x80\x40"), pdu.OctetString("\x00\x00\x00\x00"), pdu.Null,
		pdu.ObjectIdentifier(ber.MustOID("1.3.6.1.2.1.1.1.0")), pdu.ObjectIdentifier(ber.MustOID("0.0")),
		pdu.IPAddress(addr("10.1.2.3")), pdu.Counter32(1<<32 - 1), pdu.Gauge32(1<<32 - 1),
		pdu.TimeTicks(0), pdu.TimeTicks(100), pdu.TimeTicks(1<<32 - 1), pdu.TimeTicks(8640000), pdu.TimeTicks(8639999),
		pdu.Opaque("\x9f\x78\x04\x40\xa2\x3c\xf9"), pdu.Opaque("\x9f\x78\x04\x7f\x80\x00\x00"), pdu.Opaque("\x9f\x78\x04\x7f\xc0\x00\x00"),
		pdu.Opaque("\x9f\x78\x04\x00\x00\x00\x00"), pdu.Opaque("\x9f\x78\x04\x4b\x18\x96\x80"), pdu.Opaque("\x9f\x78\x04\xc7\xc3\x50\x80"),
		pdu.Opaque("\x9f\x79\x08\x40\x09\x1e\xb8\x51\xeb\x85\x1f"), pdu.Opaque("\x9f\x76\x01\xff"), pdu.Opaque("\x9f\x77\x01\x01"),
		pdu.Opaque("\x9f\x7a\x01\x01"), pdu.Opaque("\x9f\x7a\x01\xff"), pdu.Opaque("\x9f\x7b\x01\xfe"), pdu.Opaque("\x04\x01A"), pdu.Opaque(""),
		pdu.NSAP("\x01\x02"), pdu.Counter64(1<<64 - 1), pdu.Counter64(0), pdu.UInteger32(77),
	}
	indexes := []string{
		"0", "1", "2", "1.2", "1.2.3", "1.2.3.4", "1.2.3.4.5", "3.97.98", "3.97.98.99", "97.98.99", "4294967295", "1.4.127.0.0.1",
		"2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1", "3.8.10.0.0.1.0.0.0.3", "4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.2",
		"16.3.97.98.99", "1.3.1.2.3", "7.1.4.10.1.2.3.9", "7.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.5", "3.97.98.99.1.100.101",
		"3.97.98.99.2.100", "2.300.1", "5.1.3.6.1.2", "1.3.6.1.2.1.1", "1.2.3.4.5.6", "1.6.0.1.2.3.4.5", "8.1.3.6.1.2.1.1.1", "9.1.3",
	}
	for _, s := range []string{"test1", `a"b`, "a'b", `a\b`, "\x01\xff", "ab c", "a.b"} {
		var arcs []string
		for i := range len(s) {
			arcs = append(arcs, fmt.Sprint(s[i]))
		}
		plain := strings.Join(arcs, ".")
		indexes = append(indexes, plain, fmt.Sprintf("%d.%s", len(s), plain), fmt.Sprintf("%d.%s.7", len(s), plain))
	}
	add := func(o *smi.Object, i int, v pdu.Value) {
		list = append(list, pdu.VarBind{Name: o.OID.Append(uint32(i)), Value: v})
	}
	for o := range names.All() {
		if o.Module != testModule {
			continue
		}
		switch {
		case strings.HasPrefix(o.Name, "string"):
			for i, s := range strs {
				add(o, i, pdu.OctetString(s))
			}
		case strings.HasPrefix(o.Name, "integer"):
			for i, n := range ints {
				add(o, i, pdu.Integer(n))
			}
		case strings.HasPrefix(o.Name, "other"):
			for i, v := range values {
				add(o, i, v)
			}
		case strings.HasPrefix(o.Name, "value"):
			for _, x := range indexes {
				list = append(list, pdu.VarBind{Name: o.OID + ber.MustOID(x), Value: pdu.Integer(1)})
			}
		}
	}
	if len(list) < 2000 {
		t.Fatalf("the test module gives %d varbinds only", len(list))
	}
	for _, name := range []string{ // nodes of every height
		"1.3", "1.0.8802.1", "1.3.6.1", "1.3.6.1.1.3", "1.3.6.1.2", "1.3.6.1.2.1", "1.3.6.1.2.1.2.2", "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.2.2.1.999.1",
		"1.3.6.1.2.1.9999.1", "1.3.6.1.2.2", "1.3.6.1.3.77", "1.3.6.1.4.1.9.9.1.0", "1.3.6.1.5.7.1", "1.3.6.1.6", "1.3.6.1.6.3.77.1", "1.3.6.1.7.1",
	} {
		list = append(list, pdu.VarBind{Name: ber.MustOID(name), Value: pdu.Integer(3)})
	}
	slices.SortFunc(list, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
	return list
}

func ascending(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}
