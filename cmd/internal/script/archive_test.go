package script

import (
	"fmt"
	"slices"
	"testing"
)

func TestParseArchive(t *testing.T) {
	tests := []struct {
		name string
		text string
		want string
	}{
		{"empty", "", `"" []`},
		{"commands only", "exec a\n# -- b --\n", `"exec a\n# -- b --\n" []`},
		{"files", "c\n-- a --\n1\n\n-- d/b.conf --\n", `"c\n" [{a 1

 2} {d/b.conf  5}]`},
		{"no newline at the end", "-- a --\nx", `"" [{a x
 1}]`},
		{"CRLF markers", "c\r\n-- a --\r\nx\r\n", `"c\r\n" [{a x` + "\r\n 2}]"},
		{"blanks at the marker", "--  a b  -- \t\n", `"" [{a b  1}]`},
		{"no markers", "-- --\n--a--\n -- a --\n-- a\n--  --\n", `"-- --\n--a--\n -- a --\n-- a\n--  --\n" []`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := parseArchive(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%q %v", a.commands, a.files); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzParseArchive: what is read and written is read again the same, and is then a fixed point.
func FuzzParseArchive(f *testing.F) {
	f.Add("exec a\n-- f --\nx\n-- g --")
	f.Add("--  a  --\r\n-- --\n-- -- --\n")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseArchive(text)
		if err != nil {
			return
		}
		b, err := parseArchive(a.format())
		if err != nil || a.commands != b.commands || !slices.EqualFunc(a.files, b.files, func(x, y file) bool { return x.name == y.name && x.data == y.data }) {
			t.Fatalf("%q: %+v became %+v, %v", text, a, b, err)
		}
		if a.format() != b.format() {
			t.Fatalf("%q: %q, then %q", text, a.format(), b.format())
		}
	})
}

func TestSplitLine(t *testing.T) {
	env := map[string]string{"A": "x y", "B_2": "", "RE": "a.b"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	tests := []struct {
		line string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" \t # all comment", nil, ""},
		{"a  b\tc\r", []string{"a", "b", "c"}, ""},
		{"a#b #c", []string{"a#b"}, ""},
		{"'a b' c'd e'f", []string{"a b", "cd ef"}, ""},
		{"'' a", []string{"", "a"}, ""},
		{"'it''s' ''''", []string{"it's", "'"}, ""},
		{"$A ${A}z '$A'", []string{"x y", "x yz", "$A"}, ""},
		{"$B_2 a$B_2", []string{"", "a"}, ""},
		{"$ a$ $1 $'b'", []string{"$", "a$", "$1", "$b"}, ""},
		{"${RE@R} ^${RE@R}$", []string{`a\.b`, `^a\.b$`}, ""},
		{`a\ b "c d"`, []string{`a\`, "b", `"c`, `d"`}, ""},
		{"'a", nil, "a single quote is not closed"},
		{"'a''", nil, "a single quote is not closed"},
		{"$C", nil, "variable C is not set"},
		{"${A", nil, "${ does not begin a variable, expected ${NAME} or ${NAME@R}; a literal ${ needs single quotes"},
	}
	for _, tt := range tests {
		got, err := splitLine(tt.line, lookup)
		if !slices.Equal(got, tt.want) {
			t.Errorf("splitLine(%s) = %q, want %q", tt.line, got, tt.want)
		}
		if (err != nil || tt.err != "") && fmt.Sprint(err) != tt.err {
			t.Errorf("splitLine(%s): error %v, want %s", tt.line, err, tt.err)
		}
	}
}

func TestExpand(t *testing.T) {
	lookup := func(name string) (string, bool) { return "<" + name + ">", name != "NOPE" }
	got, err := expand("a $B 'c $D' ${E}f $1 $", lookup)
	if want := "a <B> 'c <D>' <E>f $1 $"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := expand("$NOPE", lookup); err == nil {
		t.Error("a variable that is not set was expanded")
	}
}
