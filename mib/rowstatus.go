package mib

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A RowStatus is the status of a conceptual row that managers create and delete
// (RFC 2579 §2, RowStatus). A row has one of the first three values; the zero value
// stands for Active, so that rows of the device's own need not mention it.
//
// The device must not use a row that is not active.
type RowStatus int32

// The states of a row, and what a manager sets beside Active and NotInService:
// pdu.Integer(int32(mib.CreateAndGo)).
const (
	Active        RowStatus = 1
	NotInService  RowStatus = 2 // complete, but not in use
	NotReady      RowStatus = 3 // a required column has no value yet; is never set
	CreateAndGo   RowStatus = 4 // a new row, which is Active then
	CreateAndWait RowStatus = 5 // a new row, which is NotInService or NotReady then
	Destroy       RowStatus = 6
)

// Active reports whether the device may use the row.
func (s RowStatus) Active() bool { return s == Active || s == 0 }

// String returns the RFC's name of s.
func (s RowStatus) String() string {
	switch s {
	case 0, Active:
		return "active"
	case NotInService:
		return "notInService"
	case NotReady:
		return "notReady"
	case CreateAndGo:
		return "createAndGo"
	case CreateAndWait:
		return "createAndWait"
	case Destroy:
		return "destroy"
	}
	return "RowStatus " + strconv.Itoa(int(s))
}

func (s RowStatus) value() pdu.Value {
	if s == 0 {
		s = Active
	}
	return pdu.Integer(int32(s))
}

// checkRowStatus refuses what can never be set: notReady is a state, but not one
// that can be asked for, and there is nothing beyond destroy.
func (tb *Table[R]) checkRowStatus(_ *Request, v pdu.Value) error {
	switch RowStatus(v.Int()) {
	case Active, CreateAndGo, Destroy:
		return nil
	case NotInService, CreateAndWait:
		if !tb.NoWait {
			return nil
		}
	}
	return pdu.WrongValue
}

// plan works out what becomes of a row that is old, nil where there is none, by
// RFC 2579's table of states and actions. In its words A is no row, B notReady,
// C notInService and D active. A nil row is the one that is not there
// afterwards. On an error at is the varbind to blame. It changes nothing but
// what it returns.
func (c *tableChange[R]) plan(r *Request, old *R, e *edit[R]) (row *R, at int, err error) {
	h := c.h
	if old == nil {
		if row, err = h.create(r, e); err != nil {
			return nil, e.blame(), err
		}
		if e.status == Destroy { // A: noError, even though there is nothing
			return nil, 0, nil
		}
	} else {
		if row, at, err = h.modify(r, old, e); err != nil {
			return nil, at, err
		}
	}
	if row != nil {
		for _, c := range e.cells {
			if err := h.columns[c.column].assign(old, row, c.value); err != nil {
				return nil, c.at, err
			}
		}
		if err := h.setStatus(old, row, e.status); err != nil {
			return nil, e.blame(), err
		}
		if err := c.checkIndex(row, e.key); err != nil {
			return nil, e.blame(), err
		}
	}
	if h.Validate != nil {
		if err := h.Validate(r, old, row); err != nil {
			return nil, e.blame(), err
		}
	}
	return row, 0, nil
}

// create returns the row that e would make where there is none, before its
// columns are assigned.
func (h *writableTable[R]) create(r *Request, e *edit[R]) (*R, error) {
	row := new(R)
	if h.status == nil || decodeIndex(e.key, h.Rows.Index, row) != nil {
		return nil, pdu.NoCreation // RFC 3416 §4.2.5 (7): there never will be such a row
	}
	switch e.status {
	case Destroy:
		return row, nil
	case Active, NotInService:
		return nil, pdu.InconsistentValue
	case CreateAndGo, CreateAndWait:
	default:
		if !h.CreateImplicitly {
			return nil, pdu.InconsistentName // note (4)
		}
	}
	if h.New != nil {
		if err := h.New(r, row); err != nil {
			return nil, err
		}
	}
	for i := range h.columns {
		c := &h.columns[i]
		if c.Default.IsZero() || e.assigns(i) {
			continue
		}
		if err := c.setDefault(r, row); err != nil {
			return nil, fmt.Errorf("the Default of column %d: %w", c.Arc, err)
		}
	}
	return row, nil
}

// setDefault assigns the Default to a new row, as if a manager had set it: what no row
// could take, or not this one, is not in one for that it is the Default.
func (c *column[R]) setDefault(r *Request, row *R) error {
	if err := c.check(r, c.Default); err != nil {
		return err
	}
	return c.assign(nil, row, c.Default)
}

// modify returns a copy of old whose columns e may assign, nil if e destroys the
// row.
func (h *writableTable[R]) modify(r *Request, old *R, e *edit[R]) (row *R, at int, err error) {
	storage := h.storageOf(old)
	switch {
	case e.status == CreateAndGo, e.status == CreateAndWait:
		return nil, e.statusAt, pdu.InconsistentValue
	case e.status == Destroy:
		if storage.kept() {
			return nil, e.statusAt, pdu.InconsistentValue
		}
		return nil, 0, nil
	case e.status != 0 && storage == ReadOnly && (e.status == Active) != h.statusOf(old).Active():
		return nil, e.statusAt, pdu.InconsistentValue
	}
	// Note (5): a column that must not change while the row is active may, if the
	// row is not active before this SET or will not be after it.
	frozen := e.former != nil && h.statusOf(e.former).Active() && h.statusOf(old).Active() && e.status != NotInService
	for _, c := range e.cells {
		col := &h.columns[c.column]
		switch {
		case storage == ReadOnly && col.StorageType == nil:
			return nil, c.at, pdu.NotWritable // RFC 3416 §4.2.5 (9)
		case frozen && col.NotWhileActive:
			return nil, c.at, pdu.InconsistentValue
		}
	}
	e.next = *old
	return &e.next, 0, nil
}

// setStatus gives row, whose columns have been assigned, the state that it comes
// to by action; 0 is none.
func (h *writableTable[R]) setStatus(old, row *R, action RowStatus) error {
	if h.status == nil || h.RowStatus != nil {
		return nil
	}
	status := h.status(row)
	inactive := NotInService // B or C, depending on the information available
	if !h.complete(action, row) {
		inactive = NotReady
	}
	switch {
	case old != nil && h.statusOf(old).Active() && (action == Active || action == 0):
		// D stays D
	case action == Active, action == CreateAndGo, action == NotInService:
		if inactive == NotReady { // notes (2) and (3)
			return pdu.InconsistentValue
		}
		*status = Active
		if action == NotInService {
			*status = NotInService
		}
	default:
		*status = inactive
	}
	return nil
}

// complete reports whether row has all that it needs to become active.
func (h *writableTable[R]) complete(action RowStatus, row *R) bool {
	for i := range h.columns {
		if c := &h.columns[i]; c.Required && c.Get(row).IsZero() {
			return false
		}
	}
	return h.Complete == nil || h.Complete(action, row)
}

func (h *writableTable[R]) statusOf(row *R) RowStatus {
	if h.status == nil {
		return Active
	}
	return *h.status(row)
}

// defaultAbandoned is what RFC 2579 suggests: rows that have been notReady or
// notInService for an abnormally long period are removed.
const defaultAbandoned = 5 * time.Minute

// watch starts or stops the time after which the row at key is taken to have
// been abandoned. row is what is there now. The caller holds h.setting.
func (h *writableTable[R]) watch(key ber.OID, row *R) {
	if w := h.abandoned[key]; w != nil {
		w.timer.Stop()
		delete(h.abandoned, key)
	}
	if row == nil || h.Abandoned < 0 || h.RowStatus != nil || h.statusOf(row).Active() || h.storageOf(row).kept() {
		return
	}
	after := h.Abandoned
	if after == 0 {
		after = defaultAbandoned
	}
	key = key.Clone()
	w := new(waiting)
	w.timer = time.AfterFunc(after, func() { h.remove(key, w) })
	h.abandoned[key] = w
}

// waiting is the time that runs for a row. Another one that is started for the
// same row is another waiting.
type waiting struct{ timer *time.Timer }

// remove takes the row at key away if nothing was done to it since w was started.
func (h *writableTable[R]) remove(key ber.OID, w *waiting) {
	h.setting.Lock() // not in the middle of a SET, which may have seen the row
	defer h.setting.Unlock()
	if h.abandoned[key] != w {
		return
	}
	delete(h.abandoned, key)
	row := h.Rows.copyOf(key)
	if row == nil || h.statusOf(row).Active() {
		return
	}
	if h.Apply != nil {
		if err := h.Apply(&Request{Context: context.Background()}, row, nil); err != nil {
			h.watch(key, row) // it is in use after all: try again
			return
		}
	}
	h.Rows.Delete(key)
	if h.Keep != nil && h.survives(row) {
		// Without it the row comes back at the next start, is not active and is
		// abandoned again.
		h.Keep()
	}
}
