package smi

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"snmpstack/ber"
)

// core.txt is written by TestCoreTable -update from the published modules; it
// holds facts only. A line is a list of fields with tabs between them. All
// modules, in order of precedence, look like this:
//
//	module	IF-MIB
//	type	InterfaceIndex	Integer32(1..2147483647)	hint=d
//	node	interfaces	mib-2.2
//	scalar	ifNumber	interfaces.1	Integer32	read-only
//	table	ifTable	interfaces.2
//	row	ifEntry	ifTable.1	index=ifIndex
//	column	ifSpeed	ifEntry.5	Gauge32	read-only	units=bits per second
//
// A type's syntax is a base type, an object's a base type or a type of the
// module or, if that has none of the name, of the first module in the table
// that has; Module.Name says which where that would be the wrong one. Ranges
// and enumerations stand behind the name as in the SMI, with "=" for numbers:
// INTEGER{up=1,down=2}. So do the names of index objects. A parent is an object
// further up. Fields with "=" are there only if they are not empty.
//
//go:embed core.txt
var coreTable string

var core = sync.OnceValue(func() *Names {
	n := New()
	if err := n.readTable(coreTable); err != nil {
		panic("smi: core.txt: " + err.Error())
	}
	return n
})

// Core returns the names that are built in. The table is read on the first
// call; every caller gets Names of its own, to which it may add.
func Core() *Names { return core().clone() }

// readTable adds the modules of a table in the form of core.txt.
func (n *Names) readTable(table string) error {
	t := tableReader{names: n}
	for i, line := range strings.Split(strings.TrimSuffix(table, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if err := t.line(strings.Split(line, "\t")); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return t.indexes()
}

type tableReader struct {
	names  *Names
	module string
	rows   []*Object
}

func (t *tableReader) line(fields []string) error {
	if len(fields) < 2 {
		return fmt.Errorf("%q has no name", fields[0])
	}
	name := fields[1]
	switch fields[0] {
	case "module":
		t.module = name
		t.names.modules = append(t.names.modules, name)
		t.names.loaded[name] = true
		return nil
	case "type":
		if len(fields) < 3 {
			return fmt.Errorf("type %s has no syntax", name)
		}
		return t.typeLine(name, fields[2], fields[3:])
	}
	return t.object(fields)
}

func (t *tableReader) typeLine(name, syntax string, options []string) error {
	base, err := t.syntax(syntax)
	if err != nil {
		return err
	}
	named := *base
	named.Name = name
	for _, option := range options {
		hint, ok := strings.CutPrefix(option, "hint=")
		if !ok {
			return fmt.Errorf("type %s: unknown field %q", name, option)
		}
		named.Hint = hint
	}
	t.names.putType(t.module, &named)
	return nil
}

func (t *tableReader) object(fields []string) (err error) {
	o := &Object{Module: t.module, Name: fields[1], Kind: Kind(indexOf(kindNames, fields[0]))}
	if o.Kind == unknown || len(fields) < 3 {
		return fmt.Errorf("%q is no object", fields)
	}
	if o.OID, err = t.oid(fields[2]); err != nil {
		return fmt.Errorf("%s: %w", o.Name, err)
	}
	options := fields[3:]
	if o.Kind == Scalar || o.Kind == Column {
		if len(options) < 2 {
			return fmt.Errorf("%s has no syntax and access", o.Name)
		}
		if o.Type, err = t.syntax(options[0]); err != nil {
			return fmt.Errorf("%s: %w", o.Name, err)
		}
		if o.Access = Access(indexOf(accessNames, options[1])); o.Access == unknown {
			return fmt.Errorf("%s: unknown access %q", o.Name, options[1])
		}
		options = options[2:]
	}
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "units":
			o.Units = value
		case "status":
			o.Status = Status(indexOf(statusNames, value))
		case "augments":
			o.Augments = value
		case "index":
			for x := range strings.SplitSeq(value, ",") {
				var index Index
				index.Name, index.Implied = strings.CutPrefix(x, "implied ")
				o.Index = append(o.Index, index)
			}
		default:
			return fmt.Errorf("%s: unknown field %q", o.Name, option)
		}
	}
	if o.Kind == Row {
		t.rows = append(t.rows, o)
	}
	t.names.put(o)
	return nil
}

// indexes finds the types of index objects, which may be of later modules.
func (t *tableReader) indexes() error {
	for _, row := range t.rows {
		for i := range row.Index {
			x := &row.Index[i]
			module, name, qualified := strings.Cut(x.Name, ".")
			if !qualified {
				module, name = row.Module, x.Name
			}
			x.Name = name
			if o := t.names.Find(module, name); o != nil {
				x.Type = o.Type
			} else if o := t.names.Find("", name); o != nil && !qualified {
				x.Type = o.Type
			} else {
				return fmt.Errorf("the index %s of %s is unknown", x.Name, row)
			}
		}
	}
	for _, row := range t.rows {
		if row.Augments == "" {
			continue
		}
		base := t.names.Find(row.Module, row.Augments)
		if base == nil {
			base = t.names.Find("", row.Augments)
		}
		if base == nil || base.Kind != Row {
			return fmt.Errorf("%s augments %s, which is unknown", row, row.Augments)
		}
		row.Index = base.Index
	}
	return nil
}

// oid reads parent.1.2: the parent of this module or, if it has none of the
// name, of the first one that has.
func (t *tableReader) oid(text string) (ber.OID, error) {
	parent, arcs, _ := strings.Cut(text, ".")
	o := t.names.Find(t.module, parent)
	if o == nil {
		o = t.names.Find("", parent)
	}
	if o == nil {
		return "", fmt.Errorf("parent %q is unknown", parent)
	}
	below, err := ber.ParseOID(arcs)
	return o.OID + below, err
}

// syntax reads a type with what restricts it.
func (t *tableReader) syntax(text string) (*Type, error) {
	end := strings.IndexAny(text, "({")
	if end < 0 {
		end = len(text)
	}
	base := t.typeNamed(text[:end])
	if base == nil {
		return nil, fmt.Errorf("type %q is unknown", text[:end])
	}
	rest := text[end:]
	if rest == "" {
		return base, nil
	}
	refined := *base
	if list, ok := strings.CutPrefix(rest, "{"); ok {
		list, rest, _ = strings.Cut(list, "}")
		refined.Enum = nil
		for e := range strings.SplitSeq(list, ",") {
			label, number, _ := strings.Cut(e, "=")
			n, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%q is no enumeration", text)
			}
			refined.Enum = append(refined.Enum, Enum{label, n})
		}
	}
	if list, ok := strings.CutPrefix(rest, "("); ok {
		refined.Ranges = nil
		for r := range strings.SplitSeq(strings.TrimSuffix(list, ")"), "|") {
			low, high, both := strings.Cut(r, "..")
			if !both {
				high = low
			}
			a, err1 := strconv.ParseInt(low, 10, 64)
			b, err2 := strconv.ParseInt(high, 10, 64)
			if err1 != nil || err2 != nil {
				return nil, fmt.Errorf("%q is no range", text)
			}
			refined.Ranges = append(refined.Ranges, Range{a, b})
		}
	}
	return &refined, nil
}

func (t *tableReader) typeNamed(name string) *Type {
	if base := baseTypes[name]; base != nil {
		return base
	}
	if module, name, qualified := strings.Cut(name, "."); qualified {
		return t.names.types[module][name]
	}
	if own := t.names.types[t.module][name]; own != nil {
		return own
	}
	return t.names.anyType[name]
}

// unknown is what indexOf returns, as each of the types it is used for.
const unknown = 255

func indexOf(names []string, name string) uint8 {
	for i, s := range names {
		if s == name {
			return uint8(i)
		}
	}
	return unknown
}
