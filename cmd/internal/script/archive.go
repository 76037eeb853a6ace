package script

import (
	"fmt"
	"path/filepath"
	"strings"
)

// An archive is a script file taken apart, in the txtar manner: text, and files after it.
type archive struct {
	commands string
	files    []file
}

type file struct {
	name string
	data string
	line int // of its marker
}

// parseArchive splits a script at its marker lines. The data of a file always ends in a newline, if there is any.
func parseArchive(text string) (*archive, error) {
	a := new(archive)
	seen := map[string]int{}
	data := &a.commands
	line := 0
	for text != "" {
		l, rest, _ := strings.Cut(text, "\n")
		text = rest
		line++
		name, ok := marker(l)
		if !ok {
			*data += l + "\n"
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, &lineError{line, fmt.Errorf("file %s would not lie in the script's directory", name)}
		}
		if first := seen[name]; first != 0 {
			return nil, &lineError{line, fmt.Errorf("file %s was given in line %d already", name, first)}
		}
		seen[name] = line
		a.files = append(a.files, file{name: name, line: line})
		data = &a.files[len(a.files)-1].data
	}
	return a, nil
}

// marker returns the name in a line -- NAME --.
func marker(line string) (string, bool) {
	line = strings.TrimRight(line, " \t\r")
	if !strings.HasPrefix(line, "-- ") || !strings.HasSuffix(line, " --") || len(line) < len("-- x --") {
		return "", false
	}
	name := strings.TrimSpace(line[3 : len(line)-3])
	return name, name != ""
}

// format is the inverse of parseArchive.
func (a *archive) format() string {
	var b strings.Builder
	b.WriteString(a.commands)
	for _, f := range a.files {
		fmt.Fprintf(&b, "-- %s --\n%s", f.name, f.data)
	}
	return b.String()
}

// lineError is an error at a line of the script.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }
