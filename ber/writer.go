package ber

import "math/bits"

// A Writer encodes into a buffer of the caller's from its end towards its
// start. What encloses something is written after it, when its length is known:
// nothing is moved and nothing is encoded twice.
//
// The first error sticks; the only one is ErrShortBuffer. Lengths are always in
// their shortest form.
type Writer struct {
	buf   []byte
	off   int // of the octet written last
	short bool
}

// NewWriter returns a Writer that fills buf from its end. buf belongs to the
// caller again when the Writer is no longer used; what is in it then before Bytes
// means nothing.
func NewWriter(buf []byte) Writer { return Writer{buf: buf, off: len(buf)} }

// Bytes returns what has been written so far: the tail of the buffer. It is of no use if
// there is an Err.
func (w *Writer) Bytes() []byte { return w.buf[w.off:] }

// Len returns how many octets have been written.
func (w *Writer) Len() int { return len(w.buf) - w.off }

// Err returns ErrShortBuffer if something did not fit.
func (w *Writer) Err() error {
	if w.short {
		return ErrShortBuffer
	}
	return nil
}

// Mark returns the position that Wrap needs: everything written between the two
// calls becomes the contents of the constructed encoding.
func (w *Writer) Mark() (end int) { return w.off }

// Wrap writes the header of a constructed encoding around what has been written
// since Mark returned end.
func (w *Writer) Wrap(t Tag, end int) { w.header(t, end-w.off) }

// Octets writes a primitive encoding with the contents b.
func (w *Writer) Octets(t Tag, b []byte) {
	if dst, ok := w.reserve(len(b)); ok {
		copy(dst, b)
		w.header(t, len(b))
	}
}

// Text is Octets for a string.
func (w *Writer) Text(t Tag, s string) {
	if dst, ok := w.reserve(len(s)); ok {
		copy(dst, s)
		w.header(t, len(s))
	}
}

// Raw writes octets as they are, without a header: what is encoded already, or
// padding.
func (w *Writer) Raw(b []byte) {
	if dst, ok := w.reserve(len(b)); ok {
		copy(dst, b)
	}
}

// Null writes a primitive encoding without contents (X.690 §8.8).
func (w *Writer) Null(t Tag) { w.header(t, 0) }

// header writes identifier and length (X.690 §8.1.3) before what is there.
func (w *Writer) header(t Tag, n int) {
	if n < 0x80 {
		if b, ok := w.reserve(2); ok {
			b[0], b[1] = byte(t), byte(n)
		}
		return
	}
	b, ok := w.reserve(SizeHeader(n))
	if !ok {
		return
	}
	b[0] = byte(t)
	b[1] = 0x80 | byte(len(b)-2)
	for i := len(b) - 1; i > 1; i-- {
		b[i] = byte(n)
		n >>= 8
	}
}

// reserve makes room for n octets before what is there.
func (w *Writer) reserve(n int) (b []byte, ok bool) {
	if w.short || n > w.off {
		w.short = true
		return nil, false
	}
	w.off -= n
	return w.buf[w.off : w.off+n], true
}

// SizeHeader returns the number of octets of identifier and length before n
// octets of contents.
func SizeHeader(n int) int {
	if n < 0x80 {
		return 2
	}
	return 2 + (bits.Len(uint(n))+7)/8
}

// SizeTLV returns the number of octets of a whole encoding with n octets of
// contents.
func SizeTLV(n int) int { return SizeHeader(n) + n }
