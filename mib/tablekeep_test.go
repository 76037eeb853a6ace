package mib

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// TestTableKeep shows when Keep is called (RFC 2579 §2, StorageType): once for each SET
// that concerns what survives a restart, with the rows as they are then.
func TestTableKeep(t *testing.T) {
	const gone = -1
	full := errors.New("the disk is full")
	volatile, nonVolatile := storage(Volatile), storage(NonVolatile)
	last := ber.MustOID("1.3.6.1.4.1.32473.99.0")
	tests := []struct {
		name  string
		rows  []target
		vbs   []pdu.VarBind
		fails error // of Keep
		want  pdu.ErrorStatus
		kept  []RowStatus // of the row "r", at each call
	}{
		{"created", stateA, []pdu.VarBind{status(CreateAndGo), addr("a")}, nil, pdu.NoError, []RowStatus{Active}},
		{"created volatile", stateA, []pdu.VarBind{status(CreateAndGo), addr("a"), volatile}, nil, pdu.NoError, nil},
		{"changed", stateD, []pdu.VarBind{note("x")}, nil, pdu.NoError, []RowStatus{Active}},
		{"changed volatile", stored(Volatile), []pdu.VarBind{note("x")}, nil, pdu.NoError, nil},
		{"changed permanent", stored(Permanent), []pdu.VarBind{note("x")}, nil, pdu.NoError, []RowStatus{Active}},
		{"becomes volatile", stateD, []pdu.VarBind{volatile}, nil, pdu.NoError, []RowStatus{Active}},
		{"becomes nonVolatile", stored(Volatile), []pdu.VarBind{nonVolatile}, nil, pdu.NoError, []RowStatus{Active}},
		{"destroyed", stateD, []pdu.VarBind{status(Destroy)}, nil, pdu.NoError, []RowStatus{gone}},
		{"destroyed where there is none", stateA, []pdu.VarBind{status(Destroy)}, nil, pdu.NoError, nil},
		{"two rows at once", stateD, []pdu.VarBind{note("x"), at("q", colStatus, pdu.Integer(5))}, nil, pdu.NoError, []RowStatus{Active}},
		{"refused", stateD, []pdu.VarBind{port(0)}, nil, pdu.WrongValue, nil},
		{"cannot be kept", stateD, []pdu.VarBind{note("x")}, full, pdu.CommitFailed, []RowStatus{Active}},
		{"created, but cannot be kept", stateA, []pdu.VarBind{status(CreateAndWait)}, full, pdu.CommitFailed, []RowStatus{NotReady}},
		{"undone", stateA, []pdu.VarBind{status(CreateAndWait), {Name: last, Value: pdu.Integer(1)}}, nil, pdu.CommitFailed, []RowStatus{NotReady, gone}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tb := targetTable()
			if err := tb.Rows.Store(tt.rows); err != nil {
				t.Fatal(err)
			}
			var kept []RowStatus
			tb.Keep = func() error {
				state := RowStatus(gone)
				for _, row := range tb.Rows.Load().All() {
					if row.Name == "r" {
						state = row.Status
					}
				}
				kept = append(kept, state)
				return tt.fails
			}
			tree := NewTree()
			if err := errors.Join(tb.Register(tree), tree.Register(last, &failing{})); err != nil {
				t.Fatal(err)
			}
			if err := tree.Set(&Request{Inline: true}, tt.vbs); err != ErrWouldBlock {
				t.Errorf("inline: %v", err)
			}
			before := slices.Collect(rowsOf(tb.Rows))
			err := tree.Set(new(Request), tt.vbs)
			if tt.want == pdu.NoError && err != nil || tt.want != pdu.NoError && !errors.Is(err, tt.want) || tt.fails != nil && !errors.Is(err, tt.fails) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if !slices.Equal(kept, tt.kept) {
				t.Errorf("Keep was called with the row %v, want %v", kept, tt.kept)
			}
			if got := slices.Collect(rowsOf(tb.Rows)); tt.want != pdu.NoError && !slices.Equal(got, before) {
				t.Errorf("there is %+v after a SET that failed, want %+v", got, before)
			}
		})
	}
}

// TestTableKeepUndo: what cannot be undone where it is kept is an undoFailed.
func TestTableKeepUndo(t *testing.T) {
	tb, calls := targetTable(), 0
	tb.Keep = func() error {
		if calls++; calls > 1 {
			return errors.New("the disk is full")
		}
		return nil
	}
	last := ber.MustOID("1.3.6.1.4.1.32473.99.0")
	tree := NewTree()
	if err := errors.Join(tb.Register(tree), tree.Register(last, &failing{})); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(new(Request), []pdu.VarBind{status(CreateAndWait), {Name: last, Value: pdu.Integer(1)}})
	if !errors.Is(err, pdu.UndoFailed) || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
