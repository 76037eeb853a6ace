package agent_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

const (
	agentAddress   = "192.0.2.1:161"
	managerAddress = "192.0.2.9:40000"
)

// A rig is an active agent on a network in memory, and a socket to send it
// datagrams from.
type rig struct {
	t testing.TB
	*agent.Agent
	network *agenttest.Network
	socket  *memnet.Conn // the agent's
	client  *memnet.Conn
	to      netip.AddrPort
	bubble  bool // there may be workers, see inBubble
	pool    transport.Pool
	in      [8]transport.Packet
}

// newRig activates an agent that configure has changed. Without a bubble it can
// only be asked for what needs no worker.
func newRig(t testing.TB, configure ...func(*agent.Agent)) *rig {
	t.Helper()
	return newRigAt(t, agentAddress, managerAddress, configure...)
}

func newRigAt(t testing.TB, agentAddress, managerAddress string, configure ...func(*agent.Agent)) *rig {
	t.Helper()
	return activateAt(t, agent.New(), agentAddress, managerAddress, configure...)
}

// activateAt is newRigAt for an agent that there is already.
func activateAt(t testing.TB, a *agent.Agent, agentAddress, managerAddress string, configure ...func(*agent.Agent)) *rig {
	t.Helper()
	r := &rig{t: t, Agent: a, network: agenttest.NewNetwork(), to: netip.MustParseAddrPort(agentAddress)}
	r.socket = r.network.Listen(t, agentAddress)
	r.client = r.network.Listen(t, managerAddress)
	for i := range r.in {
		r.in[i].Buf = r.pool.Get(transport.FullSize)
	}
	r.Conns = []transport.Conn{r.socket}
	r.Access = readWrite
	r.Logger = testLogger(t)
	for _, f := range configure {
		f(r.Agent)
	}
	if err := r.Activate(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Deactivate)
	return r
}

// testLogger returns a logger whose lines are part of the test's log: those of a test that
// fails are shown.
func testLogger(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// inBubble runs f with a rig in a bubble of package synctest: time passes when
// everybody sleeps, and exchange waits until nothing goes on any more.
func inBubble(t *testing.T, configure func(*agent.Agent), f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, configure)
		r.bubble = true
		f(t, r)
	})
}

// send sends the agent a datagram.
func (r *rig) send(datagram []byte) {
	r.t.Helper()
	if _, err := r.client.Write([]transport.Packet{{Data: datagram, Remote: r.to}}); err != nil {
		r.t.Fatal(err)
	}
}

// settle waits until the agent waits for datagrams, and so do its workers if
// there may be some.
func (r *rig) settle() {
	r.t.Helper()
	if r.bubble {
		synctest.Wait()
		return
	}
	if err := r.socket.WaitIdle(1); err != nil {
		r.t.Fatal(err)
	}
}

// received returns the datagrams that the agent has sent.
func (r *rig) received() (answers [][]byte) {
	r.t.Helper()
	for r.client.Pending() > 0 {
		n, err := r.client.Read(r.in[:])
		if err != nil {
			r.t.Fatal(err)
		}
		for _, p := range r.in[:n] {
			answers = append(answers, bytes.Clone(p.Data))
			if p.Remote != r.to {
				r.t.Errorf("an answer comes from %v, not from %v", p.Remote, r.to)
			}
		}
	}
	return answers
}

// exchange sends a datagram and returns what the agent answers.
func (r *rig) exchange(datagram []byte) [][]byte {
	r.t.Helper()
	r.send(datagram)
	r.settle()
	return r.received()
}

// ask sends a request and returns its Response. No or several answers are fatal.
func (r *rig) ask(request pdu.Message) pdu.PDU {
	r.t.Helper()
	answers := r.exchange(request.Append(nil))
	if len(answers) != 1 {
		r.t.Fatalf("%d answers to %v, want 1", len(answers), request.PDU)
	}
	return r.response(request, answers[0])
}

// response decodes an answer and checks what holds for every Response (RFC 3416
// §4.2.1, RFC 1157 §4.1.2): version, community and request-id are the request's.
func (r *rig) response(request pdu.Message, answer []byte) pdu.PDU {
	r.t.Helper()
	m, err := pdu.ParseMessage(answer)
	if err != nil {
		r.t.Fatalf("the answer % X cannot be read: %v", answer, err)
	}
	if m.Version != request.Version || !bytes.Equal(m.Community, request.Community) || m.PDU.RequestID != request.PDU.RequestID || m.PDU.Kind != pdu.Response {
		r.t.Errorf("the answer is %v, %q, %v %d to %v, %q, %d", m.Version, m.Community, m.PDU.Kind, m.PDU.RequestID,
			request.Version, request.Community, request.PDU.RequestID)
	}
	if again := m.Append(nil); !bytes.Equal(again, answer) {
		r.t.Errorf("the answer % X is not in its shortest form", answer)
	}
	return m.PDU
}

// silent sends a datagram that must not be answered.
func (r *rig) silent(datagram []byte) {
	r.t.Helper()
	if answers := r.exchange(datagram); len(answers) > 0 {
		r.t.Errorf("% X is answered: % X", datagram, answers)
	}
}

// countedIn checks that one counter has gone up by one since before: the one in
// which the datagram sent meanwhile has ended.
func (r *rig) countedIn(before agent.Stats, name string) {
	r.t.Helper()
	after := ends(r.Stats())
	for _, e := range ends(before) {
		want := e.count
		if e.name == name {
			want++
		}
		for _, now := range after {
			if now.name == e.name && now.count != want {
				r.t.Errorf("%s is %d, want %d", e.name, now.count, want)
			}
		}
	}
}

// An end is a counter in which datagrams end.
type end struct {
	name  string
	count uint64
}

// ends returns the counters that package agent documents at Stats: each datagram
// ends in one of them.
func ends(s agent.Stats) []end {
	return []end{
		{"Answered", s.Answered},
		{"SendErrors", s.SendErrors},
		{"snmpSilentDrops", uint64(s.SNMP[agent.SnmpSilentDrops])},
		{"Unanswered", s.Unanswered},
		{"Overloaded", s.Overloaded},
		{"Delivered", s.Delivered},
		{"Unsolicited", s.Unsolicited},
		{"snmpUnknownPDUHandlers", uint64(s.UnknownPDUHandlers)},
		{"snmpInBadVersions", uint64(s.SNMP[agent.SnmpInBadVersions])},
		{"snmpInBadCommunityNames", uint64(s.SNMP[agent.SnmpInBadCommunityNames])},
		{"snmpInASNParseErrs", uint64(s.SNMP[agent.SnmpInASNParseErrs])},
		{"snmpUnknownSecurityModels", uint64(s.UnknownSecurityModels)},
		{"snmpInvalidMsgs", uint64(s.InvalidMsgs)},
		{"snmpUnknownContexts", uint64(s.UnknownContexts)},
		{"usmStatsUnsupportedSecLevels", uint64(s.USM[usm.UnsupportedSecLevels])},
		{"usmStatsNotInTimeWindows", uint64(s.USM[usm.NotInTimeWindows])},
		{"usmStatsUnknownUserNames", uint64(s.USM[usm.UnknownUserNames])},
		{"usmStatsUnknownEngineIDs", uint64(s.USM[usm.UnknownEngineIDs])},
		{"usmStatsWrongDigests", uint64(s.USM[usm.WrongDigests])},
		{"usmStatsDecryptionErrors", uint64(s.USM[usm.DecryptionErrors])},
		{"Oversized", s.Oversized},
		{"NotAccepted", s.NotAccepted},
	}
}

// accounted returns how many datagrams have ended somewhere.
func accounted(s agent.Stats) (sum uint64) {
	for _, e := range ends(s) {
		sum += e.count
	}
	return sum
}

// message makes a request with the community "public".
func message(v pdu.Version, kind pdu.Kind, list ...pdu.VarBind) pdu.Message {
	return pdu.Message{Version: v, Community: []byte("public"), PDU: pdu.PDU{Kind: kind, RequestID: 77, VarBinds: list}}
}

// encode returns a message's octets.
func encode(m pdu.Message) []byte { return m.Append(nil) }

// bulk makes a GetBulkRequest.
func bulk(nonRepeaters, maxRepetitions int32, list ...pdu.VarBind) pdu.Message {
	m := message(pdu.V2c, pdu.GetBulkRequest, list...)
	m.PDU.NonRepeaters, m.PDU.MaxRepetitions = nonRepeaters, maxRepetitions
	return m
}

// names makes varbinds without values.
func names(list ...ber.OID) []pdu.VarBind {
	vbs := make([]pdu.VarBind, len(list))
	for i := range list {
		vbs[i] = pdu.VarBind{Name: list[i], Value: pdu.Null}
	}
	return vbs
}

// vb makes a varbind.
func vb(name ber.OID, value pdu.Value) pdu.VarBind { return pdu.VarBind{Name: name, Value: value} }

// sleep waits until d has passed or ctx ends. In a bubble that takes no time.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// octets reads hexadecimal digits; what follows a bar on a line is a comment.
func octets(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "|")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// readWrite lets the community "public" read and "private" write everything.
var readWrite = vacm.MustNew(
	vacm.CommunityRule{Community: "public"},
	vacm.CommunityRule{Community: "private", Writable: true},
)

// private is m with the community that may write.
func private(m pdu.Message) pdu.Message {
	m.Community = []byte("private")
	return m
}

// withMIB makes an agent serve a tree.
func withMIB(tree *mib.Tree) func(*agent.Agent) {
	return func(a *agent.Agent) { a.MIB = tree }
}

// dial returns a client of an agent on a socket of the operating system.
func dial(t testing.TB, a *agent.Agent, community string) *manager.Client {
	t.Helper()
	c, err := manager.Dial(context.Background(), "udp:"+a.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.Community = manager.Community(community)
	return c
}
