package agent

import (
	"net/netip"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// receivedReport tells OnReport of a Report that has come in a message that was
// accepted.
func (q *request) receivedReport() {
	hook := q.run.OnReport
	if hook == nil {
		return
	}
	e := &ReportEvent{Version: q.mib.Version, SecurityLevel: q.mib.SecurityLevel, Source: q.Remote}
	if q.mib.SecurityModel == pdu.SecurityModelUSM {
		e.EngineID, e.User = q.run.Engine.ID(), q.mib.SecurityName
	} else {
		e.Community = string(q.community.message.Community)
	}
	e.setPDU(q.pdu)
	hook(e)
}

// foreignReport tells OnReport of a Report of another engine's, and reports whether
// the message is one and there is such a hook. Nobody here can verify it: it is told
// as what it is, not authenticated.
func (q *request) foreignReport(f *usm.Failure) bool {
	if kind, _ := f.Kind(); kind != pdu.Report || f.Stat != usm.UnknownEngineIDs {
		return false
	}
	return q.run.tellReport(&q.decoder, q.Data, q.Remote)
}

// tellReport is foreignReport for a datagram that may be a Report.
func (r *run) tellReport(d *pdu.Decoder, datagram []byte, from netip.AddrPort) bool {
	hook := r.OnReport
	if hook == nil {
		return false
	}
	header, err := pdu.ReadHeader3(datagram, r.Strict)
	if err != nil {
		return false
	}
	n, err := usm.ReadReport(header, d)
	if err != nil {
		return false
	}
	e := &ReportEvent{Version: pdu.V3, EngineID: n.EngineID, User: n.UserName, Source: from}
	e.setPDU(&n.ScopedPDU.PDU)
	hook(e)
	return true
}

func (e *ReportEvent) setPDU(p *pdu.PDU) {
	e.RequestID, e.ErrorStatus, e.ErrorIndex, e.Objects = p.RequestID, p.ErrorStatus, int(p.ErrorIndex)-1, p.VarBinds
}
