package agent

import (
	"context"
	"net/netip"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// A RequestEvent is a request that has been found good, on its way to a hook:
// OnGetRequest, OnGetNextRequest, OnGetBulkRequest or OnSetRequest.
//
// The event is valid until the hook returns, or after Defer until the answer, and so
// are the names and values of its Objects: they share the request's memory, and with
// them what their methods return (Octets, Text, OID), although it is a string. Before
// they are kept they are copied: VarBind.Clone, Objects.Clone, strings.Clone, or
// Agent.Text, which copies by itself. The event's other strings may be kept.
type RequestEvent struct {
	// Context ends when HandlerTimeout is over, with context.DeadlineExceeded, or with
	// context.Canceled when Deactivate gives the request up. What is answered then is sent
	// all the same; the one who asked waits no longer, as a rule. It has a Deadline unless
	// the agent has a Clock of its own.
	Context context.Context

	RequestID     int32
	MessageID     int32 // SNMPv3; else 0
	Version       pdu.Version
	Community     string // SNMPv1 and SNMPv2c
	User          string // SNMPv3
	SecurityLevel pdu.SecurityLevel
	// ContextEngineID is SNMPv3's, else "": the agent's own, or the one that means any
	// (RFC 5343 §3.1). Requests for another engine are refused before a hook sees them; who
	// answers for others has a ContextName for each. ContextName is that of the message or
	// what its community stands for; "" is the default context.
	ContextEngineID usm.EngineID
	ContextName     string
	Source          netip.AddrPort
	Destination     netip.Addr // the address that was asked, where the system tells

	// NonRepeaters and MaxRepetitions are those of a GetBulkRequest. What was
	// negative is 0 (RFC 3416 §4.2.3).
	NonRepeaters   int
	MaxRepetitions int

	// Objects are the request's varbinds. A hook that answers puts the answer's
	// in their place: it assigns to the elements or the slice.
	//
	// To a GetRequest it has as many as the request, with the same names; to a
	// GetNextRequest as many, each behind the one that was asked for or endOfMibView; to a
	// GetBulkRequest at most as many as were asked for, each behind the one before it in
	// its column. The answer to a SetRequest repeats the request, whatever is here. Anything
	// else is genErr for the manager and told to OnError. Answers are checked
	// against the access policy again: what the one who asked may not see he gets as
	// noSuchObject, and in the answer to a GetNextRequest or GetBulkRequest as
	// endOfMibView, so that a hook has to look for the next one that may be seen, or leave
	// that to the MIB. For SNMPv1 a Counter64 is as if it were not there: a hook looks for
	// the next one, or the walk ends.
	Objects Objects

	// Respond, false on entry, says that the hook has answered. If it stays false
	// the MIB answers; without one nothing is sent. To give no answer where there is a MIB
	// a hook calls e.Defer().Drop(). A value that the hook has not
	// assigned is answered as it was asked: most managers ask with NULL, and get NULL.
	// What does not exist is pdu.NoSuchObject or pdu.NoSuchInstance.
	Respond bool
	// ErrorStatus is the answer's; on entry it is noError.
	ErrorStatus pdu.ErrorStatus
	// ErrorIndex counts from 0, like Objects; −1, as on entry, means no
	// particular object. It has a meaning only with an ErrorStatus.
	ErrorIndex int

	request *request
}

// ErrorDescription returns the RFC's name for ErrorStatus.
func (e *RequestEvent) ErrorDescription() string { return e.ErrorStatus.String() }

// A BadPacketEvent is a message that is not processed. It is valid until the
// hook returns.
type BadPacketEvent struct {
	Packet []byte // the whole datagram
	Source netip.AddrPort
	// Code is 318 (UseConnection is set, and the message comes from somebody else), 305
	// (version), 306 (PDU that the version does not have, or a notification, which nobody
	// here receives), 317 (PDU that cannot be read), 320 (message that cannot be read or is
	// inconsistent, or a context that does not exist) or 321 (community refused); for
	// SNMPv3 also 308 (wrong MAC), 309 (OnGetUserPassword has no authentication password),
	// 310 (MAC of another length), 313 (not to be decrypted), 314 (OnGetUserPassword has no
	// privacy password), 315 (not encrypted but said to be), 316 (security model), 323 (no
	// salt), 324 (engine ID, or contextEngineID), 325 (time window), 326 (user name), 327
	// (security level) or 330 (OnGetUserSecurityLevel wants a user's password that nobody
	// can be asked for).
	Code Code
	// Counter is the MIB object that counted it, "" with 318: of 305 snmpInBadVersions, of
	// 321 snmpInBadCommunityNames, of 316 snmpUnknownSecurityModels; of 306
	// snmpInASNParseErrs or snmpUnknownPDUHandlers, of 320 snmpInASNParseErrs,
	// snmpInvalidMsgs (flags that state privacy without authentication) or
	// snmpUnknownContexts, of 324 usmStatsUnknownEngineIDs or snmpUnknownPDUHandlers, of
	// 315 and 317 snmpInASNParseErrs, of the others one of usmStats.
	Counter string
	// Err says what is wrong, for BER with the offset. It holds no secrets.
	Err error
	// Report asks for a Report. It is preset to what RFC 3412 §7.1 (3) asks for; a
	// hook can set it to false. Where it is false a hook can ask for one about a message of
	// SNMPv3's that came unencrypted, whose header and PDU can be read, with a PDU that is
	// answered: codes 315, 316, 317 and 320. There is none for SNMPv1 and SNMPv2c, nor about
	// Responses, Reports and traps.
	Report bool
}

// A DiscoveryRequestEvent is a message that asks for the engine's ID, boots and
// time (RFC 3414 §4). Nothing in it has been verified. It is valid until the hook
// returns.
type DiscoveryRequestEvent struct {
	// What the message says.
	EngineID      usm.EngineID
	EngineBoots   int32
	EngineTime    int32
	User          string
	SecurityLevel pdu.SecurityLevel
	Source        netip.AddrPort

	// Respond, true on entry, sends the Report that answers it.
	Respond bool
}

// A ReportEvent is a Report that has come: what another engine says of a message from
// here. Those by which an inform finds out the target's engine and its time are none,
// unless nothing comes of them. It is valid until the hook returns, and Objects are as in
// a RequestEvent.
type ReportEvent struct {
	RequestID int32
	Version   pdu.Version
	Community string       // SNMPv1 and SNMPv2c
	User      string       // SNMPv3
	EngineID  usm.EngineID // SNMPv3: msgAuthoritativeEngineID
	// SecurityLevel is the level at which the message has been verified. One that names
	// another engine than this agent's cannot be: anybody may have sent it, whatever
	// User and EngineID say.
	SecurityLevel pdu.SecurityLevel
	Source        netip.AddrPort
	ErrorStatus   pdu.ErrorStatus
	ErrorIndex    int // counts from 0, −1 means none
	// Objects are as a rule one: the counter that has counted the message, and its
	// value.
	Objects Objects
}

// ErrorDescription returns the RFC's name for ErrorStatus.
func (e *ReportEvent) ErrorDescription() string { return e.ErrorStatus.String() }

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
// kernel, with DecryptLogPackets decrypted. It is valid until the hook returns.
type PacketTraceEvent struct {
	Packet    []byte
	Direction Direction
	// Peer is where the packet came from or goes to.
	Peer netip.AddrPort
}

// An ErrorEvent is something that went wrong and that no call returns:
//
//   - a Response or Report that the system refuses to send, after a second attempt where
//     that may help (codes such as 10013, 10040, 10055 and 10065),
//   - a socket that can be read no more,
//   - a hook, a handler or the access policy that has panicked (*mib.PanicError), or has
//     given an answer or an error that is none's: the one who asked has genErr,
//   - what a handler has said in the place of the status that was sent (*mib.HandlerError),
//   - what a hook for users has given and what cannot be, a password that is too short
//     for example.
//
// There is one each time; the log has one a second at most. What peers do wrong is for
// OnBadPacket.
type ErrorEvent struct {
	Code Code // 0 if the specification has none for it
	Err  error
}

// Description returns the error's text.
func (e *ErrorEvent) Description() string { return e.Err.Error() }
