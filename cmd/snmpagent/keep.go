package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"snmpstack/agent"
	"snmpstack/cmd/internal/agentconf"
	"snmpstack/cmd/internal/snmpdconf"
)

// A keeper writes what managers have set into the persistent file, as lines that are
// read like any other the next time. Lines that stand for no row of its tables stay
// as they are, and so does the line of a row that has not changed: the file is an
// operator's too.
type keeper struct {
	state  *agent.State
	path   string
	tables []keptTable

	// mu is held while the file is read or written, and while a configuration is taken
	// over: a SET that has changed a row meanwhile is kept after that.
	mu sync.Mutex
	// known has, by directive and by key, the arguments of the lines that the agent goes
	// by, as it has read or written them last. One that stands in the file otherwise is
	// an operator's doing.
	known map[string]map[string]string
}

// A keptTable is a table whose rows survive a restart. To keep another one is to add
// one of these.
type keptTable struct {
	directive string // that its lines begin with, as snmpd has it
	// key returns which row a line stands for, and false if it is none of this agent's.
	key func(snmpdconf.Directive) (key string, ok bool)
	// rows returns what is to be kept now. The caller holds the keeper's mu.
	rows func() ([]keptRow, error)
	// room is how many octets its lines may grow to, so that who may write this table
	// alone leaves some of the file to others. 0 is all there is.
	room int
}

// A keptRow is a row that survives a restart.
type keptRow struct {
	key       string // what tells it from other rows of its table
	arguments string // of its line
}

// keep writes the rows that are to be kept. It is called before a SET is answered.
func (k *keeper) keep() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := os.ReadFile(k.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", persistentFile, err)
	}
	after, known, err := k.update(text)
	if err != nil {
		return err
	}
	if len(after) > snmpdconf.MaxFile && len(after) > len(text) { // the agent could not start with it
		return fmt.Errorf("%s would be longer than %d MiB, and not be read", persistentFile, snmpdconf.MaxFile>>20)
	}
	if !bytes.Equal(after, text) {
		if err := k.state.WriteFile(persistentFile, after); err != nil {
			return err
		}
	}
	k.known = known
	return nil
}

// update returns what becomes of the file's text. A row's line takes the place of the
// one that stood for it, or comes at the end; the line of a row that is gone goes. One
// that an operator has deleted does not come back, unless its row has changed since.
func (k *keeper) update(text []byte) (after []byte, known map[string]map[string]string, err error) {
	directives, _ := snmpdconf.Parse(bytes.NewReader(text), k.path)
	lines := make(map[int]newLine)
	known = make(map[string]map[string]string)
	var added []string
	for _, table := range k.tables {
		rows := make(map[string]string)
		order, err := table.rows()
		if err != nil {
			return nil, nil, err
		}
		for _, row := range order {
			rows[row.key] = row.arguments
		}
		known[table.directive] = rows
		was := k.known[table.directive]
		if size := table.size(rows); table.room > 0 && size > table.room && size > table.size(was) {
			return nil, nil, fmt.Errorf("%s: its lines would be longer than %d MiB together", table.directive, table.room>>20)
		}
		at := make(map[string]snmpdconf.Directive) // the line of a row that is kept
		for _, d := range directives {
			key, ok := table.keyOf(d)
			if !ok {
				continue
			}
			former, known := was[key]
			arguments, kept := rows[key]
			if other, twice := at[key]; twice { // the last one counts
				lines[other.Line] = newLine{instead: other}
			}
			switch {
			case kept:
				at[key] = d
				if !known || former != arguments { // else the line may be an operator's, for the next SIGHUP
					lines[d.Line] = newLine{d, table.directive + " " + arguments}
				}
			case known:
				lines[d.Line] = newLine{instead: d}
			}
		}
		for _, row := range order {
			former, known := was[row.key]
			if at[row.key].Line == 0 && (!known || former != row.arguments) { // else an operator has deleted it, for the next SIGHUP
				added = append(added, table.directive+" "+row.arguments)
			}
		}
	}
	if after, err = replaceLines(text, lines); err != nil || len(added) == 0 {
		return after, known, err
	}
	if len(after) > 0 && after[len(after)-1] != '\n' {
		after = append(after, '\n')
	}
	section := ""
	if bytes.Contains(after, []byte("[")) { // which may not be this one at the end
		section = "[" + snmpdconf.SectionAgent + "] "
	}
	for _, line := range added {
		after = append(after, section+line+"\n"...)
	}
	return after, known, nil
}

// size returns how many octets the lines with some arguments take.
func (t *keptTable) size(lines map[string]string) (octets int) {
	for _, arguments := range lines {
		octets += len(t.directive) + len(" ") + len(arguments) + len("\n")
	}
	return octets
}

// keyOf returns the key of the row that a line of the persistent file stands for.
func (t *keptTable) keyOf(d snmpdconf.Directive) (string, bool) {
	if !d.Is(t.directive) || d.Section != snmpdconf.SectionAgent {
		return "", false
	}
	return t.key(d)
}

// deleted returns the rows, by directive and by key, that the agent goes by and that an
// operator has deleted the lines of.
func (k *keeper) deleted() (map[string]map[string]bool, error) {
	text, err := os.ReadFile(k.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	directives, _ := snmpdconf.Parse(bytes.NewReader(text), k.path)
	deleted := make(map[string]map[string]bool)
	for _, table := range k.tables {
		keys := make(map[string]bool)
		for key := range k.known[table.directive] {
			keys[key] = true
		}
		for _, d := range directives {
			if key, ok := table.keyOf(d); ok {
				delete(keys, key)
			}
		}
		deleted[table.directive] = keys
	}
	return deleted, nil
}

// learn makes lines, by key, those of a table that the agent goes by from now on, and
// returns those that it went by so far. The caller holds k.mu, since before the lines
// were read.
func (k *keeper) learn(directive string, lines map[string]string) (former map[string]string) {
	former = k.known[directive]
	if k.known == nil {
		k.known = make(map[string]map[string]string)
	}
	k.known[directive] = lines
	return former
}

// learnRows makes the lines of the rows that tables have now those that the agent goes
// by.
func (k *keeper) learnRows(tables []keptTable) error {
	for _, table := range tables {
		rows, err := table.rows()
		if err != nil {
			return err
		}
		lines := make(map[string]string)
		for _, row := range rows {
			lines[row.key] = row.arguments
		}
		k.learn(table.directive, lines)
	}
	return nil
}

// A newLine is what comes instead of a line that a directive stands in: nothing if
// text is empty.
type newLine struct {
	instead snmpdconf.Directive
	text    string
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

// persistentFile is the file in the state directory that is read like a
// configuration file, in which the agent replaces passwords by keys, and into which
// it writes what managers have made.
const persistentFile = agentconf.Persistent
