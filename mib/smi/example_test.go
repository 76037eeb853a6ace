package smi_test

import (
	"fmt"

	"snmpstack/ber"
	"snmpstack/mib/smi"
)

func ExampleNames_Lookup() {
	names := smi.Core()
	object, rest := names.Lookup(ber.MustOID("1.3.6.1.2.1.2.2.1.8.2"))
	label, _ := object.Type.Label(1)
	fmt.Println(object, rest, object.Type.Base, label)
	// Output: IF-MIB::ifOperStatus 2 INTEGER up
}

func ExampleNames_Resolve() {
	names := smi.Core()
	for _, text := range []string{"sysDescr.0", `nsExtendOutputFull."test"`, "noSuchName.0"} {
		oid, err := names.Resolve(text)
		fmt.Println(oid, err)
	}
	// Output:
	// 1.3.6.1.2.1.1.1.0 <nil>
	// 1.3.6.1.4.1.8072.1.3.2.3.1.2.4.116.101.115.116 <nil>
	//  noSuchName.0: Unknown Object Identifier (Sub-id not found: (top) -> noSuchName)
}

func ExampleParse() {
	names := smi.Core()
	for _, m := range smi.Parse("EXAMPLE-MIB", []byte(`
		EXAMPLE-MIB DEFINITIONS ::= BEGIN
		IMPORTS enterprises FROM SNMPv2-SMI;
		example OBJECT IDENTIFIER ::= { enterprises 32473 }
		END`)) {
		names.Add("EXAMPLE-MIB", m)
		fmt.Println(m.Name, len(m.Problems), "problems")
	}
	fmt.Println(names.Find("EXAMPLE-MIB", "example").OID)
	// Output:
	// EXAMPLE-MIB 0 problems
	// 1.3.6.1.4.1.32473
}
