package agent_test

import (
	"net/netip"
	"testing"

	"snmpstack/pdu"
)

// RFC 3584 §3.2 (2): a Trap of somebody else's, passed on, has the address of whom it comes
// from, TrapAgentAddress or not.
func TestNotifyAllPassesOn(t *testing.T) {
	setting := netip.MustParseAddr("198.51.100.1")
	withSink(t, withTargets(toReceiver("a", pdu.V1, false)), func(t *testing.T, r *rig, s *sink) {
		for _, from := range []netip.Addr{netip.MustParseAddr("203.0.113.7"), netip.IPv4Unspecified(), {}} {
			n := linkUpNotification
			want := from
			if from.IsValid() {
				foreign := pdu.Trap{AgentAddr: from, Enterprise: pdu.SnmpTraps, GenericTrap: 3}
				var err error
				if n.Objects, err = foreign.ForwardV2("x"); err != nil {
					t.Fatal(err)
				}
			} else {
				want = r.to.Addr() // its own
			}
			for _, r.TrapAgentAddress = range []netip.Addr{{}, setting} {
				if !from.IsValid() && r.TrapAgentAddress.IsValid() {
					want = setting
				}
				if err := r.NotifyAll(t.Context(), n); err != nil {
					t.Fatal(err)
				}
				if got := s.one().Trap.AgentAddr; got != want {
					t.Errorf("from %v with TrapAgentAddress %v: agent-addr is %v, want %v", from, r.TrapAgentAddress, got, want)
				}
			}
		}
	})
}
