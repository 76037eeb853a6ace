package fuzz

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"reflect"
	"testing"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
)

// A node is an encoding of any type that SNMP uses, as FuzzBER holds it.
type node struct {
	tag      ber.Tag
	number   int64  // INTEGER
	unsigned uint64 // the application types
	octets   string
	oid      ber.OID
	children []node
}

const (
	maxDepth          = 100
	counter64 ber.Tag = 0x46
)

// readNodes reads until the end of what was entered, or the first error.
func readNodes(r *ber.Reader, a *ber.Arena, depth int, count *int) (nodes []node) {
	for r.More() {
		*count++
		n := node{tag: r.Peek()}
		switch n.tag {
		case ber.Integer:
			n.number = int64(r.Int32(n.tag))
		case ber.ObjectIdentifier:
			n.oid = r.OID(n.tag, a)
		case ber.Null, 0x80, 0x81, 0x82:
			r.Null(n.tag)
		case 0x41, 0x42, 0x43, 0x47:
			n.unsigned = uint64(r.Uint32(n.tag))
		case counter64:
			n.unsigned = r.Uint64(n.tag)
		default:
			if !n.tag.Constructed() {
				n.octets = string(r.Octets(n.tag))
				break
			}
			if depth == maxDepth { // a rule of this target, so that it needs no deep stack
				r.Fail(r.Offset(), ber.ErrTag)
				break
			}
			outer := r.Enter(n.tag)
			n.children = readNodes(r, a, depth+1, count)
			r.Leave(outer)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

func writeNodes(w *ber.Writer, nodes []node) {
	for i := len(nodes) - 1; i >= 0; i-- {
		n := &nodes[i]
		switch n.tag {
		case ber.Integer:
			w.Int32(n.tag, int32(n.number))
		case ber.ObjectIdentifier:
			w.OID(n.tag, n.oid)
		case ber.Null, 0x80, 0x81, 0x82:
			w.Null(n.tag)
		case 0x41, 0x42, 0x43, 0x47:
			w.Uint32(n.tag, uint32(n.unsigned))
		case counter64:
			w.Uint64(n.tag, n.unsigned)
		default:
			if !n.tag.Constructed() {
				w.Text(n.tag, n.octets)
				break
			}
			end := w.Mark()
			writeNodes(w, n.children)
			w.Wrap(n.tag, end)
		}
	}
}

// checkASN1 asserts that encoding/asn1 sees in der what nodes say.
func checkASN1(t *testing.T, der []byte, nodes []node) {
	t.Helper()
	for i := range nodes {
		n := &nodes[i]
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(der, &raw)
		if err != nil {
			t.Fatalf("encoding/asn1 refuses % X: %v", der, err)
		}
		der = rest
		if raw.FullBytes[0] != byte(n.tag) || raw.IsCompound != n.tag.Constructed() {
			t.Fatalf("encoding/asn1 reads identifier %#x, want %#x", raw.FullBytes[0], n.tag)
		}
		switch {
		case n.tag == ber.Integer:
			var v int64
			if _, err := asn1.Unmarshal(raw.FullBytes, &v); err != nil || v != n.number {
				t.Fatalf("encoding/asn1 reads %d, %v from % X, want %d", v, err, raw.FullBytes, n.number)
			}
		case n.tag == ber.ObjectIdentifier:
			checkOID(t, raw.Bytes, n.oid)
		case n.tag == ber.OctetString:
			var v []byte
			if _, err := asn1.Unmarshal(raw.FullBytes, &v); err != nil || string(v) != n.octets {
				t.Fatalf("encoding/asn1 reads % X, %v from % X", v, err, raw.FullBytes)
			}
		case n.tag == ber.Null:
			if len(raw.Bytes) != 0 {
				t.Fatalf("encoding/asn1 reads % X in a NULL", raw.Bytes)
			}
		case n.tag.Constructed():
			checkASN1(t, raw.Bytes, n.children)
		}
	}
	if len(der) != 0 {
		t.Fatalf("encoding/asn1 finds % X besides", der)
	}
}

// checkOID asks crypto/x509, since asn1.ObjectIdentifier ends at 2³¹−1.
func checkOID(t *testing.T, contents []byte, want ber.OID) {
	t.Helper()
	var oid x509.OID
	if err := oid.UnmarshalBinary(contents); err != nil || oid.String() != want.String() {
		t.Fatalf("crypto/x509 reads %v, %v from % X, want %v", oid, err, contents, want)
	}
}

// checkSyntaxError asserts that err is a *ber.SyntaxError with an offset inside
// of an input of n octets, or just behind it.
func checkSyntaxError(t *testing.T, err error, n int) {
	t.Helper()
	var syntax *ber.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > n {
		t.Fatalf("%v for an input of %d octets", err, n)
	}
}

// FuzzBER reads its input as a row of encodings of any type that SNMP uses.
//
//  1. No panic, and no more steps than the input has encodings.
//  2. What is accepted is written and read again to the same, in strict mode,
//     and what is written then is the same octets.
//  3. What is refused is refused with a *ber.SyntaxError whose offset lies in the
//     input or at its end.
//  4. The arena holds no more than a constant and 16 octets for each of the
//     input's.
//  5. encoding/asn1 and crypto/x509 accept what is written, with equal values.
//  6. What strict mode accepts is accepted without it, to the same values, and
//     nothing of it is counted as tolerated; what is not tolerated is accepted
//     in strict mode.
//  7. The input is not written to.
func FuzzBER(f *testing.F) {
	for _, p := range bertest.Packets(f) {
		f.Add(p.Octets)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		before := bytes.Clone(input)
		var a ber.Arena
		count := 0
		r := ber.NewReader(input)
		nodes := readNodes(&r, &a, 0, &count)
		if count > len(input)/2+1 {
			t.Fatalf("%d encodings in %d octets", count, len(input))
		}
		if a.Cap() > 4096+16*len(input) {
			t.Fatalf("the arena holds %d octets for an input of %d", a.Cap(), len(input))
		}

		strict := ber.NewReader(input)
		strict.Strict = true
		var strictArena ber.Arena
		strictNodes := readNodes(&strict, &strictArena, 0, &count)
		switch {
		case strict.Err() == nil && (r.Err() != nil || r.Tolerated != 0 || strict.Tolerated != 0):
			t.Fatalf("strict mode accepts what is refused or tolerated without it: %v, %d", r.Err(), r.Tolerated)
		case strict.Err() == nil && !reflect.DeepEqual(strictNodes, nodes):
			t.Fatalf("strict mode reads %+v, otherwise %+v", strictNodes, nodes)
		case strict.Err() != nil && r.Err() == nil && r.Tolerated == 0:
			t.Fatalf("strict mode refuses what is not counted as tolerated: %v", strict.Err())
		}

		if !bytes.Equal(input, before) {
			t.Fatal("the input was written to")
		}
		if r.Err() != nil {
			checkSyntaxError(t, r.Err(), len(input))
			return
		}
		if r.More() || r.Remaining() != 0 {
			t.Fatalf("%d octets are left without an error", r.Remaining())
		}

		w := ber.NewWriter(make([]byte, 2*len(input)+16))
		writeNodes(&w, nodes)
		if w.Err() != nil {
			t.Fatalf("the encoding is more than twice as long as the input: %v", w.Err())
		}
		encoded := w.Bytes()
		again := ber.NewReader(encoded)
		again.Strict = true
		if got := readNodes(&again, &a, 0, &count); again.Err() != nil || !reflect.DeepEqual(got, nodes) {
			t.Fatalf("written as % X, which reads as %+v, %v, want %+v", encoded, got, again.Err(), nodes)
		}
		twice := ber.NewWriter(make([]byte, len(encoded)))
		writeNodes(&twice, nodes)
		if twice.Err() != nil || !bytes.Equal(twice.Bytes(), encoded) {
			t.Fatalf("written as % X, then as % X, %v", encoded, twice.Bytes(), twice.Err())
		}
		checkASN1(t, encoded, nodes)
	})
}

// FuzzOID reads its input as the text of an OID.
//
//  1. No panic.
//  2. What is accepted is written and parsed again to the same, has at most
//     MaxArcs sub-identifiers, and if it can be encoded, is read back from its
//     encoding.
//  3. The order of two OIDs is that of their lists of sub-identifiers.
func FuzzOID(f *testing.F) {
	for _, s := range []string{"", ".", "1", "1.3.6.1", ".1.3.6.1.4294967295", "2.4294967295", "3.1", "1.40", "1..3", "1.4294967296", "1.03"} {
		f.Add(s, "1.3.6.1")
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		o, err := ber.ParseOID(s)
		if err != nil {
			return
		}
		if again, err := ber.ParseOID(o.String()); err != nil || again != o || o.Len() > ber.MaxArcs {
			t.Fatalf("%q is %v, which is parsed as %v, %v", s, o, again, err)
		}
		if p, err := ber.ParseOID(other); err == nil {
			want := 0
			for i := 0; want == 0 && (i < o.Len() || i < p.Len()); i++ {
				switch {
				case i == o.Len():
					want = -1
				case i == p.Len():
					want = +1
				case o.At(i) != p.At(i):
					want = +1
					if o.At(i) < p.At(i) {
						want = -1
					}
				}
			}
			if o.Compare(p) != want {
				t.Fatalf("%v against %v: %d, want %d", o, p, o.Compare(p), want)
			}
		}
		if o.CheckEncodable() != nil {
			return
		}
		w := ber.NewWriter(make([]byte, 1000))
		w.OID(ber.ObjectIdentifier, o)
		r := ber.NewReader(w.Bytes())
		r.Strict = true
		if got := r.OID(ber.ObjectIdentifier, new(ber.Arena)); got != o || r.Err() != nil || r.More() {
			t.Fatalf("%v is written as % X, which reads as %v, %v", o, w.Bytes(), got, r.Err())
		}
	})
}
