package bench

import (
	"context"
	"net"
	"testing"
	"time"

	"snmpstack/transport"
)

// window is how many requests are outstanding.
const window = 32

// exchange sends n datagrams to address, window at a time, and waits for as many
// answers. It returns how many did not come.
func exchange(b *testing.B, address string, datagram []byte, n int) (lost int) {
	conn, err := net.Dial("udp4", address)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, transport.FullSize)
	for n > 0 {
		burst := min(n, window)
		for range burst {
			if _, err := conn.Write(datagram); err != nil {
				b.Fatal(err)
			}
		}
		conn.SetReadDeadline(time.Now().Add(time.Second))
		for got := range burst {
			if _, err := conn.Read(buf); err != nil {
				lost += burst - got
				break
			}
		}
		n -= burst
	}
	return lost
}

// BenchmarkLoopbackEcho is the yardstick: a program that sends every datagram back,
// over the transport that the agent has.
func BenchmarkLoopbackEcho(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			conn := listen(b)
			go echo(conn)
			measure(b, conn, w.datagram)
			conn.Close()
		})
	}
}

// BenchmarkLoopbackAgent is the agent over UDP.
func BenchmarkLoopbackAgent(b *testing.B) {
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			conn := listen(b)
			a := newAgent(b, conn, 1000)
			if err := a.Activate(); err != nil {
				b.Fatal(err)
			}
			defer a.Deactivate()
			measure(b, conn, w.datagram)
		})
	}
}

func listen(b *testing.B) transport.Conn {
	conn, err := transport.Listen(context.Background(), "udp4", "127.0.0.1:0", transport.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

func measure(b *testing.B, conn transport.Conn, datagram []byte) {
	b.SetBytes(int64(len(datagram)))
	b.ReportAllocs()
	b.ResetTimer()
	lost := exchange(b, conn.LocalAddr().String(), datagram, b.N)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pkt/s")
	b.ReportMetric(float64(lost), "lost")
}

func echo(conn transport.Conn) {
	var pool transport.Pool
	packets := make([]transport.Packet, window)
	for i := range packets {
		packets[i].Buf = pool.Get(transport.FullSize)
	}
	for {
		n, err := conn.Read(packets)
		if err != nil {
			return
		}
		conn.Write(packets[:n])
	}
}
