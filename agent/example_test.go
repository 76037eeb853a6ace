package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"

	"snmpstack/agent"
	"snmpstack/agent/manager"
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
		a.Access = agent.NewRules(agent.CommunityRule{Community: "public"})
		return a.ListenAndServe(ctx)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		fmt.Println(err)
	}
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

// SNMPv3 users, each with what they may do at which security level.
func ExampleAgent_AddUser() {
	a := agent.New()
	a.LocalHost, a.LocalPort = "127.0.0.1", 0 // the system chooses the port
	a.MIB = mib.NewTree()
	a.Access = agent.NewRules(
		agent.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true},
		agent.UserRule{User: "nagios", Level: pdu.AuthNoPriv, Subtree: ber.MustOID("1.3.6.1.4.1.32473.1")},
	)
	err := errors.Join(
		mib.Scalar{
			Object: ber.MustOID("1.3.6.1.4.1.32473.1.1"),
			Get:    mib.Value(func() pdu.Value { return pdu.Gauge32(pump.RPM()) }),
		}.Register(a.MIB),
		a.AddUser("ops", usm.SHA256, "what only we know", usm.AES128, "and this as well"),
		a.AddUser("nagios", usm.SHA1, "read-only and loud", usm.NoPriv, ""),
		a.Activate(),
	)
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
