package mib

import (
	"math"

	"snmpstack/pdu"
)

// A StorageType says what becomes of a row at a restart (RFC 2579 §2, StorageType).
// The zero value stands for Volatile.
type StorageType int32

// The kinds of storage.
const (
	OtherStorage StorageType = 1
	Volatile     StorageType = 2 // lost at a restart
	NonVolatile  StorageType = 3
	Permanent    StorageType = 4 // can be changed, not deleted
	ReadOnly     StorageType = 5 // can be neither
)

// kept reports whether a row cannot be deleted.
func (s StorageType) kept() bool { return s == Permanent || s == ReadOnly }

func (h *table[R]) storageOf(row *R) StorageType {
	if h.storage == nil {
		return Volatile
	}
	return *h.storage(row)
}

// adopt fills in what the textual convention of c says.
func (h *table[R]) adopt(c *column[R]) {
	c.Syntax = pdu.TypeInteger
	switch {
	case c.RowStatus != nil:
		c.Get = func(row *R) pdu.Value { return c.RowStatus(row).value() }
		c.Check = h.checkRowStatus
		c.assign = func(_, _ *R, _ pdu.Value) error { return nil } // plan does it
	case c.StorageType != nil:
		c.Get = func(row *R) pdu.Value {
			if s := *c.StorageType(row); s != 0 {
				return pdu.Integer(int32(s))
			}
			return pdu.Integer(int32(Volatile))
		}
		c.Check = Range(int64(OtherStorage), int64(ReadOnly))
		c.assign = func(old, row *R, v pdu.Value) error {
			return c.StorageType(row).set(old == nil, StorageType(v.Int()))
		}
	case c.TestAndIncr != nil:
		c.Get = func(row *R) pdu.Value { return pdu.Integer(*c.TestAndIncr(row)) }
		c.Check = Range(0, math.MaxInt32)
		c.assign = func(old, row *R, v pdu.Value) error {
			return testAndIncr(c.TestAndIncr(row), old == nil, v.Int())
		}
	}
}

// set is an assignment by a manager. "All illegal modifications result in a
// 'wrongValue' error": a row that is permanent or readOnly stays that, and no
// other becomes it.
func (s *StorageType) set(creating bool, to StorageType) error {
	if to.kept() || !creating && s.kept() {
		return pdu.WrongValue
	}
	*s = to
	return nil
}

// testAndIncr is an assignment to a TestAndIncr in a row.
func testAndIncr(p *int32, creating bool, v int32) error {
	if creating { // RFC 2579 §2: any value may be supplied
		*p = v
		return nil
	}
	if *p != v {
		return pdu.InconsistentValue
	}
	*p = increment(v)
	return nil
}

// increment is the value that a TestAndIncr has after v.
func increment(v int32) int32 {
	if v == math.MaxInt32 {
		return 0
	}
	return v + 1
}
