package agent_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// looseTLV writes an encoding whose length may be longer than it need be.
func looseTLV(rnd *rand.Rand, tag byte, contents []byte) []byte {
	b := []byte{tag}
	n := len(contents)
	switch extra := rnd.IntN(8); {
	case extra < 5 && n < 0x80:
		b = append(b, byte(n))
	case extra < 7 && n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		zeros := rnd.IntN(3)
		b = append(b, 0x82+byte(zeros))
		b = append(b, make([]byte, zeros)...)
		b = append(b, byte(n>>8), byte(n))
	}
	return append(b, contents...)
}

// looseVarBind writes a varbind of an object below prefix in some form that is accepted.
// Where tolerated is set the form may be one that X.690 does not have.
func looseVarBind(rnd *rand.Rand, prefix ber.OID, tolerated bool) []byte {
	contents := func(o ber.OID) []byte {
		w := ber.NewWriter(make([]byte, 700))
		w.OID(ber.ObjectIdentifier, o)
		tlv, _, _ := slowNext(w.Bytes())
		return bytes.Clone(tlv.contents)
	}
	name := contents(prefix.Append(rnd.Uint32N(300), rnd.Uint32()>>rnd.IntN(32)))
	if tolerated && rnd.IntN(6) == 0 { // a sub-identifier that is padded
		name = append(name, 0x80, 0x01)
	}
	var value []byte
	switch rnd.IntN(9) {
	case 0:
		value = looseTLV(rnd, 0x05, nil)
	case 1:
		number := slices.Concat(bytes.Repeat([]byte{0}, map[bool]int{true: rnd.IntN(3)}[tolerated]), []byte{byte(rnd.IntN(0x80))})
		value = looseTLV(rnd, []byte{0x02, 0x41, 0x42, 0x43, 0x46, 0x47}[rnd.IntN(6)], number)
	case 2:
		value = looseTLV(rnd, []byte{0x04, 0x44, 0x45}[rnd.IntN(3)], make([]byte, rnd.IntN(300)))
	case 3:
		value = looseTLV(rnd, 0x40, []byte{1, 2, 3, 4})
	case 4:
		value = looseTLV(rnd, 0x80+byte(rnd.IntN(3)), nil)
	case 5:
		value = looseTLV(rnd, 0x06, contents(ber.NewOID(2, rnd.Uint32(), rnd.Uint32())))
	case 6:
		value = looseTLV(rnd, 0x46, []byte{0, 0xff, 1, 2, 3, 4, 5, 6, 7})
	case 7:
		value = looseTLV(rnd, 0x06, map[bool][]byte{false: {0x2b}}[tolerated]) // empty
	default:
		value = looseTLV(rnd, 0x02, []byte{0x80, 0, 0, byte(rnd.IntN(256))})
	}
	return looseTLV(rnd, 0x30, append(looseTLV(rnd, 0x06, name), value...))
}

// Property: whatever form a SET's varbinds come in, a Response that is as large as either
// side takes has them, and what has been carried out is answered with noError (RFC 3416
// §4.2.5, 3416-4.2.5-1, -22).
func TestSetRandom(t *testing.T) {
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		var committed []pdu.VarBind
		var status error
		tree := mib.NewTree()
		for i := range uint32(3) {
			register(t, tree, base.Append(i), &changer{
				handler: handler{inline: i < 2 || seed%2 == 0},
				test: func(vbs []pdu.VarBind) error {
					if i == 1 {
						return status
					}
					return nil
				},
				commit: func(vbs []pdu.VarBind) error { committed = append(committed, vbs...); return nil },
			})
		}
		inBubble(t, func(a *agent.Agent) {
			withUsers(t)(a)
			a.MIB = tree
			a.MsgMaxSize = 484 + rnd.IntN(900)
			a.Access = vacm.MustNew(vacm.UserRule{User: "writer", Writable: true}, vacm.CommunityRule{Community: "private", Writable: true})
			lax := writer
			lax.AllowLower = true
			if err := a.AddUserKeys(keyed(lax)); err != nil {
				t.Fatal(err)
			}
		}, func(t *testing.T, r *rig) {
			managers := []*v3user{nil, nil}
			for _, level := range []pdu.SecurityLevel{pdu.NoAuthNoPriv, pdu.AuthNoPriv, pdu.AuthPriv} {
				managers = append(managers, r.as(writer, level))
			}
			for i := range 400 {
				var list []byte
				tolerated := rnd.IntN(2) == 0
				for most := 1 + rnd.IntN(50); most > 0; most-- {
					list = append(list, looseVarBind(rnd, base.Append(rnd.Uint32N(3)), tolerated)...)
				}
				status = nil
				if rnd.IntN(5) == 0 {
					status = &pdu.StatusError{Status: pdu.WrongValue, Index: 1}
				}
				request := pdu.PDU{Kind: pdu.SetRequest, RequestID: int32(rnd.Uint32()) >> rnd.IntN(32), Encoded: list}
				committed = nil
				which := rnd.IntN(len(managers))
				m := managers[which]
				most := r.MsgMaxSize
				var datagram, smallest []byte
				var answer func([]byte) pdu.PDU
				plain := func(p pdu.PDU) pdu.Message {
					return private(pdu.Message{Version: pdu.V2c, PDU: p})
				}
				if m == nil {
					message := plain(request)
					datagram = encode(message)
					answer = func(b []byte) pdu.PDU {
						var d pdu.Decoder
						var got pdu.Message
						if err := d.Message(bytes.Clone(b), &got); err != nil || d.Tolerated > 0 {
							t.Fatalf("%d: %v, %d tolerated: % X", i, err, d.Tolerated, b)
						}
						return got.PDU
					}
				} else {
					m.Request.MaxSize = 484 + rnd.IntN(900)
					most = min(most, m.Request.MaxSize)
					datagram = m.datagram(request)
					answer = func(b []byte) pdu.PDU {
						header, err := pdu.ReadHeader3(b, true)
						if err != nil {
							t.Fatal(err)
						}
						verified, err := m.peer.ProcessIncoming(m.worker, b, header, true)
						if err != nil {
							t.Fatal(err)
						}
						var scoped pdu.ScopedPDU
						if err := verified.Decode(&pdu.Decoder{Strict: true}, &scoped); err != nil {
							t.Fatal(err)
						}
						return scoped.PDU
					}
				}
				var d pdu.Decoder
				var read pdu.Message
				if err := d.Message(encode(plain(request)), &read); err != nil {
					t.Fatal(err)
				}
				want := make([]pdu.VarBind, 0)
				for _, vb := range read.PDU.VarBinds {
					want = append(want, vb.Clone())
				}
				response := pdu.PDU{Kind: pdu.Response, RequestID: request.RequestID, ErrorStatus: pdu.InconsistentName, ErrorIndex: int32(len(want)), VarBinds: want}
				if m == nil {
					smallest = encode(plain(response))
				} else {
					m.Request.MaxSize = r.MsgMaxSize // which the agent announces
					smallest = m.datagram(response)
				}
				before := r.Stats()
				answers := r.exchange(datagram)
				what := fmt.Sprintf("seed %d, %d: manager %d, %d varbinds, %d octets, the answer %d of at most %d", seed, i, which, len(want), len(datagram), len(smallest), most)
				if len(answers) != 1 {
					t.Fatalf("%s: %d answers; %+v", what, len(answers), r.Stats().SNMP[agent.SnmpSilentDrops]-before.SNMP[agent.SnmpSilentDrops])
				}
				if len(answers[0]) > most {
					t.Errorf("%s: %d octets", what, len(answers[0]))
				}
				got := answer(answers[0])
				// SNMPv3's boots and time count with the most that they can take.
				doubtful := m != nil && len(smallest)+10 > most && got.ErrorStatus == pdu.TooBig
				if len(smallest) > most || doubtful {
					if got.ErrorStatus != pdu.TooBig || len(got.VarBinds) > 0 || committed != nil {
						t.Errorf("%s: %v with %d varbinds, %d committed, want tooBig", what, got.ErrorStatus, len(got.VarBinds), len(committed))
					}
					continue
				}
				second := slices.IndexFunc(want, func(vb pdu.VarBind) bool { return vb.Name.HasPrefix(base.Append(1)) }) + 1
				failed := status != nil && second > 0
				if !slices.Equal(got.VarBinds, want) || failed != (committed == nil) || failed && (got.ErrorStatus != pdu.WrongValue || int(got.ErrorIndex) != second) || !failed && (got.ErrorStatus != 0 || got.ErrorIndex != 0) {
					t.Errorf("%s: %v at %d, %d committed, varbinds are the request's: %v, want %v %d", what, got.ErrorStatus, got.ErrorIndex, len(committed), slices.Equal(got.VarBinds, want), status, second)
				}
			}
		})
	}
}
