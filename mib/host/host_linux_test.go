package host

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// serveThisMachine registers the objects of the machine that runs the test.
func serveThisMachine(t *testing.T) *mib.Tree {
	t.Helper()
	h, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	tree := mib.NewTree()
	if err := h.Register(tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// What a manager sees is what the machine itself says. Counters go on while the
// test reads, so /sys is read between two snapshots.
func TestThisMachine(t *testing.T) {
	const sys = "/sys/class/net/"
	entries, err := os.ReadDir(sys)
	if err != nil {
		t.Skipf("this machine does not show its interfaces: %v", err)
	}
	before := serveThisMachine(t)
	read := func(path ...string) string {
		b, err := os.ReadFile(sys + strings.Join(path, "/"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(string(b), "\n")
	}
	number := func(path ...string) uint64 {
		n, err := strconv.ParseUint(read(path...), 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	type reading struct {
		name             string
		index            uint32
		octetsIn, octets uint64
	}
	var list []reading
	for _, e := range entries {
		if _, err := os.Stat(sys + e.Name() + "/ifindex"); err != nil {
			continue // bonding_masters is no interface
		}
		list = append(list, reading{
			e.Name(), uint32(number(e.Name(), "ifindex")),
			number(e.Name(), "statistics", "rx_bytes"), number(e.Name(), "statistics", "tx_bytes"),
		})
	}
	after := serveThisMachine(t)

	if got := get(t, after, oidIfNumber.Append(0)); got != pdu.Integer(int32(len(list))) {
		t.Errorf("ifNumber = %v, /sys has %d interfaces", got, len(list))
	}
	for _, i := range list {
		column := func(entry ber.OID, arc uint32) pdu.Value { return get(t, after, entry.Append(arc, i.index)) }
		for _, name := range []pdu.Value{column(oidIfEntry, 2), column(oidIfXEntry, 1)} {
			if name != pdu.OctetString(i.name) {
				t.Errorf("ifDescr or ifName of %d = %v, /sys says %s", i.index, name, i.name)
			}
		}
		if got, want := column(oidIfEntry, 4), number(i.name, "mtu"); got != pdu.Integer(int32(want)) {
			t.Errorf("%s: ifMtu = %v, /sys says %d", i.name, got, want)
		}
		if got, want := column(oidIfEntry, 7) == pdu.Integer(1), number(i.name, "flags")&1 != 0; got != want {
			t.Errorf("%s: ifAdminStatus up is %t, /sys says %t", i.name, got, want)
		}
		for arc, want := range map[uint32]uint64{6: i.octetsIn, 10: i.octets} {
			first := get(t, before, oidIfXEntry.Append(arc, i.index)).Uint()
			last := column(oidIfXEntry, arc).Uint()
			if want < first || want > last {
				t.Errorf("%s: ifXTable column %d is %d before and %d after, /sys says %d", i.name, arc, first, last, want)
			}
		}
	}
}

// RFC 2863 §3.1.6: the 32-bit counters are the low halves of the HC counters.
func TestThisMachineCounters(t *testing.T) {
	h, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.Close() // what it serves stays as it is, so that two reads see one moment
	still := mib.NewTree()
	if err := h.Register(still); err != nil {
		t.Fatal(err)
	}
	for _, index := range indexes(t, still, oidIfEntry.Append(1)) {
		for narrow, wide := range map[uint32]uint32{10: 6, 11: 7, 12: 8, 16: 10, 17: 11} {
			low := get(t, still, oidIfEntry.Append(narrow, index))
			high := get(t, still, oidIfXEntry.Append(wide, index))
			if low != pdu.Counter32(uint32(high.Uint())) || high.Syntax() != pdu.TypeCounter64 {
				t.Errorf("interface %d: ifTable column %d = %v, ifXTable column %d = %v", index, narrow, low, wide, high)
			}
		}
	}
}

func TestSystemDescr(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Skipf("no host name: %v", err)
	}
	if got := SystemName(); got != name {
		t.Errorf("SystemName() = %q, want %q", got, name)
	}
	// Managers tell a Linux machine by the first word.
	if got := SystemDescr(); !strings.HasPrefix(got, "Linux "+name+" ") {
		t.Errorf("SystemDescr() = %q, want it to begin with \"Linux %s \"", got, name)
	}
}
