package host

import (
	"net/netip"

	"snmpstack/mib"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// reasmMaxSize is the largest datagram that this machine can put together from
// fragments: as large as IPv4 allows.
const reasmMaxSize = 65535

// ipv4 returns the IPv4 addresses of a list. ipAddrTable has one row for each,
// so of an address that several interfaces have (as unnumbered links do) the
// first is taken, which is the one with the lowest ifIndex.
func ipv4(list []kernel.Address) []kernel.Address {
	var rows []kernel.Address
	for _, a := range list {
		if a.IP.Is4() && (len(rows) == 0 || rows[len(rows)-1].IP != a.IP) {
			rows = append(rows, a)
		}
	}
	return rows
}

func addressIndex(x *mib.Index, a *kernel.Address) { x.IPAddress(&a.IP) }

// ipAddrColumns are all columns of ipAddrTable (RFC 4293 §5, deprecated).
var ipAddrColumns = []mib.Column[kernel.Address]{
	{Arc: 1, Get: func(a *kernel.Address) pdu.Value { return pdu.IPAddress(a.IP) }},            // ipAdEntAddr
	{Arc: 2, Get: func(a *kernel.Address) pdu.Value { return pdu.Integer(a.Index) }},           // ipAdEntIfIndex
	{Arc: 3, Get: func(a *kernel.Address) pdu.Value { return pdu.IPAddress(netMask(a.Bits)) }}, // ipAdEntNetMask
	{Arc: 4, Get: func(a *kernel.Address) pdu.Value { return pdu.Integer(broadcastBit(a)) }},   // ipAdEntBcastAddr
	{Arc: 5, Get: func(a *kernel.Address) pdu.Value { return pdu.Integer(reasmMaxSize) }},      // ipAdEntReasmMaxSize
}

// netMask is the mask of an IPv4 prefix of the given length.
func netMask(bits int) netip.Addr {
	n := ^uint32(0) << (32 - bits)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// broadcastBit is the last bit of the address's broadcast address, 0 if it has
// none.
func broadcastBit(a *kernel.Address) int32 {
	if !a.Broadcast.Is4() {
		return 0
	}
	b := a.Broadcast.As4()
	return int32(b[3] & 1)
}
