package agenttest_test

import (
	"errors"
	"testing"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/agenttest"
	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A device that takes three seconds to say that it is busy.
func TestBusyDevice(t *testing.T) {
	clock, network := agenttest.NewClock(), agenttest.NewNetwork()
	a := agent.New()
	a.Clock = clock
	a.Conns = []transport.Conn{network.Listen(t, "192.0.2.1:161")}
	a.OnSetRequest = func(e *agent.RequestEvent) {
		if clock.Sleep(e.Context, 3*time.Second) != nil {
			return // too late for an answer
		}
		e.ErrorStatus, e.ErrorIndex, e.Respond = pdu.ResourceUnavailable, 0, true
	}
	if err := a.Activate(); err != nil {
		t.Fatal(err)
	}
	defer a.Deactivate()

	client := network.Manager(t, "192.0.2.1:161")
	client.Timeout = time.Minute // the real time that it may take at most
	go func() {
		clock.WaitTimers(t, 2) // the device's sleep, and the request's HandlerTimeout
		clock.Advance(3 * time.Second)
	}()
	_, err := client.Set(t.Context(), pdu.VarBind{Name: ber.MustOID("1.3.6.1.4.1.32473.1.2.0"), Value: pdu.Integer(25)})
	if !errors.Is(err, pdu.ResourceUnavailable) {
		t.Error(err)
	}
	if now := clock.Now(); !now.Equal(time.Date(2026, 1, 1, 0, 0, 3, 0, time.UTC)) {
		t.Error(now)
	}
}
