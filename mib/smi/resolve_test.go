package smi

import (
	"errors"
	"net/netip"
	"testing"

	"snmpstack/ber"
)

func TestResolve(t *testing.T) {
	names := Core()
	for _, c := range []struct {
		text string
		oid  string
		err  string
	}{
		{text: ".1.3.6.1", oid: "1.3.6.1"},
		{text: "1.3.6.1", oid: "1.3.6.1"},
		{text: ".", oid: ""},
		{text: "iso.3.6", oid: "1.3.6"},
		{text: ".iso.org.dod.internet.mgmt.mib-2.1", oid: "1.3.6.1.2.1.1"},
		{text: "sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "SNMPv2-MIB::sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "SNMPv2-MIB:sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "SNMPv2-MIB::system.sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "RFC1213-MIB::sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "system.sysDescr.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "mib-2.1.1.0", oid: "1.3.6.1.2.1.1.1.0"},
		{text: "enterprises.99999.1", oid: "1.3.6.1.4.1.99999.1"},
		{text: "ifDescr", oid: "1.3.6.1.2.1.2.2.1.2"},
		{text: "ifDescr.1", oid: "1.3.6.1.2.1.2.2.1.2.1"},
		{text: "ifDescr[1]", oid: "1.3.6.1.2.1.2.2.1.2.1"},
		{text: "ifDescr.1.2.3", oid: "1.3.6.1.2.1.2.2.1.2.1.2.3"},
		{text: "ifEntry.2.1", oid: "1.3.6.1.2.1.2.2.1.2.1"},
		{text: "interfaces.ifTable.ifEntry.ifDescr.1", oid: "1.3.6.1.2.1.2.2.1.2.1"},
		{text: "ifHCInOctets.7", oid: "1.3.6.1.2.1.31.1.1.1.6.7"},
		{text: "sysUpTimeInstance", oid: "1.3.6.1.2.1.1.3.0"},
		{text: "NET-SNMP-TC::linux", oid: "1.3.6.1.4.1.8072.3.2.10"},
		{text: "ipAdEntNetMask.127.0.0.1", oid: "1.3.6.1.2.1.4.20.1.3.127.0.0.1"},
		{text: "ipAdEntNetMask[127.0.0.1]", oid: "1.3.6.1.2.1.4.20.1.3.127.0.0.1"},

		// RFC 2578 §7.7: a string of variable length has its length in front,
		// one that is IMPLIED has none.
		{text: `nsExtendOutputFull."test1"`, oid: "1.3.6.1.4.1.8072.1.3.2.3.1.2.5.116.101.115.116.49"},
		{text: `nsExtendOutputFull.5.116.101.115.116.49`, oid: "1.3.6.1.4.1.8072.1.3.2.3.1.2.5.116.101.115.116.49"},
		{text: `nsExtendOutputFull[STRING: test1]`, oid: "1.3.6.1.4.1.8072.1.3.2.3.1.2.5.116.101.115.116.49"},
		{text: `nsExtendOutputFull["test1"]`, oid: "1.3.6.1.4.1.8072.1.3.2.3.1.2.5.116.101.115.116.49"},
		{text: `dot1dTpFdbPort[STRING: 2:0:5e:10:0:1]`, oid: "1.3.6.1.2.1.17.4.3.1.2.2.0.94.16.0.1"},
		{text: `dot1dTpFdbPort.'abcdef'`, oid: "1.3.6.1.2.1.17.4.3.1.2.97.98.99.100.101.102"},
		{text: `dot1dTpFdbPort.'abc'`, err: "Index out of range: 'abc' (dot1dTpFdbAddress)"},
		{text: `vacmViewTreeFamilyType[STRING: v][SNMPv2-MIB::system]`, oid: "1.3.6.1.6.3.16.1.5.2.1.4.1.118.7.1.3.6.1.2.1.1"},
		{text: `vacmViewTreeFamilyType[STRING: v][SNMPv2-MIB::nothing]`, err: "Index out of range: SNMPv2-MIB::nothing (vacmViewTreeFamilySubtree)"},
		{text: `nsExtendOutputFull.'test1'`, oid: "1.3.6.1.4.1.8072.1.3.2.3.1.2.116.101.115.116.49"},
		{text: `nsExtendOutLine."a.b"."`, err: `Index out of range: " (nsExtendLineIndex)`},
		{text: `nsExtendOutLine."a.b".3`, oid: "1.3.6.1.4.1.8072.1.3.2.4.1.2.3.97.46.98.3"},
		{text: `nsExtendOutLine."a\"".3`, oid: "1.3.6.1.4.1.8072.1.3.2.4.1.2.2.97.34.3"},
		{text: `nsExtendOutLine.1.97.3`, oid: "1.3.6.1.4.1.8072.1.3.2.4.1.2.1.97.3"},
		{text: `snmpNotifyTag.'ab'`, oid: "1.3.6.1.6.3.13.1.1.1.2.97.98"},
		{text: `snmpNotifyTag."ab"`, oid: "1.3.6.1.6.3.13.1.1.1.2.97.98"},
		{text: `vacmAccessReadViewName."g"."".any.noAuthNoPriv`, oid: "1.3.6.1.6.3.16.1.4.1.5.1.103.0.0.1", err: "Index out of range: any (vacmAccessSecurityModel)"},
		{text: `vacmAccessReadViewName."g"."".0.noAuthNoPriv`, oid: "1.3.6.1.6.3.16.1.4.1.5.1.103.0.0.1"},
		{text: `ipAddressIfIndex.ipv4."127.0.0.1"`, oid: "1.3.6.1.2.1.4.34.1.3.1.4.127.0.0.1"},
		{text: `ipAddressIfIndex.ipv6."::1"`, oid: "1.3.6.1.2.1.4.34.1.3.2.16.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1"},
		{text: `ipAddressIfIndex.ipv6."fe:80:00:00:00:00:00:00:00:00:00:00:00:00:00:01"`, oid: "1.3.6.1.2.1.4.34.1.3.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1"},
		{text: `ipAddressIfIndex.ipv4z."10.0.0.1%0.0.0.3"`, oid: "1.3.6.1.2.1.4.34.1.3.3.8.10.0.0.1.0.0.0.3"},
		{text: `ipAddressIfIndex.ipv4z."10.0.0.1%3"`, oid: "1.3.6.1.2.1.4.34.1.3.3.8.10.0.0.1.0.0.0.3"},
		{text: `ipAddressIfIndex.dns."a"`, oid: "1.3.6.1.2.1.4.34.1.3.16.1.97"},

		{text: "noSuchName.0", err: "Sub-id not found: (top) -> noSuchName"},
		{text: "", err: "Sub-id not found: (top) -> "},
		{text: ".1.3.x", err: "Sub-id not found: org -> x"},
		{text: "system.foo.0", err: "Sub-id not found: system -> foo"},
		{text: "sysDescr.foo", err: "foo"},
		{text: "sysDescr..0", err: ".0"},
		{text: "ifDescr.x.1", err: "Index out of range: x (ifIndex)"},
		{text: "ifDescr.4294967296", err: "Index out of range: 4294967296 (ifIndex)"},
		{text: "ifDescr.-1", err: "Index out of range: -1 (ifIndex)"},
		{text: `nsExtendOutputFull."a`, err: `Index out of range: "a (nsExtendToken)`},
		{text: "ifOperStatus.up", err: "Index out of range: up (ifIndex)"},
		{text: "IF-MIB::nosuch.0", err: ""},
		{text: "SNMPv2-MIB::ifDescr.1", err: ""},
		{text: "NOMIB::sysDescr.0", err: ""},
		{text: "SNMPv2-MIB::1.2", err: ""},
		{text: "1.4294967296", err: "4294967296 is more than 4294967295"},
	} {
		got, err := names.Resolve(c.text)
		if c.oid != "" && c.err == "" || c.text == "." {
			if err != nil || got != ber.MustOID(c.oid) {
				t.Errorf("Resolve(%q) = %v, %v, want %s", c.text, got, err, c.oid)
			}
			continue
		}
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Text != c.text || unknown.Detail != c.err {
			t.Errorf("Resolve(%q) = %v, %v, want the detail %q", c.text, got, err, c.err)
		}
	}
	_, err := names.Resolve("noSuchName.0")
	if want := "noSuchName.0: Unknown Object Identifier (Sub-id not found: (top) -> noSuchName)"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func ipv4(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }

func BenchmarkCore(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		n := New()
		if err := n.readTable(coreTable); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	n := Core()
	oid := ber.MustOID("1.3.6.1.2.1.4.34.1.3.2.16.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1")
	b.ReportAllocs()
	for b.Loop() {
		n.Lookup(oid)
	}
}
