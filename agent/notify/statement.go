package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A Statement is something that is said of who is told: a row of one of the tables
// (TargetAddr, TargetParams, Notify, FilterProfile, Filter), or a Receiver, which
// stands for several. Two about one row have to say the same. See the package's
// comment.
type Statement interface{ addTo(*draft) error }

// A Receiver is somebody who is told everything that the access policy lets him know.
// It stands for a TargetAddr, its TargetParams, and a Notify that selects it, all of
// which are called Name.
type Receiver struct {
	Name string // 1 to 32 octets, and no space, tab, carriage return or line feed
	// Address is where he is: a name or an IP address, perhaps with a port, which is
	// otherwise 162.
	Address string
	// Version is that of the messages; the zero value is pdu.V1.
	Version pdu.Version
	// SecurityName, SecurityLevel, Community and User are those of a TargetParams.
	SecurityName  string
	SecurityLevel pdu.SecurityLevel
	Community     manager.Community
	User          *usm.User
	// Inform asks him to confirm what he has heard; Timeout and RetryCount are those of
	// a TargetAddr.
	Inform     bool
	Timeout    time.Duration
	RetryCount int
	// Origin is the rows' Origin.
	Origin string
}

// A draft is the rows that statements make.
type draft struct {
	addrs    set[TargetAddr, *TargetAddr]
	params   set[TargetParams, *TargetParams]
	notifies set[Notify, *Notify]
	profiles set[FilterProfile, *FilterProfile]
	filters  set[Filter, *Filter]
}

// A row is a pointer to a row of some table.
type row[R any] interface {
	*R
	common() *Row
	check() error
}

// A set has rows that differ in their index.
type set[R comparable, P row[R]] struct {
	index func(*mib.Index, *R)
	rows  []R
	byKey map[ber.OID]R
}

// add checks a row and adds it. name is what an error calls it.
func (s *set[R, P]) add(r R, name string) error {
	if err := P(&r).check(); err != nil {
		return err
	}
	rows := mib.Rows[R]{Index: s.index}
	key, err := rows.Key(&r)
	if err != nil {
		return err
	}
	former, ok := s.byKey[key]
	if !ok {
		if s.byKey == nil {
			s.byKey = make(map[ber.OID]R)
		}
		s.byKey[key] = r
		s.rows = append(s.rows, r)
		return nil
	}
	origin := P(&former).common().Origin
	P(&former).common().Origin = P(&r).common().Origin
	switch {
	case former == r:
		return nil
	case origin != "":
		return fmt.Errorf("another statement is about the same %s, that of %s", name, origin)
	}
	return fmt.Errorf("another statement is about the same %s", name)
}

func newDraft() *draft {
	d := new(draft)
	d.addrs.index = indexTargetAddr
	d.params.index = indexTargetParams
	d.notifies.index = indexNotify
	d.profiles.index = indexFilterProfile
	d.filters.index = indexFilter
	return d
}

func (d *draft) add(statements []Statement) error {
	for i, s := range statements {
		if err := s.addTo(d); err != nil {
			return fmt.Errorf("notify: statement %d, a %T: %w", i+1, s, err)
		}
	}
	return nil
}

func (r TargetAddr) addTo(d *draft) error {
	r.settle()
	r.Timeout = cmp.Or(r.Timeout, defaultTimeout)
	if r.Address != "" && r.TDomain == "" && r.TAddress == "" {
		var err error
		if r.TDomain, r.TAddress, err = transportOf(r.Address); err != nil {
			return err
		}
		r.Address = ""
	}
	return d.addrs.add(r, fmt.Sprintf("address %q", r.Name))
}

func (r TargetParams) addTo(d *draft) error {
	r.settle()
	if model, ok := modelOf(r.MPModel); ok {
		r.SecurityModel = cmp.Or(r.SecurityModel, model)
	}
	if r.User != nil {
		r.SecurityName = cmp.Or(r.SecurityName, r.User.Name)
	}
	return d.params.add(r, fmt.Sprintf("parameters %q", r.Name))
}

func (r Notify) addTo(d *draft) error {
	r.settle()
	r.Type = cmp.Or(r.Type, Trap)
	return d.notifies.add(r, fmt.Sprintf("selection %q", r.Name))
}

func (r FilterProfile) addTo(d *draft) error {
	r.settle()
	return d.profiles.add(r, fmt.Sprintf("filter of parameters %q", r.Params))
}

func (r Filter) addTo(d *draft) error {
	r.settle()
	r.Type = cmp.Or(r.Type, Included)
	return d.filters.add(r, fmt.Sprintf("subtree of filter %q", r.ProfileName))
}

func (r Receiver) addTo(d *draft) error {
	row := Row{Origin: r.Origin}
	kind := Trap
	if r.Inform {
		kind = Inform
	}
	for _, s := range []Statement{
		TargetAddr{
			Name: r.Name, Address: r.Address, Timeout: r.Timeout, RetryCount: r.RetryCount,
			TagList: r.Name, Params: r.Name, Row: row,
		},
		TargetParams{
			Name: r.Name, MPModel: r.Version, SecurityName: r.SecurityName, SecurityLevel: r.SecurityLevel,
			Community: r.Community, User: r.User, Row: row,
		},
		Notify{Name: r.Name, Tag: r.Name, Type: kind, Row: row},
	} {
		if err := s.addTo(d); err != nil {
			return err
		}
	}
	return nil
}

// replaceRows puts the rows of a draft in the place of those that were statements.
// Managers' rows stay, but for those that a statement is about. It begins again when a
// manager has changed rows meanwhile.
func replaceRows[R comparable, P row[R]](rows *mib.Rows[R], draft *set[R, P]) error {
	for {
		list, now := slices.Clone(draft.rows), rows.Load()
		for key, r := range now.All() {
			if _, ok := draft.byKey[key]; !ok && P(r).common().managed() {
				list = append(list, *r)
			}
		}
		if done, err := rows.Swap(now, list); done || err != nil {
			return err
		}
	}
}
