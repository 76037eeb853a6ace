package mib

import (
	"errors"
	"fmt"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// benchRow is about what a row of ifTable is.
type benchRow struct {
	ID      uint32
	Name    string
	In, Out uint64
	Status  int32
}

func benchTable(b *testing.B, n int) (*Tree, *Rows[benchRow]) {
	b.Helper()
	rows := &Rows[benchRow]{Index: func(x *Index, r *benchRow) { x.Uint32(&r.ID) }}
	all := make([]benchRow, n)
	for i := range all {
		all[i] = benchRow{ID: uint32(i + 1), Name: "eth0", In: uint64(i), Status: 1}
	}
	if err := rows.Store(all); err != nil {
		b.Fatal(err)
	}
	tree := NewTree()
	if err := (Table[benchRow]{Entry: entry, Rows: rows, Columns: []Column[benchRow]{
		{Arc: 1, Get: func(r *benchRow) pdu.Value { return pdu.Integer(int32(r.ID)) }},
		{Arc: 2, Get: func(r *benchRow) pdu.Value { return pdu.OctetString(r.Name) }},
		{Arc: 6, Get: func(r *benchRow) pdu.Value { return pdu.Counter64(r.In) }},
		{Arc: 8, Get: func(r *benchRow) pdu.Value { return pdu.Integer(r.Status) }},
	}}).Register(tree); err != nil {
		b.Fatal(err)
	}
	return tree, rows
}

// BenchmarkNext walks a column from its middle. What a varbind costs should
// depend little on how many rows there are: a run pays for one search.
func BenchmarkNext(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		for _, run := range []int{1, 25} {
			b.Run(fmt.Sprintf("rows=%d/run=%d", rows, run), func(b *testing.B) {
				tree, _ := benchTable(b, rows)
				r := &Request{Inline: true}
				dst := make([]pdu.VarBind, run)
				step := uint32(rows/7 | 1)
				id := uint32(0)
				b.ReportAllocs()
				for b.Loop() {
					id = (id + step) % uint32(rows-run)
					r.Arena.Reset()
					from := r.Arena.Join(entry, ber.OID(""))
					from = r.Arena.JoinArc(r.Arena.JoinArc(from, 6), id+1)
					if n, err := tree.Next(r, from, dst); n != run || err != nil {
						b.Fatal(n, err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*run), "ns/varbind")
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, objects := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("registrations=%d", objects), func(b *testing.B) {
			tree := NewTree()
			base := ber.MustOID("1.3.6.1.4.1.32473")
			names := make([]ber.OID, objects)
			get := Constant(pdu.Gauge32(1450))
			for i := range names {
				object := base.Append(uint32(i/1000), uint32(i%1000))
				if err := (Scalar{Object: object, Get: get}).Register(tree); err != nil {
					b.Fatal(err)
				}
				names[i] = object.Append(0)
			}
			tree.load() // the first look-up has something to do: see BenchmarkRegister
			r := &Request{Inline: true}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i = (i + 7919) % objects
				if v, err := tree.Get(r, names[i]); v.Uint() != 1450 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
}

// BenchmarkRegister is what 10⁵ registrations and the first look-up cost.
func BenchmarkRegister(b *testing.B) {
	const objects = 100_000
	base := ber.MustOID("1.3.6.1.4.1.32473")
	h := &listHandler{}
	for b.Loop() {
		tree := NewTree()
		for i := range uint32(objects) {
			if err := tree.Register(base.Append(i*2654435761%objects, i), h); err != nil {
				b.Fatal(err)
			}
		}
		tree.load()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*objects), "ns/registration")
}

func BenchmarkStore(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			_, rows := benchTable(b, n)
			var all []benchRow
			for _, r := range rows.Load().All() {
				all = append(all, *r)
			}
			for b.Loop() {
				if err := rows.Store(all); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
		})
	}
}

// BenchmarkPut replaces single rows.
func BenchmarkPut(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			_, rows := benchTable(b, n)
			id := uint32(0)
			b.ReportAllocs()
			for b.Loop() {
				id = (id + 7919) % uint32(n)
				if err := rows.Put(benchRow{ID: id + 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSet is a SET without the message around it.
func BenchmarkSet(b *testing.B) {
	table := setpointTable()
	if err := table.Rows.Store([]setpoint{{ID: 1, Low: 10, High: 20}}); err != nil {
		b.Fatal(err)
	}
	tree := NewTree()
	var value pdu.Value
	object := ber.MustOID("1.3.6.1.4.1.32473.1")
	err := errors.Join(table.Register(tree), Scalar{
		Object: object, Syntax: pdu.TypeGauge32,
		Get: Value(func() pdu.Value { return value }),
		Set: func(_ *Request, v pdu.Value) error { value = v; return nil },
	}.Register(tree))
	if err != nil {
		b.Fatal(err)
	}
	value = pdu.Gauge32(7)
	for _, set := range []struct {
		name string
		vbs  []pdu.VarBind
	}{
		{"scalar", []pdu.VarBind{{Name: object.Append(0), Value: value}}},
		{"cell", []pdu.VarBind{integer(15, 3, 1)}},
		{"row", []pdu.VarBind{integer(12, 2, 1), integer(15, 3, 1)}},
	} {
		b.Run(set.name, func(b *testing.B) {
			r := &Request{Inline: true}
			b.ReportAllocs()
			for b.Loop() {
				if err := tree.Set(r, set.vbs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
