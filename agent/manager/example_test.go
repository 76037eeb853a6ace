package manager_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

func ExampleClient_Get() {
	agent := fakeAgent()
	defer agent.Close()

	ctx := context.Background()
	c, err := manager.Dial(ctx, agent.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	c.Community = "public"
	list, err := c.Get(ctx, ber.MustOID("1.3.6.1.2.1.1.5.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, vb := range list {
		fmt.Println(vb)
	}
	// Output: 1.3.6.1.2.1.1.5.0 = OCTET STRING "router"
}

// With SNMPv3 a user takes the community's place.
func ExampleSecurity() {
	agent := fakeSecureAgent("ops", usm.SHA256, "authentication", usm.AES128, "confidentiality")
	defer agent.Close()

	ctx := context.Background()
	c, err := manager.Dial(ctx, agent.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	c.Version = pdu.V3
	c.Security = manager.Security{
		User: usm.User{
			Name: "ops",
			Auth: usm.SHA256, AuthPassword: usm.NewSecret("authentication"),
			Priv: usm.AES128, PrivPassword: usm.NewSecret("confidentiality"),
		},
		Level: pdu.AuthPriv,
	}
	list, err := c.Get(ctx, ber.MustOID("1.3.6.1.2.1.1.5.0"))
	switch {
	case errors.Is(err, usm.ErrWrongDigest):
		fmt.Println("the password is wrong")
		return
	case err != nil:
		fmt.Println(err)
		return
	}
	for _, vb := range list {
		fmt.Println(vb)
	}
	// Output: 1.3.6.1.2.1.1.5.0 = OCTET STRING "router"
}

// fakeAgent answers every request with a system name.
func fakeAgent() net.PacketConn {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			m, err := pdu.ParseMessage(b[:n])
			if err != nil {
				continue
			}
			m.PDU.Kind = pdu.Response
			m.PDU.VarBinds[0].Value = pdu.OctetString("router")
			conn.WriteTo(m.Append(nil), from)
		}
	}()
	return conn
}

// fakeSecureAgent does so with SNMPv3, for one user.
func fakeSecureAgent(name string, auth usm.AuthProtocol, authPassword string, priv usm.PrivProtocol, privPassword string) net.PacketConn {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	engine := usm.NewEngine(usm.DeriveEngineID(0, "example"), usm.NewEpochClock(time.Now))
	users := usm.NewUsers(engine.ID(), usm.System)
	if err := users.Add(usm.User{
		Name: name, Auth: auth, AuthPassword: usm.NewSecret(authPassword), Priv: priv, PrivPassword: usm.NewSecret(privPassword),
	}); err != nil {
		panic(err)
	}
	model := usm.NewModel(engine, users, usm.System, nil)
	worker := model.NewWorker()
	go func() {
		b, out := make([]byte, 1500), make([]byte, 1500)
		var d pdu.Decoder
		var scoped pdu.ScopedPDU
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			header, err := pdu.ReadHeader3(b[:n], false)
			if err != nil {
				continue
			}
			verified, err := model.ProcessIncoming(worker, b[:n], header, false)
			if failure, ok := errors.AsType[*usm.Failure](err); ok { // discovery
				if report, err := model.GenerateReport(worker, out, failure, len(b)); err == nil {
					conn.WriteTo(report, from)
				}
				continue
			}
			if err != nil || verified.Decode(&d, &scoped) != nil {
				continue
			}
			scoped.PDU.Kind = pdu.Response
			scoped.PDU.VarBinds[0].Value = pdu.OctetString("router")
			if answer, err := model.GenerateResponse(worker, out, &verified, len(b), &scoped); err == nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return conn
}

// A listener for traps and informs of all versions, on UDP.
func ExampleListener() {
	conn, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	heard := make(chan *manager.Notification, 1)
	l := &manager.Listener{
		Communities:    []manager.Community{"public"},
		OnNotification: func(n *manager.Notification) { heard <- n },
	}
	served := make(chan error)
	go func() { served <- l.Serve(conn) }()

	c, err := manager.Dial(context.Background(), conn.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	c.Community = "public"
	err = c.Inform(context.Background(), pdu.NotificationVarBinds(100, pdu.SnmpTraps.Append(1))...)
	n := <-heard
	fmt.Println(n.Kind, n.OID, n.UpTime, err)

	conn.Close()
	fmt.Println(errors.Is(<-served, net.ErrClosed))
	// Output:
	// InformRequest 1.3.6.1.6.3.1.1.5.1 100 <nil>
	// true
}
