package format

import (
	"net/netip"
	"testing"

	"snmpstack/ber"
	"snmpstack/mib/smi"
	"snmpstack/pdu"
)

// TestTranscript has lines as Net-SNMP's tools print them for each letter of
// -O, taken from sessions with snmpget and snmpwalk 5.9.3.
func TestTranscript(t *testing.T) {
	names := smi.Core()
	str, oid := pdu.OctetString, func(s string) pdu.Value { return pdu.ObjectIdentifier(ber.MustOID(s)) }
	for _, c := range []struct {
		letters string
		name    string
		value   pdu.Value
		want    string
	}{
		{"n", "sysUpTime.0", pdu.TimeTicks(143249), ".1.3.6.1.2.1.1.3.0 = Timeticks: (143249) 0:23:52.49"},
		{"n", "ifDescr.1", str("lo"), ".1.3.6.1.2.1.2.2.1.2.1 = STRING: lo"},
		{"n", "ifOperStatus.1", pdu.Integer(1), ".1.3.6.1.2.1.2.2.1.8.1 = INTEGER: up(1)"},
		{"q", "sysUpTime.0", pdu.TimeTicks(143282), "DISMAN-EVENT-MIB::sysUpTimeInstance 0:0:23:52.82"},
		{"q", "ifDescr.1", str("lo"), "IF-MIB::ifDescr.1 lo"},
		{"q", "ifOperStatus.1", pdu.Integer(1), "IF-MIB::ifOperStatus.1 up"},
		{"t", "sysUpTime.0", pdu.TimeTicks(143315), "DISMAN-EVENT-MIB::sysUpTimeInstance = 143315"},
		{"f", "sysUpTime.0", pdu.TimeTicks(143348), ".iso.org.dod.internet.mgmt.mib-2.system.sysUpTime.sysUpTimeInstance = Timeticks: (143348) 0:23:53.48"},
		{"f", "ifDescr.1", str("lo"), ".iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifDescr.1 = STRING: lo"},
		{"s", "sysUpTime.0", pdu.TimeTicks(143375), "sysUpTimeInstance = Timeticks: (143375) 0:23:53.75"},
		{"s", "ifOperStatus.1", pdu.Integer(1), "ifOperStatus.1 = INTEGER: up(1)"},
		{"S", "ifOperStatus.1", pdu.Integer(1), "IF-MIB::ifOperStatus.1 = INTEGER: up(1)"},
		{"u", "sysUpTime.0", pdu.TimeTicks(143441), "system.sysUpTime.sysUpTimeInstance = Timeticks: (143441) 0:23:54.41"},
		{"u", "ifDescr.1", str("lo"), "interfaces.ifTable.ifEntry.ifDescr.1 = STRING: lo"},
		{"v", "sysUpTime.0", pdu.TimeTicks(143471), "Timeticks: (143471) 0:23:54.71"},
		{"v", "ifDescr.1", str("lo"), "STRING: lo"},
		{"v", "ifOperStatus.1", pdu.Integer(1), "INTEGER: up(1)"},
		{"Q", "sysUpTime.0", pdu.TimeTicks(143500), "DISMAN-EVENT-MIB::sysUpTimeInstance = 0:0:23:55.00"},
		{"Q", "ifOperStatus.1", pdu.Integer(1), "IF-MIB::ifOperStatus.1 = up"},
		{"qv", "sysUpTime.0", pdu.TimeTicks(143529), "0:0:23:55.29"},
		{"qv", "ifDescr.1", str("lo"), "lo"},
		{"e", "ifOperStatus.1", pdu.Integer(1), "IF-MIB::ifOperStatus.1 = INTEGER: 1"},
		{"x", "ifDescr.1", str("lo"), "IF-MIB::ifDescr.1 = STRING: lo"},
		{"a", "ifDescr.1", str("lo"), "IF-MIB::ifDescr.1 = STRING: lo"},
		{"T", "ifDescr.1", str("lo"), "IF-MIB::ifDescr.1 = STRING: lo"},
		{"X", "ifDescr.1", str("lo"), "IF-MIB::ifDescr[1] = STRING: lo"},
		{"qn", "ifDescr.1", str("lo"), ".1.3.6.1.2.1.2.2.1.2.1 lo"},
		{"nqv", "ifDescr.1", str("lo"), "lo"},
		{"", "sysDescr.0", str("Linux host 6.x"), "SNMPv2-MIB::sysDescr.0 = STRING: Linux host 6.x"},
		{"", "ifPhysAddress.2", str("\x02\x00\x5e\x10\x00\x01"), "IF-MIB::ifPhysAddress.2 = STRING: 2:0:5e:10:0:1"},
		{"", "ifPhysAddress.1", str(""), "IF-MIB::ifPhysAddress.1 = STRING: "},
		{"", "ifHCInOctets.1", pdu.Counter64(677926894), "IF-MIB::ifHCInOctets.1 = Counter64: 677926894"},
		{"", "ifSpeed.1", pdu.Gauge32(10000000), "IF-MIB::ifSpeed.1 = Gauge32: 10000000"},
		{"", "hrSystemDate.0", str("\x07\xea\x0b\x16\x0a\x11\x26\x00+\x00\x00"), "HOST-RESOURCES-MIB::hrSystemDate.0 = STRING: 2026-11-22,10:17:38.0,+0:0"},
		{"", "laLoadFloat.1", pdu.Opaque("\x9f\x78\x04\x40\xa2\x3b\xf7"), "UCD-SNMP-MIB::laLoadFloat.1 = Opaque: Float: 5.069820"},
		{"", "ipAdEntNetMask.127.0.0.1", pdu.IPAddress(netip.MustParseAddr("255.0.0.0")), "IP-MIB::ipAdEntNetMask.127.0.0.1 = IpAddress: 255.0.0.0"},
		{"", "sysObjectID.0", oid("1.3.6.1.4.1.8072.3.2.10"), "SNMPv2-MIB::sysObjectID.0 = OID: NET-SNMP-TC::linux"},
		{"", "snmpEngineID.0", str("\x80\x00\x1f\x88\x80.E\x15H\xa2\xbb\x02k\x00\x00\x00\x00"), "SNMP-FRAMEWORK-MIB::snmpEngineID.0 = Hex-STRING: 80 00 1F 88 80 2E 45 15 48 A2 BB 02 6B 00 00 00 \n00 "},
		{"U", "memTotalReal.0", pdu.Integer(24683620), "UCD-SNMP-MIB::memTotalReal.0 = INTEGER: 24683620"},
		{"", "memTotalReal.0", pdu.Integer(24683620), "UCD-SNMP-MIB::memTotalReal.0 = INTEGER: 24683620 kB"},
		{"", `nsExtendOutputFull."test1"`, str("hello world"), `NET-SNMP-EXTEND-MIB::nsExtendOutputFull."test1" = STRING: hello world`},
		{"X", `nsExtendOutputFull."test1"`, str("hello world"), `NET-SNMP-EXTEND-MIB::nsExtendOutputFull[STRING: test1] = STRING: hello world`},
		{"b", `nsExtendOutputFull."test1"`, str("hello world"), `NET-SNMP-EXTEND-MIB::nsExtendOutputFull.5.116.101.115.116.49 = STRING: hello world`},
		{"E", `nsExtendOutputFull."test1"`, str("hello world"), `NET-SNMP-EXTEND-MIB::nsExtendOutputFull.\"test1\" = STRING: hello world`},
		{"", "sysDescr.9", pdu.NoSuchInstance, "SNMPv2-MIB::sysDescr.9 = No Such Instance currently exists at this OID"},
		{"", ".1.3.6.1.2.1.99", pdu.NoSuchObject, "ENTITY-SENSOR-MIB::entitySensorMIB = No Such Object available on this agent at this OID"},
		{"", ".1.9", pdu.EndOfMibView, "iso.9 = No more variables left in this MIB View (It is past the end of the MIB tree)"},
		{"", "ifType.1", pdu.Integer(24), "IF-MIB::ifType.1 = INTEGER: softwareLoopback(24)"},
		{"", "sysORID.4", oid("1.3.6.1.6.3.1"), "SNMPv2-MIB::sysORID.4 = OID: SNMPv2-MIB::snmpMIB"},
		{"", "sysORID.5", oid("1.3.6.1.6.3.16.2.2.1"), "SNMPv2-MIB::sysORID.5 = OID: SNMP-VIEW-BASED-ACM-MIB::vacmBasicGroup"},
		{"", "snmpTrapOID.0", oid("1.3.6.1.6.3.1.1.5.3"), "SNMPv2-MIB::snmpTrapOID.0 = OID: IF-MIB::linkDown"},
		{"", `ipAddressIfIndex.ipv4."127.0.0.1"`, pdu.Integer(1), `IP-MIB::ipAddressIfIndex.ipv4."127.0.0.1" = INTEGER: 1`},
		{"", `ipAddressIfIndex.ipv6."::1"`, pdu.Integer(1), `IP-MIB::ipAddressIfIndex.ipv6."00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01" = INTEGER: 1`},
		{"", `ipAddressIfIndex.ipv6z."fe80::1%2"`, pdu.Integer(1), `IP-MIB::ipAddressIfIndex.ipv6z."fe:80:00:00:00:00:00:00:00:00:00:00:00:00:00:01%2" = INTEGER: 1`},
		{"", "snmpTargetAddrTDomain.'internal0'", oid("1.3.6.1.6.1.1"), "SNMP-TARGET-MIB::snmpTargetAddrTDomain.'internal0' = OID: SNMPv2-TM::snmpUDPDomain"},
		{"", "sysDescr.0", pdu.Integer(5), "SNMPv2-MIB::sysDescr.0 = Wrong Type (should be OCTET STRING): INTEGER: 5"},
		{"Q", "sysDescr.0", pdu.Integer(5), "SNMPv2-MIB::sysDescr.0 = 5"},
		{"", "enterprises.9.1.0", str("text"), `SNMPv2-SMI::enterprises.9.1.0 = STRING: "text"`},
		{"", "enterprises.9.1.0", str("\x00\x01"), `SNMPv2-SMI::enterprises.9.1.0 = Hex-STRING: 00 01 `},
		{"q", "enterprises.9.1.0", str("\x00\x01"), `SNMPv2-SMI::enterprises.9.1.0 "00 01 "`},
		{"a", "enterprises.9.1.0", str("\x00A"), `SNMPv2-SMI::enterprises.9.1.0 = STRING: ".A"`},
		{"x", "enterprises.9.1.0", str("text"), `SNMPv2-SMI::enterprises.9.1.0 = Hex-STRING: 74 65 78 74 `},
		{"xT", "enterprises.9.1.0", str("text"), `SNMPv2-SMI::enterprises.9.1.0 = Hex-STRING: 74 65 78 74   [text]`},
		{"", "enterprises.9.1.0", str(""), `SNMPv2-SMI::enterprises.9.1.0 = ""`},
		{"", "enterprises.9.1.0", str(`a"b\`), `SNMPv2-SMI::enterprises.9.1.0 = STRING: "a\"b\\"`},
		{"", "enterprises.9.1.0", pdu.Null, "SNMPv2-SMI::enterprises.9.1.0 = NULL"},
		{"", "enterprises.9.1.0", pdu.TimeTicks(4294967295), "SNMPv2-SMI::enterprises.9.1.0 = Timeticks: (4294967295) 497 days, 2:27:52.95"},
		{"", "enterprises.9.1.0", pdu.TimeTicks(8640000), "SNMPv2-SMI::enterprises.9.1.0 = Timeticks: (8640000) 1 day, 0:00:00.00"},
		{"0", "ifPhysAddress.2", str("\x02\x00\x5e\x10\x00\x01"), "IF-MIB::ifPhysAddress.2 = STRING: 02:00:5e:10:00:01"},
		{"p.2", "laLoadFloat.1", pdu.Opaque("\x9f\x78\x04\x40\xa2\x3b\xf7"), "UCD-SNMP-MIB::laLoadFloat.1 = Opaque: Float: 5.07"},
		{"QUs", "memTotalReal.0", pdu.Integer(1), "memTotalReal.0 = 1"},
		{"sqnU", "memTotalReal.0", pdu.Integer(1), ".1.3.6.1.4.1.2021.4.5.0 1"},
		{"", "hrPrinterDetectedErrorState.1", str("\xc0"), "HOST-RESOURCES-MIB::hrPrinterDetectedErrorState.1 = Hex-STRING: C0 "},
		{"", "mteTriggerTest.\"a\".'b'", str("\x60"), `DISMAN-EVENT-MIB::mteTriggerTest."a".'b' = BITS: 60 boolean(1) threshold(2) `},
		{"e", "mteTriggerTest.\"a\".'b'", str("\x60"), `DISMAN-EVENT-MIB::mteTriggerTest."a".'b' = BITS: 60 1 2 `},
		{"q", "mteTriggerTest.\"a\".'b'", str("\x60"), `DISMAN-EVENT-MIB::mteTriggerTest."a".'b' "60 "`},
		{"", ".1", pdu.Integer(1), "iso = INTEGER: 1"},
		{"", ".2.5", pdu.Integer(1), "joint-iso-ccitt.5 = INTEGER: 1"},
	} {
		var o Options
		if err := o.Set(c.letters); err != nil {
			t.Errorf("-O%s: %v", c.letters, err)
			continue
		}
		name, err := names.Resolve(c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := string(o.AppendLine(nil, names, pdu.VarBind{Name: name, Value: c.value})); got != c.want {
			t.Errorf("-O%s %s\n got %q\nwant %q", c.letters, c.name, got, c.want)
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		letters string
		want    Options
		err     string
	}{
		{letters: "", want: Options{}},
		{letters: "nqv", want: Options{Name: NumericName, Quick: true, ValueOnly: true}},
		{letters: "ns", want: Options{Name: SuffixName}},
		{letters: "qq", want: Options{}},
		{letters: "ax", want: Options{Strings: HexString}},
		{letters: "0bQeETUXtfp.3", want: Options{TwoDigitHex: true, NumericIndex: true, QuickEqual: true, NumericEnums: true, EscapeQuotes: true, HexText: true, NoUnits: true, BracketIndex: true, RawTicks: true, Name: FullName, Precision: "3"}},
		{letters: "qy", err: "Unknown output option passed to -O: y."},
		{letters: "p", err: `-Op needs a number of digits as in -Op.2, not ""`},
		{letters: "p%s", err: `-Op needs a number of digits as in -Op.2, not "%s"`},
		{letters: "p.100", err: `-Op needs a number of digits as in -Op.2, not ".100"`},
	} {
		var o Options
		err := o.Set(c.letters)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("Set(%q) = %v, want %s", c.letters, err, c.err)
			}
		} else if err != nil || o != c.want {
			t.Errorf("Set(%q) = %v, %+v, want %+v", c.letters, err, o, c.want)
		}
	}
}
