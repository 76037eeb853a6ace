package agent

import "snmpstack/pdu"

// checkSet does what comes before the variables of a SetRequest are looked at
// (RFC 3416 §4.2.5, RFC 1157 §4.1.5): the size of the Response, and item (1), access
// to each name.
func (q *request) checkSet() error {
	request := q.pdu
	if !q.fitsByFar() {
		size := 0
		for i := range request.VarBinds {
			size += request.VarBinds[i].EncodedLen()
		}
		// The largest error-status and error-index that the Response may have.
		if q.responseLen(pdu.InconsistentName, len(request.VarBinds), size) > q.maxSize {
			return &pdu.StatusError{Status: pdu.TooBig}
		}
	}
	for i := range request.VarBinds {
		if !q.view.Contains(request.VarBinds[i].Name) {
			q.countBadUse()
			return &pdu.StatusError{Status: pdu.NoAccess, Index: i + 1}
		}
	}
	return nil
}

// set carries out a SetRequest (RFC 3416 §4.2.5).
func (q *request) set() error {
	err := q.run.MIB.Set(&q.mib, q.pdu.VarBinds)
	q.repeatVarBinds()
	return err
}

// repeatVarBinds makes the request's varbinds those of the Response, as RFC 3416 §4.2.1 and
// §4.2.5 have it: in the octets that they came in, if they would be encoded to the same.
func (q *request) repeatVarBinds() {
	if list := q.decoder.VarBindList(); list != nil {
		q.varBinds, q.encoded, q.retrieved = q.varBinds[:0], list, len(q.pdu.VarBinds)
		return
	}
	q.varBinds, q.encoded = append(q.varBinds[:0], q.pdu.VarBinds...), nil
}

// fitsByFar reports whether a Response with the request's varbinds need not be measured:
// it is not much longer than the request. An empty OID, which is tolerated, becomes an
// octet longer, and the lengths around it with that; nothing else of the varbinds becomes
// longer than it was. What is around them is the request's but for some small numbers
// and padding.
func (q *request) fitsByFar() bool {
	return len(q.Data)+4*len(q.pdu.VarBinds)+64 <= q.maxSize
}
