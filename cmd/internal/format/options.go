package format

import (
	"fmt"
	"strconv"
	"strings"
)

// Options say how to print. The zero Options are the default form. The result
// differs from Net-SNMP's where that is mistaken:
//
//   - Display hints follow RFC 2579 §3.1 to the letter: a length of 0 uses no
//     octet, a last part that is short is not filled up with zeros, a repeat
//     count is read each time, and numbers have as many digits as they need. A
//     negative INTEGER under x or o is shown as the 32 bits it has. A hint for
//     integers that makes no sense counts as none.
//   - An index is printed by its numbers where they do not fit its type, without
//     an open bracket or dots for what is no octet.
//   - The text of -OT stays on its line.
type Options struct {
	Name    NameStyle
	Strings StringStyle
	// NumericIndex (b): indexes as numbers, not as the values they stand for.
	NumericIndex bool
	// NumericEnums (e): 1, not up(1).
	NumericEnums bool
	// EscapeQuotes (E): backslashes before the quotes of string indexes.
	EscapeQuotes bool
	// Quick (q): a space for " = ", and no types.
	Quick bool
	// QuickEqual (Q): no types.
	QuickEqual bool
	// RawTicks (t): TimeTicks as a number.
	RawTicks bool
	// HexText (T): text beside hexadecimal strings.
	HexText bool
	// NoUnits (U).
	NoUnits bool
	// ValueOnly (v): no name.
	ValueOnly bool
	// BracketIndex (X): ifDescr[1].
	BracketIndex bool
	// TwoDigitHex (0): a display hint's single hexadecimal digits as two.
	TwoDigitHex bool
	// Precision (p): digits behind the point of floating-point numbers, as in
	// ".2". "" means six.
	Precision string
}

// A NameStyle is the form of an OBJECT IDENTIFIER.
type NameStyle int

// The styles, with their letters.
const (
	ModuleName  NameStyle = iota // S: IF-MIB::ifDescr.1
	SuffixName                   // s: ifDescr.1
	FullName                     // f: .iso.org.dod.internet.mgmt.mib-2.interfaces.ifTable.ifEntry.ifDescr.1
	NumericName                  // n: .1.3.6.1.2.1.2.2.1.2.1
	UCDName                      // u: interfaces.ifTable.ifEntry.ifDescr.1
)

// A StringStyle is the form of an OCTET STRING that has no display hint.
type StringStyle int

// The styles, with their letters.
const (
	GuessString StringStyle = iota // text if all of it is printable
	TextString                     // a
	HexString                      // x
)

// Set applies the letters behind -O, one after the other. Letters for styles
// replace each other, the others turn what they name on, or off if it is on. The
// letter p takes the rest: -Op.2. The error is worded as Net-SNMP's tools have it
// on a line of its own.
func (o *Options) Set(letters string) error {
	toggles := map[byte]*bool{
		'0': &o.TwoDigitHex, 'b': &o.NumericIndex, 'e': &o.NumericEnums, 'E': &o.EscapeQuotes,
		'q': &o.Quick, 'Q': &o.QuickEqual, 't': &o.RawTicks, 'T': &o.HexText,
		'U': &o.NoUnits, 'v': &o.ValueOnly, 'X': &o.BracketIndex,
	}
	names := map[byte]NameStyle{'S': ModuleName, 's': SuffixName, 'f': FullName, 'n': NumericName, 'u': UCDName}
	strs := map[byte]StringStyle{'a': TextString, 'x': HexString}
	for i := range len(letters) {
		c := letters[i]
		if toggle, ok := toggles[c]; ok {
			*toggle = !*toggle
		} else if style, ok := names[c]; ok {
			o.Name = style
		} else if style, ok := strs[c]; ok {
			o.Strings = style
		} else if c == 'p' {
			return o.setPrecision(letters[i+1:])
		} else {
			return fmt.Errorf("Unknown output option passed to -O: %c.", c)
		}
	}
	return nil
}

// maxPrecision keeps a line from growing without end.
const maxPrecision = 99

func (o *Options) setPrecision(text string) error {
	digits := strings.TrimPrefix(text, ".")
	if n, err := strconv.ParseUint(digits, 10, 8); err != nil || n > maxPrecision {
		return fmt.Errorf("-Op needs a number of digits as in -Op.2, not %q", text)
	}
	o.Precision = digits
	return nil
}

// quick reports whether types are left out.
func (o *Options) quick() bool { return o.Quick || o.QuickEqual }
