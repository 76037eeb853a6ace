package agent_test

import (
	"errors"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// What a handler says is sent as it is, or told to OnError with the handler's name:
// RFC 3416 §4.2.1 and §4.2.5 know one status for whatever goes wrong in a request that
// reads, and one for a SET that has been tested.
func TestReplacedStatus(t *testing.T) {
	object := base.Append(9)
	why := errors.New("the valve is stuck")
	says := func(err error) mib.Scalar {
		return mib.Scalar{Object: object, Syntax: pdu.TypeInteger, Get: func(*mib.Request) (pdu.Value, error) { return pdu.Value{}, err }}
	}
	refuses := func(check, set error) mib.Scalar {
		return mib.Scalar{Object: object, Syntax: pdu.TypeInteger, Get: mib.Constant(pdu.Integer(1)),
			Check: func(*mib.Request, pdu.Value) error { return check }, Set: func(*mib.Request, pdu.Value) error { return set }}
	}
	for _, tt := range []struct {
		name    string
		kind    pdu.Kind
		handler mib.Scalar
		want    pdu.ErrorStatus
		told    string // "": nothing
	}{
		{"GET, as it is", pdu.GetRequest, says(pdu.TooBig), pdu.TooBig, ""},
		{"GET, genErr", pdu.GetRequest, says(pdu.GenErr), pdu.GenErr, ""},
		{"GET, another one", pdu.GetRequest, says(pdu.ResourceUnavailable), pdu.GenErr, "resourceUnavailable"},
		{"GET, with a reason", pdu.GetRequest, says(errors.Join(pdu.TooBig, why)), pdu.TooBig, why.Error()},
		{"GETNEXT, another one", pdu.GetNextRequest, says(pdu.ResourceUnavailable), pdu.GenErr, "resourceUnavailable"},
		{"GETBULK, another one", pdu.GetBulkRequest, says(pdu.InconsistentValue), pdu.GenErr, "inconsistentValue"},
		{"SET, as it is", pdu.SetRequest, refuses(pdu.InconsistentValue, nil), pdu.InconsistentValue, ""},
		{"SET, with a reason", pdu.SetRequest, refuses(errors.Join(pdu.InconsistentValue, why), nil), pdu.InconsistentValue, why.Error()},
		{"SET, what is for a proxy alone", pdu.SetRequest, refuses(pdu.BadValue, nil), pdu.GenErr, "badValue"},
		{"SET, what there is not", pdu.SetRequest, refuses(pdu.ErrorStatus(99), nil), pdu.GenErr, "error-status 99"},
		{"SET, in the second phase", pdu.SetRequest, refuses(nil, pdu.InconsistentValue), pdu.CommitFailed, "inconsistentValue"},
		{"SET, commitFailed", pdu.SetRequest, refuses(nil, pdu.CommitFailed), pdu.CommitFailed, ""},
		{"SET, undoFailed", pdu.SetRequest, refuses(nil, pdu.UndoFailed), pdu.UndoFailed, "undoFailed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var told []error
			inBubble(t, func(a *agent.Agent) {
				a.MIB = mib.NewTree()
				a.OnError = func(e *agent.ErrorEvent) { told = append(told, e.Err) }
				if err := tt.handler.Register(a.MIB); err != nil {
					t.Fatal(err)
				}
			}, func(t *testing.T, r *rig) {
				m := message(pdu.V2c, tt.kind, vb(instance(object), pdu.Null))
				switch tt.kind {
				case pdu.SetRequest:
					m = private(message(pdu.V2c, tt.kind, vb(instance(object), pdu.Integer(3))))
				case pdu.GetNextRequest:
					m = message(pdu.V2c, tt.kind, names(object)...)
				case pdu.GetBulkRequest:
					m = bulk(0, 2, names(object)...)
				}
				if got := r.ask(m); got.ErrorStatus != tt.want {
					t.Errorf("the manager hears %v, want %v", got.ErrorStatus, tt.want)
				}
				switch who := (*mib.HandlerError)(nil); {
				case tt.told == "":
					if len(told) > 0 {
						t.Errorf("OnError had %v", told)
					}
				case len(told) != 1 || !errors.As(told[0], &who) || who.Prefix != object || !strings.Contains(who.Err.Error(), tt.told):
					t.Errorf("OnError had %v, want one of the handler that says %s", told, tt.told)
				}
			})
		})
	}
}
