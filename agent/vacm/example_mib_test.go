package vacm_test

import (
	"fmt"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A manager takes a row away, and it is gone with the next request. What the program
// itself has stated he cannot change.
func ExamplePolicy_Register() {
	policy := vacm.MustNew(
		vacm.UserRule{User: "ops", Writable: true},
		vacm.SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: "bob", GroupName: "staff", Row: vacm.Row{Storage: mib.NonVolatile}},
		vacm.Access{GroupName: "staff", ReadViewName: vacm.All},
	)
	tree := mib.NewTree()
	err := policy.Register(tree, vacm.Entity{
		Contexts: func() []string { return nil },
		EngineID: func() string { return "an engine's ID" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	bob := &mib.Request{SecurityModel: pdu.SecurityModelUSM, SecurityName: "bob"}
	_, err = policy.View(bob, vacm.ReadView)
	fmt.Println(err)

	// vacmSecurityToGroupStatus.3."bob", as an agent sets it for ops
	status := ber.MustOID("1.3.6.1.6.3.16.1.2.1.5.3.3.98.111.98")
	err = tree.Set(&mib.Request{SecurityName: "ops"}, []pdu.VarBind{{Name: status, Value: pdu.Integer(int32(mib.Destroy))}})
	fmt.Println(err)
	_, err = policy.View(bob, vacm.ReadView)
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
	// authorizationError
}
