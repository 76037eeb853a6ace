package agent

import (
	"errors"
	"strings"
	"sync/atomic"

	"snmpstack/ber"
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
		return q.noApplication(&r.counters.unknownPDUHandlers, oidUnknownPDUHandlers)
	}
	// What lies in the datagram is replaced by strings that whoever is asked may keep.
	switch q.contextEngineID {
	case r.Engine.ID():
		q.contextEngineID = r.Engine.ID()
	case localEngineID:
		q.contextEngineID = localEngineID
	default:
		return q.noApplication(&r.counters.unknownPDUHandlers, oidUnknownPDUHandlers)
	}
	if !q.knowsContext() {
		return q.noApplication(&r.counters.unknownContexts, oidUnknownContexts)
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
	oidUnknownPDUHandlers  = oidSnmpMPDStats.Append(3, 0)
	oidUnavailableContexts = oidSnmpTargetObjects.Append(4, 0)
	oidUnknownContexts     = oidSnmpTargetObjects.Append(5, 0)
)

// noApplication counts a PDU that no application here takes, in the counter whose
// instance is called name (RFC 3412 §4.2.2.1.2, RFC 3413 §3.2 (5)).
func (q *request) noApplication(counter *atomic.Uint32, name ber.OID) verdict {
	q.count()
	return q.model.prepareReport(q, pdu.VarBind{Name: name, Value: pdu.Counter32(counter.Add(1))})
}

// count counts what has been accepted from the network.
func (q *request) count() {
	q.tally.countIn(q.pdu)
	if n := q.decoder.Tolerated; n > 0 {
		q.run.counters.tolerated.Add(uint64(n))
	}
}
