package mib

import (
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A SET of cells that are there costs no allocation, be it of one, of several of a row
// or of rows far apart; unless somebody has loaded the rows.
func TestTableSetNoAllocs(t *testing.T) {
	tb := setpointTable()
	tree := setpointTree(t, tb)
	var rows []setpoint
	for i := range 1000 {
		rows = append(rows, setpoint{ID: i, High: 50})
	}
	if err := tb.Rows.Store(rows); err != nil {
		t.Fatal(err)
	}
	r := &Request{Inline: true}
	for name, vbs := range map[string][]pdu.VarBind{
		"a cell":           {integer(1, 2, 7)},
		"two cells":        {integer(1, 2, 7), integer(60, 3, 7)},
		"cells far apart":  {integer(1, 2, 7), integer(70, 3, 900), integer(2, 2, 500)},
		"one cell, thrice": {integer(1, 2, 7), integer(2, 2, 7), integer(3, 2, 7)},
	} {
		n := int32(0)
		set := func() {
			n = (n + 1) % 40
			vbs[0].Value = pdu.Integer(n)
			if err := tree.Set(r, vbs); err != nil {
				t.Fatal(name, err)
			}
			if v, err := tree.Get(r, vbs[0].Name); name != "one cell, thrice" && v != pdu.Integer(n) || err != nil {
				t.Fatal(name, v, err)
			}
		}
		if allocs := testing.AllocsPerRun(100, set); allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
		tb.Rows.Load()
		if allocs := testing.AllocsPerRun(1, func() { tb.Rows.Load(); set() }); allocs == 0 {
			t.Errorf("%s: rows that somebody has loaded were overwritten", name)
		}
	}
}

// What Load has returned never changes, whatever is done to the rows afterwards, by
// SETs to two tables that share them and by their owner; and the rows are what they
// should be.
func TestOverwrite(t *testing.T) {
	random := rand.New(rand.NewPCG(25, 79))
	for range 20 {
		high := setpointTable()
		tree := setpointTree(t, high)
		low := high
		low.Entry = ber.MustOID("1.3.6.1.4.1.32473.11.1")
		if err := low.Register(tree); err != nil {
			t.Fatal(err)
		}
		rs := high.Rows
		model := map[int]setpoint{}
		var rows []setpoint
		for i := range random.IntN(700) {
			model[i] = setpoint{ID: i, High: 50}
			rows = append(rows, model[i])
		}
		if err := rs.Store(rows); err != nil {
			t.Fatal(err)
		}
		type loaded struct {
			rows  *Snapshot[setpoint]
			model map[int]setpoint
		}
		var all []loaded
		for range 300 {
			id := random.IntN(len(model) + 2)
			if random.IntN(3) == 0 {
				id = 5
			}
			row, there := model[id]
			switch n := random.Int32N(50); random.IntN(8) {
			case 0:
				if random.IntN(4) == 0 {
					all = append(all, loaded{rs.Load(), maps.Clone(model)})
				}
			case 1:
				row = setpoint{ID: id, Low: n, High: 50}
				if err := rs.Put(row); err != nil {
					t.Fatal(err)
				}
				model[id] = row
			case 2:
				if random.IntN(5) == 0 {
					rs.Delete(ber.NewOID(uint32(id)))
					delete(model, id)
				}
			case 3:
				if rs.Update(ber.NewOID(uint32(id)), func(s *setpoint) { s.Low = n }) {
					row.Low = n
					model[id] = row
				}
			default:
				column := setpoints
				if random.IntN(2) == 0 {
					column = low.Entry
				}
				err := tree.Set(new(Request), []pdu.VarBind{{Name: column.Append(2, uint32(id)), Value: pdu.Integer(n)}})
				if there != (err == nil) {
					t.Fatal(id, there, err)
				}
				if there {
					row.Low = n
					model[id] = row
				}
			}
		}
		all = append(all, loaded{rs.Load(), model})
		for i, l := range all {
			got := map[int]setpoint{}
			for _, row := range l.rows.All() {
				got[row.ID] = *row
			}
			if !maps.Equal(got, l.model) {
				t.Fatalf("%d. of %d: %v, want %v", i+1, len(all), got, l.model)
			}
		}
		rs.Load().check(t)
	}
}

// A reader's function may use the rows that it reads one of, and change them: it does
// not wait for itself, and what it has of the row stays as it is.
func TestOverwriteWhileReading(t *testing.T) {
	tb := setpointTable()
	rs := tb.Rows
	tb.Columns = append(tb.Columns, Column[setpoint]{Arc: 9, Get: func(s *setpoint) pdu.Value {
		before := *s
		rs.Update(ber.NewOID(1), func(s *setpoint) { s.Low++ })
		if rs.Load().Get(ber.NewOID(1)).Low != before.Low+1 || *s != before {
			t.Errorf("%+v has become %+v", before, *s)
		}
		return pdu.Integer(s.Low)
	}})
	tree := setpointTree(t, tb)
	for range 3 {
		for range 2 { // the second one overwrites
			if err := tree.Set(new(Request), []pdu.VarBind{integer(5, 2, 1)}); err != nil {
				t.Fatal(err)
			}
		}
		if v, err := tree.Get(new(Request), setpoints.Append(9, 1)); v != pdu.Integer(5) || err != nil {
			t.Fatal(v, err)
		}
	}
}

// Rows that are read, loaded and overwritten at the same time: for the race detector.
func TestOverwriteConcurrently(t *testing.T) {
	tb := setpointTable()
	tree := setpointTree(t, tb)
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for n := range int32(3000) {
				if err := tree.Set(new(Request), []pdu.VarBind{integer(n%100, 2, 1), integer(n%100, 3, 1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 3 {
		readers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if i == 0 && n%10 == 0 {
					if s := tb.Rows.Load().Get(ber.NewOID(1)); s.Low != s.High && s.Low != 10 {
						t.Errorf("half of a SET: %+v", s)
					}
				}
				if _, err := tree.Get(new(Request), setpoints.Append(2, 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}
