package ber

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What is appended is what a Writer writes, behind what was there before, and whatever
// room the slice has.
func TestAppend(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 19))
	for range 20000 {
		before := make([]byte, random.IntN(3), random.IntN(100)+3)
		prefix, below := NewOID(1, 3).Append(randomOID(random)...), NewOID(randomOID(random)...)
		octets := make([]byte, random.IntN(1<<random.IntN(18)))
		w := NewWriter(make([]byte, 1<<18))
		end := w.Mark()
		w.Octets(OctetString, octets)
		w.OID(ObjectIdentifier, prefix+below)
		w.OID(0x47, prefix+below)
		w.Wrap(Sequence, end)

		b := append(before, byte(Sequence), 0)
		b = AppendOID(b, 0x47, prefix+below)
		start := NewWriter(make([]byte, 1000))
		start.OID(ObjectIdentifier, prefix)
		b = append(b, byte(ObjectIdentifier), 0)
		name := len(b)
		b = append(b, start.Bytes()[start.Len()-SizeOID(prefix):]...)
		b = Close(AppendSubIdentifiers(b, below), name)
		b = append(b, byte(OctetString), 0)
		b = Close(append(b, octets...), len(b))
		b = Close(b, len(before)+2)
		if !bytes.HasPrefix(b, before) || !bytes.Equal(b[len(before):], w.Bytes()) {
			t.Fatalf("%v below %v, %d octets: begins % .100x, want % .100x", below, prefix, len(octets), b, w.Bytes())
		}
	}
}
