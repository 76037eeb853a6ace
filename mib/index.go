package mib

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"

	"snmpstack/ber"
)

// An Index turns the index of a row into the last sub-identifiers of the names
// of its instances, and back (RFC 2578 §7.7). It is handed to a function that
// names the fields of the row in the order of the INDEX clause:
//
//	func(x *mib.Index, s *Session) {
//		x.Uint32(&s.Port)
//		x.String(&s.User)
//	}
//
// That function serves both directions: fields are read where a name is made,
// and written where a row is created from a name.
type Index struct {
	decoding bool
	arcs     []byte  // encoding: what there is so far, in the form of a ber.OID
	rest     ber.OID // decoding: what has not been used yet
	err      error   // the first one
}

// Uint32 is an index object of an unsigned type: one sub-identifier.
func (x *Index) Uint32(p *uint32) {
	if x.decoding {
		*p = x.take()
		return
	}
	x.put(*p)
}

// Int32 is an index object of type INTEGER or Integer32. Its value cannot be
// negative.
func (x *Index) Int32(p *int32) {
	v := int64(*p)
	x.integer(&v, math.MaxInt32)
	*p = int32(v)
}

// Int is an index object of an integer type that the row holds as an int.
func (x *Index) Int(p *int) {
	v := int64(*p)
	x.integer(&v, min(math.MaxInt, math.MaxUint32))
	*p = int(v)
}

// integer is a value from 0 to limit.
func (x *Index) integer(p *int64, limit int64) {
	v := *p
	if x.decoding {
		v = int64(x.take())
	}
	if v < 0 || v > limit {
		x.fail("the integer %d is not from 0 to %d", v, limit)
		return
	}
	if x.decoding {
		*p = v
		return
	}
	x.put(uint32(v))
}

// String is an index object that is a string of variable length: the number of
// its octets, then one sub-identifier for each.
func (x *Index) String(p *string) {
	if x.decoding {
		*p = x.takeOctets(x.takeLen())
		return
	}
	x.put(uint32(len(*p)))
	x.putOctets(*p)
}

// ImpliedString is a string whose object the INDEX clause calls IMPLIED, the
// last one: as String but without the number. It cannot be empty.
func (x *Index) ImpliedString(p *string) {
	if x.decoding {
		*p = x.takeOctets(x.rest.Len())
	} else {
		x.putOctets(*p)
	}
	if *p == "" {
		x.fail("an IMPLIED string is empty")
	}
}

// FixedString is an index object that is a string of exactly n octets: one
// sub-identifier for each.
func (x *Index) FixedString(p *string, n int) {
	if x.decoding {
		*p = x.takeOctets(n)
		return
	}
	if len(*p) != n {
		x.fail("a string of %d octets was to have %d", len(*p), n)
		return
	}
	x.putOctets(*p)
}

// Fixed is FixedString for a field that is an array, such as a MacAddress:
// x.Fixed(row.MAC[:]).
func (x *Index) Fixed(b []byte) {
	s := string(b)
	x.FixedString(&s, len(b))
	copy(b, s)
}

// OID is an index object that is an OBJECT IDENTIFIER: the number of its
// sub-identifiers and then these.
func (x *Index) OID(p *ber.OID) {
	if x.decoding {
		*p = x.takeOID(x.takeLen())
		return
	}
	x.put(uint32(p.Len()))
	x.arcs = append(x.arcs, *p...)
}

// ImpliedOID is an OID whose object the INDEX clause calls IMPLIED.
func (x *Index) ImpliedOID(p *ber.OID) {
	if x.decoding {
		*p = x.takeOID(x.rest.Len())
	} else {
		x.arcs = append(x.arcs, *p...)
	}
	if *p == "" {
		x.fail("an IMPLIED OID is empty")
	}
}

// IPAddress is an index object of type IpAddress: four sub-identifiers.
func (x *Index) IPAddress(p *netip.Addr) {
	if x.decoding {
		if s := x.takeOctets(4); x.err == nil {
			*p = netip.AddrFrom4([4]byte([]byte(s)))
		}
		return
	}
	a := p.Unmap()
	if !a.Is4() {
		x.fail("%v is not an IPv4 address", *p)
		return
	}
	x.putOctets(string(a.AsSlice()))
}

// The values of InetAddressType (RFC 4001 §3) that a netip.Addr can have.
const (
	inetUnknown = 0 // the zero Addr
	inetIPv4    = 1
	inetIPv6    = 2
	inetIPv6z   = 4 // with a zone, which is the number of an interface
)

// InetAddress is two index objects that follow each other, an InetAddressType
// and an InetAddress (RFC 4001 §4.1). The zero Addr is unknown(0).
func (x *Index) InetAddress(p *netip.Addr) {
	if x.decoding {
		kind, octets := x.take(), x.takeOctets(x.takeLen())
		if x.err == nil {
			x.err = parseInetAddress(p, kind, octets)
		}
		return
	}
	switch octets := string(p.AsSlice()); {
	case !p.IsValid():
		x.put(inetUnknown)
		x.put(0)
	case p.Is4():
		x.put(inetIPv4)
		x.String(&octets)
	case p.Zone() == "":
		x.put(inetIPv6)
		x.String(&octets)
	default:
		zone, err := strconv.ParseUint(p.Zone(), 10, 32)
		if err != nil {
			x.fail("the zone of %v is not an interface's number", *p)
			return
		}
		octets += string(binary.BigEndian.AppendUint32(nil, uint32(zone)))
		x.put(inetIPv6z)
		x.String(&octets)
	}
}

func parseInetAddress(p *netip.Addr, kind uint32, octets string) error {
	b := []byte(octets)
	switch {
	case kind == inetUnknown && len(b) == 0:
		*p = netip.Addr{}
	case kind == inetIPv4 && len(b) == 4, kind == inetIPv6 && len(b) == 16:
		*p, _ = netip.AddrFromSlice(b)
	case kind == inetIPv6z && len(b) == 20:
		zone := binary.BigEndian.Uint32(b[16:])
		*p = netip.AddrFrom16([16]byte(b)).WithZone(strconv.FormatUint(uint64(zone), 10))
	default:
		return fmt.Errorf("an InetAddress of type %d cannot have %d octets", kind, len(b))
	}
	return nil
}

func (x *Index) put(arc uint32) { x.arcs = binary.BigEndian.AppendUint32(x.arcs, arc) }

func (x *Index) putOctets(s string) {
	for i := range len(s) {
		x.put(uint32(s[i]))
	}
}

// take returns the next sub-identifier.
func (x *Index) take() uint32 {
	if x.rest == "" {
		x.fail("the name is too short")
		return 0
	}
	arc := x.rest.At(0)
	x.rest = x.rest.Slice(1, x.rest.Len())
	return arc
}

// takeLen returns the number that precedes a string or an OID. It is at most
// the number of sub-identifiers behind it.
func (x *Index) takeLen() int {
	n := x.take()
	if uint64(n) > uint64(x.rest.Len()) {
		x.fail("the name is too short")
		return 0
	}
	return int(n)
}

func (x *Index) takeOID(n int) ber.OID {
	if n > x.rest.Len() {
		x.fail("the name is too short")
		return ""
	}
	o := x.rest.Slice(0, n)
	x.rest = x.rest.Slice(n, x.rest.Len())
	return o.Clone()
}

func (x *Index) takeOctets(n int) string {
	var b []byte
	for arc := range x.takeOID(n).Arcs() {
		if arc > math.MaxUint8 {
			x.fail("sub-identifier %d is not an octet", arc)
			return ""
		}
		b = append(b, byte(arc))
	}
	return string(b)
}

func (x *Index) fail(format string, args ...any) {
	if x.err == nil {
		x.err = fmt.Errorf(format, args...)
	}
}

var errNoIndex = errors.New("there is no function Index that names its fields")

// encodeIndex appends the index of row to x.arcs.
func encodeIndex[R any](x *Index, index func(*Index, *R), row *R) error {
	if index == nil {
		return fmt.Errorf("mib: index of %T: %w", *row, errNoIndex)
	}
	start := len(x.arcs)
	index(x, row)
	n := (len(x.arcs) - start) / 4
	if n == 0 {
		x.fail("it has no sub-identifiers")
	}
	if n > ber.MaxArcs {
		x.fail("it has %d sub-identifiers, names have at most %d", n, ber.MaxArcs)
	}
	if x.err != nil {
		return fmt.Errorf("mib: index of %T: %w", *row, x.err)
	}
	return nil
}

// decodeIndex sets the index fields of row to what key says. It fails where no
// row can have this key.
func decodeIndex[R any](key ber.OID, index func(*Index, *R), row *R) error {
	x := Index{decoding: true, rest: key}
	index(&x, row)
	if x.rest != "" {
		x.fail("%d sub-identifiers are left over", x.rest.Len())
	}
	return x.err
}
