package manager

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// What a message says of itself is told as far as it can be read.
func TestBadMessage(t *testing.T) {
	community := func(v pdu.Version) []byte {
		m := pdu.Message{Version: v, Community: []byte("who"), PDU: pdu.PDU{Kind: pdu.TrapV2, VarBinds: linkUp}}
		return m.Append(nil)
	}
	peer := usm.NewPeer(senderEngine, usm.Internal, time.Now)
	if err := peer.Users().Add(usm.User{Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("a long password")}); err != nil {
		t.Fatal(err)
	}
	v3, err := peer.GenerateRequest(peer.NewWorker(), make([]byte, 1000), &usm.Request{MaxSize: 1000, User: "ops", Level: pdu.AuthNoPriv},
		&pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.TrapV2, VarBinds: linkUp}})
	if err != nil {
		t.Fatal(err)
	}
	source, cause := netip.MustParseAddrPort("192.0.2.1:162"), errors.New("why")
	for _, tt := range []struct {
		name   string
		packet []byte
		want   BadMessage
	}{
		{"SNMPv1", community(pdu.V1), BadMessage{Version: pdu.V1, Community: "who"}},
		{"SNMPv2c", community(pdu.V2c), BadMessage{Version: pdu.V2c, Community: "who"}},
		{"SNMPv3", v3, BadMessage{Version: pdu.V3, User: "ops", EngineID: senderEngine, Level: pdu.AuthNoPriv}},
		{"SNMPv3 without a header", []byte("\x30\x03\x02\x01\x03"), BadMessage{Version: pdu.V3}},
		{"no message", []byte("hello"), BadMessage{}},
		{"nothing", nil, BadMessage{}},
	} {
		b := newBadMessage(source, tt.packet, cause)
		if b.Source != source || b.Err != cause || string(b.Packet) != string(tt.packet) {
			t.Errorf("%s: %+v", tt.name, b)
		}
		clear(tt.packet) // what has been read is the hook's to keep
		if b.Version != tt.want.Version || string(b.Community) != string(tt.want.Community) || b.User != tt.want.User || b.EngineID != tt.want.EngineID || b.Level != tt.want.Level {
			t.Errorf("%s: %+v, want %+v", tt.name, b, tt.want)
		}
	}
	var told []*BadMessage
	in := &incoming{Listener: &Listener{MaxSize: 1000, OnBadMessage: func(b *BadMessage) { told = append(told, b) }}}
	in.Data = community(pdu.V2c)
	in.receive()
	if len(told) != 1 || told[0].Err != ErrUnknownCommunity || string(told[0].Community) != "who" || strings.Contains(told[0].Err.Error(), "who") {
		t.Errorf("the hook is told %+v", told)
	}
}
