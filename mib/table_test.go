package mib

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A cell row has a string as index and columns that may be absent.
type sparse struct {
	Name  string
	Cells [4]int32 // 0: absent
}

var entry = ber.MustOID("1.3.6.1.4.1.32473.7.1")

func sparseRows() *Rows[sparse] {
	return &Rows[sparse]{Index: func(x *Index, r *sparse) { x.String(&r.Name) }}
}

// sparseColumns are not in order, and have gaps between their numbers.
func sparseColumns() []Column[sparse] {
	cell := func(i int) func(*sparse) pdu.Value {
		return func(r *sparse) pdu.Value {
			if r.Cells[i] == 0 {
				return pdu.Value{}
			}
			return pdu.Integer(r.Cells[i])
		}
	}
	return []Column[sparse]{
		{Arc: 9, Get: cell(2)}, {Arc: 2, Get: cell(0)}, {Arc: 4294967295, Get: cell(3)}, {Arc: 5, Get: cell(1)},
	}
}

// cells is the slow and obvious model of a table: a sorted list of its instances.
func cells(rows []sparse) []pdu.VarBind {
	var list []pdu.VarBind
	for i, arc := range []uint32{2, 5, 9, 4294967295} {
		for _, r := range rows {
			if r.Cells[i] == 0 {
				continue
			}
			name := entry.Append(arc, uint32(len(r.Name)))
			for _, o := range []byte(r.Name) {
				name = name.Append(uint32(o))
			}
			list = append(list, pdu.VarBind{Name: name, Value: pdu.Integer(r.Cells[i])})
		}
	}
	slices.SortFunc(list, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
	return list
}

func randomRows(rnd *rand.Rand, n int) []sparse {
	var rows []sparse
	seen := map[string]bool{}
	for range n {
		name := make([]byte, rnd.IntN(4))
		for i := range name {
			name[i] = byte(rnd.IntN(3) * 127)
		}
		if seen[string(name)] {
			continue
		}
		seen[string(name)] = true
		r := sparse{Name: string(name)}
		for i := range r.Cells {
			if rnd.IntN(3) > 0 {
				r.Cells[i] = 1 + rnd.Int32N(1000)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// walk reads everything with runs of length run.
func walk(t *testing.T, h Handler, run int) []pdu.VarBind {
	t.Helper()
	var r Request
	var list []pdu.VarBind
	from := ber.OID("")
	dst := make([]pdu.VarBind, run)
	for {
		n, err := h.Next(&r, from, dst)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return list
		}
		for _, vb := range dst[:n] {
			list = append(list, vb.Clone())
		}
		from = list[len(list)-1].Name.Append(0)
		r.Arena.Poison()
		r.Arena.Reset()
	}
}

// TestTableAgainstModel: absent cells are skipped to the next instance of the
// column, rows come in the order of their encoded index (RFC 2578 §7.7), and Get
// and Next agree.
func TestTableAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		rows := randomRows(rnd, rnd.IntN(40))
		store := sparseRows()
		if err := store.Store(rows); err != nil {
			t.Fatal(err)
		}
		h, err := Table[sparse]{Entry: entry, Columns: sparseColumns(), Rows: store}.Handler()
		if err != nil {
			t.Fatal(err)
		}
		want := cells(rows)
		for _, run := range []int{1, 2, 7, 1000} {
			if got := walk(t, h, run); !slices.Equal(got, want) {
				t.Fatalf("round %d, runs of %d:\n got %v\nwant %v", round, run, got, want)
			}
		}
		var r Request
		for _, vb := range want {
			if v, err := h.Get(&r, vb.Name); err != nil || v != vb.Value {
				t.Errorf("Get %v: %v, %v; want %v", vb.Name, v, err, vb.Value)
			}
		}
		// Next from names that are not instances.
		for range 50 {
			from := entry
			for range rnd.IntN(6) {
				from = from.Append([]uint32{0, 1, 2, 5, 6, 9, 127, 254, 4294967295}[rnd.IntN(9)])
			}
			i, _ := slices.BinarySearchFunc(want, from, func(vb pdu.VarBind, o ber.OID) int { return vb.Name.Compare(o) })
			var dst [1]pdu.VarBind
			n, err := h.Next(&r, from, dst[:])
			switch {
			case err != nil:
				t.Fatal(err)
			case i == len(want) && n != 0:
				t.Errorf("Next %v returned %v behind the last instance", from, dst[0])
			case i < len(want) && (n != 1 || dst[0] != want[i]):
				t.Errorf("Next %v returned %d, %v; want %v", from, n, dst[0], want[i])
			}
		}
	}
}

// TestNextEncoded: what a table encodes is what Next finds, up to the end that it was
// told, the number and the octets; and nothing of what another handler has taken over.
func TestNextEncoded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	arcs := []uint32{0, 1, 2, 3, 5, 9, 127, 254, 4294967295}
	name := func() ber.OID {
		o := entry
		for range rnd.IntN(6) {
			o = o.Append(arcs[rnd.IntN(len(arcs))])
		}
		return o
	}
	for range 200 {
		store := sparseRows()
		if err := store.Store(randomRows(rnd, rnd.IntN(40))); err != nil {
			t.Fatal(err)
		}
		tree := NewTree()
		if err := (Table[sparse]{Entry: entry, Columns: sparseColumns(), Rows: store}).Register(tree); err != nil {
			t.Fatal(err)
		}
		mounted := rnd.IntN(2) == 0
		if mounted {
			mount := Scalar{Object: entry.Append(5, arcs[rnd.IntN(4)]), Get: Constant(pdu.Integer(-1))}
			if err := mount.Register(tree); err != nil {
				t.Fatal(err)
			}
		}
		r := &Request{Inline: true}
		var list pdu.List
		for range 50 {
			from, end, most, octets := name(), name(), 1+rnd.IntN(5), rnd.IntN(150)
			r.Arena.Reset()
			list.Reset()
			list.SetLimit(octets)
			n, last, err := tree.NextEncoded(r, from, end, most, &list)
			if err != nil || n != list.Len() || n > most {
				t.Fatalf("%d instances, %v, %v, %d in the list, at most %d", n, last, err, list.Len(), most)
			}
			found := make([]pdu.VarBind, most)
			got, err := tree.Next(r, from, found)
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for i := range n {
				w := pdu.List{}
				w.Add(&found[i])
				if i >= got || !bytes.Equal(list.Slice(i, i+1), w.Slice(0, 1)) || found[i].Name >= end || i > 0 && size >= octets {
					t.Fatalf("% x is %d. from %v, want %v", list.Slice(i, i+1), i, from, found)
				}
				size += found[i].EncodedLen()
			}
			switch {
			case n > 0 && last != found[n-1].Name:
				t.Errorf("the last one is %v, want %v", last, found[n-1].Name)
			case n == 0 && got > 0 && last > found[0].Name:
				t.Errorf("from %v up to %v there is %v", from, last, found[0])
			case n == 0 && !mounted && last < end:
				t.Errorf("from %v to %v there is nothing up to %v, and then?", from, end, last)
			}
			// Fewer than most: there is no more before end, or there is no room.
			if !mounted && n < got && found[n].Name < end && (n == 0 || list.Left() > 0) {
				t.Errorf("from %v to %v there is %v too", from, end, found[n])
			}
		}
	}
}

// Of cells that are not wanted no value is asked for.
func TestNextEncodedAsksForNoMore(t *testing.T) {
	rows := sparseRows()
	var list []sparse
	for i := range 600 {
		list = append(list, sparse{Name: fmt.Sprintf("%03d", i)})
	}
	if err := rows.Store(list); err != nil {
		t.Fatal(err)
	}
	var asked []string
	get := func(r *sparse) pdu.Value { asked = append(asked, r.Name); return pdu.Integer(1) }
	tree := NewTree()
	if err := (Table[sparse]{Entry: entry, Rows: rows, Columns: []Column[sparse]{{Arc: 1, Get: get}, {Arc: 2, Get: get}}}).Register(tree); err != nil {
		t.Fatal(err)
	}
	name := func(column uint32, row int) ber.OID {
		return entry.Append(column, 3, '0'+uint32(row/100), '0'+uint32(row/10%10), '0'+uint32(row%10))
	}
	for _, tt := range []struct {
		name      string
		from, end ber.OID
		most      int
		want      int
	}{
		{"all before a row", name(1, 10), name(1, 13), 1000, 3},
		{"all before a row of another leaf", name(1, 250), name(1, 257), 1000, 7},
		{"nothing before a row", name(1, 13), name(1, 13), 1000, 0},
		{"nothing before a column", name(1, 599).Append(0), entry.Append(2), 1000, 0},
		{"a column", entry, entry.Append(2), 1000, 600},
		{"a column and a row", entry, name(2, 1), 1000, 601},
		{"so many", name(1, 10), name(1, 13), 2, 2},
	} {
		asked = nil
		var l pdu.List
		l.Reset()
		l.SetLimit(1 << 20)
		if n, _, err := tree.NextEncoded(&Request{}, tt.from, tt.end, tt.most, &l); n != tt.want || len(asked) != n || err != nil {
			t.Errorf("%s: %d cells, %d asked for, %v, want %d", tt.name, n, len(asked), err, tt.want)
		}
	}
}

// What cannot be sent ends a run, and the request if there is nothing before it.
func TestNextEncodedOfNothing(t *testing.T) {
	store := sparseRows()
	if err := store.Store([]sparse{{Name: "a"}, {Name: "b", Cells: [4]int32{1}}}); err != nil {
		t.Fatal(err)
	}
	bad := pdu.NoSuchInstance
	tree := NewTree()
	if err := (Table[sparse]{Entry: entry, Rows: store, Columns: []Column[sparse]{{Arc: 1, Get: func(r *sparse) pdu.Value {
		if r.Cells[0] == 0 {
			return pdu.Integer(1)
		}
		return bad
	}}}}).Register(tree); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from ber.OID
		n    int
	}{{entry, 1}, {entry.Append(1, 1, 'b'), 0}} {
		var list pdu.List
		list.Reset()
		list.SetLimit(1000)
		n, _, err := tree.NextEncoded(&Request{}, tt.from, entry.Append(2), 10, &list)
		if n != tt.n || !errors.Is(err, ErrNoValue) {
			t.Errorf("from %v: %d, %v, want %d, %v", tt.from, n, err, tt.n, ErrNoValue)
		}
	}
}

// TestTableGet: which exception a name gets (RFC 3416 §4.2.1), and that tables and
// rows are no values (RFC 2578 §7.1.12).
func TestTableGet(t *testing.T) {
	store := sparseRows()
	tree := NewTree()
	if err := (Table[sparse]{Entry: entry, Columns: sparseColumns(), Rows: store}).Register(tree); err != nil {
		t.Fatal(err)
	}
	if err := store.Store([]sparse{{"a", [4]int32{1, 0, 3, 4}}}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		oid  ber.OID
		want pdu.Value
	}{
		{"value", entry.Append(2, 1, 'a'), pdu.Integer(1)},
		{"absent cell", entry.Append(5, 1, 'a'), pdu.NoSuchInstance},
		{"3416-4.2.1-4 no such row", entry.Append(2, 1, 'b'), pdu.NoSuchInstance},
		{"2578-7.7-8 arcs left over", entry.Append(2, 1, 'a', 0), pdu.NoSuchInstance},
		{"2578-7.7-8 arcs missing", entry.Append(2, 1), pdu.NoSuchInstance},
		{"2578-7.7-8 arc that is no octet", entry.Append(2, 1, 256+'a'), pdu.NoSuchInstance},
		{"3416-4.2.1-4 column without index", entry.Append(2), pdu.NoSuchInstance},
		{"3416-4.2.1-3 no such column", entry.Append(3, 1, 'a'), pdu.NoSuchObject},
		{"column 0", entry.Append(0, 1, 'a'), pdu.NoSuchObject},
		{"2578-7.1.12-1 entry", entry, pdu.NoSuchObject},
		{"2578-7.1.12-1 table", entry.Slice(0, entry.Len()-1), pdu.NoSuchObject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tree.Get(new(Request), tt.oid); err != nil || got != tt.want {
				t.Errorf("Get %v: %v, %v; want %v", tt.oid, got, err, tt.want)
			}
		})
	}
}

// TestTableOrder: 2578-7.7-9, rows come in the order of what their index is encoded as, not
// of its text (RFC 2578 §7.7).
func TestTableOrder(t *testing.T) {
	store := sparseRows()
	if err := store.Store([]sparse{{Name: "aa"}, {Name: "b"}, {Name: ""}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range store.Load().All() {
		got = append(got, r.Name)
	}
	if want := []string{"", "b", "aa"}; !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
}

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

// TestTableSparse: to find the next instance behind many rows that have none takes
// its time, but nobody who has found something else meanwhile waits for it, and a
// request that has taken MaxSteps is given up.
func TestTableSparse(t *testing.T) {
	const many = 100_000
	rows := &Rows[int]{Index: func(x *Index, i *int) { x.Int(i) }}
	list := make([]int, many)
	for i := range list {
		list[i] = i
	}
	if err := rows.Store(list); err != nil {
		t.Fatal(err)
	}
	looked := 0
	column := func(arc uint32, has func(i int) bool) Column[int] {
		return Column[int]{Arc: arc, Get: func(i *int) pdu.Value {
			if looked++; !has(*i) {
				return pdu.Value{}
			}
			return pdu.Integer(int32(*i))
		}}
	}
	tree := NewTree()
	scalar := entry.Slice(0, entry.Len()-1).Append(0)
	if err := errors.Join(
		Scalar{Object: scalar, Get: Constant(pdu.Integer(1))}.Register(tree),
		Table[int]{Entry: entry, Rows: rows, Columns: []Column[int]{
			column(1, func(int) bool { return false }),
			column(2, func(i int) bool { return i == 5 || i == many-1 }),
		}}.Register(tree),
	); err != nil {
		t.Fatal(err)
	}
	dst := make([]pdu.VarBind, 10)
	for _, tt := range []struct {
		name     string
		from     ber.OID
		maxSteps int
		want     []ber.OID
		err      error
		most     int // cells looked at
	}{
		{"over an empty column", entry, 0, []ber.OID{entry.Append(2, 5)}, nil, many + 2*emptyCells},
		{"over the rest of a column", entry.Append(2, 6), 0, []ber.OID{entry.Append(2, many-1)}, nil, many},
		{"something else will do", scalar, 0, []ber.OID{scalar.Append(0)}, nil, 200 * emptyCells},
		{"the other end will not be waited for", entry.Append(2, 5), 0, []ber.OID{entry.Append(2, 5)}, nil, 200 * emptyCells},
		{"within its steps", entry, many, []ber.OID{entry.Append(2, 5)}, nil, many + 2*emptyCells},
		{"too far", entry, 100, nil, ErrTooFar, 100 * emptyCells},
		{"too far for more", scalar, 100, []ber.OID{scalar.Append(0)}, nil, 100 * emptyCells},
	} {
		looked = 0
		r := &Request{MaxSteps: tt.maxSteps}
		n, err := tree.Next(r, tt.from, dst)
		var got []ber.OID
		for _, vb := range dst[:n] {
			got = append(got, vb.Name)
		}
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) || looked > tt.most {
			t.Errorf("%s: %v, %v after %d cells; want %v, %v after at most %d", tt.name, got, err, looked, tt.want, tt.err, tt.most)
		}
		if tt.err == nil {
			continue
		}
		if n, err := tree.Next(r, scalar, dst); n != 0 || !errors.Is(err, tt.err) { // nor any other
			t.Errorf("%s: %d, %v afterwards", tt.name, n, err)
		}
	}
}

func TestTableNoAllocs(t *testing.T) {
	store := sparseRows()
	var rows []sparse
	for i := range 2000 {
		rows = append(rows, sparse{Name: fmt.Sprint(i), Cells: [4]int32{1, 2, 3, 4}})
	}
	if err := store.Store(rows); err != nil {
		t.Fatal(err)
	}
	tree := NewTree()
	if err := (Table[sparse]{Entry: entry, Columns: sparseColumns(), Rows: store}).Register(tree); err != nil {
		t.Fatal(err)
	}
	r := &Request{Inline: true}
	dst := make([]pdu.VarBind, 50)
	name := entry.Append(5, 4, '1', '9', '9', '9')
	if n := testing.AllocsPerRun(100, func() {
		r.Arena.Reset()
		if n, err := tree.Next(r, name, dst); n != len(dst) || err != nil {
			t.Fatal(n, err)
		}
		if v, err := tree.Get(r, name); v != pdu.Integer(2) || err != nil {
			t.Fatal(v, err)
		}
	}); n != 0 {
		t.Errorf("a run of Next and a Get allocate %v times", n)
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
