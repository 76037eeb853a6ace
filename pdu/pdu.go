package pdu

import (
	"strconv"

	"snmpstack/ber"
)

// A Kind is the kind of a PDU: the tag of its encoding.
type Kind ber.Tag

// The PDUs of RFC 3416 §3, and TrapV1 of RFC 1157 §4.1.6.
const (
	GetRequest     Kind = 0xA0
	GetNextRequest Kind = 0xA1
	Response       Kind = 0xA2
	SetRequest     Kind = 0xA3
	TrapV1         Kind = 0xA4 // SNMPv1 only
	GetBulkRequest Kind = 0xA5
	InformRequest  Kind = 0xA6
	TrapV2         Kind = 0xA7 // SNMPv2-Trap
	Report         Kind = 0xA8
)

var kindNames = [...]string{"GetRequest", "GetNextRequest", "Response", "SetRequest", "Trap", "GetBulkRequest", "InformRequest", "SNMPv2-Trap", "Report"}

// String returns the RFC's name of k.
func (k Kind) String() string {
	if k < GetRequest || k > Report {
		return "PDU " + strconv.Itoa(int(k))
	}
	return kindNames[k-GetRequest]
}

// In reports whether a message of version v may hold a PDU of kind k: RFC 1157
// §4.1 has the first five, RFC 3416 §3 all but the SNMPv1 trap. A version that
// does not exist has none.
func (k Kind) In(v Version) bool {
	switch v {
	case V1:
		return k >= GetRequest && k <= TrapV1
	case V2c, V3:
		return k >= GetRequest && k <= Report && k != TrapV1
	}
	return false
}

// Confirmed reports whether k belongs to the Confirmed Class: an answer is
// expected (RFC 3411 §2.8).
func (k Kind) Confirmed() bool {
	switch k {
	case GetRequest, GetNextRequest, SetRequest, GetBulkRequest, InformRequest:
		return true
	}
	return false
}

// A PDU is any PDU but SNMPv1's trap, which has fields of its own: see Trap.
//
//	PDU ::= SEQUENCE {
//	    request-id         INTEGER (-2147483648..2147483647),
//	    error-status       INTEGER,  -- GetBulkRequest: non-repeaters
//	    error-index        INTEGER,  -- GetBulkRequest: max-repetitions
//	    variable-bindings  VarBindList
//	}
type PDU struct {
	Kind      Kind
	RequestID int32
	// ErrorStatus and ErrorIndex mean something in a Response. The index counts
	// from 1, 0 means no particular varbind (RFC 3416 §4.1).
	ErrorStatus ErrorStatus
	ErrorIndex  int32
	// NonRepeaters and MaxRepetitions stand in their place in a GetBulkRequest.
	// What is received may be negative, which means 0 (RFC 3416 §4.2.3).
	NonRepeaters   int32
	MaxRepetitions int32
	VarBinds       []VarBind
	// Encoded are further varbinds, behind VarBinds, as a List has encoded them, or a
	// request that is answered: see Decoder.VarBindList. They are for encoding alone: what
	// is received has none.
	Encoded []byte
}

// readPDU reads everything of a PDU but SNMPv1's trap. The varbinds are
// appended to list. It returns their encoding.
func readPDU(r *ber.Reader, a *ber.Arena, p *PDU, list []VarBind) (encoded []byte) {
	kind := Kind(r.Peek())
	*p = PDU{Kind: kind}
	body := r.Field("PDU").Enter(ber.Tag(kind))
	p.RequestID = r.Field("request-id").Int32(ber.Integer)
	if kind == GetBulkRequest {
		p.NonRepeaters = r.Field("non-repeaters").Int32(ber.Integer)
		p.MaxRepetitions = r.Field("max-repetitions").Int32(ber.Integer)
	} else {
		p.ErrorStatus = ErrorStatus(r.Field("error-status").Int32(ber.Integer))
		p.ErrorIndex = r.Field("error-index").Int32(ber.Integer)
	}
	p.VarBinds, encoded = readVarBinds(r, a, list)
	r.Field("PDU").Leave(body)
	return encoded
}

// Encode writes the PDU, as Message.Encode does.
func (p *PDU) Encode(w *ber.Writer) {
	body := w.Mark()
	encodeVarBinds(w, p.VarBinds, p.Encoded)
	if p.Kind == GetBulkRequest {
		w.Int32(ber.Integer, p.MaxRepetitions)
		w.Int32(ber.Integer, p.NonRepeaters)
	} else {
		w.Int32(ber.Integer, p.ErrorIndex)
		w.Int32(ber.Integer, int32(p.ErrorStatus))
	}
	w.Int32(ber.Integer, p.RequestID)
	w.Wrap(ber.Tag(p.Kind), body)
}

// PDULen returns the number of octets of the encoding of a PDU with these
// fields, whose varbinds take varBinds octets without the header of their list.
func PDULen(requestID, field2, field3 int32, varBinds int) int {
	return ber.SizeTLV(
		ber.SizeTLV(ber.SizeInt64(int64(requestID))) +
			ber.SizeTLV(ber.SizeInt64(int64(field2))) +
			ber.SizeTLV(ber.SizeInt64(int64(field3))) +
			ber.SizeTLV(varBinds))
}
