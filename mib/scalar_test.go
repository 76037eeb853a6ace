package mib

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

var sysLocation = ber.MustOID("1.3.6.1.2.1.1.6")

// TestScalarRead: a scalar has exactly one instance, Object.0 (RFC 2578 §7).
func TestScalarRead(t *testing.T) {
	tree := NewTree()
	value := pdu.OctetString("cellar")
	if err := (Scalar{Object: sysLocation, Get: Value(func() pdu.Value { return value })}).Register(tree); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		oid  ber.OID
		want pdu.Value
	}{
		{"2578-7-1 the instance", sysLocation.Append(0), value},
		{"2578-7-1 no instance number", sysLocation, pdu.NoSuchInstance},
		{"2578-7-1 another instance number", sysLocation.Append(1), pdu.NoSuchInstance},
		{"behind the instance", sysLocation.Append(0, 0), pdu.NoSuchInstance},
		{"3416-4.2.1-3 the parent", sysLocation.Slice(0, sysLocation.Len()-1), pdu.NoSuchObject},
		{"3416-4.2.1-3 the next object", sysLocation.Slice(0, sysLocation.Len()-1).Append(7), pdu.NoSuchObject},
	} {
		if v, err := tree.Get(new(Request), tt.oid); err != nil || v != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.name, v, err, tt.want)
		}
	}
	dst := make([]pdu.VarBind, 2)
	for from, want := range map[ber.OID]int{"": 1, sysLocation: 1, sysLocation.Append(0): 1, sysLocation.Append(0, 0): 0, sysLocation.Append(1): 0} {
		if n, err := tree.Next(new(Request), from, dst); n != want || err != nil || n == 1 && dst[0] != (pdu.VarBind{Name: sysLocation.Append(0), Value: value}) {
			t.Errorf("Next %v: %d, %v, %v", from, n, dst[0], err)
		}
	}
	// An object that has no instance for the time being.
	value = pdu.NoSuchInstance
	if v, err := tree.Get(new(Request), sysLocation.Append(0)); v != pdu.NoSuchInstance || err != nil {
		t.Errorf("Get: %v, %v", v, err)
	}
	if n, err := tree.Next(new(Request), "", dst); n != 0 || err != nil {
		t.Errorf("Next: %d, %v", n, err)
	}
}

// TestScalarSet: the checks of RFC 3416 §4.2.5 in their order.
func TestScalarSet(t *testing.T) {
	text := func(s string, arcs ...uint32) pdu.VarBind {
		return pdu.VarBind{Name: sysLocation.Append(arcs...), Value: pdu.OctetString(s)}
	}
	number := func(arcs ...uint32) pdu.VarBind {
		return pdu.VarBind{Name: sysLocation.Append(arcs...), Value: pdu.Integer(1)}
	}
	failure := errors.New("no space left on device")
	tests := []struct {
		name  string
		vbs   []pdu.VarBind
		want  pdu.ErrorStatus
		index int
		after string
	}{
		{"works", []pdu.VarBind{text("attic", 0)}, pdu.NoError, 0, "attic"},
		{"3416-4.2.5-6 type", []pdu.VarBind{number(0)}, pdu.WrongType, 1, "cellar"},
		{"3416-4.2.5-7 length", []pdu.VarBind{text(strings.Repeat("x", 256), 0)}, pdu.WrongLength, 1, "cellar"},
		{"3416-4.2.5-9 value", []pdu.VarBind{text("\xff", 0)}, pdu.WrongValue, 1, "cellar"},
		{"3416-4.2.5-10 instance", []pdu.VarBind{text("attic", 1)}, pdu.NoCreation, 1, "cellar"},
		{"no instance", []pdu.VarBind{text("attic")}, pdu.NoCreation, 1, "cellar"},
		{"(3) before (7)", []pdu.VarBind{number(1)}, pdu.WrongType, 1, "cellar"},
		{"(6) before (7)", []pdu.VarBind{text("\xff", 1)}, pdu.WrongValue, 1, "cellar"},
		{"3416-4.2.5-18 twice, the last one counts", []pdu.VarBind{text("attic", 0), text("roof", 0)}, pdu.NoError, 0, "roof"},
		{"twice, the second is bad", []pdu.VarBind{text("attic", 0), number(0)}, pdu.WrongType, 2, "cellar"},
		{"3416-4.2.5-19 commit", []pdu.VarBind{text("full", 0)}, pdu.CommitFailed, 1, "cellar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := NewTree()
			location := "cellar"
			if err := (Scalar{
				Object: sysLocation, Syntax: pdu.TypeOctetString, Check: DisplayString,
				Get: Value(func() pdu.Value { return pdu.OctetString(location) }),
				Set: func(_ *Request, v pdu.Value) error {
					if v.Octets() == "full" {
						return failure
					}
					location = v.Octets()
					return nil
				},
			}).Register(tree); err != nil {
				t.Fatal(err)
			}
			err := tree.Set(new(Request), tt.vbs)
			var e *pdu.StatusError
			if errors.As(err, &e); tt.want == pdu.NoError && err != nil ||
				tt.want != pdu.NoError && (e == nil || *e != pdu.StatusError{Status: tt.want, Index: tt.index}) {
				t.Errorf("%v, want %v at %d", err, tt.want, tt.index)
			}
			if (tt.want == pdu.CommitFailed) != errors.Is(err, failure) {
				t.Errorf("%v does not say why", err)
			}
			if location != tt.after {
				t.Errorf("the value is %q, want %q", location, tt.after)
			}
		})
	}
}

// TestScalarUndo: what another handler's failure undoes has its former value.
func TestScalarUndo(t *testing.T) {
	tree := NewTree()
	location := "cellar"
	var assigned []string
	last := ber.MustOID("1.3.6.1.4.1.32473.99")
	if err := errors.Join(Scalar{
		Object: sysLocation, Syntax: pdu.TypeOctetString,
		Get: Value(func() pdu.Value { return pdu.OctetString(location) }),
		Set: func(_ *Request, v pdu.Value) error {
			location = v.Octets()
			assigned = append(assigned, location)
			return nil
		},
	}.Register(tree), tree.Register(last, &failing{})); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(new(Request), []pdu.VarBind{
		{Name: sysLocation.Append(0), Value: pdu.OctetString("attic")}, {Name: last, Value: pdu.Null},
	})
	var e *pdu.StatusError
	if !errors.As(err, &e) || *e != (pdu.StatusError{Status: pdu.CommitFailed, Index: 2}) {
		t.Errorf("%v, want commitFailed at 2", err)
	}
	if got := strings.Join(assigned, " "); got != "attic cellar" {
		t.Errorf("assigned %q, want the new and the former value", got)
	}
}

// tooLong has no room for a sub-identifier more.
var tooLong = ber.NewOID(slices.Repeat([]uint32{1}, ber.MaxArcs)...)

// textError is what package ber says of text that was taken for an OID.
func textError(o ber.OID) error { return errors.Unwrap(o.CheckPrefix()) }

func TestScalarErrors(t *testing.T) {
	get := Constant(pdu.Integer(1))
	set := func(*Request, pdu.Value) error { return nil }
	for _, tt := range []struct {
		name   string
		scalar Scalar
		want   error
	}{
		{"no object", Scalar{Get: get}, errScalar},
		{"no Get", Scalar{Object: sysLocation}, errScalar},
		{"no Syntax", Scalar{Object: sysLocation, Get: get, Set: set}, errScalar},
		{"text", Scalar{Object: "1.3.6.1.2.1.1.6", Get: get}, textError("1.3.6.1.2.1.1.6")},
		{"text of as many octets as an OID has", Scalar{Object: "1.3.6.1.4.1.32473.12.1", Get: get}, textError("1.3.6.1.4.1.32473.12.1")},
		{"no room for the instance", Scalar{Object: tooLong, Get: get}, errors.Unwrap(tooLong.Append(0).CheckEncodable())},
		{"twice", Scalar{Object: sysLocation, Get: get}, ErrRegistered},
	} {
		tree := NewTree()
		if err := tree.Register(sysLocation, &listHandler{}); err != nil {
			t.Fatal(err)
		}
		if err := tt.scalar.Register(tree); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestScalarInline: writing needs Get too, for the former value.
func TestScalarInline(t *testing.T) {
	for _, tt := range []struct{ blocks, setBlocks, read, write bool }{
		{false, false, true, true},
		{true, false, false, false},
		{false, true, true, false},
		{true, true, false, false},
	} {
		h := newScalar(Scalar{Blocks: tt.blocks, SetBlocks: tt.setBlocks})
		if h.Inline(Read) != tt.read || h.Inline(Write) != tt.write {
			t.Errorf("Blocks %v, SetBlocks %v: inline %v, %v", tt.blocks, tt.setBlocks, h.Inline(Read), h.Inline(Write))
		}
	}
}

func TestScalarNoAllocs(t *testing.T) {
	tree := NewTree()
	rpm := uint32(1450)
	for i := range uint32(100) {
		if err := (Scalar{Object: sysLocation.Append(i), Get: Value(func() pdu.Value { return pdu.Gauge32(rpm) })}).Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	name, want := sysLocation.Append(50, 0), pdu.Gauge32(rpm)
	r := &Request{Inline: true}
	dst := make([]pdu.VarBind, 20)
	if n := testing.AllocsPerRun(100, func() {
		r.Arena.Reset()
		if v, err := tree.Get(r, name); v != want || err != nil {
			t.Fatal(v, err)
		}
		if n, err := tree.Next(r, name, dst); n != len(dst) || err != nil {
			t.Fatal(n, err)
		}
	}); n != 0 {
		t.Errorf("Get and Next allocate %v times", n)
	}
}

// TestScalarFormer: what cannot be undone is not done. A SET to several objects needs the
// value that is there before it; where there is none, or Get fails, it ends with
// commitFailed, as nothing has changed (RFC 3416 §4.2.5), and Set is called at most once.
// A SET to one object is never undone and does without.
func TestScalarFormer(t *testing.T) {
	off := errors.New("device off")
	second := sysLocation.Append(1)
	for _, tt := range []struct {
		name  string
		get   func(*Request) (pdu.Value, error)
		later error // of a Set that is committed afterwards
		want  pdu.ErrorStatus
		sets  int
	}{
		{"a panic", func(*Request) (pdu.Value, error) { panic("oops") }, nil, pdu.CommitFailed, 0},
		{"an error", func(*Request) (pdu.Value, error) { return pdu.Value{}, off }, nil, pdu.CommitFailed, 0},
		{"no value", Constant(pdu.Value{}), nil, pdu.CommitFailed, 0},
		{"another type", Constant(pdu.Gauge32(1)), nil, pdu.CommitFailed, 0},
		{"no instance", Constant(pdu.NoSuchInstance), nil, pdu.NoError, 1},
		{"no instance, and an Undo", Constant(pdu.NoSuchInstance), off, pdu.UndoFailed, 1},
		{"a value, and an Undo", Constant(pdu.Integer(1)), off, pdu.CommitFailed, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree, sets := NewTree(), 0
			err := errors.Join(
				Scalar{Object: sysLocation, Get: tt.get, Syntax: pdu.TypeInteger,
					Set: func(_ *Request, v pdu.Value) error {
						if sets++; v.Syntax() != pdu.TypeInteger {
							t.Errorf("Set gets %v", v)
						}
						return nil
					}}.Register(tree),
				Scalar{Object: second, Get: Constant(pdu.Integer(1)), Syntax: pdu.TypeInteger,
					Set: func(*Request, pdu.Value) error { return tt.later }}.Register(tree))
			if err != nil {
				t.Fatal(err)
			}
			err = tree.Set(new(Request), []pdu.VarBind{{Name: sysLocation.Append(0), Value: pdu.Integer(3)}, {Name: second.Append(0), Value: pdu.Integer(4)}})
			status := &pdu.StatusError{}
			if errors.As(err, &status); status.Status != tt.want || sets != tt.sets {
				t.Errorf("%v after %d calls of Set, want %v after %d", err, sets, tt.want, tt.sets)
			}
			if who := (*HandlerError)(nil); err != nil && !errors.As(err, &who) {
				t.Errorf("%v does not say why", err)
			}
			sets = 0
			if err := tree.Set(new(Request), []pdu.VarBind{{Name: sysLocation.Append(0), Value: pdu.Integer(3)}}); err != nil || sets != 1 {
				t.Errorf("alone: %v after %d calls of Set", err, sets)
			}
		})
	}
}

// TestScalarsOfOneSetter: the tree sees one handler, which undoes on its own a part of what
// it consists of.
func TestScalarsOfOneSetter(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473.1")
	var assigned []string
	scalar := func(arc uint32, set error) Setter {
		h, err := Scalar{
			Object: base.Append(arc), Syntax: pdu.TypeInteger, Get: Constant(pdu.Integer(1)),
			Set: func(_ *Request, v pdu.Value) error {
				assigned = append(assigned, fmt.Sprint(arc, "=", v.Int()))
				return set
			},
		}.Handler()
		if err != nil {
			t.Fatal(err)
		}
		return h.(Setter)
	}
	tree := NewTree()
	if err := tree.Register(base, &pair{scalar(1, nil), scalar(2, errors.New("stuck"))}); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(new(Request), []pdu.VarBind{{Name: base.Append(1, 0), Value: pdu.Integer(5)}, {Name: base.Append(2, 0), Value: pdu.Integer(6)}})
	if !errors.Is(err, pdu.CommitFailed) {
		t.Errorf("%v, want commitFailed", err)
	}
	if got := strings.Join(assigned, " "); got != "1=5 2=6 1=1" {
		t.Errorf("assigned %q", got)
	}
}

// A pair hands the first varbind of a SET on to one Setter and the second to another.
type pair struct{ first, second Setter }

func (p *pair) Get(*Request, ber.OID) (pdu.Value, error)           { return pdu.NoSuchObject, nil }
func (p *pair) Next(*Request, ber.OID, []pdu.VarBind) (int, error) { return 0, nil }

func (p *pair) Test(r *Request, vbs []pdu.VarBind) (Change, error) {
	first, err1 := p.first.Test(r, vbs[:1])
	second, err2 := p.second.Test(r, vbs[1:])
	return pairChange{first, second}, errors.Join(err1, err2)
}

type pairChange struct{ first, second Change }

func (c pairChange) Commit(r *Request) error {
	if err := c.first.Commit(r); err != nil {
		return err
	}
	if err := c.second.Commit(r); err != nil {
		return errors.Join(err, c.first.Undo(r))
	}
	return nil
}

func (c pairChange) Undo(r *Request) error { return errors.Join(c.second.Undo(r), c.first.Undo(r)) }

func (c pairChange) Close() {
	c.first.Close()
	c.second.Close()
}

// A scalar's Handler that is registered above its Object answers for its own instance, and
// for no other one of that length: access was checked for the name that was asked.
func TestScalarElsewhere(t *testing.T) {
	base := ber.MustOID("1.3.6.1.4.1.32473")
	value := pdu.Integer(1)
	h, err := Scalar{
		Object: base.Append(1), Syntax: pdu.TypeInteger,
		Get: Value(func() pdu.Value { return value }),
		Set: func(_ *Request, v pdu.Value) error { value = v; return nil },
	}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	tree := NewTree()
	if err := tree.Register(base, h); err != nil {
		t.Fatal(err)
	}
	for arc, want := range map[uint32]pdu.Value{1: pdu.Integer(1), 2: pdu.NoSuchInstance} {
		if got, err := tree.Get(&Request{}, base.Append(arc, 0)); got != want || err != nil {
			t.Errorf("Get %d.0: %v, %v, want %v", arc, got, err, want)
		}
	}
	for _, name := range []ber.OID{base.Append(2, 0), base.Append(1, 1)} {
		if err := tree.Set(&Request{}, []pdu.VarBind{{Name: name, Value: pdu.Integer(5)}}); !errors.Is(err, pdu.NoCreation) || value != pdu.Integer(1) {
			t.Errorf("Set %v: %v, and the value is %v", name, err, value)
		}
	}
	if err := tree.Set(&Request{}, []pdu.VarBind{{Name: base.Append(1, 0), Value: pdu.Integer(5)}}); err != nil || value != pdu.Integer(5) {
		t.Errorf("%v, and the value is %v", err, value)
	}
}
