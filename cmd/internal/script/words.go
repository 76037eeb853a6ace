package script

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// splitLine takes a line of a script apart: blanks separate, single quotes group, variables are replaced outside of quotes.
func splitLine(line string, lookup func(string) (string, bool)) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
			i++
		case c == '#' && !inWord:
			return words, nil
		case c == '\'':
			inWord = true
			text, n, err := quoted(line[i:])
			if err != nil {
				return nil, err
			}
			word.WriteString(text)
			i += n
		case c == '$':
			inWord = true
			value, n, err := variable(line[i:], lookup)
			if err != nil {
				return nil, err
			}
			word.WriteString(value)
			i += n
		default:
			inWord = true
			word.WriteByte(c)
			i++
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted returns the text of the quoted part that s begins with, and how long that is.
func quoted(s string) (text string, n int, err error) {
	for n = 1; ; {
		end := strings.IndexByte(s[n:], '\'')
		if end < 0 {
			return "", 0, errors.New("a single quote is not closed")
		}
		text += s[n : n+end]
		n += end + 1
		if !strings.HasPrefix(s[n:], "'") {
			return text, n, nil
		}
		text += "'"
		n++
	}
}

var variableRE = regexp.MustCompile(`^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(@R)?\})`)

// variable returns the value of the variable that s begins with, and how long its name is with all that belongs to it.
func variable(s string, lookup func(string) (string, bool)) (value string, n int, err error) {
	m := variableRE.FindStringSubmatch(s)
	if m == nil {
		if strings.HasPrefix(s, "${") {
			return "", 0, errors.New("${ does not begin a variable, expected ${NAME} or ${NAME@R}; a literal ${ needs single quotes")
		}
		return "$", 1, nil
	}
	name := m[1] + m[2]
	value, ok := lookup(name)
	if !ok {
		return "", 0, fmt.Errorf("variable %s is not set", name)
	}
	if m[3] != "" {
		value = regexp.QuoteMeta(value)
	}
	return value, len(m[0]), nil
}

// expand replaces the variables in a text that has no quotes.
func expand(text string, lookup func(string) (string, bool)) (string, error) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		value, n, err := variable("$"+after, lookup)
		if err != nil {
			return "", err
		}
		out.WriteString(value)
		text = after[n-1:]
	}
}
