package pcap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// file returns a capture with the frames.
func file(order binary.AppendByteOrder, magic, link uint32, frames ...[]byte) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(b, maxFrame)
	b = order.AppendUint32(b, link)
	for i, f := range frames {
		b = order.AppendUint32(b, 1700000000+uint32(i))
		b = order.AppendUint32(b, 123)
		b = order.AppendUint32(b, uint32(len(f)))
		b = order.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

func udp(source, destination uint16, payload string) []byte {
	b := binary.BigEndian.AppendUint16(nil, source)
	b = binary.BigEndian.AppendUint16(b, destination)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

func ip4(body []byte) []byte {
	b := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 9}
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
	return append(b, body...)
}

func ip6(next byte, body []byte) []byte {
	b := []byte{0x60, 0, 0, 0, 0, 0, next, 64}
	binary.BigEndian.PutUint16(b[4:], uint16(len(body)))
	for _, a := range []string{"2001:db8::1", "2001:db8::9"} {
		b = append(b, netip.MustParseAddr(a).AsSlice()...)
	}
	return append(b, body...)
}

func behind(header string, packet []byte) []byte { return append([]byte(header), packet...) }

const macs = "\x02\x00\x5e\x10\x00\x01\x02\x00\x5e\x10\x00\x02"

func read(t *testing.T, b []byte) (string, error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	var s strings.Builder
	for d, err := range r.Datagrams() {
		if err != nil {
			return s.String(), err
		}
		fmt.Fprintf(&s, "%d %v>%v %q", d.Frame, d.Source, d.Destination, d.Payload)
		if d.Missing > 0 {
			fmt.Fprintf(&s, " -%d", d.Missing)
		}
		s.WriteString("\n")
	}
	return s.String(), nil
}

func TestLinkTypes(t *testing.T) {
	const v4, v6 = "1 192.0.2.1:161>192.0.2.9:4000 \"hi\"\n", "1 [2001:db8::1]:161>[2001:db8::9]:4000 \"hi\"\n"
	d := udp(161, 4000, "hi")
	tests := []struct {
		name  string
		link  uint32
		frame []byte
		want  string
	}{
		{"Ethernet", 1, behind(macs+"\x08\x00", ip4(d)), v4},
		{"Ethernet, padded", 1, append(behind(macs+"\x08\x00", ip4(d)), 0, 0, 0), v4},
		{"Ethernet, IPv6", 1, behind(macs+"\x86\xDD", ip6(17, d)), v6},
		{"Ethernet, VLAN", 1, behind(macs+"\x81\x00\x00\x05\x08\x00", ip4(d)), v4},
		{"Ethernet, two VLANs", 1, behind(macs+"\x88\xA8\x00\x05\x81\x00\x00\x06\x08\x00", ip4(d)), v4},
		{"Ethernet, ARP", 1, behind(macs+"\x08\x06", ip4(d)), ""},
		{"Ethernet, cut off", 1, []byte(macs + "\x08"), ""},
		{"raw", 101, ip4(d), v4},
		{"raw, IPv6", 229, ip6(17, d), v6},
		{"raw of BSD", 12, ip4(d), v4},
		{"loopback", 0, behind("\x02\x00\x00\x00", ip4(d)), v4},
		{"loopback of OpenBSD", 108, behind("\x00\x00\x00\x18", ip6(17, d)), v6},
		{"cooked", 113, behind(strings.Repeat("\x00", 14)+"\x08\x00", ip4(d)), v4},
		{"cooked, ARP", 113, behind(strings.Repeat("\x00", 14)+"\x08\x06", ip4(d)), ""},
		{"cooked, version 2", 276, behind("\x86\xDD"+strings.Repeat("\x00", 18), ip6(17, d)), v6},
		{"cooked, cut off", 113, []byte("\x00\x00"), ""},
		{"FCS bits in the link type", 0x54000001, behind(macs+"\x08\x00", ip4(d)), v4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				got, err := read(t, file(order, magicMicroseconds, test.link, test.frame))
				if err != nil || got != test.want {
					t.Errorf("got %q, %v, want %q", got, err, test.want)
				}
			}
		})
	}
}

func TestIP(t *testing.T) {
	d := udp(161, 4000, "hi")
	change := func(b []byte, at int, octets ...byte) []byte {
		copy(b[at:], octets)
		return b
	}
	const v4, v6 = "1 192.0.2.1:161>192.0.2.9:4000 \"hi\"\n", "1 [2001:db8::1]:161>[2001:db8::9]:4000 \"hi\"\n"
	tests := []struct {
		name  string
		frame []byte
		want  string
	}{
		{"IPv4 with options", change(append(append(ip4(nil), 1, 1, 1, 1), d...), 0, 0x46, 0, 0, 34), v4},
		{"IPv4, TCP", change(ip4(d), 9, 6), ""},
		{"IPv4, header too short", change(ip4(d), 0, 0x44), ""},
		{"IPv4, header too long", change(ip4(d), 0, 0x4F), ""},
		{"IPv4, total length too short", change(ip4(d), 2, 0, 19), ""},
		{"IPv4, first fragment", change(ip4(udp(161, 4000, "hello")[:10]), 6, 0x20, 0), "1 192.0.2.1:161>192.0.2.9:4000 \"he\" -3\n"},
		{"IPv4, later fragment", change(ip4(d), 6, 0, 1), ""},
		{"IPv4, cut off", ip4(d)[:29], "1 192.0.2.1:161>192.0.2.9:4000 \"h\" -1\n"},
		{"IPv6, hop by hop and destination options", ip6(0, append([]byte{60, 0, 1, 4, 0, 0, 0, 0, 17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, d...)), v6},
		{"IPv6, first fragment", ip6(44, append([]byte{17, 0, 0, 1, 0, 0, 0, 1}, d...)), v6},
		{"IPv6, later fragment", ip6(44, append([]byte{17, 0, 0, 9, 0, 0, 0, 1}, d...)), ""},
		{"IPv6, ICMP", ip6(58, d), ""},
		{"IPv6, extension that is too long", ip6(0, append([]byte{17, 200, 1, 4, 0, 0, 0, 0}, d...)), ""},
		{"IPv6, extensions without end", ip6(0, make([]byte, 80)), ""},
		{"UDP, no room for its header", ip4(d[:7]), ""},
		{"UDP, length below its header", ip4(change(udp(1, 2, "hi"), 4, 0, 7)), ""},
		{"UDP, empty", ip4(udp(161, 4000, "")), "1 192.0.2.1:161>192.0.2.9:4000 \"\"\n"},
		{"another version", []byte{0x50, 0, 0}, ""},
		{"nothing", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, file(binary.LittleEndian, magicNanoseconds, 101, test.frame))
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestTime(t *testing.T) {
	for magic, want := range map[uint32]string{magicMicroseconds: "2023-11-14T22:13:20.000123Z", magicNanoseconds: "2023-11-14T22:13:20.000000123Z"} {
		r, err := NewReader(bytes.NewReader(file(binary.BigEndian, magic, 101, ip4(udp(1, 2, "")))))
		if err != nil {
			t.Fatal(err)
		}
		for d, err := range r.Datagrams() {
			if got := d.Time.Format("2006-01-02T15:04:05.999999999Z07:00"); err != nil || got != want {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	frame := ip4(udp(161, 4000, "hi"))
	good := file(binary.LittleEndian, magicMicroseconds, 101, frame, frame)
	long := bytes.Clone(good)
	binary.LittleEndian.PutUint32(long[24+8:], maxFrame+1)
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "the header of 24 octets is not complete"},
		{"text", []byte(strings.Repeat("30 29 ", 10)), "it begins with 33 30 20 32"},
		{"pcapng", append([]byte{0x0A, 0x0D, 0x0D, 0x0A}, make([]byte, 30)...), "editcap"},
		{"link type", file(binary.BigEndian, magicMicroseconds, 105), "link type 105"},
		{"cut off in a frame", good[:len(good)-1], "frame 2: it is cut off"},
		{"cut off in a frame's header", good[:24+16+len(frame)+5], "frame 2: its header is cut off"},
		{"a frame that is too long", long, "frame 1: its length is 262145"},
	}
	for _, test := range tests {
		_, err := read(t, test.file)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	if _, err := NewReader(strings.NewReader("")); !errors.Is(err, ErrFormat) {
		t.Errorf("error %v is not ErrFormat", err)
	}
	if !Is(good) || !Is(file(binary.BigEndian, magicNanoseconds, 1)) || Is([]byte("30 29")) || Is(nil) {
		t.Error("Is is wrong")
	}
}

// FuzzReader: nothing panics, and no datagram is longer than the file.
func FuzzReader(f *testing.F) {
	for link := range links {
		f.Add(file(binary.LittleEndian, magicMicroseconds, link, ip4(udp(161, 4000, "hi")), ip6(0, make([]byte, 40))))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		n := 0
		for d, err := range r.Datagrams() {
			if err != nil {
				break
			}
			n += 16 + len(d.Payload)
			if d.Missing < 0 || !d.Source.IsValid() || !d.Destination.IsValid() {
				t.Errorf("datagram %+v", d)
			}
		}
		if n > len(b) {
			t.Errorf("%d octets of datagrams in a file of %d", n, len(b))
		}
	})
}
