package usm

import (
	"runtime"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// An outgoing is a message about to be made: what generateRequestMsg and
// generateResponseMsg of RFC 3414 §3.1 are told.
type outgoing struct {
	header     pdu.Header3 // msgID, msgMaxSize, msgFlags, msgSecurityModel
	engineID   EngineID
	boots      int32
	time       int32
	userName   []byte
	credential *credential // nil: noAuthNoPriv
	cipher     *cipher     // nil: no privacy
	salt       salt
	scoped     *pdu.ScopedPDU
}

// generate writes the message to the end of buf (RFC 3414 §3.1 (4) to (9)). The
// error is ber.ErrShortBuffer if it does not fit.
func (w *Worker) generate(buf []byte, o *outgoing) ([]byte, error) {
	out := ber.NewWriter(buf)
	message := out.Mark()
	p := parameters{engineID: []byte(o.engineID), boots: o.boots, time: o.time, userName: o.userName}

	// (4) The ScopedPDU, encrypted if that is asked for.
	if o.cipher != nil {
		if o.cipher.mode == cbcMode {
			// RFC 3414 §8.1.1.2: padded to a multiple of 8, with what does not matter.
			for range -o.scoped.Len() & 7 {
				out.Raw(zeros[:1])
			}
		}
		o.scoped.Encode(&out)
		if out.Err() != nil {
			return nil, out.Err()
		}
		w.encrypt(o.cipher, out.Bytes(), o.boots, o.time, o.salt)
		out.Wrap(ber.OctetString, message)
		p.priv = o.salt[:]
	} else {
		o.scoped.Encode(&out)
	}
	// (5) to (7) The security parameters, with zeros for the MAC.
	macLen := 0
	if o.credential != nil {
		macLen = o.credential.auth.macLen
	}
	macFromEnd := p.encode(&out, macLen)
	pdu.EncodeHeader3(&out, message, &o.header)
	if out.Err() != nil {
		return nil, out.Err()
	}
	// (8) The MAC over the whole message takes the place of the zeros.
	b := out.Bytes()
	if o.credential != nil {
		at := len(b) - macFromEnd
		copy(b[at:], w.sign(o.credential, b, at))
	}
	return b, nil
}

// verified reports whether v is a message to this model's engine that a Model has
// found good: one that a Peer has taken from another engine cannot be answered (RFC
// 3412 §7.2 (13) a).
func (m *Model) verified(v *Verified) bool { return v.Valid() && v.engineID == m.engine.id }

// GenerateResponse is generateResponseMsg of RFC 3414 §3.1: it writes the answer to
// a verified request to the end of buf, at the request's level and with the
// request's keys, whatever has become of the user since. maxSize is the msgMaxSize
// to announce. The result is the tail of buf; the error is ber.ErrShortBuffer if
// it does not fit.
func (m *Model) GenerateResponse(w *Worker, buf []byte, v *Verified, maxSize int, scoped *pdu.ScopedPDU) ([]byte, error) {
	if !m.verified(v) {
		return nil, ErrUnverified
	}
	boots, time := m.engine.BootsTime()
	o := outgoing{
		header:   pdu.Header3{MsgID: v.header.MsgID, MsgMaxSize: int32(maxSize), MsgFlags: v.level.Flags(), SecurityModel: pdu.SecurityModelUSM},
		engineID: m.engine.id, boots: boots, time: time,
		userName: v.user.octets[:v.user.length], credential: v.credential, cipher: v.cipher, scoped: scoped,
	}
	if o.cipher != nil {
		o.salt = m.engine.salts.next(o.cipher.mode, boots)
	}
	defer runtime.KeepAlive(v.user)
	return w.generate(buf, &o)
}

// ResponseLen returns how many octets a response to v has whose ScopedPDU has
// scopedLen octets, and which announces maxSize: what step (9) of RFC 3414 §3.2 is
// for, maxSizeResponseScopedPDU, from the other end. The engine's boots and time
// count with the most that they can take, so that it may be some octets less: six, and
// where lengths get shorter too up to ten.
func (m *Model) ResponseLen(v *Verified, scopedLen, maxSize int) int {
	const (
		version   = 3
		flags     = 3
		model     = 3
		bootsTime = 2 * 6
	)
	macLen, saltLen, data := 0, 0, scopedLen
	if v.credential != nil {
		macLen = v.credential.auth.macLen
	}
	if v.cipher != nil {
		saltLen = len(salt{})
		if v.cipher.mode == cbcMode {
			data += -data & 7 // padding
		}
		data = ber.SizeTLV(data)
	}
	global := ber.SizeTLV(ber.SizeTLV(ber.SizeInt64(int64(v.header.MsgID))) + ber.SizeTLV(ber.SizeInt64(int64(maxSize))) + flags + model)
	parameters := ber.SizeTLV(ber.SizeTLV(len(m.engine.id)) + bootsTime + ber.SizeTLV(len(v.SecurityName())) + ber.SizeTLV(macLen) + ber.SizeTLV(saltLen))
	return ber.SizeTLV(version + global + ber.SizeTLV(parameters) + data)
}

// GenerateReport writes the Report about a message that was not accepted to the
// end of buf (RFC 3412 §7.1 (3)). It has the message's msgID and user name, is
// never encrypted, and only about the time window is it authenticated. maxSize, result and
// error are as for GenerateResponse, and so they are for the other two.
func (m *Model) GenerateReport(w *Worker, buf []byte, f *Failure, maxSize int) ([]byte, error) {
	defer runtime.KeepAlive(f.user)
	requestID, _ := f.Reportable()
	boots, time := m.engine.BootsTime()
	o := outgoing{
		header:   pdu.Header3{MsgID: f.header.MsgID, MsgMaxSize: int32(maxSize), SecurityModel: pdu.SecurityModelUSM},
		engineID: m.engine.id, boots: boots, time: time,
		userName: f.parameters.userName, credential: f.credential,
		scoped: m.report(requestID, pdu.VarBind{Name: f.Stat.OID(), Value: pdu.Counter32(f.Count)}),
	}
	if o.credential != nil {
		o.header.MsgFlags = pdu.AuthNoPriv.Flags()
	}
	return w.generate(buf, &o)
}

// GenerateReportTo writes a Report to the sender of a verified message that no
// application took, about the instance and value in counter (RFC 3412 §4.2.2.1
// (2), RFC 3413 §3.2 (5)), to the end of buf. Like all Reports but one it is not
// authenticated: what was wrong came without a security level of its own.
func (m *Model) GenerateReportTo(w *Worker, buf []byte, v *Verified, requestID int32, counter pdu.VarBind, maxSize int) ([]byte, error) {
	if !m.verified(v) {
		return nil, ErrUnverified
	}
	boots, time := m.engine.BootsTime()
	return w.generate(buf, &outgoing{
		header:   pdu.Header3{MsgID: v.header.MsgID, MsgMaxSize: int32(maxSize), SecurityModel: pdu.SecurityModelUSM},
		engineID: m.engine.id, boots: boots, time: time,
		userName: v.user.octets[:v.user.length],
		scoped:   m.report(requestID, counter),
	})
}

// GenerateReportAbout writes a Report about a message that has not got as far as the
// security model, or could not be read further, to the end of buf: unauthenticated, to
// nobody by name.
func (m *Model) GenerateReportAbout(w *Worker, buf []byte, h *pdu.Header3, requestID int32, counter pdu.VarBind, maxSize int) ([]byte, error) {
	boots, time := m.engine.BootsTime()
	return w.generate(buf, &outgoing{
		header:   pdu.Header3{MsgID: h.MsgID, MsgMaxSize: int32(maxSize), SecurityModel: pdu.SecurityModelUSM},
		engineID: m.engine.id, boots: boots, time: time,
		scoped: m.report(requestID, counter),
	})
}

// report returns the ScopedPDU of a Report: our own engine, the default context
// and one counter (RFC 3412 §7.1 (3) c and d).
func (m *Model) report(requestID int32, counter pdu.VarBind) *pdu.ScopedPDU {
	return &pdu.ScopedPDU{
		ContextEngineID: string(m.engine.id),
		PDU:             pdu.PDU{Kind: pdu.Report, RequestID: requestID, VarBinds: []pdu.VarBind{counter}},
	}
}
