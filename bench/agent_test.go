package bench

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// objects is where the benchmarks' scalars are: 100 of them.
var objects = ber.MustOID("1.3.6.1.4.1.32473.1")

// table is the entry of a table with ten columns.
var table = ber.MustOID("1.3.6.1.4.1.32473.2.1")

// settings is the entry of a table with a column that can be written.
var settings = ber.MustOID("1.3.6.1.4.1.32473.3.1")

type row struct{ index, value uint32 }

// newAgent returns an agent over conn with scalars that can be written and a
// table of rows rows.
func newAgent(tb testing.TB, conn transport.Conn, rows int) *agent.Agent {
	tree := mib.NewTree()
	for i := range uint32(100) {
		var mu sync.Mutex
		value := pdu.Gauge32(i)
		err := mib.Scalar{
			Object: objects.Append(i + 1),
			Get: mib.Value(func() pdu.Value {
				mu.Lock()
				defer mu.Unlock()
				return value
			}),
			Syntax: pdu.TypeGauge32,
			Set: func(_ *mib.Request, v pdu.Value) error {
				mu.Lock()
				defer mu.Unlock()
				value = v
				return nil
			},
		}.Register(tree)
		if err != nil {
			tb.Fatal(err)
		}
	}
	store := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Uint32(&r.index) }}
	list := make([]row, rows)
	for i := range list {
		list[i].index = uint32(i + 1)
	}
	if err := store.Store(list); err != nil {
		tb.Fatal(err)
	}
	t := mib.Table[row]{Entry: table, Rows: store}
	for arc := range uint32(10) {
		t.Columns = append(t.Columns, mib.Column[row]{
			Arc: arc + 1,
			Get: func(r *row) pdu.Value { return pdu.Counter32(r.index + arc) },
		})
	}
	if err := t.Register(tree); err != nil {
		tb.Fatal(err)
	}
	written := &mib.Rows[row]{Index: store.Index}
	err := errors.Join(written.Store(list), mib.Table[row]{Entry: settings, Rows: written, Columns: []mib.Column[row]{{
		Arc: 1, Syntax: pdu.TypeGauge32,
		Get: func(r *row) pdu.Value { return pdu.Gauge32(r.value) },
		Set: func(r *row, v pdu.Value) error { r.value = uint32(v.Uint()); return nil },
	}}}.Register(tree))
	if err != nil {
		tb.Fatal(err)
	}
	a := agent.New()
	a.Logger = slog.New(slog.DiscardHandler)
	a.MIB = tree
	a.Access = agent.InsecureAllowAll
	a.Conns = []transport.Conn{conn}
	return a
}

// mostAtOnce is one datagram less than the agent can take at once: of as many as that
// it would have another goroutine answer a part, and a request would cost what two
// processors cost each other.
const mostAtOnce = 63

// A loopConn is a socket that always has the same datagrams to read, until it
// has handed out as many as it was told to, and that forgets what is written.
type loopConn struct {
	datagrams [][]byte
	left      int
	answers   int
	last      []byte // the last answer
	done      chan struct{}
	closed    chan struct{}
	once      sync.Once
}

func newLoopConn(datagrams ...[]byte) *loopConn {
	return &loopConn{datagrams: datagrams, done: make(chan struct{}), closed: make(chan struct{})}
}

func (c *loopConn) Read(p []transport.Packet) (int, error) {
	if c.left == 0 {
		select {
		case <-c.done:
		default:
			close(c.done)
		}
		<-c.closed
		return 0, net.ErrClosed
	}
	n := min(c.left, len(p), mostAtOnce)
	for i := range p[:n] {
		d := c.datagrams[(c.left-i)%len(c.datagrams)]
		p[i].Data = p[i].Buf.Bytes()[:copy(p[i].Buf.Bytes(), d)]
		p[i].Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), 1024)
	}
	c.left -= n
	return n, nil
}

func (c *loopConn) Write(p []transport.Packet) (int, error) {
	c.answers += len(p)
	c.last = append(c.last[:0], p[len(p)-1].Data...)
	return len(p), nil
}

func (c *loopConn) LocalAddr() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.2:161") }

func (c *loopConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// workloads are the requests that agents are measured with.
var workloads = []struct {
	name     string
	varBinds int // in an answer
	datagram []byte
}{
	{"ver=1/pdu=get/vb=1", 1, request(pdu.V1, pdu.GetRequest, objects, 1, 0)},
	{"ver=2c/pdu=get/vb=1", 1, request(pdu.V2c, pdu.GetRequest, objects, 1, 0)},
	{"ver=2c/pdu=get/vb=10", 10, request(pdu.V2c, pdu.GetRequest, objects, 10, 0)},
	{"ver=2c/pdu=getnext/vb=1", 1, request(pdu.V2c, pdu.GetNextRequest, objects, 1, 0)},
	{"ver=2c/pdu=getbulk/vb=20", 20, request(pdu.V2c, pdu.GetBulkRequest, table, 1, 20)},
	{"ver=2c/pdu=getbulk/vb=72", 72, request(pdu.V2c, pdu.GetBulkRequest, table, 4, 18)}, // as many as fit a frame
	{"ver=2c/pdu=set/vb=1", 1, request(pdu.V2c, pdu.SetRequest, objects, 1, 0)},
	{"ver=2c/pdu=set/vb=1/cell", 1, setCell},
}

// setCell is a SetRequest for the cell of row 1.
var setCell = (&pdu.Message{Version: pdu.V2c, Community: []byte("public"), PDU: pdu.PDU{Kind: pdu.SetRequest, RequestID: 0x12345678,
	VarBinds: []pdu.VarBind{{Name: settings.Append(1, 1), Value: pdu.Gauge32(7)}}}}).Append(nil)

// check makes the benchmark fail if an answer is not what the request asks for.
func check(b *testing.B, answer []byte, varBinds int) {
	b.Helper()
	m, err := pdu.ParseMessage(answer)
	if err != nil {
		b.Fatal(err)
	}
	if m.PDU.ErrorStatus != pdu.NoError || len(m.PDU.VarBinds) != varBinds {
		b.Fatalf("an answer is %v with %d varbinds, want %d", m.PDU.ErrorStatus, len(m.PDU.VarBinds), varBinds)
	}
	for _, vb := range m.PDU.VarBinds {
		if vb.Value.IsException() {
			b.Fatalf("an answer has %v", vb)
		}
	}
}

// serve has an agent answer b.N of conn's datagrams, and measures that.
func serve(b *testing.B, a *agent.Agent, conn *loopConn) {
	b.Helper()
	conn.left = b.N
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime()
	if err := a.Activate(); err != nil {
		b.Fatal(err)
	}
	<-conn.done
	b.StopTimer()
	reportCPU(b, before)
	a.Deactivate()
	if conn.answers != b.N {
		b.Fatalf("%d answers to %d requests", conn.answers, b.N)
	}
}

// BenchmarkAgent is the cost of a request from the socket and back to it.
func BenchmarkAgent(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			conn := newLoopConn(w.datagram)
			b.SetBytes(int64(len(w.datagram)))
			serve(b, newAgent(b, conn, 1000), conn)
			check(b, conn.last, w.varBinds)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pkt/s")
		})
	}
}

// BenchmarkBulkWalk is the cost of a varbind in a GETBULK walk over a whole table,
// by the table's size: it should hardly depend on that.
func BenchmarkBulkWalk(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			// Requests spread over the table, as those of a walk are.
			var datagrams [][]byte
			for i := range 1000 {
				datagrams = append(datagrams, bulkFrom(uint32(i%10+1), uint32(i)*uint32(rows-50)/1000))
			}
			conn := newLoopConn(datagrams...)
			serve(b, newAgent(b, conn, rows), conn)
			check(b, conn.last, 25)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/25, "ns/varbind")
		})
	}
}

// bulkFrom is a GetBulkRequest for 25 cells of a column after an index.
func bulkFrom(column, index uint32) []byte {
	m := pdu.Message{Version: pdu.V2c, Community: []byte("public")}
	m.PDU = pdu.PDU{Kind: pdu.GetBulkRequest, RequestID: 1, MaxRepetitions: 25,
		VarBinds: []pdu.VarBind{{Name: table.Append(column, index), Value: pdu.Null}}}
	return m.Append(nil)
}
