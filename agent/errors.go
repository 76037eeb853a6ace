package agent

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// A Code is an error code of the specification.
type Code int

// The codes that a message or a call can end in. Those of the operating system
// are the ones that Windows has: 10000 and above.
const (
	CodeTimeout            Code = 201
	CodeBadIndex           Code = 301
	CodeBadIPAddress       Code = 303
	CodeBadVersion         Code = 305
	CodeUnknownPDU         Code = 306
	CodeBusy               Code = 307
	CodeDefectivePacket    Code = 317
	CodeNotPermitted       Code = 319
	CodeBadPacket          Code = 320
	CodeNotAuthenticated   Code = 321
	CodeNoSuchOID          Code = 322
	CodeActive             Code = 104
	CodeLocalPortActive    Code = 106
	CodeLocalHostActive    Code = 107
	CodeNotActive          Code = 109
	CodePacketSizeActive   Code = 112
	CodeSharePortActive    Code = 113
	CodeMessageTooLong     Code = 118
	CodeMessageTooShort    Code = 119
	CodeAccessDenied       Code = 10013
	CodeInvalidArgument    Code = 10022
	CodeNotSupported       Code = 10045
	CodeAddressInUse       Code = 10048
	CodeAddressUnavailable Code = 10049
	CodeHostNotFound       Code = 11001
)

// codes has the specification's text for each code.
var codes = map[Code]string{
	CodeTimeout:            "timeout",
	CodeBadIndex:           "bad object index",
	CodeBadIPAddress:       "the value must be an IP address in dotted format",
	CodeBadVersion:         "unsupported SNMP version",
	CodeUnknownPDU:         "unknown PDU type",
	CodeBusy:               "busy performing the current action",
	CodeDefectivePacket:    "defective packet",
	CodeNotPermitted:       "operation not permitted in current role",
	CodeBadPacket:          "bad packet",
	CodeNotAuthenticated:   "message not authenticated",
	CodeNoSuchOID:          "no such oid",
	CodeActive:             "already active",
	CodeLocalPortActive:    "LocalPort cannot be changed while the agent is active",
	CodeLocalHostActive:    "LocalHost cannot be changed while the agent is active",
	CodeNotActive:          "the agent must be active for this operation",
	CodePacketSizeActive:   "MaxPacketSize cannot be changed while the agent is active",
	CodeSharePortActive:    "ShareLocalPort cannot be changed while the agent is active",
	CodeMessageTooLong:     "message longer than MaxPacketSize",
	CodeMessageTooShort:    "message too short",
	CodeAccessDenied:       "access denied",
	CodeInvalidArgument:    "invalid argument",
	CodeNotSupported:       "operation not supported",
	CodeAddressInUse:       "address already in use",
	CodeAddressUnavailable: "cannot assign requested address",
	CodeHostNotFound:       "host not found",
}

// String returns the code's text.
func (c Code) String() string {
	if text, ok := codes[c]; ok {
		return text
	}
	return "code " + strconv.Itoa(int(c))
}

// An Error is an error with one of the specification's codes.
type Error struct {
	Code Code
	// Err says more, or is nil. An error of the operating system is a
	// syscall.Errno in its chain.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("agent: %v (%d)", e.Code, int(e.Code))
	}
	return fmt.Sprintf("agent: %v (%d): %v", e.Code, int(e.Code), e.Err)
}

// Unwrap returns what Err holds.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &agent.Error{Code: c}) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Err == nil && t.Code == e.Code
}

// systemCodes maps errors of the operating system to the specification's codes.
var systemCodes = []struct {
	errno error
	code  Code
}{
	{syscall.EADDRINUSE, CodeAddressInUse},
	{syscall.EACCES, CodeAccessDenied},
	{syscall.EPERM, CodeAccessDenied},
	{syscall.EADDRNOTAVAIL, CodeAddressUnavailable},
	{syscall.EINVAL, CodeInvalidArgument},
}

// systemError gives an error of the operating system its code.
func systemError(err error) error {
	for _, row := range systemCodes {
		if errors.Is(err, row.errno) {
			return &Error{row.code, err}
		}
	}
	if errors.Is(err, errors.ErrUnsupported) {
		return &Error{CodeNotSupported, err}
	}
	return err
}
