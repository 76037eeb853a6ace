package vacm_test

import (
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A model is RFC 3415 as it is written: slow, and without anything in common with
// the policy that it is compared with but the rows.
type model struct {
	contexts []string // vacmContextTable
	groups   []vacm.SecurityToGroup
	access   []vacm.Access
	families []vacm.ViewTreeFamily
}

// A question is what isAccessAllowed is asked.
type question struct {
	model    pdu.SecurityModel
	name     string
	level    pdu.SecurityLevel
	viewType vacm.ViewType
	context  string
	variable ber.OID
}

func active(r vacm.Row) bool { return r.Status == 0 || r.Status == mib.Active }

// isAccessAllowed is RFC 3415 §3.2 with the answers of §3.1.
func (m *model) isAccessAllowed(q question) vacm.Indication {
	if !slices.Contains(m.contexts, q.context) { // (1)
		return vacm.NoSuchContext
	}
	group := ""
	for _, r := range m.groups { // (2)
		if active(r.Row) && r.Model == q.model && r.SecurityName == q.name {
			group = r.GroupName
		}
	}
	if group == "" {
		return vacm.NoGroupName
	}
	entry := m.accessEntry(group, q) // (3)
	if entry == nil {
		return vacm.NoAccessEntry
	}
	view := map[vacm.ViewType]string{ // (4)
		vacm.ReadView: entry.ReadViewName, vacm.WriteView: entry.WriteViewName, vacm.NotifyView: entry.NotifyViewName,
	}[q.viewType]
	var families []vacm.ViewTreeFamily
	for _, r := range m.families {
		if view != "" && active(r.Row) && r.ViewName == view {
			families = append(families, r)
		}
	}
	switch {
	case len(families) == 0: // (4d), (5a)
		return vacm.NoSuchView
	case !inView(families, q.variable): // (5b)
		return vacm.NotInView
	}
	return vacm.AccessAllowed // (5c)
}

// accessEntry selects a row of vacmAccessTable (RFC 3415 §4).
func (m *model) accessEntry(group string, q question) *vacm.Access {
	var set []vacm.Access
	for _, r := range m.access { // 1)
		identical := r.ContextPrefix == q.context
		matching := r.ContextMatch == vacm.Prefix && strings.HasPrefix(q.context, r.ContextPrefix)
		if active(r.Row) && r.GroupName == group && (identical || matching) &&
			(r.Model == q.model || r.Model == pdu.SecurityModelAny) && r.Level <= q.level {
			set = append(set, r)
		}
	}
	prefer := func(preferred func(vacm.Access) bool) {
		if slices.ContainsFunc(set, preferred) {
			set = slices.DeleteFunc(set, func(r vacm.Access) bool { return !preferred(r) })
		}
	}
	prefer(func(r vacm.Access) bool { return r.Model == q.model })           // 2) a)
	prefer(func(r vacm.Access) bool { return r.ContextPrefix == q.context }) // 2) b)
	longest := 0
	for _, r := range set {
		longest = max(longest, len(r.ContextPrefix))
	}
	prefer(func(r vacm.Access) bool { return len(r.ContextPrefix) == longest }) // 2) c)
	var entry *vacm.Access
	for i, r := range set { // 2) d)
		if entry == nil || r.Level > entry.Level {
			entry = &set[i]
		}
	}
	return entry
}

// inView reports whether families make a view that a variable is in (RFC 3415 §4,
// vacmViewTreeFamilyTable).
func inView(families []vacm.ViewTreeFamily, variable ber.OID) bool {
	var deciding *vacm.ViewTreeFamily
	for i, r := range families {
		if !inFamily(r.Subtree, r.Mask, variable) {
			continue
		}
		if deciding == nil || r.Subtree.Len() > deciding.Subtree.Len() ||
			r.Subtree.Len() == deciding.Subtree.Len() && r.Subtree.Compare(deciding.Subtree) > 0 {
			deciding = &families[i]
		}
	}
	return deciding != nil && deciding.Type != vacm.Excluded
}

// inFamily reports whether a variable is in a family of subtrees. The bits of the
// mask are counted from 1, as vacmViewTreeFamilyMask does.
func inFamily(subtree ber.OID, mask string, variable ber.OID) bool {
	if variable.Len() < subtree.Len() {
		return false
	}
	for n := 1; n <= subtree.Len(); n++ {
		bit := 1
		if octet := (n + 7) / 8; octet <= len(mask) {
			bit = int(mask[octet-1]) >> (8*octet - n) & 1
		}
		if bit == 1 && variable.At(n-1) != subtree.At(n-1) {
			return false
		}
	}
	return true
}

// policy returns the policy of the same rows, with a community for each name.
func (m *model) policy(t testing.TB) *vacm.Policy {
	t.Helper()
	var list []vacm.Statement
	for _, name := range randomUsers {
		list = append(list, vacm.Community{Community: name, SecurityName: name})
	}
	for _, r := range m.groups {
		list = append(list, r)
	}
	for _, r := range m.access {
		list = append(list, r)
	}
	for _, r := range m.families {
		list = append(list, r)
	}
	p, err := vacm.New(list...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// request is what a policy's View gets to know of a question.
func request(q question) *mib.Request {
	return &mib.Request{SecurityModel: q.model, SecurityName: q.name, SecurityLevel: q.level, ContextName: q.context}
}

// A keeper stands for a user of package usm. His note is from all policies that there
// were.
type keeper struct {
	name string
	note atomic.Uint64
}

func (k *keeper) Note() (string, *atomic.Uint64) { return k.name, &k.note }

var keepers = make(map[string]*keeper)

func keeperOf(name string) *keeper {
	if keepers[name] == nil {
		keepers[name] = &keeper{name: name}
	}
	return keepers[name]
}

// check compares what the model, a policy and its explanation say to a question with
// want.
func (m *model) check(t *testing.T, p *vacm.Policy, q question, want vacm.Indication) {
	t.Helper()
	if got := m.isAccessAllowed(q); got != want {
		t.Errorf("the model says %s to %v, want %s", got, q, want)
	}
	e := p.Explain(vacm.Question{
		SecurityModel: q.model, SecurityName: q.name, SecurityLevel: q.level, ContextName: q.context,
		ViewType: q.viewType, Name: q.variable, Contexts: m.contexts,
	})
	if e.Indication != want {
		t.Errorf("it is explained why %s to %v, want %s", e.Indication, q, want)
	}
	if want == vacm.NoSuchContext {
		return // is for who calls to see to
	}
	// Who comes in by a community brings what it has led to, and a user his note; it makes
	// no difference, also where it is somebody else's.
	all := []any{nil, keeperOf(q.name), keeperOf("u")}
	if who := p.Community([]byte(q.name), netip.IPv4Unspecified()); who != nil {
		all = append(all, who)
	}
	for _, rights := range all {
		r := request(q)
		r.Rights = rights
		v, err := p.View(r, q.viewType)
		switch want {
		case vacm.NoGroupName, vacm.NoAccessEntry, vacm.NoSuchView:
			if err != pdu.AuthorizationError || v != nil {
				t.Errorf("%v: the view is %v, %v, want authorizationError", q, v, err)
			}
		default:
			if err != nil {
				t.Fatalf("%v: there is no view: %v, want %s", q, err, want)
			}
			if in := v.Contains(q.variable); in != (want == vacm.AccessAllowed) {
				t.Errorf("%v: the view has it: %v, want %s", q, in, want)
			}
		}
	}
}
