package smi

import (
	"iter"
	"maps"
	"slices"

	"snmpstack/ber"
)

// Names are the objects and types of some modules. Make them with Core or New.
type Names struct {
	byOID  map[ber.OID]*Object
	byName map[string][]*Object // in order of precedence
	// types by module and name, and the first one of each name.
	types    map[string]map[string]*Type
	anyType  map[string]*Type
	modules  []string // in order of precedence
	loaded   map[string]bool
	deepest  int                          // arcs of the longest OID in byOID
	dirIndex map[string]map[string]string // directory to module to file
}

// New returns Names that know nothing but the three roots of the OID tree
// (X.660): ccitt, iso and joint-iso-ccitt. They belong to no module.
func New() *Names {
	n := &Names{
		byOID:   make(map[ber.OID]*Object),
		byName:  make(map[string][]*Object),
		types:   make(map[string]map[string]*Type),
		anyType: make(map[string]*Type),
		loaded:  make(map[string]bool),
	}
	for i, root := range []string{"ccitt", "iso", "joint-iso-ccitt"} {
		n.put(&Object{Name: root, OID: ber.NewOID(uint32(i))})
	}
	return n
}

// clone returns a copy that can grow on its own.
func (n *Names) clone() *Names {
	c := *n
	c.byOID, c.byName = maps.Clone(n.byOID), maps.Clone(n.byName)
	for name, list := range c.byName {
		c.byName[name] = slices.Clip(list)
	}
	c.types, c.anyType = maps.Clone(n.types), maps.Clone(n.anyType)
	c.modules, c.loaded = slices.Clip(n.modules), maps.Clone(n.loaded)
	c.dirIndex = nil
	return &c
}

// put adds an object. An OID keeps the first name that it was given.
func (n *Names) put(o *Object) {
	if _, taken := n.byOID[o.OID]; !taken {
		n.byOID[o.OID] = o
		n.deepest = max(n.deepest, o.OID.Len())
	}
	n.byName[o.Name] = append(n.byName[o.Name], o)
}

// putType adds a type of a module.
func (n *Names) putType(module string, t *Type) {
	if n.types[module] == nil {
		n.types[module] = make(map[string]*Type)
	}
	n.types[module][t.Name] = t
	if _, taken := n.anyType[t.Name]; !taken {
		n.anyType[t.Name] = t
	}
}

// Lookup returns the object with the longest OID that is oid or a prefix of it,
// and the arcs of oid behind that. It returns nil and oid if there is none.
func (n *Names) Lookup(oid ber.OID) (o *Object, rest ber.OID) {
	for i := min(oid.Len(), n.deepest); i > 0; i-- {
		if o, ok := n.byOID[oid.Slice(0, i)]; ok {
			return o, oid.Slice(i, oid.Len())
		}
	}
	return nil, oid
}

// At returns the object with exactly this OID, nil if there is none.
func (n *Names) At(oid ber.OID) *Object { return n.byOID[oid] }

// Find returns the object with a name, of the given module or, if that is "", of
// the first that has it. It returns nil if there is none.
func (n *Names) Find(module, name string) *Object {
	for _, o := range n.byName[name] {
		if module == "" || o.Module == module {
			return o
		}
	}
	return nil
}

// Type returns the type with a name, of the given module or, if that is "", of
// the first that has it. It returns nil if there is none.
func (n *Names) Type(module, name string) *Type {
	if module == "" {
		return n.anyType[name]
	}
	return n.types[module][name]
}

// Modules returns the names of the modules, in order of precedence.
func (n *Names) Modules() []string { return slices.Clone(n.modules) }

// Has reports whether a module is known.
func (n *Names) Has(module string) bool { return n.loaded[module] }

// Parent returns the nearest object above o, nil for a root.
func (n *Names) Parent(o *Object) *Object {
	p, _ := n.Lookup(o.OID.Slice(0, o.OID.Len()-1))
	return p
}

// RowOf returns the row that a column is in, and nil for other objects.
func (n *Names) RowOf(o *Object) *Object {
	if o.Kind != Column {
		return nil
	}
	if row := n.Parent(o); row != nil && row.Kind == Row {
		return row
	}
	return nil
}

// All iterates over the named OIDs in order.
func (n *Names) All() iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for _, oid := range slices.Sorted(maps.Keys(n.byOID)) {
			if !yield(n.byOID[oid]) {
				return
			}
		}
	}
}
