package smi

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

func TestLookup(t *testing.T) {
	n := Core()
	for _, c := range []struct{ oid, object, rest string }{
		{"1.3.6.1.2.1.1.1.0", "SNMPv2-MIB::sysDescr", "0"},
		{"1.3.6.1.2.1.1.1", "SNMPv2-MIB::sysDescr", ""},
		{"1.3.6.1.2.1.1.3.0", "DISMAN-EVENT-MIB::sysUpTimeInstance", ""},
		{"1.3.6.1.2.1.2.2.1.2.7", "IF-MIB::ifDescr", "7"},
		{"1.3.6.1.2.1.2.2.1.99.7", "IF-MIB::ifEntry", "99.7"},
		{"1.3.6.1.2.1.4.20.1.3.10.0.0.1", "IP-MIB::ipAdEntNetMask", "10.0.0.1"},
		{"1.3.6.1.2.1.3.1.1.2.1.1.10.0.0.1", "RFC1213-MIB::atPhysAddress", "1.1.10.0.0.1"},
		{"1.3.6.1.4.1.8072.3.2.10", "NET-SNMP-TC::linux", ""},
		{"1.3.6.1.4.1.4294967295.1", "SNMPv2-SMI::enterprises", "4294967295.1"},
		{"1.3.6.1.6.3.16.2.2.1", "SNMP-VIEW-BASED-ACM-MIB::vacmBasicGroup", ""},
		{"0.0", "SNMPv2-SMI::zeroDotZero", ""},
		{"1", "::iso", ""},
		{"2.1.2", "::joint-iso-ccitt", "1.2"},
		{"0.39", "::ccitt", "39"},
	} {
		o, rest := n.Lookup(ber.MustOID(c.oid))
		if o == nil || o.String() != c.object || rest != ber.MustOID(c.rest) {
			t.Errorf("Lookup(%s) = %v, %s, want %s, %s", c.oid, o, rest, c.object, c.rest)
		}
	}
	for _, oid := range []ber.OID{"", ber.NewOID(3), ber.NewOID(3, 1)} {
		if o, rest := n.Lookup(oid); o != nil || rest != oid {
			t.Errorf("Lookup(%s) = %v, %s", oid, o, rest)
		}
	}
}

// TestLookupModel compares Lookup with a search through all objects.
func TestLookupModel(t *testing.T) {
	n := Core()
	objects := slices.Collect(n.All())
	if !slices.IsSortedFunc(objects, func(a, b *Object) int { return cmp.Compare(a.OID, b.OID) }) {
		t.Error("All is not in order")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		oid := objects[random.IntN(len(objects))].OID
		oid = oid.Slice(0, 1+random.IntN(oid.Len()))
		for range random.IntN(4) {
			oid = oid.Append(random.Uint32N(5))
		}
		var want *Object
		for _, o := range objects {
			if oid.HasPrefix(o.OID) && (want == nil || o.OID.Len() > want.OID.Len()) {
				want = o
			}
		}
		if got, rest := n.Lookup(oid); got != want || got.OID+rest != oid {
			t.Fatalf("Lookup(%s) = %v, %s, want %v", oid, got, rest, want)
		}
	}
}

// TestCoreResolves: every object of the core table is found under its name and
// its OID.
func TestCoreResolves(t *testing.T) {
	n := Core()
	count := 0
	for _, list := range n.byName {
		for _, o := range list {
			count++
			text := o.String()
			if o.Module == "" {
				text = o.Name
			}
			if oid, err := n.Resolve(text); err != nil || oid != o.OID {
				t.Errorf("Resolve(%s) = %v, %v, want %v", text, oid, err, o.OID)
			}
			if oid, err := n.Resolve(o.OID.String()); err != nil || oid != o.OID {
				t.Errorf("Resolve(%s) = %v, %v", o.OID, oid, err)
			}
			if first := n.At(o.OID); first == nil || first.OID != o.OID {
				t.Errorf("At(%s) = %v", o.OID, first)
			}
			if o.Kind == Column {
				if row := n.RowOf(o); row == nil || len(row.Index) == 0 || row.Index[0].Type == nil {
					t.Errorf("the row of %s is %+v", o, row)
				}
			}
			if (o.Kind == Scalar || o.Kind == Column) != (o.Type != nil) {
				t.Errorf("%s %s has type %v", o.Kind, o, o.Type)
			}
		}
	}
	if count < 2400 {
		t.Errorf("the core table has %d objects", count)
	}
}

// TestCoreFacts samples the core table against the RFCs.
func TestCoreFacts(t *testing.T) {
	n := Core()
	for _, c := range []struct{ name, want string }{
		{"sysDescr", "scalar 1.3.6.1.2.1.1.1 read-only current DisplayString:OCTET STRING 0..255 hint=255a"},
		{"ifOperStatus", "column 1.3.6.1.2.1.2.2.1.8 read-only current INTEGER:INTEGER up=1 down=2 testing=3 unknown=4 dormant=5 notPresent=6 lowerLayerDown=7"},
		{"ifEntry", "row 1.3.6.1.2.1.2.2.1 not-accessible current index=ifIndex"},
		{"ifXEntry", "row 1.3.6.1.2.1.31.1.1.1 not-accessible current index=ifIndex"},
		{"hrStorageSize", "column 1.3.6.1.2.1.25.2.3.1.5 read-write current Integer32:INTEGER 0..2147483647"},
		{"hrStorageAllocationUnits", "column 1.3.6.1.2.1.25.2.3.1.4 read-only current Integer32:INTEGER 1..2147483647 units=Bytes"},
		{"hrSystemDate", "scalar 1.3.6.1.2.1.25.1.2 read-write current DateAndTime:OCTET STRING 8..8 11..11 hint=2d-1d-1d,1d:1d:1d.1d,1a1d:1d"},
		{"memTotalReal", "scalar 1.3.6.1.4.1.2021.4.5 read-only current Integer32:INTEGER units=kB"},
		{"vacmAccessEntry", "row 1.3.6.1.6.3.16.1.4.1 not-accessible current index=vacmGroupName index=vacmAccessContextPrefix index=vacmAccessSecurityModel index=vacmAccessSecurityLevel"},
		{"snmpTargetAddrEntry", "row 1.3.6.1.6.3.12.1.2.1 not-accessible current index=snmpTargetAddrName!"},
		{"linkDown", "notification 1.3.6.1.6.3.1.1.5.3 not-accessible current"},
		{"snmpEngineID", "scalar 1.3.6.1.6.3.10.2.1.1 read-only current SnmpEngineID:OCTET STRING 5..32"},
		{"usmUserSpinLock", "scalar 1.3.6.1.6.3.15.1.2.1 read-write current TestAndIncr:INTEGER 0..2147483647"},
		{"nsExtendConfigEntry", "row 1.3.6.1.4.1.8072.1.3.2.2.1 not-accessible current index=nsExtendToken"},
		{"ipAddrTable", "table 1.3.6.1.2.1.4.20 not-accessible deprecated"},
		{"ipRouteDest", "column 1.3.6.1.2.1.4.21.1.1 read-write current IpAddress:IpAddress"},
	} {
		o := n.Find("", c.name)
		if o == nil {
			t.Errorf("%s is unknown", c.name)
		} else if got := summary(o); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if label, ok := n.Type("", "IANAifType").Label(6); !ok || label != "ethernetCsmacd" {
		t.Errorf("interface type 6 is %q", label)
	}
	if v, ok := n.Type("IANAifType-MIB", "IANAifType").Value("softwareLoopback"); !ok || v != 24 {
		t.Errorf("softwareLoopback is %d", v)
	}
}

func TestSplitIndex(t *testing.T) {
	n := Core()
	str, number := pdu.OctetString, pdu.Integer
	for _, c := range []struct {
		name   string
		column string
		rest   string
		want   []pdu.Value
		tail   string
	}{
		{"RFC 2578 §7.7 (1), integer", "ifDescr", "7", []pdu.Value{number(7)}, ""},
		{"more than the index", "ifDescr", "7.8", []pdu.Value{number(7)}, "8"},
		{"(2), fixed length", "snmpTargetAddrTDomain", "97.98", []pdu.Value{str("ab")}, ""},
		{"(3), variable length", "nsExtendOutputFull", "2.97.98", []pdu.Value{str("ab")}, ""},
		{"(3), empty", "nsExtendOutputFull", "0", []pdu.Value{str("")}, ""},
		{"(3), too short", "nsExtendOutputFull", "3.97.98", nil, "3.97.98"},
		{"(3), no octet", "nsExtendOutputFull", "1.256", nil, "1.256"},
		{"(3), huge length", "nsExtendOutputFull", "4294967295.97", nil, "4294967295.97"},
		{"two of them", "nsExtendOutLine", "2.97.98.3", []pdu.Value{str("ab"), number(3)}, ""},
		{"the second one missing", "nsExtendOutLine", "2.97.98", []pdu.Value{str("ab")}, ""},
		{"IpAddress", "ipAdEntNetMask", "127.0.0.1", []pdu.Value{pdu.IPAddress(ipv4(127, 0, 0, 1))}, ""},
		{"IpAddress too short", "ipAdEntNetMask", "127.0.0", nil, "127.0.0"},
		{"NetworkAddress, RFC 1212 §4.1.6", "atPhysAddress", "2.1.10.0.0.1", []pdu.Value{number(2), pdu.IPAddress(ipv4(10, 0, 0, 1))}, ""},
		{"Unsigned32", "inetCidrRouteIfIndex", "1.4.10.0.0.0.8.2.0.0.0.0", []pdu.Value{number(1), str("\x0a\x00\x00\x00"), pdu.Gauge32(8), pdu.ObjectIdentifier(ber.MustOID("0.0")), number(0), str("")}, ""},
		{"OBJECT IDENTIFIER", "vacmViewTreeFamilyType", "1.97.3.1.3.6", []pdu.Value{str("a"), pdu.ObjectIdentifier(ber.MustOID("1.3.6"))}, ""},
		{"a row", "ifEntry", "7", []pdu.Value{number(7)}, ""},
		{"augmenting", "ifName", "7", []pdu.Value{number(7)}, ""},
		{"a scalar", "sysDescr", "0", nil, "0"},
	} {
		values, tail := n.SplitIndex(n.Find("", c.column), ber.MustOID(c.rest))
		var got []pdu.Value
		var arcs ber.OID
		for _, v := range values {
			got = append(got, v.Value)
			arcs += v.Arcs
		}
		if !slices.Equal(got, c.want) || tail != ber.MustOID(c.tail) {
			t.Errorf("%s: SplitIndex(%s, %s) = %v, %s, want %v, %s", c.name, c.column, c.rest, got, tail, c.want, c.tail)
		}
		if arcs+tail != ber.MustOID(c.rest) {
			t.Errorf("%s: the arcs are %s and %s", c.name, arcs, tail)
		}
	}
}
