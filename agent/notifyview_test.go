package agent_test

import (
	"net/netip"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// RFC 3413 §3.3 (2) and (3): what the notify view does not contain is not sent.
func TestNotifyView(t *testing.T) {
	everything := ber.MustOID("1.3")
	policy, err := vacm.New(
		vacm.CommunityRule{Community: "public"},
		vacm.CommunityRule{Community: "near", Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}},
		vacm.UserRule{User: "trapper", Level: pdu.AuthPriv},
		vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "sink", GroupName: "sinks"},
		vacm.Access{GroupName: "sinks", NotifyViewName: "some"},
		vacm.Access{GroupName: "sinks", ContextPrefix: "bridge", ReadViewName: vacm.All},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: everything},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: ber.MustOID("1.3.6.1.2.1.2.2.1.1"), Type: vacm.Excluded},
		vacm.ViewTreeFamily{ViewName: "some", Subtree: pdu.SnmpTraps.Append(3), Type: vacm.Excluded},
	)
	if err != nil {
		t.Fatal(err)
	}
	configure := func(a *agent.Agent) {
		withEngine(a)
		a.Access, a.Contexts = policy, []string{"bridge"}
		a.MIB = mib.NewTree()
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		to := func(change func(*agent.Target)) agent.Target {
			target := agent.Target{Address: sinkHost, Version: pdu.V2c, Community: "public"}
			change(&target)
			return target
		}
		coldStart := agent.Notification{OID: pdu.SnmpTraps.Append(1)}
		for _, tt := range []struct {
			name         string
			target       agent.Target
			notification agent.Notification
			code         agent.Code // 0: it is sent
			text         string     // that its error ends with
		}{
			{"a community", to(func(*agent.Target) {}), coldStart, 0, ""},
			{"a community that is not known", to(func(to *agent.Target) { to.Community = "other" }), coldStart, agent.CodeNotAuthenticated, ""},
			{"one that is not for this target (RFC 3584 §5.3)", to(func(to *agent.Target) { to.Community = "near" }), coldStart, agent.CodeNotAuthenticated, ""},
			{"with a security name", to(func(to *agent.Target) { to.Community, to.SecurityName = "other", "sink" }), coldStart, 0, ""},
			{"an object outside", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: linkUp, Objects: []pdu.VarBind{ifIndex}}, agent.CodeNotPermitted, `1.3.6.1.2.1.2.2.1.1.7 is not in the notify view of "sink" in the default context: authorizationError`},
			{"itself outside", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: pdu.SnmpTraps.Append(3)}, agent.CodeNotPermitted, ""},
			{"another security model", to(func(to *agent.Target) { to.Version, to.SecurityName = pdu.V1, "sink" }), coldStart, agent.CodeNotPermitted, ""},
			{"without a notify view in this context", to(func(to *agent.Target) { to.SecurityName = "sink" }), agent.Notification{OID: linkUp, ContextName: "bridge"}, agent.CodeNotPermitted, `there is no notify view for "sink" in context "bridge": authorizationError`},
			{"in a context that the policy does not know", to(func(*agent.Target) {}), agent.Notification{OID: linkUp, ContextName: "nowhere"}, agent.CodeNotPermitted, ""},
			{"a user", to(func(to *agent.Target) { to.Version, to.User, to.Level = pdu.V3, trapper, pdu.AuthPriv }), coldStart, 0, ""},
			{"a user below the rule's level", to(func(to *agent.Target) { to.Version, to.User.Name = pdu.V3, "trapper" }), coldStart, agent.CodeNotPermitted, `there is no notify view for user "trapper" at noAuthNoPriv in the default context: authorizationError`},
			{"a user without a rule", to(func(to *agent.Target) { to.Version, to.User.Name = pdu.V3, "plain" }), coldStart, agent.CodeNotPermitted, ""},
			{"nobody", to(func(to *agent.Target) { to.Version = pdu.V3 }), coldStart, agent.CodeNotPermitted, ""},
			{"an inform", to(func(to *agent.Target) { to.Inform, to.Community = true, "other" }), coldStart, agent.CodeNotAuthenticated, ""},
		} {
			err := r.Notify(t.Context(), tt.target, tt.notification)
			if codeOf(err) != tt.code || (err == nil) != (tt.code == 0) || err != nil && !strings.HasSuffix(err.Error(), tt.text) {
				t.Errorf("%s: %v, want code %d%s", tt.name, err, tt.code, tt.text)
			}
			if got := s.all(); (len(got) == 1) != (tt.code == 0) {
				t.Errorf("%s: %d were sent", tt.name, len(got))
			}
		}
		if stats := r.Stats(); stats.SNMP[agent.SnmpOutPkts] != 3 || stats.SNMP[agent.SnmpOutTraps] != 3 {
			t.Errorf("%d messages and %d traps are counted", stats.SNMP[agent.SnmpOutPkts], stats.SNMP[agent.SnmpOutTraps])
		}
	})
}
