package mib

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

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
