package mib

import (
	"errors"
	"math"
	"strings"
	"testing"

	"snmpstack/ber"
	"snmpstack/pdu"
)

func TestChecks(t *testing.T) {
	text, num := pdu.OctetString, pdu.Integer
	const ok = pdu.NoError
	tests := []struct {
		name  string
		check func(*Request, pdu.Value) error
		value pdu.Value
		want  pdu.ErrorStatus
	}{
		{"2579-DS-1 empty", DisplayString, text(""), ok},
		{"2579-DS-1 255", DisplayString, text(strings.Repeat("x", 255)), ok},
		{"2579-DS-1 256", DisplayString, text(strings.Repeat("x", 256)), pdu.WrongLength},
		{"2579-DS-2 all of ASCII", DisplayString, text("\x00\x7f\t bell\a\n"), ok},
		{"2579-DS-2 UTF-8", DisplayString, text("\xc3\xa9"), pdu.WrongValue},
		{"2579-DS-2 octet FF", DisplayString, text("a\xff"), pdu.WrongValue},
		{"2579-DS-2 newline", DisplayString, text("a\r\nb"), ok},
		{"2579-DS-2 carriage return", DisplayString, text("a\r\x00"), ok},
		{"2579-DS-2 CR at the end", DisplayString, text("a\r"), pdu.WrongValue},
		{"2579-DS-2 CR before a letter", DisplayString, text("\ra"), pdu.WrongValue},
		{"length comes before value", DisplayString, text(strings.Repeat("\xff", 256)), pdu.WrongLength},
		{"AdminString takes UTF-8", AdminString, text("Zürich"), ok},
		{"AdminString of 255 octets", AdminString, text(strings.Repeat("x", 255)), ok},
		{"AdminString of 256 octets", AdminString, text(strings.Repeat("x", 256)), pdu.WrongLength},
		{"AdminString with Latin-1", AdminString, text("Z\xfcrich"), pdu.WrongValue},
		{"2579-TV-1 true", TruthValue, num(1), ok},
		{"2579-TV-1 false", TruthValue, num(2), ok},
		{"2579-TV-1 zero", TruthValue, num(0), pdu.WrongValue},
		{"2579-TV-1 three", TruthValue, num(3), pdu.WrongValue},
		{"Size", Size(1, 2), text("ab"), ok},
		{"Size, too short", Size(1, 2), text(""), pdu.WrongLength},
		{"Size, too long", Size(1, 2), text("abc"), pdu.WrongLength},
		{"Range", Range(-5, 5), num(-5), ok},
		{"Range, below", Range(-5, 5), num(-6), pdu.WrongValue},
		{"Range, above", Range(-5, 5), num(6), pdu.WrongValue},
		{"Range of an unsigned type", Range(1, 4294967295), pdu.Gauge32(4294967295), ok},
		{"Range of an unsigned type, below", Range(1, 4294967295), pdu.TimeTicks(0), pdu.WrongValue},
		{"Range of a Counter64", Range(-1, math.MaxInt64), pdu.Counter64(math.MaxUint64), pdu.WrongValue},
		{"Enumeration", Enumeration(1, 3), num(3), ok},
		{"Enumeration, another", Enumeration(1, 3), num(2), pdu.WrongValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.check(new(Request), tt.value)
			if tt.want == ok && err != nil || tt.want != ok && err != tt.want {
				t.Errorf("%v: %v, want %v", tt.value, err, tt.want)
			}
		})
	}
	if Truth(true) != num(1) || Truth(false) != num(2) { // 2579-TV-1
		t.Error("Truth gives another number than true(1) or false(2)")
	}
}

// TestGauge: 2578-7.1.7-1, a gauge stays at its limits and comes back.
func TestGauge(t *testing.T) {
	for n, want := range map[int64]uint32{
		5_000_000_000: 4294967295, 4294967296: 4294967295, 4294967295: 4294967295,
		10: 10, 0: 0, -1: 0, math.MaxInt64: 4294967295, math.MinInt64: 0,
	} {
		if got := Gauge(n); got != pdu.Gauge32(want) {
			t.Errorf("Gauge(%d) is %v, want %d", n, got, want)
		}
	}
}

// TestCountersAreNotWritable: 2578-7.1.6-3.
func TestCountersAreNotWritable(t *testing.T) {
	set := func(*Request, pdu.Value) error { return nil }
	for _, syntax := range []pdu.Syntax{pdu.TypeCounter32, pdu.TypeCounter64} {
		s := Scalar{Object: ber.MustOID("1.3.6.1"), Get: Constant(pdu.Counter32(1)), Set: set, Syntax: syntax}
		if err := s.Register(NewTree()); !errors.Is(err, errCounter) {
			t.Errorf("Scalar of %v: %v", syntax, err)
		}
		tb := setpointTable()
		tb.Columns[1].Syntax = syntax
		if err := tb.Register(NewTree()); !errors.Is(err, errCounter) {
			t.Errorf("Column of %v: %v", syntax, err)
		}
	}
}

// TestTestAndIncr: RFC 2579 §2, TestAndIncr; 3418-set-1.
func TestTestAndIncr(t *testing.T) {
	object := ber.MustOID("1.3.6.1.6.3.1.1.6.1")
	other := ber.MustOID("1.3.6.1.6.3.1.1.6.2")
	instance := object.Append(0)
	tests := []struct {
		name  string
		value int32
		vbs   []pdu.VarBind
		want  pdu.ErrorStatus
		index int
		after int32
	}{
		{"2579-TAI-1 the present value", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(5)}}, pdu.NoError, 0, 6},
		{"2579-TAI-1 another", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(6)}}, pdu.InconsistentValue, 1, 5},
		{"2579-TAI-2 wraps", math.MaxInt32, []pdu.VarBind{{Name: instance, Value: pdu.Integer(math.MaxInt32)}}, pdu.NoError, 0, 0},
		{"negative", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(-1)}}, pdu.WrongValue, 1, 5},
		{"wrong type", 5, []pdu.VarBind{{Name: instance, Value: pdu.Gauge32(5)}}, pdu.WrongType, 1, 5},
		{"wrong instance", 5, []pdu.VarBind{{Name: object.Append(1), Value: pdu.Integer(5)}}, pdu.NoCreation, 1, 5},
		{"twice", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(5)}, {Name: instance, Value: pdu.Integer(5)}}, pdu.NoError, 0, 6},
		{"twice, not the same", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(5)}, {Name: instance, Value: pdu.Integer(6)}}, pdu.InconsistentValue, 2, 5},
		{"2579-TAI-4 another varbind is bad", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(5)}, {Name: other, Value: pdu.Integer(1)}}, pdu.NotWritable, 2, 5},
		{"2579-TAI-4 another varbind fails at commit", 5, []pdu.VarBind{{Name: instance, Value: pdu.Integer(5)}, {Name: setpoints, Value: pdu.Integer(1)}}, pdu.CommitFailed, 2, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewTestAndIncr(object)
			c.Resume(tt.value - 1) // 2579-TAI-6
			tree := NewTree()
			if err := errors.Join(c.Register(tree), tree.Register(setpoints, &failing{})); err != nil {
				t.Fatal(err)
			}
			err := tree.Set(&Request{Inline: false}, tt.vbs)
			var e *pdu.StatusError
			if errors.As(err, &e); tt.want == pdu.NoError && err != nil ||
				tt.want != pdu.NoError && (e == nil || *e != pdu.StatusError{Status: tt.want, Index: tt.index}) {
				t.Errorf("%v, want %v at %d", err, tt.want, tt.index)
			}
			if v, err := tree.Get(new(Request), instance); err != nil || v != pdu.Integer(tt.after) || c.Value() != tt.after {
				t.Errorf("afterwards %v, %v; want %d", v, err, tt.after)
			}
		})
	}
	// 2579-TAI-6: the first value is not the same over restarts.
	seen := map[int32]bool{}
	for range 20 {
		c := NewTestAndIncr(object)
		if c.Value() < 0 {
			t.Errorf("%d is outside the range", c.Value())
		}
		seen[c.Value()] = true
	}
	if len(seen) < 10 {
		t.Errorf("20 restarts give %d different values", len(seen))
	}
	c := NewTestAndIncr(object)
	if c.Resume(math.MaxInt32); c.Value() != 0 {
		t.Errorf("Resume(2147483647) gives %d", c.Value())
	}
}

// TestTestAndIncrShared shows that while a SET is under way in one tree, one in
// another tree has to wait: of two managers with the same value, one is to succeed.
func TestTestAndIncrShared(t *testing.T) {
	c := NewTestAndIncr(ber.MustOID("1.3.6.1.4.1.32473.8"))
	free := func() bool {
		if c.setting.TryLock() {
			c.setting.Unlock()
			return true
		}
		return false
	}
	tree, during := NewTree(), false
	last := ber.MustOID("1.3.6.1.4.1.32473.9")
	err := errors.Join(c.Register(tree), Scalar{
		Object: last, Get: Constant(pdu.Integer(1)), Syntax: pdu.TypeInteger,
		Set: func(*Request, pdu.Value) error {
			during = free()
			return nil
		},
	}.Register(tree))
	if err != nil {
		t.Fatal(err)
	}
	vbs := []pdu.VarBind{{Name: c.object.Append(0), Value: pdu.Integer(c.Value())}, {Name: last.Append(0), Value: pdu.Integer(1)}}
	if err := tree.Set(new(Request), vbs); err != nil || during || !free() {
		t.Errorf("%v; free during the SET: %v, afterwards: %v", err, during, free())
	}
	if err := tree.Set(new(Request), vbs); !errors.Is(err, pdu.InconsistentValue) || !free() {
		t.Errorf("with the former value: %v; free afterwards: %v", err, free())
	}
}
