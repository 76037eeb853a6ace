package pdu

import (
	"bytes"
	"math/rand/v2"
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
