package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

var (
	listenerAddr = netip.MustParseAddrPort("192.0.2.9:162")
	senderAddr   = netip.MustParseAddrPort("192.0.2.1:40000")

	listenerEngine usm.EngineID = "\x80\x00\x7e\xd9\x04listener"
	senderEngine   usm.EngineID = "\x80\x00\x7e\xd9\x04sender"

	linkUp = pdu.NotificationVarBinds(4711, pdu.SnmpTraps.Append(4), bind("1.3.6.1.2.1.2.2.1.1.7", 7))
)

// fixedClock is an engine clock that stands still.
type fixedClock struct{ boots, time int32 }

func (c fixedClock) BootsTime() (boots, time int32) { return c.boots, c.time }

// A listening is a Listener on a network in memory, with what it has received.
type listening struct {
	*Listener
	t       testing.TB
	network *memnet.Network
	socket  *memnet.Conn
	got     []*Notification
	bad     []error
}

// listen starts a Listener with these users, in a bubble.
func listen(t testing.TB, users ...usm.User) *listening {
	t.Helper()
	l := &listening{t: t, network: memnet.New()}
	l.Listener = &Listener{
		Communities:    []Community{"public"},
		Engine:         usm.NewEngine(listenerEngine, fixedClock{3, 1000}),
		OnNotification: func(n *Notification) { l.got = append(l.got, n) },
		OnBadMessage:   func(b *BadMessage) { l.bad = append(l.bad, b.Err) },
	}
	for _, u := range users {
		if err := l.AddUser(u); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if l.socket, err = l.network.Listen(listenerAddr); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- l.Serve(l.socket) }()
	t.Cleanup(func() {
		l.socket.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return l
}

// client returns a Client of the Listener's.
func (l *listening) client(v pdu.Version) *Client {
	l.t.Helper()
	conn, err := l.network.Listen(senderAddr)
	if err != nil {
		l.t.Fatal(err)
	}
	c := New(OverTransport(conn, listenerAddr), listenerAddr.String())
	c.Version, c.Community = v, "public"
	l.t.Cleanup(func() { c.Close() })
	return c
}

// received returns what has come since the last call, and why what has not been
// accepted was not.
func (l *listening) received() (got []*Notification, bad []error) {
	synctest.Wait()
	got, bad = l.got, l.bad
	l.got, l.bad = nil, nil
	return got, bad
}

// one returns the one notification that has come.
func (l *listening) one() *Notification {
	l.t.Helper()
	got, bad := l.received()
	if len(got) != 1 || len(bad) > 0 {
		l.t.Fatalf("%d notifications, bad %v, want one", len(got), bad)
	}
	return got[0]
}

// refuses checks that what was sent has not been handed out, and why.
func (l *listening) refuses(want error) {
	l.t.Helper()
	if got, bad := l.received(); len(got) != 0 || len(bad) != 1 || !errors.Is(bad[0], want) {
		l.t.Errorf("%d notifications, refused %v, want %v", len(got), bad, want)
	}
}

func TestListenerCommunity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t)
		c := l.client(pdu.V2c)
		c.Timeout, c.Retries = time.Second, 1
		ctx := context.Background()

		if err := c.Trap(ctx, linkUp...); err != nil {
			t.Fatal(err)
		}
		n := l.one()
		if n.Kind != pdu.TrapV2 || n.Version != pdu.V2c || n.Source != senderAddr || n.Destination != listenerAddr || n.Community != "public" || n.Trap != nil ||
			n.UpTime != 4711 || n.OID != pdu.SnmpTraps.Append(4) || !slices.Equal(n.VarBinds, linkUp) || !slices.Equal(n.Objects(), linkUp[2:]) || n.Respond {
			t.Errorf("trap: %+v", n)
		}

		if err := c.Inform(ctx, linkUp...); err != nil { // RFC 3416 §4.2.7
			t.Errorf("the inform is not confirmed: %v", err)
		}
		if n := l.one(); n.Kind != pdu.InformRequest || !slices.Equal(n.VarBinds, linkUp) || n.RequestID == 0 || !n.Respond {
			t.Errorf("inform: %+v", n)
		}

		c.Version = pdu.V1
		if err := c.Trap(ctx, linkUp...); err != nil {
			t.Fatal(err)
		}
		n = l.one()
		if n.Kind != pdu.TrapV1 || n.Version != pdu.V1 || n.OID != pdu.SnmpTraps.Append(4) || !slices.Equal(n.VarBinds, linkUp) || n.UpTime != 4711 {
			t.Errorf("SNMPv1: %+v", n)
		}
		if v1 := n.Trap; v1 == nil || v1.Enterprise != pdu.SnmpTraps || v1.GenericTrap != 3 || v1.AgentAddr.String() != "0.0.0.0" || !slices.Equal(v1.VarBinds, linkUp[2:]) {
			t.Errorf("SNMPv1: %+v", n.Trap)
		}
		if err := c.Inform(ctx, linkUp...); err == nil {
			t.Error("SNMPv1 has informs") // RFC 3584 §4.2.3
		}
		if err := c.Trap(ctx, append(slices.Clone(linkUp), pdu.VarBind{Name: oid("1.3.6.1.2.1.31.1.1.1.6.7"), Value: pdu.Counter64(1)})...); !errors.Is(err, pdu.ErrNotTranslatable) {
			t.Errorf("Counter64 with SNMPv1: %v", err)
		}
		// What cannot be translated is handed out as it is.
		if err := c.TrapV1(ctx, pdu.Trap{Enterprise: oid("1.3.6.1.4.1.9"), GenericTrap: 9, VarBinds: linkUp[2:]}); err != nil {
			t.Fatal(err)
		}
		if n := l.one(); n.OID != "" || n.Trap.GenericTrap != 9 || !slices.Equal(n.Objects(), linkUp[2:]) {
			t.Errorf("generic-trap 9: %+v", n)
		}

		c.Version, c.Community = pdu.V2c, "other"
		if err := c.Trap(ctx, linkUp...); err != nil {
			t.Fatal(err)
		}
		l.refuses(ErrUnknownCommunity)
		var timeout *TimeoutError
		if err := c.Inform(ctx, linkUp...); !errors.As(err, &timeout) {
			t.Errorf("another community: %v", err)
		}
		if got, bad := l.received(); len(got) != 0 || len(bad) != 2 { // both attempts
			t.Errorf("another community: %d notifications, bad %v", len(got), bad)
		}

		c.Community = "public"
		l.OnNotification = func(n *Notification) { n.Respond = false }
		if err := c.Inform(ctx, linkUp...); !errors.As(err, &timeout) {
			t.Errorf("an inform that is not to be confirmed: %v", err)
		}
		if _, err := c.Get(ctx, oid("1.3.6.1.2.1.1.3.0")); !errors.As(err, &timeout) {
			t.Errorf("a GetRequest: %v", err)
		}
		if _, bad := l.received(); len(bad) != 2 || !errors.Is(bad[0], ErrNoNotification) {
			t.Errorf("a GetRequest: %v", bad)
		}
		if err := c.Inform(ctx, linkUp[2:]...); err == nil { // RFC 3416 §4.2.6
			t.Error("an inform without sysUpTime.0 and snmpTrapOID.0 is sent")
		}
		if err := c.Trap(ctx, linkUp[1:]...); err == nil {
			t.Error("a trap without sysUpTime.0 is sent")
		}
	})
}

// Every level and many protocols, as trap and as inform.
func TestListenerUSM(t *testing.T) {
	password := usm.NewSecret("a long password")
	for _, u := range []usm.User{
		{Name: "nobody"},
		{Name: "md5", Auth: usm.MD5, AuthPassword: password},
		{Name: "sha1-aes128", Auth: usm.SHA1, AuthPassword: password, Priv: usm.AES128, PrivPassword: password},
		{Name: "sha256-aes256", Auth: usm.SHA256, AuthPassword: password, Priv: usm.AES256, PrivPassword: password},
		{Name: "sha512-aes192", Auth: usm.SHA512, AuthPassword: password, Priv: usm.AES192, PrivPassword: password},
		{Name: "sha1-aes256", Auth: usm.SHA1, AuthPassword: password, Priv: usm.AES256, PrivPassword: password, Extension: usm.Blumenthal},
		{Name: "sha1-des", Auth: usm.SHA1, AuthPassword: password, Priv: usm.DES, PrivPassword: password},
	} {
		level := pdu.NoAuthNoPriv
		switch {
		case u.Priv != usm.NoPriv:
			level = pdu.AuthPriv
		case u.Auth != usm.AnyAuth:
			level = pdu.AuthNoPriv
		}
		t.Run(u.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				received := u
				received.Extension = usm.AutoExtension
				l := listen(t, received)
				c := l.client(pdu.V3)
				c.Security = Security{User: u, Level: level, ContextName: "ctx"}
				if err := c.Inform(t.Context(), linkUp...); err != nil { // RFC 3414 §4
					t.Errorf("the inform is not confirmed: %v", err)
				}
				n := l.one()
				if n.Kind != pdu.InformRequest || n.Version != pdu.V3 || n.User != u.Name || n.Level != level || n.EngineID != listenerEngine ||
					n.ContextEngineID != listenerEngine || n.ContextName != "ctx" || n.OID != pdu.SnmpTraps.Append(4) || !slices.Equal(n.VarBinds, linkUp) {
					t.Errorf("inform: %+v", n)
				}
				c.Close()

				c = l.client(pdu.V3)
				if err := c.Trap(t.Context(), linkUp...); err == nil {
					t.Error("a trap is sent without an engine ID")
				}
				c.Security = Security{User: u, Level: level, EngineID: senderEngine, Boots: 7, Time: 500}
				for range 2 {
					if err := c.Trap(t.Context(), linkUp...); err != nil {
						t.Fatal(err)
					}
					n := l.one()
					if n.Kind != pdu.TrapV2 || n.User != u.Name || n.Level != level || n.EngineID != senderEngine || n.ContextEngineID != senderEngine || !slices.Equal(n.VarBinds, linkUp) {
						t.Errorf("trap: %+v", n)
					}
				}
			})
		})
	}
}

// What a Listener refuses of SNMPv3, and why.
func TestListenerRefuses(t *testing.T) {
	good := usm.User{Name: "ops", Auth: usm.SHA256, AuthPassword: usm.NewSecret("a long password"), Priv: usm.AES128, PrivPassword: usm.NewSecret("another password")}
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, good)
		other := func(change func(*usm.User)) usm.User {
			u := good
			change(&u)
			return u
		}
		for _, tt := range []struct {
			name   string
			user   usm.User
			level  pdu.SecurityLevel
			trap   error
			inform error
		}{
			{"another user", other(func(u *usm.User) { u.Name = "other" }), pdu.AuthPriv, usm.ErrUnknownUserName, usm.ErrUnknownUserName},
			{"another password", other(func(u *usm.User) { u.AuthPassword = usm.NewSecret("wrong password") }), pdu.AuthPriv, usm.ErrWrongDigest, usm.ErrWrongDigest},
			{"another protocol", other(func(u *usm.User) { u.Auth = usm.SHA1 }), pdu.AuthPriv, usm.ErrWrongDigest, usm.ErrDigestLength},
			{"another privacy password", other(func(u *usm.User) { u.PrivPassword = usm.NewSecret("wrong password") }), pdu.AuthPriv, usm.ErrDecryption, usm.ErrDecryption},
			{"a lower level", good, pdu.AuthNoPriv, usm.ErrUnsupportedSecLevel, usm.ErrUnsupportedSecLevel},
			{"no authentication", good, pdu.NoAuthNoPriv, usm.ErrUnsupportedSecLevel, usm.ErrUnsupportedSecLevel},
		} {
			c := l.client(pdu.V3)
			c.Timeout, c.Retries = time.Second, 0
			c.Security = Security{User: tt.user, Level: tt.level, EngineID: senderEngine, Boots: 7, Time: 500}
			if err := c.Trap(t.Context(), linkUp...); err != nil {
				t.Fatal(err)
			}
			l.refuses(tt.trap)
			if len(l.engines.byID) != 0 {
				t.Errorf("%s: the engine is remembered", tt.name)
			}
			c.Close()

			c = l.client(pdu.V3)
			c.Timeout, c.Retries = time.Second, 0
			c.Security = Security{User: tt.user, Level: tt.level}
			var report *ReportError
			if err := c.Inform(t.Context(), linkUp...); !errors.As(err, &report) { // RFC 3412 §7.1 (3)
				t.Errorf("%s: %v, want a Report", tt.name, err)
			}
			l.refuses(tt.inform)
			c.Close()
		}

		// RFC 3414 §3.2 (7) b: a trap that comes again, or from the past.
		c := l.client(pdu.V3)
		c.Security = Security{User: good, Level: pdu.AuthPriv, EngineID: senderEngine, Boots: 7, Time: 500}
		if err := c.Trap(t.Context(), linkUp...); err != nil {
			t.Fatal(err)
		}
		l.one()
		c.Close()
		for _, past := range []Security{{Boots: 7, Time: 300}, {Boots: 6, Time: 900}} {
			c := l.client(pdu.V3)
			c.Security = Security{User: good, Level: pdu.AuthPriv, EngineID: senderEngine, Boots: past.Boots, Time: past.Time}
			if err := c.Trap(t.Context(), linkUp...); err != nil {
				t.Fatal(err)
			}
			l.refuses(usm.ErrNotInTimeWindow)
			c.Close()
		}

		// A request is none of a Listener's.
		c = l.client(pdu.V3)
		c.Timeout, c.Retries = time.Second, 0
		c.Security = Security{User: good, Level: pdu.AuthPriv}
		if _, err := c.Get(t.Context(), oid("1.3.6.1.2.1.1.3.0")); !errors.Is(err, ErrUnknownPDUHandler) { // RFC 3412 §4.2.2.1 (2)
			t.Errorf("a GetRequest: %v", err)
		}
		l.refuses(ErrNoNotification)
	})
}

// Who makes up engine IDs leaves nothing behind, and costs no more than a bound.
func TestListenerStrangers(t *testing.T) {
	u := usm.User{Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("a long password")}
	forger := usm.User{Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("wrong password")}
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, u)
		send := func(u usm.User, id usm.EngineID) {
			c := l.client(pdu.V3)
			defer c.Close()
			c.Security = Security{User: u, Level: pdu.AuthNoPriv, EngineID: id}
			if err := c.Trap(t.Context(), linkUp...); err != nil {
				t.Fatal(err)
			}
		}
		send(u, senderEngine)
		l.one()
		for i := range strangersPerSecond + 9 {
			send(forger, senderEngine+usm.EngineID(fmt.Sprint(i)))
		}
		got, bad := l.received()
		if len(got) != 0 || len(bad) != strangersPerSecond+9 || !errors.Is(bad[0], usm.ErrWrongDigest) || !errors.Is(bad[len(bad)-1], errStrangers) {
			t.Errorf("%d notifications, %d bad", len(got), len(bad))
		}
		if len(l.engines.byID) != 1 {
			t.Errorf("%d engines are remembered", len(l.engines.byID))
		}
		send(u, senderEngine) // is no stranger
		l.one()
		time.Sleep(time.Second)
		send(u, senderEngine+"another")
		l.one()
	})
}

// A user may be one at a certain engine, with keys for it.
func TestListenerUserAt(t *testing.T) {
	u := usm.User{Name: "ops", Auth: usm.SHA1, AuthPassword: usm.NewSecret("a long password")}
	key, _, err := usm.LocalizedKeys(usm.Internal, u, senderEngine)
	if err != nil {
		t.Fatal(err)
	}
	localized := usm.User{Name: "ops", Auth: usm.SHA1, AuthKey: key, Localized: true}
	synctest.Test(t, func(t *testing.T) {
		l := listen(t)
		if err := l.AddUser(localized); err == nil {
			t.Error("a user with localized keys is one at any engine")
		}
		if err := l.AddUserAt("tiny", u); err == nil {
			t.Error("an engine ID of 4 octets is one")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		var got []usm.EngineID
		var bad []error
		l := &Listener{
			OnNotification: func(n *Notification) { got = append(got, n.EngineID) },
			OnBadMessage:   func(b *BadMessage) { bad = append(bad, b.Err) },
		}
		if err := l.AddUserAt(senderEngine, localized); err != nil {
			t.Fatal(err)
		}
		socket, err := network.Listen(listenerAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		go l.Serve(socket)
		conn, err := network.Listen(senderAddr)
		if err != nil {
			t.Fatal(err)
		}
		var packets []transport.Packet
		for _, id := range []usm.EngineID{senderEngine, senderEngine + "2"} {
			peer := usm.NewPeer(id, usm.Internal, time.Now)
			if err := peer.Users().Add(u); err != nil {
				t.Fatal(err)
			}
			b, err := peer.GenerateRequest(peer.NewWorker(), make([]byte, 1000), &usm.Request{MaxSize: 1000, User: "ops", Level: pdu.AuthNoPriv},
				&pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.TrapV2, VarBinds: linkUp}})
			if err != nil {
				t.Fatal(err)
			}
			packets = append(packets, transport.Packet{Data: b, Remote: listenerAddr})
		}
		if _, err := conn.Write(packets); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !slices.Equal(got, []usm.EngineID{senderEngine}) || len(bad) != 1 || !errors.Is(bad[0], usm.ErrUnknownUserName) {
			t.Errorf("from %v, refused %v", got, bad)
		}
	})
}
