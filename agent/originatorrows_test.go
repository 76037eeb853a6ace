package agent_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// Managers' targets that do not confirm do not keep a notification from those whom
// statements name, however many they are and however they are called.
func TestNotifyAllStatementsFirst(t *testing.T) {
	configure := func(a *agent.Agent) {
		withTargets(toReceiver("z", pdu.V2c, false))(a)
		a.Access = vacm.MustNew(
			vacm.Community{Community: "noc's", SecurityName: "noc"},
			vacm.SecurityToGroup{Model: pdu.SecurityModelV2c, SecurityName: "noc", GroupName: "g"},
			vacm.Access{GroupName: "g", NotifyViewName: vacm.All},
		)
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		row := notify.Row{Storage: mib.NonVolatile, Status: mib.Active}
		managed := []notify.Statement{
			notify.Notify{Name: "dead", Tag: "dead", Type: notify.Inform, Row: row},
			notify.TargetParams{Name: "dead", MPModel: pdu.V2c, SecurityModel: pdu.SecurityModelV2c, SecurityName: "noc", Row: row},
		}
		for i := range 40 { // more than are told at the same time
			managed = append(managed, notify.TargetAddr{
				Name: fmt.Sprint("a", i), TDomain: notify.SnmpUDPDomain, TAddress: string([]byte{198, 51, 100, byte(i), 0, 162}),
				Timeout: time.Hour, TagList: "dead", Params: "dead", Row: row,
			})
		}
		if err := r.Targets.Restore(managed...); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go r.NotifyAll(ctx, linkUpNotification)
		synctest.Wait()
		s.one()
		cancel()
		synctest.Wait()
	})
}

// RFC 3413 §3.3 (6) a and b: what is known of a target is kept while it is waited for, and
// an inform goes on as it began when its rows are others meanwhile, or are gone.
func TestNotifyAllRowsGone(t *testing.T) {
	other := toReceiver("a", pdu.V2c, true)
	other.Address, other.Community, other.RetryCount = "192.0.2.77", "other's", 0
	for name, rows := range map[string][]notify.Statement{"gone": nil, "others": {other}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withTargets(toReceiver("a", pdu.V2c, true)), func(t *testing.T, r *rig) {
				s := newSink(r)
				change := time.AfterFunc(500*time.Millisecond, func() {
					if err := r.Targets.Replace(rows...); err != nil {
						t.Error(err)
					}
				})
				defer change.Stop()
				late := time.AfterFunc(1500*time.Millisecond, func() { s.listen(trapper) }) // the first and the second are lost
				defer late.Stop()
				if err := r.NotifyAll(t.Context(), linkUpNotification); err != nil {
					t.Error(err)
				}
				if n := s.one(); string(n.Community) != "a's secret" {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// Rows that are made, changed and destroyed while notifications go by them: each goes by
// rows that have been there, or not.
func TestNotifyAllWhileChanged(t *testing.T) {
	targets, tree := notify.MustNew(toReceiver("fixed", pdu.V2c, true)), mib.NewTree()
	if err := targets.Register(tree); err != nil {
		t.Fatal(err)
	}
	configure := func(a *agent.Agent) {
		allowAll(a)
		a.Targets = targets
		if err := a.AddUserKeys(keyed(trapper)); err != nil {
			t.Fatal(err)
		}
	}
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		var changing, telling sync.WaitGroup
		addr, params := ber.MustOID("1.3.6.1.6.3.12.1.2.1"), ber.MustOID("1.3.6.1.6.3.12.1.3.1")
		integer := func(o ber.OID, n int32) pdu.VarBind { return vb(o, pdu.Integer(n)) }
		done := make(chan struct{})
		changing.Go(func() {
			defer close(done)
			for range 200 {
				for _, vbs := range [][]pdu.VarBind{
					{
						integer(params.Append(7, 'm'), int32(mib.CreateAndGo)), integer(params.Append(2, 'm'), 3), integer(params.Append(3, 'm'), 3),
						vb(params.Append(4, 'm'), pdu.OctetString("trapper")), integer(params.Append(5, 'm'), 3),
					},
					{
						integer(addr.Append(9, 'm'), int32(mib.CreateAndGo)), vb(addr.Append(2, 'm'), pdu.ObjectIdentifier(notify.SnmpUDPDomain)),
						vb(addr.Append(3, 'm'), pdu.OctetString("\xc0\x00\x02\xa2\x00\xa2")), vb(addr.Append(7, 'm'), pdu.OctetString("m")),
						vb(addr.Append(6, 'm'), pdu.OctetString("fixed")),
					},
					{vb(addr.Append(7, 'm'), pdu.OctetString("fixed"))},
					{integer(addr.Append(9, 'm'), int32(mib.Destroy)), integer(params.Append(7, 'm'), int32(mib.Destroy))},
				} {
					if err := tree.Set(new(mib.Request), vbs); err != nil {
						t.Errorf("%v: %v", vbs, err)
					}
				}
			}
		})
		told := 0
		telling.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := r.NotifyAll(t.Context(), linkUpNotification)
				var one *agent.TargetError
				// The statement's community does not go where a manager likes.
				if err != nil && (!errors.As(err, &one) || one.Name != "m" || codeOf(err) != agent.CodeNotAuthenticated) {
					t.Error(err)
				}
				told++
			}
		})
		changing.Wait()
		telling.Wait()
		fixed := 0
		for _, n := range s.all() {
			if n.User != "trapper" && string(n.Community) == "fixed's secret" {
				fixed++
			} else if n.User != "trapper" {
				t.Errorf("told is %+v", n)
			}
		}
		if fixed != told || told == 0 {
			t.Errorf("of %d informs %d came", told, fixed)
		}
	})
}
