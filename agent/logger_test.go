package agent_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"snmpstack/agent"
	"snmpstack/pdu"
)

// Without a Logger and without OnError a panic of a hook's goes where slog's default
// logger writes to, with its stack.
func TestDefaultLogger(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	hookedRig(t, func(e *agent.RequestEvent) { panic("oops") }, func(a *agent.Agent) { a.Logger = nil }, func(t *testing.T, r *rig) {
		if got := r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...)); got.ErrorStatus != pdu.GenErr {
			t.Error(got)
		}
	})
	if text := log.String(); !strings.Contains(text, "panic: oops") || !strings.Contains(text, "logger_test.go") {
		t.Errorf("the log is %q", text)
	}
}

// Of the errors within a second the log has the first one, and then how many there
// were: in the next line, or when the agent is deactivated.
func TestLogLimit(t *testing.T) {
	var log bytes.Buffer
	heard := 0
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(a *agent.Agent) {
			a.Logger = slog.New(slog.NewTextHandler(&log, nil))
			a.OnError = func(*agent.ErrorEvent) { heard++ }
			a.OnGetRequest = func(e *agent.RequestEvent) { panic("oops") }
		})
		r.bubble = true
		for range 3 {
			r.ask(message(pdu.V2c, pdu.GetRequest, names(instance(title))...))
		}
		r.Deactivate()
		r.Deactivate()
	})
	if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "suppressed=0") || !strings.HasSuffix(lines[1], "suppressed=2") {
		t.Errorf("the log has %q", lines)
	}
	if heard != 3 {
		t.Errorf("OnError has heard %d errors, want 3", heard)
	}
}
