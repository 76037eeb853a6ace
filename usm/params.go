package usm

import (
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// parameters are msgSecurityParameters (RFC 3414 §2.4).
//
//	UsmSecurityParameters ::= SEQUENCE {
//	    msgAuthoritativeEngineID     OCTET STRING,
//	    msgAuthoritativeEngineBoots  INTEGER (0..2147483647),
//	    msgAuthoritativeEngineTime   INTEGER (0..2147483647),
//	    msgUserName                  OCTET STRING (SIZE(0..32)),
//	    msgAuthenticationParameters  OCTET STRING,
//	    msgPrivacyParameters         OCTET STRING
//	}
type parameters struct {
	engineID []byte
	boots    int32
	time     int32
	userName []byte
	auth     []byte // the MAC
	authAt   int    // its place in the datagram
	priv     []byte // the salt
}

const maxUserName = 32

// readParameters reads msgSecurityParameters, which alias the datagram.
func readParameters(h *pdu.Header3, strict bool) (p parameters, err error) {
	r := ber.NewReader(h.SecurityParameters)
	r.Strict = strict
	seq := r.Field("msgSecurityParameters").Enter(ber.Sequence)
	p.engineID = r.Field("msgAuthoritativeEngineID").Octets(ber.OctetString)
	p.boots = natural(r.Field("msgAuthoritativeEngineBoots"))
	p.time = natural(r.Field("msgAuthoritativeEngineTime"))
	at := r.Field("msgUserName").Offset()
	p.userName = r.Octets(ber.OctetString)
	if len(p.userName) > maxUserName {
		r.Fail(at, ber.ErrLength)
	}
	p.auth = r.Field("msgAuthenticationParameters").Octets(ber.OctetString)
	p.authAt = h.SecurityOffset + r.Offset() - len(p.auth)
	p.priv = r.Field("msgPrivacyParameters").Octets(ber.OctetString)
	r.Field("msgSecurityParameters").Leave(seq)
	if r.Err() == nil && r.More() {
		r.Fail(r.Offset(), ber.ErrTrailing)
	}
	if err := r.Err(); err != nil {
		// The offset counts from the start of the datagram, as elsewhere.
		var syntax *ber.SyntaxError
		if errors.As(err, &syntax) {
			syntax.Offset += h.SecurityOffset
		}
		return parameters{}, fmt.Errorf("usm: %s: %w", r.FieldName(), err)
	}
	h.Tolerated += r.Tolerated
	return p, nil
}

// natural reads an INTEGER (0..2147483647).
func natural(r *ber.Reader) int32 {
	at := r.Offset()
	v := r.Int32(ber.Integer)
	if v < 0 {
		r.Fail(at, ber.ErrInteger)
	}
	return v
}

// Parties returns msgAuthoritativeEngineID and msgUserName of a message that nobody
// has verified: who receives messages under several engines has to know which one
// is meant before one of them can verify it. The engine ID has any length.
func Parties(header pdu.Header3, strict bool) (engine EngineID, user string, err error) {
	p, err := readParameters(&header, strict)
	return EngineID(p.engineID), string(p.userName), err
}

// encode writes msgSecurityParameters with macLen zero octets in the place of the
// MAC (RFC 3414 §6.3.1 (1)), and returns how many octets there are from the
// first of them to the end of the buffer.
func (p *parameters) encode(w *ber.Writer, macLen int) (macFromEnd int) {
	octets := w.Mark()
	seq := w.Mark()
	w.Octets(ber.OctetString, p.priv)
	before := w.Len()
	w.Octets(ber.OctetString, zeros[:macLen])
	macFromEnd = before + macLen
	w.Octets(ber.OctetString, p.userName)
	w.Int32(ber.Integer, p.time)
	w.Int32(ber.Integer, p.boots)
	w.Octets(ber.OctetString, p.engineID)
	w.Wrap(ber.Sequence, seq)
	w.Wrap(ber.OctetString, octets)
	return macFromEnd
}

// zeros are what is hashed in the place of the MAC.
var zeros [64]byte
