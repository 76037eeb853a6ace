package agent_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A pair is a row whose two cells are always set together.
type pair struct{ index, a, b int32 }

// RFC 3416 §4.2.5, 3416-4.2.5-23: managers read and write over two sockets while
// rows and handlers come and go, and some SETs fail at their commit. Who reads sees what
// belongs together, and in the end every datagram is accounted for. It is the race
// detector's too.
func TestEverythingAtOnce(t *testing.T) {
	tree := mib.NewTree()
	var scalars [2]atomic.Int32
	for i := range scalars {
		err := mib.Scalar{Object: base.Append(1, uint32(i)), Syntax: pdu.TypeInteger,
			Get: mib.Value(func() pdu.Value { return pdu.Integer(scalars[i].Load()) }),
			Set: func(_ *mib.Request, v pdu.Value) error {
				scalars[i].Store(v.Int())
				for range 10 {
					runtime.Gosched() // somebody may come in between
				}
				return nil
			},
		}.Register(tree)
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := &mib.Rows[pair]{Index: func(x *mib.Index, p *pair) { x.Int32(&p.index) }}
	cells := base.Append(2, 1)
	column := func(arc uint32, cell func(p *pair) *int32) mib.Column[pair] {
		return mib.Column[pair]{Arc: arc, Syntax: pdu.TypeInteger,
			Get: func(p *pair) pdu.Value { return pdu.Integer(*cell(p)) },
			Set: func(p *pair, v pdu.Value) error { *cell(p) = v.Int(); return nil },
		}
	}
	list := make([]pair, 10)
	for i := range list {
		list[i].index = int32(i)
	}
	err := errors.Join(rows.Store(list), mib.Table[pair]{Entry: cells, Rows: rows, Columns: []mib.Column[pair]{
		column(1, func(p *pair) *int32 { return &p.a }),
		column(2, func(p *pair) *int32 { return &p.b }),
	}}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	// What fails comes last, when the others have been committed.
	register(t, tree, base.Append(3), &changer{handler: handler{inline: true}, commit: func([]pdu.VarBind) error { return errors.ErrUnsupported }})
	register(t, tree, base.Append(4), &changer{}) // may block

	var conns []transport.Conn
	for range 2 {
		c, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	a := agent.New()
	a.Conns, a.MIB, a.Access = conns, tree, readWrite
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	defer a.Deactivate()
	client := func(i int, community string) *manager.Client {
		c, err := manager.Dial(context.Background(), "udp:"+conns[i%2].LocalAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.Community = manager.Community(community)
		t.Cleanup(func() { c.Close() })
		return c
	}

	var all sync.WaitGroup
	const rounds = 200
	for i := range 2 {
		writer := client(i, "private")
		all.Go(func() {
			for n := range int32(rounds) {
				n += int32(1000 * i)
				at := uint32(n % 10)
				list := []pdu.VarBind{
					vb(base.Append(1, 1, 0), pdu.Integer(n)), vb(cells.Append(1, at), pdu.Integer(n)),
					vb(base.Append(1, 0, 0), pdu.Integer(n)), vb(cells.Append(2, at), pdu.Integer(n)),
				}
				want := error(nil)
				if n%4 == 0 {
					list, want = append(list, vb(base.Append(3, 0), pdu.Integer(n))), pdu.CommitFailed
				}
				if _, err := writer.Set(t.Context(), list...); !errors.Is(err, want) {
					t.Errorf("SET %d: %v, want %v", n, err, want)
					return
				}
				if _, err := writer.Set(t.Context(), vb(base.Append(4, 0), pdu.Integer(n))); err != nil {
					t.Errorf("a SET that may block: %v", err)
					return
				}
			}
		})
		reader := client(i+1, "public")
		all.Go(func() {
			for range rounds {
				at := rand.Uint32N(10)
				got, err := reader.Get(t.Context(), base.Append(1, 0, 0), base.Append(1, 1, 0), cells.Append(1, at), cells.Append(2, at))
				if err != nil || got[0].Value != got[1].Value || got[2].Value != got[3].Value {
					t.Errorf("GET: %v, %v", got, err)
					return
				}
				// Three repetitions of two columns, of one moment.
				got, err = reader.GetBulk(t.Context(), 0, 3, cells.Append(1, at), cells.Append(2, at))
				for i := 0; err == nil && i+1 < len(got); i += 2 {
					x, y := got[i], got[i+1]
					sameRow := x.Name.HasPrefix(cells.Append(1)) && y.Name == cells.Append(2).Append(x.Name.At(cells.Len()+1))
					if sameRow && x.Value != y.Value {
						t.Errorf("GETBULK: %v and %v", x, y)
						return
					}
				}
				if err != nil {
					t.Errorf("GETBULK: %v", err)
					return
				}
			}
		})
	}
	all.Go(func() {
		for n := range int32(rounds) {
			if err := rows.Put(pair{10 + n%7, n, n}); err != nil {
				t.Error(err)
			}
			rows.Delete(ber.NewOID(uint32(10 + rand.Int32N(7))))
			inside := cells.Append(1, 5) // takes a part of the first column over
			h := instances([]pdu.VarBind{vb(inside.Append(1), pdu.Integer(1))})
			if err := tree.Register(inside.Append(1), h); err != nil {
				t.Error(err)
			}
			tree.Unregister(inside.Append(1))
		}
	})
	all.Wait()
	a.Deactivate()
	if s := a.Stats(); accounted(s) != uint64(s.SNMP[agent.SnmpInPkts]) {
		t.Errorf("%d datagrams, %d accounted for", s.SNMP[agent.SnmpInPkts], accounted(s))
	}
}
