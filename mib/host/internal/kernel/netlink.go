package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
)

// The part of rtnetlink (RFC 3549 §2 and §3; linux/netlink.h, rtnetlink.h,
// if_link.h, if_addr.h) that a dump of links and addresses uses. All integers
// are in the host's byte order, and messages and attributes begin at multiples
// of four octets, so that eight-octet counters may be misaligned. The numbers
// are given here, as package syscall lacks some and has none outside Linux.
const (
	netlinkAlign = 4

	messageHeaderSize = 16 // nlmsghdr
	attrHeaderSize    = 4  // rtattr
	linkHeaderSize    = 16 // ifinfomsg
	addressHeaderSize = 8  // ifaddrmsg

	messageError = 2 // NLMSG_ERROR
	messageDone  = 3 // NLMSG_DONE

	newLink    = 16 // RTM_NEWLINK
	getLink    = 18 // RTM_GETLINK
	newAddress = 20 // RTM_NEWADDR
	getAddress = 22 // RTM_GETADDR

	flagRequest     = 0x1   // NLM_F_REQUEST
	flagInterrupted = 0x10  // NLM_F_DUMP_INTR
	flagDump        = 0x300 // NLM_F_ROOT | NLM_F_MATCH
)

// Flags of an interface (linux/if.h).
const (
	flagUp       = 0x1
	flagLoopback = 0x8
	flagRunning  = 0x40
	flagPromisc  = 0x100
)

// Attributes of a link, IFLA_ in linux/if_link.h.
const (
	linkAddress        = 1
	linkName           = 3
	linkMTU            = 4
	linkLower          = 5 // IFLA_LINK
	linkStats          = 7
	linkMaster         = 10
	linkOperState      = 16
	linkInfo           = 18
	linkAlias          = 20
	linkStats64        = 23
	linkPromiscuity    = 30
	linkCarrierChanges = 35
	linkNetnsID        = 37 // IFLA_LINK_NETNSID
	linkInfoKind       = 1  // nested in linkInfo
	attrTypeMask       = 0x3FFF
)

// Attributes of an address, IFA_ in linux/if_addr.h.
const (
	addressPeer      = 1 // IFA_ADDRESS: the peer's, or this machine's own
	addressLocal     = 2
	addressBroadcast = 4
)

// Positions in rtnl_link_stats and rtnl_link_stats64, which list the same
// counters, of four octets each in the one and eight in the other.
const (
	statRxPackets = iota
	statTxPackets
	statRxBytes
	statTxBytes
	statRxErrors
	statTxErrors
	statRxDropped
	statTxDropped
	statMulticast
	statCollisions
	statRxLength
	statRxOver
	statRxCRC
	statRxFrame
	statRxFIFO
	statRxMissed
	statsUsed
)

var errTruncated = errors.New("netlink: a length runs past the end of what holds it")

// A message is one netlink message; payload aliases the receive buffer.
type message struct {
	kind    uint16
	flags   uint16
	seq     uint32
	payload []byte
}

// messages walks over the messages of one datagram. It yields errTruncated
// where a length is impossible, and stops.
func messages(b []byte) iter.Seq2[message, error] {
	return func(yield func(message, error) bool) {
		for len(b) > 0 {
			if len(b) < messageHeaderSize {
				yield(message{}, errTruncated)
				return
			}
			size := int64(binary.NativeEndian.Uint32(b))
			if size < messageHeaderSize || size > int64(len(b)) {
				yield(message{}, errTruncated)
				return
			}
			m := message{
				kind:    binary.NativeEndian.Uint16(b[4:]),
				flags:   binary.NativeEndian.Uint16(b[6:]),
				seq:     binary.NativeEndian.Uint32(b[8:]),
				payload: b[messageHeaderSize:size],
			}
			if !yield(m, nil) {
				return
			}
			b = b[min(aligned(int(size)), len(b)):]
		}
	}
}

// An attribute is a type and its octets, which alias the receive buffer.
type attribute struct {
	kind  uint16 // without the flag bits
	value []byte
}

// attributes walks over the attributes that follow a message's fixed header,
// or are nested in another attribute.
func attributes(b []byte) iter.Seq2[attribute, error] {
	return func(yield func(attribute, error) bool) {
		for len(b) > 0 {
			if len(b) < attrHeaderSize {
				yield(attribute{}, errTruncated)
				return
			}
			size := int(binary.NativeEndian.Uint16(b))
			if size < attrHeaderSize || size > len(b) {
				yield(attribute{}, errTruncated)
				return
			}
			a := attribute{
				kind:  binary.NativeEndian.Uint16(b[2:]) & attrTypeMask,
				value: b[attrHeaderSize:size],
			}
			if !yield(a, nil) {
				return
			}
			b = b[min(aligned(size), len(b)):]
		}
	}
}

// aligned rounds a length up to where the next message or attribute begins.
func aligned(n int) int { return (n + netlinkAlign - 1) &^ (netlinkAlign - 1) }

// parseLink reads the payload of an RTM_NEWLINK message. The speed is not in it.
func parseLink(b []byte) (Interface, error) {
	if len(b) < linkHeaderSize {
		return Interface{}, fmt.Errorf("link: %w", errTruncated)
	}
	var i Interface
	i.Hardware = binary.NativeEndian.Uint16(b[2:])
	i.Index = int32(binary.NativeEndian.Uint32(b[4:]))
	flags := binary.NativeEndian.Uint32(b[8:])
	i.Up = flags&flagUp != 0
	i.Loopback = flags&flagLoopback != 0
	i.Promiscuous = flags&flagPromisc != 0
	var oper uint8
	foreignLower := false
	for a, err := range attributes(b[linkHeaderSize:]) {
		if err != nil {
			return Interface{}, fmt.Errorf("link %d: %w", i.Index, err)
		}
		switch a.kind {
		case linkAddress:
			i.Address = hardwareAddress(a.value)
		case linkName:
			i.Name = cString(a.value)
		case linkMTU:
			i.MTU = a.uint32()
		case linkLower:
			i.Lower = int32(a.uint32())
		case linkNetnsID:
			foreignLower = true
		case linkStats:
			// The dump lists the 32-bit counters first and the 64-bit ones
			// after them, but the order is not promised.
			if i.Counters.Width != 64 {
				i.Counters = parseStats(a.value, 32)
			}
		case linkStats64:
			i.Counters = parseStats(a.value, 64)
		case linkMaster:
			i.Master = int32(a.uint32())
		case linkOperState:
			if len(a.value) > 0 {
				oper = a.value[0]
			}
		case linkInfo:
			if i.Kind, err = parseKind(a.value); err != nil {
				return Interface{}, fmt.Errorf("link %d: %w", i.Index, err)
			}
		case linkAlias:
			i.Alias = cString(a.value)
		case linkPromiscuity:
			// The count of those who asked for it, the bridge and packet
			// sniffers among them, whom the flag does not show.
			i.Promiscuous = i.Promiscuous || a.uint32() > 0
		case linkCarrierChanges:
			i.CarrierChanges = a.uint32()
		}
	}
	if i.Index < 1 || i.Name == "" {
		return Interface{}, fmt.Errorf("netlink: link %d, %q: an interface needs an index of 1 or more and a name", i.Index, i.Name)
	}
	i.Oper = operState(oper, i.Up, flags&flagRunning != 0)
	if foreignLower || i.Lower == i.Index || i.Kind == "veth" {
		// In another network namespace that index means another interface; a
		// veth names its other end, which is beside it and not below.
		i.Lower = 0
	}
	return i, nil
}

// parseKind finds the kind of a virtual interface among the nested attributes
// of IFLA_LINKINFO.
func parseKind(b []byte) (string, error) {
	for a, err := range attributes(b) {
		if err != nil {
			return "", err
		}
		if a.kind == linkInfoKind {
			return cString(a.value), nil
		}
	}
	return "", nil
}

// parseStats reads rtnl_link_stats (width 32) or rtnl_link_stats64 (width 64).
// Later kernels append to both; one that is too short is no counters at all.
func parseStats(b []byte, width int) Counters {
	octets := width / 8
	if len(b) < statsUsed*octets {
		return Counters{}
	}
	at := func(i int) uint64 {
		if width == 32 {
			return uint64(binary.NativeEndian.Uint32(b[i*octets:]))
		}
		return binary.NativeEndian.Uint64(b[i*octets:])
	}
	c := Counters{
		Width:       width,
		InOctets:    at(statRxBytes),
		InMulticast: at(statMulticast),
		// Discarded by the host (no memory, no protocol) or missed by the
		// hardware (no buffer): /proc/net/dev adds the two up as "drop".
		InDiscards:  at(statRxDropped) + at(statRxMissed),
		InErrors:    at(statRxErrors),
		OutOctets:   at(statTxBytes),
		OutUcast:    at(statTxPackets),
		OutDiscards: at(statTxDropped),
		OutErrors:   at(statTxErrors),
	}
	c.InUcast = unicast(at(statRxPackets), c.InMulticast)
	return c
}

// unicast is the number of packets that were not multicast. The two counts are
// not read at the same instant, so the part may exceed the whole for once.
func unicast(packets, multicast uint64) uint64 {
	if multicast > packets {
		return 0
	}
	return packets - multicast
}

// parseAddress reads the payload of an RTM_NEWADDR message. It returns false
// for an address that is neither IPv4 nor IPv6.
func parseAddress(b []byte) (Address, bool, error) {
	if len(b) < addressHeaderSize {
		return Address{}, false, fmt.Errorf("address: %w", errTruncated)
	}
	a := Address{
		Bits:  int(b[1]),
		Index: int32(binary.NativeEndian.Uint32(b[4:])),
	}
	var peer netip.Addr
	for attr, err := range attributes(b[addressHeaderSize:]) {
		if err != nil {
			return Address{}, false, fmt.Errorf("address of link %d: %w", a.Index, err)
		}
		ip, _ := netip.AddrFromSlice(attr.value)
		switch attr.kind {
		case addressLocal:
			a.IP = ip
		case addressPeer:
			peer = ip
		case addressBroadcast:
			a.Broadcast = ip
		}
	}
	if !a.IP.IsValid() {
		a.IP = peer // IPv6 has no IFA_LOCAL unless there is a peer
	}
	return a, a.IP.IsValid() && a.Bits <= a.IP.BitLen(), nil
}

// uint32 returns an attribute's value, 0 if it is too short to hold one.
func (a attribute) uint32() uint32 {
	if len(a.value) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(a.value)
}

// cString returns the octets before the first zero octet.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// hardwareAddress copies a link-layer address; all zeros, as the loopback
// interface has them, are none.
func hardwareAddress(b []byte) string {
	for _, c := range b {
		if c != 0 {
			return string(b)
		}
	}
	return ""
}

// dumpRequest returns the message that asks for all links or all addresses.
// The fixed header that follows nlmsghdr is all zeros: any family, any index.
func dumpRequest(kind uint16, seq uint32) []byte {
	size := messageHeaderSize + linkHeaderSize
	if kind == getAddress {
		size = messageHeaderSize + addressHeaderSize
	}
	b := make([]byte, size)
	binary.NativeEndian.PutUint32(b, uint32(size))
	binary.NativeEndian.PutUint16(b[4:], kind)
	binary.NativeEndian.PutUint16(b[6:], flagRequest|flagDump)
	binary.NativeEndian.PutUint32(b[8:], seq)
	return b
}
