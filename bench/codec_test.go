package bench

import (
	"fmt"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// request returns an encoded request for n names under base.
func request(version pdu.Version, kind pdu.Kind, base ber.OID, n, maxRepetitions int) []byte {
	m := pdu.Message{Version: version, Community: []byte("public")}
	m.PDU = pdu.PDU{Kind: kind, RequestID: 0x12345678, MaxRepetitions: int32(maxRepetitions)}
	for i := range n {
		name := base.Append(uint32(i + 1))
		if kind == pdu.GetRequest || kind == pdu.SetRequest {
			name = name.Append(0)
		}
		value := pdu.Null
		if kind == pdu.SetRequest {
			value = pdu.Gauge32(uint32(i))
		}
		m.PDU.VarBinds = append(m.PDU.VarBinds, pdu.VarBind{Name: name, Value: value})
	}
	return m.Append(nil)
}

// response returns an encoded response with n varbinds.
func response(n int) []byte {
	m := pdu.Message{Version: pdu.V2c, Community: []byte("public")}
	m.PDU = pdu.PDU{Kind: pdu.Response, RequestID: 0x12345678}
	for i := range n {
		m.PDU.VarBinds = append(m.PDU.VarBinds, pdu.VarBind{
			Name:  ber.MustOID("1.3.6.1.2.1.31.1.1.1.6").Append(uint32(i + 1)),
			Value: pdu.Counter64(1<<40 + uint64(i)),
		})
	}
	return m.Append(nil)
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		datagram := response(n)
		b.Run(fmt.Sprintf("vb=%d", n), func(b *testing.B) {
			var d pdu.Decoder
			var m pdu.Message
			b.SetBytes(int64(len(datagram)))
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				if err := d.Message(datagram, &m); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, before)
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{1, 10, 50} {
		m, err := pdu.ParseMessage(response(n))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("vb=%d", n), func(b *testing.B) {
			buf := make([]byte, 4096)
			b.SetBytes(int64(len(response(n))))
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				w := ber.NewWriter(buf)
				if m.Encode(&w); w.Err() != nil {
					b.Fatal(w.Err())
				}
			}
			reportCPU(b, before)
		})
	}
}
