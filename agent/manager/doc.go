// Package manager is the other side of an agent: a command generator (RFC 3413
// §1.1), which sends Get, GetNext, GetBulk and Set requests and waits for their
// Responses, and a notification receiver. The command-line tool, the tests and the
// benchmarks use it, and the agent for its informs.
//
//	c, err := manager.Dial(ctx, "192.0.2.1")
//	…
//	defer c.Close()
//	c.Community = "public"
//	for vb, err := range c.Walk(ctx, ber.MustOID("1.3.6.1.2.1.1")) {
//		if err != nil { … }
//		fmt.Println(vb)
//	}
//
// A [Client] talks to one agent, over a connected UDP socket or over anything
// that carries datagrams (see [Conn] and [New]). It takes as the answer to its
// request what has the request's version, community and request-id (RFC 3413
// §3.1); everything else that arrives, such as the answer to an earlier request
// that came late, is ignored and only counted.
//
// What an agent says with an error-status is a *pdu.StatusError, no answer at
// all is a [*TimeoutError], and an answer that contradicts its request is an
// [*AnswerError].
//
// With SNMPv3 a [Security] takes the community's place:
//
//	c.Version = pdu.V3
//	c.Security = manager.Security{
//		User: usm.User{Name: "ops",
//			Auth: usm.SHA256, AuthPassword: usm.NewSecret("…"),
//			Priv: usm.AES128, PrivPassword: usm.NewSecret("…")},
//		Level: pdu.AuthPriv,
//	}
//
// The agent's engine ID and clock are asked for in front of the first request (RFC
// 3414 §4). An answer has to be of the request's user, level and context. A Report
// that comes in its place is a [*ReportError].
//
// A [Listener] receives traps and informs of all versions, on any of package
// transport's sockets:
//
//	l := &manager.Listener{
//		Communities:    []manager.Community{"public"},
//		OnNotification: func(n *manager.Notification) { fmt.Println(n.Source, n.OID, n.Objects()) },
//	}
//	err := l.AddUser(usm.User{…})
//	…
//	err = l.Serve(conn)
//
// A Client sends some, too: Trap, TrapV1 and Inform.
//
// This package does not import agent, so that what tests the agent shares no
// code with it above packages pdu and usm.
//
// # The files
//
// In the order in which to read them: client.go is who asks, with community.go and
// security.go, exchange.go a request and what answers it, processing.go the form of
// its messages (mpcommunity.go, mpv3.go), report.go and errors.go what else can come.
// dial.go and overtransport.go are what it asks over. walk.go and originate.go ask
// for more, or tell. listener.go and listenerusm.go are who is told.
package manager
