package manager

import (
	"fmt"
	"io"
)

// A Community is the community of SNMPv1 and SNMPv2c: a password that goes over
// the network in the clear. It has no way into text by accident: every verb of
// package fmt, log/slog and encoding/json show [redacted]. A conversion,
// string(c), gives what it holds.
type Community string

const redacted = "[redacted]"

// String returns a fixed text.
func (Community) String() string { return redacted }

// Format writes a fixed text for every verb.
func (Community) Format(s fmt.State, _ rune) { io.WriteString(s, redacted) }

// MarshalText returns a fixed text.
func (Community) MarshalText() ([]byte, error) { return []byte(redacted), nil }
