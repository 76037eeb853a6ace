package agent

import (
	"errors"

	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// v3Model processes the messages of SNMPv3 (RFC 3412 §7), whose one security model
// is the user-based one.
type v3Model struct{}

// v3Message is what a request holds of such a message.
type v3Message struct {
	header   pdu.Header3 // zero if it cannot be read
	verified usm.Verified
	scoped   pdu.ScopedPDU
	response pdu.ScopedPDU
}

// prepareDataElements follows RFC 3412 §7.2 step by step.
func (v3Model) prepareDataElements(q *request) verdict {
	r, m := q.run, &q.v3
	if q.worker == nil {
		q.worker = r.usm.NewWorker()
		if r.asksForUsers() {
			q.worker.Source = q
		}
	}
	// (2) and (3) The message up to its security parameters.
	header, err := pdu.ReadHeader3(q.Data, r.Strict)
	if err != nil {
		return q.bad(CodeBadPacket, &inASNParseErrs, err)
	}
	m.header = header
	// (4) The security model.
	if header.SecurityModel != pdu.SecurityModelUSM {
		return q.bad(CodeSecurityModel, &unknownSecurityModels, errSecurityModel)
	}
	// (5) The level that the flags state.
	if _, ok := header.MsgFlags.Level(); !ok {
		return q.bad(CodeBadPacket, &invalidMsgs, usm.ErrFlags)
	}
	// (6) The security model's processIncomingMsg.
	m.verified, err = r.usm.ProcessIncoming(q.worker, q.Data, header, r.Strict)
	if err != nil {
		if f, ok := err.(*usm.Failure); ok {
			return q.notAccepted(f)
		}
		switch err {
		case mib.ErrWouldBlock:
			return wouldBlock
		case errTooManyHashing:
			r.counters.overloaded.Add(1)
			return dropped
		}
		code := CodeBadPacket
		if errors.Is(err, usm.ErrNotEncrypted) {
			code = CodeNotEncrypted
		}
		return q.bad(code, &inASNParseErrs, err)
	}
	// (7) to (9) The ScopedPDU.
	err = m.verified.Decode(&q.decoder, &m.scoped)
	switch {
	case err == nil:
	case m.verified.Encrypted():
		return q.notAccepted(r.usm.NotDecrypted(&m.verified))
	case errors.Is(err, pdu.ErrKind):
		return q.bad(CodeUnknownPDU, &inASNParseErrs, err)
	default:
		return q.bad(CodeDefectivePacket, &inASNParseErrs, err)
	}
	if m.verified.Encrypted() {
		q.traceDecrypted(m.verified.Plaintext())
	}
	q.decoder.Tolerated += m.verified.Tolerated()
	q.pdu = &m.scoped.PDU
	q.contextEngineID = usm.EngineID(m.scoped.ContextEngineID)
	q.security = &m.verified
	q.maxSize = min(r.MsgMaxSize, m.verified.MaxSize())
	q.mib.SecurityModel = pdu.SecurityModelUSM
	q.mib.SecurityLevel = m.verified.SecurityLevel()
	q.mib.SecurityName, q.mib.ContextName, q.mib.Rights = m.verified.SecurityName(), m.scoped.ContextName, m.verified.Rights()
	return accepted
}

var errSecurityModel = errors.New("the security model is not the user-based one, which is number 3")

// prepareResponse writes a message with the request's msgID, user, level, context
// and keys (RFC 3412 §7.1 (2)).
func (v3Model) prepareResponse(q *request, buf []byte, response *pdu.PDU) ([]byte, error) {
	m := &q.v3
	m.response = pdu.ScopedPDU{ContextEngineID: m.scoped.ContextEngineID, ContextName: m.scoped.ContextName, PDU: *response}
	b, err := q.run.usm.GenerateResponse(q.worker, buf, &m.verified, q.run.announcedSize(), &m.response)
	if err == nil && m.verified.Encrypted() && q.run.tracesDecrypted() {
		q.decrypted = withScopedPDU(b, &m.response)
	}
	return b, err
}

func (v3Model) responseLen(q *request, pduLen int) int {
	m := &q.v3
	scopedLen := pdu.ScopedPDULen(m.scoped.ContextEngineID, m.scoped.ContextName, pduLen)
	return q.run.usm.ResponseLen(&m.verified, scopedLen, q.run.announcedSize())
}

// prepareReport answers a message that no application took, if its PDU asks for an
// answer at all (RFC 3412 §4.2.2.1.2, §7.1 (3)).
func (v3Model) prepareReport(q *request, counter pdu.VarBind) verdict {
	if !q.pdu.Kind.Confirmed() {
		return dropped
	}
	r, m := q.run, &q.v3
	return q.sendReport(func(buf []byte) ([]byte, error) {
		return r.usm.GenerateReportTo(q.worker, buf, &m.verified, q.pdu.RequestID, counter, r.announcedSize())
	})
}
