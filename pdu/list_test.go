package pdu

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"snmpstack/ber"
)

// What a List has encoded is what a message has, however often its memory has grown or
// been used before; and a PDU takes it behind its own varbinds.
func TestList(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 16))
	var l List
	for round := range 500 {
		if round%50 == 0 {
			l = List{}
		}
		varBinds := randomMessage(random, 60).PDU.VarBinds
		l.Reset()
		l.SetLimit(1000)
		size := 0
		for i := range varBinds {
			vb := &varBinds[i]
			if n := vb.Name.Len(); n > 2 && random.IntN(2) == 0 {
				cut := 2 + random.IntN(n-1)
				c := NewColumn(vb.Name.Slice(0, cut))
				l.AddInstance(&c, vb.Name.Slice(cut, n), vb.Value)
			} else {
				l.Add(vb)
			}
			if size += vb.EncodedLen(); l.Len() != i+1 || l.Left() != 1000-size {
				t.Fatalf("%d varbinds, %d octets left of 1000, want %d, %d", l.Len(), l.Left(), i+1, 1000-size)
			}
		}
		own := random.IntN(len(varBinds) + 1)
		var encoded []byte
		for i := own; i < l.Len(); i++ {
			encoded = append(encoded, l.Slice(i, i+1)...)
		}
		got := ScopedPDU{PDU: PDU{Kind: Response, VarBinds: varBinds[:own], Encoded: encoded}}
		want := ScopedPDU{PDU: PDU{Kind: Response, VarBinds: varBinds}}
		w, v := ber.NewWriter(make([]byte, 30000)), ber.NewWriter(make([]byte, 30000))
		got.Encode(&w)
		want.Encode(&v)
		if w.Err() != nil || v.Err() != nil || !bytes.Equal(w.Bytes(), v.Bytes()) || got.Len() != w.Len() {
			t.Fatalf("%v in a List become % x, want % x", varBinds, w.Bytes(), v.Bytes())
		}
	}
}

// However long the two parts of a name are, and what is behind them: an instance's varbind
// is the same as one that has never been in parts.
func TestListInstances(t *testing.T) {
	values := []Value{Integer(0), Integer(math.MinInt32), Counter32(math.MaxUint32), Counter64(math.MaxInt64), Counter64(math.MaxUint64),
		IPAddress(netip.MustParseAddr("192.0.2.255")), NSAP("\x00"), ObjectIdentifier(ber.NewOID(2, math.MaxUint32, 0, 128)),
		OctetString(strings.Repeat("x", 100)), OctetString(strings.Repeat("x", 60000)), Null, EndOfMibView}
	arcs := []uint32{1, 127, 128, 1<<14 - 1, 1 << 14, 1 << 21, 1 << 28, math.MaxUint32}
	var parts, whole List
	for prefix := 2; prefix <= ber.MaxArcs; prefix += 1 + prefix/40*20 {
		for index := range ber.MaxArcs - prefix + 1 {
			name := ber.NewOID(1, 3)
			for i := range prefix + index - 2 {
				name = name.Append(arcs[(i*i+prefix)%(1+index%len(arcs))])
			}
			c := NewColumn(name.Slice(0, prefix))
			for _, v := range values[:2+index%(len(values)-1)] {
				parts.Reset()
				whole.Reset()
				parts.AddInstance(&c, name.Slice(prefix, name.Len()), v)
				whole.Add(&VarBind{name, v})
				if !bytes.Equal(parts.Slice(0, 1), whole.Slice(0, 1)) {
					t.Fatalf("%d and %d sub-identifiers of %v, and %.60v: % .200x, want % .200x", prefix, index, name, v, parts.Slice(0, 1), whole.Slice(0, 1))
				}
			}
		}
	}
}
