package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"testing"
)

// listenGSO opens a socket that sends trains, or skips where there are none.
func listenGSO(t *testing.T, address string) *UDPConn {
	t.Helper()
	c, err := Listen(context.Background(), "udp", address, Options{GSO: On})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this host has no UDP segmentation offload")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// What goes together has one way and one length, save a last one that is shorter.
func TestTrain(t *testing.T) {
	here, there := way{ifIndex: 1}, way{ifIndex: 2}
	type datagram struct {
		way  way
		size int
	}
	const most = mostTogether - 100
	for _, test := range []struct {
		name      string
		longest   int
		datagrams []datagram
		want      string // T takes it, - does not
	}{
		{"alike", 100, []datagram{{here, 50}, {here, 50}, {here, 50}}, "TT"},
		{"as long as may be", 50, []datagram{{here, 50}, {here, 50}}, "T"},
		{"longer than may be", 49, []datagram{{here, 50}, {here, 50}}, "-"},
		{"another way", 100, []datagram{{here, 50}, {there, 50}, {here, 50}}, "-T"},
		{"a longer one", 100, []datagram{{here, 50}, {here, 51}}, "-"},
		{"a shorter one is the last", 100, []datagram{{here, 50}, {here, 49}, {here, 49}, {here, 50}}, "T--"},
		{"an empty one", 100, []datagram{{here, 50}, {here, 0}}, "-"},
		{"nothing but empty ones", 100, []datagram{{here, 0}, {here, 0}}, "-"},
		{"full to the octet", most, []datagram{{here, most}, {here, 100}, {here, 1}}, "T-"},
		{"one octet too many", most, []datagram{{here, most}, {here, 101}}, "-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			first := test.datagrams[0]
			train := newTrain(first.way, first.size, test.longest)
			got := ""
			for _, d := range test.datagrams[1:] {
				if train.takes(d.way, d.size) {
					got += "T"
				} else {
					got += "-"
				}
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// Which datagrams a message has is what its header says, and the control data of
// one with several says where it is cut, behind where it comes from.
func TestTrainMessages(t *testing.T) {
	c := listenGSO(t, "0.0.0.0:0")
	to := netip.MustParseAddrPort("127.0.0.1:9")
	from := netip.MustParseAddr("127.0.0.5")
	b := c.out.get()
	for range 2 { // the second time over what the first has left
		n, err := b.prepare(c, []Packet{
			{Data: make([]byte, 300), Remote: to, Local: from},
			{Data: make([]byte, 300), Remote: to, Local: from},
			{Data: make([]byte, 299), Remote: to, Local: from},
			{Data: make([]byte, 300), Remote: to},
			{Data: make([]byte, 20), Remote: to},
			{Data: make([]byte, 20), Remote: netip.AddrPortFrom(to.Addr(), 10)},
		}, 1000)
		if n != 6 || err != nil || b.last != 3 {
			t.Fatalf("%d datagrams are %d messages, %v, want 6 and 3", n, b.last, err)
		}
		first := 0
		for m, want := range []struct {
			datagrams, cut int
			local          netip.Addr
		}{{3, 300, from}, {2, 300, netip.Addr{}}, {1, 0, netip.Addr{}}} {
			h := &b.headers[m].Msghdr
			if int(h.Iovlen) != want.datagrams || h.Iov != &b.data[first] {
				t.Errorf("message %d has %d datagrams from %p, want %d from %p", m, h.Iovlen, h.Iov, want.datagrams, &b.data[first])
			}
			first += want.datagrams
			control := b.control[m][:h.Controllen]
			if local, _ := parsePktinfo(control); local != want.local {
				t.Errorf("message %d leaves from %v, want %v", m, local, want.local)
			}
			if got := cutAt(control); got != want.cut {
				t.Errorf("message %d is cut every %d octets, want %d: % x", m, got, want.cut, control)
			}
		}
	}
}

// cutAt finds UDP_SEGMENT, as udp(7) has it, in control data; 0: it is not there.
func cutAt(control []byte) int {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return -1
	}
	for _, m := range messages {
		if m.Header.Level == syscall.IPPROTO_UDP && m.Header.Type == 103 && len(m.Data) >= 2 {
			return int(binary.NativeEndian.Uint16(m.Data))
		}
	}
	return 0
}

// Whatever is sent arrives as it would have without trains: every datagram by
// itself, whole, in order, from the address that it had to leave from.
func TestGSO(t *testing.T) {
	agent := listenGSO(t, "0.0.0.0:0")
	managers := []*UDPConn{
		listenLinux(t, "127.0.0.1:0", Options{InBufferSize: 4 << 20}),
		listenLinux(t, "127.0.0.2:0", Options{InBufferSize: 4 << 20}),
	}
	sources := []netip.Addr{{}, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.5")}
	random := rand.New(rand.NewPCG(1, 2))
	var pool Pool
	in := []Packet{{Buf: pool.Get(FullSize)}}
	for round := range 200 {
		out := make([]Packet, 1+random.IntN(2*mostPerCall))
		var p Packet
		for i := range out {
			if i == 0 || random.IntN(4) == 0 { // else it is like the one before
				p.Remote = managers[random.IntN(len(managers))].local
				p.Local = sources[random.IntN(len(sources))]
				p.Data = make([]byte, []int{0, 1, 50, 50, 51, 1472, 2000}[random.IntN(7)])
			}
			p.Data = bytes.Clone(p.Data)
			for j := range p.Data {
				p.Data[j] = byte(i)
			}
			out[i] = p
		}
		if n, err := agent.Write(out); n != len(out) || err != nil {
			t.Fatalf("round %d: %d of %d, %v", round, n, len(out), err)
		}
		for i, want := range out {
			manager := managers[0]
			if want.Remote == managers[1].local {
				manager = managers[1]
			}
			if _, err := manager.Read(in); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(in[0].Data, want.Data) || want.Local.IsValid() && in[0].Remote.Addr() != want.Local {
				t.Fatalf("round %d: datagram %d is % x from %v, want % x from %v", round, i, in[0].Data, in[0].Remote, want.Data, want.Local)
			}
		}
	}
}

// soNoCheck is SO_NO_CHECK: datagrams leave without a checksum. They cannot go
// together then, which the kernel says with EINVAL: a way to have it refuse that
// takes no other interface.
const soNoCheck = 11

// What is refused because it is together is sent nevertheless, and not tried again.
func TestGSORefused(t *testing.T) {
	agent, manager := listenGSO(t, "127.0.0.1:0"), listenLinux(t, "127.0.0.1:0", Options{})
	raw, err := agent.conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { err = setsockoptInt(fd, syscall.SOL_SOCKET, soNoCheck, 1) })
	if err != nil {
		t.Fatal(err)
	}
	var pool Pool
	in := []Packet{{Buf: pool.Get(SmallSize)}}
	for _, test := range []struct{ size, longest int }{{100, 99}, {100, 99}, {30, 29}, {60, 29}} {
		var out []Packet
		for i := range 5 {
			out = append(out, Packet{Data: bytes.Repeat([]byte{byte(i)}, test.size), Remote: manager.local})
		}
		if n, err := agent.Write(out); n != len(out) || err != nil {
			t.Fatalf("Write: %d, %v", n, err)
		}
		for i := range out {
			if _, err := manager.Read(in); err != nil || !bytes.Equal(in[0].Data, out[i].Data) {
				t.Errorf("%d is % x, %v", i, in[0].Data, err)
			}
		}
		if got := int(agent.out.longest.Load()); got != test.longest {
			t.Errorf("after %d octets, %d may go together, want %d", test.size, got, test.longest)
		}
	}
}

// A datagram that cannot be sent in any company is its own error, where it stands,
// and no reason to send others apart.
func TestGSOBadDatagram(t *testing.T) {
	agent, manager := listenGSO(t, "127.0.0.1:0"), listenLinux(t, "127.0.0.1:0", Options{})
	nowhere := netip.AddrPortFrom(manager.local.Addr(), 0) // no port: EINVAL
	var out []Packet
	for i := range 6 {
		p := Packet{Data: fmt.Append(nil, i), Remote: manager.local}
		if i == 2 || i == 3 {
			p.Remote = nowhere
		}
		out = append(out, p)
	}
	for _, try := range []struct{ from, sent int }{{0, 2}, {2, 0}, {3, 0}} {
		n, err := agent.Write(out[try.from:])
		if n != try.sent || !errors.Is(err, syscall.EINVAL) || Classify(err) != ClassDatagram {
			t.Errorf("from %d on: %d, %v, want %d and EINVAL", try.from, n, err, try.sent)
		}
	}
	if n, err := agent.Write(out[4:]); n != 2 || err != nil {
		t.Errorf("the rest: %d, %v", n, err)
	}
	var pool Pool
	in := []Packet{{Buf: pool.Get(SmallSize)}}
	for _, want := range "0145" {
		if _, err := manager.Read(in); err != nil || string(in[0].Data) != string(want) {
			t.Errorf("read %q, %v, want %q", in[0].Data, err, want)
		}
	}
	if got := agent.out.longest.Load(); got != longestTogether {
		t.Errorf("%d octets may go together, want %d as before", got, longestTogether)
	}
}

// An error that passes, as what ICMP says about an earlier datagram, is none of their
// being together.
func TestGSOPassingError(t *testing.T) {
	listenGSO(t, "127.0.0.1:0")
	c, to := connected(t)
	one := Packet{Data: []byte("x"), Remote: to}
	if n, err := c.Write([]Packet{one}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := c.Write([]Packet{one, one, one}); n != 3 || err != nil {
		t.Errorf("Write: %d, %v", n, err)
	}
	if got := c.out.longest.Load(); got != longestTogether {
		t.Errorf("%d octets may go together, want %d as before", got, longestTogether)
	}
}

// Off is off, and nothing goes together that was not asked to go in batches.
func TestGSOSwitch(t *testing.T) {
	listenGSO(t, "127.0.0.1:0")
	for _, opts := range []Options{{GSO: Off}, {Batch: Off}} {
		c := listenLinux(t, "127.0.0.1:0", opts)
		if c.out != nil && c.out.longest.Load() != 0 {
			t.Errorf("%+v: %d octets may go together", opts, c.out.longest.Load())
		}
	}
	if c := listenLinux(t, "127.0.0.1:0", Options{}); c.out.longest.Load() == 0 {
		t.Error("by default nothing goes together")
	}
	_, err := Listen(context.Background(), "udp", "127.0.0.1:0", Options{Batch: Off, GSO: On})
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("without batches: %v, want an error that says it is not supported", err)
	}
}
