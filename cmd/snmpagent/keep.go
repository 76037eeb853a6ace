package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// update returns what becomes of the file's text, and of known.
func (k *keeper) update(text []byte) (after []byte, known map[string]map[string]string, err error) {
	directives, _ := snmpdconf.Parse(bytes.NewReader(text), k.path)
	known = make(map[string]map[string]string)
	change := lineChange{instead: make(map[int]newLine)}
	for i := range k.tables {
		table := &k.tables[i]
		if known[table.directive], err = k.updateTable(table, directives, &change); err != nil {
			return nil, nil, err
		}
	}
	after, err = change.apply(text)
	return after, known, err
}

// updateTable returns the arguments of a table's rows by key, and says how their lines
// change. A row's line takes the place of the one that stood for it, or comes at the end;
// the line of a row that is gone goes. Where the row has not changed, whatever an operator
// has done to its line stays for the next SIGHUP: he may have deleted it.
func (k *keeper) updateTable(table *keptTable, directives []snmpdconf.Directive, change *lineChange) (map[string]string, error) {
	list, err := table.rows()
	if err != nil {
		return nil, err
	}
	rows, was := byKey(list), k.known[table.directive]
	if size := table.size(rows); table.room > 0 && size > table.room && size > table.size(was) {
		return nil, fmt.Errorf("%s: its lines would be longer than %d MiB together", table.directive, table.room>>20)
	}
	changed := func(key string) bool {
		former, known := was[key]
		return !known || former != rows[key]
	}
	at := make(map[string]snmpdconf.Directive) // the line of a row that is kept
	for _, d := range directives {
		key, ok := table.keyOf(d)
		if !ok {
			continue
		}
		if other, twice := at[key]; twice { // the last one counts
			change.instead[other.Line] = newLine{instead: other}
		}
		arguments, kept := rows[key]
		_, known := was[key]
		switch {
		case kept:
			at[key] = d
			if changed(key) {
				change.instead[d.Line] = newLine{d, table.directive + " " + arguments}
			}
		case known:
			change.instead[d.Line] = newLine{instead: d}
		}
	}
	for _, row := range list {
		if at[row.key].Line == 0 && changed(row.key) {
			change.added = append(change.added, table.directive+" "+row.arguments)
		}
	}
	return rows, nil
}

// byKey returns the arguments of rows by their key.
func byKey(rows []keptRow) map[string]string {
	arguments := make(map[string]string, len(rows))
	for _, row := range rows {
		arguments[row.key] = row.arguments
	}
	return arguments
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
		k.learn(table.directive, byKey(rows))
	}
	return nil
}

// persistentFile is the file in the state directory that is read like a
// configuration file, in which the agent replaces passwords by keys, and into which
// it writes what managers have made.
const persistentFile = agentconf.Persistent
