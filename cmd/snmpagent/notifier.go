package main

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host"
	"snmpstack/pdu"
)

// The standard notifications that the daemon sends (RFC 3418), and snmpd's for an end
// that was asked for (NET-SNMP-AGENT-MIB), of which there is no standard one.
var (
	coldStart             = pdu.SnmpTraps.Append(1)
	warmStart             = pdu.SnmpTraps.Append(2)
	authenticationFailure = pdu.SnmpTraps.Append(5)

	nsNotifyShutdown = ber.MustOID("1.3.6.1.4.1.8072.4.0.2")
)

// A notifier tells those whom the tables name what happens. Each has a queue of its
// own, so that one that is slow, or cannot be resolved, holds up nobody.
type notifier struct {
	agent   *agent.Agent
	system  *agent.System
	targets *notify.Targets
	log     *slog.Logger

	mu     sync.Mutex
	sinks  map[string]sink      // by the name of their rows
	queues map[queueName]*queue // of whom something waits for
	active bool
	ending sync.WaitGroup
	turns  map[turn]chan struct{} // those that are being sent

	warnings struct { // about those whom managers name
		sync.Mutex
		since  time.Time
		number int
	}

	links        atomic.Bool  // linkUpDownNotifications
	lastAuthFail atomic.Int64 // when authenticationFailure was sent, in nanoseconds
}

func newNotifier(a *agent.Agent, system *agent.System, targets *notify.Targets, log *slog.Logger) *notifier {
	n := &notifier{
		agent: a, system: system, targets: targets, log: log,
		queues: make(map[queueName]*queue), turns: make(map[turn]chan struct{}),
	}
	for _, t := range []turn{{false, false}, {false, true}, {true, false}, {true, true}} {
		n.turns[t] = make(chan struct{}, atOnce)
	}
	return n
}

// A turn is a kind of notifications of which atOnce are sent at a time, so that no kind
// has to wait for another one: those whom managers name can be many, be slow to confirm,
// and have names that are slow to look up.
type turn struct{ exempt, inform bool }

// A queueName tells destinations apart: an address can be told in both ways.
type queueName struct {
	address string // the name of its row
	inform  bool
}

// A queue is what waits for one destination. A goroutine sends it, and ends when
// nothing waits any more.
type queue struct {
	to      destination
	waiting []waiting // the notifier's mu is held
	cancel  context.CancelFunc
}

type waiting struct {
	agent.Notification
	since time.Time
}

// A destination is where a notification goes. It is a sink's if exempt.
type destination struct {
	agent.Destination
	contextName string
	exempt      bool
}

const (
	// maxWaiting is how many notifications wait for one destination. More of them are
	// dropped.
	maxWaiting = 64
	// atOnce is how many of each turn are sent at a time; others begin when one has ended.
	// Two turns' informs are less than the agent allows.
	atOnce = 96
	// maxWarnings is how many lines of the log are about those whom managers name, in a
	// minute.
	maxWarnings = 100
	// minTimeout is the least that managers' informs wait for an answer: what nobody
	// confirms is sent up to 256 times.
	minTimeout = time.Second
	// soon is how long a notification may wait and still go to whom the tables named
	// when it was told. After that they are asked again.
	soon = time.Second
)

// authFailInterval is the least time between two authenticationFailures: who guesses
// communities must not make the agent fill the network, or a log elsewhere.
const authFailInterval = 10 * time.Second

// replace puts other sinks, and the rows of other lines, in the place of those that
// there are.
func (n *notifier) replace(sinks []sink, rows []notify.Statement) (problems []error) {
	byName := make(map[string]sink)
	for _, s := range sinks { // what takes its time is done before the lock
		s, err := s.hashed(n.agent.SecurityProvider)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		byName[s.name] = s
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.targets.Replace(rows...); err != nil {
		return append(problems, err)
	}
	n.sinks = byName
	return problems
}

// destinations returns where a notification goes now. The caller holds mu.
func (n *notifier) destinations(notification agent.Notification) (list []destination) {
	named, err := n.agent.Destinations(notification)
	if err != nil {
		n.log.Warn("a notification cannot be sent", "notification", notification.OID, "err", err)
	}
	for _, d := range named {
		list = append(list, n.destination(d))
	}
	return list
}

// destination returns where one goes whom the agent's rows name. The caller holds mu.
func (n *notifier) destination(d agent.Destination) destination {
	to := destination{Destination: d}
	if s, ok := n.sinks[d.Name]; ok && d.Origin != "" {
		to.Target, to.contextName, to.exempt = s.Target, s.contextName, true
		to.Inform = d.Inform
	} else if d.Origin == "" && to.Timeout > 0 { // 0 is the agent's
		to.Timeout = max(to.Timeout, minTimeout)
	}
	return to
}

// stillGoes reports whether a notification that waits for somebody goes to him now. The
// caller holds mu, and may ask for each of many: nobody else is looked at.
func (n *notifier) stillGoes(notification agent.Notification, to *destination) bool {
	d, ok := n.agent.Destination(notification, to.Name, to.Inform)
	if !ok {
		return false
	}
	now := n.destination(d)
	return now.same(to)
}

// same reports whether what waits for d can wait for other in its place.
func (d *destination) same(other *destination) bool { return reflect.DeepEqual(d, other) }

// tell queues a notification for all whom the tables name. It does not block.
func (n *notifier) tell(oid ber.OID, objects ...pdu.VarBind) {
	notification := agent.Notification{OID: oid, Objects: pdu.NotificationVarBinds(n.agent.SysUpTime(), oid, objects...)}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.active {
		return
	}
	for _, to := range n.destinations(notification) {
		n.enqueue(to, waiting{notification, time.Now()})
	}
}

// enqueue has a notification wait for a destination.
//
// Deviation: when something is told to a target whose rows have been changed, what is on
// its way to where it was is given up, an inform too. RFC 3413 §3.3 (6) keeps what such an
// inform began with until it ends, and so it is here as long as nothing else is told.
func (n *notifier) enqueue(to destination, w waiting) {
	name := queueName{to.Name, to.Inform}
	q := n.queues[name]
	if q != nil && !q.to.same(&to) {
		q.cancel() // what waits there was for somebody else
		q = nil
	}
	if q == nil {
		var ctx context.Context
		q = &queue{to: to}
		ctx, q.cancel = context.WithCancel(context.Background())
		n.queues[name] = q
		n.ending.Go(func() { n.send(ctx, name, q) })
	}
	if len(q.waiting) == maxWaiting {
		n.warn("a notification is dropped: too many wait for this target", &to, "target", to.Name, "address", to.Address, "notification", w.OID)
		return
	}
	q.waiting = append(q.waiting, w)
}

// send sends what waits in a queue.
func (n *notifier) send(ctx context.Context, name queueName, q *queue) {
	defer q.cancel()
	for n.sendNext(ctx, name, q) {
	}
}

// sendNext sends what is next in a queue when it is its turn, and reports whether
// there was something.
func (n *notifier) sendNext(ctx context.Context, name queueName, q *queue) bool {
	room := n.turns[turn{q.to.exempt, q.to.Inform}]
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	case <-ctx.Done(): // nothing is next
	}
	w, ok := n.next(ctx, name, q)
	if !ok {
		return false
	}
	if err := n.sendOne(ctx, &q.to, w.Notification); err != nil && ctx.Err() == nil {
		n.warn("a notification was not sent", &q.to, "target", q.to.Name, "address", q.to.Address, "notification", w.OID, "err", err)
	}
	return true
}

// warn logs what becomes of a notification to somebody. Of those whom managers name,
// who can be ten thousand, no more than maxWarnings are logged in a minute: they must
// not fill the disk.
func (n *notifier) warn(text string, to *destination, args ...any) {
	if to.Origin != "" {
		n.log.Warn(text, args...)
		return
	}
	n.warnings.Lock()
	defer n.warnings.Unlock()
	if now := time.Now(); now.Sub(n.warnings.since) >= time.Minute {
		if more := n.warnings.number - maxWarnings; more > 0 {
			n.log.Warn("more notifications to those whom managers name were not sent", "warnings", more)
		}
		n.warnings.since, n.warnings.number = now, 0
	}
	if n.warnings.number++; n.warnings.number <= maxWarnings {
		n.log.Warn(text, args...)
	}
}

// next takes what is to be sent next out of a queue, and false, and the queue away, if
// there is nothing. What has waited for long goes to nobody whom the tables do not name
// any more.
func (n *notifier) next(ctx context.Context, name queueName, q *queue) (w waiting, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ctx.Err() == nil && len(q.waiting) > 0 {
		w, q.waiting = q.waiting[0], q.waiting[1:]
		if time.Since(w.since) < soon || n.stillGoes(w.Notification, &q.to) {
			return w, true
		}
	}
	if n.queues[name] == q {
		delete(n.queues, name)
	}
	return w, false
}

func (n *notifier) sendOne(ctx context.Context, to *destination, notification agent.Notification) error {
	notification.ContextName = to.contextName
	if to.exempt {
		ctx = context.WithValue(ctx, exempt{}, true)
	}
	return n.agent.Notify(ctx, to.Target, notification)
}

// begin has the notifier tell what happens from now on: the agent is active.
func (n *notifier) begin() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.active = true
}

// close sends what waits, for a moment, and gives up the rest.
func (n *notifier) close() {
	n.mu.Lock()
	n.active = false
	n.mu.Unlock()
	late := time.AfterFunc(closeTime, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, q := range n.queues {
			q.cancel()
		}
	})
	n.ending.Wait()
	late.Stop()
}

const closeTime = time.Second

// linkChange is the host's OnLinkChange (RFC 2863 §3.1.15).
func (n *notifier) linkChange(c host.LinkChange) {
	if n.links.Load() {
		n.tell(c.Notification(), c.Objects()...)
	}
}

// badPacket is the agent's OnBadPacket: a message that is not authentic is told as
// authenticationFailure where snmpEnableAuthenTraps allows it (RFC 3418), once in
// authFailInterval at most. That is a community that is not known where it comes from,
// and with SNMPv3 a user who is not, or a MAC that is wrong.
func (n *notifier) badPacket(e *agent.BadPacketEvent) {
	switch e.Code {
	case agent.CodeNotAuthenticated, agent.CodeUserName, agent.CodeWrongMAC, agent.CodeNoMAC:
	default:
		return
	}
	if !n.system.AuthenTrapsEnabled() {
		return
	}
	now := time.Now().UnixNano()
	last := n.lastAuthFail.Load()
	if last != 0 && now-last < int64(authFailInterval) || !n.lastAuthFail.CompareAndSwap(last, now) {
		return
	}
	n.tell(authenticationFailure)
}

// access is the daemon's agent.Access: the policy, but for the sinks of the
// configuration, who may be told everything.
//
// Deviation: as with snmpd, the notify views of access are not asked about trapsink
// and its like. Who names a sink means it to hear.
type access struct{ *vacm.Policy }

// exempt is the key of a value in the context of what is sent to a sink.
type exempt struct{}

func (a access) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	if t == vacm.NotifyView && r.Context != nil && r.Context.Value(exempt{}) != nil {
		return vacm.Everything, nil
	}
	return a.Policy.View(r, t)
}
