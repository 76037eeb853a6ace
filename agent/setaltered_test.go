package agent_test

import (
	"slices"
	"testing"

	"snmpstack/mib"
	"snmpstack/pdu"
)

// RFC 3416 §4.2.5, 3416-4.2.5-22: the Response has the request's varbinds, whatever a
// handler does to those that it was given.
func TestSetAlteredByHandler(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alter func(vbs []pdu.VarBind)
	}{
		{"another value", func(vbs []pdu.VarBind) { vbs[0].Value = pdu.Integer(99) }},
		{"sorted", func(vbs []pdu.VarBind) {
			slices.SortFunc(vbs, func(a, b pdu.VarBind) int { return a.Name.Compare(b.Name) })
		}},
		{"longer", func(vbs []pdu.VarBind) { _ = append(vbs, vb(base.Append(1, 9), pdu.Integer(99))) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var status error
			var behind []pdu.VarBind
			tree := mib.NewTree()
			register(t, tree, base.Append(1), &changer{handler: handler{inline: true}, test: func(vbs []pdu.VarBind) error {
				tt.alter(vbs)
				return nil
			}})
			register(t, tree, base.Append(2), &changer{handler: handler{inline: true}, test: func(vbs []pdu.VarBind) error {
				behind = behind[:0]
				for i := range vbs {
					behind = append(behind, vbs[i].Clone())
				}
				return status
			}})
			r := newRig(t, withMIB(tree))
			list := []pdu.VarBind{vb(base.Append(1, 2), pdu.Integer(1)), vb(base.Append(1, 1), pdu.Integer(2)), vb(base.Append(2, 0), pdu.Integer(3))}
			for _, status = range []error{nil, pdu.WrongValue} {
				request := private(message(pdu.V2c, pdu.SetRequest, list...))
				want := pdu.NoError
				if status != nil {
					want = pdu.WrongValue
				}
				got := r.ask(request)
				if got.ErrorStatus != want || !slices.Equal(got.VarBinds, list) {
					t.Errorf("%v: %v at %d with %v, want %v with %v", status, got.ErrorStatus, got.ErrorIndex, got.VarBinds, want, list)
				}
				if !slices.Equal(behind, list[2:]) {
					t.Errorf("%v: the handler behind it has %v, want %v", status, behind, list[2:])
				}
			}
		})
	}
}
