package vacm

import (
	"fmt"

	"snmpstack/agent/internal/keep"
)

// The kinds of rows in what AppendRows makes.
const (
	keptSecurityToGroup = 1
	keptAccess          = 2
	keptViewTreeFamily  = 3
)

// AppendRows appends rows that Kept has returned to b, for a file: all that they say, in
// a form that ParseRows reads. A row of another type is an error, and b is returned as it
// was.
func AppendRows(b []byte, rows ...Statement) ([]byte, error) {
	list := make([]keep.Row, len(rows))
	for i, s := range rows {
		switch r := s.(type) {
		case SecurityToGroup:
			list[i] = keep.Row{Kind: keptSecurityToGroup, Fields: r.fields}
		case Access:
			list[i] = keep.Row{Kind: keptAccess, Fields: r.fields}
		case ViewTreeFamily:
			list[i] = keep.Row{Kind: keptViewTreeFamily, Fields: r.fields}
		default:
			return b, fmt.Errorf("vacm: a %T cannot be kept: %w", s, errNotKept)
		}
	}
	return keep.Append(b, list...), nil
}

// ParseRows returns the rows that AppendRows has appended to an empty slice, for Restore,
// which checks them. An error says that it is something else, or was cut off.
func ParseRows(b []byte) (rows []Statement, err error) {
	err = keep.Parse(b, func(kind int, x *keep.Fields) error {
		switch kind {
		case keptSecurityToGroup:
			var r SecurityToGroup
			r.fields(x)
			rows = append(rows, r)
		case keptAccess:
			var r Access
			r.fields(x)
			rows = append(rows, r)
		case keptViewTreeFamily:
			var r ViewTreeFamily
			r.fields(x)
			rows = append(rows, r)
		default:
			return errNotKept
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("vacm: rows cannot be read: %w", err)
	}
	return rows, nil
}

func (r *SecurityToGroup) fields(x *keep.Fields) {
	keep.Int(x, &r.Model)
	keep.String(x, &r.SecurityName)
	keep.String(x, &r.GroupName)
	r.Row.fields(x)
}

func (r *Access) fields(x *keep.Fields) {
	keep.String(x, &r.GroupName)
	keep.String(x, &r.ContextPrefix)
	keep.Int(x, &r.ContextMatch)
	keep.Int(x, &r.Model)
	keep.Int(x, &r.Level)
	keep.String(x, &r.ReadViewName)
	keep.String(x, &r.WriteViewName)
	keep.String(x, &r.NotifyViewName)
	r.Row.fields(x)
}

func (r *ViewTreeFamily) fields(x *keep.Fields) {
	keep.String(x, &r.ViewName)
	x.OID(&r.Subtree)
	keep.String(x, &r.Mask)
	keep.Int(x, &r.Type)
	r.Row.fields(x)
}

func (r *Row) fields(x *keep.Fields) {
	keep.Int(x, &r.Storage)
	keep.Int(x, &r.Status)
	keep.String(x, &r.Origin)
}
