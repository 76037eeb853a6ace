package agent

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"snmpstack/pdu"
)

// A CodePage says how text lies in the octets of an OCTET STRING. It is what Text
// and NewObject of an Agent convert with; everything else takes octets as they are.
type CodePage int

// The code pages that there are, by the numbers that Windows has for them. Others
// are error 434.
const (
	UTF8        CodePage = 65001
	USASCII     CodePage = 20127
	Latin1      CodePage = 28591 // ISO 8859-1
	Windows1252 CodePage = 1252
	UTF16LE     CodePage = 1200
	UTF16BE     CodePage = 1201
)

// codePages has their names in IANA's registry of character sets.
var codePages = []struct {
	page CodePage
	name string
}{
	{UTF8, "UTF-8"}, {USASCII, "US-ASCII"}, {Latin1, "ISO-8859-1"},
	{Windows1252, "windows-1252"}, {UTF16LE, "UTF-16LE"}, {UTF16BE, "UTF-16BE"},
}

// String returns the name in IANA's registry of character sets.
func (p CodePage) String() string {
	for _, row := range codePages {
		if row.page == p {
			return row.name
		}
	}
	return "code page " + strconv.Itoa(int(p))
}

// parseCodePage reads a number or a name.
func parseCodePage(text string) (CodePage, error) {
	for _, row := range codePages {
		if strings.EqualFold(text, row.name) || text == strconv.Itoa(int(row.page)) {
			return row.page, nil
		}
	}
	return 0, fmt.Errorf("%q is not available", text)
}

// Text returns what a value says, as the specification's value method does: of an
// OCTET STRING the text that its octets are in the agent's CodePage, of everything
// else pdu.Value's Text. Octets that are no text in that code page are error 434;
// UTF-8 lets all octets through as they are. The result shares no memory with v.
func (a *Agent) Text(v pdu.Value) (string, error) {
	if v.Syntax() != pdu.TypeOctetString {
		return strings.Clone(v.Text()), nil
	}
	text, err := a.codePage().decode(v.Octets())
	return strings.Clone(text), err
}

// NewObject makes an object out of text: its OID, dotted, its type, and its value as
// Text returns it. A text that the agent's CodePage does not have is error 434, a
// bad IP address 303, anything else that is wrong 10022.
func (a *Agent) NewObject(oid string, syntax pdu.Syntax, text string) (pdu.VarBind, error) {
	name, err := parseOID(oid)
	if err != nil {
		return pdu.VarBind{}, err
	}
	if syntax == pdu.TypeOctetString {
		if text, err = a.codePage().encode(text); err != nil {
			return pdu.VarBind{}, err
		}
	}
	v, err := pdu.ParseValue(syntax, text)
	switch {
	case errors.Is(err, pdu.ErrIPAddress):
		return pdu.VarBind{}, &Error{CodeBadIPAddress, err}
	case err != nil:
		return pdu.VarBind{}, &Error{CodeInvalidArgument, err}
	}
	return pdu.VarBind{Name: name, Value: v}, nil
}

func (a *Agent) codePage() CodePage {
	a.state.fields.Lock()
	defer a.state.fields.Unlock()
	return a.CodePage
}

// check returns error 434 for a code page that there is not.
func (p CodePage) check() error {
	for _, row := range codePages {
		if row.page == p || p == 0 {
			return nil
		}
	}
	return p.errCodePage("it is not available")
}

// errCodePage is error 434 about what cannot be converted, of which it shows
// nothing: it may be a secret.
func (p CodePage) errCodePage(why string) error {
	return &Error{CodeCodePage, fmt.Errorf("%v: %s", p, why)}
}

// decode returns the text that octets are.
func (p CodePage) decode(octets string) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	switch p {
	case 0, UTF8:
		return octets, nil
	case UTF16LE, UTF16BE:
		return p.decode16(octets)
	}
	var b strings.Builder
	for i := range len(octets) {
		r, ok := p.fromOctet(octets[i])
		if !ok {
			return "", p.errCodePage(fmt.Sprintf("octet %d is no character", i))
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// encode returns the octets that are text.
func (p CodePage) encode(text string) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	if p == 0 || p == UTF8 {
		return text, nil
	}
	if !utf8.ValidString(text) {
		return "", p.errCodePage("what is to be converted is not in UTF-8")
	}
	var b []byte
	for i, r := range text {
		switch p {
		case UTF16LE:
			for _, u := range utf16.AppendRune(nil, r) {
				b = append(b, byte(u), byte(u>>8))
			}
		case UTF16BE:
			for _, u := range utf16.AppendRune(nil, r) {
				b = append(b, byte(u>>8), byte(u))
			}
		default:
			octet, ok := p.toOctet(r)
			if !ok {
				return "", p.errCodePage(fmt.Sprintf("it does not have the character at %d", i))
			}
			b = append(b, octet)
		}
	}
	return string(b), nil
}

// decode16 is decode for UTF-16 (RFC 2781), which has no octets for half a pair.
func (p CodePage) decode16(octets string) (string, error) {
	if len(octets)%2 != 0 {
		return "", p.errCodePage("the number of octets is odd")
	}
	low, high := 0, 1
	if p == UTF16BE {
		low, high = 1, 0
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i+low]) | uint16(octets[2*i+high])<<8
	}
	var b strings.Builder
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 == len(units) {
				return "", p.errCodePage("it ends in half a pair")
			}
			if r = utf16.DecodeRune(r, rune(units[i+1])); r == utf8.RuneError {
				return "", p.errCodePage(fmt.Sprintf("there is half a pair at octet %d", 2*i))
			}
			i++
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// fromOctet returns the character of an octet, in the code pages that have one
// octet for each.
func (p CodePage) fromOctet(c byte) (r rune, ok bool) {
	switch {
	case c < 0x80:
		return rune(c), true
	case p == USASCII:
		return 0, false
	case p == Windows1252 && c < 0xA0:
		r = windows1252[c-0x80]
		return r, r != 0
	}
	return rune(c), true
}

// toOctet is the reverse of fromOctet.
func (p CodePage) toOctet(r rune) (c byte, ok bool) {
	switch {
	case r < 0x80:
		return byte(r), true
	case p == USASCII:
		return 0, false
	case p == Windows1252 && r >= 0xA0 && r <= 0xFF, p == Latin1 && r <= 0xFF:
		return byte(r), true
	case p == Windows1252:
		for i, other := range windows1252 {
			if other == r {
				return byte(0x80 + i), true
			}
		}
	}
	return 0, false
}

// windows1252 has the characters of the octets 80 to 9F, 0 where there is none:
// everywhere else the code page is ISO 8859-1. Source: Microsoft's table of it
// (cp1252.txt, published by the Unicode Consortium).
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}
