package manager

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"snmpstack/pdu"
)

func TestWalk(t *testing.T) {
	const all = "1.3.6.1.2.1.1.1.0=1;1.3.6.1.2.1.1.3.0=3;1.3.6.1.2.1.1.5.0=5;1.3.6.1.2.1.2.1.0=21;1.3.6.1.2.1.2.2.1.1.1=22;"
	const group = "1.3.6.1.2.1.1.1.0=1;1.3.6.1.2.1.1.3.0=3;1.3.6.1.2.1.1.5.0=5;"
	tests := []struct {
		name        string
		version     pdu.Version
		root, end   string
		repetitions int32
		want        string
		requests    int
		kind        pdu.Kind
		ended       Ending
	}{
		{"v1, out of the subtree", pdu.V1, "1.3.6.1.2.1.1", "", 10, group, 4, pdu.GetNextRequest, AtSubtree},
		{"v1, end of the MIB", pdu.V1, "1.3.6.1.2.1", "", 10, all, 6, pdu.GetNextRequest, AtNoSuchName},
		{"v2c, GetNext", pdu.V2c, "1.3.6.1.2.1.1", "", 1, group, 4, pdu.GetNextRequest, AtSubtree},
		{"v2c, GetNext to the end", pdu.V2c, "1.3", "", 0, all, 6, pdu.GetNextRequest, AtException},
		{"v2c, GetBulk", pdu.V2c, "1.3.6.1.2.1.1", "", 2, group, 2, pdu.GetBulkRequest, AtSubtree},
		{"v2c, GetBulk to the end", pdu.V2c, "1.3.6.1", "", 5, all, 2, pdu.GetBulkRequest, AtException},
		{"the root of everything", pdu.V2c, "", "", 3, all, 2, pdu.GetBulkRequest, AtException},
		{"a root of one sub-identifier", pdu.V2c, "1", "", 3, all, 2, pdu.GetBulkRequest, AtException},
		{"the last subtree there can be", pdu.V2c, "4294967295", "", 3, "", 0, 0, AtSubtree},
		{"an end of its own", pdu.V2c, "1.3.6.1.2.1.1", "1.3.6.1.2.1.1.5", 10, "1.3.6.1.2.1.1.1.0=1;1.3.6.1.2.1.1.3.0=3;", 1, pdu.GetBulkRequest, AtSubtree},
		{"an end behind the subtree", pdu.V2c, "1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2", 1, group + "1.3.6.1.2.1.2.1.0=21;", 5, pdu.GetNextRequest, AtSubtree},
		{"an instance", pdu.V2c, sysDescr, "", 10, "", 1, pdu.GetBulkRequest, AtSubtree},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, system.answer)
			c := p.client()
			c.Version = test.version
			w := Walker{Client: c, Root: oid(test.root), End: oid(test.end), MaxRepetitions: test.repetitions}
			var got []pdu.VarBind
			var failed error
			for vb, err := range w.All(t.Context()) {
				if failed = err; err == nil {
					got = append(got, vb)
				}
			}
			if test.requests == 0 { // the root has no encoding
				if failed == nil || len(p.requests) != 0 {
					t.Errorf("%d requests, error %v", len(p.requests), failed)
				}
				return
			}
			if failed != nil || text(got) != test.want || w.Ended != test.ended {
				t.Errorf("got %s ended %d, %v\nwant %s ended %d", text(got), w.Ended, failed, test.want, test.ended)
			}
			if len(p.requests) != test.requests || p.requests[0].PDU.Kind != test.kind {
				t.Errorf("%d requests, the first a %v, want %d of %v", len(p.requests), p.requests[0].PDU.Kind, test.requests, test.kind)
			}
			if w.Ended == AtException && w.Last.Value != pdu.EndOfMibView {
				t.Errorf("the last varbind is %v", w.Last)
			}
		})
	}
}

func TestClientWalk(t *testing.T) {
	for version, kind := range map[pdu.Version]pdu.Kind{pdu.V1: pdu.GetNextRequest, pdu.V2c: pdu.GetBulkRequest} {
		p := newPeer(t, system.answer)
		c := p.client()
		c.Version = version
		var got []pdu.VarBind
		for vb, err := range c.Walk(t.Context(), oid("1.3.6.1.2.1.2")) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, vb)
		}
		if want := "1.3.6.1.2.1.2.1.0=21;1.3.6.1.2.1.2.2.1.1.1=22;"; text(got) != want || p.requests[0].PDU.Kind != kind {
			t.Errorf("%v: %s by %v", version, text(got), p.requests[0].PDU.Kind)
		}
	}
}

// A walk ends where names do not increase, or it would go on for ever.
func TestWalkOrder(t *testing.T) {
	tests := []struct {
		name        string
		repetitions int32
		answers     [][]pdu.VarBind
		before      int // varbinds before the error
		asked, got  string
	}{
		{"the same name again", 1, [][]pdu.VarBind{{bind("1.3.1", 1)}, {bind("1.3.1", 1)}}, 1, "1.3.1", "1.3.1"},
		{"a name before the root", 1, [][]pdu.VarBind{{bind("1.2", 1)}}, 0, "1.3", "1.2"},
		{"the root itself", 1, [][]pdu.VarBind{{bind("1.3", 1)}}, 0, "1.3", "1.3"},
		{"a loop", 1, [][]pdu.VarBind{{bind("1.3.1", 1)}, {bind("1.3.2", 1)}, {bind("1.3.1", 1)}}, 2, "1.3.2", "1.3.1"},
		{"inside a bulk answer", 3, [][]pdu.VarBind{{bind("1.3.1", 1), bind("1.3.3", 1), bind("1.3.2", 1)}}, 2, "1.3.3", "1.3.2"},
		{"between bulk answers", 2, [][]pdu.VarBind{{bind("1.3.1", 1), bind("1.3.3", 1)}, {bind("1.3.3", 1), bind("1.3.4", 1)}}, 2, "1.3.3", "1.3.3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, func(n int, request *pdu.Message) []delivery { return now(respond(request, test.answers[n-1]...)) })
			w := Walker{Client: p.client(), Root: oid("1.3"), MaxRepetitions: test.repetitions}
			n := 0
			var failed error
			for _, err := range w.All(t.Context()) {
				if failed = err; err == nil {
					n++
				}
			}
			var order *OrderError
			if !errors.As(failed, &order) || n != test.before || order.Asked != oid(test.asked) || order.Got != oid(test.got) {
				t.Errorf("%d varbinds, then %v", n, failed)
			}
		})
	}
}

func TestWalkAllowDecreasing(t *testing.T) {
	answers := [][]pdu.VarBind{{bind("1.3.2", 2)}, {bind("1.3.1", 1)}, {bind("1.4", 1)}}
	p := newPeer(t, func(n int, request *pdu.Message) []delivery { return now(respond(request, answers[n-1]...)) })
	w := Walker{Client: p.client(), Root: oid("1.3"), AllowDecreasing: true}
	var got []pdu.VarBind
	for vb, err := range w.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, vb)
	}
	if text(got) != "1.3.2=2;1.3.1=1;" {
		t.Errorf("got %s", text(got))
	}
}

// An empty answer to GetBulk is no progress.
func TestWalkEmptyAnswer(t *testing.T) {
	p := newPeer(t, func(_ int, request *pdu.Message) []delivery { return now(respond(request)) })
	c := p.client()
	for _, err := range c.Walk(t.Context(), oid("1.3")) {
		var wrong *AnswerError
		if !errors.As(err, &wrong) {
			t.Errorf("error %v", err)
		}
	}
	if len(p.requests) != 1 {
		t.Errorf("%d requests", len(p.requests))
	}
}

// Whoever stops listening stops the walk.
func TestWalkStops(t *testing.T) {
	p := newPeer(t, system.answer)
	c := p.client()
	c.MaxRepetitions = 1
	for range c.Walk(t.Context(), oid("1.3")) {
		break
	}
	if len(p.requests) != 1 {
		t.Errorf("%d requests", len(p.requests))
	}
}

// An end that is text, and no OID, would be behind all names: nothing is sent.
func TestWalkEndIsText(t *testing.T) {
	p := newPeer(t, system.answer)
	w := Walker{Client: p.client(), Root: oid("1.3"), End: "1.3.6.1.2.1.1.5"}
	for vb, err := range w.All(t.Context()) {
		if err == nil {
			t.Errorf("%v", vb)
		}
		if !strings.Contains(fmt.Sprint(err), "a string is not an OID") {
			t.Errorf("the error is %v", err)
		}
	}
	if len(p.requests) > 0 {
		t.Errorf("%d requests", len(p.requests))
	}
}

func TestWalkError(t *testing.T) {
	p := newPeer(t, func(_ int, request *pdu.Message) []delivery {
		r := respond(request, request.PDU.VarBinds...)
		r.PDU.ErrorStatus, r.PDU.ErrorIndex = pdu.GenErr, 1
		return now(r)
	})
	c := p.client()
	n := 0
	for vb, err := range c.Walk(t.Context(), oid("1.3")) {
		if n++; !errors.Is(err, pdu.GenErr) || vb.Name != oid("1.3") {
			t.Errorf("%v, error %v", vb, err)
		}
	}
	if n != 1 {
		t.Errorf("%d elements", n)
	}
}
