package vacm

import (
	"fmt"

	"snmpstack/agent/internal/keep"
)

// kinds are the rows that AppendRows appends. The numbers are in files.
var kinds = []keep.Kind[Statement]{
	keep.NewKind[Statement](1, (*SecurityToGroup).fields),
	keep.NewKind[Statement](2, (*Access).fields),
	keep.NewKind[Statement](3, (*ViewTreeFamily).fields),
}

// AppendRows appends rows that Kept has returned to b, for a file: all that they say, in
// a form that ParseRows reads. A row of another type is an error, and b is returned as it
// was.
func AppendRows(b []byte, rows ...Statement) ([]byte, error) {
	b, err := keep.AppendStatements(b, kinds, rows)
	if err != nil {
		return b, fmt.Errorf("vacm: %w", err)
	}
	return b, nil
}

// ParseRows returns the rows that AppendRows has appended to an empty slice, for Restore,
// which checks them. An error says that it is something else, or was cut off.
func ParseRows(b []byte) ([]Statement, error) {
	rows, err := keep.ParseStatements(b, kinds)
	if err != nil {
		return nil, fmt.Errorf("vacm: %w", err)
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
