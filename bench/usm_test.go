package bench

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// engineID is the engine of the benchmarks' SNMPv3 messages.
const engineID = usm.EngineID("\x80\x00\x7e\xd9\x05bench")

// newModel returns a model at engineID with users.
func newModel(tb testing.TB, p usm.Provider, users ...usm.User) *usm.Model {
	tb.Helper()
	table := usm.NewUsers(engineID, p)
	for _, u := range users {
		if err := table.Add(u); err != nil {
			tb.Fatal(err)
		}
	}
	return usm.NewModel(usm.NewEngine(engineID, usm.NewEpochClock(time.Now)), table, p, nil)
}

// newUser returns a user with localized keys, of octets that count up from first.
func newUser(name string, auth usm.AuthProtocol, priv usm.PrivProtocol, first byte) usm.User {
	octets := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = first + byte(i)
		}
		return b
	}
	u := usm.User{Name: name, Auth: auth, AuthKey: octets(auth.KeyLen()), Priv: priv, Localized: true}
	if priv != usm.NoPriv {
		u.PrivKey = octets(priv.KeyLen())
	}
	return u
}

// get is a GET in a context whose name is as long as it takes to make the message
// size octets.
func get(tb testing.TB, m *usm.Model, r *usm.Request, size int) *pdu.ScopedPDU {
	tb.Helper()
	s := &pdu.ScopedPDU{ContextEngineID: string(engineID)}
	s.PDU = pdu.PDU{Kind: pdu.GetRequest, RequestID: 0x12345678, VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.2.1.1.3.0"), Value: pdu.Null}}}
	w, buf := m.NewWorker(), make([]byte, 1000)
	for range size {
		b, err := m.GenerateRequest(w, buf, r, s)
		if err != nil {
			tb.Fatal(err)
		}
		if len(b) == size {
			return s
		}
		s.ContextName += "x"
	}
	tb.Fatalf("no message has %d octets", size)
	return nil
}

// The security model alone, for a message of 150 octets: what it costs to read the
// header, verify and decrypt, and what to encrypt and sign.
func BenchmarkUSM(b *testing.B) {
	const size = 150
	for _, p := range []usm.Provider{usm.Internal, usm.Portable, usm.System} {
		for _, row := range []struct {
			auth usm.AuthProtocol
			priv usm.PrivProtocol
		}{{usm.SHA1, usm.AES128}, {usm.SHA256, usm.AES256}} {
			name := fmt.Sprintf("provider=%v/auth=%v/priv=%v", p, row.auth, row.priv)
			m := newModel(b, p, newUser("ops", row.auth, row.priv, 1))
			w, buf := m.NewWorker(), make([]byte, 1000)
			r := &usm.Request{MsgID: 0x12345678, MaxSize: 65507, User: "ops", Level: pdu.AuthPriv}
			s := get(b, m, r, size)
			b.Run(name+"/verify+decrypt", func(b *testing.B) {
				datagram, err := m.GenerateRequest(w, make([]byte, 1000), r, s)
				if err != nil || len(datagram) != size {
					b.Fatal(len(datagram), err)
				}
				b.SetBytes(size)
				b.ReportAllocs()
				before := cpuTime()
				for b.Loop() {
					header, err := pdu.ReadHeader3(datagram, false)
					if err == nil {
						_, err = m.ProcessIncoming(w, datagram, header, false)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				reportCPU(b, before)
			})
			b.Run(name+"/encrypt+sign", func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				before := cpuTime()
				for b.Loop() {
					if _, err := m.GenerateRequest(w, buf, r, s); err != nil {
						b.Fatal(err)
					}
				}
				reportCPU(b, before)
			})
		}
	}
}

// What adding a user costs: two passwords of a megabyte of hashing each.
func BenchmarkPasswords(b *testing.B) {
	for _, p := range []usm.Provider{usm.Internal, usm.Portable, usm.System} {
		for _, auth := range []usm.AuthProtocol{usm.SHA1, usm.SHA256, usm.SHA512} {
			b.Run(fmt.Sprintf("provider=%v/auth=%v", p, auth), func(b *testing.B) {
				password := usm.NewSecret(strings.Repeat("password", 2))
				for b.Loop() {
					if _, err := usm.MasterKey(p, auth, password); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// What a user takes of the heap: his keys, ready for use, and his place in the table.
func BenchmarkUserMemory(b *testing.B) {
	const users = 10000
	for _, p := range []usm.Provider{usm.Internal, usm.Portable, usm.System} {
		for _, row := range []struct {
			auth usm.AuthProtocol
			priv usm.PrivProtocol
		}{{usm.SHA1, usm.NoPriv}, {usm.SHA1, usm.AES128}, {usm.SHA256, usm.AES256}} {
			b.Run(fmt.Sprintf("provider=%v/auth=%v/priv=%v", p, row.auth, row.priv), func(b *testing.B) {
				for b.Loop() {
					before := heap()
					m := newModel(b, p)
					for i := range users {
						if err := m.Users().Add(newUser(fmt.Sprintf("user%d", i), row.auth, row.priv, byte(i))); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(heap()-before)/users, "B/user")
					runtime.KeepAlive(m)
				}
			})
		}
	}
}

// heap is what the heap holds, without the garbage.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what has a cleanup goes in the second
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
