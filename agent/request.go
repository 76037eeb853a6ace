package agent

import (
	"errors"
	"fmt"

	"snmpstack/agent/community"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A request is one datagram on its way through the agent, with all the memory
// that takes. It is used again and again, by one goroutine at a time: each reader
// has one, and each worker.
type request struct {
	run  *run
	conn transport.Conn
	transport.Packet

	verified community.Verified
	decoder  pdu.Decoder
	message  pdu.Message
	mib      mib.Request
	view     View // what the one who asks may read, or for a SetRequest write
	event    RequestEvent
	objects  []pdu.VarBind // the event's

	varBinds []pdu.VarBind // the answer's
	search   search
	bulk     bulk
	answer   *transport.Buffer
}

func (r *run) newRequest() *request { return &request{run: r} }

// forget ends the work on a datagram: nothing stays but memory, and of that not
// more than any request may need, so that a peer cannot make the agent hold on to
// a lot for ever.
func (q *request) forget() {
	if q.run.poison {
		q.poisonMemory()
	}
	if q.decoder.Arena.Cap()+q.mib.Arena.Cap() > keepArena || cap(q.message.PDU.VarBinds)+cap(q.varBinds) > keepVarBinds {
		*q = request{run: q.run}
		return
	}
	q.conn, q.Packet, q.verified, q.view = nil, transport.Packet{}, community.Verified{}, nil
	q.event = RequestEvent{}
}

// What a request keeps for the next one.
const (
	keepArena    = 64 << 10 // octets
	keepVarBinds = 4096
)

// poisonMemory overwrites what the next datagram will be read into.
func (q *request) poisonMemory() {
	q.decoder.Arena.Poison()
	q.mib.Arena.Poison()
	for i := range q.Data {
		q.Data[i] = 0xDB
	}
	garbage := pdu.VarBind{Name: ber.NewOID(2, 0xDBDB), Value: pdu.OctetString("left behind")}
	for _, list := range [][]pdu.VarBind{q.message.PDU.VarBinds, q.varBinds, q.objects, q.bulk.window, q.search.wide[:]} {
		for i := range list {
			list[i] = garbage
		}
	}
}

// A verdict is what became of a datagram.
type verdict int

const (
	dropped    verdict = iota // it has been counted, nothing is sent
	answered                  // there is an answer
	wouldBlock                // a worker has to do it
)

// receive takes a datagram from the transport up to its answer, without waiting
// for anything (RFC 3412 §4.2.1, RFC 1157 §4.1). Where that is impossible the
// verdict is wouldBlock, and resume does it.
func (q *request) receive() (transport.Packet, verdict) {
	r := q.run
	if r.OnPacketTrace != nil {
		r.OnPacketTrace(&PacketTraceEvent{Packet: q.Data, Direction: Incoming, Peer: q.Remote})
	}
	switch {
	case r.state.rejecting.Load():
		r.counters.notAccepted.Add(1)
		return transport.Packet{}, dropped
	case q.Truncated || len(q.Data) > r.MaxPacketSize:
		r.counters.oversized.Add(1)
		return transport.Packet{}, dropped
	}
	if !q.authenticate() || !q.decode() {
		return transport.Packet{}, dropped
	}
	q.mib.Inline = true
	q.mib.Context = r.context
	return q.dispatch()
}

// resume is the rest of receive for a datagram that a worker has taken over. It
// is read again, into the worker's memory.
func (q *request) resume() (transport.Packet, verdict) {
	if !q.authenticate() || !q.decode() {
		return transport.Packet{}, dropped
	}
	q.mib.Inline = false
	return q.dispatch()
}

// authenticate reads the message's header and checks the community. It looks at
// the version first, then at the community, and at the PDU only if both are good
// (RFC 1157 §4.1).
func (q *request) authenticate() bool {
	r := q.run
	version, err := pdu.ReadVersion(q.Data)
	if err != nil {
		return q.bad(CodeBadPacket, SnmpInASNParseErrs, err)
	}
	if version == pdu.V1 && r.DisableV1 || version == pdu.V2c && r.DisableV2c || version != pdu.V1 && version != pdu.V2c {
		return q.bad(CodeBadVersion, SnmpInBadVersions, pdu.ErrVersion)
	}
	header, err := pdu.ReadHeader(q.Data, r.Strict)
	if err != nil {
		return q.bad(CodeBadPacket, SnmpInASNParseErrs, err)
	}
	q.verified, err = community.ProcessIncoming(r.Access, q.Data, header, q.Remote.Addr())
	if err != nil {
		return q.bad(CodeNotAuthenticated, SnmpInBadCommunityNames, err)
	}
	return true
}

// decode reads the PDU of a message that has been found authentic.
func (q *request) decode() bool {
	q.decoder.Strict = q.run.Strict
	err := q.verified.Decode(&q.decoder, &q.message)
	if err == nil {
		err = q.checkSyntaxes()
	}
	switch {
	case err == nil:
	case errors.Is(err, pdu.ErrKind):
		return q.bad(CodeUnknownPDU, SnmpInASNParseErrs, err)
	default:
		return q.bad(CodeDefectivePacket, SnmpInASNParseErrs, err)
	}
	who := q.verified.Principal()
	q.mib.Version = q.message.Version
	q.mib.SecurityModel = q.verified.SecurityModel()
	q.mib.SecurityLevel = pdu.NoAuthNoPriv
	q.mib.SecurityName, q.mib.ContextName = who.SecurityName, who.ContextName
	q.mib.Source = q.Remote
	q.mib.Arena.Reset()
	q.mib.Steps, q.mib.MaxSteps = 0, maxSteps
	return true
}

// counterNames are the MIB's names of the counters that a message which is not
// processed ends in.
var counterNames = map[int]string{
	SnmpInBadVersions:       "snmpInBadVersions",
	SnmpInBadCommunityNames: "snmpInBadCommunityNames",
	SnmpInASNParseErrs:      "snmpInASNParseErrs",
}

// bad counts a message that is not processed and tells OnBadPacket. It returns
// false.
func (q *request) bad(code Code, counter int, err error) bool {
	q.run.counters.snmp[counter].Add(1)
	if hook := q.run.OnBadPacket; hook != nil {
		hook(&BadPacketEvent{Packet: q.Data, Source: q.Remote, Code: code, Counter: counterNames[counter], Err: err})
	}
	return false
}

// finish makes the Response out of what respond has left behind, or of its
// error.
func (q *request) finish(err error) (transport.Packet, verdict) {
	request := &q.message.PDU
	response := pdu.PDU{Kind: pdu.Response, RequestID: request.RequestID, VarBinds: q.varBinds}
	if err != nil {
		// RFC 3416 §4.2.1: the variable bindings are those of the request.
		response.VarBinds = request.VarBinds
		response.ErrorStatus = pdu.GenErr
		if status := (*pdu.StatusError)(nil); errors.As(err, &status) {
			response.ErrorStatus, response.ErrorIndex = status.Status, int32(status.Index)
		}
		if _, plain := err.(*pdu.StatusError); !plain {
			q.run.report(fmt.Errorf("agent: %v from %v: %w", request.Kind, q.Remote, err))
		}
	}
	q.translate(&response)
	message := pdu.Message{Version: q.message.Version, Community: q.message.Community, PDU: response}
	for attempt := 0; ; attempt++ {
		if data, ok := q.encode(&message, q.run.MsgMaxSize); ok {
			q.run.counters.countOut(request.Kind, &message.PDU)
			return transport.Packet{Data: data, Remote: q.Remote, Local: q.Local, IfIndex: q.IfIndex}, answered
		}
		var another bool
		if message.PDU, another = q.alternate(attempt); !another {
			// RFC 3416 §4.2.1: not even the alternate Response fits.
			q.run.counters.snmp[SnmpSilentDrops].Add(1)
			q.takeAnswer().Release()
			return transport.Packet{}, dropped
		}
	}
}

// encode writes a Response to the buffer of the answer, at most limit octets. It
// reports whether that was possible.
func (q *request) encode(response *pdu.Message, limit int) (data []byte, ok bool) {
	if q.answer == nil {
		q.answer = q.run.pool.Get(transport.SmallSize)
	}
	for {
		buf := q.answer.Bytes()
		w := ber.NewWriter(buf[:min(limit, len(buf))])
		if response.Encode(&w); w.Err() == nil {
			return w.Bytes(), true
		}
		if limit <= len(buf) {
			return nil, false
		}
		q.answer.Release()
		q.answer = q.run.pool.Get(transport.FullSize)
	}
}

// takeAnswer gives the buffer of the answer to the caller.
func (q *request) takeAnswer() *transport.Buffer {
	b := q.answer
	q.answer = nil
	return b
}
