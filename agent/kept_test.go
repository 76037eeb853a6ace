package agent_test

import (
	"slices"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// What hooks and handlers may keep without a copy stays what it was when the memory of
// the request has been overwritten.
func TestKeptStrings(t *testing.T) {
	for _, tt := range []struct {
		name, context, engineID string
		contexts                []string
		objects                 bool // there is a MIB
	}{
		{"a context that is known", "shop", string(testEngine), []string{"shop"}, true},
		{"a context that the hook knows", "shop", string(testEngine), nil, false},
		{"any engine", "", "\x80\x00\x00\x00\x06", nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var kept, copies []string
			keep := func(list ...string) {
				for _, s := range list {
					kept, copies = append(kept, s), append(copies, strings.Clone(s))
				}
			}
			var objects agent.Objects
			inBubble(t, func(a *agent.Agent) {
				withUsers(t)(a)
				a.Contexts = tt.contexts
				h := &handler{get: func(r *mib.Request, name ber.OID) (pdu.Value, error) {
					keep(r.ContextName, r.SecurityName)
					return pdu.Integer(1), nil
				}}
				register(t, a.MIB, base.Append(9), h)
				if !tt.objects {
					a.MIB = nil
				}
				a.OnSetRequest = func(e *agent.RequestEvent) {
					text, err := a.Text(e.Objects[0].Value)
					if err != nil {
						t.Error(err)
					}
					keep(e.ContextName, string(e.ContextEngineID), e.User, e.Community, text)
					objects = e.Objects.Clone()
					e.Respond = true
				}
				a.OnGetRequest = func(e *agent.RequestEvent) { e.Respond = !tt.objects }
			}, func(t *testing.T, r *rig) {
				m := r.as(writer, pdu.AuthPriv)
				m.contextName, m.contextEngineID = tt.context, usm.EngineID(tt.engineID)
				m.ask(pdu.PDU{Kind: pdu.SetRequest, RequestID: 1, VarBinds: []pdu.VarBind{vb(instance(label), pdu.OctetString("a text"))}})
				m.ask(get(base.Append(9, 1)))
				if want := []string{tt.context, tt.engineID, "writer", "", "a text"}; len(kept) < len(want) || !slices.Equal(kept[:len(want)], want) {
					t.Errorf("kept %q, want %q first", kept, want)
				}
				if !slices.Equal(kept, copies) {
					t.Errorf("kept %q, which were %q", kept, copies)
				}
				if len(objects) != 1 || objects[0] != vb(instance(label), pdu.OctetString("a text")) {
					t.Errorf("the clone of the objects is %v", objects)
				}
			})
		})
	}
}
