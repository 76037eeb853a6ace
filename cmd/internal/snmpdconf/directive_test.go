package snmpdconf

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// slowWords is the obvious model of Words: one state per octet, one octet at a time, words built up as they come.
func slowWords(s string) []string {
	const (
		between = iota
		bare
		quoted
	)
	var words []string
	state, quote, escaped := between, byte(0), false
	for _, c := range []byte(s + "\x00") { // NUL stands for the end
		end := c == 0
		switch {
		case state == between && isSpace(c):
		case state == between && (end || c == '#'):
			return words
		case state == between && (c == '"' || c == '\''):
			words = append(words, "")
			state, quote = quoted, c
		case end && escaped:
			words[len(words)-1] += "\\"
		case end:
		case escaped:
			words[len(words)-1] += string([]byte{c})
			escaped = false
		case state == quoted && c == quote, state == bare && isSpace(c):
			state = between
		default:
			if state == between {
				words = append(words, "")
				state = bare
			}
			if c == '\\' {
				escaped = true
			} else {
				words[len(words)-1] += string([]byte{c})
			}
		}
	}
	return words
}

func TestWords(t *testing.T) {
	tests := []struct {
		name string
		rest string
		want []string
	}{
		{"plain", "all included .1 80", []string{"all", "included", ".1", "80"}},
		{"double quotes", `test "/bin/echo  a b" c`, []string{"test", "/bin/echo  a b", "c"}},
		{"single quotes", `user SHA 'pass phrase' AES`, []string{"user", "SHA", "pass phrase", "AES"}},
		{"one kind of quote inside the other", `"it's" 'say "no"'`, []string{"it's", `say "no"`}},
		{"empty words", `G "" any '' x`, []string{"G", "", "any", "", "x"}},
		{"quote inside a word", `Bob's a"b c"`, []string{"Bob's", `a"b`, `c"`}},
		{"word right behind a quote", `"a"b'c'`, []string{"a", "b'c'"}},
		{"two quoted words touching", `"a"'b'`, []string{"a", "b"}},
		{"backslash outside quotes", `a\ b \"c \\ \# \'`, []string{"a b", `"c`, `\`, `#`, `'`}},
		{"backslash inside quotes", `"a\"b\\c\n"`, []string{`a"b\cn`}},
		{"backslash at the end", `a\`, []string{`a\`}},
		{"backslash at the end of a quoted word", `"a\`, []string{`a\`}},
		{"quote not closed", `a "b c # d`, []string{"a", "b c # d"}},
		{"escaped quote leaves it open", `"a\"`, []string{`a"`}},
		{"comment", `public # the usual`, []string{"public"}},
		{"comment right behind a quote", `"a"#b`, []string{"a"}},
		{"hash inside a word", `a#b c# d`, []string{"a#b", "c#", "d"}},
		{"hash in quotes", `"#" '# a'`, []string{"#", "# a"}},
		{"tabs", "a\t\tb", []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Directive{Rest: tt.rest}
			if got := d.Words(); !slices.Equal(got, tt.want) {
				t.Errorf("Words(%s) = %q, want %q", tt.rest, got, tt.want)
			}
			if got := slowWords(tt.rest); !slices.Equal(got, tt.want) {
				t.Errorf("the model says %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWordsAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		b := make([]byte, rng.IntN(12))
		for i := range b {
			b[i] = `ab"'\# 	`[rng.IntN(8)]
		}
		rest := skipWhite(string(b))
		if got, want := (Directive{Rest: rest}).Words(), slowWords(rest); !slices.Equal(got, want) {
			t.Fatalf("Words(%q) = %q, want %q", rest, got, want)
		}
	}
}

func TestTail(t *testing.T) {
	d := Directive{Rest: `"my test" /bin/sh -c "echo 'a' # b" # c`}
	for n, want := range []string{
		d.Rest,
		`/bin/sh -c "echo 'a' # b" # c`,
		`-c "echo 'a' # b" # c`,
		`"echo 'a' # b" # c`,
		"",
		"",
	} {
		if got := d.Tail(n); got != want {
			t.Errorf("Tail(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestOpenQuote(t *testing.T) {
	for rest, want := range map[string]bool{`a "b"`: false, `a "b`: true, `'`: true, `Bob's`: false, `"a\"`: true, `a # 'b`: false} {
		if got := (Directive{Rest: rest}).OpenQuote(); got != want {
			t.Errorf("OpenQuote(%s) = %t, want %t", rest, got, want)
		}
	}
}

func TestName(t *testing.T) {
	d := Directive{Name: "sysLocation"}
	if !d.Is("syslocation") || !d.Is("SYSLOCATION") || d.Is("sysname") || d.Key() != "syslocation" {
		t.Errorf("%q: Is or Key regards case", d.Name)
	}
}

// TestNoSecretInText prints directives in every way there is: the community must not come out, and nothing else with it.
func TestNoSecretInText(t *testing.T) {
	d := Directive{File: "f", Line: 3, Section: "snmpd", Name: "rocommunity", Rest: "s3cret default"}
	var log bytes.Buffer
	l := slog.New(slog.NewTextHandler(&log, nil))
	l.Info("read", "directive", d, "all", []Directive{d})
	for _, text := range []string{
		fmt.Sprint(d), fmt.Sprintf("%v %+v %#v %s %q", d, d, d, d, d), fmt.Sprintf("%v %#v", []Directive{d}, &d), log.String(),
		d.Errorf("community %s: bad", d.Show("s3cret")).Error(),
	} {
		if strings.Contains(text, "s3cret") || !strings.Contains(text, "rocommunity") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestShow(t *testing.T) {
	for _, name := range []string{"rocommunity", "RWCommunity6", "com2sec", "com2secunix", "createUser", "usmUser", "trapsess", "informsink",
		"proxy", "defAuthPassphrase", "rocommunuity", "trapcomunity"} {
		if got := (Directive{Name: name}).Show("x"); got != "(not shown)" {
			t.Errorf("%s: Show(x) = %s", name, got)
		}
	}
	for _, name := range []string{"view", "access", "disk", "extend", "pass", "agentAddress", "rouser", "sysLocation"} {
		if got := (Directive{Name: name}).Show("x\n"); got != `"x\n"` {
			t.Errorf("%s: Show = %s", name, got)
		}
	}
}

func TestErrorf(t *testing.T) {
	d := Directive{File: "/etc/snmp/snmpd.conf", Line: 12, Name: "disk", Rest: "/ 5%%"}
	cause := fmt.Errorf("bad number")
	e := d.Errorf("minimum %s: %w, expected a percentage", d.Show("5%%"), cause)
	if got, want := e.Error(), `/etc/snmp/snmpd.conf:12: disk: minimum "5%%": bad number, expected a percentage`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if e.Warning || e.Unwrap() != cause || !d.Warnf("x").Warning {
		t.Errorf("Warning or Err is wrong: %+v", e)
	}
}
