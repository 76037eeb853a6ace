// Package getopt takes command lines apart in the manner of getopt(3), which is how Net-SNMP's programs read theirs: letters may be
// bundled (-Cf is two options when C takes no value), a value may be attached or be the next argument (-v2c, -v 2c, -Cr25, -OQv), a
// lone -- ends the options, and a lone - is an operand. Long options are --name and, with a value, --name=value or --name value.
//
// Options may stand behind operands: snmpget HOST -v2c -c public OID works, because the C library that most copies of Net-SNMP run
// on takes options wherever they stand. Its snmpset and snmptrap switch that off, for their operands include negative numbers
// (snmpset HOST OID i -5); InOrder does the same.
//
// Some options of Net-SNMP's take a second argument that depends on the first: -Lf FILE and -LfFILE both name a log file. The
// value of -L is then "f" or "fFILE", and Shift takes the FILE of the first form.
//
// A program tells its options in a string, a letter each, : behind one that needs a value, :: behind one that may have it attached
// (-D, -DALL); and its long options as strings, with = behind one that needs a value:
//
//	p := getopt.New(os.Args[1:], "hv:c:D::L:", "help", "config=")
//	for p.Next() {
//		switch p.Name {
//		case "h", "help":
//			usage()
//		case "c":
//			community = p.Value
//		}
//	}
//	if err := p.Err(); err != nil {
//		return err
//	}
//	operands := p.Operands()
//
// Long options are not abbreviated. An error never shows a value, which may be a secret. A Parser is for one goroutine.
package getopt

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Parser walks through one command line.
type Parser struct {
	// InOrder ends the options at the first operand. Set it before the first Next.
	InOrder bool
	// AnyLong takes long options that New was not told of, with or without =value: Net-SNMP's programs take any directive of
	// their configuration files so (--persistentDir=/tmp). Set it before the first Next.
	AnyLong bool

	// Name is the letter of the current option, or its long name, without hyphens. Value is its value and HasValue whether it has
	// one, be it empty. Valid after a Next that returned true.
	Name     string
	Value    string
	HasValue bool

	args     []string // not yet looked at
	bundle   string   // letters not yet looked at of the current argument
	short    string
	long     []string
	operands []string
	err      error
}

// New returns a Parser for a command line without the program's name. The package comment explains short and long.
func New(args []string, short string, long ...string) *Parser {
	return &Parser{args: args, short: short, long: long}
}

// Next goes on to the next option. It returns false at the end and at the first error.
func (p *Parser) Next() bool {
	p.Name, p.Value, p.HasValue = "", "", false
	for p.err == nil && p.bundle == "" {
		arg, ok := p.Shift()
		switch {
		case !ok:
			return false
		case arg == "--":
			p.operands, p.args = append(p.operands, p.args...), nil
		case strings.HasPrefix(arg, "--"):
			return p.longOption(arg[2:])
		case len(arg) > 1 && arg[0] == '-':
			p.bundle = arg[1:]
		default:
			p.operands = append(p.operands, arg)
			if p.InOrder {
				p.operands, p.args = append(p.operands, p.args...), nil
			}
		}
	}
	return p.err == nil && p.letter()
}

// letter takes the first letter of the bundle.
func (p *Parser) letter() bool {
	_, size := utf8.DecodeRuneInString(p.bundle)
	name, rest := p.bundle[:size], p.bundle[size:]
	_, spec, known := strings.Cut(p.short, name)
	if !known || name == ":" || name == "-" || !utf8.ValidString(name) {
		return p.fail("unknown option -%s", printable(name))
	}
	p.Name, p.bundle = name, rest
	if !strings.HasPrefix(spec, ":") {
		return true
	}
	p.bundle = ""
	switch {
	case rest != "":
		p.Value, p.HasValue = rest, true
	case !strings.HasPrefix(spec, "::"):
		if p.Value, p.HasValue = p.Shift(); !p.HasValue {
			return p.fail("option -%s needs a value", name)
		}
	}
	return true
}

// longOption takes a long option, given without its hyphens.
func (p *Parser) longOption(arg string) bool {
	p.Name, p.Value, p.HasValue = strings.Cut(arg, "=")
	for _, spec := range p.long {
		name, needsValue := strings.CutSuffix(spec, "=")
		if name != p.Name {
			continue
		}
		if needsValue && !p.HasValue {
			if p.Value, p.HasValue = p.Shift(); !p.HasValue {
				return p.fail("option --%s needs a value", name)
			}
		}
		if !needsValue && p.HasValue {
			return p.fail("option --%s takes no value", name)
		}
		return true
	}
	if !p.AnyLong || p.Name == "" {
		return p.fail("unknown option --%s", printable(p.Name))
	}
	return true
}

// Shift takes the next argument as it stands, be it an option or not, and reports whether there was one. After Next it is the
// argument that follows the one the option, or its value, ended in; call it then only for an option that takes a value, so that
// no bundled letters are left.
func (p *Parser) Shift() (string, bool) {
	if len(p.args) == 0 {
		return "", false
	}
	arg := p.args[0]
	p.args = p.args[1:]
	return arg, true
}

// Operands returns the arguments that are no options and no values, in order. Complete once Next has returned false without an
// error.
func (p *Parser) Operands() []string { return p.operands }

// Err returns what stopped Next: an option that is not known, that lacks its value, or that has one too many.
func (p *Parser) Err() error { return p.err }

func (p *Parser) fail(format string, args ...any) bool {
	p.Name, p.Value, p.HasValue = "", "", false
	p.err = fmt.Errorf(format, args...)
	return false
}

// printable quotes what a terminal could take for something else.
func printable(s string) string {
	if q := fmt.Sprintf("%q", s); q != `"`+s+`"` {
		return q
	}
	return s
}
