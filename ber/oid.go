package ber

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
)

// MaxArcs is the largest number of sub-identifiers of an OBJECT IDENTIFIER in
// SNMP (RFC 2578 §3.5).
const MaxArcs = 128

// An OID is an OBJECT IDENTIFIER value. Make one with
//
//	ber.MustOID("1.3.6.1.2.1.1")  // a constant: it panics where the text is none
//	ber.ParseOID(text)
//	ber.NewOID(1, 3, 6, 1)
//	table.Append(1, 2)            // table and two further sub-identifiers
//
// The dotted text itself is no OID, although Go converts a string literal to one
// without a word: Object: "1.3.6.1.2.1.1" compiles, and is refused when it is used,
// see [OID.CheckEncodable].
//
// It is held as a string of four octets, most significant first, for each
// sub-identifier. That makes it immutable, comparable and a map key, and Go's own <
// orders OIDs as SNMP does (RFC 3416 §4.2.2): sub-identifiers by their value, and a
// prefix before what extends it.
//
//	1.3.6.1 is "\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00\x06\x00\x00\x00\x01"
//
// The zero value has no sub-identifiers. It cannot be encoded, but is a legal
// key to search with, and so are OIDs of one sub-identifier and of more than
// MaxArcs: every OID is greater than the zero value, and o.Append(0) is the
// smallest OID greater than o.
//
// An OID that a Reader returned lives in the Arena it was read into; Clone is
// the way to keep it.
type OID string

const arcSize = 4

// NewOID returns the OID with the given sub-identifiers.
func NewOID(arcs ...uint32) OID { return OID("").Append(arcs...) }

// ParseOID reads the dotted form "1.3.6.1", with or without a leading dot. The
// empty string and "." give the zero OID. More than MaxArcs sub-identifiers are
// an error.
func ParseOID(s string) (OID, error) {
	rest := strings.TrimPrefix(s, ".")
	if rest == "" {
		return "", nil
	}
	b := make([]byte, 0, arcSize*(1+strings.Count(rest, ".")))
	for part := range strings.SplitSeq(rest, ".") {
		arc, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return "", fmt.Errorf("ber: %q is not an OID: sub-identifier %q is not a number from 0 to 4294967295", s, part)
		}
		b = appendArc(b, uint32(arc))
	}
	if len(b) > MaxArcs*arcSize {
		return "", fmt.Errorf("ber: %q is not an OID: it has %d sub-identifiers, %d are allowed", s, len(b)/arcSize, MaxArcs)
	}
	return OID(b), nil
}

// MustOID is ParseOID for constants: it panics where that fails.
func MustOID(s string) OID {
	o, err := ParseOID(s)
	if err != nil {
		panic(err)
	}
	return o
}

// Len returns the number of sub-identifiers.
func (o OID) Len() int { return len(o) / arcSize }

// At returns sub-identifier i, counted from 0. It panics where there is none.
func (o OID) At(i int) uint32 {
	a := o[i*arcSize : i*arcSize+arcSize]
	return uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
}

// Slice returns the sub-identifiers from i up to but without j. It panics unless
// 0 ≤ i ≤ j ≤ Len, and shares memory with o.
func (o OID) Slice(i, j int) OID { return o[i*arcSize : j*arcSize] }

// Arcs iterates over the sub-identifiers.
func (o OID) Arcs() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i := range o.Len() {
			if !yield(o.At(i)) {
				return
			}
		}
	}
}

// Append returns a new OID with further sub-identifiers behind those of o. It may come to
// have more than MaxArcs: CheckEncodable tells.
func (o OID) Append(arcs ...uint32) OID {
	b := make([]byte, 0, len(o)+arcSize*len(arcs))
	b = append(b, o...)
	for _, a := range arcs {
		b = appendArc(b, a)
	}
	return OID(b)
}

// HasPrefix reports whether o is p or lies below it.
func (o OID) HasPrefix(p OID) bool { return strings.HasPrefix(string(o), string(p)) }

// Compare returns −1, 0 or +1 as o comes before, is, or comes after p in SNMP's
// order. The operators <, == and > do the same.
func (o OID) Compare(p OID) int { return strings.Compare(string(o), string(p)) }

// After returns the smallest OID that is greater than o and than everything
// below o: the end of the subtree o. It is false where there is none, that is
// if all sub-identifiers of o are 4294967295.
func (o OID) After() (OID, bool) {
	for n := o.Len(); n > 0; n-- {
		if last := o.At(n - 1); last != math.MaxUint32 {
			return o.Slice(0, n-1).Append(last + 1), true
		}
	}
	return "", false
}

// Clone returns a copy of o that shares no memory with anything.
func (o OID) Clone() OID { return OID(strings.Clone(string(o))) }

// String returns the dotted form without a leading dot.
func (o OID) String() string { return string(o.AppendText(nil)) }

// AppendText appends the dotted form to b.
func (o OID) AppendText(b []byte) []byte {
	for i := range o.Len() {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(o.At(i)), 10)
	}
	return b
}

// MarshalText returns the dotted form.
func (o OID) MarshalText() ([]byte, error) { return o.AppendText(nil), nil }

// UnmarshalText is ParseOID.
func (o *OID) UnmarshalText(b []byte) (err error) {
	*o, err = ParseOID(string(b))
	return err
}

var (
	errNotEncodable = errors.New("the first sub-identifier is at most 2, the second at most 39 below 0 and 1, and there are 2 to 128 of them")
	errText         = errors.New("a string is not an OID: MustOID or ParseOID make one of its dotted form")
)

// CheckEncodable returns an error if o has no encoding (X.690 §8.19.4 and RFC
// 2578 §3.5): it needs two to 128 sub-identifiers, the first one is at most 2,
// and below 0 and 1 the second one is at most 39. A string that is not an OID at
// all, such as "1.3.6.1", has none either.
func (o OID) CheckEncodable() error {
	switch {
	case o.encodable():
		return nil
	case o.isText():
		return fmt.Errorf("ber: %q cannot be encoded: %w", string(o), errText)
	}
	return fmt.Errorf("ber: OID %s cannot be encoded: %w", o, errNotEncodable)
}

// CheckPrefix returns an error if no OID that can be encoded is o or lies below it:
// where CheckEncodable is for the names of instances, this is for the roots of
// subtrees, which may have one sub-identifier or none. (A handler's prefix has one at
// least: mib.Tree.Register.)
func (o OID) CheckPrefix() error {
	n := o.Len()
	switch {
	case o.encodable(), o == "", n == 1 && len(o) == arcSize && o.At(0) <= 2:
		return nil
	case o.isText():
		return fmt.Errorf("ber: %q has nothing below it: %w", string(o), errText)
	}
	return fmt.Errorf("ber: OID %s has nothing below it: %w", o, errNotEncodable)
}

func (o OID) encodable() bool {
	n := o.Len()
	return n >= 2 && n <= MaxArcs && len(o)%arcSize == 0 && (o.At(0) == 2 || o.At(0) < 2 && o.At(1) <= 39)
}

// isText reports whether o is rather what somebody wrote than what a function of this
// package made: not a whole number of sub-identifiers, or a first one that begins with
// a printable character, which is 2²⁹ or more.
func (o OID) isText() bool { return len(o)%arcSize != 0 || o != "" && o[0] >= ' ' && o[0] <= '~' }

func appendArc(b []byte, arc uint32) []byte {
	return append(b, byte(arc>>24), byte(arc>>16), byte(arc>>8), byte(arc))
}

// OID reads an OBJECT IDENTIFIER (X.690 §8.19). The result lives in a and is
// valid until a.Reset.
func (r *Reader) OID(t Tag, a *Arena) OID {
	start := r.off
	b := r.Octets(t)
	if r.kind != nil {
		return ""
	}
	if len(b) == 0 { // Net-SNMP and others send this for 0.0
		if r.Strict {
			r.Fail(start, ErrOID)
			return ""
		}
		r.Tolerated++
		return zeroDotZero
	}
	return r.subIdentifiers(b, r.off-len(b), a)
}

// OIDAndNull reads a SEQUENCE of an OBJECT IDENTIFIER and NULL, which is what the varbinds
// of most requests are, in one go. Where something else comes, or a length in its long
// form, it reads nothing and reports false.
func (r *Reader) OIDAndNull(a *Arena) (o OID, ok bool) {
	const header, null = 2, 2 // octets of either
	if r.kind != nil || r.end-r.off < header+header+1+null {
		return "", false
	}
	b := r.buf[r.off:r.end]
	n := int(b[3])
	end := header + header + n + null
	if Tag(b[0]) != Sequence || int(b[1]) != end-header || b[1] >= 0x80 || Tag(b[2]) != ObjectIdentifier || n == 0 ||
		end > len(b) || Tag(b[end-2]) != Null || b[end-1] != 0 {
		return "", false
	}
	at := r.off + header + header
	r.off += end
	return r.subIdentifiers(b[header+header:end-null], at, a), true
}

// subIdentifiers returns the OID whose contents octets, of which there is one at least, are
// b, from an offset on.
func (r *Reader) subIdentifiers(b []byte, contents int, a *Arena) OID {
	// At most four octets for each contents octet, and the two for the first.
	dst := a.grow(arcSize * (min(len(b), MaxArcs) + 1))
	var arc uint64
	count, padded := 0, false
	for i, o := range b {
		if arc == 0 && o < 0x80 && count > 0 && count < MaxArcs { // most are like that
			dst = appendArc(dst, uint32(o))
			count++
			continue
		}
		if arc == 0 && o == 0x80 { // X.690 §8.19.2: no leading zeros
			padded = true
			if r.Strict {
				r.Fail(contents+i, ErrOID)
				return ""
			}
		}
		limit := uint64(math.MaxUint32)
		if count == 0 {
			limit += 80 // X.690 §8.19.4: 40·first + second
		}
		arc = arc<<7 | uint64(o&0x7F)
		if arc > limit || count == MaxArcs { // RFC 2578 §3.5
			r.Fail(contents+i, ErrOID)
			return ""
		}
		if o&0x80 != 0 {
			continue
		}
		if count == 0 {
			first := min(arc/40, 2)
			dst = appendArc(dst, uint32(first))
			arc -= 40 * first
			count++
		}
		dst = appendArc(dst, uint32(arc))
		count++
		arc = 0
	}
	if b[len(b)-1]&0x80 != 0 {
		r.Fail(contents+len(b), ErrOID)
		return ""
	}
	if padded {
		r.Tolerated++
	}
	return OID(a.keep(dst))
}

const zeroDotZero OID = "\x00\x00\x00\x00\x00\x00\x00\x00"

// OID writes an OBJECT IDENTIFIER. One that cannot be encoded is a mistake of
// the program (see CheckEncodable) and panics.
func (w *Writer) OID(t Tag, o OID) {
	o.mustBeEncodable()
	n := o.Len()
	// No sub-identifier takes more than five octets, most OIDs far less.
	if w.short || w.off < 5*n && w.off < SizeOID(o) {
		w.short = true
		return
	}
	end := w.off
	at := putSubIdentifiers(w.buf[:w.off], o.Slice(2, n))
	w.off = putSubIdentifier(w.buf, at, 40*uint64(o.At(0))+uint64(o.At(1)))
	w.header(t, end-w.off)
}

// putSubIdentifiers writes all sub-identifiers of o to the end of b, and returns the
// offset of the first one.
func putSubIdentifiers(b []byte, o OID) (at int) {
	at = len(b)
	for n := o.Len(); n > 0; n = o.Len() {
		if n > 1 && at > 1 {
			if pair := o.pair(n - 2); pair&^onePerArc == 0 { // most are like that
				b[at-2], b[at-1] = byte(pair>>32), byte(pair)
				at -= 2
				o = o[:len(o)-2*arcSize]
				continue
			}
		}
		at = putSubIdentifier(b, at, uint64(o.At(n-1)))
		o = o[:len(o)-arcSize]
	}
	return at
}

// putSubIdentifier writes v, seven bits an octet, to the octets of b before at, and
// returns the offset of the first one.
func putSubIdentifier(b []byte, at int, v uint64) int {
	at--
	b[at] = byte(v & 0x7F)
	for v >>= 7; v > 0; v >>= 7 {
		at--
		b[at] = byte(v | 0x80)
	}
	return at
}

// pair returns the sub-identifiers i and i+1 in one number.
func (o OID) pair(i int) uint64 {
	a := o[i*arcSize : i*arcSize+2*arcSize]
	return uint64(a[0])<<56 | uint64(a[1])<<48 | uint64(a[2])<<40 | uint64(a[3])<<32 |
		uint64(a[4])<<24 | uint64(a[5])<<16 | uint64(a[6])<<8 | uint64(a[7])
}

// onePerArc has the bits of a pair that fit one octet each.
const onePerArc = 0x7F<<32 | 0x7F

func (o OID) mustBeEncodable() {
	if !o.encodable() {
		panic(o.CheckEncodable())
	}
}

// SizeOID returns the number of contents octets of o. Like Writer.OID it panics
// if o cannot be encoded.
func SizeOID(o OID) int {
	o.mustBeEncodable()
	return sizeSubIdentifier(40*uint64(o.At(0))+uint64(o.At(1))) + sizeSubIdentifiers(o.Slice(2, o.Len()))
}

func sizeSubIdentifiers(o OID) (size int) {
	n := o.Len()
	for i := 0; i < n; {
		if i+1 < n && o.pair(i)&^onePerArc == 0 {
			size += 2
			i += 2
			continue
		}
		size += sizeSubIdentifier(uint64(o.At(i)))
		i++
	}
	return size
}

func sizeSubIdentifier(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
