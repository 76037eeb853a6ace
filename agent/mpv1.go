package agent

import (
	"errors"

	"snmpstack/pdu"
)

// The command responder works by the rules of SNMPv2 (RFC 3416), which are
// SNMPv3's too; what follows is where SNMPv1 has others (RFC 1157 §4.1, RFC 3584
// §4.2.2), and the only place that does.

// v1 reports whether the request came in an SNMPv1 message.
func (q *request) v1() bool { return q.mib.Version == pdu.V1 }

// errV1Syntax: the value's type came with SNMPv2.
var errV1Syntax = errors.New("SNMPv1 has no value of this type")

// checkSyntaxes refuses what is not in SNMPv1's ObjectSyntax (RFC 1157 §5, RFC 3584
// §4.2.2.1) although it can be read: Counter64 and the exceptions. A Response
// repeats the request's values, and would carry them.
func (q *request) checkSyntaxes() error {
	if !q.v1() {
		return nil
	}
	for i := range q.pdu.VarBinds {
		if v := q.pdu.VarBinds[i].Value; v.IsException() || !q.canCarry(v) {
			return &pdu.Error{Field: "value", VarBind: i + 1, Err: errV1Syntax}
		}
	}
	return nil
}

// canCarry reports whether v can be the value of an instance in a Response of
// the request's version. A GetNextRequest steps over what cannot be carried (RFC
// 3584 §4.2.2.1).
func (q *request) canCarry(v pdu.Value) bool {
	return !q.v1() || v.Syntax() != pdu.TypeCounter64
}

// translate turns a Response by SNMPv2's rules into one by those of the
// request's version.
func (q *request) translate(response *pdu.PDU) {
	if response.ErrorStatus == pdu.AuthorizationError {
		q.countBadUse() // RFC 3584 §4.4
	}
	if response.ErrorStatus == pdu.TooBig {
		*response = q.tooBig()
		return
	}
	if !q.v1() {
		return
	}
	// RFC 3584 §4.2.2.1 and §4.2.2.2: a Counter64 or an exception among the
	// values is noSuchName. The first one is named.
	if response.ErrorStatus == pdu.NoError {
		for i := range response.VarBinds {
			if v := response.VarBinds[i].Value; v.IsException() || !q.canCarry(v) {
				response.ErrorStatus, response.ErrorIndex = pdu.NoSuchName, int32(i+1)
				response.VarBinds = q.pdu.VarBinds
				return
			}
		}
	}
	response.ErrorStatus = response.ErrorStatus.V1() // RFC 3584 §4.2.2.3, §4.4
}

// countBadUse counts that a community may not be used for what it was used for
// (RFC 3418). SNMPv3 has no counter for that.
func (q *request) countBadUse() {
	if q.mib.SecurityModel != pdu.SecurityModelUSM {
		q.run.counters.snmp[SnmpInBadCommunityUses].Add(1)
	}
}

// tooBig is the alternate Response: without varbinds in SNMPv2 (RFC 3416
// §4.2.1), with the request's in SNMPv1 (RFC 1157 §4.1.2 (3)). The error-index
// is 0 in both.
func (q *request) tooBig() pdu.PDU {
	p := pdu.PDU{Kind: pdu.Response, RequestID: q.pdu.RequestID, ErrorStatus: pdu.TooBig}
	if q.v1() {
		p.VarBinds = q.pdu.VarBinds
	}
	return p
}

// alternate returns what is sent in the place of a Response that is too large,
// counted from attempt 0, and false if there is nothing more to try.
//
// RFC 1157 does not say what to do when the request's varbinds are too large
// themselves: then SNMPv1's tooBig comes without them too. It is only where that
// does not fit that snmpSilentDrops counts (RFC 3418).
func (q *request) alternate(attempt int) (p pdu.PDU, ok bool) {
	p = q.tooBig()
	if attempt == 0 {
		return p, true
	}
	p.VarBinds = nil
	return p, attempt == 1 && q.v1()
}
