package vacm

import (
	"fmt"
	"log/slog"
)

// redacted is what is printed of a community.
const redacted = "[redacted]"

// Format writes the rule without its community, whatever the verb, and so do the other
// ways to print a CommunityRule but for encoders.
func (r CommunityRule) Format(f fmt.State, verb rune) {
	type plain CommunityRule
	r.Community = redacted
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(r))
}

// LogValue returns what Format writes, for a log.
func (r CommunityRule) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", r)) }

// Format writes the row without its community, whatever the verb, and so do the other ways
// to print a Community but for encoders.
func (r Community) Format(f fmt.State, verb rune) {
	type plain Community
	r.Community = redacted
	fmt.Fprintf(f, fmt.FormatString(f, verb), plain(r))
}

// LogValue returns what Format writes, for a log.
func (r Community) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", r)) }
