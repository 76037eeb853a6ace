package getopt

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const testShort = "hdfv:c:C:O:L:D::é"

var testLong = []string{"help", "config="}

// parse returns what a command line holds as one string: the options in order, |, the operands.
func parse(p *Parser) (string, error) {
	var out []string
	for p.Next() {
		opt := p.Name
		if p.HasValue {
			opt += "=" + p.Value
		}
		if p.Name == "L" && p.Value == "f" { // -Lf FILE
			file, ok := p.Shift()
			opt += fmt.Sprintf("(%s %t)", file, ok)
		}
		out = append(out, opt)
	}
	return strings.Join(append(append(out, "|"), p.Operands()...), " "), p.Err()
}

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		args string // separated by one space
		want string
		err  string
	}{
		{"nothing", "", "|", ""},
		{"flag", "-h", "h |", ""},
		{"flags bundled", "-hd -f", "h d f |", ""},
		{"letter beyond ASCII", "-hé", "h é |", ""},
		{"value attached", "-v2c -cpublic", "v=2c c=public |", ""},
		{"value apart", "-v 2c -c public", "v=2c c=public |", ""},
		{"value behind bundled flags", "-dfv2c -dfc public", "d f v=2c d f c=public |", ""},
		{"options of options", "-Cr25 -On -OQv", "C=r25 O=n O=Qv |", ""},
		{"value that looks like an option", "-c -v -v --", "c=-v v=-- |", ""},
		{"value with an equals sign", "-c=x", "c==x |", ""},
		{"empty value apart", "-c  -h", "c= h |", ""},
		{"optional value absent", "-D ALL", "D | ALL", ""},
		{"optional value attached", "-DALL -hDx", "D=ALL h D=x |", ""},
		{"second argument attached", "-Lf/tmp/x -h", "L=f/tmp/x h |", ""},
		{"second argument apart", "-Lf /tmp/x -h", "L=f(/tmp/x true) h |", ""},
		{"second argument missing", "-Lf", "L=f( false) |", ""},
		{"long", "--help", "help |", ""},
		{"long with value", "--config=a --config b --config=", "config=a config=b config= |", ""},
		{"long with an equals sign in the value", "--config=a=b", "config=a=b |", ""},
		{"operands", "host .1.3", "| host .1.3", ""},
		{"options between operands", "host -v2c .1.3 -c public .1.4", "v=2c c=public | host .1.3 .1.4", ""},
		{"hyphen is an operand", "- -h -", "h | - -", ""},
		{"end of options", "-h -- -d --help x", "h | -d --help x", ""},
		{"end of options between operands", "a -h -- b -- -d", "h | a b -- -d", ""},

		{"unknown", "-h -z -d", "h |", "unknown option -z"},
		{"unknown in a bundle", "-hzcs3cret", "h |", "unknown option -z"},
		{"unknown, does not print", "-\x1b", "|", `unknown option -"\x1b"`},
		{"unknown, not UTF-8", "-\xff", "|", `unknown option -"\xff"`},
		{"half a letter", "-\xa9", "|", `unknown option -"\xa9"`},
		{"colon is no option", "-:", "|", "unknown option -:"},
		{"hyphen in a bundle", "-h-", "h |", "unknown option --"},
		{"value missing", "-h -c", "h |", "option -c needs a value"},
		{"unknown long", "--community=s3cret", "|", "unknown option --community"},
		{"long value missing", "--config", "|", "option --config needs a value"},
		{"long value too many", "--help=yes", "|", "option --help takes no value"},
		{"long name missing", "--=x", "|", `unknown option --`},
		{"long is not abbreviated", "--conf x", "|", "unknown option --conf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var args []string
			if tt.args != "" {
				args = strings.Split(tt.args, " ")
			}
			p := New(args, testShort, testLong...)
			got, err := parse(p)
			if got != tt.want {
				t.Errorf("%q: got  %s\nwant %s", args, got, tt.want)
			}
			if fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") {
				t.Errorf("%q: error %v, want %q", args, err, tt.err)
			}
			if p.Next() || p.Name != "" {
				t.Errorf("%q: Next went on after its end", args)
			}
		})
	}
}

func TestInOrder(t *testing.T) {
	p := New([]string{"-v2c", "host", "oid", "i", "-5", "-h"}, testShort)
	p.InOrder = true
	got, err := parse(p)
	if want := "v=2c | host oid i -5 -h"; got != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	p = New([]string{"-h", "--", "-d"}, testShort)
	p.InOrder = true
	if got, err = parse(p); got != "h | -d" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAnyLong(t *testing.T) {
	p := New([]string{"--persistentDir=/tmp", "--noRange", "x", "--config", "f", "--=y"}, "h", testLong...)
	p.AnyLong = true
	got, err := parse(p)
	if want := "persistentDir=/tmp noRange config=f | x"; got != want || fmt.Sprint(err) != "unknown option --" {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// TestArgsUnchanged: os.Args is the caller's.
func TestArgsUnchanged(t *testing.T) {
	args := []string{"a", "-h", "b", "--", "c"}
	before := slices.Clone(args)
	p := New(args, "h")
	for p.Next() {
		p.operands = append(p.operands, "")
	}
	if !slices.Equal(args, before) {
		t.Errorf("args became %q", args)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("-hd\n-cpublic\n--\nx", false)
	f.Add("a\n-Lf\n--config=", true)
	f.Fuzz(func(t *testing.T, text string, inOrder bool) {
		args := strings.Split(text, "\n")
		p := New(args, testShort, testLong...)
		p.InOrder = inOrder
		steps := 0
		for p.Next() {
			if steps++; steps > len(text)+1 {
				t.Fatalf("%q: more options than octets", args)
			}
		}
		if len(p.Operands()) > len(args) {
			t.Fatalf("%q: %d operands", args, len(p.Operands()))
		}
	})
}
