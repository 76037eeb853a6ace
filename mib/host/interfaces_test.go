package host

import (
	"math"
	"strings"
	"testing"

	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// RFC 2863, ifType, with numbers of IANAifType-MIB.
func TestIfType(t *testing.T) {
	tests := []struct {
		name      string
		hardware  uint16
		kind      string
		want      int32
		connector bool
	}{
		{"loopback", kernel.HardwareLoopback, "", 24, false},
		{"Ethernet card", kernel.HardwareEther, "", 6, true},
		{"veth, as in a container", kernel.HardwareEther, "veth", 6, true},
		{"dummy", kernel.HardwareEther, "dummy", 6, false},
		{"tap", kernel.HardwareEther, "tun", 6, false},
		{"VLAN", kernel.HardwareEther, "vlan", 135, false},
		{"bridge", kernel.HardwareEther, "bridge", 209, false},
		{"bond", kernel.HardwareEther, "bond", 161, false},
		{"IP in IP", kernel.HardwareTunnel, "ipip", 131, false},
		{"6in4", kernel.HardwareSIT, "sit", 131, false},
		{"GRE", kernel.HardwareIPGRE, "gre", 131, false},
		{"WireGuard", kernel.HardwareNone, "wireguard", 131, false},
		{"PPP", kernel.HardwarePPP, "ppp", 23, false},
		{"InfiniBand", kernel.HardwareInfiniband, "", 199, true},
		{"IEEE 802.11", kernel.HardwareRadiotap, "", 71, true},
		{"CAN", kernel.HardwareCAN, "", 1, false},
		{"no link layer, unknown kind", kernel.HardwareNone, "", 1, false},
		{"unknown", kernel.HardwareUnknown, "", 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := &kernel.Interface{Hardware: tt.hardware, Kind: tt.kind}
			if got := ifType(i); got != tt.want {
				t.Errorf("ifType = %d, want %d", got, tt.want)
			}
			if got := connectorPresent(i); got != tt.connector {
				t.Errorf("ifConnectorPresent = %t, want %t", got, tt.connector)
			}
		})
	}
}

// RFC 2863 §3.1.7: ifSpeed up to 2³²−1 bit/s, ifHighSpeed to the nearest Mbit/s.
func TestSpeeds(t *testing.T) {
	tests := []struct {
		name    string
		bits    uint64
		ifSpeed uint32
		ifHigh  uint32
	}{
		{"unknown", 0, 0, 0},
		{"64 kbit/s", 64_000, 64_000, 0},
		{"half a megabit", 500_000, 500_000, 1},
		{"a little less", 499_999, 499_999, 0},
		{"gigabit", 1_000_000_000, 1_000_000_000, 1000},
		{"the most that fits", math.MaxUint32, math.MaxUint32, 4295},
		{"ten gigabit", 10_000_000_000, math.MaxUint32, 10_000},
		{"beyond all", math.MaxUint64, math.MaxUint32, math.MaxUint32},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &ifRow{Interface: kernel.Interface{Speed: tt.bits}}
			if got := ifColumns[4].Get(r); got != pdu.Gauge32(tt.ifSpeed) {
				t.Errorf("ifSpeed = %v, want %d", got, tt.ifSpeed)
			}
			if got := ifXColumns[14].Get(r); got != pdu.Gauge32(tt.ifHigh) {
				t.Errorf("ifHighSpeed = %v, want %d", got, tt.ifHigh)
			}
		})
	}
}

// Sizes and ranges that the MIB sets and the kernel does not keep to.
func TestLimits(t *testing.T) {
	r := &ifRow{Interface: kernel.Interface{Alias: strings.Repeat("a", 256), MTU: math.MaxUint32}}
	if got := ifXColumns[17].Get(r); got != pdu.OctetString(strings.Repeat("a", 64)) {
		t.Errorf("ifAlias = %v, want 64 octets", got)
	}
	if got := ifColumns[3].Get(r); got != pdu.Integer(math.MaxInt32) {
		t.Errorf("ifMtu = %v, want %d", got, math.MaxInt32)
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		name   string
		system kernel.System
		want   string
	}{
		{"Linux", kernel.System{Name: "Linux", Node: "gw", Release: "6.1.0", Version: "#1 SMP", Machine: "x86_64"}, "Linux gw 6.1.0 #1 SMP x86_64"},
		{"what Go knows of others", kernel.System{Name: "windows", Node: "desk", Machine: "amd64"}, "windows desk amd64"},
		{"nothing", kernel.System{}, ""},
		{"longer than sysDescr", kernel.System{Name: strings.Repeat("x", 300)}, strings.Repeat("x", 255)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := describe(tt.system); got != tt.want {
				t.Errorf("describe = %q, want %q", got, tt.want)
			}
		})
	}
}
