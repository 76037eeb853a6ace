package agent_test

import (
	"errors"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A panic of a hook, a handler or the policy is genErr for the one who asked, is
// told to OnError, and the agent goes on (RFC 3413 §3.2 (6): whatever happens, a
// request is answered).
func TestPanic(t *testing.T) {
	bad := base.Append(9, 0)
	for _, tt := range []struct {
		name      string
		index     int32
		configure func(*agent.Agent)
	}{
		{"handler", 2, func(a *agent.Agent) {
			register(t, a.MIB, base.Append(9), &handler{inline: true, get: func(*mib.Request, ber.OID) (pdu.Value, error) { panic("oops") }})
		}},
		{"handler that may block", 2, func(a *agent.Agent) {
			register(t, a.MIB, base.Append(9), &handler{get: func(*mib.Request, ber.OID) (pdu.Value, error) { panic("oops") }})
		}},
		{"hook", 0, func(a *agent.Agent) {
			a.OnGetRequest = func(e *agent.RequestEvent) {
				if e.Objects[0].Name != instance(title) || len(e.Objects) > 1 {
					panic("oops")
				}
			}
		}},
		{"policy", 0, func(a *agent.Agent) { a.Access = panickyAccess{a.Access, bad} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var told []error
			inBubble(t, func(a *agent.Agent) {
				a.MIB = newTree(t, &plant{})
				a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Err) }
				tt.configure(a)
			}, func(t *testing.T, r *rig) {
				for range 2 {
					got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title), bad)...))
					if got.ErrorStatus != pdu.GenErr || got.ErrorIndex != tt.index {
						t.Errorf("%v %d, want genErr %d", got.ErrorStatus, got.ErrorIndex, tt.index)
					}
					if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)); got.VarBinds[0] != everything()[0] {
						t.Errorf("afterwards: %v", got)
					}
				}
				if len(told) != 2 {
					t.Fatalf("OnError had %v", told)
				}
				if panicked := (*mib.PanicError)(nil); !errors.As(told[0], &panicked) || panicked.Value != "oops" {
					t.Errorf("OnError had %v", told[0])
				}
			})
		})
	}
}

// panickyAccess has views that panic where they are asked for one name.
type panickyAccess struct {
	agent.Access
	bad ber.OID
}

func (a panickyAccess) View(r *mib.Request, t vacm.ViewType) (vacm.View, error) {
	v, err := a.Access.View(r, t)
	return panickyView{v, a.bad}, err
}

type panickyView struct {
	vacm.View
	bad ber.OID
}

func (v panickyView) Contains(name ber.OID) bool {
	if name == v.bad {
		panic("oops")
	}
	return v.View.Contains(name)
}
