package agent_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/pdu"
)

// Who prints an event, a rule, or a struct or slice with one in it, prints no community.
func TestCommunitiesDoNotPrint(t *testing.T) {
	const secret = "s3cret"
	request := agent.RequestEvent{Community: secret, RequestID: 4711, Version: pdu.V2c, Objects: []pdu.VarBind{vb(base, pdu.Integer(1))}}
	report := agent.ReportEvent{Community: secret, RequestID: 4711}
	rule := vacm.CommunityRule{Community: secret, ContextName: "4711"}
	row := vacm.Community{Community: secret, SecurityName: "4711"}
	target := agent.Target{Community: manager.Community(secret), Address: "4711"}
	for _, v := range []any{
		request, &request, report, &report, rule, &rule, row, &row, target, &target,
		[]vacm.Statement{rule, row}, []agent.ReportEvent{report}, struct{ E *agent.RequestEvent }{&request},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
			text := fmt.Sprintf(verb, v)
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%T with %s is %s", v, verb, text)
			}
		}
		text := fmt.Sprintf("%+v", v)
		_, inside := v.(struct{ E *agent.RequestEvent }) // package fmt prints a pointer then
		if !strings.Contains(text, "4711") && !inside {
			t.Errorf("%T is %s, which says nothing", v, text)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		if strings.Contains(log.String(), secret) {
			t.Errorf("in a log %T is %s", v, log.String())
		}
	}
}

// A RequestEvent prints all of its fields but its Context, which would say nothing.
func TestRequestEventPrints(t *testing.T) {
	text := fmt.Sprintf("%+v", agent.RequestEvent{Context: t.Context()})
	for _, field := range reflect.VisibleFields(reflect.TypeFor[agent.RequestEvent]()) {
		want := field.IsExported() && field.Name != "Context"
		if printed := strings.Contains(text, "{"+field.Name+":") || strings.Contains(text, " "+field.Name+":"); printed != want {
			t.Errorf("%s: %s", field.Name, text)
		}
	}
}
