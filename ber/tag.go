package ber

// Tag is an identifier octet: class in bits 8–7, constructed in bit 6, the tag
// number in bits 5–1 (X.690 §8.1.2). SNMP needs no tag number above 30, so an
// identifier is always one octet. A type that is tagged IMPLICIT, as all of
// SNMP's own are, has another class and number but keeps the constructed bit of
// what it is made of (X.690 §8.14).
type Tag byte

// The universal tags that SNMP uses (RFC 3417 §8).
const (
	Integer          Tag = 0x02
	OctetString      Tag = 0x04
	Null             Tag = 0x05
	ObjectIdentifier Tag = 0x06
	Sequence         Tag = 0x30
)

const (
	constructed = 0x20
	numberMask  = 0x1F // a number of 31 announces further identifier octets
)

// Constructed reports whether the contents of t are themselves encodings.
func (t Tag) Constructed() bool { return t&constructed != 0 }
