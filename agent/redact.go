package agent

import (
	"fmt"
	"log/slog"
	"net/netip"

	"snmpstack/pdu"
	"snmpstack/usm"
)

// redacted is what is printed of a community.
const redacted = "[redacted]"

// Format writes the event without its community and its Context, whatever the verb, and so
// do the other ways to print a RequestEvent but for encoders.
func (e RequestEvent) Format(f fmt.State, verb rune) {
	type plain struct {
		RequestID, MessageID         int32
		Version                      pdu.Version
		Community, User              string
		SecurityLevel                pdu.SecurityLevel
		ContextEngineID              usm.EngineID
		ContextName                  string
		Source                       netip.AddrPort
		Destination                  netip.Addr
		NonRepeaters, MaxRepetitions int
		Objects                      Objects
		Respond                      bool
		ErrorStatus                  pdu.ErrorStatus
		ErrorIndex                   int
	}
	if e.Community != "" {
		e.Community = redacted
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain{
		e.RequestID, e.MessageID, e.Version, e.Community, e.User, e.SecurityLevel, e.ContextEngineID, e.ContextName,
		e.Source, e.Destination, e.NonRepeaters, e.MaxRepetitions, e.Objects, e.Respond, e.ErrorStatus, e.ErrorIndex,
	})
}

// LogValue returns what Format writes, for a log.
func (e RequestEvent) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", e)) }

// Format writes the event without its community, whatever the verb, and so do the other
// ways to print a ReportEvent but for encoders.
func (e ReportEvent) Format(f fmt.State, verb rune) {
	type plain ReportEvent
	if e.Community != "" {
		e.Community = redacted
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(e))
}

// LogValue returns what Format writes, for a log.
func (e ReportEvent) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", e)) }
