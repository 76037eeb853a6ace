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

// A BadPacketEvent is a message that is not processed, with why, and with what counts it.
// It is valid until the hook returns.
//
//	Code                                             Counter
//	305  the version is another one, or disabled     snmpInBadVersions
//	306  the version has no such PDU                 snmpInASNParseErrs
//	306  a notification, which nobody here receives  snmpUnknownPDUHandlers
//	317  the PDU cannot be read                      snmpInASNParseErrs
//	318  UseConnection is set, and somebody else     (none)
//	     has sent it
//	320  the message cannot be read                  snmpInASNParseErrs
//	320  its flags state privacy, and no             snmpInvalidMsgs
//	     authentication
//	320  there is no such context                    snmpUnknownContexts
//	321  the community is refused                    snmpInBadCommunityNames
//
// And for SNMPv3:
//
//	308  the MAC is wrong                            usmStatsWrongDigests
//	309  OnGetUserPassword has no authentication     usmStatsUnknownUserNames
//	     password
//	310  the MAC has another length                  usmStatsWrongDigests
//	313  it does not decrypt                         usmStatsDecryptionErrors
//	314  OnGetUserPassword has no privacy password   usmStatsDecryptionErrors
//	315  its flags and its data do not agree on      snmpInASNParseErrs
//	     encryption
//	316  the security model is another one           snmpUnknownSecurityModels
//	323  there is no salt                            usmStatsDecryptionErrors
//	324  it is for another engine                    usmStatsUnknownEngineIDs
//	324  its contextEngineID is another engine's     snmpUnknownPDUHandlers
//	325  it is not in the time window                usmStatsNotInTimeWindows
//	326  there is no such user, or a hook ignores    usmStatsUnknownUserNames
//	     him
//	327  the user has not, or must not go below,     usmStatsUnsupportedSecLevels
//	     the security level
//	330  OnGetUserSecurityLevel wants the password   usmStatsUnknownUserNames
//	     of a user, and nobody can be asked for it
type BadPacketEvent struct {
	Packet []byte // the whole datagram
	Source netip.AddrPort
	Code   Code // see above
	// Counter is the MIB object that counted it, "" if none did.
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
