package agent_test

import (
	"context"
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
