package transport

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"testing"
)

func TestPktinfoRoundTrip(t *testing.T) {
	for _, test := range []struct {
		name    string
		local   string
		ipv4    bool
		ifIndex int
	}{
		{"IPv4", "192.0.2.1", true, 3},
		{"IPv4 without interface", "192.0.2.1", true, 0},
		{"interface only, IPv4", "", true, 7},
		{"IPv6", "2001:db8::1", false, 3},
		{"IPv6 link-local", "fe80::1", false, 1 << 30},
		{"interface only, IPv6", "", false, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			var local netip.Addr
			if test.local != "" {
				local = netip.MustParseAddr(test.local)
			}
			var buf [controlSize]byte
			for i := range buf {
				buf[i] = 0xff // what the packet before left
			}
			control := putPktinfo(&buf, test.ipv4, local, test.ifIndex)

			// The kernel's own rules, as package syscall has them.
			messages, err := syscall.ParseSocketControlMessage(control)
			if err != nil || len(messages) != 1 {
				t.Fatalf("syscall finds %d messages, %v", len(messages), err)
			}
			m := messages[0]
			wantLevel, wantType, wantSize := int32(syscall.IPPROTO_IPV6), int32(syscall.IPV6_PKTINFO), syscall.SizeofInet6Pktinfo
			if test.ipv4 {
				wantLevel, wantType, wantSize = syscall.IPPROTO_IP, syscall.IP_PKTINFO, syscall.SizeofInet4Pktinfo
			}
			if m.Header.Level != wantLevel || m.Header.Type != wantType || len(m.Data) != wantSize || len(control) != syscall.CmsgSpace(wantSize) {
				t.Errorf("syscall reads %+v with %d octets of %d", m.Header, len(m.Data), len(control))
			}

			gotLocal, gotIndex := parsePktinfo(control)
			if gotLocal != local || gotIndex != test.ifIndex {
				t.Errorf("read back as %v, %d, want %v, %d", gotLocal, gotIndex, local, test.ifIndex)
			}
		})
	}
}

// control joins messages as the kernel lays them out.
func control(messages ...[]byte) []byte {
	var all []byte
	for _, m := range messages {
		all = append(all, m...)
		all = append(all, make([]byte, align(len(m))-len(m))...)
	}
	return all
}

// message makes one message, which says that it is length octets long.
func message(length, level, kind uint32, content []byte) []byte {
	var header [controlSize]byte
	putCmsgHeader(header[:], level, kind, length-syscall.SizeofCmsghdr)
	return append(header[:syscall.SizeofCmsghdr:syscall.SizeofCmsghdr], content...)
}

func TestParsePktinfo(t *testing.T) {
	const header = syscall.SizeofCmsghdr
	info4 := func(index uint32, specDst, addr string) []byte {
		b := binary.NativeEndian.AppendUint32(nil, index)
		b = append(b, netip.MustParseAddr(specDst).AsSlice()...)
		return append(b, netip.MustParseAddr(addr).AsSlice()...)
	}
	info6 := func(addr string, index uint32) []byte {
		return binary.NativeEndian.AppendUint32(netip.MustParseAddr(addr).AsSlice(), index)
	}
	ip4 := message(header+12, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.1"))
	other := message(header+5, syscall.SOL_SOCKET, 99, []byte("other"))
	for _, test := range []struct {
		name    string
		control []byte
		local   string
		ifIndex int
	}{
		{"nothing", nil, "", 0},
		{"IPv4", control(ip4), "192.0.2.1", 3},
		{"IPv4 broadcast answers from our address",
			control(message(header+12, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.255"))), "192.0.2.1", 3},
		{"IPv4 with no address to answer from",
			control(message(header+12, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "0.0.0.0", "255.255.255.255"))), "", 3},
		{"IPv6", control(message(header+20, syscall.IPPROTO_IPV6, syscall.IPV6_PKTINFO, info6("2001:db8::1", 4))), "2001:db8::1", 4},
		{"IPv6 multicast", control(message(header+20, syscall.IPPROTO_IPV6, syscall.IPV6_PKTINFO, info6("ff02::1", 4))), "", 4},
		{"mapped", control(message(header+20, syscall.IPPROTO_IPV6, syscall.IPV6_PKTINFO, info6("::ffff:192.0.2.1", 4))), "192.0.2.1", 4},
		{"after another, padded", control(other, ip4), "192.0.2.1", 3},
		{"before another", control(ip4, other), "192.0.2.1", 3},
		{"last padding missing", ip4[:header+12], "192.0.2.1", 3},
		{"another type", control(message(header+12, syscall.IPPROTO_IP, syscall.IP_TTL, info4(3, "192.0.2.1", "192.0.2.1"))), "", 0},
		{"another level", control(message(header+12, syscall.SOL_SOCKET, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.1"))), "", 0},
		{"content short", control(message(header+8, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.1")[:8])), "", 0},
		{"header cut", ip4[:header-1], "", 0},
		{"content cut", ip4[:header+11], "", 0},
		{"length below the header", control(message(header-1, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.1"))), "", 0},
		{"length 0", make([]byte, controlSize), "", 0},
		{"length beyond the end", control(message(1<<31-1, syscall.IPPROTO_IP, syscall.IP_PKTINFO, info4(3, "192.0.2.1", "192.0.2.1"))), "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want netip.Addr
			if test.local != "" {
				want = netip.MustParseAddr(test.local)
			}
			local, ifIndex := parsePktinfo(test.control)
			if local != want || ifIndex != test.ifIndex {
				t.Errorf("parsed as %v, %d, want %v, %d", local, ifIndex, want, test.ifIndex)
			}
		})
	}
}

// TestParsePktinfoRandom holds that no control data makes the parser panic or
// find what package syscall does not.
func TestParsePktinfoRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 20000 {
		var buf [controlSize]byte
		ipv4 := random.IntN(2) == 0
		local := netip.MustParseAddr("2001:db8::1")
		if ipv4 {
			local = netip.MustParseAddr("192.0.2.1")
		}
		b := putPktinfo(&buf, ipv4, local, 1+random.IntN(9))
		b = b[:random.IntN(len(b)+1)]
		for range random.IntN(3) {
			if len(b) > 0 {
				b[random.IntN(min(len(b), syscall.SizeofCmsghdr))] = byte(random.Uint32())
			}
		}
		_, ifIndex := parsePktinfo(b)
		if ifIndex == 0 {
			continue
		}
		found++
		if messages, err := syscall.ParseSocketControlMessage(b); err != nil || len(messages) == 0 {
			t.Fatalf("%x has a pktinfo, says the parser; %v, says package syscall", b, err)
		}
	}
	if found == 0 {
		t.Errorf("none of the control data was valid: nothing was compared")
	}
}
