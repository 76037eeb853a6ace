package vacm

import (
	"errors"
	"slices"

	"snmpstack/agent/internal/managed"
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
	return errors.Join(registerContexts(tree, e.Contexts), p.registerCommunities(tree, e.EngineID), p.tables.Register(tree))
}

// newTables returns the objects that managers change.
func (p *Policy) newTables() (objects managed.Objects) {
	keep := managed.Serial(p.Keep)
	managed.AddTable(&objects, p.securityToGroupTable(keep))
	managed.AddTable(&objects, p.accessTable(keep))
	objects.AddSpinLock(oidViewSpinLock)
	managed.AddTable(&objects, p.viewTreeFamilyTable(keep))
	return objects
}

// In the three tables "the value of this object", which is the status, "has no
// effect on whether other objects in this conceptual row can be modified". All rows
// whose index can be are taken; that the group or view exists is not asked for.

func (p *Policy) securityToGroupTable(keep func() error) mib.Table[SecurityToGroup] {
	t := managed.Table(oidSecurityToGroupEntry, &p.groups, (*SecurityToGroup).managed, func(r *SecurityToGroup) bool {
		return r.Model >= 1 && managed.IsName(r.SecurityName, 1)
	}, keep)
	t.Validate = lasting[SecurityToGroup]
	t.Columns = []mib.Column[SecurityToGroup]{
		// vacmGroupName: "a newly created row cannot be made active until a value has been
		// set" (RFC 3415 §4, vacmSecurityToGroupStatus).
		managed.RequiredText(3, managed.CheckName(1), func(r *SecurityToGroup) *string { return &r.GroupName }),
		managed.Storage(4, (*SecurityToGroup).storage),
		managed.Status(5, (*SecurityToGroup).status),
	}
	return t
}

func (p *Policy) accessTable(keep func() error) mib.Table[Access] {
	t := managed.Table(oidAccessEntry, &p.access, (*Access).managed, func(r *Access) bool {
		return managed.IsName(r.GroupName, 1) && managed.IsName(r.ContextPrefix, 0) &&
			r.Level >= pdu.NoAuthNoPriv && r.Level <= pdu.AuthPriv
	}, keep)
	t.Validate = lasting[Access]
	t.Columns = []mib.Column[Access]{
		managed.Enum(4, Exact, Prefix, func(r *Access) *ContextMatch { return &r.ContextMatch }),
		managed.Text(5, managed.CheckName(0), func(r *Access) *string { return &r.ReadViewName }),
		managed.Text(6, managed.CheckName(0), func(r *Access) *string { return &r.WriteViewName }),
		managed.Text(7, managed.CheckName(0), func(r *Access) *string { return &r.NotifyViewName }),
		managed.Storage(8, (*Access).storage),
		managed.Status(9, (*Access).status),
	}
	return t
}

func (p *Policy) viewTreeFamilyTable(keep func() error) mib.Table[ViewTreeFamily] {
	t := managed.Table(oidViewTreeFamilyEntry, &p.families, (*ViewTreeFamily).managed, func(r *ViewTreeFamily) bool {
		return managed.IsName(r.ViewName, 1) && managed.IsSubtree(r.Subtree)
	}, keep)
	t.Validate = func(q *mib.Request, former, r *ViewTreeFamily) error {
		if r != nil && r.ViewName == None && r.Type != Excluded {
			return pdu.InconsistentValue // rules that do not let write count on it
		}
		return lasting(q, former, r)
	}
	t.Columns = []mib.Column[ViewTreeFamily]{
		managed.Text(3, mib.Size(0, managed.MaxMask), func(r *ViewTreeFamily) *string { return &r.Mask }),
		managed.Enum(4, Included, Excluded, func(r *ViewTreeFamily) *FamilyType { return &r.Type }),
		managed.Storage(5, (*ViewTreeFamily).storage),
		managed.Status(6, (*ViewTreeFamily).status),
	}
	return t
}

// lasting refuses a row that is to survive a restart and has a name that a rule gives.
// Such names are numbers, and may be another rule's then: the row would give its
// rights to somebody else.
func lasting[R any, P row[R]](_ *mib.Request, _, r *R) error {
	if r != nil && *P(r).storage() >= mib.NonVolatile && slices.ContainsFunc(P(r).names(), IsRuleName) {
		return pdu.InconsistentValue
	}
	return nil
}
