package pdu

import (
	"errors"
	"fmt"
)

// Errors of a message that is well-formed BER.
var (
	// ErrVersion: the message is of a version that was not asked for or that
	// this package does not know.
	ErrVersion = errors.New("unsupported SNMP version")
	// ErrKind: the PDU is none that exists in the message's version.
	ErrKind = errors.New("PDU of a kind that this version does not have")
)

// An Error says which field of a message is wrong. It wraps the reason, for
// malformed BER a *ber.SyntaxError with the offset.
type Error struct {
	Field string // as the RFC names it: "version", "community", "request-id", …
	// VarBind counts from 1 if the field is part of a varbind, else it is 0.
	VarBind int
	Err     error
}

func (e *Error) Error() string {
	if e.VarBind > 0 {
		return fmt.Sprintf("pdu: varbind %d %s: %v", e.VarBind, e.Field, e.Err)
	}
	return fmt.Sprintf("pdu: %s: %v", e.Field, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }
