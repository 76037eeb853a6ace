package dissect

import (
	"snmpstack/ber"
	"snmpstack/pdu"
)

// Options says how to show what was found. The zero Options shows numbers only.
type Options struct {
	// Name returns the name of an OID for people, or "".
	Name func(ber.OID) string
	// Value returns the value of the named instance for people, or "".
	Value func(pdu.VarBind) string
	// ShowSecrets shows communities.
	ShowSecrets bool
}

// Fields is a dissected datagram.
type Fields struct {
	List []Field
	data []byte
}

// A Field is one encoding of the datagram, or a run of octets that are none.
type Field struct {
	// Offset of the first octet, counted from the start of the datagram.
	Offset int
	// Header is the number of octets of identifier and length, 0 for octets
	// that are no encoding.
	Header int
	// Length is the number of contents octets there are, which are fewer than
	// the length field says where that is a lie.
	Length int
	// Depth is how many fields enclose this one.
	Depth int
	// Parent says that the following fields of greater Depth are the contents.
	Parent bool
	// Secret contents are not to be shown. SecretLength says the same of a
	// length of several octets that cannot be one.
	Secret       bool
	SecretLength bool
	Name         string // as the RFC has it: "request-id"; "" where nothing was expected
	Type         string // "INTEGER"
	Text         string // the value for people, "" where the octets say enough
	// Problems are the rules that this field breaks.
	Problems []Problem
}

// A Problem is a rule that a datagram breaks.
type Problem struct {
	Severity Severity
	Offset   int    // of the octet that breaks it; the datagram's length where octets lack
	Text     string // what is wrong and what was expected
	Clause   string // of the rule, as "X.690 §8.3.2"
}

// A Severity says what comes of a problem.
type Severity int

const (
	// Odd: well-formed, but no implementation should send it.
	Odd Severity = iota
	// Tolerated: forbidden by X.690 but unambiguous, so that package pdu accepts
	// it unless it is strict; also octets behind the message.
	Tolerated
	// Malformed: package pdu refuses the message.
	Malformed
)

func (s Severity) String() string {
	return [...]string{"odd", "tolerated", "malformed"}[s]
}

// Worst returns the severest problem's Severity, and false if there is none.
func (f *Fields) Worst() (worst Severity, found bool) {
	for i := range f.List {
		for _, p := range f.List[i].Problems {
			worst, found = max(worst, p.Severity), true
		}
	}
	return worst, found
}

// Contents returns the contents octets of the first field called name, and false if
// there is none. They are the datagram's.
func (f *Fields) Contents(name string) ([]byte, bool) {
	for i := range f.List {
		if field := &f.List[i]; field.Name == name {
			return f.data[field.Offset+field.Header : field.End()], true
		}
	}
	return nil, false
}

// End returns the offset behind the field.
func (f *Field) End() int { return f.Offset + f.Header + f.Length }
