package manager

import (
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// What a Report says that is not package usm's (RFC 3412 §7.1 (3), RFC 3413 §3.2).
var (
	ErrUnknownSecurityModel = errors.New("the agent does not know the security model")
	ErrInvalidMsg           = errors.New("the agent finds the message's flags invalid")
	ErrUnknownPDUHandler    = errors.New("the agent has nothing that answers for this context engine ID")
	ErrUnavailableContext   = errors.New("the context is not available")
	ErrUnknownContext       = errors.New("the agent does not know the context")
)

// reports has the counters of Reports that are not in the usmStats group:
// SNMP-MPD-MIB's (RFC 3412 §5) and SNMP-TARGET-MIB's (RFC 3413 §4.1).
var reports = map[ber.OID]struct {
	name string
	err  error
}{
	ber.MustOID("1.3.6.1.6.3.11.2.1.1.0"): {"snmpUnknownSecurityModels", ErrUnknownSecurityModel},
	ber.MustOID("1.3.6.1.6.3.11.2.1.2.0"): {"snmpInvalidMsgs", ErrInvalidMsg},
	ber.MustOID("1.3.6.1.6.3.11.2.1.3.0"): {"snmpUnknownPDUHandlers", ErrUnknownPDUHandler},
	ber.MustOID("1.3.6.1.6.3.12.1.4.0"):   {"snmpUnavailableContexts", ErrUnavailableContext},
	ber.MustOID("1.3.6.1.6.3.12.1.5.0"):   {"snmpUnknownContexts", ErrUnknownContext},
}

// A ReportError is a Report that an agent sent in the place of an answer (RFC
// 3412 §7.1 (3)). errors.Is finds what it says, as usm.ErrUnknownUserName or
// ErrUnknownContext.
type ReportError struct {
	Address string  // as it was given to Dial or New
	Counter ber.OID // the instance that it shows; "" if it shows none
	// Authentic says that the agent has signed it. Of most Reports it cannot, so
	// that anybody who has seen the request may have sent it. Such a Report ends a
	// request with authentication only when the attempt's time is over without an
	// answer.
	Authentic bool

	final bool // it ends the request at once
	retry bool // it does not end it: the next attempt may find out better
}

func newReportError(report *pdu.PDU) *ReportError {
	e := &ReportError{}
	if len(report.VarBinds) > 0 {
		e.Counter = report.VarBinds[0].Name.Clone()
	}
	return e
}

func (e *ReportError) Error() string {
	if e.Counter == "" {
		return fmt.Sprintf("manager: %s reports nothing that is understood", e.Address)
	}
	name := e.Counter.String()
	if stat, ok := usm.StatOf(e.Counter); ok {
		name = stat.String()
	} else if row, ok := reports[e.Counter]; ok {
		name = row.name
	}
	text := fmt.Sprintf("manager: %s reports %s", e.Address, name)
	if err := e.Unwrap(); err != nil {
		text += ": " + err.Error()
	}
	return text
}

// Unwrap returns what the Report says, nil if that is not known.
func (e *ReportError) Unwrap() error {
	if stat, ok := usm.StatOf(e.Counter); ok {
		return stat.Err()
	}
	return reports[e.Counter].err
}
