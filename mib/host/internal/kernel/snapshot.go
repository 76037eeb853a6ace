package kernel

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// A Snapshot is what was read at one moment. It is immutable once a Sampler
// has published it.
type Snapshot struct {
	Taken      time.Time   // when reading began
	Interfaces []Interface // in ascending order of Index, which is unique
	Addresses  []Address   // in ascending order of IP, then Index

	// IP is what the kernel counts of IPv4, nil where it does not tell.
	IP *IPGroup

	// Stack says which interfaces run on top of which. It follows from
	// Interfaces.
	Stack []StackEntry

	// TableChange is the uptime (1/100 s) at which an interface last came or
	// went, 0 if none has since the Sampler started.
	TableChange uint32
	// StackChange is the uptime (1/100 s) at which Stack last changed, 0 if it
	// has not since the Sampler started.
	StackChange uint32
}

// Find returns the interface with the given index, nil if there is none.
func (s *Snapshot) Find(index int32) *Interface {
	i, ok := slices.BinarySearchFunc(s.Interfaces, index, func(e Interface, index int32) int {
		return cmp.Compare(e.Index, index)
	})
	if !ok {
		return nil
	}
	return &s.Interfaces[i]
}

// sort puts the rows into the order the fields of Snapshot promise, and derives
// Stack. Dumps mostly arrive in that order, but nothing guarantees it.
func (s *Snapshot) sort() {
	slices.SortFunc(s.Interfaces, func(a, b Interface) int { return cmp.Compare(a.Index, b.Index) })
	s.Interfaces = slices.CompactFunc(s.Interfaces, func(a, b Interface) bool { return a.Index == b.Index })
	slices.SortFunc(s.Addresses, func(a, b Address) int {
		return cmp.Or(a.IP.Compare(b.IP), cmp.Compare(a.Index, b.Index))
	})
	s.Stack = stack(s.Interfaces)
}

// An Interface is one network interface as the kernel describes it.
type Interface struct {
	Index    int32  // the kernel's, 1 or more
	Name     string // "eth0"
	Alias    string // what an administrator called it, "" if nothing
	Kind     string // "vlan", "bridge", "veth", …; "" for hardware and where unknown
	Hardware uint16 // ARPHRD_ number, see the constants
	Address  string // octets of the link-layer address, "" if it has none
	MTU      uint32 // octets
	Speed    uint64 // bit/s, 0 if unknown or meaningless

	Up          bool // the administrator wants it up
	Loopback    bool
	Promiscuous bool // receives frames that are not addressed to it
	Oper        OperState

	Lower  int32 // index of the interface it runs on top of (a VLAN's trunk), 0 if none
	Master int32 // index of the bridge or bond it belongs to, 0 if none

	Counters Counters

	// CarrierChanges counts how often the link came or went, so that a flap
	// between two snapshots does not go unseen. 0 where it is not known.
	CarrierChanges uint32

	// LastChange is the uptime (1/100 s) at which Oper took its present value,
	// 0 if that was before the Sampler started.
	LastChange uint32
	// Discontinuity is the uptime (1/100 s) at which Counters last went back,
	// or began, 0 if neither has happened since the Sampler started.
	Discontinuity uint32
}

// ARPHRD_ numbers of link layers (linux/if_arp.h), as far as anything here
// depends on them. Other systems' interfaces are given the fitting one.
const (
	HardwareEther      uint16 = 1
	HardwareIEEE802    uint16 = 6
	HardwareARCnet     uint16 = 7
	HardwareATM        uint16 = 19
	HardwareIEEE1394   uint16 = 24
	HardwareInfiniband uint16 = 32
	HardwareSLIP       uint16 = 256
	HardwareCSLIP6     uint16 = 259
	HardwareX25        uint16 = 271
	HardwareCAN        uint16 = 280
	HardwarePPP        uint16 = 512
	HardwareHDLC       uint16 = 513
	HardwareTunnel     uint16 = 768
	HardwareTunnel6    uint16 = 769
	HardwareFrameRelay uint16 = 770
	HardwareLoopback   uint16 = 772
	HardwareLocalTalk  uint16 = 773
	HardwareFDDI       uint16 = 774
	HardwareSIT        uint16 = 776
	HardwareIPGRE      uint16 = 778
	HardwareHIPPI      uint16 = 780
	HardwareTokenRing  uint16 = 800
	HardwareIEEE80211  uint16 = 801
	HardwareWLANPrism  uint16 = 802
	HardwareRadiotap   uint16 = 803
	HardwareIP6GRE     uint16 = 823
	HardwareNone       uint16 = 0xFFFE
	HardwareUnknown    uint16 = 0xFFFF
)

// An OperState says whether an interface can pass packets. The numbers are
// those of ifOperStatus (RFC 2863 §3.1.13).
type OperState uint8

const (
	OperUp             OperState = 1 // ready to pass packets
	OperDown           OperState = 2
	OperTesting        OperState = 3
	OperUnknown        OperState = 4
	OperDormant        OperState = 5 // waiting for an outside event
	OperNotPresent     OperState = 6 // some part, typically hardware, is missing
	OperLowerLayerDown OperState = 7 // down because of an interface below it (RFC 2863 §3.1.14)
)

// operState maps the kernel's operational state (linux/if.h, IF_OPER_) to RFC
// 2863's. The two lists name the same states, as the kernel took its list from
// RFC 2863, but the kernel's needs three corrections:
//
//   - An interface that the administrator holds down is down, whatever it last
//     said of itself (RFC 2863 §3.1.13), unless it is not there at all.
//   - IF_OPER_UNKNOWN means that the driver never learned to report a state
//     (the loopback interface is one). Linux asks to take such an interface as
//     usable (Documentation/networking/operstates), and running tells whether
//     it is.
//   - A number that is in neither list is unknown.
func operState(kernel uint8, up, running bool) OperState {
	const (
		unknown = iota
		notPresent
		down
		lowerLayerDown
		testing
		dormant
		operUp
	)
	switch {
	case kernel == notPresent:
		return OperNotPresent
	case !up, kernel == down, kernel == unknown && !running:
		return OperDown
	case kernel == operUp, kernel == unknown:
		return OperUp
	case kernel == lowerLayerDown:
		return OperLowerLayerDown
	case kernel == testing:
		return OperTesting
	case kernel == dormant:
		return OperDormant
	}
	return OperUnknown
}

// Counters are an interface's packet counts since it was created.
//
// The kernel counts all packets in each direction, and of the incoming ones
// those that the driver reported as multicast. InUcast is the difference, and
// so includes broadcasts; OutUcast includes everything sent. Broadcasts, and
// multicasts sent, have no count of their own in any Linux interface.
type Counters struct {
	// Width is the number of bits the source counts with, 64 or 32; 0 means
	// that there are no counters.
	Width int

	InOctets, InUcast, InMulticast, InDiscards, InErrors uint64
	OutOctets, OutUcast, OutDiscards, OutErrors          uint64
}

// An Address is an IPv4 or IPv6 address of an interface.
type Address struct {
	IP        netip.Addr // this machine's own, never the peer's
	Bits      int        // length of the prefix
	Index     int32      // the interface's
	Broadcast netip.Addr // zero if none is configured
}
