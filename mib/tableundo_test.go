package mib

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// failing is a handler whose SETs fail at commit.
type failing struct{ scalar }

func (f *failing) Test(*Request, []pdu.VarBind) (Change, error) { return f, nil }
func (f *failing) Commit(*Request) error                        { return errors.New("disk full") }
func (f *failing) Undo(*Request) error                          { return nil }
func (f *failing) Close()                                       {}

// TestTableUndo: another handler's commit fails after the table's. Rows that were
// changed, created and destroyed are as before.
func TestTableUndo(t *testing.T) {
	tb := targetTable()
	var log []string
	tb.Apply = func(_ *Request, old, row *target) error {
		name := func(r *target) string {
			if r == nil {
				return "none"
			}
			return r.Name + " " + r.Note
		}
		log = append(log, name(old)+" → "+name(row))
		return nil
	}
	before := []target{{Name: "a", Note: "1", Status: Active}, {Name: "b", Status: Active}}
	if err := tb.Rows.Store(before); err != nil {
		t.Fatal(err)
	}
	tree := NewTree()
	last := ber.MustOID("1.3.6.1.4.1.32473.99")
	if err := errors.Join(tb.Register(tree), tree.Register(last, &failing{})); err != nil {
		t.Fatal(err)
	}
	err := tree.Set(new(Request), []pdu.VarBind{
		{Name: last, Value: pdu.Integer(1)},
		at("a", colNote, pdu.OctetString("2")),
		at("b", colStatus, pdu.Integer(6)),
		at("c", colStatus, pdu.Integer(5)),
	})
	var e *pdu.StatusError
	if !errors.As(err, &e) || *e != (pdu.StatusError{Status: pdu.CommitFailed, Index: 1}) {
		t.Errorf("%v, want commitFailed at 1", err)
	}
	if got := slices.Collect(rowsOf(tb.Rows)); !slices.Equal(got, before) {
		t.Errorf("rows %+v, want %+v", got, before)
	}
	want := []string{"a 1 → a 2", "b  → none", "none → c ", "c  → none", "none → b ", "a 2 → a 1"}
	if !slices.Equal(log, want) {
		t.Errorf("the device was told %q, want %q", log, want)
	}
}

// TestTableBrokenOwner: functions of the owner's that do what they must not.
func TestTableBrokenOwner(t *testing.T) {
	tb := setpointTable()
	tb.Columns[1].Set = func(s *setpoint, v pdu.Value) error { s.ID = 7; return nil }
	tree := setpointTree(t, tb)
	err := tree.Set(new(Request), []pdu.VarBind{integer(1, 2, 1)})
	if !errors.Is(err, pdu.GenErr) || !errors.Is(err, errIndexChanged) {
		t.Errorf("a Set that changes the index: %v", err)
	}
	tb.Columns[1].Set = func(s *setpoint, v pdu.Value) error { panic("broken") }
	tree = setpointTree(t, tb)
	err = tree.Set(new(Request), []pdu.VarBind{integer(1, 2, 1)})
	if panicked := (*PanicError)(nil); !errors.Is(err, pdu.GenErr) || !errors.As(err, &panicked) || panicked.Value != "broken" {
		t.Errorf("a Set that panics: %v", err)
	}
	// The panic has left no lock behind.
	if err := tree.Set(&Request{Inline: true}, []pdu.VarBind{integer(15, 3, 1)}); err != nil {
		t.Error(err)
	}
}
