package dissect

import (
	"fmt"
	"math"

	"snmpstack/ber"
)

// A walker goes through a datagram like a ber.Reader, but does not stop at
// mistakes.
type walker struct {
	Options
	data []byte
	off  int   // of the next octet
	in   scope // the innermost constructed encoding that was entered
	out  []Field
	// hide is set until the community is known to be behind: octets that cannot
	// be told apart may be it.
	hide bool
}

// A scope is a constructed encoding that is being walked through.
type scope struct {
	end     int // of the contents that are there
	claimed int // the end by the length field; beyond end if the datagram is cut off
	depth   int
	// lost is set when the contents cannot be followed any further. What is
	// missing because of that is no problem of its own.
	lost bool
}

// more reports whether the innermost scope has octets left.
func (w *walker) more() bool { return w.off < w.in.end }

// peek returns the next identifier octet, 0 if there is none.
func (w *walker) peek() ber.Tag {
	if !w.more() {
		return 0
	}
	return ber.Tag(w.data[w.off])
}

// add appends a field to the list.
func (w *walker) add(f Field) *Field {
	f.Depth = w.in.depth
	w.out = append(w.out, f)
	return &w.out[len(w.out)-1]
}

func (f *Field) problem(s Severity, offset int, clause, format string, args ...any) {
	f.Problems = append(f.Problems, Problem{s, offset, fmt.Sprintf(format, args...), clause})
}

// header reads identifier and length of the encoding called name, and adds its
// field. It returns nil where there is none: at the end of the scope and where
// the length cannot be understood. Everything up to the end of the scope has
// then become a field, and the scope is lost.
func (w *walker) header(name string) (f *Field, claimed int) {
	if !w.more() {
		w.missing(name)
		return nil, 0
	}
	start := w.off
	tag := w.data[start]
	if tag&0x1F == 0x1F {
		w.raw(name).problem(Malformed, start, "X.690 §8.1.2.4", "identifier %02X begins a tag of several octets, which SNMP does not use", tag)
		return nil, 0
	}
	if start+1 == w.in.end {
		f := w.add(Field{Offset: start, Length: 1, Name: name, Type: typeName(ber.Tag(tag))})
		if !w.in.cutOff() {
			f.problem(Malformed, w.in.end, "X.690 §8.1.1.1", "an identifier without a length")
		}
		w.off, w.in.lost = w.in.end, true
		return nil, 0
	}
	length, size := int(w.data[start+1]), 2
	if length >= 0x80 {
		if length == 0x80 {
			w.raw(name).problem(Malformed, start+1, "RFC 3417 §8", "the indefinite form of a length, expected a definite one")
			return nil, 0
		}
		if length == 0xFF {
			w.raw(name).problem(Malformed, start+1, "X.690 §8.1.3.5", "the length FF is reserved")
			return nil, 0
		}
		count := length & 0x7F
		if count > w.in.end-start-2 {
			f := w.raw(name)
			if !w.in.cutOff() {
				f.problem(Malformed, w.in.end, "X.690 §8.1.3.5", "the length has %d octets, %d are left", count, w.in.end-start-2)
			}
			w.in.lost = true
			return nil, 0
		}
		size += count
		length = 0
		for _, b := range w.data[start+2 : start+size] {
			length = min(length<<8|int(b), maxLength)
		}
	}
	w.off = start + size
	left := w.in.end - w.off
	f = w.add(Field{Offset: start, Header: size, Length: min(length, left), Name: name, Type: typeName(ber.Tag(tag))})
	// A datagram that is cut off makes the lengths of all that enclose its end
	// too long. Only the outermost of them is reported.
	claimed = w.off + length
	if claimed > w.in.claimed {
		if w.hide && size > 2 && (w.in.depth > 0 || size > 5) {
			// What was taken for a length may be a part of the community. The
			// message's own, if it is one that a datagram may have, is not.
			f.SecretLength = true
			f.problem(Malformed, start+1, "X.690 §8.1.3", "the length is more than the %d octets that are left", left)
		} else if length == maxLength {
			f.problem(Malformed, start+1, "X.690 §8.1.3", "the length is more than %d octets, %d are left", maxLength-1, left)
		} else {
			f.problem(Malformed, start+1, "X.690 §8.1.3", "the length is %d octets, %d are left", length, left)
		}
	}
	return f, claimed
}

// maxLength is where lengths stop being told apart. No datagram comes near it.
const maxLength = math.MaxInt32 >> 8

// cutOff reports whether the scope's contents end before its length field says,
// because the datagram, or what encloses the scope, does.
func (s *scope) cutOff() bool { return s.claimed > s.end }

// missing reports that something expected is not there, once in each scope.
func (w *walker) missing(name string) {
	if w.in.lost || w.in.cutOff() || len(w.out) == 0 {
		w.in.lost = true
		return
	}
	w.in.lost = true
	w.out[len(w.out)-1].problem(Malformed, w.off, "X.690 §8.9.2", "%s is missing", name)
}

// raw adds the octets that the scope has left as a field.
func (w *walker) raw(name string) *Field {
	f := w.add(Field{Offset: w.off, Length: w.in.end - w.off, Name: name, Type: "octets", Secret: w.hide})
	w.off, w.in.lost = w.in.end, true
	return f
}

// enter reads the header of the constructed encoding called name and goes
// inside. The result is for leave; ok is false where there is nothing to enter.
func (w *walker) enter(name string, tag ber.Tag) (outer scope, ok bool) {
	found := w.peek()
	f, claimed := w.header(name)
	if f == nil {
		return w.in, false
	}
	if found != tag {
		f.problem(Malformed, f.Offset, "X.690 §8.1.2", "identifier %02X, expected %02X, %s", byte(found), byte(tag), typeName(tag))
		if !found.Constructed() {
			f.Secret = w.hide
			w.off = f.End()
			return w.in, false
		}
	}
	return w.inside(f, claimed), true
}

// inside makes the contents of f the innermost scope.
func (w *walker) inside(f *Field, claimed int) (outer scope) {
	f.Parent = true
	if f.Text == "" {
		f.Text = octets(f.Length)
	}
	outer = w.in
	w.in = scope{end: f.End(), claimed: claimed, depth: outer.depth + 1}
	return outer
}

// leave ends what enter or inside began. What is left over is shown as far as it
// has a structure.
func (w *walker) leave(outer scope) {
	if w.more() {
		start, first := w.off, len(w.out)
		w.leftovers(0)
		w.out[first].problem(Malformed, start, "X.690 §8.9.2", "%s left over, expected the end of the enclosing encoding", octets(w.in.end-start))
	}
	w.in = outer
}

// maxGeneric is how deep encodings that nothing is known of are taken apart.
const maxGeneric = 8

// leftovers shows the rest of the scope.
func (w *walker) leftovers(level int) {
	for w.more() {
		tag := w.peek()
		f, claimed := w.header("")
		switch {
		case f == nil:
		case tag.Constructed() && level < maxGeneric:
			outer := w.inside(f, claimed)
			w.leftovers(level + 1)
			w.in = outer
		default:
			f.Secret = w.hide
			w.off = f.End()
		}
	}
}

// octets writes a number of octets.
func octets(n int) string {
	if n == 1 {
		return "1 octet"
	}
	return fmt.Sprintf("%d octets", n)
}
