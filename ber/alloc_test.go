package ber

import "testing"

// Promises of the package comment: a well-formed message is read and written
// without an allocation, and refusing one allocates only the error.
func TestAllocs(t *testing.T) {
	buf := make([]byte, 256)
	name := MustOID("1.3.6.1.2.1.2.2.1.10.4294967295")
	encode := func() []byte {
		w := NewWriter(buf)
		end := w.Mark()
		w.Uint64(0x46, 1<<63)
		w.OID(ObjectIdentifier, name)
		w.Null(Null)
		w.Text(OctetString, "public")
		w.Int32(Integer, -1)
		w.Wrap(Sequence, end)
		if w.Err() != nil {
			t.Fatal(w.Err())
		}
		return w.Bytes()
	}
	in := encode()
	var a Arena
	decode := func(strict bool, in []byte) error {
		a.Reset()
		r := NewReader(in)
		r.Strict = strict
		seq := r.Field("message").Enter(Sequence)
		r.Field("version").Int32(Integer)
		_ = r.Text(OctetString)
		r.Null(Null)
		if o := r.OID(ObjectIdentifier, &a); r.Err() == nil && o != name {
			t.Fatalf("read %v", o)
		}
		a.JoinArc(name, 7)
		r.Uint64(0x46)
		r.Leave(seq)
		return r.Err()
	}
	truncated := append([]byte(nil), in[:len(in)-1]...)

	tests := []struct {
		name string
		run  func()
		want float64
	}{
		{"encode", func() { encode() }, 0},
		{"decode", func() {
			if err := decode(true, in); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"reject", func() {
			if err := decode(false, truncated); err == nil {
				t.Fatal("accepted")
			}
		}, 1},
		{"compare", func() {
			if name.Compare(laterName) >= 0 || !name.HasPrefix(name.Slice(0, 3)) {
				t.Fatal("order")
			}
		}, 0},
	}
	for _, tt := range tests {
		if got := testing.AllocsPerRun(100, tt.run); got != tt.want {
			t.Errorf("%s: %v allocations, want %v", tt.name, got, tt.want)
		}
	}
}

var laterName = MustOID("1.3.6.1.2.1.2.2.1.11")
