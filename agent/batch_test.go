package agent_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// A countingConn remembers how many datagrams were written together.
type countingConn struct {
	*memnet.Conn
	writes []int
}

func (c *countingConn) Write(p []transport.Packet) (int, error) {
	if len(p) > 0 {
		c.writes = append(c.writes, len(p))
	}
	return c.Conn.Write(p)
}

// together sends datagrams so that they are read together.
func (r *rig) together(datagrams ...[]byte) {
	r.t.Helper()
	var p []transport.Packet
	for _, d := range datagrams {
		p = append(p, transport.Packet{Data: d, Remote: r.to})
	}
	if n, err := r.client.Write(p); n != len(p) || err != nil {
		r.t.Fatal(n, err)
	}
}

// numbered is a request with a request-id.
func numbered(id int, m pdu.Message) []byte {
	m.PDU.RequestID = int32(id)
	return m.Append(nil)
}

// ids returns the answers' request-ids.
func (r *rig) ids(answers [][]byte) (ids []int) {
	r.t.Helper()
	for _, a := range answers {
		m, err := pdu.ParseMessage(a)
		if err != nil || m.PDU.ErrorStatus != pdu.NoError {
			r.t.Fatalf("%v, %v", m, err)
		}
		ids = append(ids, int(m.PDU.RequestID))
	}
	return ids
}

// What is read together is answered together, in the order of the requests: small
// answers in one go, large ones as soon as there are too many octets of them. What
// is not answered, or by a worker, holds up nobody.
func TestAnswersTogether(t *testing.T) {
	small, large := names(base.Append(0)), names(base.Append(1))
	get := func(id int, list []pdu.VarBind) []byte {
		return numbered(id, message(pdu.V2c, pdu.GetRequest, list...))
	}
	for _, test := range []struct {
		name      string
		datagrams [][]byte
		ids       []int
		writes    []int
	}{
		{"one", [][]byte{get(0, small)}, []int{0}, []int{1}},
		{"small ones", [][]byte{get(0, small), get(1, small), get(2, small), get(3, small)}, []int{0, 1, 2, 3}, []int{4}},
		{"large ones", [][]byte{get(0, large), get(1, large), get(2, large), get(3, large), get(4, large)}, []int{0, 1, 2, 3, 4}, []int{3, 2}},
		{"a large one among small ones", [][]byte{get(0, small), get(1, large), get(2, small)}, []int{0, 1, 2}, []int{3}},
		{"without an answer", [][]byte{[]byte("garbage"), get(1, small), []byte("garbage")}, []int{1}, []int{1}},
		{"nothing to answer", [][]byte{[]byte("garbage")}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var conn *countingConn
			r := newRig(t, func(a *agent.Agent) {
				a.MIB = mib.NewTree()
				register(t, a.MIB, base, instances([]pdu.VarBind{
					vb(base.Append(0), pdu.Integer(1)), vb(base.Append(1), pdu.OctetString(strings.Repeat("x", 30_000)))}))
				conn = &countingConn{Conn: a.Conns[0].(*memnet.Conn)}
				a.Conns[0] = conn
			})
			for range 8 { // so many are read together only when so many have come before
				r.together(test.datagrams...)
				r.settle()
				r.received()
			}
			conn.writes = nil
			r.together(test.datagrams...)
			r.settle()
			if ids := r.ids(r.received()); !slices.Equal(ids, test.ids) || !slices.Equal(conn.writes, test.writes) {
				t.Errorf("answers to %v, written as %v, want %v, %v", ids, conn.writes, test.ids, test.writes)
			}
		})
	}

	t.Run("with a worker's", func(t *testing.T) {
		var clock *agenttest.Clock
		inBubble(t, func(a *agent.Agent) {
			clock = agenttest.NewClock()
			a.Clock, a.MIB = clock, newTree(t, &plant{})
			register(t, a.MIB, base.Append(100), sleepy(clock))
		}, func(t *testing.T, r *rig) {
			r.together(get(0, names(instance(title))), get(1, names(base.Append(100, 1))), get(2, names(instance(title))))
			r.settle()
			if ids := r.ids(r.received()); !slices.Equal(ids, []int{0, 2}) {
				t.Errorf("answers to %v while a handler is asleep, want 0 and 2", ids)
			}
			clock.Advance(5 * time.Second)
			r.settle()
			if ids := r.ids(r.received()); !slices.Equal(ids, []int{1}) {
				t.Errorf("then to %v, want 1", ids)
			}
		})
	})
}

// A batch costs no allocation: requests of all kinds together, of several peers.
func TestBatchNoAllocs(t *testing.T) {
	defer agent.StopPoisoning()()
	r := newRig(t, withMIB(newTree(t, &plant{})))
	other := r.network.Listen(t, "192.0.2.10:40000")
	var batch []transport.Packet
	for _, m := range []pdu.Message{
		message(pdu.V2c, pdu.GetRequest, names(instance(title), instance(after))...),
		message(pdu.V1, pdu.GetRequest, names(instance(title))...),
		message(pdu.V2c, pdu.GetNextRequest, names(base)...),
		bulk(0, 10, names(base)...),
	} {
		for range 2 {
			batch = append(batch, transport.Packet{Data: encode(m), Remote: r.to})
		}
	}
	exchange := func() {
		for _, c := range []*memnet.Conn{r.client, other} {
			if n, err := c.Write(batch); n != len(batch) || err != nil {
				t.Fatal(n, err)
			}
		}
		for _, c := range []*memnet.Conn{r.client, other} {
			for n := 0; n < len(batch); {
				got, err := c.Read(r.in[n:])
				if err != nil {
					t.Fatal(err)
				}
				n += got
			}
		}
	}
	if n := testing.AllocsPerRun(100, exchange); n != 0 {
		t.Errorf("%d requests cost %v allocations", 2*len(batch), n)
	}
}

// While one reader is busy with a full batch another one reads what comes behind it,
// and so on for as many processors as there are; a batch that is not full is no
// reason to wake anybody.
func TestReadersInTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	const full = 64
	request := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
	for _, test := range []struct {
		name    string
		sent    []int // datagrams, one after another
		readers int   // that are busy in the end
		waiting int   // datagrams that nobody has read
	}{
		{"one that is not full", []int{full - 1, 1}, 1, 1},
		{"a full one", []int{full, full - 1, 5}, 2, 5},
		{"more than all can take", []int{full, full, full, 7}, 3, 7},
		{"all at once", []int{3*full + 1}, 3, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var busy, resume chan struct{}
			inBubble(t, func(a *agent.Agent) {
				busy, resume = make(chan struct{}, 50*full), make(chan struct{})
				a.MIB = newTree(t, &plant{})
				a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
					if e.Direction == agent.Incoming {
						busy <- struct{}{}
						<-resume
					}
				}
			}, func(t *testing.T, r *rig) {
				// Who asks much at once is given room for it, and each of the readers
				// has been needed.
				close(resume)
				for range 50 {
					r.together(slices.Repeat([][]byte{request}, full)...)
					r.settle()
					r.receivedLots(full)
				}
				busy, resume = make(chan struct{}, 4*full), make(chan struct{})
				sent := 0
				for _, n := range test.sent {
					r.together(slices.Repeat([][]byte{request}, n)...)
					r.settle()
					sent += n
				}
				if len(busy) != test.readers || r.socket.Pending() != test.waiting {
					t.Errorf("%d readers are busy, want %d; %d datagrams wait, want %d", len(busy), test.readers, r.socket.Pending(), test.waiting)
				}
				close(resume)
				r.settle()
				if got := len(r.receivedLots(sent)); got != sent {
					t.Errorf("%d answers to %d requests", got, sent)
				}
			})
		})
	}
}

// An agent that is asked twice as much as it can take answers all that it can: no
// datagram that it has read is left without an answer, and those are as many as
// there is room for. Neither memory nor goroutines become more, although in the
// second case half of the requests are for objects that never answer.
func TestFlood(t *testing.T) {
	defer agent.StopPoisoning()()
	quick := encode(message(pdu.V2c, pdu.GetRequest, names(instance(title), instance(after))...))
	slow := encode(message(pdu.V2c, pdu.GetRequest, names(base.Append(100, 1))...))
	for name, requests := range map[string][2][]byte{"quick ones": {quick, quick}, "half of them asleep": {quick, slow}} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { flood(t, requests) }) })
	}
}

func flood(t *testing.T, requests [2][]byte) {
	const room, workers, first, rounds = 64, 8, 50, 300
	network := &agenttest.Network{Network: &memnet.Network{QueueLimit: room}}
	conn, client := network.Listen(t, agentAddress), network.Listen(t, managerAddress)
	clock := agenttest.NewClock()
	a := agent.New()
	a.Clock, a.Conns, a.MaxConcurrent = clock, []transport.Conn{conn}, workers
	a.MIB, a.Access = newTree(t, &plant{}), readWrite
	register(t, a.MIB, base.Append(100), sleepy(clock))
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	defer a.Deactivate()
	defer clock.Advance(5 * time.Second) // wakes who is asleep

	out, in := make([]transport.Packet, 2*room), make([]transport.Packet, room)
	var pool transport.Pool
	for i := range out {
		out[i] = transport.Packet{Data: requests[i%2], Remote: conn.LocalAddr()}
		in[i/2].Buf = pool.Get(transport.SmallSize)
	}
	// round asks twice as much as there is room for and returns how many answers
	// there are.
	round := func() (answers int) {
		if n, err := client.Write(out); n != len(out) || err != nil {
			t.Fatal(n, err)
		}
		synctest.Wait()
		for client.Pending() > 0 {
			n, err := client.Read(in)
			if err != nil {
				t.Fatal(err)
			}
			answers += n
		}
		return answers
	}
	for range first { // until there is room for batches, and all workers there may be
		round()
	}
	want, overloaded, asleep := room, 0, 0
	if &requests[0][0] != &requests[1][0] {
		want, overloaded, asleep = room/2, room/2, workers
	}
	before, goroutines := a.Stats(), runtime.NumGoroutine()
	allocs := testing.AllocsPerRun(rounds, func() {
		if answers := round(); answers != want {
			t.Errorf("%d answers, want %d", answers, want)
		}
	})
	after := a.Stats()
	if allocs > 1 { // synctest.Wait's own now and then
		t.Errorf("a flood of %d requests costs %v allocations", len(out), allocs)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, then %d", goroutines, n)
	}
	if got := after.Overloaded - before.Overloaded; got != uint64(overloaded*(rounds+1)) {
		t.Errorf("%d requests overloaded, want %d a round", got, overloaded)
	}
	if after.KernelDrops != conn.Stats().Dropped {
		t.Errorf("%d datagrams found no room, the agent says %d", conn.Stats().Dropped, after.KernelDrops)
	}
	if s := conn.Stats(); s.Read != s.Dropped || s.Read != room*(first+rounds+1) || accounted(after) != s.Read-uint64(asleep) {
		t.Errorf("%+v; %d datagrams are accounted for", s, accounted(after))
	}
}
