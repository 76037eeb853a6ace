package fuzz

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/ber/bertest"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// addMessages adds the SNMPv3 messages in testdata/vectors as seeds.
func addMessages(f *testing.F, add func([]byte)) {
	n := 0
	for _, name := range []string{"usm_messages.json", "usm_judge.json"} {
		text, err := os.ReadFile(filepath.Join(bertest.Root(f), "testdata", "vectors", name))
		if err != nil {
			f.Fatal(err)
		}
		var file struct{ Vectors []struct{ Message string } }
		if err := json.Unmarshal(text, &file); err != nil {
			f.Fatal(err)
		}
		for _, v := range file.Vectors {
			b, err := hex.DecodeString(v.Message)
			if err != nil || len(b) == 0 {
				f.Fatalf("%s: %q: %v", name, v.Message, err)
			}
			add(b)
			n++
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
}

// FuzzHeader3 reads its input as an SNMPv3 message without its security model.
//
//  1. No panic; the input is not written to.
//  2. What is accepted lies where it says: SecurityParameters at SecurityOffset,
//     Data behind them. msgID, msgMaxSize and
//     msgSecurityModel are in the ranges of RFC 3412 §6.
//  3. What is accepted is written and read again to an equal header, in strict
//     mode, and what is written then is the same octets.
//  4. What is refused is refused with a *pdu.Error around a *ber.SyntaxError
//     whose offset lies in the input or at its end, or for the version.
//  5. What strict mode accepts is accepted without it, to the same header, and
//     differs only where something is counted as tolerated.
func FuzzHeader3(f *testing.F) {
	addMessages(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, input []byte) {
		before := bytes.Clone(input)
		h, err := pdu.ReadHeader3(input, false)
		s, strictErr := pdu.ReadHeader3(input, true)
		if !bytes.Equal(input, before) {
			t.Fatal("the input was written to")
		}
		switch {
		case strictErr == nil && (err != nil || !reflect.DeepEqual(h, s) || s.Tolerated != 0):
			t.Fatalf("strict mode reads %+v, otherwise %+v, %v", s, h, err)
		case strictErr != nil && err == nil && h.Tolerated == 0:
			t.Fatalf("strict mode refuses what is not counted as tolerated: %v", strictErr)
		}
		if err != nil {
			checkSyntaxError(t, err, len(input))
			if _, ok := err.(*pdu.Error); !ok {
				t.Fatalf("%T, want *pdu.Error", err)
			}
			return
		}
		end := h.SecurityOffset + len(h.SecurityParameters)
		switch {
		case h.SecurityOffset <= 0 || end > len(input) || !bytes.Equal(input[h.SecurityOffset:end], h.SecurityParameters):
			t.Fatalf("msgSecurityParameters %x are not at %d", h.SecurityParameters, h.SecurityOffset)
		case !bytes.Contains(input[end:], h.Data):
			t.Fatalf("msgData %x is not behind them", h.Data)
		case h.MsgID < 0 || h.MsgMaxSize < pdu.MinMaxSize || h.SecurityModel < 1:
			t.Fatalf("%+v", h)
		}
		write := func(h *pdu.Header3) []byte {
			w := ber.NewWriter(make([]byte, len(input)+100))
			message := w.Mark()
			if h.Encrypted {
				w.Octets(ber.OctetString, h.Data)
			} else {
				w.Raw(h.Data)
			}
			w.Octets(ber.OctetString, h.SecurityParameters)
			pdu.EncodeHeader3(&w, message, h)
			if w.Err() != nil {
				t.Fatal(w.Err())
			}
			return w.Bytes()
		}
		encoded := write(&h)
		again, err := pdu.ReadHeader3(encoded, true)
		if err != nil && h.Tolerated == 0 {
			t.Fatalf("written as % X: %v", encoded, err)
		}
		if err == nil {
			a, b := again, h
			a.SecurityOffset, b.SecurityOffset, a.Tolerated, b.Tolerated = 0, 0, 0, 0
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("written as % X, which reads as %+v, want %+v", encoded, a, b)
			}
			if twice := write(&again); !bytes.Equal(twice, encoded) {
				t.Fatalf("written as % X, then as % X", encoded, twice)
			}
		}
	})
}

// A stillEngine's clock does not go.
type stillEngine struct{ boots, time int32 }

func (s stillEngine) BootsTime() (boots, time int32) { return s.boots, s.time }

const fuzzEngine = usm.EngineID("\x80\x00\x7e\xd9\x05fuzz")

var (
	fuzzAuthKey = []byte("authentication key20")
	fuzzPrivKey = []byte("the privacy key.")
)

var fuzzStats = []usm.Stat{usm.UnsupportedSecLevels, usm.NotInTimeWindows, usm.UnknownUserNames, usm.UnknownEngineIDs, usm.WrongDigests, usm.DecryptionErrors}

// newFuzzModel returns a model with users of every level, at boots and time 1.
func newFuzzModel(f *testing.F) *usm.Model {
	users := usm.NewUsers(fuzzEngine, usm.Internal)
	for _, u := range []usm.User{
		{Name: "none"},
		{Name: "auth", Auth: usm.SHA1, AuthKey: fuzzAuthKey, Localized: true},
		{Name: "priv", Auth: usm.SHA1, AuthKey: fuzzAuthKey, Priv: usm.AES128, PrivKey: fuzzPrivKey, Localized: true},
		{Name: "low", Auth: usm.SHA1, AuthKey: fuzzAuthKey, Priv: usm.AES128, PrivKey: fuzzPrivKey, Localized: true, AllowLower: true},
	} {
		if err := users.Add(u); err != nil {
			f.Fatal(err)
		}
	}
	return usm.NewModel(usm.NewEngine(fuzzEngine, stillEngine{1, 1}), users, usm.Internal, nil)
}

// protect writes a message with any security parameters' octets and any plaintext,
// encrypted with AES-128 and signed with HMAC-SHA-96 by the standard library if the
// flags ask for it. Parameters with the MAC's place marked by 12 octets AA get the
// MAC there.
func protect(flags pdu.MsgFlags, parameters, plaintext, salt []byte) []byte {
	w := ber.NewWriter(make([]byte, len(parameters)+len(plaintext)+200))
	message := w.Mark()
	if flags&pdu.FlagPriv != 0 {
		block, err := aes.NewCipher(fuzzPrivKey)
		if err != nil {
			panic(err)
		}
		iv := append([]byte{0, 0, 0, 1, 0, 0, 0, 1}, salt...)
		encrypted := make([]byte, len(plaintext))
		cipher.NewCFBEncrypter(block, iv).XORKeyStream(encrypted, plaintext) //lint:ignore SA1019 an oracle
		w.Octets(ber.OctetString, encrypted)
	} else {
		w.Raw(plaintext)
	}
	w.Octets(ber.OctetString, parameters)
	pdu.EncodeHeader3(&w, message, &pdu.Header3{MsgID: 1, MsgMaxSize: 484, MsgFlags: flags | pdu.FlagReportable, SecurityModel: pdu.SecurityModelUSM})
	b := w.Bytes()
	if at := bytes.Index(b, fuzzMAC); at >= 0 && flags&pdu.FlagAuth != 0 {
		clear(b[at : at+len(fuzzMAC)])
		h := hmac.New(sha1.New, fuzzAuthKey)
		h.Write(b)
		copy(b[at:], h.Sum(nil)[:len(fuzzMAC)])
	}
	return b
}

var fuzzMAC = bytes.Repeat([]byte{0xAA}, 12)

// fuzzParameters are security parameters that are right for a user.
func fuzzParameters(user string, mac, salt []byte) []byte {
	w := ber.NewWriter(make([]byte, 200))
	seq := w.Mark()
	w.Octets(ber.OctetString, salt)
	w.Octets(ber.OctetString, mac)
	w.Text(ber.OctetString, user)
	w.Int32(ber.Integer, 1)
	w.Int32(ber.Integer, 1)
	w.Text(ber.OctetString, string(fuzzEngine))
	w.Wrap(ber.Sequence, seq)
	return w.Bytes()
}

// checkProcessed asserts what is true of every message that a model has processed.
func checkProcessed(t *testing.T, m *usm.Model, w *usm.Worker, datagram []byte, header pdu.Header3) (usm.Verified, error) {
	t.Helper()
	count := func() (n []uint32) {
		for _, s := range fuzzStats {
			n = append(n, m.Count(s))
		}
		return n
	}
	octets, before := bytes.Clone(datagram), count()
	v, err := m.ProcessIncoming(w, datagram, header, false)
	if !bytes.Equal(datagram, octets) {
		t.Fatal("the datagram was written to")
	}
	if v.Valid() != (err == nil) {
		t.Fatalf("valid: %v, and %v", v.Valid(), err)
	}
	after, moved := count(), 0
	for i := range after {
		moved += int(after[i] - before[i])
	}
	f, failed := err.(*usm.Failure)
	switch {
	case !failed && moved != 0:
		t.Fatalf("%v, and %d counters", err, moved)
	case failed && (moved != 1 || f.Count != m.Count(f.Stat)):
		t.Fatalf("%v is %d, and %d counters moved", f.Stat, f.Count, moved)
	case failed:
		buf := make([]byte, 484+len(datagram))
		b, err := m.GenerateReport(w, buf, f, 65507)
		if err != nil {
			t.Fatal(err)
		}
		h, err := pdu.ReadHeader3(b, true)
		if err != nil || h.MsgID != header.MsgID || h.Encrypted || h.MsgFlags&pdu.FlagReportable != 0 {
			t.Fatalf("%+v, %v", h, err)
		}
		var d pdu.Decoder
		n, err := usm.ReadReport(h, &d)
		if err != nil || n.Stat != f.Stat || n.EngineID != fuzzEngine {
			t.Fatalf("%+v, %v", n, err)
		}
	case err == nil:
		level, _ := header.MsgFlags.Level()
		if v.SecurityLevel() != level || v.MsgID() != header.MsgID || !slices.Contains(m.Users().Names(), v.SecurityName()) {
			t.Fatalf("%v, %d, %q", v.SecurityLevel(), v.MsgID(), v.SecurityName())
		}
	}
	return v, err
}

// FuzzSecurityParameters makes a message of its input: flags, security parameters
// and what they protect, with a right MAC where they have a place for one. The
// input as it stands is processed as a message too.
//
//  1. No panic; the datagram is not written to.
//  2. It is accepted and valid, or an error and neither; exactly the Failure's
//     counter moves, and none without a Failure.
//  3. Every Failure has a Report that reads as one of its counter.
//  4. What is accepted has the level of its flags, and with authentication its
//     every octet counts: with any one changed it is not accepted.
func FuzzSecurityParameters(f *testing.F) {
	salt := []byte("8 octets")
	get := (&pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.GetRequest}})
	w := ber.NewWriter(make([]byte, 100))
	get.Encode(&w)
	for _, user := range []string{"none", "auth", "priv", "low", "", "nobody"} {
		f.Add(byte(0), fuzzParameters(user, nil, nil), w.Bytes(), uint16(0))
		f.Add(byte(1), fuzzParameters(user, fuzzMAC, nil), w.Bytes(), uint16(20))
		f.Add(byte(3), fuzzParameters(user, fuzzMAC, salt), w.Bytes(), uint16(30))
		f.Add(byte(3), fuzzParameters(user, fuzzMAC, salt[:7]), w.Bytes(), uint16(40))
		f.Add(byte(1), fuzzParameters(user, fuzzMAC[:1], nil), w.Bytes(), uint16(50))
		f.Add(byte(1), fuzzParameters(user, nil, nil), w.Bytes(), uint16(60))
	}
	addMessages(f, func(b []byte) { f.Add(byte(0xFF), b, []byte(nil), uint16(0)) })
	m := newFuzzModel(f)
	worker := m.NewWorker()
	f.Fuzz(func(t *testing.T, flags byte, parameters, plaintext []byte, change uint16) {
		datagram := parameters
		if flags != 0xFF {
			datagram = protect(pdu.MsgFlags(flags), parameters, plaintext, salt)
		}
		header, err := pdu.ReadHeader3(datagram, false)
		if err != nil || header.SecurityModel != pdu.SecurityModelUSM {
			return
		}
		v, err := checkProcessed(t, m, worker, datagram, header)
		if err != nil || v.SecurityLevel() == pdu.NoAuthNoPriv {
			return
		}
		at := int(change>>3) % len(datagram)
		datagram[at] ^= 1 << (change & 7)
		if header, err = pdu.ReadHeader3(datagram, false); err != nil {
			return
		}
		if v, err := m.ProcessIncoming(worker, datagram, header, false); err == nil && !(v.SecurityName() == "low" && v.SecurityLevel() == pdu.NoAuthNoPriv) {
			t.Fatalf("accepted with octet %d changed, at %v", at, v.SecurityLevel())
		}
	})
}

// FuzzDecrypted has its input encrypted, by the standard library, as the plaintext
// of an authentic message.
//
//  1. No panic; as FuzzSecurityParameters, 1 to 3.
//  2. It is accepted, with the input for its plaintext, or a decryption error.
//  3. What is accepted and is a ScopedPDU is answered, and the answer reads as one
//     with the same contents at the Peer; anything else NotDecrypted counts.
func FuzzDecrypted(f *testing.F) {
	for _, p := range bertest.Packets(f) {
		w := ber.NewWriter(make([]byte, len(p.Octets)+100))
		seq := w.Mark()
		w.Raw(p.Octets)
		w.Octets(ber.OctetString, nil)
		w.Octets(ber.OctetString, nil)
		w.Wrap(ber.Sequence, seq)
		f.Add(w.Bytes())
	}
	for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetBulkRequest, pdu.Report, pdu.TrapV2, pdu.InformRequest} {
		w := ber.NewWriter(make([]byte, 200))
		s := pdu.ScopedPDU{ContextEngineID: string(fuzzEngine), ContextName: "context", PDU: pdu.PDU{Kind: kind, RequestID: 9}}
		s.Encode(&w)
		f.Add(w.Bytes())
		f.Add(append(w.Bytes(), "padding"...))
	}
	salt := []byte("8 octets")
	m := newFuzzModel(f)
	worker := m.NewWorker()
	peer := usm.NewPeer(fuzzEngine, usm.System, time.Now)
	if err := peer.Users().Add(usm.User{Name: "priv", Auth: usm.SHA1, AuthKey: fuzzAuthKey, Priv: usm.AES128, PrivKey: fuzzPrivKey, Localized: true}); err != nil {
		f.Fatal(err)
	}
	other := peer.NewWorker()
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		datagram := protect(pdu.FlagAuth|pdu.FlagPriv, fuzzParameters("priv", fuzzMAC, salt), plaintext, salt)
		header, err := pdu.ReadHeader3(datagram, true)
		if err != nil {
			t.Fatal(err)
		}
		v, err := checkProcessed(t, m, worker, datagram, header)
		if err != nil {
			if !errors.Is(err, usm.ErrDecryption) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(v.Plaintext(), plaintext) {
			t.Fatalf("decrypted to %x", v.Plaintext())
		}
		var d, e pdu.Decoder
		var s, answer pdu.ScopedPDU
		if err := v.Decode(&d, &s); err != nil {
			before := m.Count(usm.DecryptionErrors)
			if f := m.NotDecrypted(&v); f.Stat != usm.DecryptionErrors || m.Count(f.Stat) != before+1 {
				t.Fatalf("%v", f)
			}
			return
		}
		b, err := m.GenerateResponse(worker, make([]byte, 2*len(plaintext)+500), &v, 65507, &s)
		if err != nil {
			t.Fatal(err)
		}
		if header, err = pdu.ReadHeader3(b, true); err != nil {
			t.Fatal(err)
		}
		if most := m.ResponseLen(&v, s.Len(), 65507); len(b) > most || len(b)+10 < most {
			t.Fatalf("%d octets, %d were announced", len(b), most)
		}
		got, err := peer.ProcessIncoming(other, b, header, true)
		if err == nil {
			err = got.Decode(&e, &answer)
		}
		if len(answer.PDU.VarBinds) == 0 && len(s.PDU.VarBinds) == 0 {
			answer.PDU.VarBinds = s.PDU.VarBinds // nil or not
		}
		if err != nil || !reflect.DeepEqual(answer, s) {
			t.Fatalf("%+v, %v, want %+v", answer, err, s)
		}
	})
}

// FuzzProviders protects a message with one provider and reads it with the other,
// both ways, for all protocols, with any keys.
//
//  1. No panic, and no error in either direction.
//  2. The same plaintext comes out, and nothing with any bit of it changed.
//  3. Keys localized by both are the same.
func FuzzProviders(f *testing.F) {
	f.Add(byte(0), byte(0), []byte("key"), "engine", "context", uint16(0))
	for a := range byte(6) {
		for p := range byte(6) {
			f.Add(a, p, []byte{1, 2, 3, a, p}, "an engine", "the context's name", uint16(a)<<8|uint16(p))
		}
	}
	f.Fuzz(func(t *testing.T, a, p byte, seed []byte, engine, context string, change uint16) {
		auth, priv := usm.AuthProtocol(1+a%6), usm.PrivProtocol(p%6)
		key := func(n int) []byte {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(i)
				if len(seed) > 0 {
					b[i] += seed[i%len(seed)]
				}
			}
			return b
		}
		u := usm.User{Name: "u", Auth: auth, AuthKey: key(auth.KeyLen()), Priv: priv, Extension: usm.Blumenthal}
		if priv != usm.NoPriv {
			u.PrivKey = key(auth.KeyLen())
		}
		id := usm.EngineID(engine)
		if priv == usm.TripleDES && auth.KeyLen() < priv.KeyLen() {
			u.Localized, u.PrivKey = true, key(priv.KeyLen()) // extending takes its time
		}
		auth1, priv1, err1 := usm.LocalizedKeys(usm.Internal, u, id)
		auth2, priv2, err2 := usm.LocalizedKeys(usm.System, u, id)
		if err1 != nil || err2 != nil || !bytes.Equal(auth1, auth2) || !bytes.Equal(priv1, priv2) {
			t.Fatalf("%x, %x, %v; %x, %x, %v", auth1, priv1, err1, auth2, priv2, err2)
		}
		level := pdu.AuthPriv
		if priv == usm.NoPriv {
			level = pdu.AuthNoPriv
		}
		s := pdu.ScopedPDU{ContextEngineID: engine, ContextName: context, PDU: pdu.PDU{Kind: pdu.GetRequest, RequestID: int32(change)}}
		for _, way := range [][2]usm.Provider{{usm.Internal, usm.System}, {usm.System, usm.Internal}} {
			var models [2]*usm.Model
			for i, provider := range way {
				users := usm.NewUsers(id, provider)
				if err := users.Add(u); err != nil {
					t.Fatal(err)
				}
				models[i] = usm.NewModel(usm.NewEngine(id, stillEngine{5, 6}), users, provider, nil)
			}
			r := usm.Request{MsgID: 1, MaxSize: 484, User: "u", Level: level}
			b, err := models[0].GenerateRequest(models[0].NewWorker(), make([]byte, 2*len(engine)+len(context)+500), &r, &s)
			if err != nil {
				t.Fatal(err)
			}
			header, err := pdu.ReadHeader3(b, true)
			if err != nil {
				t.Fatal(err)
			}
			w := models[1].NewWorker()
			v, err := models[1].ProcessIncoming(w, b, header, true)
			var d pdu.Decoder
			var got pdu.ScopedPDU
			if err == nil {
				err = v.Decode(&d, &got)
			}
			if err != nil || got.ContextName != context || got.ContextEngineID != engine || got.PDU.RequestID != int32(change) {
				t.Fatalf("%v to %v, %v %v: %+v, %v", way[0], way[1], auth, priv, got, err)
			}
			b[int(change>>3)%len(b)] ^= 1 << (change & 7)
			if header, err = pdu.ReadHeader3(b, true); err == nil {
				if _, err = models[1].ProcessIncoming(w, b, header, true); err == nil {
					t.Fatalf("%v to %v, %v %v: accepted with octet %d changed", way[0], way[1], auth, priv, int(change>>3)%len(b))
				}
			}
		}
	})
}
