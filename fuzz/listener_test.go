package fuzz

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber/bertest"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

// listenerClock stands still: what was signed once stays inside the time window.
type listenerClock struct{}

func (listenerClock) BootsTime() (boots, time int32) { return 3, 1000 }

// FuzzListener sends a datagram to a listener for notifications, and asserts that
//
//   - it is handed out, refused with a reason, or a request for the engine's ID: one of
//     these, once,
//   - what is handed out is a trap or an inform, and an inform alone is confirmed,
//   - nothing is answered that asks for no answer, and no answer is longer than it may
//     be,
//   - the datagram is not written to.
func FuzzListener(f *testing.F) {
	for _, p := range bertest.Packets(f) {
		f.Add(p.Octets)
	}
	const engine usm.EngineID = "\x80\x00\x7e\xd9\x04listener"
	user := usm.User{Name: "ops", Auth: usm.SHA256, AuthPassword: usm.NewSecret("authentication"), Priv: usm.AES128, PrivPassword: usm.NewSecret("confidentiality")}
	hashed, err := usm.HashUser(usm.System, user, nil)
	if err != nil {
		f.Fatal(err)
	}
	list := pdu.NotificationVarBinds(1, pdu.SnmpTraps.Append(1))
	for _, seed := range []struct {
		engine usm.EngineID
		kind   pdu.Kind
		user   string
		level  pdu.SecurityLevel
	}{
		{engine, pdu.InformRequest, "ops", pdu.AuthPriv},
		{engine, pdu.GetRequest, "ops", pdu.AuthNoPriv},
		{"", pdu.GetRequest, "", pdu.NoAuthNoPriv},
		{"\x80\x00\x7e\xd9\x04sender", pdu.TrapV2, "ops", pdu.AuthPriv},
		{"\x80\x00\x7e\xd9\x04sender", pdu.TrapV2, "other", pdu.NoAuthNoPriv},
	} {
		peer := usm.NewPeer(seed.engine, usm.System, time.Now)
		allowed := user
		allowed.AllowLower = true
		for _, u := range []usm.User{allowed, {Name: "other"}} {
			if seed.engine != "" {
				if err := peer.Users().Add(u); err != nil {
					f.Fatal(err)
				}
			}
		}
		peer.Suppose(3, 1000)
		b, err := peer.GenerateRequest(peer.NewWorker(), make([]byte, 1000),
			&usm.Request{MsgID: 7, MaxSize: 1000, User: seed.user, Level: seed.level, Reportable: seed.kind.Confirmed()},
			&pdu.ScopedPDU{ContextEngineID: string(engine), PDU: pdu.PDU{Kind: seed.kind, RequestID: 5, VarBinds: list}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	keyed := usm.User{Name: "ops", Auth: usm.SHA256, Priv: usm.AES128, Localized: true}
	if keyed.AuthKey, keyed.PrivKey, err = hashed.LocalizedKeys(engine); err != nil {
		f.Fatal(err)
	}
	here, there := netip.MustParseAddrPort("192.0.2.9:162"), netip.MustParseAddrPort("192.0.2.1:40000")
	f.Fuzz(func(t *testing.T, datagram []byte) {
		if len(datagram) > 65507 {
			return
		}
		network := memnet.New()
		socket, err := network.Listen(here)
		if err != nil {
			t.Fatal(err)
		}
		sender, err := network.Listen(there)
		if err != nil {
			t.Fatal(err)
		}
		defer sender.Close()
		var got []*manager.Notification
		var bad []error
		l := &manager.Listener{
			AnyCommunity: true, Engine: usm.NewEngine(engine, listenerClock{}), Provider: usm.System,
			OnNotification: func(n *manager.Notification) { got = append(got, n) },
			OnBadMessage: func(b *manager.BadMessage) {
				if string(b.Packet) != string(datagram) {
					t.Error("the datagram was written to")
				}
				bad = append(bad, b.Err)
			},
		}
		if err := l.AddUserAt(engine, keyed); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- l.Serve(socket) }()
		if _, err := sender.Write([]transport.Packet{{Data: datagram, Remote: here}}); err != nil {
			t.Fatal(err)
		}
		if err := socket.WaitIdle(1); err != nil {
			t.Fatal(err)
		}
		answers := sender.Pending()
		socket.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
		switch {
		case len(got) > 1 || len(bad) > 1 || answers > 1 || len(got)+len(bad) > 1:
			t.Fatalf("%d notifications, refused %v, %d answers", len(got), bad, answers)
		case len(got) == 1:
			if kind := got[0].Kind; kind != pdu.TrapV1 && kind != pdu.TrapV2 && kind != pdu.InformRequest || (kind == pdu.InformRequest) != (answers == 1) {
				t.Fatalf("%+v, %d answers", got[0], answers)
			}
		case len(bad) == 0 && answers == 0:
			t.Fatal("nothing has become of it")
		}
		if answers == 0 {
			return
		}
		var pool transport.Pool
		packets := []transport.Packet{{Buf: pool.Get(transport.FullSize)}}
		if _, err := sender.Read(packets); err != nil {
			t.Fatal(err)
		}
		version, err := pdu.ReadVersion(packets[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		if version != pdu.V3 {
			if m, err := pdu.ParseMessage(packets[0].Data); err != nil || m.PDU.Kind != pdu.Response || len(got) != 1 {
				t.Fatalf("it is answered with %+v, %v", m, err)
			}
			return
		}
		asked, err := pdu.ReadHeader3(datagram, false)
		if err != nil {
			t.Fatal(err)
		}
		header, err := pdu.ReadHeader3(packets[0].Data, true)
		if err != nil || header.MsgID != asked.MsgID || header.MsgFlags&pdu.FlagReportable != 0 || len(packets[0].Data) > int(asked.MsgMaxSize) {
			t.Fatalf("%+v is answered with %+v, %v", asked, header, err)
		}
		if kind, _, ok := pdu.PeekScopedPDU(asked.Data); !asked.Encrypted && ok && !kind.Confirmed() {
			t.Fatalf("a %v is answered", kind)
		}
	})
}
