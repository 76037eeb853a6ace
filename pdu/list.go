package pdu

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"snmpstack/ber"
)

// A List is varbinds in their encoding, for an answer that takes as many of them as
// there is room for: they can be counted and measured, and put behind each other in
// any order without being encoded again. The zero List is empty.
type List struct {
	buf   []byte
	ends  []int // of each varbind in buf
	limit int   // of the octets in buf
}

// Reset makes the list empty. Its memory is used again.
func (l *List) Reset() { l.buf, l.ends, l.limit = l.buf[:0], l.ends[:0], 0 }

// Len returns the number of varbinds.
func (l *List) Len() int { return len(l.ends) }

// Cap returns how many octets of memory the list holds on to.
func (l *List) Cap() int { return cap(l.buf) }

// SetLimit sets what Left counts down to: octets more than the list has now.
func (l *List) SetLimit(octets int) { l.limit = len(l.buf) + octets }

// Left returns how many octets there are to go to the limit, less than none if it has
// been passed. The list takes more all the same: who adds to it looks.
func (l *List) Left() int { return l.limit - len(l.buf) }

// Slice returns the encoding of the varbinds from i up to but without j, counted from 0.
// It is valid until the list is changed.
func (l *List) Slice(i, j int) []byte {
	start := 0
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.buf[start:l.ends[j-1]]
}

// Add adds a varbind. It panics if its name or value cannot be encoded.
func (l *List) Add(vb *VarBind) {
	start := len(l.buf)
	b := append(l.buf, byte(ber.Sequence), 0)
	b = vb.Value.append(ber.AppendOID(b, ber.ObjectIdentifier, vb.Name))
	l.buf = ber.Close(b, start+2)
	l.ends = append(l.ends, len(l.buf))
}

// A Column is what the names of instances begin with, those of one column of a table: the
// beginning of their varbinds, encoded once and for all but for the lengths.
type Column struct {
	begin string
	short [shortBegin]byte // begin, unless it is longer
}

// NewColumn returns the Column of the instances below o. It panics if o cannot be encoded.
func NewColumn(o ber.OID) (c Column) {
	name := ber.AppendOID(nil, ber.ObjectIdentifier, o)
	contents := name[len(name)-ber.SizeOID(o):]
	c.begin = string([]byte{byte(ber.Sequence), 0, byte(ber.ObjectIdentifier), 0}) + string(contents)
	copy(c.short[:], c.begin)
	return c
}

// Names are short where one octet is enough for their length and, with a number behind
// them, for the varbind's.
const (
	shortBegin = 32               // octets of Column.begin
	number     = 10               // octets that a number of 64 bits takes with its header
	shortName  = 2 + 127 - number // octets up to the end of the name
	longName   = shortBegin + 5*ber.MaxArcs
)

// AddInstance adds the varbind of the instance of c that has an index. Its name has no
// more than MaxArcs sub-identifiers. It panics if the value cannot be encoded.
func (l *List) AddInstance(c *Column, index ber.OID, v Value) {
	start, n := len(l.buf), len(c.begin)
	if n > shortBegin {
		l.addLong(c, index, v)
		return
	}
	// There is room for whatever comes, so that nothing has to be looked at but what is.
	b := slices.Grow(l.buf, longName+number)[:start+longName+number]
	vb := (*[longName + number]byte)(b[start:])
	*(*[shortBegin]byte)(vb[:]) = c.short
	for i := range index.Len() {
		arc := index.At(i)
		if arc >= 0x80 {
			n = putHigh(vb[:], n, arc)
		}
		vb[n] = byte(arc & 0x7F)
		n++
	}
	if n > shortName {
		l.addLong(c, index, v)
		return
	}
	vb[3] = byte(n - 4)
	if v.isInt64() {
		size := ber.SizeInt64(int64(v.num))
		vb[n], vb[n+1] = byte(v.syntax), byte(size)
		binary.BigEndian.PutUint64(vb[n+2:], v.num<<((64-8*size)&63)) // all eight octets, those that count first
		n += 2 + size
		vb[1] = byte(n - 2)
		b = b[:start+n]
	} else {
		b = ber.Close(v.append(b[:start+n]), start+2)
	}
	l.buf = b
	l.ends = append(l.ends, len(b))
}

// addLong is AddInstance for names that are not short.
func (l *List) addLong(c *Column, index ber.OID, v Value) {
	start := len(l.buf)
	b := append(l.buf, c.begin...)
	b = ber.Close(ber.AppendSubIdentifiers(b, index), start+4)
	l.buf = ber.Close(v.append(b), start+2)
	l.ends = append(l.ends, len(l.buf))
}

// putHigh writes all of a sub-identifier to b but its last seven bits.
func putHigh(b []byte, at int, arc uint32) int {
	for shift := (bits.Len32(arc) - 1) / 7 * 7; shift > 0; shift -= 7 {
		b[at] = byte(arc>>shift) | 0x80
		at++
	}
	return at
}

// Poison overwrites the list's memory: see Decoder.Poison.
func (l *List) Poison() {
	for i := range l.buf {
		l.buf[i] = 0xDB
	}
}
