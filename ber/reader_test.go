package ber

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// octets turns "30 03 02 01 00" into what it says.
func octets(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("bad hex in the test: %v", err)
	}
	return b
}

// checkError asserts kind and offset of a Reader's error; kind nil means none.
func checkError(t *testing.T, err error, kind error, offset int) {
	t.Helper()
	if kind == nil {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || !errors.Is(err, kind) || syntax.Offset != offset {
		t.Errorf("error %v, want offset %d: %v", err, offset, kind)
	}
}

// A row for each way in which a length can be right, unusual or a lie. The first
// octet of each is an OCTET STRING's identifier.
func TestReaderLength(t *testing.T) {
	tests := []struct {
		name   string
		in     string
		want   string
		err    error
		offset int
	}{
		{name: "short form, none", in: "04 00", want: ""}, // X.690 §8.1.3.4, §8.7
		{name: "short form", in: "04 03 61 62 63", want: "61 62 63"},
		{name: "octets behind it are not read", in: "04 01 61 62", want: "61"},
		{name: "long form of one octet for a short length", in: "04 81 01 61", want: "61"},            // X.690 §8.1.3.5
		{name: "long form, two leading zeros", in: "04 83 00 00 01 61", want: "61"},                   // X.690 §8.1.3.5, RFC 3417 §8
		{name: "long form of eight octets", in: "04 88 00 00 00 00 00 00 00 02 61 62", want: "61 62"}, // more than an int of 32 bits has
		{name: "long form for none", in: "04 81 00", want: ""},
		{name: "long form of 126 octets", in: "04 FE " + strings.Repeat("00", 125) + "01 61", want: "61"},

		{name: "nothing at all", in: "", err: ErrTruncated, offset: 0},
		{name: "no length", in: "04", err: ErrTruncated, offset: 1},
		{name: "one octet too long", in: "04 04 61 62 63", err: ErrTruncated, offset: 5},
		{name: "longest short form, no contents", in: "04 7F", err: ErrTruncated, offset: 2},
		{name: "long form without its octets", in: "04 84", err: ErrTruncated, offset: 2},
		{name: "long form lacks its last octet", in: "04 84 00 00 00", err: ErrTruncated, offset: 5},
		{name: "long form of 126 octets, none there", in: "04 FE 61", err: ErrTruncated, offset: 3},
		{name: "long form, one octet too long", in: "04 81 02 61", err: ErrTruncated, offset: 4},
		{name: "2^30-1", in: "04 84 3F FF FF FF 61", err: ErrTruncated, offset: 7},
		{name: "2^30", in: "04 84 40 00 00 00 61", err: ErrLength, offset: 1},
		{name: "2^31-1", in: "04 84 7F FF FF FF 61", err: ErrLength, offset: 1},
		{name: "2^31", in: "04 84 80 00 00 00 61", err: ErrLength, offset: 1},
		{name: "2^32-1", in: "04 84 FF FF FF FF 61", err: ErrLength, offset: 1},
		{name: "2^32+1, 1 in 32 bits", in: "04 85 01 00 00 00 01 61", err: ErrLength, offset: 1},
		{name: "2^63-1", in: "04 88 7F FF FF FF FF FF FF FF 61", err: ErrLength, offset: 1},
		{name: "2^64-1, -1 in 64 bits", in: "04 88 FF FF FF FF FF FF FF FF 61", err: ErrLength, offset: 1},
		{name: "2^64+1, 1 in 64 bits", in: "04 89 01 00 00 00 00 00 00 00 01 61", err: ErrLength, offset: 1},
		{name: "indefinite form", in: "04 80 61 00 00", err: ErrLength, offset: 1}, // RFC 3417 §8 (1)
		{name: "reserved", in: "04 FF 61 62 63", err: ErrLength, offset: 1},        // X.690 §8.1.3.5 c
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(octets(t, tt.in))
			got := r.Octets(OctetString)
			checkError(t, r.Err(), tt.err, tt.offset)
			if !bytes.Equal(got, octets(t, tt.want)) {
				t.Errorf("contents % X, want %s", got, tt.want)
			}
			if tt.err != nil && got != nil {
				t.Errorf("contents % X besides an error", got)
			}
			if r.Tolerated != 0 {
				t.Errorf("counted %d as tolerated: long lengths are legal BER", r.Tolerated)
			}

			strict := NewReader(octets(t, tt.in))
			strict.Strict = true
			strict.Octets(OctetString)
			checkError(t, strict.Err(), tt.err, tt.offset)

			skip := NewReader(octets(t, tt.in))
			skip.Skip()
			checkError(t, skip.Err(), tt.err, tt.offset)
			if tt.err == nil && skip.Offset() != r.Offset() {
				t.Errorf("Skip stops at %d, Octets at %d", skip.Offset(), r.Offset())
			}

			// The same inside of a SEQUENCE whose end is the bound, with more
			// octets behind it that belong to something else.
			b := octets(t, tt.in)
			w := NewWriter(make([]byte, 300))
			end := w.Mark()
			copy(w.buf[w.off-len(b):], b)
			w.off -= len(b)
			w.Wrap(Sequence, end)
			header := SizeHeader(len(b))
			nested := NewReader(append(w.Bytes(), 0x04, 0x01, 0x61))
			seq := nested.Enter(Sequence)
			nested.Octets(OctetString)
			if tt.err == nil {
				for nested.More() { // "octets behind it"
					nested.off++
				}
			}
			nested.Leave(seq)
			checkError(t, nested.Err(), tt.err, tt.offset+header)
		})
	}
}

func TestReaderTag(t *testing.T) {
	tests := []struct {
		name   string
		in     string
		read   func(r *Reader)
		err    error
		offset int
	}{
		{"as expected", "05 00", func(r *Reader) { r.Null(Null) }, nil, 0},
		{"another type", "02 01 00", func(r *Reader) { r.Octets(OctetString) }, ErrTag, 0},
		{"wrong tag before a bad length", "02 80", func(r *Reader) { r.Octets(OctetString) }, ErrTag, 0},
		{"constructed OCTET STRING", "24 03 04 01 61", func(r *Reader) { r.Octets(OctetString) }, ErrTag, 0}, // RFC 3417 §8 (2)
		{"constructed INTEGER", "22 03 02 01 01", func(r *Reader) { r.Int32(Integer) }, ErrTag, 0},           // RFC 3417 §8 (2)
		{"constructed OBJECT IDENTIFIER", "26 03 06 01 2B", func(r *Reader) { r.OID(ObjectIdentifier, new(Arena)) }, ErrTag, 0},
		{"constructed application type", "61 03 02 01 01", func(r *Reader) { r.Uint32(0x41) }, ErrTag, 0}, // RFC 3417 §8 (2)
		{"primitive SEQUENCE", "10 00", func(r *Reader) { r.Enter(Sequence) }, ErrTag, 0},                 // X.690 §8.9.1
		{"primitive tag of a PDU", "80 00", func(r *Reader) { r.Enter(0xA0) }, ErrTag, 0},                 // X.690 §8.14
		{"SET", "31 00", func(r *Reader) { r.Enter(Sequence) }, ErrTag, 0},
		{"number of more octets", "1F 81 01 01 00", func(r *Reader) { r.Skip() }, ErrTag, 0},            // X.690 §8.1.2.4
		{"number of more octets, constructed", "3F 01 00", func(r *Reader) { r.Skip() }, ErrTag, 0},     // X.690 §8.1.2.4
		{"number of more octets, asked for", "9F 01 00", func(r *Reader) { r.Octets(0x9F) }, ErrTag, 0}, // X.690 §8.1.2.4
		{"tag 0 is a tag like any", "00 01 61", func(r *Reader) { r.Skip() }, nil, 0},                   // Peek gives 0 for "none" too
		{"second element", "05 00 05 00", func(r *Reader) { r.Null(Null); r.Null(0x81) }, ErrTag, 2},
		{"NULL with contents", "05 01 00", func(r *Reader) { r.Null(Null) }, ErrLength, 1},      // X.690 §8.8.2
		{"exception with contents", "80 01 00", func(r *Reader) { r.Null(0x80) }, ErrLength, 1}, // X.690 §8.8.2
		{"NULL, long form", "05 82 00 00", func(r *Reader) { r.Null(Null) }, nil, 0},            // X.690 §8.1.3.5
		{"nothing left to skip", "", func(r *Reader) { r.Skip() }, ErrTruncated, 0},
		{"nothing left in a SEQUENCE", "30 00 05 00", func(r *Reader) { r.Enter(0x30); r.Skip() }, ErrTruncated, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(octets(t, tt.in))
			tt.read(&r)
			checkError(t, r.Err(), tt.err, tt.offset)
		})
	}
}

func TestReaderEnterLeave(t *testing.T) {
	tests := []struct {
		name   string
		in     string
		err    error
		offset int
	}{
		{"all there", "30 07 30 02 05 00 02 01 07", nil, 0},
		{"nothing in the inner one", "30 05 30 00 02 01 07", ErrTruncated, 4},
		{"inner one ends after the outer one", "30 04 30 07 05 00 02 01 07", ErrTruncated, 6}, // X.690 §8.1.1
		{"inner element ends after its SEQUENCE", "30 07 30 01 05 00 02 01 07", ErrTruncated, 5},
		{"outer one has octets left", "30 08 30 02 05 00 02 01 07 00", ErrTrailing, 9},
		{"inner one has octets left", "30 09 30 04 05 00 05 00 02 01 07", ErrTrailing, 6},
		{"octets behind the outer one", "30 07 30 02 05 00 02 01 07 FF FF", nil, 0},
		{"outer one cut off", "30 08 30 02 05 00 02 01 07", ErrTruncated, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(octets(t, tt.in))
			outer := r.Enter(Sequence)
			inner := r.Enter(Sequence)
			r.Null(Null)
			r.Leave(inner)
			if got := r.Int32(Integer); tt.err == nil && got != 7 {
				t.Errorf("the INTEGER behind the inner SEQUENCE is %d, want 7", got)
			}
			r.Leave(outer)
			checkError(t, r.Err(), tt.err, tt.offset)
		})
	}
}

// The first error sticks: nothing that is called later changes it, returns a
// value or advances.
func TestReaderFirstErrorSticks(t *testing.T) {
	r := NewReader(octets(t, "30 0A 02 01 05 04 01 61 06 01 2B 00"))
	var a Arena
	seq := r.Enter(Sequence)
	r.Field("a").Int32(Integer)
	r.Field("b").Null(Null)
	if v := r.Field("c").Octets(OctetString); v != nil {
		t.Errorf("Octets gives % X", v)
	}
	if v := r.Text(OctetString); v != "" {
		t.Errorf("Text gives %q", v)
	}
	if v := r.Int32(Integer); v != 0 {
		t.Errorf("Int32 gives %d", v)
	}
	if v := r.Uint32(Integer); v != 0 {
		t.Errorf("Uint32 gives %d", v)
	}
	if v := r.Uint64(Integer); v != 0 {
		t.Errorf("Uint64 gives %d", v)
	}
	if v := r.OID(ObjectIdentifier, &a); v != "" || a.Cap() != 0 {
		t.Errorf("OID gives %v and leaves the arena at %d octets", v, a.Cap())
	}
	if r.Peek() != 0 || r.More() {
		t.Errorf("Peek gives %#x, More %v", r.Peek(), r.More())
	}
	r.Skip()
	r.Fail(1, ErrLength)
	inner := r.Enter(Sequence)
	r.Leave(inner)
	r.Leave(seq)
	checkError(t, r.Err(), ErrTag, 5)
	if r.Offset() != 5 || r.FieldName() != "b" {
		t.Errorf("the error is at %d in %q, want 5 in b", r.Offset(), r.FieldName())
	}
}

func TestReaderRemaining(t *testing.T) {
	r := NewReader(octets(t, "30 05 02 01 05 05 00 05 00"))
	seq := r.Enter(Sequence)
	if r.Remaining() != 5 || r.Offset() != 2 || r.Peek() != Integer {
		t.Errorf("inside: %d left at %d", r.Remaining(), r.Offset())
	}
	r.Int32(Integer)
	if r.Remaining() != 2 || r.Peek() != Null {
		t.Errorf("behind the INTEGER: %d left", r.Remaining())
	}
	r.Skip()
	if r.More() || r.Remaining() != 0 || r.Peek() != 0 {
		t.Errorf("at the end: %d left", r.Remaining())
	}
	r.Leave(seq)
	if !r.More() || r.Remaining() != 2 {
		t.Errorf("outside: %d left", r.Remaining())
	}
}

// The zero Reader has nothing to read, as one over nil.
func TestReaderOverNothing(t *testing.T) {
	for _, r := range []Reader{{}, NewReader(nil)} {
		if r.More() || r.Remaining() != 0 || r.Peek() != 0 || r.Err() != nil {
			t.Errorf("More %v, Remaining %d, Peek %#x, %v", r.More(), r.Remaining(), r.Peek(), r.Err())
		}
		r.Enter(Sequence)
		checkError(t, r.Err(), ErrTruncated, 0)
	}
}

func TestReaderCopyKeepsState(t *testing.T) {
	r := NewReader(octets(t, "02 01 05 02 01 06"))
	r.Int32(Integer)
	c := r
	if got := r.Int32(Integer); got != 6 {
		t.Fatalf("second INTEGER is %d, want 6", got)
	}
	if got := c.Int32(Integer); got != 6 {
		t.Errorf("the copy reads %d, want 6", got)
	}
}

func TestReaderOctetsAlias(t *testing.T) {
	datagram := octets(t, "04 02 61 62 04 01 63")
	r := NewReader(datagram)
	b := r.Octets(OctetString)
	s := r.Text(OctetString)
	datagram[2], datagram[6] = 'x', 'y'
	if string(b) != "xb" || s != "y" {
		t.Errorf("Octets %q and Text %q do not alias the datagram", b, s)
	}
	if cap(b) != 2 {
		t.Errorf("appending to what Octets returned would write into the datagram: cap %d, want 2", cap(b))
	}
}

func TestSyntaxErrorText(t *testing.T) {
	err := error(&SyntaxError{Offset: 41, Err: ErrTruncated})
	if got, want := err.Error(), "ber: offset 41: truncated"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Padded counts what X.690 §8.1.3.5 leaves to the one who writes.
func TestReaderPadded(t *testing.T) {
	long := make([]byte, 0x80)
	for _, tt := range []struct {
		name   string
		header string
		want   int
	}{
		{"short form", "\x04\x05", 0},
		{"long form of what the short one can have", "\x04\x81\x7f", 1},
		{"long form", "\x04\x81\x80", 0},
		{"two octets for one", "\x04\x82\x00\x80", 1},
	} {
		r := NewReader(append([]byte(tt.header), long...))
		if r.Octets(OctetString); r.Padded != tt.want || r.Tolerated != 0 || r.Err() != nil {
			t.Errorf("%s: %d padded, %d tolerated, %v", tt.name, r.Padded, r.Tolerated, r.Err())
		}
	}
}

func TestReaderSince(t *testing.T) {
	r := NewReader([]byte{0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00})
	r.Enter(Sequence)
	start := r.Offset()
	r.Int32(Integer)
	got := r.Since(start)
	if string(got) != "\x02\x01\x07" || cap(got) != len(got) {
		t.Errorf("% X with room for %d", got, cap(got))
	}
}
