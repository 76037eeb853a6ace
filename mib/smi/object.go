package smi

import (
	"snmpstack/ber"
	"snmpstack/pdu"
)

// An Object is a named node of the OID tree. Nothing changes it once it is in a
// Names.
type Object struct {
	Module string
	Name   string
	OID    ber.OID
	Kind   Kind
	// Type is the SYNTAX of a scalar or column, and nil for everything else.
	Type *Type
	// Units is the UNITS clause: "kB".
	Units  string
	Access Access
	Status Status
	// Index are the objects that index a row, in order; only rows have them. A
	// row that AUGMENTS another has that one's.
	Index []Index
	// Augments is the name of the row that this row augments, or "".
	Augments string
}

// String returns Module::Name.
func (o *Object) String() string { return o.Module + "::" + o.Name }

// A Kind says what an Object is.
type Kind uint8

// The kinds, in the order in which the RFCs define their macros.
const (
	Node         Kind = iota // OBJECT IDENTIFIER, OBJECT-IDENTITY, MODULE-IDENTITY
	Scalar                   // OBJECT-TYPE with one instance, .0
	Table                    // OBJECT-TYPE: SEQUENCE OF
	Row                      // OBJECT-TYPE: below a table
	Column                   // OBJECT-TYPE: below a row
	Notification             // NOTIFICATION-TYPE, and TRAP-TYPE as RFC 3584 §2.1.2 maps it
	Group                    // OBJECT-GROUP, NOTIFICATION-GROUP
	Compliance               // MODULE-COMPLIANCE
	Capabilities             // AGENT-CAPABILITIES
)

var kindNames = []string{"node", "scalar", "table", "row", "column", "notification", "group", "compliance", "capabilities"}

// String returns the kind's name in lower case.
func (k Kind) String() string { return nameOf(kindNames, int(k)) }

// An Access is the MAX-ACCESS of an object (RFC 2578 §7.3).
type Access uint8

// The access levels. NotAccessible is also that of objects without the clause.
const (
	NotAccessible Access = iota
	AccessibleForNotify
	ReadOnly
	ReadWrite
	ReadCreate
)

var accessNames = []string{"not-accessible", "accessible-for-notify", "read-only", "read-write", "read-create"}

// String returns the word of the clause.
func (a Access) String() string { return nameOf(accessNames, int(a)) }

// A Status is the STATUS of a definition (RFC 2578 §7.4). SMIv1's mandatory and
// optional count as current.
type Status uint8

// The states.
const (
	Current Status = iota
	Deprecated
	Obsolete
)

var statusNames = []string{"current", "deprecated", "obsolete"}

// String returns the word of the clause.
func (s Status) String() string { return nameOf(statusNames, int(s)) }

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// A Type is what a SYNTAX clause says, with textual conventions followed to
// their base.
type Type struct {
	// Name as the clause has it: DisplayString, InterfaceIndex, INTEGER, BITS.
	Name string
	// Base is the type on the wire.
	Base pdu.Syntax
	// Bits is set for BITS, which travel as an OCTET STRING.
	Bits bool
	// Hint is the DISPLAY-HINT of the textual convention (RFC 2579 §3.1), or "".
	Hint string
	// Enum are the labels of an enumeration, or of the bits of BITS.
	Enum []Enum
	// Ranges restrict the value, or the size of an OCTET STRING. None means no
	// restriction. They are in the order of the module.
	Ranges []Range
}

// An Enum is a named number.
type Enum struct {
	Label string
	Value int64
}

// A Range holds its ends. Bounds outside int64 are given as its nearest.
type Range struct{ Min, Max int64 }

// Label returns the label of a number of an enumeration.
func (t *Type) Label(v int64) (label string, ok bool) {
	for _, e := range t.Enum {
		if e.Value == v {
			return e.Label, true
		}
	}
	return "", false
}

// Value returns the number with a label of an enumeration.
func (t *Type) Value(label string) (v int64, ok bool) {
	for _, e := range t.Enum {
		if e.Label == label {
			return e.Value, true
		}
	}
	return 0, false
}

// FixedSize returns the size of an OCTET STRING that has only one.
func (t *Type) FixedSize() (n int, ok bool) {
	if t.Base != pdu.TypeOctetString || len(t.Ranges) != 1 || t.Ranges[0].Min != t.Ranges[0].Max {
		return 0, false
	}
	return int(t.Ranges[0].Min), true
}

// An Index is one element of an INDEX clause.
type Index struct {
	// Name is the object's, or the type's in SMIv1's INDEX { INTEGER }.
	Name string
	// Type is that of the object, and nil if the object is unknown.
	Type *Type
	// Implied: the length is left out (RFC 2578 §7.7).
	Implied bool
}
