package mib

import (
	"errors"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// TestTableSource: rows that are asked for at each request, by SNMP context.
func TestTableSource(t *testing.T) {
	asked := 0
	broken := errors.New("sensor bus is down")
	tb := Table[sparse]{Entry: entry, Columns: sparseColumns(), Blocks: true,
		Source: func(r *Request) (*Snapshot[sparse], error) {
			asked++
			switch r.ContextName {
			case "broken":
				return nil, broken
			case "empty":
				return nil, nil
			}
			return NewSnapshot([]sparse{{Name: r.ContextName, Cells: [4]int32{7, 0, 0, 0}}}, sparseRows().Index)
		}}
	tree := NewTree()
	if err := tb.Register(tree); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Get(&Request{Inline: true}, entry.Append(2, 0)); !errors.Is(err, ErrWouldBlock) || asked != 0 {
		t.Errorf("a Source that may block was asked inline %d times, error %v", asked, err)
	}
	if v, err := tree.Get(&Request{ContextName: "x"}, entry.Append(2, 1, 'x')); err != nil || v != pdu.Integer(7) {
		t.Errorf("Get: %v, %v", v, err)
	}
	if v, err := tree.Get(&Request{ContextName: "empty"}, entry.Append(2, 0)); err != nil || v != pdu.NoSuchInstance {
		t.Errorf("Get without rows: %v, %v", v, err)
	}
	var dst [1]pdu.VarBind
	if n, err := tree.Next(&Request{ContextName: "empty"}, entry, dst[:]); n != 0 || err != nil {
		t.Errorf("Next without rows: %d, %v", n, err)
	}
	if _, err := tree.Next(&Request{ContextName: "broken"}, entry, dst[:]); !errors.Is(err, broken) {
		t.Errorf("Next: %v, want %v", err, broken)
	}
	if _, err := tree.Get(&Request{ContextName: "broken"}, entry.Append(2, 0)); !errors.Is(err, broken) {
		t.Errorf("Get: %v, want %v", err, broken)
	}
}

// A Source is asked once for a request, so that what the request gets of a table is of
// one moment; and without an allocation for that.
func TestSourceOnce(t *testing.T) {
	asked, broken := 0, errors.New("no rows now")
	var fails error
	snapshots := make([]*Snapshot[sparse], 8)
	for i := range snapshots {
		var err error
		if snapshots[i], err = NewSnapshot([]sparse{{"a", [4]int32{int32(i + 1), int32(i + 1), 1, 1}}}, sparseRows().Index); err != nil {
			t.Fatal(err)
		}
	}
	tree := NewTree()
	for _, prefix := range []ber.OID{entry, entry.Append(1, 1)} { // two tables do not get each other's
		table := Table[sparse]{Entry: prefix, Columns: sparseColumns(), Source: func(*Request) (*Snapshot[sparse], error) {
			asked++
			return snapshots[asked%len(snapshots)], fails
		}}
		if err := table.Register(tree); err != nil {
			t.Fatal(err)
		}
	}
	var r Request
	dst := make([]pdu.VarBind, 1)
	asks, after, finds := entry.Append(2, 1, 'a'), entry.Append(2, 1, 'a', 0), entry.Append(5, 1, 'a')
	read := func() (first, second pdu.Value) {
		var err error
		if first, err = tree.Get(&r, asks); err != nil {
			t.Fatal(err)
		}
		if _, err = tree.Next(&r, after, dst); err != nil || dst[0].Name != finds {
			t.Fatal(dst[0], err)
		}
		r.Arena.Reset()
		return first, dst[0].Value
	}
	if first, second := read(); first == second || asked != 2 {
		t.Errorf("before Begin: %v, %v of %d calls", first, second, asked)
	}
	for i := range 3 {
		r.Begin()
		if first, second := read(); first != second || asked != 3+i {
			t.Errorf("request %d: %v, %v, %d calls", i, first, second, asked)
		}
	}
	if _, err := tree.Get(&r, entry.Append(1, 1, 2, 1, 'a')); err != nil || asked != 6 {
		t.Errorf("the other table: %v, %d calls", err, asked)
	}
	r.End()
	if first, second := read(); first == second || asked != 8 {
		t.Errorf("after End: %v, %v of %d calls", first, second, asked)
	}
	r.Begin()
	for fails = broken; fails != nil; fails = nil {
		if _, err := tree.Get(&r, entry.Append(2, 1, 'a')); !errors.Is(err, broken) {
			t.Error(err)
		}
	}
	if first, second := read(); first != second || asked != 10 {
		t.Errorf("after an error: %v, %v, %d calls", first, second, asked)
	}
	if n := testing.AllocsPerRun(100, func() { r.Begin(); read(); r.End() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
