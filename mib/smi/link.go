package smi

import (
	"fmt"
	"maps"
	"slices"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// baseTypes are the types that need no definition: RFC 2578 §7.1, and those of
// RFC 1155 and RFC 1442 that it replaced.
var baseTypes = map[string]*Type{
	"INTEGER":           {Name: "INTEGER", Base: pdu.TypeInteger},
	"Integer32":         {Name: "Integer32", Base: pdu.TypeInteger},
	"OCTET STRING":      {Name: "OCTET STRING", Base: pdu.TypeOctetString},
	"OBJECT IDENTIFIER": {Name: "OBJECT IDENTIFIER", Base: pdu.TypeObjectIdentifier},
	"BITS":              {Name: "BITS", Base: pdu.TypeOctetString, Bits: true},
	"BIT STRING":        {Name: "BIT STRING", Base: pdu.TypeOctetString, Bits: true},
	"IpAddress":         {Name: "IpAddress", Base: pdu.TypeIPAddress},
	"NetworkAddress":    {Name: "NetworkAddress", Base: pdu.TypeIPAddress},
	"Counter":           {Name: "Counter", Base: pdu.TypeCounter32},
	"Counter32":         {Name: "Counter32", Base: pdu.TypeCounter32},
	"Gauge":             {Name: "Gauge", Base: pdu.TypeGauge32},
	"Gauge32":           {Name: "Gauge32", Base: pdu.TypeGauge32},
	"Unsigned32":        {Name: "Unsigned32", Base: pdu.TypeGauge32},
	"TimeTicks":         {Name: "TimeTicks", Base: pdu.TypeTimeTicks},
	"Opaque":            {Name: "Opaque", Base: pdu.TypeOpaque},
	"Counter64":         {Name: "Counter64", Base: pdu.TypeCounter64},
	"UInteger32":        {Name: "UInteger32", Base: pdu.TypeUInteger32},
	"NsapAddress":       {Name: "NsapAddress", Base: pdu.TypeNSAP},
}

// Add resolves the names of a module and adds its objects and types. Modules
// that it imports from should be there before. What cannot be resolved is left
// out and appended to m.Problems. A module that is known already is not added
// again.
func (n *Names) Add(file string, m *Module) {
	if n.loaded[m.Name] {
		return
	}
	n.loaded[m.Name] = true
	n.modules = append(n.modules, m.Name)
	l := linker{names: n, m: m, file: file, byName: make(map[string]int, len(m.defs)), oids: make(map[string]ber.OID), begun: make(map[string]bool), passing: make(map[ber.OID]string)}
	for i, d := range m.defs {
		if _, taken := l.byName[d.name]; taken {
			l.warn(d, "%s is defined twice", d.name)
			continue
		}
		l.byName[d.name] = i
	}
	l.types()
	l.objects()
}

// A linker adds one module to Names.
type linker struct {
	names  *Names
	m      *Module
	file   string
	byName map[string]int     // definition's index in m.defs
	oids   map[string]ber.OID // resolved ones; "" while it is being worked on or without one
	// begun are the definitions that were begun to be resolved, types and
	// objects. One that is met again was not resolved.
	begun map[string]bool
	// passing are the names that OID values give to arcs in passing, as in
	// { iso org(3) dod(6) 1 }. They count where no definition names the OID.
	passing map[ber.OID]string
}

func (l *linker) warn(d definition, format string, args ...any) {
	l.m.Problems = append(l.m.Problems, &SyntaxError{l.file, d.line, fmt.Sprintf(format, args...)})
}

// types resolves the type assignments.
func (l *linker) types() {
	for i, d := range l.m.defs {
		if d.macro == "" && l.byName[d.name] == i {
			l.typeNamed(d.name)
		}
	}
}

// typeNamed returns the type that a name means in this module, nil if there is
// none.
func (l *linker) typeNamed(name string) *Type {
	if t := baseTypes[name]; t != nil {
		return t
	}
	if t := l.names.types[l.m.Name][name]; t != nil {
		return t
	}
	if i, ok := l.byName[name]; ok && l.m.defs[i].macro == "" {
		return l.defineType(l.m.defs[i])
	}
	if from := l.m.imports[name]; from != "" {
		if t := l.names.types[from][name]; t != nil {
			return t
		}
	}
	return l.names.anyType[name] // not imported, or from the wrong module
}

func (l *linker) defineType(d definition) *Type {
	if isStructure(d.syntax) || l.begun[d.name] {
		return nil
	}
	l.begun[d.name] = true
	t := l.typeOf(d)
	if t == nil {
		return nil
	}
	named := *t
	named.Name = d.name
	if d.hint != "" {
		named.Hint = d.hint
	}
	l.names.putType(l.m.Name, &named)
	return &named
}

// typeOf returns the type of a definition's SYNTAX clause.
func (l *linker) typeOf(d definition) *Type {
	t := l.typeNamed(d.syntax.name)
	if t == nil {
		l.warn(d, "%s has the unknown type %s", d.name, d.syntax.name)
		return nil
	}
	if d.syntax.enum == nil && d.syntax.ranges == nil {
		return t
	}
	refined := *t // RFC 2578 §9
	if d.syntax.enum != nil {
		refined.Enum = d.syntax.enum
	}
	if d.syntax.ranges != nil {
		refined.Ranges = d.syntax.ranges
	}
	return &refined
}

// isStructure reports whether a syntax is that of a table, a row or one of the
// SMI's own productions.
func isStructure(s *syntax) bool {
	return s.name == "SEQUENCE" || s.name == "SEQUENCE OF" || s.name == "CHOICE"
}

// objects resolves the OIDs, and then what an object is by its place.
func (l *linker) objects() {
	var added []*Object
	defs := make(map[*Object]definition)
	for i, d := range l.m.defs {
		if d.macro == "" || l.byName[d.name] != i {
			continue
		}
		oid := l.oid(d.name)
		if oid == "" {
			continue
		}
		if generic, ok := genericTrap(oid); ok && d.macro == "TRAP-TYPE" {
			oid = generic
		}
		o := &Object{
			Module: l.m.Name, Name: d.name, OID: oid, Kind: kindOfMacro[d.macro],
			Units: d.units, Access: accessOf(d.access), Status: statusOf(d.status),
		}
		added = append(added, o)
		defs[o] = d
	}
	slices.SortStableFunc(added, func(a, b *Object) int { return a.OID.Compare(b.OID) })
	here := make(map[ber.OID]*Object, len(added))
	for _, o := range added { // parents come first
		if d := defs[o]; d.macro == "OBJECT-TYPE" {
			l.objectType(o, d, here)
		}
		here[o.OID] = o
		l.names.put(o)
	}
	for _, oid := range slices.Sorted(maps.Keys(l.passing)) {
		if l.names.byOID[oid] == nil {
			l.names.put(&Object{Module: l.m.Name, Name: l.passing[oid], OID: oid})
		}
	}
	for _, o := range added {
		if o.Kind == Row {
			o.Index = l.index(o, defs[o])
		}
	}
}

// genericTrap returns the name that SNMPv2 has for one of SNMPv1's generic traps,
// which are those of the enterprise snmp (RFC 3584 §3.1 (2)).
func genericTrap(oid ber.OID) (ber.OID, bool) {
	const enterprise, traps = "1.3.6.1.2.1.11", "1.3.6.1.6.3.1.1.5"
	snmp := ber.MustOID(enterprise).Append(0)
	if !oid.HasPrefix(snmp) || oid.Len() != snmp.Len()+1 || oid.At(snmp.Len()) > 5 {
		return "", false
	}
	return ber.MustOID(traps).Append(oid.At(snmp.Len()) + 1), true
}

// objectType sets what an OBJECT-TYPE has beyond other objects. here are the
// objects of this module above it.
func (l *linker) objectType(o *Object, d definition, here map[ber.OID]*Object) {
	parent := here[o.OID.Slice(0, o.OID.Len()-1)]
	if parent == nil {
		parent = l.names.byOID[o.OID.Slice(0, o.OID.Len()-1)]
	}
	if d.syntax == nil {
		l.warn(d, "%s has no SYNTAX", d.name)
		return
	}
	switch {
	case d.syntax.name == "SEQUENCE OF":
		o.Kind = Table
		return
	case d.index != nil || d.augments != "" || parent != nil && parent.Kind == Table:
		o.Kind = Row
		o.Augments = d.augments
		return
	case parent != nil && parent.Kind == Row:
		o.Kind = Column
	}
	o.Type = l.typeOf(d)
}

// index resolves the INDEX clause of a row, or that of the row it augments
// (RFC 2578 §7.7, §7.8).
func (l *linker) index(o *Object, d definition) []Index {
	if d.augments != "" {
		base := l.object(d.augments)
		if base == nil || base.Kind != Row {
			l.warn(d, "%s augments %s, which is no known row", d.name, d.augments)
			return nil
		}
		if base.Index == nil && base.Module == l.m.Name && base != o {
			// Further down in this module; rows do not augment augmenting rows.
			if i, ok := l.byName[base.Name]; ok && l.m.defs[i].augments == "" {
				return l.index(base, l.m.defs[i])
			}
		}
		return base.Index
	}
	for i := range d.index {
		x := &d.index[i]
		if object := l.object(x.Name); object != nil {
			x.Type = object.Type
		} else if t := l.typeNamed(x.Name); t != nil { // RFC 1212 §4.1.6: a type
			x.Type = t
		} else {
			l.warn(d, "%s is indexed by %s, which is unknown", d.name, x.Name)
		}
	}
	return d.index
}

// object returns what a name means in this module.
func (l *linker) object(name string) *Object {
	module := l.m.Name
	if _, local := l.byName[name]; !local {
		module = l.m.imports[name]
	}
	if o := l.names.Find(module, name); o != nil {
		return o
	}
	return l.names.Find("", name)
}

// oid returns the OID that a name means in this module, "" if there is none.
func (l *linker) oid(name string) ber.OID {
	if oid, known := l.oids[name]; known {
		return oid
	}
	i, local := l.byName[name]
	if !local || l.m.defs[i].value == nil {
		if o := l.object(name); o != nil {
			return o.OID
		}
		return ""
	}
	d := l.m.defs[i]
	if l.begun[name] {
		l.warn(d, "%s is defined by itself", name)
		return ""
	}
	l.begun[name] = true
	oid := l.value(d)
	l.oids[name] = oid
	return oid
}

// value resolves `{ parent 1 name(2) }`.
func (l *linker) value(d definition) ber.OID {
	var oid ber.OID
	for i, a := range d.value {
		switch {
		case i == 0 && !a.hasNum || i == 0 && a.name != "" && a.name != d.name && l.oid(a.name) != "":
			oid = l.oid(a.name)
			if oid == "" {
				if _, local := l.byName[a.name]; local {
					return "" // reported there
				}
				l.warn(d, "%s is below %s, which is unknown", d.name, a.name)
				return ""
			}
		case !a.hasNum:
			l.warn(d, "%s: the arc %s has no number", d.name, a.name)
			return ""
		default:
			oid = oid.Append(a.num)
			if a.name != "" && i < len(d.value)-1 {
				l.passing[oid] = a.name
			}
		}
		if oid.Len() > ber.MaxArcs {
			l.warn(d, "%s: its OID has more than %d sub-identifiers", d.name, ber.MaxArcs)
			return ""
		}
	}
	return oid
}
