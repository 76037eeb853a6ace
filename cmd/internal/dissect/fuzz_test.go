package dissect

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// FuzzMessage checks of any datagram that
//
//   - nothing panics;
//   - the fields lie inside the input, and their headers and contents, put one
//     after the other, are the input: nothing is left out or shown twice;
//   - problems have offsets inside the input or at its end;
//   - the number of fields and problems, the depth and what Write writes are
//     linear in the input;
//   - what package pdu makes of the message agrees: refused means Malformed,
//     refused by a strict decoder only means Tolerated;
//   - a community does not show.
func FuzzMessage(f *testing.F) {
	for _, p := range packets {
		f.Add(unhex(p.hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}

// FuzzScopedPDU checks the same of what may come out of a decryption.
func FuzzScopedPDU(f *testing.F) {
	f.Add(unhex("3011 0400 0400 A00B 020101 020100 020100 3000"))
	f.Add(unhex("3011 0400 0400 A00B 020101 020100 020100 3000 0000"))
	f.Add(unhex("3011 0400 0400 A90B 020101 020100 020100 3000"))
	f.Add(unhex("3017 0400 0400 A811 020101 020100 020100 3006 3004 0600 0500"))
	f.Add(unhex("9C33 42"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		fields := ScopedPDU(data, Options{})
		checkFields(t, data, fields)
		worst, found := fields.Worst()
		err := new(pdu.Decoder).ScopedPDU(data, new(pdu.ScopedPDU))
		if (err != nil) != (found && worst == Malformed) {
			t.Fatalf("package pdu says %v, the worst problem is %v", err, worst)
		}
	})
}

// check is one run of FuzzMessage.
func check(t *testing.T, data []byte) {
	before := slices.Clone(data)
	fields := Message(data, Options{})
	if !bytes.Equal(data, before) {
		t.Fatal("the input was changed")
	}
	checkFields(t, data, fields)

	worst, found := fields.Worst()
	if version, err := pdu.ReadVersion(data); err == nil && version == pdu.V3 {
		return
	}
	var m pdu.Message
	err := new(pdu.Decoder).Message(data, &m)
	strict := (&pdu.Decoder{Strict: true}).Message(data, &m)
	switch {
	case (err != nil) != (found && worst == Malformed):
		t.Fatalf("package pdu says %v, the worst problem is %v", err, worst)
	case strict != nil && (!found || worst < Tolerated):
		t.Fatalf("a strict decoder says %v, the worst problem is %v", strict, worst)
	}
}

// checkFields checks that the fields are the data, and what is written of them.
func checkFields(t *testing.T, data []byte, fields *Fields) {
	var joined []byte
	problems := 0
	for i, field := range fields.List {
		if field.Offset < 0 || field.Header < 0 || field.Length < 0 || field.End() > len(data) {
			t.Fatalf("field %d %+v is not inside the %d octets", i, field, len(data))
		}
		end := field.End()
		if field.Parent {
			end = field.Offset + field.Header
		}
		joined = append(joined, data[field.Offset:end]...)
		problems += len(field.Problems)
		for _, p := range field.Problems {
			if p.Offset < 0 || p.Offset > len(data) || p.Clause == "" || p.Text == "" {
				t.Fatalf("field %d has the problem %+v, the input %d octets", i, p, len(data))
			}
		}
		if field.Depth > 7+maxGeneric {
			t.Fatalf("field %d is %d deep", i, field.Depth)
		}
	}
	if !bytes.Equal(joined, data) {
		t.Fatalf("the fields' octets are\n%X, the input is\n%X", joined, data)
	}
	if n := len(fields.List); n > len(data)+1 || problems > 3*n {
		t.Fatalf("%d fields and %d problems of %d octets", n, problems, len(data))
	}
	var out countingWriter
	if err := fields.Write(&out); err != nil || int(out) > 1000+500*len(data) {
		t.Fatalf("%d octets of text for %d of input: %v", out, len(data), err)
	}
}

type countingWriter int

func (w *countingWriter) Write(b []byte) (int, error) {
	*w += countingWriter(len(b))
	return len(b), nil
}

// FuzzCommunity puts a community that cannot be mistaken into a well-formed
// message, damages that in one place, and looks for the community in the text.
func FuzzCommunity(f *testing.F) {
	f.Add(uint16(0), byte(0x30), false)
	f.Add(uint16(1), byte(0x10), false)
	f.Add(uint16(2), byte(0x04), true)
	f.Add(uint16(5), byte(0x24), true)
	f.Add(uint16(6), byte(0x84), false)
	f.Add(uint16(6), byte(0x02), false)
	f.Add(uint16(4), byte(0x03), false)
	f.Add(uint16(4), byte(0x03), true)
	f.Add(uint16(3), byte(0x19), false)
	f.Fuzz(func(t *testing.T, at uint16, octet byte, insert bool) {
		const community = "\xC0\xFF\xEEsesame"
		m := pdu.Message{Version: pdu.V2c, Community: []byte(community), PDU: pdu.PDU{
			Kind: pdu.GetRequest, RequestID: 1, VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6"), Value: pdu.Null}}}}
		data := m.Append(nil)
		i := int(at) % len(data)
		if insert {
			data = slices.Insert(data, i, octet)
		} else {
			data[i] = octet
		}
		if !bytes.Contains(data, []byte(community)) {
			return // then it is another one
		}
		var text strings.Builder
		if err := Message(data, Options{}).Write(&text); err != nil {
			t.Fatal(err)
		}
		if s := text.String(); strings.Contains(s, "C0 FF EE 73") || strings.Contains(s, "73 65 73 61") || strings.Contains(s, "sesame") {
			t.Errorf("%X\n%s", data, s)
		}
	})
}

// An error of the writer reaches the caller.
func TestWriteError(t *testing.T) {
	failed := errors.New("failed")
	err := Message(unhex(packets[0].hex), Options{}).Write(failingWriter{failed})
	if !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

var _ io.Writer = failingWriter{}
