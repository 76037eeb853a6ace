package agent

import (
	"errors"
	"slices"

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
	full      bool     // the next one does not fit
	found     pdu.List // the runs of all repeaters
	repeaters []repeater
}

// A repeater is a varbind that a GetBulkRequest asks for again and again. It
// fetches its successors in runs.
type repeater struct {
	next, end int     // what was found and is not yet in the answer
	last      ber.OID // the last name of that, or before it; at first the name asked for
	ended     bool    // there is no further successor: next is endOfMibView
}

// getBulk answers a GetBulkRequest (RFC 3416 §4.2.3): the successors of the first
// N varbinds once, those of the others M times, repetition by repetition, and of
// all that as much from the start as fits.
func (q *request) getBulk() error {
	b := &q.bulk
	b.room = q.bulkRoom()
	b.answer, b.full = slices.Grow(b.answer[:0], max(b.room, 0)), false
	b.found.Reset()
	q.retrieved = 0
	n, m := q.repetitions()
	err := q.repeat(0, n, 1)
	if err == nil && !b.full {
		err = q.repeat(n, len(q.pdu.VarBinds), m)
	}
	if err != nil {
		return err
	}
	q.varBinds, q.encoded = q.varBinds[:0], b.answer
	return nil
}

// repeat adds the successors of the varbinds from i up to but without j to the answer,
// so many times, until there is no room or nothing more to be added.
func (q *request) repeat(i, j, times int) error {
	b := &q.bulk
	before := len(b.answer)
	b.repeaters = b.repeaters[:0]
	for _, vb := range q.pdu.VarBinds[i:j] {
		b.repeaters = append(b.repeaters, repeater{last: vb.Name})
	}
	for times > 0 && len(b.repeaters) > 0 {
		complete, retrieved := len(b.answer), q.retrieved
		added, at, err := q.repetition(times)
		switch {
		case err != nil && complete > before && (errors.Is(err, mib.ErrTooFar) || q.mib.Context.Err() != nil):
			// It takes far too long: the repetitions before this one will do.
			b.answer = b.answer[:complete]
			q.retrieved = retrieved
			return nil
		case err != nil:
			return readError(err, i+at)
		case added == 0:
			return nil
		}
		times -= added
	}
	return nil
}

// repetition adds the next successor of each repeater, if it fits; left repetitions are
// wanted with this one. It returns how many it has added, 0 if another one could add
// nothing: there is no room, or every repeater is at the end of its view. An error is
// about repeater at.
func (q *request) repetition(left int) (added, at int, err error) {
	b := &q.bulk
	for at := range b.repeaters {
		rep := &b.repeaters[at]
		if rep.next == rep.end {
			if err := q.fetch(rep, left); err != nil {
				return 0, at, err
			}
		}
		run := 1
		if len(b.repeaters) == 1 && !rep.ended { // nothing comes between what it has found
			run = rep.end - rep.next
			for run > 1 && len(b.answer)+len(b.found.Slice(rep.next, rep.next+run)) > b.room {
				run--
			}
		}
		vbs, there := b.found.Slice(rep.next, rep.next+run), len(b.answer)
		switch {
		case there+len(vbs) <= b.room: // the memory is there
			b.answer = b.answer[:there+len(vbs)]
			copy(b.answer[there:], vbs)
		case q.fits(there, len(vbs)):
			b.answer = append(b.answer, vbs...)
		default:
			b.full = true
			return 0, at, nil
		}
		if !rep.ended {
			rep.next += run
			q.retrieved += run
			added = run
		}
	}
	return added, 0, nil
}

// fetch finds successors of a repeater's last name: at most so many, and about as much
// as there is room for if all repeaters' are of the same size. Where there is none, it
// is endOfMibView with the name of the last successor, or the one asked for.
func (q *request) fetch(rep *repeater, most int) error {
	b := &q.bulk
	rep.next = b.found.Len()
	b.found.SetLimit((b.room - len(b.answer)) / len(b.repeaters))
	n, last, err := q.encodeSuccessors(rep.last, most, &b.found)
	switch {
	case n > 0:
		rep.last = last
	case err != nil:
		return err
	default:
		rep.ended = true
		b.found.Add(&pdu.VarBind{Name: rep.last, Value: pdu.EndOfMibView})
	}
	rep.end = b.found.Len()
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
	for over := 1; over > 0 && room >= 0; {
		over = q.responseLen(0, 0, room) - limit
		room -= max(over, 0)
	}
	for room >= 0 && q.responseLen(0, 0, room+1) <= limit {
		room++
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
