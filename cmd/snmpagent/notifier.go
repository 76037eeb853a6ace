package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/agent"
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

// A notifier tells the sinks of the configuration what happens. Each has a goroutine
// and a queue of its own, so that one that is slow, or cannot be resolved, holds up
// nobody.
type notifier struct {
	agent  *agent.Agent
	system *agent.System
	log    *slog.Logger

	mu      sync.Mutex
	workers []*sinkWorker
	ending  sync.WaitGroup

	links        atomic.Bool                        // linkUpDownNotifications
	granted      atomic.Pointer[map[principal]bool] // by the sinks that there are
	lastAuthFail atomic.Int64                       // when authenticationFailure was sent, in nanoseconds
}

// A principal is whom a notification goes to.
type principal struct {
	model pdu.SecurityModel
	name  string
}

type sinkWorker struct {
	sink
	queue  chan agent.Notification
	cancel context.CancelFunc
}

// sinkQueue is how many notifications wait for one sink. More of them are dropped.
const sinkQueue = 64

// authFailInterval is the least time between two authenticationFailures: who guesses
// communities must not make the agent fill the network, or a log elsewhere.
const authFailInterval = 10 * time.Second

// replace puts other sinks in the place of those that there are. What waits for these
// is given up.
func (n *notifier) replace(sinks []sink) (problems []error) {
	granted := make(map[principal]bool)
	var workers []*sinkWorker
	for _, s := range sinks { // what takes its time is done before the lock
		s, err := s.hashed(n.agent.SecurityProvider)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		granted[s.principal()] = true
		ctx, cancel := context.WithCancel(context.Background())
		w := &sinkWorker{s, make(chan agent.Notification, sinkQueue), cancel}
		workers = append(workers, w)
		n.ending.Go(func() { n.work(ctx, w) })
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.workers {
		w.cancel()
	}
	n.workers = workers
	n.granted.Store(&granted)
	return problems
}

func (s *sink) principal() principal {
	switch s.Version {
	case pdu.V1:
		return principal{pdu.SecurityModelV1, s.SecurityName}
	case pdu.V2c:
		return principal{pdu.SecurityModelV2c, s.SecurityName}
	}
	return principal{pdu.SecurityModelUSM, s.User.Name}
}

// close sends what waits, for a moment, and gives up the rest.
func (n *notifier) close() {
	n.mu.Lock()
	for _, w := range n.workers {
		close(w.queue)
	}
	workers := n.workers
	n.workers = nil
	n.mu.Unlock()
	late := time.AfterFunc(closeTime, func() {
		for _, w := range workers {
			w.cancel()
		}
	})
	n.ending.Wait()
	late.Stop()
}

const closeTime = time.Second

// tell queues a notification for every sink. It does not block.
func (n *notifier) tell(oid ber.OID, objects ...pdu.VarBind) {
	list := pdu.NotificationVarBinds(n.agent.SysUpTime(), oid, objects...)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.workers {
		select {
		case w.queue <- agent.Notification{OID: oid, Objects: list, ContextName: w.contextName}:
		default:
			n.log.Warn("a notification is dropped: too many wait for this sink", "sink", w.Address, "notification", oid)
		}
	}
}

// work sends to one sink.
func (n *notifier) work(ctx context.Context, w *sinkWorker) {
	defer w.cancel()
	for {
		select {
		case <-ctx.Done():
			return
		case notification, ok := <-w.queue:
			if !ok {
				return
			}
			if err := n.agent.Notify(ctx, w.Target, notification); err != nil && ctx.Err() == nil {
				n.log.Warn("a notification was not sent", "sink", w.Address, "notification", notification.OID, "err", err)
			}
		}
	}
}

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
type access struct {
	*vacm.Policy
	notifier *notifier
}

func (a access) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	if t == vacm.NotifyView {
		if granted := a.notifier.granted.Load(); granted != nil && (*granted)[principal{r.SecurityModel, r.SecurityName}] {
			return vacm.Everything, nil
		}
	}
	return a.Policy.View(r, t)
}
