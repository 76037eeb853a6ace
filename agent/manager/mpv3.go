package manager

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// usmModel is the message processing of SNMPv3 (RFC 3412 §7) with the user-based
// security model. It lives as long as its Client, and so does what it has learned
// about the agent's engine, unless the Client's Security changes.
type usmModel struct {
	Security
	given   Security        // as the Client has it
	user    *usm.HashedUser // Security's, ready for any engine
	maxSize int
	now     func() time.Time

	peer       *usm.Peer // nil: the engine is not known
	worker     *usm.Worker
	rediscover bool // before the next message
	supposed   bool // the engine is the one that Security has Learned of, and has not answered yet

	keepPlain bool   // the Client has a Plaintext
	plain     []byte // the ScopedPDU of the last message if it is encrypted, and has been made or verified

	lastID      int32   // msgID
	outstanding []int32 // the msgIDs of the request's attempts
}

func newUSMModel(s Security, maxSize int, now func() time.Time) (*usmModel, error) {
	given := s
	s.User.AllowLower = true // the request says at which level, and accept checks it
	user := s.Hashed
	if user == nil {
		var err error
		if user, err = usm.HashUser(s.Provider, s.User, nil); err != nil {
			return nil, err
		}
	}
	s.User.Name = user.Name()
	m := &usmModel{Security: s, given: given, user: user, maxSize: max(maxSize, pdu.MinMaxSize), now: now, lastID: rand.Int32()}
	if s.EngineID == "" {
		return m, nil
	}
	if err := m.setEngine(s.EngineID); err != nil {
		return nil, err
	}
	m.peer.Suppose(s.Boots, s.Time)
	m.supposed = s.Learned
	return m, nil
}

// setEngine begins with an engine: the user's keys are localized to it.
func (m *usmModel) setEngine(id usm.EngineID) error {
	if err := id.Check(); err != nil {
		return err
	}
	peer := usm.NewPeer(id, m.Provider, m.now)
	if err := peer.Users().AddHashed(m.user); err != nil {
		return err
	}
	m.peer, m.worker = peer, peer.NewWorker()
	return nil
}

// prepareOutgoingMessage makes a discovery probe as long as the engine is not
// known, and then the request.
func (m *usmModel) prepareOutgoingMessage(buf []byte, request *pdu.PDU) ([]byte, error) {
	if m.rediscover || m.supposed && len(m.outstanding) > 0 {
		m.peer, m.rediscover, m.supposed = nil, false, false
	}
	// RFC 3412 §6.2: a message has its own msgID, a retry as well.
	if m.lastID++; m.lastID < 0 {
		m.lastID = 0
	}
	m.outstanding = append(m.outstanding, m.lastID)
	m.plain = nil
	r := usm.Request{MsgID: m.lastID, MaxSize: m.maxSize, Reportable: request.Kind.Confirmed()} // RFC 3412 §6.4
	if m.peer == nil {
		return m.prepareProbe(buf, &r)
	}
	r.User, r.Level = m.User.Name, m.Level
	scoped := pdu.ScopedPDU{ContextEngineID: string(m.contextEngine()), ContextName: m.ContextName, PDU: *request}
	if m.keepPlain && m.Level == pdu.AuthPriv {
		w := ber.NewWriter(make([]byte, scoped.Len()))
		scoped.Encode(&w)
		m.plain = w.Bytes()
	}
	return m.peer.GenerateRequest(m.worker, buf, &r, &scoped)
}

// prepareProbe makes the message of discovery's first step (RFC 3414 §4): nobody,
// at noAuthNoPriv, asks an engine whose ID is empty, for nothing.
func (m *usmModel) prepareProbe(buf []byte, r *usm.Request) ([]byte, error) {
	nobody := usm.NewPeer("", m.Provider, m.now)
	scoped := pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.GetRequest, RequestID: r.MsgID}}
	return nobody.GenerateRequest(nobody.NewWorker(), buf, r, &scoped)
}

// contextEngine returns the request's contextEngineID.
func (m *usmModel) contextEngine() usm.EngineID {
	if m.ContextEngineID != "" {
		return m.ContextEngineID
	}
	return m.peer.EngineID()
}

// Why a message is not the answer to a request (RFC 3412 §7.2 (10) and (12)).
var (
	errForeignMsgID   = errors.New("its msgID is none of the request's")
	errForeignModel   = errors.New("its security model is not USM")
	errForeignLevel   = errors.New("its security level is not the request's")
	errForeignContext = errors.New("its context is not the request's")
	errNoDiscovery    = errors.New("it does not tell the engine ID that was asked for")
)

func (m *usmModel) prepareDataElements(datagram []byte, request *pdu.PDU) (pdu.PDU, error) {
	m.plain = nil
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		return pdu.PDU{}, err
	}
	switch {
	case header.SecurityModel != pdu.SecurityModelUSM:
		return pdu.PDU{}, errForeignModel
	case !slices.Contains(m.outstanding, header.MsgID):
		return pdu.PDU{}, errForeignMsgID
	case m.peer == nil:
		return pdu.PDU{}, m.discover(header)
	}
	v, err := m.peer.ProcessIncoming(m.worker, datagram, header, false)
	level, _ := header.MsgFlags.Level()
	if level == pdu.NoAuthNoPriv && (err != nil || m.Level != pdu.NoAuthNoPriv) {
		return pdu.PDU{}, m.hint(header, cmp.Or(err, errForeignLevel))
	}
	if err != nil {
		return pdu.PDU{}, err
	}
	m.supposed = false
	if m.keepPlain && v.Encrypted() {
		m.plain = v.Plaintext()
	}
	return m.accept(&v, level, request)
}

// discover takes an engine's ID, boots and time from the answer to a discovery
// probe (RFC 3414 §4). They are hearsay.
func (m *usmModel) discover(header pdu.Header3) error {
	var d pdu.Decoder
	notice, err := usm.ReadReport(header, &d)
	if err != nil {
		return err
	}
	if notice.Stat != usm.UnknownEngineIDs {
		return errNoDiscovery
	}
	if err := m.setEngine(notice.EngineID); err != nil {
		return err
	}
	m.outstanding = m.outstanding[:0] // what else answers a probe tells nothing new
	// Its boots and time spare the second step, in which a request that is
	// outside the time window has them told authentically. Where they are wrong
	// it takes place all the same.
	m.peer.Suppose(notice.Boots, notice.Time)
	return errSendAgain
}

// hint reads a message without authentication that is no answer because of why. If
// it is a Report, it may say what is wrong with the request, or be forged, so that
// waiting goes on (RFC 3412 §7.2 (11)).
func (m *usmModel) hint(header pdu.Header3, why error) error {
	var d pdu.Decoder
	notice, err := usm.ReadReport(header, &d)
	if err != nil {
		return why
	}
	report := newReportError(&notice.ScopedPDU.PDU)
	report.final = m.Level == pdu.NoAuthNoPriv // an answer would be worth no more
	if notice.Stat == usm.UnknownEngineIDs && m.supposed {
		m.rediscover = true
		return errSendAgain // no more than hearsay contradicts hearsay
	}
	if notice.Stat == usm.UnknownEngineIDs && (m.EngineID == "" || m.Learned) {
		// Another agent has taken the place of ours, or somebody says so: the next
		// attempt begins with discovery.
		m.rediscover, report.final, report.retry = true, false, true
	}
	return report
}

// accept returns the PDU of a message that has been verified, if it is the answer
// (RFC 3412 §7.2 (10) to (12), RFC 3413 §3.1). That it is for the request's user is
// certain: the peer knows no other.
func (m *usmModel) accept(v *usm.Verified, level pdu.SecurityLevel, request *pdu.PDU) (pdu.PDU, error) {
	var d pdu.Decoder
	var scoped pdu.ScopedPDU
	if err := v.Decode(&d, &scoped); err != nil {
		return pdu.PDU{}, err
	}
	answer := scoped.PDU
	switch {
	case answer.Kind == pdu.Report:
		// The level of a Report is its own: about the time window it is
		// authNoPriv (RFC 3414 §3.2 (7)).
		report := newReportError(&answer)
		report.Authentic, report.final = level >= pdu.AuthNoPriv, true
		if errors.Is(report, usm.ErrNotInTimeWindow) && level >= pdu.AuthNoPriv {
			return pdu.PDU{}, errSendAgain // verifying it has set the clock
		}
		return pdu.PDU{}, report
	case level != m.Level:
		return pdu.PDU{}, errForeignLevel
	case answer.Kind != pdu.Response:
		return pdu.PDU{}, errForeignKind
	case answer.RequestID != request.RequestID:
		return pdu.PDU{}, errForeignID
	case scoped.ContextEngineID != string(m.contextEngine()) || scoped.ContextName != m.ContextName:
		return pdu.PDU{}, errForeignContext
	}
	list := make([]pdu.VarBind, len(answer.VarBinds))
	for i := range list {
		list[i] = answer.VarBinds[i].Clone()
	}
	answer.VarBinds = list
	return answer, nil
}
