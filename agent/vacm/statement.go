package vacm

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"snmpstack/agent/internal/managed"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A Statement is something that a policy says: a row of one of its tables
// (Community, SecurityToGroup, Access, ViewTreeFamily), or a CommunityRule or a
// UserRule, which stand for several. Two about one row have to say the same. See the
// package's comment.
type Statement interface{ addTo(*draft) error }

// A CommunityRule gives a community access to a view: the view and the mode that
// RFC 1157 §3.2.5 calls its profile. It stands for a Community, the group of the
// one whom it stands for, this group's Access, and with a Subtree for a view. The
// names in these rows are "community-rule-" and the rule's number, but for the SecurityName
// where the rule has one.
type CommunityRule struct {
	// Community is compared octet by octet. It is a secret.
	Community string
	// Sources are the networks it is good from. None means any.
	Sources []netip.Prefix
	// Subtree or ViewName may be read, and be notified of. Both "" is everything.
	// sysUpTime.0 and snmpTrapOID.0 are in every notification: a view without
	// 1.3.6.1.2.1.1.3 and 1.3.6.1.6.3.1.1.4.1 lets none out.
	Subtree  ber.OID
	ViewName string
	// Writable says that it may be written too.
	Writable bool
	// ContextName is the context that requests are for, up to 32 octets: "" is the
	// default one.
	ContextName string
	// SecurityName, if it is not "", is whom the community stands for, 1 to 32 octets, in
	// the place of the rule's name: managers can name him in the targets that they make
	// (notify.TargetParams), which a rule's name they cannot. No other rule has him.
	// After Replace he may do what he may then, also in requests that came in before.
	SecurityName string
	// Origin is the rows' Origin.
	Origin string
}

// A UserRule gives an SNMPv3 user access to a view. It stands for the user's group,
// this group's Access, and with a Subtree for a view. The names in these rows are
// "user-rule-" and a number, which is the same in all rules for one user.
type UserRule struct {
	User string // 1 to 32 octets
	// Level is the least security level of messages that the rule is for. Of
	// several rules for one user and context that with the highest level that the
	// message has reached counts. The agent lets no message pass that is below the level
	// of the user's passwords, whatever the rules say: a rule for a lower one needs a
	// user who has usm.User.AllowLower.
	Level pdu.SecurityLevel
	// Subtree or ViewName may be read, and be notified of. Both "" is everything.
	// sysUpTime.0 and snmpTrapOID.0 are in every notification: a view without
	// 1.3.6.1.2.1.1.3 and 1.3.6.1.6.3.1.1.4.1 lets none out.
	Subtree  ber.OID
	ViewName string
	// Writable says that it may be written too.
	Writable bool
	// ContextPrefix, of up to 32 octets, and ContextMatch are the contexts that it is
	// for: without them the default one. Prefix with "" is all of them.
	ContextPrefix string
	ContextMatch  ContextMatch
	// Origin is the rows' Origin.
	Origin string
}

// A draft is a policy in the making.
type draft struct {
	communities []Community
	rules       map[communityRule]string // the names in the rows of CommunityRules
	former      *communities
	number      int // of the last name
	groups      managed.Draft[SecurityToGroup]
	access      managed.Draft[Access]
	families    managed.Draft[ViewTreeFamily]
	users       map[string]string // the names in the rows of UserRules, by user
}

// settle fills in what a statement has left out.
func (r *Row) settle() {
	r.Storage = cmp.Or(r.Storage, mib.ReadOnly)
	r.Status = cmp.Or(r.Status, mib.Active)
}

func newDraft(former *communities) *draft {
	return &draft{
		former: former, number: former.number,
		groups:   managed.NewDraft(indexSecurityToGroup, (*SecurityToGroup).origin),
		access:   managed.NewDraft(indexAccess, (*Access).origin),
		families: managed.NewDraft(indexViewTreeFamily, (*ViewTreeFamily).origin),
	}
}

func (d *draft) add(statements []Statement) error {
	for _, row := range standardViews() {
		if err := row.addTo(d); err != nil {
			return err
		}
	}
	for i, s := range statements {
		err := checkRuleNames(s)
		if err == nil {
			err = s.addTo(d)
		}
		if err != nil {
			return fmt.Errorf("vacm: statement %d, a %T: %w", i+1, s, err)
		}
	}
	return nil
}

func (r Community) addTo(d *draft) error {
	r.settle()
	if err := r.check(); err != nil {
		return err
	}
	d.communities = append(d.communities, r)
	return nil
}

func (r SecurityToGroup) addTo(d *draft) error {
	r.settle()
	if err := r.check(); err != nil {
		return err
	}
	return d.groups.Add(r, fmt.Sprintf("member %q of model %v", r.SecurityName, r.Model))
}

func (r Access) addTo(d *draft) error {
	r.settle()
	r.ContextMatch = cmp.Or(r.ContextMatch, Exact)
	if err := r.check(); err != nil {
		return err
	}
	return d.access.Add(r, fmt.Sprintf("access of group %q", r.GroupName))
}

func (r ViewTreeFamily) addTo(d *draft) error {
	r.settle()
	r.Type = cmp.Or(r.Type, Included)
	if err := r.check(); err != nil {
		return err
	}
	return d.families.Add(r, fmt.Sprintf("subtree of view %q", r.ViewName))
}

var errTwoViews = errors.New("a rule has a Subtree or a ViewName, not both")

// addView adds the view of a rule, which is the one called view, or the subtree,
// or everything. name is for a new one.
func (d *draft) addView(name, view string, subtree ber.OID, origin string) (string, error) {
	switch {
	case view != "" && subtree != "":
		return "", errTwoViews
	case view != "":
		return view, nil
	case subtree == "":
		return All, nil
	}
	return name, ViewTreeFamily{ViewName: name, Subtree: subtree, Row: Row{Origin: origin}}.addTo(d)
}

// grant adds a view's Access for a group.
func (d *draft) grant(a Access, view string, writable bool) error {
	a.ReadViewName, a.WriteViewName, a.NotifyViewName = view, None, view
	if writable {
		a.WriteViewName = view
	}
	return a.addTo(d)
}

// nameOf returns the name in a rule's rows. Every rule is a principal of its own:
// what stands for a community in logs and to handlers is the rule's number, never
// the community. One that was there before keeps its name, for the sake of
// requests that are under way, and no other one gets it: they must not come to
// stand for somebody else.
func (d *draft) nameOf(rule CommunityRule) string {
	key := communityRule{
		rule.Community, fmt.Sprint(rule.Sources), rule.Subtree, rule.ViewName, rule.Writable, rule.ContextName, rule.SecurityName,
	}
	name, ok := d.former.rules[key]
	if _, taken := d.rules[key]; !ok || taken {
		d.number++
		name = fmt.Sprint(communityRulePrefix, d.number)
	}
	if d.rules == nil {
		d.rules = make(map[communityRule]string)
	}
	d.rules[key] = name
	return name
}

// What the names in rules' rows begin with.
const (
	communityRulePrefix = "community-rule-"
	userRulePrefix      = "user-rule-"
)

// IsRuleName reports whether name is one that a CommunityRule or UserRule gives, or may
// give. Statements of one's own cannot have it: they would share in what the rule allows.
func IsRuleName(name string) bool {
	return strings.HasPrefix(name, communityRulePrefix) || strings.HasPrefix(name, userRulePrefix)
}

// checkRuleNames refuses a statement that names what a rule gives: it would share in what
// somebody else's rule allows, and in another one's when rules are added above it.
func checkRuleNames(s Statement) error {
	var names []string
	switch s := s.(type) {
	case Community:
		names = []string{s.SecurityName}
	case SecurityToGroup:
		names = s.names()
	case Access:
		names = s.names()
	case ViewTreeFamily:
		names = s.names()
	case CommunityRule:
		names = []string{s.ViewName, s.SecurityName}
	case UserRule:
		names = []string{s.ViewName}
	}
	for _, name := range names {
		if IsRuleName(name) {
			return fmt.Errorf("the name %q is one that the agent gives itself, expected another one", name)
		}
	}
	return nil
}

// A communityRule is all of a CommunityRule that matters.
type communityRule struct {
	community, sources string
	subtree            ber.OID
	view               string
	writable           bool
	context, principal string
}

func (rule CommunityRule) addTo(d *draft) error {
	name, row := d.nameOf(rule), Row{Origin: rule.Origin}
	view, err := d.addView(name, rule.ViewName, rule.Subtree, rule.Origin)
	if err != nil {
		return err
	}
	principal := cmp.Or(rule.SecurityName, name)
	err = Community{
		Community: rule.Community, Sources: rule.Sources,
		SecurityName: principal, ContextName: rule.ContextName, Row: row,
	}.addTo(d)
	if err != nil {
		return err
	}
	for _, model := range []pdu.SecurityModel{pdu.SecurityModelV1, pdu.SecurityModelV2c} {
		if err := (SecurityToGroup{Model: model, SecurityName: principal, GroupName: name, Row: row}).addTo(d); err != nil {
			return err
		}
	}
	return d.grant(Access{GroupName: name, ContextPrefix: rule.ContextName, Row: row}, view, rule.Writable)
}

func (rule UserRule) addTo(d *draft) error {
	group, ok := d.users[rule.User]
	if !ok {
		if d.users == nil {
			d.users = make(map[string]string)
		}
		group = fmt.Sprint(userRulePrefix, len(d.users)+1)
		d.users[rule.User] = group
	}
	row := Row{Origin: rule.Origin}
	// A user may have several rules, each with a view of its own.
	name := fmt.Sprintf("%s-%d-%d", group, rule.Level+managed.NoAuthNoPriv, d.access.Len()+1)
	view, err := d.addView(name, rule.ViewName, rule.Subtree, rule.Origin)
	if err != nil {
		return err
	}
	err = SecurityToGroup{Model: pdu.SecurityModelUSM, SecurityName: rule.User, GroupName: group, Row: row}.addTo(d)
	if err != nil {
		return err
	}
	return d.grant(Access{
		GroupName: group, ContextPrefix: rule.ContextPrefix, ContextMatch: rule.ContextMatch,
		Level: rule.Level, Row: row,
	}, view, rule.Writable)
}
