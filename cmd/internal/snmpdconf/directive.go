package snmpdconf

import (
	"log/slog"
	"strings"
)

// A Directive is one line of a configuration file that names a setting. Its fields are as read; its methods split and compare.
type Directive struct {
	// File is the file the line stands in, as it was opened, and Line its number there, from 1.
	File string
	Line int
	// Section is the kind of file the line belongs to, such as "snmpd" or "snmp": that of the file, or of the [token] in force.
	Section string
	// Name is the first word as written; compare it with Is or Key.
	Name string
	// Rest is what follows the name up to the end of the line, with white space taken off at both ends, quotes and comments and
	// all. It is never empty.
	Rest string
}

// Key returns the name in lower case, for use as the key of a map of directives.
func (d Directive) Key() string { return strings.ToLower(d.Name) }

// Is reports whether the directive has this name, without regard to case.
func (d Directive) Is(name string) bool { return strings.EqualFold(d.Name, name) }

// Words splits Rest into words, taking quotes and backslashes away and leaving a comment out. A pair of quotes with nothing
// between them is an empty word. The words share Rest's memory unless a backslash had to go.
func (d Directive) Words() []string {
	var words []string
	for rest := d.Rest; rest != ""; {
		var word string
		word, rest, _ = cutWord(rest)
		words = append(words, word)
	}
	return words
}

// Tail returns Rest without its first n words, as written: quotes, backslashes and comments stay. Directives that end in a
// command line take the command so (extend NAME COMMAND: Tail(1)). It is "" when there are no more than n words.
func (d Directive) Tail(n int) string {
	rest := d.Rest
	for ; n > 0 && rest != ""; n-- {
		_, rest, _ = cutWord(rest)
	}
	return rest
}

// OpenQuote reports whether a quoted word lacks its closing quote. Net-SNMP takes such a word up to the end of the line and says
// nothing; a directive that is split into words may want to warn, one that takes the rest of the line (sysContact 'tis me) not.
func (d Directive) OpenQuote() bool {
	for rest := d.Rest; rest != ""; {
		var open bool
		if _, rest, open = cutWord(rest); open {
			return true
		}
	}
	return false
}

// String returns the name without the arguments, which may be secret.
func (d Directive) String() string { return printable(d.Name) }

// GoString is String, so that %#v does not show the arguments either.
func (d Directive) GoString() string { return printable(d.Name) }

// LogValue is String, so that a structured log does not show the arguments either.
func (d Directive) LogValue() slog.Value { return slog.StringValue(printable(d.Name)) }

// cutWord takes the first word off s, which begins with a character that is neither white space nor a comment, and returns
// what follows the word, from its first character that is neither; "" at the end or before a comment.
// After a closing quote the next word may begin at once: "a"b is two words.
func cutWord(s string) (word, rest string, open bool) {
	quote := byte(0)
	i := 0
	if s[0] == '"' || s[0] == '\'' {
		quote = s[0]
		i = 1
	}
	start := i
	var unescaped []byte // the word so far, once it differs from s[start:i]
	escaped := false
	for ; i < len(s); i++ {
		c := s[i]
		if c == quote && quote != 0 || quote == 0 && isSpace(c) {
			break
		}
		if c == '\\' && i+1 < len(s) {
			if !escaped {
				unescaped, escaped = append(unescaped, s[start:i]...), true
			}
			i++
			c = s[i]
		}
		if escaped {
			unescaped = append(unescaped, c)
		}
	}
	word = s[start:i]
	if escaped {
		word = string(unescaped)
	}
	if quote != 0 {
		if i < len(s) {
			i++
		} else {
			open = true
		}
	}
	return word, skipWhite(s[i:]), open
}

// skipWhite returns s from its first character that is not white space, and "" when that begins a comment.
func skipWhite(s string) string {
	for i := 0; i < len(s); i++ {
		if !isSpace(s[i]) {
			if s[i] == '#' {
				return ""
			}
			return s[i:]
		}
	}
	return ""
}

// isSpace is isspace in the C locale. Octets above 127 are never white space, so text in any encoding passes unharmed.
func isSpace(c byte) bool {
	return c == ' ' || '\t' <= c && c <= '\r'
}

// trimSpace takes white space off the end of s.
func trimSpace(s string) string {
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
