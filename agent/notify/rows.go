package notify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"snmpstack/agent/internal/managed"
	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
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
	// Origin says where the row comes from, for example "snmpd.conf:12". "" for rows
	// that managers create.
	Origin string
}

// managed reports whether the row is not a statement: managers may change it.
func (r *Row) managed() bool { return r.Storage != mib.ReadOnly }

func (r *Row) storage() *mib.StorageType { return &r.Storage }
func (r *Row) status() *mib.RowStatus    { return &r.Status }
func (r *Row) origin() *string           { return &r.Origin }

// A row is a pointer to a row of some table.
type row[R any] interface {
	*R
	managed() bool
	survives() bool
	status() *mib.RowStatus
	origin() *string
	check() error
}

// settle fills in what a statement has left out.
func (r *Row) settle() {
	r.Storage = cmp.Or(r.Storage, mib.ReadOnly)
	r.Status = cmp.Or(r.Status, mib.Active)
}

// A TargetAddr is where somebody is: a row of snmpTargetAddrTable (RFC 3413 §4.1.2)
// and of snmpTargetAddrExtTable (RFC 3584 §5.3).
type TargetAddr struct {
	Name string // 1 to 32 octets
	// Address is a name or an IP address, perhaps with a port: "192.0.2.1",
	// "noc.example:1162", "[2001:db8::1]:162". Without one it is 162. New and Replace
	// make TDomain and TAddress of it, and leave it empty in the row. A name is looked
	// up whenever something is sent.
	Address string
	// TDomain and TAddress say the same in the MIB's form, in the place of Address:
	// SnmpUDPDomain, or one of RFC 3419's domains that are here.
	TDomain  ber.OID
	TAddress string
	// Timeout is how long each attempt of an inform waits, in hundredths of a second up
	// to 2147483647 of them; 0 means 15 seconds, and the agent waits 5 minutes at most.
	// RetryCount is how often it is sent again, 0 to 255.
	Timeout    time.Duration
	RetryCount int
	// TagList has the tags by which a Notify selects the row, each separated from the
	// next by one space, tab, carriage return or line feed: up to 255 octets.
	TagList string
	Params  string // the Name of a TargetParams, 1 to 32 octets
	// TMask is snmpTargetAddrTMask: "", or as many octets as TAddress. It is about
	// messages that come from there, and has no effect on what is sent.
	TMask string
	// MMS is snmpTargetAddrMMS, the longest message of SNMPv1 and SNMPv2c that the
	// target takes, in octets: at least 484. 0 means that it is not known.
	MMS int
	Row
}

// A TargetParams says in which form, and on whose behalf, somebody is told: a row of
// snmpTargetParamsTable (RFC 3413 §4.1.2).
type TargetParams struct {
	Name string // 1 to 32 octets
	// MPModel is the version of the messages. The zero value is pdu.V1.
	MPModel pdu.Version
	// SecurityModel is the one that MPModel has; 0 in a statement means that.
	SecurityModel pdu.SecurityModel
	// SecurityName is on whose behalf messages are sent, up to 255 octets: a user, or
	// whom a community stands for. The access policy is asked what may go to him.
	SecurityName  string
	SecurityLevel pdu.SecurityLevel

	// Community is that of messages of SNMPv1 and SNMPv2c. "" is the one that stands for
	// the SecurityName (RFC 3584 §5.2.3). User is the user of messages of SNMPv3, whose
	// name is the SecurityName; nil is the agent's user of this name. They are secrets,
	// of which managers see nothing. What User points to must not change any more.
	Community manager.Community
	User      *usm.User
	Row

	missing columns // what a manager has not set yet
}

// columns is a set of columns without a DEFVAL.
type columns uint8

// The columns of snmpTargetParamsTable that a row needs to be active.
const (
	hasMPModel columns = 1 << iota
	hasSecurityModel
	hasSecurityName
	hasSecurityLevel

	paramsColumns = hasMPModel | hasSecurityModel | hasSecurityName | hasSecurityLevel
)

// A Type is a kind of notification (RFC 3413 §4.2.2, snmpNotifyType).
type Type int32

const (
	Trap   Type = 1 // nobody confirms it; 0 is the same
	Inform Type = 2 // the target confirms that it has heard; with SNMPv1, which cannot, a Trap
)

func (t Type) String() string {
	switch t {
	case 0, Trap:
		return "trap"
	case Inform:
		return "inform"
	}
	return fmt.Sprintf("notify type %d", int32(t))
}

// A Notify selects the addresses that notifications go to: a row of snmpNotifyTable
// (RFC 3413 §4.2.2).
type Notify struct {
	Name string // 1 to 32 octets
	// Tag selects each TargetAddr that has it in its TagList: up to 255 octets without a
	// space, tab, carriage return or line feed. "" selects none.
	Tag  string
	Type Type
	Row
}

// A FilterProfile says which Filters those who have certain parameters have: a row of
// snmpNotifyFilterProfileTable (RFC 3413 §4.2.2).
type FilterProfile struct {
	Params      string // the Name of a TargetParams, 1 to 32 octets
	ProfileName string // of Filters, 1 to 32 octets
	Row
}

// FilterType says what a family of subtrees does to a filter.
type FilterType int32

const (
	Included FilterType = 1 // 0 is the same
	Excluded FilterType = 2
)

// A Filter includes a family of subtrees in a filter profile or excludes it: a row of
// snmpNotifyFilterTable (RFC 3413 §4.2.2). Of several that match the one whose Subtree
// is longest decides, and of these the lexicographically greatest. A notification
// passes if what it is called is included, and none of the names of its varbinds,
// sysUpTime.0 and snmpTrapOID.0 among them, is excluded (RFC 3413 §6).
type Filter struct {
	ProfileName string  // 1 to 32 octets
	Subtree     ber.OID // 1 to 128 sub-identifiers
	// Mask has a bit for each sub-identifier of Subtree, the first one in the most
	// significant bit of the first octet: 0 where any will do. Missing bits are 1.
	// Up to 16 octets.
	Mask string
	Type FilterType
	Row
}

// The indexes of the tables (RFC 3413 §4.1.2, §4.2.2).

func indexTargetAddr(x *mib.Index, r *TargetAddr)       { x.ImpliedString(&r.Name) }
func indexTargetParams(x *mib.Index, r *TargetParams)   { x.ImpliedString(&r.Name) }
func indexNotify(x *mib.Index, r *Notify)               { x.ImpliedString(&r.Name) }
func indexFilterProfile(x *mib.Index, r *FilterProfile) { x.ImpliedString(&r.Params) }

func indexFilter(x *mib.Index, r *Filter) {
	x.String(&r.ProfileName)
	x.ImpliedOID(&r.Subtree)
}

const (
	maxText       = 255 // the most octets of an SnmpTagValue, an SnmpTagList, or a securityName
	maxRetryCount = 255
	minMMS        = 484

	defaultTimeout    = 15 * time.Second // snmpTargetAddrTimeout's DEFVAL
	defaultRetryCount = 3

	// hundredth is the unit of a TimeInterval (RFC 2579 §2).
	hundredth = 10 * time.Millisecond
)

// maxFilter is how many sub-identifiers a row of snmpNotifyFilterTable may add to the
// 11 of its column and the length in its index.
const maxFilter = ber.MaxArcs - 11 - 1

var (
	errName     = errors.New("a name has 1 to 32 octets")
	errTagList  = errors.New("a tag list has at most 255 octets, and one delimiter between two tags, none elsewhere")
	errTag      = errors.New("a tag has at most 255 octets, and no space, tab, carriage return or line feed")
	errTimeout  = errors.New("a timeout has at most 2147483647 hundredths of a second, and is not negative")
	errRetries  = errors.New("a retry count is 0 to 255")
	errTMask    = errors.New("a mask of an address has as many octets as the address, or none")
	errMMS      = errors.New("a maximum message size is 0 or 484 to 2147483647")
	errMPModel  = errors.New("a message processing model is that of pdu.V1, pdu.V2c or pdu.V3")
	errModel    = errors.New("the security model is not the one that the message processing model has")
	errSecName  = errors.New("a security name has at most 255 octets, and with SNMPv3 1 to 32")
	errLevel    = errors.New("a security level is NoAuthNoPriv, and with SNMPv3 AuthNoPriv or AuthPriv too")
	errUser     = errors.New("a User is one of SNMPv3's, and called as the security name says")
	errComm     = errors.New("a Community is one of SNMPv1 or SNMPv2c")
	errNotify   = errors.New("a notification is a Trap or an Inform")
	errSubtree  = errors.New("a subtree has 1 to 128 sub-identifiers, the first one at most 2")
	errMask     = errors.New("a mask has at most 16 octets")
	errFilter   = errors.New("a family is Included or Excluded")
	errLongRow  = errors.New("the octets of the profile's name and the sub-identifiers of the subtree are at most 116: there is no name for the row otherwise (RFC 2578 §3.5)")
	errRow      = errors.New("a row is not ready, or has a Storage or a Status that there is not")
	errTwoForms = errors.New("an address has an Address, or a TDomain and a TAddress")
)

func checkNames(names ...string) error {
	for _, name := range names {
		if len(name) < 1 || len(name) > managed.MaxName {
			return fmt.Errorf("%q: %w", name, errName)
		}
	}
	return nil
}

// check returns an error unless the row is one that is complete.
func (r *Row) check() error {
	if r.Storage < mib.OtherStorage || r.Storage > mib.ReadOnly || r.Status != mib.Active && r.Status != mib.NotInService {
		return errRow
	}
	return nil
}

func (r *TargetAddr) check() error {
	if _, err := endpoint(r.TDomain, r.TAddress); err != nil {
		return err
	}
	switch {
	case r.Address != "":
		return errTwoForms
	case r.Timeout < 0 || r.Timeout > math.MaxInt32*hundredth:
		return errTimeout
	case r.RetryCount < 0 || r.RetryCount > maxRetryCount:
		return errRetries
	case !isTagList(r.TagList):
		return errTagList
	case r.TMask != "" && len(r.TMask) != len(r.TAddress):
		return errTMask
	case r.MMS != 0 && (r.MMS < minMMS || r.MMS > math.MaxInt32):
		return errMMS
	}
	return errors.Join(r.Row.check(), checkNames(r.Name, r.Params))
}

func (r *TargetParams) check() error {
	err := r.consistent()
	switch {
	case err != nil:
		return err
	case r.User != nil && (r.MPModel != pdu.V3 || r.User.Name != r.SecurityName):
		return errUser
	case r.Community != "" && r.MPModel == pdu.V3:
		return errComm
	}
	return errors.Join(r.Row.check(), checkNames(r.Name))
}

// consistent returns an error unless there can be a message of the row's form.
func (r *TargetParams) consistent() error {
	model, ok := modelOf(r.MPModel)
	switch {
	case !ok:
		return errMPModel
	case r.SecurityModel != model:
		return errModel
	case len(r.SecurityName) > maxText || r.MPModel == pdu.V3 && (r.SecurityName == "" || len(r.SecurityName) > managed.MaxName):
		return errSecName
	case r.SecurityLevel < pdu.NoAuthNoPriv || r.SecurityLevel > pdu.AuthPriv || r.SecurityLevel > pdu.NoAuthNoPriv && r.MPModel != pdu.V3:
		return errLevel
	}
	return nil
}

// modelOf returns the security model of a version (RFC 3584 §5.1, RFC 3414).
func modelOf(v pdu.Version) (pdu.SecurityModel, bool) {
	switch v {
	case pdu.V1:
		return pdu.SecurityModelV1, true
	case pdu.V2c:
		return pdu.SecurityModelV2c, true
	case pdu.V3:
		return pdu.SecurityModelUSM, true
	}
	return 0, false
}

func (r *Notify) check() error {
	switch {
	case r.Type != Trap && r.Type != Inform:
		return errNotify
	case !isTag(r.Tag):
		return errTag
	}
	return errors.Join(r.Row.check(), checkNames(r.Name))
}

func (r *FilterProfile) check() error {
	return errors.Join(r.Row.check(), checkNames(r.Params, r.ProfileName))
}

func (r *Filter) check() error {
	switch {
	case r.Type != Included && r.Type != Excluded:
		return errFilter
	case !managed.IsSubtree(r.Subtree):
		return errSubtree
	case len(r.Mask) > managed.MaxMask:
		return errMask
	case len(r.ProfileName)+r.Subtree.Len() > maxFilter:
		return errLongRow
	}
	return errors.Join(r.Row.check(), checkNames(r.ProfileName))
}
