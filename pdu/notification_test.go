package pdu

import (
	"errors"
	"math"
	"net/netip"
	"slices"
	"testing"

	"snmpstack/ber"
)

var (
	ifIndex    = VarBind{ber.MustOID("1.3.6.1.2.1.2.2.1.1.7"), Integer(7)}
	ifHCOctets = VarBind{ber.MustOID("1.3.6.1.2.1.31.1.1.1.6.7"), Counter64(1 << 40)}
)

// RFC 3584 §3.1: an SNMPv1 Trap becomes the varbinds of an SNMPv2-Trap-PDU.
func TestTrapV2(t *testing.T) {
	cisco := ber.MustOID("1.3.6.1.4.1.9")
	long := ber.NewOID(slices.Repeat([]uint32{1}, 127)...)
	tests := []struct {
		name              string
		enterprise        ber.OID
		generic, specific int32
		want              string // "": it cannot be translated
	}{
		{"coldStart (3)", cisco, 0, 0, "1.3.6.1.6.3.1.1.5.1"},
		{"warmStart (3)", cisco, 1, 0, "1.3.6.1.6.3.1.1.5.2"},
		{"linkDown (3)", cisco, 2, 0, "1.3.6.1.6.3.1.1.5.3"},
		{"linkUp (3)", cisco, 3, 0, "1.3.6.1.6.3.1.1.5.4"},
		{"authenticationFailure (3)", cisco, 4, 0, "1.3.6.1.6.3.1.1.5.5"},
		{"egpNeighborLoss (3)", cisco, 5, 0, "1.3.6.1.6.3.1.1.5.6"},
		{"a specific-trap beside a generic one", cisco, 0, 99, "1.3.6.1.6.3.1.1.5.1"},
		{"enterpriseSpecific (2)", cisco, 6, 7, "1.3.6.1.4.1.9.0.7"},
		{"number 0 (2)", cisco, 6, 0, "1.3.6.1.4.1.9.0.0"},
		{"greatest number (2)", cisco, 6, math.MaxInt32, "1.3.6.1.4.1.9.0.2147483647"},
		{"enterprise that ends with 0 (2)", cisco.Append(0), 6, 7, "1.3.6.1.4.1.9.0.0.7"},
		{"negative number", cisco, 6, -1, ""},
		{"no generic-trap", cisco, 7, 0, ""},
		{"negative generic-trap", cisco, -1, 0, ""},
		{"enterprise of 127 numbers", long, 6, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			trap := Trap{Enterprise: tt.enterprise, AgentAddr: netip.MustParseAddr("192.0.2.1"), GenericTrap: tt.generic, SpecificTrap: tt.specific,
				TimeStamp: 4711, VarBinds: []VarBind{ifIndex}}
			list, err := trap.V2()
			if tt.want == "" {
				if !errors.Is(err, ErrNotTranslatable) {
					t.Errorf("%v, %v, want an error", list, err)
				}
				return
			}
			want := []VarBind{{SysUpTime, TimeTicks(4711)}, {SnmpTrapOID, ObjectIdentifier(ber.MustOID(tt.want))}, ifIndex}
			if err != nil || !slices.Equal(list, want) { // (1), (4)
				t.Errorf("%v, %v, want %v", list, err, want)
			}
		})
	}
}

// RFC 3584 §3.1 (4): who passes a Trap on says where it comes from, once.
func TestForwardV2(t *testing.T) {
	trap := Trap{Enterprise: ber.MustOID("1.3.6.1.4.1.9"), AgentAddr: netip.MustParseAddr("192.0.2.1"), GenericTrap: 6, SpecificTrap: 7, VarBinds: []VarBind{ifIndex}}
	from := VarBind{SnmpTrapAddress, IPAddress(netip.MustParseAddr("192.0.2.1"))}
	community := VarBind{SnmpTrapCommunity, OctetString("public")}
	enterprise := VarBind{SnmpTrapEnterprise, ObjectIdentifier(ber.MustOID("1.3.6.1.4.1.9"))}
	list, err := trap.ForwardV2("public")
	if want := []VarBind{ifIndex, from, community, enterprise}; err != nil || !slices.Equal(list[2:], want) {
		t.Errorf("%v, %v, want %v", list, err, want)
	}
	other := VarBind{SnmpTrapAddress, IPAddress(netip.MustParseAddr("198.51.100.9"))}
	trap.VarBinds = []VarBind{other, ifIndex}
	list, err = trap.ForwardV2("public")
	if want := []VarBind{other, ifIndex, community, enterprise}; err != nil || !slices.Equal(list[2:], want) {
		t.Errorf("passed on again: %v, %v, want %v", list, err, want)
	}
	if got := ForwardedFrom(list); got != other.Value.Addr() { // §3.2 (2)
		t.Errorf("forwarded from %v", got)
	}
	if got := ForwardedFrom([]VarBind{ifIndex, {SnmpTrapAddress, Integer(1)}}); got != netip.IPv4Unspecified() {
		t.Errorf("without snmpTrapAddress: forwarded from %v", got)
	}
	trap.GenericTrap = 9
	if _, err := trap.ForwardV2("public"); !errors.Is(err, ErrNotTranslatable) {
		t.Errorf("generic-trap 9: %v", err)
	}
}

// RFC 3584 §3.2: the varbinds of an SNMPv2-Trap-PDU become an SNMPv1 Trap.
func TestTrapOf(t *testing.T) {
	cisco := ber.MustOID("1.3.6.1.4.1.9")
	enterprise := VarBind{SnmpTrapEnterprise, ObjectIdentifier(cisco)}
	tests := []struct {
		name    string
		trapOID string
		objects []VarBind
		want    *Trap // nil: it cannot be translated
	}{
		{"coldStart (1) (3)", "1.3.6.1.6.3.1.1.5.1", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 0}},
		{"warmStart (3)", "1.3.6.1.6.3.1.1.5.2", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 1}},
		{"linkDown (3)", "1.3.6.1.6.3.1.1.5.3", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 2}},
		{"linkUp (3) (7)", "1.3.6.1.6.3.1.1.5.4", []VarBind{ifIndex}, &Trap{Enterprise: SnmpTraps, GenericTrap: 3}},
		{"authenticationFailure (3)", "1.3.6.1.6.3.1.1.5.5", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 4}},
		{"egpNeighborLoss (3)", "1.3.6.1.6.3.1.1.5.6", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 5}},
		{"snmpTrapEnterprise (1)", "1.3.6.1.6.3.1.1.5.4", []VarBind{ifIndex, enterprise}, &Trap{Enterprise: cisco, GenericTrap: 3}},
		{"snmpTrapEnterprise that is none", "1.3.6.1.6.3.1.1.5.4", []VarBind{{SnmpTrapEnterprise, Null}}, &Trap{Enterprise: SnmpTraps, GenericTrap: 3}},
		{"snmpTrapEnterprise beside another trap", "1.3.6.1.4.1.1.0.7", []VarBind{enterprise}, &Trap{Enterprise: ber.MustOID("1.3.6.1.4.1.1"), GenericTrap: 6, SpecificTrap: 7}},
		{"0 in front of the last number (1) (4)", "1.3.6.1.4.1.9.0.7", nil, &Trap{Enterprise: cisco, GenericTrap: 6, SpecificTrap: 7}},
		{"none there (1) (4)", "1.3.6.1.4.1.9.5.7", nil, &Trap{Enterprise: cisco.Append(5), GenericTrap: 6, SpecificTrap: 7}},
		{"snmpTraps.0 is no standard trap", "1.3.6.1.6.3.1.1.5.0", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 6, SpecificTrap: 0}},
		{"snmpTraps.7 is none", "1.3.6.1.6.3.1.1.5.7", nil, &Trap{Enterprise: SnmpTraps, GenericTrap: 6, SpecificTrap: 7}},
		{"below a standard trap", "1.3.6.1.6.3.1.1.5.1.0.2", nil, &Trap{Enterprise: SnmpTraps.Append(1), GenericTrap: 6, SpecificTrap: 2}},
		{"an enterprise of two numbers", "1.3.7", nil, &Trap{Enterprise: ber.NewOID(1, 3), GenericTrap: 6, SpecificTrap: 7}},
		{"the 0 belongs to the enterprise", "1.0.7", nil, &Trap{Enterprise: ber.NewOID(1, 0), GenericTrap: 6, SpecificTrap: 7}},
		{"too short", "1.3", nil, nil},
		{"greatest number", "1.3.6.1.4.1.9.0.2147483647", nil, &Trap{Enterprise: cisco, GenericTrap: 6, SpecificTrap: math.MaxInt32}},
		{"a number that does not fit", "1.3.6.1.4.1.9.0.2147483648", nil, nil},
		{"Counter64", "1.3.6.1.4.1.9.0.7", []VarBind{ifIndex, ifHCOctets}, nil},
		{"an exception", "1.3.6.1.4.1.9.0.7", []VarBind{{ifIndex.Name, NoSuchInstance}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := NotificationVarBinds(4711, ber.MustOID(tt.trapOID), tt.objects...)
			got, err := TrapOf(list, netip.MustParseAddr("192.0.2.1"))
			if tt.want == nil {
				if !errors.Is(err, ErrNotTranslatable) {
					t.Errorf("%+v, %v, want an error", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := *tt.want
			if got.Enterprise != want.Enterprise || got.GenericTrap != want.GenericTrap || got.SpecificTrap != want.SpecificTrap ||
				got.TimeStamp != 4711 || !slices.Equal(got.VarBinds, tt.objects) { // (6), (7)
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}

	// (2) The address, where it is one that fits.
	for addr, want := range map[string]string{"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8::1": "0.0.0.0", "": "0.0.0.0"} {
		from, _ := netip.ParseAddr(addr)
		got, err := TrapOf(NotificationVarBinds(1, SnmpTraps.Append(1)), from)
		if err != nil || got.AgentAddr.String() != want {
			t.Errorf("agent-addr of %q is %v, %v", addr, got.AgentAddr, err)
		}
	}

	good := NotificationVarBinds(1, SnmpTraps.Append(1))
	for name, list := range map[string][]VarBind{
		"nothing":       nil,
		"one":           good[:1],
		"exchanged":     {good[1], good[0]},
		"upTime's type": {{SysUpTime, Gauge32(1)}, good[1]},
		"OID's type":    {good[0], {SnmpTrapOID, Null}},
	} {
		if _, err := TrapOf(list, netip.Addr{}); !errors.Is(err, ErrNotTranslatable) { // RFC 3416 §4.2.6
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RFC 1157 §5: what SNMPv1 has, and what came later.
func TestSyntaxIn(t *testing.T) {
	for s := range Syntax(255) {
		v1 := slices.Contains([]Syntax{0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43, 0x44}, s)
		v2 := v1 || slices.Contains([]Syntax{0x45, 0x46, 0x47, 0x80, 0x81, 0x82}, s)
		if s.In(V1) != v1 || s.In(V2c) != v2 || s.In(V3) != v2 {
			t.Errorf("%v: %v, %v, %v", s, s.In(V1), s.In(V2c), s.In(V3))
		}
	}
}
