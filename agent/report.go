package agent

import (
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// bad counts a message that is not processed in a counter of the snmp group, and
// tells OnBadPacket. No Report is about it.
func (q *request) bad(code Code, counter int, err error) verdict {
	return q.badMessage(code, &q.run.counters.snmp[counter], counterNames[counter], err)
}

// counterNames are the MIB's names of the counters of the snmp group in which a
// message that is not processed ends.
var counterNames = map[int]string{
	SnmpInBadVersions:       "snmpInBadVersions",
	SnmpInBadCommunityNames: "snmpInBadCommunityNames",
	SnmpInASNParseErrs:      "snmpInASNParseErrs",
}

// badMessage is bad for any counter.
func (q *request) badMessage(code Code, counter *atomic.Uint32, name string, err error) verdict {
	counter.Add(1)
	if hook := q.run.OnBadPacket; hook != nil {
		hook(&BadPacketEvent{Packet: q.Data, Source: q.Remote, Code: code, Counter: name, Err: err})
	}
	return dropped
}

// failureCodes has the specification's code for each cause of the user-based
// security model's.
var failureCodes = map[error]Code{
	usm.ErrUnsupportedSecLevel: CodeSecurityLevel,
	usm.ErrNotInTimeWindow:     CodeTimeFrame,
	usm.ErrUnknownUserName:     CodeUserName,
	usm.ErrUnknownEngineID:     CodeEngineID,
	usm.ErrWrongDigest:         CodeWrongMAC,
	usm.ErrDigestLength:        CodeNoMAC,
	usm.ErrDecryption:          CodeDecryption,
	usm.ErrSalt:                CodeSalt,
	usm.ErrNoPrivKey:           CodeNoDecryption,
	errIgnored:                 CodeUserName,
	errHookFailed:              CodeUserName,
	errNoPassword:              CodeNoVerification,
	errNobodyToAsk:             CodeNoPassword,
}

// notAccepted deals with a message that the user-based security model has not
// accepted, and has counted: it tells the hooks, and sends the Report if there is
// to be one (RFC 3412 §7.2 (6)).
func (q *request) notAccepted(f *usm.Failure) verdict {
	if q.foreignReport(f) {
		return dropped
	}
	r := q.run
	_, report := f.Reportable()
	kind, _ := f.Kind()
	// Who does not know the engine sends no ID (RFC 3414 §4).
	discovery := report && f.EngineID() == ""
	if discovery && r.OnDiscoveryRequest != nil {
		boots, time := f.BootsTime()
		e := &DiscoveryRequestEvent{
			EngineID: f.EngineID(), EngineBoots: boots, EngineTime: time,
			User: f.UserName(), SecurityLevel: f.SecurityLevel(), Source: q.Remote, Respond: true,
		}
		r.OnDiscoveryRequest(e)
		report = e.Respond
	}
	if r.OnBadPacket != nil && (!discovery || kind != pdu.GetRequest && !r.IgnoreDiscoveryRequestType) {
		e := &BadPacketEvent{
			Packet: q.Data, Source: q.Remote, Code: failureCodes[f.Cause()], Counter: f.Stat.String(), Err: f, Report: report,
		}
		r.OnBadPacket(e)
		report = report && e.Report
	}
	if !report {
		return dropped
	}
	return q.sendReport(func(buf []byte) ([]byte, error) {
		return r.usm.GenerateReport(q.worker, buf, f, r.announcedSize())
	})
}

// sendReport makes the answer with a Report, which generate writes to the end of a
// buffer. Every Report fits the least that a peer has to take (RFC 3412 §6.3).
func (q *request) sendReport(generate func(buf []byte) ([]byte, error)) verdict {
	data, err := generate(q.answerBuffer().Bytes())
	if err != nil {
		q.dropAnswer()
		q.run.report(err)
		return dropped
	}
	q.run.counters.snmp[SnmpOutPkts].Add(1)
	q.address(data)
	return reported
}
