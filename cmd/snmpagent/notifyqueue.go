package main

import (
	"context"
	"reflect"
	"time"

	"snmpstack/agent"
)

const (
	// maxWaiting is how many notifications wait for one destination. More of them are
	// dropped.
	maxWaiting = 64
	// atOnce is how many of each turn are sent at a time; others begin when one has ended.
	// Two turns' informs are less than the agent allows.
	atOnce = 96
	// soon is how long a notification may wait and still go to whom the tables named
	// when it was told. After that they are asked again.
	soon = time.Second
)

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

func (n *notifier) sendOne(ctx context.Context, to *destination, notification agent.Notification) error {
	notification.ContextName = to.contextName
	if to.exempt {
		ctx = context.WithValue(ctx, exempt{}, true)
	}
	return n.agent.Notify(ctx, to.Target, notification)
}

// maxWarnings is how many lines of the log are about those whom managers name, in a
// minute.
const maxWarnings = 100

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
