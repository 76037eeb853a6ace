package manager

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// AddUser adds a user whose notifications are accepted, at any engine: his passwords
// or master keys are localized to the engine of each message. Notifications have to
// be at the highest level that he has keys for, unless AllowLower is set. Passwords
// are hashed here, which takes milliseconds. Users are added before Serve.
func (l *Listener) AddUser(u usm.User) error { return l.AddUserAt("", u) }

// AddUserAt adds a user at one engine alone, also one with keys that are localized to
// it. He takes the place of one whom AddUser has added, there.
func (l *Listener) AddUserAt(engine usm.EngineID, u usm.User) error {
	hashed, err := usm.HashUser(l.Provider, u, nil)
	if err != nil {
		return fmt.Errorf("manager: %w", err)
	}
	if engine != "" {
		err = engine.Check()
	} else if u.Localized && len(u.AuthKey)+len(u.PrivKey) > 0 {
		err = errors.New("keys that are localized are good at one engine alone")
	}
	if err != nil {
		return fmt.Errorf("manager: user %q: %w", u.Name, err)
	}
	l.users.add(engine, hashed)
	return nil
}

// listenerUsers are the users of a Listener, by their engine ("" is any) and name.
// They do not change while it serves.
type listenerUsers map[usm.EngineID]map[string]*usm.HashedUser

func (us *listenerUsers) add(engine usm.EngineID, u *usm.HashedUser) {
	if *us == nil {
		*us = make(listenerUsers)
	}
	if (*us)[engine] == nil {
		(*us)[engine] = make(map[string]*usm.HashedUser)
	}
	(*us)[engine][u.Name()] = u
}

// at returns the user called name at an engine, nil if there is none.
func (us listenerUsers) at(engine usm.EngineID, name string) *usm.HashedUser {
	if u := us[engine][name]; u != nil {
		return u
	}
	return us[""][name]
}

// localize adds those who are users at the engine of users.
func (us listenerUsers) localize(users *usm.Users) error {
	for _, engine := range []usm.EngineID{"", users.Engine()} {
		for _, u := range us[engine] {
			if err := users.AddHashed(u); err != nil {
				return err
			}
		}
	}
	return nil
}

// remoteEngines are the engines whose authentic traps have come: their clocks, by
// which a trap that comes again is told (RFC 3414 §2.3), and their users.
//
// Whatever has not been authenticated leaves nothing behind: who makes up engine IDs
// must not fill the memory.
type remoteEngines struct {
	mu   sync.Mutex
	byID map[usm.EngineID]*remoteEngine

	// How many keys have been made for strangers in this second.
	second int64
	made   int
}

type remoteEngine struct {
	peer *usm.Peer

	mu    sync.Mutex
	users map[string]*usm.HashedUser // whose keys it has
}

const (
	// maxEngines is how many engines are remembered. One more makes strangers of all
	// of them, whose next trap sets their clock anew.
	maxEngines = 16384
	// strangersPerSecond bounds what making keys for engine IDs that somebody makes up
	// can cost: one that has to be extended as Reeder does it takes milliseconds.
	strangersPerSecond = 200
)

// get returns an engine, and whether it is one that is remembered.
func (e *remoteEngines) get(id usm.EngineID, p usm.Provider, now time.Time) (found *remoteEngine, known bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if found = e.byID[id]; found != nil {
		return found, true, nil
	}
	if second := now.Unix(); e.second != second {
		e.second, e.made = second, 0
	}
	if e.made++; e.made > strangersPerSecond {
		return nil, false, errStrangers
	}
	return &remoteEngine{peer: usm.NewPeer(id, p, time.Now), users: make(map[string]*usm.HashedUser)}, false, nil
}

var errStrangers = errors.New("manager: there are too many traps of engines that are not known")

func (e *remoteEngines) remember(known *remoteEngine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byID == nil || len(e.byID) >= maxEngines {
		e.byID = make(map[usm.EngineID]*remoteEngine)
	}
	e.byID[known.peer.EngineID()] = known
}

// introduce sees to it that an engine has a user's keys.
func (r *remoteEngine) introduce(u *usm.HashedUser) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users[u.Name()] == u {
		return nil
	}
	r.users[u.Name()] = u
	return r.peer.Users().AddHashed(u)
}

// receiveUSM takes a message of SNMPv3 (RFC 3412 §7.2).
func (in *incoming) receiveUSM() error {
	header, err := pdu.ReadHeader3(in.Data, false)
	if err != nil {
		return err
	}
	if header.SecurityModel != pdu.SecurityModelUSM {
		return errListenerModel
	}
	if _, ok := header.MsgFlags.Level(); !ok {
		return usm.ErrFlags
	}
	engine, user, err := usm.Parties(header, false)
	if err != nil {
		return err
	}
	if engine != in.Engine.ID() && !asksForReport(&header) && engine != "" {
		return in.receiveTrap(header, engine, user)
	}
	return in.receiveInform(header)
}

// asksForReport reports whether a message is one that is answered, as far as can be
// seen (RFC 3412 §7.1 (3)).
func asksForReport(h *pdu.Header3) bool {
	if !h.Encrypted {
		if kind, _, ok := pdu.PeekScopedPDU(h.Data); ok {
			return kind.Confirmed()
		}
	}
	return h.MsgFlags&pdu.FlagReportable != 0
}

// receiveTrap takes what another engine is authoritative for (RFC 3414 §1.5.1).
func (in *incoming) receiveTrap(header pdu.Header3, engine usm.EngineID, user string) error {
	if err := engine.Check(); err != nil {
		return err
	}
	u := in.users.at(engine, user)
	if u == nil {
		return usm.ErrUnknownUserName
	}
	remote, known, err := in.engines.get(engine, in.Provider, time.Now())
	if err != nil {
		return err
	}
	if err := remote.introduce(u); err != nil {
		return err
	}
	v, err := remote.peer.ProcessIncoming(in.worker, in.Data, header, false)
	if err != nil {
		return err
	}
	if !known && v.SecurityLevel() >= pdu.AuthNoPriv {
		in.engines.remember(remote)
	}
	if err := v.Decode(&in.decoder, &in.scoped); err != nil {
		return err
	}
	if in.scoped.PDU.Kind != pdu.TrapV2 { // RFC 3412 §7.2 (13) a: who is not authoritative does not answer
		return fmt.Errorf("%w: it is a %v", ErrNoNotification, in.scoped.PDU.Kind)
	}
	return in.deliverScoped(&v, engine)
}

// deliverScoped hands out what is in in.scoped.
func (in *incoming) deliverScoped(v *usm.Verified, engine usm.EngineID) error {
	n := &Notification{
		Version: pdu.V3, User: strings.Clone(v.SecurityName()), Level: v.SecurityLevel(), EngineID: engine,
		ContextEngineID: usm.EngineID(strings.Clone(in.scoped.ContextEngineID)), ContextName: strings.Clone(in.scoped.ContextName),
	}
	if err := n.fromPDU(&in.scoped.PDU); err != nil {
		return err
	}
	in.deliver(n)
	if !n.confirms() {
		return nil
	}
	in.scoped.PDU = confirmation(&in.scoped.PDU)
	buf := make([]byte, min(in.MaxSize, v.MaxSize()))
	response, err := in.model.GenerateResponse(in.worker, buf, v, in.MaxSize, &in.scoped)
	if errors.Is(err, ber.ErrShortBuffer) { // RFC 3416 §4.2.7
		in.scoped.PDU.ErrorStatus, in.scoped.PDU.VarBinds = pdu.TooBig, nil
		response, err = in.model.GenerateResponse(in.worker, buf, v, in.MaxSize, &in.scoped)
	}
	if err != nil {
		return err
	}
	return in.answer(response)
}

// receiveInform takes what the listener's own engine is authoritative for: informs,
// and requests for its ID and clock (RFC 3414 §4).
func (in *incoming) receiveInform(header pdu.Header3) error {
	v, err := in.model.ProcessIncoming(in.worker, in.Data, header, false)
	if err != nil {
		return in.refuse(err)
	}
	if err := v.Decode(&in.decoder, &in.scoped); err != nil {
		if v.Encrypted() {
			return in.refuse(in.model.NotDecrypted(&v))
		}
		return err
	}
	err = in.deliverScoped(&v, in.Engine.ID())
	if errors.Is(err, ErrNoNotification) && in.scoped.PDU.Kind.Confirmed() { // RFC 3412 §4.2.2.1 (2)
		counter := pdu.VarBind{Name: oidUnknownPDUHandlers, Value: pdu.Counter32(in.unknownPDUHandlers.Add(1))}
		report, err := in.model.GenerateReportTo(in.worker, make([]byte, pdu.MinMaxSize), &v, in.scoped.PDU.RequestID, counter, in.MaxSize)
		if err != nil {
			return err
		}
		return errors.Join(ErrNoNotification, in.answer(report))
	}
	return err
}

var oidUnknownPDUHandlers = ber.MustOID("1.3.6.1.6.3.11.2.1.3.0")

// refuse answers a message that is not accepted with a Report, if it asks for one. To
// ask for the engine ID is no mistake.
func (in *incoming) refuse(err error) error {
	failure, ok := errors.AsType[*usm.Failure](err)
	if !ok {
		return err
	}
	if _, ok := failure.Reportable(); ok {
		report, err := in.model.GenerateReport(in.worker, make([]byte, pdu.MinMaxSize), failure, in.MaxSize)
		if err == nil {
			err = in.answer(report)
		}
		if err != nil || failure.EngineID() == "" {
			return err
		}
	}
	return failure.Cause() // the Failure itself points into the datagram
}
