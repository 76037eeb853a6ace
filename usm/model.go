package usm

import (
	"errors"
	"runtime"
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/usm/internal/cbc"
	"snmpstack/usm/internal/cfb"
	"snmpstack/usm/internal/hmac"
	"snmpstack/usm/internal/provider"
)

// A Model is the user-based security model of an authoritative engine: an agent.
// Its methods are safe for concurrent use, with a Worker for each goroutine.
type Model struct {
	engine   *Engine
	users    *Users
	provider *provider.Provider
	stats    *Counters

	window atomic.Int32
}

// NewModel returns the security model of engine, for users at it: it panics if
// they are at another one. It counts in counters, and in Counters of its own if
// that is nil.
func NewModel(engine *Engine, users *Users, p Provider, counters *Counters) *Model {
	if users.engine != engine.id {
		panic("usm: the users are at engine " + users.engine.String() + ", not at " + engine.id.String())
	}
	if counters == nil {
		counters = new(Counters)
	}
	m := &Model{engine: engine, users: users, provider: p.impl(), stats: counters}
	m.window.Store(TimeWindow)
	return m
}

// SetTimeWindow sets the time window, in seconds.
//
// Deviation: RFC 3414 §2.2.3 has 150, for every user and not to be configured.
func (m *Model) SetTimeWindow(seconds int32) { m.window.Store(seconds) }

// Users returns the model's users.
func (m *Model) Users() *Users { return m.users }

// Engine returns the engine.
func (m *Model) Engine() *Engine { return m.engine }

// Count returns a counter of the usmStats group.
func (m *Model) Count(s Stat) uint32 { return m.stats.Load(s) }

// A Worker is what a goroutine needs to verify, decrypt, encrypt and sign
// messages without allocating. It is not safe for concurrent use.
type Worker struct {
	// Source, if it is set, is asked for users in the place of the model's.
	Source UserSource

	macs  map[AuthProtocol]*hmac.Worker
	mac   [provider.MaxSize]byte
	iv    [16]byte
	desIV [8]byte
	plain []byte // what was decrypted last
}

// Poison overwrites what was decrypted last, in tests of what must not be kept.
func (w *Worker) Poison() {
	for i := range w.plain {
		w.plain[i] = 0xDB
	}
}

// NewWorker returns a Worker for this model.
func (m *Model) NewWorker() *Worker { return newWorker(m.provider) }

func newWorker(p *provider.Provider) *Worker {
	w := &Worker{macs: make(map[AuthProtocol]*hmac.Worker, len(authProtocols))}
	for i := range authProtocols {
		w.macs[authProtocols[i].id] = hmac.NewWorker(p.Hash(authProtocols[i].hash))
	}
	return w
}

// A Verified is a message that has passed all of RFC 3414 §3.2. Only
// ProcessIncoming makes one that is good: the zero Verified is refused wherever
// one is taken. It points into the datagram and the Worker.
type Verified struct {
	engineID   EngineID // at which the user is
	header     pdu.Header3
	user       *user
	credential *credential // nil at noAuthNoPriv
	cipher     *cipher     // nil below authPriv
	level      pdu.SecurityLevel
	scoped     []byte // the plaintext ScopedPDU, perhaps with padding behind it
}

// Valid reports whether v comes from ProcessIncoming.
func (v *Verified) Valid() bool { return v.user != nil }

// SecurityName returns the name of the user who sent the message, "" unless v is
// valid.
func (v *Verified) SecurityName() string {
	if !v.Valid() {
		return ""
	}
	return v.user.name
}

// Rights is for mib.Request.Rights: whom the message is from, with what access control
// keeps about him, as the method Note() (securityName string, note *atomic.Uint64) has it.
// It is nil unless v is valid.
func (v *Verified) Rights() any {
	if !v.Valid() {
		return nil
	}
	return v.user
}

// SecurityLevel returns the level at which the message was protected.
func (v *Verified) SecurityLevel() pdu.SecurityLevel { return v.level }

// MsgID returns the message's msgID.
func (v *Verified) MsgID() int32 { return v.header.MsgID }

// MaxSize returns the largest message that the sender takes, in octets.
func (v *Verified) MaxSize() int { return int(v.header.MsgMaxSize) }

// Tolerated returns how much BER that X.690 forbids was accepted in the header and
// the security parameters.
func (v *Verified) Tolerated() int { return v.header.Tolerated }

// Encrypted reports whether the ScopedPDU came encrypted.
func (v *Verified) Encrypted() bool { return v.cipher != nil }

// Plaintext returns the octets of the ScopedPDU, perhaps with padding behind it,
// for what shows them: they alias the datagram or the Worker. It is empty unless v
// is valid.
func (v *Verified) Plaintext() []byte { return v.scoped }

// Decode reads the ScopedPDU into s, with d's memory (RFC 3412 §7.2 (7)).
func (v *Verified) Decode(d *pdu.Decoder, s *pdu.ScopedPDU) error {
	if !v.Valid() {
		return ErrUnverified
	}
	return d.ScopedPDU(v.scoped, s)
}

// ProcessIncoming is processIncomingMsg of RFC 3414 §3.2, for an authoritative
// engine: the steps in their order, of which the first that fails decides.
// Nothing but counters changes, nothing is decrypted and no part of the PDU is
// looked at before the MAC has verified.
//
// header is what pdu.ReadHeader3 found in datagram; the caller has checked its
// security model and flags (RFC 3412 §7.2 (4) and (5)). What is returned is valid
// until the datagram or the Worker is used again.
//
// The error is a *Failure if RFC 3414 has a counter and a Report for it. Else the
// message's parameters cannot be read, it is ErrNotEncrypted, or it is the Source's.
func (m *Model) ProcessIncoming(w *Worker, datagram []byte, header pdu.Header3, strict bool) (Verified, error) {
	level, ok := header.MsgFlags.Level()
	if !ok {
		return Verified{}, ErrFlags
	}
	// (1) The parameters are read; if that fails, snmpInASNParseErrs counts it.
	p, err := readParameters(&header, strict)
	if err != nil {
		return Verified{}, err
	}
	// (2) What an answer needs is kept: in a Failure, or at last in a Verified.
	// (3) The engine has to be ours. Discovery ends here.
	if string(p.engineID) != string(m.engine.id) {
		return Verified{}, m.fail(UnknownEngineIDs, &header, &p)
	}
	// (4) The user has to be known.
	u, least, err := m.findUser(w, p.userName, level)
	if err != nil {
		if !errors.Is(err, ErrUnknownUserName) {
			return Verified{}, err
		}
		f := m.fail(UnknownUserNames, &header, &p)
		f.cause = err
		return Verified{}, f
	}
	defer runtime.KeepAlive(u)
	// (5) The user has to have the keys that the level needs, and may have to use
	// them.
	if level > u.highest || level < least {
		return Verified{}, m.fail(UnsupportedSecLevels, &header, &p)
	}
	v := Verified{engineID: m.engine.id, header: header, user: u, level: level}
	if level >= pdu.AuthNoPriv {
		// (6) The MAC has to be right.
		if v.credential = w.verify(u, datagram, &p); v.credential == nil {
			f := m.fail(WrongDigests, &header, &p)
			if !u.hasDigestLength(len(p.auth)) {
				f.cause = ErrDigestLength
			}
			return Verified{}, f
		}
		// (7) a: the time has to be ours.
		if !m.timely(&p) {
			f := m.fail(NotInTimeWindows, &header, &p)
			f.user, f.credential = u, v.credential // the Report is authenticated
			return Verified{}, f
		}
	}
	// (8) The PDU is decrypted.
	if header.Encrypted != (level == pdu.AuthPriv) {
		return Verified{}, ErrNotEncrypted
	}
	v.scoped = header.Data
	if level == pdu.AuthPriv {
		if v.scoped, v.cipher = w.decrypt(v.credential, header.Data, &p); v.cipher == nil {
			f := m.fail(DecryptionErrors, &header, &p)
			if len(v.credential.ciphers) == 0 {
				f.cause = ErrNoPrivKey
			} else if len(p.priv) != len(salt{}) {
				f.cause = ErrSalt
			}
			return Verified{}, f
		}
	}
	// (9) is ResponseLen, and v holds what (10) to (12) ask for.
	return v, nil
}

// NotDecrypted counts a message that was decrypted, and whose plaintext then turned
// out to be no ScopedPDU, as what it most likely is.
//
// Deviation: RFC 3412 §7.2 (7) counts it as a parse error and has no Report for it.
// A wrong key does not show in any other way, and a manager would wait in vain.
func (m *Model) NotDecrypted(v *Verified) *Failure {
	header := v.header
	p, _ := readParameters(&header, false) // it has been read before
	return m.fail(DecryptionErrors, &header, &p)
}

// verify returns the credential by which the message's MAC is right, nil if there
// is none (RFC 3414 §3.2 (6), §6.3.2, §7.3.2 and RFC 7860 §4.2.2).
//
// The MAC is computed over the datagram as it came, with zeros where the MAC is.
// Its length is checked first and has to be the protocol's: it is never taken
// from the message.
//
// Constant time: but for the length, which is no secret, how long it takes does
// not depend on how much of the MAC is right.
func (w *Worker) verify(u *user, datagram []byte, p *parameters) *credential {
	guess := int(u.guess.Load())
	for i := range u.credentials {
		at := (max(guess, 0) + i) % len(u.credentials)
		c := u.credentials[at]
		if len(p.auth) != c.auth.macLen {
			continue
		}
		mac := w.sign(c, datagram, p.authAt)
		if hmac.Equal(mac, p.auth) {
			if at != guess {
				u.guess.Store(int32(at))
			}
			return c
		}
	}
	return nil
}

// sign returns the MAC of a message in which the MAC's place begins at authAt. It
// is valid until the next call.
func (w *Worker) sign(c *credential, message []byte, authAt int) []byte {
	h := w.macs[c.auth.id]
	h.Start(c.key)
	h.Write(message[:authAt])
	h.Write(zeros[:c.auth.macLen])
	h.Write(message[authAt+c.auth.macLen:])
	return h.Finish(w.mac[:0])[:c.auth.macLen]
}

// decrypt returns the plaintext of an encrypted ScopedPDU and the cipher that
// fitted, nil if none did (RFC 3414 §3.2 (8)). The plaintext is in the Worker's
// memory.
//
// A plaintext that does not begin like a ScopedPDU did not fit: see NotDecrypted.
func (w *Worker) decrypt(c *credential, encrypted []byte, p *parameters) (plain []byte, fitted *cipher) {
	if len(p.priv) != len(salt{}) {
		return nil, nil
	}
	if len(w.plain) < len(encrypted) {
		w.plain = make([]byte, max(len(encrypted), 2048))
	}
	guess := int(c.guess.Load())
	for i := range c.ciphers {
		at := (guess + i) % len(c.ciphers)
		cipher := c.ciphers[at]
		plain = w.plain[:len(encrypted)]
		if !w.decryptWith(cipher, plain, encrypted, p.boots, p.time, salt(p.priv)) {
			return nil, nil
		}
		if _, _, ok := pdu.PeekScopedPDU(plain); ok {
			if at != guess {
				c.guess.Store(int32(at))
			}
			return plain, cipher
		}
	}
	return nil, nil
}

// decryptWith decrypts src into dst. It reports false if src is no ciphertext.
func (w *Worker) decryptWith(c *cipher, dst, src []byte, boots, time int32, s salt) bool {
	switch c.mode {
	case cbcMode: // RFC 3414 §8.1.1.3
		if len(src)%cbc.BlockSize != 0 {
			return false
		}
		cbc.Decrypt(c.block, w.cbcIV(c, s), dst, src)
	case cfbMode: // RFC 3826 §3.1.4
		cfb.Decrypt(c.block, w.cfbIV(boots, time, s), dst, src)
	}
	return true
}

// encrypt encrypts b in place (RFC 3414 §8.1.1.2, RFC 3826 §3.1.3).
func (w *Worker) encrypt(c *cipher, b []byte, boots, time int32, s salt) {
	switch c.mode {
	case cbcMode:
		cbc.Encrypt(c.block, w.cbcIV(c, s), b, b)
	case cfbMode:
		cfb.Encrypt(c.block, w.cfbIV(boots, time, s), b, b)
	}
}

// cbcIV returns pre-IV ⊕ salt (RFC 3414 §8.1.1.1).
func (w *Worker) cbcIV(c *cipher, s salt) *[8]byte {
	for i := range w.desIV {
		w.desIV[i] = c.preIV[i] ^ s[i]
	}
	return &w.desIV
}

// cfbIV returns boots ‖ time ‖ salt (RFC 3826 §3.1.2.1).
func (w *Worker) cfbIV(boots, time int32, s salt) *[16]byte {
	for i := range 4 {
		w.iv[i] = byte(uint32(boots) >> (24 - 8*i))
		w.iv[4+i] = byte(uint32(time) >> (24 - 8*i))
	}
	copy(w.iv[8:], s[:])
	return &w.iv
}
