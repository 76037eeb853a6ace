package pdu

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// RFC 1157 §4.1 has five PDUs, RFC 3416 §3 all but SNMPv1's trap; RFC 3411 §2.8
// says to which an answer is due.
func TestKind(t *testing.T) {
	tests := []struct {
		kind      Kind
		tag       ber.Tag
		name      string
		v1, v2    bool
		confirmed bool
	}{
		{GetRequest, 0xA0, "GetRequest", true, true, true},
		{GetNextRequest, 0xA1, "GetNextRequest", true, true, true},
		{Response, 0xA2, "Response", true, true, false},
		{SetRequest, 0xA3, "SetRequest", true, true, true},
		{TrapV1, 0xA4, "Trap", true, false, false},
		{GetBulkRequest, 0xA5, "GetBulkRequest", false, true, true},
		{InformRequest, 0xA6, "InformRequest", false, true, true},
		{TrapV2, 0xA7, "SNMPv2-Trap", false, true, false},
		{Report, 0xA8, "Report", false, true, false},
		{0x9F, 0x9F, "PDU 159", false, false, false},
		{0xA9, 0xA9, "PDU 169", false, false, false},
		{0, 0, "PDU 0", false, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := tt.kind
			if ber.Tag(k) != tt.tag || k.String() != tt.name || k.Confirmed() != tt.confirmed {
				t.Errorf("%#x, %v, confirmed %v", byte(k), k, k.Confirmed())
			}
			if k.In(V1) != tt.v1 || k.In(V2c) != tt.v2 || k.In(V3) != tt.v2 {
				t.Errorf("in SNMPv1 %v, in SNMPv2c %v, in SNMPv3 %v", k.In(V1), k.In(V2c), k.In(V3))
			}
			for _, v := range []Version{-1, 2, 4} {
				if k.In(v) {
					t.Errorf("in version %d, which does not exist", v)
				}
			}

			// The decoder takes exactly these.
			for _, v := range []Version{V1, V2c} {
				m := Message{Version: v, PDU: PDU{Kind: k}, Trap: Trap{Enterprise: ber.NewOID(1, 3), AgentAddr: addr("192.0.2.1")}}
				_, err := ParseMessage(m.Append(nil))
				if k.In(v) != (err == nil) || err != nil && !errors.Is(err, ErrKind) {
					t.Errorf("in %v: %v", v, err)
				}
			}
		})
	}
}

// The numbers are those of the messages and of SnmpSecurityModel (RFC 3411
// §3.3.1, §5); a level that is higher includes what is lower (RFC 3411 §3.4.3).
func TestArchitecture(t *testing.T) {
	tests := []struct {
		got, want int
		name      fmt.Stringer
		text      string
	}{
		{int(V1), 0, V1, "SNMPv1"},
		{int(V2c), 1, V2c, "SNMPv2c"},
		{int(V3), 3, V3, "SNMPv3"},
		{int(Version(2)), 2, Version(2), "SNMP version field 2"},
		{int(NoAuthNoPriv), 0, NoAuthNoPriv, "noAuthNoPriv"},
		{int(AuthNoPriv), 1, AuthNoPriv, "authNoPriv"},
		{int(AuthPriv), 2, AuthPriv, "authPriv"},
		{9, 9, SecurityLevel(9), "securityLevel 9"},
		{int(SecurityModelAny), 0, nil, ""},
		{int(SecurityModelV1), 1, nil, ""},
		{int(SecurityModelV2c), 2, nil, ""},
		{int(SecurityModelUSM), 3, nil, ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want || tt.name != nil && tt.name.String() != tt.text {
			t.Errorf("%d, %v, want %d, %s", tt.got, tt.name, tt.want, tt.text)
		}
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		packet string
		want   string
	}{
		{"trap-varbind-cut-off", "pdu: varbind 2 value: ber: offset 71: truncated"},
		{"oid-cut-off", "pdu: varbind 1 name: ber: offset 37: bad OBJECT IDENTIFIER"},
		{"octets-left-in-varbind", "pdu: varbind 2 sequence: ber: offset 57: octets left over"},
		{"getbulk-v1", "pdu: PDU: ber: offset 13: PDU of a kind that this version does not have"},
		{"version-3", "pdu: version: ber: offset 2: unsupported SNMP version"},
		{"request-id-too-large", "pdu: request-id: ber: offset 15: bad INTEGER"},
	}
	packets := bertest.Packets(t)
	for _, tt := range tests {
		t.Run(tt.packet, func(t *testing.T) {
			i := slices.IndexFunc(packets, func(p bertest.Packet) bool { return p.Name == tt.packet })
			if _, err := ParseMessage(packets[i].Octets); err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// What the version of a message is decides before anything behind it is looked
// at (RFC 1157 §4.1, RFC 3412 §4.2.1).
func TestReadHeaderVersion(t *testing.T) {
	tests := []struct {
		name    string
		in      string
		version Version
		err     error
		offset  int
	}{
		{"v2c", "3009020101040070a0000500", V2c, nil, 0},
		{"v2c without a PDU", "30050201010400", V2c, nil, 0},
		{"version 2", "30050201020400", 2, ErrVersion, 2},
		{"SNMPv3", "30050201033000", V3, ErrVersion, 2},
		{"SNMPv3 and nothing else", "3003020103", V3, ErrVersion, 2},
		{"version -1", "30050201FF0400", -1, ErrVersion, 2},
		{"no version", "30020400", 0, ber.ErrTag, 2},
		{"community is no string", "30050201010500", V2c, ber.ErrTag, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, err := hex.DecodeString(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			h, err := ReadHeader(in, true)
			if h.Version != tt.version {
				t.Errorf("version %v, want %v", h.Version, tt.version)
			}
			if tt.err == nil {
				if err != nil {
					t.Error(err)
				}
			} else {
				checkRejected(t, err, fieldOf(err), tt.offset, tt.err)
			}
			if v, err := ReadVersion(in); (err == nil) != (tt.name != "no version") || v != tt.version {
				t.Errorf("ReadVersion: %v, %v", v, err)
			}
		})
	}
}

// randomMessage returns a message of any kind with up to most varbinds.
func randomMessage(random *rand.Rand, most int) Message {
	number := func() int32 { return int32(random.Uint32()) >> random.IntN(32) }
	name := func() ber.OID {
		o := ber.NewOID(random.Uint32N(2), random.Uint32N(40))
		for range random.IntN(20) {
			o = o.Append(random.Uint32() >> random.IntN(32))
		}
		return o
	}
	text := func() string { return strings.Repeat("x", random.IntN(200)) }
	value := func() Value {
		n := random.Uint64() >> random.IntN(64)
		return []Value{
			Integer(number()), OctetString(text()), Null, ObjectIdentifier(name()), IPAddress(netip.AddrFrom4([4]byte{byte(n), 2, 3, 4})),
			Counter32(uint32(n)), Gauge32(uint32(n)), TimeTicks(uint32(n)), Opaque(text()), NSAP(text()), Counter64(n), UInteger32(uint32(n)),
			NoSuchObject, NoSuchInstance, EndOfMibView,
		}[random.IntN(15)]
	}
	var list []VarBind
	for range random.IntN(most + 1) {
		list = append(list, VarBind{name(), value()})
	}
	m := Message{Version: V2c, Community: []byte(text())}
	switch k := GetRequest + Kind(random.IntN(9)); k {
	case TrapV1:
		m.Version = V1
		m.PDU.Kind = k
		m.Trap = Trap{name(), netip.AddrFrom4([4]byte{1, 2, 3, byte(number())}), number(), number(), random.Uint32(), list}
	case GetBulkRequest:
		m.PDU = PDU{Kind: k, RequestID: number(), NonRepeaters: number(), MaxRepetitions: number(), VarBinds: list}
	default:
		m.PDU = PDU{Kind: k, RequestID: number(), ErrorStatus: ErrorStatus(number()), ErrorIndex: number(), VarBinds: list}
	}
	return m
}

// A message of any kind survives a round trip, and the lengths that a responder
// computes beforehand are those that are written.
func TestRandomMessages(t *testing.T) {
	random := rand.New(rand.NewPCG(34, 16))
	for range 3000 {
		m := randomMessage(random, 12)
		encoded := checkRoundTrip(t, &m)
		if m.PDU.Kind == TrapV1 {
			continue
		}
		varBinds := 0
		for _, vb := range m.PDU.VarBinds {
			varBinds += vb.EncodedLen()
		}
		field2, field3 := int32(m.PDU.ErrorStatus), m.PDU.ErrorIndex
		if m.PDU.Kind == GetBulkRequest {
			field2, field3 = m.PDU.NonRepeaters, m.PDU.MaxRepetitions
		}
		pduLen := PDULen(m.PDU.RequestID, field2, field3, varBinds)
		w := ber.NewWriter(make([]byte, len(encoded)))
		m.PDU.Encode(&w)
		if pduLen != w.Len() {
			t.Fatalf("PDULen is %d, written %d: %+v", pduLen, w.Len(), m.PDU)
		}
		if got := CommunityMessageLen(m.Version, m.Community, pduLen); got != len(encoded) {
			t.Fatalf("CommunityMessageLen is %d, written %d: %+v", got, len(encoded), m)
		}

		// A buffer of that length is enough, one octet less is not.
		w = ber.NewWriter(make([]byte, len(encoded)))
		if m.Encode(&w); w.Err() != nil {
			t.Fatalf("%d octets do not fit a buffer of %d", len(encoded), len(encoded))
		}
		w = ber.NewWriter(make([]byte, len(encoded)-1))
		if m.Encode(&w); !errors.Is(w.Err(), ber.ErrShortBuffer) {
			t.Fatalf("%d octets fit a buffer of %d: %v", len(encoded), len(encoded)-1, w.Err())
		}
	}
}

// One octet that is changed or missing never makes the decoder panic, and an
// error names an offset inside of what it was given.
func TestDamagedMessages(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 9))
	var d Decoder
	var got Message
	for range 200 {
		m := randomMessage(random, 4)
		encoded := m.Append(nil)
		check := func(b []byte) {
			t.Helper()
			err := d.Message(b, &got)
			var syntax *ber.SyntaxError
			if err != nil && (!errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(b)) {
				t.Fatalf("%v for % X", err, b)
			}
		}
		for i := range encoded {
			check(encoded[:i])
			if i > 0 && d.Message(encoded[:i], &got) == nil {
				t.Fatalf("%d of %d octets are accepted", i, len(encoded))
			}
			for _, o := range []byte{0x00, 0x7F, 0x80, 0x84, 0xFF, encoded[i] + 1} {
				saved := encoded[i]
				encoded[i] = o
				check(encoded)
				encoded[i] = saved
			}
		}
	}
}

func TestEncodeRange(t *testing.T) {
	trap := Trap{Enterprise: ber.NewOID(1, 3), AgentAddr: addr("::1"), TimeStamp: math.MaxUint32, SpecificTrap: math.MinInt32}
	m := Message{PDU: PDU{Kind: TrapV1}, Trap: trap}
	got, err := ParseMessage(m.Append([]byte("before")[:6:6])[6:])
	if err != nil {
		t.Fatal(err)
	}
	if trap.AgentAddr = addr("0.0.0.0"); got.Trap.AgentAddr != trap.AgentAddr || got.Trap.TimeStamp != math.MaxUint32 || got.Trap.SpecificTrap != math.MinInt32 {
		t.Errorf("%+v", got.Trap)
	}

	// Larger than Append's first buffer.
	long := Message{Version: V2c, PDU: PDU{Kind: Response, VarBinds: []VarBind{{ber.NewOID(1, 3), OctetString(strings.Repeat("x", 60000))}}}}
	checkRoundTrip(t, &long)
}

// A message that is read into a Message that held a trap before keeps nothing of
// it.
func TestMessageReuse(t *testing.T) {
	var d Decoder
	var m Message
	trap := Message{PDU: PDU{Kind: TrapV1}, Trap: Trap{Enterprise: ber.NewOID(1, 3), AgentAddr: addr("192.0.2.1"), VarBinds: []VarBind{{ber.NewOID(1, 3), Null}}}}
	get := Message{Version: V2c, Community: []byte("c"), PDU: PDU{Kind: GetRequest, RequestID: 7, VarBinds: []VarBind{{ber.NewOID(1, 3, 6), Null}}}}
	for _, want := range []*Message{&trap, &get, &trap} {
		if err := d.Message(want.Append(nil), &m); err != nil || !equal(&m, want) {
			t.Fatalf("read %+v, %v, want %+v", m, err, *want)
		}
	}
}

// PeekRequestID tells the request-id of what may be a PDU with one, and of nothing else.
func TestPeekRequestID(t *testing.T) {
	for _, tt := range []struct {
		name string
		hex  string
		id   int32
		ok   bool
	}{
		{"a Response", "301b020101040170a2130204075bcd15020100020100300506032b06010500", 123456789, true},
		{"negative", "3018020101040170a2100201ff020100020100300506032b06010500", -1, true},
		{"a Trap-PDU", "3009020100040170a401 02", 0, false},
		{"no integer", "300a020101040170a2020500", 0, false},
		{"cut", "300a020101040170a2020204", 0, false},
		{"nothing", "3006020101040170", 0, false},
	} {
		datagram, err := hex.DecodeString(strings.ReplaceAll(tt.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		header, _ := ReadHeader(datagram, false)
		if id, ok := header.PeekRequestID(); ok != tt.ok || ok && id != tt.id {
			t.Errorf("%s: %d, %v, want %d, %v", tt.name, id, ok, tt.id, tt.ok)
		}
	}
}
