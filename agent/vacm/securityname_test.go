package vacm

import (
	"net/netip"
	"testing"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// A CommunityRule with a SecurityName stands for him: messages that name him have the
// community, and he may do what the rule says. Its group keeps the rule's name.
func TestCommunityRuleSecurityName(t *testing.T) {
	p := MustNew(CommunityRule{Community: "public", SecurityName: "noc", ContextName: "c"})
	at := netip.MustParseAddr("192.0.2.1")
	if who := p.Community([]byte("public"), at); who == nil || who.SecurityName != "noc" || who.ContextName != "c" {
		t.Errorf("the community stands for %+v", who)
	}
	if name, ok := p.CommunityOf("noc", "c", at); !ok || name != "public" {
		t.Errorf("his community is %q, %v", name, ok)
	}
	for model, may := range map[pdu.SecurityModel]bool{pdu.SecurityModelV1: true, pdu.SecurityModelV2c: true, pdu.SecurityModelUSM: false} {
		r := &mib.Request{SecurityModel: model, SecurityName: "noc", SecurityLevel: pdu.NoAuthNoPriv, ContextName: "c"}
		if _, err := p.View(r, NotifyView); (err == nil) != may {
			t.Errorf("%v: %v", model, err)
		}
	}
	for _, row := range p.groups.Load().All() {
		if !IsRuleName(row.GroupName) {
			t.Errorf("his group is %q", row.GroupName)
		}
	}
	for name, statements := range map[string][]Statement{
		"that of another rule":         {CommunityRule{Community: "a", SecurityName: "noc"}, CommunityRule{Community: "b", SecurityName: "noc"}},
		"one that rules give":          {CommunityRule{Community: "a", SecurityName: "community-rule-1"}},
		"one that is in another group": {CommunityRule{Community: "a", SecurityName: "noc"}, SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"}},
		"one that is too long":         {CommunityRule{Community: "a", SecurityName: "012345678901234567890123456789012"}},
	} {
		if _, err := New(statements...); err == nil {
			t.Errorf("a SecurityName that is %s is no error", name)
		}
	}
}
