package manager_test

import (
	"context"
	"fmt"
	"net"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/pdu"
)

func ExampleClient_Get() {
	agent := fakeAgent()
	defer agent.Close()

	ctx := context.Background()
	c, err := manager.Dial(ctx, agent.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	c.Community = "public"
	list, err := c.Get(ctx, ber.MustOID("1.3.6.1.2.1.1.5.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, vb := range list {
		fmt.Println(vb)
	}
	// Output: 1.3.6.1.2.1.1.5.0 = OCTET STRING "router"
}

// fakeAgent answers every request with a system name.
func fakeAgent() net.PacketConn {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			m, err := pdu.ParseMessage(b[:n])
			if err != nil {
				continue
			}
			m.PDU.Kind = pdu.Response
			m.PDU.VarBinds[0].Value = pdu.OctetString("router")
			conn.WriteTo(m.Append(nil), from)
		}
	}()
	return conn
}
