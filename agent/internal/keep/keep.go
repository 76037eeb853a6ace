// Package keep makes octets of rows that survive a restart, and rows of these: for
// agent.AppendUsers, vacm.AppendRows and notify.AppendRows. It is for files of one's own
// machine: what comes from elsewhere is read without harm, but nothing proves whose it is.
//
// The format is a version, and for each row its length, its kind and its fields: numbers
// as in encoding/binary's varints, strings with their length before them.
package keep

import (
	"encoding/binary"
	"errors"

	"snmpstack/ber"
)

// version is the first octet. A list that is empty is no octet at all.
const version = 1

// Fields reads the fields of a row, or writes them: the same calls in the same order, so
// that there is one list of them.
type Fields struct {
	octets  []byte // what has been written, or what is left to read
	reading bool
	err     error
}

var (
	errShort   = errors.New("it ends within a field or a row")
	errLong    = errors.New("a row has more fields than it should")
	errRange   = errors.New("a number is out of its range")
	errVersion = errors.New("it was written by another version")
)

// Int is a field that is a number.
func Int[T ~int | ~int32 | ~int64](x *Fields, v *T) {
	if !x.reading {
		x.octets = binary.AppendVarint(x.octets, int64(*v))
		return
	}
	n, size := binary.Varint(x.octets)
	if size <= 0 {
		x.fail(errShort)
		return
	}
	x.octets = x.octets[size:]
	if *v = T(n); int64(*v) != n {
		x.fail(errRange)
	}
}

// String is a field that is a string of octets.
func String[T ~string](x *Fields, v *T) {
	if !x.reading {
		x.octets = append(binary.AppendUvarint(x.octets, uint64(len(*v))), *v...)
		return
	}
	*v = T(x.take())
}

// OID is a field that is an OBJECT IDENTIFIER: a string with its dotted form.
func (x *Fields) OID(v *ber.OID) {
	text := ""
	if *v != "" {
		text = v.String()
	}
	String(x, &text)
	if !x.reading || text == "" {
		return
	}
	oid, err := ber.ParseOID(text)
	if err != nil {
		x.fail(err)
	}
	*v = oid
}

// Bytes is String for a slice, which is nil if it is empty.
func (x *Fields) Bytes(v *[]byte) {
	s := string(*v)
	String(x, &s)
	if x.reading {
		*v = append([]byte(nil), s...)
	}
}

// Bool is a field that is true or false.
func (x *Fields) Bool(v *bool) {
	n := 0
	if *v {
		n = 1
	}
	if Int(x, &n); n != 0 && n != 1 {
		x.fail(errRange)
	}
	*v = n == 1
}

// take returns what has its length before it.
func (x *Fields) take() []byte {
	n, size := binary.Uvarint(x.octets)
	if size <= 0 || n > uint64(len(x.octets)-size) {
		x.fail(errShort)
		return nil
	}
	s := x.octets[size : size+int(n)]
	x.octets = x.octets[size+int(n):]
	return s
}

// fail notes the first error. Nothing is read after it.
func (x *Fields) fail(err error) {
	if x.err == nil {
		x.err = err
	}
	x.octets = nil
}

// A Row is something with fields, and a kind that tells it from other rows.
type Row struct {
	Kind   int
	Fields func(*Fields)
}

// Append appends rows to b.
func Append(b []byte, rows ...Row) []byte {
	if len(rows) == 0 {
		return b
	}
	b = append(b, version)
	for _, r := range rows {
		var x Fields
		kind := r.Kind
		Int(&x, &kind)
		r.Fields(&x)
		b = append(binary.AppendUvarint(b, uint64(len(x.octets))), x.octets...)
	}
	return b
}

// Parse reads what Append has appended to nothing. read is called for each row, and reads
// its fields from x.
func Parse(b []byte, read func(kind int, x *Fields) error) error {
	if len(b) == 0 {
		return nil
	}
	if b[0] != version {
		return errVersion
	}
	list := Fields{octets: b[1:], reading: true}
	for len(list.octets) > 0 {
		x := Fields{octets: list.take(), reading: true}
		kind := 0
		if Int(&x, &kind); x.err == nil && list.err == nil {
			if err := read(kind, &x); err != nil {
				return err
			}
		}
		switch {
		case list.err != nil:
			return list.err
		case x.err != nil:
			return x.err
		case len(x.octets) > 0:
			return errLong
		}
	}
	return nil
}
