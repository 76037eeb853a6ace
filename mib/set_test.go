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
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A recorder is a Setter that notes what it is asked to do and fails where it is
// told to.
type recorder struct {
	listHandler
	name   string
	log    *[]string
	test   error
	commit error
	undo   error
	blocks bool
}

func (h *recorder) Inline(op Operation) bool { return op == Read || !h.blocks }

func (h *recorder) Test(_ *Request, vbs []pdu.VarBind) (Change, error) {
	line := h.name + " test"
	for _, vb := range vbs {
		line += fmt.Sprint(" ", vb.Value.Int())
	}
	*h.log = append(*h.log, line)
	if h.test != nil {
		return nil, h.test
	}
	return recorded{h}, nil
}

type recorded struct{ h *recorder }

func (c recorded) Commit(*Request) error {
	*c.h.log = append(*c.h.log, c.h.name+" commit")
	return c.h.commit
}

func (c recorded) Undo(*Request) error {
	*c.h.log = append(*c.h.log, c.h.name+" undo")
	return c.h.undo
}

func (c recorded) Close() { *c.h.log = append(*c.h.log, c.h.name+" close") }

// TestSet: RFC 3416 §4.2.5 over several handlers. a, b and c are registered in
// this order; d is read-only, and e is nobody's.
func TestSet(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473")
	arcs := map[byte]uint32{'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5}
	status := func(s pdu.ErrorStatus, index int) error { return &pdu.StatusError{Status: s, Index: index} }
	stuck := errors.New("stuck")
	tests := []struct {
		name   string
		vbs    string // the handlers of the varbinds, which have the values 1, 2, 3, …
		a, b   recorder
		c      recorder
		want   pdu.StatusError
		reason string // for the log
		log    string
	}{
		{"works, in the order of the handlers", "cab", recorder{}, recorder{}, recorder{}, pdu.StatusError{}, "",
			"a test 2; b test 3; c test 1; a commit; b commit; c commit; a close; b close; c close"},
		{"all of a handler's at once, in the order of the request", "abca", recorder{}, recorder{}, recorder{}, pdu.StatusError{}, "",
			"a test 1 4; b test 2; c test 3; a commit; b commit; c commit; a close; b close; c close"},
		{"3416-4.2.5-16 one fails its test", "bca", recorder{test: status(pdu.WrongValue, 1)}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.WrongValue, Index: 3}, "", "a test 3; b test 1; c test 2; b close; c close"},
		{"a status without an index is at its first", "bca", recorder{test: pdu.NoCreation}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.NoCreation, Index: 3}, "", "a test 3; b test 1; c test 2; b close; c close"},
		{"the index counts a handler's own", "abab", recorder{}, recorder{test: status(pdu.WrongLength, 2)}, recorder{},
			pdu.StatusError{Status: pdu.WrongLength, Index: 4}, "", "a test 1 3; b test 2 4; a close"},
		{"an index that is none", "ab", recorder{}, recorder{test: status(pdu.WrongLength, 9)}, recorder{},
			pdu.StatusError{Status: pdu.WrongLength, Index: 2}, "", "a test 1; b test 2; a close"},
		{"the first in the request is reported", "ba", recorder{test: status(pdu.WrongType, 1)}, recorder{test: status(pdu.WrongValue, 1)}, recorder{},
			pdu.StatusError{Status: pdu.WrongValue, Index: 1}, "", "a test 2; b test 1"},
		{"3416-4.2.5-15 any other failure", "ab", recorder{}, recorder{test: stuck}, recorder{},
			pdu.StatusError{Status: pdu.GenErr, Index: 2}, "at 1.3.6.1.4.1.32473.2: stuck", "a test 1; b test 2; a close"},
		{"what is said beside a status", "ab", recorder{}, recorder{test: fmt.Errorf("%w: %w", pdu.ResourceUnavailable, stuck)}, recorder{},
			pdu.StatusError{Status: pdu.ResourceUnavailable, Index: 2}, "stuck", "a test 1; b test 2; a close"},
		{"a status that is none", "ab", recorder{}, recorder{test: pdu.ErrorStatus(99)}, recorder{},
			pdu.StatusError{Status: pdu.GenErr, Index: 2}, "", "a test 1; b test 2; a close"},
		{"3416-4.2.5-5 read-only", "ad", recorder{}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.NotWritable, Index: 2}, "", "a test 1; a close"},
		{"3416-4.2.5-5 nobody's", "ea", recorder{}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.NotWritable, Index: 1}, "", ""},
		{"one that fails before it", "ae", recorder{test: pdu.WrongType}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.WrongType, Index: 1}, "", "a test 1"},
		{"3416-4.2.5-19 the first commit fails", "abc", recorder{commit: stuck}, recorder{}, recorder{},
			pdu.StatusError{Status: pdu.CommitFailed, Index: 1}, "stuck", "a test 1; b test 2; c test 3; a commit; a close; b close; c close"},
		{"3416-4.2.5-19 the last commit fails", "abc", recorder{}, recorder{}, recorder{commit: status(pdu.GenErr, 1)},
			pdu.StatusError{Status: pdu.CommitFailed, Index: 3}, "",
			"a test 1; b test 2; c test 3; a commit; b commit; c commit; b undo; a undo; a close; b close; c close"},
		{"3416-4.2.5-20 an undo fails", "abc", recorder{}, recorder{undo: stuck}, recorder{commit: errors.ErrUnsupported},
			pdu.StatusError{Status: pdu.UndoFailed}, "stuck",
			"a test 1; b test 2; c test 3; a commit; b commit; c commit; b undo; a undo; a close; b close; c close"},
		{"3416-4.2.5-20 a commit that could not be taken back", "ab", recorder{}, recorder{commit: pdu.UndoFailed}, recorder{},
			pdu.StatusError{Status: pdu.UndoFailed}, "", "a test 1; b test 2; a commit; b commit; a undo; a close; b close"},
		{"3416-4.2-5 no varbinds", "", recorder{}, recorder{}, recorder{}, pdu.StatusError{}, "", ""},
	}
	r := new(Request) // one for all: nothing of a SET is left in it
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log []string
			tree := NewTree()
			for i, h := range []*recorder{&tt.a, &tt.b, &tt.c} {
				h.name, h.log = string(rune('a'+i)), &log
				if err := tree.Register(base.Append(uint32(i+1)), h); err != nil {
					t.Fatal(err)
				}
			}
			if err := tree.Register(base.Append(4), &listHandler{}); err != nil {
				t.Fatal(err)
			}
			var vbs []pdu.VarBind
			for i, c := range []byte(tt.vbs) {
				vbs = append(vbs, pdu.VarBind{Name: base.Append(arcs[c], 0), Value: pdu.Integer(int32(i + 1))})
			}
			err := tree.Set(r, vbs)
			var e *pdu.StatusError
			switch {
			case tt.want.Status == pdu.NoError && err != nil:
				t.Error(err)
			case tt.want.Status != pdu.NoError && (!errors.As(err, &e) || *e != tt.want):
				t.Errorf("%v, want %v", err, &tt.want)
			case tt.reason != "" && !strings.Contains(err.Error(), tt.reason):
				t.Errorf("%q does not tell %q", err, tt.reason)
			}
			if got := strings.Join(log, "; "); got != tt.log {
				t.Errorf("calls:\n got %s\nwant %s", got, tt.log)
			}
		})
	}
}

// TestSetNoChange: a Test that returns nothing at all is a mistake of the
// handler's, not a crash.
func TestSetNoChange(t *testing.T) {
	tree := NewTree()
	object := ber.MustOID("1.3.6.1.4.1.32473.1")
	if err := tree.Register(object, &noChange{}); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(new(Request), []pdu.VarBind{{Name: object, Value: pdu.Null}})
	if !errors.Is(err, pdu.GenErr) || !errors.Is(err, ErrNoChange) {
		t.Errorf("%v, want genErr and ErrNoChange", err)
	}
}

type noChange struct{ listHandler }

func (*noChange) Test(*Request, []pdu.VarBind) (Change, error) { return nil, nil }

// TestSetWouldBlock: a SET that cannot wait has no effect at all if it would
// have to, be it for a handler or for another SET.
func TestSetWouldBlock(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473")
	var log []string
	quick := &recorder{name: "quick", log: &log}
	slow := &recorder{name: "slow", log: &log, blocks: true}
	tree := NewTree()
	if err := errors.Join(tree.Register(base.Append(1), quick), tree.Register(base.Append(2), slow)); err != nil {
		t.Fatal(err)
	}
	both := []pdu.VarBind{{Name: base.Append(1), Value: pdu.Integer(1)}, {Name: base.Append(2), Value: pdu.Integer(2)}}
	if err := tree.Set(&Request{Inline: true}, both); err != ErrWouldBlock {
		t.Errorf("a handler that may block: %v", err)
	}
	if len(log) != 0 {
		t.Errorf("ErrWouldBlock after %q", log)
	}
	// While a worker's SET holds both handlers, nobody inline gets at one.
	held := &holding{recorder: recorder{name: "held", log: &log, blocks: true}}
	held.inTest = func() {
		if err := tree.Set(&Request{Inline: true}, both[:1]); err != ErrWouldBlock {
			t.Errorf("another SET is under way: %v", err)
		}
		// The lock that was free is free again: only the one of quick is held.
		if err := tree.Set(&Request{Inline: true}, []pdu.VarBind{
			{Name: base.Append(0, 1), Value: pdu.Integer(1)}, both[0],
		}); err != ErrWouldBlock {
			t.Errorf("another SET is under way: %v", err)
		}
		if err := tree.Set(&Request{Inline: true}, []pdu.VarBind{{Name: base.Append(0, 1), Value: pdu.Integer(1)}}); err != nil {
			t.Errorf("a handler that nobody uses: %v", err)
		}
	}
	if err := errors.Join(tree.Register(base.Append(3), held),
		tree.Register(base.Append(0), &recorder{name: "zero", log: &log})); err != nil {
		t.Fatal(err)
	}
	vbs := []pdu.VarBind{both[0], {Name: base.Append(3), Value: pdu.Integer(3)}}
	if err := tree.Set(new(Request), vbs); err != nil {
		t.Error(err)
	}
	want := []string{"quick test 1", "zero test 1", "zero commit", "zero close", "held test 3",
		"quick commit", "held commit", "quick close", "held close"}
	if !slices.Equal(log, want) {
		t.Errorf("calls:\n got %q\nwant %q", log, want)
	}
	if err := tree.Set(&Request{Inline: true}, both[:1]); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// holding calls inTest in the middle of a SET.
type holding struct {
	recorder
	inTest func()
}

func (h *holding) Test(r *Request, vbs []pdu.VarBind) (Change, error) {
	h.inTest()
	return h.recorder.Test(r, vbs)
}

// TestSetTakesTooLong: RFC 3416 §4.2.5 (11), (12). A SET whose time is over neither
// waits for another one any longer nor changes anything.
func TestSetTakesTooLong(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473")
	var log []string
	ctx, cancel := context.WithCancel(t.Context())
	tree := NewTree()
	first := &recorder{name: "first", log: &log, blocks: true}
	second := &holding{recorder: recorder{name: "second", log: &log, blocks: true}}
	vbs := []pdu.VarBind{{Name: base.Append(2), Value: pdu.Integer(2)}, {Name: base.Append(1), Value: pdu.Integer(1)}}
	second.inTest = func() {
		cancel()
		err := tree.Set(&Request{Context: ctx}, []pdu.VarBind{{Name: base.Append(0), Value: pdu.Integer(0)}, vbs[1]})
		var status *pdu.StatusError
		if !errors.As(err, &status) || *status != (pdu.StatusError{Status: pdu.ResourceUnavailable, Index: 2}) {
			t.Errorf("while another SET is under way: %v, want resourceUnavailable at 2", err)
		}
	}
	if err := errors.Join(tree.Register(base, &recorder{name: "all", log: &log}),
		tree.Register(base.Append(1), first), tree.Register(base.Append(2), second)); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(&Request{Context: ctx}, vbs)
	var status *pdu.StatusError
	if !errors.As(err, &status) || *status != (pdu.StatusError{Status: pdu.GenErr, Index: 1}) || !errors.Is(err, context.Canceled) {
		t.Errorf("when it is over: %v, want genErr at 1", err)
	}
	if want := []string{"first test 1", "second test 2", "first close", "second close"}; !slices.Equal(log, want) {
		t.Errorf("calls %q, want %q", log, want)
	}
	second.inTest = func() {}
	if err := tree.Set(&Request{Context: t.Context()}, append(vbs, pdu.VarBind{Name: base.Append(0), Value: pdu.Integer(0)})); err != nil {
		t.Errorf("afterwards: %v", err) // all locks are free
	}
}

// TestSetTurns: of SETs to the same handlers, whether they may block or not, there is one
// at a time, and each gets its turn.
func TestSetTurns(t *testing.T) {
	tree := NewTree()
	base := ber.MustOID("1.3.6.1.4.1.32473")
	var busy [2]atomic.Bool
	var taken [2]int
	for i := range taken {
		if err := (Scalar{Object: base.Append(uint32(i)), Syntax: pdu.TypeInteger, SetBlocks: i == 0,
			Get: Constant(pdu.Integer(0)),
			Set: func(*Request, pdu.Value) error {
				if busy[i].Swap(true) {
					t.Error("two at a time")
				}
				taken[i]++
				runtime.Gosched()
				busy[i].Store(false)
				return nil
			},
		}).Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	const each = 200
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			var vbs []pdu.VarBind
			for j := range taken {
				if i%3 != j { // of three, each has one object or both
					vbs = append(vbs, pdu.VarBind{Name: base.Append(uint32(j), 0), Value: pdu.Integer(0)})
				}
			}
			for range each {
				if err := tree.Set(new(Request), vbs); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if want := [2]int{4 * each, 4 * each}; taken != want {
		t.Errorf("%v SETs, want %v", taken, want)
	}
}

// TestSetAtomic: 3416-4.2.5-23, two objects that are always set together are
// never seen apart by who reads Consistently.
func TestSetAtomic(t *testing.T) {
	tree := NewTree()
	objects := []ber.OID{ber.MustOID("1.3.6.1.4.1.32473.1"), ber.MustOID("1.3.6.1.4.1.32473.2")}
	values := make([]atomic.Int32, len(objects))
	for i, o := range objects {
		if err := (Scalar{Object: o, Syntax: pdu.TypeInteger,
			Get: Value(func() pdu.Value { return pdu.Integer(values[i].Load()) }),
			Set: func(_ *Request, v pdu.Value) error { values[i].Store(v.Int()); return nil },
		}).Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var writers, readers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range int32(1000) {
				vbs := []pdu.VarBind{{Name: objects[w].Append(0), Value: pdu.Integer(i)}, {Name: objects[1-w].Append(0), Value: pdu.Integer(i)}}
				if err := tree.Set(&Request{Inline: i%2 == 0}, vbs); err != nil && err != ErrWouldBlock {
					t.Error(err)
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
				var a, b pdu.Value
				err := tree.Consistently(func() error {
					var err1, err2 error
					a, err1 = tree.Get(new(Request), objects[0].Append(0))
					b, err2 = tree.Get(new(Request), objects[1].Append(0))
					return errors.Join(err1, err2)
				})
				if a != b || err != nil {
					t.Errorf("half of a SET: %v and %v, %v", a, b, err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}
