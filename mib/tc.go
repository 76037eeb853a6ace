package mib

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// What follows are values for the Check of a Scalar or a Column. They know the
// value alone and so are what RFC 3416 §4.2.5 (4) to (6) asks for.

// Size accepts strings of min to max octets.
func Size(min, max int) func(*Request, pdu.Value) error {
	return func(_ *Request, v pdu.Value) error {
		if n := len(v.Octets()); n < min || n > max {
			return pdu.WrongLength
		}
		return nil
	}
}

// Range accepts numbers from min to max, of INTEGER and of the unsigned types.
func Range(min, max int64) func(*Request, pdu.Value) error {
	return func(_ *Request, v pdu.Value) error {
		n := int64(v.Int())
		if v.Syntax() != pdu.TypeInteger {
			if v.Uint() > math.MaxInt64 {
				return pdu.WrongValue
			}
			n = int64(v.Uint())
		}
		if n < min || n > max {
			return pdu.WrongValue
		}
		return nil
	}
}

// Enumeration accepts the numbers of an enumerated INTEGER.
func Enumeration(values ...int32) func(*Request, pdu.Value) error {
	return func(_ *Request, v pdu.Value) error {
		if !slices.Contains(values, v.Int()) {
			return pdu.WrongValue
		}
		return nil
	}
}

// TruthValue accepts true(1) and false(2) (RFC 2579 §2).
func TruthValue(_ *Request, v pdu.Value) error {
	if n := v.Int(); n != 1 && n != 2 {
		return pdu.WrongValue
	}
	return nil
}

// Truth returns b as a TruthValue.
func Truth(b bool) pdu.Value {
	if b {
		return pdu.Integer(1)
	}
	return pdu.Integer(2)
}

// DisplayString accepts at most 255 octets of NVT ASCII (RFC 2579 §2): codes 0 to
// 127, and a CR only before LF or NUL. Who wants to take UTF-8 uses AdminString,
// who does not care Size(0, 255).
func DisplayString(_ *Request, v pdu.Value) error {
	s := v.Octets()
	if len(s) > 255 {
		return pdu.WrongLength
	}
	for i := range len(s) {
		switch {
		case s[i] > 127:
			return pdu.WrongValue
		case s[i] == '\r' && (i+1 == len(s) || s[i+1] != '\n' && s[i+1] != 0):
			return pdu.WrongValue
		}
	}
	return nil
}

// AdminString accepts an SnmpAdminString (RFC 3411 §5): at most 255 octets of
// UTF-8.
func AdminString(_ *Request, v pdu.Value) error {
	s := v.Octets()
	if len(s) > 255 {
		return pdu.WrongLength
	}
	if !utf8.ValidString(s) {
		return pdu.WrongValue
	}
	return nil
}

// Gauge returns n as a Gauge32, which stays at its largest or smallest value
// while n lies beyond (RFC 2578 §7.1.7).
func Gauge(n int64) pdu.Value { return pdu.Gauge32(uint32(min(max(n, 0), math.MaxUint32))) }

// A TestAndIncr is a scalar that managers use to keep out of each other's way
// (RFC 2579 §2), as snmpSetSerialNo is: a SET that carries its value succeeds and
// increments it, every other fails.
type TestAndIncr struct {
	object  ber.OID
	value   atomic.Int32
	setting sync.Mutex // held from Test to Close: several trees may have the handler
	old     int32      // of the present SET, before it
}

// NewTestAndIncr returns one with a random value, which is right if the value
// before the last restart is not known (RFC 2579 §2).
func NewTestAndIncr(object ber.OID) *TestAndIncr {
	c := &TestAndIncr{object: object}
	c.value.Store(rand.Int32())
	return c
}

// Resume continues after the value that was there before a restart.
func (c *TestAndIncr) Resume(last int32) { c.value.Store(increment(last)) }

// Value returns the value, 0 to 2147483647, to be kept over a restart.
func (c *TestAndIncr) Value() int32 { return c.value.Load() }

// Register adds the scalar to t.
func (c *TestAndIncr) Register(t *Tree) error { return t.Register(c.object, c.Handler()) }

// Handler returns what Register registers.
func (c *TestAndIncr) Handler() Handler {
	s := Scalar{
		Object: c.object,
		Get:    Value(func() pdu.Value { return pdu.Integer(c.value.Load()) }),
		Syntax: pdu.TypeInteger,
		Check:  Range(0, math.MaxInt32),
	}
	return &testAndIncrScalar{newScalar(s), c}
}

// testAndIncrScalar differs from other writable scalars in what it assigns.
type testAndIncrScalar struct {
	writableScalar
	counter *TestAndIncr
}

// Test requires the present value. If the name comes twice, each has to match,
// and the value is incremented once: the assignments are simultaneous.
func (s *testAndIncrScalar) Test(r *Request, vbs []pdu.VarBind) (Change, error) {
	if _, err := s.writableScalar.Test(r, vbs); err != nil {
		return nil, err
	}
	s.counter.setting.Lock()
	now := s.counter.value.Load()
	for i := range vbs {
		if vbs[i].Value.Int() != now {
			s.counter.setting.Unlock()
			return nil, atIndex(pdu.InconsistentValue, i+1)
		}
	}
	s.counter.old = now
	return (*testAndIncrChange)(s.counter), nil
}

// testAndIncrChange increments once everything else in the SET is certain.
type testAndIncrChange TestAndIncr

func (c *testAndIncrChange) Commit(*Request) error {
	c.value.Store(increment(c.old))
	return nil
}

func (c *testAndIncrChange) Undo(*Request) error {
	c.value.Store(c.old)
	return nil
}

func (c *testAndIncrChange) Close() { c.setting.Unlock() }
