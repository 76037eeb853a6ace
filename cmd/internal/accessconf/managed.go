package accessconf

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"

	"snmpstack/agent/vacm"
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
		if e.managed {
			list = append(list, e.Statement)
		}
	}
	return list
}

// FormatManaged returns the directive and the arguments of the line that stands for a
// row that vacm.Policy.Kept has returned, and a key that no other row of its table has.
func FormatManaged(s vacm.Statement) (directive, key, arguments string) {
	switch s := s.(type) {
	case vacm.SecurityToGroup:
		return groupLine, keyOf(s), fmt.Sprintf("%d %d %d %s %s", s.Status, s.Storage, s.Model, terminated(s.SecurityName), terminated(s.GroupName))
	case vacm.Access:
		return accessLine, keyOf(s), fmt.Sprintf("%d %d %d %d %d %s %s %s %s %s", s.Status, s.Storage, s.Model, snmpdconf.LevelNumber(s.Level), s.ContextMatch,
			terminated(s.GroupName), terminated(s.ContextPrefix), terminated(s.ReadViewName), terminated(s.WriteViewName), terminated(s.NotifyViewName))
	case vacm.ViewTreeFamily:
		return viewLine, keyOf(s), fmt.Sprintf("%d %d %d %s .%v 0x%x", s.Status, s.Storage, s.Type, snmpdconf.QuoteOctets(s.ViewName), s.Subtree, s.Mask)
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
	if err == nil {
		r.entries[len(r.entries)-1].managed = true
		return nil
	}
	if d.Is(viewLine) {
		// What was to be hidden is not to be shown.
		line := snmpdconf.NewFields(d)
		if name := line.Octets(3); name != "" && line.Number(2, 0, 9) != int32(vacm.Included) {
			r.breakView(name, d)
		}
	}
	return err
}

func parseManaged(d snmpdconf.Directive) (s vacm.Statement, err error) {
	line := snmpdconf.NewFields(d)
	row := vacm.Row{
		Status:  mib.RowStatus(line.Number(0, int32(mib.Active), int32(mib.NotReady))),
		Storage: mib.StorageType(line.Number(1, int32(mib.NonVolatile), int32(mib.Permanent))),
		Origin:  place(d),
	}
	switch {
	case d.Is(groupLine):
		s = vacm.SecurityToGroup{
			Model: pdu.SecurityModel(line.Number(2, 1, math.MaxInt32)), SecurityName: line.Name(3), GroupName: line.Name(4), Row: row,
		}
	case d.Is(accessLine):
		s = vacm.Access{
			Model: pdu.SecurityModel(line.Number(2, 0, math.MaxInt32)), Level: line.Level(3),
			ContextMatch: vacm.ContextMatch(line.Number(4, int32(vacm.Exact), int32(vacm.Prefix))),
			GroupName:    line.Name(5), ContextPrefix: line.Name(6),
			ReadViewName: line.Name(7), WriteViewName: line.Name(8), NotifyViewName: line.Name(9), Row: row,
		}
	default:
		s = vacm.ViewTreeFamily{
			Type: vacm.FamilyType(line.Number(2, int32(vacm.Included), int32(vacm.Excluded))), ViewName: line.Octets(3),
			Subtree: line.OID(4), Mask: line.Octets(5), Row: row,
		}
	}
	if err := line.Err(); err != nil {
		return s, fmt.Errorf("%w; %s", err, noAccess)
	}
	return s, nil
}
