package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// A Deferred is a request that a hook has taken over with RequestEvent.Defer, to be
// answered later. While it waits it costs its memory, no goroutine, and counts
// against MaxConcurrent. When HandlerTimeout is over, from when the request came,
// it is given up; Drop gives it up before.
//
// Its methods are safe for concurrent use.
type Deferred struct {
	mu       sync.Mutex
	request  *request // nil: it has been answered, or given up
	answered bool     // while the hook was still running
	dropped  bool     // and the answer is none
	err      error    // of the answer
	parked   bool     // the hook has returned, and its worker ended
	end      func()   // once parked: releases what runs meanwhile
}

// Defer takes the request over: it is answered by the Deferred's Respond or by
// SendResponse, from any goroutine, before or after the hook returns. What the hook
// writes to the event has no effect then. The event's fields, Objects too, are good
// until the answer.
func (e *RequestEvent) Defer() *Deferred {
	q := e.request
	if q == nil { // an event that a test has made
		return new(Deferred)
	}
	if q.deferred == nil {
		q.deferred = &Deferred{request: q}
		q.run.deferrals.add(q.deferralKey(), q.deferred)
	}
	return q.deferred
}

var errNotPending = errors.New("no request that a hook has deferred and that still waits has this source, request-id, message-id and user: it may have been answered, or given up after HandlerTimeout")

// Respond answers the request. status and index are those of RequestEvent's
// ErrorStatus and ErrorIndex, and have no objects; with pdu.NoError the index has no
// meaning and the objects are the answer: for a GetRequest with the names it has,
// for a SetRequest they may be left out. They stay the caller's.
//
// The error is 319 if the request has been answered or given up, and 10022 if the
// answer is none; then the request still waits for a better one.
func (d *Deferred) Respond(status pdu.ErrorStatus, index int, objects ...pdu.VarBind) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.respond(status, index, objects)
}

func (d *Deferred) respond(status pdu.ErrorStatus, index int, objects []pdu.VarBind) error {
	if d.request == nil || d.answered {
		return &Error{CodeNotPermitted, errNotPending}
	}
	err := d.request.takeAnswerOf(status, index, objects)
	if _, plain := err.(*pdu.StatusError); err != nil && !plain {
		return &Error{CodeInvalidArgument, err}
	}
	d.answered, d.err = true, err
	if d.parked {
		d.conclude(d.request.finish(err))
	}
	return nil
}

// Drop gives the request up: nobody gets an answer, and its place among MaxConcurrent is
// free at once, or if its hook is still running, when that returns. e.Defer().Drop() in a
// hook is how it gives no answer where there is a MIB too. The error is 319 if the request
// has been answered or given up.
func (d *Deferred) Drop() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.request == nil || d.answered {
		return &Error{CodeNotPermitted, errNotPending}
	}
	d.answered, d.dropped = true, true
	if d.parked {
		d.giveUp()
	}
	return nil
}

// park lets go of the request at the end of its worker. If it has been answered
// meanwhile the answer is sent.
func (d *Deferred) park(ctx context.Context, end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parked, d.end = true, end
	if d.dropped {
		d.giveUp()
		return
	}
	if d.answered {
		d.conclude(d.request.finish(d.err))
		return
	}
	stop := context.AfterFunc(ctx, d.expire)
	d.end = func() { stop(); end() }
}

// expire gives the request up.
func (d *Deferred) expire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.request != nil {
		d.giveUp()
	}
}

// giveUp ends the work on a request that is parked, without an answer.
func (d *Deferred) giveUp() {
	d.request.run.counters.unanswered.Add(1)
	d.conclude(dropped)
}

// conclude ends the work on a request that is parked.
func (d *Deferred) conclude(what verdict) {
	q := d.request
	d.forget()
	d.end()
	q.conclude(what)
}

// forget makes it a Deferred whose request is somebody else's.
func (d *Deferred) forget() {
	d.request.run.deferrals.remove(d.request.deferralKey(), d)
	d.request.deferred = nil
	d.request = nil
}

// takeBack is for a hook that has panicked after Defer.
func (d *Deferred) takeBack() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
}

// SendResponse answers a request that a hook has deferred, which is found by where
// it came from and its request-id: RequestEvent's Source and RequestID. Version,
// message id, community, context and security are the request's. Everything else is
// as with Deferred.Respond.
//
// A manager that has sent its request again meanwhile gets an answer to each copy.
// If requests that are not copies have the same source and id, that is error 319: the
// Deferreds tell them apart.
func (a *Agent) SendResponse(to netip.AddrPort, requestID int32, status pdu.ErrorStatus, index int, objects ...pdu.VarBind) error {
	list, err := a.findDeferred(to, requestID, func(*request) bool { return true })
	if err != nil {
		return err
	}
	return respondAll(list, status, index, objects)
}

// SendSecureResponse is SendResponse for an authenticated request of SNMPv3's, whose
// message id and user have to be messageID and user.Name: 319 if they are not. The
// level and the keys of the answer are the request's. The user's passwords or keys
// in the internal authentication cache are replaced by those of user, if he is there
// and the answer is one. What user does not have stays as it is, and so does the least
// level that his messages must have; nor does he change if a manager has changed his
// keys.
//
// Deviation: the specification adds a user to the cache who is not there. Answering
// must not open the agent to somebody new.
func (a *Agent) SendSecureResponse(to netip.AddrPort, requestID, messageID int32, status pdu.ErrorStatus, index int, user usm.User, objects ...pdu.VarBind) error {
	list, err := a.findDeferred(to, requestID, func(q *request) bool {
		return q.mib.SecurityModel == pdu.SecurityModelUSM && q.mib.SecurityLevel >= pdu.AuthNoPriv &&
			q.v3.verified.MsgID() == messageID && q.mib.SecurityName == user.Name
	})
	if err != nil {
		return err
	}
	change, err := a.updateUser(user)
	if err != nil {
		return err
	}
	if err := respondAll(list, status, index, objects); err != nil {
		return err
	}
	return change()
}

// findDeferred returns the Deferreds that are copies of one request and match.
func (a *Agent) findDeferred(from netip.AddrPort, requestID int32, match func(*request) bool) (found []*Deferred, err error) {
	r := a.state.run.Load()
	if r == nil {
		return nil, &Error{CodeNotPermitted, errNotPending}
	}
	var first *pendingRequest
	for _, d := range r.deferrals.find(newDeferralKey(from, requestID)) {
		d.mu.Lock()
		q := d.request
		ok := q != nil && !d.answered && match(q)
		if ok && first == nil {
			first = newPendingRequest(q)
		}
		same := ok && first.is(q)
		d.mu.Unlock()
		if ok && !same {
			return nil, &Error{CodeNotPermitted, fmt.Errorf("different requests from %v with request-id %d are waiting", from, requestID)}
		}
		if ok {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		return nil, &Error{CodeNotPermitted, errNotPending}
	}
	return found, nil
}

// A pendingRequest is what copies of one request have in common.
type pendingRequest struct {
	version                     pdu.Version
	level                       pdu.SecurityLevel
	securityName, context       string
	kind                        pdu.Kind
	nonRepeaters, maxRepetition int32
	varBinds                    []pdu.VarBind
}

// newPendingRequest returns a copy of what matters of q.
func newPendingRequest(q *request) *pendingRequest {
	p := &pendingRequest{
		q.mib.Version, q.mib.SecurityLevel, q.mib.SecurityName, q.mib.ContextName,
		q.pdu.Kind, q.pdu.NonRepeaters, q.pdu.MaxRepetitions, nil,
	}
	for _, vb := range q.pdu.VarBinds {
		p.varBinds = append(p.varBinds, vb.Clone())
	}
	return p
}

func (p *pendingRequest) is(q *request) bool {
	return p.version == q.mib.Version && p.level == q.mib.SecurityLevel &&
		p.securityName == q.mib.SecurityName && p.context == q.mib.ContextName &&
		p.kind == q.pdu.Kind && p.nonRepeaters == q.pdu.NonRepeaters && p.maxRepetition == q.pdu.MaxRepetitions &&
		slices.Equal(p.varBinds, q.pdu.VarBinds)
}

// respondAll answers all of list. The error is the first one's: a copy that has
// just been given up is nobody's loss.
func respondAll(list []*Deferred, status pdu.ErrorStatus, index int, objects []pdu.VarBind) error {
	for i, d := range list {
		if err := d.Respond(status, index, objects...); err != nil && i == 0 {
			return err
		}
	}
	return nil
}

// deferrals are the requests of a run that are deferred.
type deferrals struct {
	mu    sync.Mutex
	byKey map[deferralKey][]*Deferred
}

type deferralKey struct {
	from      netip.AddrPort
	requestID int32
}

func newDeferralKey(from netip.AddrPort, requestID int32) deferralKey {
	return deferralKey{netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), requestID}
}

func (q *request) deferralKey() deferralKey { return newDeferralKey(q.Remote, q.pdu.RequestID) }

func (l *deferrals) add(key deferralKey, d *Deferred) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey == nil {
		l.byKey = make(map[deferralKey][]*Deferred)
	}
	l.byKey[key] = append(l.byKey[key], d)
}

func (l *deferrals) remove(key deferralKey, d *Deferred) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.DeleteFunc(l.byKey[key], func(other *Deferred) bool { return other == d })
	if len(list) == 0 {
		delete(l.byKey, key)
	} else {
		l.byKey[key] = list
	}
}

// find returns the Deferreds with a key, the oldest first.
func (l *deferrals) find(key deferralKey) []*Deferred {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.byKey[key])
}
