package host

import (
	"snmpstack/ber"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

var oidIP = ber.MustOID("1.3.6.1.2.1.4")

// The objects of the ip group that are no counters.
const (
	ipForwarding   = 1
	ipDefaultTTL   = 2
	ipReasmTimeout = 13
)

// ipScalars are the scalars of the ip group that the kernel has (RFC 4293 §5,
// deprecated there, and what managers ask). Where it does not tell, they have no
// instances.
func (h *Host) ipScalars() (list []object) {
	for arc := range len(kernel.IPGroup{}) {
		if arc == 0 {
			continue
		}
		name := oidIP.Append(uint32(arc))
		list = append(list, object{name, h.scalar(name, func(v *view) pdu.Value { return ipValue(v.ip, arc) })})
	}
	return list
}

func ipValue(g *kernel.IPGroup, arc int) pdu.Value {
	if g == nil {
		return pdu.NoSuchInstance
	}
	switch arc {
	case ipForwarding, ipDefaultTTL, ipReasmTimeout:
		return pdu.Integer(int32(g[arc]))
	}
	return pdu.Counter32(uint32(g[arc])) // the kernel's is wider, and wraps later
}
