package mib

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A target is a row that managers create: Addr is needed before it can be used,
// Port must not change meanwhile.
type target struct {
	Name    string
	Addr    string
	Port    int32
	Note    string
	ID      int32 // the agent's own
	Spin    int32
	Storage StorageType
	Status  RowStatus
}

const (
	colAddr    = 2
	colPort    = 3
	colNote    = 4
	colID      = 5
	colSpin    = 6
	colStorage = 7
	colStatus  = 8
)

var targets = ber.MustOID("1.3.6.1.4.1.32473.9.1")

func targetTable() Table[target] {
	return Table[target]{
		Entry: targets,
		Rows:  &Rows[target]{Index: func(x *Index, r *target) { x.String(&r.Name) }},
		New: func(_ *Request, r *target) error {
			if r.Name == "never" {
				return pdu.NoCreation
			}
			r.ID = 77
			return nil
		},
		Validate: func(_ *Request, old, row *target) error {
			if old != nil && old.Note == "in use" && (row == nil || !row.Status.Active()) {
				return pdu.InconsistentValue
			}
			if row != nil && row.Status.Active() && row.Addr == "odd" && row.Port%2 == 0 {
				return pdu.InconsistentValue
			}
			return nil
		},
		Columns: []Column[target]{
			{Arc: colStatus, RowStatus: func(r *target) *RowStatus { return &r.Status }},
			{Arc: colStorage, StorageType: func(r *target) *StorageType { return &r.Storage }, Default: pdu.Integer(3)},
			{Arc: colSpin, TestAndIncr: func(r *target) *int32 { return &r.Spin }},
			{Arc: colID, Get: func(r *target) pdu.Value { return pdu.Integer(r.ID) }},
			{Arc: colNote, Get: func(r *target) pdu.Value { return pdu.OctetString(r.Note) },
				Set:    func(r *target, v pdu.Value) error { r.Note = v.Octets(); return nil },
				Syntax: pdu.TypeOctetString, Check: DisplayString},
			{Arc: colPort, Get: func(r *target) pdu.Value { return pdu.Integer(r.Port) },
				Set:    func(r *target, v pdu.Value) error { r.Port = v.Int(); return nil },
				Syntax: pdu.TypeInteger, Check: Range(1, 65535), Default: pdu.Integer(162), NotWhileActive: true},
			{Arc: colAddr, Get: func(r *target) pdu.Value {
				if r.Addr == "" {
					return pdu.Value{}
				}
				return pdu.OctetString(r.Addr)
			},
				Set:    func(r *target, v pdu.Value) error { r.Addr = v.Octets(); return nil },
				Syntax: pdu.TypeOctetString, Check: Size(1, 16), Required: true},
		},
	}
}

// at returns the varbind for a column of the row called name.
func at(name string, column uint32, v pdu.Value) pdu.VarBind {
	o := targets.Append(column, uint32(len(name)))
	for _, c := range []byte(name) {
		o = o.Append(uint32(c))
	}
	return pdu.VarBind{Name: o, Value: v}
}

// Varbinds for the row "r", which the tests are about.
func addr(s string) pdu.VarBind         { return at("r", colAddr, pdu.OctetString(s)) }
func port(n int32) pdu.VarBind          { return at("r", colPort, pdu.Integer(n)) }
func note(s string) pdu.VarBind         { return at("r", colNote, pdu.OctetString(s)) }
func spin(n int32) pdu.VarBind          { return at("r", colSpin, pdu.Integer(n)) }
func storage(n StorageType) pdu.VarBind { return at("r", colStorage, pdu.Integer(int32(n))) }
func status(n RowStatus) pdu.VarBind    { return at("r", colStatus, pdu.Integer(int32(n))) }

// The row "r" in each of RFC 2579's states.
var (
	stateA []target
	stateB = []target{{Name: "r", Port: 162, Status: NotReady, Storage: NonVolatile}}
	stateC = []target{{Name: "r", Addr: "a", Port: 162, Status: NotInService, Storage: NonVolatile}}
	stateD = []target{{Name: "r", Addr: "a", Port: 162, Status: Active, Storage: NonVolatile}}
	inUse  = []target{{Name: "r", Addr: "a", Port: 162, Note: "in use", Status: Active, Storage: NonVolatile}}
	odd    = []target{{Name: "r", Addr: "odd", Port: 162, Status: NotInService, Storage: NonVolatile}}
	spun   = []target{{Name: "r", Addr: "a", Spin: 2147483647, Status: Active, Storage: NonVolatile}}
)

func stored(s StorageType) []target {
	return []target{{Name: "r", Addr: "a", Port: 162, Status: Active, Storage: s}}
}

// permutations calls f with vbs in every order, and with each varbind's place in
// the original.
func permutations(vbs []pdu.VarBind, f func([]pdu.VarBind)) {
	if len(vbs) < 2 {
		f(vbs)
		return
	}
	for i := range vbs {
		rest := slices.Delete(slices.Clone(vbs), i, i+1)
		permutations(rest, func(p []pdu.VarBind) { f(append([]pdu.VarBind{vbs[i]}, p...)) })
	}
}

// TestRowStatus goes through the table of states and actions of RFC 2579 §2. The
// order of varbinds does not matter there (2579-RS-4): each SET is tried in all of
// them.
func TestRowStatus(t *testing.T) {
	noWait := func(tb *Table[target]) { tb.NoWait = true }
	implicit := func(tb *Table[target]) { tb.CreateImplicitly = true }
	full := func(tb *Table[target]) { tb.MaxRows = 1 }
	fullOfNonVolatile := func(tb *Table[target]) {
		tb.MaxRows = 1
		tb.Counts = func(r *target) bool { return r.Storage == NonVolatile }
	}
	noted := func(tb *Table[target]) {
		tb.Complete = func(action RowStatus, r *target) bool { return r.Note != "" || action == CreateAndGo }
	}
	const ok = pdu.NoError
	gone := RowStatus(0)
	tests := []struct {
		name   string
		state  []target
		option func(*Table[target])
		set    []pdu.VarBind
		want   pdu.ErrorStatus
		blamed pdu.VarBind // the varbind that error-index has to point at
		after  RowStatus   // the status column; gone: there is none
	}{
		{"2579-RS-A4 createAndGo", stateA, nil, []pdu.VarBind{status(CreateAndGo), addr("a")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-A4b createAndGo without what is required", stateA, nil, []pdu.VarBind{note("x"), status(CreateAndGo)}, pdu.InconsistentValue, status(CreateAndGo), gone},
		{"2579-RS-A4b createAndGo with inconsistent values", stateA, nil, []pdu.VarBind{status(CreateAndGo), addr("odd"), port(2)}, pdu.InconsistentValue, status(CreateAndGo), gone},
		{"2579-RS-A4 createAndGo with consistent values", stateA, nil, []pdu.VarBind{status(CreateAndGo), addr("odd"), port(3)}, ok, pdu.VarBind{}, Active},
		{"2579-RS-A5 createAndWait with all", stateA, nil, []pdu.VarBind{status(CreateAndWait), addr("a")}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-A5 createAndWait alone, RS-1: never read as 5", stateA, nil, []pdu.VarBind{status(CreateAndWait)}, ok, pdu.VarBind{}, NotReady},
		{"2579-RS-A5b createAndWait not supported", stateA, noWait, []pdu.VarBind{status(CreateAndWait), addr("a")}, pdu.WrongValue, status(CreateAndWait), gone},
		{"2579-RS-A5b createAndGo then is", stateA, noWait, []pdu.VarBind{status(CreateAndGo), addr("a"), port(7), note("n")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-A1 active", stateA, nil, []pdu.VarBind{status(Active), addr("a")}, pdu.InconsistentValue, status(Active), gone},
		{"2579-RS-A1 notInService", stateA, nil, []pdu.VarBind{status(NotInService), addr("a")}, pdu.InconsistentValue, status(NotInService), gone},
		{"2579-RS-A6 destroy A", stateA, nil, []pdu.VarBind{status(Destroy)}, ok, pdu.VarBind{}, gone},
		{"2579-RS-A6 destroy B", stateB, nil, []pdu.VarBind{status(Destroy)}, ok, pdu.VarBind{}, gone},
		{"2579-RS-A6 destroy C, with another column", stateC, nil, []pdu.VarBind{status(Destroy), note("x")}, ok, pdu.VarBind{}, gone},
		{"2579-RS-Ax other column", stateA, nil, []pdu.VarBind{addr("a")}, pdu.InconsistentName, addr("a"), gone},
		{"2579-RS-Ax other column creates, not enough", stateA, implicit, []pdu.VarBind{note("a")}, ok, pdu.VarBind{}, NotReady},
		{"2579-RS-Ax other column creates, enough", stateA, implicit, []pdu.VarBind{note("a"), addr("a")}, ok, pdu.VarBind{}, NotInService},

		{"2579-RS-B4 createAndGo in B", stateB, nil, []pdu.VarBind{status(CreateAndGo), addr("a")}, pdu.InconsistentValue, status(CreateAndGo), NotReady},
		{"2579-RS-B4 createAndWait in B", stateB, nil, []pdu.VarBind{status(CreateAndWait), addr("a")}, pdu.InconsistentValue, status(CreateAndWait), NotReady},
		{"2579-RS-B4 createAndGo in C", stateC, nil, []pdu.VarBind{status(CreateAndGo)}, pdu.InconsistentValue, status(CreateAndGo), NotInService},
		{"2579-RS-B4 createAndWait in C", stateC, nil, []pdu.VarBind{status(CreateAndWait)}, pdu.InconsistentValue, status(CreateAndWait), NotInService},
		{"2579-RS-B4 createAndGo in D", stateD, nil, []pdu.VarBind{status(CreateAndGo)}, pdu.InconsistentValue, status(CreateAndGo), Active},
		{"2579-RS-B4 createAndWait in D", stateD, nil, []pdu.VarBind{status(CreateAndWait)}, pdu.InconsistentValue, status(CreateAndWait), Active},
		{"2579-RS-B1 active without the missing column", stateB, nil, []pdu.VarBind{status(Active), note("x")}, pdu.InconsistentValue, status(Active), NotReady},
		{"2579-RS-B1 active with the missing column", stateB, nil, []pdu.VarBind{status(Active), addr("a")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-B1 active with an unacceptable value", stateB, nil, []pdu.VarBind{status(Active), addr("odd")}, pdu.InconsistentValue, status(Active), NotReady},
		{"2579-RS-B2 notInService without the missing column", stateB, nil, []pdu.VarBind{status(NotInService)}, pdu.InconsistentValue, status(NotInService), NotReady},
		{"2579-RS-B2 notInService with the missing column", stateB, nil, []pdu.VarBind{status(NotInService), addr("a")}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-Bx other column, still not ready", stateB, nil, []pdu.VarBind{note("x")}, ok, pdu.VarBind{}, NotReady},
		{"2579-RS-Bx other column, the last one", stateB, nil, []pdu.VarBind{addr("x")}, ok, pdu.VarBind{}, NotInService},

		{"2579-RS-B1 active without what Complete asks for", stateC, noted, []pdu.VarBind{status(Active)}, pdu.InconsistentValue, status(Active), NotInService},
		{"2579-RS-B1 active with what Complete asks for", stateB, noted, []pdu.VarBind{status(Active), addr("a"), note("x")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-Bx other column, not what Complete asks for", stateB, noted, []pdu.VarBind{addr("a")}, ok, pdu.VarBind{}, NotReady},
		{"2579-RS-Bx other column, what Complete asks for", stateC, noted, []pdu.VarBind{note("x")}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-A4 createAndGo, whom Complete lets pass", stateA, noted, []pdu.VarBind{status(CreateAndGo), addr("a")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-A4b createAndGo without a Required column", stateA, noted, []pdu.VarBind{status(CreateAndGo)}, pdu.InconsistentValue, status(CreateAndGo), gone},
		{"2579-RS-A5 createAndWait, whom Complete does not", stateA, noted, []pdu.VarBind{status(CreateAndWait), addr("a")}, ok, pdu.VarBind{}, NotReady},

		{"2579-RS-C1 active", stateC, nil, []pdu.VarBind{status(Active)}, ok, pdu.VarBind{}, Active},
		{"2579-RS-C1 active with inconsistent values", odd, nil, []pdu.VarBind{status(Active)}, pdu.InconsistentValue, status(Active), NotInService},
		{"2579-RS-C1 active, made consistent at once", odd, nil, []pdu.VarBind{status(Active), port(1)}, ok, pdu.VarBind{}, Active},
		{"2579-RS-C2 notInService", stateC, nil, []pdu.VarBind{status(NotInService)}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-C2 other column in C", stateC, nil, []pdu.VarBind{port(9)}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-C2 active in D", stateD, nil, []pdu.VarBind{status(Active)}, ok, pdu.VarBind{}, Active},
		{"2579-RS-C2 active in D, the device's own row", []target{{Name: "r", ID: 1}}, nil, []pdu.VarBind{status(Active)}, ok, pdu.VarBind{}, Active},
		{"2579-RS-D2 notInService in D", stateD, nil, []pdu.VarBind{status(NotInService)}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-D2 not supported", stateD, noWait, []pdu.VarBind{status(NotInService)}, pdu.WrongValue, status(NotInService), Active},
		{"2579-RS-D2 not now", inUse, nil, []pdu.VarBind{status(NotInService)}, pdu.InconsistentValue, status(NotInService), Active},
		{"2579-RS-D6 destroy D", stateD, nil, []pdu.VarBind{status(Destroy)}, ok, pdu.VarBind{}, gone},
		{"2579-RS-D6 destroy a row in use", inUse, nil, []pdu.VarBind{status(Destroy)}, pdu.InconsistentValue, status(Destroy), Active},
		{"2579-RS-Dx other column in D", stateD, nil, []pdu.VarBind{note("x")}, ok, pdu.VarBind{}, Active},
		{"2579-RS-Dx column that cannot change while active", stateD, nil, []pdu.VarBind{note("x"), port(9)}, pdu.InconsistentValue, port(9), Active},
		{"2579-RS-3 active before and after", stateD, nil, []pdu.VarBind{port(9), status(Active)}, pdu.InconsistentValue, port(9), Active},
		{"2579-RS-3 not active after", stateD, nil, []pdu.VarBind{port(9), status(NotInService)}, ok, pdu.VarBind{}, NotInService},
		{"2579-RS-3 not active before", stateC, nil, []pdu.VarBind{port(9), status(Active)}, ok, pdu.VarBind{}, Active},

		{"2579-RS-2 notReady", stateC, nil, []pdu.VarBind{status(NotReady)}, pdu.WrongValue, status(NotReady), NotInService},
		{"2579-RS-2 zero", stateD, nil, []pdu.VarBind{status(0)}, pdu.WrongValue, status(0), Active},
		{"2579-RS-2 seven", stateA, nil, []pdu.VarBind{status(7)}, pdu.WrongValue, status(7), gone},
		{"2579-RS-2 negative", stateA, nil, []pdu.VarBind{status(-1)}, pdu.WrongValue, status(-1), gone},

		{"3416-4.2.5-10 New refuses the row", stateA, nil, []pdu.VarBind{at("never", colStatus, pdu.Integer(5))}, pdu.NoCreation, at("never", colStatus, pdu.Integer(5)), gone},
		{"3416-4.2.5-14 table full", []target{{Name: "other"}}, full, []pdu.VarBind{status(CreateAndWait)}, pdu.ResourceUnavailable, status(CreateAndWait), gone},
		{"3416-4.2.5-14 not full of what counts", []target{{Name: "other"}, {Name: "third"}}, fullOfNonVolatile, []pdu.VarBind{status(CreateAndWait)}, ok, pdu.VarBind{}, NotReady},
		{"3416-4.2.5-14 full of what counts", []target{{Name: "other", Storage: NonVolatile}}, fullOfNonVolatile, []pdu.VarBind{status(CreateAndWait)}, pdu.ResourceUnavailable, status(CreateAndWait), gone},
		{"3416-4.2.5-14 what does not count goes", []target{{Name: "other"}, {Name: "third", Storage: NonVolatile}}, fullOfNonVolatile, []pdu.VarBind{status(CreateAndWait), at("other", colStatus, pdu.Integer(6))}, pdu.ResourceUnavailable, status(CreateAndWait), gone},
		{"3416-4.2.5-14 one goes, one comes", []target{{Name: "other"}}, full, []pdu.VarBind{status(CreateAndWait), at("other", colStatus, pdu.Integer(6))}, ok, pdu.VarBind{}, NotReady},

		{"2579-ST-2 destroy a permanent row", stored(Permanent), nil, []pdu.VarBind{status(Destroy)}, pdu.InconsistentValue, status(Destroy), Active},
		{"2579-ST-2 destroy a readOnly row", stored(ReadOnly), nil, []pdu.VarBind{status(Destroy)}, pdu.InconsistentValue, status(Destroy), Active},
		{"2579-ST-2 change a permanent row", stored(Permanent), nil, []pdu.VarBind{note("x")}, ok, pdu.VarBind{}, Active},
		{"2579-ST-2 3416-4.2.5-12 change a readOnly row", stored(ReadOnly), nil, []pdu.VarBind{note("x")}, pdu.NotWritable, note("x"), Active},
		{"2579-ST-2 take a readOnly row out of service", stored(ReadOnly), nil, []pdu.VarBind{status(NotInService)}, pdu.InconsistentValue, status(NotInService), Active},
		{"2579-ST-3 permanent to volatile", stored(Permanent), nil, []pdu.VarBind{storage(Volatile)}, pdu.WrongValue, storage(Volatile), Active},
		{"2579-ST-3 readOnly to nonVolatile", stored(ReadOnly), nil, []pdu.VarBind{storage(NonVolatile)}, pdu.WrongValue, storage(NonVolatile), Active},
		{"2579-ST-3 volatile to permanent", stored(Volatile), nil, []pdu.VarBind{storage(Permanent)}, pdu.WrongValue, storage(Permanent), Active},
		{"2579-ST-3 nonVolatile to readOnly", stored(NonVolatile), nil, []pdu.VarBind{storage(ReadOnly)}, pdu.WrongValue, storage(ReadOnly), Active},
		{"2579-ST-1 nonVolatile to volatile", stored(NonVolatile), nil, []pdu.VarBind{storage(Volatile)}, ok, pdu.VarBind{}, Active},
		{"2579-ST-1 no such storage", stored(NonVolatile), nil, []pdu.VarBind{storage(6)}, pdu.WrongValue, storage(6), Active},
		{"2579-TAI-1 another value", stateD, nil, []pdu.VarBind{spin(1)}, pdu.InconsistentValue, spin(1), Active},
		{"2579-TAI-1 the value", stateD, nil, []pdu.VarBind{spin(0)}, ok, pdu.VarBind{}, Active},
		{"2579-TAI-2 the largest value", spun, nil, []pdu.VarBind{spin(2147483647)}, ok, pdu.VarBind{}, Active},
		{"2579-TAI-5 any value at creation", stateA, nil, []pdu.VarBind{status(CreateAndWait), spin(77)}, ok, pdu.VarBind{}, NotReady},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			permutations(tt.set, func(vbs []pdu.VarBind) {
				tb := targetTable()
				if tt.option != nil {
					tt.option(&tb)
				}
				tree := NewTree()
				if err := tb.Rows.Store(tt.state); err != nil {
					t.Fatal(err)
				}
				if err := tb.Register(tree); err != nil {
					t.Fatal(err)
				}
				before := slices.Collect(rowsOf(tb.Rows))
				err := tree.Set(new(Request), vbs)
				var e *pdu.StatusError
				switch errors.As(err, &e); {
				case tt.want == ok && err != nil:
					t.Fatalf("%v: %v", vbs, err)
				case tt.want != ok && (e == nil || e.Status != tt.want):
					t.Fatalf("%v: %v, want %v", vbs, err, tt.want)
				case tt.want != ok && vbs[e.Index-1] != tt.blamed:
					t.Errorf("%v: %v, want it at %v", vbs, err, tt.blamed)
				}
				got, err := tree.Get(new(Request), status(0).Name)
				if want := tt.after.value(); err != nil || tt.after != gone && got != want || tt.after == gone && got != pdu.NoSuchInstance {
					t.Errorf("%v: status is %v, want %v", vbs, got, tt.after)
				}
				after := slices.Collect(rowsOf(tb.Rows))
				if tt.want != ok && !slices.Equal(before, after) {
					t.Errorf("%v: the SET failed, but the rows are %v, were %v", vbs, after, before)
				}
				// 2579-RS-5: where any column exists, the status does; RS-8: a row
				// that was destroyed has no instance left.
				statuses, others := 0, 0
				for _, vb := range walk(t, tree, 3) {
					if vb.Name.HasPrefix(targets.Append(colStatus)) {
						statuses++
					} else if vb.Name.HasPrefix(targets.Append(colID)) {
						others++
					}
				}
				if statuses != len(after) || others != len(after) {
					t.Errorf("%v: %d instances of the status, %d of the id, for %d rows", vbs, statuses, others, len(after))
				}
			})
		})
	}
}

func rowsOf[R any](rs *Rows[R]) func(yield func(R) bool) { return rowsIn(rs.Load()) }

func rowsIn[R any](s *Snapshot[R]) func(yield func(R) bool) {
	return func(yield func(R) bool) {
		for _, r := range s.All() {
			if !yield(*r) {
				return
			}
		}
	}
}

// A Default is assigned as if a manager had set it: Set gets nothing that Check refuses,
// and a row that gives the column does not need the Default.
func TestDefaultIsChecked(t *testing.T) {
	type row struct {
		ID    int
		Limit int32
		S     RowStatus
	}
	tree := NewTree()
	rows := &Rows[row]{Index: func(x *Index, r *row) { x.Int(&r.ID) }}
	table := Table[row]{Entry: entry, Rows: rows, Columns: []Column[row]{
		{Arc: 2, Get: func(r *row) pdu.Value { return pdu.Integer(r.Limit) }, Syntax: pdu.TypeInteger, Default: pdu.Integer(500), Check: Range(1, 100),
			Set: func(r *row, v pdu.Value) error {
				if v.Int() > 100 {
					t.Errorf("Set gets %v", v)
				}
				r.Limit = v.Int()
				return nil
			}},
		{Arc: 3, RowStatus: func(r *row) *RowStatus { return &r.S }},
	}}
	if err := table.Register(tree); err != nil {
		t.Fatal(err)
	}
	create := func(id uint32, vbs ...pdu.VarBind) error {
		return tree.Set(new(Request), append(vbs, pdu.VarBind{Name: entry.Append(3, id), Value: pdu.Integer(int32(CreateAndGo))}))
	}
	if err := create(1); !errors.Is(err, pdu.WrongValue) || !strings.Contains(err.Error(), "the Default of column 2") {
		t.Errorf("with the Default: %v", err)
	}
	if err := create(2, pdu.VarBind{Name: entry.Append(2, 2), Value: pdu.Integer(7)}); err != nil {
		t.Errorf("without it: %v", err)
	}
	if rows.Load().Len() != 1 {
		t.Errorf("there are %d rows", rows.Load().Len())
	}
}

// TestRowDefaults: 2579-RS-6 and RFC 2578 §7.9, a row gets the defaults of its
// columns and what New has for those that are read-only.
func TestRowDefaults(t *testing.T) {
	tb := targetTable()
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	if err := tree.Set(new(Request), []pdu.VarBind{addr("a"), status(CreateAndGo), spin(5)}); err != nil {
		t.Fatal(err)
	}
	want := target{Name: "r", Addr: "a", Port: 162, ID: 77, Spin: 5, Storage: NonVolatile, Status: Active}
	if got := tb.Rows.Load().Get(ber.NewOID(1, 'r')); got == nil || *got != want {
		t.Errorf("row %+v, want %+v", got, want)
	}
	// 2579-TAI-2: the value that was set at creation is incremented.
	if err := tree.Set(new(Request), []pdu.VarBind{spin(5)}); err != nil {
		t.Fatal(err)
	}
	if v, _ := tree.Get(new(Request), spin(0).Name); v != pdu.Integer(6) {
		t.Errorf("TestAndIncr is %v, want 6", v)
	}
}

// TestRowColumnRequirements: 2579-RS-7, what a manager learns from Get about a
// row that it has created.
func TestRowColumnRequirements(t *testing.T) {
	tb := targetTable()
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	if err := tree.Set(new(Request), []pdu.VarBind{status(CreateAndWait)}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		column uint32
		want   pdu.Value
	}{
		{"has a default", colPort, pdu.Integer(162)},
		{"is still needed", colAddr, pdu.NoSuchInstance},
		{"is not implemented", 99, pdu.NoSuchObject},
	} {
		if got, err := tree.Get(new(Request), at("r", tt.column, pdu.Null).Name); err != nil || got != tt.want {
			t.Errorf("a column that %s: %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

// TestRowAbandoned: 2579-RS-9, rows that stay notReady or notInService for five
// minutes are removed, also those that were active once.
func TestRowAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tb := targetTable()
		var mu sync.Mutex // rows are removed by a goroutine of their own
		var applied []string
		inUse := ""
		tb.Apply = func(r *Request, old, row *target) error {
			mu.Lock()
			defer mu.Unlock()
			if old != nil && row == nil {
				if old.Name == inUse {
					return pdu.InconsistentValue
				}
				if r.Context == nil {
					t.Error("Apply has no context")
				}
				applied = append(applied, old.Name)
			}
			return nil
		}
		// A row that is not active when the table is registered counts from then.
		if err := tb.Rows.Store([]target{{Name: "early", Status: NotReady}, {Name: "fixed", Status: NotReady, Storage: Permanent}}); err != nil {
			t.Fatal(err)
		}
		tree := NewTree()
		if err := tb.Register(tree); err != nil {
			t.Fatal(err)
		}
		set := func(vbs ...pdu.VarBind) {
			t.Helper()
			if err := tree.Set(new(Request), vbs); err != nil {
				t.Fatal(err)
			}
		}
		names := func() string {
			synctest.Wait()
			var list []string
			for _, r := range tb.Rows.Load().All() {
				list = append(list, r.Name)
			}
			slices.Sort(list)
			return strings.Join(list, " ")
		}
		value := func(s string) pdu.Value { return pdu.OctetString(s) }
		set(at("bare", colStatus, pdu.Integer(5)))
		set(at("ready", colStatus, pdu.Integer(5)), at("ready", colAddr, value("a")))
		set(at("busy", colStatus, pdu.Integer(4)), at("busy", colAddr, value("a")))
		set(at("once", colStatus, pdu.Integer(4)), at("once", colAddr, value("a")))
		set(at("late", colStatus, pdu.Integer(5)))
		set(at("freed", colStatus, pdu.Integer(5)), at("freed", colAddr, value("a")))
		set(at("own", colStatus, pdu.Integer(5)))
		tb.Rows.Update(ber.NewOID(3, 'o', 'w', 'n'), func(r *target) { r.Status = Active }) // the device uses it
		mu.Lock()
		inUse = "freed"
		mu.Unlock()

		time.Sleep(3 * time.Minute)
		set(at("once", colStatus, pdu.Integer(2))) // no longer active
		set(at("late", colNote, value("x")))       // somebody still works on it
		set(at("ready", colStatus, pdu.Integer(1)))
		time.Sleep(2*time.Minute - time.Second)
		if got, want := names(), "bare busy early fixed freed late once own ready"; got != want {
			t.Errorf("just before 5 minutes: %s, want %s", got, want)
		}
		time.Sleep(2 * time.Second)
		if got, want := names(), "busy fixed freed late once own ready"; got != want {
			t.Errorf("after 5 minutes: %s, want %s", got, want)
		}
		mu.Lock()
		inUse = "" // the second try takes it away
		mu.Unlock()
		time.Sleep(3 * time.Minute)
		if got, want := names(), "busy fixed freed own ready"; got != want {
			t.Errorf("after 8 minutes: %s, want %s", got, want)
		}
		time.Sleep(24 * time.Hour)
		if got, want := names(), "busy fixed own ready"; got != want {
			t.Errorf("after a day: %s, want %s", got, want)
		}
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(applied)
		if want := []string{"bare", "early", "freed", "late", "once"}; !slices.Equal(applied, want) {
			t.Errorf("the device was told to drop %v, want %v", applied, want)
		}
	})
}

// TestRowAbandonedNever: a table can keep such rows, and another one has a period
// of its own.
func TestRowAbandonedNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			after time.Duration
			want  int
		}{{-1, 1}, {48 * time.Hour, 1}, {time.Hour, 0}} {
			tb := targetTable()
			tb.Abandoned = tt.after
			tree := NewTree()
			if err := tb.Register(tree); err != nil {
				t.Fatal(err)
			}
			if err := tree.Set(new(Request), []pdu.VarBind{status(CreateAndWait)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			if got := tb.Rows.Load().Len(); got != tt.want {
				t.Errorf("Abandoned %v: %d rows after a day, want %d", tt.after, got, tt.want)
			}
		}
	})
}

// TestRowNotActive: 2579-RS-10 is the owner's part. RowStatus says what it needs.
func TestRowNotActive(t *testing.T) {
	for s, want := range map[RowStatus]bool{0: true, Active: true, NotInService: false, NotReady: false} {
		if s.Active() != want {
			t.Errorf("%v: Active is %v", s, !want)
		}
	}
}
