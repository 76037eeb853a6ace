package ber

import (
	"fmt"
	"testing"
)

// OIDs stay what they are while the arena grows, however often it does.
func TestArenaGrowth(t *testing.T) {
	var a Arena
	var got, want []OID
	for i := range uint32(3000) {
		w := NewWriter(make([]byte, 32))
		w.OID(ObjectIdentifier, NewOID(1, 3, i, ^i))
		r := NewReader(w.Bytes())
		read := r.OID(ObjectIdentifier, &a)
		got = append(got, read, a.Join(read, NewOID(i)), a.JoinArc(read, i), a.JoinArcs(read), a.JoinArcs(read, i, ^i))
		want = append(want, NewOID(1, 3, i, ^i), NewOID(1, 3, i, ^i, i), NewOID(1, 3, i, ^i, i), NewOID(1, 3, i, ^i), NewOID(1, 3, i, ^i, i, ^i))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("OID %d is %v, want %v", i, got[i], want[i])
		}
	}
	needed := 0
	for _, o := range want {
		needed += len(o)
	}
	if a.Cap() > 4*needed {
		t.Errorf("the arena holds %d octets for %d", a.Cap(), needed)
	}
}

// What is older than a Mark survives Rewind, and the memory of what is younger is
// used again, whether or not the arena has grown meanwhile.
func TestArenaRewind(t *testing.T) {
	for _, more := range []uint32{0, 1, 10, 1000, 100_000} {
		var a Arena
		old := a.Join(NewOID(1, 3, 6), NewOID(1))
		for range 3 {
			mark := a.Mark()
			var last OID
			for i := range more {
				last = a.JoinArc(old, i)
			}
			a.Rewind(mark)
			if last = a.Join(last, ""); more > 0 && last != old.Append(more-1) { // it may lie where it was
				t.Errorf("the last of %d is %v", more, last)
			}
			a.Rewind(mark)
			if young := a.JoinArc(old, 7); young != old.Append(7) || old != NewOID(1, 3, 6, 1) {
				t.Errorf("after %d: %v and %v", more, old, young)
			}
			a.Rewind(mark)
		}
		held := a.Cap()
		for range 100 {
			mark := a.Mark()
			for i := range more {
				a.JoinArc(old, i)
			}
			a.Rewind(mark)
		}
		if a.Cap() > 2*held {
			t.Errorf("%d octets are held after a hundred times %d, %d after three times", a.Cap(), more, held)
		}
	}
}

// However little is left of the arena, an OID that needs a little more or a
// little less comes out whole and does no harm to the one before it.
func TestArenaBoundary(t *testing.T) {
	p := NewOID(1, 3, 6, 1)
	in := []byte{0x06, 0x04, 0x2B, 0x06, 0x01, 0x05} // 1.3.6.1.5
	operations := []struct {
		name string
		run  func(a *Arena) OID
		want OID
	}{
		{"Join", func(a *Arena) OID { return a.Join(p, NewOID(5)) }, p.Append(5)},
		{"JoinArc", func(a *Arena) OID { return a.JoinArc(p, 5) }, p.Append(5)},
		{"read", func(a *Arena) OID { r := NewReader(in); return r.OID(ObjectIdentifier, a) }, p.Append(5)},
		{"read the longest", func(a *Arena) OID {
			w := NewWriter(make([]byte, 200))
			w.OID(ObjectIdentifier, repeat(1, MaxArcs))
			r := NewReader(w.Bytes())
			return r.OID(ObjectIdentifier, a)
		}, repeat(1, MaxArcs)},
	}
	for _, op := range operations {
		for left := 0; left <= 600; left += arcSize {
			a := Arena{buf: make([]byte, 0, 1024)}
			before := a.Join(repeat(7, (1024-left)/arcSize), "")
			got := op.run(&a)
			after := a.JoinArc("", 9)
			if got != op.want || before != repeat(7, (1024-left)/arcSize) || after != NewOID(9) {
				t.Errorf("%s with %d octets left: %v, then %v", op.name, left, got, after)
			}
			if fits := left >= len(op.want)+len(after); fits && a.Cap() != 1024 {
				t.Errorf("%s with %d octets left: the arena grew to %d", op.name, left, a.Cap())
			}
		}
	}
}

// An arena that has grown to what a message needs does not grow again for the
// same message.
func TestArenaSettles(t *testing.T) {
	var a Arena
	round := func() {
		a.Reset()
		for i := range uint32(500) {
			a.JoinArc(NewOID(1, 3, 6), i)
		}
	}
	for range 4 {
		round()
	}
	before := a.Cap()
	round()
	if a.Cap() != before {
		t.Errorf("Cap went from %d to %d", before, a.Cap())
	}
}

func TestArenaLifetime(t *testing.T) {
	var a Arena
	kept := a.Join(NewOID(1, 3), NewOID(6, 1))
	clone := kept.Clone()
	a.Poison()
	if kept == clone {
		t.Error("an OID in the arena survives Poison")
	}
	if clone != NewOID(1, 3, 6, 1) {
		t.Errorf("the clone is %v", clone)
	}
	a.Reset()
	if next := a.JoinArc(NewOID(2), 5); next != NewOID(2, 5) || kept.Slice(0, 2) != next {
		t.Errorf("%v after Reset; what was kept without Clone is %v", next, kept)
	}
}

func TestArenaJoin(t *testing.T) {
	for _, tt := range []struct{ p, s string }{{"", ""}, {"1.3", ""}, {"", "1.3"}, {"1.3", "6.1"}} {
		t.Run(fmt.Sprintf("%s+%s", tt.p, tt.s), func(t *testing.T) {
			var a Arena
			p, s := MustOID(tt.p), MustOID(tt.s)
			if got, want := a.Join(p, s), p+s; got != want {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// An OID in an error costs the arena nothing that a later one would miss.
func TestArenaAfterError(t *testing.T) {
	var a Arena
	first := a.Join(NewOID(1), NewOID(2))
	r := NewReader(octets(t, "06 03 2B 06 81"))
	if r.OID(ObjectIdentifier, &a); r.Err() == nil {
		t.Fatal("accepted")
	}
	if second := a.Join(NewOID(3), NewOID(4)); first != NewOID(1, 2) || second != NewOID(3, 4) {
		t.Errorf("%v and %v", first, second)
	}
}
