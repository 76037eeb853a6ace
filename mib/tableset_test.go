package mib

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A setpoint is a row that exists or not as the device pleases: its table has no
// RowStatus.
type setpoint struct {
	ID        int
	Low, High int32
	Locked    bool
}

var setpoints = ber.MustOID("1.3.6.1.4.1.32473.10.1")

func setpointTable() Table[setpoint] {
	return Table[setpoint]{
		Entry: setpoints,
		Rows:  &Rows[setpoint]{Index: func(x *Index, s *setpoint) { x.Int(&s.ID) }},
		Validate: func(_ *Request, old, row *setpoint) error {
			if row.Low > row.High {
				return pdu.InconsistentValue
			}
			return nil
		},
		Columns: []Column[setpoint]{
			{Arc: 1, Get: func(s *setpoint) pdu.Value { return pdu.Integer(int32(s.ID)) }},
			{Arc: 2, Syntax: pdu.TypeInteger, Check: Range(-40, 100),
				Get: func(s *setpoint) pdu.Value { return pdu.Integer(s.Low) },
				Set: func(s *setpoint, v pdu.Value) error {
					if s.Locked {
						return pdu.NotWritable
					}
					s.Low = v.Int()
					return nil
				}},
			{Arc: 3, Syntax: pdu.TypeInteger, Check: Range(-40, 100),
				Get: func(s *setpoint) pdu.Value { return pdu.Integer(s.High) },
				Set: func(s *setpoint, v pdu.Value) error { s.High = v.Int(); return nil }},
		},
	}
}

func setpointTree(t *testing.T, tb Table[setpoint]) *Tree {
	t.Helper()
	if err := tb.Rows.Store([]setpoint{{ID: 1, Low: 10, High: 20}, {ID: 2, Low: 10, High: 20}, {ID: 3, Locked: true}}); err != nil {
		t.Fatal(err)
	}
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

func integer(n int32, arcs ...uint32) pdu.VarBind {
	return pdu.VarBind{Name: setpoints.Append(arcs...), Value: pdu.Integer(n)}
}

// TestTableSet: a table without RowStatus, and the order of checks in RFC 3416
// §4.2.5. What is read-only cannot be set, what is not read-create cannot be created
// (RFC 2578 §7.3).
func TestTableSet(t *testing.T) {
	text := func(s string, arcs ...uint32) pdu.VarBind {
		return pdu.VarBind{Name: setpoints.Append(arcs...), Value: pdu.OctetString(s)}
	}
	tests := []struct {
		name  string
		vbs   []pdu.VarBind
		want  pdu.ErrorStatus
		index int
	}{
		{"one column", []pdu.VarBind{integer(12, 2, 1)}, pdu.NoError, 0},
		{"3416-4.2.5-17 two columns valid only together", []pdu.VarBind{integer(30, 2, 1), integer(40, 3, 1)}, pdu.NoError, 0},
		{"3416-4.2.5-17 in the other order", []pdu.VarBind{integer(40, 3, 1), integer(30, 2, 1)}, pdu.NoError, 0},
		{"3416-4.2.5-17 two rows, column by column", []pdu.VarBind{integer(30, 2, 1), integer(35, 2, 2), integer(40, 3, 1), integer(45, 3, 2)}, pdu.NoError, 0},
		{"3416-4.2.5-13 one of them alone", []pdu.VarBind{integer(30, 2, 1)}, pdu.InconsistentValue, 1},
		{"3416-4.2.5-13 a row behind a good one", []pdu.VarBind{integer(12, 2, 1), integer(30, 2, 2)}, pdu.InconsistentValue, 2},
		{"3416-4.2.5-18 twice, the last one counts", []pdu.VarBind{integer(30, 2, 1), integer(12, 2, 1)}, pdu.NoError, 0},
		{"3416-4.2.5-18 twice, the last one is bad", []pdu.VarBind{integer(12, 2, 1), integer(30, 2, 1)}, pdu.InconsistentValue, 1},
		{"3416-4.2.5-5 read-only column", []pdu.VarBind{integer(1, 1, 1)}, pdu.NotWritable, 1},
		{"3416-4.2.5-5 unknown column", []pdu.VarBind{integer(1, 4, 1)}, pdu.NotWritable, 1},
		{"3416-4.2.5-5 entry", []pdu.VarBind{integer(1)}, pdu.NotWritable, 1},
		{"(2) before (3)", []pdu.VarBind{text("x", 1, 1)}, pdu.NotWritable, 1},
		{"3416-4.2.5-6 wrong type", []pdu.VarBind{text("x", 2, 1)}, pdu.WrongType, 1},
		{"3416-4.2.5-6 NULL", []pdu.VarBind{{Name: setpoints.Append(2, 1), Value: pdu.Null}}, pdu.WrongType, 1},
		{"(3) before (7)", []pdu.VarBind{text("x", 2, 99)}, pdu.WrongType, 1},
		{"3416-4.2.5-9 wrong value", []pdu.VarBind{integer(101, 2, 1)}, pdu.WrongValue, 1},
		{"(6) before (7)", []pdu.VarBind{integer(101, 2, 99)}, pdu.WrongValue, 1},
		{"3416-4.2.5-10 no such row", []pdu.VarBind{integer(1, 2, 99)}, pdu.NoCreation, 1},
		{"3416-4.2.5-10 no index", []pdu.VarBind{integer(1, 2)}, pdu.NoCreation, 1},
		{"3416-4.2.5-10 an index too long", []pdu.VarBind{integer(1, 2, 1, 1)}, pdu.NoCreation, 1},
		{"3416-4.2.5-12 an instance that is read-only", []pdu.VarBind{integer(1, 2, 3)}, pdu.NotWritable, 1},
		{"3416-4.2.5-16 the third fails", []pdu.VarBind{integer(12, 2, 1), integer(15, 3, 2), integer(1, 2, 99)}, pdu.NoCreation, 3},
		{"the first that fails, whatever the rule", []pdu.VarBind{integer(1, 2, 99), integer(12, 2, 1), integer(1, 1, 1)}, pdu.NoCreation, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tb := setpointTable()
			tree := setpointTree(t, tb)
			before := tb.Rows.Load()
			err := tree.Set(new(Request), tt.vbs)
			if tt.want == pdu.NoError {
				if err != nil {
					t.Fatal(err)
				}
				for i, vb := range tt.vbs {
					if slices.ContainsFunc(tt.vbs[i+1:], func(o pdu.VarBind) bool { return o.Name == vb.Name }) {
						continue
					}
					if v, err := tree.Get(new(Request), vb.Name); err != nil || v != vb.Value {
						t.Errorf("%v reads %v, %v", vb, v, err)
					}
				}
				return
			}
			var e *pdu.StatusError
			if !errors.As(err, &e) || *e != (pdu.StatusError{Status: tt.want, Index: tt.index}) {
				t.Errorf("%v, want %v at %d", err, tt.want, tt.index)
			}
			if tb.Rows.Load() != before {
				t.Error("the rows have changed")
			}
		})
	}
}

// applied records what a table has its device do, and can fail at it.
type applied struct {
	log  []string
	fail map[string]bool
}

func (a *applied) apply(_ *Request, old, row *setpoint) error {
	line := fmt.Sprintf("%d: %d→%d", row.ID, old.Low, row.Low)
	a.log = append(a.log, line)
	if a.fail[line] {
		return errors.New("valve is stuck")
	}
	return nil
}

// TestTableApply: RFC 3416 §4.2.5, second phase. What fails at an assignment is
// commitFailed at its varbind after everything else was undone, or undoFailed
// with index 0.
func TestTableApply(t *testing.T) {
	tests := []struct {
		name string
		fail []string
		want error
		log  []string
	}{
		{"works", nil, nil, []string{"1: 10→11", "2: 10→12"}},
		{"3416-4.2.5-19 the first fails", []string{"1: 10→11"}, &pdu.StatusError{Status: pdu.CommitFailed, Index: 1}, []string{"1: 10→11"}},
		{"3416-4.2.5-19 the second fails", []string{"2: 10→12"}, &pdu.StatusError{Status: pdu.CommitFailed, Index: 2},
			[]string{"1: 10→11", "2: 10→12", "1: 11→10"}},
		{"3416-4.2.5-20 the first cannot be undone", []string{"2: 10→12", "1: 11→10"}, &pdu.StatusError{Status: pdu.UndoFailed},
			[]string{"1: 10→11", "2: 10→12", "1: 11→10"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &applied{fail: map[string]bool{}}
			for _, f := range tt.fail {
				a.fail[f] = true
			}
			tb := setpointTable()
			tb.Apply = a.apply
			tree := setpointTree(t, tb)
			before := tb.Rows.Load()
			err := tree.Set(new(Request), []pdu.VarBind{integer(11, 2, 1), integer(12, 2, 2)})
			if tt.want == nil {
				if err != nil {
					t.Error(err)
				}
			} else {
				var e *pdu.StatusError
				if !errors.As(err, &e) || *e != *tt.want.(*pdu.StatusError) {
					t.Errorf("%v, want %v", err, tt.want)
				}
				if !strings.Contains(err.Error(), "valve is stuck") || !strings.Contains(err.Error(), setpoints.String()) {
					t.Errorf("%v does not say what happened and where", err)
				}
				if tb.Rows.Load() != before {
					t.Error("the rows have changed")
				}
			}
			if !slices.Equal(a.log, tt.log) {
				t.Errorf("the device was told %q, want %q", a.log, tt.log)
			}
		})
	}
}

// TestTableSharedSet: one SET that writes to one row through two tables assigns
// all of it, or nothing.
func TestTableSharedSet(t *testing.T) {
	low, high := setpointTable(), setpointTable()
	low.Validate, high.Validate = nil, nil
	high.Entry = ber.MustOID("1.3.6.1.4.1.32473.11.1")
	high.Rows = low.Rows
	tree := setpointTree(t, low)
	if err := high.Register(tree); err != nil {
		t.Fatal(err)
	}
	vbs := []pdu.VarBind{integer(33, 2, 1), {Name: high.Entry.Append(3, 1), Value: pdu.Integer(44)}}
	if err := tree.Set(new(Request), vbs); err != nil {
		t.Fatal(err)
	}
	if got, want := *low.Rows.Load().Get(ber.NewOID(1)), (setpoint{ID: 1, Low: 33, High: 44}); got != want {
		t.Errorf("row %+v, want %+v", got, want)
	}
	before := slices.Collect(rowsOf(low.Rows))
	last := ber.MustOID("1.3.6.1.4.1.32473.99")
	if err := tree.Register(last, &failing{}); err != nil {
		t.Fatal(err)
	}
	vbs[0].Value, vbs[1].Value = pdu.Integer(1), pdu.Integer(2)
	if err := tree.Set(new(Request), append(vbs, pdu.VarBind{Name: last, Value: pdu.Integer(1)})); !errors.Is(err, pdu.CommitFailed) {
		t.Fatal(err)
	}
	if got := slices.Collect(rowsOf(low.Rows)); !slices.Equal(got, before) {
		t.Errorf("rows %+v, want %+v", got, before)
	}
}

// TestTableOwner: what the owner of the rows does between test and commit is not
// lost, and the SET neither.
func TestTableOwner(t *testing.T) {
	tb := setpointTable()
	tb.Validate = nil
	tb.Apply = func(_ *Request, old, row *setpoint) error { // the owner is about to have news
		tb.Rows.Update(ber.NewOID(1), func(s *setpoint) { s.High = 99 })
		return nil
	}
	tree := setpointTree(t, tb)
	if err := tree.Set(new(Request), []pdu.VarBind{integer(5, 2, 1)}); err != nil {
		t.Fatal(err)
	}
	if got, want := *tb.Rows.Load().Get(ber.NewOID(1)), (setpoint{ID: 1, Low: 5, High: 99}); got != want {
		t.Errorf("row %+v, want %+v", got, want)
	}
	// If the row has gone, there is nothing to assign to.
	tb.Apply = func(_ *Request, old, row *setpoint) error {
		if row.Low == 6 {
			tb.Rows.Delete(ber.NewOID(2))
		}
		return nil
	}
	tree = setpointTree(t, tb)
	err := tree.Set(new(Request), []pdu.VarBind{integer(7, 2, 1), integer(6, 2, 2)})
	var e *pdu.StatusError
	if !errors.As(err, &e) || *e != (pdu.StatusError{Status: pdu.CommitFailed, Index: 2}) {
		t.Errorf("%v, want commitFailed at 2", err)
	}
	if got := tb.Rows.Load().Get(ber.NewOID(1)).Low; got != 10 {
		t.Errorf("half of a SET that failed is there: %d", got)
	}
}

// TestTableSourceSet: rows that are asked for at each request are written to by
// Apply alone.
func TestTableSourceSet(t *testing.T) {
	device := setpoint{ID: 1, Low: 10, High: 20}
	tb := setpointTable()
	index := tb.Rows.Index
	tb.Rows = nil
	down := errors.New("bus is down")
	tb.Source = func(r *Request) (*Snapshot[setpoint], error) {
		if r.ContextName == "down" {
			return nil, down
		}
		return NewSnapshot([]setpoint{device}, index)
	}
	if err := tb.Register(NewTree()); !errors.Is(err, errSource) {
		t.Errorf("writable without Apply: %v", err)
	}
	tb.Apply = func(_ *Request, old, row *setpoint) error { device = *row; return nil }
	tree := NewTree()
	last := ber.MustOID("1.3.6.1.4.1.32473.99")
	if err := errors.Join(tb.Register(tree), tree.Register(last, &failing{})); err != nil {
		t.Fatal(err)
	}
	if err := tree.Set(new(Request), []pdu.VarBind{integer(15, 2, 1)}); err != nil || device.Low != 15 {
		t.Errorf("%v, device %+v", err, device)
	}
	if err := tree.Set(new(Request), []pdu.VarBind{integer(16, 2, 1), {Name: last, Value: pdu.Null}}); !errors.Is(err, pdu.CommitFailed) || device.Low != 15 {
		t.Errorf("%v, device %+v", err, device)
	}
	if err := tree.Set(new(Request), []pdu.VarBind{integer(16, 2, 2)}); !errors.Is(err, pdu.NoCreation) {
		t.Errorf("a row that is not there: %v", err)
	}
	err := tree.Set(&Request{ContextName: "down"}, []pdu.VarBind{integer(16, 2, 1)})
	if !errors.Is(err, pdu.GenErr) || !errors.Is(err, down) {
		t.Errorf("no rows to be had: %v", err)
	}
}

// TestTableKeepsNothing: rows that a SET creates do not point into the request's
// memory.
func TestTableKeepsNothing(t *testing.T) {
	tb := targetTable()
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	var r Request
	var vbs []pdu.VarBind
	for _, vb := range []pdu.VarBind{addr("somewhere"), status(CreateAndGo), note("text")} {
		vb.Name = r.Arena.Join(vb.Name, "")
		if vb.Value.Syntax() == pdu.TypeOctetString {
			octets := r.Arena.Join(ber.OID(vb.Value.Octets()), "")
			vb.Value = pdu.OctetString(string(octets))
		}
		vbs = append(vbs, vb)
	}
	if err := tree.Set(&r, vbs); err != nil {
		t.Fatal(err)
	}
	r.Arena.Poison()
	got := tb.Rows.Load().Get(ber.NewOID(1, 'r'))
	want := target{Name: "r", Addr: "somewhere", Note: "text", Port: 162, ID: 77, Storage: NonVolatile, Status: Active}
	if got == nil || *got != want {
		t.Errorf("row %+v, want %+v", got, want)
	}
}

// TestTableConcurrent: walks see each row as a SET or the owner left it, never
// half of it (3416-4.2.5-23).
func TestTableConcurrent(t *testing.T) {
	tb := setpointTable()
	tb.Validate = nil
	var rows []setpoint
	for i := range 600 {
		rows = append(rows, setpoint{ID: i})
	}
	if err := tb.Rows.Store(rows); err != nil {
		t.Fatal(err)
	}
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			rnd := rand.New(rand.NewPCG(4, uint64(w)))
			for range 2000 {
				id, n := uint32(rnd.IntN(600)), rnd.Int32N(100)
				if err := tree.Set(new(Request), []pdu.VarBind{integer(n, 2, id), integer(n, 3, id)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Go(func() {
		for i := range 2000 {
			tb.Rows.Put(setpoint{ID: 1000 + i%100})
			tb.Rows.Delete(ber.NewOID(uint32(1000 + (i+50)%100)))
		}
	})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, s := range tb.Rows.Load().All() {
					if s.Low != s.High {
						t.Errorf("half of a SET: %+v", *s)
						return
					}
				}
				last := ber.OID("")
				r := new(Request)
				dst := make([]pdu.VarBind, 100)
				for {
					n, err := tree.Next(r, last.Append(0), dst)
					if err != nil {
						t.Error(err)
						return
					}
					if n == 0 {
						break
					}
					last = dst[n-1].Name
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	tb.Rows.Load().check(t)
}
