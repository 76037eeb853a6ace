package pdu_test

import (
	"encoding/hex"
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A whole message at once, in memory of its own.
func ExampleParseMessage() {
	datagram, _ := hex.DecodeString("302702010104067075626c6963a21a020107020100020100300f300d06082b06010201010300430105")
	m, err := pdu.ParseMessage(datagram)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Version, m.PDU.Kind, m.PDU.RequestID, m.PDU.ErrorStatus)
	for _, vb := range m.PDU.VarBinds {
		fmt.Println(vb)
	}

	_, err = pdu.ParseMessage(datagram[:40])
	fmt.Println(err)
	var syntax *ber.SyntaxError
	fmt.Println(errors.Is(err, ber.ErrTruncated), errors.As(err, &syntax) && syntax.Offset == 40)
	// Output:
	// SNMPv2c Response 7 noError
	// 1.3.6.1.2.1.1.3.0 = TimeTicks 5
	// pdu: message: ber: offset 40: truncated
	// true true
}

func ExampleMessage_Append() {
	m := pdu.Message{
		Version:   pdu.V2c,
		Community: []byte("public"),
		PDU: pdu.PDU{
			Kind:      pdu.GetRequest,
			RequestID: 7,
			VarBinds:  []pdu.VarBind{{Name: ber.MustOID("1.3.6.1.2.1.1.3.0"), Value: pdu.Null}},
		},
	}
	fmt.Printf("%x\n", m.Append(nil))
	// Output:
	// 302602010104067075626c6963a019020107020100020100300e300c06082b060102010103000500
}

// The way of an agent: one Decoder and one buffer for many messages, without
// allocation.
func ExampleDecoder() {
	datagram, _ := hex.DecodeString("302602010104067075626c6963a019020107020100020100300e300c06082b060102010103000500")
	var d pdu.Decoder
	var m pdu.Message
	if err := d.Message(datagram, &m); err != nil {
		fmt.Println(err)
		return
	}
	m.PDU.Kind = pdu.Response
	for i := range m.PDU.VarBinds {
		m.PDU.VarBinds[i].Value = pdu.TimeTicks(5)
	}
	w := ber.NewWriter(make([]byte, 1472))
	m.Encode(&w)
	fmt.Printf("%x %v\n", w.Bytes(), w.Err())
	// Output:
	// 302702010104067075626c6963a21a020107020100020100300f300d06082b06010201010300430105 <nil>
}
