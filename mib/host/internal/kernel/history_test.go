package kernel

import "testing"

// RFC 2863: ifTableLastChange, ifLastChange and ifCounterDiscontinuityTime say
// when, in sysUpTime, the rows, a state or the counters last changed.
func TestAdvance(t *testing.T) {
	const before, now = 100, 500
	base := Interface{
		Index: 7, Name: "eth0", Hardware: HardwareEther, Up: true, Oper: OperUp,
		LastChange: before, Discontinuity: before, CarrierChanges: 2,
		Counters: Counters{Width: 64, InOctets: 1000, InUcast: 10, InMulticast: 5, InDiscards: 4, InErrors: 3, OutOctets: 2000, OutUcast: 20, OutDiscards: 2, OutErrors: 1},
	}
	tests := []struct {
		name                             string
		change                           func(*Interface)
		table, lastChange, discontinuity uint32
	}{
		{"nothing", func(i *Interface) {}, before, before, before},
		{"counting", func(i *Interface) { i.Counters.InOctets++; i.Counters.OutErrors++ }, before, before, before},
		{"renamed", func(i *Interface) { i.Name = "wan"; i.Alias = "w"; i.MTU = 9000; i.Address = "1" }, before, before, before},
		{"went down", func(i *Interface) { i.Oper = OperDown }, before, now, before},
		{"dormant", func(i *Interface) { i.Oper = OperDormant }, before, now, before},
		{"an admin change alone", func(i *Interface) { i.Up = false }, before, before, before},
		{"down and up again between snapshots", func(i *Interface) { i.CarrierChanges += 2 }, before, now, before},
		{"octets in went back", func(i *Interface) { i.Counters.InOctets-- }, before, before, now},
		{"packets in", func(i *Interface) { i.Counters.InUcast-- }, before, before, now},
		{"multicasts in", func(i *Interface) { i.Counters.InMulticast-- }, before, before, now},
		{"discards in", func(i *Interface) { i.Counters.InDiscards-- }, before, before, now},
		{"errors in", func(i *Interface) { i.Counters.InErrors-- }, before, before, now},
		{"octets out", func(i *Interface) { i.Counters.OutOctets-- }, before, before, now},
		{"packets out", func(i *Interface) { i.Counters.OutUcast-- }, before, before, now},
		{"discards out", func(i *Interface) { i.Counters.OutDiscards-- }, before, before, now},
		{"errors out", func(i *Interface) { i.Counters.OutErrors-- }, before, before, now},
		{"counters of another width", func(i *Interface) { i.Counters.Width = 32 }, before, before, now},
		{"another kind of device (RFC 2863 §3.1.5)", func(i *Interface) { i.Kind = "tun" }, now, now, now},
		{"another index", func(i *Interface) { i.Index = 8 }, now, now, now},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			previous := &Snapshot{Interfaces: []Interface{base}, TableChange: before}
			changed := base
			changed.LastChange, changed.Discontinuity = 0, 0 // a Source knows nothing of them
			tt.change(&changed)
			fresh := &Snapshot{Interfaces: []Interface{changed}}
			advance(previous, fresh, now)
			got := fresh.Interfaces[0]
			if fresh.TableChange != tt.table || got.LastChange != tt.lastChange || got.Discontinuity != tt.discontinuity {
				t.Errorf("TableChange %d, LastChange %d, Discontinuity %d; want %d, %d, %d",
					fresh.TableChange, got.LastChange, got.Discontinuity, tt.table, tt.lastChange, tt.discontinuity)
			}
			if p := previous.Interfaces[0]; p.LastChange != before || previous.TableChange != before {
				t.Error("the previous snapshot was changed")
			}
		})
	}

	t.Run("the first snapshot", func(t *testing.T) {
		fresh := &Snapshot{Interfaces: []Interface{{Index: 1}}}
		advance(nil, fresh, now)
		if i := fresh.Interfaces[0]; fresh.TableChange != 0 || i.LastChange != 0 || i.Discontinuity != 0 {
			t.Errorf("%+v: want all times 0", fresh)
		}
	})
	t.Run("an interface went", func(t *testing.T) {
		fresh := &Snapshot{Interfaces: []Interface{base}}
		advance(&Snapshot{Interfaces: []Interface{base, {Index: 9}}}, fresh, now)
		if fresh.TableChange != now || fresh.Interfaces[0].LastChange != before {
			t.Errorf("TableChange %d, LastChange %d; want %d, %d", fresh.TableChange, fresh.Interfaces[0].LastChange, now, before)
		}
	})
	t.Run("a 32-bit counter wrapped", func(t *testing.T) {
		old, wrapped := base, base
		old.Counters = Counters{Width: 32, InOctets: 0xFFFFFFF0}
		wrapped.Counters = Counters{Width: 32, InOctets: 5}
		fresh := &Snapshot{Interfaces: []Interface{wrapped}}
		advance(&Snapshot{Interfaces: []Interface{old}}, fresh, now)
		if got := fresh.Interfaces[0].Discontinuity; got != before {
			t.Errorf("Discontinuity %d, want %d", got, before)
		}
	})
}
