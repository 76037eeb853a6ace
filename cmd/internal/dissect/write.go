package dissect

import (
	"bufio"
	"fmt"
	"io"
)

// perLine is how many octets a line shows.
const perLine = 16

// maxIndent is where the indentation stops to grow.
const maxIndent = 12

// Write writes the fields in lines of offset, octets and meaning, and under each
// field the problems it has. Offsets are hexadecimal.
func (f *Fields) Write(out io.Writer) error {
	w := bufio.NewWriter(out)
	for i := range f.List {
		f.writeField(w, &f.List[i])
	}
	return w.Flush()
}

func (f *Fields) writeField(w *bufio.Writer, field *Field) {
	end := field.End()
	if field.Parent {
		end = field.Offset + field.Header
	}
	for at := field.Offset; at < end || at == field.Offset; at += perLine {
		line := make([]byte, 0, 3*perLine)
		for i := at; i < min(at+perLine, end); i++ {
			if field.hides(i) {
				line = append(line, "** "...)
			} else {
				line = fmt.Appendf(line, "%02X ", f.data[i])
			}
		}
		if at > field.Offset {
			fmt.Fprintf(w, "%04X  %s\n", at, line[:len(line)-1])
			continue
		}
		fmt.Fprintf(w, "%04X  %-*s %*s%s\n", at, 3*perLine, line, 2*min(field.Depth, maxIndent), "", field.meaning())
	}
	for _, p := range field.Problems {
		fmt.Fprintf(w, "^     %04X %v: %s (%s)\n", p.Offset, p.Severity, p.Text, p.Clause)
	}
}

// hides reports whether the octet at offset i is not to be shown.
func (f *Field) hides(i int) bool {
	if i >= f.Offset+f.Header {
		return f.Secret
	}
	return f.SecretLength && i >= f.Offset+2
}

// meaning returns name, type and value in one line.
func (f *Field) meaning() string {
	s := f.Name
	if s == "" {
		s = "?"
	}
	s += " " + f.Type
	switch {
	case f.Secret:
		s += ", " + octets(f.Length) + ", not shown"
	case f.Text == "":
	case f.Parent:
		s += ", " + f.Text
	default:
		s += " " + f.Text
	}
	return s
}
