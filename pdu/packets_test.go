package pdu

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

// kinds are the errors that a packet's expect line names.
var kinds = map[string]error{
	"truncated": ber.ErrTruncated,
	"tag":       ber.ErrTag,
	"length":    ber.ErrLength,
	"integer":   ber.ErrInteger,
	"oid":       ber.ErrOID,
	"trailing":  ber.ErrTrailing,
	"version":   ErrVersion,
	"kind":      ErrKind,
}

// fieldOf returns the field that err names: "varbind 3 name".
func fieldOf(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("no *Error: %v", err)
	}
	if e.VarBind > 0 {
		return fmt.Sprintf("varbind %d %s", e.VarBind, e.Field)
	}
	return e.Field
}

// checkRejected asserts field, offset and, if it is not nil, the kind of a
// decoder's error.
func checkRejected(t *testing.T, err error, field string, offset int, kind error) {
	t.Helper()
	var syntax *ber.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("error %v, want a *ber.SyntaxError", err)
	}
	if syntax.Offset != offset || fieldOf(err) != field || kind != nil && !errors.Is(err, kind) {
		t.Errorf("error %v, want field %q, offset %d, %v", err, field, offset, kind)
	}
}

// equal reports whether two messages say the same. A list without varbinds may
// be nil or not.
func equal(a, b *Message) bool {
	x, y := *a, *b
	for _, m := range []*Message{&x, &y} {
		m.Community, m.PDU.VarBinds, m.Trap.VarBinds = nil, nil, nil
	}
	return reflect.DeepEqual(x, y) && bytes.Equal(a.Community, b.Community) &&
		slices.Equal(a.PDU.VarBinds, b.PDU.VarBinds) && slices.Equal(a.Trap.VarBinds, b.Trap.VarBinds)
}

// checkRoundTrip asserts that m, decoded, survives being encoded: it decodes to
// an equal message, and that encodes to the same octets. It returns them.
func checkRoundTrip(t *testing.T, m *Message) []byte {
	t.Helper()
	encoded := m.Append(nil)
	d := Decoder{Strict: true} // what we write needs no tolerance
	var again Message
	if err := d.Message(encoded, &again); err != nil {
		t.Fatalf("what was encoded is refused: %v\n% X", err, encoded)
	}
	if !equal(m, &again) {
		t.Fatalf("decodes to\n%+v\nwas\n%+v", again, *m)
	}
	if twice := again.Append(nil); !bytes.Equal(twice, encoded) {
		t.Fatalf("encodes to\n% X\nwas\n% X", twice, encoded)
	}
	return encoded
}

// checkVarBindList asserts that d, which has read m, has the octets of its varbinds if, and
// only if, they are encoded to the same.
func checkVarBindList(t *testing.T, d *Decoder, m *Message, octets []byte) {
	t.Helper()
	list, repeated := d.VarBindList(), *m
	if list == nil {
		if bytes.HasPrefix(octets, m.Append(nil)) {
			t.Error("there is no VarBindList of what is encoded to the same octets")
		}
		return
	}
	repeated.PDU.VarBinds, repeated.PDU.Encoded = nil, list
	if got, want := repeated.Append(nil), m.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("with the VarBindList it is encoded to\n% X\nwithout to\n% X", got, want)
	}
}

// Every packet in testdata/packets is decoded, leniently and strictly, as its
// header says, and what is accepted survives a round trip.
func TestPackets(t *testing.T) {
	for _, p := range bertest.Packets(t) {
		t.Run(p.Name, func(t *testing.T) {
			strict := Decoder{Strict: true}
			var m Message
			err := strict.Message(p.Octets, &m)
			if p.Expect == "ok" {
				if err != nil {
					t.Errorf("strict mode: %v", err)
				}
			} else {
				checkRejected(t, err, p.Field, p.At, kinds[p.Expect])
			}

			var lenient Decoder
			err = lenient.Message(p.Octets, &m)
			if !p.Accepted() {
				checkRejected(t, err, p.Field, p.At, kinds[p.Expect])
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tolerated := p.Expect == "tolerated"; (lenient.Tolerated > 0) != tolerated {
				t.Errorf("%d encodings counted as tolerated", lenient.Tolerated)
			}
			checkRoundTrip(t, &m)
			if m.PDU.Kind != TrapV1 {
				checkVarBindList(t, &lenient, &m, p.Octets)
			}

			own, err := ParseMessage(p.Octets)
			if err != nil {
				t.Fatalf("ParseMessage: %v", err)
			}
			clear(p.Octets)
			checkRoundTrip(t, own) // it owns its memory
		})
	}
}

// ReadHeader and ReadVersion accept what the whole decoder accepts, see the same
// in it, and are not stricter than it before the PDU.
func TestPacketHeaders(t *testing.T) {
	for _, p := range bertest.Packets(t) {
		t.Run(p.Name, func(t *testing.T) {
			h, err := ReadHeader(p.Octets, false)
			version, versionErr := ReadVersion(p.Octets)
			m, messageErr := ParseMessage(p.Octets)
			if messageErr == nil {
				if err != nil || versionErr != nil {
					t.Fatalf("ReadHeader: %v; ReadVersion: %v", err, versionErr)
				}
				if h.Version != m.Version || !bytes.Equal(h.Community, m.Community) || h.Kind != m.PDU.Kind || version != m.Version {
					t.Errorf("header %+v and version %v of a message with %v, %q, %v", h, version, m.Version, m.Community, m.PDU.Kind)
				}
				return
			}
			switch p.Field {
			case "message", "version", "community":
				if p.Expect != "trailing" && fieldOf(err) != p.Field {
					t.Errorf("ReadHeader: %v, want an error of the %s", err, p.Field)
				}
			default:
				if err != nil {
					t.Errorf("ReadHeader refuses what is wrong behind the header: %v", err)
				}
			}
		})
	}
}
