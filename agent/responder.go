package agent

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// get answers a GetRequest (RFC 3416 §4.2.1): each varbind on its own.
func (q *request) get() error {
	q.varBinds = q.varBinds[:0]
	for i := range q.message.PDU.VarBinds {
		name := q.message.PDU.VarBinds[i].Name
		value := pdu.NoSuchObject // item (2): what is not in the view does not exist
		if q.view.Contains(name) {
			var err error
			if value, err = q.run.MIB.Get(&q.mib, name); err != nil {
				return atVarBind(err, i)
			}
		}
		q.varBinds = append(q.varBinds, pdu.VarBind{Name: name, Value: value})
	}
	return nil
}

// getNext answers a GetNextRequest (RFC 3416 §4.2.2): each varbind on its own.
func (q *request) getNext() error {
	list := q.message.PDU.VarBinds
	q.varBinds = append(q.varBinds[:0], list...)
	for i := range list {
		after := list[i].Name
		n, err := q.successors(after, q.varBinds[i:i+1])
		if err != nil {
			return atVarBind(err, i)
		}
		if n == 0 {
			q.varBinds[i] = pdu.VarBind{Name: after, Value: pdu.EndOfMibView}
		}
	}
	return nil
}

// successors writes the first instances after a name that the request may see
// and carry to dst, and returns how many: at least one unless there is none.
func (q *request) successors(after ber.OID, dst []pdu.VarBind) (n int, err error) {
	for range maxSteps {
		// The smallest name after it, or the first one behind that which the view
		// may hold.
		from, ok := q.view.Seek(q.mib.Arena.JoinArc(after, 0))
		if !ok {
			return 0, nil
		}
		got, err := q.run.MIB.Next(&q.mib, from, dst)
		if err != nil || got == 0 {
			return 0, err
		}
		after = dst[got-1].Name
		for _, vb := range dst[:got] {
			if q.view.Contains(vb.Name) && q.canCarry(vb.Value) {
				dst[n] = vb
				n++
			}
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, pdu.GenErr
}

// maxSteps bounds how often one search goes on behind instances that the request
// may not see, or that SNMPv1 cannot carry.
const maxSteps = 100_000

// atVarBind gives an error the place of the request's varbind that it comes from,
// counted from 0.
func atVarBind(err error, i int) error {
	if errors.Is(err, mib.ErrWouldBlock) {
		return err
	}
	status := pdu.GenErr
	if errors.As(err, &status) && (status == pdu.NoSuchName || status == pdu.BadValue || status == pdu.ReadOnly) {
		status = pdu.GenErr // RFC 3416 §3: these are for proxies
	}
	return errors.Join(&pdu.StatusError{Status: status, Index: i + 1}, err)
}
