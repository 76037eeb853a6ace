package agent

import (
	"context"
	"net/netip"

	"snmpstack/pdu"
)

// A RequestEvent is a request that has been found good, on its way to a hook:
// OnGetRequest, OnGetNextRequest, OnGetBulkRequest or OnSetRequest.
//
// The event and everything in it is valid until the hook returns. Objects point
// into the request; a Clone may be kept.
type RequestEvent struct {
	// Context ends when an answer would come too late.
	Context context.Context

	RequestID     int32
	MessageID     int32 // SNMPv3; else 0
	Version       pdu.Version
	Community     string // SNMPv1 and SNMPv2c
	User          string // SNMPv3
	SecurityLevel pdu.SecurityLevel
	Source        netip.AddrPort
	Destination   netip.Addr // the address that was asked, where the system tells

	// NonRepeaters and MaxRepetitions are those of a GetBulkRequest. What was
	// negative is 0 (RFC 3416 §4.2.3).
	NonRepeaters   int
	MaxRepetitions int

	// Objects are the request's varbinds. A hook that answers puts the answer's
	// in their place: it assigns to the elements or the slice. Answers to
	// GetNextRequest and GetBulkRequest are checked against the access policy
	// again.
	Objects []pdu.VarBind

	// Respond, false on entry, says that the hook has answered. If it stays false
	// the MIB answers; without one nothing is sent.
	Respond bool
	// ErrorStatus is the answer's; on entry it is noError.
	ErrorStatus pdu.ErrorStatus
	// ErrorIndex counts from 0, like Objects; −1, as on entry, means no
	// particular object. It has a meaning only with an ErrorStatus.
	ErrorIndex int
}

// ErrorDescription returns the RFC's name for ErrorStatus.
func (e *RequestEvent) ErrorDescription() string { return e.ErrorStatus.String() }

// A BadPacketEvent is a message that is not processed. It is valid until the
// hook returns.
type BadPacketEvent struct {
	Packet []byte // the whole datagram
	Source netip.AddrPort
	// Code is 305 (version), 306 (PDU that the version does not have), 317 (PDU
	// that cannot be read), 320 (message that cannot be read) or 321 (community
	// refused).
	Code Code
	// Counter is the MIB object that counted it.
	Counter string
	// Err says what is wrong, for BER with the offset. It holds no secrets.
	Err error
	// Report asks for a Report. There is none for SNMPv1 and SNMPv2c.
	Report bool
}

// A Direction says whether a traced packet came or went.
type Direction int

const (
	Incoming Direction = 1
	Outgoing Direction = 2
)

func (d Direction) String() string {
	if d == Incoming {
		return "in"
	}
	return "out"
}

// A PacketTraceEvent is a datagram that was received, or that was handed to the
// kernel. It is valid until the hook returns.
type PacketTraceEvent struct {
	Packet    []byte
	Direction Direction
	// Peer is where the packet came from or goes to.
	Peer netip.AddrPort
}

// An ErrorEvent is something that went wrong beside the requests: a socket that
// failed, a handler that broke the rules.
type ErrorEvent struct {
	Code Code // 0 if the specification has none for it
	Err  error
}

// Description returns the error's text.
func (e *ErrorEvent) Description() string { return e.Err.Error() }
