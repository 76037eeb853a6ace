package keep

import (
	"errors"
	"fmt"
)

// ErrNotKept is the error of what is no row of a manager's.
var ErrNotKept = errors.New("it is not a row that Kept returns")

// A Kind is a type of rows in a list of statements, each an S.
type Kind[S any] struct {
	number int
	write  func(S) (fields func(*Fields), ok bool)
	read   func(*Fields) S
}

// NewKind returns the kind of the rows that are an R. number tells them from those of
// other kinds, in files too: it stays.
func NewKind[S, R any](number int, fields func(*R, *Fields)) Kind[S] {
	return Kind[S]{
		number: number,
		write: func(s S) (func(*Fields), bool) {
			r, ok := any(s).(R)
			return func(x *Fields) { fields(&r, x) }, ok
		},
		read: func(x *Fields) S {
			var r R
			fields(&r, x)
			return any(r).(S)
		},
	}
}

// AppendStatements appends statements to b. One that is of no kind is an error, and b is
// returned as it was.
func AppendStatements[S any](b []byte, kinds []Kind[S], list []S) ([]byte, error) {
	rows := make([]Row, 0, len(list))
	for _, s := range list {
		known := false
		for _, k := range kinds {
			if fields, ok := k.write(s); ok {
				rows, known = append(rows, Row{k.number, fields}), true
			}
		}
		if !known {
			return b, fmt.Errorf("a %T cannot be kept: %w", s, ErrNotKept)
		}
	}
	return Append(b, rows...), nil
}

// ParseStatements returns the statements that AppendStatements has appended to nothing.
func ParseStatements[S any](b []byte, kinds []Kind[S]) (list []S, err error) {
	err = Parse(b, func(number int, x *Fields) error {
		for _, k := range kinds {
			if k.number == number {
				list = append(list, k.read(x))
				return nil
			}
		}
		return ErrNotKept
	})
	if err != nil {
		return nil, fmt.Errorf("rows cannot be read: %w", err)
	}
	return list, nil
}
