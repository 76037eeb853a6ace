package mib

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A dial is a row of a table that another one augments.
type dial struct {
	ID      int
	Low     int32
	Color   string
	Status  RowStatus
	Storage StorageType
}

var dials, dialColors = ber.MustOID("1.3.6.1.4.1.32473.20.1"), ber.MustOID("1.3.6.1.4.1.32473.30.1")

// TestAugments: a table that AUGMENTS another (RFC 2578 §7.8.1) has its columns in the
// rows that are made there, and abides by their RowStatus and StorageType.
func TestAugments(t *testing.T) { synctest.Test(t, testAugments) }

func testAugments(t *testing.T) {
	rows := &Rows[dial]{Index: func(x *Index, d *dial) { x.Int(&d.ID) }}
	if err := rows.Store([]dial{{ID: 1, Storage: NonVolatile}, {ID: 2, Storage: ReadOnly}, {ID: 3, Status: NotReady}}); err != nil {
		t.Fatal(err)
	}
	kept := 0
	keep := func() error {
		if kept++; rows.Load().Get(ber.NewOID(1)).Color == "red" {
			return errors.New("no room")
		}
		return nil
	}
	status := func(d *dial) *RowStatus { return &d.Status }
	storage := func(d *dial) *StorageType { return &d.Storage }
	tree := NewTree()
	err := Table[dial]{
		Entry: dials, Rows: rows, Keep: keep, Abandoned: -1,
		Columns: []Column[dial]{
			{Arc: 1, Syntax: pdu.TypeInteger, Required: true,
				Get: func(d *dial) pdu.Value {
					if d.Low == 0 {
						return pdu.Value{}
					}
					return pdu.Integer(d.Low)
				},
				Set: func(d *dial, v pdu.Value) error { d.Low = v.Int(); return nil }},
			{Arc: 2, RowStatus: status},
			{Arc: 3, StorageType: storage, Default: pdu.Integer(int32(NonVolatile))},
		},
	}.Register(tree)
	if err != nil {
		t.Fatal(err)
	}
	err = Table[dial]{
		Entry: dialColors, Rows: rows, RowStatus: status, StorageType: storage, Keep: keep, Abandoned: time.Minute,
		Columns: []Column[dial]{
			{Arc: 1, Syntax: pdu.TypeOctetString,
				Get: func(d *dial) pdu.Value { return pdu.OctetString(d.Color) },
				Set: func(d *dial, v pdu.Value) error { d.Color = v.Octets(); return nil }},
			{Arc: 2, Syntax: pdu.TypeOctetString, NotWhileActive: true,
				Get: func(d *dial) pdu.Value { return pdu.OctetString(d.Color) },
				Set: func(d *dial, v pdu.Value) error { d.Color = v.Octets(); return nil }},
		},
	}.Register(tree)
	if err != nil {
		t.Fatal(err)
	}
	color := func(column, id uint32, s string) pdu.VarBind {
		return pdu.VarBind{Name: dialColors.Append(column, id), Value: pdu.OctetString(s)}
	}
	number := func(column, id uint32, n int32) pdu.VarBind {
		return pdu.VarBind{Name: dials.Append(column, id), Value: pdu.Integer(n)}
	}
	tests := []struct {
		name string
		vbs  []pdu.VarBind
		want pdu.ErrorStatus
		kept bool
	}{
		{"a row that is active", []pdu.VarBind{color(1, 1, "blue")}, pdu.NoError, true},
		{"a column that is not to change then", []pdu.VarBind{color(2, 1, "green")}, pdu.InconsistentValue, false},
		{"a row that cannot be kept", []pdu.VarBind{color(1, 1, "red")}, pdu.CommitFailed, true},
		{"one that is readOnly", []pdu.VarBind{color(1, 2, "blue")}, pdu.NotWritable, false},
		{"one that is not ready", []pdu.VarBind{color(2, 3, "blue")}, pdu.NoError, false},
		{"one that there is not", []pdu.VarBind{color(1, 4, "blue")}, pdu.InconsistentName, false},
		{"one that is being made", []pdu.VarBind{number(2, 5, int32(CreateAndWait)), color(1, 5, "blue")}, pdu.NoError, true},
		{"one that is taken out of service", []pdu.VarBind{number(1, 1, 7), number(2, 1, int32(NotInService)), color(1, 1, "black")}, pdu.NoError, true},
		{"and then", []pdu.VarBind{color(2, 1, "white")}, pdu.NoError, true},
	}
	for _, tt := range tests {
		kept = 0
		err := tree.Set(new(Request), tt.vbs)
		var status *pdu.StatusError
		if got := errors.As(err, &status); got != (tt.want != pdu.NoError) || got && status.Status != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if (kept > 0) != tt.kept {
			t.Errorf("%s: kept %d times", tt.name, kept)
		}
	}
	time.Sleep(time.Hour) // what becomes of those that are not ready is for the other table to say
	for id, want := range map[uint32]dial{
		1: {ID: 1, Low: 7, Color: "white", Status: NotInService, Storage: NonVolatile},
		3: {ID: 3, Color: "blue", Status: NotReady}, // it lacks what the other table has
		5: {ID: 5, Color: "blue", Status: NotReady, Storage: NonVolatile},
	} {
		if got := *rows.Load().Get(ber.NewOID(id)); got != want {
			t.Errorf("row %d is %+v, want %+v", id, got, want)
		}
	}
}

// A lastOne comes after all other parts of a SET.
type lastOne struct{ *recorder }

func (lastOne) comesLast() bool { return true }

// TestAugmentsAtOnce: the varbinds of a SET are assigned as if simultaneously (RFC 3416
// §4.2.5), also where the columns of a row are in two tables: whichever comes first in
// the tree or in the request, what one does to the row the other one finds done.
func TestAugmentsAtOnce(t *testing.T) {
	for name, prefixes := range map[string][2]ber.OID{"behind": {dials, dialColors}, "before": {dialColors, dials}} {
		t.Run(name, func(t *testing.T) {
			base, augmenting := prefixes[0], prefixes[1]
			var log []string
			note := func(table string) func(*Request, *dial, *dial) error {
				return func(_ *Request, old, row *dial) error {
					text := func(d *dial) string {
						if d == nil {
							return "-"
						}
						return fmt.Sprint(d.Low, d.Color)
					}
					log = append(log, fmt.Sprintf("%s %s>%s", table, text(old), text(row)))
					return nil
				}
			}
			status := func(d *dial) *RowStatus { return &d.Status }
			rows := &Rows[dial]{Index: func(x *Index, d *dial) { x.Int(&d.ID) }}
			tree := NewTree()
			broken := lastOne{&recorder{name: "broken", log: new([]string), commit: pdu.CommitFailed}}
			err := errors.Join(
				Table[dial]{Entry: base, Rows: rows, Apply: note("base"), MaxRows: 2, Columns: []Column[dial]{
					{Arc: 1, Syntax: pdu.TypeInteger, Check: Range(1, 9), Get: func(d *dial) pdu.Value { return pdu.Integer(d.Low) },
						Set: func(d *dial, v pdu.Value) error { d.Low = v.Int(); return nil }},
					{Arc: 2, RowStatus: status},
				}}.Register(tree),
				Table[dial]{Entry: augmenting, Rows: rows, Apply: note("augmenting"), RowStatus: status, Columns: []Column[dial]{
					{Arc: 1, Syntax: pdu.TypeOctetString, NotWhileActive: true, Get: func(d *dial) pdu.Value { return pdu.OctetString(d.Color) },
						Set: func(d *dial, v pdu.Value) error { d.Color = v.Octets(); return nil }},
				}}.Register(tree),
				tree.Register(ber.MustOID("1.3.6.1.4.1.32473.99"), broken))
			if err != nil {
				t.Fatal(err)
			}
			low := func(id uint32, n int32) pdu.VarBind {
				return pdu.VarBind{Name: base.Append(1, id), Value: pdu.Integer(n)}
			}
			action := func(id uint32, s RowStatus) pdu.VarBind {
				return pdu.VarBind{Name: base.Append(2, id), Value: pdu.Integer(int32(s))}
			}
			color := func(id uint32, s string) pdu.VarBind {
				return pdu.VarBind{Name: augmenting.Append(1, id), Value: pdu.OctetString(s)}
			}
			for _, tt := range []struct {
				name string
				vbs  []pdu.VarBind
				want pdu.StatusError
				log  []string
				rows []dial
			}{
				{"make", []pdu.VarBind{action(1, CreateAndGo), low(1, 4), color(1, "red")}, pdu.StatusError{},
					[]string{"base ->4", "augmenting 4>4red"}, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}}},
				{"and in another order", []pdu.VarBind{color(2, "blue"), action(2, CreateAndGo)}, pdu.StatusError{},
					[]string{"base ->0", "augmenting 0>0blue"}, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}, {ID: 2, Color: "blue", Status: Active}}},
				{"the row cannot be made, and that alone is said", []pdu.VarBind{color(3, "blue"), action(3, CreateAndGo), low(3, 10)}, pdu.StatusError{Status: pdu.WrongValue, Index: 3},
					nil, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}, {ID: 2, Color: "blue", Status: Active}}},
				{"there is no room for it", []pdu.VarBind{color(3, "blue"), action(3, CreateAndGo)}, pdu.StatusError{Status: pdu.ResourceUnavailable, Index: 2},
					nil, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}, {ID: 2, Color: "blue", Status: Active}}},
				{"it is active before and after", []pdu.VarBind{low(1, 5), color(1, "blue")}, pdu.StatusError{Status: pdu.InconsistentValue, Index: 2},
					nil, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}, {ID: 2, Color: "blue", Status: Active}}},
				{"taken out of service", []pdu.VarBind{color(1, "green"), action(1, NotInService)}, pdu.StatusError{},
					[]string{"base 4red>4red", "augmenting 4red>4green"}, []dial{{ID: 1, Low: 4, Color: "green", Status: NotInService}, {ID: 2, Color: "blue", Status: Active}}},
				{"and back", []pdu.VarBind{color(1, "red"), action(1, Active)}, pdu.StatusError{},
					[]string{"base 4green>4green", "augmenting 4green>4red"}, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}, {ID: 2, Color: "blue", Status: Active}}},
				{"destroyed", []pdu.VarBind{action(2, Destroy), color(2, "x")}, pdu.StatusError{},
					[]string{"base 0blue>-"}, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}}},
				{"destroyed though it is not there", []pdu.VarBind{color(2, "x"), action(2, Destroy)}, pdu.StatusError{},
					nil, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}}},
				{"undone", []pdu.VarBind{action(2, CreateAndGo), color(2, "x"), action(1, Destroy), color(1, "y"), {Name: ber.MustOID("1.3.6.1.4.1.32473.99.0"), Value: pdu.Integer(1)}},
					pdu.StatusError{Status: pdu.CommitFailed, Index: 5},
					[]string{"base ->0", "base 4red>-", "augmenting 0>0x", "augmenting 0x>0", "base ->4red", "base 0>-"}, []dial{{ID: 1, Low: 4, Color: "red", Status: Active}}},
			} {
				log = nil
				err := tree.Set(new(Request), tt.vbs)
				got := &pdu.StatusError{}
				if errors.As(err, &got); *got != tt.want {
					t.Errorf("%s: %v, want %v", tt.name, err, &tt.want)
				}
				if !slices.Equal(log, tt.log) {
					t.Errorf("%s: Apply saw %q, want %q", tt.name, log, tt.log)
				}
				var now []dial
				for _, d := range rows.Load().All() {
					now = append(now, *d)
				}
				if !slices.Equal(now, tt.rows) {
					t.Errorf("%s: the rows are %+v, want %+v", tt.name, now, tt.rows)
				}
			}
		})
	}
}

// TestTableShared: 2578-7.8-1, two tables over one snapshot never show different sets of
// rows, whatever the owner does meanwhile (RFC 2578 §7.8, AUGMENTS).
func TestTableShared(t *testing.T) {
	store := sparseRows()
	tree := NewTree()
	other := ber.MustOID("1.3.6.1.4.1.32473.8.1")
	for _, e := range []ber.OID{entry, other} {
		if err := (Table[sparse]{Entry: e, Columns: sparseColumns(), Rows: store}).Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Store([]sparse{{Name: "a", Cells: [4]int32{1, 2, 3, 4}}}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []ber.OID{entry, other} {
		if v, err := tree.Get(new(Request), e.Append(9, 1, 'a')); err != nil || v != pdu.Integer(3) {
			t.Errorf("Get below %v: %v, %v", e, v, err)
		}
	}
}
