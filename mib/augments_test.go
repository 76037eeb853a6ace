package mib

import (
	"errors"
	"testing"

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
func TestAugments(t *testing.T) {
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
		Entry: dials, Rows: rows, Keep: keep,
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
		Entry: dialColors, Rows: rows, RowStatus: status, StorageType: storage, Keep: keep,
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
		{"one that is being made", []pdu.VarBind{number(2, 5, int32(CreateAndWait)), color(1, 5, "blue")}, pdu.InconsistentName, false},
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
	for id, want := range map[uint32]dial{
		1: {ID: 1, Low: 7, Color: "white", Status: NotInService, Storage: NonVolatile},
		3: {ID: 3, Color: "blue", Status: NotReady}, // it lacks what the other table has
	} {
		if got := *rows.Load().Get(ber.NewOID(id)); got != want {
			t.Errorf("row %d is %+v, want %+v", id, got, want)
		}
	}
}
