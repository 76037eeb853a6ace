package keep

import (
	"errors"
	"slices"
	"testing"

	"snmpstack/ber"
)

type row struct {
	name   string
	id     ber.OID
	number int32
	key    []byte
	set    bool
}

func (r *row) fields(x *Fields) {
	String(x, &r.name)
	x.OID(&r.id)
	Int(x, &r.number)
	x.Bytes(&r.key)
	x.Bool(&r.set)
}

func (r *row) is(o *row) bool {
	return r.name == o.name && r.id == o.id && r.number == o.number && slices.Equal(r.key, o.key) && r.set == o.set
}

func parse(b []byte) (rows []row, err error) {
	err = Parse(b, func(kind int, x *Fields) error {
		var r row
		r.fields(x)
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// What is written is read as it was, and what is cut off is not read.
func TestRows(t *testing.T) {
	want := []row{
		{},
		{"\xff\x00 no text", ber.MustOID("1.3.6.1.4.1.4294967295"), -1 << 31, []byte{0, 1}, true},
		{"x", "", 1<<31 - 1, nil, false},
	}
	var list []Row
	for i := range want {
		list = append(list, Row{7, want[i].fields})
	}
	b := Append([]byte("before"), list...)[len("before"):]
	got, err := parse(b)
	if err != nil || len(got) != len(want) {
		t.Fatal(got, err)
	}
	for i := range want {
		if !got[i].is(&want[i]) {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if none, err := parse(Append(nil)); len(none) > 0 || err != nil {
		t.Errorf("an empty list: %v, %v", none, err)
	}
	rest := b[1:]
	for len(rest) > 0 {
		rest = rest[:len(rest)-1]
		if part, err := parse(b[:1+len(rest)]); err == nil && len(part) == len(want) {
			t.Errorf("%d octets are read as %v", 1+len(rest), part)
		}
	}
}

// What Append has not made is an error.
func TestBadRows(t *testing.T) {
	for _, tt := range []struct {
		name, octets string
		want         error
	}{
		{"another version", "\x02\x00", errVersion},
		{"a row without a kind", "\x01\x00", errShort},
		{"a row that is longer than the rest", "\x01\x08\x02", errShort},
		{"a length that is none", "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", errShort},
		{"a string that is longer than the row", "\x01\x02\x02\x05", errShort},
		{"a number that is too large", "\x01\x08\x02\x00\x00\x80\x80\x80\x80\x20", errRange},
		{"more fields", "\x01\x07\x02\x00\x00\x00\x00\x00\x00", errLong},
		{"neither true nor false", "\x01\x06\x02\x00\x00\x00\x00\x04", errRange},
		{"an OID that is none", "\x01\x07\x02\x00\x01x\x00\x00\x00", nil},
	} {
		if rows, err := parse([]byte(tt.octets)); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, rows, err, tt.want)
		}
	}
}

// FuzzRows: whatever the octets, nothing panics; rows that are read are written as
// octets that are read as the same rows, and take no more memory than the octets did.
func FuzzRows(f *testing.F) {
	r := row{"name", ber.MustOID("1.3.6"), -5, []byte("key"), true}
	f.Add(Append(nil, Row{1, r.fields}, Row{1, r.fields}))
	f.Add([]byte("\x01\x07\x02\x00\x01x\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := parse(b)
		if len(rows) > len(b) {
			t.Fatalf("%d rows of %d octets", len(rows), len(b))
		}
		if err != nil {
			return
		}
		var list []Row
		for i := range rows {
			list = append(list, Row{1, rows[i].fields})
		}
		again, err := parse(Append(nil, list...))
		if err != nil || !slices.EqualFunc(rows, again, func(a, b row) bool { return a.is(&b) }) {
			t.Fatalf("%+v, then %+v, %v", rows, again, err)
		}
	})
}
