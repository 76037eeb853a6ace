// Package agent is an SNMP agent: SNMPv1, SNMPv2c and SNMPv3 on one socket, for
// managed objects of package mib or hooks of one's own. This is one:
//
//	package main
//
//	import (
//		"context"
//		"log"
//		"runtime"
//
//		"snmpstack/agent"
//		"snmpstack/agent/vacm"
//		"snmpstack/ber"
//		"snmpstack/mib"
//		"snmpstack/pdu"
//	)
//
//	func main() {
//		a := agent.New()
//		a.LocalHost, a.LocalPort = "127.0.0.1", 1161
//		a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public"}) // may read all
//		a.MIB = mib.NewTree()
//		err := a.RegisterObjects(a.MIB, &agent.System{Descr: "a pump", Location: "cellar"})
//		if err != nil {
//			log.Fatal(err)
//		}
//		err = mib.Scalar{
//			Object: ber.MustOID("1.3.6.1.4.1.32473.1.1"), // its instance is ….1.1.0
//			Get: mib.Value(func() pdu.Value {
//				return pdu.Gauge32(uint32(runtime.NumGoroutine()))
//			}),
//		}.Register(a.MIB)
//		if err != nil {
//			log.Fatal(err)
//		}
//		log.Fatal(a.ListenAndServe(context.Background()))
//	}
//
// snmpwalk -v2c -c public 127.0.0.1:1161 .1 shows the system group, the snmp group and
// its kin, and the scalar. Package mib has tables, what can be set, and handlers that
// take their time; package vacm has who may do what. An agent that answers by hooks
// needs neither:
//
//	a.OnGetRequest = func(e *agent.RequestEvent) {
//		for i := range e.Objects {
//			e.Objects[i].Value = pdu.Gauge32(pump.RPM())
//		}
//		e.Respond = true
//	}
//
// Package agenttest tests an agent without a socket.
//
// # SNMPv3
//
//	a.Access = vacm.MustNew(vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true})
//	err := a.AddUser("ops", usm.SHA256, "authentication password", usm.AES128, "privacy password")
//
// A user takes two calls: AddUser says how he proves who he is, a UserRule what he
// may do and at which security level. AddUserKeys takes keys in the place of
// passwords. A program that has its users elsewhere has OnGetUserPassword and
// OnGetUserSecurityLevel instead. Without an Engine the agent has one whose ID is made
// of the machine and the port, and whose clock counts from 1970. With a State, a
// usm.PersistentClock and State.EngineID survive a restart as RFC 3414 §2.2 wants it.
//
// # Notifications
//
// SendTrap and SendSecureTrap send a trap to a host; Notify sends a trap or an inform to
// a Target, and waits for the inform's confirmation. They leave from the agent's socket.
// What confirms an inform comes back there, and its reader passes it on. The access
// policy's notify view has to contain all that is in them: for a CommunityRule or
// UserRule it is what may be read. Package agent/manager has the Listener that
// receives.
//
// With Targets the agent knows whom to tell: NotifyAll sends to all whom they name, each
// in the form that is his, and Destinations lists them for a program that has queues of
// its own. With RegisterTargets managers change them by SNMP-TARGET-MIB and
// SNMP-NOTIFICATION-MIB (package agent/notify).
//
// # Over a restart
//
// A State keeps the engine's ID and boots and what is set in the system group; System.Keep
// keeps the users and the rules that managers change. This program has both:
//
//	package main
//
//	import (
//		"context"
//		"errors"
//		"log"
//		"time"
//
//		"snmpstack/agent"
//		"snmpstack/agent/vacm"
//		"snmpstack/mib"
//		"snmpstack/pdu"
//		"snmpstack/usm"
//	)
//
//	func main() {
//		a := agent.New()
//		state, err := agent.OpenState("/var/lib/pump") // which is there, and has one agent
//		if err != nil {
//			log.Fatal(err)
//		}
//		// The engine first: the users' keys are good at this one alone.
//		id, err := state.EngineID(usm.DeriveEngineID(0, "pump"))
//		clock, clockErr := usm.NewPersistentClock(state, time.Now)
//		if err := errors.Join(err, clockErr); err != nil {
//			log.Fatal(err)
//		}
//		a.Engine = usm.NewEngine(id, clock)
//
//		// Then the program's own users and rules, and then what managers have made of them.
//		err = a.AddUser("ops", usm.SHA256, "what only we know", usm.AES128, "and this as well")
//		policy := vacm.MustNew(vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true})
//		octets, usersErr := state.ReadFile("users")
//		users, parseErr := agent.ParseUsers(octets)
//		if err := errors.Join(err, usersErr, parseErr); err != nil {
//			log.Fatal(err)
//		}
//		gone, err := a.AddKeptUsers(users...)
//		octets, rowsErr := state.ReadFile("access")
//		rows, parseErr := vacm.ParseRows(octets)
//		if err := errors.Join(err, rowsErr, parseErr, policy.Restore(rows...)); err != nil {
//			log.Fatal(err)
//		}
//		if len(gone) > 0 {
//			log.Println("what managers had changed of them is gone, who are others now, or no users:", gone)
//		}
//
//		system := &agent.System{Descr: "a pump", State: state}
//		system.Keep = func() error {
//			users, err := agent.AppendUsers(nil, a.KeptUsers()...)
//			rows, rowsErr := vacm.AppendRows(nil, policy.Kept()...)
//			if err := errors.Join(err, rowsErr); err != nil {
//				return err
//			}
//			return errors.Join(state.WriteFile("users", users), state.WriteFile("access", rows))
//		}
//		a.MIB, a.Access = mib.NewTree(), policy
//		err = errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterAccess(a.MIB, system, policy))
//		if err != nil {
//			log.Fatal(err)
//		}
//		log.Fatal(a.ListenAndServe(context.Background()))
//	}
//
// Targets that managers change are kept in the same way, with notify.AppendRows.
//
// # What blocks
//
// Objects that declare that they never block are asked by the goroutine that reads the
// socket, and the answers to a batch of datagrams leave together. Hooks, and objects
// that may block, get a goroutine for each request, MaxConcurrent at most at a time: one
// that sleeps holds up nobody. What exceeds that is dropped and counted. A hook that
// has to wait long defers the request instead (RequestEvent.Defer): it is answered
// later, from whatever goroutine has the answer, and costs none of the agent's
// meanwhile.
//
// Without ProcessIdleEvents the agent has no goroutines for that: whoever calls
// DoEvents answers requests and calls hooks.
//
// # Errors
//
// Every error of an Agent's methods is an *Error, or holds some, and has one of the
// specification's codes. What peers send is never an error, it is counted: see Stats,
// whose counters account for every datagram.
//
// The specification, here and elsewhere in the module, is that of the SNMPAgent
// interface, whose properties, methods, events, settings and error codes this
// package has in Go's shape. One need not know it: a table of its names is below.
//
// # Secrets
//
// No community, password or key is logged, put into an error or sent. Passwords in
// events are a usm.Secret, which does not print.
//
// # A datagram's way
//
// For who reads the code: it follows RFC 3412, and so do the files. A reader per socket
// takes datagrams from package transport (run.go) into a request, which has all the
// memory that one needs (request.go). The version picks a message processing model
// (mp.go): mpcommunity.go for SNMPv1 and SNMPv2c, mpv3.go for SNMPv3. That has the
// security model verify the message: package agent/community or package usm. What is
// not processed is counted, told to OnBadPacket, and perhaps answered with a Report
// (report.go). The dispatcher takes what has been verified, and nothing else
// (dispatch.go). The command responder (responder.go, bulk.go, set.go, search.go) asks
// the access policy (access.go, package agent/vacm), then the hook (event.go), then the
// MIB. It knows SNMPv2's rules alone; mpv1.go has SNMPv1's.
//
// The users whom SNMPv3's messages name are in a table that managers can change too
// (users.go, hashing.go, package agent/usmmib), which the specification calls the
// internal authentication cache; hooks can stand in for it (userhooks.go), and
// keptusers.go gives them a form for files. The engine that they are at is the agent's
// own or given (engine.go), and state.go keeps what a restart is to leave it. Deferred
// requests are in defer.go, DoEvents in events.go.
//
// A notification to one target is in notify.go, step by step; one to all whom the tables
// name is in originator.go, which comes to the same steps, and so do the specification's
// methods in trap.go. senders.go finds out as whom it is sent, notifyview.go whether it
// may be, way.go the socket that it leaves from. If nobody confirms it, trapmessage.go
// sends it; inform.go sends the others and waits, on its end of a socket (informconn.go).
// informdiscovery.go has how an inform finds out its target's engine, informengines.go
// what is remembered of that.
package agent
