package agent

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// bulk is what a GetBulkRequest needs beside the request's own memory. Its varbinds are
// encoded as they are found: so it is known how long they are, and an answer that is
// full has been written.
type bulk struct {
	room      int      // octets that varbinds may take
	answer    []byte   // what there is of them
	found     pdu.List // the runs of all repeaters
	repeaters []repeater
}

// A repeater is a varbind that a GetBulkRequest asks for again and again. It
// fetches its successors in runs.
type repeater struct {
	next, end int     // what was found and is not yet in the answer
	last      ber.OID // the last name of that, or before it; at first the name asked for
	ended     bool    // there is no further successor
}

// getBulk answers a GetBulkRequest (RFC 3416 §4.2.3): the successors of the first
// N varbinds once, those of the others M times, repetition by repetition, and of
// all that as much from the start as fits.
func (q *request) getBulk() error {
	b := &q.bulk
	b.room = q.bulkRoom()
	b.answer = b.answer[:0]
	b.found.Reset()
	b.repeaters = b.repeaters[:0]
	q.retrieved = 0
	if err := q.fillBulk(); err != nil {
		return err
	}
	q.varBinds, q.encoded = q.varBinds[:0], b.answer
	return nil
}

// fillBulk adds to the answer until there is no room or nothing more to be added.
func (q *request) fillBulk() error {
	b, list := &q.bulk, q.pdu.VarBinds
	n, m := q.repetitions()
	for i := range list[:n] {
		once := repeater{last: list[i].Name}
		if added, err := q.repeat(&once, 1); err != nil {
			return readError(err, i)
		} else if !added {
			return nil
		}
	}
	for i := range list[n:] {
		b.repeaters = append(b.repeaters, repeater{last: list[n+i].Name})
	}
	for i := range m {
		complete, retrieved := len(b.answer), q.retrieved
		at, more, err := q.repetition(m - i)
		switch {
		case err == nil && more:
		case err == nil:
			return nil
		case i > 0 && (errors.Is(err, mib.ErrTooFar) || q.mib.Context.Err() != nil):
			// It takes far too long: the repetitions before this one will do.
			b.answer = b.answer[:complete]
			q.retrieved = retrieved
			return nil
		default:
			return readError(err, n+at)
		}
	}
	return nil
}

// repetition adds the next successor of each repeater; left repetitions are wanted with
// this one. It returns the number of the repeater that an error is about, and whether
// another repetition could add something: there is room, and not every repeater is at
// the end of its view.
func (q *request) repetition(left int) (at int, more bool, err error) {
	for i := range q.bulk.repeaters {
		rep := &q.bulk.repeaters[i]
		added, err := q.repeat(rep, left)
		if !added || err != nil {
			return i, false, err
		}
		more = more || !rep.ended
	}
	return 0, more, nil
}

// repeat adds a repeater's next varbind, if it fits; most are wanted with this one.
func (q *request) repeat(rep *repeater, most int) (added bool, err error) {
	b := &q.bulk
	if rep.next == rep.end && !rep.ended {
		if err := q.fetch(rep, most); err != nil {
			return false, err
		}
	}
	if rep.ended {
		// RFC 3416 §4.2.3: the name of the last successor, or the one asked for.
		rep.next = b.found.Len()
		b.found.Add(&pdu.VarBind{Name: rep.last, Value: pdu.EndOfMibView})
	}
	vb := b.found.At(rep.next)
	if !q.fits(len(b.answer), len(vb)) {
		return false, nil
	}
	b.answer = append(b.answer, vb...)
	rep.next++
	if !rep.ended {
		q.retrieved++
	}
	return true, nil
}

// fetch finds successors of a repeater's last name: at most so many, and about as much
// as there is room for if all repeaters' are of the same size.
func (q *request) fetch(rep *repeater, most int) error {
	b := &q.bulk
	start := b.found.Len()
	b.found.SetLimit((b.room - len(b.answer)) / max(len(b.repeaters), 1))
	n, last, err := q.encodeSuccessors(rep.last, most, &b.found)
	if n == 0 {
		rep.ended = err == nil
		return err
	}
	rep.next, rep.end, rep.last = start, start+n, last
	return nil
}

// repetitions returns RFC 3416 §4.2.3's N, how many varbinds do not repeat, and M,
// how often the others do. What is negative counts as 0.
func (q *request) repetitions() (n, m int) {
	request := q.pdu
	return min(max(int(request.NonRepeaters), 0), len(request.VarBinds)), max(int(request.MaxRepetitions), 0)
}

// bulkRoom returns how many octets the varbinds of the answer may grow to: a message is
// not larger than either side can take (RFC 3416 §2.3).
func (q *request) bulkRoom() int {
	limit := q.run.MaxBulkResponse
	if limit == 0 {
		limit = bulkIPv4
		if q.Remote.Addr().Is6() {
			limit = bulkIPv6
		}
	}
	return q.roomFor(min(limit, q.maxSize))
}

// roomFor returns how many octets the varbinds of a Response may take that is not
// longer than limit: less than none if not even an empty one fits.
func (q *request) roomFor(limit int) int {
	room := limit - q.responseLen(0, 0, 0)
	// The lengths of what is around them take more octets the longer they are.
	for room >= 0 && q.responseLen(0, 0, room) > limit {
		room--
	}
	return room
}

// fits reports whether a varbind of some octets fits behind those that there are. The
// first one may be as large as a message can be: an answer without varbinds would leave
// a manager nowhere to go on from.
func (q *request) fits(there, octets int) bool {
	return there+octets <= q.bulk.room || there == 0 && octets <= q.roomFor(q.maxSize)
}

// responseLen returns the size of the message with a Response to the request, whose
// varbinds take size octets.
func (q *request) responseLen(status pdu.ErrorStatus, index, size int) int {
	return q.model.responseLen(q, pdu.PDULen(q.pdu.RequestID, int32(status), int32(index), size))
}
