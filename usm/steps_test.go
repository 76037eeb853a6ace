package usm

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// RFC 3414 §3.2: of several faults the first in the order of the steps alone counts,
// for all that there can be together.
func TestStepOrder(t *testing.T) {
	steps := []struct {
		name  string
		stat  Stat
		spoil func(o *outgoing, u, stranger *user)
	}{
		{"engine (3)", UnknownEngineIDs, func(o *outgoing, _, _ *user) { o.engineID = "some other engine" }},
		{"user (4)", UnknownUserNames, func(o *outgoing, _, _ *user) { o.userName = []byte("nobody") }},
		{"level (5)", UnsupportedSecLevels, func(o *outgoing, _, _ *user) {
			if string(o.userName) == "ops" {
				o.userName = []byte("auth") // who has no privacy
			}
		}},
		{"digest (6)", WrongDigests, func(o *outgoing, _, stranger *user) { o.credential = stranger.credentials[0] }},
		{"time (7)", NotInTimeWindows, func(o *outgoing, _, _ *user) { o.boots++ }},
		{"decryption (8)", DecryptionErrors, func(o *outgoing, _, stranger *user) { o.cipher = stranger.credentials[0].ciphers[0] }},
	}
	auth := ops(SHA1, NoPriv)
	auth.Name = "auth"
	for faults := range 1 << len(steps) {
		x := newPair(t, System, ops(SHA1, AES128), auth)
		u := x.peer.users.lookup([]byte("ops"))
		other := ops(SHA1, AES128)
		other.AuthKey[0], other.PrivKey[0] = ^other.AuthKey[0], ^other.PrivKey[0]
		stranger := newTestUser(t, System, testEngine, other)

		o := outgoing{
			header:   pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: pdu.AuthPriv.Flags() | pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM},
			engineID: testEngine, boots: x.clock.boots, time: x.clock.time, userName: []byte("ops"),
			credential: u.credentials[0], cipher: u.credentials[0].ciphers[0], scoped: &testScoped,
		}
		var names []string
		var want Stat
		for i, s := range steps {
			if faults&(1<<i) != 0 {
				s.spoil(&o, u, stranger)
				names = append(names, s.name)
				if want == 0 {
					want = s.stat
				}
			}
		}
		b, err := x.pw.generate(make([]byte, 600), &o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.process(b)
		if want == 0 {
			if err != nil {
				t.Errorf("no fault: %v", err)
			}
			continue
		}
		f, ok := err.(*Failure)
		if !ok || f.Stat != want {
			t.Errorf("%s: %v, want %v", strings.Join(names, ", "), err, want)
			continue
		}
		for _, s := range judged {
			if n := x.model.Count(s); n != 0 && s != want || n != 1 && s == want {
				t.Errorf("%s: %v is %d", strings.Join(names, ", "), s, n)
			}
		}
	}
}

// RFC 3414 §6.3.2 (1) and §7.3.2 (1), RFC 7860 §4.2.2 (1): the MAC has the length that
// the user's protocol has, and never that which the message has. Here every other one
// is as right as it can be: computed with the user's key over the message with so many
// zeros, as CVE-2008-0960 was satisfied with.
func TestDigestLength(t *testing.T) {
	for i := range authProtocols {
		a := &authProtocols[i]
		x := newPair(t, System, ops(a.id, NoPriv))
		c := x.model.users.lookup([]byte("ops")).credentials[0]
		for _, n := range append(upTo(66), 127, 128, 255, 256, 60000) {
			p := parameters{engineID: []byte(testEngine), boots: x.clock.boots, time: x.clock.time, userName: []byte("ops")}
			w := ber.NewWriter(make([]byte, n+600))
			message := w.Mark()
			testScoped.Encode(&w)
			p.auth = make([]byte, n)
			fromEnd := encodeWithMAC(&w, &p)
			pdu.EncodeHeader3(&w, message, &pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: pdu.AuthNoPriv.Flags() | pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM})
			b := w.Bytes()
			at := len(b) - fromEnd
			copy(b[at:at+n], macOf(c, x.mw, b))

			_, err := x.process(b)
			if n == a.macLen {
				if err != nil {
					t.Errorf("%v: %v", a.id, err)
				}
				continue
			}
			f, ok := err.(*Failure)
			if !ok || f.Stat != WrongDigests || f.Cause() != ErrDigestLength {
				t.Errorf("%v with a MAC of %d octets: %v", a.id, n, err)
			}
		}
	}
}

// upTo returns the numbers from 0 to n−1.
func upTo(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// encodeWithMAC writes security parameters with a MAC of any length.
func encodeWithMAC(w *ber.Writer, p *parameters) (fromEnd int) {
	octets := w.Mark()
	seq := w.Mark()
	w.Octets(ber.OctetString, nil)
	fromEnd = w.Len() + len(p.auth)
	w.Octets(ber.OctetString, p.auth)
	w.Octets(ber.OctetString, p.userName)
	w.Int32(ber.Integer, p.time)
	w.Int32(ber.Integer, p.boots)
	w.Octets(ber.OctetString, p.engineID)
	w.Wrap(ber.Sequence, seq)
	w.Wrap(ber.OctetString, octets)
	return fromEnd
}

// macOf returns the whole HMAC of a message as it stands.
func macOf(c *credential, w *Worker, message []byte) []byte {
	h := w.macs[c.auth.id]
	h.Start(c.key)
	h.Write(message)
	return h.Finish(nil)
}

// RFC 3412 §6.4 and §7.1 (3): a PDU that can be read decides by its class whether
// there is a Report, the reportable flag where it cannot. The counter counts anyway.
func TestReportable(t *testing.T) {
	for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.Response, pdu.SetRequest, pdu.GetBulkRequest, pdu.InformRequest, pdu.TrapV2, pdu.Report} {
		for _, flag := range []pdu.MsgFlags{0, pdu.FlagReportable} {
			for _, encrypted := range []bool{false, true} {
				u := ops(SHA1, AES128)
				u.AllowLower = true
				x := newPair(t, System, u)
				c := x.model.users.lookup([]byte("ops")).credentials[0]
				o := outgoing{
					header:   pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: pdu.AuthNoPriv.Flags() | flag, SecurityModel: pdu.SecurityModelUSM},
					engineID: testEngine, boots: x.clock.boots + 1, time: x.clock.time, userName: []byte("ops"), credential: c,
					scoped: &pdu.ScopedPDU{PDU: pdu.PDU{Kind: kind, RequestID: 55}},
				}
				if encrypted {
					o.header.MsgFlags, o.cipher = pdu.AuthPriv.Flags()|flag, c.ciphers[0]
				}
				b, err := x.pw.generate(make([]byte, 600), &o)
				if err != nil {
					t.Fatal(err)
				}
				_, err = x.process(b)
				f, ok := err.(*Failure)
				if !ok || !errors.Is(err, ErrNotInTimeWindow) || x.model.Count(NotInTimeWindows) != 1 {
					t.Fatalf("%v", err)
				}
				wantID, want := int32(55), kind.Confirmed()
				if encrypted {
					wantID, want = 0, flag != 0
				}
				if id, ok := f.Reportable(); ok != want || id != wantID {
					t.Errorf("%v, encrypted %v, flag %#x: Report %v with request-id %d, want %v and %d", kind, encrypted, flag, ok, id, want, wantID)
				}
			}
		}
	}
}

// RFC 3414 §6.3.2, RFC 7860 §4.2.2: the MAC is over the message as it came, with
// zeros where the MAC is, which is where the syntax has it: whatever forms of length
// are in front of it, and however much elsewhere looks like it. The MACs here are the
// standard library's.
func TestDigestPlace(t *testing.T) {
	u := ops(SHA256, NoPriv)
	x := newPair(t, Internal, u)
	const macLen = 24
	place := bytes.Repeat([]byte{0xA5}, macLen) // nothing else in the messages is like it
	scoped := tlv(0x30, 0, tlv(0x04, 0, []byte(testEngine)), tlv(0x04, 0),
		tlv(0xA0, 0, tlv(0x02, 0, []byte{77}), tlv(0x02, 0, []byte{0}), tlv(0x02, 0, []byte{0}), tlv(0x30, 0)))
	for long := range 5 { // octets of a length in the long form; 0: the short one
		for _, salt := range [][]byte{nil, make([]byte, macLen), make([]byte, 2*macLen), tlv(0x04, 1, make([]byte, macLen))} {
			parameters := tlv(0x30, long, tlv(0x04, long, []byte(testEngine)), tlv(0x02, long, []byte{3}), tlv(0x02, long, []byte{1000 >> 8, 1000 & 0xFF}),
				tlv(0x04, long, []byte("ops")), tlv(0x04, long, place), tlv(0x04, long, salt))
			global := tlv(0x30, long, tlv(0x02, long, []byte{1}), tlv(0x02, long, []byte{0x7F, 0xFF}), tlv(0x04, long, []byte{5}), tlv(0x02, long, []byte{3}))
			b := tlv(0x30, max(long, 2), tlv(0x02, long, []byte{3}), global, tlv(0x04, max(long, 2), parameters), scoped)
			at := bytes.Index(b, place)
			clear(b[at:][:macLen])
			h := hmac.New(sha256.New, u.AuthKey)
			h.Write(b)
			mac := h.Sum(nil)[:macLen]
			copy(b[at:], mac)
			if _, err := x.process(b); err != nil {
				t.Errorf("lengths of %d octets, a salt of %d: %v", long, len(salt), err)
			}
			// The MAC in the place of what looks like it, and zeros in its own.
			if other := bytes.LastIndex(b, make([]byte, macLen)); other >= 0 {
				clear(b[at:][:macLen])
				copy(b[other:], mac)
				if _, err := x.process(b); !errors.Is(err, ErrWrongDigest) {
					t.Errorf("lengths of %d octets, the MAC in a salt of %d: %v", long, len(salt), err)
				}
			}
		}
	}
}

// tlv returns an encoding, with a length in the long form of that many octets behind
// the first, or in the short form.
func tlv(tag byte, long int, contents ...[]byte) []byte {
	content := bytes.Join(contents, nil)
	b := []byte{tag}
	if long == 0 {
		b = append(b, byte(len(content)))
	} else {
		b = append(b, 0x80|byte(long))
		for i := long - 1; i >= 0; i-- {
			b = append(b, byte(len(content)>>(8*i)))
		}
	}
	return append(b, content...)
}
