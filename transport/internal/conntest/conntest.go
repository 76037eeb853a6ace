// Package conntest tests the rules of transport.Conn on any implementation of
// it: what is documented there is checked here, once for all of them.
package conntest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"snmpstack/transport"
)

// Run tests the Conns that open gives: two on one network that reach each
// other by their LocalAddr, both bound to an address other than the wildcard,
// both freshly opened. Run closes them.
func Run(t *testing.T, open func(t *testing.T) (a, b transport.Conn)) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, a, b transport.Conn)
	}{
		{"delivers in order with addresses", testDelivers},
		{"empty datagram", testEmpty},
		{"lengths", testLengths},
		{"read packet is an addressed answer", testAnswer},
		{"unspecified source is a free choice", testUnspecifiedSource},
		{"truncation is seen and forgotten", testTruncated},
		{"taken buffer keeps its datagram", testTakeBuffer},
		{"no packets", testNoPackets},
		{"read needs buffers", testNoBuffer},
		{"write stops at the packet that fails", testPartialWrite},
		{"close unblocks", testClose},
		{"close while traffic runs", testCloseBusy},
		{"concurrent use", testConcurrent},
		{"no allocations", testAllocs},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := open(t)
			defer a.Close()
			defer b.Close()
			test.run(t, a, b)
		})
	}
}

// packets returns n packets with buffers of size octets.
func packets(pool *transport.Pool, n, size int) []transport.Packet {
	p := make([]transport.Packet, n)
	for i := range p {
		p[i].Buf = pool.Get(size)
	}
	return p
}

// send writes one datagram from c to the other Conn.
func send(t *testing.T, c, to transport.Conn, data string) {
	t.Helper()
	n, err := c.Write([]transport.Packet{{Data: []byte(data), Remote: to.LocalAddr()}})
	if n != 1 || err != nil {
		t.Fatalf("Write of %d octets: %d, %v", len(data), n, err)
	}
}

// receive reads into p, however many datagrams come.
func receive(t *testing.T, c transport.Conn, p []transport.Packet) int {
	t.Helper()
	n, err := c.Read(p)
	if err != nil || n < 1 || n > len(p) {
		t.Fatalf("Read into %d packets: %d, %v", len(p), n, err)
	}
	return n
}

func testDelivers(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	const total = 20
	out := make([]transport.Packet, total)
	for i := range out {
		out[i] = transport.Packet{Data: fmt.Appendf(nil, "datagram %d", i), Remote: b.LocalAddr()}
	}
	if n, err := a.Write(out); n != total || err != nil {
		t.Fatalf("Write: %d, %v", n, err)
	}
	p := packets(&pool, 3, transport.SmallSize)
	for got := 0; got < total; {
		for _, in := range p[:receive(t, b, p)] {
			if want := fmt.Sprintf("datagram %d", got); string(in.Data) != want {
				t.Errorf("read %q, want %q", in.Data, want)
			}
			if in.Remote != a.LocalAddr() {
				t.Errorf("Remote %v, want %v", in.Remote, a.LocalAddr())
			}
			if want := b.LocalAddr().Addr().WithZone(""); in.Local != want {
				t.Errorf("Local %v, want %v", in.Local, want)
			}
			if in.Truncated {
				t.Errorf("%q is said to be truncated", in.Data)
			}
			if len(in.Data) > 0 && &in.Data[0] != &in.Buf.Bytes()[0] {
				t.Errorf("Data does not alias Buf")
			}
			got++
		}
	}
}

func testEmpty(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	send(t, a, b, "")
	p := packets(&pool, 1, transport.SmallSize)
	receive(t, b, p)
	if len(p[0].Data) != 0 || p[0].Remote != a.LocalAddr() || p[0].Truncated {
		t.Errorf("read %+v, want an empty datagram from %v", p[0], a.LocalAddr())
	}
}

// testLengths has the lengths of RFC 3417 §3.2, 484 that must be accepted and
// 1472 that should be, the longest there is over IPv4, and the edges of frames
// and buffers.
func testLengths(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	p := packets(&pool, 1, transport.FullSize)
	data := bytes.Repeat([]byte("0123456789abcde"), 5000)
	for _, size := range []int{1, 2, 3, 483, 484, 485, 1471, 1472, 1473, 2047, 2048, 2049, 65000, 65507} {
		send(t, a, b, string(data[:size]))
		receive(t, b, p)
		if !bytes.Equal(p[0].Data, data[:size]) || p[0].Truncated {
			t.Errorf("%d octets arrived as %d, truncated %v", size, len(p[0].Data), p[0].Truncated)
		}
	}
}

func testAnswer(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	send(t, a, b, "request")
	p := packets(&pool, 1, transport.SmallSize)
	receive(t, b, p)
	p[0].Data = append(p[0].Data[:0], "answer"...)
	if n, err := b.Write(p); n != 1 || err != nil {
		t.Fatalf("Write of the answer: %d, %v", n, err)
	}
	receive(t, a, p)
	if string(p[0].Data) != "answer" || p[0].Remote != b.LocalAddr() {
		t.Errorf("read %q from %v, want the answer from %v", p[0].Data, p[0].Remote, b.LocalAddr())
	}
}

func testUnspecifiedSource(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	unspecified := netip.IPv6Unspecified()
	if a.LocalAddr().Addr().Is4() {
		unspecified = netip.IPv4Unspecified()
	}
	n, err := a.Write([]transport.Packet{{Data: []byte("x"), Remote: b.LocalAddr(), Local: unspecified}})
	if n != 1 || err != nil {
		t.Fatalf("Write from %v: %d, %v", unspecified, n, err)
	}
	p := packets(&pool, 1, transport.SmallSize)
	if receive(t, b, p); p[0].Remote != a.LocalAddr() {
		t.Errorf("came from %v, want %v", p[0].Remote, a.LocalAddr())
	}
}

func testTruncated(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	p := packets(&pool, 1, transport.SmallSize)
	for _, test := range []struct {
		size      int
		truncated bool
	}{
		{transport.SmallSize, false},
		{transport.SmallSize + 1, true},
		{10, false}, // the flag of the packet before is gone
		{60000, true},
		{0, false},
	} {
		send(t, a, b, strings.Repeat("x", test.size))
		receive(t, b, p)
		if p[0].Truncated != test.truncated {
			t.Errorf("%d octets into %d: Truncated %v", test.size, transport.SmallSize, p[0].Truncated)
		}
		if !test.truncated && len(p[0].Data) != test.size {
			t.Errorf("%d octets arrived as %d", test.size, len(p[0].Data))
		}
	}
}

func testTakeBuffer(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	p := packets(&pool, 1, transport.SmallSize)
	send(t, a, b, "slow")
	receive(t, b, p)
	slow, buf := p[0], p[0].Buf
	p[0].Buf = pool.Get(transport.SmallSize)
	send(t, a, b, "fast")
	receive(t, b, p)
	if string(slow.Data) != "slow" || string(p[0].Data) != "fast" {
		t.Errorf("the buffer taken away has %q, the new one %q", slow.Data, p[0].Data)
	}
	if slow.Buf != buf || p[0].Buf == buf {
		t.Errorf("Read exchanged the buffers")
	}
}

func testNoPackets(t *testing.T, a, _ transport.Conn) {
	if n, err := a.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil): %d, %v", n, err)
	}
	if n, err := a.Write(nil); n != 0 || err != nil {
		t.Errorf("Write(nil): %d, %v", n, err)
	}
}

func testNoBuffer(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	send(t, a, b, "something to read")
	p := packets(&pool, 2, transport.SmallSize)
	p[1].Buf = nil
	func() {
		defer func() {
			if r := recover(); r == nil {
				t.Errorf("Read into a packet without a buffer did not panic")
			}
		}()
		b.Read(p)
	}()
	// Nothing was lost, and no lock was left held.
	receive(t, b, p[:1])
	if string(p[0].Data) != "something to read" {
		t.Errorf("read %q", p[0].Data)
	}
}

func testPartialWrite(t *testing.T, a, b transport.Conn) {
	other := netip.MustParseAddrPort("[::1]:9")
	if b.LocalAddr().Addr().Is6() {
		other = netip.MustParseAddrPort("127.0.0.1:9")
	}
	for _, test := range []struct {
		name string
		bad  transport.Packet
	}{
		{"no destination", transport.Packet{Data: []byte("x")}},
		{"destination of the other family", transport.Packet{Data: []byte("x"), Remote: other}},
		{"source of the other family", transport.Packet{Data: []byte("x"), Remote: b.LocalAddr(), Local: other.Addr()}},
		{"source that is not ours", transport.Packet{Data: []byte("x"), Remote: b.LocalAddr(), Local: foreign(b)}},
		{"too long", transport.Packet{Data: make([]byte, 65536), Remote: b.LocalAddr()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var pool transport.Pool
			n, err := a.Write([]transport.Packet{
				{Data: []byte("before"), Remote: b.LocalAddr()},
				test.bad,
				{Data: []byte("after"), Remote: b.LocalAddr()},
			})
			if n != 1 || transport.Classify(err) != transport.ClassDatagram {
				t.Errorf("Write: %d, %v (%v), want 1 and class datagram", n, err, transport.Classify(err))
			}
			send(t, a, b, "next")
			p := packets(&pool, 1, transport.SmallSize)
			for _, want := range []string{"before", "next"} {
				if receive(t, b, p); string(p[0].Data) != want {
					t.Errorf("read %q, want %q", p[0].Data, want)
				}
			}
		})
	}
}

// foreign returns an address of c's family that no test host has
// (RFC 5737 §3, RFC 3849 §2: for documentation).
func foreign(c transport.Conn) netip.Addr {
	if c.LocalAddr().Addr().Is4() {
		return netip.MustParseAddr("203.0.113.1")
	}
	return netip.MustParseAddr("2001:db8:ffff::1")
}

func testClose(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	local := a.LocalAddr()
	const readers = 3
	failed := make(chan error, readers)
	for range readers {
		p := packets(&pool, 1, transport.SmallSize)
		go func() {
			_, err := a.Read(p)
			failed <- err
		}()
	}
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for range readers {
		expectClosed(t, "Read while closing", <-failed)
	}
	p := packets(&pool, 1, transport.SmallSize)
	n, err := a.Read(p)
	expectClosed(t, "Read", err)
	if n != 0 {
		t.Errorf("Read after Close: n = %d", n)
	}
	n, err = a.Write([]transport.Packet{{Data: []byte("x"), Remote: b.LocalAddr()}})
	expectClosed(t, "Write", err)
	if n != 0 {
		t.Errorf("Write after Close: n = %d", n)
	}
	expectClosed(t, "second Close", a.Close())
	if a.LocalAddr() != local || local.Port() == 0 {
		t.Errorf("LocalAddr %v before Close, %v after", local, a.LocalAddr())
	}
}

func expectClosed(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, net.ErrClosed) || transport.Classify(err) != transport.ClassClosed {
		t.Errorf("%s after Close: %v, want net.ErrClosed", what, err)
	}
}

func testCloseBusy(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	var done sync.WaitGroup
	started := make(chan struct{}, 2)
	done.Go(func() {
		p := packets(&pool, 2, transport.SmallSize)
		for {
			if _, err := b.Read(p); transport.Classify(err) == transport.ClassClosed {
				return
			}
			select {
			case started <- struct{}{}:
			default:
			}
		}
	})
	done.Go(func() {
		p := []transport.Packet{{Data: []byte("x"), Remote: b.LocalAddr()}}
		for {
			if _, err := a.Write(p); transport.Classify(err) == transport.ClassClosed {
				return
			}
		}
	})
	<-started
	b.Close()
	a.Close()
	done.Wait()
}

func testConcurrent(t *testing.T, a, b transport.Conn) {
	// Few enough to fit any receive buffer, whoever reads them when.
	const writers, each, readers = 4, 25, 3
	var pool transport.Pool
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				_, err := a.Write([]transport.Packet{{Data: []byte{byte(w), byte(i)}, Remote: b.LocalAddr()}})
				if err != nil {
					t.Errorf("Write: %v", err)
				}
			}
		})
	}
	var mu sync.Mutex
	seen := make(map[[2]byte]int)
	for range readers {
		reading.Go(func() {
			p := packets(&pool, 4, transport.SmallSize)
			for {
				n, err := b.Read(p)
				if transport.Classify(err) == transport.ClassClosed {
					return
				}
				mu.Lock()
				for i := range p[:n] {
					seen[[2]byte(p[i].Data)]++
				}
				if len(seen) == writers*each {
					b.Close()
				}
				mu.Unlock()
			}
		})
	}
	writing.Wait()
	reading.Wait()
	for w := range writers {
		for i := range each {
			if n := seen[[2]byte{byte(w), byte(i)}]; n != 1 {
				t.Errorf("datagram %d of writer %d arrived %d times", i, w, n)
			}
		}
	}
}

func testAllocs(t *testing.T, a, b transport.Conn) {
	var pool transport.Pool
	request := []transport.Packet{{Data: []byte("request")}}
	p := packets(&pool, 4, transport.SmallSize)
	exchange := func() {
		request[0].Remote = b.LocalAddr()
		if n, err := a.Write(request); n != 1 || err != nil {
			t.Fatalf("Write: %d, %v", n, err)
		}
		if n, err := b.Read(p); n != 1 || err != nil {
			t.Fatalf("Read: %d, %v", n, err)
		}
		if n, err := b.Write(p[:1]); n != 1 || err != nil {
			t.Fatalf("Write of the answer: %d, %v", n, err)
		}
		if n, err := a.Read(p); n != 1 || err != nil {
			t.Fatalf("Read of the answer: %d, %v", n, err)
		}
	}
	if n := testing.AllocsPerRun(200, exchange); n != 0 {
		t.Errorf("a request and its answer cost %v allocations, want 0", n)
	}
}
