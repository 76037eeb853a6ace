package smi

import "fmt"

// A SyntaxError is something in a module that makes no sense. The definition it
// is in is left out; what follows is read nevertheless.
type SyntaxError struct {
	File string // as given to Parse
	Line int    // counted from 1
	Msg  string // what is wrong, and what was expected
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

type tokenKind uint8

const (
	tokEOF    tokenKind = iota
	tokWord             // identifier or keyword
	tokNumber           // decimal, with a sign if it has one
	tokString           // "…": text is what is inside
	tokBits             // '…'H or '…'B: text is what is inside
	tokSymbol           // ::= { } ( ) [ ] , ; . .. | and whatever else
)

type token struct {
	kind tokenKind
	text string
	line int
}

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "the end of the file"
	case tokString:
		return "a string"
	}
	const most = 40
	if len(t.text) > most {
		return fmt.Sprintf("%q…", t.text[:most])
	}
	return fmt.Sprintf("%q", t.text)
}

// A lexer splits a module into tokens. Octets outside ASCII that are not in
// strings or comments are passed over, since some editors leave them behind.
type lexer struct {
	src  string
	off  int
	line int
	// toEOL: a comment ends with its line. Otherwise a second "--" ends it too,
	// as RFC 2578 §3.4 has it.
	toEOL bool
}

// scan returns all tokens of src, the last one being tokEOF.
func scan(src string, toEOL bool) (tokens []token) {
	l := lexer{src: src, line: 1, toEOL: toEOL}
	for {
		t := l.next()
		tokens = append(tokens, t)
		if t.kind == tokEOF {
			return tokens
		}
	}
}

func (l *lexer) next() token {
	l.skipBlank()
	if l.off >= len(l.src) {
		return token{kind: tokEOF, line: l.line}
	}
	start, line := l.off, l.line
	c := l.src[l.off]
	switch {
	case isLetter(c):
		for l.off < len(l.src) && isWord(l.src[l.off]) && !l.at("--") {
			l.off++
		}
		return token{tokWord, l.src[start:l.off], line}
	case isDigit(c) || c == '-' && l.off+1 < len(l.src) && isDigit(l.src[l.off+1]):
		l.off++
		kind := tokNumber
		for l.off < len(l.src) && isWord(l.src[l.off]) && !l.at("--") {
			if !isDigit(l.src[l.off]) {
				kind = tokWord // a label such as 10baseT, or 0xFF, which the SMI does not know
			}
			l.off++
		}
		return token{kind, l.src[start:l.off], line}
	case c == '"':
		return token{tokString, l.quoted('"'), line}
	case c == '\'':
		text := l.quoted('\'')
		if l.off < len(l.src) && isLetter(l.src[l.off]) { // the base
			text += l.src[l.off : l.off+1]
			l.off++
		}
		return token{tokBits, text, line}
	}
	for _, s := range [...]string{"::=", ".."} {
		if l.at(s) {
			l.off += len(s)
			return token{tokSymbol, s, line}
		}
	}
	l.off++
	return token{tokSymbol, l.src[start:l.off], line}
}

// quoted reads from one quote to the next; there are no escapes.
func (l *lexer) quoted(quote byte) string {
	l.off++
	start := l.off
	for l.off < len(l.src) && l.src[l.off] != quote {
		if l.src[l.off] == '\n' {
			l.line++
		}
		l.off++
	}
	text := l.src[start:l.off]
	if l.off < len(l.src) {
		l.off++
	}
	return text
}

// skipBlank goes to the next octet that can begin a token.
func (l *lexer) skipBlank() {
	for l.off < len(l.src) {
		switch c := l.src[l.off]; {
		case c == '\n':
			l.line++
			l.off++
		case c <= ' ' || c >= 0x7F:
			l.off++
		case l.at("--"):
			l.skipComment()
		default:
			return
		}
	}
}

func (l *lexer) skipComment() {
	l.off += len("--")
	for l.off < len(l.src) && l.src[l.off] != '\n' && l.src[l.off] != '\r' {
		if !l.toEOL && l.at("--") {
			l.off += len("--")
			return
		}
		l.off++
	}
}

func (l *lexer) at(s string) bool {
	return l.off+len(s) <= len(l.src) && l.src[l.off:l.off+len(s)] == s
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isWord accepts the underscore, which is not allowed (RFC 2578 §3.1) but
// common.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }
