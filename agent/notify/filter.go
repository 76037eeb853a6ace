package notify

import (
	"snmpstack/agent/vacm"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A filter is the Filters of one profile (RFC 3413 §6). They match as the families of
// a view do, and decide in the same order, so that they are two views here.
type filter struct {
	names   vacm.View // of notifications: what nothing matches is excluded
	objects vacm.View // of their objects: what nothing matches is included
}

// filtersOf returns the filters by profile.
func filtersOf(s *mib.Snapshot[Filter]) map[string]*filter {
	families := make(map[string][]vacm.ViewTreeFamily)
	for _, r := range s.All() {
		if r.Status.Active() {
			families[r.ProfileName] = append(families[r.ProfileName],
				vacm.ViewTreeFamily{Subtree: r.Subtree, Mask: r.Mask, Type: vacm.FamilyType(r.Type)})
		}
	}
	filters := make(map[string]*filter, len(families))
	for name, list := range families {
		f := &filter{names: vacm.NewView(list)}
		// The shortest family there can be: anything else that matches decides.
		f.objects = vacm.NewView(append(list, vacm.ViewTreeFamily{Type: vacm.Included}))
		filters[name] = f
	}
	return filters
}

// passes reports whether a notification may be sent: it "may be sent if the
// NOTIFICATION-TYPE OBJECT IDENTIFIER of the notification […] is specifically
// included, and none of the object instances to be included in the variable-bindings
// of the notification are specifically excluded" (RFC 3413 §6).
func (f *filter) passes(list []pdu.VarBind) bool {
	if f == nil {
		return true
	}
	_, name, ok := pdu.ReadNotification(list)
	if !ok || !f.names.Contains(name) {
		return false
	}
	for i := range list {
		if !f.objects.Contains(list[i].Name) {
			return false
		}
	}
	return true
}
