package mib

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A listHandler serves a sorted list of instances, the way that is easiest to
// get right. It is inline.
type listHandler struct {
	list []pdu.VarBind
	most int // how many Next returns at most; 0: as many as fit
}

func (h *listHandler) Get(_ *Request, name ber.OID) (pdu.Value, error) {
	for _, vb := range h.list {
		if vb.Name == name {
			return vb.Value, nil
		}
	}
	return pdu.NoSuchInstance, nil
}

func (h *listHandler) Next(_ *Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	for _, vb := range h.list {
		if vb.Name >= from && n < len(dst) && (h.most == 0 || n < h.most) {
			dst[n] = vb
			n++
		}
	}
	return n, nil
}

func (h *listHandler) Inline(Operation) bool { return true }

// smallUniverse is all OIDs of one to four sub-identifiers out of a few.
func smallUniverse() []ber.OID {
	var all []ber.OID
	var grow func(o ber.OID)
	grow = func(o ber.OID) {
		if o != "" {
			all = append(all, o)
		}
		if o.Len() < 4 {
			for _, arc := range []uint32{0, 1, 2, math.MaxUint32} {
				grow(o.Append(arc))
			}
		}
	}
	grow("")
	return all // in ascending order
}

// TestTreeAgainstModel registers handlers at random prefixes, inside each other's
// subtrees too. The model is slow: the handler of a name is the one with the
// longest prefix of it.
func TestTreeAgainstModel(t *testing.T) {
	universe := smallUniverse()
	if !slices.IsSorted(universe) {
		t.Fatal("universe is not sorted")
	}
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(5, seed))
		tree := NewTree()
		registered := map[ber.OID]*listHandler{}
		owner := func(o ber.OID) *listHandler {
			for n := o.Len(); n > 0; n-- {
				if h := registered[o.Slice(0, n)]; h != nil {
					return h
				}
			}
			return nil
		}
		for step := range 40 {
			prefix := universe[rnd.IntN(len(universe))]
			if prefix.Len() == 1 && rnd.IntN(3) > 0 {
				prefix = prefix.Append(1)
			}
			if prefix.CheckPrefix() != nil { // as no name can begin
				if err := tree.Register(prefix, &listHandler{}); err == nil {
					t.Fatalf("%v was registered", prefix)
				}
			} else if _, there := registered[prefix]; there {
				if err := tree.Register(prefix, &listHandler{}); !errors.Is(err, ErrRegistered) {
					t.Fatalf("a second handler at %v: %v", prefix, err)
				}
				if rnd.IntN(2) == 0 {
					if !tree.Unregister(prefix) {
						t.Fatalf("Unregister %v found nothing", prefix)
					}
					delete(registered, prefix)
				}
			} else {
				if tree.Unregister(prefix) {
					t.Fatalf("Unregister %v found something", prefix)
				}
				// It serves everything below its prefix, also what is not its own.
				h := &listHandler{most: rnd.IntN(4)}
				for _, o := range universe {
					if o.CheckEncodable() == nil && o.HasPrefix(prefix) && rnd.IntN(2) == 0 {
						h.list = append(h.list, pdu.VarBind{Name: o, Value: pdu.Integer(int32(step))})
					}
				}
				registered[prefix] = h
				if err := tree.Register(prefix, h); err != nil {
					t.Fatal(err)
				}
			}
			if step%4 != 3 {
				continue
			}
			var want []pdu.VarBind
			for _, o := range universe {
				h := owner(o)
				v, err := tree.Get(new(Request), o)
				if err != nil {
					t.Fatal(err)
				}
				if h == nil {
					if v != pdu.NoSuchObject {
						t.Fatalf("Get %v, which is nobody's: %v", o, v)
					}
					continue
				}
				expected, _ := h.Get(nil, o)
				if v != expected {
					t.Fatalf("Get %v: %v, want %v", o, v, expected)
				}
				if !expected.IsException() {
					want = append(want, pdu.VarBind{Name: o, Value: expected})
				}
			}
			for _, run := range []int{1, 3, 1000} {
				if got := walk(t, tree, run); !slices.Equal(got, want) {
					t.Fatalf("seed %d step %d, runs of %d:\n got %v\nwant %v", seed, step, run, got, want)
				}
			}
			for range 20 {
				from := universe[rnd.IntN(len(universe))].Append(0)
				i, _ := slices.BinarySearchFunc(want, from, func(vb pdu.VarBind, o ber.OID) int { return vb.Name.Compare(o) })
				dst := make([]pdu.VarBind, 1+rnd.IntN(3))
				n, err := tree.Next(new(Request), from, dst)
				if err != nil || !slices.Equal(dst[:n], want[i:i+n]) || n == 0 && i < len(want) {
					t.Fatalf("Next %v: %v, %v; want %v", from, dst[:n], err, want[i:])
				}
			}
		}
	}
}

// TestTreeKeys: searches start anywhere, also at what is no OID in a message
// (RFC 3416 §4.2.2).
func TestTreeKeys(t *testing.T) {
	tree := NewTree()
	first := pdu.VarBind{Name: ber.MustOID("1.3.6.1.2.1.1.1.0"), Value: pdu.Integer(1)}
	last := pdu.VarBind{Name: ber.MustOID("2.4294967295.1"), Value: pdu.Integer(2)}
	if err := errors.Join(
		tree.Register(first.Name.Slice(0, 7), &listHandler{list: []pdu.VarBind{first}}),
		tree.Register(ber.NewOID(2, math.MaxUint32), &listHandler{list: []pdu.VarBind{last}}),
	); err != nil {
		t.Fatal(err)
	}
	long := first.Name
	for long.Len() < ber.MaxArcs+1 {
		long = long.Append(math.MaxUint32)
	}
	for _, tt := range []struct {
		name string
		from ber.OID
		want pdu.VarBind
	}{
		{"the zero OID", "", first},
		{"one sub-identifier", ber.NewOID(1), first},
		{"0.0", ber.NewOID(0, 0), first},
		{"the instance", first.Name, first},
		{"right behind it", first.Name.Append(0), last},
		{"129 sub-identifiers", long, last},
		{"between", ber.NewOID(1, 3, 7), last},
		{"a first sub-identifier of 3", ber.NewOID(3), pdu.VarBind{}},
		{"behind all", last.Name.Append(0), pdu.VarBind{}},
		{"the largest sub-identifier", ber.NewOID(math.MaxUint32, math.MaxUint32), pdu.VarBind{}},
	} {
		var dst [1]pdu.VarBind
		n, err := tree.Next(new(Request), tt.from, dst[:])
		if err != nil || dst[0] != tt.want || (n == 0) != (tt.want == pdu.VarBind{}) {
			t.Errorf("Next from %s: %d, %v, %v; want %v", tt.name, n, dst[0], err, tt.want)
		}
	}
}

func TestTreeRegisterErrors(t *testing.T) {
	tree := NewTree()
	if err := tree.Register("", &listHandler{}); err == nil {
		t.Error("the zero OID was registered")
	}
	long := ber.OID(strings.Repeat("\x00\x00\x00\x01", ber.MaxArcs+1))
	if err := tree.Register(long, &listHandler{}); err == nil {
		t.Error("129 sub-identifiers were registered")
	}
	if err := tree.Register(ber.NewOID(3), &listHandler{}); err == nil {
		t.Error("a prefix was registered that no name has")
	}
	if err := tree.Register("1.3.6.1.4.1.32473.3", &listHandler{}); err == nil || !strings.Contains(err.Error(), "MustOID") {
		t.Errorf("text was registered: %v", err)
	}
	if err := tree.Register(ber.NewOID(1, 3), nil); !errors.Is(err, ErrNoHandler) {
		t.Errorf("nil was registered: %v", err)
	}
	if n, err := tree.Next(new(Request), "", make([]pdu.VarBind, 1)); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// brokenHandler answers what it is told to.
type brokenHandler struct {
	value pdu.Value
	err   error
	next  []pdu.VarBind
	n     int
}

func (h *brokenHandler) Get(*Request, ber.OID) (pdu.Value, error) { return h.value, h.err }
func (h *brokenHandler) Next(_ *Request, _ ber.OID, dst []pdu.VarBind) (int, error) {
	copy(dst, h.next)
	return h.n, h.err
}

// TestTreeGuard: what handlers do wrong becomes an error that names the
// registration and the rule, and nothing wrong gets out.
func TestTreeGuard(t *testing.T) {
	prefix := ber.MustOID("1.3.6.1.4.1.32473.1")
	vb := func(arcs ...uint32) pdu.VarBind {
		return pdu.VarBind{Name: prefix.Append(arcs...), Value: pdu.Integer(1)}
	}
	valued := func(v pdu.Value) pdu.VarBind { return pdu.VarBind{Name: prefix.Append(9), Value: v} }
	from := prefix.Append(5)
	long := prefix
	for long.Len() <= ber.MaxArcs {
		long = long.Append(7)
	}
	tests := []struct {
		name string
		next []pdu.VarBind
		n    int
		good int // what comes out
		want error
		text string
	}{
		{"before the key", []pdu.VarBind{vb(4)}, 1, 0, ErrNotIncreasing, ""},
		{"the same twice", []pdu.VarBind{vb(6), vb(6)}, 2, 1, ErrNotIncreasing, ""},
		{"falling", []pdu.VarBind{vb(6), vb(8), vb(7)}, 3, 2, ErrNotIncreasing, ""},
		{"a prefix after what extends it", []pdu.VarBind{vb(6, 1), vb(6)}, 2, 1, ErrNotIncreasing, ""},
		{"outside", []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.4.1.32473"), Value: pdu.Integer(1)}}, 1, 0, ErrOutside, ""},
		{"outside, behind it", []pdu.VarBind{vb(6), {Name: ber.MustOID("1.3.6.1.4.1.32473.2"), Value: pdu.Integer(1)}}, 2, 1, ErrOutside, ""},
		{"no name", []pdu.VarBind{{Value: pdu.Integer(1)}}, 1, 0, ErrOutside, ""},
		{"no value", []pdu.VarBind{valued(pdu.Value{})}, 1, 0, ErrNoValue, ""},
		{"an exception", []pdu.VarBind{vb(6), valued(pdu.NoSuchInstance)}, 2, 1, ErrNoValue, ""},
		{"endOfMibView", []pdu.VarBind{valued(pdu.EndOfMibView)}, 1, 0, ErrNoValue, ""},
		{"an OID without encoding", []pdu.VarBind{valued(pdu.ObjectIdentifier(ber.NewOID(1)))}, 1, 0, ErrNoValue, ""},
		{"129 sub-identifiers", []pdu.VarBind{{Name: long, Value: pdu.Integer(1)}}, 1, 0, ErrNoValue, ""},
		{"a name with text", []pdu.VarBind{{Name: from + "1.0", Value: pdu.Integer(1)}}, 1, 0, ErrNoValue, ""},
		{"more than fits", nil, 4, 0, nil, "Next returned 4 of at most 3 instances"},
		{"less than nothing", nil, -1, 0, nil, "Next returned -1 of at most 3 instances"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := NewTree()
			if err := tree.Register(prefix, &brokenHandler{next: tt.next, n: tt.n}); err != nil {
				t.Fatal(err)
			}
			n, err := tree.Next(new(Request), from, make([]pdu.VarBind, 3))
			var h *HandlerError
			if !errors.As(err, &h) || h.Prefix != prefix || n != tt.good {
				t.Fatalf("%d, %v; want %d and a HandlerError for %v", n, err, tt.good, prefix)
			}
			if tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%v, want %v %s", err, tt.want, tt.text)
			}
			if !strings.Contains(err.Error(), "*mib.brokenHandler at 1.3.6.1.4.1.32473.1: ") {
				t.Errorf("%q does not say who", err)
			}
		})
	}
	for _, v := range []pdu.Value{{}, pdu.EndOfMibView, pdu.ObjectIdentifier("")} {
		tree := NewTree()
		if err := tree.Register(prefix, &brokenHandler{value: v}); err != nil {
			t.Fatal(err)
		}
		if got, err := tree.Get(new(Request), from); !errors.Is(err, ErrNoValue) {
			t.Errorf("Get of %v: %v, %v; want %v", v, got, err, ErrNoValue)
		}
	}
}

// TestTreeErrors: the statuses that a request that reads may be answered with are sent
// as they are. All else, and what is said beside them, has a name in the log.
func TestTreeErrors(t *testing.T) {
	prefix := ber.MustOID("1.3.6.1.4.1.32473.1")
	for _, tt := range []struct {
		err  error
		want error
		who  bool
	}{
		{pdu.GenErr, pdu.GenErr, false},
		{pdu.TooBig, pdu.TooBig, false},
		{pdu.AuthorizationError, pdu.AuthorizationError, false},
		{pdu.ResourceUnavailable, pdu.ResourceUnavailable, true},
		{fmt.Errorf("no sensor: %w", pdu.GenErr), pdu.GenErr, true},
		{errors.ErrUnsupported, errors.ErrUnsupported, true},
		{pdu.NoError, pdu.NoError, true},
	} {
		tree := NewTree()
		if err := tree.Register(prefix, &brokenHandler{err: tt.err}); err != nil {
			t.Fatal(err)
		}
		_, get := tree.Get(new(Request), prefix)
		_, next := tree.Next(new(Request), prefix, make([]pdu.VarBind, 1))
		for _, err := range []error{get, next} {
			var h *HandlerError
			if !errors.Is(err, tt.want) || errors.As(err, &h) != tt.who {
				t.Errorf("%v becomes %v", tt.err, err)
			}
		}
	}
}

// TestTreeInline: who cannot wait gets ErrWouldBlock instead of a call to a
// handler that may block, and what comes before it. Who can wait does so for one
// call at a time, until its time is over.
func TestTreeInline(t *testing.T) {
	tree := NewTree()
	quick := pdu.VarBind{Name: ber.MustOID("1.3.6.1.1.0"), Value: pdu.Integer(1)}
	slow := ber.MustOID("1.3.6.1.2")
	called := 0
	if err := errors.Join(
		Scalar{Object: quick.Name.Slice(0, 5), Get: Constant(quick.Value)}.Register(tree),
		Scalar{Object: slow, Blocks: true, Get: Value(func() pdu.Value { called++; return pdu.Integer(2) })}.Register(tree),
	); err != nil {
		t.Fatal(err)
	}
	r := &Request{Inline: true}
	dst := make([]pdu.VarBind, 5)
	if n, err := tree.Next(r, "", dst); n != 1 || err != nil || dst[0] != quick {
		t.Errorf("Next: %v, %v; want what does not block", dst[:n], err)
	}
	if n, err := tree.Next(r, slow, dst); n != 0 || err != ErrWouldBlock {
		t.Errorf("Next: %d, %v; want ErrWouldBlock", n, err)
	}
	if _, err := tree.Get(r, slow.Append(0)); err != ErrWouldBlock {
		t.Errorf("Get: %v, want ErrWouldBlock", err)
	}
	if called != 0 {
		t.Errorf("the handler was called %d times", called)
	}
	// A worker can wait, but gets no more at once than it has to wait for.
	if n, err := tree.Next(new(Request), "", dst); n != 1 || err != nil {
		t.Errorf("Next by a worker: %d, %v; want what does not block", n, err)
	}
	if n, err := tree.Next(new(Request), slow, dst); n != 1 || err != nil || called != 1 {
		t.Errorf("Next by a worker: %d, %v, %d calls; want one", n, err, called)
	}
	// When its time is over, only what does not block is to be had.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r = &Request{Context: ctx}
	if n, err := tree.Next(r, "", dst); n != 1 || err != nil || dst[0] != quick {
		t.Errorf("Next when time is over: %v, %v; want what does not block", dst[:n], err)
	}
	if n, err := tree.Next(r, slow, dst); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Next when time is over: %d, %v", n, err)
	}
	if _, err := tree.Get(r, slow.Append(0)); !errors.Is(err, context.Canceled) || called != 1 {
		t.Errorf("Get when time is over: %v, %d calls", err, called)
	}
}

// TestTreeEmptyHandlers: handlers without an instance count as steps.
func TestTreeEmptyHandlers(t *testing.T) {
	tree := NewTree()
	base, calls := ber.MustOID("1.3.6.1.4.1.32473"), 0
	for i := range uint32(1000) {
		err := Scalar{Object: base.Append(i), Get: Value(func() pdu.Value { calls++; return pdu.NoSuchInstance })}.Register(tree)
		if err != nil {
			t.Fatal(err)
		}
	}
	dst := make([]pdu.VarBind, 1)
	if n, err := tree.Next(&Request{MaxSteps: 1001}, base, dst); n != 0 || err != nil || calls != 1000 {
		t.Errorf("%d, %v after %d calls; want nothing after 1000", n, err, calls)
	}
	calls = 0
	if n, err := tree.Next(&Request{MaxSteps: 300}, base, dst); n != 0 || !errors.Is(err, ErrTooFar) || calls != 300 {
		t.Errorf("%d, %v after %d calls; want %v after 300", n, err, calls, ErrTooFar)
	}
}

// TestTreeConcurrent registers and unregisters while others walk. What is
// registered all the time has to be seen by every walk.
func TestTreeConcurrent(t *testing.T) {
	tree := NewTree()
	base := ber.MustOID("1.3.6.1.4.1.32473")
	for i := range uint32(10) {
		if err := (Scalar{Object: base.Append(i), Get: Constant(pdu.Integer(1))}).Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range uint32(2) {
		writers.Go(func() {
			for i := range uint32(500) {
				object := base.Append(i%10, w+1, i) // inside another's subtree
				if err := (Scalar{Object: object, Get: Constant(pdu.Integer(2))}).Register(tree); err != nil {
					t.Error(err)
				}
				if !tree.Unregister(object) {
					t.Errorf("%v has gone", object)
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := new(Request)
				dst := make([]pdu.VarBind, 4)
				from, seen := ber.OID(""), 0
				for {
					n, err := tree.Next(r, from, dst)
					if err != nil {
						t.Error(err)
						return
					}
					if n == 0 {
						break
					}
					for _, vb := range dst[:n] {
						if vb.Value == pdu.Integer(1) {
							seen++
						}
					}
					from = dst[n-1].Name.Append(0)
				}
				if seen != 10 {
					t.Errorf("a walk saw %d of 10", seen)
					return
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}

// TestTreeMany: 10⁵ registrations and the first look-up take no more than
// sorting them does. With something quadratic in it this would be minutes.
func TestTreeMany(t *testing.T) {
	const many = 100_000
	tree := NewTree()
	h := &listHandler{}
	start := time.Now()
	base := ber.MustOID("1.3.6.1.4.1.32473")
	for i := range uint32(many) {
		if err := tree.Register(base.Append(i*2654435761%many, i), h); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := tree.Get(new(Request), base.Append(1, 2)); v != pdu.NoSuchObject || err != nil {
		t.Error(v, err)
	}
	if n := len(tree.load().regions); n != many {
		t.Errorf("%d regions, want %d", n, many)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("%d registrations and a look-up took %v", many, d)
	}
}

// inlined is a Handler that hides what a Tree knows of those of this package.
type inlined struct{ Handler }

func (inlined) Inline(Operation) bool { return true }

// A Tree asks Scalars for their values behind their Handlers' backs. What it finds is what
// it finds if these are hidden from it.
func TestSingles(t *testing.T) {
	// Where pointers have 64 bits, as many as fit the processor's caches.
	if line, half := reflect.TypeFor[region]().Size(), reflect.TypeFor[trieNode]().Size(); line > 64 || half != 32 {
		t.Errorf("a region takes %d octets, a node %d", line, half)
	}
	object := ber.MustOID("1.3.6.1.4.1.32473.1")
	scalar := func(o ber.OID, value pdu.Value) Handler {
		h, err := Scalar{Object: o, Get: Constant(value)}.Handler()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	fast, slow := NewTree(), NewTree()
	for prefix, h := range map[ber.OID]Handler{
		object.Append(1):       scalar(object.Append(1), pdu.Gauge32(1)),
		object.Append(2):       scalar(object.Append(2), pdu.NoSuchInstance),
		object.Append(3):       scalar(object.Append(3), pdu.Gauge32(3)),
		object.Append(3, 0, 1): scalar(object.Append(3, 0, 1), pdu.Gauge32(31)), // below the other one's instance
		object.Append(4):       scalar(object.Append(4), pdu.Value{}),           // a mistake
		object.Append(6):       scalar(object.Append(6, 5), pdu.Gauge32(6)),     // further below
		object.Append(7):       scalar(object.Append(8), pdu.Gauge32(7)),        // elsewhere
	} {
		err := errors.Join(fast.Register(prefix, h), slow.Register(prefix, inlined{h}))
		if err != nil {
			t.Fatal(err)
		}
	}
	asText := func(v any, err error) string {
		if failed := (*HandlerError)(nil); errors.As(err, &failed) {
			err = fmt.Errorf("%s: %w", failed.Prefix, failed.Err)
		}
		return fmt.Sprint(v, err)
	}
	names := []ber.OID{"", object}
	for arc := range uint32(9) {
		o := object.Append(arc)
		names = append(names, o, o.Append(0), o.Append(0, 0), o.Append(0, 1), o.Append(0, 1, 0), o.Append(0, 1, 1), o.Append(1), o.Append(5), o.Append(5, 0), o.Append(5, 1))
	}
	for _, name := range names {
		if got, want := asText(fast.Get(&Request{}, name)), asText(slow.Get(&Request{}, name)); got != want {
			t.Errorf("Get %v: %v, want %v", name, got, want)
		}
		for most := range 4 {
			var found, wanted [4]pdu.VarBind
			n, err := fast.Next(&Request{}, name, found[:most])
			m, failed := slow.Next(&Request{}, name, wanted[:most])
			if got, want := asText(found[:n], err), asText(wanted[:m], failed); got != want {
				t.Errorf("Next %v: %v, want %v", name, got, want)
			}
		}
	}
}
