package agent

import (
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// askHook gives the request to its hook. done reports whether the hook has
// answered; then the answer is in q.varBinds, or err is a *pdu.StatusError.
func (q *request) askHook(hook func(*RequestEvent)) (done bool, err error) {
	request := q.pdu
	q.objects = append(q.objects[:0], request.VarBinds...)
	q.event = RequestEvent{
		Context:        q.mib.Context,
		RequestID:      request.RequestID,
		Version:        q.mib.Version,
		SecurityLevel:  q.mib.SecurityLevel,
		ContextName:    q.mib.ContextName,
		Source:         q.Remote,
		Destination:    q.Local,
		NonRepeaters:   max(int(request.NonRepeaters), 0),
		MaxRepetitions: max(int(request.MaxRepetitions), 0),
		Objects:        q.objects,
		ErrorIndex:     -1,
		request:        q,
	}
	e := &q.event
	if q.mib.SecurityModel == pdu.SecurityModelUSM {
		e.MessageID, e.User = q.v3.verified.MsgID(), q.mib.SecurityName
		e.ContextEngineID = q.contextEngineID
	} else {
		if asks := q.community.message.Community; q.lastCommunity != string(asks) {
			q.lastCommunity = string(asks)
		}
		e.Community = q.lastCommunity
	}
	q.note()
	q.call(hook)
	switch {
	case q.deferred != nil:
		return true, errDeferred
	case e.Respond:
		return true, q.takeAnswerOf(e.ErrorStatus, e.ErrorIndex, e.Objects)
	}
	return false, nil
}

// errDeferred: the hook has taken the request over.
var errDeferred = errors.New("agent: the request is deferred")

// call calls a hook. If it panics, what it has deferred is the worker's again.
func (q *request) call(hook func(*RequestEvent)) {
	returned := false
	defer func() {
		if !returned && q.deferred != nil {
			q.deferred.takeBack()
		}
	}()
	hook(&q.event)
	returned = true
}

// takeAnswerOf makes a hook's answer the answer, in q.varBinds. An error that is a
// *pdu.StatusError is the answer too, any other one says that it is none.
func (q *request) takeAnswerOf(status pdu.ErrorStatus, index int, objects []pdu.VarBind) error {
	request := q.pdu
	if status != pdu.NoError {
		// Indexes count from 0 here and from 1 on the wire.
		if status.Valid() && index >= -1 && index < len(request.VarBinds) {
			return &pdu.StatusError{Status: status, Index: index + 1}
		}
		return badAnswer("ErrorStatus %d with ErrorIndex %d of %d objects", status, index, len(request.VarBinds))
	}
	if request.Kind == pdu.SetRequest {
		q.repeatVarBinds() // whatever became of the objects
		return nil
	}
	q.varBinds = q.varBinds[:0]
	for i := range objects {
		if !encodable(&objects[i]) {
			return badAnswer("object %d cannot be sent: %v", i, objects[i])
		}
	}
	switch request.Kind {
	case pdu.GetRequest:
		return q.takeGet(objects)
	case pdu.GetNextRequest:
		return q.takeGetNext(objects)
	default:
		return q.takeGetBulk(objects)
	}
}

// badAnswer is genErr for an answer of a hook's that cannot be sent. The text is
// for the log.
func badAnswer(format string, args ...any) error {
	return fmt.Errorf("%w: the hook's answer is none: %s", &pdu.StatusError{Status: pdu.GenErr}, fmt.Sprintf(format, args...))
}

func encodable(vb *pdu.VarBind) bool {
	v := vb.Value
	return !v.IsZero() && vb.Name.CheckEncodable() == nil &&
		(v.Syntax() != pdu.TypeObjectIdentifier || v.OID().CheckEncodable() == nil)
}

// takeGet makes a hook's answer to a GetRequest the answer: the names are the
// request's (RFC 3416 §4.2.1), and what the one who asks may not see does not
// exist.
func (q *request) takeGet(objects []pdu.VarBind) error {
	asked := q.pdu.VarBinds
	if len(objects) != len(asked) {
		return badAnswer("%d objects for the request's %d", len(objects), len(asked))
	}
	for i, vb := range objects {
		switch {
		case vb.Name != asked[i].Name:
			return badAnswer("object %d is %v, the request's %v", i, vb.Name, asked[i].Name)
		case vb.Value == pdu.EndOfMibView:
			return badAnswer("object %d is endOfMibView, which is no answer to a GetRequest", i)
		case !q.view.Contains(vb.Name):
			vb.Value = pdu.NoSuchObject
		}
		q.varBinds = append(q.varBinds, vb)
	}
	return nil
}

// takeGetNext makes a hook's answer to a GetNextRequest the answer (RFC 3416
// §4.2.2).
func (q *request) takeGetNext(objects []pdu.VarBind) error {
	asked := q.pdu.VarBinds
	if len(objects) != len(asked) {
		return badAnswer("%d objects for the request's %d", len(objects), len(asked))
	}
	for i, vb := range objects {
		vb, err := q.checkSuccessor(asked[i].Name, vb, i)
		if err != nil {
			return err
		}
		q.varBinds = append(q.varBinds, vb)
	}
	return nil
}

// takeGetBulk makes a hook's answer to a GetBulkRequest the answer, as much of it
// as fits (RFC 3416 §4.2.3).
func (q *request) takeGetBulk(objects []pdu.VarBind) error {
	asked := q.pdu.VarBinds
	n, m := q.repetitions()
	repeaters := len(asked) - n
	if most := int64(n) + int64(m)*int64(repeaters); int64(len(objects)) > most {
		return badAnswer("%d objects, the request has asked for at most %d", len(objects), most)
	}
	q.bulk.room = q.bulkRoom()
	size := 0
	for i, vb := range objects {
		column := i
		if i >= n {
			column = n + (i-n)%repeaters
		}
		prior := asked[column].Name
		if i >= n+repeaters {
			prior = q.varBinds[i-repeaters].Name
		}
		vb, err := q.checkSuccessor(prior, vb, i)
		if err != nil {
			return err
		}
		octets := vb.EncodedLen()
		if !q.fits(size, octets) { // truncated from the end
			break
		}
		size += octets
		q.varBinds = append(q.varBinds, vb)
	}
	return nil
}

// checkSuccessor checks object i of a hook's answer, which has to follow after.
// One that the one who asks may not see becomes endOfMibView, whose name is the
// one before it.
func (q *request) checkSuccessor(after ber.OID, vb pdu.VarBind, i int) (pdu.VarBind, error) {
	end := pdu.VarBind{Name: after, Value: pdu.EndOfMibView}
	switch {
	case vb.Value == pdu.EndOfMibView:
		return end, nil
	case vb.Value.IsException():
		return vb, badAnswer("object %d is %v, endOfMibView is possible here", i, vb.Value)
	case vb.Name <= after:
		return vb, badAnswer("object %d is %v, which does not come after %v", i, vb.Name, after)
	case !q.view.Contains(vb.Name):
		return end, nil
	}
	return vb, nil
}
