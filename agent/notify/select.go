package notify

import (
	"cmp"
	"iter"
	"slices"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// A Destination is one that a notification goes to: an address, in which form, and
// whether it is asked to confirm. It has copies of the rows.
type Destination struct {
	Addr   TargetAddr
	Params TargetParams
	Notify string // the Name of the Notify that selects it
	Type   Type
}

// Destinations returns where a notification goes (RFC 3413 §5, §6), in the order of
// the addresses' names. list is its varbinds, sysUpTime.0 and snmpTrapOID.0 first; if
// they are not there, it goes nowhere. The access policy has not been asked.
//
// Deviation: an address that several rows of snmpNotifyTable select for the same Type
// is told once, not by each of them. One that is selected for both is told twice, as
// RFC 3413 §5 has it.
func (t *Targets) Destinations(list []pdu.VarBind) iter.Seq[Destination] {
	s := t.current()
	return func(yield func(Destination) bool) {
		if _, _, ok := pdu.ReadNotification(list); !ok {
			return
		}
		passes := make(map[*filter]bool)
		for i := range s.destinations {
			d := &s.destinations[i]
			pass, known := passes[d.filter]
			if !known {
				pass = d.filter.passes(list)
				passes[d.filter] = pass
			}
			if pass && !yield(Destination{*d.addr, *d.params, d.notify, d.kind}) {
				return
			}
		}
	}
}

// Destination returns the one of Destinations that has this name and type, and false if
// the notification does not go there. It does not look at the others.
func (t *Targets) Destination(name string, kind Type, list []pdu.VarBind) (Destination, bool) {
	s := t.current()
	i, _ := slices.BinarySearchFunc(s.destinations, name, func(d destination, name string) int { return cmp.Compare(d.addr.Name, name) })
	for ; i < len(s.destinations) && s.destinations[i].addr.Name == name; i++ {
		if d := &s.destinations[i]; d.kind == kind && d.filter.passes(list) {
			return Destination{*d.addr, *d.params, d.notify, d.kind}, true
		}
	}
	return Destination{}, false
}

// A selection is what the rows come to. It holds for the snapshots of the tables that
// it was made of, and does not change.
type selection struct {
	addrs    *mib.Snapshot[TargetAddr]
	params   *mib.Snapshot[TargetParams]
	notifies *mib.Snapshot[Notify]
	profiles *mib.Snapshot[FilterProfile]
	filters  *mib.Snapshot[Filter]

	byProfile    map[string]*filter
	destinations []destination
}

// A destination is an address that a Notify selects, and has parameters.
type destination struct {
	addr   *TargetAddr
	params *TargetParams
	notify string
	kind   Type
	filter *filter // nil: there is none
}

// current returns the selection of the rows as they are now.
func (t *Targets) current() *selection {
	s := t.selection.Load()
	if s.holds(t) {
		return s
	}
	t.mu.Lock() // nobody is to see some of what is being replaced
	defer t.mu.Unlock()
	if s = t.selection.Load(); !s.holds(t) { // else somebody else was faster
		s = t.newSelection(s)
		t.selection.Store(s)
	}
	return s
}

func (s *selection) holds(t *Targets) bool {
	return s != nil && s.addrs == t.addrs.Load() && s.params == t.params.Load() && s.notifies == t.notifies.Load() &&
		s.profiles == t.profiles.Load() && s.filters == t.filters.Load()
}

// newSelection makes a selection of the rows as they are now. The filters are those of
// former if they have not changed.
func (t *Targets) newSelection(former *selection) *selection {
	s := &selection{
		addrs: t.addrs.Load(), params: t.params.Load(), notifies: t.notifies.Load(),
		profiles: t.profiles.Load(), filters: t.filters.Load(),
	}
	if former != nil && former.filters == s.filters {
		s.byProfile = former.byProfile
	} else {
		s.byProfile = filtersOf(s.filters)
	}
	profileOf := make(map[string]*FilterProfile)
	for _, r := range s.profiles.All() {
		if r.Status.Active() {
			profileOf[r.Params] = r
		}
	}
	paramsOf := make(map[string]*TargetParams)
	for _, r := range s.params.All() {
		if r.Status.Active() {
			paramsOf[r.Name] = r
		}
	}
	selects := selectorsOf(s.notifies)
	for _, r := range s.addrs.All() {
		params := paramsOf[r.Params]
		if !r.Status.Active() || params == nil {
			continue
		}
		by := selectors{}
		for tag := range tagsOf(r.TagList) {
			by.add(selects[tag])
		}
		if params.MPModel == pdu.V1 {
			by.confirmNothing()
		}
		var held *filter
		if profile := profileOf[r.Params]; profile != nil && (r.managed() || params.managed() || !profile.managed()) {
			held = s.byProfile[profile.ProfileName]
		}
		if r.managed() {
			params = params.withoutSecrets()
		}
		for _, kind := range []Type{Trap, Inform} {
			if name := by[kind]; name != "" {
				s.destinations = append(s.destinations, destination{r, params, name, kind, held})
			}
		}
	}
	return s
}

// withoutSecrets returns the parameters for an address that a manager has named: what
// is in a statement must not go there. The one whom the SecurityName stands for may
// still be somebody whom the agent knows.
func (r *TargetParams) withoutSecrets() *TargetParams {
	if r.Community == "" && r.User == nil {
		return r
	}
	params := *r
	params.Community, params.User = "", nil
	return &params
}

// selectors has for each Type the Name of the first Notify that selects something, ""
// if none does.
type selectors [Inform + 1]string

func (s *selectors) add(other selectors) {
	for kind, name := range other {
		if s[kind] == "" || name != "" && name < s[kind] {
			s[kind] = name
		}
	}
}

// confirmNothing makes traps of the informs for a target of SNMPv1: where the version has
// no Confirmed-Class PDU "the notification may be sent using a different PDU type" (RFC
// 3413 §5).
func (s *selectors) confirmNothing() {
	s.add(selectors{Trap: s[Inform]})
	s[Inform] = ""
}

// selectorsOf returns what selects addresses by their tags (RFC 3413 §4.2.2,
// snmpNotifyTag). A Tag without octets selects none: none of a list's is like that.
func selectorsOf(notifies *mib.Snapshot[Notify]) map[string]selectors {
	selects := make(map[string]selectors)
	for _, r := range notifies.All() {
		if r.Status.Active() {
			by := selects[r.Tag]
			one := selectors{}
			one[r.Type] = r.Name
			by.add(one)
			selects[r.Tag] = by
		}
	}
	return selects
}
