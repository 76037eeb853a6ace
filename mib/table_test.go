package mib

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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
