package agent

import (
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// The counters of the snmp group (RFC 3418, and RFC 1213 for those that it calls
// obsolete): their place below 1.3.6.1.2.1.11 and in Stats.SNMP. 7 and 23 do not
// exist, 30 is snmpEnableAuthenTraps.
const (
	SnmpInPkts              = 1
	SnmpOutPkts             = 2
	SnmpInBadVersions       = 3
	SnmpInBadCommunityNames = 4
	SnmpInBadCommunityUses  = 5
	SnmpInASNParseErrs      = 6
	SnmpInTooBigs           = 8
	SnmpInNoSuchNames       = 9
	SnmpInBadValues         = 10
	SnmpInReadOnlys         = 11
	SnmpInGenErrs           = 12
	SnmpInTotalReqVars      = 13
	SnmpInTotalSetVars      = 14
	SnmpInGetRequests       = 15
	SnmpInGetNexts          = 16
	SnmpInSetRequests       = 17
	SnmpInGetResponses      = 18
	SnmpInTraps             = 19
	SnmpOutTooBigs          = 20
	SnmpOutNoSuchNames      = 21
	SnmpOutBadValues        = 22
	SnmpOutGenErrs          = 24
	SnmpOutGetRequests      = 25
	SnmpOutGetNexts         = 26
	SnmpOutSetRequests      = 27
	SnmpOutGetResponses     = 28
	SnmpOutTraps            = 29
	SnmpSilentDrops         = 31
	SnmpProxyDrops          = 32

	snmpEnableAuthenTraps = 30
	snmpGroupSize         = 33
)

// Stats is how often things have happened since the agent was made, but for
// requests that are being answered at the moment. Every datagram that was received
// is counted in SNMP[SnmpInPkts], and then in exactly one of the counters that say
// what became of it:
//
//   - Answered, SendErrors or SNMP[SnmpSilentDrops]: it was a request that was
//     processed,
//   - Unanswered, Overloaded, Unsolicited or UnknownPDUHandlers: it was good, but
//     not for anybody here,
//   - Delivered: it came from where an inform waits for confirmation,
//   - UnknownContexts: it was good, but for a context that does not exist,
//   - SNMP[SnmpInBadVersions], SNMP[SnmpInBadCommunityNames],
//     SNMP[SnmpInASNParseErrs], UnknownSecurityModels, InvalidMsgs or one of USM:
//     it was bad,
//   - Oversized or NotAccepted: nobody has looked at it.
//
// SNMP[SnmpInBadCommunityUses] counts beside these: SETs that the view refuses
// (noAccess), and whatever ends in authorizationError.
type Stats struct {
	// SNMP is the snmp group by the constants above.
	SNMP [snmpGroupSize]uint32

	// The snmpMPDStats group (RFC 3412 §5).
	UnknownSecurityModels, InvalidMsgs, UnknownPDUHandlers uint32

	// USM is the usmStats group (RFC 3414 §5), by usm's constants.
	USM [usm.DecryptionErrors + 1]uint32

	// UnknownContexts is snmpUnknownContexts (RFC 3413 §4.1).
	UnknownContexts uint32

	// What no MIB counts.

	Answered      uint64 // responses handed to the kernel
	Reported      uint64 // Reports handed to the kernel, about messages that are counted elsewhere
	Tolerated     uint64 // BER that X.690 forbids and that was accepted
	Oversized     uint64 // datagrams dropped for being longer than MaxPacketSize
	NotAccepted   uint64 // datagrams dropped while AcceptData was off, or at the end
	Delivered     uint64 // Responses and Reports given to informs that wait
	Unsolicited   uint64 // Responses and Reports that nobody waits for
	Unanswered    uint64 // requests that no hook and no MIB has answered, or not in time after Defer
	Overloaded    uint64 // requests dropped since all workers were busy
	ReceiveErrors uint64 // errors from a socket, ICMP errors among them
	SendErrors    uint64 // responses that the kernel did not take
	// KernelDrops are datagrams that never came: the kernel threw them away, since the
	// socket's queue was full (transport.Options.InBufferSize) or their checksum was
	// wrong. It is 0 where the system does not tell (transport.UDPConn.Dropped), and for
	// Conns that have no such method.
	KernelDrops uint64
}

// counters is Stats while it counts.
type counters struct {
	snmp [snmpGroupSize]atomic.Uint32

	unknownSecurityModels, invalidMsgs, unknownPDUHandlers, unknownContexts atomic.Uint32

	usm usm.Counters

	answered, reported, tolerated, oversized, notAccepted, delivered, unsolicited,
	unanswered, overloaded, receiveErrors, sendErrors, kernelDrops atomic.Uint64
}

// Stats returns the counters as they are now.
func (a *Agent) Stats() Stats {
	if r := a.state.run.Load(); r != nil {
		r.countKernelDrops()
	}
	c := &a.state.counters
	s := Stats{
		UnknownSecurityModels: c.unknownSecurityModels.Load(),
		InvalidMsgs:           c.invalidMsgs.Load(),
		UnknownPDUHandlers:    c.unknownPDUHandlers.Load(),
		UnknownContexts:       c.unknownContexts.Load(),
		Answered:              c.answered.Load(),
		Reported:              c.reported.Load(),
		Tolerated:             c.tolerated.Load(),
		Oversized:             c.oversized.Load(),
		NotAccepted:           c.notAccepted.Load(),
		Delivered:             c.delivered.Load(),
		Unsolicited:           c.unsolicited.Load(),
		Unanswered:            c.unanswered.Load(),
		Overloaded:            c.overloaded.Load(),
		ReceiveErrors:         c.receiveErrors.Load(),
		SendErrors:            c.sendErrors.Load(),
		KernelDrops:           c.kernelDrops.Load(),
	}
	for i := range s.SNMP {
		s.SNMP[i] = c.snmp[i].Load()
	}
	for i := usm.UnsupportedSecLevels; i <= usm.DecryptionErrors; i++ {
		s.USM[i] = c.usm.Load(i)
	}
	return s
}

// A tally is what one goroutine counts of the snmp group while it answers the requests
// that it has read together. Others cannot see it, so that it need not be atomic, and
// those that answer at the same time do not get in each other's way. Before the answers
// leave it is added to the counters.
type tally [snmpGroupSize]uint32

func (c *counters) add(t *tally) {
	for i, n := range t {
		if n != 0 {
			c.snmp[i].Add(n)
		}
	}
	*t = tally{}
}

// countIn counts a PDU that has been accepted (RFC 1213, snmp group).
func (t *tally) countIn(p *pdu.PDU) {
	switch p.Kind {
	case pdu.GetRequest:
		t[SnmpInGetRequests]++
	case pdu.GetNextRequest:
		t[SnmpInGetNexts]++
	case pdu.SetRequest:
		t[SnmpInSetRequests]++
	case pdu.Response:
		t[SnmpInGetResponses]++
	case pdu.TrapV1, pdu.TrapV2:
		t[SnmpInTraps]++
	}
	if p.Kind != pdu.Response {
		return
	}
	switch p.ErrorStatus {
	case pdu.TooBig:
		t[SnmpInTooBigs]++
	case pdu.NoSuchName:
		t[SnmpInNoSuchNames]++
	case pdu.BadValue:
		t[SnmpInBadValues]++
	case pdu.ReadOnly:
		t[SnmpInReadOnlys]++
	case pdu.GenErr:
		t[SnmpInGenErrs]++
	}
}

// countOut counts a Response that is about to leave, the answer to a PDU of kind
// request. retrieved is how many of its Encoded varbinds are no exceptions.
func (t *tally) countOut(request pdu.Kind, response *pdu.PDU, retrieved int) {
	t[SnmpOutPkts]++
	t[SnmpOutGetResponses]++
	switch response.ErrorStatus {
	case pdu.NoError:
		// Objects that were retrieved or altered successfully. RFC 1213 is older
		// than GetBulkRequest, which retrieves too.
		n := uint32(retrieved)
		for i := range response.VarBinds {
			if !response.VarBinds[i].Value.IsException() {
				n++
			}
		}
		if request == pdu.SetRequest {
			t[SnmpInTotalSetVars] += n
		} else {
			t[SnmpInTotalReqVars] += n
		}
	case pdu.TooBig:
		t[SnmpOutTooBigs]++
	case pdu.NoSuchName:
		t[SnmpOutNoSuchNames]++
	case pdu.BadValue:
		t[SnmpOutBadValues]++
	case pdu.GenErr:
		t[SnmpOutGenErrs]++
	}
}
