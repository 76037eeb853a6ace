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
	hook := r.hook(kind)
	switch kind {
	case pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest:
		if q.mib.Inline && hook != nil {
			return transport.Packet{}, wouldBlock
		}
	default:
		q.unsolicited(kind)
		return transport.Packet{}, dropped
	}
	err := q.respond(hook)
	if errors.Is(err, mib.ErrWouldBlock) {
		return transport.Packet{}, wouldBlock
	}
	// The request has been processed, here and only here.
	r.counters.countIn(&q.message.PDU)
	r.counters.tolerated.Add(uint64(q.decoder.Tolerated))
	if errors.Is(err, errNobodyAnswered) {
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
	switch kind {
	case pdu.Response, pdu.Report:
		c.unsolicited.Add(1)
	default:
		c.unknownPDUHandlers.Add(1)
	}
}

// errNobodyAnswered: neither a hook nor a MIB has an answer.
var errNobodyAnswered = errors.New("agent: no hook has answered, and there is no MIB")

// respond is the command responder (RFC 3413 §3.2): it puts the answer's varbinds
// into q.varBinds. A *pdu.StatusError is the answer's error-status and
// error-index; another error is mib.ErrWouldBlock or errNobodyAnswered.
func (q *request) respond(hook func(*RequestEvent)) error {
	request := &q.message.PDU
	view := ReadView
	if request.Kind == pdu.SetRequest {
		view = WriteView
	}
	var err error
	if q.view, err = q.run.Access.View(&q.mib, view); err != nil {
		return &pdu.StatusError{Status: pdu.AuthorizationError}
	}
	if request.Kind == pdu.SetRequest {
		if err := q.checkSet(); err != nil {
			return err
		}
	}
	if hook != nil {
		if done, err := q.askHook(hook); done {
			return err
		}
	}
	if q.run.MIB == nil {
		return errNobodyAnswered
	}
	if q.mib.Inline && request.Kind != pdu.SetRequest {
		q.run.MIB.BeginRead()
		defer q.run.MIB.EndRead()
	}
	switch request.Kind {
	case pdu.GetRequest:
		return q.get()
	case pdu.GetNextRequest:
		return q.getNext()
	case pdu.GetBulkRequest:
		return q.getBulk()
	default:
		return q.set()
	}
}

// finish makes the Response out of what respond has left behind.
func (q *request) finish(err error) (transport.Packet, verdict) {
	request := &q.message.PDU
	response := pdu.PDU{Kind: pdu.Response, RequestID: request.RequestID, VarBinds: q.varBinds}
	if err != nil {
		response.VarBinds = request.VarBinds
		response.ErrorStatus = pdu.GenErr
		var status *pdu.StatusError
		if errors.As(err, &status) {
			response.ErrorStatus, response.ErrorIndex = status.Status, int32(status.Index)
		}
		if reason := (*mib.HandlerError)(nil); errors.As(err, &reason) {
			q.run.report(reason)
		}
	}
	q.translate(&response)
	message := pdu.Message{Version: q.message.Version, Community: q.message.Community, PDU: response}
	data, ok := q.encode(&message, q.run.MsgMaxSize)
	if !ok {
		message.PDU = q.tooBig()
		if data, ok = q.encode(&message, q.run.MsgMaxSize); !ok {
			// RFC 3416 §4.2.1: not even the alternate Response fits
			q.run.counters.snmp[SnmpSilentDrops].Add(1)
			q.takeAnswer().Release()
			return transport.Packet{}, dropped
		}
	}
	q.run.counters.countOut(request.Kind, &message.PDU)
	return transport.Packet{Data: data, Remote: q.Remote, Local: q.Local, IfIndex: q.IfIndex}, answered
}
