package usm

import (
	"errors"
	"math"
	"testing"
	"time"

	"snmpstack/pdu"
)

// RFC 3414 §4: the engine's ID by an empty probe, its clock by an authentic one.
func TestDiscovery(t *testing.T) {
	x := newPair(t, Internal, ops(SHA256, AES128))
	discovering := NewPeer("", Internal, x.time.now)
	probe := pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.GetRequest, RequestID: 5}}
	b, err := discovering.GenerateRequest(x.pw, make([]byte, 600), &Request{MsgID: 4, MaxSize: 484, Reportable: true}, &probe)
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.process(b)
	if !errors.Is(err, ErrUnknownEngineID) {
		t.Fatalf("%v, want %v", err, ErrUnknownEngineID)
	}
	header, _ := pdu.ReadHeader3(x.report(t, err), true)
	var d pdu.Decoder
	n, err := ReadReport(header, &d)
	if err != nil || n.EngineID != testEngine || n.Boots != 3 || n.Time != 1000 || n.Stat != UnknownEngineIDs || !errors.Is(n.Err(), ErrUnknownEngineID) || n.ScopedPDU.PDU.RequestID != 5 {
		t.Fatalf("%+v, %v", n, err)
	}
}

// RFC 3414 §4: an authentic request with boots and time 0 has the clock for an
// answer, in a Report that is authentic itself.
func TestTimeDiscovery(t *testing.T) {
	for _, level := range []pdu.SecurityLevel{pdu.AuthNoPriv, pdu.AuthPriv} {
		u := ops(SHA256, AES128)
		u.AllowLower = true
		x := newPair(t, Internal, u)
		x.peer.Suppose(0, 0)
		_, err := x.process(x.request(t, "ops", level))
		if !errors.Is(err, ErrNotInTimeWindow) {
			t.Fatalf("%v, want %v", err, ErrNotInTimeWindow)
		}
		v, err := x.take(x.report(t, err))
		if err != nil || v.SecurityLevel() != pdu.AuthNoPriv {
			t.Fatal(err)
		}
		var d pdu.Decoder
		var s pdu.ScopedPDU
		if err := v.Decode(&d, &s); err != nil || s.PDU.Kind != pdu.Report {
			t.Fatalf("%+v, %v", s, err)
		}
		if boots, seconds := x.peer.BootsTime(); boots != 3 || seconds != 1000 {
			t.Errorf("boots %d, time %d", boots, seconds)
		}
		got, err := x.process(x.request(t, "ops", level))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.take(x.respond(t, &got)); err != nil {
			t.Error(err)
		}
	}
}

// RFC 3414 §3.2 (7) b: the peer's clock is set by authentic messages, forwards, and
// goes on from there; older messages than the window allows are refused.
func TestPeerClock(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, NoPriv))
	for _, row := range []struct {
		name    string
		says    fixedClock
		pass    time.Duration // beforehand
		ok      bool
		becomes fixedClock
	}{
		{"the first one sets it", fixedClock{3, 1000}, 0, true, fixedClock{3, 1000}},
		{"it goes on", fixedClock{3, 1000}, 100 * time.Second, true, fixedClock{3, 1100}},
		{"150 behind", fixedClock{3, 950}, 0, true, fixedClock{3, 1100}},
		{"its own clock set back", fixedClock{3, 950}, -time.Hour, true, fixedClock{3, 1000}},
		{"151 behind", fixedClock{3, 949}, time.Hour, false, fixedClock{3, 1100}},
		{"later than received, though behind", fixedClock{3, 1001}, 0, true, fixedClock{3, 1001}},
		{"far ahead", fixedClock{3, 900000}, 0, true, fixedClock{3, 900000}},
		{"earlier boots", fixedClock{2, math.MaxInt32}, 0, false, fixedClock{3, 900000}},
		{"later boots", fixedClock{4, 0}, 0, true, fixedClock{4, 0}},
		{"before these", fixedClock{3, 900001}, 0, false, fixedClock{4, 0}},
		{"its time cannot overflow", fixedClock{4, math.MaxInt32 - 1}, 0, true, fixedClock{4, math.MaxInt32 - 1}},
		{"it stays there", fixedClock{4, math.MaxInt32}, 10 * time.Second, true, fixedClock{4, math.MaxInt32}},
		{"latched", fixedClock{math.MaxInt32, 7}, 0, false, fixedClock{math.MaxInt32, 7}},
	} {
		x.time.pass(row.pass)
		x.clock = row.says
		v := Verified{engineID: testEngine, user: x.model.users.lookup([]byte("ops")), level: pdu.AuthNoPriv}
		v.credential = v.user.credentials[0]
		_, err := x.take(x.respond(t, &v))
		if row.ok != (err == nil) || !row.ok && !errors.Is(err, ErrNotInTimeWindow) {
			t.Errorf("%s: %v", row.name, err)
		}
		if boots, seconds := x.peer.BootsTime(); boots != row.becomes.boots || seconds != row.becomes.time {
			t.Errorf("%s: boots %d, time %d, want %+v", row.name, boots, seconds, row.becomes)
		}
	}
}

// What nobody can vouch for changes nothing (RFC 3414 §2.3 and §11.1): no message
// without a right MAC moves the clock, and what is supposed judges no message and
// counts no more once there was an authentic one.
func TestPeerForged(t *testing.T) {
	x := newPair(t, Internal, ops(SHA256, AES128))
	supposed := NewPeer(testEngine, Internal, x.time.now)
	supposed.Suppose(math.MaxInt32, math.MaxInt32) // a forged Report could say so
	if err := supposed.Users().Add(ops(SHA256, AES128)); err != nil {
		t.Fatal(err)
	}
	x.peer, x.pw = supposed, supposed.NewWorker()

	x.clock = fixedClock{9, 50}
	v := Verified{engineID: testEngine, user: x.model.users.lookup([]byte("ops")), level: pdu.AuthPriv}
	v.credential = v.user.credentials[0]
	v.cipher = v.credential.ciphers[0]
	answer := x.respond(t, &v)

	forged := append([]byte(nil), answer...)
	forged[len(forged)-1] ^= 1
	if _, err := x.take(forged); !errors.Is(err, ErrWrongDigest) {
		t.Errorf("%v, want %v", err, ErrWrongDigest)
	}
	if boots, _ := x.peer.BootsTime(); boots != math.MaxInt32 {
		t.Errorf("a forged answer has set boots to %d", boots)
	}
	if _, err := x.take(answer); err != nil {
		t.Errorf("a supposed clock keeps the answer out: %v", err)
	}
	x.peer.Suppose(1, 1)
	if boots, seconds := x.peer.BootsTime(); boots != 9 || seconds != 50 {
		t.Errorf("boots %d, time %d, want the authentic 9 and 50", boots, seconds)
	}
	// An answer below the level of the user's is anybody's.
	for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv} {
		low := v
		low.level, low.cipher = level, nil
		if level == pdu.NoAuthNoPriv {
			low.credential = nil
		}
		if _, err := x.take(x.respond(t, &low)); !errors.Is(err, ErrUnsupportedSecLevel) {
			t.Errorf("an answer at %v: %v, want %v", level, err, ErrUnsupportedSecLevel)
		}
	}
	// The steps before the MAC, with nothing of it right.
	if err := x.peer.Users().Add(ops(SHA256, NoPriv)); err != nil {
		t.Fatal(err)
	}
	if _, err := x.take(answer); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Errorf("%v, want %v", err, ErrUnsupportedSecLevel)
	}
	x.peer = NewPeer("another engine", Internal, x.time.now)
	if _, err := x.take(answer); !errors.Is(err, ErrUnknownEngineID) {
		t.Errorf("%v, want %v", err, ErrUnknownEngineID)
	}
	x.peer = NewPeer(testEngine, Internal, x.time.now)
	if _, err := x.take(answer); !errors.Is(err, ErrUnknownUserName) {
		t.Errorf("%v, want %v", err, ErrUnknownUserName)
	}
}

// What is wrong with an answer's encryption is an error, and no plaintext.
func TestPeerDecryption(t *testing.T) {
	x := newPair(t, Internal, ops(SHA256, DES))
	v, err := x.process(x.request(t, "ops", pdu.AuthPriv))
	if err != nil {
		t.Fatal(err)
	}
	answer := x.respond(t, &v)
	wrong := ops(SHA256, DES)
	wrong.PrivKey[3] ^= 0x40
	if err := x.peer.Users().Add(wrong); err != nil {
		t.Fatal(err)
	}
	got, err := x.take(answer)
	if !errors.Is(err, ErrDecryption) || got.Valid() || got.Plaintext() != nil {
		t.Errorf("%v, %x", err, got.Plaintext())
	}
}

// Flags and data that contradict each other are neither decrypted nor taken as they
// are (RFC 3412 §6.7).
func TestContradiction(t *testing.T) {
	u := ops(SHA256, AES128)
	u.AllowLower = true
	x := newPair(t, Internal, u)
	c := x.model.users.lookup([]byte("ops")).credentials[0]
	for name, o := range map[string]outgoing{
		"encrypted at authNoPriv": {header: pdu.Header3{MsgFlags: pdu.AuthNoPriv.Flags()}, credential: c, cipher: c.ciphers[0]},
		"encrypted at noAuth":     {cipher: c.ciphers[0]},
		"plain at authPriv":       {header: pdu.Header3{MsgFlags: pdu.AuthPriv.Flags()}, credential: c},
	} {
		o.header.MsgMaxSize, o.header.SecurityModel = 484, pdu.SecurityModelUSM
		o.engineID, o.boots, o.time, o.userName, o.scoped = testEngine, x.clock.boots, x.clock.time, []byte("ops"), &testScoped
		b, err := x.pw.generate(make([]byte, 600), &o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.process(b); err != ErrNotEncrypted {
			t.Errorf("%s: %v, want %v", name, err, ErrNotEncrypted)
		}
		if _, err := x.take(b); err != ErrNotEncrypted {
			t.Errorf("%s, as an answer: %v, want %v", name, err, ErrNotEncrypted)
		}
	}
}

// RFC 3414 §3.1 (1) to (3), (6): a request is never less than it was to be, and
// one that is not authenticated does not tell what is known of the engine's clock.
func TestRequestLevel(t *testing.T) {
	low := User{Name: "low"}
	x := newPair(t, Internal, ops(SHA1, AES128), low)
	for _, row := range []struct {
		user  string
		level pdu.SecurityLevel
		want  error
	}{
		{"", pdu.NoAuthNoPriv, nil},
		{"", pdu.AuthNoPriv, ErrUnknownUserName},
		{"", pdu.AuthPriv, ErrUnknownUserName},
		{"low", pdu.NoAuthNoPriv, nil},
		{"low", pdu.AuthNoPriv, ErrUnsupportedSecLevel},
		{"ops", pdu.AuthPriv, nil},
		{"ops", pdu.AuthNoPriv, ErrUnsupportedSecLevel},
		{"ops", pdu.NoAuthNoPriv, ErrUnsupportedSecLevel},
		{"nobody", pdu.NoAuthNoPriv, ErrUnknownUserName},
	} {
		b, err := x.peer.GenerateRequest(x.pw, make([]byte, 600), &Request{MsgID: 1, MaxSize: 484, User: row.user, Level: row.level}, &testScoped)
		if !errors.Is(err, row.want) || (err == nil) != (b != nil) {
			t.Errorf("%q at %v: %v, want %v", row.user, row.level, err, row.want)
		}
		if err != nil {
			continue
		}
		header, _ := pdu.ReadHeader3(b, true)
		p, err := readParameters(&header, true)
		if err != nil {
			t.Fatal(err)
		}
		if known := p.boots != 0 || p.time != 0; known != (row.level >= pdu.AuthNoPriv) {
			t.Errorf("%q at %v: boots %d, time %d", row.user, row.level, p.boots, p.time)
		}
	}
}

// ReadReport takes Reports in plain text and nothing else.
func TestReadReport(t *testing.T) {
	u := ops(SHA1, AES128)
	u.AllowLower = true
	x := newPair(t, Internal, u, User{Name: "none"})
	var d pdu.Decoder
	read := func(b []byte) (*Notice, error) {
		header, err := pdu.ReadHeader3(b, true)
		if err != nil {
			t.Fatal(err)
		}
		return ReadReport(header, &d)
	}
	for name, b := range map[string][]byte{
		"a request":      x.request(t, "none", pdu.NoAuthNoPriv),
		"an encrypted":   x.request(t, "ops", pdu.AuthPriv),
		"an authentic 1": x.request(t, "ops", pdu.AuthNoPriv),
	} {
		if n, err := read(b); err == nil {
			t.Errorf("%s: %+v", name, n)
		}
	}
	report := func(list []pdu.VarBind) []byte {
		b, err := x.peer.GenerateRequest(x.pw, make([]byte, 600), &Request{MsgID: 1, MaxSize: 484}, &pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.Report, VarBinds: list}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	header, err := pdu.ReadHeader3(report(nil), true)
	if err != nil {
		t.Fatal(err)
	}
	header.Encrypted = true // as if msgData were an OCTET STRING around a Report
	if n, err := ReadReport(header, &d); !errors.Is(err, ErrDecryption) {
		t.Errorf("a Report in the place of what is encrypted: %+v, %v", n, err)
	}
	for s := UnsupportedSecLevels; s <= DecryptionErrors; s++ {
		n, err := read(report([]pdu.VarBind{{Name: s.OID(), Value: pdu.Counter32(1)}}))
		if err != nil || n.Stat != s || !errors.Is(n.Err(), s.Err()) {
			t.Errorf("%v: %+v, %v", s, n, err)
		}
	}
	for name, list := range map[string][]pdu.VarBind{"nothing": nil, "something else": {{Name: testScoped.PDU.VarBinds[0].Name, Value: pdu.Counter32(1)}}} {
		if n, err := read(report(list)); err != nil || n.Stat != 0 || n.Err() == nil {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}
