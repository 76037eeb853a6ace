package ber

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func repeat(arc uint32, n int) OID { return NewOID(slices.Repeat([]uint32{arc}, n)...) }

func TestReaderOID(t *testing.T) {
	tests := []struct {
		name      string
		contents  string
		want      string
		tolerated bool // an error in strict mode, at offset
		err       error
		offset    int // counted from the identifier; the contents start at 2
	}{
		{name: "0.0", contents: "00", want: "0.0"}, // X.690 §8.19.4
		{name: "0.39", contents: "27", want: "0.39"},
		{name: "1.0", contents: "28", want: "1.0"},
		{name: "1.39", contents: "4F", want: "1.39"},
		{name: "2.0", contents: "50", want: "2.0"},
		{name: "2.47", contents: "7F", want: "2.47"},
		{name: "2.999", contents: "88 37", want: "2.999"}, // X.690 §8.19.5
		{name: "128", contents: "2B 81 00", want: "1.3.128"},
		{name: "16383 and 16384", contents: "2B FF 7F 81 80 00", want: "1.3.16383.16384"},
		{name: "2^32-1", contents: "2B 8F FF FF FF 7F", want: "1.3.4294967295"}, // RFC 2578 §3.5
		{name: "2.4294967215, 32 bits in all", contents: "8F FF FF FF 7F", want: "2.4294967215"},
		{name: "2.4294967216, 33 bits in all", contents: "90 80 80 80 00", want: "2.4294967216"},
		{name: "2.4294967295, the last one", contents: "90 80 80 80 4F", want: "2.4294967295"}, // RFC 2578 §3.5
		{name: "zero arcs", contents: "2B 00 00", want: "1.3.0.0"},
		{name: "128 sub-identifiers", contents: "2B" + strings.Repeat("01", 126), want: repeat(1, 1).Append(3).String() + strings.Repeat(".1", 126)}, // RFC 2578 §3.5

		{name: "no contents", contents: "", want: "0.0", tolerated: true},                                    // X.690 §8.19.2
		{name: "leading zero", contents: "2B 80 01", want: "1.3.1", tolerated: true, offset: 3},              // X.690 §8.19.2
		{name: "leading zeros", contents: "2B 06 80 80 80 05", want: "1.3.6.5", tolerated: true, offset: 4},  // X.690 §8.19.2
		{name: "leading zero of the first", contents: "80 2B 06", want: "1.3.6", tolerated: true, offset: 2}, // X.690 §8.19.2
		{name: "more zeros than 64 bits", contents: strings.Repeat("80", 12) + "2B", want: "1.3", tolerated: true, offset: 2},
		{name: "zeros before 2^32-1", contents: "2B 80 80 8F FF FF FF 7F", want: "1.3.4294967295", tolerated: true, offset: 3},

		{name: "2^32", contents: "2B 90 80 80 80 00", err: ErrOID, offset: 7}, // RFC 2578 §3.5
		{name: "2^32+1 is not 1", contents: "2B 90 80 80 80 01", err: ErrOID, offset: 7},
		{name: "2^35", contents: "2B 81 80 80 80 80 00", err: ErrOID, offset: 8},
		{name: "2^64+1 is not 1", contents: "2B 82 80 80 80 80 80 80 80 80 01", err: ErrOID, offset: 8},
		{name: "2.4294967296", contents: "90 80 80 80 50", err: ErrOID, offset: 6},
		{name: "129 sub-identifiers", contents: "2B" + strings.Repeat("01", 127), err: ErrOID, offset: 3 + 127}, // RFC 2578 §3.5; the length takes two octets
		{name: "ends inside a sub-identifier", contents: "2B 06 81", err: ErrOID, offset: 5},                    // X.690 §8.19.2
		{name: "ends inside the first", contents: "A0", err: ErrOID, offset: 3},
		{name: "only a leading zero", contents: "80", err: ErrOID, offset: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWriter(make([]byte, 200))
			w.Octets(ObjectIdentifier, octets(t, tt.contents))
			in := w.Bytes()
			var a Arena
			r := NewReader(in)
			got := r.OID(ObjectIdentifier, &a)
			checkError(t, r.Err(), tt.err, tt.offset)
			if got.String() != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
			if (r.Tolerated == 1) != tt.tolerated {
				t.Errorf("counted %d as tolerated", r.Tolerated)
			}

			strict := NewReader(in)
			strict.Strict = true
			got = strict.OID(ObjectIdentifier, &a)
			if tt.tolerated {
				checkError(t, strict.Err(), ErrOID, tt.offset)
				return
			}
			if tt.err == nil {
				checkError(t, strict.Err(), nil, 0)
				checkWritten(t, func(w *Writer) { w.OID(ObjectIdentifier, got) }, fmt.Sprintf("%x", in))
			} else if strict.Err() == nil {
				t.Error("strict mode accepts it")
			}
		})
	}
}

// Go converts a string literal to an OID without a word. What takes an OID refuses it,
// and says what was meant.
func TestText(t *testing.T) {
	for _, o := range []OID{"1.3.6.1.4.1.32473.1", "1.3.6.1.4.1.32473.12.1", "1.3.", ".1.3", "1", "sysDescr"} {
		for name, err := range map[string]error{"CheckEncodable": o.CheckEncodable(), "CheckPrefix": o.CheckPrefix()} {
			if err == nil || !strings.Contains(err.Error(), "MustOID") || !strings.Contains(err.Error(), strconv.Quote(string(o))) {
				t.Errorf("%s of %q: %v", name, string(o), err)
			}
		}
	}
}

// What CheckPrefix accepts has a name below it that can be encoded, or is one.
func TestCheckPrefix(t *testing.T) {
	for _, tt := range []struct {
		oid OID
		ok  bool
	}{
		{"", true}, {NewOID(0), true}, {NewOID(2), true}, {NewOID(3), false}, {NewOID(1, 39), true}, {NewOID(1, 40), false},
		{NewOID(math.MaxUint32), false}, {repeat(1, MaxArcs), true}, {repeat(1, MaxArcs+1), false}, {NewOID(1) + "\x00", false},
	} {
		if err := tt.oid.CheckPrefix(); (err == nil) != tt.ok {
			t.Errorf("%v: %v", tt.oid, err)
		}
	}
}

// X.690 §8.19.4 and RFC 2578 §3.5 say which OIDs have an encoding.
func TestCheckEncodable(t *testing.T) {
	tests := []struct {
		name string
		oid  OID
		ok   bool
	}{
		{"the zero OID", "", false},
		{"one arc", NewOID(1), false},
		{"0.0", NewOID(0, 0), true},
		{"0.39", NewOID(0, 39), true},
		{"0.40", NewOID(0, 40), false},
		{"1.39", NewOID(1, 39), true},
		{"1.40", NewOID(1, 40), false},
		{"2.40", NewOID(2, 40), true},
		{"2.4294967295", NewOID(2, math.MaxUint32), true},
		{"3.1", NewOID(3, 1), false},
		{"4294967295.1", NewOID(math.MaxUint32, 1), false},
		{"128 arcs", repeat(1, MaxArcs), true},
		{"128 arcs of five octets each", NewOID(2).Append(slices.Repeat([]uint32{math.MaxUint32}, 127)...), true},
		{"129 arcs", repeat(1, MaxArcs+1), false},
		{"half an arc more", NewOID(1, 3) + "\x00\x00", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.oid.CheckEncodable(); (err == nil) != tt.ok {
				t.Errorf("CheckEncodable: %v", err)
			}
			w := NewWriter(make([]byte, 1000))
			defer func() {
				v := recover()
				if err, _ := v.(error); (v == nil) != tt.ok || !tt.ok && !errors.Is(err, errNotEncodable) && !errors.Is(err, errText) {
					t.Errorf("Writer.OID panics: %v", v)
				}
			}()
			w.OID(ObjectIdentifier, tt.oid)
			if got, want := SizeTLV(SizeOID(tt.oid)), w.Len(); got != want {
				t.Errorf("%d octets announced, %d written", got, want)
			}
			var a Arena
			r := NewReader(w.Bytes())
			r.Strict = true
			if got := r.OID(ObjectIdentifier, &a); got != tt.oid || r.Err() != nil {
				t.Errorf("reads as %v, %v", got, r.Err())
			}
		})
	}
}

func TestParseOID(t *testing.T) {
	long := strings.Repeat("1.", 127) + "1"
	tests := []struct {
		in   string
		want OID
		ok   bool
	}{
		{"", "", true},
		{".", "", true},
		{"1", NewOID(1), true},
		{"1.3.6.1", NewOID(1, 3, 6, 1), true},
		{".1.3.6.1", NewOID(1, 3, 6, 1), true},
		{"0.0", NewOID(0, 0), true},
		{"01.003", NewOID(1, 3), true},
		{"1.4294967295", NewOID(1, math.MaxUint32), true},
		{"1.4294967296", "", false},
		{"1.18446744073709551617", "", false},
		{"1.-1", "", false},
		{"1.+1", "", false},
		{"1. 1", "", false},
		{"1.1_0", "", false},
		{"1.0x1", "", false},
		{"1..3", "", false},
		{"..1", "", false},
		{"1.3.", "", false},
		{"..", "", false},
		{"sysDescr.0", "", false},
		{long, repeat(1, 128), true},
		{long + ".1", "", false},
	}
	for _, tt := range tests {
		got, err := ParseOID(tt.in)
		if (err == nil) != tt.ok || got != tt.want {
			t.Errorf("ParseOID(%q) = %v, %v", tt.in, got, err)
		}
		var o OID
		if err := o.UnmarshalText([]byte(tt.in)); (err == nil) != tt.ok || o != tt.want {
			t.Errorf("UnmarshalText(%q) = %v, %v", tt.in, o, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustOID does not panic")
		}
	}()
	MustOID("1..3")
}

func TestOIDParts(t *testing.T) {
	o := MustOID("1.3.6.1.4294967295.2")
	if got := slices.Collect(o.Arcs()); !slices.Equal(got, []uint32{1, 3, 6, 1, math.MaxUint32, 2}) {
		t.Errorf("Arcs %v", got)
	}
	for arc := range o.Arcs() { // an iteration may stop
		if arc == 3 {
			break
		}
	}
	if o.Len() != 6 || o.At(0) != 1 || o.At(4) != math.MaxUint32 {
		t.Errorf("Len %d, At(0) %d, At(4) %d", o.Len(), o.At(0), o.At(4))
	}
	if got := o.Slice(1, 3); got != NewOID(3, 6) {
		t.Errorf("Slice(1, 3) is %v", got)
	}
	if text, err := o.MarshalText(); string(text) != "1.3.6.1.4294967295.2" || err != nil {
		t.Errorf("MarshalText %s, %v", text, err)
	}
	for _, tt := range []struct {
		oid, prefix string
		want        bool
	}{
		{"1.3.6.1", "1.3.6.1", true},
		{"1.3.6.1", "1.3", true},
		{"1.3.6.1", "", true},
		{"", "", true},
		{"1.3", "1.3.6", false},
		{"1.30", "1.3", false},
		{"1.256", "1", true},
		{"1.256", "1.1", false},
	} {
		if got := MustOID(tt.oid).HasPrefix(MustOID(tt.prefix)); got != tt.want {
			t.Errorf("%s HasPrefix %s is %v", tt.oid, tt.prefix, got)
		}
	}
}

func TestOIDAfter(t *testing.T) {
	const m = math.MaxUint32
	tests := []struct {
		oid, want OID
		ok        bool
	}{
		{NewOID(1, 3), NewOID(1, 4), true},
		{NewOID(1, 3, 0), NewOID(1, 3, 1), true},
		{NewOID(1, 255), NewOID(1, 256), true},
		{NewOID(1, 3, m), NewOID(1, 4), true},
		{NewOID(1, m, m), NewOID(2), true},
		{NewOID(0, m, m, m), NewOID(1), true},
		{NewOID(m, m), "", false},
		{"", "", false}, // everything lies below the zero OID
	}
	for _, tt := range tests {
		if got, ok := tt.oid.After(); got != tt.want || ok != tt.ok {
			t.Errorf("%v.After() = %v, %v, want %v, %v", tt.oid, got, ok, tt.want, tt.ok)
		}
	}
}

// randomOID returns arcs that often share a prefix, and often lie at the
// boundaries of an octet, of a BER octet and of 32 bits.
func randomOID(random *rand.Rand) []uint32 {
	interesting := []uint32{0, 1, 2, 39, 127, 128, 255, 256, 16383, 16384, 65535, 65536, 1 << 24, 1<<31 - 1, 1 << 31, math.MaxUint32 - 1, math.MaxUint32}
	arcs := make([]uint32, random.IntN(6))
	for i := range arcs {
		if random.IntN(8) == 0 {
			arcs[i] = random.Uint32()
		} else {
			arcs[i] = interesting[random.IntN(len(interesting))]
		}
	}
	return arcs
}

// slowCompare is the order of RFC 3416 §4.2.2 as it is said: sub-identifier by
// sub-identifier, and if one list ends, it comes first.
func slowCompare(a, b []uint32) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] < b[i] {
			return -1
		}
		if a[i] > b[i] {
			return +1
		}
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return +1
	}
	return 0
}

func TestOIDOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(34, 16))
	for range 200000 {
		x, y := randomOID(random), randomOID(random)
		if random.IntN(4) == 0 { // a common prefix
			y = append(slices.Clone(x), y...)
		}
		o, p := NewOID(x...), NewOID(y...)
		want := slowCompare(x, y)
		if o.Compare(p) != want || (o < p) != (want < 0) || (o == p) != (want == 0) || (o > p) != (want > 0) {
			t.Fatalf("%v against %v: Compare %d, <%v, ==%v; arc by arc %d", o, p, o.Compare(p), o < p, o == p, want)
		}

		// o.Append(0) is the immediate successor: nothing lies between.
		next := o.Append(0)
		if o >= next || o < p && p < next {
			t.Fatalf("%v lies between %v and %v", p, o, next)
		}

		// o.After() is the end of o's subtree: o and what is below come before
		// it, everything else that is greater than o does not.
		if after, ok := o.After(); ok {
			inside := len(y) >= len(x) && slices.Equal(y[:len(x)], x)
			if o >= after || inside != (o <= p && p < after) {
				t.Fatalf("%v, subtree of %v: %v; between it and %v: %v", p, o, inside, after, o <= p && p < after)
			}
		} else if p > o && !p.HasPrefix(o) {
			t.Fatalf("%v has no After, but %v is greater than what is below it", o, p)
		}
	}
}

// What can be encoded reads as what was written, and what Append, String and
// ParseOID make of the arcs is the arcs.
func TestOIDRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 19))
	var a Arena
	buf := make([]byte, 64)
	for range 20000 {
		arcs := randomOID(random)
		o := NewOID(arcs...)
		if got := slices.Collect(o.Arcs()); !slices.Equal(got, arcs) {
			t.Fatalf("NewOID(%v) holds %v", arcs, got)
		}
		if got := MustOID(o.String()); got != o {
			t.Fatalf("%v reads as %v", o, got)
		}
		if o.CheckEncodable() != nil {
			continue
		}
		w := NewWriter(buf)
		w.OID(ObjectIdentifier, o)
		r := NewReader(w.Bytes())
		r.Strict = true
		a.Reset()
		if got := r.OID(ObjectIdentifier, &a); got != o || r.Err() != nil || r.More() {
			t.Fatalf("%v is written as % X and reads as %v, %v", o, w.Bytes(), got, r.Err())
		}
	}
}

// OIDAndNull reads what the Reader's other methods read in the same octets, with the same
// errors, or nothing at all.
func TestOIDAndNull(t *testing.T) {
	random := rand.New(rand.NewPCG(690, 8))
	read, left, refused := 0, 0, 0
	for range 200_000 {
		w := NewWriter(make([]byte, 700))
		end := w.Mark()
		w.Null(Null)
		arcs := []uint32{1, uint32(random.IntN(40))}
		for range random.IntN(60) * random.IntN(3) {
			arcs = append(arcs, random.Uint32()>>random.IntN(32))
		}
		w.OID(ObjectIdentifier, NewOID(arcs...))
		w.Wrap(Sequence, end)
		in := w.Bytes()
		for range random.IntN(3) {
			in[random.IntN(min(len(in), 1+random.IntN(8)))] ^= 1 << random.IntN(8)
		}
		in = in[:len(in)-random.IntN(2)*random.IntN(3)]
		if random.IntN(4) == 0 {
			in[len(in)-1-random.IntN(3)] = byte(random.IntN(256))
		}
		var a Arena
		one, other := NewReader(in), NewReader(in)
		one.Strict = random.IntN(2) == 0
		other.Strict = one.Strict
		got, ok := one.OIDAndNull(&a)
		if !ok {
			if left++; got != "" || one.Offset() != 0 || one.Err() != nil || one.Tolerated != 0 {
				t.Fatalf("%x: nothing was read, but %v, %d octets, %v", in, got, one.Offset(), one.Err())
			}
			continue
		}
		outer := other.Enter(Sequence)
		want := other.OID(ObjectIdentifier, &a)
		other.Null(Null)
		other.Leave(outer)
		if read++; one.Err() != nil {
			refused++
		}
		if got != want || one.Offset() != other.Offset() || one.Remaining() != other.Remaining() || one.Tolerated != other.Tolerated ||
			fmt.Sprint(one.Err()) != fmt.Sprint(other.Err()) {
			t.Fatalf("%x: %v, %v at %d; want %v, %v at %d", in, got, one.Err(), one.Offset(), want, other.Err(), other.Offset())
		}
	}
	if read < 10_000 || left < 10_000 || refused < 100 {
		t.Errorf("%d read, %d left, %d refused: that shows little", read, left, refused)
	}
}
