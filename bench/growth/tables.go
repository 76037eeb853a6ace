package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// base is where the objects are.
var base = ber.MustOID("1.3.6.1.4.1.32473.1")

// rows are the rows of a table whose cells can be written.
var rows = series{
	what: "rows", text: "rows of a table (mib.Rows), each of 8 octets, with a column that can be written",
	sizes:  []int{1e3, 1e4, 1e5, 1e6, 1e7},
	floors: numberFloors,
	build: func(size int) (*built, error) {
		type row struct{ index, value uint32 }
		store := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Uint32(&r.index) }}
		before := heap()
		if err := fill(store, size, func(n int) row { return row{keyArc(n), uint32(n)} }); err != nil {
			return nil, err
		}
		b := &built{memory: float64(heap()-before) / float64(size)}
		tree := mib.NewTree()
		err := mib.Table[row]{
			Entry: base, Rows: store,
			Columns: []mib.Column[row]{
				{Arc: 1, Get: func(r *row) pdu.Value { return pdu.Gauge32(r.index) }},
				{Arc: 2, Get: func(r *row) pdu.Value { return pdu.Gauge32(r.value) }, Syntax: pdu.TypeGauge32,
					Set: func(r *row, v pdu.Value) error { r.value = uint32(v.Uint()); return nil }},
			},
		}.Register(tree)
		if err != nil {
			return nil, err
		}
		if err := b.serve(tree, agent.InsecureAllowAll); err != nil {
			return nil, err
		}
		cell := func(column uint32, key int) ber.OID { return base.Append(column, keyArc(key)) }
		err = b.add(size,
			"GET", 1, func(key int) ([]byte, error) { return plain("public", get(cell(1, key))) },
			"GETNEXT", 1, func(key int) ([]byte, error) { return plain("public", next(cell(1, key))) },
			"GETBULK 20", 20, func(key int) ([]byte, error) { return plain("public", bulk(20, cell(1, key))) },
			"SET", 1, func(key int) ([]byte, error) { return plain("public", set(cell(2, key), pdu.Gauge32(7))) },
		)
		return b, err
	},
}

// fill stores size rows. They are no garbage yet when the heap is looked at before.
func fill[R any](store *mib.Rows[R], size int, make func(n int) R) error {
	list := slices.Grow([]R(nil), size)
	for n := range size {
		list = append(list, make(n))
	}
	return store.Store(list)
}

// objects are scalars, each registered by itself.
var objects = series{
	what: "objects", text: "scalars that can be written (mib.Scalar), each registered by itself",
	sizes:  []int{1e2, 1e3, 1e4, 1e5},
	floors: objectFloors,
	build: func(size int) (*built, error) {
		before := heap()
		tree := mib.NewTree()
		for n := range size + 20 { // so that GETBULK has something behind the last key
			value := new(atomic.Uint32)
			err := mib.Scalar{
				Object: base.Append(keyArc(n)),
				Get:    func(*mib.Request) (pdu.Value, error) { return pdu.Gauge32(value.Load()), nil },
				Set:    func(_ *mib.Request, v pdu.Value) error { value.Store(uint32(v.Uint())); return nil },
				Syntax: pdu.TypeGauge32,
			}.Register(tree)
			if err != nil {
				return nil, err
			}
		}
		if _, err := tree.Get(&mib.Request{}, base); err != nil { // the first look-up arranges them
			return nil, err
		}
		b := &built{memory: float64(heap()-before) / float64(size+20)}
		if err := b.serve(tree, agent.InsecureAllowAll); err != nil {
			return nil, err
		}
		object := func(key int) ber.OID { return base.Append(keyArc(key)) }
		err := b.add(size,
			"GET", 1, func(key int) ([]byte, error) { return plain("public", get(object(key).Append(0))) },
			"GETNEXT", 1, func(key int) ([]byte, error) { return plain("public", next(object(key))) },
			"GETBULK 20", 20, func(key int) ([]byte, error) { return plain("public", bulk(20, object(key))) },
			"SET", 1, func(key int) ([]byte, error) {
				return plain("public", set(object(key).Append(0), pdu.Gauge32(7)))
			},
		)
		return b, err
	},
}

// contexts have a table of one row each.
var contexts = series{
	what: "contexts", text: "contexts, each with a row of its own in one table (mib.Table.Source), a community, and a row of vacmAccessTable for the one user",
	sizes:  []int{1, 1e1, 1e2, 1e3, 1e4},
	floors: nameFloors,
	build: func(size int) (*built, error) {
		type row struct{ value uint32 }
		names := make([]string, size)
		byContext := make(map[string]*mib.Snapshot[row], size)
		var statements []vacm.Statement
		before := heap()
		for n := range names {
			names[n] = keyName(n)
			s, err := mib.NewSnapshot([]row{{uint32(n)}}, func(x *mib.Index, r *row) { one := uint32(1); x.Uint32(&one) })
			if err != nil {
				return nil, err
			}
			byContext[names[n]] = s
			statements = append(statements,
				vacm.CommunityRule{Community: names[n], ContextName: names[n]},
				vacm.UserRule{User: "ops", ContextPrefix: names[n]})
		}
		policy, err := vacm.New(statements...)
		if err != nil {
			return nil, err
		}
		statements = nil
		tree := mib.NewTree()
		err = mib.Table[row]{
			Entry:   base,
			Source:  func(r *mib.Request) (*mib.Snapshot[row], error) { return byContext[r.ContextName], nil },
			Columns: []mib.Column[row]{{Arc: 1, Get: func(r *row) pdu.Value { return pdu.Gauge32(r.value) }}},
		}.Register(tree)
		if err != nil {
			return nil, err
		}
		b := new(built)
		if err := b.serve(tree, policy, func(a *agent.Agent) error {
			a.Contexts = names
			return a.AddUserKeys(newUser("ops", noAuth))
		}); err != nil {
			return nil, err
		}
		b.memory = float64(heap()-before) / float64(size)
		p := newPeer()
		if err := p.Users().Add(newUser("ops", noAuth)); err != nil {
			return nil, err
		}
		instance := base.Append(1, 1)
		err = b.add(size,
			"GET, v2c", 1, func(key int) ([]byte, error) { return plain(keyName(key), get(instance)) },
			"GET, v3", 1, func(key int) ([]byte, error) {
				return p.secure("ops", keyName(key), pdu.NoAuthNoPriv, get(instance))
			},
			"GETNEXT, v3", 1, func(key int) ([]byte, error) {
				return p.secure("ops", keyName(key), pdu.NoAuthNoPriv, next(base))
			},
		)
		return b, err
	},
}

// serve activates the agent.
func (b *built) serve(tree *mib.Tree, access agent.Access, options ...func(*agent.Agent) error) error {
	a := agent.New()
	a.MIB, a.Access = tree, access
	for _, o := range options {
		if err := o(a); err != nil {
			return err
		}
	}
	var err error
	b.subject, err = newSubject(a)
	return err
}

// add adds works: for each a name, how many varbinds an answer has, and what makes the
// request for a key.
func (b *built) add(size int, list ...any) error {
	for i := 0; i < len(list); i += 3 {
		t, err := newTemplate(list[i+2].(func(int) ([]byte, error)))
		if err != nil {
			return fmt.Errorf("%s: %w", list[i], err)
		}
		b.works = append(b.works, work{list[i].(string), t.generate(size), list[i+1].(int)})
	}
	return nil
}

// Sink is where look-ups leave what they found, so that they have to be done. It is
// exported because nobody reads it.
var Sink uint32

// numberFloors look numbers up, each only when the one before has been found, as it is
// with requests. zero is what makes the one depend on the other.
func numberFloors(size int) []floor {
	type row struct{ zero, value uint32 }
	byKey := make(map[uint32]*row, size)
	sorted := make([]uint32, size)
	list := make([]row, size)
	for n := range size {
		list[n] = row{0, uint32(n)}
		sorted[n] = keyArc(n)
		byKey[keyArc(n)] = &list[n]
	}
	random := rand.New(rand.NewPCG(3, uint64(size)))
	next := func(zero uint32) uint32 { return keyArc(int(random.Uint64()%uint64(size))) + zero }
	return []floor{
		{"a Go map and what it points to", func(n int) {
			found := &list[0]
			for range n {
				found = byKey[next(found.zero)]
			}
			Sink += found.value
		}},
		{"a sorted slice and what stands there", func(n int) {
			found := &list[0]
			for range n {
				i, _ := slices.BinarySearch(sorted, next(found.zero))
				found = &list[i]
			}
			Sink += found.value
		}},
	}
}

// objectFloors look objects up by the names of their instances, and ask them.
func objectFloors(size int) []floor {
	byName := make(map[ber.OID]func() pdu.Value, size)
	for n := range size {
		value := new(atomic.Uint32)
		byName[base.Append(keyArc(n), 0)] = func() pdu.Value { return pdu.Gauge32(value.Load()) }
	}
	random := rand.New(rand.NewPCG(3, uint64(size)))
	return []floor{{"a Go map of names to functions that return the value", func(n int) {
		var arena ber.Arena
		found := pdu.Gauge32(0)
		for range n {
			arena.Reset()
			key := keyArc(int(random.Uint64()%uint64(size))) + uint32(found.Uint())
			found = byName[arena.JoinArcs(base, key, 0)]()
		}
		Sink += uint32(found.Uint())
	}}}
}

// nameFloors look names up in the same way.
func nameFloors(size int) []floor {
	type keys struct{ value [256]byte }
	type entry struct {
		name string
		zero int
		keys *keys
	}
	byName := make(map[string]*entry, size)
	for n := range size {
		e := &entry{name: keyName(n), keys: new(keys)}
		byName[e.name] = e
	}
	t := template{datagram: []byte(keyName(0)), digits: []int{len("key-")}}
	g := t.generate(size)
	buf := make([]byte, 32)
	return []floor{{"a Go map of names, and the keys that it leads to", func(n int) {
		found := byName[keyName(0)]
		for range n {
			found = byName[string(g(buf)[found.zero:])]
			found.zero = int(found.keys.value[128])
		}
		Sink += uint32(found.zero)
	}}}
}
