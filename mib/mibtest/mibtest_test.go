package mibtest_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

var prefix = ber.MustOID("1.3.6.1.4.1.32473.1")

// A model is a handler that keeps all rules: a table with the columns 2 and 3 and
// four rows, whose column 2 can be written. Tests break one function of it.
type model struct {
	mu   sync.RWMutex
	list []pdu.VarBind

	get    func(r *mib.Request, name ber.OID) (pdu.Value, error)
	next   func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error)
	test   func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error)
	commit func() error
	undo   func() error
	close  func()
}

func (m *model) Get(r *mib.Request, name ber.OID) (pdu.Value, error) { return m.get(r, name) }
func (m *model) Next(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
	return m.next(r, from, dst)
}
func (m *model) Test(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) { return m.test(r, vbs) }

func newModel() *model {
	m := &model{}
	for _, column := range []uint32{2, 3} {
		for _, row := range []uint32{1, 2, 5, 4294967295} {
			v := pdu.Integer(int32(row % 1000))
			if column == 3 {
				v = pdu.ObjectIdentifier(ber.NewOID(1, 3, row))
			}
			m.list = append(m.list, pdu.VarBind{Name: prefix.Append(column, row), Value: v})
		}
	}
	m.get = func(_ *mib.Request, name ber.OID) (pdu.Value, error) {
		m.mu.RLock()
		defer m.mu.RUnlock()
		if i := m.index(name); i < len(m.list) && m.list[i].Name == name {
			return m.list[i].Value, nil
		}
		if name.HasPrefix(prefix.Append(2)) || name.HasPrefix(prefix.Append(3)) {
			return pdu.NoSuchInstance, nil
		}
		return pdu.NoSuchObject, nil
	}
	m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		m.mu.RLock()
		defer m.mu.RUnlock()
		return copy(dst, m.list[m.index(from):]), nil
	}
	m.test = func(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
		for i, vb := range vbs {
			if vb.Value.Syntax() != pdu.TypeInteger {
				return nil, &pdu.StatusError{Status: pdu.WrongType, Index: i + 1}
			}
		}
		c := &change{m: m}
		for _, vb := range vbs {
			c.vbs = append(c.vbs, vb.Clone())
		}
		return c, nil
	}
	m.commit = func() error { return nil }
	m.undo = m.commit
	m.close = func() {}
	return m
}

func (m *model) index(from ber.OID) int {
	i, _ := slices.BinarySearchFunc(m.list, from, func(vb pdu.VarBind, o ber.OID) int { return vb.Name.Compare(o) })
	return i
}

type change struct {
	m      *model
	vbs    []pdu.VarBind
	before []pdu.VarBind
}

func (c *change) Commit(*mib.Request) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.before = slices.Clone(c.m.list)
	for _, vb := range c.vbs {
		i := c.m.index(vb.Name)
		if i < len(c.m.list) && c.m.list[i].Name == vb.Name {
			c.m.list[i] = vb
		} else {
			c.m.list = slices.Insert(c.m.list, i, vb)
		}
	}
	return c.m.commit()
}

func (c *change) Undo(*mib.Request) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.m.list = c.before
	return c.m.undo()
}

func (c *change) Close() { c.m.close() }

// options has a SET that changes a row and one that makes another.
func options() mibtest.Options {
	return mibtest.Options{Table: true, Sets: [][]pdu.VarBind{
		{{Name: prefix.Append(2, 5), Value: pdu.Integer(50)}},
		{{Name: prefix.Append(2, 6), Value: pdu.Integer(60)}, {Name: prefix.Append(2, 2), Value: pdu.Integer(20)}},
	}}
}

func TestModel(t *testing.T) { mibtest.Run(t, newModel(), prefix, options()) }

// TestBroken: each way to break a rule is found, and the rule is named.
func TestBroken(t *testing.T) {
	stuck := errors.New("stuck")
	tests := []struct {
		name string
		rule string
		do   func(m *model)
	}{
		{"a walk never ends", "walk", func(m *model) {
			m.next = func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) { return copy(dst, m.list[:1]), nil }
		}},
		{"results are sorted as text", "walk", func(m *model) {
			m.list[0].Name, m.list[1].Name = prefix.Append(2, 10), prefix.Append(2, 9)
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				if from == "" {
					return copy(dst, m.list[:1]), nil
				}
				return copy(dst, m.list[1:2]), nil
			}
		}},
		{"it goes on into what is not its own", "walk", func(m *model) {
			m.list = append(m.list, pdu.VarBind{Name: ber.MustOID("1.3.6.1.4.1.32473.2.0"), Value: pdu.Integer(1)})
		}},
		{"it fails", "walk", func(m *model) {
			m.next = func(*mib.Request, ber.OID, []pdu.VarBind) (int, error) { return 0, stuck }
		}},
		{"it counts wrong", "walk", func(m *model) {
			m.next = func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) { return len(m.list), nil }
		}},
		{"a value is missing", "value", func(m *model) { m.list[3].Value = pdu.Value{} }},
		{"a value is an exception", "value", func(m *model) { m.list[3].Value = pdu.NoSuchInstance }},
		{"a value is NULL", "value", func(m *model) { m.list[3].Value = pdu.Null }},
		{"a value is an OID without encoding", "value", func(m *model) { m.list[5].Value = pdu.ObjectIdentifier(ber.NewOID(1)) }},
		{"a value is too long", "value", func(m *model) { m.list[3].Value = pdu.OctetString(strings.Repeat("x", 65536)) }},
		{"a name is too long", "value", func(m *model) {
			long := prefix.Append(3, 4294967295)
			for long.Len() <= ber.MaxArcs {
				long = long.Append(0)
			}
			m.list = append(m.list, pdu.VarBind{Name: long, Value: pdu.ObjectIdentifier(ber.NewOID(1, 3))})
		}},
		{"Get does not know what Next does", "get", func(m *model) {
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				if name.At(name.Len()-1) > 2147483647 {
					return pdu.NoSuchInstance, nil
				}
				return get(r, name)
			}
		}},
		{"Get knows another type", "get", func(m *model) {
			m.get = func(_ *mib.Request, name ber.OID) (pdu.Value, error) { return pdu.OctetString("1"), nil }
		}},
		{"Get fails where there is nothing", "absent", func(m *model) {
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				if v, _ := get(r, name); !v.IsException() {
					return v, nil
				}
				return pdu.Value{}, pdu.NoSuchName
			}
		}},
		{"Get takes a name for another", "absent", func(m *model) {
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				return get(r, name.Slice(0, min(name.Len(), 10)))
			}
		}},
		{"Get sends endOfMibView", "absent", func(m *model) {
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				if v, _ := get(r, name); !v.IsException() {
					return v, nil
				}
				return pdu.EndOfMibView, nil
			}
		}},
		{"Next steps over the name it is asked for", "keys", func(m *model) {
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.RLock()
				defer m.mu.RUnlock()
				i := m.index(from)
				if i < len(m.list) && m.list[i].Name == from {
					i++
				}
				return copy(dst, m.list[i:]), nil
			}
		}},
		{"Next wants a name of its own", "keys", func(m *model) {
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.RLock()
				defer m.mu.RUnlock()
				if from != "" && from < prefix {
					return 0, nil
				}
				return copy(dst, m.list[m.index(from):]), nil
			}
		}},
		{"Next wants a name that can be encoded", "keys", func(m *model) {
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.RLock()
				defer m.mu.RUnlock()
				if from.Len() > ber.MaxArcs {
					return 0, stuck
				}
				return copy(dst, m.list[m.index(from):]), nil
			}
		}},
		{"a column ends with the room for it", "runs", func(m *model) {
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.RLock()
				defer m.mu.RUnlock()
				i := m.index(from)
				n := copy(dst, m.list[i:])
				if i < 4 && i+n > 4 && n > 2 {
					return copy(dst[4-i:], m.list[5:]) + 4 - i, nil // the first cell of the next one is lost
				}
				return n, nil
			}
		}},
		{"it remembers where the walk is", "repeat", func(m *model) {
			at := 0
			m.next = func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				if from.Len() <= prefix.Len() { // a walk starts
					at = m.index(from)
				}
				n := copy(dst, m.list[at:])
				at += n
				return n, nil
			}
		}},
		{"it keeps a name of the request", "arena", func(m *model) {
			var kept ber.OID
			m.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				if len(dst) == 5 && kept == "" {
					kept = r.Arena.Join(prefix, ber.NewOID(2, 1))
				}
				if kept != "" && kept != prefix.Append(2, 1) {
					return 0, nil // its memory has been used again
				}
				return copy(dst, m.list[m.index(from):]), nil
			}
		}},
		{"it returns names in a buffer of its own", "arena", func(m *model) {
			buffers := map[*mib.Request]*ber.Arena{}
			m.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				own := buffers[r]
				if own == nil {
					own = new(ber.Arena)
					buffers[r] = own
				}
				own.Reset()
				n := copy(dst, m.list[m.index(from):])
				for i := range dst[:n] {
					dst[i].Name = own.Join(dst[i].Name, "")
				}
				return n, nil
			}
		}},
		{"a column has two types", "type", func(m *model) { m.list[1].Value = pdu.Gauge32(1) }},
		{"an instance that is in no column", "type", func(m *model) {
			m.list = slices.Insert(m.list, 4, pdu.VarBind{Name: prefix.Append(3), Value: pdu.Integer(1)})
		}},
		{"it waits for nobody", "context", func(m *model) {
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				if r.Context != nil && r.Context.Err() != nil {
					time.Sleep(time.Minute)
				}
				return get(r, name)
			}
		}},
		{"it takes every type", "refuse", func(m *model) {
			m.test = func(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) { return &change{m: m}, nil }
		}},
		{"it points at the wrong varbind", "refuse", func(m *model) {
			m.test = func(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				if slices.ContainsFunc(vbs, func(vb pdu.VarBind) bool { return vb.Value == pdu.Null }) {
					return nil, pdu.WrongType
				}
				return &change{m: m}, nil
			}
		}},
		{"Test changes something although it refuses", "refuse", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				c, err := test(r, vbs)
				if err != nil {
					m.mu.Lock()
					defer m.mu.Unlock()
					m.list[0].Value = pdu.Integer(99)
				}
				return c, err
			}
		}},
		{"Test does it already", "test", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				c, err := test(r, vbs)
				if err == nil {
					err = c.Commit(r)
				}
				return c, err
			}
		}},
		{"Close does something", "test", func(m *model) {
			m.close = func() {
				m.mu.Lock()
				defer m.mu.Unlock()
				m.list[0].Value = pdu.Integer(99)
			}
		}},
		{"Test refuses what can be set", "test", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				if c, err := test(r, vbs); err != nil {
					return c, err
				}
				return nil, pdu.InconsistentName
			}
		}},
		{"Test returns nothing", "test", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				_, err := test(r, vbs)
				return nil, err
			}
		}},
		{"Undo does nothing", "undo", func(m *model) {
			m.undo = func() error { m.list[2].Value = pdu.Integer(50); return nil }
		}},
		{"Undo leaves a row behind", "undo", func(m *model) {
			m.undo = func() error {
				m.list = append(m.list, pdu.VarBind{Name: prefix.Append(3, 4294967295, 1), Value: pdu.ObjectIdentifier(ber.NewOID(1, 3))})
				return nil
			}
		}},
		{"Undo fails", "undo", func(m *model) { m.undo = func() error { return stuck } }},
		{"Commit fails", "undo", func(m *model) { m.commit = func() error { return stuck } }},
		{"a SET that was undone spoils the next", "undo", func(m *model) {
			undone := false
			m.undo = func() error { undone = true; return nil }
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				if undone {
					return nil, pdu.ResourceUnavailable
				}
				return test(r, vbs)
			}
		}},
		{"the varbinds are kept as they came", "undo", func(m *model) {
			m.test = func(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				for i, vb := range vbs {
					if vb.Value.Syntax() != pdu.TypeInteger {
						return nil, &pdu.StatusError{Status: pdu.WrongType, Index: i + 1}
					}
				}
				return &change{m: m, vbs: vbs}, nil
			}
		}},
		{"only the first varbind counts", "order", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				c, err := test(r, vbs)
				if err != nil {
					return c, err
				}
				c.(*change).vbs = c.(*change).vbs[:1]
				return c, nil
			}
		}},
		{"only one order is accepted", "order", func(m *model) {
			test := m.test
			m.test = func(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
				if vbs[0].Name == prefix.Append(2, 2) && vbs[0].Value != pdu.Null {
					return nil, pdu.InconsistentName
				}
				return test(r, vbs)
			}
		}},
		{"only one at a time", "concurrent", func(m *model) {
			var busy sync.Mutex
			next := m.next
			m.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				if !busy.TryLock() {
					return 0, stuck
				}
				defer busy.Unlock()
				time.Sleep(time.Millisecond)
				return next(r, from, dst)
			}
		}},
		{"not while a SET is carried out", "concurrent", func(m *model) {
			var committing atomic.Bool
			next := m.next
			m.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
				if time.Sleep(time.Millisecond); committing.Load() {
					return 0, stuck
				}
				return next(r, from, dst)
			}
			m.commit = func() error {
				m.mu.Unlock()
				defer m.mu.Lock()
				committing.Store(true)
				time.Sleep(time.Second)
				committing.Store(false)
				return nil
			}
		}},
		{"Get not while a SET is undone", "concurrent", func(m *model) {
			var undoing atomic.Bool
			get := m.get
			m.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
				if time.Sleep(time.Millisecond); undoing.Load() {
					return pdu.Value{}, stuck
				}
				return get(r, name)
			}
			m.undo = func() error {
				m.mu.Unlock()
				defer m.mu.Lock()
				undoing.Store(true)
				time.Sleep(time.Second)
				undoing.Store(false)
				return nil
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newModel()
				tt.do(m)
				err := mibtest.Check(m, prefix, options())
				time.Sleep(time.Hour) // who was waited for in vain comes back
				var v *mibtest.Violation
				if !errors.As(err, &v) {
					t.Fatalf("nothing was found: %v", err)
				}
				if rules := violated(err); !slices.Contains(rules, tt.rule) {
					t.Errorf("rules %v were broken, want %s: %v", rules, tt.rule, err)
				}
				if v.Why == "" || v.Detail == "" || !strings.Contains(err.Error(), v.Why) {
					t.Errorf("%v does not explain itself", err)
				}
			})
		})
	}
}

// violated returns the names of the rules in err.
func violated(err error) []string {
	if v, ok := err.(*mibtest.Violation); ok {
		return []string{v.Rule}
	}
	var all []string
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			all = append(all, violated(e)...)
		}
	}
	return all
}

// TestNoSetter: Sets for a handler that has no Test are a mistake of the test's.
func TestNoSetter(t *testing.T) {
	h, err := mib.Scalar{Object: prefix, Get: mib.Constant(pdu.Integer(1))}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if err := mibtest.Check(h, prefix, mibtest.Options{}); err != nil {
		t.Error(err)
	}
	if err := mibtest.Check(h, prefix, options()); !slices.Contains(violated(err), "test") {
		t.Errorf("Sets were not missed: %v", err)
	}
}

// TestOptions: a handler whose values change, one that is larger than what is
// looked at, and one that serves a context.
func TestOptions(t *testing.T) {
	m := newModel()
	count := int32(0)
	var mu sync.Mutex
	m.get = func(_ *mib.Request, name ber.OID) (pdu.Value, error) {
		mu.Lock()
		defer mu.Unlock()
		if name != prefix.Append(0) {
			return pdu.NoSuchInstance, nil
		}
		count++
		return pdu.Integer(count), nil
	}
	m.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
		if from <= prefix.Append(0) {
			v, _ := m.get(r, prefix.Append(0))
			n = copy(dst, []pdu.VarBind{{Name: prefix.Append(0), Value: v}})
		}
		return n, nil
	}
	if err := mibtest.Check(m, prefix, mibtest.Options{Changing: true}); err != nil {
		t.Error(err)
	}
	if err := mibtest.Check(m, prefix, mibtest.Options{}); !slices.Contains(violated(err), "get") {
		t.Errorf("a value that changes was not noticed: %v", err)
	}

	rows := &mib.Rows[int]{Index: func(x *mib.Index, n *int) { x.Int(n) }}
	for i := range 1000 {
		rows.Put(i)
	}
	h, err := mib.Table[int]{Entry: prefix,
		Columns: []mib.Column[int]{{Arc: 1, Get: func(n *int) pdu.Value { return pdu.Integer(int32(*n)) }}},
		Source: func(r *mib.Request) (*mib.Snapshot[int], error) {
			if r.ContextName != "plant" {
				return nil, pdu.GenErr
			}
			return rows.Load(), nil
		}}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Bool
	plant := func() *mib.Request { asked.Store(true); return &mib.Request{ContextName: "plant"} }
	mibtest.Run(t, h, prefix, mibtest.Options{Table: true, Limit: 50, Request: plant})
	if !asked.Load() {
		t.Error("Request was not asked for a request")
	}
}
