package agent

import (
	"errors"

	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// dispatch sends a PDU to the application that is there for it (RFC 3412
// §4.2.2): a request to the command responder, anything else to nobody.
func (q *request) dispatch() (transport.Packet, verdict) {
	r := q.run
	kind := q.message.PDU.Kind
	switch kind {
	case pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest:
	default:
		q.unsolicited(kind)
		return transport.Packet{}, dropped
	}
	hook := r.hook(kind)
	if q.mib.Inline && hook != nil {
		return transport.Packet{}, wouldBlock
	}
	err := q.respond(hook)
	if q.mib.Inline && errors.Is(err, mib.ErrWouldBlock) {
		return transport.Packet{}, wouldBlock
	}
	// The request has been processed, here and only here.
	r.counters.countIn(&q.message.PDU)
	r.counters.tolerated.Add(uint64(q.decoder.Tolerated))
	if err == errNobodyAnswered {
		r.counters.unanswered.Add(1)
		return transport.Packet{}, dropped
	}
	return q.finish(err)
}

// unsolicited counts a PDU that no application here has asked for: an agent has
// no notification receiver (RFC 3412 §4.2.2.1.2: snmpUnknownPDUHandlers), and
// nothing outstanding that a Response could belong to (RFC 3416 §4.2.4).
func (q *request) unsolicited(kind pdu.Kind) {
	c := q.run.counters
	c.countIn(&q.message.PDU)
	c.tolerated.Add(uint64(q.decoder.Tolerated))
	switch kind {
	case pdu.Response, pdu.Report:
		c.unsolicited.Add(1)
	default:
		c.unknownPDUHandlers.Add(1)
	}
}
