package main

import (
	"strconv"
	"strings"
)

// readHinted is the way back of a DISPLAY-HINT for octets (RFC 2579 §3.1): it
// reads what such a hint would print. ok is false where the text is not of that
// form.
func readHinted(text, hint string) (octets string, ok bool) {
	specs, ok := parseHint(hint)
	if !ok {
		return "", false
	}
	var b []byte
	for n := 0; text != ""; n++ {
		spec := specs[min(n, len(specs)-1)]
		if spec.length == 0 && n >= len(specs)-1 {
			return "", false // it would never end
		}
		part, rest, ok := spec.take(text)
		if !ok {
			return "", false
		}
		b, text = append(b, part...), rest
		if text != "" && spec.separator != 0 {
			if text[0] != spec.separator {
				return "", false
			}
			if text = text[1:]; text == "" {
				return "", false // a separator stands between two parts
			}
		}
	}
	return string(b), true
}

// A hintSpec is one octet-format specification.
type hintSpec struct {
	length    int
	format    byte // x, d, o, a or t
	separator byte // 0 for none
}

// parseHint takes a hint apart. One with repetitions is refused: its first octet
// says how often, and no text shows that.
func parseHint(hint string) (specs []hintSpec, ok bool) {
	for hint != "" {
		digits := hint[:len(hint)-len(strings.TrimLeft(hint, "0123456789"))]
		length, err := strconv.ParseUint(digits, 10, 16)
		hint = hint[len(digits):]
		if err != nil || hint == "" || !strings.Contains("xdoat", hint[:1]) {
			return nil, false
		}
		spec := hintSpec{length: int(length), format: hint[0]}
		hint = hint[1:]
		if hint != "" && hint[0] != '*' && (hint[0] < '0' || hint[0] > '9') {
			spec.separator = hint[0]
			hint = hint[1:]
		}
		specs = append(specs, spec)
	}
	return specs, len(specs) > 0
}

// take reads the octets of one specification from the beginning of text.
func (s hintSpec) take(text string) (octets []byte, rest string, ok bool) {
	if s.length == 0 {
		return nil, text, true
	}
	var base int
	var digits string
	switch s.format {
	case 'a', 't':
		n := min(s.length, len(text))
		if s.separator != 0 {
			if i := strings.IndexByte(text[:n], s.separator); i >= 0 {
				n = i
			}
		}
		return []byte(text[:n]), text[n:], true
	case 'x':
		base, digits = 16, "0123456789abcdefABCDEF"
	case 'd':
		base, digits = 10, "0123456789"
	case 'o':
		base, digits = 8, "01234567"
	}
	end := len(text) - len(strings.TrimLeft(text, digits))
	if s.separator == 0 && s.format == 'x' {
		end = min(end, 2*s.length) // nothing else says where it ends
	}
	n, err := strconv.ParseUint(text[:end], base, 64)
	if err != nil || s.length < 8 && n>>(8*s.length) != 0 {
		return nil, "", false
	}
	for i := s.length - 1; i >= 0; i-- {
		if i >= 8 {
			octets = append(octets, 0)
		} else {
			octets = append(octets, byte(n>>(8*i)))
		}
	}
	return octets, text[end:], true
}
