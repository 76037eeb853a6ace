package agent

import (
	"errors"
	"strings"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// errNotVerified: a message has come past its security model, which cannot be.
var errNotVerified = errors.New("agent: a message that nobody has verified is not dispatched")

// dispatch sends the PDU of a verified message to the application that is there
// for its kind in its context (RFC 3412 §4.2.2): a request to the command
// responder, anything else to nobody.
func (q *request) dispatch(verified securityState) verdict {
	r := q.run
	if verified == nil || !verified.Valid() {
		r.report(errNotVerified)
		return dropped
	}
	kind := q.pdu.Kind
	switch kind {
	case pdu.Response, pdu.Report:
		// Nothing is outstanding that it could belong to (RFC 3412 §7.2 (10), RFC
		// 3416 §4.2.4).
		q.count()
		r.counters.unsolicited.Add(1)
		if kind == pdu.Report {
			q.receivedReport()
		}
		return dropped
	case pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest:
	default: // notifications: nobody receives them here (RFC 3416 §4.2.6, §4.2.7)
		return q.noApplication(CodeUnknownPDU, &unknownPDUHandlers, errNotification)
	}
	// What lies in the datagram is replaced by strings that whoever is asked may keep.
	switch q.contextEngineID {
	case r.Engine.ID():
		q.contextEngineID = r.Engine.ID()
	case localEngineID:
		q.contextEngineID = localEngineID
	default:
		return q.noApplication(CodeEngineID, &unknownPDUHandlers, errForeignContext)
	}
	if !q.knowsContext() {
		return q.noApplication(CodeBadPacket, &unknownContexts, errNoContext)
	}
	hook := r.hook(kind)
	if q.mib.Inline && hook != nil {
		return wouldBlock
	}
	err := q.respond(hook)
	if q.mib.Inline && errors.Is(err, mib.ErrWouldBlock) {
		return wouldBlock
	}
	// The request has been processed, here and only here.
	q.count()
	switch err {
	case errDeferred:
		return deferred
	case errNobodyAnswered:
		r.counters.unanswered.Add(1)
		return dropped
	}
	return q.finish(err)
}

// knowsContext reports whether the context that the PDU names exists, and makes its
// name one that can be kept. Without a MIB it is for the hooks to say.
func (q *request) knowsContext() bool {
	name := q.mib.ContextName
	if name == "" {
		return true
	}
	if q.contextEngineID == localEngineID {
		return false
	}
	if own, known := q.run.contexts[name]; known {
		q.mib.ContextName = own
		return true
	}
	if q.run.MIB != nil || q.run.contexts != nil {
		return false
	}
	q.mib.ContextName = strings.Clone(name)
	return true
}

var (
	oidUnavailableContexts = oidSnmpTargetObjects.Append(4, 0)

	errNotification   = errors.New("it is a notification, which nobody here receives")
	errForeignContext = errors.New("its contextEngineID is not the agent's")
	errNoContext      = errors.New("there is no such context")
)

// noApplication counts a PDU that no application here takes (RFC 3412 §4.2.2.1.2, RFC
// 3413 §3.2 (5)), and tells OnBadPacket.
func (q *request) noApplication(code Code, counter *badCounter, err error) verdict {
	q.count()
	counted := counter.count(q.run.counters)
	if hook := q.run.OnBadPacket; hook != nil {
		e := &BadPacketEvent{
			Packet: q.Data, Source: q.Remote, Code: code, Counter: counter.name, Err: err,
			Report: q.mib.Version == pdu.V3 && q.pdu.Kind.Confirmed(),
		}
		if hook(e); !e.Report {
			return dropped
		}
	}
	return q.model.prepareReport(q, counted)
}

// count counts what has been accepted from the network.
func (q *request) count() {
	q.tally.countIn(q.pdu)
	if n := q.decoder.Tolerated; n > 0 {
		q.run.counters.tolerated.Add(uint64(n))
	}
}
