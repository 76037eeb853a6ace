package host

import (
	"snmpstack/ber"
	"snmpstack/mib/host/internal/kernel"
	"snmpstack/pdu"
)

// A LinkChange is an interface that went down or came back: the reason for a
// linkDown or linkUp notification.
type LinkChange struct {
	Up          bool   // linkUp, else linkDown
	Name        string // "eth0"
	Index       int32  // ifIndex
	AdminStatus int32  // ifAdminStatus
	OperStatus  int32  // ifOperStatus, as it is now
}

// The names of linkDown and linkUp (RFC 2863 §6), and of what they carry.
var (
	oidLinkDown      = ber.MustOID("1.3.6.1.6.3.1.1.5.3")
	oidLinkUp        = ber.MustOID("1.3.6.1.6.3.1.1.5.4")
	oidIfIndex       = oidIfEntry.Append(1)
	oidIfAdminStatus = oidIfEntry.Append(7)
	oidIfOperStatus  = oidIfEntry.Append(8)
)

// Notification returns the value of snmpTrapOID.0.
func (c LinkChange) Notification() ber.OID {
	if c.Up {
		return oidLinkUp
	}
	return oidLinkDown
}

// Objects returns what the notification carries (RFC 2863 §3.1.15): ifIndex,
// ifAdminStatus and ifOperStatus of the interface. As with other agents,
// ifOperStatus is the state that was entered, down(2) in linkDown.
func (c LinkChange) Objects() []pdu.VarBind {
	index := uint32(c.Index)
	return []pdu.VarBind{
		{Name: oidIfIndex.Append(index), Value: pdu.Integer(c.Index)},
		{Name: oidIfAdminStatus.Append(index), Value: pdu.Integer(c.AdminStatus)},
		{Name: oidIfOperStatus.Append(index), Value: pdu.Integer(c.OperStatus)},
	}
}

// A linkWatch finds the link changes between consecutive snapshots.
type linkWatch struct {
	notify func(LinkChange) // nil: nobody is interested
	before map[int32]*ifRow // by ifIndex; nil at first
}

// look compares the rows with those of the call before it, and notifies.
func (w *linkWatch) look(rows []ifRow) {
	if w.notify == nil {
		return
	}
	now := make(map[int32]*ifRow, len(rows))
	for i := range rows {
		r := &rows[i]
		now[r.Index] = r
		before := w.before[r.Index]
		if before == nil || !r.Same(&before.Interface) || r.linkUpDownTrapEnable() != enabled {
			continue
		}
		if isUp, changed := linkChange(before.Oper, r.Oper); changed {
			w.notify(LinkChange{isUp, r.Name, r.Index, r.adminStatus(), int32(r.Oper)})
		}
	}
	w.before = now
}

// linkChange says which notification a transition calls for, if any (RFC 2863
// §3.1.15): linkDown to enter the down state and linkUp to leave it, unless the
// other state is notPresent.
func linkChange(from, to kernel.OperState) (isUp, changed bool) {
	if from == to || from == kernel.OperNotPresent || to == kernel.OperNotPresent {
		return false, false
	}
	switch kernel.OperDown {
	case to:
		return false, true
	case from:
		return true, true
	}
	return false, false
}
