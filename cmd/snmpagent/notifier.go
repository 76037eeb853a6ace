package main

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/pdu"
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

// A destination is where a notification goes. It is a sink's if exempt.
type destination struct {
	agent.Destination
	contextName string
	exempt      bool
}

// minTimeout is the least that managers' informs wait for an answer: what nobody confirms
// is sent up to 256 times.
const minTimeout = time.Second

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
