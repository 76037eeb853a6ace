package pcap

import (
	"encoding/binary"
	"net/netip"
)

// links has, for each link type, what finds the network layer in a frame.
var links = map[uint32]func(order binary.ByteOrder, frame []byte) (packet []byte, ok bool){
	0:   loopback,
	1:   ethernet,
	12:  raw,
	14:  raw,
	101: raw,
	108: loopback,
	113: cooked,
	228: raw,
	229: raw,
	276: cooked2,
}

// Protocol numbers in the link layer.
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86DD
	etherVLAN = 0x8100 // IEEE 802.1Q, a tag of four octets
	etherQinQ = 0x88A8 // IEEE 802.1ad, the same
)

// after returns b without its first n octets.
func after(b []byte, n int) ([]byte, bool) {
	if len(b) < n {
		return nil, false
	}
	return b[n:], true
}

func ethernet(_ binary.ByteOrder, frame []byte) ([]byte, bool) {
	rest, ok := after(frame, 12)
	for ok && len(rest) >= 2 {
		switch binary.BigEndian.Uint16(rest) {
		case etherIPv4, etherIPv6:
			return rest[2:], true
		case etherVLAN, etherQinQ:
			rest, ok = after(rest, 4)
		default:
			return nil, false
		}
	}
	return nil, false
}

func raw(_ binary.ByteOrder, frame []byte) ([]byte, bool) { return frame, true }

// loopback frames begin with an address family, in the byte order of the machine
// that captured or in network order. IP's own version says as much.
func loopback(_ binary.ByteOrder, frame []byte) ([]byte, bool) { return after(frame, 4) }

// cooked frames have the protocol at offset 14 of a header of 16 octets.
func cooked(_ binary.ByteOrder, frame []byte) ([]byte, bool) {
	rest, ok := after(frame, 16)
	return rest, ok && isIP(binary.BigEndian.Uint16(frame[14:]))
}

// cooked2 frames have it at offset 0 of a header of 20 octets.
func cooked2(_ binary.ByteOrder, frame []byte) ([]byte, bool) {
	rest, ok := after(frame, 20)
	return rest, ok && isIP(binary.BigEndian.Uint16(frame))
}

func isIP(protocol uint16) bool { return protocol == etherIPv4 || protocol == etherIPv6 }

func parseFrame(link uint32, order binary.ByteOrder, frame []byte) (Datagram, bool) {
	packet, ok := links[link](order, frame)
	if !ok || len(packet) == 0 {
		return Datagram{}, false
	}
	switch packet[0] >> 4 {
	case 4:
		return parseIPv4(packet)
	case 6:
		return parseIPv6(packet)
	}
	return Datagram{}, false
}

// Protocol numbers in IP.
const (
	protocolHopByHop    = 0
	protocolUDP         = 17
	protocolRouting     = 43
	protocolFragment    = 44
	protocolDestination = 60
)

// parseIPv4 reads a packet by RFC 791 §3.1.
func parseIPv4(p []byte) (Datagram, bool) {
	if len(p) < 20 {
		return Datagram{}, false
	}
	header, total := int(p[0]&0x0F)*4, int(binary.BigEndian.Uint16(p[2:]))
	if header < 20 || header > len(p) || total < header || p[9] != protocolUDP {
		return Datagram{}, false
	}
	if binary.BigEndian.Uint16(p[6:])&0x1FFF != 0 { // a fragment, but not the first
		return Datagram{}, false
	}
	source, destination := netip.AddrFrom4([4]byte(p[12:])), netip.AddrFrom4([4]byte(p[16:]))
	return parseUDP(p[header:min(total, len(p))], source, destination)
}

// parseIPv6 reads a packet by RFC 8200 §3 and §4.
func parseIPv6(p []byte) (Datagram, bool) {
	if len(p) < 40 {
		return Datagram{}, false
	}
	next := p[6]
	rest := p[40:]
	if length := int(binary.BigEndian.Uint16(p[4:])); length < len(rest) {
		rest = rest[:length]
	}
	source, destination := netip.AddrFrom16([16]byte(p[8:])), netip.AddrFrom16([16]byte(p[24:]))
	for next != protocolUDP {
		if len(rest) < 8 {
			return Datagram{}, false
		}
		size := 8
		switch next {
		case protocolHopByHop, protocolRouting, protocolDestination:
			size += 8 * int(rest[1])
		case protocolFragment:
			if binary.BigEndian.Uint16(rest[2:])>>3 != 0 {
				return Datagram{}, false
			}
		default:
			return Datagram{}, false
		}
		next = rest[0]
		var ok bool
		if rest, ok = after(rest, size); !ok {
			return Datagram{}, false
		}
	}
	return parseUDP(rest, source, destination)
}

// parseUDP reads a datagram by RFC 768.
func parseUDP(p []byte, source, destination netip.Addr) (Datagram, bool) {
	if len(p) < 8 {
		return Datagram{}, false
	}
	length := int(binary.BigEndian.Uint16(p[4:]))
	if length < 8 {
		return Datagram{}, false
	}
	return Datagram{
		Source:      netip.AddrPortFrom(source, binary.BigEndian.Uint16(p)),
		Destination: netip.AddrPortFrom(destination, binary.BigEndian.Uint16(p[2:])),
		Payload:     p[8:min(length, len(p))],
		Missing:     max(0, length-len(p)),
	}, true
}
