package agent_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// RFC 3416 §4.2.3: the GetBulkRequest-PDU.
func TestGetBulk(t *testing.T) {
	r := newRig(t, withMIB(treeWithFailing(t)))
	all := everything()
	end := ber.MustOID("1.3.6.1.5")
	atEnd := vb(end, pdu.EndOfMibView)
	lastRow := vb(colState.Append(10), pdu.Integer(1))
	for _, tt := range []readCase{
		{"repetitions", bulk(0, 3, names(base)...), 0, 0, all[:3]},
		{"repetition by repetition", bulk(0, 2, names(colIndex, colName)...), 0, 0, []pdu.VarBind{all[4], all[7], all[5], all[8]}}, // 3416-4.2.3-4, -5
		{"a non-repeater first", bulk(1, 2, names(title, colIndex)...), 0, 0, []pdu.VarBind{all[0], all[4], all[5]}},               // 3416-4.2.3-3
		{"only non-repeaters", bulk(2, 5, names(title, colIndex)...), 0, 0, []pdu.VarBind{all[0], all[4]}},                         // 3416-4.2.3-7
		{"more non-repeaters than names", bulk(10, 5, names(title, colIndex)...), 0, 0, []pdu.VarBind{all[0], all[4]}},
		{"as many as can be", bulk(math.MaxInt32, math.MaxInt32, names(title)...), 0, 0, []pdu.VarBind{all[0]}},
		{"no repetitions", bulk(1, 0, names(title, colIndex)...), 0, 0, []pdu.VarBind{all[0]}},
		{"nothing at all", bulk(0, 0, names(title)...), 0, 0, []pdu.VarBind{}},
		{"no names", bulk(0, 10), 0, 0, []pdu.VarBind{}},
		{"negative non-repeaters", bulk(-1, 2, names(base)...), 0, 0, all[:2]}, // 3416-4.2.3-1
		{"negative repetitions", bulk(1, -5, names(title, base)...), 0, 0, []pdu.VarBind{all[0]}},
		{"both as negative as can be", bulk(math.MinInt32, math.MinInt32, names(title)...), 0, 0, []pdu.VarBind{}},
		{"from one object to the next", bulk(0, 3, names(colState.Append(2))...), 0, 0, []pdu.VarBind{lastRow, all[15], vb(failing.Append(1), pdu.Integer(1))}},
		{"a non-repeater at the end", bulk(1, 1, names(end, title)...), 0, 0, []pdu.VarBind{atEnd, all[0]}},
		{"behind the end", bulk(0, 10, names(end)...), 0, 0, []pdu.VarBind{atEnd}},                                        // 3416-4.2.3-12
		{"all behind the end", bulk(0, 1000, names(end, end, end)...), 0, 0, []pdu.VarBind{atEnd, atEnd, atEnd}},          // whole repetitions
		{"one behind the end", bulk(0, 2, names(end, title)...), 0, 0, []pdu.VarBind{atEnd, all[0], atEnd, all[1]}},       // 3416-4.2.3-6
		{"a non-repeater fails", bulk(1, 2, names(failing.Append(1), title)...), pdu.GenErr, 1, nil},                      // 3416-4.2.3-14
		{"the second repetition of the second repeater", bulk(1, 9, names(title, title, failing)...), pdu.GenErr, 3, nil}, // N + 2
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, r) })
	}
}

// RFC 3416 §4.2.3, 3416-4.2.3-6: behind the last instance the name stays.
func TestGetBulkOverTheEnd(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	all := everything()
	last := all[len(all)-1]
	got := r.ask(bulk(0, 4, names(colState.Append(2), instance(label))...))
	want := []pdu.VarBind{
		all[14], all[3],
		last, all[4],
		vb(last.Name, pdu.EndOfMibView), all[5],
		vb(last.Name, pdu.EndOfMibView), all[6],
	}
	if !slices.Equal(got.VarBinds, want) {
		t.Errorf("%v, want %v", got.VarBinds, want)
	}
}

// RFC 3416 §4.2.3, 3416-4.2.3-16: SNMPv1 has no GetBulkRequest.
func TestGetBulkV1(t *testing.T) {
	r := newRig(t, withMIB(newTree(t, &plant{})))
	m := bulk(0, 1, names(title)...)
	m.Version = pdu.V1
	before := r.Stats()
	r.silent(m.Append(nil))
	r.countedIn(before, "snmpInASNParseErrs")
}

// slowBulk is RFC 3416 §4.2.3 by its letter, out of GetNextRequests (3416-4.2.3-3
// and -5), as much of it as there are varbinds in most.
func slowBulk(r *rig, request pdu.Message, most int) (list []pdu.VarBind) {
	next := func(name ber.OID) pdu.VarBind {
		m := message(pdu.V2c, pdu.GetNextRequest, names(name)...)
		m.Community = request.Community
		return r.ask(m).VarBinds[0]
	}
	asked := request.PDU.VarBinds
	n := min(max(int(request.PDU.NonRepeaters), 0), len(asked))
	for _, vb := range asked[:n] {
		list = append(list, next(vb.Name))
	}
	row := slices.Clone(asked[n:])
	for range request.PDU.MaxRepetitions {
		ended := len(row) > 0
		for i := range row {
			row[i] = next(row[i].Name)
			list = append(list, row[i])
			ended = ended && row[i].Value == pdu.EndOfMibView
		}
		if ended || len(row) == 0 || len(list) > most {
			break
		}
	}
	return list
}

// RFC 3416 §4.2.3: a GetBulkRequest is answered with what GetNextRequests find,
// as much of that from the start as fits, and one varbind more would not fit
// (3416-4.2.3-9). Property: any names, numbers, limits, community.
func TestGetBulkIsGetNext(t *testing.T) {
	tree := newTree(t, &plant{})
	long := make([]pdu.VarBind, 300)
	for i := range long {
		long[i] = vb(base.Append(8, uint32(i*i)), pdu.OctetString(strings.Repeat("x", i%90)))
	}
	register(t, tree, base.Append(8), instances(long))
	var anchors []ber.OID
	for _, vb := range slices.Concat(everything(), long) {
		anchors = append(anchors, vb.Name, vb.Name.Slice(0, vb.Name.Len()-1), vb.Name.Append(0))
	}
	anchors = append(anchors, ber.NewOID(0, 0), base, ber.NewOID(2, 5))
	random := rand.New(rand.NewPCG(3, 4))
	for _, limits := range []struct{ message, bulk int }{{0, 0}, {0, 484}, {484, 0}, {65507, 9000}} {
		r := newRig(t, withMIB(tree), func(a *agent.Agent) {
			a.MsgMaxSize, a.MaxBulkResponse = limits.message, limits.bulk
			a.Access = vacm.MustNew(
				vacm.CommunityRule{Community: "public"},
				vacm.CommunityRule{Community: "columns", Subtree: entry},
				vacm.CommunityRule{Community: "one", Subtree: base.Append(8, 81)})
		})
		limit := 1472
		if limits.bulk > 0 {
			limit = limits.bulk
		}
		if limits.message > 0 {
			limit = min(limit, limits.message)
		}
		for i := range 150 {
			request := bulk(random.Int32N(6)-1, random.Int32N(60)-2)
			request.Community = []byte([]string{"public", "columns", "one"}[i%3])
			for range random.IntN(7) {
				request.PDU.VarBinds = append(request.PDU.VarBinds, names(anchors[random.IntN(len(anchors))])...)
			}
			got := r.ask(request)
			if got.ErrorStatus != pdu.NoError {
				t.Fatalf("%v: %v", request.PDU, got.ErrorStatus)
			}
			response := request
			response.PDU = got
			size := len(response.Append(nil))
			if size > limit {
				t.Fatalf("the answer to %v has %d octets, want at most %d", request.PDU, size, limit)
			}
			want := slowBulk(r, request, len(got.VarBinds))
			if len(got.VarBinds) > len(want) || !slices.Equal(got.VarBinds, want[:len(got.VarBinds)]) {
				t.Fatalf("the answer to %v is\n%v, want\n%v", request.PDU, got.VarBinds, want)
			}
			if len(got.VarBinds) < len(want) {
				response.PDU.VarBinds = want[:len(got.VarBinds)+1]
				if size := len(response.Append(nil)); size <= limit {
					t.Fatalf("the answer to %v has %d varbinds, one more would have made %d octets of %d",
						request.PDU, len(got.VarBinds), size, limit)
				}
			}
		}
	}
}

// RFC 3416 §4.2.3, 3416-4.2.3-10: nothing fits, and it is no error. The first
// varbind may be longer than MaxBulkResponse, but not than a message.
func TestGetBulkFirstTooLarge(t *testing.T) {
	huge := []pdu.VarBind{vb(base.Append(1), pdu.OctetString(strings.Repeat("x", 2000))), vb(base.Append(2), pdu.Integer(1))}
	tree := mib.NewTree()
	register(t, tree, base, instances(huge))
	for _, tt := range []struct {
		name               string
		message, bulk      int
		nonRepeaters, want int
	}{
		{"longer than a frame", 0, 0, 0, 1},
		{"longer than a frame, a non-repeater", 0, 0, 1, 1},
		{"longer than a message", 1500, 0, 0, 0},
		{"longer than a message, a non-repeater", 1500, 0, 1, 0},
		{"fits", 0, 3000, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.MsgMaxSize, a.MaxBulkResponse = tt.message, tt.bulk })
			got := r.ask(bulk(int32(tt.nonRepeaters), 2, names(base)...))
			if got.ErrorStatus != pdu.NoError || len(got.VarBinds) != tt.want {
				t.Errorf("%v with %d varbinds, want %d", got.ErrorStatus, len(got.VarBinds), tt.want)
			}
		})
	}
}

// RFC 3416 §4.2.3, 3416-4.2.3-15: what a request asks for costs nothing, only what
// fits the answer does.
func TestGetBulkBoundedWork(t *testing.T) {
	calls, found := 0, 0
	tree := mib.NewTree()
	register(t, tree, base, &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		calls++
		for i := range dst {
			from = from.Append(1)
			if from.Len() > 100 || !from.HasPrefix(base) {
				from = base.Append(1)
			}
			dst[i] = vb(from, pdu.Integer(0))
			found++
		}
		return len(dst), nil
	}})
	empty := ber.MustOID("1.3.6.1.5")
	for _, tt := range []struct {
		name  string
		names []ber.OID
	}{
		{"many repetitions", []ber.OID{base}},
		{"many names", slices.Repeat([]ber.OID{base}, 3000)},
		{"nothing there", slices.Repeat([]ber.OID{empty}, 3000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls, found = 0, 0
			r := newRig(t, withMIB(tree))
			got := r.ask(bulk(0, math.MaxInt32, names(tt.names...)...))
			if got.ErrorStatus != pdu.NoError || len(got.VarBinds) == 0 {
				t.Errorf("%v, %d varbinds", got.ErrorStatus, len(got.VarBinds))
			}
			// No varbind has less than seven octets.
			if most := 1472/7 + 64; calls > most || found > 4*most {
				t.Errorf("%d calls for %d instances, want at most %d for %d", calls, found, most, 4*most)
			}
		})
	}
}

// No datagram makes the agent look at more than maxSteps instances, or as much as
// that of what has none, however many varbinds it has.
func TestBoundedWork(t *testing.T) {
	looked := 0
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Int32(&r.index) }}
	list := make([]row, 100_000)
	for i := range list {
		list[i].index = int32(i)
	}
	err := rows.Store(list)
	tree := newTree(t, &plant{})
	sparse := base.Append(9, 1)
	err = errors.Join(err, mib.Table[row]{Entry: sparse, Rows: rows, Columns: []mib.Column[row]{
		{Arc: 1, Get: func(*row) pdu.Value { looked++; return pdu.Value{} }},
		{Arc: 2, Get: func(*row) pdu.Value { looked++; return pdu.Counter64(1) }},
	}}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree))
	for _, tt := range []struct {
		version pdu.Version
		name    ber.OID
	}{
		{pdu.V1, colCount}, // steps over Counter64, and does not go on into the empty cells
		{pdu.V2c, sparse.Append(1)},
	} {
		looked = 0
		got := r.ask(message(tt.version, pdu.GetNextRequest, names(slices.Repeat([]ber.OID{tt.name}, 2500)...)...))
		if looked > 150*agent.MaxSteps {
			t.Errorf("%v, %v: %v after %d cells", tt.version, tt.name, got.ErrorStatus, looked)
		}
	}
}

// sluggish makes each Get and Next of an agent's objects take d.
func sluggish(t *testing.T, a *agent.Agent, d time.Duration) {
	slow := instances(list(100))
	slow.inline = false
	get, next := slow.get, slow.next
	slow.get = func(r *mib.Request, name ber.OID) (pdu.Value, error) {
		sleep(context.Background(), d)
		return get(r, name)
	}
	slow.next = func(r *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		sleep(context.Background(), d)
		return next(r, from, dst[:1])
	}
	a.HandlerTimeout = 10 * time.Second
	a.MIB = mib.NewTree()
	register(t, a.MIB, base, slow)
}

// A request whose time is over asks no handler any more, however many varbinds it
// has. RFC 3416 §4.2.3, 3416-4.2.3-13: a GetBulkRequest is answered with the
// repetitions that are complete, if there is one.
func TestTakesTooLong(t *testing.T) {
	for _, tt := range []struct {
		name    string
		each    time.Duration
		request pdu.Message
		status  pdu.ErrorStatus
		index   int32
		want    int // varbinds
		took    time.Duration
	}{
		{"GetRequest", 3 * time.Second, message(pdu.V2c, pdu.GetRequest, names(slices.Repeat([]ber.OID{base.Append(1)}, 50)...)...), pdu.GenErr, 5, 50, 12 * time.Second},
		{"GetNextRequest", 3 * time.Second, message(pdu.V2c, pdu.GetNextRequest, names(slices.Repeat([]ber.OID{base}, 50)...)...), pdu.GenErr, 5, 50, 12 * time.Second},
		{"non-repeaters", 3 * time.Second, bulk(50, 0, names(slices.Repeat([]ber.OID{base}, 50)...)...), pdu.GenErr, 5, 50, 12 * time.Second},
		{"in the first repetition", 6 * time.Second, bulk(0, 50, names(base, base, base)...), pdu.GenErr, 3, 3, 12 * time.Second},
		{"in the second one", 3 * time.Second, bulk(0, 50, names(base, base, base)...), pdu.NoError, 0, 3, 12 * time.Second},
		{"after one", 6 * time.Second, bulk(0, 50, names(base, base)...), pdu.NoError, 0, 2, 12 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(a *agent.Agent) { sluggish(t, a, tt.each) }, func(t *testing.T, r *rig) {
				start := time.Now()
				r.send(tt.request.Append(nil))
				got := r.response(tt.request, r.wait())
				if took := time.Since(start); got.ErrorStatus != tt.status || got.ErrorIndex != tt.index || len(got.VarBinds) != tt.want || took != tt.took {
					t.Errorf("%v at %d with %d varbinds after %v, want %v at %d with %d after %v",
						got.ErrorStatus, got.ErrorIndex, len(got.VarBinds), took, tt.status, tt.index, tt.want, tt.took)
				}
			})
		})
	}
}

// RFC 3416 §4.2.3, 3416-4.2.3-13: a GetBulkRequest that would have to look at too
// much that is hidden is answered with the repetitions that are complete.
func TestGetBulkGoesTooFar(t *testing.T) {
	tree := mib.NewTree()
	visible := []uint32{3, 6, 3 * agent.MaxSteps}
	register(t, tree, base, &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		i := uint32(0)
		if from.Len() > base.Len() {
			i = from.At(base.Len())
		}
		for n := range dst {
			for from > base.Append(i) || i%3 == 0 && !slices.Contains(visible, i) {
				i++
			}
			dst[n] = vb(base.Append(i), pdu.Integer(0))
			i++
		}
		return len(dst), nil
	}})
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = holes{readWrite} })
	got := r.ask(bulk(0, 10, names(base, base.Append(3))...))
	if want := []ber.OID{base.Append(3), base.Append(6)}; got.ErrorStatus != pdu.NoError || len(got.VarBinds) != 2 || got.VarBinds[0].Name != want[0] || got.VarBinds[1].Name != want[1] {
		t.Errorf("%v with %v, want %v", got.ErrorStatus, got.VarBinds, want)
	}
	if got := r.ask(bulk(0, 10, names(base.Append(6))...)); got.ErrorStatus != pdu.GenErr || got.ErrorIndex != 1 {
		t.Errorf("%v with %v, want genErr", got.ErrorStatus, got.VarBinds)
	}
}

// No value is asked for that the view hides, however many repetitions are wanted: from
// where the view ends in a table it goes on where it begins again.
func TestGetBulkLeavesTheHiddenAlone(t *testing.T) {
	var asked []int32
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Int32(&r.index) }}
	entry, behind := base.Append(1, 1), base.Append(2)
	get := func(r *row) pdu.Value { asked = append(asked, r.index); return pdu.Integer(r.index) }
	tree := mib.NewTree()
	err := errors.Join(
		rows.Store([]row{{index: 1}, {index: 2}, {index: 3}, {index: 4}, {index: 5}, {index: 6}}),
		mib.Table[row]{Entry: entry, Rows: rows, Columns: []mib.Column[row]{{Arc: 1, Get: get}, {Arc: 2, Get: get}}}.Register(tree),
		mib.Scalar{Object: behind, Get: mib.Constant(pdu.Integer(7))}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	view := func(subtree ber.OID) vacm.Statement {
		return vacm.ViewTreeFamily{ViewName: "some", Subtree: subtree, Type: vacm.Included}
	}
	policy, err := vacm.New(vacm.Community{Community: "public", SecurityName: "public"},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "public", GroupName: "public"},
		vacm.Access{GroupName: "public", ReadViewName: "some"},
		view(entry.Append(1, 2)), view(entry.Append(1, 3)), view(entry.Append(2, 5)), view(behind))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.Access = policy })
	last := vb(instance(behind), pdu.Integer(7))
	all := []pdu.VarBind{vb(entry.Append(1, 2), pdu.Integer(2)), vb(entry.Append(1, 3), pdu.Integer(3)), vb(entry.Append(2, 5), pdu.Integer(5)),
		last, vb(last.Name, pdu.EndOfMibView)}
	for m := range len(all) {
		asked = nil
		got := r.ask(bulk(0, int32(m+1), names(base)...))
		if want := []int32{2, 3, 5}; !slices.Equal(got.VarBinds, all[:m+1]) || !slices.Equal(asked, want[:min(m+1, 3)]) {
			t.Errorf("%d repetitions: %v, having asked for rows %v", m+1, got.VarBinds, asked)
		}
	}
}

// A handler that fails behind what fits does not spoil the answer.
func TestGetBulkFailsBehindTheEnd(t *testing.T) {
	tree := mib.NewTree()
	all := list(500)
	register(t, tree, base, &handler{inline: true, next: func(_ *mib.Request, from ber.OID, dst []pdu.VarBind) (int, error) {
		n, _ := instances(all).next(nil, from, dst)
		if n < len(dst) || from >= all[60].Name {
			return n, fmt.Errorf("the rest is not to be had")
		}
		return n, nil
	}})
	r := newRig(t, withMIB(tree))
	if got := r.ask(bulk(0, 10, names(base)...)); !slices.Equal(got.VarBinds, all[:10]) {
		t.Errorf("%v %v", got.ErrorStatus, got.VarBinds)
	}
}
