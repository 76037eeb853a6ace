package agent_test

import (
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
