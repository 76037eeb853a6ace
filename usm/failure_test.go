package usm

import (
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// What a Failure says of the message, as it came.
func TestFailure(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, AES128), User{Name: "none"})
	for _, row := range []struct {
		name   string
		spoil  func(*outgoing)
		stat   Stat
		cause  error
		engine EngineID
		user   string
		kind   pdu.Kind // 0: cannot be read
		level  pdu.SecurityLevel
	}{
		{"another engine", func(o *outgoing) { o.engineID = "an engine" }, UnknownEngineIDs, ErrUnknownEngineID, "an engine", "ops", 0, pdu.AuthPriv},
		{"discovery", func(o *outgoing) {
			*o = outgoing{header: o.header, boots: o.boots, time: o.time, scoped: o.scoped}
			o.header.MsgFlags = pdu.FlagReportable
		}, UnknownEngineIDs, ErrUnknownEngineID, "", "", pdu.GetRequest, pdu.NoAuthNoPriv},
		{"nobody", func(o *outgoing) { o.userName = []byte("nobody") }, UnknownUserNames, ErrUnknownUserName, testEngine, "nobody", 0, pdu.AuthPriv},
		{"level", func(o *outgoing) { o.userName = []byte("none") }, UnsupportedSecLevels, ErrUnsupportedSecLevel, testEngine, "none", 0, pdu.AuthPriv},
		{"no MAC", func(o *outgoing) { o.credential = nil }, WrongDigests, ErrDigestLength, testEngine, "ops", 0, pdu.AuthPriv},
	} {
		u := x.model.users.lookup([]byte("ops"))
		o := outgoing{
			header:   pdu.Header3{MsgID: 8, MsgMaxSize: 484, MsgFlags: pdu.AuthPriv.Flags() | pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM},
			engineID: testEngine, boots: 5, time: 6, userName: []byte("ops"), credential: u.credentials[0], cipher: u.credentials[0].ciphers[0], scoped: &testScoped,
		}
		row.spoil(&o)
		b, err := x.pw.generate(make([]byte, 600), &o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.process(b)
		f, ok := err.(*Failure)
		if !ok {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		boots, time := f.BootsTime()
		kind, readable := f.Kind()
		if f.Stat != row.stat || f.Cause() != row.cause || f.EngineID() != row.engine || f.UserName() != row.user ||
			kind != row.kind || readable != (row.kind != 0) || f.SecurityLevel() != row.level || boots != 5 || time != 6 {
			t.Errorf("%s: %v, %v, engine %q, user %q, kind %v, level %v, boots %d, time %d",
				row.name, f, f.Cause(), f.EngineID(), f.UserName(), kind, f.SecurityLevel(), boots, time)
		}
	}
}

// RFC 3412 §4.2.2.1 (2) and RFC 3413 §3.2: a message that has verified, and that no
// application took, has an unauthenticated Report of any counter for its answer.
func TestReportTo(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, AES128))
	v, err := x.process(x.request(t, "ops", pdu.AuthPriv))
	if err != nil || !v.Encrypted() || v.Tolerated() != 0 {
		t.Fatal(err)
	}
	unknownContexts := ber.MustOID("1.3.6.1.6.3.12.1.5.0")
	b, err := x.model.GenerateReportTo(x.mw, make([]byte, 600), &v, 77, pdu.VarBind{Name: unknownContexts, Value: pdu.Counter32(4)}, 484)
	if err != nil {
		t.Fatal(err)
	}
	header, err := pdu.ReadHeader3(b, true)
	if err != nil || header.MsgFlags != 0 || header.MsgID != 99 || header.MsgMaxSize != 484 {
		t.Fatalf("%+v, %v", header, err)
	}
	var d pdu.Decoder
	n, err := ReadReport(header, &d)
	if err != nil || n.Stat != 0 || n.EngineID != testEngine || n.UserName != "ops" || n.Boots != 3 || n.Time != 1000 ||
		n.ScopedPDU.PDU.RequestID != 77 || first(n.ScopedPDU.PDU.VarBinds) != (pdu.VarBind{Name: unknownContexts, Value: pdu.Counter32(4)}) {
		t.Errorf("%+v, %v", n, err)
	}
}

// A plaintext that turns out to be no ScopedPDU is counted once, and its Report is
// not authenticated: it has the message's msgID and no request-id.
func TestNotDecrypted(t *testing.T) {
	x := newPair(t, Internal, ops(SHA1, AES128))
	v, err := x.process(x.request(t, "ops", pdu.AuthPriv))
	if err != nil {
		t.Fatal(err)
	}
	f := x.model.NotDecrypted(&v)
	if f.Stat != DecryptionErrors || f.Count != 1 || x.model.Count(DecryptionErrors) != 1 || f.UserName() != "ops" || f.EngineID() != testEngine {
		t.Errorf("%v", f)
	}
	header, err := pdu.ReadHeader3(x.report(t, f), true)
	if err != nil || header.MsgFlags != 0 || header.MsgID != 99 {
		t.Errorf("%+v, %v", header, err)
	}
	if id, ok := f.Reportable(); id != 0 || !ok {
		t.Errorf("%d, %v", id, ok)
	}
}
