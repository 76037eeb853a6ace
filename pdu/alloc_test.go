package pdu

import (
	"math/rand/v2"
	"testing"

	"snmpstack/ber"
)

// Promises of the package comment: a Decoder that has grown to what its messages
// need and the Encode methods allocate nothing, and refusing a message allocates
// only the error.
func TestAllocs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	messages := []Message{{PDU: PDU{Kind: TrapV1}, Trap: Trap{Enterprise: ber.NewOID(1, 3), AgentAddr: addr("192.0.2.1")}}}
	for range 50 {
		messages = append(messages, randomMessage(random, 20))
	}
	buf := make([]byte, 10000)
	var encoded, truncated [][]byte
	for i := range messages {
		b := messages[i].Append(nil)
		encoded = append(encoded, b)
		truncated = append(truncated, b[:len(b)-1])
	}
	var d Decoder
	var m Message
	tests := []struct {
		name string
		run  func(i int)
		want float64 // for one message
	}{
		{"decode", func(i int) {
			if err := d.Message(encoded[i], &m); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"encode", func(i int) {
			w := ber.NewWriter(buf)
			if messages[i].Encode(&w); w.Err() != nil {
				t.Fatal(w.Err())
			}
		}, 0},
		{"header", func(i int) {
			if _, err := ReadHeader(encoded[i], false); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"lengths", func(i int) {
			n := 0
			for j := range messages[i].PDU.VarBinds {
				n += messages[i].PDU.VarBinds[j].EncodedLen()
			}
			CommunityMessageLen(V2c, messages[i].Community, PDULen(1, 2, 3, n))
		}, 0},
		{"reject", func(i int) {
			if err := d.Message(truncated[i], &m); err == nil {
				t.Fatal("accepted")
			}
		}, 2}, // the *Error and its *ber.SyntaxError
	}
	for _, tt := range tests {
		got := testing.AllocsPerRun(20, func() {
			for i := range messages {
				tt.run(i)
			}
		})
		if got != tt.want*float64(len(messages)) {
			t.Errorf("%s: %v allocations for %d messages, want %v each", tt.name, got, len(messages), tt.want)
		}
	}
}

// A Decoder holds memory in proportion to the largest datagram it has seen, not
// to any count or length that the datagram claims.
func TestDecoderMemory(t *testing.T) {
	var list []VarBind
	for range 10000 {
		list = append(list, VarBind{ber.NewOID(0, 0), Null})
	}
	m := Message{Version: V2c, PDU: PDU{Kind: GetRequest, VarBinds: list}}
	datagram := m.Append(nil)
	var d Decoder
	for range 3 {
		var m Message
		if err := d.Message(datagram, &m); err != nil || len(m.PDU.VarBinds) != len(list) {
			t.Fatal(len(m.PDU.VarBinds), err)
		}
	}
	if held := d.Arena.Cap(); held > 1024+16*len(datagram) {
		t.Errorf("the arena holds %d octets after a datagram of %d", held, len(datagram))
	}
	if held := cap(d.varBinds); held > 8+len(datagram)/2 {
		t.Errorf("%d varbinds are held after a datagram of %d octets", held, len(datagram))
	}
}
