package agent_test

import (
	"context"
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
)

// A variable is a row of the table of an HTTP service's variables.
type variable struct {
	name  string
	value expvar.Var
}

// variables is the rows as they are at the moment: each request sees the variables
// that there are.
func variables(*mib.Request) (*mib.Snapshot[variable], error) {
	var rows []variable
	expvar.Do(func(kv expvar.KeyValue) {
		if strings.HasPrefix(kv.Key, "shop.") { // not the command line and the memory
			rows = append(rows, variable{kv.Key, kv.Value})
		}
	})
	return mib.NewSnapshot(rows, func(x *mib.Index, v *variable) { x.ImpliedString(&v.name) })
}

// An HTTP service whose expvar variables are SNMP objects too: a table whose index is
// the variable's name, with a column for numbers and one for everything as text.
func ExampleAgent_expvar() {
	orders := expvar.NewInt("shop.orders")
	expvar.NewString("shop.state").Set("open")
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		orders.Add(1)
		fmt.Fprintln(w, "thank you")
	}))
	defer service.Close()

	entry := ber.MustOID("1.3.6.1.4.1.32473.9.1")
	tree := mib.NewTree()
	err := mib.Table[variable]{
		Entry:  entry,
		Source: variables,
		Columns: []mib.Column[variable]{
			{Arc: 1, Get: func(v *variable) pdu.Value { return pdu.OctetString(v.value.String()) }},
			{Arc: 2, Get: func(v *variable) pdu.Value {
				if n, ok := v.value.(*expvar.Int); ok {
					return pdu.Counter64(uint64(n.Value()))
				}
				return pdu.Value{} // no such instance
			}},
		},
	}.Register(tree)
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
	a := agent.New()
	a.MIB, a.Conns = tree, []transport.Conn{socket} // LocalPort in the place of Conns outside of tests
	a.Access = vacm.MustNew(vacm.CommunityRule{Community: "public", Subtree: entry})
	if err := a.Activate(); err != nil {
		fmt.Println(err)
		return
	}
	defer a.Deactivate()

	for range 3 {
		if answer, err := http.Get(service.URL); err == nil {
			answer.Body.Close()
		}
	}
	client, err := network.Listen(netip.MustParseAddrPort("192.0.2.9:40000"))
	if err != nil {
		fmt.Println(err)
		return
	}
	c := manager.New(manager.OverTransport(client, socket.LocalAddr()), "192.0.2.1")
	defer c.Close()
	c.Community = "public"
	for vb, err := range c.Walk(context.Background(), entry) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(vb.Name.Slice(entry.Len(), entry.Len()+1), vb.Value)
	}
	// Output:
	// 1 OCTET STRING "3"
	// 1 OCTET STRING "\"open\""
	// 2 Counter64 3
}
