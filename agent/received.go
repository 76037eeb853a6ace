package agent

import (
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
	return q.tellReport()
}

// tellReport is foreignReport for a datagram that may be a Report.
func (q *request) tellReport() bool {
	hook := q.run.OnReport
	if hook == nil {
		return false
	}
	header, err := pdu.ReadHeader3(q.Data, q.run.Strict)
	if err != nil {
		return false
	}
	n, err := usm.ReadReport(header, &q.decoder)
	if err != nil {
		return false
	}
	e := &ReportEvent{Version: pdu.V3, EngineID: n.EngineID, User: n.UserName, Source: q.Remote}
	e.setPDU(&n.ScopedPDU.PDU)
	hook(e)
	return true
}

func (e *ReportEvent) setPDU(p *pdu.PDU) {
	e.RequestID, e.ErrorStatus, e.ErrorIndex, e.Objects = p.RequestID, p.ErrorStatus, int(p.ErrorIndex)-1, p.VarBinds
}
