package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"sync"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The notification originator as RFC 3413 §3.3 has it, for all those whom the tables
// of package notify name. notify.go has it for one.

// A Destination is a Target that stands in the agent's Targets: hand it to Notify.
type Destination struct {
	// Name is that of the row of snmpTargetAddrTable: with Inform it says which of the
	// Destinations this is.
	Name string
	// Origin says where the row comes from, "" if that is a manager.
	Origin string
	Target
}

// Destinations returns those whom NotifyAll tells of a notification, in the order of
// their names, for a program that has a queue for each of them. What their filters
// hold back does not go to them (RFC 3413 §6); Notify asks the access policy. The
// error is that the notification cannot be sent at all.
func (a *Agent) Destinations(n Notification) ([]Destination, error) {
	list, err := a.notificationVarBinds(n)
	if err != nil {
		return nil, err
	}
	targets := a.targets()
	if targets == nil {
		return nil, nil
	}
	var destinations []Destination
	for d := range targets.Destinations(list) {
		destinations = append(destinations, destinationOf(&d))
	}
	return destinations, nil
}

// Destination returns the one of Destinations whose row of snmpTargetAddrTable has this
// name, and which is asked to confirm or is not, and false if the notification does not
// go there (any more). It does not look at the others: it is for a program in which
// something waits for each of them.
func (a *Agent) Destination(n Notification, name string, inform bool) (Destination, bool) {
	list, err := a.notificationVarBinds(n)
	targets := a.targets()
	if err != nil || targets == nil {
		return Destination{}, false
	}
	kind := notify.Trap
	if inform {
		kind = notify.Inform
	}
	d, ok := targets.Destination(name, kind, list)
	if !ok {
		return Destination{}, false
	}
	return destinationOf(&d), true
}

// targets returns the Targets, nil if there are none.
func (a *Agent) targets() *notify.Targets {
	if r := a.state.run.Load(); r != nil {
		return r.Targets
	}
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.Targets
}

// maxTargetTimeout is how long an inform waits at most, whatever a row says: "the actual
// time interval is implementation dependent" (RFC 3413 §4.1.2, snmpTargetAddrTimeout),
// and some 248 days, as often as 256 times, would keep the room of others.
const maxTargetTimeout = 5 * time.Minute

func destinationOf(d *notify.Destination) Destination {
	to := Target{
		Address: d.Addr.Endpoint(), Version: d.Params.MPModel,
		Community: d.Params.Community, SecurityName: d.Params.SecurityName,
		Inform: d.Type == notify.Inform, Timeout: min(d.Addr.Timeout, maxTargetTimeout), Retries: d.Addr.RetryCount,
		MaxSize: d.Addr.MMS, fromTargets: true, managed: d.Addr.Storage != mib.ReadOnly,
	}
	if to.Version == pdu.V3 {
		to.SecurityName, to.Level = "", d.Params.SecurityLevel
		to.User = usm.User{Name: d.Params.SecurityName}
		if d.Params.User != nil {
			to.User = *d.Params.User
		}
	}
	return Destination{Name: d.Addr.Name, Origin: d.Addr.Origin, Target: to}
}

// A TargetError says that one of those whom NotifyAll tells was not told.
type TargetError struct {
	Name string // of the row of snmpTargetAddrTable
	Err  error  // Notify's
}

func (e *TargetError) Error() string { return fmt.Sprintf("target %q: %v", e.Name, e.Err) }

// Unwrap returns Err.
func (e *TargetError) Unwrap() error { return e.Err }

// NotifyAll sends a notification to all those whom the agent's Targets name, each in
// the form and in the context that it is to have for him (RFC 3413 §3.3), and waits
// until all informs among them have been confirmed, or have failed. It activates the
// agent if it has not been active yet; after Deactivate it is error 109, and if ctx has
// ended 201.
//
// All are told at once, and the errors are returned together. Who wants each as it comes
// calls Notify for each of Destinations.
//
// That one cannot be told keeps it from nobody else: the error joins one *TargetError
// for each, whose Err is that of Notify. What a filter holds back is no error; what the
// access policy does not allow is (319). If ctx ends, those who are not told by then
// are not told.
func (a *Agent) NotifyAll(ctx context.Context, n Notification) error {
	r, err := a.activated(ctx, false)
	if err != nil {
		return err
	}
	list, err := a.notificationVarBinds(n)
	if err != nil || r.Targets == nil {
		return err
	}
	var (
		mu      sync.Mutex
		errs    []error
		sending sync.WaitGroup
		room    = make(chan struct{}, atOnce)
	)
	// "The following procedure is performed for each management target": (1) is in
	// package notify, (2) to (6) are in the method notify.
	for _, d := range statementsFirst(r.Targets.Destinations(list)) {
		room <- struct{}{}
		sending.Go(func() {
			defer func() { <-room }()
			to := destinationOf(&d)
			err := error(nil)
			if ctx.Err() != nil {
				err = contextError(ctx)
			} else {
				err = a.notify(ctx, r, outgoing{to: to.Target, n: n, list: list})
			}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, &TargetError{to.Name, err})
			}
		})
	}
	sending.Wait()
	return errors.Join(errs...)
}

// statementsFirst puts those whom statements name before those whom managers do, who can
// be many, and wait for long.
func statementsFirst(all iter.Seq[notify.Destination]) []notify.Destination {
	rank := func(d *notify.Destination) int {
		if d.Addr.Storage == mib.ReadOnly {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(all, func(a, b notify.Destination) int { return cmp.Compare(rank(&a), rank(&b)) })
}

// atOnce is how many targets of one NotifyAll are told at the same time: less than
// maxInforms, so that a few of them have room.
const atOnce = 32

var errNoCommunity = errors.New("Access knows no community that stands for the target's securityName there, and in this context")

// identify finds out who a target of the tables is at an address: the community that
// stands for his securityName there (RFC 3584 §5.2.3), or the agent's user.
func (r *run) identify(to *Target, at netip.Addr, n *Notification) error {
	if to.Version == pdu.V3 {
		u := &to.User
		if len(u.AuthKey) == 0 && len(u.PrivKey) == 0 && r.state.users.Has(u.Name) {
			*u = usm.User{Name: u.Name} // he is known, and keeps his passwords
		}
		return nil
	}
	if to.Community != "" {
		return nil
	}
	// snmpCommunityContextEngineID is this engine's in all rows.
	if n.ContextEngineID != "" && n.ContextEngineID != r.Engine.ID() {
		return &Error{CodeNotAuthenticated, errNoCommunity}
	}
	if finder, ok := r.Access.(CommunityFinder); ok {
		if c, ok := finder.CommunityOf(to.SecurityName, n.ContextName, at); ok {
			to.Community = manager.Community(c)
			return nil
		}
	}
	return &Error{CodeNotAuthenticated, errNoCommunity}
}
