package main

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// listen opens a socket on the loopback interface.
func listen(t *testing.T) *transport.UDPConn {
	t.Helper()
	conn, err := transport.Listen(t.Context(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// echo sends back what comes to a socket, changed by change.
func echo(conn transport.Conn, change func([]byte)) {
	var pool transport.Pool
	p := make([]transport.Packet, batch)
	for i := range p {
		p[i].Buf = pool.Get(transport.FullSize)
	}
	for {
		n, err := conn.Read(p)
		if err != nil {
			return
		}
		for i := range p[:n] {
			change(p[i].Data)
		}
		conn.Write(p[:n])
	}
}

func unchanged([]byte) {}

// short is a measurement that is over soon.
var short = options{window: 7, sources: 2, burst: 2, time: 20 * time.Millisecond, patience: time.Second}

// newAgent starts an agent that has what is asked for: sysUpTime, sysContact and
// some columns of ifTable.
func newAgent(t *testing.T) netip.AddrPort {
	tree := mib.NewTree()
	err := errors.Join(
		mib.Scalar{Object: ber.MustOID("1.3.6.1.2.1.1.3"), Get: mib.Value(func() pdu.Value { return pdu.TimeTicks(1) })}.Register(tree),
		mib.Scalar{Object: ber.MustOID("1.3.6.1.2.1.1.4"), Syntax: pdu.TypeOctetString,
			Get: mib.Value(func() pdu.Value { return pdu.OctetString("") }),
			Set: func(*mib.Request, pdu.Value) error { return nil }}.Register(tree),
	)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ index uint32 }
	rows := &mib.Rows[row]{Index: func(x *mib.Index, r *row) { x.Uint32(&r.index) }}
	table := mib.Table[row]{Entry: ber.MustOID("1.3.6.1.2.1.2.2.1"), Rows: rows}
	for arc := range uint32(22) {
		table.Columns = append(table.Columns, mib.Column[row]{Arc: arc + 1, Get: func(r *row) pdu.Value { return pdu.Counter32(r.index) }})
	}
	if err := errors.Join(rows.Store([]row{{1}, {2}, {3}}), table.Register(tree)); err != nil {
		t.Fatal(err)
	}
	a := agent.New()
	a.Conns, a.MIB = []transport.Conn{listen(t)}, tree
	a.Access = agent.InsecureAllowAll
	for _, u := range users {
		if err := a.AddUserKeys(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Deactivate)
	return a.LocalAddr()
}

// Every work is answered by an agent that has its objects, and every answer is
// found good.
func TestWorks(t *testing.T) {
	address := newAgent(t)
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			r, err := measure(address, w, short)
			if err != nil {
				t.Fatal(err)
			}
			if r.Sent == 0 || r.Answered != r.Sent || r.Wrong+r.Lost+r.Late != 0 || r.Why != "" {
				t.Errorf("%v", r)
			}
			want := len(w.pdu.VarBinds)
			if w.pdu.Kind == pdu.GetBulkRequest {
				want *= int(w.pdu.MaxRepetitions)
			}
			if r.VarBinds > float64(want) || r.VarBinds < float64(min(want, 60)) || r.AnswerOctets < 40 || r.RequestOctets < 40 {
				t.Errorf("%v varbinds, want %d; %v", r.VarBinds, want, r)
			}
			if r.P50 <= 0 || r.P99 < r.P50 || r.Max < r.P999 || r.Max > 1e6*r.Seconds*9/8 {
				t.Errorf("latency: %v", r)
			}
		})
	}
}

// An echo has to send back what it was sent.
func TestEcho(t *testing.T) {
	conn := listen(t)
	go echo(conn, unchanged)
	o := short
	o.echo = true
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			r, err := measure(conn.LocalAddr(), w, o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Sent == 0 || r.Answered != r.Sent || r.Wrong != 0 || r.RequestOctets != r.AnswerOctets {
				t.Errorf("%v", r)
			}
		})
	}
}

// What is no answer is counted as wrong, with the reason, and its request as lost.
func TestWrongAnswers(t *testing.T) {
	get1, v3 := works[0], works[len(works)-1]
	for _, test := range []struct {
		name   string
		work   work
		echo   bool
		change func([]byte)
		why    string
	}{
		{"the request itself", get1, false, unchanged, "kind GetRequest"},
		{"garbage", get1, false, func(b []byte) { clear(b) }, "offset 0"},
		{"another request-id", get1, true, func(b []byte) { b[17] = 1 }, "a request that was not made"},
		{"an echo that is altered", v3, true, func(b []byte) { b[len(b)-1]++ }, "an echo is not what was sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := listen(t)
			go echo(conn, test.change)
			o := short
			o.echo, o.patience = test.echo, 200*time.Millisecond
			r, err := measure(conn.LocalAddr(), test.work, o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Sent == 0 || r.Answered != 0 || r.Wrong != r.Sent || r.Lost != r.Sent || !strings.Contains(r.Why, test.why) {
				t.Errorf("%v, want all wrong: %s", r, test.why)
			}
			if !strings.Contains(r.String(), "\nwrong: "+r.Why) {
				t.Errorf("%v does not say what is wrong", r)
			}
		})
	}
}

// What nobody answers is lost, and then sent again.
func TestLost(t *testing.T) {
	conn := listen(t)
	o := short
	o.patience, o.time = 10*time.Millisecond, 200*time.Millisecond
	r, err := measure(conn.LocalAddr(), works[0], o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent <= uint64(o.window) || r.Lost != r.Sent || r.Answered+r.Wrong != 0 {
		t.Errorf("%v, want more than %d lost", r, o.window)
	}
	if _, err := measure(conn.LocalAddr(), works[len(works)-1], o); err == nil || !strings.Contains(err.Error(), "engine ID") {
		t.Errorf("an engine that keeps silent: %v", err)
	}
}

// An answer has to be what its request asks for.
func TestCheck(t *testing.T) {
	name := func(s string) ber.OID { return ber.MustOID("1.3.6.1.2.1.1." + s) }
	list := func(names ...string) (l []pdu.VarBind) {
		for _, n := range names {
			l = append(l, pdu.VarBind{Name: name(n), Value: pdu.Integer(1)})
		}
		return l
	}
	for _, test := range []struct {
		name   string
		asked  pdu.PDU
		answer pdu.PDU
		bad    string // in the error
	}{
		{"get", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0", "2.0")}, pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0", "2.0")}, ""},
		{"get, another object", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0")}, pdu.PDU{Kind: pdu.Response, VarBinds: list("2.0")}, "an answer has"},
		{"get, too few", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0", "2.0")}, pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0")}, "1 of 2"},
		{"an error", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0")}, pdu.PDU{Kind: pdu.Response, ErrorStatus: pdu.GenErr, VarBinds: list("1.0")}, "genErr"},
		{"an exception", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0")},
			pdu.PDU{Kind: pdu.Response, VarBinds: []pdu.VarBind{{Name: name("1.0"), Value: pdu.NoSuchInstance}}}, "an answer has"},
		{"a Report", pdu.PDU{Kind: pdu.GetRequest, VarBinds: list("1.0")}, pdu.PDU{Kind: pdu.Report, VarBinds: list("1.0")}, "is a Report"},
		{"getnext", pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: list("1")}, pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0")}, ""},
		{"getnext, the same", pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: list("1.0")}, pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0")}, "an answer has"},
		{"getbulk", pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: 2, VarBinds: list("1", "2")},
			pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0", "2.0", "1.1", "2.1")}, ""},
		{"getbulk, a column goes back", pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: 2, VarBinds: list("1", "2")},
			pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0", "2.1", "1.1", "2.0")}, "an answer has"},
		{"getbulk, too few", pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: 2, VarBinds: list("1", "2")},
			pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0", "2.0")}, "2 of 4"},
		{"getbulk, too many", pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: 1, VarBinds: list("1")},
			pdu.PDU{Kind: pdu.Response, VarBinds: list("1.0", "1.1")}, "2 of 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := work{pdu: test.asked}.check(&test.answer)
			if test.bad == "" && err != nil || test.bad != "" && (err == nil || !strings.Contains(err.Error(), test.bad)) {
				t.Errorf("%v, want %q", err, test.bad)
			}
		})
	}
}

// A time is not longer than the upper end of its bucket, which is at most an eighth
// more.
func TestHistogram(t *testing.T) {
	for _, d := range []time.Duration{-1, 0, 1, 7, 8, 15, 16, 17, 100, 1000, 1023, 1024, time.Second, time.Hour} {
		var h histogram
		h.add(d)
		if got := h.percentile(1); got < d || got > max(d, 0)+d/8 {
			t.Errorf("%d is found as %d", d, got)
		}
	}
	var h histogram
	for d := range time.Duration(1000) {
		h.add(d)
	}
	for _, test := range []struct {
		part float64
		want time.Duration
	}{{0.5, 499}, {0.9, 899}, {1, 999}} {
		if got := h.percentile(test.part); got < test.want || got > test.want*9/8 {
			t.Errorf("%v of all is within %d, want about %d", test.part, got, test.want)
		}
	}
	if got := new(histogram).percentile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestFindWork(t *testing.T) {
	if w, err := findWork("bulk20"); err != nil || w.name != "bulk20" {
		t.Errorf("%v, %v", w.name, err)
	}
	if _, err := findWork("nothing"); err == nil {
		t.Error("there is a work called nothing")
	}
}
