package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"snmpstack/cmd/internal/snmpdconf"
)

// fileHead is what the persistent file begins with where the agent has made it.
const fileHead = `# Written by snmpagent: what managers make and change over SNMP. Other lines stay as they are.
# SIGHUP reads it again. Of vacm..., target... and snmpNotify... lines it finds out then which
# were deleted, and no more: where one was changed or added, start the agent again.
`

// A lineChange is how the lines of the persistent file change.
type lineChange struct {
	instead map[int]newLine // by the number of the line, from 1
	added   []string        // at the end
}

// A newLine is what comes instead of a line that a directive stands in: nothing if
// text is empty.
type newLine struct {
	instead snmpdconf.Directive
	text    string
}

// apply returns a text with the change made. It is an error if the lines are not what they
// were when the directives were read.
func (c *lineChange) apply(text []byte) ([]byte, error) {
	after, err := replaceLines(text, c.instead)
	if err != nil || len(c.added) == 0 {
		return after, err
	}
	if len(after) == 0 {
		after = append(after, fileHead...)
	}
	if after[len(after)-1] != '\n' {
		after = append(after, '\n')
	}
	section := ""
	if bytes.Contains(after, []byte("[")) { // which may not be this one at the end
		section = "[" + snmpdconf.SectionAgent + "] "
	}
	for _, line := range c.added {
		after = append(after, section+line+"\n"...)
	}
	return after, nil
}

// replaceLines replaces lines of a text by their number, from 1. It is an error if
// one of them is not what it was when the directives were read.
func replaceLines(text []byte, lines map[int]newLine) ([]byte, error) {
	var out bytes.Buffer
	n, replaced := 0, 0
	for line := range strings.Lines(string(text)) {
		n++
		new, ok := lines[n]
		switch {
		case !ok:
			out.WriteString(line)
			continue
		case !strings.Contains(line, new.instead.Name) || !strings.Contains(line, new.instead.Rest):
			return nil, new.instead.Errorf("the file was changed while it was read")
		case new.text == "":
		case strings.HasPrefix(strings.TrimSpace(line), "["): // a section for this line alone
			fmt.Fprintf(&out, "[%s] %s\n", snmpdconf.SectionAgent, new.text)
		default:
			fmt.Fprintln(&out, new.text)
		}
		replaced++
	}
	if replaced < len(lines) {
		return nil, errors.New("the persistent file was changed while it was read")
	}
	return out.Bytes(), nil
}
