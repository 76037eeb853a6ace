package pdu

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

// Captured exchanges, with what other decoders made of them. SNMPv3 messages
// among them have to be refused as such.
func TestCaptures(t *testing.T) {
	community := 0
	for _, name := range bertest.Glob(t, "packets/decoded", "*.json") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var packets []struct {
			N       int
			Payload string
			Decoded json.RawMessage
		}
		if err := json.Unmarshal(text, &packets); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(packets) == 0 {
			t.Errorf("%s: no packet in it", name)
		}
		for _, p := range packets {
			payload, err := hex.DecodeString(p.Payload)
			if err != nil {
				t.Fatalf("%s: packet %d: %v", name, p.N, err)
			}
			m, err := ParseMessage(payload)
			if version, _ := ReadVersion(payload); version == V3 {
				if !errors.Is(err, ErrVersion) {
					t.Errorf("%s: packet %d: %v, want ErrVersion", name, p.N, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: packet %d: %v", name, p.N, err)
				continue
			}
			community++
			checkJSON(t, jsonMessage(m), p.Decoded)
			if encoded := checkRoundTrip(t, m); string(encoded) != string(payload) {
				t.Errorf("%s: packet %d: encoded to\n%x\nwas\n%x", name, p.N, encoded, payload)
			}
		}
	}
	if community == 0 {
		t.Error("no community message in the captures")
	}
	t.Logf("%d community messages", community)
}

// Traffic of real devices and managers that is strictly valid.
func TestValidTraffic(t *testing.T) {
	community := 0
	bertest.HexLines(t, bertest.Shared(t, "hostile/valid.hex"), func(octets []byte, source string) {
		if version, err := ReadVersion(octets); err != nil {
			t.Errorf("%s: %v", source, err)
		} else if version == V3 {
			return
		}
		d := Decoder{Strict: true}
		var m Message
		if err := d.Message(octets, &m); err != nil {
			t.Errorf("%s: strict mode: %v\n%x", source, err, octets)
			return
		}
		community++
		checkRoundTrip(t, &m)
	})
	if community == 0 {
		t.Error("no community message")
	}
	t.Logf("%d community messages", community)
}

// Malformed packets of public test suites. None may do harm; what is accepted
// survives a round trip, and what is refused is refused with an offset inside
// of the packet.
func TestHostileTraffic(t *testing.T) {
	for _, name := range bertest.Glob(t, "hostile", "*.hex.gz") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if testing.Short() && strings.Contains(name, "-long") {
				t.Skip("large")
			}
			var lenient Decoder
			strict := Decoder{Strict: true}
			var m, s Message
			accepted, strictly, total := 0, 0, 0
			bertest.HexLines(t, name, func(octets []byte, source string) {
				total++
				strictErr := strict.Message(octets, &s)
				err := lenient.Message(octets, &m)
				if strictErr == nil {
					strictly++
					if err != nil {
						t.Fatalf("%s: strict mode accepts what is refused otherwise: %v", source, err)
					}
				}
				if err != nil {
					var syntax *ber.SyntaxError
					if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(octets) {
						t.Fatalf("%s: %v for %d octets", source, err, len(octets))
					}
					return
				}
				accepted++
				checkRoundTrip(t, &m)
			})
			t.Logf("%d packets, %d accepted, %d of them strictly", total, accepted, strictly)
		})
	}
}
