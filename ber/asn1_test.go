package ber

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math"
	"math/rand/v2"
	"testing"
)

// What is written for the universal types is DER, so that encoding/asn1 and
// crypto/x509 can say what it means. They know nothing of this package.
func TestWriterAgainstASN1(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 90))
	buf := make([]byte, 70000)
	for i := range 3000 {
		number := int32(random.Uint32()) >> random.IntN(32)
		text := make([]byte, random.IntN(300))
		if i == 0 {
			text = make([]byte, 65535)
		}
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		arcs := randomOID(random)
		o := NewOID(arcs...)
		if o.CheckEncodable() != nil {
			o = NewOID(2, math.MaxUint32).Append(arcs...)
		}

		w := NewWriter(buf)
		end := w.Mark()
		w.Null(Null)
		w.OID(ObjectIdentifier, o)
		w.Octets(OctetString, text)
		w.Int32(Integer, number)
		w.Wrap(Sequence, end)

		var got struct {
			Number int64
			Text   []byte
			OID    asn1.RawValue
			Null   asn1.RawValue
		}
		rest, err := asn1.Unmarshal(w.Bytes(), &got)
		if err != nil || len(rest) != 0 {
			t.Fatalf("encoding/asn1 refuses % X: %v, %d octets left", w.Bytes(), err, len(rest))
		}
		if got.Number != int64(number) || !bytes.Equal(got.Text, text) || !bytes.Equal(got.Null.FullBytes, asn1.NullBytes) {
			t.Fatalf("encoding/asn1 reads %+v from % X", got, w.Bytes())
		}
		var oid x509.OID // asn1.ObjectIdentifier ends at 2^31-1
		if err := oid.UnmarshalBinary(got.OID.Bytes); err != nil || oid.String() != o.String() {
			t.Fatalf("crypto/x509 reads %v, %v from % X, which is %v", oid, err, got.OID.FullBytes, o)
		}
	}
}
