package notify

import (
	"sync"
	"sync/atomic"

	"snmpstack/agent/internal/managed"
	"snmpstack/mib"
)

// Targets are the rows that say who is told of what. They are made by New and safe for
// concurrent use. The zero Targets tell nobody, and cannot be registered or replaced.
//
// An agent that has Targets tells by them. Several agents may share one.
type Targets struct {
	// Keep, if it is set, is called when a SET has changed rows that are to survive a
	// restart, before it is answered: it stores what Kept returns, for Restore. An
	// error makes the SET fail, and is for the log. It is called from several
	// goroutines, one at a time, may take its time, and is set before Register. Without
	// it no manager's row survives. One function for a System too is the System's: what
	// has none of its own gets that one, and no call of it overlaps another.
	Keep func() error

	addrs    mib.Rows[TargetAddr]
	params   mib.Rows[TargetParams]
	notifies mib.Rows[Notify]
	profiles mib.Rows[FilterProfile]
	filters  mib.Rows[Filter]
	tables   managed.Objects // what Register registers; none before

	selection atomic.Pointer[selection]
	mu        sync.Mutex // held by who replaces rows, or makes a selection
}

// New returns the Targets that statements make. Without any nobody is told. An error
// says which statement is wrong, and in what, or contradicts another one; it does not
// show secrets.
func New(statements ...Statement) (*Targets, error) {
	t := new(Targets)
	t.addrs.Index = indexTargetAddr
	t.params.Index = indexTargetParams
	t.notifies.Index = indexNotify
	t.profiles.Index = indexFilterProfile
	t.filters.Index = indexFilter
	if err := t.Replace(statements...); err != nil {
		return nil, err
	}
	return t, nil
}

// MustNew is New for statements that are right. It panics where New has an error.
func MustNew(statements ...Statement) *Targets {
	t, err := New(statements...)
	if err != nil {
		panic(err)
	}
	return t
}

// Replace puts what statements say in the place of the statements before, all at
// once: no notification goes by some of either. Rows that managers have created stay,
// but for those that a statement is about too. If there is an error, nothing has
// changed.
func (t *Targets) Replace(statements ...Statement) error {
	if t.addrs.Index == nil {
		return errNotMade
	}
	d := newDraft()
	if err := d.add(statements); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, replace := range []func() error{
		func() error { return d.addrs.Replace(&t.addrs, (*TargetAddr).managed) },
		func() error { return d.params.Replace(&t.params, (*TargetParams).managed) },
		func() error { return d.notifies.Replace(&t.notifies, (*Notify).managed) },
		func() error { return d.profiles.Replace(&t.profiles, (*FilterProfile).managed) },
		func() error { return d.filters.Replace(&t.filters, (*Filter).managed) },
	} {
		if err := replace(); err != nil {
			return err // of rows that have been checked: there is none
		}
	}
	t.selection.Store(t.newSelection(nil))
	return nil
}
