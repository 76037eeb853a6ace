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
// answers. It returns the last one, and how many did not come.
func exchange(b *testing.B, address string, datagram []byte, n int) (last []byte, lost int) {
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
			size, err := conn.Read(buf)
			if err != nil {
				lost += burst - got
				break
			}
			last = buf[:size]
		}
		n -= burst
	}
	return last, lost
}

// BenchmarkLoopback is requests over UDP, by whoever is at the other end: the
// agent, or the yardstick, a program that sends every datagram back over the same
// transport.
func BenchmarkLoopback(b *testing.B) {
	for _, w := range workloads {
		b.Run("by=echo/"+w.name, func(b *testing.B) {
			conn := listen(b)
			defer conn.Close() // ends echo
			go echo(conn)
			measure(b, conn, w.datagram)
		})
		b.Run("by=agent/"+w.name, func(b *testing.B) {
			conn := listen(b)
			a := newAgent(b, conn, 1000)
			if err := a.Activate(); err != nil {
				b.Fatal(err)
			}
			defer a.Deactivate()
			check(b, measure(b, conn, w.datagram), w.varBinds)
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

// measure has b.N datagrams answered at conn and returns the last answer. The
// processor's time is that of both sides: what an agent costs is the difference
// to the echo.
func measure(b *testing.B, conn transport.Conn, datagram []byte) (last []byte) {
	b.SetBytes(int64(len(datagram)))
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime()
	last, lost := exchange(b, conn.LocalAddr().String(), datagram, b.N)
	b.StopTimer()
	reportCPU(b, before)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pkt/s")
	b.ReportMetric(float64(lost), "lost")
	return last
}

// reportCPU reports the processor's time since before. Unlike the clock's it
// hardly depends on what else the machine does.
func reportCPU(b *testing.B, before time.Duration) {
	if used := cpuTime() - before; used > 0 {
		b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
	}
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
