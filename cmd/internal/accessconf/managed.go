package accessconf

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// What managers have put into the tables of access is kept in lines that snmpd has
// in its persistent file too, and reads:
//
//	vacmGroup STATUS STORAGE MODEL SECNAME GROUP
//	vacmAccess STATUS STORAGE MODEL LEVEL MATCH GROUP CONTEXT READ WRITE NOTIFY
//	vacmView STATUS STORAGE TYPE VIEW OID MASK
//
// The numbers are those of the MIB (RFC 3415 §4). Names and masks are octets in
// hexadecimal digits behind 0x, names in quotes too; those of the first two are
// written with a NUL at the end that is not part of them.
const (
	groupLine  = "vacmGroup"
	accessLine = "vacmAccess"
	viewLine   = "vacmView"
)

// ManagedDirectives are the names of the lines that stand for rows of managers.
var ManagedDirectives = []string{groupLine, accessLine, viewLine}

// IsManaged reports whether a directive stands for a row of managers.
func IsManaged(d snmpdconf.Directive) bool {
	return d.Is(groupLine) || d.Is(accessLine) || d.Is(viewLine)
}

// Managed returns the rows of managers, for vacm.Policy.Restore, as far as no other
// line is about the same. Statements does not have them.
func (r *Rules) Managed() (list []vacm.Statement) {
	for _, e := range r.entries {
		if isManaged(e.Statement) {
			list = append(list, e.Statement)
		}
	}
	return list
}

// rowOf returns what the rows of all tables have in common; nil is for what is no
// such row.
func rowOf(s vacm.Statement) *vacm.Row {
	switch s := s.(type) {
	case vacm.SecurityToGroup:
		return &s.Row
	case vacm.Access:
		return &s.Row
	case vacm.ViewTreeFamily:
		return &s.Row
	}
	return nil
}

func isManaged(s vacm.Statement) bool {
	row := rowOf(s)
	return row != nil && row.Storage != 0 && row.Storage != mib.ReadOnly
}

// FormatManaged returns the directive and the arguments of the line that stands for a
// row that vacm.Policy.Kept has returned, and a key that no other row of its table has.
func FormatManaged(s vacm.Statement) (directive, key, arguments string) {
	switch s := s.(type) {
	case vacm.SecurityToGroup:
		return groupLine, keyOf(s), fmt.Sprintf("%d %d %d %s %s", s.Status, s.Storage, s.Model, terminated(s.SecurityName), terminated(s.GroupName))
	case vacm.Access:
		return accessLine, keyOf(s), fmt.Sprintf("%d %d %d %d %d %s %s %s %s %s", s.Status, s.Storage, s.Model, s.Level+1, s.ContextMatch,
			terminated(s.GroupName), terminated(s.ContextPrefix), terminated(s.ReadViewName), terminated(s.WriteViewName), terminated(s.NotifyViewName))
	case vacm.ViewTreeFamily:
		return viewLine, keyOf(s), fmt.Sprintf("%d %d %d %s .%v 0x%x", s.Status, s.Storage, s.Type, quoted(s.ViewName), s.Subtree, s.Mask)
	}
	panic(fmt.Sprintf("accessconf: a %T is no row that is kept", s))
}

// keyOf returns what tells a row from others of its table.
func keyOf(s vacm.Statement) string {
	switch s := s.(type) {
	case vacm.SecurityToGroup:
		return fmt.Sprintf("%d %x", s.Model, s.SecurityName)
	case vacm.Access:
		return fmt.Sprintf("%x %x %d %d", s.GroupName, s.ContextPrefix, s.Model, s.Level)
	case vacm.ViewTreeFamily:
		return fmt.Sprintf("%x %v", s.ViewName, s.Subtree)
	}
	return ""
}

// terminated writes a name as snmpd does.
func terminated(name string) string { return "0x" + hex.EncodeToString([]byte(name+"\x00")) }

func quoted(name string) string {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "0x" + hex.EncodeToString([]byte(name))
		}
	}
	return strconv.Quote(name)
}

// ManagedKey returns the key that FormatManaged has for the row that a line stands for,
// and false if it stands for none.
func ManagedKey(d snmpdconf.Directive) (key string, ok bool) {
	s, err := parseManaged(d)
	return keyOf(s), err == nil
}

// managed adds the row of a line.
func managed(_ context.Context, r *Rules, d snmpdconf.Directive) error {
	s, err := parseManaged(d)
	if err == nil {
		err = r.add(d, s)
	}
	if err != nil && d.Is(viewLine) {
		// What was to be hidden is not to be shown.
		line := managedLine{words: d.Words(), d: d}
		if name := line.octets(3); name != "" && line.number(2, 0, 9) != int32(vacm.Included) {
			r.breakView(name, d)
		}
	}
	return err
}

func parseManaged(d snmpdconf.Directive) (s vacm.Statement, err error) {
	line := managedLine{words: d.Words(), d: d}
	row := vacm.Row{
		Status:  mib.RowStatus(line.number(0, int32(mib.Active), int32(mib.NotReady))),
		Storage: mib.StorageType(line.number(1, int32(mib.NonVolatile), int32(mib.Permanent))),
		Origin:  place(d),
	}
	switch {
	case d.Is(groupLine):
		s = vacm.SecurityToGroup{
			Model: pdu.SecurityModel(line.number(2, 1, math.MaxInt32)), SecurityName: line.name(3), GroupName: line.name(4), Row: row,
		}
	case d.Is(accessLine):
		s = vacm.Access{
			Model: pdu.SecurityModel(line.number(2, 0, math.MaxInt32)), Level: pdu.SecurityLevel(line.number(3, 1, 3) - 1),
			ContextMatch: vacm.ContextMatch(line.number(4, int32(vacm.Exact), int32(vacm.Prefix))),
			GroupName:    line.name(5), ContextPrefix: line.name(6),
			ReadViewName: line.name(7), WriteViewName: line.name(8), NotifyViewName: line.name(9), Row: row,
		}
	default:
		s = vacm.ViewTreeFamily{
			Type: vacm.FamilyType(line.number(2, int32(vacm.Included), int32(vacm.Excluded))), ViewName: line.octets(3),
			Subtree: line.oid(4), Mask: line.octets(5), Row: row,
		}
	}
	return s, line.err
}

// A managedLine is read word by word; the first error sticks.
type managedLine struct {
	d     snmpdconf.Directive
	words []string
	err   error
}

func (l *managedLine) fail(n int, what string) {
	if l.err == nil {
		l.err = fmt.Errorf("word %d is not %s; %s", n+1, what, noAccess)
	}
}

func (l *managedLine) word(n int) string {
	if n >= len(l.words) {
		l.fail(n, "there")
		return ""
	}
	return l.words[n]
}

func (l *managedLine) number(n int, least, most int32) int32 {
	v, err := strconv.ParseInt(l.word(n), 10, 32)
	if err != nil || int32(v) < least || int32(v) > most {
		l.fail(n, fmt.Sprintf("a number from %d to %d", least, most))
	}
	return int32(v)
}

// octets returns a word in quotes as it is, or else the octets that it has in
// hexadecimal digits behind 0x.
func (l *managedLine) octets(n int) string {
	word := l.word(n)
	digits, ok := strings.CutPrefix(word, "0x")
	if !ok || strings.HasPrefix(l.d.Tail(n), `"`) {
		return word
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		l.fail(n, "octets in hexadecimal digits, two for each")
	}
	return string(b)
}

// name returns octets without the NUL that snmpd writes behind them.
func (l *managedLine) name(n int) string {
	name := l.octets(n)
	if strings.HasPrefix(l.d.Tail(n), `"`) {
		return name
	}
	return strings.TrimSuffix(name, "\x00")
}

func (l *managedLine) oid(n int) ber.OID {
	o, err := ber.ParseOID(l.word(n))
	if err != nil {
		l.fail(n, "an OID")
	}
	return o
}
