package ber_test

import (
	"encoding/hex"
	"fmt"
	"slices"

	"snmpstack/ber"
)

// The start of an SNMPv2c message:
//
//	Message ::= SEQUENCE { version INTEGER, community OCTET STRING, data ANY }
func ExampleReader() {
	datagram, _ := hex.DecodeString("3018020101" + "04067075626c6963" + "a00b0201010201000201003000")
	r := ber.NewReader(datagram)
	message := r.Enter(ber.Sequence)
	version := r.Int32(ber.Integer)
	community := r.Octets(ber.OctetString)
	tag := r.Peek()
	r.Skip()
	r.Leave(message)
	if err := r.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("version %d, community of %d octets, PDU with tag %X\n", version, len(community), byte(tag))

	r = ber.NewReader(datagram[:20])
	r.Enter(ber.Sequence)
	fmt.Println(r.Err())
	// Output:
	// version 1, community of 6 octets, PDU with tag A0
	// ber: offset 20: truncated
}

// The last element is written first, and the SEQUENCE when its contents are
// there.
func ExampleWriter() {
	buf := make([]byte, 64)
	w := ber.NewWriter(buf)
	end := w.Mark()
	w.Null(ber.Null)
	w.OID(ber.ObjectIdentifier, ber.MustOID("1.3.6.1.2.1.1.3.0"))
	w.Wrap(ber.Sequence, end)
	fmt.Printf("%x %v\n", w.Bytes(), w.Err())
	// Output: 300c06082b060102010103000500 <nil>
}

// OIDs are ordered by the operators of Go, sub-identifier by sub-identifier.
func ExampleOID() {
	names := []ber.OID{
		ber.MustOID("1.3.6.1.2.1.2.2.1.10.10"),
		ber.MustOID("1.3.6.1.2.1.2.2.1.10.9"),
		ber.MustOID("1.3.6.1.2.1.2"),
		ber.MustOID("1.3.6.1.2.1.2.2"),
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(name)
	}
	fmt.Println(names[0] < names[1], names[3].HasPrefix(names[1]))
	// Output:
	// 1.3.6.1.2.1.2
	// 1.3.6.1.2.1.2.2
	// 1.3.6.1.2.1.2.2.1.10.9
	// 1.3.6.1.2.1.2.2.1.10.10
	// true true
}

// A subtree is everything from its root up to but without After.
func ExampleOID_After() {
	system := ber.MustOID("1.3.6.1.2.1.1")
	end, _ := system.After()
	for _, s := range []string{"1.3.6.1.2.1.1.9.1.4.4294967295", "1.3.6.1.2.1.2"} {
		name := ber.MustOID(s)
		fmt.Println(name, system <= name && name < end)
	}
	// Output:
	// 1.3.6.1.2.1.1.9.1.4.4294967295 true
	// 1.3.6.1.2.1.2 false
}
