package kernel

import "slices"

// advance dates what differs between two snapshots: it fills TableChange, StackChange and
// every interface's LastChange and Discontinuity in fresh, which was read at
// the given uptime. A nil previous makes fresh the first snapshot, before
// which nothing is known and all times are 0.
func advance(previous, fresh *Snapshot, uptime uint32) {
	if previous == nil {
		return
	}
	fresh.TableChange, fresh.StackChange = previous.TableChange, previous.StackChange
	if !slices.Equal(fresh.Stack, previous.Stack) {
		fresh.StackChange = uptime
	}
	kept := 0
	for i := range fresh.Interfaces {
		now := &fresh.Interfaces[i]
		before := previous.Find(now.Index)
		if before == nil || !now.Same(before) {
			// A row of its own begins: its state and counters do too.
			now.LastChange, now.Discontinuity = uptime, uptime
			fresh.TableChange = uptime
			continue
		}
		kept++
		now.LastChange = before.LastChange
		if now.Oper != before.Oper || now.CarrierChanges != before.CarrierChanges {
			now.LastChange = uptime
		}
		now.Discontinuity = before.Discontinuity
		if now.Counters.wentBack(&before.Counters) {
			now.Discontinuity = uptime
		}
	}
	if kept < len(previous.Interfaces) {
		fresh.TableChange = uptime
	}
}

// Same says whether two sightings of an index are of the same interface (RFC
// 2863 §3.1.5). Its name, address and state may change in its lifetime, what it
// is made of may not.
func (i *Interface) Same(before *Interface) bool {
	return i.Hardware == before.Hardware && i.Kind == before.Kind
}

// wentBack says whether any counter is lower than before, or whether counting
// has only now begun. A 32-bit count that is lower has most likely just passed
// 2³²−1, which is how a Counter32 goes on, and no discontinuity.
func (c *Counters) wentBack(before *Counters) bool {
	if c.Width != before.Width {
		return true
	}
	if c.Width != 64 {
		return false
	}
	return c.InOctets < before.InOctets || c.InUcast < before.InUcast ||
		c.InMulticast < before.InMulticast || c.InDiscards < before.InDiscards ||
		c.InErrors < before.InErrors || c.OutOctets < before.OutOctets ||
		c.OutUcast < before.OutUcast || c.OutDiscards < before.OutDiscards ||
		c.OutErrors < before.OutErrors
}
