package pdu

import (
	"snmpstack/ber"
)

// MsgFlags is msgFlags of an SNMPv3 message (RFC 3412 §6.4).
type MsgFlags byte

const (
	FlagAuth       MsgFlags = 0x01
	FlagPriv       MsgFlags = 0x02 // only with FlagAuth
	FlagReportable MsgFlags = 0x04
)

// Level returns the security level that the flags state, and false if they state
// privacy without authentication. Other bits are ignored (RFC 3412 §7.2 (5)).
func (f MsgFlags) Level() (SecurityLevel, bool) {
	switch f & (FlagAuth | FlagPriv) {
	case 0:
		return NoAuthNoPriv, true
	case FlagAuth:
		return AuthNoPriv, true
	case FlagAuth | FlagPriv:
		return AuthPriv, true
	}
	return NoAuthNoPriv, false
}

// Flags returns the flags for a message at level l.
func (l SecurityLevel) Flags() MsgFlags { return [...]MsgFlags{0, FlagAuth, FlagAuth | FlagPriv}[l] }

// MinMaxSize is the least msgMaxSize, in octets: every engine takes messages of that
// size (RFC 3412 §6.3).
const MinMaxSize = 484

// A Header3 is everything of an SNMPv3 message but what its security model makes
// of it (RFC 3412 §6).
//
//	SNMPv3Message ::= SEQUENCE {
//	    msgVersion             INTEGER,
//	    msgGlobalData          SEQUENCE {
//	        msgID              INTEGER (0..2147483647),
//	        msgMaxSize         INTEGER (484..2147483647),
//	        msgFlags           OCTET STRING (SIZE(1)),
//	        msgSecurityModel   INTEGER (1..2147483647) },
//	    msgSecurityParameters  OCTET STRING,
//	    msgData                CHOICE { plaintext ScopedPDU, encryptedPDU OCTET STRING }
//	}
type Header3 struct {
	MsgID         int32 // 0 to 2³¹−1
	MsgMaxSize    int32 // octets that the sender can take, MinMaxSize or more
	MsgFlags      MsgFlags
	SecurityModel SecurityModel
	// SecurityParameters are the contents of msgSecurityParameters, and
	// SecurityOffset their place in the datagram.
	SecurityParameters []byte
	SecurityOffset     int
	// Data is, if Encrypted, the contents of encryptedPDU, else the whole encoding
	// of the plaintext ScopedPDU.
	Data      []byte
	Encrypted bool
	// Tolerated counts BER that X.690 forbids and that was accepted.
	Tolerated int
}

// ReadHeader3 reads an SNMPv3 message as far as that is possible without its
// security model. What it returns aliases the datagram, and is in the ranges of the
// ASN.1 above. The error is an *Error; another version is ErrVersion.
func ReadHeader3(datagram []byte, strict bool) (Header3, error) {
	var h Header3
	r := ber.NewReader(datagram)
	r.Strict = strict
	message := r.Field("message").Enter(ber.Sequence)
	at := r.Field("msgVersion").Offset()
	if version := Version(r.Int32(ber.Integer)); version != V3 {
		r.Fail(at, ErrVersion)
	}
	global := r.Field("msgGlobalData").Enter(ber.Sequence)
	h.MsgID = inRange(r.Field("msgID"), 0)
	h.MsgMaxSize = inRange(r.Field("msgMaxSize"), MinMaxSize)
	at = r.Field("msgFlags").Offset()
	flags := r.Octets(ber.OctetString)
	h.SecurityModel = SecurityModel(inRange(r.Field("msgSecurityModel"), 1))
	r.Field("msgGlobalData").Leave(global)
	h.SecurityParameters = r.Field("msgSecurityParameters").Octets(ber.OctetString)
	h.SecurityOffset = r.Offset() - len(h.SecurityParameters)
	switch r.Field("msgData").Peek() {
	case ber.OctetString:
		h.Data, h.Encrypted = r.Octets(ber.OctetString), true
	case ber.Sequence:
		start := r.Offset()
		r.Skip()
		if r.Err() == nil {
			h.Data = datagram[start:r.Offset():r.Offset()]
		}
	default:
		if r.More() {
			r.Fail(r.Offset(), ber.ErrTag)
		} else {
			r.Fail(r.Offset(), ber.ErrTruncated)
		}
	}
	r.Field("message").Leave(message)
	if r.Err() == nil && len(flags) != 1 { // SIZE(1)
		r.Field("msgFlags").Fail(at, ber.ErrLength)
	}
	if err := wrapError(&r, 0); err != nil {
		return Header3{}, err
	}
	h.MsgFlags, h.Tolerated = MsgFlags(flags[0]), r.Tolerated
	return h, nil
}

// inRange reads an INTEGER (least..2147483647), whose upper bound is int32's own.
func inRange(r *ber.Reader, least int32) int32 {
	at := r.Offset()
	v := r.Int32(ber.Integer)
	if r.Err() == nil && v < least {
		r.Fail(at, ber.ErrInteger)
	}
	return v
}

// A ScopedPDU is a PDU in its context (RFC 3412 §6.8).
//
//	ScopedPDU ::= SEQUENCE {
//	    contextEngineID  OCTET STRING,
//	    contextName      OCTET STRING,
//	    data             PDUs
//	}
type ScopedPDU struct {
	ContextEngineID string
	ContextName     string
	PDU             PDU
}

// ScopedPDU reads a ScopedPDU at the start of b, whose octets and the Decoder's
// memory s then points into. What is behind it is padding (RFC 3414 §8.1.1.2)
// and ignored. Offsets in errors count from the start of b.
func (d *Decoder) ScopedPDU(b []byte, s *ScopedPDU) error {
	d.Arena.Reset()
	r := ber.NewReader(b)
	r.Strict = d.Strict
	scoped := r.Field("scopedPDU").Enter(ber.Sequence)
	s.ContextEngineID = r.Field("contextEngineID").Text(ber.OctetString)
	s.ContextName = r.Field("contextName").Text(ber.OctetString)
	if kind := Kind(r.Field("PDU").Peek()); r.More() && !kind.In(V3) {
		r.Fail(r.Offset(), ErrKind)
	}
	d.encoded = readPDU(&r, &d.Arena, &s.PDU, d.varBinds[:0])
	r.Field("scopedPDU").Leave(scoped)
	d.varBinds = s.PDU.VarBinds[:0]
	d.Tolerated, d.varied = r.Tolerated, r.Tolerated+r.Padded > 0
	return wrapError(&r, len(s.PDU.VarBinds))
}

// PeekScopedPDU returns the kind and request-id of the PDU in a plaintext
// ScopedPDU that has not been found authentic: what it takes to decide about a
// Report (RFC 3412 §7.1 (3)). Nothing else of it is looked at. ok is false if they
// cannot be read.
func PeekScopedPDU(b []byte) (kind Kind, requestID int32, ok bool) {
	r := ber.NewReader(b)
	r.Enter(ber.Sequence)
	r.Skip() // contextEngineID
	r.Skip() // contextName
	kind = Kind(r.Peek())
	if !kind.In(V3) {
		return 0, 0, false
	}
	r.Enter(ber.Tag(kind))
	requestID = r.Int32(ber.Integer)
	return kind, requestID, r.Err() == nil
}

// Encode writes the ScopedPDU, as Message.Encode does.
func (s *ScopedPDU) Encode(w *ber.Writer) {
	scoped := w.Mark()
	s.PDU.Encode(w)
	w.Text(ber.OctetString, s.ContextName)
	w.Text(ber.OctetString, s.ContextEngineID)
	w.Wrap(ber.Sequence, scoped)
}

// Len returns the number of octets of the ScopedPDU's encoding.
func (s *ScopedPDU) Len() int {
	n := len(s.PDU.Encoded)
	for i := range s.PDU.VarBinds {
		n += s.PDU.VarBinds[i].EncodedLen()
	}
	field2, field3 := int32(s.PDU.ErrorStatus), s.PDU.ErrorIndex
	if s.PDU.Kind == GetBulkRequest {
		field2, field3 = s.PDU.NonRepeaters, s.PDU.MaxRepetitions
	}
	return ScopedPDULen(s.ContextEngineID, s.ContextName, PDULen(s.PDU.RequestID, field2, field3, n))
}

// ScopedPDULen returns the number of octets of a ScopedPDU with a PDU of pduLen
// octets.
func ScopedPDULen(contextEngineID, contextName string, pduLen int) int {
	return ber.SizeTLV(ber.SizeTLV(len(contextEngineID)) + ber.SizeTLV(len(contextName)) + pduLen)
}

// EncodeHeader3 writes what comes before msgSecurityParameters and, with message
// from before msgData was written, closes the message. Security parameters and
// data have been written: a security model calls it last.
func EncodeHeader3(w *ber.Writer, message int, h *Header3) {
	global := w.Mark()
	w.Int32(ber.Integer, int32(h.SecurityModel))
	w.Octets(ber.OctetString, []byte{byte(h.MsgFlags)})
	w.Int32(ber.Integer, h.MsgMaxSize)
	w.Int32(ber.Integer, h.MsgID)
	w.Wrap(ber.Sequence, global)
	w.Int32(ber.Integer, int32(V3))
	w.Wrap(ber.Sequence, message)
}
