package agent

import (
	"errors"

	"snmpstack/agent/community"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
)

// A request is one datagram on its way through the agent, with all the memory
// that takes. It is used again and again, by one goroutine at a time: the reader
// has one, and every worker.
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
	bulk     bulk
	answer   *transport.Buffer
}

func (r *run) newRequest() *request { return &request{run: r} }

// reset forgets everything about the last datagram but the memory.
func (q *request) reset() {
	q.conn, q.Packet, q.verified = nil, transport.Packet{}, community.Verified{}
	q.event, q.view = RequestEvent{}, nil
	if q.mib.Arena.Cap() > keepArena {
		q.mib.Arena = ber.Arena{}
	}
	if cap(q.varBinds) > keepVarBinds {
		q.varBinds, q.objects, q.bulk = nil, nil, bulk{}
	}
}

// What a request keeps for the next one. A peer cannot make the agent hold on to
// more for ever.
const (
	keepArena    = 64 << 10 // octets
	keepVarBinds = 2048
)

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
	c := r.counters
	c.snmp[SnmpInPkts].Add(1)
	if r.OnPacketTrace != nil {
		r.OnPacketTrace(&PacketTraceEvent{Packet: q.Data, Direction: Incoming, Peer: q.Remote})
	}
	switch {
	case r.state.rejecting.Load() || r.stopping.Load():
		c.notAccepted.Add(1)
		return transport.Packet{}, dropped
	case q.Truncated || len(q.Data) > r.MaxPacketSize:
		c.oversized.Add(1)
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

// authenticate reads the message's header and checks the community.
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

// bulkLimit is how far the answer to a GetBulkRequest is filled.
func (q *request) bulkLimit() int {
	limit := q.run.MaxBulkResponse
	if limit == 0 {
		limit = bulkIPv4
		if q.Remote.Addr().Is6() {
			limit = bulkIPv6
		}
	}
	return min(limit, q.run.MsgMaxSize)
}
