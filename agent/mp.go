package agent

import (
	"snmpstack/pdu"
)

// A messageProcessing is a message processing model (RFC 3412 §4): everything that
// lies between a datagram and the PDU in it, both ways. There is one for the
// messages with a community and one for SNMPv3's.
type messageProcessing interface {
	// prepareDataElements verifies the datagram and reads its PDU (RFC 3412 §7.2).
	// The verdict is accepted, or else the datagram has been counted and perhaps
	// there is a Report to send. Nothing is changed but counters.
	prepareDataElements(q *request) verdict
	// prepareResponse writes the message with a Response at the end of buf, whose
	// tail the result is (RFC 3412 §7.1). The error is ber.ErrShortBuffer if it
	// does not fit.
	prepareResponse(q *request, buf []byte, response *pdu.PDU) ([]byte, error)
	// responseLen returns how many octets a message with a Response of pduLen
	// octets has at most.
	responseLen(q *request, pduLen int) int
	// prepareReport makes the Report about a message that no application took, with
	// the counter that counted it (RFC 3412 §4.2.2.1.2), if there is to be one.
	prepareReport(q *request, counter pdu.VarBind) verdict
}

// A securityState shows that a message has passed its security model, and can only
// come from there: it is a *community.Verified or a *usm.Verified.
type securityState interface {
	// Valid reports whether the security model has made the value: the zero value
	// is worth nothing.
	Valid() bool
}

// messageProcessing returns the model for messages of version v, nil if there is
// none or it has been switched off (RFC 3412 §4.2.1 (2)).
func (r *run) messageProcessing(v pdu.Version) messageProcessing {
	switch {
	case v == pdu.V1 && !r.DisableV1, v == pdu.V2c && !r.DisableV2c:
		return communityModel{}
	case v == pdu.V3 && !r.DisableV3:
		return v3Model{}
	}
	return nil
}
