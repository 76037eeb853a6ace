package agent_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Informs to a target that a manager has made, and that does not confirm, leave room for
// those to others.
func TestInformManagedLeaveRoom(t *testing.T) {
	configure := func(a *agent.Agent) {
		withTargets()(a)
		row := notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
		a.Access = vacm.MustNew(
			vacm.Community{Community: "noc's", SecurityName: "noc"},
			vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
			vacm.Access{GroupName: "g", NotifyViewName: vacm.All},
		)
		err := a.Targets.Restore(
			notify.Notify{Name: "dead", Tag: "dead", Type: notify.Inform, Row: row},
			notify.TargetParams{Name: "dead", MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: "noc", Row: row},
			notify.TargetAddr{Name: "dead", TDomain: notify.SnmpUDPDomain, TAddress: "\xc6\x33\x64\x01\x00\xa2", Timeout: time.Minute, TagList: "dead", Params: "dead", Row: row},
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	inBubble(t, configure, func(t *testing.T, r *rig) {
		var waiting sync.WaitGroup
		codes := make(chan agent.Code, 400)
		tell := func(n int, to agent.Target) {
			for range n {
				waiting.Go(func() { codes <- codeOf(r.Notify(context.Background(), to, linkUpNotification)) })
			}
			synctest.Wait()
		}
		all, err := r.Destinations(linkUpNotification)
		if err != nil || len(all) != 1 {
			t.Fatalf("destinations %v, %v", all, err)
		}
		dead := all[0].Target
		noc := toSink(pdu.V2c)
		noc.Community = "noc's"
		tell(200, dead)
		if len(codes) != 200-192 {
			t.Errorf("%d for the manager's target have ended at once, want %d", len(codes), 200-192)
		}
		tell(64, noc)
		if len(codes) != 200-192 {
			t.Errorf("%d have ended at once, want %d: those for others have room", len(codes), 200-192)
		}
		tell(1, noc)
		if len(codes) != 200-192+1 {
			t.Errorf("%d have ended at once, want %d: there is no more room", len(codes), 200-192+1)
		}
		for range len(codes) {
			if code := <-codes; code != agent.CodeBusy {
				t.Errorf("code %d, want %d", code, agent.CodeBusy)
			}
		}
		waiting.Wait() // until nobody has confirmed
		for range len(codes) {
			if code := <-codes; code != agent.CodeTimeout {
				t.Errorf("code %d, want %d", code, agent.CodeTimeout)
			}
		}
		tell(193, dead) // the room has come back, all of it
		if len(codes) != 1 {
			t.Errorf("%d have ended at once, want 1", len(codes))
		}
		r.Deactivate()
		waiting.Wait()
	})
}
