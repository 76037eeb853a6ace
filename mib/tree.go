package mib

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A Tree maps subtrees of the OID space to handlers. A handler that is
// registered below another one's prefix takes that part over, as a mount does.
// Trees are safe for concurrent use, registrations may come and go at any time.
type Tree struct {
	mu       sync.Mutex // guards byPrefix and the making of the layout
	byPrefix map[ber.OID]*registration
	layout   atomic.Pointer[layout] // of byPrefix; nil when it has to be made anew

	// sets is how often SETs to what does not block have begun or have come to their
	// end: it is odd while one is carried out. It guards takers and freed, and taken of the
	// registrations.
	sets   atomic.Uint64
	takers int           // how many SETs have taken handlers
	freed  chan struct{} // is closed when handlers are no longer taken; nil: nobody waits for that
}

// NewTree returns an empty Tree.
func NewTree() *Tree { return &Tree{byPrefix: make(map[ber.OID]*registration)} }

// A registration is one handler at one prefix.
type registration struct {
	prefix  ber.OID
	handler Handler
	traits
	taken bool // by a SET that may block, from Test to Close
}

// traits are what is known of a handler.
type traits struct {
	inlineRead, inlineWrite bool
	settable                bool // it is a Setter
	last                    bool // its part of a SET comes after others
	ordered                 bool // Next cannot but return ascending names below prefix
	encodable               bool // prefix is, and so is what is not too long below it
}

// ordered is a Handler of this package's own, whose Next makes names of the OID that it
// returns and of indexes that are sorted: there is no need to look at each again.
type ordered interface{ ordered() ber.OID }

// An encoder is a Handler that can write instances as they are in an answer. It writes
// the first instances at or after from and before end to list, most of them or until
// nothing is Left, and returns how many and the name of the last one. It checks itself
// what Tree.Next checks of others.
type encoder interface {
	encode(r *Request, from, end ber.OID, most int, list *pdu.List) (n int, last ber.OID, err error)
}

// A region is a range of names for which one handler answers. Regions are disjoint and
// sorted. There may be so many of them that none is in the processor's caches: it is one
// line of these, and has all that it takes to read, and to find the handler for a SET.
type region struct {
	handler Handler
	*registration
	single single // if it has a value, that and not the handler is asked: one line less
	part   int32  // 0: all that lies below the registration's prefix; else layout.parts[part-1]
	traits
	_ [6]byte
}

// bounds are where a region starts and ends that is not all that lies below a prefix,
// since another handler is registered further below.
type bounds struct {
	start, end ber.OID // from start up to but without end
}

// endOfTree is greater than any name that can be asked for.
var endOfTree = ber.OID(strings.Repeat("\xff", 4*(ber.MaxArcs+2)))

// ErrRegistered is the reason why a prefix cannot be registered a second time.
var ErrRegistered = errors.New("another handler is registered there")

// ErrNoHandler is the reason why nil cannot be registered.
var ErrNoHandler = errors.New("the Handler is nil")

// Register makes h answer for prefix and everything below it, except for what
// other handlers have registered further below. It fails where prefix is the zero OID, or
// none that names can begin with (ber.OID.CheckPrefix), or is taken (ErrRegistered), and where h
// is nil (ErrNoHandler).
func (t *Tree) Register(prefix ber.OID, h Handler) error {
	if prefix == "" {
		return errors.New("mib: the zero OID cannot be registered: a handler's prefix has 1 to 128 sub-identifiers")
	}
	if err := prefix.CheckPrefix(); err != nil {
		return fmt.Errorf("mib: a handler cannot be registered: %w", err)
	}
	if h == nil {
		return fmt.Errorf("mib: prefix %s: %w", prefix, ErrNoHandler)
	}
	reg := &registration{handler: h}
	if one, ok := singleAt(prefix, h); ok {
		reg.prefix = one.instance.Slice(0, prefix.Len()) // there may be many: one copy of it is enough
	} else {
		reg.prefix = prefix.Clone()
	}
	_, reg.settable = h.(Setter)
	if o, ok := h.(ordered); ok {
		reg.ordered = o.ordered().HasPrefix(prefix)
	}
	reg.encodable = prefix.CheckEncodable() == nil
	if f, ok := h.(follower); ok {
		reg.last = f.comesLast()
	}
	if in, ok := h.(Inliner); ok {
		reg.inlineRead, reg.inlineWrite = in.Inline(Read), in.Inline(Write)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, taken := t.byPrefix[reg.prefix]; taken {
		return fmt.Errorf("mib: prefix %s: %w", prefix, ErrRegistered)
	}
	t.byPrefix[reg.prefix] = reg
	t.layout.Store(nil)
	return nil
}

// Unregister takes the handler at prefix away and reports whether there was one.
// Requests that are under way may still call it.
func (t *Tree) Unregister(prefix ber.OID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.byPrefix[prefix]; !ok {
		return false
	}
	delete(t.byPrefix, prefix)
	t.layout.Store(nil)
	return true
}

// A layout is what look-ups use: the flattened form of what is registered.
type layout struct {
	regions []region
	starts  trie // of regions
	parts   []bounds
}

// load returns the layout as it is now.
func (t *Tree) load() *layout {
	if l := t.layout.Load(); l != nil {
		return l
	}
	return t.arrange()
}

// arrange makes the layout, unless somebody else just has.
func (t *Tree) arrange() *layout {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.layout.Load(); l != nil {
		return l
	}
	l := flatten(t.byPrefix)
	t.layout.Store(l)
	return l
}

// flatten turns nested registrations into disjoint regions. It walks over the
// prefixes in order and keeps a stack of those that enclose the present one.
func flatten(byPrefix map[ber.OID]*registration) *layout {
	regs := make([]*registration, 0, len(byPrefix))
	for _, reg := range byPrefix {
		regs = append(regs, reg)
	}
	slices.SortFunc(regs, func(a, b *registration) int { return a.prefix.Compare(b.prefix) })

	l := &layout{regions: make([]region, 0, len(regs))}
	starts := make([]ber.OID, 0, len(regs))
	var open []*registration
	var at ber.OID // everything before it is done
	upTo := func(end ber.OID) {
		if at < end {
			reg := open[len(open)-1]
			made := region{handler: reg.handler, registration: reg, traits: reg.traits}
			made.single, _ = singleAt(reg.prefix, reg.handler)
			if at != reg.prefix || end != subtreeEnd(reg.prefix) {
				l.parts = append(l.parts, bounds{at, end})
				made.part = int32(len(l.parts))
			}
			l.regions, starts = append(l.regions, made), append(starts, at)
		}
		at = end
	}
	closeTop := func() {
		upTo(subtreeEnd(open[len(open)-1].prefix))
		open = open[:len(open)-1]
	}
	for _, reg := range regs {
		for len(open) > 0 && !reg.prefix.HasPrefix(open[len(open)-1].prefix) {
			closeTop()
		}
		if len(open) > 0 {
			upTo(reg.prefix)
		}
		at = reg.prefix
		open = append(open, reg)
	}
	for len(open) > 0 {
		closeTop()
	}
	l.starts = newTrie(starts)
	return l
}

// singleAt returns what it takes to read h, if all it has is one instance, and that below
// prefix.
func singleAt(prefix ber.OID, h Handler) (one single, ok bool) {
	if s, is := h.(interface{ only() single }); is {
		one = s.only()
	}
	if one.instance.Len() != prefix.Len()+1 || !one.instance.HasPrefix(prefix) {
		return single{}, false
	}
	return one, true
}

func subtreeEnd(prefix ber.OID) ber.OID {
	if end, ok := prefix.After(); ok {
		return end
	}
	return endOfTree
}

// find returns the number of the region that holds name, or of the first one behind it,
// and whether that holds it.
func (l *layout) find(name ber.OID) (i int, holds bool) {
	n, below := l.starts.upTo(name)
	if n == 0 {
		return 0, false
	}
	// The last one that starts before name or there. Where that is all below a prefix,
	// the trie knows whether name is.
	if len(l.parts) > 0 {
		if part := l.regions[n-1].part; part > 0 {
			below = name < l.parts[part-1].end
		}
	}
	if below {
		n--
	}
	return n, below
}

// lookup returns the region that holds name, nil if there is none.
func (l *layout) lookup(name ber.OID) *region {
	if i, holds := l.find(name); holds {
		return &l.regions[i]
	}
	return nil
}

// bounds returns where a region starts and ends, as far as its handler cannot know: what
// lies below its prefix it does.
func (l *layout) bounds(reg *region) bounds {
	switch {
	case reg.part > 0:
		return l.parts[reg.part-1]
	case reg.ordered:
		return bounds{"", endOfTree}
	}
	return bounds{reg.prefix, endOfTree}
}

// start returns where region i starts, endOfTree if there is none.
func (l *layout) start(i int) ber.OID {
	switch {
	case i == len(l.regions):
		return endOfTree
	case l.regions[i].part > 0:
		return l.parts[l.regions[i].part-1].start
	}
	return l.regions[i].prefix
}

// Consistently calls read, which reads objects that do not block and can be repeated,
// so that it sees a consistent state: all of a SET to such objects, or nothing of it. If
// there was one meanwhile, it is called again. Those who read are so many that they
// should not have to wait for each other, nor even to write to the same memory; SETs
// are few.
func (t *Tree) Consistently(read func() error) error {
	for range undisturbed {
		before := t.sets.Load()
		if before%2 == 1 {
			break
		}
		if err := read(); t.sets.Load() == before {
			return err
		}
	}
	t.beginSet()
	defer t.endSet()
	return read()
}

// undisturbed is how often reading is tried while there may be SETs.
const undisturbed = 2

// beginSet waits until nobody else is between beginSet and endSet. It is for what does not
// block, and who waits for it looks again and again.
func (t *Tree) beginSet() {
	for {
		now := t.sets.Load()
		if now%2 == 0 && t.sets.CompareAndSwap(now, now+1) {
			return
		}
		runtime.Gosched()
	}
}

func (t *Tree) endSet() { t.sets.Store(t.sets.Load() + 1) }

// Get returns the value of the instance called name, pdu.NoSuchInstance or
// pdu.NoSuchObject (RFC 3416 §4.2.1). The error is ErrWouldBlock, one of the
// pdu.ErrorStatus that a Handler's Get may return, or a *HandlerError. Handlers that
// may block are not called once r.Context has ended; that is a *HandlerError too.
func (t *Tree) Get(r *Request, name ber.OID) (pdu.Value, error) {
	reg := t.load().lookup(name)
	if reg == nil {
		return pdu.NoSuchObject, nil
	}
	r.enough = 0
	if !reg.inlineRead {
		if err := reg.ready(r); err != nil {
			return pdu.Value{}, err
		}
	}
	v, err := reg.get(r, name)
	if err != nil {
		return pdu.Value{}, reg.failure(err)
	}
	switch v.Syntax() {
	case pdu.TypeObjectIdentifier, pdu.TypeEndOfMibView, 0:
		if !sendable(v) {
			return pdu.Value{}, reg.failure(ErrNoValue)
		}
	}
	return v, nil
}

// Next writes the first instances at or after from to dst, in ascending order,
// and returns how many: 0 if there is none, else at least one, and not more than
// are to be had without much ado: no second call of a handler that may block, no
// long search. It is the search that GETNEXT and GETBULK are made of (RFC 3416
// §4.2.2). Errors are as for Get; n instances before the error are good.
func (t *Tree) Next(r *Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	l := t.load()
	regions := l.regions
	r.enough = r.MaxSteps
	cheap := r.Steps + 2*len(dst) + 64
	for i, _ := l.find(from); i < len(regions) && n < len(dst); {
		reg := &regions[i]
		bounds := l.bounds(reg)
		from = max(from, bounds.start)
		if n > 0 {
			// These will do if more of them would take long.
			if r.enough == 0 || cheap < r.enough {
				r.enough = cheap
			}
			if !reg.inlineRead || !r.step(0) {
				return n, nil
			}
		}
		if err := reg.ready(r); err != nil {
			return n, err
		}
		got, err := reg.next(r, from, dst[n:])
		if err == ErrTooFar && n > 0 {
			return n, nil
		}
		if err != nil {
			return n, reg.failure(err)
		}
		if got < 0 || got > len(dst)-n {
			return n, reg.failure(fmt.Errorf("Next returned %d of at most %d instances", got, len(dst)-n))
		}
		r.step(max(got, 1))
		kept, err := reg.check(from, bounds.end, dst[n:n+got])
		n += kept
		if err != nil {
			return n, err
		}
		if got == 0 || kept < got {
			i++ // this region has no more
			continue
		}
		from = dst[n-1].Name
		if n < len(dst) {
			from = r.Arena.JoinArc(from, 0)
		}
	}
	return n, nil
}

// NextEncoded is Next for a GETBULK and for tables: it writes the first instances at or
// after from and before end to list, most of them or until nothing is Left, and returns
// how many and the name of the last one. Where there is none, that is the name up to which
// there is none: from itself if what is there is no table's, and it is for Next to find.
func (t *Tree) NextEncoded(r *Request, from, end ber.OID, most int, list *pdu.List) (n int, last ber.OID, err error) {
	l := t.load()
	i, _ := l.find(from)
	if i == len(l.regions) {
		return 0, from, nil
	}
	reg := &l.regions[i]
	h, ok := reg.handler.(encoder)
	if !ok || !reg.ordered || !reg.encodable {
		return 0, from, nil
	}
	r.enough = r.MaxSteps
	if err := reg.ready(r); err != nil {
		return 0, "", err
	}
	to := end
	if reg.part > 0 { // else the handler knows its bounds
		bounds := l.bounds(reg)
		from, to = max(from, bounds.start), min(end, bounds.end)
	}
	n, last, err = encode(h, r, from, to, most, list)
	r.step(max(n, 1))
	switch {
	case err != nil:
		err = reg.failure(err)
	case n == 0:
		last = min(end, l.start(i+1))
	}
	return n, last, err
}

// get, next and encode call the handler.

func (reg *region) get(r *Request, name ber.OID) (v pdu.Value, err error) {
	defer Recovered(&err)
	switch one := &reg.single; {
	case one.value == nil:
		return reg.handler.Get(r, name)
	case !one.is(name):
		return pdu.NoSuchInstance, nil
	default:
		return one.value(r)
	}
}

func (reg *region) next(r *Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	defer Recovered(&err)
	if reg.single.value != nil {
		return reg.single.next(r, from, dst)
	}
	return reg.handler.Next(r, from, dst)
}

func encode(h encoder, r *Request, from, end ber.OID, most int, list *pdu.List) (n int, last ber.OID, err error) {
	defer Recovered(&err)
	return h.encode(r, from, end, most, list)
}

// ready fails where the handler cannot be called: r has taken all its steps, or
// the handler may block, and r cannot wait or has no time left.
func (reg *region) ready(r *Request) error {
	switch {
	case !r.step(0):
		return reg.failure(ErrTooFar)
	case reg.inlineRead:
		return nil
	case r.Inline:
		return ErrWouldBlock
	case r.Context != nil && r.Context.Err() != nil:
		return reg.failure(context.Cause(r.Context))
	}
	return nil
}

// check checks what a handler's Next has returned, having been asked for from, and
// returns how many of the first results are good and lie in the region, before end: those
// behind it are behind a handler that is registered further below.
func (reg *region) check(from, end ber.OID, results []pdu.VarBind) (n int, err error) {
	beyond := len(results) > 0 && results[len(results)-1].Name >= end
	for i := range results {
		vb := &results[i]
		if (beyond || !reg.ordered) && vb.Name >= end && vb.Name.HasPrefix(reg.prefix) {
			return i, nil
		}
		if !reg.ordered {
			switch {
			case !vb.Name.HasPrefix(reg.prefix):
				return i, reg.failure(ErrOutside)
			case vb.Name < from, i > 0 && vb.Name == from:
				return i, reg.failure(ErrNotIncreasing)
			}
			from = vb.Name
		}
		if !sendable(vb.Value) || vb.Name.Len() > ber.MaxArcs || len(vb.Name)%4 != 0 || !reg.encodable && vb.Name.CheckEncodable() != nil {
			return i, reg.failure(ErrNoValue)
		}
	}
	return len(results), nil
}

// failure gives a name to what a handler returned, for the log, unless it is one of
// the statuses that a request that reads is answered with, and nothing else is to be
// said: see Handler.
func (reg *registration) failure(err error) error {
	switch err {
	case pdu.GenErr, pdu.TooBig, pdu.AuthorizationError:
		return err
	}
	return &HandlerError{reg.prefix, reg.handler, err}
}

// sendable reports whether v can be the value of an instance.
func sendable(v pdu.Value) bool {
	if v.Syntax() == pdu.TypeObjectIdentifier {
		return sendableOID(v)
	}
	return !v.IsZero() && !v.IsException()
}

func sendableOID(v pdu.Value) bool { return v.OID().CheckEncodable() == nil }
