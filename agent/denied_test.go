package agent_test

import (
	"fmt"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A hugeTable has columns from 1 to 10 and rows from 1 to a million.
type hugeTable struct{ entry ber.OID }

const (
	hugeColumns = 10
	hugeRows    = 1_000_000
)

func (h hugeTable) Inline(mib.Operation) bool { return true }

func (h hugeTable) Get(_ *mib.Request, name ber.OID) (pdu.Value, error) {
	if i := h.entry.Len(); name.Len() == i+2 && name.At(i)-1 < hugeColumns && name.At(i+1)-1 < hugeRows {
		return pdu.Integer(int32(name.At(i + 1))), nil
	}
	return pdu.NoSuchInstance, nil
}

func (h hugeTable) Next(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (n int, err error) {
	column, row, level := uint32(1), uint32(1), h.entry.Len()
	if from > h.entry {
		if column = from.At(level); from.Len() > level+1 {
			row = from.At(level + 1)
		}
		if from.Len() > level+2 {
			row++
		}
	}
	for ; column <= hugeColumns; column, row = column+1, 1 {
		for row = max(row, 1); row <= hugeRows; row++ {
			if n == len(dst) {
				return n, nil
			}
			dst[n] = vb(h.entry.Append(max(column, 1), row), pdu.Integer(int32(row)))
			n++
		}
	}
	return n, nil
}

// counted is a policy that knows what has been looked at for the last request.
type counted struct {
	*vacm.Policy
	request *mib.Request
}

func (c *counted) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	c.request = r
	return c.Policy.View(r, t)
}

// TestDeniedWalk: RFC 3415 §3.2 (5) b), who may see little of much is answered at once.
// What is hidden is stepped over without looking at it.
func TestDeniedWalk(t *testing.T) {
	huge := base.Append(20, 1)
	at := func(column, row uint32) ber.OID { return huge.Append(column, row) }
	const row7 = "\xff\xdf" // any column
	included := func(subtree ber.OID, mask string) vacm.Statement {
		return vacm.ViewTreeFamily{ViewName: "v", Subtree: subtree, Mask: mask}
	}
	excluded := func(subtree ber.OID, mask string) vacm.Statement {
		return vacm.ViewTreeFamily{ViewName: "v", Subtree: subtree, Mask: mask, Type: vacm.Excluded}
	}
	column7 := make([]ber.OID, hugeColumns)
	for i := range column7 {
		column7[i] = at(uint32(i+1), 7)
	}
	run, scattered := []vacm.Statement{included(base, "")}, []vacm.Statement{included(base, "")}
	for i := range uint32(10_000) {
		run = append(run, excluded(at(1, i+5), ""))
		scattered = append(scattered, excluded(at(1, 2*i+1), ""))
	}
	odd := make([]ber.OID, 20)
	for i := range odd {
		odd[i] = at(1, uint32(2*i+2))
	}
	behind := base.Append(30)
	for _, tt := range []struct {
		name     string
		families []vacm.Statement
		from     ber.OID
		want     []ber.OID // what there is to be found from there on, at most 20
		end      bool      // and nothing else
		most     int       // steps of each request
	}{
		{"one instance", []vacm.Statement{included(at(3, 500_000), "")}, base, []ber.OID{at(3, 500_000)}, true, 80},
		{"one row", []vacm.Statement{included(at(0, 7), row7)}, base, column7, true, 700},
		{"one row and what is behind the table", []vacm.Statement{included(at(0, 7), row7), included(behind, "")}, at(9, 6), []ber.OID{at(9, 7), at(10, 7), instance(behind)}, true, 200},
		{"one row excluded", []vacm.Statement{included(huge, ""), excluded(at(0, 7), row7)}, at(4, 5), []ber.OID{at(4, 6), at(4, 8), at(4, 9)}, false, 80},
		// What the view looks at to step over them counts too.
		{"10000 holes, one after the other", run, at(1, 3), []ber.OID{at(1, 4), at(1, 10_005), at(1, 10_006)}, false, 12_000},
		{"10000 holes, every second instance", scattered, huge, odd, false, 80},
		{"all of it excluded", []vacm.Statement{included(base, ""), excluded(huge, "")}, huge, []ber.OID{instance(behind)}, true, 10},
		// Each column itself is in the view, and could be an instance.
		{"all of it excluded by a mask", []vacm.Statement{included(base, ""), excluded(at(0, 0), "\xff\xcf")}, huge, []ber.OID{instance(behind)}, true, 40 * hugeColumns},
		{"nothing included", []vacm.Statement{excluded(base, "")}, base, nil, true, 0},
		{"included elsewhere", []vacm.Statement{included(ber.MustOID("1.3.6.1.2"), "")}, base, nil, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := mib.NewTree()
			register(t, tree, huge, hugeTable{huge})
			if err := (mib.Scalar{Object: behind, Get: mib.Constant(pdu.Integer(1))}).Register(tree); err != nil {
				t.Fatal(err)
			}
			access := &counted{Policy: vacm.MustNew(append(tt.families, vacm.CommunityRule{Community: "public", ViewName: "v"})...)}
			r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = access })
			steps := func(what string) {
				t.Helper()
				if n := access.request.Steps; n > tt.most {
					t.Errorf("%s takes %d steps, want at most %d", what, n, tt.most)
				}
			}

			from := tt.from
			for _, want := range tt.want {
				got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(from)...))
				if got.VarBinds[0].Name != want {
					t.Fatalf("after %v comes %v, want %v", from, got.VarBinds[0], want)
				}
				steps(fmt.Sprint("GETNEXT of ", from))
				from = want
			}
			if got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(from)...)); tt.end != (got.VarBinds[0].Value == pdu.EndOfMibView) {
				t.Errorf("after the last comes %v", got.VarBinds[0])
			}
			steps("GETNEXT of the last")

			got := r.ask(bulk(0, 20, names(tt.from)...))
			steps("GETBULK")
			var found []ber.OID
			for _, vb := range got.VarBinds {
				if vb.Value != pdu.EndOfMibView {
					found = append(found, vb.Name)
				}
			}
			if found = found[:min(len(found), len(tt.want))]; !slices.Equal(found, tt.want) || tt.end != (got.VarBinds[len(got.VarBinds)-1].Value == pdu.EndOfMibView) {
				t.Errorf("GETBULK gives %v, want %v", got.VarBinds, tt.want)
			}
			// What is hidden cannot be asked for, and there is no telling it from what does
			// not exist.
			for _, hidden := range []ber.OID{at(1, 11), at(1, hugeRows+1)} {
				if v, err := access.Policy.View(access.request, vacm.ReadView); err != nil || v.Contains(hidden) {
					continue
				}
				if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(hidden)...)); !got.VarBinds[0].Value.IsException() {
					t.Errorf("GET of %v gives %v", hidden, got.VarBinds[0])
				}
			}
		})
	}
}

// A slowView has nothing, and takes long to say so.
type slowView struct{ asked int }

const slowSteps = 1000 // for each name

func (v *slowView) Contains(name ber.OID) bool {
	in, _ := v.WeighContains(name)
	return in
}

func (v *slowView) Seek(_ *ber.Arena, from ber.OID) (ber.OID, bool) { return from, true }

func (v *slowView) WeighContains(ber.OID) (bool, int) {
	v.asked++
	return false, slowSteps
}

func (v *slowView) WeighSeek(_ *ber.Arena, from ber.OID) (ber.OID, bool, int) { return from, true, 0 }

// slowAccess gives everybody a slowView.
type slowAccess struct {
	agent.Access
	view slowView
}

func (a *slowAccess) View(*mib.Request, vacm.ViewType) (vacm.View, error) { return &a.view, nil }

// A view that is made so that it takes long to decide about a name ends a search sooner
// than one that does not: no request keeps the agent busy for seconds.
func TestSlowView(t *testing.T) {
	tree := mib.NewTree()
	huge := base.Append(20, 1)
	register(t, tree, huge, hugeTable{huge})
	access := &slowAccess{Access: agent.InsecureAllowAll}
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = access })
	for _, m := range []pdu.Message{message(pdu.V2c, pdu.GetNextRequest, names(huge)...), bulk(0, 20, names(huge)...)} {
		access.view.asked = 0
		if got := r.ask(m); got.ErrorStatus != pdu.GenErr {
			t.Errorf("%v is answered with %v", m.PDU.Kind, got.ErrorStatus)
		}
		if most := 200_000/slowSteps + 100; access.view.asked > most {
			t.Errorf("%v: the view was asked %d times, want at most %d", m.PDU.Kind, access.view.asked, most)
		}
	}
}
