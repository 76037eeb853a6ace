package usm

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm/internal/provider"
)

// A Peer is the user-based security model's other side: it sends requests to one
// authoritative engine and takes its answers (RFC 3414 §2.3). Managers have one
// for each agent. Its methods are safe for concurrent use, with a Worker for each
// goroutine.
type Peer struct {
	users    *Users
	provider *provider.Provider
	salts    *saltSource
	now      func() time.Time

	mu       sync.Mutex
	clock    remoteClock // as authentic messages have it
	supposed remoteClock // until there is one
}

// NewPeer returns the peer whose engine is called id. now is normally time.Now.
func NewPeer(id EngineID, p Provider, now func() time.Time) *Peer {
	return &Peer{
		users: NewUsers(id, p), provider: p.impl(), salts: newSaltSource(true), now: now,
	}
}

// EngineID returns the engine's ID.
func (p *Peer) EngineID() EngineID { return p.users.engine }

// Users returns the users at the engine, whose keys are localized to it.
func (p *Peer) Users() *Users { return p.users }

// NewWorker returns a Worker for this peer.
func (p *Peer) NewWorker() *Worker { return newWorker(p.provider) }

// Suppose takes the engine's boots and time from a message that nobody has
// verified, such as the answer to a discovery probe, for requests until there is an
// authentic one: no message is judged by it (RFC 3414 §2.3).
func (p *Peer) Suppose(boots, seconds int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.supposed = remoteClock{boots, seconds, p.now()}
}

// BootsTime returns the engine's boots and time as they should be now.
func (p *Peer) BootsTime() (boots, seconds int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock.at.IsZero() {
		return p.supposed.read(p.now())
	}
	return p.clock.read(p.now())
}

// timely follows the engine's clock by an authentic message, and reports whether
// that is inside the time window.
func (p *Peer) timely(m *parameters) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock.follow(m, p.now())
}

// ProcessIncoming is processIncomingMsg of RFC 3414 §3.2 for an answer: the steps
// in their order. No counter counts, and no Report is sent, about an answer. The error is
// one of the Err… of this package, or says that the parameters cannot be read.
//
// An answer below the highest level that the user has keys for, without AllowLower,
// is ErrUnsupportedSecLevel: anybody can send one without authentication. A Report
// alone may come at authNoPriv. One that is not authenticated is read with
// ReadReport.
func (p *Peer) ProcessIncoming(w *Worker, datagram []byte, header pdu.Header3, strict bool) (Verified, error) {
	level, ok := header.MsgFlags.Level()
	if !ok {
		return Verified{}, ErrFlags
	}
	params, err := readParameters(&header, strict) // (1)
	if err != nil {
		return Verified{}, err
	}
	if string(params.engineID) != string(p.users.engine) { // (3)
		return Verified{}, ErrUnknownEngineID
	}
	u := p.users.lookup(params.userName) // (4)
	if u == nil {
		return Verified{}, ErrUnknownUserName
	}
	defer runtime.KeepAlive(u)
	if level > u.highest { // (5)
		return Verified{}, ErrUnsupportedSecLevel
	}
	v := Verified{engineID: p.users.engine, header: header, user: u, level: level, scoped: header.Data}
	if level >= pdu.AuthNoPriv {
		if v.credential = w.verify(u, datagram, &params); v.credential == nil { // (6)
			return Verified{}, ErrWrongDigest
		}
		if !p.timely(&params) { // (7) b
			return Verified{}, ErrNotInTimeWindow
		}
	}
	if level < u.lowest && !(level == pdu.AuthNoPriv && isReport(&header)) {
		return Verified{}, ErrUnsupportedSecLevel
	}
	if header.Encrypted != (level == pdu.AuthPriv) { // (8)
		return Verified{}, ErrNotEncrypted
	}
	if level == pdu.AuthPriv {
		if v.scoped, v.cipher = w.decrypt(v.credential, header.Data, &params); v.cipher == nil {
			return Verified{}, ErrDecryption
		}
	}
	return v, nil
}

// isReport reports whether a message in plain text is a Report.
func isReport(h *pdu.Header3) bool {
	if h.Encrypted {
		return false
	}
	kind, _, ok := pdu.PeekScopedPDU(h.Data)
	return ok && kind == pdu.Report
}

// A Notice is a Report that nobody has verified: the answer to a discovery probe,
// or why a request was not accepted.
type Notice struct {
	EngineID    EngineID
	Boots, Time int32
	UserName    string
	ScopedPDU   pdu.ScopedPDU
	Stat        Stat // 0 if the Report is about something else
}

// Err returns what the Report says: the counter's error.
func (n *Notice) Err() error {
	if n.Stat != 0 {
		return n.Stat.Err()
	}
	if len(n.ScopedPDU.PDU.VarBinds) > 0 {
		return fmt.Errorf("usm: a Report of %s", n.ScopedPDU.PDU.VarBinds[0].Name)
	}
	return errors.New("usm: a Report of nothing")
}

// ReadReport reads a Report that is not authenticated. Whoever acts on it has to
// bear in mind that anybody may have sent it.
func ReadReport(header pdu.Header3, d *pdu.Decoder) (*Notice, error) {
	params, err := readParameters(&header, false)
	if err != nil {
		return nil, err
	}
	n := &Notice{EngineID: EngineID(params.engineID), Boots: params.boots, Time: params.time, UserName: string(params.userName)}
	if header.Encrypted {
		return nil, ErrDecryption
	}
	if err := d.ScopedPDU(header.Data, &n.ScopedPDU); err != nil {
		return nil, err
	}
	if n.ScopedPDU.PDU.Kind != pdu.Report {
		return nil, ErrUnverified
	}
	if list := n.ScopedPDU.PDU.VarBinds; len(list) > 0 {
		n.Stat, _ = StatOf(list[0].Name)
	}
	return n, nil
}
