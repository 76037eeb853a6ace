package ber

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Int32 reads an INTEGER with tag t in the range −2³¹ to 2³¹−1 (X.690 §8.3,
// RFC 2578 §7.1.1).
func (r *Reader) Int32(t Tag) int32 {
	// Most are small. One octet of contents is in its shortest form.
	if at := r.off; r.kind == nil && r.end-at >= 3 && Tag(r.buf[at]) == t && r.buf[at+1] == 1 && t&numberMask != numberMask {
		r.off = at + 3
		return int32(int8(r.buf[at+2]))
	}
	start := r.off
	v, ok := r.integer(t)
	if ok && (v < math.MinInt32 || v > math.MaxInt32) {
		r.Fail(start, ErrInteger)
	}
	if r.kind != nil {
		return 0
	}
	return int32(v)
}

// Uint32 reads an INTEGER with tag t in the range 0 to 2³²−1: Counter32,
// Gauge32 and TimeTicks (RFC 2578 §7.1.6 to §7.1.8).
func (r *Reader) Uint32(t Tag) uint32 {
	start := r.off
	v, ok := r.integer(t)
	if ok && (v < 0 || v > math.MaxUint32) {
		r.Fail(start, ErrInteger)
	}
	if r.kind != nil {
		return 0
	}
	return uint32(v)
}

// Uint64 reads an INTEGER with tag t in the range 0 to 2⁶⁴−1: Counter64 (RFC
// 2578 §7.1.10). From 2⁶³ on its contents are nine octets, the first one 00.
func (r *Reader) Uint64(t Tag) uint64 {
	start := r.off
	b := r.minimal(r.Octets(t), start)
	if r.kind != nil {
		return 0
	}
	if b[0]&0x80 != 0 || len(b) > 9 || len(b) == 9 && b[0] != 0 {
		r.Fail(start, ErrInteger)
		return 0
	}
	var v uint64
	for _, o := range b {
		v = v<<8 | uint64(o)
	}
	return v
}

// integer reads an INTEGER of at most eight contents octets.
func (r *Reader) integer(t Tag) (v int64, ok bool) {
	start := r.off
	b := r.minimal(r.Octets(t), start)
	if r.kind != nil {
		return 0, false
	}
	if len(b) > 8 {
		r.Fail(start, ErrInteger)
		return 0, false
	}
	v = int64(int8(b[0])) // two's complement: the first bit is the sign
	for _, o := range b[1:] {
		v = v<<8 | int64(o)
	}
	return v, true
}

// minimal checks that an INTEGER has contents, and takes away the leading
// octets that X.690 §8.3.2 forbids: the first nine bits shall not all be equal.
// What they pad is unambiguous, so that outside strict mode they only count.
func (r *Reader) minimal(b []byte, start int) []byte {
	if r.kind != nil {
		return nil
	}
	if len(b) == 0 { // X.690 §8.3.1: one or more octets
		r.Fail(start, ErrInteger)
		return nil
	}
	padded := b
	for len(b) > 1 && (b[0] == 0x00 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
		b = b[1:]
	}
	if len(b) != len(padded) {
		if r.Strict {
			r.Fail(start, ErrInteger)
			return nil
		}
		r.Tolerated++
	}
	return b
}

// Int32 writes an INTEGER in its shortest form (X.690 §8.3.2).
func (w *Writer) Int32(t Tag, v int32) { w.integer(t, int64(v)) }

// Uint32 writes an unsigned INTEGER; a first bit that is set gets a leading 00.
func (w *Writer) Uint32(t Tag, v uint32) { w.integer(t, int64(v)) }

// Uint64 writes an unsigned INTEGER; a first bit that is set gets a leading 00.
func (w *Writer) Uint64(t Tag, v uint64) {
	if v <= math.MaxInt64 {
		w.integer(t, int64(v))
		return
	}
	n := SizeUint64(v)
	b, ok := w.reserve(n)
	if !ok {
		return
	}
	for i := n - 1; i >= 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	w.header(t, n)
}

func (w *Writer) integer(t Tag, v int64) {
	n := SizeInt64(v)
	if at := w.off; at >= 10 && !w.short {
		// There is room for eight octets, whatever of them is needed: what is before
		// the contents has yet to be written.
		binary.BigEndian.PutUint64(w.buf[at-8:], uint64(v))
		at -= n + 2
		w.buf[at], w.buf[at+1] = byte(t), byte(n)
		w.off = at
		return
	}
	b, ok := w.reserve(n)
	if !ok {
		return
	}
	for i := n - 1; i >= 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	w.header(t, n)
}

// SizeInt64 returns the number of contents octets of the INTEGER v, 1 to 8.
func SizeInt64(v int64) int {
	return bits.Len64(uint64(v^v>>63))/8 + 1 // the sign takes a bit too
}

// SizeUint64 returns the number of contents octets of the unsigned INTEGER v,
// 1 to 9.
func SizeUint64(v uint64) int {
	if v > math.MaxInt64 {
		return 9
	}
	return SizeInt64(int64(v))
}
