package mib_test

import (
	"fmt"
	"sync"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/mibtest"
	"snmpstack/pdu"
)

// handler is for the Handler methods of this package.
func handler(h mib.Handler, err error) mib.Handler {
	if err != nil {
		panic(err)
	}
	return h
}

// TestConformance: the handlers of this package keep its own rules.
func TestConformance(t *testing.T) {
	object := ber.MustOID("1.3.6.1.4.1.32473.2")
	t.Run("scalar", func(t *testing.T) {
		h := handler(mib.Scalar{Object: object, Get: mib.Constant(pdu.OctetString("x"))}.Handler())
		mibtest.Run(t, h, object, mibtest.Options{})
	})
	t.Run("scalar without its instance", func(t *testing.T) {
		h := handler(mib.Scalar{Object: object, Get: mib.Constant(pdu.NoSuchInstance)}.Handler())
		mibtest.Run(t, h, object, mibtest.Options{})
	})
	t.Run("writable scalar", func(t *testing.T) {
		var mu sync.Mutex
		value := int32(20)
		h := handler(mib.Scalar{
			Object: object, Syntax: pdu.TypeInteger, Check: mib.Range(0, 100),
			Get: mib.Value(func() pdu.Value { mu.Lock(); defer mu.Unlock(); return pdu.Integer(value) }),
			Set: func(_ *mib.Request, v pdu.Value) error { mu.Lock(); defer mu.Unlock(); value = v.Int(); return nil },
		}.Handler())
		mibtest.Run(t, h, object, mibtest.Options{Sets: [][]pdu.VarBind{{{Name: object.Append(0), Value: pdu.Integer(30)}}}})
	})
	t.Run("TestAndIncr", func(t *testing.T) {
		c := mib.NewTestAndIncr(object)
		mibtest.Run(t, c.Handler(), object, mibtest.Options{
			Sets: [][]pdu.VarBind{{{Name: object.Append(0), Value: pdu.Integer(c.Value())}}},
		})
	})
	t.Run("table", func(t *testing.T) {
		type route struct {
			Dest string
			Next ber.OID
			Cost int32
		}
		rows := &mib.Rows[route]{Index: func(x *mib.Index, r *route) { x.String(&r.Dest); x.ImpliedOID(&r.Next) }}
		var all []route
		for i := range 700 { // several chunks
			all = append(all, route{fmt.Sprint(i * i), ber.NewOID(uint32(i%3), uint32(i)), int32(i % 5)})
		}
		if err := rows.Store(all); err != nil {
			t.Fatal(err)
		}
		h := handler(mib.Table[route]{
			Entry: object, Rows: rows,
			Columns: []mib.Column[route]{
				{Arc: 3, Get: func(r *route) pdu.Value { return pdu.OctetString(r.Dest) }},
				{Arc: 4294967295, Get: func(r *route) pdu.Value {
					if r.Cost == 0 {
						return pdu.Value{}
					}
					return pdu.Integer(r.Cost)
				}},
				{Arc: 1, Get: func(*route) pdu.Value { return pdu.Value{} }}, // a column without instances
			},
		}.Handler())
		mibtest.Run(t, h, object, mibtest.Options{Table: true})
	})
	t.Run("empty table", func(t *testing.T) {
		h := handler(mib.Table[int]{
			Entry: object, Rows: &mib.Rows[int]{Index: func(x *mib.Index, n *int) { x.Int(n) }},
			Columns: []mib.Column[int]{{Arc: 1, Get: func(n *int) pdu.Value { return pdu.Integer(int32(*n)) }}},
		}.Handler())
		mibtest.Run(t, h, object, mibtest.Options{Table: true})
	})
	t.Run("writable table", func(t *testing.T) {
		type user struct {
			Name   string
			Home   string
			Quota  int32
			Spin   int32
			Status mib.RowStatus
		}
		users := &mib.Rows[user]{Index: func(x *mib.Index, u *user) { x.ImpliedString(&u.Name) }}
		err := users.Store([]user{{Name: "ann", Home: "a"}, {Name: "bob", Status: mib.NotReady}, {Name: "zoe", Home: "z"}})
		if err != nil {
			t.Fatal(err)
		}
		h := handler(mib.Table[user]{
			Entry: object, Rows: users,
			Columns: []mib.Column[user]{
				{Arc: 2, Required: true, Syntax: pdu.TypeOctetString, Check: mib.DisplayString,
					Get: func(u *user) pdu.Value {
						if u.Home == "" {
							return pdu.Value{}
						}
						return pdu.OctetString(u.Home)
					},
					Set: func(u *user, v pdu.Value) error { u.Home = v.Octets(); return nil }},
				{Arc: 3, Syntax: pdu.TypeInteger, Default: pdu.Integer(10),
					Get: func(u *user) pdu.Value { return pdu.Integer(u.Quota) },
					Set: func(u *user, v pdu.Value) error { u.Quota = v.Int(); return nil }},
				{Arc: 4, TestAndIncr: func(u *user) *int32 { return &u.Spin }},
				{Arc: 5, RowStatus: func(u *user) *mib.RowStatus { return &u.Status }},
			},
		}.Handler())
		cell := func(column uint32, name string, v pdu.Value) pdu.VarBind {
			o := object.Append(column)
			for _, c := range []byte(name) {
				o = o.Append(uint32(c))
			}
			return pdu.VarBind{Name: o, Value: v}
		}
		status := func(name string, s mib.RowStatus) pdu.VarBind { return cell(5, name, pdu.Integer(int32(s))) }
		home := func(name string) pdu.VarBind { return cell(2, name, pdu.OctetString("/home/"+name)) }
		mibtest.Run(t, h, object, mibtest.Options{Table: true, Sets: [][]pdu.VarBind{
			{home("ann"), cell(3, "ann", pdu.Integer(7)), cell(4, "ann", pdu.Integer(0))},
			{status("new", mib.CreateAndGo), home("new"), cell(3, "new", pdu.Integer(7))},
			{status("new", mib.CreateAndWait), status("newer", mib.CreateAndWait), home("newer")},
			{status("bob", mib.Active), home("bob")},
			{status("ann", mib.NotInService), status("zoe", mib.Destroy)},
			{status("nobody", mib.Destroy)},
		}})
	})
	t.Run("tree", func(t *testing.T) {
		tree := mib.NewTree()
		for i := range uint32(5) {
			if err := (mib.Scalar{Object: object.Append(i, i), Get: mib.Constant(pdu.Integer(1))}).Register(tree); err != nil {
				t.Fatal(err)
			}
		}
		mibtest.Run(t, tree, object, mibtest.Options{})
	})
}
