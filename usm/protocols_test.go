package usm

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// RFC 3414 §6.1 and §7.1, RFC 7860 §4: the OIDs, M and N of each protocol. RFC 3414
// §8.1, RFC 3826 §3.1.2 and the drafts: those for privacy.
func TestProtocols(t *testing.T) {
	var got strings.Builder
	for i := range authProtocols {
		a := &authProtocols[i]
		if a.hash.Size() != a.keyLen {
			t.Errorf("%v has keys of %d octets, and its hash %d", a.id, a.keyLen, a.hash.Size())
		}
		fmt.Fprintln(&got, int(a.id), a.id, a.id.OID(), a.id.KeyLen(), a.macLen)
	}
	for i := range privProtocols {
		p := &privProtocols[i]
		fmt.Fprintln(&got, int(p.id), p.id, p.id.OID(), p.id.KeyLen())
	}
	fmt.Fprintln(&got, AnyAuth, AnyAuth.OID() == "", AnyAuth.KeyLen(), NoPriv, NoPriv.OID() == "", NoPriv.KeyLen())
	fmt.Fprintln(&got, AuthProtocol(7), AuthProtocol(7).KeyLen(), PrivProtocol(6), PrivProtocol(6).KeyLen())
	fmt.Fprintln(&got, AutoExtension, Reeder, Blumenthal, KeyExtension(3), Internal, System, Portable)
	const want = `1 MD5 1.3.6.1.6.3.10.1.1.2 16 12
2 SHA 1.3.6.1.6.3.10.1.1.3 20 12
5 SHA-224 1.3.6.1.6.3.10.1.1.4 28 16
3 SHA-256 1.3.6.1.6.3.10.1.1.5 32 24
6 SHA-384 1.3.6.1.6.3.10.1.1.6 48 32
4 SHA-512 1.3.6.1.6.3.10.1.1.7 64 48
1 DES 1.3.6.1.6.3.10.1.2.2 16
3 3DES 1.3.6.1.6.3.10.1.2.3 32
2 AES 1.3.6.1.6.3.10.1.2.4 16
4 AES-192 1.3.6.1.4.1.14832.1.3 24
5 AES-256 1.3.6.1.4.1.14832.1.4 32
any true 0 none true 0
authentication protocol 7 0 privacy protocol 6 0
auto Reeder Blumenthal key extension 3 internal system portable
`
	if got.String() != want {
		t.Errorf("%s\nwant\n%s", got.String(), want)
	}
}

// RFC 3414 §5, usmStats: the instances' names, and the errors that they count.
func TestStats(t *testing.T) {
	for s := UnsupportedSecLevels; s <= DecryptionErrors; s++ {
		if want := fmt.Sprintf("1.3.6.1.6.3.15.1.1.%d.0", int(s)); s.OID().String() != want {
			t.Errorf("%v: %v, want %s", s, s.OID(), want)
		}
		got, ok := StatOf(s.OID())
		f := &Failure{Stat: s, Count: 3}
		if !ok || got != s || !errors.Is(f, s.Err()) || f.Error() != s.Err().Error() || f.String() != s.String()+" = 3" {
			t.Errorf("%v: %v, %v, %v, %v", s, got, ok, f, f.Unwrap())
		}
	}
	if s, ok := StatOf(ber.MustOID("1.3.6.1.6.3.15.1.1.7.0")); ok {
		t.Errorf("%v", s)
	}
	var c Counters
	if c.add(WrongDigests); c.Load(WrongDigests) != 1 || c.Load(UnknownEngineIDs) != 0 {
		t.Errorf("%d, %d", c.Load(WrongDigests), c.Load(UnknownEngineIDs))
	}
}

// Counters that an agent brings along go on counting with the next Model.
func TestCountersSurvive(t *testing.T) {
	var counters Counters
	for n := uint32(1); n <= 2; n++ {
		m := NewModel(NewEngine(testEngine, fixedClock{}), NewUsers(testEngine, System), System, &counters)
		h := pdu.Header3{SecurityModel: pdu.SecurityModelUSM, SecurityParameters: parametersOf("other engine", 0, 0, "u")}
		if _, err := m.ProcessIncoming(m.NewWorker(), nil, h, true); !errors.Is(err, ErrUnknownEngineID) {
			t.Fatal(err)
		}
		if m.Count(UnknownEngineIDs) != n || counters.Load(UnknownEngineIDs) != n {
			t.Errorf("%d, %d, want %d", m.Count(UnknownEngineIDs), counters.Load(UnknownEngineIDs), n)
		}
	}
}

// parametersOf returns security parameters without MAC and salt.
func parametersOf(engine string, boots, time int32, user string) []byte {
	w := ber.NewWriter(make([]byte, 300))
	seq := w.Mark()
	w.Octets(ber.OctetString, nil)
	w.Octets(ber.OctetString, nil)
	w.Text(ber.OctetString, user)
	w.Int32(ber.Integer, time)
	w.Int32(ber.Integer, boots)
	w.Text(ber.OctetString, engine)
	w.Wrap(ber.Sequence, seq)
	return w.Bytes()
}

// RFC 3414 §2.4 and §3.2 (1): what is wrong with security parameters, and where in
// the datagram.
func TestReadParameters(t *testing.T) {
	good := string(parametersOf("engine", 1, 2, "user"))
	const offset = 100
	for _, row := range []struct {
		name, octets, field string
		kind                error // nil: they are good
		at                  int   // in the parameters
	}{
		{"good", good, "", nil, 0},
		{"32 octets of a name", string(parametersOf("engine", 1, 2, strings.Repeat("u", 32))), "", nil, 0},
		{"an engine ID of any length", string(parametersOf(strings.Repeat("e", 200), 1, 2, "user")), "", nil, 0},
		{"nothing", "", "msgSecurityParameters", ber.ErrTruncated, 0},
		{"no SEQUENCE", "\x04\x00", "msgSecurityParameters", ber.ErrTag, 0},
		{"empty SEQUENCE", "\x30\x00", "msgAuthoritativeEngineID", ber.ErrTruncated, 2},
		{"negative boots", string(parametersOf("engine", -1, 2, "user")), "msgAuthoritativeEngineBoots", ber.ErrInteger, 10},
		{"negative time", string(parametersOf("engine", 1, -2, "user")), "msgAuthoritativeEngineTime", ber.ErrInteger, 13},
		{"33 octets of a name", string(parametersOf("engine", 1, 2, strings.Repeat("u", 33))), "msgUserName", ber.ErrLength, 16},
		{"cut off", good[:len(good)-1], "msgSecurityParameters", ber.ErrTruncated, len(good) - 1},
		{"octets behind", good + "\x00", "msgSecurityParameters", ber.ErrTrailing, len(good)},
		{"a field too many", "\x30" + string(rune(good[1]+2)) + good[2:] + "\x05\x00", "msgSecurityParameters", ber.ErrTrailing, len(good)},
	} {
		h := pdu.Header3{SecurityParameters: []byte(row.octets), SecurityOffset: offset}
		p, err := readParameters(&h, true)
		if row.kind == nil {
			if err != nil || p.boots != 1 || p.time != 2 {
				t.Errorf("%s: %+v, %v", row.name, p, err)
			}
			continue
		}
		var syntax *ber.SyntaxError
		if !errors.Is(err, row.kind) || !errors.As(err, &syntax) || syntax.Offset != offset+row.at || !strings.Contains(err.Error(), row.field) {
			t.Errorf("%s: %v, want %v of %s at %d", row.name, err, row.kind, row.field, offset+row.at)
		}
		if p.userName != nil || p.engineID != nil {
			t.Errorf("%s: %+v beside the error", row.name, p)
		}
	}
}

// checkResponseLen checks what is announced for a response whose context name has n
// octets, which may be slack octets more than it has.
func checkResponseLen(t *testing.T, x *pair, v *Verified, n, slack int) {
	t.Helper()
	s := testScoped
	s.ContextName = strings.Repeat("c", n)
	b, err := x.model.GenerateResponse(x.mw, make([]byte, n+1000), v, 1<<31-1, &s)
	if err != nil {
		t.Fatal(err)
	}
	if most := x.model.ResponseLen(v, s.Len(), 1<<31-1); len(b)+slack != most {
		t.Errorf("%v, context of %d octets: %d octets, %d announced", v.level, n, len(b), most)
	}
}

// A response takes as much room as was announced for the largest boots and time, and
// for smaller ones less (RFC 3414 §3.2 (9)).
func TestResponseLen(t *testing.T) {
	every(func(a AuthProtocol, p PrivProtocol) {
		u := ops(a, p)
		u.Name = strings.Repeat("n", 32)
		x := newPair(t, System, u)
		x.clock = fixedClock{1<<31 - 2, 1<<31 - 1}
		x.peer.Suppose(x.clock.boots, x.clock.time)
		level := pdu.AuthPriv
		if p == NoPriv {
			level = pdu.AuthNoPriv
		}
		v, err := x.process(x.request(t, u.Name, level))
		if err != nil {
			t.Fatal(err)
		}
		// Every length of padding, and of lengths.
		for n := range 300 {
			checkResponseLen(t, x, &v, n, 0)
		}
		checkResponseLen(t, x, &v, 66000, 0)
		x.clock = fixedClock{0, 0}
		checkResponseLen(t, x, &v, 17, 6)
	})
	x := newPair(t, System, ops(SHA1, AES128))
	v, err := x.process(x.request(t, "ops", pdu.AuthPriv))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(x.respond(t, &v)) {
		if _, err := x.model.GenerateResponse(x.mw, make([]byte, n), &v, 65507, &testScoped); !errors.Is(err, ber.ErrShortBuffer) {
			t.Errorf("in %d octets: %v", n, err)
		}
	}
}
