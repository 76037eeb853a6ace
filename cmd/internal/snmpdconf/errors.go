package snmpdconf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// An Error says what is wrong in a configuration file and where.
type Error struct {
	File string
	Line int // from 1; 0 when the file as a whole is meant
	// Warning marks what does not change what the configuration does, or what Net-SNMP calls a warning: an unknown directive.
	Warning bool
	Msg     string
	Err     error // the cause, if another package found it
}

// Error returns FILE:LINE: message, or FILE: message when no line is meant.
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += ":" + strconv.Itoa(e.Line)
	}
	return s + ": " + e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error at the directive's place, the message after its name: FILE:LINE: name: message. A %w operand becomes
// the cause. Quote arguments with Show.
func (d Directive) Errorf(format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{File: d.File, Line: d.Line, Msg: printable(d.Name) + ": " + err.Error()}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		e.Err = u.Unwrap()
	}
	return e
}

// Warnf is Errorf for a warning.
func (d Directive) Warnf(format string, args ...any) *Error {
	e := d.Errorf(format, args...)
	e.Warning = true
	return e
}

// WarnOpenQuote returns a warning if a quoted word lacks its closing quote: it may be a longer secret than somebody meant.
func (d Directive) WarnOpenQuote() error {
	if !d.OpenQuote() {
		return nil
	}
	return d.Warnf("a quote is not closed: the word goes up to the end of the line, as with snmpd")
}

// maxShown is how many octets of a word a message shows. A name that is longer is rubbish, and a line of it may have megabytes.
const maxShown = 64

// printable returns a word from a file in a form that is fit for a terminal and a log: as it is, or quoted when it holds anything
// that does not print, and cut when it is long.
func printable(word string) string {
	cut := ""
	if len(word) > maxShown {
		word, cut = word[:maxShown], "..."
	}
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return strconv.Quote(word) + cut
	}
	return word + cut
}
