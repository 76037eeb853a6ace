package vacm

import (
	"errors"
	"slices"
	"unicode/utf8"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// The objects of SNMP-VIEW-BASED-ACM-MIB (RFC 3415 §4).
var (
	oidContextEntry         = ber.MustOID("1.3.6.1.6.3.16.1.1.1")
	oidSecurityToGroupEntry = ber.MustOID("1.3.6.1.6.3.16.1.2.1")
	oidAccessEntry          = ber.MustOID("1.3.6.1.6.3.16.1.4.1")
	oidViewSpinLock         = ber.MustOID("1.3.6.1.6.3.16.1.5.1")
	oidViewTreeFamilyEntry  = ber.MustOID("1.3.6.1.6.3.16.1.5.2.1")
)

// maxManaged is how many rows managers can create in each table.
const maxManaged = 10000

// An Entity is the agent that serves a policy's tables, as far as they tell of it.
// Its functions, which are both required, are called for each request, from several
// goroutines, and must not block.
type Entity struct {
	// Contexts returns the names of the contexts that there are beside the default
	// one, in any order.
	Contexts func() []string
	// EngineID returns snmpEngineID.
	EngineID func() string
}

// Register adds the tables to tree by which managers read the policy, and change
// it: vacmContextTable, vacmSecurityToGroupTable, vacmAccessTable,
// vacmViewSpinLock and vacmViewTreeFamilyTable (RFC 3415 §4), and snmpCommunityTable
// (RFC 3584 §5.3), which cannot be written, and read at the level authPriv alone:
// it has secrets.
//
// A row with a name that a CommunityRule or UserRule gives must be volatile, and goes
// with the next Replace: the rule may have another one then.
//
// These objects are as much worth as all that they give access to (RFC 3415 §7.4).
// Whose write view has them may give himself everything: a view with All has them
// too.
//
// Several trees may serve the tables of one policy. The error is that of a tree which
// has one of these objects already, and may have some of the others then.
func (p *Policy) Register(tree *mib.Tree, e Entity) error {
	p.mu.Lock()
	if p.tables == nil {
		p.tables = p.newTables()
	}
	p.mu.Unlock()
	err := errors.Join(registerContexts(tree, e.Contexts), p.registerCommunities(tree, e.EngineID))
	for _, t := range p.tables {
		err = errors.Join(err, tree.Register(t.prefix, t.handler))
	}
	return err
}

// A served is an object or a table of the policy's. All trees get the same
// handler: that is where SETs wait for each other.
type served struct {
	prefix  ber.OID
	handler mib.Handler
}

// newTables returns the objects that managers change.
func (p *Policy) newTables() []served {
	must := func(h mib.Handler, err error) mib.Handler {
		if err != nil {
			panic(err) // of what is below: there is none
		}
		return h
	}
	return []served{
		{oidSecurityToGroupEntry, must(p.securityToGroupTable().Handler())},
		{oidAccessEntry, must(p.accessTable().Handler())},
		{oidViewSpinLock, mib.NewTestAndIncr(oidViewSpinLock).Handler()},
		{oidViewTreeFamilyEntry, must(p.viewTreeFamilyTable().Handler())},
	}
}

// serialKeep returns Keep for the tables, whose SETs call it one after the other: of two
// that overlap, the list that was made first might be written last.
func (p *Policy) serialKeep() func() error {
	if p.Keep == nil {
		return nil
	}
	return func() error {
		p.keeping.Lock()
		defer p.keeping.Unlock()
		return p.Keep()
	}
}

// In the three tables "the value of this object", which is the status, "has no
// effect on whether other objects in this conceptual row can be modified". All rows
// whose index can be are taken; that the group or view exists is not asked for.

func (p *Policy) securityToGroupTable() mib.Table[SecurityToGroup] {
	common := func(r *SecurityToGroup) *Row { return &r.Row }
	return mib.Table[SecurityToGroup]{
		Entry: oidSecurityToGroupEntry,
		Rows:  &p.groups,
		New: func(_ *mib.Request, r *SecurityToGroup) error {
			return creatable(r.Model >= 1 && isName(r.SecurityName, 1))
		},
		Validate: func(_ *mib.Request, _, r *SecurityToGroup) error {
			if r == nil {
				return nil
			}
			return lasting(&r.Row, r.names()...)
		},
		Columns: []mib.Column[SecurityToGroup]{
			groupNameColumn(3),
			storageColumn(4, common),
			statusColumn(5, common),
		},
		MaxRows: maxManaged,
		Counts:  func(r *SecurityToGroup) bool { return r.managed() },
		Keep:    p.serialKeep(),
	}
}

func (p *Policy) accessTable() mib.Table[Access] {
	common := func(r *Access) *Row { return &r.Row }
	return mib.Table[Access]{
		Entry: oidAccessEntry,
		Rows:  &p.access,
		New: func(_ *mib.Request, r *Access) error {
			return creatable(isName(r.GroupName, 1) && isName(r.ContextPrefix, 0) &&
				r.Level >= pdu.NoAuthNoPriv && r.Level <= pdu.AuthPriv)
		},
		Validate: func(_ *mib.Request, _, r *Access) error {
			if r == nil {
				return nil
			}
			return lasting(&r.Row, r.names()...)
		},
		Columns: []mib.Column[Access]{
			enumColumn(4, Exact, Prefix, func(r *Access) *ContextMatch { return &r.ContextMatch }),
			viewNameColumn(5, func(r *Access) *string { return &r.ReadViewName }),
			viewNameColumn(6, func(r *Access) *string { return &r.WriteViewName }),
			viewNameColumn(7, func(r *Access) *string { return &r.NotifyViewName }),
			storageColumn(8, common),
			statusColumn(9, common),
		},
		MaxRows: maxManaged,
		Counts:  func(r *Access) bool { return r.managed() },
		Keep:    p.serialKeep(),
	}
}

func (p *Policy) viewTreeFamilyTable() mib.Table[ViewTreeFamily] {
	common := func(r *ViewTreeFamily) *Row { return &r.Row }
	return mib.Table[ViewTreeFamily]{
		Entry: oidViewTreeFamilyEntry,
		Rows:  &p.families,
		New: func(_ *mib.Request, r *ViewTreeFamily) error {
			return creatable(isName(r.ViewName, 1) && isSubtree(r.Subtree))
		},
		Validate: func(_ *mib.Request, _, r *ViewTreeFamily) error {
			if r == nil {
				return nil
			}
			if r.ViewName == None && r.Type != Excluded {
				return pdu.InconsistentValue // rules that do not let write count on it
			}
			return lasting(&r.Row, r.names()...)
		},
		Columns: []mib.Column[ViewTreeFamily]{
			{
				Arc:    3,
				Get:    func(r *ViewTreeFamily) pdu.Value { return pdu.OctetString(r.Mask) },
				Set:    func(r *ViewTreeFamily, v pdu.Value) error { r.Mask = v.Octets(); return nil },
				Syntax: pdu.TypeOctetString,
				Check:  mib.Size(0, maxMask),
			},
			enumColumn(4, Included, Excluded, func(r *ViewTreeFamily) *FamilyType { return &r.Type }),
			storageColumn(5, common),
			statusColumn(6, common),
		},
		MaxRows: maxManaged,
		Counts:  func(r *ViewTreeFamily) bool { return r.managed() },
		Keep:    p.serialKeep(),
	}
}

// creatable refuses a row whose index is outside of what its objects' SYNTAX
// allows: it "could not ever be created" (RFC 3416 §4.2.5 (7)).
func creatable(ok bool) error {
	if !ok {
		return pdu.NoCreation
	}
	return nil
}

// lasting refuses a row that is to survive a restart and has a name that a rule gives.
// Such names are numbers, and may be another rule's then: the row would give its
// rights to somebody else.
func lasting(row *Row, names ...string) error {
	if row.Storage >= mib.NonVolatile && slices.ContainsFunc(names, IsRuleName) {
		return pdu.InconsistentValue
	}
	return nil
}

// isName reports whether name is an SnmpAdminString (RFC 3411 §5) of at least min
// octets.
func isName(name string, min int) bool {
	return len(name) >= min && len(name) <= maxName && utf8.ValidString(name)
}

// checkName refuses what is no SnmpAdminString of at least min octets.
func checkName(min int) func(*mib.Request, pdu.Value) error {
	size := mib.Size(min, maxName)
	return func(r *mib.Request, v pdu.Value) error {
		if err := size(r, v); err != nil {
			return err
		}
		return mib.AdminString(r, v)
	}
}

// groupNameColumn is vacmGroupName, without a DEFVAL: "a newly created row cannot be
// made active until a value has been set" (RFC 3415 §4, vacmSecurityToGroupStatus).
func groupNameColumn(arc uint32) mib.Column[SecurityToGroup] {
	return mib.Column[SecurityToGroup]{
		Arc: arc,
		Get: func(r *SecurityToGroup) pdu.Value {
			if r.GroupName == "" {
				return pdu.Value{}
			}
			return pdu.OctetString(r.GroupName)
		},
		Set:      func(r *SecurityToGroup, v pdu.Value) error { r.GroupName = v.Octets(); return nil },
		Syntax:   pdu.TypeOctetString,
		Check:    checkName(1),
		Required: true,
	}
}

func viewNameColumn(arc uint32, field func(*Access) *string) mib.Column[Access] {
	return mib.Column[Access]{
		Arc:    arc,
		Get:    func(r *Access) pdu.Value { return pdu.OctetString(*field(r)) },
		Set:    func(r *Access, v pdu.Value) error { *field(r) = v.Octets(); return nil },
		Syntax: pdu.TypeOctetString,
		Check:  checkName(0),
	}
}

// enumColumn is an INTEGER that is one or other; one is its DEFVAL.
func enumColumn[R any, E ~int32](arc uint32, one, other E, field func(*R) *E) mib.Column[R] {
	return mib.Column[R]{
		Arc:     arc,
		Get:     func(r *R) pdu.Value { return pdu.Integer(int32(*field(r))) },
		Set:     func(r *R, v pdu.Value) error { *field(r) = E(v.Int()); return nil },
		Syntax:  pdu.TypeInteger,
		Check:   mib.Enumeration(int32(one), int32(other)),
		Default: pdu.Integer(int32(one)),
	}
}

func storageColumn[R any](arc uint32, common func(*R) *Row) mib.Column[R] {
	return mib.Column[R]{
		Arc:         arc,
		StorageType: func(r *R) *mib.StorageType { return &common(r).Storage },
		Default:     pdu.Integer(int32(mib.NonVolatile)),
	}
}

func statusColumn[R any](arc uint32, common func(*R) *Row) mib.Column[R] {
	return mib.Column[R]{Arc: arc, RowStatus: func(r *R) *mib.RowStatus { return &common(r).Status }}
}
