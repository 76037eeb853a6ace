package agent_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// RFC 3416 §4.2.2: the GetNextRequest-PDU.
func TestGetNext(t *testing.T) {
	r := newRig(t, withMIB(treeWithFailing(t)))
	next := func(list ...ber.OID) pdu.Message { return message(pdu.V2c, pdu.GetNextRequest, names(list...)...) }
	first := everything()[0]
	longest := title
	for longest.Len() < ber.MaxArcs {
		longest = longest.Append(7)
	}
	for _, tt := range []readCase{
		{"the instance of an object", next(title), 0, 0, []pdu.VarBind{first}}, // 3416-4.2.2-1
		{"after an instance", next(instance(title)), 0, 0, []pdu.VarBind{vb(instance(setpoint), pdu.Integer(0))}},
		{"from the beginning of everything", next(ber.NewOID(0, 0)), 0, 0, []pdu.VarBind{first}},
		{"from before everything that is here", next(base), 0, 0, []pdu.VarBind{first}},
		{"from between two rows", next(colIndex.Append(3)), 0, 0, []pdu.VarBind{vb(colIndex.Append(10), pdu.Integer(10))}},
		{"by number, not by text", next(colIndex.Append(2)), 0, 0, []pdu.VarBind{vb(colIndex.Append(10), pdu.Integer(10))}}, // 3416-4.2.2-2
		{"after what only begins like it", next(colIndex.Append(1, 4294967295)), 0, 0, []pdu.VarBind{vb(colIndex.Append(2), pdu.Integer(2))}},
		{"over an empty cell", next(colName.Append(1)), 0, 0, []pdu.VarBind{vb(colName.Append(10), pdu.OctetString("ten"))}},
		{"from one column to the next", next(colIndex.Append(10)), 0, 0, []pdu.VarBind{vb(colName.Append(1), pdu.OctetString("one"))}},
		{"from a table to what follows", next(colState.Append(10)), 0, 0, []pdu.VarBind{vb(instance(after), pdu.TimeTicks(99))}},
		{"after a name as long as can be", next(longest), 0, 0, []pdu.VarBind{vb(instance(setpoint), pdu.Integer(0))}},
		{"after the largest sub-identifiers", next(colIndex.Append(4294967295, 4294967295)), 0, 0, []pdu.VarBind{vb(colName.Append(1), pdu.OctetString("one"))}},
		{"at the end", next(ber.MustOID("1.3.6.1.5")), 0, 0, []pdu.VarBind{vb(ber.MustOID("1.3.6.1.5"), pdu.EndOfMibView)}}, // 3416-4.2.2-3
		{"behind it", next(ber.MustOID("2.999")), 0, 0, []pdu.VarBind{vb(ber.MustOID("2.999"), pdu.EndOfMibView)}},
		{"each for itself, in order", next(colName, ber.MustOID("2.5"), colIndex), 0, 0, []pdu.VarBind{ // 3416-4.2.2-5
			vb(colName.Append(1), pdu.OctetString("one")), vb(ber.MustOID("2.5"), pdu.EndOfMibView), vb(colIndex.Append(1), pdu.Integer(1))}},
		{"the same name twice", next(title, title), 0, 0, []pdu.VarBind{first, first}},
		{"no names", next(), 0, 0, []pdu.VarBind{}},
		{"up to a handler that fails", next(failing), 0, 0, []pdu.VarBind{vb(failing.Append(1), pdu.Integer(1))}},
		{"a handler fails", next(title, failing.Append(1)), pdu.GenErr, 2, nil}, // 3416-4.2.2-6
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, r) })
	}
}

// RFC 3416 §4.2.2, 3416-4.2.2-4: what the view hides is stepped over.
func TestGetNextHidden(t *testing.T) {
	tree := newTree(t, &plant{})
	for _, tt := range []struct {
		name    string
		subtree ber.OID
		after   ber.OID
		want    pdu.VarBind
	}{
		{"to the view", colName, title, vb(colName.Append(1), pdu.OctetString("one"))},
		{"in the view", colName, colName.Append(1), vb(colName.Append(10), pdu.OctetString("ten"))},
		{"out of the view", colName, colName.Append(10), vb(colName.Append(10), pdu.EndOfMibView)},
		{"behind the view", colName, colState, vb(colState, pdu.EndOfMibView)},
		{"a view of one instance", colName.Append(10), entry, vb(colName.Append(10), pdu.OctetString("ten"))},
		{"a view of nothing", ber.MustOID("1.3.6.1.2"), title, vb(title, pdu.EndOfMibView)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, withMIB(tree), func(a *agent.Agent) {
				a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public", Subtree: tt.subtree})
			})
			got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(tt.after)...))
			if len(got.VarBinds) != 1 || got.VarBinds[0] != tt.want || got.ErrorStatus != pdu.NoError {
				t.Errorf("%v %v, want %v", got.ErrorStatus, got.VarBinds, tt.want)
			}
		})
	}
}

// holes is an Access whose view has every third instance of what base holds, by
// the last sub-identifier. Its Seek knows nothing, as that of a view with a mask
// may.
type holes struct{ agent.Access }

func (holes) View(*mib.Request, vacm.ViewType) (vacm.View, error) { return holes{}, nil }

func (holes) Contains(name ber.OID) bool                              { return name.At(name.Len()-1)%3 == 0 }
func (holes) Seek(_ *ber.Arena, from ber.OID) (next ber.OID, ok bool) { return from, true }

// list returns n instances below base.
func list(n int) []pdu.VarBind {
	l := make([]pdu.VarBind, n)
	for i := range l {
		l[i] = vb(base.Append(uint32(i)), pdu.Integer(int32(i)))
	}
	return l
}

// RFC 3416 §4.2.2: a view with holes hides what is in them from walks too, and a
// search ends when it would go too far.
func TestGetNextHoles(t *testing.T) {
	tree := mib.NewTree()
	register(t, tree, base, instances(list(10)))
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = holes{readWrite} })
	got := r.ask(bulk(0, 10, names(base)...))
	want := []pdu.VarBind{list(10)[0], list(10)[3], list(10)[6], list(10)[9], vb(base.Append(9), pdu.EndOfMibView)}
	if !slices.Equal(got.VarBinds, want) {
		t.Errorf("%v, want %v", got.VarBinds, want)
	}

	endless := mib.NewTree()
	looked := 0
	register(t, endless, base, &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		// every name that ends in 1 exists
		for i := range dst {
			n := uint32(0)
			if from.Len() > base.Len() {
				n = from.At(base.Len()) + 1
			}
			from = base.Append(n, 1)
			dst[i] = vb(from, pdu.Integer(0))
			looked++
		}
		return len(dst), nil
	}})
	r = newRig(t, withMIB(endless), func(a *agent.Agent) { a.Access = holes{readWrite} })
	response := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(base, base)...))
	if response.ErrorStatus != pdu.GenErr || response.ErrorIndex != 1 {
		t.Errorf("%v at %d, want genErr at 1", response.ErrorStatus, response.ErrorIndex)
	}
	if looked > agent.MaxSteps+100 {
		t.Errorf("the request made the agent look at %d instances, want at most %d", looked, agent.MaxSteps)
	}
}

// To step over much that is hidden takes no more memory than to step over little.
func TestHiddenTakesNoMemory(t *testing.T) {
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Int32(&r.index) }}
	list := make([]row, 100_000)
	for i := range list {
		list[i].index = int32(3*i + 1)
	}
	err := rows.Store(list)
	tree := mib.NewTree()
	err = errors.Join(err, mib.Table[row]{Entry: entry, Rows: rows, Columns: []mib.Column[row]{
		{Arc: 1, Get: func(r *row) pdu.Value { return pdu.Integer(r.index) }},
	}}.Register(tree), mib.Scalar{Object: after, Get: mib.Constant(pdu.Integer(1))}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = holes{readWrite} })
	r.ask(message(pdu.V2c, pdu.GetNextRequest, names(entry.Append(2))...)) // now the agent has its buffers
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	got := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(base)...))
	runtime.ReadMemStats(&now)
	if got.VarBinds[0].Name != instance(after) {
		t.Errorf("%v %v, want what is behind the rows", got.ErrorStatus, got.VarBinds)
	}
	if most := uint64(100_000); now.TotalAlloc-before.TotalAlloc > most {
		t.Errorf("%d octets were allocated for 100000 instances that are hidden, want at most %d", now.TotalAlloc-before.TotalAlloc, most)
	}
}

// RFC 3416 §4.2.2, RFC 3584 §4.2.2.1: a walk with SNMPv1 finds what one with
// SNMPv2c finds but for Counter64, and ends with noSuchName (RFC 1157 §4.1.3).
func TestWalk(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	var without64 []pdu.VarBind
	for _, vb := range everything() {
		if vb.Value.Syntax() != pdu.TypeCounter64 {
			without64 = append(without64, vb)
		}
	}
	for _, tt := range []struct {
		version pdu.Version
		want    []pdu.VarBind
	}{{pdu.V2c, everything()}, {pdu.V1, without64}} {
		var got []pdu.VarBind
		at := ber.NewOID(0, 0)
		for len(got) < 100 {
			response := r.ask(message(tt.version, pdu.GetNextRequest, names(at)...))
			if response.ErrorStatus == pdu.NoSuchName && tt.version == pdu.V1 || response.VarBinds[0].Value == pdu.EndOfMibView {
				break
			}
			got = append(got, response.VarBinds[0])
			if at = response.VarBinds[0].Name; response.ErrorStatus != pdu.NoError {
				t.Fatalf("%v: %v after %v", tt.version, response.ErrorStatus, at)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v:\n%v, want\n%v", tt.version, got, tt.want)
		}
		// What a walk finds can be asked for by its name.
		for _, found := range got {
			response := r.ask(message(tt.version, pdu.GetRequest, names(found.Name)...))
			if response.ErrorStatus != pdu.NoError || response.VarBinds[0] != found {
				t.Errorf("%v: the walk found %v, a GetRequest %v %v", tt.version, found, response.ErrorStatus, response.VarBinds)
			}
		}
	}
}

// RFC 3416 §4.2.2, 3416-4.2.2-8: walks end although rows come and go.
func TestWalkWhileRowsChange(t *testing.T) {
	tree := mib.NewTree()
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Int32(&r.index) }}
	err := mib.Table[row]{Entry: entry, Rows: rows, Columns: []mib.Column[row]{
		{Arc: 1, Get: func(r *row) pdu.Value { return pdu.Integer(r.index) }},
		{Arc: 2, Get: func(r *row) pdu.Value { return pdu.OctetString(r.name) }},
	}}.Register(tree)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree))
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		at := entry
		for steps := 0; ; steps++ {
			if err := rows.Put(row{random.Int32N(50), "x"}); err != nil {
				t.Fatal(err)
			}
			rows.Delete(ber.NewOID(random.Uint32N(50)))
			response := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(at)...))
			if response.VarBinds[0].Value == pdu.EndOfMibView {
				break
			}
			if response.VarBinds[0].Name <= at || steps > 100 {
				t.Fatalf("%v follows %v in step %d", response.VarBinds[0].Name, at, steps)
			}
			at = response.VarBinds[0].Name
		}
	}
}

// A handler that breaks the rules makes its requests genErr, OnError names it, and
// nobody else is affected.
func TestHandlersThatBreakTheRules(t *testing.T) {
	wrong := base.Append(9)
	for _, tt := range []struct {
		name string
		next func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error)
		want error
	}{
		{"the same name again", func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) {
			dst[0] = vb(wrong.Append(1), pdu.Integer(1))
			return 1, nil
		}, mib.ErrNotIncreasing},
		{"outside its subtree", func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) {
			dst[0] = vb(base.Append(8, 0), pdu.Integer(1))
			return 1, nil
		}, mib.ErrOutside},
		{"no value", func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) {
			dst[0] = vb(wrong.Append(7), pdu.Value{})
			return 1, nil
		}, mib.ErrNoValue},
		{"an exception", func(_ *mib.Request, _ ber.OID, dst []pdu.VarBind) (int, error) {
			dst[0] = vb(wrong.Append(7), pdu.NoSuchInstance)
			return 1, nil
		}, mib.ErrNoValue},
		{"it would block, it says every time", func(*mib.Request, ber.OID, []pdu.VarBind) (int, error) {
			return 0, mib.ErrWouldBlock
		}, mib.ErrWouldBlock},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reported []error
			inBubble(t, func(a *agent.Agent) {
				tree := newTree(t, &plant{})
				register(t, tree, wrong, &handler{inline: true, next: tt.next})
				a.MIB = tree
				a.OnError = func(e *agent.ErrorEvent) { reported = append(reported, e.Err) }
			}, func(t *testing.T, r *rig) {
				response := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(title, wrong.Append(5))...))
				if response.ErrorStatus != pdu.GenErr || response.ErrorIndex > 2 {
					t.Errorf("%v at %d, want genErr at 2", response.ErrorStatus, response.ErrorIndex)
				}
				if len(reported) != 1 || !errors.Is(reported[0], tt.want) {
					t.Errorf("OnError had %v, want %v", reported, tt.want)
				}
				r.ask(message(pdu.V2c, pdu.GetNextRequest, names(title)...))
			})
		})
	}

	t.Run("a name without an encoding", func(t *testing.T) {
		tree := mib.NewTree()
		register(t, tree, ber.NewOID(1), &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
			dst[0] = vb(ber.NewOID(1, 4294967295), pdu.Integer(1))
			return 1, nil
		}})
		r := newRig(t, withMIB(tree))
		if response := r.ask(message(pdu.V2c, pdu.GetNextRequest, names(ber.NewOID(0, 0))...)); response.ErrorStatus != pdu.GenErr {
			t.Errorf("%v, want genErr", response.ErrorStatus)
		}
	})
}

// The walk of a manager that shares no code with the agent above the codec.
func TestManagerWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := agenttest.NewNetwork()
		a := agent.New()
		a.Conns = []transport.Conn{net.Listen(t, agentAddress)}
		a.MIB, a.Access = newTree(t, &plant{}), readWrite
		if err := a.Activate(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.Deactivate)
		client := net.Manager(t, agentAddress)
		client.Community = "public"
		var got []pdu.VarBind
		for vb, err := range client.Walk(context.Background(), base) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, vb)
		}
		if !slices.Equal(got, everything()) {
			t.Errorf("%v, want %v", got, everything())
		}
	})
}
