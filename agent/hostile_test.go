package agent_test

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/mib"
	"snmpstack/pdu"
)

func slowAddress(b []byte) pdu.Value { return pdu.IPAddress(netip.AddrFrom4([4]byte(b))) }

// hostileObjects are what public test suites ask for: the system group, of which
// three strings can be written, and some columns of ifTable and ifXTable.
func hostileObjects() (objects []slowObject) {
	system := ber.MustOID("1.3.6.1.2.1.1")
	scalar := func(arc uint32, most int, v pdu.Value) {
		object := system.Append(arc)
		objects = append(objects, slowObject{object, []pdu.VarBind{vb(object.Append(0), v)}, most})
	}
	scalar(1, 0, pdu.OctetString(strings.Repeat("a long description ", 13)))
	scalar(2, 0, pdu.ObjectIdentifier(ber.MustOID("1.3.6.1.4.1.32473.4294967295")))
	scalar(3, 0, pdu.TimeTicks(1<<31))
	scalar(4, 255, pdu.OctetString("contact"))
	scalar(5, 255, pdu.OctetString("name"))
	scalar(6, 20, pdu.OctetString("location"))
	scalar(7, 0, pdu.Integer(72))
	for _, column := range []struct {
		object string
		value  func(row uint32) pdu.Value
	}{
		{"1.3.6.1.2.1.2.2.1.1", func(row uint32) pdu.Value { return pdu.Integer(int32(row)) }},
		{"1.3.6.1.2.1.2.2.1.2", func(row uint32) pdu.Value { return pdu.OctetString(strings.Repeat("eth", int(row%50))) }},
		{"1.3.6.1.2.1.2.2.1.10", func(row uint32) pdu.Value { return pdu.Counter32(row << 30) }},
		{"1.3.6.1.2.1.31.1.1.1.6", func(row uint32) pdu.Value { return pdu.Counter64(uint64(row) << 60) }},
	} {
		o := slowObject{name: ber.MustOID(column.object)}
		for _, row := range []uint32{1, 2, 3, 10, 127, 128, 16384, 4294967295} {
			o.instances = append(o.instances, vb(o.name.Append(row), column.value(row)))
		}
		objects = append(objects, o)
	}
	return objects
}

// hostileRig is an agent with hostileObjects, and the slow one that it is to be
// like.
func hostileRig(t *testing.T, access agent.Access, limit int) (*rig, *slowAgent) {
	tree := mib.NewTree()
	for _, o := range hostileObjects() {
		if o.most == 0 {
			register(t, tree, o.name, instances(o.instances))
			continue
		}
		var value atomic.Value
		value.Store(o.instances[0].Value)
		err := mib.Scalar{
			Object: o.name,
			Get:    mib.Value(func() pdu.Value { return value.Load().(pdu.Value) }),
			Syntax: pdu.TypeOctetString,
			Check:  mib.Size(0, o.most),
			Set:    func(_ *mib.Request, v pdu.Value) error { value.Store(v); return nil },
		}.Register(tree)
		if err != nil {
			t.Fatal(err)
		}
	}
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access, a.MsgMaxSize = access, limit })
	return r, &slowAgent{
		objects: hostileObjects(), limit: limit, bulk: 1472,
		readable: func(c []byte) bool {
			return access == agent.InsecureAllowAll || string(c) == "public" || string(c) == "private"
		},
		writable: func(c []byte) bool { return access == agent.InsecureAllowAll || string(c) == "private" },
	}
}

// like sends the agent a datagram and compares what becomes of it with what
// becomes of it in the slow agent. Messages of SNMPv3 are only sent.
func (r *rig) like(slow *slowAgent, datagram []byte) (end string) {
	r.t.Helper()
	before := r.Stats()
	answers := r.exchange(datagram)
	if version, err := pdu.ReadVersion(datagram); err == nil && version == pdu.V3 {
		return "SNMPv3"
	}
	end, want := slow.answer(datagram)
	r.countedIn(before, end)
	switch {
	case len(answers) > 1, len(answers) == 1 != (want != nil):
		r.t.Errorf("%d answers, want %d", len(answers), min(len(want), 1))
	case want != nil && !bytes.Equal(answers[0], want):
		r.t.Errorf("the answer is\n% X, want\n% X", answers[0], want)
	}
	if r.t.Failed() {
		r.t.Fatalf("to % X", datagram)
	}
	return end
}

var hostileRigs = []struct {
	name   string
	access agent.Access
	limit  int
}{
	{"two communities", readWrite, 65507},
	{"any community, small messages", agent.InsecureAllowAll, 484},
}

// RFC 1157 §4.1, RFC 3416 §4.2, RFC 3417 §8, RFC 3584 §4.2.2: malformed and odd
// messages of public test suites and captures (3417-8-5, 3418-snmp-10). Each ends
// where an agent by the letter has it end, and those that are to be answered are
// answered with the same octets.
func TestHostileTraffic(t *testing.T) {
	files := bertest.Glob(t, "hostile", "*.hex*")
	if testing.Short() {
		files = slices.DeleteFunc(files, func(name string) bool { return strings.Contains(name, "-long") })
	}
	type pair struct {
		*rig
		slow   *slowAgent
		became map[string]int
	}
	var pairs []*pair
	for _, tt := range hostileRigs {
		r, slow := hostileRig(t, tt.access, tt.limit)
		pairs = append(pairs, &pair{rig: r, slow: slow})
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			for _, p := range pairs {
				p.t, p.became = t, map[string]int{}
			}
			every := 1
			if strings.Contains(name, "-long") { // much of the same
				every = 10
			}
			total := 0
			bertest.HexLines(t, name, func(octets []byte, source string) {
				if total++; total%every != 0 || len(octets) > 65507 {
					return
				}
				for _, p := range pairs {
					p.became[p.like(p.slow, octets)]++
				}
			})
			for i, p := range pairs {
				t.Log(hostileRigs[i].name, total, p.became)
			}
		})
	}
}

// The same for messages that were good until somebody changed a few octets, which
// are more often nearly right than those of test suites.
func TestHostileMutations(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	rounds := 10_000
	if testing.Short() {
		rounds = 2_000
	}
	for _, tt := range hostileRigs {
		t.Run(tt.name, func(t *testing.T) {
			r, slow := hostileRig(t, tt.access, tt.limit)
			became := map[string]int{}
			for range rounds {
				became[r.like(slow, mutate(random, randomRequest(random, slow.objects)))]++
			}
			for _, end := range []string{"Answered", "snmpInASNParseErrs", "snmpInBadVersions", "snmpUnknownPDUHandlers"} {
				if became[end] == 0 {
					t.Errorf("none of the messages ended in %s", end)
				}
			}
			t.Log(became)
		})
	}
}

// randomRequest is a message about hostileObjects.
func randomRequest(random *rand.Rand, objects []slowObject) []byte {
	m := message(pdu.Version(random.IntN(2)), pdu.GetRequest+pdu.Kind(random.IntN(4)))
	if m.Version == pdu.V2c && random.IntN(3) == 0 {
		m.PDU.Kind = pdu.GetBulkRequest
		m.PDU.NonRepeaters, m.PDU.MaxRepetitions = random.Int32N(4)-1, random.Int32N(40)-1
	}
	if m.Version == pdu.V2c && random.IntN(20) == 0 {
		m.PDU.Kind = pdu.InformRequest
	}
	if random.IntN(2) == 0 {
		m = private(m)
	}
	m.PDU.RequestID = int32(random.Uint32())
	for range random.IntN(6) {
		o := objects[random.IntN(len(objects))]
		found := o.instances[random.IntN(len(o.instances))]
		switch random.IntN(8) {
		case 0:
			found.Name = o.name
		case 1:
			found.Name = found.Name.Append(random.Uint32())
		case 2:
			found.Name = found.Name.Slice(0, 2+random.IntN(found.Name.Len()-2))
		}
		if m.PDU.Kind != pdu.SetRequest || random.IntN(8) == 0 {
			found.Value = pdu.Null
		} else if random.IntN(4) == 0 {
			found.Value = pdu.OctetString(strings.Repeat("x", random.IntN(300)))
		}
		m.PDU.VarBinds = append(m.PDU.VarBinds, found)
	}
	return m.Append(nil)
}

// mutate changes none or some octets of b.
func mutate(random *rand.Rand, b []byte) []byte {
	for range random.IntN(4) {
		if len(b) == 0 {
			break
		}
		at := random.IntN(len(b))
		switch random.IntN(5) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			b[at] = []byte{0x00, 0x01, 0x02, 0x05, 0x06, 0x30, 0x46, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA0, 0xA5, 0xFF}[random.IntN(15)]
		case 2:
			b = append(b[:at:at], b[at+1:]...)
		case 3:
			b = append(b[:at:at], append([]byte{byte(random.Uint32())}, b[at:]...)...)
		case 4:
			b = b[:at]
		}
	}
	return b
}
