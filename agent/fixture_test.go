package agent_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The objects that the tests ask for.
var (
	base     = ber.MustOID("1.3.6.1.4.1.32473.1")
	title    = base.Append(1) // scalar, a string that is read-only
	setpoint = base.Append(2) // scalar, an integer from 0 to 100 that can be written
	label    = base.Append(3) // scalar, a string of up to 8 octets that can be written
	total    = base.Append(4) // scalar, a Counter64
	entry    = base.Append(5, 1)
	after    = base.Append(6) // scalar, a TimeTicks

	// columns of the table, which has the rows 1, 2 and 10
	colIndex = entry.Append(1) // INTEGER
	colName  = entry.Append(2) // OCTET STRING, none in row 2
	colCount = entry.Append(3) // Counter64
	colState = entry.Append(4) // INTEGER
)

// instance is an instance of a scalar.
func instance(object ber.OID) ber.OID { return object.Append(0) }

// A plant is what the objects are about.
type plant struct {
	mu       sync.Mutex
	setpoint int32
	label    string
}

func (p *plant) get() (setpoint int32, label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.setpoint, p.label
}

type row struct {
	index int32
	name  string
}

// newTree returns the objects of a plant.
func newTree(t testing.TB, p *plant) *mib.Tree {
	t.Helper()
	tree := mib.NewTree()
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Int32(&r.index) }}
	err := rows.Store([]row{{1, "one"}, {2, ""}, {10, "ten"}})
	for _, s := range []mib.Scalar{
		{Object: title, Get: mib.Constant(pdu.OctetString("pump"))},
		{
			Object: setpoint,
			Get: mib.Value(func() pdu.Value {
				n, _ := p.get()
				return pdu.Integer(n)
			}),
			Syntax: pdu.TypeInteger,
			Check: func(_ *mib.Request, v pdu.Value) error {
				if n := v.Int(); n < 0 || n > 100 {
					return pdu.WrongValue
				}
				return nil
			},
			Set: func(_ *mib.Request, v pdu.Value) error {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.setpoint = v.Int()
				return nil
			},
		},
		{
			Object: label,
			Get: mib.Value(func() pdu.Value {
				_, s := p.get()
				return pdu.OctetString(s)
			}),
			Syntax: pdu.TypeOctetString,
			Check: func(_ *mib.Request, v pdu.Value) error {
				if len(v.Octets()) > 8 {
					return pdu.WrongLength
				}
				return nil
			},
			Set: func(_ *mib.Request, v pdu.Value) error {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.label = v.Octets()
				return nil
			},
		},
		{Object: total, Get: mib.Constant(pdu.Counter64(1 << 40))},
		{Object: after, Get: mib.Constant(pdu.TimeTicks(99))},
	} {
		err = errors.Join(err, s.Register(tree))
	}
	err = errors.Join(err, mib.Table[row]{
		Entry: entry,
		Rows:  rows,
		Columns: []mib.Column[row]{
			{Arc: 1, Get: func(r *row) pdu.Value { return pdu.Integer(r.index) }},
			{Arc: 2, Get: func(r *row) pdu.Value {
				if r.name == "" {
					return pdu.Value{}
				}
				return pdu.OctetString(r.name)
			}},
			{Arc: 3, Get: func(r *row) pdu.Value { return pdu.Counter64(uint64(r.index) << 33) }},
			{Arc: 4, Get: func(r *row) pdu.Value { return pdu.Integer(1) }},
		},
	}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// everything is what a walk of newTree's objects finds in SNMPv2, with the
// plant's zero value.
func everything() []pdu.VarBind {
	return []pdu.VarBind{
		vb(instance(title), pdu.OctetString("pump")),
		vb(instance(setpoint), pdu.Integer(0)),
		vb(instance(label), pdu.OctetString("")),
		vb(instance(total), pdu.Counter64(1<<40)),
		vb(colIndex.Append(1), pdu.Integer(1)),
		vb(colIndex.Append(2), pdu.Integer(2)),
		vb(colIndex.Append(10), pdu.Integer(10)),
		vb(colName.Append(1), pdu.OctetString("one")),
		vb(colName.Append(10), pdu.OctetString("ten")),
		vb(colCount.Append(1), pdu.Counter64(1<<33)),
		vb(colCount.Append(2), pdu.Counter64(2<<33)),
		vb(colCount.Append(10), pdu.Counter64(10<<33)),
		vb(colState.Append(1), pdu.Integer(1)),
		vb(colState.Append(2), pdu.Integer(1)),
		vb(colState.Append(10), pdu.Integer(1)),
		vb(instance(after), pdu.TimeTicks(99)),
	}
}

// A handler is a read-only mib.Handler made of functions. Without next it has no
// instances but for Get.
type handler struct {
	get    func(r *mib.Request, name ber.OID) (pdu.Value, error)
	next   func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error)
	inline bool
}

func (h *handler) Inline(mib.Operation) bool { return h.inline }

func (h *handler) Get(r *mib.Request, name ber.OID) (pdu.Value, error) { return h.get(r, name) }

func (h *handler) Next(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
	if h.next == nil {
		return 0, nil
	}
	return h.next(r, from, dst)
}

// instances returns a handler for a sorted list.
func instances(list []pdu.VarBind) *handler {
	return &handler{
		inline: true,
		get: func(_ *mib.Request, name ber.OID) (pdu.Value, error) {
			for _, vb := range list {
				if vb.Name == name {
					return vb.Value, nil
				}
			}
			return pdu.NoSuchInstance, nil
		},
		next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
			i, _ := slices.BinarySearchFunc(list, from, func(vb pdu.VarBind, name ber.OID) int { return vb.Name.Compare(name) })
			return copy(dst, list[i:]), nil
		},
	}
}

// register adds a handler to a tree.
func register(t testing.TB, tree *mib.Tree, prefix ber.OID, h mib.Handler) {
	t.Helper()
	if err := tree.Register(prefix, h); err != nil {
		t.Fatal(err)
	}
}
