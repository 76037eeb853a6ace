package fuzz

import (
	"bytes"
	"encoding/asn1"
	"reflect"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/pdu"
)

// equalMessages reports whether two messages say the same. A list without
// varbinds may be nil or not.
func equalMessages(a, b *pdu.Message) bool {
	x, y := *a, *b
	for _, m := range []*pdu.Message{&x, &y} {
		m.Community, m.PDU.VarBinds, m.Trap.VarBinds = nil, nil, nil
	}
	return reflect.DeepEqual(x, y) && bytes.Equal(a.Community, b.Community) &&
		slices.Equal(a.PDU.VarBinds, b.PDU.VarBinds) && slices.Equal(a.Trap.VarBinds, b.Trap.VarBinds)
}

// checkMessageASN1 asserts that encoding/asn1 sees m in der, as far as the types
// are universal ones.
func checkMessageASN1(t *testing.T, der []byte, m *pdu.Message) {
	t.Helper()
	var message struct {
		Version   int64
		Community []byte
		PDU       asn1.RawValue
	}
	rest, err := asn1.Unmarshal(der, &message)
	if err != nil || len(rest) != 0 {
		t.Fatalf("encoding/asn1 refuses % X: %v, %d octets left", der, err, len(rest))
	}
	if message.Version != int64(m.Version) || !bytes.Equal(message.Community, m.Community) || message.PDU.FullBytes[0] != byte(m.PDU.Kind) {
		t.Fatalf("encoding/asn1 reads %+v", message)
	}
	rest = message.PDU.Bytes
	next := func(to any) {
		t.Helper()
		if rest, err = asn1.Unmarshal(rest, to); err != nil {
			t.Fatalf("encoding/asn1 refuses % X: %v", rest, err)
		}
	}
	list := m.PDU.VarBinds
	var want, got []int64
	var number int64
	if m.PDU.Kind == pdu.TrapV1 {
		var raw asn1.RawValue
		next(&raw)
		checkOID(t, raw.Bytes, m.Trap.Enterprise)
		next(&raw) // agent-addr, an application type
		list = m.Trap.VarBinds
		want = []int64{int64(m.Trap.GenericTrap), int64(m.Trap.SpecificTrap)}
		for range want {
			next(&number)
			got = append(got, number)
		}
		next(&raw) // time-stamp, an application type
	} else {
		want = []int64{int64(m.PDU.RequestID), int64(m.PDU.ErrorStatus), int64(m.PDU.ErrorIndex)}
		if m.PDU.Kind == pdu.GetBulkRequest {
			want = []int64{int64(m.PDU.RequestID), int64(m.PDU.NonRepeaters), int64(m.PDU.MaxRepetitions)}
		}
		for range want {
			next(&number)
			got = append(got, number)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("encoding/asn1 reads %d, want %d", got, want)
	}
	var varBinds []struct{ Name, Value asn1.RawValue }
	next(&varBinds)
	if len(rest) != 0 || len(varBinds) != len(list) {
		t.Fatalf("encoding/asn1 reads %d varbinds and % X besides, want %d", len(varBinds), rest, len(list))
	}
	for i, vb := range varBinds {
		checkOID(t, vb.Name.Bytes, list[i].Name)
		value := list[i].Value
		if vb.Value.FullBytes[0] != byte(value.Syntax()) {
			t.Fatalf("encoding/asn1 reads identifier %#x of varbind %d, want %v", vb.Value.FullBytes[0], i+1, value.Syntax())
		}
		switch value.Syntax() {
		case pdu.TypeInteger:
			if _, err := asn1.Unmarshal(vb.Value.FullBytes, &number); err != nil || number != int64(value.Int()) {
				t.Fatalf("encoding/asn1 reads %d, %v, want %v", number, err, value)
			}
		case pdu.TypeOctetString:
			if string(vb.Value.Bytes) != value.Octets() {
				t.Fatalf("encoding/asn1 reads % X, want %v", vb.Value.Bytes, value)
			}
		case pdu.TypeObjectIdentifier:
			checkOID(t, vb.Value.Bytes, value.OID())
		}
	}
}

// checkLengths asserts that the lengths a responder computes beforehand are those
// of m, which takes n octets.
func checkLengths(t *testing.T, m *pdu.Message, n int) {
	t.Helper()
	if m.PDU.Kind == pdu.TrapV1 {
		return
	}
	varBinds := 0
	for i := range m.PDU.VarBinds {
		varBinds += m.PDU.VarBinds[i].EncodedLen()
	}
	field2, field3 := int32(m.PDU.ErrorStatus), m.PDU.ErrorIndex
	if m.PDU.Kind == pdu.GetBulkRequest {
		field2, field3 = m.PDU.NonRepeaters, m.PDU.MaxRepetitions
	}
	pduLen := pdu.PDULen(m.PDU.RequestID, field2, field3, varBinds)
	if got := pdu.CommunityMessageLen(m.Version, m.Community, pduLen); got != n {
		t.Fatalf("%d octets announced, %d written", got, n)
	}
	w := ber.NewWriter(make([]byte, pduLen))
	if m.PDU.Encode(&w); w.Err() != nil || w.Len() != pduLen {
		t.Fatalf("the PDU takes %d octets, %d announced", w.Len(), pduLen)
	}
}

// FuzzMessage reads its input as a community message of SNMPv1 or SNMPv2c.
//
//  1. No panic, and no more varbinds than the input has room for.
//  2. What is accepted is written and read again to an equal message, in strict
//     mode, and what is written then is the same octets. The lengths that can be
//     computed beforehand are those that are written.
//  3. What is refused is refused with a *pdu.Error around a *ber.SyntaxError
//     whose offset lies in the input or at its end.
//  4. The Decoder's arena holds no more than a constant and 16 octets for each of
//     the input's, the list of varbinds no more than a constant and one for each
//     two octets.
//  5. encoding/asn1 and crypto/x509 accept what is written, with equal values.
//  6. What strict mode accepts is accepted without it, to the same message.
//  7. ReadVersion and ReadHeader read of an accepted message what is in it.
//  8. The input is not written to, and a Decoder that has read something else
//     before reads the same.
//  9. The octets of the varbinds that the Decoder has for who repeats them are those
//     that are written, and it has them if all is as it is written.
func FuzzMessage(f *testing.F) {
	for _, p := range bertest.Packets(f) {
		f.Add(p.Octets)
	}
	var used pdu.Decoder // by all inputs
	f.Fuzz(func(t *testing.T, input []byte) {
		before := bytes.Clone(input)
		var d pdu.Decoder
		var m, s, u pdu.Message
		err := d.Message(input, &m)
		if d.Arena.Cap() > 4096+16*len(input) || cap(m.PDU.VarBinds)+cap(m.Trap.VarBinds) > 16+len(input)/2 {
			t.Fatalf("%d octets and %d varbinds are held for an input of %d", d.Arena.Cap(), cap(m.PDU.VarBinds)+cap(m.Trap.VarBinds), len(input))
		}
		strict := pdu.Decoder{Strict: true}
		switch strictErr := strict.Message(input, &s); {
		case strictErr == nil && (err != nil || !equalMessages(&s, &m) || d.Tolerated != 0):
			t.Fatalf("strict mode reads %+v, otherwise %+v, %v", s, m, err)
		case strictErr != nil && err == nil && d.Tolerated == 0:
			t.Fatalf("strict mode refuses what is not counted as tolerated: %v", strictErr)
		case strictErr != nil:
			checkSyntaxError(t, strictErr, len(input))
		}
		if usedErr := used.Message(input, &u); (usedErr == nil) != (err == nil) || err == nil && !equalMessages(&u, &m) {
			t.Fatalf("a used Decoder reads %+v, %v, a new one %+v, %v", u, usedErr, m, err)
		}
		if !bytes.Equal(input, before) {
			t.Fatal("the input was written to")
		}
		if err == nil && m.PDU.Kind != pdu.TrapV1 {
			repeated, written := m, m.Append(nil)
			if list := d.VarBindList(); list != nil {
				repeated.PDU.VarBinds, repeated.PDU.Encoded = nil, list
			} else if bytes.HasPrefix(input, written) {
				t.Fatal("the varbinds are not had in their octets")
			}
			if got := repeated.Append(nil); !bytes.Equal(got, written) {
				t.Fatalf("% x is written with the octets of the varbinds, % x without", got, written)
			}
		}
		if err != nil {
			checkSyntaxError(t, err, len(input))
			if _, ok := err.(*pdu.Error); !ok {
				t.Fatalf("%T, want *pdu.Error", err)
			}
			return
		}
		list := m.PDU.VarBinds
		if m.PDU.Kind == pdu.TrapV1 {
			list = m.Trap.VarBinds
		}
		if 6*len(list) > len(input) { // 30 04 06 00 05 00
			t.Fatalf("%d varbinds in %d octets", len(list), len(input))
		}
		version, versionErr := pdu.ReadVersion(input)
		h, headerErr := pdu.ReadHeader(input, false)
		if versionErr != nil || headerErr != nil || version != m.Version || h.Version != m.Version ||
			!bytes.Equal(h.Community, m.Community) || h.Kind != m.PDU.Kind {
			t.Fatalf("ReadVersion: %v, %v; ReadHeader: %+v, %v; message: %+v", version, versionErr, h, headerErr, m)
		}

		encoded := m.Append(nil)
		var again pdu.Message
		if err := strict.Message(encoded, &again); err != nil || !equalMessages(&again, &m) {
			t.Fatalf("written as % X, which reads as %+v, %v, want %+v", encoded, again, err, m)
		}
		if twice := again.Append(nil); !bytes.Equal(twice, encoded) {
			t.Fatalf("written as % X, then as % X", encoded, twice)
		}
		checkLengths(t, &m, len(encoded))
		checkMessageASN1(t, encoded, &m)
	})
}
