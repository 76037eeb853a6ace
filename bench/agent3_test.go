package bench

import (
	"fmt"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A stoppedClock is an engine's clock that stands still: a message stays timely
// however long it is sent again.
type stoppedClock struct{}

func (stoppedClock) BootsTime() (boots, time int32) { return 7, 1000 }

// A peer asks the agent of the benchmarks as a user.
type peer struct {
	*usm.Peer
	worker  *usm.Worker
	request usm.Request
}

// secure gives an agent an engine and a user, and returns who asks as that user.
func secure(b *testing.B, a *agent.Agent, p usm.Provider, level pdu.SecurityLevel) *peer {
	b.Helper()
	user := newUser("ops", usm.SHA256, usm.AES128, 1)
	user.AllowLower = true
	a.Engine = usm.NewEngine(engineID, stoppedClock{})
	a.SecurityProvider = p
	if err := a.AddUserKeys(user); err != nil {
		b.Fatal(err)
	}
	m := &peer{Peer: usm.NewPeer(engineID, p, time.Now)}
	m.Suppose(7, 1000)
	if err := m.Users().Add(user); err != nil {
		b.Fatal(err)
	}
	m.worker = m.NewWorker()
	m.request = usm.Request{MsgID: 0x12345678, MaxSize: 65507, User: "ops", Level: level, Reportable: true}
	return m
}

// datagram is a request for n scalars.
func (m *peer) datagram(b *testing.B, n int) []byte {
	b.Helper()
	s := &pdu.ScopedPDU{ContextEngineID: string(engineID)}
	s.PDU = pdu.PDU{Kind: pdu.GetRequest, RequestID: 0x12345678}
	for i := range uint32(n) {
		s.PDU.VarBinds = append(s.PDU.VarBinds, pdu.VarBind{Name: objects.Append(i+1, 0), Value: pdu.Null})
	}
	d, err := m.GenerateRequest(m.worker, make([]byte, 2000), &m.request, s)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// check makes the benchmark fail if an answer is not what datagram asks for.
func (m *peer) check(b *testing.B, answer []byte, varBinds int) {
	b.Helper()
	header, err := pdu.ReadHeader3(answer, true)
	if err != nil {
		b.Fatal(err)
	}
	verified, err := m.ProcessIncoming(m.worker, answer, header, true)
	if err != nil {
		b.Fatal(err)
	}
	var s pdu.ScopedPDU
	if err := verified.Decode(new(pdu.Decoder), &s); err != nil {
		b.Fatal(err)
	}
	if s.PDU.Kind != pdu.Response || s.PDU.ErrorStatus != pdu.NoError || len(s.PDU.VarBinds) != varBinds {
		b.Fatalf("an answer is %v, %v with %d varbinds, want %d", s.PDU.Kind, s.PDU.ErrorStatus, len(s.PDU.VarBinds), varBinds)
	}
}

// BenchmarkAgent3 is BenchmarkAgent for SNMPv3, by whose cryptography is used.
func BenchmarkAgent3(b *testing.B) {
	for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv, pdu.AuthPriv} {
		for _, p := range []usm.Provider{usm.Internal, usm.System} {
			for _, n := range []int{1, 10} {
				b.Run(fmt.Sprintf("ver=3/level=%v/provider=%v/pdu=get/vb=%d", level, p, n), func(b *testing.B) {
					conn := newLoopConn()
					a := newAgent(b, conn, 1000)
					m := secure(b, a, p, level)
					conn.datagrams = append(conn.datagrams, m.datagram(b, n))
					b.SetBytes(int64(len(conn.datagrams[0])))
					serve(b, a, conn)
					m.check(b, conn.last, n)
				})
			}
		}
	}
}
