package host

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// RFC 2863 §3.1.15: the transitions that call for linkDown and linkUp.
func TestLinkChange(t *testing.T) {
	const (
		none = iota
		linkUp
		linkDown
	)
	names := []string{"", "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"}
	want := map[[2]kernel.OperState]int{}
	for state := kernel.OperUp; state <= kernel.OperLowerLayerDown; state++ {
		if state != kernel.OperDown && state != kernel.OperNotPresent {
			want[[2]kernel.OperState{state, kernel.OperDown}] = linkDown
			want[[2]kernel.OperState{kernel.OperDown, state}] = linkUp
		}
	}
	for from := kernel.OperUp; from <= kernel.OperLowerLayerDown; from++ {
		for to := kernel.OperUp; to <= kernel.OperLowerLayerDown; to++ {
			got := none
			if isUp, changed := linkChange(from, to); changed && isUp {
				got = linkUp
			} else if changed {
				got = linkDown
			}
			if w := want[[2]kernel.OperState{from, to}]; got != w {
				t.Errorf("from %s to %s: notification %d, want %d", names[from], names[to], got, w)
			}
		}
	}
}

func TestOnLinkChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := machine()
		events := make(chan LinkChange, 16)
		serve(t, source, Options{OnLinkChange: func(c LinkChange) { events <- c }})
		card, onCard := eth0, vlan
		step := func(name string, want ...LinkChange) {
			t.Helper()
			source.set(lo, card, onCard)
			time.Sleep(time.Second)
			synctest.Wait()
			var got []LinkChange
			for len(events) > 0 {
				got = append(got, <-events)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
		step("no change")
		card.Oper = kernel.OperDown
		step("the cable is pulled", LinkChange{false, "eth0", 4, 1, 2})
		step("and stays out")
		card.Oper = kernel.OperUp
		step("and is back", LinkChange{true, "eth0", 4, 1, 1})
		card.Oper, card.Up = kernel.OperDown, false
		step("shut down", LinkChange{false, "eth0", 4, 2, 2})
		card.Oper = kernel.OperNotPresent
		step("pulled out of its slot")
		card.Oper, card.Up = kernel.OperUp, true
		step("and put back")
		// RFC 2863 §3.1.9: disabled where another interface is below.
		onCard.Oper, onCard.Up = kernel.OperUp, true
		step("the VLAN comes up")
		card.Index = 12
		card.Oper = kernel.OperDown
		step("another interface that is down from the beginning")
		card.Kind, card.Oper = "dummy", kernel.OperUp
		step("and one more that has taken its index, and is up")
	})
}

func TestLinkChangeObjects(t *testing.T) {
	c := LinkChange{false, "eth0", 4, 1, 2}
	want := []pdu.VarBind{
		{Name: ber.MustOID("1.3.6.1.2.1.2.2.1.1.4"), Value: pdu.Integer(4)},
		{Name: ber.MustOID("1.3.6.1.2.1.2.2.1.7.4"), Value: pdu.Integer(1)},
		{Name: ber.MustOID("1.3.6.1.2.1.2.2.1.8.4"), Value: pdu.Integer(2)},
	}
	if got := c.Objects(); !slices.Equal(got, want) {
		t.Errorf("Objects() = %v, want %v", got, want)
	}
	if got, want := c.Notification(), ber.MustOID("1.3.6.1.6.3.1.1.5.3"); got != want {
		t.Errorf("Notification() = %v, want linkDown, %v", got, want)
	}
	c.Up = true
	if got, want := c.Notification(), ber.MustOID("1.3.6.1.6.3.1.1.5.4"); got != want {
		t.Errorf("Notification() = %v, want linkUp, %v", got, want)
	}
}
