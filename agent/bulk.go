package agent

import (
	"errors"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// bulk is what a GetBulkRequest needs beside the request's own memory.
type bulk struct {
	repeaters []repeater
	window    []pdu.VarBind // shared out among the repeaters
	size      int           // octets of the varbinds that the answer has
	room      int           // octets that varbinds may take
}

// A repeater is a varbind that a GetBulkRequest asks for again and again. It
// fetches its successors in runs.
type repeater struct {
	last  ber.OID       // the successor that was found last, or the name asked for
	run   []pdu.VarBind // found, not yet in the answer
	room  []pdu.VarBind // where runs are fetched to
	ended bool          // there is no further successor
}

// getBulk answers a GetBulkRequest (RFC 3416 §4.2.3): the successors of the first
// N varbinds once, those of the others M times, repetition by repetition, and of
// all that as much from the start as fits.
func (q *request) getBulk() error {
	list := q.pdu.VarBinds
	n, m := q.repetitions()
	q.startBulk()
	one := q.search.wide[:1]
	for i := range list[:n] {
		got, err := q.successors(list[i].Name, one)
		if err != nil {
			return readError(err, i)
		}
		if got == 0 {
			one[0] = pdu.VarBind{Name: list[i].Name, Value: pdu.EndOfMibView}
		}
		if !q.add(&one[0]) {
			return nil
		}
	}
	if n == len(list) || m == 0 {
		return nil
	}
	q.startRepeaters(list[n:], m)
	for i := range m {
		complete := len(q.varBinds)
		at, more, err := q.repetition()
		switch {
		case err == nil && more:
		case err == nil:
			return nil
		case i > 0 && (errors.Is(err, mib.ErrTooFar) || q.mib.Context.Err() != nil):
			// It takes far too long: the repetitions before this one will do.
			q.varBinds = q.varBinds[:complete]
			return nil
		default:
			return readError(err, n+at)
		}
	}
	return nil
}

// repetition adds the next successor of each repeater. It returns the number of
// the repeater that an error is about, and whether another repetition could add
// something: there is room, and not every repeater is at the end of its view.
func (q *request) repetition() (at int, more bool, err error) {
	for i := range q.bulk.repeaters {
		rep := &q.bulk.repeaters[i]
		vb, err := q.repeat(rep)
		if err != nil {
			return i, false, err
		}
		if !q.add(vb) {
			return i, false, nil
		}
		more = more || !rep.ended
	}
	return 0, more, nil
}

// repetitions returns RFC 3416 §4.2.3's N, how many varbinds do not repeat, and M,
// how often the others do. What is negative counts as 0.
func (q *request) repetitions() (n, m int) {
	request := q.pdu
	return min(max(int(request.NonRepeaters), 0), len(request.VarBinds)), max(int(request.MaxRepetitions), 0)
}

// startBulk begins with an empty answer, and with what it may grow to: a message is
// not larger than either side can take (RFC 3416 §2.3).
func (q *request) startBulk() {
	limit := q.run.MaxBulkResponse
	if limit == 0 {
		limit = bulkIPv4
		if q.Remote.Addr().Is6() {
			limit = bulkIPv6
		}
	}
	q.varBinds = q.varBinds[:0]
	q.bulk.size, q.bulk.room = 0, q.roomFor(min(limit, q.maxSize))
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

// add appends vb to the answer, if it fits. The first one may be as large as a
// message can be: an answer without varbinds would leave a manager nowhere to go
// on from.
func (q *request) add(vb *pdu.VarBind) bool {
	size := q.bulk.size + vb.EncodedLen()
	if size > q.bulk.room && (len(q.varBinds) > 0 || size > q.roomFor(q.maxSize)) {
		return false
	}
	q.bulk.size = size
	q.varBinds = append(q.varBinds, *vb)
	return true
}

// responseLen returns the size of the message with a Response to the request, whose
// varbinds take size octets.
func (q *request) responseLen(status pdu.ErrorStatus, index, size int) int {
	return q.model.responseLen(q, pdu.PDULen(q.pdu.RequestID, int32(status), int32(index), size))
}

// startRepeaters shares the window out. A run is as long as what there is room
// for, if successors are as long as the names that were asked for.
func (q *request) startRepeaters(list []pdu.VarBind, m int) {
	row := 0
	for i := range list {
		row += list[i].EncodedLen()
	}
	b := &q.bulk
	length := min(m, max(b.room-b.size, 0)/row+1, longestRun)
	if need := length * len(list); cap(b.window) < need {
		b.window = make([]pdu.VarBind, need)
	}
	window := b.window[:cap(b.window)]
	b.repeaters = b.repeaters[:0]
	for i := range list {
		b.repeaters = append(b.repeaters, repeater{last: list[i].Name, room: window[i*length : (i+1)*length]})
	}
}

// longestRun bounds what is fetched at once: some of it may not fit.
const longestRun = 64

// repeat returns a repeater's next varbind, which is good until the next call.
func (q *request) repeat(rep *repeater) (*pdu.VarBind, error) {
	if len(rep.run) == 0 && !rep.ended {
		n, err := q.successors(rep.last, rep.room)
		if err != nil {
			return nil, err
		}
		rep.run, rep.ended = rep.room[:n], n == 0
	}
	if rep.ended {
		// RFC 3416 §4.2.3: the name of the last successor, or the one asked for.
		rep.room[0] = pdu.VarBind{Name: rep.last, Value: pdu.EndOfMibView}
		return &rep.room[0], nil
	}
	vb := &rep.run[0]
	rep.run = rep.run[1:]
	rep.last = vb.Name
	return vb, nil
}
