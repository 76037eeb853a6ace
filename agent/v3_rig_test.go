package agent_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A fixedClock is an engine clock that stands still.
type fixedClock struct{ boots, time int32 }

func (c fixedClock) BootsTime() (boots, time int32) { return c.boots, c.time }

const testEngine usm.EngineID = "\x80\x00\x7e\xd9\x05engine"

// withEngine gives an agent an engine whose clock stands still.
func withEngine(a *agent.Agent) {
	a.Engine = usm.NewEngine(testEngine, fixedClock{boots: 7, time: 1000})
}

// A v3user has an SNMPv3 message made and its answer read: a manager without
// patience, which knows the engine's ID and clock from the start.
type v3user struct {
	*rig
	peer   *usm.Peer
	worker *usm.Worker
	usm.Request
	contextEngineID usm.EngineID
	contextName     string
}

// as returns a manager that asks as a user, at a level.
func (r *rig) as(u usm.User, level pdu.SecurityLevel) *v3user {
	r.t.Helper()
	m := &v3user{rig: r, peer: usm.NewPeer(testEngine, usm.Internal, time.Now), contextEngineID: testEngine}
	m.worker = m.peer.NewWorker()
	m.peer.Suppose(7, 1000)
	u.AllowLower = true
	if u.Name != "" {
		if err := m.peer.Users().Add(keyed(u)); err != nil {
			r.t.Fatal(err)
		}
	}
	m.Request = usm.Request{MsgID: 4711, MaxSize: 65507, User: u.Name, Level: level, Reportable: true}
	return m
}

// datagram returns a request's message.
func (m *v3user) datagram(p pdu.PDU) []byte {
	m.t.Helper()
	b, err := m.peer.GenerateRequest(m.worker, make([]byte, 65507), &m.Request,
		&pdu.ScopedPDU{ContextEngineID: string(m.contextEngineID), ContextName: m.contextName, PDU: p})
	if err != nil {
		m.t.Fatal(err)
	}
	return b
}

// ask sends a request and returns its Response.
func (m *v3user) ask(p pdu.PDU) pdu.PDU {
	m.t.Helper()
	answers := m.exchange(m.datagram(p))
	if len(answers) != 1 {
		m.t.Fatalf("%d answers to %v, want 1", len(answers), p)
	}
	return m.response(p, answers[0])
}

// response verifies an answer and checks what holds for every Response: it has the
// request's msgID, level, context and request-id (RFC 3412 §7.1 (2)).
func (m *v3user) response(p pdu.PDU, answer []byte) pdu.PDU {
	m.t.Helper()
	header, err := pdu.ReadHeader3(answer, true)
	if err != nil {
		m.t.Fatal(err)
	}
	if header.MsgID != m.MsgID || header.MsgFlags != m.Level.Flags() || header.SecurityModel != pdu.SecurityModelUSM {
		m.t.Errorf("the answer's header is %+v", header)
	}
	verified, err := m.peer.ProcessIncoming(m.worker, answer, header, true)
	if err != nil {
		notice, _ := usm.ReadReport(header, new(pdu.Decoder))
		m.t.Fatalf("the answer % X is not good: %v; as a Report: %+v", answer, err, notice)
	}
	var scoped pdu.ScopedPDU
	if err := verified.Decode(&pdu.Decoder{Strict: true}, &scoped); err != nil {
		m.t.Fatal(err)
	}
	if scoped.ContextEngineID != string(m.contextEngineID) || scoped.ContextName != m.contextName || scoped.PDU.Kind != pdu.Response || scoped.PDU.RequestID != p.RequestID {
		m.t.Errorf("the answer is %+v", scoped)
	}
	return scoped.PDU
}

// report returns the counter that a Report is about.
func (r *rig) report(answers [][]byte) (header pdu.Header3, n *usm.Notice) {
	r.t.Helper()
	if len(answers) != 1 {
		r.t.Fatalf("%d answers, want a Report", len(answers))
	}
	header, err := pdu.ReadHeader3(answers[0], true)
	if err != nil {
		r.t.Fatal(err)
	}
	n, err = usm.ReadReport(header, new(pdu.Decoder))
	if err != nil {
		r.t.Fatal(err)
	}
	return header, n
}

// reported sends a datagram that is answered with a Report about the counter called
// name, which it has moved by one: that one and no other. It returns the Report.
func (r *rig) reported(datagram []byte, name string, oid ber.OID) (pdu.Header3, *usm.Notice) {
	r.t.Helper()
	before := r.Stats()
	header, n := r.report(r.exchange(datagram))
	r.countedIn(before, name)
	p := &n.ScopedPDU.PDU
	value := uint64(0)
	for _, e := range ends(r.Stats()) {
		if e.name == name {
			value = e.count
		}
	}
	if len(p.VarBinds) != 1 || p.VarBinds[0] != vb(oid, pdu.Counter32(uint32(value))) || p.ErrorStatus != 0 || p.ErrorIndex != 0 { // RFC 3412 §7.1 (3) c
		r.t.Errorf("the Report is %+v, want %v = %d", *p, oid, value)
	}
	if n.EngineID != testEngine || n.Boots != 7 || n.Time != 1000 || n.ScopedPDU.ContextEngineID != string(testEngine) || n.ScopedPDU.ContextName != "" { // RFC 3412 §7.1 (3) d
		r.t.Errorf("the Report is from %+v", n)
	}
	return header, n
}

// get makes a GetRequest.
func get(list ...ber.OID) pdu.PDU {
	return pdu.PDU{Kind: pdu.GetRequest, RequestID: -99, VarBinds: names(list...)}
}

// codeOf returns the specification's code of an error, 0 if it has none.
func codeOf(err error) agent.Code {
	if e := (*agent.Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// The users of the tests, one for each level.
var (
	guest  = usm.User{Name: "guest"}
	reader = usm.User{Name: "reader", Auth: usm.SHA256, AuthPassword: usm.NewSecret("reader's password")}
	writer = usm.User{
		Name: "writer", Auth: usm.SHA1, AuthPassword: usm.NewSecret("writer's password"),
		Priv: usm.AES128, PrivPassword: usm.NewSecret("writer's other password"),
	}
)

// withUsers makes an agent know these, and serve a plant to them.
func withUsers(t testing.TB) func(*agent.Agent) {
	return func(a *agent.Agent) {
		withEngine(a)
		a.MIB = newTree(t, &plant{})
		a.Access = vacm.MustNew(
			vacm.UserRule{ContextMatch: vacm.Prefix, User: "guest", Subtree: instance(title)},
			vacm.UserRule{ContextMatch: vacm.Prefix, User: "reader", Level: pdu.AuthNoPriv},
			vacm.UserRule{ContextMatch: vacm.Prefix, User: "writer", Level: pdu.AuthPriv, Writable: true},
		)
		for _, u := range []usm.User{guest, reader, writer} {
			if err := a.AddUserKeys(keyed(u)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// keyed returns u with master keys in the place of passwords, each of which is hashed
// once for all tests: what that takes is most of a test's time.
func keyed(u usm.User) usm.User {
	if u.Auth == usm.AnyAuth {
		return u
	}
	key := func(password usm.Secret) []byte {
		if password.IsEmpty() {
			return nil
		}
		of := masterKey{u.Auth, password}
		ku, ok := masterKeys.Load(of)
		if !ok {
			made, err := usm.MasterKey(usm.System, u.Auth, password)
			if err != nil {
				panic(err)
			}
			ku, _ = masterKeys.LoadOrStore(of, made)
		}
		return ku.([]byte)
	}
	if len(u.AuthKey) == 0 {
		u.AuthKey = key(u.AuthPassword)
	}
	if len(u.PrivKey) == 0 {
		u.PrivKey = key(u.PrivPassword)
	}
	return u
}

type masterKey struct {
	usm.AuthProtocol
	usm.Secret
}

var masterKeys sync.Map // of masterKey, to []byte

// askLater is ask for a request that is answered by f.
func (m *v3user) askLater(p pdu.PDU, f func()) pdu.PDU {
	m.t.Helper()
	m.send(m.datagram(p))
	m.settle()
	if early := m.received(); len(early) > 0 {
		m.t.Fatalf("%d answers before there is one", len(early))
	}
	f()
	m.settle()
	answers := m.received()
	if len(answers) != 1 {
		m.t.Fatalf("%d answers to %v, want 1", len(answers), p)
	}
	return m.response(p, answers[0])
}
