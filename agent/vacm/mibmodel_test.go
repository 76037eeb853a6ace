package vacm_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// What follows is a slow and obvious model of the three tables that managers change:
// of RFC 3415 §4, RFC 2579 §2 and RFC 3416 §4.2.5, for the indexes and values that
// the test chooses from.

// A modelColumn is an object of a modelTable.
type modelColumn struct {
	check    func(pdu.Value) pdu.ErrorStatus
	initial  pdu.Value // DEFVAL; zero: none, and a row without it is not ready
	storage  bool
	status   bool
	isNumber bool
}

type modelTable struct {
	entry   ber.OID
	columns map[uint32]modelColumn
	indexes map[ber.OID]bool // and whether they can be
}

type modelRow map[uint32]pdu.Value

func (r modelRow) is(column uint32, n int32) bool { return r[column] == pdu.Integer(n) }

type tablesModel struct {
	tables []modelTable
	rows   []map[ber.OID]modelRow
}

func newTablesModel() *tablesModel {
	number := func(most int32, initial pdu.Value) modelColumn {
		return modelColumn{isNumber: true, initial: initial, check: func(v pdu.Value) pdu.ErrorStatus {
			if v.Int() < 1 || v.Int() > most {
				return pdu.WrongValue
			}
			return pdu.NoError
		}}
	}
	text := func(least, most int, initial pdu.Value, utf bool) modelColumn {
		return modelColumn{initial: initial, check: func(v pdu.Value) pdu.ErrorStatus {
			switch s := v.Octets(); {
			case len(s) < least || len(s) > most:
				return pdu.WrongLength
			case utf && !utf8.ValidString(s):
				return pdu.WrongValue
			}
			return pdu.NoError
		}}
	}
	storage := number(5, pdu.Integer(3))
	storage.storage = true
	status := modelColumn{isNumber: true, status: true, check: func(v pdu.Value) pdu.ErrorStatus {
		if v.Int() < 1 || v.Int() > 6 || v.Int() == 3 {
			return pdu.WrongValue
		}
		return pdu.NoError
	}}
	empty := pdu.OctetString("")
	m := &tablesModel{tables: []modelTable{
		{vacmMIB.Append(2, 1), map[uint32]modelColumn{3: text(1, 32, pdu.Value{}, true), 4: storage, 5: status}, map[ber.OID]bool{}},
		{vacmMIB.Append(4, 1), map[uint32]modelColumn{
			4: number(2, pdu.Integer(1)), 5: text(0, 32, empty, true), 6: text(0, 32, empty, true), 7: text(0, 32, empty, true), 8: storage, 9: status,
		}, map[ber.OID]bool{}},
		{vacmMIB.Append(5, 2, 1), map[uint32]modelColumn{3: text(0, 16, empty, false), 4: number(2, pdu.Integer(1)), 5: storage, 6: status}, map[ber.OID]bool{}},
	}, rows: []map[ber.OID]modelRow{{}, {}, {}}}

	index := func(table int, name ber.OID, ok bool) {
		m.tables[table].indexes[name.Slice(m.tables[table].entry.Len()+1, name.Len())] = ok
	}
	for _, name := range []string{"", "u", "w", "fixed"} {
		index(0, groupAt(3, 0, name), false)
		index(0, groupAt(3, 3, name), name != "")
	}
	for _, group := range []string{"", "g", "fixed"} {
		for _, prefix := range []string{"", "c"} {
			for level := uint32(1); level <= 4; level += 1 {
				index(1, accessAt(4, group, prefix, 0, level), group != "" && level < 4)
			}
		}
	}
	for _, view := range []string{"", "v", "fixed"} {
		for _, subtree := range modelSubtrees {
			index(2, familyAt(3, view, subtree), view != "" && subtree != "" && subtree.At(0) < 3)
		}
	}
	return m
}

var modelSubtrees = []ber.OID{"", ber.MustOID("1.3.6"), ber.MustOID("1.3.6.1.2"), ber.MustOID("1.3.7.1"), ber.MustOID("3.1")}

// find splits a name of one of the tables.
func (m *tablesModel) find(name ber.OID) (table int, column uint32, index ber.OID) {
	for i, tb := range m.tables {
		if name.HasPrefix(tb.entry) {
			return i, name.At(tb.entry.Len()), name.Slice(tb.entry.Len()+1, name.Len())
		}
	}
	panic(name)
}

// set carries out a SET, or returns the first varbind that it fails for.
func (m *tablesModel) set(vbs []pdu.VarBind) pdu.StatusError {
	type place struct {
		table int
		index ber.OID
	}
	var places []place
	failed := map[place]bool{}
	of := map[place][]int{}
	errors := map[int]pdu.ErrorStatus{}
	for i, vb := range vbs {
		table, column, index := m.find(vb.Name)
		c, ok := m.tables[table].columns[column]
		if !ok {
			errors[i] = pdu.NotWritable
			continue
		}
		p, status := place{table, index}, pdu.NoError
		if of[p] == nil {
			places = append(places, p)
		}
		of[p] = append(of[p], i)
		switch {
		case c.isNumber != (vb.Value.Syntax() == pdu.TypeInteger):
			status = pdu.WrongType
		default:
			status = c.check(vb.Value)
		}
		if status != pdu.NoError {
			errors[i], failed[p] = status, true
		}
	}
	next := map[place]modelRow{}
	for _, p := range places {
		if failed[p] {
			continue
		}
		row, at, status := m.row(p.table, p.index, vbs, of[p])
		if status != pdu.NoError {
			errors[at] = status
		}
		next[p] = row
	}
	if len(errors) > 0 {
		first := slices.Min(slices.Collect(maps.Keys(errors)))
		return pdu.StatusError{Status: errors[first], Index: first + 1}
	}
	for p, row := range next {
		if row == nil {
			delete(m.rows[p.table], p.index)
		} else {
			m.rows[p.table][p.index] = row
		}
	}
	return pdu.StatusError{}
}

// row returns what becomes of one row, nil for none, or which varbind is to blame.
func (m *tablesModel) row(table int, index ber.OID, vbs []pdu.VarBind, mine []int) (row modelRow, at int, status pdu.ErrorStatus) {
	columns := m.tables[table].columns
	last := map[uint32]int{} // of several values for one instance the last is assigned
	action, blame := mib.RowStatus(0), mine[0]
	statusColumn, storageColumn := uint32(0), uint32(0)
	for arc, c := range columns {
		if c.status {
			statusColumn = arc
		}
		if c.storage {
			storageColumn = arc
		}
	}
	for _, i := range mine {
		_, column, _ := m.find(vbs[i].Name)
		if column == statusColumn {
			action, blame = mib.RowStatus(vbs[i].Value.Int()), i
		} else {
			last[column] = i
		}
	}
	old, exists := m.rows[table][index]
	kept := exists && (old.is(storageColumn, 4) || old.is(storageColumn, 5))
	active := exists && old.is(statusColumn, 1)
	creates := action == mib.CreateAndGo || action == mib.CreateAndWait
	row = modelRow{}
	switch {
	case !exists && action == mib.Destroy:
		return nil, 0, pdu.NoError
	case !exists && (action == mib.Active || action == mib.NotInService):
		return nil, blame, pdu.InconsistentValue
	case !exists && action == 0:
		return nil, blame, pdu.InconsistentName
	case !exists && !m.tables[table].indexes[index]:
		return nil, blame, pdu.NoCreation
	case !exists:
		for arc, c := range columns {
			if !c.initial.IsZero() {
				row[arc] = c.initial
			}
		}
	case creates, action == mib.Destroy && kept:
		return nil, blame, pdu.InconsistentValue
	case action == mib.Destroy:
		return nil, 0, pdu.NoError
	case kept && action == mib.NotInService:
		return nil, blame, pdu.InconsistentValue // a statement's row is always active
	default:
		row = maps.Clone(old)
	}
	// A statement's row first: nothing but its storage type has a value that could
	// be right.
	for _, arc := range slices.Sorted(maps.Keys(last)) {
		if kept && arc != storageColumn {
			return nil, last[arc], pdu.NotWritable
		}
	}
	for _, arc := range slices.Sorted(maps.Keys(last)) {
		v := vbs[last[arc]].Value
		if arc == storageColumn && (kept || v.Int() >= 4) {
			return nil, last[arc], pdu.WrongValue
		}
		row[arc] = v
	}
	ready := true
	for arc := range columns {
		if _, ok := row[arc]; !ok && arc != statusColumn {
			ready = false
		}
	}
	state := mib.NotReady
	if ready {
		state = mib.NotInService
	}
	switch {
	case active && (action == 0 || action == mib.Active):
		state = mib.Active
	case action == mib.Active, action == mib.CreateAndGo:
		if !ready {
			return nil, blame, pdu.InconsistentValue
		}
		state = mib.Active
	case action == mib.NotInService && !ready:
		return nil, blame, pdu.InconsistentValue
	}
	row[statusColumn] = pdu.Integer(int32(state))
	return row, 0, pdu.NoError
}

// walk is what a walk of a table shows.
func (m *tablesModel) walk(table int) (list []string) {
	tb := m.tables[table]
	for _, arc := range slices.Sorted(maps.Keys(tb.columns)) {
		indexes := slices.SortedFunc(maps.Keys(m.rows[table]), func(a, b ber.OID) int { return a.Compare(b) })
		for _, index := range indexes {
			if v, ok := m.rows[table][index][arc]; ok {
				list = append(list, fmt.Sprintf("%v = %v", join(tb.entry.Append(arc), index), v))
			}
		}
	}
	return list
}

// policy is made of the rows that are active, as statements.
func (m *tablesModel) policy() *vacm.Policy {
	var statements []vacm.Statement
	text := func(index ber.OID) (string, ber.OID) {
		n := int(index.At(0))
		var b []byte
		for arc := range index.Slice(1, 1+n).Arcs() {
			b = append(b, byte(arc))
		}
		return string(b), index.Slice(1+n, index.Len())
	}
	for index, row := range m.rows[0] {
		if row.is(5, 1) {
			name, _ := text(index.Slice(1, index.Len()))
			statements = append(statements, vacm.SecurityToGroup{Model: pdu.SecurityModel(index.At(0)), SecurityName: name, GroupName: row[3].Octets()})
		}
	}
	for index, row := range m.rows[1] {
		if row.is(9, 1) {
			group, rest := text(index)
			prefix, rest := text(rest)
			statements = append(statements, vacm.Access{
				GroupName: group, ContextPrefix: prefix, ContextMatch: vacm.ContextMatch(row[4].Int()), Level: pdu.SecurityLevel(rest.At(1) - 1),
				ReadViewName: row[5].Octets(), WriteViewName: row[6].Octets(), NotifyViewName: row[7].Octets(),
			})
		}
	}
	for index, row := range m.rows[2] {
		if name, rest := text(index); row.is(6, 1) && name != vacm.All && name != vacm.None {
			statements = append(statements, vacm.ViewTreeFamily{ViewName: name, Subtree: rest.Slice(1, rest.Len()), Mask: row[3].Octets(), Type: vacm.FamilyType(row[4].Int())})
		}
	}
	return vacm.MustNew(statements...)
}

// decisions is what a policy says to everybody whom the test knows.
func decisions(p *vacm.Policy) string {
	var b strings.Builder
	for _, name := range []string{"u", "w", "fixed"} {
		for level := pdu.NoAuthNoPriv; level <= pdu.AuthPriv; level++ {
			for _, context := range []string{"", "c", "cc"} {
				for view := vacm.ReadView; view <= vacm.NotifyView; view++ {
					v, err := p.View(&mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: name, SecurityLevel: level, ContextName: context}, view)
					fmt.Fprintf(&b, "%s %v %q %v: %v", name, level, context, view, err)
					for _, o := range []ber.OID{ber.MustOID("1.3.6.1.2.1"), ber.MustOID("1.3.6.1.4"), ber.MustOID("1.3.7.1.1"), ber.MustOID("1.2")} {
						fmt.Fprint(&b, " ", err == nil && v.Contains(o))
					}
					b.WriteByte('\n')
				}
			}
		}
	}
	return b.String()
}

// randomSet makes a SET of a few varbinds, mostly for one row.
func (m *tablesModel) randomSet(rnd *rand.Rand) (vbs []pdu.VarBind) {
	table := rnd.IntN(len(m.tables))
	var index ber.OID
	for n := 1 + rnd.IntN(4); n > 0; n-- {
		if index == "" || rnd.IntN(8) == 0 {
			table = rnd.IntN(len(m.tables))
			all := slices.SortedFunc(maps.Keys(m.tables[table].indexes), func(a, b ber.OID) int { return a.Compare(b) })
			index = all[rnd.IntN(len(all))]
		}
		tb := m.tables[table]
		arcs := slices.Sorted(maps.Keys(tb.columns))
		arc := arcs[rnd.IntN(len(arcs))]
		if rnd.IntN(3) == 0 {
			arc = arcs[len(arcs)-1] // the status
		}
		if rnd.IntN(60) == 0 {
			arc = 1 // not accessible
		}
		texts := []string{"", "g", "v", "fixed", "g", "v", "\xc0", strings.Repeat("x", 33), "_all_", "\xf0"}
		v := pdu.OctetString(texts[rnd.IntN(len(texts))])
		if tb.columns[arc].isNumber != (rnd.IntN(60) == 0) {
			v = pdu.Integer(int32(1 + rnd.IntN(2)))
			if rnd.IntN(8) == 0 {
				v = pdu.Integer(int32(rnd.IntN(8)))
			}
			if tb.columns[arc].status && rnd.IntN(2) == 0 {
				v = pdu.Integer(int32(mib.CreateAndGo) + int32(rnd.IntN(3)/2))
			}
		}
		vbs = append(vbs, pdu.VarBind{Name: join(tb.entry.Append(arc), index), Value: v})
	}
	return vbs
}

// TestTablesAgainstModel has managers send random SETs. What they are answered, what
// the tables have then, and what the policy decides, is as the model says.
func TestTablesAgainstModel(t *testing.T) {
	granted, refused := 0, map[pdu.ErrorStatus]int{}
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(42, seed))
		p := vacm.MustNew(
			vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "fixed", GroupName: "g"},
			vacm.Access{GroupName: "fixed", ReadViewName: "fixed"},
			vacm.ViewTreeFamily{ViewName: "fixed", Subtree: ber.MustOID("1.3.6")},
		)
		tree, m := served(t, p), newTablesModel()
		for table := range m.tables { // the statements' rows
			dst := make([]pdu.VarBind, 100)
			n, err := tree.Next(new(mib.Request), m.tables[table].entry, dst)
			if err != nil {
				t.Fatal(err)
			}
			for _, vb := range dst[:n] {
				if vb.Name.HasPrefix(m.tables[table].entry) {
					_, arc, index := m.find(vb.Name)
					if m.rows[table][index] == nil {
						m.rows[table][index.Clone()] = modelRow{}
					}
					m.rows[table][index][arc] = vb.Value
				}
			}
		}
		for step := range 1500 {
			vbs := m.randomSet(rnd)
			want := m.set(vbs)
			if got := statusOf(tree.Set(new(mib.Request), vbs)); got != want {
				t.Fatalf("seed %d, step %d: %v: %v, want %v", seed, step, vbs, got, want)
			}
			if want.Status != pdu.NoError {
				refused[want.Status]++
				continue
			}
			granted++
			for table, tb := range m.tables {
				got, want := walk(t, new(mib.Request), tree, tb.entry), m.walk(table)
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d, step %d: after %v there are\n%s\nwant\n%s", seed, step, vbs, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			if got, want := decisions(p), decisions(m.policy()); got != want {
				t.Fatalf("seed %d, step %d: after %v the policy says\n%s\nwant\n%s", seed, step, vbs, got, want)
			}
		}
	}
	t.Logf("%d SETs were carried out; refused were %v", granted, refused)
	for _, status := range []pdu.ErrorStatus{pdu.NoCreation, pdu.InconsistentName, pdu.InconsistentValue, pdu.WrongValue, pdu.WrongLength, pdu.WrongType, pdu.NotWritable} {
		if refused[status] == 0 {
			t.Errorf("no SET was answered with %v", status)
		}
	}
	if granted < 1000 {
		t.Errorf("only %d SETs were carried out", granted)
	}
}
