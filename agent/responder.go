package agent

import (
	"errors"
	"fmt"

	"snmpstack/agent/vacm"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// errNobodyAnswered: neither a hook nor a MIB has an answer.
var errNobodyAnswered = errors.New("agent: no hook has answered, and there is no MIB")

// respond is the command responder (RFC 3413 §3.2): it puts the answer's varbinds
// into q.varBinds. An error that is or wraps a *pdu.StatusError is the answer's
// error-status and error-index, and what is wrapped beside it is for the log.
// mib.ErrWouldBlock and errNobodyAnswered are none.
//
// A panic of a hook's or a policy's is genErr (RFC 3413 §3.2 (6): whatever happens,
// a request is answered); one of a handler's is the MIB's to deal with.
func (q *request) respond(hook func(*RequestEvent)) (err error) {
	defer mib.Recovered(&err)
	request := q.pdu
	writing := request.Kind == pdu.SetRequest
	viewType := vacm.ReadView
	if writing {
		viewType = vacm.WriteView
	}
	// RFC 3413 §3.2 (5): without a view for this operation, none of it.
	if q.view, err = q.run.Access.View(&q.mib, viewType); err != nil {
		return &pdu.StatusError{Status: pdu.AuthorizationError}
	}
	if writing {
		if err := q.checkSet(); err != nil {
			return err
		}
	}
	if hook != nil {
		if done, err := q.askHook(hook); done {
			return err
		}
	}
	switch {
	case q.run.MIB == nil:
		return errNobodyAnswered
	case writing:
		return q.set()
	case q.mib.Inline:
		return q.retrieveAtOnce()
	case hook != nil:
		// The hook needed a worker. Do the objects?
		q.mib.Inline = true
		err := q.retrieveAtOnce()
		q.mib.Inline = false
		if !errors.Is(err, mib.ErrWouldBlock) {
			return err
		}
		q.mib.Arena.Reset()
	}
	return q.retrieve()
}

// retrieveAtOnce is retrieve for objects that do not block: none of them changes
// meanwhile by a SET, so that a request sees all of it or nothing (RFC 3416
// §4.2.5, "as if simultaneously").
func (q *request) retrieveAtOnce() error {
	return q.run.MIB.Consistently(func() error {
		q.mib.Arena.Reset()
		q.mib.Begin()
		return q.retrieve()
	})
}

// retrieve answers a request that reads.
func (q *request) retrieve() error {
	switch q.pdu.Kind {
	case pdu.GetRequest:
		return q.get()
	case pdu.GetNextRequest:
		return q.getNext()
	}
	return q.getBulk()
}

// get answers a GetRequest (RFC 3416 §4.2.1): each varbind on its own.
func (q *request) get() error {
	q.varBinds = append(q.varBinds[:0], q.pdu.VarBinds...)
	for i := range q.varBinds {
		vb := &q.varBinds[i]
		var err error
		if q.view.Contains(vb.Name) {
			vb.Value, err = q.run.MIB.Get(&q.mib, vb.Name)
		} else {
			vb.Value, err = q.hidden(vb.Name)
		}
		if err != nil {
			return readError(err, i)
		}
	}
	return nil
}

// getNext answers a GetNextRequest (RFC 3416 §4.2.2): each varbind on its own.
func (q *request) getNext() error {
	list := q.pdu.VarBinds
	q.varBinds = append(q.varBinds[:0], list...)
	for i := range list {
		after := list[i].Name
		n, err := q.successors(q.mib.Arena.JoinArc(after, 0), q.varBinds[i:i+1])
		if err != nil {
			return readError(err, i)
		}
		if n == 0 {
			q.varBinds[i] = pdu.VarBind{Name: after, Value: pdu.EndOfMibView}
		}
	}
	return nil
}

// readError makes of an error the one of a whole request that reads, whose
// varbind i, counted from 0, it comes from. RFC 3416 §4.2.1 knows one status for
// whatever goes wrong there, genErr; a handler may know beside it that its part
// of the answer is too big, or that it is not for the one who asks. Another status, and
// whatever else the error says, is for the log.
func readError(err error, i int) error {
	if errors.Is(err, mib.ErrWouldBlock) {
		return err
	}
	status := pdu.GenErr
	errors.As(err, &status)
	if status != pdu.TooBig && status != pdu.AuthorizationError {
		status = pdu.GenErr
	}
	e := &pdu.StatusError{Status: status, Index: i + 1}
	if status == pdu.AuthorizationError {
		e.Index = 0 // RFC 3413 §3.2 (5)
	}
	if err == status {
		return e
	}
	return fmt.Errorf("%w: %w", e, err)
}
