package host

import "snmpstack/mib/host/internal/kernel"

// Numbers of IANAifType-MIB.
const (
	typeOther             = 1
	typeEthernetCsmacd    = 6
	typeIso88025TokenRing = 9
	typeFDDI              = 15
	typePPP               = 23
	typeSoftwareLoopback  = 24
	typeSLIP              = 28
	typeFrameRelay        = 32
	typeARCnet            = 35
	typeATM               = 37
	typeLocalTalk         = 42
	typeHIPPI             = 47
	typeIEEE80211         = 71
	typeHDLC              = 118
	typeTunnel            = 131
	typeL2VLAN            = 135
	typeIEEE1394          = 144
	typeIEEE8023adLag     = 161
	typeInfiniband        = 199
	typeBridge            = 209
)

// typesByHardware gives the ifType of a link layer.
var typesByHardware = map[uint16]int32{
	kernel.HardwareEther:      typeEthernetCsmacd,
	kernel.HardwareIEEE802:    typeIso88025TokenRing,
	kernel.HardwareARCnet:     typeARCnet,
	kernel.HardwareATM:        typeATM,
	kernel.HardwareIEEE1394:   typeIEEE1394,
	kernel.HardwareInfiniband: typeInfiniband,
	kernel.HardwareSLIP:       typeSLIP,
	kernel.HardwarePPP:        typePPP,
	kernel.HardwareHDLC:       typeHDLC,
	kernel.HardwareTunnel:     typeTunnel,
	kernel.HardwareTunnel6:    typeTunnel,
	kernel.HardwareFrameRelay: typeFrameRelay,
	kernel.HardwareLoopback:   typeSoftwareLoopback,
	kernel.HardwareLocalTalk:  typeLocalTalk,
	kernel.HardwareFDDI:       typeFDDI,
	kernel.HardwareSIT:        typeTunnel,
	kernel.HardwareIPGRE:      typeTunnel,
	kernel.HardwareHIPPI:      typeHIPPI,
	kernel.HardwareTokenRing:  typeIso88025TokenRing,
	kernel.HardwareIEEE80211:  typeIEEE80211,
	kernel.HardwareWLANPrism:  typeIEEE80211,
	kernel.HardwareRadiotap:   typeIEEE80211,
	kernel.HardwareIP6GRE:     typeTunnel,
}

// typesByKind gives the ifType of virtual interfaces that IANA has a type for.
// Others, such as a veth or a dummy, are what their link layer is.
var typesByKind = map[string]int32{
	"bond":   typeIEEE8023adLag,
	"bridge": typeBridge,
	"team":   typeIEEE8023adLag,
	"vlan":   typeL2VLAN,
}

// ifType is the type of an interface, other(1) where IANA has none that fits
// (RFC 2863, ifType).
func ifType(i *kernel.Interface) int32 {
	if t, ok := typesByKind[i.Kind]; ok {
		return t
	}
	if t, ok := typesByHardware[i.Hardware]; ok {
		return t
	}
	if i.Hardware == kernel.HardwareNone && i.Kind != "" {
		// A virtual interface without a link layer carries IP in something
		// else: tun, wireguard, xfrm, ….
		return typeTunnel
	}
	return typeOther
}

// connectorPresent says whether an interface has a physical connector
// (ifConnectorPresent). Hardware does, and a veth stands for a cable with a plug
// at each end; other virtual interfaces, tunnels and the loopback do not.
func connectorPresent(i *kernel.Interface) bool {
	switch ifType(i) {
	case typeSoftwareLoopback, typeTunnel, typePPP, typeSLIP, typeOther:
		return false
	}
	return i.Kind == "" || i.Kind == "veth"
}
