package agent_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"snmpstack/agent"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The columns of a row in one answer are of one moment: the Source of a table is asked
// once for a request, and for the next request again.
func TestSourceOncePerRequest(t *testing.T) {
	type pair struct {
		id   int
		a, b int32
	}
	var asked int32
	entry := base.Append(9, 1)
	tree := mib.NewTree()
	err := mib.Table[pair]{Entry: entry, Blocks: true, // so that it is asked by workers alone, one after the other
		Source: func(*mib.Request) (*mib.Snapshot[pair], error) {
			asked++
			return mib.NewSnapshot([]pair{{1, asked, asked}}, func(x *mib.Index, p *pair) { x.Int(&p.id) })
		},
		Columns: []mib.Column[pair]{
			{Arc: 2, Get: func(p *pair) pdu.Value { return pdu.Integer(p.a) }},
			{Arc: 3, Get: func(p *pair) pdu.Value { return pdu.Integer(p.b) }},
		}}.Register(tree)
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, func(a *agent.Agent) { a.MIB = tree }, func(t *testing.T, r *rig) {
		for i, m := range []pdu.Message{
			message(pdu.V2c, pdu.GetRequest, names(entry.Append(2, 1), entry.Append(3, 1))...),
			message(pdu.V2c, pdu.GetNextRequest, names(entry.Append(2), entry.Append(3))...),
			bulk(0, 2, names(entry.Append(2), entry.Append(2, 1))...),
		} {
			got := r.ask(m)
			if want := pdu.Integer(int32(i + 1)); asked != int32(i+1) || len(got.VarBinds) < 2 || got.VarBinds[0].Value != want || got.VarBinds[1].Value != want {
				t.Errorf("%v: %v of %d calls", m.PDU.Kind, got.VarBinds, asked)
			}
		}
	})
}

// Who reads while a SET is carried out begins anew, and then the Source is asked anew:
// RFC 3416 §4.2.5, "as if simultaneously".
func TestSourceAskedAgainAfterSet(t *testing.T) {
	type cell struct {
		id int
		v  int32
	}
	var value atomic.Int32
	entry, setting, trigger := base.Append(9, 1), base.Append(10), base.Append(11)
	tree := mib.NewTree()
	once := true
	err := errors.Join(
		mib.Table[cell]{Entry: entry, Source: func(*mib.Request) (*mib.Snapshot[cell], error) {
			return mib.NewSnapshot([]cell{{1, value.Load()}}, func(x *mib.Index, c *cell) { x.Int(&c.id) })
		}, Columns: []mib.Column[cell]{{Arc: 2, Get: func(c *cell) pdu.Value { return pdu.Integer(c.v) }}}}.Register(tree),
		mib.Scalar{Object: setting, Get: mib.Value(func() pdu.Value { return pdu.Integer(value.Load()) }), Syntax: pdu.TypeInteger,
			Set: func(_ *mib.Request, v pdu.Value) error { value.Store(v.Int()); return nil }}.Register(tree),
		mib.Scalar{Object: trigger, Get: func(*mib.Request) (pdu.Value, error) {
			if once { // in the middle of the request
				once = false
				return pdu.Integer(1), tree.Set(new(mib.Request), []pdu.VarBind{vb(instance(setting), pdu.Integer(7))})
			}
			return pdu.Integer(1), nil
		}}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree))
	got := r.ask(message(pdu.V2c, pdu.GetRequest, names(entry.Append(2, 1), instance(trigger), instance(setting))...))
	if len(got.VarBinds) != 3 || got.VarBinds[0].Value != pdu.Integer(7) || got.VarBinds[2].Value != pdu.Integer(7) {
		t.Errorf("the answer is half of a SET: %v", got.VarBinds)
	}
}
