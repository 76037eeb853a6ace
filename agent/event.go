package agent

import (
	"fmt"

	"snmpstack/pdu"
)

// askHook gives the request to its hook. done reports whether the hook has
// answered; then the answer is in q.varBinds, or err is a *pdu.StatusError.
func (q *request) askHook(hook func(*RequestEvent)) (done bool, err error) {
	request := &q.message.PDU
	q.objects = append(q.objects[:0], request.VarBinds...)
	q.event = RequestEvent{
		Context:        q.mib.Context,
		RequestID:      request.RequestID,
		Version:        q.message.Version,
		Community:      string(q.message.Community),
		SecurityLevel:  q.mib.SecurityLevel,
		Source:         q.Remote,
		Destination:    q.Local,
		NonRepeaters:   max(int(request.NonRepeaters), 0),
		MaxRepetitions: max(int(request.MaxRepetitions), 0),
		Objects:        q.objects,
		ErrorIndex:     -1,
	}
	e := &q.event
	hook(e)
	if !e.Respond {
		return false, nil
	}
	if e.ErrorStatus != pdu.NoError {
		// Indexes count from 0 here and from 1 on the wire.
		index := e.ErrorIndex + 1
		if !e.ErrorStatus.Valid() || index < 0 || index > len(request.VarBinds) {
			return true, q.badAnswer(fmt.Errorf("ErrorStatus %d with ErrorIndex %d of %d objects", e.ErrorStatus, e.ErrorIndex, len(request.VarBinds)))
		}
		return true, &pdu.StatusError{Status: e.ErrorStatus, Index: index}
	}
	return true, q.takeObjects(e.Objects)
}

// takeObjects makes what a hook has answered the answer: checked, since a hook
// may err, and without what the one who asks may not see.
func (q *request) takeObjects(objects []pdu.VarBind) error {
	request := &q.message.PDU
	for i := range objects {
		vb := &objects[i]
		v := vb.Value
		if v.IsZero() || vb.Name.CheckEncodable() != nil || v.Syntax() == pdu.TypeObjectIdentifier && v.OID().CheckEncodable() != nil {
			return q.badAnswer(fmt.Errorf("object %d cannot be sent: %v", i, vb))
		}
	}
	if request.Kind != pdu.GetBulkRequest && len(objects) != len(request.VarBinds) {
		return q.badAnswer(fmt.Errorf("%d objects for the request's %d", len(objects), len(request.VarBinds)))
	}
	q.varBinds = q.varBinds[:0]
	switch request.Kind {
	case pdu.SetRequest: // RFC 3416 §4.2.5: the request's varbinds
		q.varBinds = append(q.varBinds, request.VarBinds...)
	case pdu.GetRequest:
		for i, vb := range objects {
			if !q.view.Contains(request.VarBinds[i].Name) || !q.view.Contains(vb.Name) {
				vb = pdu.VarBind{Name: request.VarBinds[i].Name, Value: pdu.NoSuchObject}
			}
			q.varBinds = append(q.varBinds, vb)
		}
	case pdu.GetNextRequest:
		for i, vb := range objects {
			if !vb.Value.IsException() && !q.view.Contains(vb.Name) {
				vb = pdu.VarBind{Name: request.VarBinds[i].Name, Value: pdu.EndOfMibView}
			}
			q.varBinds = append(q.varBinds, vb)
		}
	case pdu.GetBulkRequest:
		q.bulk.size, q.bulk.limit = 0, q.bulkLimit()
		for _, vb := range objects {
			if !vb.Value.IsException() && !q.view.Contains(vb.Name) {
				vb.Value = pdu.EndOfMibView
			}
			if !q.add(vb) { // RFC 3416 §4.2.3: truncated from the end
				break
			}
		}
	}
	return nil
}

// badAnswer is genErr for an answer that cannot be sent, and tells OnError.
func (q *request) badAnswer(reason error) error {
	q.run.report(fmt.Errorf("agent: a hook for %v has answered what cannot be sent: %w", q.message.PDU.Kind, reason))
	return &pdu.StatusError{Status: pdu.GenErr}
}
