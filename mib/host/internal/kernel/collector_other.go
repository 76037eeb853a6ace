//go:build !linux

package kernel

import (
	"math"
	"net"
	"net/netip"
	"time"
)

// A Collector reads this machine's interfaces and addresses with the net
// package, which knows no counters, speeds or operational states.
type Collector struct{}

// NewCollector returns a Collector for this machine.
func NewCollector() *Collector { return &Collector{} }

// Close does nothing.
func (c *Collector) Close() {}

// Sample reads the machine's state.
func (c *Collector) Sample() (*Snapshot, error) {
	s := &Snapshot{Taken: time.Now()}
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, from := range list {
		if from.Index < 1 || from.Index > math.MaxInt32 {
			continue // no InterfaceIndex (RFC 2863 §3.1.5)
		}
		s.Interfaces = append(s.Interfaces, fromNet(from))
		addresses, err := from.Addrs()
		if err != nil {
			continue // gone since it was listed
		}
		for _, a := range addresses {
			if prefix, ok := a.(*net.IPNet); ok {
				s.Addresses = append(s.Addresses, addressFromNet(prefix, int32(from.Index)))
			}
		}
	}
	s.sort()
	return s, nil
}

// fromNet translates one interface.
func fromNet(from net.Interface) Interface {
	i := Interface{
		Index:    int32(from.Index),
		Name:     from.Name,
		Hardware: HardwareUnknown,
		Address:  hardwareAddress(from.HardwareAddr),
		MTU:      uint32(max(from.MTU, 0)),
		Up:       from.Flags&net.FlagUp != 0,
		Loopback: from.Flags&net.FlagLoopback != 0,
	}
	switch {
	case i.Loopback:
		i.Hardware, i.Speed = HardwareLoopback, 10_000_000
	case len(i.Address) == 6:
		i.Hardware = HardwareEther
	}
	const ifOperUnknown = 0
	i.Oper = operState(ifOperUnknown, i.Up, from.Flags&net.FlagRunning != 0)
	return i
}

// addressFromNet translates one address. The broadcast address is the one that
// follows from the prefix.
func addressFromNet(prefix *net.IPNet, index int32) Address {
	ip, _ := netip.AddrFromSlice(prefix.IP)
	a := Address{IP: ip.Unmap(), Index: index}
	a.Bits, _ = prefix.Mask.Size()
	if a.IP.Is4() && a.Bits < 31 && !a.IP.IsLoopback() {
		broadcast := a.IP.As4()
		for i := a.Bits; i < 32; i++ {
			broadcast[i/8] |= 0x80 >> (i % 8)
		}
		a.Broadcast = netip.AddrFrom4(broadcast)
	}
	return a
}
