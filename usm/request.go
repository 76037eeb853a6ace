package usm

import (
	"fmt"
	"runtime"

	"snmpstack/pdu"
)

// A Request is what GenerateRequest needs beside the PDU.
type Request struct {
	MsgID      int32
	MaxSize    int    // the largest message that is taken in return, in octets: at least 484
	User       string // "" with NoAuthNoPriv only
	Level      pdu.SecurityLevel
	Reportable bool // true for PDUs that are answered (RFC 3412 §6.4)
}

// request begins a message of one of these users' to, or of, their engine (RFC
// 3414 §3.1 (1) to (3)). The user is nil if there is to be none. The error is
// ErrUnknownUserName or ErrUnsupportedSecLevel.
func (us *Users) request(r *Request, scoped *pdu.ScopedPDU) (outgoing, *user, error) {
	o := outgoing{
		header:   pdu.Header3{MsgID: r.MsgID, MsgMaxSize: int32(r.MaxSize), MsgFlags: r.Level.Flags(), SecurityModel: pdu.SecurityModelUSM},
		engineID: us.engine, userName: []byte(r.User), scoped: scoped,
	}
	if r.Reportable {
		o.header.MsgFlags |= pdu.FlagReportable
	}
	if r.Level == pdu.NoAuthNoPriv && r.User == "" {
		return o, nil, nil // as in discovery (RFC 3414 §4)
	}
	u := us.lookup([]byte(r.User)) // (1) b
	switch {
	case u == nil:
		return o, nil, ErrUnknownUserName
	case r.Level > u.highest || r.Level < u.lowest: // (2) and (3)
		return o, nil, ErrUnsupportedSecLevel
	case r.Level == pdu.NoAuthNoPriv:
		return o, u, nil
	}
	guess := u.guess.Load()
	if guess < 0 {
		return o, nil, fmt.Errorf("%w: no message of the user's has told the protocol yet", ErrUnsupportedSecLevel)
	}
	o.credential = u.credentials[guess]
	if r.Level == pdu.AuthPriv {
		o.cipher = o.credential.ciphers[o.credential.guess.Load()]
	}
	return o, u, nil
}

// GenerateRequest is generateRequestMsg of RFC 3414 §3.1 for what an authoritative
// engine sends of its own accord: notifications that nobody confirms. It writes
// the message to the end of buf, whose tail the result is. An error is
// ErrUnknownUserName, ErrUnsupportedSecLevel or ber.ErrShortBuffer.
//
// A request that is to be answered, an inform among them, goes out under its
// receiver's engine: that is Peer.GenerateRequest.
func (m *Model) GenerateRequest(w *Worker, buf []byte, r *Request, scoped *pdu.ScopedPDU) ([]byte, error) {
	o, u, err := m.users.request(r, scoped)
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(u)
	o.boots, o.time = m.engine.BootsTime() // (6)
	if o.cipher != nil {
		o.salt = m.engine.salts.next(o.cipher.mode, o.boots)
	}
	return w.generate(buf, &o)
}

// GenerateRequest is generateRequestMsg of RFC 3414 §3.1: it writes a message to
// the end of buf, whose tail the result is. An error is ErrUnknownUserName,
// ErrUnsupportedSecLevel or ber.ErrShortBuffer.
func (p *Peer) GenerateRequest(w *Worker, buf []byte, r *Request, scoped *pdu.ScopedPDU) ([]byte, error) {
	o, u, err := p.users.request(r, scoped)
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(u)
	if o.credential != nil { // (6): else boots and time are 0
		o.boots, o.time = p.BootsTime()
	}
	if o.cipher != nil {
		o.salt = p.salts.next(o.cipher.mode, o.boots)
	}
	return w.generate(buf, &o)
}
