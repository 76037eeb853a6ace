package usm

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// A Secret is a password. It shows itself to nobody: whatever prints it, or puts
// it into JSON or a log, gets "REDACTED". Two of them are equal if their texts are.
type Secret struct {
	// A handle is a pointer. Package fmt calls no method of a value that it reaches
	// through a field in lower case: it would print a string, of a pointer the address.
	text unique.Handle[string]
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.IsEmpty() {
		return ""
	}
	return s.text.Value()
}

// IsEmpty reports whether there is no text.
func (s Secret) IsEmpty() bool { return s == Secret{} }

const redacted = "REDACTED"

// Format writes "REDACTED" whatever the verb. Without it %d would show the address.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
