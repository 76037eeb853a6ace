package agent

import "snmpstack/pdu"

// checkSet does what comes before the variables of a SetRequest are looked at
// (RFC 3416 §4.2.5, RFC 1157 §4.1.5): the size of the Response, and item (1), access
// to each name.
func (q *request) checkSet() error {
	request := q.pdu
	// The largest error-status and error-index that the Response may have.
	fits := func(size int) bool {
		return q.responseLen(pdu.InconsistentName, len(request.VarBinds), size) <= q.maxSize
	}
	// As a rule they fit by far, so that there is no need to measure them: an empty OID,
	// which is tolerated, becomes an octet longer, and all else no longer than it was.
	if !fits(len(q.Data) + 4*len(request.VarBinds)) {
		size := 0
		for i := range request.VarBinds {
			size += request.VarBinds[i].EncodedLen()
		}
		if !fits(size) {
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

// set carries out a SetRequest (RFC 3416 §4.2.5). The Response has the request's
// varbinds.
func (q *request) set() error {
	request := q.pdu
	err := q.run.MIB.Set(&q.mib, request.VarBinds)
	q.varBinds = append(q.varBinds[:0], request.VarBinds...)
	return err
}
