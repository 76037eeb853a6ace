package snmpdconf

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// show renders a directive on one line, everything a caller can see of it.
func show(d Directive) string {
	return fmt.Sprintf("%d [%s] %s %q", d.Line, d.Section, d.Name, d.Words())
}

func showAll(ds []Directive) []string {
	var out []string
	for _, d := range ds {
		out = append(out, show(d))
	}
	return out
}

func messages(errs []*Error) []string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return out
}

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		text string
		want []string
		errs []string
	}{
		{"empty", "", nil, nil},
		{"comments and blank lines", "# one\n\n \t \n  # two\nrocommunity a\n#rocommunity b\n", []string{`5 [snmpd] rocommunity ["a"]`}, nil},
		{"white space around", "\t rocommunity \t a  default \t\n", []string{`1 [snmpd] rocommunity ["a" "default"]`}, nil},
		{"form feed and vertical tab are white space", "\f\vload\f12\v10\n", []string{`1 [snmpd] load ["12" "10"]`}, nil},
		{"CRLF", "load 12\r\n\r\ndisk / 5%\r\n", []string{`1 [snmpd] load ["12"]`, `3 [snmpd] disk ["/" "5%"]`}, nil},
		{"CR alone is white space", "load 12\rdisk /\r", []string{`1 [snmpd] load ["12" "disk" "/"]`}, nil},
		{"no newline at the end", "load 12\nswap 5", []string{`1 [snmpd] load ["12"]`, `2 [snmpd] swap ["5"]`}, nil},
		{"byte order mark", "\xef\xbb\xbfload 12\n", []string{`1 [snmpd] load ["12"]`}, nil},
		{"byte order mark elsewhere is text", "load \xef\xbb\xbf12\n", []string{"1 [snmpd] load [\"\\ufeff12\"]"}, nil},
		{"non-ASCII kept", "sysName Zürich\nsysName Z\xfcrich\nsysName a\u00a0b\n",
			[]string{`1 [snmpd] sysName ["Zürich"]`, `2 [snmpd] sysName ["Z\xfcrich"]`, "3 [snmpd] sysName [\"a\\u00a0b\"]"}, nil},
		{"name quoted or escaped", "'lo'ad 1\n\"load\" 1\nlo\\ad 1\n",
			[]string{`1 [snmpd] lo ["ad" "1"]`, `2 [snmpd] load ["1"]`, `3 [snmpd] load ["1"]`}, nil},
		{"comment after the name", "load # 12\n", nil, []string{"f:1: load: nothing follows the name, expected an argument; the line is not read"}},
		{"name alone", "includeAllDisks\nload 1\n", []string{`2 [snmpd] load ["1"]`},
			[]string{"f:1: includeAllDisks: nothing follows the name, expected an argument; the line is not read"}},
		{"empty argument is one", "sysName \"\"\n", []string{`1 [snmpd] sysName [""]`}, nil},
		{"empty name", "\"\" x\n''\n", nil, []string{
			"f:1: the line begins with an empty word, expected the name of a directive; it is not read",
			"f:2: the line begins with an empty word, expected the name of a directive; it is not read"}},
		{"NUL", "load 1\nload 2\x00\nload 3\n", []string{`1 [snmpd] load ["1"]`, `3 [snmpd] load ["3"]`},
			[]string{"f:2: the line has a NUL octet, expected text; it is not read"}},
		{"UTF-16", "\xff\xfel\x00o\x00a\x00d\x00 \x001\x00\n\x00", nil,
			[]string{"f: the file is UTF-16 text, expected UTF-8 or another extension of ASCII; nothing of it is read"}},
		{"no continuation lines", "load 12 \\\nswap 1\n", []string{`1 [snmpd] load ["12" "\\"]`, `2 [snmpd] swap ["1"]`}, nil},

		{"section for one line", "[snmp] persistentDir /var\nload 1\n", []string{`1 [snmp] persistentDir ["/var"]`, `2 [snmpd] load ["1"]`}, nil},
		{"section for the lines below", "[snmp]\nclientaddr a\n[snmpd] load 1\ndefVersion 3\n[snmpd]\nswap 1\n",
			[]string{`2 [snmp] clientaddr ["a"]`, `3 [snmpd] load ["1"]`, `4 [snmp] defVersion ["3"]`, `6 [snmpd] swap ["1"]`}, nil},
		{"section with a comment behind it", "[snmp] # all below\nclientaddr a\n", []string{`2 [snmp] clientaddr ["a"]`}, nil},
		{"section in quotes", "'[snmp]' clientaddr a\n", []string{`1 [snmp] clientaddr ["a"]`}, nil},
		{"unknown section keeps the one before", "[snmp]\n[snmptrapd]\nclientaddr a\n[snmptrapd] load 1\n[SNMPD]\n[]\n",
			[]string{`3 [snmp] clientaddr ["a"]`}, []string{
				"f:2: [snmptrapd] is not a section of this program, expected [snmpd], [snmp], [agentx]; the line is not read, the section stays [snmp]",
				"f:4: [snmptrapd] is not a section of this program, expected [snmpd], [snmp], [agentx]; the line is not read, the section stays [snmp]",
				"f:5: [SNMPD] is not a section of this program, expected [snmpd], [snmp], [agentx]; the line is not read, the section stays [snmp]",
				`f:6: [""] is not a section of this program, expected [snmpd], [snmp], [agentx]; the line is not read, the section stays [snmp]`}},
		{"section not closed", "[snmp clientaddr a\n[\n[snmp]clientaddr a\n", nil, []string{
			"f:1: the section [snmp has no closing ]; the line is not read",
			"f:2: the section [ has no closing ]; the line is not read",
			"f:3: the section [snmp]clientaddr has no closing ]; the line is not read"}},
		{"section and name alone", "[snmp] clientaddr\n", nil,
			[]string{"f:1: clientaddr: nothing follows the name, expected an argument; the line is not read"}},

		{"includes are left to the caller", "includeFile a.conf\nINCLUDEDIR d\nincludeSearch s\n",
			[]string{`1 [snmpd] includeFile ["a.conf"]`, `2 [snmpd] INCLUDEDIR ["d"]`, `3 [snmpd] includeSearch ["s"]`}, nil},
		{"include says too little", "include a.conf\n", nil,
			[]string{"f:1: include: ambiguous, expected includeFile, includeDir or includeSearch; the line is not read"}},
		{"include behind a section", "[snmp] includeFile a.conf\n", nil,
			[]string{"f:1: includeFile: cannot follow a section on the same line, expected [snmp] on a line of its own before it; the line is not read"}},
		{"includeAllDisks is no include", "includeAllDisks 10%\n", []string{`1 [snmpd] includeAllDisks ["10%"]`}, nil},
		{"name that does not print", "\x1b[31m\n", nil,
			[]string{`f:1: "\x1b[31m": nothing follows the name, expected an argument; the line is not read`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// One octet at a time: where the reader's chunks end makes no difference.
			ds, errs := Parse(iotest.OneByteReader(strings.NewReader(tt.text)), "f")
			if got := showAll(ds); !slices.Equal(got, tt.want) {
				t.Errorf("directives:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
			if got := messages(errs); !slices.Equal(got, tt.errs) {
				t.Errorf("errors:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(tt.errs, "\n     "))
			}
			for _, d := range ds {
				if d.File != "f" {
					t.Errorf("%s: File = %q, want f", show(d), d.File)
				}
			}
		})
	}
}

func TestParseReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader("load 1\nrocommunity secret 10.0.0.0/2"), iotest.ErrReader(broken))
	ds, errs := Parse(r, "f")
	if got := showAll(ds); !slices.Equal(got, []string{`1 [snmpd] load ["1"]`}) {
		t.Errorf("directives = %s, want the whole lines only", got)
	}
	if len(errs) != 1 || errs[0].Error() != "f: cannot be read to its end: disk on fire" || !errors.Is(errs[0], broken) {
		t.Errorf("errors = %v", errs)
	}
}

func TestParseLongLine(t *testing.T) {
	word := strings.Repeat("x", 5<<20)
	ds, errs := Parse(strings.NewReader("load 1\nsysName "+word+"\nload 3\n"+word+"\n"), "f")
	if len(ds) != 3 || ds[1].Rest != word || ds[2].Line != 3 {
		t.Fatalf("%d directives, want 3 with the long one whole", len(ds))
	}
	if len(errs) != 1 || errs[0].Line != 4 || len(errs[0].Msg) > 200 {
		t.Errorf("a long name: %d errors, want one with a short message", len(errs))
	}
}

// endless repeats its text for ever, as a device does.
type endless string

func (e endless) Read(b []byte) (int, error) {
	n := 0
	for n+len(e) <= len(b) {
		n += copy(b[n:], e)
	}
	return max(n, copy(b[n:], e)), nil
}

func TestParseEndlessFile(t *testing.T) {
	ds, errs := Parse(endless("load 1\n"+strings.Repeat("#", 500)+"\n"), "f")
	for _, d := range ds {
		if d.Rest != "1" {
			t.Fatalf("line %d is cut: %q", d.Line, d.Rest)
		}
	}
	if len(ds) == 0 || len(errs) != 1 || errs[0].Error() != "f: the file is longer than 16 MiB, the rest is not read" {
		t.Errorf("%d directives, errors %v", len(ds), errs)
	}
	ds, errs = Parse(endless("x"), "f")
	if len(ds) != 0 || len(errs) != 1 {
		t.Errorf("an endless line: %d directives, errors %v", len(ds), errs)
	}
}

// FuzzParse holds Parse and Words to: no panic; every directive stands on the line it says it does, in order; what it holds is
// text of that line; the words are those of the slow model; no error shows an argument.
func FuzzParse(f *testing.F) {
	f.Add("rocommunity public default -V systemonly\n[snmp]\r\nx 'a b' \"c\\\"d\" # e\nincludeDir d\n\n[snmpd] load 12\n'")
	f.Add("\xef\xbb\xbf[ \n[]x\n\"\" y\n\\\n\x00\na\\")
	f.Fuzz(func(t *testing.T, text string) {
		ds, errs := Parse(strings.NewReader(text), "f")
		lines := strings.Split(text, "\n")
		last := 0
		for _, d := range ds {
			if d.Line <= last || d.Line > len(lines) {
				t.Fatalf("line %d after line %d of %d", d.Line, last, len(lines))
			}
			last = d.Line
			if d.Name == "" || d.Rest == "" || isSpace(d.Rest[0]) || d.Rest[0] == '#' {
				t.Fatalf("name %q, rest %q", d.Name, d.Rest)
			}
			if line := lines[d.Line-1]; !strings.HasSuffix(trimSpace(line), d.Rest) {
				t.Fatalf("line %d: rest %q is not the end of %q", d.Line, d.Rest, line)
			}
			words := d.Words()
			if len(d.Rest) < 4096 { // the model's time is quadratic
				if want := slowWords(d.Rest); !slices.Equal(words, want) {
					t.Fatalf("words of %q: %q, want %q", d.Rest, words, want)
				}
			}
			if d.Tail(0) != d.Rest || d.Tail(len(words)) != "" || d.Tail(len(words)-1) == "" {
				t.Fatalf("tails of %q do not fit its %d words", d.Rest, len(words))
			}
			d.OpenQuote()
			_ = includeName(d)
		}
		last = 0
		for _, e := range errs {
			if e.Line < last || e.Line > len(lines) || len(e.Error()) > 600 {
				t.Fatalf("error at line %d after %d: %v", e.Line, last, e)
			}
			last = e.Line
		}
	})
}
