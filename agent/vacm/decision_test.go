package vacm_test

import (
	"testing"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

const (
	anyModel = pdu.SecurityModelAny
	v1       = pdu.SecurityModelV1
	v2c      = pdu.SecurityModelV2c
	usm      = pdu.SecurityModelUSM

	noAuth   = pdu.NoAuthNoPriv
	authOnly = pdu.AuthNoPriv
	authPriv = pdu.AuthPriv
)

var notInService = vacm.Row{Status: mib.NotInService}

// viewOf is the one instance in the view called name: each of the tests' views has one
// of its own.
var viewOf = map[string]ber.OID{
	"a": ber.MustOID("1.3.6.1.4.1.32473.1"), "b": ber.MustOID("1.3.6.1.4.1.32473.2"), "c": ber.MustOID("1.3.6.1.4.1.32473.3"),
}

// access is a row for group g that has one view for reading.
func access(model pdu.SecurityModel, level pdu.SecurityLevel, prefix string, match vacm.ContextMatch, view string) vacm.Access {
	return vacm.Access{GroupName: "g", Model: model, Level: level, ContextPrefix: prefix, ContextMatch: match, ReadViewName: view}
}

func with(a vacm.Access, row vacm.Row) vacm.Access {
	a.Row = row
	return a
}

// TestAccessCases shows which row of vacmAccessTable is selected for user u of group g:
// the one whose view is got.
func TestAccessCases(t *testing.T) {
	const exact, prefix = vacm.Exact, vacm.Prefix
	for _, tt := range []struct {
		rule    string
		rows    []vacm.Access
		model   pdu.SecurityModel
		level   pdu.SecurityLevel
		context string
		want    string // a view, or an Indication
	}{
		{"RFC 3415 §3.2 (3): no row", nil, usm, authPriv, "", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): another group", []vacm.Access{{GroupName: "G", ReadViewName: "a"}}, usm, authPriv, "", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): the group's name begins so", []vacm.Access{{GroupName: "gg", ReadViewName: "a"}}, usm, authPriv, "", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): identical prefix", []vacm.Access{access(usm, noAuth, "x", exact, "a")}, usm, noAuth, "x", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): identical prefix, match is prefix", []vacm.Access{access(usm, noAuth, "x", prefix, "a")}, usm, noAuth, "x", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): exact, the context is longer", []vacm.Access{access(usm, noAuth, "x", exact, "a")}, usm, noAuth, "xy", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, the context is longer", []vacm.Access{access(usm, noAuth, "x", prefix, "a")}, usm, noAuth, "xy", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, the context is shorter", []vacm.Access{access(usm, noAuth, "xy", prefix, "a")}, usm, noAuth, "x", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, the context is another", []vacm.Access{access(usm, noAuth, "x", prefix, "a")}, usm, noAuth, "yx", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): exact, the default context only", []vacm.Access{access(usm, noAuth, "", exact, "a")}, usm, noAuth, "x", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, empty, any context", []vacm.Access{access(usm, noAuth, "", prefix, "a")}, usm, noAuth, "xy", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, empty, the default context", []vacm.Access{access(usm, noAuth, "", prefix, "a")}, usm, noAuth, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): prefix, a part of a character", []vacm.Access{access(usm, noAuth, "\xc3", prefix, "a")}, usm, noAuth, "ä", "a"},
		{"RFC 3415 §4, vacmAccessContextMatch: exact is the default", []vacm.Access{access(usm, noAuth, "x", 0, "a")}, usm, noAuth, "xy", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): identical model", []vacm.Access{access(v2c, noAuth, "", exact, "a")}, v2c, noAuth, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): another model", []vacm.Access{access(v2c, noAuth, "", exact, "a")}, v1, noAuth, "", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): any model", []vacm.Access{access(anyModel, noAuth, "", exact, "a")}, v1, noAuth, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): level as required", []vacm.Access{access(usm, authOnly, "", exact, "a")}, usm, authOnly, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): level above", []vacm.Access{access(usm, authOnly, "", exact, "a")}, usm, authPriv, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (1): level below", []vacm.Access{access(usm, authOnly, "", exact, "a")}, usm, noAuth, "", "noAccessEntry"},
		{"RFC 3415 §4, vacmAccessTable (1): level just below", []vacm.Access{access(usm, authPriv, "", exact, "a")}, usm, authOnly, "", "noAccessEntry"},

		{"RFC 3415 §4, vacmAccessTable (2a): the model before any", []vacm.Access{access(anyModel, noAuth, "", exact, "a"), access(usm, noAuth, "", exact, "b")}, usm, noAuth, "", "b"},
		{"RFC 3415 §4, vacmAccessTable (2a): any for another model", []vacm.Access{access(anyModel, noAuth, "", exact, "a"), access(usm, noAuth, "", exact, "b")}, v2c, noAuth, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (2a) before (2b)", []vacm.Access{access(anyModel, noAuth, "x", exact, "a"), access(usm, noAuth, "", prefix, "b")}, usm, noAuth, "x", "b"},
		{"RFC 3415 §4, vacmAccessTable (2a) before (2c)", []vacm.Access{access(anyModel, noAuth, "x", prefix, "a"), access(usm, noAuth, "", prefix, "b")}, usm, noAuth, "xy", "b"},
		{"RFC 3415 §4, vacmAccessTable (2a) before (2d)", []vacm.Access{access(anyModel, authPriv, "", exact, "a"), access(usm, noAuth, "", exact, "b")}, usm, authPriv, "", "b"},
		{"RFC 3415 §4, vacmAccessTable (2b): the whole context before a prefix", []vacm.Access{access(usm, noAuth, "x", prefix, "a"), access(usm, noAuth, "xy", exact, "b")}, usm, noAuth, "xy", "b"},
		{"RFC 3415 §4, vacmAccessTable (2b): the whole context, match is prefix", []vacm.Access{access(usm, noAuth, "", prefix, "a"), access(usm, noAuth, "xy", prefix, "b")}, usm, noAuth, "xy", "b"},
		{"RFC 3415 §4, vacmAccessTable (2b) before (2d)", []vacm.Access{access(usm, authPriv, "", prefix, "a"), access(usm, noAuth, "x", exact, "b")}, usm, authPriv, "x", "b"},
		{"RFC 3415 §4, vacmAccessTable (2c): the longest prefix", []vacm.Access{access(usm, noAuth, "", prefix, "a"), access(usm, noAuth, "x", prefix, "b"), access(usm, noAuth, "xyz", prefix, "c")}, usm, noAuth, "xyy", "b"},
		{"RFC 3415 §4, vacmAccessTable (2c) before (2d)", []vacm.Access{access(usm, authPriv, "x", prefix, "a"), access(usm, noAuth, "xy", prefix, "b")}, usm, authPriv, "xyz", "b"},
		{"RFC 3415 §4, vacmAccessTable (2d): the highest level", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, "b"), access(usm, authPriv, "", exact, "c")}, usm, authPriv, "", "c"},
		{"RFC 3415 §4, vacmAccessTable (2d): the highest level that fits", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, "b"), access(usm, authPriv, "", exact, "c")}, usm, authOnly, "", "b"},
		{"RFC 3415 §4, vacmAccessTable (2d): the lowest level is left", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, "b"), access(usm, authPriv, "", exact, "c")}, usm, noAuth, "", "a"},
		{"RFC 3415 §4, vacmAccessTable (2d): the same prefix, exact and prefix differ in nothing else", []vacm.Access{access(usm, authOnly, "x", exact, "a"), access(usm, noAuth, "x", prefix, "b")}, usm, authPriv, "x", "a"},

		{"RFC 3415 §3.2 (4): the row that is preferred has no view", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, "")}, usm, authOnly, "", "noSuchView"},
		{"RFC 3415 §3.2 (5) a): the row that is preferred has a view without families", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, "nowhere")}, usm, authOnly, "", "noSuchView"},
		{"RFC 3415 §3.2 (5) b): the row that is preferred has a view that does not contain it", []vacm.Access{access(usm, noAuth, "", exact, "a"), access(usm, authOnly, "", exact, vacm.None)}, usm, authOnly, "", "notInView"},
		{"RFC 3415 §3.2 (3): a row that is not in service", []vacm.Access{with(access(usm, noAuth, "", exact, "a"), notInService)}, usm, noAuth, "", "noAccessEntry"},
		{"RFC 3415 §3.2 (3): the preferred row is not in service", []vacm.Access{access(anyModel, noAuth, "", exact, "a"), with(access(usm, noAuth, "", exact, "b"), notInService)}, usm, noAuth, "", "a"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := &model{contexts: []string{"", "x", "xy", "yx", "xyz", "xyy", "ä"}, access: tt.rows, families: ownViews()}
			for _, model := range []pdu.SecurityModel{v1, v2c, usm} {
				m.groups = append(m.groups, vacm.SecurityToGroup{Model: model, SecurityName: "u", GroupName: "g"})
			}
			p := m.policy(t)
			for view, name := range viewOf {
				want := vacm.NotInView
				switch {
				case len(tt.want) > 1:
					want = vacm.Indication(tt.want)
				case tt.want == view:
					want = vacm.AccessAllowed
				}
				m.check(t, p, question{tt.model, "u", tt.level, vacm.ReadView, tt.context, name}, want)
			}
		})
	}
}

// ownViews are the rows of the views of viewOf, and those that there always are.
func ownViews() (list []vacm.ViewTreeFamily) {
	for view, name := range viewOf {
		list = append(list, vacm.ViewTreeFamily{ViewName: view, Subtree: name})
	}
	for arc := range uint32(3) {
		list = append(list,
			vacm.ViewTreeFamily{ViewName: vacm.All, Subtree: ber.NewOID(arc)},
			vacm.ViewTreeFamily{ViewName: vacm.None, Subtree: ber.NewOID(arc), Type: vacm.Excluded})
	}
	return list
}

// TestDecisionCases shows the other steps of RFC 3415 §3.2.
func TestDecisionCases(t *testing.T) {
	m := &model{
		contexts: []string{"", "x"},
		groups: []vacm.SecurityToGroup{
			{Model: usm, SecurityName: "u", GroupName: "g"},
			{Model: usm, SecurityName: "same", GroupName: "g"},
			{Model: v2c, SecurityName: "u", GroupName: "h"},
			{Model: usm, SecurityName: "gone", GroupName: "g", Row: notInService},
			{Model: usm, SecurityName: "early", GroupName: "g", Row: vacm.Row{Status: mib.NotReady}},
			{Model: usm, SecurityName: "nogroup", GroupName: "nobody"},
			{Model: usm, SecurityName: "lost", GroupName: "l"},
		},
		access: []vacm.Access{
			{GroupName: "g", ReadViewName: "a", WriteViewName: "b", NotifyViewName: "c"},
			{GroupName: "h", ReadViewName: "b"},
			{GroupName: "l", ReadViewName: "off", WriteViewName: "half", NotifyViewName: vacm.All},
		},
		families: append(ownViews(),
			vacm.ViewTreeFamily{ViewName: "off", Subtree: viewOf["a"], Row: notInService},
			vacm.ViewTreeFamily{ViewName: "half", Subtree: viewOf["a"], Row: notInService},
			vacm.ViewTreeFamily{ViewName: "half", Subtree: viewOf["b"]}),
	}
	p := m.policy(t)
	const read, write, notify = vacm.ReadView, vacm.WriteView, vacm.NotifyView
	for _, tt := range []struct {
		rule     string
		model    pdu.SecurityModel
		user     string
		viewType vacm.ViewType
		context  string
		name     string
		want     vacm.Indication
	}{
		{"RFC 3415 §3.2 (1): no context", usm, "u", read, "y", "a", vacm.NoSuchContext},
		{"RFC 3415 §3.2 (1) before (2)", usm, "stranger", read, "y", "a", vacm.NoSuchContext},
		{"RFC 3415 §3.2 (1): no prefix of a context", usm, "u", read, "xx", "a", vacm.NoSuchContext},
		{"RFC 3415 §3.2 (2): no group", usm, "stranger", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §3.2 (2) before (3)", usm, "stranger", read, "x", "a", vacm.NoGroupName},
		{"RFC 3415 §3.2 (2): the name in capitals", usm, "U", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §3.2 (2): the empty name", usm, "", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §2.1: the name of another model", v1, "u", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §2.1: the same name of two models, one", usm, "u", read, "", "a", vacm.AccessAllowed},
		{"RFC 3415 §2.1: the same name of two models, the other", v2c, "u", read, "", "b", vacm.AccessAllowed},
		{"RFC 3415 §2.1: two in one group", usm, "same", read, "", "a", vacm.AccessAllowed},
		{"RFC 3415 §3.2 (2): a member who is not in service", usm, "gone", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §3.2 (2): a member who is not ready", usm, "early", read, "", "a", vacm.NoGroupName},
		{"RFC 3415 §3.2 (3): a group without access", usm, "nogroup", read, "", "a", vacm.NoAccessEntry},
		{"RFC 3415 §3.2 (3): no access in the context", usm, "u", read, "x", "a", vacm.NoAccessEntry},
		{"RFC 3415 §3.2 (4) a): the read view", usm, "u", read, "", "a", vacm.AccessAllowed},
		{"RFC 3415 §3.2 (4) b): the write view", usm, "u", write, "", "b", vacm.AccessAllowed},
		{"RFC 3415 §3.2 (4) c): the notify view", usm, "u", notify, "", "c", vacm.AccessAllowed},
		{"RFC 3415 §2.5: not the read view for writing", usm, "u", write, "", "a", vacm.NotInView},
		{"RFC 3415 §2.5: not the write view for reading", usm, "u", read, "", "b", vacm.NotInView},
		{"RFC 3415 §2.5: not the read view for notifications", usm, "u", notify, "", "a", vacm.NotInView},
		{"RFC 3415 §3.2 (4) d): no write view", v2c, "u", write, "", "b", vacm.NoSuchView},
		{"RFC 3415 §3.2 (4) d): no notify view", v2c, "u", notify, "", "b", vacm.NoSuchView},
		{"RFC 3415 §3.2 (5) a): no family is in service", usm, "lost", read, "", "a", vacm.NoSuchView},
		{"RFC 3415 §3.2 (5): one of two families is not in service", usm, "lost", write, "", "a", vacm.NotInView},
		{"RFC 3415 §3.2 (5): one of two families is in service", usm, "lost", write, "", "b", vacm.AccessAllowed},
		{"RFC 3415 §3.2 (5) c): everything", usm, "lost", notify, "", "c", vacm.AccessAllowed},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m.check(t, p, question{tt.model, tt.user, authPriv, tt.viewType, tt.context, viewOf[tt.name]}, tt.want)
		})
	}
}

// appendixA returns the configuration of RFC 3415 §A.1 with the subtrees that the view
// "restricted" has.
func appendixA(restricted ...string) *model {
	m := &model{
		contexts: []string{""}, // A.1.2
		groups:   []vacm.SecurityToGroup{{Model: usm, SecurityName: "initial", GroupName: "initial"}},
		access: []vacm.Access{
			{GroupName: "initial", Model: usm, Level: noAuth, ContextMatch: vacm.Exact, ReadViewName: "restricted", NotifyViewName: "restricted"},
			{GroupName: "initial", Model: usm, Level: authOnly, ContextMatch: vacm.Exact, ReadViewName: "internet", WriteViewName: "internet", NotifyViewName: "internet"},
		},
		families: []vacm.ViewTreeFamily{{ViewName: "internet", Subtree: ber.MustOID("1.3.6.1"), Type: vacm.Included}},
	}
	for _, subtree := range restricted {
		m.families = append(m.families, vacm.ViewTreeFamily{ViewName: "restricted", Subtree: ber.MustOID(subtree), Type: vacm.Included})
	}
	return m
}

// TestAppendixA shows what the initial configurations of RFC 3415 §A allow: minimum
// and semi security, and no access.
func TestAppendixA(t *testing.T) {
	minimum := appendixA("1.3.6.1")
	semi := appendixA("1.3.6.1.2.1.1", "1.3.6.1.2.1.11", "1.3.6.1.6.3.10.2.1", "1.3.6.1.6.3.11.2.1", "1.3.6.1.6.3.15.1.1")
	none := &model{contexts: []string{""}}
	const (
		sysDescr      = "1.3.6.1.2.1.1.1.0"
		ifDescr       = "1.3.6.1.2.1.2.2.1.2.1"
		snmpInPkts    = "1.3.6.1.2.1.11.1.0"
		snmpEngineID  = "1.3.6.1.6.3.10.2.1.1.0"
		unknownModels = "1.3.6.1.6.3.11.2.1.1.0"
		unknownUsers  = "1.3.6.1.6.3.15.1.1.3.0"
		usmUserStatus = "1.3.6.1.6.3.15.1.2.2.1.13.1.1.1.1"
		vacmGroup     = "1.3.6.1.6.3.16.1.2.1.3.3.1.105"
		outside       = "1.2.840"
	)
	type want = map[string]vacm.Indication
	const in, out = vacm.AccessAllowed, vacm.NotInView
	all := func(i vacm.Indication) want {
		w := want{}
		for _, name := range []string{sysDescr, ifDescr, snmpInPkts, snmpEngineID, unknownModels, unknownUsers, usmUserStatus, vacmGroup, outside} {
			w[name] = i
		}
		return w
	}
	internet := all(in)
	internet[outside] = out
	restricted := all(in)
	restricted[ifDescr], restricted[usmUserStatus], restricted[vacmGroup], restricted[outside] = out, out, out, out

	for _, tt := range []struct {
		name     string
		config   *model
		user     string
		level    pdu.SecurityLevel
		viewType vacm.ViewType
		want     want
	}{
		{"RFC 3415 §A.1.5 minimum security, read without authentication", minimum, "initial", noAuth, vacm.ReadView, internet},
		{"RFC 3415 §A.1.4 minimum security, write without authentication", minimum, "initial", noAuth, vacm.WriteView, all(vacm.NoSuchView)},
		{"RFC 3415 §A.1.4 minimum security, write with it", minimum, "initial", authOnly, vacm.WriteView, internet},
		{"RFC 3415 §A.1.5 semi security, read without authentication", semi, "initial", noAuth, vacm.ReadView, restricted},
		{"RFC 3415 §A.1.4 semi security, write without authentication", semi, "initial", noAuth, vacm.WriteView, all(vacm.NoSuchView)},
		{"RFC 3415 §A.1.4 semi security, notify without authentication", semi, "initial", noAuth, vacm.NotifyView, restricted},
		{"RFC 3415 §A.1.4 semi security, read with authentication", semi, "initial", authOnly, vacm.ReadView, internet},
		{"RFC 3415 §A.1.4 semi security, write with authentication", semi, "initial", authOnly, vacm.WriteView, internet},
		{"RFC 3415 §A.1.4 semi security, notify with authentication", semi, "initial", authOnly, vacm.NotifyView, internet},
		{"RFC 3415 §A.1.4 semi security, read with privacy", semi, "initial", authPriv, vacm.ReadView, internet},
		{"RFC 3415 §A.1.3 semi security, somebody else", semi, "template", authPriv, vacm.ReadView, all(vacm.NoGroupName)},
		{"RFC 3415 §A.1.1 no access", none, "initial", authPriv, vacm.ReadView, all(vacm.NoGroupName)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.config.policy(t)
			for name, want := range tt.want {
				tt.config.check(t, p, question{usm, tt.user, tt.level, tt.viewType, "", ber.MustOID(name)}, want)
			}
		})
	}
	p := semi.policy(t)
	if v, err := p.View(request(question{model: v2c, name: "initial"}), vacm.ReadView); err != pdu.AuthorizationError {
		t.Errorf("RFC 3415 §A.1.3: a community called initial has %v, %v", v, err)
	}
}
