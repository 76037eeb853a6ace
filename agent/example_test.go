package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

// A pumpDevice is what the examples are about.
type pumpDevice struct{ rpm uint32 }

func (p *pumpDevice) RPM() uint32 { return p.rpm }

var pump = &pumpDevice{rpm: 1450}

// An agent with an object of its own, until somebody presses Ctrl-C.
func ExampleAgent_ListenAndServe() {
	serve := func(ctx context.Context) error {
		tree := mib.NewTree()
		err := mib.Scalar{
			Object: ber.MustOID("1.3.6.1.4.1.32473.1.1"),
			Get:    mib.Value(func() pdu.Value { return pdu.Gauge32(pump.RPM()) }),
		}.Register(tree)
		if err != nil {
			return err
		}
		a := agent.New()
		a.LocalHost, a.LocalPort = "127.0.0.1", 1161
		a.MIB = tree
		a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public"})
		return a.ListenAndServe(ctx)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		fmt.Println(err)
	}
}

// What takes long is answered later: the hook defers the request and returns, and
// whoever has the answer gives it. Here that is a goroutine that speaks to the device.
func ExampleRequestEvent_Defer() {
	network := memnet.New()
	socket, err := network.Listen(netip.MustParseAddrPort("192.0.2.1:161"))
	if err != nil {
		fmt.Println(err)
		return
	}
	waiting := make(chan *agent.Deferred, 16)
	a := agent.New()
	a.Conns = []transport.Conn{socket}
	a.OnGetRequest = func(e *agent.RequestEvent) { waiting <- e.Defer() }
	if err := a.Activate(); err != nil {
		fmt.Println(err)
		return
	}
	defer a.Deactivate()

	level := ber.MustOID("1.3.6.1.4.1.32473.1.7.0")
	go func() {
		for d := range waiting {
			// … the device takes its time …
			if err := d.Respond(pdu.NoError, -1, pdu.VarBind{Name: level, Value: pdu.Gauge32(71)}); err != nil {
				fmt.Println(err) // given up, for example
			}
		}
	}()

	client, err := network.Listen(netip.MustParseAddrPort("192.0.2.9:40000"))
	if err != nil {
		fmt.Println(err)
		return
	}
	m := manager.New(manager.OverTransport(client, socket.LocalAddr()), "192.0.2.1:161")
	defer m.Close()
	m.Community = "public"
	answer, err := m.Get(context.Background(), level)
	fmt.Println(answer, err)
	// Output: [1.3.6.1.4.1.32473.1.7.0 = Gauge32 71] <nil>
}

// A hook answers before the MIB does, or without one. Here agent and manager are
// on a network in memory.
func ExampleAgent_hook() {
	network := memnet.New()
	here, there := netip.MustParseAddrPort("192.0.2.1:161"), netip.MustParseAddrPort("192.0.2.9:40000")
	socket, err := network.Listen(here)
	if err != nil {
		fmt.Println(err)
		return
	}
	a := agent.New()
	a.Conns = []transport.Conn{socket}
	a.OnGetRequest = func(e *agent.RequestEvent) {
		for i := range e.Objects {
			e.Objects[i].Value = pdu.Gauge32(pump.RPM())
		}
		e.Respond = true
	}
	if err := a.Activate(); err != nil {
		fmt.Println(err)
		return
	}
	defer a.Deactivate()

	client, err := network.Listen(there)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := manager.New(manager.OverTransport(client, here), here.String())
	defer c.Close()
	c.Community = "public"
	vbs, err := c.Get(context.Background(), ber.MustOID("1.3.6.1.4.1.32473.1.1.0"))
	fmt.Println(vbs, err)
	// Output: [1.3.6.1.4.1.32473.1.1.0 = Gauge32 1450] <nil>
}

// SNMPv3 users: the access rules say what they may do at which security level, and
// AddUser what they prove it with.
func ExampleAgent_AddUser() {
	start := func() (*agent.Agent, error) {
		tree := mib.NewTree()
		err := mib.Scalar{
			Object: ber.MustOID("1.3.6.1.4.1.32473.1.1"),
			Get:    mib.Value(func() pdu.Value { return pdu.Gauge32(pump.RPM()) }),
		}.Register(tree)
		if err != nil {
			return nil, err
		}
		a := agent.New()
		a.LocalHost, a.LocalPort = "127.0.0.1", 0 // the system chooses the port
		a.MIB = tree
		a.Access = vacm.MustNew(
			vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true},
			vacm.UserRule{User: "nagios", Level: pdu.AuthNoPriv, Subtree: ber.MustOID("1.3.6.1.4.1.32473.1")},
		)
		err = errors.Join(
			a.AddUser("ops", usm.SHA256, "what only we know", usm.AES128, "and this as well"),
			a.AddUser("nagios", usm.SHA1, "read-only and loud", usm.NoPriv, ""),
		)
		if err != nil {
			return nil, err
		}
		return a, a.Activate()
	}
	a, err := start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Deactivate()

	// The other side.
	ctx := context.Background()
	c, err := manager.Dial(ctx, a.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	c.Version = pdu.V3
	c.Security = manager.Security{
		User: usm.User{
			Name: "ops",
			Auth: usm.SHA256, AuthPassword: usm.NewSecret("what only we know"),
			Priv: usm.AES128, PrivPassword: usm.NewSecret("and this as well"),
		},
		Level: pdu.AuthPriv,
	}
	vbs, err := c.Get(ctx, ber.MustOID("1.3.6.1.4.1.32473.1.1.0"))
	fmt.Println(vbs, err)
	// Output: [1.3.6.1.4.1.32473.1.1.0 = Gauge32 1450] <nil>
}

// An engine whose ID and boots are kept in a directory, so that no message of an
// earlier run is good again (RFC 3414 §2.2). The State belongs to the agent for as
// long as it runs.
func ExampleOpenState() {
	engineOf := func(state *agent.State) (*usm.Engine, error) {
		id, err := state.EngineID(usm.DeriveEngineID(usm.DocumentationEnterprise, "pumps"))
		if err != nil {
			return nil, err
		}
		clock, err := usm.NewPersistentClock(state, time.Now)
		if err != nil {
			return nil, err
		}
		return usm.NewEngine(id, clock), nil
	}
	dir, err := os.MkdirTemp("", "pumps")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 { // two runs
		state, err := agent.OpenState(dir)
		if err != nil {
			fmt.Println(err)
			return
		}
		a := agent.New()
		if a.Engine, err = engineOf(state); err != nil {
			fmt.Println(err)
			return
		}
		boots, _ := a.Engine.BootsTime()
		fmt.Println("boots", boots)
		state.Close()
	}
	// Output:
	// boots 1
	// boots 2
}

// A trap, and the listener that receives it. It arrives or it does not: nobody says.
func ExampleAgent_SendTrap() {
	network := memnet.New()
	here, there := netip.MustParseAddrPort("192.0.2.1:161"), netip.MustParseAddrPort("192.0.2.9:162")
	socket, err := network.Listen(here)
	if err != nil {
		fmt.Println(err)
		return
	}
	a := agent.New()
	a.Conns = []transport.Conn{socket}
	defer a.Deactivate()

	noc, err := network.Listen(there)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer noc.Close()
	heard := make(chan *manager.Notification)
	l := &manager.Listener{
		Communities:    []manager.Community{"public"},
		OnNotification: func(n *manager.Notification) { heard <- n },
	}
	go l.Serve(noc)

	err = a.SendTrap("192.0.2.9", "linkUp", pdu.VarBind{Name: ber.MustOID("1.3.6.1.2.1.2.2.1.1.7"), Value: pdu.Integer(7)})
	if err != nil {
		fmt.Println(err)
		return
	}
	n := <-heard
	fmt.Println(n.Kind, n.OID, n.Objects())
	// Output: SNMPv2-Trap 1.3.6.1.6.3.1.1.5.4 [1.3.6.1.2.1.2.2.1.1.7 = INTEGER 7]
}

// An inform is sent again until it is confirmed. With SNMPv3 the listener is the
// engine that the user's keys are for, which is found out first.
func ExampleAgent_Notify() {
	network := memnet.New()
	here, there := netip.MustParseAddrPort("192.0.2.1:161"), netip.MustParseAddrPort("192.0.2.9:162")
	socket, err := network.Listen(here)
	if err != nil {
		fmt.Println(err)
		return
	}
	ops := usm.User{
		Name: "ops",
		Auth: usm.SHA256, AuthPassword: usm.NewSecret("what only we know"),
		Priv: usm.AES128, PrivPassword: usm.NewSecret("and this as well"),
	}
	policy, err := vacm.New(vacm.UserRule{User: "ops", Level: pdu.AuthPriv})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := agent.New()
	a.Conns = []transport.Conn{socket}
	a.Access = policy // what ops may read, ops may be told
	defer a.Deactivate()

	noc, err := network.Listen(there)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer noc.Close()
	l := &manager.Listener{OnNotification: func(n *manager.Notification) { fmt.Println(n.User, n.Level, n.OID) }}
	if err := l.AddUser(ops); err != nil {
		fmt.Println(err)
		return
	}
	go l.Serve(noc)

	err = a.Notify(context.Background(),
		agent.Target{Address: "192.0.2.9", Version: pdu.V3, User: ops, Level: pdu.AuthPriv, Inform: true, Timeout: 5 * time.Second, Retries: 3},
		agent.Notification{OID: ber.MustOID("1.3.6.1.4.1.32473.1.0.1")})
	fmt.Println("confirmed", err == nil)
	// Output:
	// ops authPriv 1.3.6.1.4.1.32473.1.0.1
	// confirmed true
}

// Those who are told are rows of RFC 3413's tables: two whom the program names, of whom
// one does not want to hear of links, and those whom managers add.
func ExampleAgent_NotifyAll() {
	targets, err := notify.New(
		notify.Receiver{Name: "noc", Address: "192.0.2.9", Version: pdu.V2c, Community: "public", Inform: true},
		notify.Receiver{Name: "log", Address: "192.0.2.9", Version: pdu.V1, Community: "log"},
		notify.FilterProfile{Params: "log", ProfileName: "no links"},
		notify.Filter{ProfileName: "no links", Subtree: pdu.SnmpTraps},
		notify.Filter{ProfileName: "no links", Subtree: pdu.SnmpTraps.Append(3), Type: notify.Excluded}, // linkDown
		notify.Filter{ProfileName: "no links", Subtree: pdu.SnmpTraps.Append(4), Type: notify.Excluded}, // linkUp
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	network := memnet.New()
	socket, err := network.Listen(netip.MustParseAddrPort("192.0.2.1:161"))
	if err != nil {
		fmt.Println(err)
		return
	}
	noc, err := network.Listen(netip.MustParseAddrPort("192.0.2.9:162"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer noc.Close()
	heard := make(chan *manager.Notification, 10)
	l := &manager.Listener{AnyCommunity: true, OnNotification: func(n *manager.Notification) { heard <- n }}
	go l.Serve(noc)

	a := agent.New()
	a.Conns = []transport.Conn{socket}
	a.MIB = mib.NewTree()
	a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public"}, vacm.CommunityRule{Community: "log"})
	a.Targets = targets
	system := &agent.System{}
	if err := errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterTargets(a.MIB, system, targets)); err != nil {
		fmt.Println(err)
		return
	}
	defer a.Deactivate()
	for _, what := range []uint32{1, 4} { // coldStart, linkUp
		err := a.NotifyAll(context.Background(), agent.Notification{OID: pdu.SnmpTraps.Append(what)})
		fmt.Println("told", err == nil)
	}
	var lines []string
	for range 3 {
		n := <-heard
		lines = append(lines, fmt.Sprint(n.Version, " ", n.OID))
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
	// Output:
	// told true
	// told true
	// SNMPv1 1.3.6.1.6.3.1.1.5.1
	// SNMPv2c 1.3.6.1.6.3.1.1.5.1
	// SNMPv2c 1.3.6.1.6.3.1.1.5.4
}
