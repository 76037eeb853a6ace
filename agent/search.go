package agent

import (
	"errors"
	"sort"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// A search is what it takes to find instances that a request may see.
type search struct {
	// wide is where instances go while those found are hidden.
	wide [32]pdu.VarBind
	// run is where they go before a GETBULK encodes them.
	run [32]pdu.VarBind
	// weighed is the view while much is hidden.
	weighed weighed
}

// maxSteps bounds how many instances one request can make the agent look at, be
// it to step over those that it may not see or that SNMPv1 cannot carry, and how
// much that has none (mib.Request.Steps). It is far more than fit a message.
const maxSteps = 200_000

// successors writes the first instances from a name on that the request may see and
// carry to dst, and returns how many: at least one unless there is none (RFC 3416
// §4.2.2, with the smallest name after the one that is asked for). An error does not
// take away what was found before it.
func (q *request) successors(next ber.OID, dst []pdu.VarBind) (n int, err error) {
	found, view := dst, q.view
	mark := q.mib.Arena.Mark()
	for {
		// The name, or the first one behind it which the view may hold.
		from, ok := view.Seek(&q.mib.Arena, next)
		if !ok {
			return 0, nil
		}
		got, err := q.run.MIB.Next(&q.mib, max(from, next), found)
		if got == 0 {
			return 0, err
		}
		for i := range got {
			vb := &found[i]
			if n < len(dst) && view.Contains(vb.Name) && q.canCarry(vb.Value) {
				if at := &dst[n]; at != vb {
					*at = *vb
				}
				n++
			}
		}
		if n > 0 {
			return n, nil
		}
		// Nothing of it is of use but the name to go on from: without this, who may
		// not see much would need as much memory as there is to be stepped over.
		last := found[got-1].Name
		q.mib.Arena.Rewind(mark)
		next = q.mib.Arena.JoinArc(last, 0)
		found = q.search.wide[:]
		view = q.weigh()
	}
}

// weigh returns the view that is asked from now on, where much may be hidden.
func (q *request) weigh() vacm.View {
	if slow, ok := q.view.(vacm.Weigher); ok {
		q.search.weighed = weighed{slow, &q.mib}
		return &q.search.weighed
	}
	return q.view
}

// A weighed view adds the steps that it takes to those of a request. It is what is asked
// when everything that was found first is hidden: there may be a lot of that, and a view
// can be made so that it takes long for each name.
type weighed struct {
	vacm.Weigher
	request *mib.Request
}

func (w *weighed) Contains(name ber.OID) bool {
	in, steps := w.WeighContains(name)
	w.request.Steps += steps
	return in
}

func (w *weighed) Seek(a *ber.Arena, from ber.OID) (ber.OID, bool) {
	next, ok, steps := w.WeighSeek(a, from)
	w.request.Steps += steps
	return next, ok
}

// encodeSuccessors is successors for a GETBULK: it adds most instances after a name to
// list, or until nothing is Left, and returns how many and the name of the last one.
func (q *request) encodeSuccessors(after ber.OID, most int, list *pdu.List) (n int, last ber.OID, err error) {
	next := q.mib.Arena.JoinArc(after, 0)
	// As a rule all cells that are wanted are in the view, and in one table.
	spanner, ok := q.view.(vacm.Spanner)
	for view := q.view; ok; view = q.weigh() {
		var from ber.OID
		if from, ok = view.Seek(&q.mib.Arena, next); !ok {
			return 0, "", nil
		}
		next = max(from, next)
		n, last, err = q.run.MIB.NextEncoded(&q.mib, next, spanner.Span(next), most, list)
		switch {
		case n > 0:
			return n, last, nil
		case err != nil:
			return 0, "", err
		}
		ok = last > next // there is nothing up to last: nobody need look at what is hidden behind it
		next = max(next, last)
	}
	// Else as many as there is room for, if they are as long as the name asked for.
	least := pdu.VarBind{Name: after, Value: pdu.Null}
	most = min(most, len(q.search.run), max(list.Left(), 0)/least.EncodedLen()+1)
	found := q.search.run[:most]
	if n, err = q.successors(next, found); n == 0 {
		return 0, "", err
	}
	for i := range found[:n] {
		list.Add(&found[i])
	}
	return n, found[n-1].Name, nil
}

// hidden returns what a GetRequest gets for a name that is not in its view (RFC
// 3416 §4.2.1): noSuchInstance if the view may hold other instances of the
// object, else noSuchObject. Whether the instance exists makes no difference.
func (q *request) hidden(name ber.OID) (pdu.Value, error) {
	// The longest beginning of the name that something in the view shares. Nobody
	// but the MIB knows what part of a name is the object. If the object reaches
	// no further than this beginning, the view may hold instances of it.
	n := sort.Search(name.Len(), func(i int) bool { return !q.seesBelow(name.Slice(0, i+1)) })
	if n < 2 {
		return pdu.NoSuchObject, nil
	}
	value, err := q.run.MIB.Get(&q.mib, name.Slice(0, n))
	switch {
	case errors.Is(err, mib.ErrWouldBlock):
		return pdu.Value{}, err
	case err != nil, value == pdu.NoSuchObject:
		return pdu.NoSuchObject, nil
	}
	return pdu.NoSuchInstance, nil
}

// seesBelow reports whether the view may hold something at prefix or below it.
func (q *request) seesBelow(prefix ber.OID) bool {
	next, ok := q.view.Seek(&q.mib.Arena, prefix)
	return ok && next.HasPrefix(prefix)
}
