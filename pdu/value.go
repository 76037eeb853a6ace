package pdu

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"snmpstack/ber"
)

// A Value is one value of an SMIv2 type, or an exception. It is small,
// immutable, comparable with == and holds no pointer but to its octets. The
// zero Value has no type and cannot be encoded; handlers return it to say "no
// value".
//
// A Value that a Decoder returned may point into the datagram; Clone is the way
// to keep it.
type Value struct {
	syntax Syntax
	num    uint64 // the numeric types; IpAddress as a big-endian number
	octets string // OCTET STRING, Opaque, NsapAddress; an OBJECT IDENTIFIER's OID
}

// The values without contents.
var (
	Null           = Value{syntax: TypeNull}
	NoSuchObject   = Value{syntax: TypeNoSuchObject}
	NoSuchInstance = Value{syntax: TypeNoSuchInstance}
	EndOfMibView   = Value{syntax: TypeEndOfMibView}
)

// Integer returns an INTEGER (Integer32, or an enumeration's number).
func Integer(v int32) Value { return Value{syntax: TypeInteger, num: uint64(int64(v))} }

// OctetString returns an OCTET STRING. Octets of a []byte come in as
// OctetString(string(b)).
func OctetString(octets string) Value { return Value{syntax: TypeOctetString, octets: octets} }

// ObjectIdentifier returns an OBJECT IDENTIFIER. It must be one that can be
// encoded (ber.OID.CheckEncodable).
func ObjectIdentifier(o ber.OID) Value {
	return Value{syntax: TypeObjectIdentifier, octets: string(o)}
}

// IPAddress returns an IpAddress: an IPv4 address, also one that is mapped into
// IPv6. Anything else has no IpAddress and gives 0.0.0.0.
func IPAddress(a netip.Addr) Value {
	a = a.Unmap()
	if !a.Is4() {
		return Value{syntax: TypeIPAddress}
	}
	b := a.As4()
	return Value{syntax: TypeIPAddress, num: uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])}
}

// Counter32 returns a Counter32. A larger count is taken modulo 2³² with
// uint32(n), as RFC 2578 §7.1.6 has it.
func Counter32(v uint32) Value { return Value{syntax: TypeCounter32, num: uint64(v)} }

// Gauge32 returns a Gauge32 or Unsigned32, which look the same on the wire (RFC
// 2578 §7.1.7, §7.1.11).
func Gauge32(v uint32) Value { return Value{syntax: TypeGauge32, num: uint64(v)} }

// TimeTicks returns a time in hundredths of a second.
func TimeTicks(v uint32) Value { return Value{syntax: TypeTimeTicks, num: uint64(v)} }

// Opaque returns an Opaque value; its octets should be a BER encoding (RFC 2578
// §7.1.9).
func Opaque(octets string) Value { return Value{syntax: TypeOpaque, octets: octets} }

// NSAP returns an NsapAddress, a type that SMIv2 no longer has.
func NSAP(octets string) Value { return Value{syntax: TypeNSAP, octets: octets} }

// Counter64 returns a Counter64. It never leaves in an SNMPv1 message (RFC 3584
// §4.2.2.1).
func Counter64(v uint64) Value { return Value{syntax: TypeCounter64, num: v} }

// UInteger32 returns a UInteger32, a type that SMIv2 no longer has.
func UInteger32(v uint32) Value { return Value{syntax: TypeUInteger32, num: uint64(v)} }

// Syntax returns the value's type, 0 for the zero Value.
func (v Value) Syntax() Syntax { return v.syntax }

// IsZero reports whether v is the zero Value, which is none of SNMP's.
func (v Value) IsZero() bool { return v.syntax == 0 }

// IsException reports whether v is noSuchObject, noSuchInstance or
// endOfMibView.
func (v Value) IsException() bool {
	return v.syntax >= TypeNoSuchObject && v.syntax <= TypeEndOfMibView
}

// Int returns the number of an INTEGER, and 0 for other types.
func (v Value) Int() int32 {
	if v.syntax != TypeInteger {
		return 0
	}
	return int32(v.num)
}

// Uint returns the number of a Counter32, Gauge32, TimeTicks, Counter64 or
// UInteger32, and 0 for other types.
func (v Value) Uint() uint64 {
	switch v.syntax {
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeCounter64, TypeUInteger32:
		return v.num
	}
	return 0
}

// Octets returns the octets of an OCTET STRING, Opaque or NsapAddress, and ""
// for other types. Those of a Value that came in a message share the message's memory,
// which is used again: they change behind the back of who keeps them without
// strings.Clone.
func (v Value) Octets() string {
	switch v.syntax {
	case TypeOctetString, TypeOpaque, TypeNSAP:
		return v.octets
	}
	return ""
}

// OID returns the OID of an OBJECT IDENTIFIER, and the zero OID for other types. It
// shares memory as Octets does.
func (v Value) OID() ber.OID {
	if v.syntax != TypeObjectIdentifier {
		return ""
	}
	return ber.OID(v.octets)
}

// Addr returns the address of an IpAddress, and the zero Addr for other types.
func (v Value) Addr() netip.Addr {
	if v.syntax != TypeIPAddress {
		return netip.Addr{}
	}
	n := v.num
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// Clone returns a copy of v that shares no memory with a datagram.
func (v Value) Clone() Value {
	v.octets = strings.Clone(v.octets)
	return v
}

// Text returns the octets of the string types as they are, and of everything
// else a readable form: numbers in decimal, OIDs and addresses dotted, nothing
// for NULL and the exceptions. It is what the specification calls obj_value. For the
// string types it shares memory as Octets does.
func (v Value) Text() string {
	switch v.syntax {
	case TypeOctetString, TypeOpaque, TypeNSAP:
		return v.octets
	case TypeInteger:
		return strconv.FormatInt(int64(v.num), 10)
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeCounter64, TypeUInteger32:
		return strconv.FormatUint(v.num, 10)
	case TypeObjectIdentifier:
		return v.OID().String()
	case TypeIPAddress:
		return v.Addr().String()
	}
	return ""
}

// String returns type and value for people, strings quoted: `Gauge32 7`.
func (v Value) String() string {
	switch v.syntax {
	case 0:
		return "no value"
	case TypeNull, TypeNoSuchObject, TypeNoSuchInstance, TypeEndOfMibView:
		return v.syntax.String()
	case TypeOctetString, TypeOpaque, TypeNSAP:
		return v.syntax.String() + " " + strconv.Quote(v.octets)
	}
	return v.syntax.String() + " " + v.Text()
}

// MarshalText returns what String returns, so that encoding/json and log/slog show a
// value. It is for people: there is no way back.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// readValue reads an ObjectSyntax or an exception (RFC 3416 §3, VarBind's
// CHOICE). OIDs live in a, octets alias the datagram.
func readValue(r *ber.Reader, a *ber.Arena) Value {
	tag := r.Peek()
	v := Value{syntax: Syntax(tag)}
	switch v.syntax {
	case TypeInteger:
		v.num = uint64(int64(r.Int32(tag)))
	case TypeOctetString, TypeOpaque, TypeNSAP:
		start := r.Offset()
		v.octets = r.Text(tag)
		if v.syntax == TypeOctetString && len(v.octets) > maxOctets { // RFC 2578 §7.1.2
			r.Fail(start, ber.ErrLength)
		}
	case TypeNull, TypeNoSuchObject, TypeNoSuchInstance, TypeEndOfMibView:
		r.Null(tag)
	case TypeObjectIdentifier:
		v.octets = string(r.OID(tag, a))
	case TypeIPAddress: // RFC 2578 §7.1.5: SIZE (4)
		start := r.Offset()
		b := r.Octets(tag)
		if len(b) != 4 {
			r.Fail(start, ber.ErrLength)
			break
		}
		v.num = uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeUInteger32:
		v.num = uint64(r.Uint32(tag))
	case TypeCounter64:
		v.num = r.Uint64(tag)
	default:
		if r.More() {
			r.Fail(r.Offset(), ber.ErrTag)
		} else {
			r.Fail(r.Offset(), ber.ErrTruncated)
		}
	}
	return v
}

// maxOctets is the longest OCTET STRING (RFC 2578 §7.1.2).
const maxOctets = 65535

// encode writes v. The zero Value is a mistake of the program and panics.
func (v Value) encode(w *ber.Writer) {
	tag := ber.Tag(v.syntax)
	switch v.syntax {
	case TypeInteger:
		w.Int32(tag, int32(v.num))
	case TypeOctetString, TypeOpaque, TypeNSAP:
		w.Text(tag, v.octets)
	case TypeNull, TypeNoSuchObject, TypeNoSuchInstance, TypeEndOfMibView:
		w.Null(tag)
	case TypeObjectIdentifier:
		w.OID(tag, ber.OID(v.octets))
	case TypeIPAddress:
		n := v.num
		w.Octets(tag, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeUInteger32:
		w.Uint32(tag, uint32(v.num))
	case TypeCounter64:
		w.Uint64(tag, v.num)
	default:
		panic("pdu: a Value without a type cannot be encoded")
	}
}

// append appends what encode writes to b.
func (v Value) append(b []byte) []byte {
	tag, start := ber.Tag(v.syntax), len(b)
	switch v.syntax {
	case TypeOctetString, TypeOpaque, TypeNSAP:
		return ber.Close(append(append(b, byte(tag), 0), v.octets...), start+2)
	case TypeObjectIdentifier:
		return ber.AppendOID(b, tag, ber.OID(v.octets))
	}
	const most = 11 // octets that any other value takes: they come to lie where there is room for them
	w := ber.NewWriter(slices.Grow(b, most)[start : start+most])
	v.encode(&w)
	return append(b, w.Bytes()...)
}

// isInt64 reports whether v is a number whose encoding is that of int64(v.num).
func (v Value) isInt64() bool {
	switch v.syntax {
	case TypeInteger, TypeCounter32, TypeGauge32, TypeTimeTicks, TypeUInteger32:
		return true
	case TypeCounter64:
		return v.num <= math.MaxInt64
	}
	return false
}

// contentsLen returns the number of contents octets of v's encoding.
func (v Value) contentsLen() int {
	switch v.syntax {
	case TypeInteger:
		return ber.SizeInt64(int64(v.num))
	case TypeOctetString, TypeOpaque, TypeNSAP:
		return len(v.octets)
	case TypeObjectIdentifier:
		return ber.SizeOID(ber.OID(v.octets))
	case TypeIPAddress:
		return 4
	case TypeCounter32, TypeGauge32, TypeTimeTicks, TypeUInteger32, TypeCounter64:
		return ber.SizeUint64(v.num)
	}
	return 0
}
