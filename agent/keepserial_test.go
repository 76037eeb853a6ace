package agent_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// TestKeepOneAtATime: of SETs of several tables that come at once, no two are in Keep at
// once: they would write what they have read in another order. Others go on meanwhile.
func TestKeepOneAtATime(t *testing.T) {
	groups := []pdu.VarBind{vb(ber.MustOID("1.3.6.1.6.3.16.1.2.1.5.2.1.97"), pdu.Integer(4)), vb(ber.MustOID("1.3.6.1.6.3.16.1.2.1.3.2.1.97"), pdu.OctetString("g"))}
	views := []pdu.VarBind{vb(ber.MustOID("1.3.6.1.6.3.16.1.5.2.1.6.1.118.2.1.3"), pdu.Integer(4))}
	notifies := []pdu.VarBind{vb(ber.MustOID("1.3.6.1.6.3.13.1.1.1.5.97"), pdu.Integer(4)), vb(ber.MustOID("1.3.6.1.6.3.13.1.1.1.2.97"), pdu.OctetString("t"))}
	params := []pdu.VarBind{vb(ber.MustOID("1.3.6.1.6.3.12.1.3.1.7.97"), pdu.Integer(5))}
	for _, tt := range []struct {
		name string
		sets [][]pdu.VarBind
		has  func(s *agent.System, p *vacm.Policy, ts *notify.Targets, keep func() error)
	}{
		{"the System's", [][]pdu.VarBind{groups, views, notifies, params},
			func(s *agent.System, _ *vacm.Policy, _ *notify.Targets, keep func() error) { s.Keep = keep }},
		{"the policy's", [][]pdu.VarBind{groups, views},
			func(_ *agent.System, p *vacm.Policy, _ *notify.Targets, keep func() error) { p.Keep = keep }},
		{"the Targets'", [][]pdu.VarBind{notifies, params},
			func(_ *agent.System, _ *vacm.Policy, ts *notify.Targets, keep func() error) { ts.Keep = keep }},
		{"a policy's that calls the System's", [][]pdu.VarBind{groups, views},
			func(s *agent.System, p *vacm.Policy, _ *notify.Targets, keep func() error) {
				s.Keep, p.Keep = keep, func() error { return s.Keep() }
			}},
		{"a System's that calls the policy's", [][]pdu.VarBind{notifies, params},
			func(s *agent.System, p *vacm.Policy, _ *notify.Targets, keep func() error) {
				p.Keep, s.Keep = keep, func() error { return p.Keep() }
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			net, a := agenttest.NewNetwork(), agent.New()
			a.Conns = []transport.Conn{net.Listen(t, "192.0.2.1:161")}
			p, ts, system := vacm.MustNew(vacm.CommunityRule{Community: "private", Writable: true}), notify.MustNew(), new(agent.System)
			a.MIB, a.Access, a.Targets = mib.NewTree(), p, ts
			var within, calls, overlaps atomic.Int32
			tt.has(system, p, ts, func() error {
				calls.Add(1)
				within.Add(1)
				for range 20000 { // whoever can come in does
					if runtime.Gosched(); within.Load() > 1 {
						overlaps.Add(1)
						break
					}
				}
				within.Add(-1)
				return nil
			})
			for _, err := range []error{a.RegisterObjects(a.MIB, system), a.RegisterAccess(a.MIB, system, p), a.RegisterTargets(a.MIB, system, ts), a.Activate()} {
				if err != nil {
					t.Fatal(err)
				}
			}
			defer a.Deactivate()
			var wg sync.WaitGroup
			for _, set := range tt.sets {
				c := net.Manager(t, "192.0.2.1:161")
				c.Community = "private"
				wg.Go(func() {
					if _, err := c.Set(context.Background(), set...); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := int(calls.Load()); n != len(tt.sets) || overlaps.Load() != 0 {
				t.Errorf("Keep was called %d times for %d SETs, and %d times while it was at work", n, len(tt.sets), overlaps.Load())
			}
		})
	}
}
