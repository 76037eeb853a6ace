package usm

import (
	"fmt"
	"runtime"
	"testing"

	"snmpstack/pdu"
	"snmpstack/usm/internal/cryptotest"
)

// every calls f for each authentication protocol with each privacy protocol, and
// with none.
func every(f func(AuthProtocol, PrivProtocol)) {
	for i := range authProtocols {
		f(authProtocols[i].id, NoPriv)
		for j := range privProtocols {
			f(authProtocols[i].id, privProtocols[j].id)
		}
	}
}

// Promises of the package comment: verifying, decrypting and answering a message
// takes no memory, and refusing one takes a Failure.
func TestAllocs(t *testing.T) {
	if cryptotest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, p := range providers {
		every(func(a AuthProtocol, priv PrivProtocol) {
			x := newPair(t, p, ops(a, priv))
			request := x.request(t, "ops", x.model.users.lookup([]byte("ops")).highest)
			header, err := pdu.ReadHeader3(request, true)
			if err != nil {
				t.Fatal(err)
			}
			var d pdu.Decoder
			var s pdu.ScopedPDU
			buf := make([]byte, 600)
			if n := testing.AllocsPerRun(10, func() {
				v, err := x.model.ProcessIncoming(x.mw, request, header, true)
				if err == nil {
					err = v.Decode(&d, &s)
				}
				if err != nil {
					t.Fatal(err)
				}
				s.PDU.Kind = pdu.Response
				if _, err := x.model.GenerateResponse(x.mw, buf, &v, 65507, &s); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%v %v %v: %v allocations", p, a, priv, n)
			}

			request[len(request)-1] ^= 1
			if n := testing.AllocsPerRun(10, func() {
				if _, err := x.model.ProcessIncoming(x.mw, request, header, true); err == nil {
					t.Fatal("accepted")
				}
			}); n != 1 {
				t.Errorf("%v %v %v: %v allocations for a wrong digest, want that of the Failure", p, a, priv, n)
			}
		})
	}
}

// The other ways to be refused take no more memory either, whatever the message
// says, and neither does the Report.
func TestAllocsOfFailures(t *testing.T) {
	if cryptotest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	x := newPair(t, Internal, ops(SHA1, AES128))
	for _, row := range []struct {
		name  string
		stat  Stat
		alter func(*outgoing)
	}{
		{"engine", UnknownEngineIDs, func(o *outgoing) { o.engineID = "an engine that nobody knows" }},
		{"user", UnknownUserNames, func(o *outgoing) { o.userName = []byte("a user whom nobody knows") }},
		{"level", UnsupportedSecLevels, func(o *outgoing) { o.header.MsgFlags = 0 }},
		{"time", NotInTimeWindows, func(o *outgoing) { o.time = 0 }},
	} {
		u := x.model.users.lookup([]byte("ops"))
		o := outgoing{
			header:   pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: pdu.AuthPriv.Flags(), SecurityModel: pdu.SecurityModelUSM},
			engineID: testEngine, boots: x.clock.boots, time: x.clock.time, userName: []byte("ops"),
			credential: u.credentials[0], cipher: u.credentials[0].ciphers[0], scoped: &testScoped,
		}
		row.alter(&o)
		b, err := x.pw.generate(make([]byte, 600), &o)
		if err != nil {
			t.Fatal(err)
		}
		header, err := pdu.ReadHeader3(b, true)
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 600)
		if n := testing.AllocsPerRun(10, func() {
			_, err := x.model.ProcessIncoming(x.mw, b, header, true)
			if f, ok := err.(*Failure); !ok || f.Stat != row.stat {
				t.Fatal(err)
			}
		}); n != 1 {
			t.Errorf("%s: %v allocations, want that of the Failure", row.name, n)
		}
		_, err = x.model.ProcessIncoming(x.mw, b, header, true)
		if n := testing.AllocsPerRun(10, func() {
			if _, err := x.model.GenerateReport(x.mw, buf, err.(*Failure), 484); err != nil {
				t.Fatal(err)
			}
		}); n > 2 {
			t.Errorf("%s: %v allocations for the Report", row.name, n)
		}
	}
}

// Looking a user up costs the same among many as alone; B/user is what one holds.
func BenchmarkUsers(b *testing.B) {
	for _, users := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			x := newPair(b, Internal, ops(SHA256, AES128))
			var before, after runtime.MemStats
			for range 3 { // until the users of an earlier run are gone
				runtime.GC()
			}
			runtime.ReadMemStats(&before)
			u := ops(SHA256, AES128)
			for i := range users - 1 {
				u.Name = fmt.Sprintf("user%d", i)
				if err := x.model.Users().Add(u); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			request := x.request(b, "ops", pdu.AuthPriv)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.process(request); err != nil {
					b.Fatal(err)
				}
			}
			if users > 1 {
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(users), "B/user")
			}
		})
	}
}
