package pdu

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

var addr = netip.MustParseAddr

// A row for each type: what the constructors make, what the accessors give, how
// it is written, and what people see.
func TestValue(t *testing.T) {
	oid := ber.MustOID("1.3.6.1")
	tests := []struct {
		name   string
		value  Value
		syntax Syntax
		hex    string
		text   string
		string string
	}{
		{"INTEGER", Integer(-1), TypeInteger, "0201ff", "-1", "INTEGER -1"}, // RFC 2578 §7.1.1
		{"smallest INTEGER", Integer(math.MinInt32), TypeInteger, "020480000000", "-2147483648", "INTEGER -2147483648"},
		{"OCTET STRING", OctetString("a\x00\xff"), TypeOctetString, "04036100ff", "a\x00\xff", `OCTET STRING "a\x00\xff"`}, // RFC 2578 §7.1.2
		{"empty OCTET STRING", OctetString(""), TypeOctetString, "0400", "", `OCTET STRING ""`},
		{"NULL", Null, TypeNull, "0500", "", "NULL"},
		{"OBJECT IDENTIFIER", ObjectIdentifier(oid), TypeObjectIdentifier, "06032b0601", "1.3.6.1", "OBJECT IDENTIFIER 1.3.6.1"},
		{"IpAddress", IPAddress(addr("192.0.2.1")), TypeIPAddress, "4004c0000201", "192.0.2.1", "IpAddress 192.0.2.1"}, // RFC 2578 §7.1.5
		{"IpAddress in IPv6", IPAddress(addr("::ffff:192.0.2.1")), TypeIPAddress, "4004c0000201", "192.0.2.1", "IpAddress 192.0.2.1"},
		{"IpAddress of IPv6", IPAddress(addr("2001:db8::1")), TypeIPAddress, "400400000000", "0.0.0.0", "IpAddress 0.0.0.0"},
		{"IpAddress of nothing", IPAddress(netip.Addr{}), TypeIPAddress, "400400000000", "0.0.0.0", "IpAddress 0.0.0.0"},
		{"Counter32", Counter32(math.MaxUint32), TypeCounter32, "410500ffffffff", "4294967295", "Counter32 4294967295"}, // RFC 2578 §7.1.6
		{"Gauge32", Gauge32(1 << 31), TypeGauge32, "42050080000000", "2147483648", "Gauge32 2147483648"},                // RFC 2578 §7.1.7, §7.1.11
		{"TimeTicks", TimeTicks(0), TypeTimeTicks, "430100", "0", "TimeTicks 0"},                                        // RFC 2578 §7.1.8
		{"Opaque", Opaque("\x9f\x78"), TypeOpaque, "44029f78", "\x9f\x78", `Opaque "\x9fx"`},                            // RFC 2578 §7.1.9
		{"NsapAddress", NSAP("\x01"), TypeNSAP, "450101", "\x01", `NsapAddress "\x01"`},
		{"Counter64", Counter64(math.MaxUint64), TypeCounter64, "460900ffffffffffffffff", "18446744073709551615", "Counter64 18446744073709551615"}, // RFC 2578 §7.1.10
		{"UInteger32", UInteger32(7), TypeUInteger32, "470107", "7", "UInteger32 7"},
		{"noSuchObject", NoSuchObject, TypeNoSuchObject, "8000", "", "noSuchObject"}, // RFC 3416 §3
		{"noSuchInstance", NoSuchInstance, TypeNoSuchInstance, "8100", "", "noSuchInstance"},
		{"endOfMibView", EndOfMibView, TypeEndOfMibView, "8200", "", "endOfMibView"},
	}
	seen := make(map[Syntax]bool)
	for _, tt := range tests {
		seen[tt.syntax] = true
		t.Run(tt.name, func(t *testing.T) {
			v := tt.value
			if v.Syntax() != tt.syntax || v.IsZero() || v.Text() != tt.text || v.String() != tt.string {
				t.Errorf("%#x, %q, %q", v.Syntax(), v.Text(), v.String())
			}
			if exception := v.Syntax() >= 0x80; v.IsException() != exception {
				t.Errorf("IsException is %v", v.IsException())
			}
			w := ber.NewWriter(make([]byte, 100))
			v.encode(&w)
			if got := hexOf(w.Bytes()); got != tt.hex {
				t.Errorf("written as %s, want %s", got, tt.hex)
			}
			if got := ber.SizeTLV(v.contentsLen()); got != w.Len() {
				t.Errorf("%d octets announced, %d written", got, w.Len())
			}
			r := ber.NewReader(w.Bytes())
			var a ber.Arena
			got := readValue(&r, &a)
			if got != v || r.Err() != nil || r.More() {
				t.Errorf("reads as %v, %v", got, r.Err())
			}
			clone := got.Clone()
			clear(w.Bytes())
			a.Poison()
			if clone != v {
				t.Errorf("the clone became %v", clone)
			}

			// Each accessor answers for its own types alone.
			if got, ok := v.Int(), tt.syntax == TypeInteger; (got != 0) != ok {
				t.Errorf("Int is %d", got)
			}
			switch tt.syntax {
			case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeCounter64, TypeUInteger32:
			default:
				if v.Uint() != 0 {
					t.Errorf("Uint is %d", v.Uint())
				}
			}
			switch tt.syntax {
			case TypeOctetString, TypeOpaque, TypeNSAP:
				if v.Octets() != tt.text {
					t.Errorf("Octets is %q", v.Octets())
				}
			default:
				if v.Octets() != "" {
					t.Errorf("Octets is %q", v.Octets())
				}
			}
			if want := map[bool]ber.OID{true: oid}[tt.syntax == TypeObjectIdentifier]; v.OID() != want {
				t.Errorf("OID is %v", v.OID())
			}
			if v.Addr().IsValid() != (tt.syntax == TypeIPAddress) {
				t.Errorf("Addr is %v", v.Addr())
			}
		})
	}
	for s := range 256 {
		if known := !strings.HasPrefix(Syntax(s).String(), "type "); known != seen[Syntax(s)] {
			t.Errorf("type %#x is called %v, but has a row: %v", s, Syntax(s), seen[Syntax(s)])
		}
	}
}

func TestZeroValue(t *testing.T) {
	var v Value
	if !v.IsZero() || v.IsException() || v.Text() != "" || v.String() != "no value" || v.contentsLen() != 0 || v.Clone() != v {
		t.Errorf("the zero Value is %v", v)
	}
	defer func() {
		if recover() == nil {
			t.Error("the zero Value can be encoded")
		}
	}()
	w := ber.NewWriter(make([]byte, 10))
	v.encode(&w)
}

// RFC 2578 §7.1.2: an OCTET STRING has at most 65535 octets. The limit is not
// one of Opaque.
func TestOctetStringLimit(t *testing.T) {
	tests := []struct {
		name  string
		tag   ber.Tag
		n     int
		valid bool
	}{
		{"longest", 0x04, 65535, true},
		{"too long", 0x04, 65536, false},
		{"Opaque", 0x44, 65536, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := ber.NewWriter(make([]byte, 70000))
			w.Octets(tt.tag, make([]byte, tt.n))
			r := ber.NewReader(w.Bytes())
			v := readValue(&r, new(ber.Arena))
			if tt.valid {
				if r.Err() != nil || len(v.Octets()) != tt.n {
					t.Errorf("%d octets, %v", len(v.Octets()), r.Err())
				}
				return
			}
			checkRejected(t, r.Err(), "no *Error: ber: offset 0: bad length", 0, ber.ErrLength)
		})
	}
}

// An OCTET STRING aliases the datagram and an OID the arena, until Clone.
func TestDecodedValuesAlias(t *testing.T) {
	var packet bertest.Packet
	for _, p := range bertest.Packets(t) {
		if p.Name == "every-type" {
			packet = p
		}
	}
	var d Decoder
	var m Message
	if err := d.Message(packet.Octets, &m); err != nil {
		t.Fatal(err)
	}
	var kept []VarBind
	var want []string
	for _, vb := range m.PDU.VarBinds {
		kept = append(kept, vb.Clone())
		want = append(want, vb.String())
	}
	octets, name := m.PDU.VarBinds[1], m.PDU.VarBinds[1].Name
	clear(packet.Octets)
	d.Arena.Poison()
	for i, vb := range kept {
		if vb.String() != want[i] {
			t.Errorf("varbind %d became %v, was %s", i+1, vb, want[i])
		}
	}
	if octets.Value.Octets() != "\x00\x00\x00" {
		t.Errorf("%v does not alias the datagram", octets.Value)
	}
	if name == kept[1].Name {
		t.Errorf("%v does not live in the arena", name)
	}
}

// An encoder shows values, and refuses to read them: they are not lost without a word.
func TestValueJSON(t *testing.T) {
	text, err := json.Marshal(VarBind{Name: ber.MustOID("1.3.6.1"), Value: OctetString("a\x00")})
	if want := `{"Name":"1.3.6.1","Value":"OCTET STRING \"a\\x00\""}`; string(text) != want || err != nil {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	if err := json.Unmarshal(text, new(VarBind)); err == nil {
		t.Error("a value is read, and was lost")
	}
}
