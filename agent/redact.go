package agent

import (
	"fmt"
	"log/slog"
)

// redacted is what is printed of a community.
const redacted = "[redacted]"

// Format writes the event without its community, whatever the verb, and so do the other
// ways to print a RequestEvent but for encoders.
func (e RequestEvent) Format(f fmt.State, verb rune) {
	type plain RequestEvent
	if e.Community != "" {
		e.Community = redacted
	}
	e.Context, e.request = nil, nil // nothing that says something
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(e))
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
