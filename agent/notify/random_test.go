package notify

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// A cell is the instance of a column in a row that random SETs are about.
type cell struct {
	name ber.OID
	base pdu.Syntax
}

// cells returns all columns in three rows of each table.
var cells = sync.OnceValue(func() (list []cell) {
	names := smi.Core()
	for _, e := range entries {
		for _, o := range tableColumns(names, e.entry) {
			for _, row := range []uint32{'r', 's', 300} {
				index := ber.NewOID(row)
				if e.index.Len() > 1 {
					index = ber.NewOID(1, 'r', 1, row)
				}
				list = append(list, cell{below(o.OID, index), o.Type.Base})
			}
		}
	}
	return list
})

var randomValues = []pdu.Value{
	pdu.ObjectIdentifier(SnmpUDPDomain), pdu.ObjectIdentifier(TransportDomainUDPIPv6), pdu.ObjectIdentifier(ber.MustOID("1.3.6")),
	pdu.OctetString(udp4), pdu.OctetString(udp4), pdu.OctetString("r"), pdu.OctetString("r s"), pdu.OctetString(""), pdu.OctetString("\xff"),
	pdu.OctetString(strings.Repeat("x", 18)), pdu.OctetString(strings.Repeat("x", 300)),
	pdu.Integer(-1), pdu.Integer(0), pdu.Integer(1), pdu.Integer(2), pdu.Integer(3), pdu.Integer(4), pdu.Integer(5), pdu.Integer(5), pdu.Integer(6), pdu.Integer(484),
}

// A managedTargets is targets that managers do random things to.
type managedTargets struct {
	cells   []cell
	targets *Targets
	tree    *mib.Tree
	carried int
}

func newManaged(t *testing.T) *managedTargets {
	m := &managedTargets{cells: cells(), targets: MustNew(Receiver{Name: "r", Address: "192.0.2.1"})}
	m.tree = serve(t, m.targets)
	return m
}

// set sends a random SET, and checks what has become of the tables.
func (m *managedTargets) set(t *testing.T, pick choice) {
	t.Helper()
	var vbs []pdu.VarBind
	for range 1 + pick(3) {
		c, v := m.cells[pick(len(m.cells))], randomValues[pick(len(randomValues))]
		for i := 0; i < 8 && v.Syntax() != c.base; i++ {
			v = randomValues[pick(len(randomValues))]
		}
		vbs = append(vbs, pdu.VarBind{Name: c.name, Value: v})
	}
	if m.tree.Set(new(mib.Request), vbs) != nil {
		return
	}
	m.carried++
	checkActive(t, &m.targets.addrs, vbs)
	checkActive(t, &m.targets.params, vbs)
	checkActive(t, &m.targets.notifies, vbs)
	checkActive(t, &m.targets.profiles, vbs)
	checkActive(t, &m.targets.filters, vbs)
	kept := m.targets.Kept()
	octets, err := AppendRows(nil, kept...)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseRows(octets); err != nil || !slices.Equal(again, kept) {
		t.Errorf("read again are %v, %v, and kept %v", again, err, kept)
	}
	if err := MustNew().Restore(kept...); err != nil {
		t.Fatalf("after %v what is kept cannot be put back: %v", vbs, err)
	}
	for d := range m.targets.Destinations(coldStart) {
		if d.Addr.Endpoint() == "" || d.Params.consistent() != nil {
			t.Fatalf("after %v a destination is %+v", vbs, d)
		}
	}
}

// checkActive: what is active is right, and the statements' rows are what they were.
func checkActive[R any, P row[R]](t *testing.T, rows *mib.Rows[R], vbs []pdu.VarBind) {
	t.Helper()
	for _, r := range rows.Load().All() {
		if *P(r).status() == mib.Active || !P(r).managed() {
			if err := P(r).check(); err != nil {
				t.Fatalf("after %v there is %+v: %v", vbs, r, err)
			}
		}
	}
}

// TestRandomSets: whatever managers send, what is active is right, and what is kept can
// be put back.
func TestRandomSets(t *testing.T) {
	r := rand.New(rand.NewPCG(3413, 4))
	m := newManaged(t)
	for range 60000 {
		m.set(t, r.IntN)
	}
	if m.carried < 2000 {
		t.Errorf("only %d SETs were carried out", m.carried)
	}
}

// FuzzSets is TestRandomSets with the fuzzer's choices.
func FuzzSets(f *testing.F) {
	f.Add([]byte("a SET of some varbinds, and another one, and so on, until there are no more octets"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, pick := newManaged(t), choices(&data)
		for i := 0; len(data) > 0 && i < 200; i++ {
			m.set(t, pick)
		}
	})
}

// FuzzAddress: an address of a statement's that is good is one in the MIB, and says the
// same when it comes back.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "[2001:db8::1]:162", "noc.example:1162", "[fe80::1%7]", "::ffff:192.0.2.1", "a_b.c-d."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		domain, octets, err := transportOf(address)
		if err != nil {
			return
		}
		text, err := endpoint(domain, octets)
		if err != nil {
			t.Fatalf("%q is %v %q, and that is %v", address, domain, octets, err)
		}
		if again, same, err := transportOf(text); err != nil || again != domain || same != octets {
			t.Fatalf("%q is %v %q, and %q is %v %q, %v", address, domain, octets, text, again, same, err)
		}
	})
}
