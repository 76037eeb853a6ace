package agent

import (
	"errors"
	"fmt"
	"net/netip"

	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// A request is one datagram on its way through the agent, with all the memory
// that takes. It is used again and again, by one goroutine at a time: each reader
// has one, and each worker.
type request struct {
	run *run
	datagram

	tally    tally
	worker   *usm.Worker // nil until there is a message of SNMPv3's
	decoder  pdu.Decoder
	mib      mib.Request
	objects  []pdu.VarBind // the event's
	varBinds []pdu.VarBind // the answer's
	response pdu.PDU
	search   search
	bulk     bulk
	answer   answer
	spare    []*transport.Buffer // small ones, for the next answers

	// What a worker needs beside that.
	begin         func()           // work, which a go statement would make a func of each time
	taken         transport.Packet // the datagram, which the reader no longer has
	context       *requestContext  // nil: the one that there was is somebody else's
	out           [1]transport.Packet
	what          [1]departure
	lastCommunity string // that a hook has been told, for those who ask again
}

// A datagram is what a request knows of the one that it is about now.
type datagram struct {
	conn              transport.Conn
	*transport.Packet // the reader's, or taken

	model           messageProcessing // of the message's version
	community       communityMessage  // the message, if it is one of these
	v3              v3Message         // the message, if it is SNMPv3's
	pdu             *pdu.PDU          // the message's
	security        securityState     // shows that the message has been verified
	contextEngineID usm.EngineID
	maxSize         int       // the longest message that may answer, in octets
	view            vacm.View // what the one who asks may read, or for a SetRequest write
	encoded         []byte    // the answer's varbinds behind those in varBinds
	retrieved       int       // how many of encoded are no exceptions
	event           RequestEvent
	deferred        *Deferred // nil unless a hook has taken it over
	traced          bool      // OnPacketTrace has been told of it
	decrypted       []byte    // the answer as it is traced, nil: as it is
}

// An answer is a datagram in the making.
type answer struct {
	buf  *transport.Buffer // nil unless there is one
	data []byte            // in buf, when it is ready
}

func (r *run) newRequest() *request {
	q := &request{run: r}
	q.begin = q.work
	return q
}

// forget ends the work on a datagram: nothing stays but memory, and of that not
// more than any request may need, so that a peer cannot make the agent hold on to
// a lot for ever. (A usm.Worker never has more than one datagram's.)
func (q *request) forget() {
	if q.run.poison {
		q.poisonMemory()
	}
	octets, varBinds := q.decoder.Cap()
	if octets+q.mib.Arena.Cap() > keepArena || varBinds+cap(q.varBinds) > keepVarBinds || cap(q.bulk.answer)+q.bulk.found.Cap() > keepLists {
		*q = request{run: q.run, tally: q.tally, worker: q.worker, spare: q.spare, begin: q.begin, taken: q.taken}
	}
	q.datagram = datagram{}
	q.mib.End()
	q.search.weighed = weighed{}
	q.mib.Context, q.mib.SecurityName, q.mib.ContextName, q.mib.Rights = nil, "", "", nil
}

// What a request keeps for the next one.
const (
	keepArena    = 64 << 10 // octets
	keepVarBinds = 4096
	keepLists    = 256 << 10 // octets
)

// poisonMemory overwrites what the next datagram will be read into.
func (q *request) poisonMemory() {
	q.mib.Arena.Poison()
	if q.Packet != nil {
		for i := range q.Data {
			q.Data[i] = 0xDB
		}
	}
	garbage := pdu.VarBind{Name: ber.NewOID(2, 0xDBDB), Value: pdu.OctetString("left behind")}
	q.decoder.Poison()
	if q.worker != nil {
		q.worker.Poison()
	}
	for i := range q.bulk.answer {
		q.bulk.answer[i] = 0xDB
	}
	q.bulk.found.Poison()
	for _, list := range [][]pdu.VarBind{q.varBinds, q.objects, q.search.wide[:], q.search.run[:]} {
		for i := range list {
			list[i] = garbage
		}
	}
}

// A verdict is what became of a datagram.
type verdict int

const (
	dropped    verdict = iota // it has been counted, nothing is sent
	answered                  // there is a Response
	reported                  // it has been counted, and there is a Report
	wouldBlock                // a worker has to do it
	deferred                  // a hook has taken it over
	accepted                  // it has been verified and read, and can be dispatched
)

// receive takes a datagram from the transport up to its answer, without waiting
// for anything (RFC 3412 §4.2.1). Where that is impossible the verdict is
// wouldBlock, and resume does it.
func (q *request) receive() verdict {
	r := q.run
	if !r.DecryptLogPackets {
		q.traceIncoming()
	}
	verdict := q.take()
	if verdict != wouldBlock {
		q.traceIncoming()
	}
	return verdict
}

// take is receive but for what OnPacketTrace is told.
func (q *request) take() verdict {
	r := q.run
	switch {
	case r.state.rejecting.Load():
		r.counters.notAccepted.Add(1)
		return dropped
	case q.Truncated || len(q.Data) > r.MaxPacketSize:
		r.counters.oversized.Add(1)
		return dropped
	case r.peer.IsValid() && q.Remote != r.peer:
		return q.notFromPeer()
	case r.informs.take(q):
		r.counters.delivered.Add(1)
		return dropped
	}
	q.mib.Inline = true
	q.mib.Context = r.context
	return q.process()
}

// resume is the rest of receive for a datagram that a worker has taken over. It
// is verified and read again, into the worker's memory.
func (q *request) resume() verdict {
	q.mib.Inline = false
	return q.process()
}

// process finds the model for the message's version, which verifies and reads it,
// and dispatches its PDU (RFC 3412 §4.2.1).
func (q *request) process() verdict {
	version, err := pdu.ReadVersion(q.Data)
	if err != nil {
		return q.bad(CodeBadPacket, &inASNParseErrs, err)
	}
	if q.model = q.run.messageProcessing(version); q.model == nil {
		return q.bad(CodeBadVersion, &inBadVersions, pdu.ErrVersion)
	}
	q.decoder.Strict = q.run.Strict
	q.mib.Version = version
	q.mib.Source = q.Remote
	q.mib.Arena.Reset()
	q.mib.Begin()
	q.mib.MaxSteps = maxSteps
	verdict := q.model.prepareDataElements(q)
	if verdict != wouldBlock {
		q.traceIncoming()
	}
	if verdict != accepted {
		return verdict
	}
	return q.dispatch(q.security)
}

// finish makes the Response out of what respond has left behind, or of its
// error.
func (q *request) finish(err error) verdict {
	request := q.pdu
	response := &q.response
	*response = pdu.PDU{}
	response.Kind, response.RequestID, response.VarBinds, response.Encoded = pdu.Response, request.RequestID, q.varBinds, q.encoded
	if err != nil {
		// RFC 3416 §4.2.1: the variable bindings are those of the request.
		q.repeatVarBinds()
		response.VarBinds, response.Encoded = q.varBinds, q.encoded
		response.ErrorStatus = pdu.GenErr
		if status := (*pdu.StatusError)(nil); errors.As(err, &status) {
			response.ErrorStatus, response.ErrorIndex = status.Status, int32(status.Index)
		}
		if _, plain := err.(*pdu.StatusError); !plain {
			q.run.report(fmt.Errorf("agent: %v from %v: %w", request.Kind, q.Remote, err))
		}
	}
	q.translate(response)
	for attempt := 0; ; attempt++ {
		if data, ok := q.encode(response); ok {
			q.tally.countOut(request.Kind, response, q.retrieved)
			q.answer.data = data
			return answered
		}
		var another bool
		if *response, another = q.alternate(attempt); !another {
			// RFC 3416 §4.2.1: not even the alternate Response fits.
			q.run.counters.snmp[SnmpSilentDrops].Add(1)
			q.dropAnswer()
			return dropped
		}
	}
}

// encode writes the message with a Response to the buffer of the answer. It reports
// whether that was possible.
func (q *request) encode(response *pdu.PDU) (data []byte, ok bool) {
	for {
		buf := q.answerBuffer().Bytes()
		data, err := q.model.prepareResponse(q, buf[:min(q.maxSize, len(buf))], response)
		if err == nil {
			return data, true
		}
		if q.maxSize <= len(buf) {
			return nil, false
		}
		q.answer.buf.Release()
		q.answer.buf = q.run.pool.Get(transport.FullSize)
	}
}

// answerBuffer returns the buffer that the answer is made in.
func (q *request) answerBuffer() *transport.Buffer {
	if q.answer.buf == nil {
		if n := len(q.spare); n > 0 {
			q.answer.buf, q.spare = q.spare[n-1], q.spare[:n-1]
		} else {
			q.answer.buf = q.run.pool.Get(transport.SmallSize)
		}
	}
	return q.answer.buf
}

// depart makes p the answer, addressed to whoever has asked, from the address that was
// asked unless RespondFromDestIP is off. It gives its buffer away.
func (q *request) depart(p *transport.Packet) {
	p.Buf, p.Data = q.answer.buf, q.answer.data
	p.Remote, p.Local, p.IfIndex = q.Remote, q.Local, q.IfIndex
	if q.run.ignoreLocal {
		p.Local = netip.Addr{}
	}
	q.answer = answer{}
}

// dropAnswer is for an answer that is not sent.
func (q *request) dropAnswer() {
	q.answer.buf.Release()
	q.answer = answer{}
}
