package notify

import (
	"fmt"

	"snmpstack/agent/internal/keep"
)

// kinds are the rows that AppendRows appends. The numbers are in files.
var kinds = []keep.Kind[Statement]{
	keep.NewKind[Statement](1, (*TargetAddr).fields),
	keep.NewKind[Statement](2, (*TargetParams).fields),
	keep.NewKind[Statement](3, (*Notify).fields),
	keep.NewKind[Statement](4, (*FilterProfile).fields),
	keep.NewKind[Statement](5, (*Filter).fields),
}

// AppendRows appends rows that Kept has returned to b, for a file: all that they say, in
// a form that ParseRows reads. A row of another type is an error, and so is one with a
// Community or a User, which managers have none of: b is returned as it was.
func AppendRows(b []byte, rows ...Statement) ([]byte, error) {
	for _, s := range rows {
		if r, ok := s.(TargetParams); ok && (r.Community != "" || r.User != nil) {
			return b, fmt.Errorf("notify: a %T cannot be kept: %w", s, keep.ErrNotKept)
		}
	}
	b, err := keep.AppendStatements(b, kinds, rows)
	if err != nil {
		return b, fmt.Errorf("notify: %w", err)
	}
	return b, nil
}

// ParseRows returns the rows that AppendRows has appended to an empty slice, for Restore,
// which checks them. An error says that it is something else, or was cut off.
func ParseRows(b []byte) ([]Statement, error) {
	rows, err := keep.ParseStatements(b, kinds)
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return rows, nil
}

func (r *TargetAddr) fields(x *keep.Fields) {
	keep.String(x, &r.Name)
	keep.String(x, &r.Address)
	x.OID(&r.TDomain)
	keep.String(x, &r.TAddress)
	keep.Int(x, &r.Timeout)
	keep.Int(x, &r.RetryCount)
	keep.String(x, &r.TagList)
	keep.String(x, &r.Params)
	keep.String(x, &r.TMask)
	keep.Int(x, &r.MMS)
	r.Row.fields(x)
}

func (r *TargetParams) fields(x *keep.Fields) {
	keep.String(x, &r.Name)
	keep.Int(x, &r.MPModel)
	keep.Int(x, &r.SecurityModel)
	keep.String(x, &r.SecurityName)
	keep.Int(x, &r.SecurityLevel)
	r.Row.fields(x)
}

func (r *Notify) fields(x *keep.Fields) {
	keep.String(x, &r.Name)
	keep.String(x, &r.Tag)
	keep.Int(x, &r.Type)
	r.Row.fields(x)
}

func (r *FilterProfile) fields(x *keep.Fields) {
	keep.String(x, &r.Params)
	keep.String(x, &r.ProfileName)
	r.Row.fields(x)
}

func (r *Filter) fields(x *keep.Fields) {
	keep.String(x, &r.ProfileName)
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
