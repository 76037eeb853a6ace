package mib

import (
	"errors"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

func TestTableErrors(t *testing.T) {
	get := func(*sparse) pdu.Value { return pdu.Integer(1) }
	one := []Column[sparse]{{Arc: 1, Get: get}}
	status := func(*sparse) *RowStatus { return nil }
	storage := func(*sparse) *StorageType { return nil }
	set := func(*sparse, pdu.Value) error { return nil }
	of := func(columns ...Column[sparse]) Table[sparse] {
		return Table[sparse]{Entry: entry, Columns: columns, Rows: sparseRows()}
	}
	tests := []struct {
		name  string
		table Table[sparse]
		want  error
	}{
		{"Set without Syntax", of(Column[sparse]{Arc: 1, Get: get, Set: set}), errColumn},
		{"RowStatus twice", of(Column[sparse]{Arc: 1, RowStatus: status}, Column[sparse]{Arc: 2, RowStatus: status}), errColumnTwice},
		{"StorageType twice", of(Column[sparse]{Arc: 1, StorageType: storage}, Column[sparse]{Arc: 2, StorageType: storage}), errColumnTwice},
		{"two conventions", of(Column[sparse]{Arc: 1, RowStatus: status, StorageType: storage}), errConvention},
		{"a convention with Get", of(Column[sparse]{Arc: 1, RowStatus: status, Get: get}), errConvention},
		{"a convention with Syntax", of(Column[sparse]{Arc: 1, StorageType: storage, Syntax: pdu.TypeInteger}), errConvention},
		{"a convention with Check", of(Column[sparse]{Arc: 1, StorageType: storage, Check: TruthValue}), errConvention},
		{"a status of rows from a Source", Table[sparse]{Entry: entry, Columns: []Column[sparse]{{Arc: 1, RowStatus: status}},
			Source: func(*Request) (*Snapshot[sparse], error) { return nil, nil }}, errSource},
		{"no entry", Table[sparse]{Columns: one, Rows: sparseRows()}, errTableRows},
		{"text", Table[sparse]{Entry: "1.3.6.1.4.1.32473.1.1", Columns: one, Rows: sparseRows()}, textError("1.3.6.1.4.1.32473.1.1")},
		{"no room for an index", Table[sparse]{Entry: tooLong.Slice(0, ber.MaxArcs-1), Columns: one, Rows: sparseRows()}, errors.Unwrap(tooLong.Append(0).CheckEncodable())},
		{"a Default that cannot be set", of(Column[sparse]{Arc: 1, Get: get, Default: pdu.Integer(1)}), errDefault},
		{"a Default of another type", of(Column[sparse]{Arc: 1, Get: get, Set: set, Syntax: pdu.TypeInteger, Default: pdu.Gauge32(1)}), errDefault},
		{"a Default of a convention's of another type", of(Column[sparse]{Arc: 1, StorageType: storage, Default: pdu.Gauge32(1)}), errDefault},
		{"no columns", Table[sparse]{Entry: entry, Rows: sparseRows()}, errTableRows},
		{"no rows", Table[sparse]{Entry: entry, Columns: one}, errTableRows},
		{"no index", Table[sparse]{Entry: entry, Columns: one, Rows: &Rows[sparse]{}}, errTableRows},
		{"column 0", Table[sparse]{Entry: entry, Columns: []Column[sparse]{{Arc: 0, Get: get}}, Rows: sparseRows()}, errColumn},
		{"no Get", Table[sparse]{Entry: entry, Columns: []Column[sparse]{{Arc: 1}}, Rows: sparseRows()}, errColumn},
		{"twice", Table[sparse]{Entry: entry, Columns: []Column[sparse]{{Arc: 1, Get: get}, {Arc: 2, Get: get}, {Arc: 1, Get: get}},
			Rows: sparseRows()}, errColumnTwice},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.table.Register(NewTree()); !errors.Is(err, tt.want) {
				t.Errorf("Register: %v, want %v", err, tt.want)
			}
		})
	}
}

// TestTableLongIndex: no name has more than 128 sub-identifiers (RFC 2578 §3.5);
// a row that would need one is refused where it comes in.
func TestTableLongIndex(t *testing.T) {
	room := ber.MaxArcs - entry.Len() - 1
	fits, tooLong := strings.Repeat("x", room-1), strings.Repeat("x", room)
	tb := Table[sparse]{Entry: entry, Columns: sparseColumns(), Rows: sparseRows()}
	if err := tb.Rows.Store([]sparse{{Name: tooLong}}); err != nil {
		t.Fatalf("Store before it is known where: %v", err)
	}
	if err := tb.Register(NewTree()); err == nil {
		t.Error("Register took a row whose name is too long")
	}
	tb.Rows = sparseRows()
	if err := tb.Register(NewTree()); err != nil {
		t.Fatal(err)
	}
	for _, store := range []func(sparse) error{
		func(r sparse) error { return tb.Rows.Store([]sparse{r}) }, tb.Rows.Insert, tb.Rows.Put,
	} {
		if err := store(sparse{Name: tooLong}); err == nil {
			t.Error("a row whose name is too long was stored")
		}
		if tb.Rows.Load().Len() != 0 {
			t.Error("the row is there")
		}
	}
	if err := tb.Rows.Store([]sparse{{Name: fits}}); err != nil {
		t.Error(err)
	}
}
