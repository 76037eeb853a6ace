package agent

import (
	"snmpstack/ber"
	"snmpstack/pdu"
)

// bulk is what a GetBulkRequest needs beside the request's own memory.
type bulk struct {
	repeaters []repeater
	window    []pdu.VarBind // shared out among the repeaters
	size      int           // octets of the varbinds that the answer has
	limit     int           // octets of the whole message
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
	request := &q.message.PDU
	list := request.VarBinds
	n := min(max(int(request.NonRepeaters), 0), len(list))
	m := max(int(request.MaxRepetitions), 0)
	q.varBinds = q.varBinds[:0]
	q.bulk.size, q.bulk.limit = 0, q.bulkLimit()

	var one [1]pdu.VarBind
	for i := range list[:n] {
		got, err := q.successors(list[i].Name, one[:])
		if err != nil {
			return atVarBind(err, i)
		}
		if got == 0 {
			one[0] = pdu.VarBind{Name: list[i].Name, Value: pdu.EndOfMibView}
		}
		if !q.add(one[0]) {
			return nil
		}
	}
	if n == len(list) || m == 0 {
		return nil
	}
	q.startRepeaters(list[n:], m)
	for i := range m {
		if i > 0 && q.mib.Context.Err() != nil {
			return nil // it takes far too long; one repetition is complete
		}
		all := true
		for r := range q.bulk.repeaters {
			rep := &q.bulk.repeaters[r]
			vb, err := q.repeat(rep)
			if err != nil {
				return atVarBind(err, n+r)
			}
			all = all && rep.ended
			if !q.add(vb) {
				return nil
			}
		}
		if all { // every repeater is at the end of its view
			return nil
		}
	}
	return nil
}

// add appends vb to the answer, if it fits.
func (q *request) add(vb pdu.VarBind) bool {
	size := q.bulk.size + vb.EncodedLen()
	whole := pdu.CommunityMessageLen(q.message.Version, q.message.Community,
		pdu.PDULen(q.message.PDU.RequestID, 0, 0, size))
	if whole > q.bulk.limit {
		return false
	}
	q.bulk.size = size
	q.varBinds = append(q.varBinds, vb)
	return true
}

// startRepeaters shares the window out. A run is as long as what there is room
// for, if successors are as long as the names that were asked for.
func (q *request) startRepeaters(list []pdu.VarBind, m int) {
	row := 0
	for i := range list {
		row += list[i].EncodedLen()
	}
	length := min(m, (q.bulk.limit-q.bulk.size)/row+1, longestRun)
	b := &q.bulk
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

// repeat returns a repeater's next varbind.
func (q *request) repeat(rep *repeater) (pdu.VarBind, error) {
	if len(rep.run) == 0 && !rep.ended {
		n, err := q.successors(rep.last, rep.room)
		if err != nil {
			return pdu.VarBind{}, err
		}
		rep.run, rep.ended = rep.room[:n], n == 0
	}
	if rep.ended {
		// RFC 3416 §4.2.3: the name of the last successor, or the one asked for
		return pdu.VarBind{Name: rep.last, Value: pdu.EndOfMibView}, nil
	}
	vb := rep.run[0]
	rep.run = rep.run[1:]
	rep.last = vb.Name
	return vb, nil
}
