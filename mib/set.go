package mib

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"snmpstack/pdu"
)

// setScratch is what a SET needs beside its varbinds. It belongs to the Request,
// so that it can be used again.
type setScratch struct {
	parts   []part
	inline  bool          // all parts' handlers are such
	places  []place       // places[i] is where vbs[i] belongs and comes from
	vbs     []pdu.VarBind // grouped by handler: the request's, or what is in copies
	copies  []pdu.VarBind
	scalars []*scalarChange
	used    int // of scalars: the others are for further ones
	// plans are the tableChanges so far, if the SET has several parts: what it is to
	// make of rows that several tables have.
	plans []any
}

// A follower is a Handler whose objects may depend on what another part of the same SET
// does, and so come last.
type follower interface{ comesLast() bool }

// allOf reports whether the SET has no part but that of h, which is then never undone: it
// has been committed, or has failed to be.
func (s *setScratch) allOf(h Handler) bool { return len(s.parts) == 1 && s.parts[0].handler == h }

// scalar returns a Change for a scalar. It is the scalar's until the SET is over.
func (s *setScratch) scalar() *scalarChange {
	if s.used == len(s.scalars) {
		s.scalars = append(s.scalars, new(scalarChange))
	}
	s.used++
	return s.scalars[s.used-1]
}

// A place is the handler of a varbind and its number in the request, from 1.
type place struct {
	*region
	index int
}

// compare puts the places of a SET in the order that the handlers are called in. RFC 3416
// §4.2.5 has all varbinds assigned "as if simultaneously", and the columns of a row may be
// in a table other than the one that makes it. Apart from that the order is that of the
// prefixes, whatever that of the request, so that two SETs in two Trees that have handlers
// with locks of their own in common cannot wait for each other.
func (p place) compare(q place) int {
	switch {
	case p.last == q.last:
		return p.prefix.Compare(q.prefix)
	case q.last:
		return -1
	}
	return 1
}

// A part is one handler's share of a SET.
type part struct {
	*region
	first, end int // in vbs
	change     Change
}

// Set carries out a SetRequest (RFC 3416 §4.2.5): every varbind or none. The
// error is ErrWouldBlock, or a *pdu.StatusError whose Index counts vbs from 1;
// what a handler said beside its status is joined to it, for the log.
//
// Access control has been done: what is left of RFC 3416's checks starts at (2).
func (t *Tree) Set(r *Request, vbs []pdu.VarBind) (err error) {
	s := &r.set
	nobodys := s.group(t, vbs)
	if err := s.lock(t, r); err != nil {
		return err
	}
	defer s.unlock(t)
	defer func() {
		if closing := s.close(); closing != nil {
			err = errors.Join(err, closing)
		}
	}()
	if err := s.test(r); err != nil {
		return err
	}
	if nobodys > 0 {
		// RFC 3416 §4.2.5 (2): no variable of this prefix can be modified
		return &pdu.StatusError{Status: pdu.NotWritable, Index: nobodys}
	}
	if err := s.late(r); err != nil {
		return err
	}
	return s.commit(r)
}

// group sorts the varbinds by the handler they belong to. Within a handler they
// keep the order of the request.
//
// It stops at a varbind that no handler can set and returns its index, 0 if
// there is none. Those before it are worth a test, as one of them may fail and
// is then the one to report.
func (s *setScratch) group(t *Tree, vbs []pdu.VarBind) (nobodys int) {
	l := t.load()
	s.used, s.inline = 0, true
	s.places, s.parts = s.places[:0], s.parts[:0]
	own := true // all handlers are this package's
	for i := range vbs {
		reg := l.lookup(vbs[i].Name)
		if reg == nil || !reg.settable {
			nobodys = i + 1
			break
		}
		s.places = append(s.places, place{reg, i + 1})
		own = own && reg.ordered
	}
	s.vbs = vbs[:len(s.places)]
	// The request's stay as they are, whatever others' handlers do to what they are given:
	// the Response repeats them.
	if sorted := slices.IsSortedFunc(s.places, place.compare); !sorted || !own {
		if !sorted {
			slices.SortStableFunc(s.places, place.compare)
		}
		s.copies = s.copies[:0]
		for _, p := range s.places {
			s.copies = append(s.copies, vbs[p.index-1])
		}
		s.vbs = s.copies
	}
	var last *part
	for i := range s.places {
		if reg := s.places[i].region; last == nil || reg.registration != last.registration {
			s.parts = append(s.parts, part{})
			last = &s.parts[len(s.parts)-1]
			last.region, last.first = reg, i
			s.inline = s.inline && reg.inlineWrite
		}
		last.end = i + 1
	}
	return nobodys
}

// lock serialises SETs that touch the same handlers. One that cannot wait gives
// up, and so does one whose time is over.
//
// A SET to handlers that do not block is over so soon that it keeps all others off
// meanwhile. Any other one takes its handlers, all at once, so that two of them cannot
// wait for each other.
func (s *setScratch) lock(t *Tree, r *Request) error {
	if r.Inline && !s.inline {
		return ErrWouldBlock
	}
	for {
		t.beginSet()
		busy := s.busy(t)
		if busy == nil {
			if !s.inline {
				s.take(true)
				t.takers++
				t.endSet()
			}
			return nil
		}
		if r.Inline {
			t.endSet()
			return ErrWouldBlock
		}
		if t.freed == nil {
			t.freed = make(chan struct{})
		}
		freed := t.freed
		t.endSet()
		var late <-chan struct{}
		if r.Context != nil {
			late = r.Context.Done()
		}
		select {
		case <-freed:
		case <-late:
			e := s.statusError(busy, errBusy, pdu.GenErr)
			return join(e, busy.reason(errBusy, e.Status))
		}
	}
}

// busy returns the first part whose handler another SET has taken, nil if there is none.
func (s *setScratch) busy(t *Tree) *part {
	if t.takers == 0 { // as a rule: then it is not worth a look at each handler's registration
		return nil
	}
	for i := range s.parts {
		if s.parts[i].taken {
			return &s.parts[i]
		}
	}
	return nil
}

// errBusy: another SET has not come to its end. RFC 3416 §4.2.5 (11).
var errBusy = fmt.Errorf("%w: another SET is under way", pdu.ResourceUnavailable)

// unlock ends what lock began.
func (s *setScratch) unlock(t *Tree) {
	if !s.inline {
		t.beginSet()
		s.take(false)
		t.takers--
		if t.freed != nil {
			close(t.freed) // whoever waits tries again
			t.freed = nil
		}
	}
	t.endSet()
	clear(s.places) // what is registered may change before the next SET
	clear(s.parts)
}

// take notes whether the SET's handlers are taken by it.
func (s *setScratch) take(taken bool) {
	for i := range s.parts {
		s.parts[i].taken = taken
	}
}

// test is the first phase. All handlers are asked, so that the varbind that is
// reported is the first one of the request that failed, whatever order the
// handlers are in.
func (s *setScratch) test(r *Request) error {
	var first *pdu.StatusError
	var reason error
	for i := range s.parts {
		p := &s.parts[i]
		change, err := p.test(r, s.vbs[p.first:p.end:p.end])
		if err == nil && change == nil {
			err = ErrNoChange
		}
		if err == nil {
			p.change = change
			continue
		}
		if e := s.statusError(p, err, pdu.GenErr); first == nil || e.Index < first.Index {
			first, reason = e, p.reason(err, e.Status)
		}
	}
	if first == nil {
		return nil
	}
	return join(first, reason)
}

// late fails a SET whose time is over, as long as nothing has changed: who asked
// has given up and may ask again. What does not block takes no time.
func (s *setScratch) late(r *Request) error {
	if r.Inline || r.Context == nil || r.Context.Err() == nil || len(s.parts) == 0 {
		return nil
	}
	p := &s.parts[len(s.parts)-1]
	err := context.Cause(r.Context)
	e := s.statusError(p, err, pdu.GenErr) // RFC 3416 §4.2.5 (12)
	return join(e, p.reason(err, e.Status))
}

// commit is the second phase.
func (s *setScratch) commit(r *Request) error {
	for i := range s.parts {
		err := s.parts[i].commit(r)
		if err == nil {
			continue
		}
		failed := s.statusError(&s.parts[i], err, pdu.CommitFailed)
		failed.Status = pdu.CommitFailed
		undone := !errors.Is(err, pdu.UndoFailed)
		reason := s.parts[i].reason(err, pdu.CommitFailed)
		for j := i - 1; j >= 0; j-- {
			if err := s.parts[j].undo(r); err != nil {
				undone = false
				reason = errors.Join(reason, &HandlerError{s.parts[j].prefix, s.parts[j].handler, err})
			}
		}
		if !undone { // RFC 3416 §4.2.5: undoFailed has the index 0
			failed = &pdu.StatusError{Status: pdu.UndoFailed}
		}
		return join(failed, reason)
	}
	return nil
}

// close ends all Changes, and forgets them and the plans.
func (s *setScratch) close() (err error) {
	for i := range s.parts {
		p := &s.parts[i]
		if p.change == nil {
			continue
		}
		if closing := p.close(); closing != nil {
			err = errors.Join(err, &HandlerError{p.prefix, p.handler, closing})
		}
		p.change = nil
	}
	clear(s.plans)
	s.plans = s.plans[:0]
	return err
}

// test, commit, undo and close call the handler and its Change.

func (p *part) test(r *Request, vbs []pdu.VarBind) (c Change, err error) {
	defer Recovered(&err)
	return p.handler.(Setter).Test(r, vbs)
}

func (p *part) commit(r *Request) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = errors.Join(pdu.UndoFailed, err) // nobody knows what has changed
		}
	}()
	defer Recovered(&err)
	err = p.change.Commit(r)
	returned = true
	return err
}

func (p *part) undo(r *Request) (err error) {
	defer Recovered(&err)
	return p.change.Undo(r)
}

func (p *part) close() (err error) {
	defer Recovered(&err)
	p.change.Close()
	return nil
}

// statusError turns what a handler returned for its part into the status and
// index of the whole request.
func (s *setScratch) statusError(p *part, err error, otherwise pdu.ErrorStatus) *pdu.StatusError {
	at, status := 1, otherwise
	if e := (*pdu.StatusError)(nil); errors.As(err, &e) {
		at, status = e.Index, e.Status
	} else if st := pdu.NoError; errors.As(err, &st) {
		status = st
	}
	switch status {
	case pdu.NoError, pdu.NoSuchName, pdu.BadValue, pdu.ReadOnly: // RFC 3416 §3: only a proxy may send these
		status = otherwise
	}
	if !status.Valid() {
		status = otherwise
	}
	at = min(max(at, 1), p.end-p.first)
	return &pdu.StatusError{Status: status, Index: s.places[p.first+at-1].index}
}

// reason returns what err says beside the status that is sent for it, nil if that is
// all.
func (p *part) reason(err error, sent pdu.ErrorStatus) error {
	if err == sent {
		return nil
	}
	if e, ok := err.(*pdu.StatusError); ok && e.Status == sent {
		return nil
	}
	return &HandlerError{p.prefix, p.handler, err}
}

// join adds the reason, if there is one, to what the peer is told.
func join(e *pdu.StatusError, reason error) error {
	if reason == nil {
		return e
	}
	return errors.Join(e, reason)
}
