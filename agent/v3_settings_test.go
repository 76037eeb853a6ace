package agent_test

import (
	"testing"

	"snmpstack/agent"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// The settings about SNMPv3 through Config: their defaults, their values, and that
// they take effect. (CompatibilityMode: TestCompatibilityMode.)
func TestV3Settings(t *testing.T) {
	for _, tt := range []struct {
		name, initial, value string
		bad                  []string
	}{
		{"TimeWindow", "150", "20", []string{"0", "-1", "2147483648", "x", ""}},
		{"IgnoreDiscoveryRequestType", "False", "True", []string{"2", "maybe"}},
		{"UseInternalSecurityAPI", "True", "False", []string{"2", ""}},
		{"CompatibilityMode", "0", "2", []string{"3", "-1", "x"}},
		{"MsgMaxSize", "65507", "484", []string{"483", "65508"}},
		{"MaskSensitive", "True", "True", []string{"False", "x"}}, // decision 13
	} {
		a := agent.New()
		for _, bad := range tt.bad {
			if _, err := a.Config(tt.name + "=" + bad); codeOf(err) != agent.CodeInvalidArgument {
				t.Errorf("%s=%s: %v", tt.name, bad, err)
			}
		}
		old, err := a.Config(tt.name + "=" + tt.value)
		now, errNow := a.Config(tt.name)
		if err != nil || errNow != nil || old != tt.initial || now != tt.value {
			t.Errorf("%s: %q, %v, then %q, %v", tt.name, old, err, now, errNow)
		}
	}

	late := func(r *rig, seconds int32) []byte {
		m := r.as(reader, pdu.AuthNoPriv)
		m.peer.Suppose(7, 1000-seconds)
		return m.datagram(get(instance(title)))
	}
	for setting, window := range map[string]int32{"TimeWindow": 150, "TimeWindow=20": 20} {
		r := newRig(t, withUsers(t), withSetting(t, setting))
		for seconds, end := range map[int32]string{window: "Answered", window + 1: "usmStatsNotInTimeWindows"} {
			before := r.Stats()
			r.exchange(late(r, seconds))
			r.countedIn(before, end)
		}
		r.Deactivate()
	}
	for setting, told := range map[string]int{"IgnoreDiscoveryRequestType=False": 1, "IgnoreDiscoveryRequestType=True": 0} {
		n := 0
		r := newRig(t, withUsers(t), withSetting(t, setting), func(a *agent.Agent) {
			a.OnBadPacket = func(*agent.BadPacketEvent) { n++ }
		})
		r.report(r.exchange(discovery(pdu.GetNextRequest)))
		if n != told {
			t.Errorf("%s: OnBadPacket was called %d times, want %d", setting, n, told)
		}
		r.Deactivate()
	}
	r := newRig(t, withSetting(t, "UseInternalSecurityAPI=False"), withUsers(t))
	if r.SecurityProvider != usm.System {
		t.Errorf("the provider is %v", r.SecurityProvider)
	}
	r.as(writer, pdu.AuthPriv).ask(get(instance(title)))
}

// withSetting sets or reads a setting.
func withSetting(t *testing.T, setting string) func(*agent.Agent) {
	return func(a *agent.Agent) {
		if _, err := a.Config(setting); err != nil {
			t.Fatal(err)
		}
	}
}
