package smi

import (
	"net/netip"
	"strconv"
	"strings"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// An IndexValue is the value of one index object, taken from the name of an
// instance.
type IndexValue struct {
	Index
	// Arcs are the sub-identifiers it was made of, the length too if there is
	// one.
	Arcs  ber.OID
	Value pdu.Value
}

// SplitIndex takes the sub-identifiers behind a column apart, by the rules of
// RFC 2578 §7.7; o is the column or its row. It stops where they do not fit the
// index objects, and returns what is left. For other objects that is all of
// rest.
func (n *Names) SplitIndex(o *Object, rest ber.OID) (values []IndexValue, tail ber.OID) {
	row := o
	if o.Kind != Row {
		row = n.RowOf(o)
	}
	if row == nil {
		return nil, rest
	}
	for _, x := range row.Index {
		if rest.Len() == 0 {
			break
		}
		value, size := x.value(rest)
		if size == 0 {
			break
		}
		values = append(values, IndexValue{x, rest.Slice(0, size), value})
		rest = rest.Slice(size, rest.Len())
	}
	return values, rest
}

// value returns the value at the beginning of arcs and how many of them it
// takes, 0 if they do not fit.
func (x *Index) value(arcs ber.OID) (v pdu.Value, size int) {
	if x.Type == nil {
		return v, 0
	}
	switch x.Type.Base {
	case pdu.TypeInteger:
		return pdu.Integer(int32(arcs.At(0))), 1
	case pdu.TypeCounter32, pdu.TypeGauge32, pdu.TypeUInteger32:
		return pdu.Gauge32(arcs.At(0)), 1
	case pdu.TypeTimeTicks:
		return pdu.TimeTicks(arcs.At(0)), 1
	case pdu.TypeIPAddress:
		skip := 0
		if x.Type.Name == "NetworkAddress" { // RFC 1212 §4.1.6: the kind, internet(1), comes first
			skip = 1
		}
		octets, ok := octetsOf(arcs, skip, 4)
		if !ok {
			return v, 0
		}
		return pdu.IPAddress(netip.AddrFrom4([4]byte([]byte(octets)))), skip + 4
	case pdu.TypeOctetString, pdu.TypeOpaque, pdu.TypeNSAP:
		skip, length := x.extent(arcs)
		octets, ok := octetsOf(arcs, skip, length)
		if !ok {
			return v, 0
		}
		return pdu.OctetString(octets), skip + len(octets)
	case pdu.TypeObjectIdentifier:
		skip, length := x.extent(arcs)
		if length > uint64(arcs.Len()-skip) {
			return v, 0
		}
		size = skip + int(length)
		return pdu.ObjectIdentifier(arcs.Slice(skip, size)), size
	}
	return v, 0
}

// extent returns how many arcs there are before and of a string or OID: RFC
// 2578 §7.7 (2) to (5).
func (x *Index) extent(arcs ber.OID) (skip int, length uint64) {
	if n, fixed := x.Type.FixedSize(); fixed {
		return 0, uint64(max(n, 0))
	}
	if x.Implied {
		return 0, uint64(arcs.Len())
	}
	return 1, uint64(arcs.At(0))
}

// octetsOf returns length arcs behind the first skip ones as octets.
func octetsOf(arcs ber.OID, skip int, length uint64) (octets string, ok bool) {
	if length > uint64(max(arcs.Len()-skip, 0)) {
		return "", false
	}
	b := make([]byte, length)
	for i := range b {
		arc := arcs.At(skip + i)
		if arc > 255 {
			return "", false
		}
		b[i] = byte(arc)
	}
	return string(b), true
}

// An indexReader makes sub-identifiers of the text of an index.
type indexReader struct {
	names *Names
	index []Index
	at    int // the index object that comes next
	oid   ber.OID
	// left are the arcs that the current object still takes, -1 for all.
	left int
	last uint32 // the arc before, which says of what kind an InetAddress is
}

// add appends one element of an index: a number, a label, or a quoted string.
func (r *indexReader) add(part string) bool {
	if n, err := strconv.ParseUint(part, 10, 32); err == nil {
		r.number(uint32(n))
		return true
	}
	if r.left != 0 || r.at >= len(r.index) || r.index[r.at].Type == nil {
		return false
	}
	x := &r.index[r.at]
	if part != "" && (part[0] == '"' || part[0] == '\'') {
		return r.quoted(x, part)
	}
	n, ok := x.Type.Value(part)
	if !ok || x.Type.Base != pdu.TypeInteger {
		return false
	}
	r.number(uint32(n))
	return true
}

// addBracketed appends what is special to an index in brackets: an address's or
// OID's dots, an OID's name, and strings without quotes, such as "STRING: test".
func (r *indexReader) addBracketed(text string) bool {
	if oid, err := ber.ParseOID(text); err == nil && oid != "" {
		for arc := range oid.Arcs() {
			r.number(arc)
		}
		return true
	}
	if r.left != 0 || r.at >= len(r.index) || r.index[r.at].Type == nil {
		return false
	}
	x := &r.index[r.at]
	if x.Type.Base == pdu.TypeObjectIdentifier && !strings.Contains(text, "[") {
		oid, err := r.names.Resolve(text)
		return err == nil && r.oidValue(x, oid)
	}
	text = strings.TrimPrefix(text, "STRING: ")
	if x.Type.Hint == "1x:" {
		if octets, ok := hexOctets(text); ok {
			return r.octets(x, octets, '"')
		}
	}
	return r.octets(x, text, '"')
}

// oidValue appends an OBJECT IDENTIFIER, with its length unless it is IMPLIED.
func (r *indexReader) oidValue(x *Index, oid ber.OID) bool {
	if !x.Implied {
		r.oid = r.oid.Append(uint32(oid.Len()))
	}
	r.oid += oid
	r.at++
	return true
}

// number appends one arc, and follows how many make one index object.
func (r *indexReader) number(arc uint32) {
	r.oid = r.oid.Append(arc)
	r.last = arc
	if r.left != 0 {
		if r.left > 0 {
			r.left--
		}
		if r.left == 0 {
			r.at++
		}
		return
	}
	if r.at >= len(r.index) || r.index[r.at].Type == nil {
		return
	}
	size := 1
	x := &r.index[r.at]
	switch x.Type.Base {
	case pdu.TypeIPAddress:
		size = 4
		if x.Type.Name == "NetworkAddress" {
			size = 5
		}
	case pdu.TypeOctetString, pdu.TypeOpaque, pdu.TypeNSAP, pdu.TypeObjectIdentifier:
		skip, length := x.extent(ber.NewOID(arc))
		size = skip + int(min(length, ber.MaxArcs))
		if x.Implied {
			size = ber.MaxArcs
		}
	}
	r.left = size - 1
	if r.left == 0 {
		r.at++
	}
}

// quoted appends a string in quotes, or an address.
func (r *indexReader) quoted(x *Index, part string) bool {
	octets, ok := unquote(part)
	if !ok {
		return false
	}
	if x.Type.Name == "InetAddress" {
		if address, ok := inetAddress(r.last, octets); ok {
			octets = address
		}
	}
	return r.octets(x, octets, part[0])
}

// octets appends a string: with its length in double quotes, unless the type has
// none, and without it in single quotes.
func (r *indexReader) octets(x *Index, octets string, quote byte) bool {
	if x.Type.Base != pdu.TypeOctetString || len(octets) > ber.MaxArcs {
		return false
	}
	if size, fixed := x.Type.FixedSize(); fixed {
		if len(octets) != size {
			return false
		}
	} else if quote == '"' && !x.Implied {
		r.oid = r.oid.Append(uint32(len(octets)))
	}
	for i := range len(octets) {
		r.oid = r.oid.Append(uint32(octets[i]))
	}
	r.at++
	return true
}

// unquote returns what is between the quotes of part, a backslash taking the
// next octet as it is.
func unquote(part string) (string, bool) {
	quote := part[0]
	var b []byte
	for i := 1; i < len(part); i++ {
		switch c := part[i]; {
		case c == quote:
			return string(b), i == len(part)-1
		case c == '\\' && i+1 < len(part):
			i++
			b = append(b, part[i])
		default:
			b = append(b, c)
		}
	}
	return "", false
}

// The kinds of InetAddressType (RFC 4001 §3).
const (
	inetIPv4  = 1
	inetIPv6  = 2
	inetIPv4z = 3
	inetIPv6z = 4
)

// inetAddress returns the octets of an InetAddress of a kind: an address in any
// common form, octets in hexadecimal with colons among them, and behind "%" a
// zone as number or in dotted form.
func inetAddress(kind uint32, text string) (octets string, ok bool) {
	size := 4
	switch kind {
	case inetIPv4, inetIPv4z:
	case inetIPv6, inetIPv6z:
		size = 16
	default:
		return "", false
	}
	address, zone, zoned := strings.Cut(text, "%")
	if zoned != (kind == inetIPv4z || kind == inetIPv6z) {
		return "", false
	}
	if a, err := netip.ParseAddr(address); err == nil && a.BitLen() == size*8 {
		octets = string(a.AsSlice())
	} else if octets, ok = hexOctets(address); !ok || len(octets) != size {
		return "", false
	}
	if !zoned {
		return octets, true
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return octets + string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), true
	}
	a, err := netip.ParseAddr(zone)
	if err != nil || !a.Is4() {
		return "", false
	}
	return octets + string(a.AsSlice()), true
}

// hexOctets reads "fe:80:0:1".
func hexOctets(text string) (string, bool) {
	var b []byte
	for part := range strings.SplitSeq(text, ":") {
		n, err := strconv.ParseUint(part, 16, 8)
		if err != nil {
			return "", false
		}
		b = append(b, byte(n))
	}
	return string(b), true
}
