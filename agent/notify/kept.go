package notify

import (
	"fmt"

	"snmpstack/agent/internal/keep"
)

// The kinds of rows in what AppendRows makes.
const (
	keptTargetAddr    = 1
	keptTargetParams  = 2
	keptNotify        = 3
	keptFilterProfile = 4
	keptFilter        = 5
)

// AppendRows appends rows that Kept has returned to b, for a file: all that they say, in
// a form that ParseRows reads. A row of another type is an error, and so is one with a
// Community or a User, which managers have none of: b is returned as it was.
func AppendRows(b []byte, rows ...Statement) ([]byte, error) {
	list := make([]keep.Row, len(rows))
	for i, s := range rows {
		err := errNotKept
		switch r := s.(type) {
		case TargetAddr:
			list[i], err = keep.Row{Kind: keptTargetAddr, Fields: r.fields}, nil
		case TargetParams:
			if r.Community == "" && r.User == nil {
				list[i], err = keep.Row{Kind: keptTargetParams, Fields: r.fields}, nil
			}
		case Notify:
			list[i], err = keep.Row{Kind: keptNotify, Fields: r.fields}, nil
		case FilterProfile:
			list[i], err = keep.Row{Kind: keptFilterProfile, Fields: r.fields}, nil
		case Filter:
			list[i], err = keep.Row{Kind: keptFilter, Fields: r.fields}, nil
		}
		if err != nil {
			return b, fmt.Errorf("notify: a %T cannot be kept: %w", s, err)
		}
	}
	return keep.Append(b, list...), nil
}

// ParseRows returns the rows that AppendRows has appended to an empty slice, for Restore,
// which checks them. An error says that it is something else, or was cut off.
func ParseRows(b []byte) (rows []Statement, err error) {
	err = keep.Parse(b, func(kind int, x *keep.Fields) error {
		switch kind {
		case keptTargetAddr:
			var r TargetAddr
			r.fields(x)
			rows = append(rows, r)
		case keptTargetParams:
			var r TargetParams
			r.fields(x)
			rows = append(rows, r)
		case keptNotify:
			var r Notify
			r.fields(x)
			rows = append(rows, r)
		case keptFilterProfile:
			var r FilterProfile
			r.fields(x)
			rows = append(rows, r)
		case keptFilter:
			var r Filter
			r.fields(x)
			rows = append(rows, r)
		default:
			return errNotKept
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("notify: rows cannot be read: %w", err)
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
