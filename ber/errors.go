package ber

import (
	"errors"
	"fmt"
)

// The kinds of syntax error.
var (
	// ErrTruncated: an encoding needs more octets than its surroundings have.
	ErrTruncated = errors.New("truncated")
	// ErrTag: another type was expected here, or the identifier is none that
	// SNMP uses.
	ErrTag = errors.New("unexpected tag")
	// ErrLength: an indefinite or reserved length, or one that does not suit
	// the type.
	ErrLength = errors.New("bad length")
	// ErrInteger: an INTEGER without contents, out of its type's range or, in
	// strict mode, not in its shortest form.
	ErrInteger = errors.New("bad INTEGER")
	// ErrOID: an OBJECT IDENTIFIER that is too long, ends inside a
	// sub-identifier or has one over 2³²−1.
	ErrOID = errors.New("bad OBJECT IDENTIFIER")
	// ErrTrailing: octets are left over inside a constructed encoding.
	ErrTrailing = errors.New("octets left over")
)

// ErrShortBuffer is a Writer's error: the encoding does not fit its buffer.
var ErrShortBuffer = errors.New("ber: encoding does not fit the buffer")

// A SyntaxError says where an input stops being what it should be.
type SyntaxError struct {
	// Offset of the octet that is wrong, counted from the start of what the
	// Reader was made for, normally the datagram. Where more octets were
	// expected it is the end of the innermost SEQUENCE or PDU that should have
	// held them, or of the input.
	Offset int
	// Err is one of the kinds above.
	Err error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("ber: offset %d: %v", e.Offset, e.Err) }

// Unwrap returns the kind of the error.
func (e *SyntaxError) Unwrap() error { return e.Err }
