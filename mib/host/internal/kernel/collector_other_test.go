//go:build !linux

package kernel

import (
	"net"
	"net/netip"
	"reflect"
	"testing"
)

func TestFromNet(t *testing.T) {
	mac := net.HardwareAddr{2, 0, 0x5e, 0x10, 0, 1}
	tests := []struct {
		name string
		from net.Interface
		want Interface
	}{
		{"loopback", net.Interface{Index: 1, MTU: 16384, Name: "lo0", Flags: net.FlagUp | net.FlagLoopback | net.FlagRunning},
			Interface{Index: 1, MTU: 16384, Name: "lo0", Hardware: HardwareLoopback, Speed: 10_000_000, Up: true, Loopback: true, Oper: OperUp}},
		{"Ethernet", net.Interface{Index: 4, MTU: 1500, Name: "en0", HardwareAddr: mac, Flags: net.FlagUp | net.FlagRunning},
			Interface{Index: 4, MTU: 1500, Name: "en0", Address: string(mac), Hardware: HardwareEther, Up: true, Oper: OperUp}},
		{"without a cable", net.Interface{Index: 4, MTU: 1500, Name: "en0", HardwareAddr: mac, Flags: net.FlagUp},
			Interface{Index: 4, MTU: 1500, Name: "en0", Address: string(mac), Hardware: HardwareEther, Up: true, Oper: OperDown}},
		{"shut down, no MTU", net.Interface{Index: 9, MTU: -1, Name: "stf0"},
			Interface{Index: 9, Name: "stf0", Hardware: HardwareUnknown, Oper: OperDown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fromNet(tt.from); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("fromNet\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestAddressFromNet(t *testing.T) {
	tests := []struct {
		prefix, ip, broadcast string
		bits                  int
	}{
		{"127.0.0.1/8", "127.0.0.1", "", 8},
		{"192.0.2.1/24", "192.0.2.1", "192.0.2.255", 24},
		{"192.0.2.129/25", "192.0.2.129", "192.0.2.255", 25},
		{"10.1.2.3/12", "10.1.2.3", "10.15.255.255", 12},
		{"192.0.2.1/31", "192.0.2.1", "", 31},
		{"192.0.2.1/32", "192.0.2.1", "", 32},
		{"2001:db8::1/64", "2001:db8::1", "", 64},
	}
	for _, tt := range tests {
		t.Run(tt.prefix, func(t *testing.T) {
			ip, prefix, err := net.ParseCIDR(tt.prefix)
			if err != nil {
				t.Fatal(err)
			}
			prefix.IP = ip
			want := Address{IP: netip.MustParseAddr(tt.ip), Bits: tt.bits, Index: 3}
			if tt.broadcast != "" {
				want.Broadcast = netip.MustParseAddr(tt.broadcast)
			}
			if got := addressFromNet(prefix, 3); got != want {
				t.Errorf("addressFromNet = %+v, want %+v", got, want)
			}
		})
	}
}

func TestCollector(t *testing.T) {
	list, err := net.Interfaces()
	if err != nil || len(list) == 0 {
		t.Skipf("the net package finds no interfaces here: %v", err)
	}
	c := NewCollector()
	defer c.Close()
	s, err := c.Sample()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range list {
		got := s.Find(int32(want.Index))
		if got == nil || got.Name != want.Name || got.Counters.Width != 0 {
			t.Errorf("interface %d = %+v, want %s, without counters", want.Index, got, want.Name)
		}
	}
}
