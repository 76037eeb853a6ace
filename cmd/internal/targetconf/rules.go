package targetconf

import (
	"errors"
	"fmt"

	"snmpstack/agent/notify"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
)

// Rules are what the directives about who is told come to. The zero Rules tell nobody.
type Rules struct {
	entries []entry
	byKey   map[string]int // in entries
}

// An entry is a row with the line that it comes from.
type entry struct {
	notify.Statement
	line    snmpdconf.Directive
	managed bool // a manager has made it
}

// noEffect is what becomes of a line that is wrong.
const noEffect = "the line has no effect"

// RowOf returns what the rows of a line that is not a manager's have in common: managers
// cannot change them, and their Origin is the line.
func RowOf(d snmpdconf.Directive) notify.Row {
	return notify.Row{Storage: mib.ReadOnly, Origin: place(d)}
}

// Add adds the rows that a line stands for, all of them or none. They have RowOf.
func (r *Rules) Add(d snmpdconf.Directive, rows ...notify.Statement) error {
	for _, row := range rows {
		if _, err := notify.New(row); err != nil {
			return fmt.Errorf("%w; %s", errors.Unwrap(err), noEffect)
		}
		if former, ok := r.about(row); ok {
			return fmt.Errorf("%s is about the same row, which counts; %s", place(former), noEffect)
		}
	}
	for _, row := range rows {
		r.put(entry{Statement: row, line: d})
	}
	return nil
}

// addManaged adds a row that a manager has made. It counts where no other file is about
// it.
func (r *Rules) addManaged(d snmpdconf.Directive, row notify.Statement) error {
	// What Restore will say of it.
	if targets, err := notify.New(); err != nil || targets.Restore(row) != nil {
		return errors.New("it is no row that a manager could have made; " + noEffect)
	}
	if former, ok := r.about(row); ok {
		return d.Warnf("%s is about the same row, which counts; %s", place(former), noEffect)
	}
	r.put(entry{row, d, true})
	return nil
}

// about returns the line of another file than the persistent one that is about a row.
func (r *Rules) about(row notify.Statement) (snmpdconf.Directive, bool) {
	i, ok := r.byKey[keyOf(row)]
	if !ok || r.entries[i].managed {
		return snmpdconf.Directive{}, false
	}
	return r.entries[i].line, true
}

// put adds an entry, or puts it in the place of the one about the same row.
func (r *Rules) put(e entry) {
	key := keyOf(e.Statement)
	if i, ok := r.byKey[key]; ok {
		r.entries[i] = e
		return
	}
	if r.byKey == nil {
		r.byKey = make(map[string]int)
	}
	r.byKey[key] = len(r.entries)
	r.entries = append(r.entries, e)
}

// Statements returns the rows for notify.New, without those of managers.
func (r *Rules) Statements() (list []notify.Statement) {
	for _, e := range r.entries {
		if !e.managed {
			list = append(list, e.Statement)
		}
	}
	return list
}

// Managed returns the rows of managers, for notify.Targets.Restore.
func (r *Rules) Managed() (list []notify.Statement) {
	for _, e := range r.entries {
		if e.managed {
			list = append(list, e.Statement)
		}
	}
	return list
}

func place(d snmpdconf.Directive) string { return fmt.Sprintf("%s:%d", d.File, d.Line) }

// keyOf returns what tells a row from others, of all tables.
func keyOf(s notify.Statement) string {
	switch s := s.(type) {
	case notify.TargetAddr:
		return targetAddr + " " + s.Name
	case notify.TargetParams:
		return targetParams + " " + s.Name
	case notify.Notify:
		return notifyTable + " " + s.Name
	case notify.FilterProfile:
		return filterProfileTable + " " + s.Params
	case notify.Filter:
		return filterTable + " " + filterIndex(&s)
	}
	panic(fmt.Sprintf("targetconf: a %T is no row", s))
}
