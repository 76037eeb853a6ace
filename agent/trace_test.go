package agent_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// traceOf makes an agent write down what OnPacketTrace is told.
func traceOf(traced *[]agent.PacketTraceEvent) func(*agent.Agent) {
	return func(a *agent.Agent) {
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
			e.Packet = bytes.Clone(e.Packet)
			*traced = append(*traced, *e)
		}
	}
}

// plainOf reads a traced message of SNMPv3's whose ScopedPDU is in plaintext. But for
// that it has to be like the datagram: header and security parameters are its own.
func plainOf(t *testing.T, traced agent.PacketTraceEvent, datagram []byte) pdu.ScopedPDU {
	t.Helper()
	got, err := pdu.ReadHeader3(traced.Packet, true)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pdu.ReadHeader3(datagram, true)
	if err != nil {
		t.Fatal(err)
	}
	if !want.Encrypted || got.Encrypted || got.MsgFlags != want.MsgFlags || got.MsgID != want.MsgID || got.MsgMaxSize != want.MsgMaxSize ||
		got.SecurityModel != want.SecurityModel || !bytes.Equal(got.SecurityParameters, want.SecurityParameters) {
		t.Errorf("traced %+v, want %+v", got, want)
	}
	var scoped pdu.ScopedPDU
	if err := (&pdu.Decoder{Strict: true}).ScopedPDU(got.Data, &scoped); err != nil {
		t.Fatal(err)
	}
	if scoped.Len() != len(got.Data) {
		t.Errorf("the ScopedPDU has %d octets, and there are %d", scoped.Len(), len(got.Data))
	}
	return scoped
}

var desUser = usm.User{
	Name: "des", Auth: usm.MD5, AuthPassword: usm.NewSecret("an old password"), Priv: usm.DES, PrivPassword: usm.NewSecret("another old one"),
}

// With DecryptLogPackets an encrypted request and its answer are traced with the
// plaintext in them, once, whoever answers: the reader, a worker, or somebody later.
func TestDecryptLogPackets(t *testing.T) {
	for name, hook := range map[string]func(*agent.RequestEvent){
		"MIB":  nil,
		"hook": func(*agent.RequestEvent) {}, // and then the MIB
		"deferred": func(e *agent.RequestEvent) {
			if err := e.Defer().Respond(pdu.NoError, -1, vb(instance(title), pdu.OctetString("pump"))); err != nil {
				t.Error(err)
			}
		},
	} {
		for _, user := range []usm.User{writer, desUser} {
			var traced []agent.PacketTraceEvent
			inBubble(t, func(a *agent.Agent) {
				withUsers(t)(a)
				a.Access = agent.InsecureAllowAll
				if err := a.AddUserKeys(keyed(desUser)); err != nil {
					t.Fatal(err)
				}
				withSetting(t, "DecryptLogPackets=True")(a)
				traceOf(&traced)(a)
				a.OnGetRequest = hook
			}, func(t *testing.T, r *rig) {
				datagram := r.as(user, pdu.AuthPriv).datagram(get(instance(title)))
				answers := r.exchange(datagram)
				if len(traced) != 2 || len(answers) != 1 || traced[0].Direction != agent.Incoming || traced[1].Direction != agent.Outgoing {
					t.Fatalf("%s, %s: %d packets traced, %d answers", name, user.Name, len(traced), len(answers))
				}
				if p := plainOf(t, traced[0], datagram).PDU; p.Kind != pdu.GetRequest || p.RequestID != -99 || !slices.Equal(p.VarBinds, names(instance(title))) {
					t.Errorf("%s, %s: the request is traced as %v", name, user.Name, p)
				}
				if p := plainOf(t, traced[1], answers[0]).PDU; p.Kind != pdu.Response || !slices.Equal(p.VarBinds, []pdu.VarBind{vb(instance(title), pdu.OctetString("pump"))}) {
					t.Errorf("%s, %s: the answer is traced as %v", name, user.Name, p)
				}
			})
		}
	}
}

// What is not encrypted, what does not verify, what is not looked at and, without
// DecryptLogPackets, everything is traced as it is on the wire.
func TestTraceRaw(t *testing.T) {
	for _, tt := range []struct {
		name, setting string
		datagram      func(r *rig) []byte
		prepare       func(a *agent.Agent)
	}{
		{"off", "DecryptLogPackets=False", func(r *rig) []byte { return r.as(writer, pdu.AuthPriv).datagram(get(instance(title))) }, nil},
		{"not encrypted", "DecryptLogPackets=True", func(r *rig) []byte { return r.as(reader, pdu.AuthNoPriv).datagram(get(instance(title))) }, nil},
		{"SNMPv2c", "DecryptLogPackets=True", func(*rig) []byte { return encode(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)) }, nil},
		{"garbage", "DecryptLogPackets=True", func(*rig) []byte { return []byte("garbage") }, nil},
		{"wrong digest", "DecryptLogPackets=True", func(r *rig) []byte {
			b := r.as(writer, pdu.AuthPriv).datagram(get(instance(title)))
			b[len(b)-1] ^= 1
			return b
		}, nil},
		{"no ScopedPDU", "DecryptLogPackets=True", func(r *rig) []byte {
			other := writer
			other.PrivPassword = usm.NewSecret("quite another password")
			return r.as(other, pdu.AuthPriv).datagram(get(instance(title)))
		}, nil},
		{"AcceptData", "DecryptLogPackets=True", func(r *rig) []byte { return r.as(writer, pdu.AuthPriv).datagram(get(instance(title))) },
			func(a *agent.Agent) { a.SetAcceptData(false) }},
		{"a worker's", "DecryptLogPackets=True", func(r *rig) []byte { return r.as(reader, pdu.AuthNoPriv).datagram(get(instance(title))) },
			func(a *agent.Agent) { a.OnGetRequest = func(*agent.RequestEvent) {} }},
	} {
		var traced []agent.PacketTraceEvent
		inBubble(t, func(a *agent.Agent) {
			withUsers(t)(a)
			withSetting(t, tt.setting)(a)
			traceOf(&traced)(a)
			if tt.prepare != nil {
				tt.prepare(a)
			}
		}, func(t *testing.T, r *rig) {
			datagrams := [][]byte{tt.datagram(r)}
			datagrams = append(datagrams, r.exchange(datagrams[0])...)
			if len(traced) != len(datagrams) {
				t.Fatalf("%s: %d packets traced, want %d", tt.name, len(traced), len(datagrams))
			}
			for i := range traced {
				if !bytes.Equal(traced[i].Packet, datagrams[i]) {
					t.Errorf("%s: packet %d is traced as % x, not as % x", tt.name, i, traced[i].Packet, datagrams[i])
				}
			}
		})
	}
}

// A request that is dropped since all workers are busy is traced once, as it came.
func TestTraceOverloaded(t *testing.T) {
	var mu sync.Mutex // the worker's answer is traced when the agent ends
	var traced [][]byte
	inBubble(t, func(a *agent.Agent) {
		withUsers(t)(a)
		a.DecryptLogPackets, a.MaxConcurrent = true, 1
		a.OnPacketTrace = func(e *agent.PacketTraceEvent) {
			mu.Lock()
			defer mu.Unlock()
			traced = append(traced, bytes.Clone(e.Packet))
		}
		a.OnGetRequest = func(e *agent.RequestEvent) { <-e.Context.Done() }
	}, func(t *testing.T, r *rig) {
		first := r.as(reader, pdu.AuthNoPriv).datagram(get(instance(title)))
		second := r.as(reader, pdu.AuthNoPriv).datagram(get(instance(label)))
		r.send(first)
		r.send(second)
		r.settle()
		mu.Lock()
		defer mu.Unlock()
		if len(traced) != 2 || !bytes.Equal(traced[1], second) {
			t.Errorf("%d packets traced, want 2", len(traced))
		}
	})
}
