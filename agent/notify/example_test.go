package notify_test

import (
	"fmt"

	"snmpstack/agent/notify"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A manager takes a target out of service, and the next notification does not go there
// any more. What the program itself has stated he cannot change.
func ExampleTargets_Register() {
	targets := notify.MustNew(
		notify.Notify{Name: "all", Tag: "noc"},
		notify.TargetParams{Name: "ops", MPModel: pdu.V3, SecurityName: "ops", SecurityLevel: pdu.AuthPriv},
		notify.TargetAddr{Name: "day", Address: "noc.example", TagList: "noc", Params: "ops"},
		notify.TargetAddr{Name: "bob", Address: "192.0.2.9:1162", TagList: "noc", Params: "ops", Row: notify.Row{Storage: mib.NonVolatile}},
	)
	tree := mib.NewTree()
	if err := targets.Register(tree); err != nil {
		fmt.Println(err)
		return
	}
	tell := func() {
		for d := range targets.Destinations(pdu.NotificationVarBinds(0, ber.MustOID("1.3.6.1.4.1.32473.0.1"))) {
			fmt.Println(d.Addr.Name, d.Addr.Endpoint(), d.Params.SecurityName, d.Type)
		}
	}
	tell()
	// snmpTargetAddrRowStatus."bob" and "day", as an agent sets them for a manager
	for _, row := range []string{"98.111.98", "100.97.121"} {
		status := ber.MustOID("1.3.6.1.6.3.12.1.2.1.9." + row)
		fmt.Println(tree.Set(new(mib.Request), []pdu.VarBind{{Name: status, Value: pdu.Integer(int32(mib.NotInService))}}))
	}
	tell()
	// Output:
	// bob 192.0.2.9:1162 ops trap
	// day noc.example:162 ops trap
	// <nil>
	// inconsistentValue at varbind 1
	// day noc.example:162 ops trap
}
