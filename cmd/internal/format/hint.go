package format

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// An octetFormat is one specification of an OCTET STRING's DISPLAY-HINT (RFC
// 2579 §3.1 (1) to (5)).
type octetFormat struct {
	repeat     bool // "*": the first octet says how often
	length     int  // octets that are used
	format     byte // x, d, o, a or t
	separator  byte // 0 for none
	terminator byte // behind the repetitions; 0 for none
}

// parseOctetHint takes a hint apart. It is more liberal than the RFC: a
// specification without a length has 1, and a letter in the place of a
// separator is one unless it must be the next format.
func parseOctetHint(hint string) (list []octetFormat, ok bool) {
	for i := 0; i < len(hint); {
		f := octetFormat{}
		if hint[i] == '*' {
			f.repeat = true
			i++
		}
		start := i
		for i < len(hint) && isDigit(hint[i]) {
			if f.length = f.length*10 + int(hint[i]-'0'); f.length > maxHintLength {
				return nil, false
			}
			i++
		}
		if i == len(hint) || !strings.ContainsRune("xdoat", rune(hint[i])) {
			return nil, false
		}
		f.format = hint[i]
		i++
		zero := f.length == 0 && i-start > 1 // "0a": no octet, only a separator
		if !zero && f.length == 0 {
			f.length = 1
		}
		isSeparator := func() bool {
			return i < len(hint) && hint[i] != '*' && !isDigit(hint[i]) &&
				(f.length != 0 && i-start > 1 || !strings.ContainsRune("xdo", rune(hint[i])))
		}
		if isSeparator() {
			f.separator = hint[i]
			i++
		}
		if f.separator != 0 && isSeparator() {
			f.terminator = hint[i]
			i++
		}
		list = append(list, f)
	}
	return list, len(list) > 0
}

// maxHintLength is the largest octet length taken for one: an OCTET STRING has
// no more (RFC 2578 §7.1.2).
const maxHintLength = 65535

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// appendHinted appends octets by a DISPLAY-HINT. The last specification is used
// until no octets are left (RFC 2579 §3.1). It returns false if the hint makes
// no sense.
func (o *Options) appendHinted(b []byte, octets, hint string) (_ []byte, ok bool) {
	list, ok := parseOctetHint(hint)
	if !ok {
		return b, false
	}
	for n := 0; octets != ""; n++ {
		last := n >= len(list)-1
		f := list[min(n, len(list)-1)]
		repeat := 1
		if f.repeat {
			repeat, octets = int(octets[0]), octets[1:]
		}
		if f.length == 0 && last { // it would never end
			f.length = 1
		}
		for ; repeat > 0 && octets != ""; repeat-- {
			part := octets[:min(f.length, len(octets))]
			octets = octets[len(part):]
			b = o.appendPart(b, part, f, last)
			if f.separator != 0 && octets != "" {
				b = append(b, f.separator)
			}
		}
		if f.terminator != 0 && octets != "" {
			b = append(b, f.terminator)
		}
	}
	return b, true
}

// appendPart appends the octets of one application of a specification.
func (o *Options) appendPart(b []byte, part string, f octetFormat, last bool) []byte {
	base := 10
	switch f.format {
	case 'a', 't':
		if strings.IndexByte(part, 0) < 0 { // may be UTF-8, or not: the terminal's business
			return append(b, part...)
		}
		return appendText(b, part)
	case 'x':
		base = 16
		if f.length == 1 && part[0] < 16 && (o.TwoDigitHex || f.separator == 0 && last) {
			b = append(b, '0')
		}
	case 'o':
		base = 8
	}
	if part == "" {
		return append(b, '0')
	}
	var n big.Int
	return append(b, n.SetBytes([]byte(part)).Text(base)...)
}

// appendHintedInteger appends an integer by a DISPLAY-HINT: RFC 2579 §3.1 has
// d, d-2, x, o and b.
func appendHintedInteger(b []byte, n int64, hint string) []byte {
	format, places, scaled := strings.Cut(hint, "-")
	switch format {
	case "x":
		return strconv.AppendUint(b, uint64(uint32(n)), 16)
	case "o":
		return strconv.AppendUint(b, uint64(uint32(n)), 8)
	case "b":
		return fmt.Appendf(b, "%032b", uint32(n))
	case "d":
		if digits, err := strconv.ParseUint(places, 10, 8); scaled && err == nil {
			return appendScaled(b, n, int(digits))
		}
	}
	return strconv.AppendInt(b, n, 10)
}

// appendScaled appends n with a point before its last digits. Nothing stands
// before the point of a number below one.
func appendScaled(b []byte, n int64, digits int) []byte {
	if digits == 0 {
		return strconv.AppendInt(b, n, 10)
	}
	if n < 0 {
		b = append(b, '-')
	}
	s := strings.TrimPrefix(strconv.FormatInt(n, 10), "-")
	if len(s) < digits {
		s = strings.Repeat("0", digits-len(s)) + s
	}
	b = append(b, s[:len(s)-digits]...)
	b = append(b, '.')
	return append(b, s[len(s)-digits:]...)
}
