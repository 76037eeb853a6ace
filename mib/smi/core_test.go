package smi

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write core.txt anew from the modules in $SNMPSTACK_SHARED/mibs")

// coreModules are the modules of core.txt, in order of precedence: the SMI, what
// is in force, what agents of hosts serve beside it, and what was replaced.
var coreModules = []string{
	"SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-TM", "SNMPv2-CONF", "SNMPv2-MIB",
	"SNMP-FRAMEWORK-MIB", "SNMP-MPD-MIB", "SNMP-TARGET-MIB", "SNMP-NOTIFICATION-MIB", "SNMP-PROXY-MIB",
	"SNMP-USER-BASED-SM-MIB", "SNMP-VIEW-BASED-ACM-MIB", "SNMP-COMMUNITY-MIB",
	"SNMP-USM-AES-MIB", "SNMP-USM-HMAC-SHA2-MIB", "SNMP-TSM-MIB", "SNMP-TLS-TM-MIB", "TRANSPORT-ADDRESS-MIB",
	"IANAifType-MIB", "IANA-ADDRESS-FAMILY-NUMBERS-MIB", "IANA-RTPROTO-MIB", "INET-ADDRESS-MIB", "HCNUM-TC",
	"IF-MIB", "IP-MIB", "IP-FORWARD-MIB", "TCP-MIB", "UDP-MIB", "EtherLike-MIB",
	"HOST-RESOURCES-MIB", "HOST-RESOURCES-TYPES",
	"UCD-SNMP-MIB", "UCD-DISKIO-MIB", "UCD-DLMOD-MIB", "LM-SENSORS-MIB",
	"NET-SNMP-MIB", "NET-SNMP-TC", "NET-SNMP-AGENT-MIB", "NET-SNMP-EXTEND-MIB", "NET-SNMP-VACM-MIB",
	"DISMAN-EVENT-MIB", "DISMAN-SCHEDULE-MIB", "NOTIFICATION-LOG-MIB",
	"NETWORK-SERVICES-MIB", "MTA-MIB", "AGENTX-MIB",
	"UUID-TC-MIB", "IANA-ENTITY-MIB", "ENTITY-MIB", "ENTITY-SENSOR-MIB", "BRIDGE-MIB",
	"IPV6-TC", "IPV6-MIB", "IPV6-ICMP-MIB", "IPV6-TCP-MIB", "IPV6-UDP-MIB",
	"RFC1155-SMI", "RFC-1212", "RFC1213-MIB",
}

// TestCoreTable compares the table with the modules that it was made from, and
// with -update makes it. The modules are no part of the repository.
func TestCoreTable(t *testing.T) {
	shared := os.Getenv("SNMPSTACK_SHARED")
	if shared == "" {
		t.Skip("SNMPSTACK_SHARED is not set: no modules to compare core.txt with")
	}
	dirs := []string{filepath.Join(shared, "mibs")}
	want := New()
	for _, module := range coreModules {
		if err := want.Load(module, dirs); err != nil {
			t.Errorf("%s: %v", module, err)
		}
	}
	if !slices.Equal(want.Modules(), coreModules) {
		// A module is loaded when the first one imports it: list it before.
		t.Fatalf("modules were loaded in the order %q", want.Modules())
	}
	table := writeTable(t, want)
	if *update {
		if err := os.WriteFile("core.txt", []byte(table), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if table != coreTable {
		t.Error("core.txt differs from the modules: run with -update, then again")
	}

	got := New()
	if err := got.readTable(table); err != nil {
		t.Fatal(err)
	}
	for name, objects := range want.byName {
		if !reflect.DeepEqual(got.byName[name], objects) {
			t.Errorf("%s: %s in the table, %s in the module", name, describe(got.byName[name]), describe(objects))
		}
	}
	if !reflect.DeepEqual(got.byOID, want.byOID) {
		t.Error("the objects by OID differ")
	}
	if !reflect.DeepEqual(got.types, want.types) {
		t.Error("the types differ")
	}
}

func describe(objects []*Object) string {
	var s []string
	for _, o := range objects {
		s = append(s, fmt.Sprintf("%+v with type %+v", *o, o.Type))
	}
	return strings.Join(s, "; ")
}

// TestCoreSize keeps the table from growing beyond what every program that
// links the package carries.
func TestCoreSize(t *testing.T) {
	if const300K := 300 << 10; len(coreTable) > const300K {
		t.Errorf("core.txt has %d octets", len(coreTable))
	}
	if !strings.HasPrefix(coreTable, "module\tSNMPv2-SMI\n") {
		t.Errorf("core.txt begins with %.40q", coreTable)
	}
}

// writeTable writes Names in the form that readTable reads.
func writeTable(t *testing.T, n *Names) string {
	var b strings.Builder
	for _, module := range n.modules {
		fmt.Fprintf(&b, "module\t%s\n", module)
		types := make([]*Type, 0, len(n.types[module]))
		for _, typ := range n.types[module] {
			types = append(types, typ)
		}
		slices.SortFunc(types, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
		for _, typ := range types {
			fmt.Fprintf(&b, "type\t%s\t%s", typ.Name, baseOf(typ))
			option(&b, "hint", typ.Hint)
			b.WriteByte('\n')
		}
		for _, o := range objectsOf(n, module) {
			writeObject(t, &b, n, o)
		}
	}
	return b.String()
}

// objectsOf returns the objects of a module by OID, those it found taken too.
func objectsOf(n *Names, module string) (objects []*Object) {
	for _, list := range n.byName {
		for _, o := range list {
			if o.Module == module {
				objects = append(objects, o)
			}
		}
	}
	slices.SortFunc(objects, func(a, b *Object) int {
		return cmp.Or(a.OID.Compare(b.OID), strings.Compare(a.Name, b.Name))
	})
	return objects
}

func writeObject(t *testing.T, b *strings.Builder, n *Names, o *Object) {
	fmt.Fprintf(b, "%s\t%s\t%s", o.Kind, o.Name, parentOf(n, o))
	if o.Kind == Scalar || o.Kind == Column {
		if o.Type == nil {
			t.Fatalf("%s has no type", o)
		}
		fmt.Fprintf(b, "\t%s\t%s", syntaxOf(n, o.Module, o.Type), o.Access)
	}
	option(b, "units", o.Units)
	if o.Status != Current {
		option(b, "status", o.Status.String())
	}
	option(b, "augments", o.Augments)
	if o.Augments == "" {
		var names []string
		for _, x := range o.Index {
			name := x.Name
			found := n.Find(o.Module, name)
			if found == nil {
				found = n.Find("", name)
			}
			if found.Type != x.Type {
				for _, candidate := range n.byName[name] {
					if candidate.Type == x.Type {
						name = candidate.Module + "." + name
						break
					}
				}
			}
			if x.Implied {
				name = "implied " + name
			}
			names = append(names, name)
		}
		option(b, "index", strings.Join(names, ","))
	}
	b.WriteByte('\n')
}

func option(b *strings.Builder, key, value string) {
	if value != "" {
		fmt.Fprintf(b, "\t%s=%s", key, value)
	}
}

func parentOf(n *Names, o *Object) string {
	for i := o.OID.Len() - 1; i > 0; i-- {
		p, ok := n.byOID[o.OID.Slice(0, i)]
		if !ok {
			continue
		}
		found := n.Find(o.Module, p.Name)
		if found == nil {
			found = n.Find("", p.Name)
		}
		if found.OID == p.OID {
			return p.Name + "." + o.OID.Slice(i, o.OID.Len()).String()
		}
	}
	panic("no parent for " + o.String())
}

// baseOf writes a type without the name that its textual convention has.
func baseOf(typ *Type) string {
	candidates := []string{"INTEGER", "OCTET STRING", "OBJECT IDENTIFIER", "BITS", "IpAddress", "Counter32", "Gauge32", "TimeTicks", "Opaque", "Counter64", "UInteger32", "NsapAddress"}
	for _, name := range candidates {
		if base := baseTypes[name]; base.Base == typ.Base && base.Bits == typ.Bits {
			return name + restriction(typ, base)
		}
	}
	panic("no base for " + typ.Name)
}

func syntaxOf(n *Names, module string, typ *Type) string {
	if base := baseTypes[typ.Name]; base != nil {
		return typ.Name + restriction(typ, base)
	}
	r := tableReader{names: n, module: module}
	name := typ.Name
	base := r.typeNamed(name)
	if !sameBase(base, typ) {
		for _, other := range n.modules {
			if candidate := n.types[other][typ.Name]; candidate != nil && sameBase(candidate, typ) {
				name, base = other+"."+typ.Name, candidate
				break
			}
		}
	}
	return name + restriction(typ, base)
}

// sameBase reports whether typ can be written as base with restrictions.
func sameBase(base, typ *Type) bool {
	return base.Base == typ.Base && base.Bits == typ.Bits && base.Hint == typ.Hint &&
		(typ.Enum != nil || base.Enum == nil) && (typ.Ranges != nil || base.Ranges == nil)
}

func restriction(typ, base *Type) string {
	var s string
	if typ.Enum != nil && !reflect.DeepEqual(typ.Enum, base.Enum) {
		var list []string
		for _, e := range typ.Enum {
			list = append(list, fmt.Sprintf("%s=%d", e.Label, e.Value))
		}
		s = "{" + strings.Join(list, ",") + "}"
	}
	if typ.Ranges != nil && !reflect.DeepEqual(typ.Ranges, base.Ranges) {
		var list []string
		for _, r := range typ.Ranges {
			if r.Min == r.Max {
				list = append(list, fmt.Sprint(r.Min))
			} else {
				list = append(list, fmt.Sprintf("%d..%d", r.Min, r.Max))
			}
		}
		s += "(" + strings.Join(list, "|") + ")"
	}
	return s
}
