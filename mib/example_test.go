package mib_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

// pumpMIB is where the examples have their objects, below the enterprise number
// that RFC 5612 reserves for documentation.
var pumpMIB = ber.MustOID("1.3.6.1.4.1.32473.1")

// print shows what a walk over tree would.
func print(tree *mib.Tree) {
	var r mib.Request
	dst := make([]pdu.VarBind, 10)
	from := ber.OID("")
	for {
		n, err := tree.Next(&r, from, dst)
		if err != nil {
			fmt.Println(err)
		}
		if n == 0 {
			return
		}
		for _, vb := range dst[:n] {
			fmt.Println(vb)
		}
		from = dst[n-1].Name.Append(0)
	}
}

func ExampleScalar() {
	rpm := 1450
	tree := mib.NewTree()
	err := mib.Scalar{
		Object: pumpMIB.Append(1),
		Get:    mib.Value(func() pdu.Value { return mib.Gauge(int64(rpm)) }),
	}.Register(tree)
	if err != nil {
		fmt.Println(err)
	}
	print(tree)
	// Output:
	// 1.3.6.1.4.1.32473.1.1.0 = Gauge32 1450
}

// A setpoint is an object that managers write to.
func ExampleScalar_setpoint() {
	var setpoint atomic.Int32 // °C
	setpoint.Store(21)
	tree := mib.NewTree()
	err := mib.Scalar{
		Object: pumpMIB.Append(2),
		Get:    mib.Value(func() pdu.Value { return pdu.Integer(setpoint.Load()) }),
		Syntax: pdu.TypeInteger,
		Check:  mib.Range(5, 30),
		Set: func(_ *mib.Request, v pdu.Value) error {
			setpoint.Store(v.Int())
			return nil
		},
	}.Register(tree)
	if err != nil {
		fmt.Println(err)
	}

	set := func(degrees int32) {
		fmt.Println(degrees, tree.Set(new(mib.Request), []pdu.VarBind{
			{Name: pumpMIB.Append(2, 0), Value: pdu.Integer(degrees)},
		}))
	}
	set(25)
	set(80)
	print(tree)
	// Output:
	// 25 <nil>
	// 80 wrongValue at varbind 1
	// 1.3.6.1.4.1.32473.1.2.0 = INTEGER 25
}

func ExampleTable() {
	type Pump struct {
		ID     int
		Name   string
		Litres uint64
		HasRPM bool // old ones cannot tell
		RPM    int64
	}
	pumps := &mib.Rows[Pump]{
		Index: func(x *mib.Index, p *Pump) { x.Int(&p.ID) },
	}
	tree := mib.NewTree()
	err := mib.Table[Pump]{
		Entry: pumpMIB.Append(3, 1),
		Rows:  pumps,
		Columns: []mib.Column[Pump]{
			{Arc: 2, Get: func(p *Pump) pdu.Value { return pdu.OctetString(p.Name) }},
			{Arc: 3, Get: func(p *Pump) pdu.Value { return pdu.Counter64(p.Litres) }},
			{Arc: 4, Get: func(p *Pump) pdu.Value {
				if !p.HasRPM {
					return pdu.Value{} // this row has no such instance
				}
				return mib.Gauge(p.RPM)
			}},
		},
	}.Register(tree)
	if err != nil {
		fmt.Println(err)
	}

	// As often as there is news:
	err = pumps.Store([]Pump{
		{ID: 12, Name: "south", Litres: 7, HasRPM: true, RPM: 900},
		{ID: 3, Name: "north", Litres: 10_000_000_000},
	})
	if err != nil {
		fmt.Println(err)
	}
	print(tree)
	// Output:
	// 1.3.6.1.4.1.32473.1.3.1.2.3 = OCTET STRING "north"
	// 1.3.6.1.4.1.32473.1.3.1.2.12 = OCTET STRING "south"
	// 1.3.6.1.4.1.32473.1.3.1.3.3 = Counter64 10000000000
	// 1.3.6.1.4.1.32473.1.3.1.3.12 = Counter64 7
	// 1.3.6.1.4.1.32473.1.3.1.4.12 = Gauge32 900
}

// Managers create and delete the rows of this table.
func ExampleTable_rowStatus() {
	type Alarm struct {
		Name   string
		Limit  int32 // 0: not known yet
		Status mib.RowStatus
	}
	alarms := &mib.Rows[Alarm]{
		Index: func(x *mib.Index, a *Alarm) { x.ImpliedString(&a.Name) },
	}
	tree := mib.NewTree()
	entry := pumpMIB.Append(4, 1)
	err := mib.Table[Alarm]{
		Entry:   entry,
		Rows:    alarms,
		MaxRows: 10,
		Columns: []mib.Column[Alarm]{
			{Arc: 2, Syntax: pdu.TypeInteger, Check: mib.Range(1, 100), Required: true,
				Get: func(a *Alarm) pdu.Value {
					if a.Limit == 0 {
						return pdu.Value{}
					}
					return pdu.Integer(a.Limit)
				},
				Set: func(a *Alarm, v pdu.Value) error { a.Limit = v.Int(); return nil }},
			{Arc: 3, RowStatus: func(a *Alarm) *mib.RowStatus { return &a.Status }},
		},
	}.Register(tree)
	if err != nil {
		fmt.Println(err)
	}

	hot := []uint32{'h', 'o', 't'}
	limit, status := entry.Append(2).Append(hot...), entry.Append(3).Append(hot...)
	createAndGo := pdu.VarBind{Name: status, Value: pdu.Integer(int32(mib.CreateAndGo))}

	err = tree.Set(new(mib.Request), []pdu.VarBind{createAndGo})
	fmt.Println(err, errors.Is(err, pdu.InconsistentValue))
	err = tree.Set(new(mib.Request), []pdu.VarBind{createAndGo, {Name: limit, Value: pdu.Integer(80)}})
	fmt.Println(err)
	for _, a := range alarms.Load().All() {
		fmt.Printf("%+v\n", *a)
	}
	// Output:
	// inconsistentValue at varbind 1 true
	// <nil>
	// {Name:hot Limit:80 Status:active}
}

// limits are two objects with a rule in common: low.1.0 stays below high.2.0. A Scalar's
// Check knows one value alone, a Setter all that a SET assigns.
type limits struct {
	prefix    ber.OID
	mu        sync.Mutex // Get and Next are called while a SET is carried out
	low, high int32
}

// Inline says that no method blocks.
func (l *limits) Inline(mib.Operation) bool { return true }

func (l *limits) instances() []pdu.VarBind {
	l.mu.Lock()
	defer l.mu.Unlock()
	return []pdu.VarBind{
		{Name: l.prefix.Append(1, 0), Value: pdu.Integer(l.low)},
		{Name: l.prefix.Append(2, 0), Value: pdu.Integer(l.high)},
	}
}

func (l *limits) Get(_ *mib.Request, name ber.OID) (pdu.Value, error) {
	for _, vb := range l.instances() {
		if vb.Name == name {
			return vb.Value, nil
		}
	}
	if name.HasPrefix(l.prefix.Append(1)) || name.HasPrefix(l.prefix.Append(2)) {
		return pdu.NoSuchInstance, nil
	}
	return pdu.NoSuchObject, nil
}

func (l *limits) Next(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	for _, vb := range l.instances() {
		if vb.Name >= from && n < len(dst) {
			dst[n] = vb
			n++
		}
	}
	return n, nil
}

func (l *limits) Test(_ *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
	now := l.instances()
	c := &limitsChange{limits: l, low: now[0].Value.Int(), high: now[1].Value.Int()}
	for i, vb := range vbs {
		status := pdu.NoError
		switch {
		case !vb.Name.HasPrefix(l.prefix.Append(1)) && !vb.Name.HasPrefix(l.prefix.Append(2)):
			status = pdu.NotWritable
		case vb.Value.Syntax() != pdu.TypeInteger:
			status = pdu.WrongType
		case vb.Name == now[0].Name:
			c.low = vb.Value.Int()
		case vb.Name == now[1].Name:
			c.high = vb.Value.Int()
		default:
			status = pdu.NoCreation
		}
		if status != pdu.NoError {
			return nil, &pdu.StatusError{Status: status, Index: i + 1}
		}
	}
	if c.low >= c.high {
		return nil, pdu.InconsistentValue
	}
	return c, nil
}

// A limitsChange has the values that are not in l: first the new, then the old ones.
type limitsChange struct {
	limits    *limits
	low, high int32
}

func (c *limitsChange) Commit(*mib.Request) error {
	l := c.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	l.low, c.low = c.low, l.low
	l.high, c.high = c.high, l.high
	return nil
}

func (c *limitsChange) Undo(r *mib.Request) error { return c.Commit(r) }
func (c *limitsChange) Close()                    {}

func ExampleSetter() {
	tree := mib.NewTree()
	l := &limits{prefix: pumpMIB.Append(5), low: 10, high: 20}
	if err := tree.Register(l.prefix, l); err != nil {
		fmt.Println(err)
	}
	low, high := l.prefix.Append(1, 0), l.prefix.Append(2, 0)
	fmt.Println(tree.Set(new(mib.Request), []pdu.VarBind{{Name: low, Value: pdu.Integer(30)}}))
	fmt.Println(tree.Set(new(mib.Request), []pdu.VarBind{{Name: low, Value: pdu.Integer(30)}, {Name: high, Value: pdu.Integer(40)}}))
	print(tree)
	// Output:
	// inconsistentValue at varbind 1
	// <nil>
	// 1.3.6.1.4.1.32473.1.5.1.0 = INTEGER 30
	// 1.3.6.1.4.1.32473.1.5.2.0 = INTEGER 40
}

// TestLimits has the example keep the rules.
func TestLimits(t *testing.T) {
	l := &limits{prefix: pumpMIB.Append(5), low: 10, high: 20}
	set := []pdu.VarBind{{Name: l.prefix.Append(1, 0), Value: pdu.Integer(30)}, {Name: l.prefix.Append(2, 0), Value: pdu.Integer(40)}}
	mibtest.Run(t, l, l.prefix, mibtest.Options{Sets: [][]pdu.VarBind{set}})
}

// perContext hands on to a handler for the same objects in each context: one that
// the method Handler of a Table or Scalar gives, or another Tree if it is read-only.
type perContext map[string]mib.Handler

func (c perContext) Get(r *mib.Request, name ber.OID) (pdu.Value, error) {
	if h := c[r.ContextName]; h != nil {
		return h.Get(r, name)
	}
	return pdu.NoSuchObject, nil
}

func (c perContext) Next(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
	if h := c[r.ContextName]; h != nil {
		return h.Next(r, from, dst)
	}
	return 0, nil
}

func (c perContext) Test(r *mib.Request, vbs []pdu.VarBind) (mib.Change, error) {
	if h, ok := c[r.ContextName].(mib.Setter); ok {
		return h.Test(r, vbs)
	}
	return nil, pdu.NotWritable
}

// The objects of this agent are others in each context.
func Example_contexts() {
	object := pumpMIB.Append(6)
	site := func(name string) mib.Handler {
		h, err := mib.Scalar{Object: object, Get: mib.Constant(pdu.OctetString(name)), Syntax: pdu.TypeOctetString,
			Set: func(_ *mib.Request, v pdu.Value) error {
				fmt.Println("to", name, v)
				return nil
			}}.Handler()
		if err != nil {
			fmt.Println(err)
		}
		return h
	}
	tree := mib.NewTree()
	err := tree.Register(object, perContext{"": site("plant"), "north": site("north")})
	if err != nil {
		fmt.Println(err)
	}
	for _, name := range []string{"", "north", "south"} {
		r := &mib.Request{ContextName: name}
		v, err := tree.Get(r, object.Append(0))
		fmt.Println(v, err)
		fmt.Println(tree.Set(r, []pdu.VarBind{{Name: object.Append(0), Value: pdu.OctetString("x")}}))
	}
	// Output:
	// OCTET STRING "plant" <nil>
	// to plant OCTET STRING "x"
	// <nil>
	// OCTET STRING "north" <nil>
	// to north OCTET STRING "x"
	// <nil>
	// noSuchObject <nil>
	// notWritable at varbind 1
}
