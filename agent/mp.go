package agent

import "snmpstack/pdu"

// The two message processing models for communities differ in what an answer may
// say. The command responder works by the rules of SNMPv2 (RFC 3416); what
// follows is where SNMPv1 has others (RFC 3584 §4.2.2, RFC 1157 §4.1), and the
// only place that does.

// v1 reports whether the request came in an SNMPv1 message.
func (q *request) v1() bool { return q.message.Version == pdu.V1 }

// canCarry reports whether v can be the value of an instance in a Response of
// the request's version. A GetNextRequest steps over what cannot be carried (RFC
// 3584 §4.2.2.1).
func (q *request) canCarry(v pdu.Value) bool {
	return !q.v1() || v.Syntax() != pdu.TypeCounter64
}

// translate turns a Response by SNMPv2's rules into one by those of the
// request's version.
func (q *request) translate(response *pdu.PDU) {
	if response.ErrorStatus == pdu.TooBig {
		*response = q.tooBig()
		return
	}
	if !q.v1() {
		return
	}
	// RFC 3584 §4.2.2.1 and §4.2.2.2: a Counter64 or an exception among the
	// values is noSuchName. The first one is named.
	if response.ErrorStatus == pdu.NoError && q.message.PDU.Kind != pdu.SetRequest {
		for i := range response.VarBinds {
			if v := response.VarBinds[i].Value; v.IsException() || !q.canCarry(v) {
				response.ErrorStatus, response.ErrorIndex = pdu.NoSuchName, int32(i+1)
				response.VarBinds = q.message.PDU.VarBinds
				return
			}
		}
	}
	if response.ErrorStatus == pdu.AuthorizationError {
		q.run.counters.snmp[SnmpInBadCommunityUses].Add(1) // RFC 3584 §4.4
	}
	response.ErrorStatus = response.ErrorStatus.V1() // RFC 3584 §4.4
}

// tooBig is the alternate Response: without varbinds in SNMPv2 (RFC 3416
// §4.2.1), with the request's in SNMPv1 (RFC 1157 §4.1.2 (3)).
func (q *request) tooBig() pdu.PDU {
	p := pdu.PDU{Kind: pdu.Response, RequestID: q.message.PDU.RequestID, ErrorStatus: pdu.TooBig}
	if q.v1() {
		p.VarBinds = q.message.PDU.VarBinds
	}
	return p
}
