package snmpdconf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// MaxFile is how many octets are read of one file: an include of an endless device must not fill the memory.
const MaxFile = 16 << 20

// The sections an agent has directives in. Parse and the zero Loader know these three.
const (
	SectionAgent   = "snmpd"  // snmpd.conf: the agent's own directives
	SectionLibrary = "snmp"   // snmp.conf: those every SNMP program has in common
	SectionAgentX  = "agentx" // agentx.conf: those of AgentX, RFC 2741
)

var agentSections = []string{SectionAgent, SectionLibrary, SectionAgentX}

// Parse reads the text of one file of section "snmpd", named so in the directives and the errors. It opens no other file: an
// includeFile, includeDir or includeSearch is returned as a directive in its place. Work and memory are linear in the input; a
// text of more than 16 MiB is cut there. The errors are in the order of their lines and never show an argument.
func Parse(r io.Reader, name string) ([]Directive, []*Error) {
	var ds []Directive
	var errs []*Error
	p := &parser{
		file: name, section: SectionAgent, known: agentSections,
		directive: func(d Directive, _ bool) { ds = append(ds, d) },
		report:    func(e *Error) { errs = append(errs, e) },
	}
	p.parse(p.read(r))
	return ds, errs
}

// parser reads one file.
type parser struct {
	file    string
	line    int
	section string   // in force for the next line
	known   []string // the sections that may be switched to
	// directive takes each directive in order; include says that it is one of the three that read other files.
	directive func(d Directive, include bool)
	report    func(*Error)
}

func (p *parser) errorf(format string, args ...any) {
	p.report(&Error{File: p.file, Line: p.line, Msg: fmt.Sprintf(format, args...)})
}

func (p *parser) parse(text string) {
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		p.line++
		p.parseLine(line)
	}
}

// read returns the file's text as far as it can be used: whole lines, in an encoding that keeps ASCII as it is.
func (p *parser) read(r io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	whole := err == nil && len(b) <= MaxFile
	switch {
	case err != nil:
		p.report(&Error{File: p.file, Msg: "cannot be read to its end: " + cause(err), Err: err})
	case len(b) > MaxFile:
		p.errorf("the file is longer than %d MiB, the rest is not read", MaxFile>>20)
		b = b[:MaxFile]
	}
	if !whole {
		// Half a line may mean anything: rocommunity secret 10.0.0.0/2 of a longer mask.
		b = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		p.errorf("the file is UTF-16 text, expected UTF-8 or another extension of ASCII; nothing of it is read")
		return ""
	}
	return string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
}

func (p *parser) parseLine(line string) {
	if strings.IndexByte(line, 0) >= 0 {
		p.errorf("the line has a NUL octet, expected text; it is not read")
		return
	}
	rest := skipWhite(line)
	if rest == "" {
		return
	}
	name, rest, _ := cutWord(rest)
	section := p.section
	switched := strings.HasPrefix(name, "[")
	if switched {
		token, closed := strings.CutSuffix(name[1:], "]")
		if !closed {
			p.errorf("the section %s has no closing ]; the line is not read", printable(name))
			return
		}
		if !slices.Contains(p.known, token) {
			p.errorf("[%s] is not a section of this program, expected [%s]; the line is not read, the section stays [%s]",
				printable(token), strings.Join(p.known, "], ["), p.section)
			return
		}
		if rest == "" {
			p.section = token
			return
		}
		section = token
		name, rest, _ = cutWord(rest)
	}
	d := Directive{File: p.file, Line: p.line, Section: section, Name: name, Rest: trimSpace(rest)}
	include := isInclude(d)
	switch {
	case name == "":
		p.errorf("the line begins with an empty word, expected the name of a directive; it is not read")
	case d.Rest == "":
		p.errorf("%s: nothing follows the name, expected an argument; the line is not read", d)
	case d.Is("include"):
		p.errorf("include: ambiguous, expected includeFile, includeDir or includeSearch; the line is not read")
	case include && switched:
		p.errorf("%s: cannot follow a section on the same line, expected [%s] on a line of its own before it; the line is not read", d, section)
	default:
		p.directive(d, include)
	}
}

func isInclude(d Directive) bool {
	return d.Is("includeFile") || d.Is("includeDir") || d.Is("includeSearch")
}

// includeName returns the file or directory that an including directive names: the quoted word, or everything up to a comment.
// It is not split otherwise, nor are backslashes taken away: names hold spaces, and backslashes on one system.
func includeName(d Directive) string {
	if d.Rest[0] == '"' || d.Rest[0] == '\'' {
		word, _, _ := cutWord(d.Rest)
		return word
	}
	for i := 1; i < len(d.Rest); i++ {
		if d.Rest[i] == '#' && isSpace(d.Rest[i-1]) {
			return trimSpace(d.Rest[:i])
		}
	}
	return d.Rest
}

// cause returns the message of the innermost error: "no such file or directory" without the operation and the path around it,
// which the message has already.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
