package kernel

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The fixtures are dumps of a real kernel, as the comment at the head of each
// says, with the sequence numbers 7 (links) and 8 (addresses).
const (
	linksSeq     = 7
	addressesSeq = 8
)

// readDatagrams reads a file of hexadecimal lines; a blank line separates
// datagrams, # begins a comment.
func readDatagrams(tb testing.TB, name string) [][]byte {
	tb.Helper()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		tb.Skip("the dumps were taken on a little-endian machine")
	}
	text, err := os.ReadFile("../../testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	var all [][]byte
	inside := false
	for n, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			inside = false
			continue
		}
		b, err := hex.DecodeString(line)
		if err != nil {
			tb.Fatalf("%s:%d: %v", name, n+1, err)
		}
		if !inside {
			all = append(all, nil)
			inside = true
		}
		all[len(all)-1] = append(all[len(all)-1], b...)
	}
	if len(all) == 0 {
		tb.Fatalf("%s holds no datagrams", name)
	}
	return all
}

func loadDump(tb testing.TB, name string, seq uint32) *Snapshot {
	tb.Helper()
	d := dump{seq: seq, into: &Snapshot{}}
	for _, datagram := range readDatagrams(tb, name) {
		if err := d.add(datagram); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	if !d.done || d.interrupted {
		tb.Fatalf("%s: done = %t, interrupted = %t; want true, false", name, d.done, d.interrupted)
	}
	d.into.sort()
	return d.into
}

// The expected rows are what ip -s link printed just before the dump was taken;
// one more frame of 70 octets had come from veth1 to veth0 when it was.
func TestLinkDump(t *testing.T) {
	got := loadDump(t, "netns-links.hex", linksSeq).Interfaces
	mac := func(last byte) string { return string([]byte{2, 0, 0x5e, 0x10, 0, last}) }
	none := Counters{Width: 64}
	want := []Interface{
		{Index: 1, Name: "lo", Hardware: HardwareLoopback, MTU: 65536, Up: true, Loopback: true, Oper: OperUp, Counters: none},
		// A bridge port is promiscuous by count, and by flag where ip shows none.
		{Index: 2, Name: "veth1", Kind: "veth", Hardware: HardwareEther, Address: mac(2), MTU: 1500, Up: true, Promiscuous: true, Oper: OperUp,
			Master: 4, CarrierChanges: 2, Counters: Counters{Width: 64, InOctets: 776, InUcast: 8, OutOctets: 1290, OutUcast: 15}},
		{Index: 3, Name: "veth0", Alias: "uplink to the core", Kind: "veth", Hardware: HardwareEther, Address: mac(1), MTU: 1500, Up: true, Oper: OperUp,
			CarrierChanges: 2, Counters: Counters{Width: 64, InOctets: 1290, InUcast: 15, OutOctets: 776, OutUcast: 8}},
		{Index: 4, Name: "br0", Kind: "bridge", Hardware: HardwareEther, Address: mac(3), MTU: 1500, Up: true, Oper: OperUp,
			CarrierChanges: 2, Counters: Counters{Width: 64, InOctets: 588, InMulticast: 7, OutOctets: 704, OutUcast: 8}},
		{Index: 5, Name: "tun0", Kind: "tun", Hardware: HardwareNone, MTU: 1500, Up: true, Oper: OperDown, CarrierChanges: 1, Counters: none},
		{Index: 6, Name: "tap0", Kind: "tun", Hardware: HardwareEther, Address: mac(5), MTU: 1500, Promiscuous: true, Oper: OperDown, CarrierChanges: 1, Counters: none},
		{Index: 7, Name: "vx0", Kind: "vxlan", Hardware: HardwareEther, Address: mac(4), MTU: 1450, Oper: OperDown, Counters: none},
		{Index: 8, Name: "mac0", Kind: "macvlan", Hardware: HardwareEther, Address: "\xc6\x16\x9c\xdb\xd4\x92", MTU: 1500, Oper: OperDown, Lower: 3, Counters: none},
	}
	if len(got) != len(want) {
		t.Fatalf("%d interfaces, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("interface %d\n got %+v\nwant %+v", want[i].Index, got[i], want[i])
		}
	}
}

// A machine's own dump has hardware, which has no kind.
func TestMachineDump(t *testing.T) {
	s := loadDump(t, "machine-links.hex", linksSeq)
	eth0 := s.Find(4)
	if eth0 == nil || eth0.Name != "eth0" || eth0.Kind != "" || eth0.Oper != OperUp || eth0.MTU != 1400 {
		t.Errorf("interface 4 = %+v, want eth0 without a kind, up, MTU 1400", eth0)
	}
	if got := s.Find(5); got != nil {
		t.Errorf("interface 5 = %+v, want none", got)
	}
}

func TestAddressDump(t *testing.T) {
	got := loadDump(t, "netns-addresses.hex", addressesSeq).Addresses
	ip := netip.MustParseAddr
	want := []Address{
		{IP: ip("127.0.0.1"), Bits: 8, Index: 1},
		{IP: ip("192.0.2.1"), Bits: 24, Index: 3, Broadcast: ip("192.0.2.255")},
		{IP: ip("192.0.2.9"), Bits: 25, Index: 4},
		{IP: ip("198.51.100.1"), Bits: 24, Index: 3},
		{IP: ip("203.0.113.1"), Bits: 32, Index: 5}, // the peer is 203.0.113.2
		{IP: ip("::1"), Bits: 128, Index: 1},
		{IP: ip("2001:db8::1"), Bits: 64, Index: 3},
		{IP: ip("fe80::5eff:fe10:1"), Bits: 64, Index: 3},
		{IP: ip("fe80::5eff:fe10:2"), Bits: 64, Index: 2},
		{IP: ip("fe80::5eff:fe10:3"), Bits: 64, Index: 4},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("addresses\n got %v\nwant %v", got, want)
	}
}

func TestParseAddress(t *testing.T) {
	header := func(bits byte) []byte { return append([]byte{2, bits, 0, 0}, u32(3)...) }
	ip := netip.MustParseAddr
	tests := []struct {
		name    string
		message []byte
		want    Address
		ok      bool
	}{
		{"own and broadcast", build(newAddress, 0, 0, header(24), addressPeer, []byte{192, 0, 2, 1}, addressLocal, []byte{192, 0, 2, 1}, addressBroadcast, []byte{192, 0, 2, 255}),
			Address{IP: ip("192.0.2.1"), Bits: 24, Index: 3, Broadcast: ip("192.0.2.255")}, true},
		{"own and peer", build(newAddress, 0, 0, header(32), addressPeer, []byte{192, 0, 2, 2}, addressLocal, []byte{192, 0, 2, 1}),
			Address{IP: ip("192.0.2.1"), Bits: 32, Index: 3}, true},
		{"a prefix longer than the address", build(newAddress, 0, 0, header(33), addressLocal, []byte{192, 0, 2, 1}), Address{}, false},
		{"of another family", build(newAddress, 0, 0, header(8), addressLocal, []byte{1, 2, 3}), Address{}, false},
		{"none", build(newAddress, 0, 0, header(8)), Address{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok, err := parseAddress(tt.message[messageHeaderSize:])
			if err != nil || ok != tt.ok || ok && got != tt.want {
				t.Errorf("parseAddress = %+v, %t, %v; want %+v, %t", got, ok, err, tt.want, tt.ok)
			}
		})
	}
}

// A dump that was interrupted may list an interface twice.
func TestSort(t *testing.T) {
	s := &Snapshot{
		Interfaces: []Interface{{Index: 3}, {Index: 1}, {Index: 3}, {Index: 2}},
		Addresses:  []Address{{IP: netip.MustParseAddr("192.0.2.10"), Index: 3}, {IP: netip.MustParseAddr("192.0.2.9"), Index: 3}, {IP: netip.MustParseAddr("192.0.2.9"), Index: 1}},
	}
	s.sort()
	var got []int32
	for _, i := range s.Interfaces {
		got = append(got, i.Index)
	}
	for _, a := range s.Addresses {
		got = append(got, int32(a.IP.As4()[3]), a.Index)
	}
	if want := []int32{1, 2, 3, 9, 1, 9, 3, 10, 3}; !slices.Equal(got, want) {
		t.Errorf("sorted: %v, want %v", got, want)
	}
}

// A scriptedConn answers each request with the next of the prepared dumps, given
// as functions of the request's sequence number.
type scriptedConn struct {
	answers []func(seq uint32) [][]byte
	queue   [][]byte
	sent    int
}

func (c *scriptedConn) send(request []byte) error {
	if c.sent == len(c.answers) {
		return errors.New("one request too many")
	}
	c.queue = append(c.queue, c.answers[c.sent](binary.NativeEndian.Uint32(request[8:]))...)
	c.sent++
	return nil
}

func (c *scriptedConn) receive() ([]byte, error) {
	if len(c.queue) == 0 {
		return nil, errors.New("nothing to receive")
	}
	b := c.queue[0]
	c.queue = c.queue[1:]
	return b, nil
}

func TestReadDump(t *testing.T) {
	link := func(seq uint32, flags uint16, index int32) []byte {
		return build(newLink, flags, seq, linkHeader(HardwareEther, index, 0), linkName, []byte("x"))
	}
	done := func(seq uint32) []byte { return build(messageDone, 0, seq, u32(0)) }
	whole := func(seq uint32) [][]byte { return [][]byte{link(seq, 0, 1), link(seq, 0, 2), done(seq)} }
	interrupted := func(seq uint32) [][]byte { return [][]byte{link(seq, flagInterrupted, 1), done(seq)} }
	late := func(seq uint32) [][]byte { return append([][]byte{link(seq-1, 0, 9), done(seq - 1)}, whole(seq)...) }
	refused := func(seq uint32) [][]byte {
		errno := -int32(syscall.EPERM)
		return [][]byte{build(messageError, 0, seq, u32(uint32(errno)))}
	}
	broken := func(seq uint32) [][]byte { return [][]byte{link(seq, 0, 1), {1, 2, 3}} }
	type answers = []func(uint32) [][]byte
	tests := []struct {
		name    string
		answers answers
		want    int // interfaces
		sent    int
		fails   bool
	}{
		{"at once", answers{whole}, 2, 1, false},
		{"interrupted once", answers{interrupted, whole}, 2, 2, false},
		{"interrupted as often as is tried", answers{interrupted, interrupted, interrupted, interrupted}, 1, interruptedTries, false},
		{"after answers to an earlier request", answers{late}, 2, 1, false},
		{"refused", answers{refused}, 0, 1, true},
		{"broken", answers{broken}, 0, 1, true},
		{"cut off", answers{func(seq uint32) [][]byte { return whole(seq)[:2] }}, 0, 1, true},
		{"cannot send", nil, 0, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &scriptedConn{answers: tt.answers}
			s, seq := &Snapshot{}, uint32(1<<32-2)
			err := readDump(c, getLink, &seq, s)
			if (err != nil) != tt.fails || len(s.Interfaces) != tt.want || c.sent != tt.sent {
				t.Errorf("%d interfaces after %d requests, %v; want %d after %d, an error: %t", len(s.Interfaces), c.sent, err, tt.want, tt.sent, tt.fails)
			}
		})
	}
}

// build assembles a message; attrs are pairs of a type and octets.
func build(kind, flags uint16, seq uint32, header []byte, attrs ...any) []byte {
	body := bytes.Clone(header)
	for i := 0; i < len(attrs); i += 2 {
		body = append(body, buildAttr(uint16(attrs[i].(int)), attrs[i+1].([]byte))...)
	}
	b := make([]byte, messageHeaderSize, messageHeaderSize+len(body))
	binary.NativeEndian.PutUint32(b, uint32(messageHeaderSize+len(body)))
	binary.NativeEndian.PutUint16(b[4:], kind)
	binary.NativeEndian.PutUint16(b[6:], flags)
	binary.NativeEndian.PutUint32(b[8:], seq)
	return append(b, body...)
}

func buildAttr(kind uint16, value []byte) []byte {
	b := make([]byte, attrHeaderSize, attrHeaderSize+len(value)+netlinkAlign)
	binary.NativeEndian.PutUint16(b, uint16(attrHeaderSize+len(value)))
	binary.NativeEndian.PutUint16(b[2:], kind)
	b = append(b, value...)
	return append(b, make([]byte, aligned(len(b))-len(b))...)
}

func u32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// linkHeader is an ifinfomsg.
func linkHeader(hardware uint16, index int32, flags uint32) []byte {
	b := make([]byte, linkHeaderSize)
	binary.NativeEndian.PutUint16(b[2:], hardware)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	return b
}

// stats is an rtnl_link_stats or rtnl_link_stats64 in which counter i is
// first+i.
func stats(width int, first uint64) []byte {
	var b []byte
	for i := range uint64(statsUsed) {
		if width == 32 {
			b = binary.NativeEndian.AppendUint32(b, uint32(first+i))
		} else {
			b = binary.NativeEndian.AppendUint64(b, first+i)
		}
	}
	return b
}

// RFC 2863 §3.1.8: unicasts and multicasts are counted apart.
func TestParseLinkCounters(t *testing.T) {
	from := func(first uint64, width int) Counters {
		return Counters{
			Width:    width,
			InOctets: first + 2, InUcast: 0, InMulticast: first + 8, InDiscards: 2*first + 6 + 15, InErrors: first + 4,
			OutOctets: first + 3, OutUcast: first + 1, OutDiscards: first + 7, OutErrors: first + 5,
		}
	}
	tests := []struct {
		name  string
		attrs []any
		want  Counters
	}{
		{"none", nil, Counters{}},
		{"64 bits", []any{linkStats64, stats(64, 1<<40)}, from(1<<40, 64)},
		{"32 bits alone", []any{linkStats, stats(32, 100)}, from(100, 32)},
		{"both", []any{linkStats, stats(32, 100), linkStats64, stats(64, 1<<40)}, from(1<<40, 64)},
		{"both, the other way round", []any{linkStats64, stats(64, 1<<40), linkStats, stats(32, 100)}, from(1<<40, 64)},
		{"longer than known", []any{linkStats64, append(stats(64, 5), make([]byte, 64)...)}, from(5, 64)},
		{"too short", []any{linkStats64, stats(64, 5)[:15*8]}, Counters{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			attrs := append([]any{linkName, []byte("eth0\x00")}, tt.attrs...)
			i, err := parseLink(build(newLink, 0, 0, linkHeader(HardwareEther, 2, 0), attrs...)[messageHeaderSize:])
			if err != nil || i.Counters != tt.want {
				t.Errorf("counters %+v, %v\n want %+v", i.Counters, err, tt.want)
			}
		})
	}
}

func TestParseLinkLower(t *testing.T) {
	kind := func(s string) []byte { return buildAttr(linkInfoKind, []byte(s)) }
	tests := []struct {
		name  string
		attrs []any
		want  int32
	}{
		{"nothing below", nil, 0},
		{"VLAN", []any{linkLower, u32(2), linkInfo, kind("vlan")}, 2},
		{"veth, in an attribute that is marked as nested", []any{linkLower, u32(2), linkInfo | 0x8000, kind("veth")}, 0},
		{"itself", []any{linkLower, u32(9)}, 0},
		{"the other end of a veth", []any{linkLower, u32(2), linkInfo, kind("veth")}, 0},
		{"in another network namespace", []any{linkLower, u32(2), linkNetnsID, u32(0), linkInfo, kind("macvlan")}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			attrs := append([]any{linkName, []byte("x")}, tt.attrs...)
			i, err := parseLink(build(newLink, 0, 0, linkHeader(HardwareEther, 9, 0), attrs...)[messageHeaderSize:])
			if err != nil || i.Lower != tt.want {
				t.Errorf("Lower = %d, %v; want %d", i.Lower, err, tt.want)
			}
		})
	}
}

// RFC 2863 §3.1.13 and §3.1.14: what ifOperStatus says for each of the kernel's states.
func TestOperState(t *testing.T) {
	tests := []struct {
		name        string
		kernel      uint8
		up, running bool
		want        OperState
	}{
		{"no state, as lo and tun report", 0, true, true, OperUp},
		{"no state and no carrier", 0, true, false, OperDown},
		{"no state, admin down", 0, false, false, OperDown},
		{"not present", 1, true, false, OperNotPresent},
		{"not present, admin down", 1, false, false, OperNotPresent},
		{"down", 2, true, false, OperDown},
		{"lower layer down", 3, true, false, OperLowerLayerDown},
		{"lower layer down, admin down", 3, false, false, OperDown},
		{"testing", 4, true, false, OperTesting},
		{"dormant", 5, true, false, OperDormant},
		{"dormant, admin down", 5, false, false, OperDown},
		{"up", 6, true, true, OperUp},
		{"up, admin down", 6, false, true, OperDown},
		{"a state of a later kernel", 7, true, true, OperUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := operState(tt.kernel, tt.up, tt.running); got != tt.want {
				t.Errorf("operState(%d, %t, %t) = %d, want %d", tt.kernel, tt.up, tt.running, got, tt.want)
			}
		})
	}
}

func TestDump(t *testing.T) {
	eth0 := build(newLink, 0, 3, linkHeader(HardwareEther, 2, flagUp), linkName, []byte("eth0\x00"))
	done := build(messageDone, 0, 3, u32(0))
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	refusal := int32(-13)
	tests := []struct {
		name        string
		datagram    []byte
		links       int
		done        bool
		interrupted bool
		err         error
	}{
		{"a link and the end", join(eth0, done), 1, true, false, nil},
		{"not finished", eth0, 1, false, false, nil},
		{"empty", nil, 0, false, false, nil},
		{"the end without an error number", build(messageDone, 0, 3, nil), 0, true, false, nil},
		{"what follows the end", join(done, eth0), 0, true, false, nil},
		{"the answer to another request", build(newLink, 0, 2, linkHeader(HardwareEther, 2, 0), linkName, []byte("x")), 0, false, false, nil},
		{"changed meanwhile", join(build(newLink, flagInterrupted, 3, linkHeader(HardwareEther, 2, 0), linkName, []byte("x")), done), 1, true, true, nil},
		{"refused", build(messageError, 0, 3, u32(uint32(refusal))), 0, false, false, syscall.EACCES},
		{"failed at the end", build(messageDone, 0, 3, u32(uint32(refusal))), 0, false, false, syscall.EACCES},
		{"half a header", eth0[:10], 0, false, false, errTruncated},
		{"half a message", eth0[:len(eth0)-1], 0, false, false, errTruncated},
		{"a message shorter than its header", join(u32(15), eth0[4:]), 0, false, false, errTruncated},
		{"a length near 2^32", join(u32(0xFFFFFFFD), eth0[4:]), 0, false, false, errTruncated},
		{"no link header", build(newLink, 0, 3, nil), 0, false, false, errTruncated},
		{"no address header", build(newAddress, 0, 3, u32(0)), 0, false, false, errTruncated},
		{"half an attribute header", build(newLink, 0, 3, append(linkHeader(1, 2, 0), 1, 2)), 0, false, false, errTruncated},
		{"an attribute beyond the message", build(newLink, 0, 3, append(linkHeader(1, 2, 0), 9, 0, 3, 0)), 0, false, false, errTruncated},
		{"an attribute shorter than its header", build(newLink, 0, 3, append(linkHeader(1, 2, 0), 3, 0, 3, 0)), 0, false, false, errTruncated},
		{"a bad nested attribute", build(newLink, 0, 3, linkHeader(1, 2, 0), linkInfo, []byte{9, 0, 1, 0}), 0, false, false, errTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := dump{seq: 3, into: &Snapshot{}}
			err := d.add(tt.datagram)
			if !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if len(d.into.Interfaces) != tt.links || d.done != tt.done || d.interrupted != tt.interrupted {
				t.Errorf("%d links, done %t, interrupted %t; want %d, %t, %t",
					len(d.into.Interfaces), d.done, d.interrupted, tt.links, tt.done, tt.interrupted)
			}
		})
	}
	for _, tt := range []struct {
		name string
		link []byte
	}{
		{"no name", build(newLink, 0, 3, linkHeader(HardwareEther, 2, 0))},
		{"index 0", build(newLink, 0, 3, linkHeader(HardwareEther, 0, 0), linkName, []byte("x"))},
		{"an acknowledgement", build(messageError, 0, 3, u32(0))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := dump{seq: 3, into: &Snapshot{}}
			if err := d.add(tt.link); err == nil {
				t.Error("no error")
			}
		})
	}
}

// FuzzDump feeds arbitrary datagrams. It must not panic, and what it accepts
// must be rows that objects can be made of: an index and a name each, addresses
// with a prefix that fits.
func FuzzDump(f *testing.F) {
	for _, name := range []string{"netns-links.hex", "netns-addresses.hex", "machine-links.hex", "machine-addresses.hex"} {
		for _, datagram := range readDatagrams(f, name) {
			f.Add(datagram)
		}
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		for _, seq := range []uint32{linksSeq, addressesSeq} {
			d := dump{seq: seq, into: &Snapshot{}}
			_ = d.add(datagram)
			d.into.sort()
			for _, i := range d.into.Interfaces {
				if i.Index < 1 || i.Name == "" || i.Oper < OperUp || i.Oper > OperLowerLayerDown {
					t.Errorf("accepted interface %+v", i)
				}
				if found := d.into.Find(i.Index); found == nil || found.Index != i.Index {
					t.Errorf("Find(%d) = %v", i.Index, found)
				}
			}
			for _, a := range d.into.Addresses {
				if !a.IP.IsValid() || a.Bits > a.IP.BitLen() {
					t.Errorf("accepted address %+v", a)
				}
			}
		}
	})
}
