package agent

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"snmpstack/pdu"
	"snmpstack/transport"
)

// maxInforms is how many informs may wait for a confirmation at a time: those for a
// target that is dead for good must not fill the memory.
const maxInforms = 256

// maxManagedInforms is how many of them may be for those whom managers have named, who
// need not be there at all: the rest of the room is the program's own.
const maxManagedInforms = 192

// informs are those that wait on the agent's sockets.
type informs struct {
	number  atomic.Int64
	managed atomic.Int64 // those of them for whom managers have named
	waiting atomic.Int64 // those of them that wait on a socket of the agent's
	mu      sync.Mutex
	byPeer  map[netip.AddrPort]map[*informConn]struct{}
}

// An informConn is one inform's end of a socket: the agent's, on which its reader
// passes on what comes from the target, or one of its own.
type informConn struct {
	transport.Conn // what is written goes here, and what is read comes from here if own
	run            *run
	own, managed   bool
	remote         netip.AddrPort
	in             chan []byte
	closed         chan struct{}
	close          sync.Once
	traces         informTraces

	mu        sync.Mutex
	ids       []messageID // of what was sent
	discovery discovery
}

// informQueue is how many datagrams wait for one inform. More of them are lost.
const informQueue = 8

func (i *informs) begin(r *run, c transport.Conn, own bool, o *outgoing) (*informConn, error) {
	remote, managed := o.remote, o.to.managed
	if managed && i.managed.Add(1) > maxManagedInforms {
		i.managed.Add(-1)
		return nil, &Error{CodeBusy, fmt.Errorf("%d informs to those whom managers have named wait for confirmation already", maxManagedInforms)}
	}
	if i.number.Add(1) > maxInforms {
		i.end(managed)
		return nil, &Error{CodeBusy, fmt.Errorf("%d informs wait for confirmation already", maxInforms)}
	}
	w := &informConn{Conn: c, run: r, own: own, managed: managed, remote: remote, in: make(chan []byte, informQueue), closed: make(chan struct{})}
	w.traces.run, w.traces.remote = r, remote
	if own {
		return w, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.byPeer == nil {
		i.byPeer = make(map[netip.AddrPort]map[*informConn]struct{})
	}
	if i.byPeer[remote] == nil {
		i.byPeer[remote] = make(map[*informConn]struct{})
	}
	i.byPeer[remote][w] = struct{}{}
	i.waiting.Add(1)
	return w, nil
}

// end gives the room of one back.
func (i *informs) end(managed bool) {
	i.number.Add(-1)
	if managed {
		i.managed.Add(-1)
	}
}

// take passes a datagram on to the inform that it may answer, and reports whether it is
// for those who wait: it comes from an endpoint that one was sent to (RFC 3413 §3.3
// (6)), and is a Response or a Report as far as that can be seen. OnReport hears of a
// Report before they do, unless it is what the discovery of an engine goes on by.
func (i *informs) take(q *request) bool {
	if i.waiting.Load() == 0 {
		return false
	}
	list := i.waitingFor(q.Remote)
	if len(list) == 0 {
		return false
	}
	id, may := mayAnswer(q.Data)
	// Some confirm with the reportableFlag set (gosnmp), which a Response must not have
	// (RFC 3412 §6.4): the msgID of an inform tells it from a request.
	if !may && !(id.version == pdu.V3 && slices.ContainsFunc(list, func(w *informConn) bool { return w.sent(id) })) {
		return false
	}
	if !slices.ContainsFunc(list, func(w *informConn) bool { return w.discovers(id, q.Data) }) {
		q.run.tellReport(&q.decoder, q.Data, q.Remote)
	}
	for _, w := range list {
		if !w.sent(id) {
			continue
		}
		d := append([]byte(nil), q.Data...)
		if !q.traced {
			q.traced = w.traces.expect(d)
		}
		select {
		case w.in <- d:
		default:
		}
	}
	return true
}

// waitingFor returns the informs that were sent to an endpoint.
func (i *informs) waitingFor(remote netip.AddrPort) (list []*informConn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for w := range i.byPeer[remote] {
		list = append(list, w)
	}
	return list
}

// A messageID tells messages that may be outstanding apart: by the msgID in SNMPv3, and
// by the request-id.
type messageID struct {
	version pdu.Version
	id      int32
}

// mayAnswer reports whether a datagram may be a Response or a Report, and to what. In
// SNMPv3 it can be encrypted: then it is one that is not to be reported about (RFC 3412
// §6.4).
func mayAnswer(datagram []byte) (messageID, bool) {
	if version, err := pdu.ReadVersion(datagram); err == nil && version == pdu.V3 {
		header, err := pdu.ReadHeader3(datagram, false)
		return messageID{pdu.V3, header.MsgID}, err == nil && header.MsgFlags&pdu.FlagReportable == 0
	}
	header, err := pdu.ReadHeader(datagram, false)
	id, ok := header.PeekRequestID()
	return messageID{header.Version, id}, err == nil && ok && header.Kind == pdu.Response
}

// messageIDOf returns the ID of an inform, or of what asks for the target's engine.
func messageIDOf(datagram []byte) messageID {
	if header, err := pdu.ReadHeader3(datagram, false); err == nil {
		return messageID{pdu.V3, header.MsgID}
	}
	header, _ := pdu.ReadHeader(datagram, false)
	id, _ := header.PeekRequestID()
	return messageID{header.Version, id}
}

// sent reports whether a message with this ID has been sent.
func (w *informConn) sent(id messageID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.ids, id)
}

// Read waits for a datagram from the target.
func (w *informConn) Read(p []transport.Packet) (int, error) {
	if w.own {
		n, err := w.Conn.Read(p)
		for i := range p[:n] {
			w.run.counters.snmp[SnmpInPkts].Add(1)
			w.run.counters.delivered.Add(1)
			id, may := mayAnswer(p[i].Data)
			if may && !w.discovers(id, p[i].Data) {
				w.run.tellReport(new(pdu.Decoder), p[i].Data, p[i].Remote)
			}
			if !w.sent(id) || !w.traces.expect(p[i].Data) {
				w.run.trace(Incoming, p[i].Data, p[i].Remote)
			}
		}
		return n, err
	}
	select {
	case d := <-w.in:
		p[0].Data = p[0].Buf.Bytes()[:copy(p[0].Buf.Bytes(), d)]
		p[0].Remote, p[0].Truncated = w.remote, false
		return 1, nil
	case <-w.closed:
		return 0, net.ErrClosed
	}
}

// Write sends the inform.
func (w *informConn) Write(p []transport.Packet) (int, error) {
	for i := range p {
		if id := messageIDOf(p[i].Data); !w.sent(id) {
			w.mu.Lock()
			w.ids = append(w.ids, id)
			w.discovery.sent(id, p[i].Data)
			w.mu.Unlock()
		}
		if err := w.run.originate(w.Conn, p[i], w.traces.shown); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// Close ends the wait. The agent's socket stays open.
func (w *informConn) Close() error {
	w.close.Do(func() {
		i := &w.run.informs
		i.end(w.managed)
		w.traces.end()
		close(w.closed)
		if w.own {
			w.Conn.Close()
			return
		}
		i.waiting.Add(-1)
		i.mu.Lock()
		defer i.mu.Unlock()
		if delete(i.byPeer[w.remote], w); len(i.byPeer[w.remote]) == 0 {
			delete(i.byPeer, w.remote)
		}
	})
	return nil
}
