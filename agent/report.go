package agent

import (
	"sync/atomic"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A badCounter is an object of a MIB in which a message ends that is not processed.
type badCounter struct {
	name string
	oid  ber.OID
	of   func(*counters) *atomic.Uint32
}

var (
	inBadVersions         = badCounter{"snmpInBadVersions", oidSnmp.Append(SnmpInBadVersions, 0), snmpCounter(SnmpInBadVersions)}
	inBadCommunityNames   = badCounter{"snmpInBadCommunityNames", oidSnmp.Append(SnmpInBadCommunityNames, 0), snmpCounter(SnmpInBadCommunityNames)}
	inASNParseErrs        = badCounter{"snmpInASNParseErrs", oidSnmp.Append(SnmpInASNParseErrs, 0), snmpCounter(SnmpInASNParseErrs)}
	unknownSecurityModels = badCounter{"snmpUnknownSecurityModels", oidSnmpMPDStats.Append(1, 0), func(c *counters) *atomic.Uint32 { return &c.unknownSecurityModels }}
	invalidMsgs           = badCounter{"snmpInvalidMsgs", oidSnmpMPDStats.Append(2, 0), func(c *counters) *atomic.Uint32 { return &c.invalidMsgs }}
	unknownPDUHandlers    = badCounter{"snmpUnknownPDUHandlers", oidSnmpMPDStats.Append(3, 0), func(c *counters) *atomic.Uint32 { return &c.unknownPDUHandlers }}
	unknownContexts       = badCounter{"snmpUnknownContexts", oidSnmpTargetObjects.Append(5, 0), func(c *counters) *atomic.Uint32 { return &c.unknownContexts }}
)

func snmpCounter(arc int) func(*counters) *atomic.Uint32 {
	return func(c *counters) *atomic.Uint32 { return &c.snmp[arc] }
}

// count counts a message, and returns the counter for a Report about it.
func (b *badCounter) count(c *counters) pdu.VarBind {
	return pdu.VarBind{Name: b.oid, Value: pdu.Counter32(b.of(c).Add(1))}
}

// bad counts a message that is not processed, and tells OnBadPacket. A Report is about
// it only if that asks for one, and then of SNMPv3's messages in plaintext alone, whose
// PDU asks for an answer.
func (q *request) bad(code Code, counter *badCounter, err error) verdict {
	r := q.run
	counted := counter.count(r.counters)
	hook := r.OnBadPacket
	if hook == nil {
		return dropped
	}
	e := &BadPacketEvent{Packet: q.Data, Source: q.Remote, Code: code, Counter: counter.name, Err: err}
	hook(e)
	header := &q.v3.header
	if !e.Report || header.Encrypted {
		return dropped
	}
	if kind, requestID, ok := pdu.PeekScopedPDU(header.Data); ok && kind.Confirmed() {
		return q.sendReport(func(buf []byte) ([]byte, error) {
			return r.usm.GenerateReportAbout(q.worker, buf, header, requestID, counted, r.announcedSize())
		})
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
	q.answer.data = data
	return reported
}
