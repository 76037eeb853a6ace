package ber

import "unsafe"

// A Reader decodes one datagram from front to back. It is a plain value: a copy
// preserves the state. Offsets are always counted from the start of the
// datagram, since entering a SEQUENCE narrows the bound instead of making a
// Reader of its own.
//
// The first error sticks; it is a *SyntaxError. After it every method returns zero
// values and nothing advances, so Err has to be checked before a value is acted on,
// not after each call.
type Reader struct {
	// Strict refuses what is tolerated by default: INTEGERs and sub-identifiers
	// that are not in their shortest form, and empty OBJECT IDENTIFIERs.
	Strict bool
	// Tolerated counts what was accepted although X.690 forbids it.
	Tolerated int
	// Padded counts lengths that were not in their shortest form, which X.690 allows. What
	// was read without them, and without anything tolerated, is what a Writer writes.
	Padded int

	buf   []byte
	off   int // of the next octet to read
	end   int // of the innermost constructed encoding that was entered
	kind  error
	field string
}

// NewReader returns a Reader over b. What its methods return aliases b where
// they say so.
func NewReader(b []byte) Reader { return Reader{buf: b, end: len(b)} }

// Err returns the first error as a *SyntaxError, or nil.
func (r *Reader) Err() error {
	if r.kind == nil {
		return nil
	}
	return &SyntaxError{Offset: r.off, Err: r.kind}
}

// Field names what is read next, for the error that may come of it, and returns
// the Reader.
//
//	m.Version = r.Field("version").Int32(ber.Integer)
func (r *Reader) Field(name string) *Reader {
	if r.kind == nil {
		r.field = name
	}
	return r
}

// FieldName returns the name of the field that was being read, or in which the
// error is.
func (r *Reader) FieldName() string { return r.field }

// Offset returns the offset of the next octet, or of the error if there is one.
func (r *Reader) Offset() int { return r.off }

// More reports whether the innermost constructed encoding has octets left. It
// is false after an error, so it can be a loop's condition.
func (r *Reader) More() bool { return r.kind == nil && r.off < r.end }

// Since returns what has been read since the Offset was start. It aliases the datagram.
func (r *Reader) Since(start int) []byte { return r.buf[start:r.off:r.off] }

// Remaining returns how many octets the innermost constructed encoding has left.
func (r *Reader) Remaining() int { return r.end - r.off }

// Peek returns the next identifier octet without reading it, 0 if there is none.
func (r *Reader) Peek() Tag {
	if !r.More() {
		return 0
	}
	return Tag(r.buf[r.off])
}

// Fail records an error of the given kind at offset, unless there is one
// already. Decoders built on the Reader use it for rules of their own.
func (r *Reader) Fail(offset int, kind error) {
	if r.kind == nil {
		r.off, r.kind = offset, kind
	}
}

// Enter reads the header of a constructed encoding (X.690 §8.9) and narrows the
// Reader to its contents. The result is for Leave.
func (r *Reader) Enter(t Tag) (outer int) {
	outer = r.end
	if n, ok := r.header(t); ok {
		r.end = r.off + n
	}
	return outer
}

// Leave ends what Enter began. Octets that are left over are an error: the
// contents are the complete encodings of the components (X.690 §8.1.1, §8.9).
func (r *Reader) Leave(outer int) {
	if r.kind == nil && r.off != r.end {
		r.Fail(r.off, ErrTrailing)
	}
	r.end = outer
}

// Skip reads past one encoding whatever its type, without a look inside.
func (r *Reader) Skip() {
	if n, ok := r.header(r.Peek()); ok {
		r.off += n
	}
}

// Octets reads a primitive encoding with tag t and returns its contents, which
// alias the datagram. For an OCTET STRING they are its value (X.690 §8.7).
func (r *Reader) Octets(t Tag) []byte {
	n, ok := r.header(t)
	if !ok {
		return nil
	}
	b := r.buf[r.off : r.off+n : r.off+n]
	r.off += n
	return b
}

// Text is Octets as a string, without a copy: it aliases the datagram and
// changes with it. Whoever keeps it longer than the datagram takes a
// strings.Clone.
func (r *Reader) Text(t Tag) string { return alias(r.Octets(t)) }

// Null reads a primitive encoding with tag t that has no contents (X.690 §8.8).
func (r *Reader) Null(t Tag) {
	start := r.off
	if n, ok := r.header(t); ok && n != 0 {
		r.Fail(start+1, ErrLength)
	}
}

// header reads an identifier that has to be t and a length (X.690 §8.1.2,
// §8.1.3), and checks that the contents lie inside the innermost constructed
// encoding. Every other bounds check of this package rests on it.
//
// Nearly all encodings are right and short: they pass here, all others in anyHeader,
// whose rules are the whole truth.
func (r *Reader) header(t Tag) (n int, ok bool) {
	if at := r.off; r.kind == nil && r.end-at >= 2 && Tag(r.buf[at]) == t && t&numberMask != numberMask {
		if n = int(r.buf[at+1]); n < 0x80 && n <= r.end-at-2 {
			r.off = at + 2
			return n, true
		}
	}
	return r.anyHeader(t)
}

func (r *Reader) anyHeader(t Tag) (n int, ok bool) {
	if r.kind != nil {
		return 0, false
	}
	start, at := r.off, r.off
	if at >= r.end {
		r.Fail(at, ErrTruncated)
		return 0, false
	}
	if tag := Tag(r.buf[at]); tag != t || tag&numberMask == numberMask {
		r.Fail(at, ErrTag)
		return 0, false
	}
	at++
	if at >= r.end {
		r.Fail(at, ErrTruncated)
		return 0, false
	}
	first := r.buf[at]
	at++
	switch {
	case first < 0x80: // X.690 §8.1.3.4: the short form
		n = int(first)
	case first == 0x80, first == 0xFF: // indefinite (RFC 3417 §8 (1)), reserved (X.690 §8.1.3.5 c)
		r.Fail(at-1, ErrLength)
		return 0, false
	default: // X.690 §8.1.3.5: the long form, leading zeros allowed
		count := int(first & 0x7F)
		if count > r.end-at {
			r.Fail(r.end, ErrTruncated)
			return 0, false
		}
		for _, b := range r.buf[at : at+count] {
			if n > (maxLength >> 8) {
				r.Fail(start+1, ErrLength)
				return 0, false
			}
			n = n<<8 | int(b)
		}
		if n < 0x80 || r.buf[at] == 0 {
			r.Padded++
		}
		at += count
	}
	if n > r.end-at {
		r.Fail(r.end, ErrTruncated)
		return 0, false
	}
	r.off = at
	return n, true
}

// maxLength bounds a length while it is put together, so that it cannot
// overflow an int of 32 bits. No datagram comes near it.
const maxLength = 1<<30 - 1

// alias turns octets into a string without a copy. The string changes when the
// octets do: callers document how long it is valid.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
