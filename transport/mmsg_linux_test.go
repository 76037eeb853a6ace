package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"unsafe"
)

// What a call is given is laid out as in C: struct mmsghdr is a struct msghdr
// and an unsigned int, with what that needs of padding.
func TestMmsghdrLayout(t *testing.T) {
	word := unsafe.Sizeof(uintptr(0))
	var two [2]mmsghdr
	if got, want := unsafe.Sizeof(two), 2*(7*word+word); got != want {
		t.Errorf("two are %d octets, want %d", got, want)
	}
	if got, want := unsafe.Offsetof(two[0].len), syscall.SizeofMsghdr; got != uintptr(want) {
		t.Errorf("the length is at %d, want %d", got, want)
	}
}

// An address is written as package syscall has it, and read back.
func TestNames(t *testing.T) {
	for _, addr := range []string{"192.0.2.1:161", "0.0.0.0:1", "[2001:db8::1]:65535", "[::]:256"} {
		t.Run(addr, func(t *testing.T) {
			var m messages
			m.grow(2)
			m.names[1] = syscall.RawSockaddrInet6{Family: 9, Port: 9, Flowinfo: 9, Scope_id: 9}
			to := netip.MustParseAddrPort(addr)
			m.putName(1, to)
			got, link := m.name(1)
			if got != to || link != 0 {
				t.Errorf("read back as %v, link %d", got, link)
			}
			name := unsafe.Slice((*byte)(unsafe.Pointer(&m.names[1])), m.headers[1].Namelen)
			want := 16
			if to.Addr().Is6() {
				want = 28
			}
			if len(name) != want || binary.BigEndian.Uint16(name[2:]) != to.Port() {
				t.Errorf("% x has %d octets, want %d and port %d", name, len(name), want, to.Port())
			}
		})
	}
	var m messages
	m.grow(1)
	if got, _ := m.name(0); got.IsValid() {
		t.Errorf("no address is read as %v", got)
	}
}

// fill sends n datagrams, "0" and so on, to c.
func fill(t *testing.T, from, c *UDPConn, n int) {
	t.Helper()
	out := make([]Packet, n)
	for i := range out {
		out[i] = Packet{Data: fmt.Append(nil, i), Remote: c.local}
	}
	if sent, err := from.Write(out); sent != n || err != nil {
		t.Fatalf("Write of %d: %d, %v", n, sent, err)
	}
}

// What waits is read with one call, as far as there is room, and in order; more
// than a call may move is read and sent nevertheless.
func TestBatchRead(t *testing.T) {
	const all = mostPerCall + 30
	a, b := listenLinux(t, "127.0.0.1:0", Options{Batch: On}), listenLinux(t, "127.0.0.1:0", Options{Batch: On})
	if a.Batch() != mostPerCall {
		t.Errorf("Batch is %d, want %d", a.Batch(), mostPerCall)
	}
	fill(t, a, b, all)
	var pool Pool
	p := make([]Packet, all)
	for i := range p {
		p[i].Buf = pool.Get(SmallSize)
	}
	calls := 0
	for next := 0; next < all; calls++ {
		n, err := b.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range p[:n] {
			if string(got.Data) != fmt.Sprint(next) || got.Remote != a.local || got.Local != b.local.Addr() {
				t.Errorf("datagram %d is %q from %v to %v", next, got.Data, got.Remote, got.Local)
			}
			next++
		}
	}
	// Two would be enough if everything has arrived when Write returns.
	if calls > all/2 {
		t.Errorf("%d datagrams took %d calls", all, calls)
	}
}

// Each datagram of a batch has a destination, a source and a length of its own.
func TestBatchWrite(t *testing.T) {
	agent := listenLinux(t, "0.0.0.0:0", Options{})
	managers := []*UDPConn{listenLinux(t, "127.0.0.1:0", Options{}), listenLinux(t, "127.0.0.2:0", Options{})}
	var out []Packet
	for i := range 10 {
		p := Packet{Data: bytes.Repeat([]byte("x"), i), Remote: managers[i%2].local}
		if i%3 > 0 {
			p.Local = netip.AddrFrom4([4]byte{127, 0, 1, byte(i)})
		}
		out = append(out, p)
	}
	var pool Pool
	in := []Packet{{Buf: pool.Get(SmallSize)}}
	for range 2 { // the second time over what the first has left
		if n, err := agent.Write(out); n != len(out) || err != nil {
			t.Fatal(n, err)
		}
		for i, want := range out {
			if _, err := managers[i%2].Read(in); err != nil {
				t.Fatal(err)
			}
			from := in[0].Remote.Addr()
			if string(in[0].Data) != string(want.Data) || want.Local.IsValid() && from != want.Local {
				t.Errorf("datagram %d is %q from %v, want %q from %v", i, in[0].Data, from, want.Data, want.Local)
			}
		}
	}
}

// A destination that cannot be had costs nobody else a datagram, wherever it
// stands in the batch, and those after it are not tried.
func TestBatchWriteFails(t *testing.T) {
	a, b := listenLinux(t, "127.0.0.1:0", Options{Batch: On}), listenLinux(t, "127.0.0.1:0", Options{Batch: On})
	tooLong := Packet{Data: make([]byte, FullSize), Remote: b.local}
	for bad := range 4 {
		t.Run(fmt.Sprint(bad), func(t *testing.T) {
			out := make([]Packet, 4)
			for i := range out {
				out[i] = Packet{Data: fmt.Append(nil, i), Remote: b.local}
			}
			out[bad] = tooLong
			n, err := a.Write(out)
			var op *net.OpError
			if n != bad || !errors.Is(err, syscall.EMSGSIZE) || !errors.As(err, &op) || op.Op != "write" || op.Addr.String() != b.local.String() {
				t.Errorf("Write: %d, %v, want %d and EMSGSIZE", n, err, bad)
			}
			if n, err := a.Write(out[bad+1:]); n != 3-bad || err != nil {
				t.Errorf("the rest: %d, %v", n, err)
			}
			var pool Pool
			p := []Packet{{Buf: pool.Get(SmallSize)}}
			for i := range out {
				if i == bad {
					continue
				}
				if _, err := b.Read(p); err != nil || string(p[0].Data) != fmt.Sprint(i) {
					t.Errorf("read %q, %v, want %d", p[0].Data, err, i)
				}
			}
		})
	}
}

// connected makes a UDPConn of a socket that is connected, and so hears of ICMP
// errors, to an address where nobody listens.
func connected(t *testing.T) (c *UDPConn, to netip.AddrPort) {
	t.Helper()
	nobody := listenLinux(t, "127.0.0.1:0", Options{})
	to = nobody.local
	nobody.Close()
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c = &UDPConn{conn: conn, local: conn.LocalAddr().(*net.UDPAddr).AddrPort(), ipv4: true}
	if err := c.setBatches(&Options{Batch: On}); err != nil {
		t.Fatal(err)
	}
	return c, to
}

// What ICMP says about one datagram is an error that passes, of class transient,
// and ends neither reading nor sending.
func TestBatchICMPError(t *testing.T) {
	c, to := connected(t)
	one := []Packet{{Data: []byte("x"), Remote: to}}
	t.Run("read", func(t *testing.T) {
		if _, err := c.Write(one); err != nil {
			t.Fatal(err)
		}
		var pool Pool
		p := []Packet{{Buf: pool.Get(SmallSize)}}
		n, err := c.Read(p)
		if n != 0 || !errors.Is(err, syscall.ECONNREFUSED) || Classify(err) != ClassTransient {
			t.Errorf("Read: %d, %v, want ECONNREFUSED", n, err)
		}
	})
	t.Run("write", func(t *testing.T) {
		if _, err := c.Write(one); err != nil {
			t.Fatal(err)
		}
		n, err := c.Write(one)
		if n != 0 || !errors.Is(err, syscall.ECONNREFUSED) || Classify(err) != ClassTransient {
			t.Errorf("Write: %d, %v, want ECONNREFUSED", n, err)
		}
		if n, err := c.Write(one); n != 1 || err != nil {
			t.Errorf("once again: %d, %v", n, err)
		}
	})
	t.Run("in a batch", func(t *testing.T) {
		c, _ := connected(t)
		// The first one's error meets the second, which is then sent again. They have
		// different lengths, or they would be one message.
		var out []Packet
		for i := range 3 {
			out = append(out, Packet{Data: make([]byte, 1+i), Remote: one[0].Remote})
		}
		if n, err := c.Write(out); n != 3 || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
	})
}

// A watchedConn tells when a write has found no room.
type watchedConn struct {
	syscall.RawConn
	full chan struct{}
}

func (c *watchedConn) Write(f func(uintptr) bool) error {
	return c.RawConn.Write(func(fd uintptr) bool {
		done := f(fd)
		if !done {
			select {
			case c.full <- struct{}{}:
			default:
			}
		}
		return done
	})
}

// When there is no room the rest of a batch waits for some. No datagram waits on
// the loopback interface, so this is a stream, which does not look at addresses.
func TestBatchWriteWaits(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	raw, err := out.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	watched := &watchedConn{raw, make(chan struct{}, 1)}
	c := &UDPConn{ipv4: true, out: &batchWriters{raw: watched}}
	p := make([]Packet, mostPerCall)
	for i := range p {
		p[i] = Packet{Data: make([]byte, FullSize), Remote: netip.MustParseAddrPort("127.0.0.1:9")}
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result)
	go func() {
		for {
			n, err := c.Write(p)
			if err != nil {
				done <- result{n, err}
				return
			}
		}
	}()
	<-watched.full
	go io.Copy(io.Discard, in)
	<-watched.full // again: there was room, and it was used
	out.Close()
	if got := <-done; !errors.Is(got.err, net.ErrClosed) || Classify(got.err) != ClassClosed {
		t.Errorf("Write: %d, %v, want net.ErrClosed", got.n, got.err)
	}
}

// The name of a link is asked for once; a link that is gone has its number.
func TestLinkNames(t *testing.T) {
	var l linkNames
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skipf("no interface lo: %v", err)
	}
	for range 2 {
		if got := l.name(uint32(lo.Index)); got != "lo" {
			t.Errorf("interface %d is %q, want lo", lo.Index, got)
		}
	}
	if got := l.name(noSuchInterface); got != fmt.Sprint(noSuchInterface) {
		t.Errorf("interface %d is %q", noSuchInterface, got)
	}
	if len(l.names) != 2 {
		t.Errorf("%v are remembered", l.names)
	}
	l.names[uint32(lo.Index)] = "old"
	l.since = l.since.Add(-linkNameAge - 1)
	if got := l.name(uint32(lo.Index)); got != "lo" {
		t.Errorf("after %v interface %d is still %q", linkNameAge, lo.Index, got)
	}
}

// A batch that is made again and again allocates nothing, with control data and
// without.
func TestBatchAllocs(t *testing.T) {
	for _, test := range []struct{ name, agent, to string }{
		{"one address", "127.0.0.1:0", "127.0.0.1"},
		{"wildcard", "0.0.0.0:0", "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			agent := listenLinux(t, test.agent, Options{Batch: On})
			manager := listenLinux(t, "127.0.0.1:0", Options{Batch: On})
			to := netip.AddrPortFrom(netip.MustParseAddr(test.to), agent.local.Port())
			var pool Pool
			p := make([]Packet, 32)
			for i := range p {
				p[i].Buf = pool.Get(SmallSize)
			}
			read := func(c *UDPConn) {
				for n := 0; n < len(p); {
					got, err := c.Read(p[n:])
					if err != nil {
						t.Fatal(err)
					}
					n += got
				}
			}
			n := testing.AllocsPerRun(50, func() {
				for i := range p {
					p[i].Data, p[i].Remote, p[i].Local = p[i].Buf.Bytes()[:100], to, netip.Addr{}
				}
				if n, err := manager.Write(p); n != len(p) || err != nil {
					t.Fatal(n, err)
				}
				read(agent)
				if n, err := agent.Write(p); n != len(p) || err != nil {
					t.Fatal(n, err)
				}
				read(manager)
			})
			if n != 0 {
				t.Errorf("%d requests and their answers cost %v allocations, want 0", len(p), n)
			}
		})
	}
}
