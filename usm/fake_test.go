package usm

import (
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A fixedClock is an EngineClock that stands still.
type fixedClock struct{ boots, time int32 }

func (c fixedClock) BootsTime() (boots, time int32) { return c.boots, c.time }

// A fakeTime is a clock that goes when it is told to.
type fakeTime struct{ t time.Time }

func newFakeTime() *fakeTime { return &fakeTime{time.Unix(1e9, 0)} }

func (f *fakeTime) now() time.Time { return f.t }

func (f *fakeTime) pass(d time.Duration) { f.t = f.t.Add(d) }

// A pair is a Model and the Peer that talks to it, with a user at both.
type pair struct {
	clock  fixedClock // the engine's
	model  *Model
	peer   *Peer
	time   *fakeTime // the peer's
	mw, pw *Worker
}

const testEngine = EngineID("\x80\x00\x7e\xd9\x05usm-test")

// newPair returns a pair, whose peer knows the engine's clock, at 3 boots and 1000
// seconds.
func newPair(t testing.TB, p Provider, users ...User) *pair {
	t.Helper()
	x := &pair{clock: fixedClock{3, 1000}, time: newFakeTime()}
	x.model = NewModel(NewEngine(testEngine, &x.clock), NewUsers(testEngine, p), p, nil)
	x.peer = NewPeer(testEngine, p, x.time.now)
	for _, u := range users {
		for _, table := range []*Users{x.model.Users(), x.peer.Users()} {
			if err := table.Add(u); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.mw, x.pw = x.model.NewWorker(), x.peer.NewWorker()
	x.peer.Suppose(x.clock.boots, x.clock.time)
	return x
}

// a GET of sysUpTime.0.
var testScoped = pdu.ScopedPDU{
	ContextEngineID: string(testEngine),
	PDU:             pdu.PDU{Kind: pdu.GetRequest, RequestID: 77, VarBinds: []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.2.1.1.3.0"), Value: pdu.Null}}},
}

// request returns the peer's GET by a user.
func (x *pair) request(t testing.TB, user string, level pdu.SecurityLevel) []byte {
	t.Helper()
	b, err := x.peer.GenerateRequest(x.pw, make([]byte, 600), &Request{MsgID: 99, MaxSize: 65507, User: user, Level: level, Reportable: true}, &testScoped)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// process has the model process a message.
func (x *pair) process(b []byte) (Verified, error) {
	header, err := pdu.ReadHeader3(b, true)
	if err != nil {
		return Verified{}, err
	}
	return x.model.ProcessIncoming(x.mw, b, header, true)
}

// take has the peer process a message.
func (x *pair) take(b []byte) (Verified, error) {
	header, err := pdu.ReadHeader3(b, true)
	if err != nil {
		return Verified{}, err
	}
	return x.peer.ProcessIncoming(x.pw, b, header, true)
}

// respond returns the model's answer to a message.
func (x *pair) respond(t testing.TB, v *Verified) []byte {
	t.Helper()
	answer := testScoped
	answer.PDU.Kind = pdu.Response
	b, err := x.model.GenerateResponse(x.mw, make([]byte, 600), v, 65507, &answer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// report returns the model's Report about a message that was not accepted.
func (x *pair) report(t testing.TB, err error) []byte {
	t.Helper()
	f, ok := err.(*Failure)
	if !ok {
		t.Fatalf("%v, want a Failure", err)
	}
	b, err := x.model.GenerateReport(x.mw, make([]byte, 600), f, 65507)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ops is a user with keys that take no time to derive.
func ops(a AuthProtocol, p PrivProtocol) User {
	u := User{Name: "ops", Auth: a, AuthKey: make([]byte, a.KeyLen()), Priv: p, Localized: true}
	for i := range u.AuthKey {
		u.AuthKey[i] = byte(i)
	}
	if p != NoPriv {
		u.PrivKey = make([]byte, p.KeyLen())
		for i := range u.PrivKey {
			u.PrivKey[i] = byte(7 * i)
		}
	}
	return u
}
