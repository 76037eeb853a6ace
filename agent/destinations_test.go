package agent_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/notify"
	"snmpstack/pdu"
)

// A program with queues of its own has the targets one by one.
func TestDestinations(t *testing.T) {
	both := toReceiver("both", pdu.V2c, false)
	both.Timeout, both.RetryCount = 248*24*time.Hour, 255
	configure := withTargets(
		both, notify.Notify{Name: "more", Tag: "both", Type: notify.Inform},
		notify.TargetAddr{Name: "small", Address: sinkHost, TagList: "both", Params: "both", MMS: 484, Row: notify.Row{Origin: "here"}},
	)
	withSink(t, configure, func(t *testing.T, r *rig, s *sink) {
		n := linkUpNotification
		n.Objects = append(slices.Clone(n.Objects), vb(ifIndex.Name, pdu.OctetString(strings.Repeat("x", 400))))
		list, err := r.Destinations(n)
		if err != nil || len(list) != 4 {
			t.Fatalf("%v, %v", list, err)
		}
		for i, want := range []struct {
			name, origin string
			inform       bool
			code         agent.Code
		}{
			{"both", "", false, 0}, {"both", "", true, 0},
			{"small", "here", false, agent.CodeMessageTooLong}, {"small", "here", true, agent.CodeMessageTooLong}, // RFC 3584 §5.3
		} {
			d := list[i]
			if wait := d.Timeout; i < 2 && (wait != 5*time.Minute || d.Retries != 255) || i >= 2 && wait != 15*time.Second {
				t.Errorf("%d waits for %v", i, wait)
			}
			if d.Name != want.name || d.Origin != want.origin || d.Inform != want.inform {
				t.Errorf("%d is %+v", i, d)
			}
			if err := r.Notify(t.Context(), d.Target, n); codeOf(err) != want.code {
				t.Errorf("%+v: %v", d, err)
			}
			if one, ok := r.Destination(n, d.Name, d.Inform); !ok || !reflect.DeepEqual(one, d) {
				t.Errorf("by itself %d is %+v, %v", i, one, ok)
			}
		}
		for _, name := range []string{"", "a", "more", "z"} {
			if d, ok := r.Destination(n, name, false); ok {
				t.Errorf("there is %+v", d)
			}
		}
		if got := s.all(); len(got) != 2 {
			t.Errorf("%d have come", len(got))
		}
		to := toSink(pdu.V3) // which says itself what it takes
		to.MaxSize = 484
		if err := r.Notify(t.Context(), to, n); err != nil {
			t.Error(err)
		}
		s.one()
		if _, err := r.Destinations(agent.Notification{}); codeOf(err) != agent.CodeNoSuchOID {
			t.Errorf("without an OID: %v", err)
		}
	})
	a := agent.New()
	if list, err := a.Destinations(linkUpNotification); err != nil || list != nil {
		t.Errorf("without Targets: %v, %v", list, err)
	}
}
