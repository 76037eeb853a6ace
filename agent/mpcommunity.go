package agent

import (
	"errors"

	"snmpstack/agent/community"
	"snmpstack/ber"
	"snmpstack/pdu"
)

// communityModel processes the messages of SNMPv1 and SNMPv2c, which have a
// community (RFC 1157 §4, RFC 1901 §3). Where SNMPv1's PDUs are different is in
// mpv1.go.
type communityModel struct{}

// communityMessage is what a request holds of such a message.
type communityMessage struct {
	header   pdu.Header
	verified community.Verified
	message  pdu.Message
}

// prepareDataElements looks at the version first, which is known here, then at the
// community, and at the PDU only if both are good (RFC 1157 §4.1).
func (communityModel) prepareDataElements(q *request) verdict {
	r, c := q.run, &q.community
	err := c.header.Read(q.Data, r.Strict)
	if err != nil {
		return q.bad(CodeBadPacket, &inASNParseErrs, err)
	}
	c.verified, err = community.ProcessIncoming(r.Access, &c.header, q.Remote.Addr())
	if err != nil {
		return q.bad(CodeNotAuthenticated, &inBadCommunityNames, err)
	}
	q.pdu = &c.message.PDU
	if err = c.verified.Decode(&q.decoder, &c.message); err == nil {
		err = q.checkSyntaxes()
	}
	switch {
	case err == nil:
	case errors.Is(err, pdu.ErrKind):
		return q.bad(CodeUnknownPDU, &inASNParseErrs, err)
	default:
		return q.bad(CodeDefectivePacket, &inASNParseErrs, err)
	}
	who := c.verified.Principal()
	q.security = &c.verified
	q.contextEngineID = r.Engine.ID() // a community stands for a context of ours
	q.maxSize = r.MsgMaxSize
	q.mib.SecurityModel = c.verified.SecurityModel()
	q.mib.SecurityLevel = pdu.NoAuthNoPriv
	q.mib.SecurityName, q.mib.ContextName, q.mib.Rights = who.SecurityName, who.ContextName, who
	return accepted
}

// prepareResponse writes a message with the request's version and community (RFC
// 1157 §4.1.1).
func (communityModel) prepareResponse(q *request, buf []byte, response *pdu.PDU) ([]byte, error) {
	w := ber.NewWriter(buf)
	pdu.EncodeMessage(&w, q.mib.Version, q.community.message.Community, response)
	return w.Bytes(), w.Err()
}

func (communityModel) responseLen(q *request, pduLen int) int {
	return pdu.CommunityMessageLen(q.mib.Version, q.community.message.Community, pduLen)
}

// prepareReport makes none: these versions have no Reports.
func (communityModel) prepareReport(*request, pdu.VarBind) verdict {
	return dropped
}
