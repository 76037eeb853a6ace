package snmpdconf

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// Fields reads the words of a line as Net-SNMP writes them into its persistent file,
// by their place from 0. The first error sticks.
type Fields struct {
	directive Directive
	words     []string
	err       error
}

// NewFields returns the Fields of a line.
func NewFields(d Directive) *Fields { return &Fields{directive: d, words: d.Words()} }

// Len returns the number of words.
func (f *Fields) Len() int { return len(f.words) }

// Err returns which word is the first one that is not what it was read as. It shows
// none.
func (f *Fields) Err() error { return f.err }

func (f *Fields) fail(n int, what string) {
	if f.err == nil {
		f.err = fmt.Errorf("word %d is not %s", n+1, what)
	}
}

// Word returns a word that has to be there.
func (f *Fields) Word(n int) string {
	if n >= len(f.words) {
		f.fail(n, "there")
		return ""
	}
	return f.words[n]
}

// Number returns a word that is a number in a range.
func (f *Fields) Number(n int, least, most int32) int32 {
	v, err := strconv.ParseInt(f.Word(n), 10, 32)
	if err != nil || int32(v) < least || int32(v) > most {
		f.fail(n, fmt.Sprintf("a number from %d to %d", least, most))
	}
	return int32(v)
}

// firstLevel is noAuthNoPriv in lines, as in the MIB (RFC 3411 §5, SnmpSecurityLevel).
const firstLevel = 1

// Level returns a word that is the number of a security level.
func (f *Fields) Level(n int) pdu.SecurityLevel {
	return pdu.SecurityLevel(f.Number(n, firstLevel, firstLevel+int32(pdu.AuthPriv)) - firstLevel)
}

// LevelNumber returns the number that Fields.Level reads.
func LevelNumber(l pdu.SecurityLevel) int { return firstLevel + int(l) }

// Octets returns a word in quotes as it is, or else the octets that it has in
// hexadecimal digits behind 0x. A word that has neither is taken as it is.
func (f *Fields) Octets(n int) string {
	word := f.Word(n)
	digits, ok := strings.CutPrefix(word, "0x")
	if !ok || f.quoted(n) {
		return word
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		f.fail(n, "octets in hexadecimal digits, two for each")
	}
	return string(b)
}

// Name returns octets without the NUL that Net-SNMP may write behind them.
func (f *Fields) Name(n int) string {
	name := f.Octets(n)
	if f.quoted(n) {
		return name
	}
	return strings.TrimSuffix(name, "\x00")
}

func (f *Fields) quoted(n int) bool { return strings.HasPrefix(f.directive.Tail(n), `"`) }

// OID returns a word that is an OID in numbers.
func (f *Fields) OID(n int) ber.OID {
	o, err := ber.ParseOID(f.Word(n))
	if err != nil {
		f.fail(n, "an OID")
	}
	return o
}

// QuoteOctets writes octets so that Fields.Octets reads them: in quotes if they can be
// printed.
func QuoteOctets(octets string) string {
	for i := range len(octets) {
		if c := octets[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "0x" + hex.EncodeToString([]byte(octets))
		}
	}
	return `"` + octets + `"`
}
