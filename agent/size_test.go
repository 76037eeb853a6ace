package agent_test

import (
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// treeWithLong has strings of n octets.
func treeWithLong(t *testing.T, n int) *mib.Tree {
	tree := mib.NewTree()
	value := pdu.OctetString(strings.Repeat("x", n))
	list := list(30)
	for i := range list {
		list[i].Value = value
	}
	register(t, tree, base, instances(list))
	return tree
}

// RFC 3416 §4.2.1, 3416-4.2.1-8, RFC 1157 §4.1.2 (3): what is too large becomes
// tooBig, at index 0, without varbinds in SNMPv2 and with the request's in SNMPv1.
func TestTooBig(t *testing.T) {
	r := newRig(t, withMIB(treeWithLong(t, 100)), func(a *agent.Agent) { a.MsgMaxSize = 484 })
	three := names(base.Append(0), base.Append(1), base.Append(2))
	five := slices.Concat(three, three[:2])
	for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest} {
		for _, v := range []pdu.Version{pdu.V1, pdu.V2c} {
			if got := r.ask(message(v, kind, three...)); got.ErrorStatus != pdu.NoError || len(got.VarBinds) != 3 {
				t.Errorf("%v %v of three: %v", v, kind, got.ErrorStatus)
			}
			before := r.Stats().SNMP[agent.SnmpOutTooBigs]
			got := r.ask(message(v, kind, five...))
			want := []pdu.VarBind{}
			if v == pdu.V1 {
				want = five
			}
			if got.ErrorStatus != pdu.TooBig || got.ErrorIndex != 0 || !slices.Equal(got.VarBinds, want) {
				t.Errorf("%v %v: %v at %d with %v, want tooBig at 0 with %v", v, kind, got.ErrorStatus, got.ErrorIndex, got.VarBinds, want)
			}
			if r.Stats().SNMP[agent.SnmpOutTooBigs] != before+1 {
				t.Errorf("snmpOutTooBigs has not gone up")
			}
		}
	}
}

// RFC 3417 §3.2, 3417-3.2-3: what UDP cannot carry is tooBig and no error of the
// socket.
func TestTooBigForUDP(t *testing.T) {
	r := newRig(t, withMIB(treeWithLong(t, 30_000)))
	if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(base.Append(0), base.Append(1))...)); got.ErrorStatus != pdu.NoError {
		t.Errorf("60 000 octets: %v", got.ErrorStatus)
	}
	if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(base.Append(0), base.Append(1), base.Append(2))...)); got.ErrorStatus != pdu.TooBig {
		t.Errorf("90 000 octets: %v", got.ErrorStatus)
	}
}

// RFC 3416 §2.3: a Response of exactly the limit is sent, and none that is longer.
func TestExactlyTheLimit(t *testing.T) {
	value := ""
	tree := mib.NewTree()
	scalar := mib.Scalar{Object: base, Get: mib.Value(func() pdu.Value { return pdu.OctetString(value) })}
	if err := scalar.Register(tree); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{484, 2047, 2048, 2049, 4000, 65507} {
		r := newRig(t, withMIB(tree), func(a *agent.Agent) { a.MsgMaxSize = limit })
		fits := 0
		for n := limit - 70; n < limit; n++ {
			value = strings.Repeat("x", n)
			answers := r.exchange(encode(message(pdu.V2c, pdu.GetRequest, names(instance(base))...)))
			m, err := pdu.ParseMessage(answers[0])
			if err != nil || len(answers[0]) > limit {
				t.Fatalf("%d octets of %d, %v", len(answers[0]), limit, err)
			}
			if m.PDU.ErrorStatus == pdu.NoError {
				fits = len(answers[0])
			}
		}
		if fits != limit {
			t.Errorf("the longest answer has %d octets, want %d", fits, limit)
		}
	}
}

// The room for varbinds is all that there is: an octet more of them makes a message longer
// than the limit, be it that one of the lengths takes more octets, or another block of a
// cipher's is begun.
func TestRoomFor(t *testing.T) {
	for name, length := range map[string]func(int) int{
		"SNMPv2c":           func(n int) int { return ber.SizeTLV(3 + 8 + n) },
		"a long community":  func(n int) int { return ber.SizeTLV(3 + 120 + n) },
		"blocks of 8":       func(n int) int { return ber.SizeTLV(60 + ber.SizeTLV((ber.SizeTLV(20+n)+7)/8*8)) },
		"a large overhead":  func(n int) int { return 1500 + n },
		"nothing is around": func(n int) int { return n },
	} {
		total := func(varBinds int) int { return length(pdu.PDULen(0, 0, 0, varBinds)) }
		room := 0 // the most that fits, for one limit after the other
		for limit := range 67_000 {
			if limit > 3000 && limit < 65_000 {
				continue
			}
			for total(room+1) <= limit {
				room++
			}
			got := agent.RoomFor(limit, length)
			if fits := total(0) <= limit; fits && got != room || !fits && got >= 0 {
				t.Fatalf("%s: room for %d in %d octets, want %d, %v", name, got, limit, room, fits)
			}
		}
	}
}

// RFC 3416 §4.2.1, 3416-4.2.1-8 and 3416-4.2.3-11, RFC 3418: where not even the
// alternate Response fits, nothing is sent, and snmpSilentDrops counts.
func TestSilentDrops(t *testing.T) {
	long := strings.Repeat("c", 480)
	r := newRig(t, withMIB(treeWithLong(t, 100)), func(a *agent.Agent) {
		a.MsgMaxSize = 484
		a.Access = vacm.MustNew(vacm.CommunityRule{Community: long, Writable: true})
	})
	for _, v := range []pdu.Version{pdu.V1, pdu.V2c} {
		for _, kind := range []pdu.Kind{pdu.GetRequest, pdu.GetNextRequest, pdu.GetBulkRequest, pdu.SetRequest} {
			if v == pdu.V1 && kind == pdu.GetBulkRequest {
				continue
			}
			m := message(v, kind, vb(base.Append(1), pdu.Integer(1)))
			m.Community = []byte(long)
			before := r.Stats()
			r.silent(m.Append(nil))
			r.countedIn(before, "snmpSilentDrops")
		}
	}
}

// RFC 1157 §4.1.5 (3): where the request's varbinds do not fit either, SNMPv1's
// tooBig comes without them.
func TestTooBigV1Set(t *testing.T) {
	r := newRig(t, withMIB(treeWithLong(t, 1)), func(a *agent.Agent) { a.MsgMaxSize = 484 })
	request := private(message(pdu.V1, pdu.SetRequest, vb(base.Append(1), pdu.OctetString(strings.Repeat("x", 500)))))
	before := r.Stats()
	if got := r.ask(request); got.ErrorStatus != pdu.TooBig || got.ErrorIndex != 0 || len(got.VarBinds) != 0 {
		t.Errorf("%v at %d with %d varbinds", got.ErrorStatus, got.ErrorIndex, len(got.VarBinds))
	}
	r.countedIn(before, "Answered")
}

// A handler that says that its part of the answer is too big gets the alternate
// Response.
func TestHandlerSaysTooBig(t *testing.T) {
	tree := mib.NewTree()
	register(t, tree, base, &handler{inline: true, get: func(*mib.Request, ber.OID) (pdu.Value, error) {
		return pdu.Value{}, pdu.TooBig
	}})
	r := newRig(t, withMIB(tree))
	if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(base)...)); got.ErrorStatus != pdu.TooBig || got.ErrorIndex != 0 || len(got.VarBinds) != 0 {
		t.Errorf("%v at %d with %v", got.ErrorStatus, got.ErrorIndex, got.VarBinds)
	}
}

// A GetBulkRequest is answered with what fits one Ethernet frame, in which IPv6
// needs more for itself.
func TestBulkFrame(t *testing.T) {
	for _, tt := range []struct {
		agent, manager string
		most           int
	}{
		{"192.0.2.1:161", "192.0.2.9:40000", 1472},
		{"[2001:db8::1]:161", "[2001:db8::9]:40000", 1452},
	} {
		for n := range 12 { // lengths that make the last varbind fit or not
			r := newRigAt(t, tt.agent, tt.manager, withMIB(treeWithLong(t, 120+n)))
			request := bulk(0, 30, names(base)...)
			answers := r.exchange(request.Append(nil))
			if len(answers) != 1 {
				t.Fatalf("%d answers", len(answers))
			}
			got := r.response(request, answers[0])
			one := len(answers[0]) / len(got.VarBinds)
			if size := len(answers[0]); size > tt.most || size < tt.most-one-1 {
				t.Errorf("%s: %d varbinds in %d octets of %d", tt.agent, len(got.VarBinds), size, tt.most)
			}
		}
	}
}
