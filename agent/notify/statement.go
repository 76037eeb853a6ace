package notify

import (
	"cmp"
	"fmt"
	"time"

	"snmpstack/agent/internal/managed"
	"snmpstack/agent/manager"
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
	addrs    managed.Draft[TargetAddr]
	params   managed.Draft[TargetParams]
	notifies managed.Draft[Notify]
	profiles managed.Draft[FilterProfile]
	filters  managed.Draft[Filter]
}

func newDraft() *draft {
	return &draft{
		addrs:    managed.NewDraft(indexTargetAddr, (*TargetAddr).origin),
		params:   managed.NewDraft(indexTargetParams, (*TargetParams).origin),
		notifies: managed.NewDraft(indexNotify, (*Notify).origin),
		profiles: managed.NewDraft(indexFilterProfile, (*FilterProfile).origin),
		filters:  managed.NewDraft(indexFilter, (*Filter).origin),
	}
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
	if err := r.check(); err != nil {
		return err
	}
	return d.addrs.Add(r, fmt.Sprintf("address %q", r.Name))
}

func (r TargetParams) addTo(d *draft) error {
	r.settle()
	if model, ok := modelOf(r.MPModel); ok {
		r.SecurityModel = cmp.Or(r.SecurityModel, model)
	}
	if r.User != nil {
		r.SecurityName = cmp.Or(r.SecurityName, r.User.Name)
	}
	if err := r.check(); err != nil {
		return err
	}
	return d.params.Add(r, fmt.Sprintf("parameters %q", r.Name))
}

func (r Notify) addTo(d *draft) error {
	r.settle()
	r.Type = cmp.Or(r.Type, Trap)
	if err := r.check(); err != nil {
		return err
	}
	return d.notifies.Add(r, fmt.Sprintf("selection %q", r.Name))
}

func (r FilterProfile) addTo(d *draft) error {
	r.settle()
	if err := r.check(); err != nil {
		return err
	}
	return d.profiles.Add(r, fmt.Sprintf("filter of parameters %q", r.Params))
}

func (r Filter) addTo(d *draft) error {
	r.settle()
	r.Type = cmp.Or(r.Type, Included)
	if err := r.check(); err != nil {
		return err
	}
	return d.filters.Add(r, fmt.Sprintf("subtree of filter %q", r.ProfileName))
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
