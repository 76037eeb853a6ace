package vacm

import (
	"errors"
	"fmt"
	"net/netip"

	"snmpstack/agent/internal/managed"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A Row is what the rows of all tables have in common. The zero Row is that of a
// statement.
type Row struct {
	// Storage is what becomes of the row: 0 in a statement is mib.ReadOnly, for
	// where it stands decides, not a manager.
	Storage mib.StorageType
	// Status is the row's status: 0 is mib.Active. A row that is not active has no
	// effect.
	Status mib.RowStatus
	// Origin says where the row comes from, for example "snmpd.conf:12": Explain
	// names it. "" for rows that managers create.
	Origin string
}

// managed reports whether the row is not a statement: managers may change it.
func (r *Row) managed() bool { return r.Storage != mib.ReadOnly }

func (r *Row) storage() *mib.StorageType { return &r.Storage }
func (r *Row) status() *mib.RowStatus    { return &r.Status }
func (r *Row) origin() *string           { return &r.Origin }

// A row is a pointer to a row that managers can make.
type row[R any] interface {
	*R
	managed() bool
	survives() bool
	storage() *mib.StorageType
	origin() *string
	names() []string
	check() error
}

// A Community is a community, where it is good and whom it stands for: a row of
// snmpCommunityTable (RFC 3584 §5.3), with sources of its own. Of several for one
// community the first one whose sources fit counts.
type Community struct {
	// Community is compared octet by octet, and may be empty. It is a secret.
	Community string
	// Sources are the networks it is good from. None means any.
	Sources []netip.Prefix
	// SecurityName is whom it stands for, in both community-based models: 1 to 32
	// octets.
	SecurityName string
	// ContextName is the context that requests are for, up to 32 octets: "" is the
	// default one.
	ContextName string
	Row
}

// A SecurityToGroup says which group somebody is in: a row of
// vacmSecurityToGroupTable (RFC 3415 §2.1).
type SecurityToGroup struct {
	Model        pdu.SecurityModel // not pdu.SecurityModelAny
	SecurityName string            // 1 to 32 octets
	GroupName    string            // 1 to 32 octets
	Row
}

// ContextMatch says how a ContextPrefix is compared with the name of a context
// (RFC 3415 §4, vacmAccessContextMatch).
type ContextMatch int32

const (
	Exact  ContextMatch = 1 // the context is called ContextPrefix; 0 is the same
	Prefix ContextMatch = 2 // its name begins with ContextPrefix
)

// An Access says which views a group has: a row of vacmAccessTable (RFC 3415 §4).
type Access struct {
	GroupName     string // 1 to 32 octets
	ContextPrefix string // up to 32 octets
	ContextMatch  ContextMatch
	Model         pdu.SecurityModel // 0 is pdu.SecurityModelAny
	Level         pdu.SecurityLevel // the least that a message must have
	// The views' names, up to 32 octets each. "", and a view without a family,
	// allow nothing. sysUpTime.0 and snmpTrapOID.0 are in every notification: a
	// NotifyViewName without 1.3.6.1.2.1.1.3 and 1.3.6.1.6.3.1.1.4.1 lets none out.
	ReadViewName, WriteViewName, NotifyViewName string
	Row
}

// FamilyType says what a family of subtrees does to a view.
type FamilyType int32

const (
	Included FamilyType = 1 // 0 is the same
	Excluded FamilyType = 2
)

// A ViewTreeFamily includes a family of subtrees in a view or excludes it: a row
// of vacmViewTreeFamilyTable (RFC 3415 §4). Of several that match an instance the
// one whose Subtree is longest decides, and of these the one whose Subtree is
// lexicographically greatest.
type ViewTreeFamily struct {
	ViewName string // 1 to 32 octets
	Subtree  ber.OID
	// Mask has a bit for each sub-identifier of Subtree, the first one in the most
	// significant bit of the first octet: 0 where any will do. Missing bits are 1.
	// Up to 16 octets.
	Mask string
	Type FamilyType
	Row
}

// The views that there always are.
const (
	All  = "_all_"  // everything
	None = "_none_" // nothing
)

// standardViews are the rows of All and None. No name is shorter than one
// sub-identifier, and that is 0, 1 or 2 (X.660).
func standardViews() (rows []ViewTreeFamily) {
	for arc := range uint32(3) {
		rows = append(rows,
			ViewTreeFamily{ViewName: All, Subtree: ber.NewOID(arc), Type: Included},
			ViewTreeFamily{ViewName: None, Subtree: ber.NewOID(arc), Type: Excluded})
	}
	return rows
}

// The names that say whom a row is about, and what it gives.

func (r *SecurityToGroup) names() []string { return []string{r.SecurityName, r.GroupName} }
func (r *Access) names() []string {
	return []string{r.GroupName, r.ReadViewName, r.WriteViewName, r.NotifyViewName}
}
func (r *ViewTreeFamily) names() []string { return []string{r.ViewName} }

// The indexes of the tables (RFC 3415 §4).

func indexSecurityToGroup(x *mib.Index, r *SecurityToGroup) {
	model := int32(r.Model)
	x.Int32(&model)
	r.Model = pdu.SecurityModel(model)
	x.String(&r.SecurityName)
}

func indexAccess(x *mib.Index, r *Access) {
	model, level := int32(r.Model), int32(r.Level)+managed.NoAuthNoPriv
	x.String(&r.GroupName)
	x.String(&r.ContextPrefix)
	x.Int32(&model)
	x.Int32(&level)
	r.Model, r.Level = pdu.SecurityModel(model), pdu.SecurityLevel(level-managed.NoAuthNoPriv)
}

func indexViewTreeFamily(x *mib.Index, r *ViewTreeFamily) {
	x.String(&r.ViewName)
	x.OID(&r.Subtree)
}

var (
	errName     = errors.New("a name has 1 to 32 octets")
	errLongName = errors.New("a name has at most 32 octets")
	errModel    = errors.New("a security model has a number from 1 to 2147483647")
	errLevel    = errors.New("a security level is NoAuthNoPriv, AuthNoPriv or AuthPriv")
	errMatch    = errors.New("a context is matched Exact or as a Prefix")
	errType     = errors.New("a family is Included or Excluded")
	errSubtree  = errors.New("a subtree has 1 to 128 sub-identifiers, the first one at most 2")
	errNone     = errors.New("nothing can be included in the view " + None)
	errLongRow  = errors.New("the octets of the view's name and the sub-identifiers of the subtree are at most 114: there is no name for the row otherwise (RFC 2578 §3.5)")
	errMask     = errors.New("a mask has at most 16 octets")
	errSource   = errors.New("a source is a valid netip.Prefix")
)

// maxFamily is how many sub-identifiers a row of vacmViewTreeFamilyTable may add to
// the 12 of its column and the two lengths in its index.
const maxFamily = ber.MaxArcs - 12 - 2

func checkNames(names ...string) error {
	for _, name := range names {
		if len(name) < 1 || len(name) > managed.MaxName {
			return fmt.Errorf("%q: %w", name, errName)
		}
	}
	return nil
}

func (r *Community) check() error {
	for _, p := range r.Sources {
		if !p.IsValid() {
			return errSource
		}
	}
	if len(r.ContextName) > managed.MaxName {
		return errLongName
	}
	return checkNames(r.SecurityName)
}

func (r *SecurityToGroup) check() error {
	if r.Model < 1 {
		return errModel
	}
	return checkNames(r.SecurityName, r.GroupName)
}

func (r *Access) check() error {
	switch {
	case max(len(r.ContextPrefix), len(r.ReadViewName), len(r.WriteViewName), len(r.NotifyViewName)) > managed.MaxName:
		return errLongName
	case r.Model < 0:
		return errModel
	case r.Level < pdu.NoAuthNoPriv || r.Level > pdu.AuthPriv:
		return errLevel
	case r.ContextMatch != Exact && r.ContextMatch != Prefix:
		return errMatch
	}
	return checkNames(r.GroupName)
}

func (r *ViewTreeFamily) check() error {
	switch {
	case r.Type != Included && r.Type != Excluded:
		return errType
	case !managed.IsSubtree(r.Subtree):
		if err := r.Subtree.CheckPrefix(); err != nil {
			return fmt.Errorf("%w: %w", errSubtree, err) // it may be text
		}
		return errSubtree
	case len(r.Mask) > managed.MaxMask:
		return errMask
	case len(r.ViewName)+r.Subtree.Len() > maxFamily:
		return errLongRow
	case r.ViewName == None && r.Type == Included:
		return errNone
	}
	return checkNames(r.ViewName)
}
