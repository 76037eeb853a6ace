package pdu

import (
	"fmt"
	"strconv"
)

// An ErrorStatus is the error-status of a Response (RFC 3416 §3). It is an
// error too, so that a handler can return one.
type ErrorStatus int32

// The values of error-status. NoSuchName, BadValue and ReadOnly exist for SNMPv1
// and for proxies; an SNMPv2 agent never sends them of its own.
const (
	NoError             ErrorStatus = 0
	TooBig              ErrorStatus = 1
	NoSuchName          ErrorStatus = 2
	BadValue            ErrorStatus = 3
	ReadOnly            ErrorStatus = 4
	GenErr              ErrorStatus = 5
	NoAccess            ErrorStatus = 6
	WrongType           ErrorStatus = 7
	WrongLength         ErrorStatus = 8
	WrongEncoding       ErrorStatus = 9
	WrongValue          ErrorStatus = 10
	NoCreation          ErrorStatus = 11
	InconsistentValue   ErrorStatus = 12
	ResourceUnavailable ErrorStatus = 13
	CommitFailed        ErrorStatus = 14
	UndoFailed          ErrorStatus = 15
	AuthorizationError  ErrorStatus = 16
	NotWritable         ErrorStatus = 17
	InconsistentName    ErrorStatus = 18
)

// statuses has a row for each error-status: its name, and what an SNMPv1
// message carries in its place (RFC 3584 §4.4).
var statuses = [...]struct {
	name string
	v1   ErrorStatus
}{
	NoError:             {"noError", NoError},
	TooBig:              {"tooBig", TooBig},
	NoSuchName:          {"noSuchName", NoSuchName},
	BadValue:            {"badValue", BadValue},
	ReadOnly:            {"readOnly", ReadOnly},
	GenErr:              {"genErr", GenErr},
	NoAccess:            {"noAccess", NoSuchName},
	WrongType:           {"wrongType", BadValue},
	WrongLength:         {"wrongLength", BadValue},
	WrongEncoding:       {"wrongEncoding", BadValue},
	WrongValue:          {"wrongValue", BadValue},
	NoCreation:          {"noCreation", NoSuchName},
	InconsistentValue:   {"inconsistentValue", BadValue},
	ResourceUnavailable: {"resourceUnavailable", GenErr},
	CommitFailed:        {"commitFailed", GenErr},
	UndoFailed:          {"undoFailed", GenErr},
	AuthorizationError:  {"authorizationError", NoSuchName},
	NotWritable:         {"notWritable", NoSuchName},
	InconsistentName:    {"inconsistentName", NoSuchName},
}

// Valid reports whether s is one of the nineteen values above.
func (s ErrorStatus) Valid() bool { return s >= 0 && int(s) < len(statuses) }

// String returns the RFC's name of s, or its number.
func (s ErrorStatus) String() string {
	if !s.Valid() {
		return "error-status " + strconv.Itoa(int(s))
	}
	return statuses[s].name
}

// Error is String.
func (s ErrorStatus) Error() string { return s.String() }

// V1 returns what an SNMPv1 Response carries in the place of s (RFC 3584 §4.4).
// A value that is none of RFC 3416's becomes genErr.
func (s ErrorStatus) V1() ErrorStatus {
	if !s.Valid() {
		return GenErr
	}
	return statuses[s].v1
}

// A StatusError says which varbind of a request made it fail.
type StatusError struct {
	Status ErrorStatus
	Index  int // counted from 1; 0: no particular varbind (RFC 3416 §4.1)
}

func (e *StatusError) Error() string {
	if e.Index == 0 {
		return e.Status.String()
	}
	return fmt.Sprintf("%v at varbind %d", e.Status, e.Index)
}

// Unwrap returns the status, so that errors.Is(err, pdu.WrongType) works.
func (e *StatusError) Unwrap() error { return e.Status }
