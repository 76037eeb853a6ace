package manager

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/transport"
)

var (
	agentAddr   = netip.MustParseAddrPort("192.0.2.1:161")
	managerAddr = netip.MustParseAddrPort("192.0.2.9:40000")
)

// A delivery is a datagram that the fake agent sends.
type delivery struct {
	after time.Duration // since the request
	from  netip.AddrPort
	data  []byte
}

// A peer is a transport.Conn whose other end is a script: what it sends depends
// on the request and on how many came before it. Inside a synctest bubble its
// delays are exact and take no time.
type peer struct {
	t      testing.TB
	answer func(attempt int, request *pdu.Message) []delivery
	// secure, if it is set, takes the place of answer: it gets the datagram.
	secure func(datagram []byte) []delivery

	mu       sync.Mutex
	requests []pdu.Message
	times    []time.Time
	queue    chan delivery
	done     chan struct{}
	close    sync.Once
}

func newPeer(t testing.TB, answer func(attempt int, request *pdu.Message) []delivery) *peer {
	return &peer{t: t, answer: answer, queue: make(chan delivery, 100), done: make(chan struct{})}
}

// client returns a Client whose agent is the peer.
func (p *peer) client() *Client {
	c := New(OverTransport(p, agentAddr), "udp:192.0.2.1")
	c.Community = "secret"
	p.t.Cleanup(func() { c.Close() })
	return c
}

func (p *peer) Read(packets []transport.Packet) (int, error) {
	select {
	case d := <-p.queue:
		packets[0].Data = packets[0].Buf.Bytes()[:copy(packets[0].Buf.Bytes(), d.data)]
		packets[0].Remote = d.from
		return 1, nil
	case <-p.done:
		return 0, net.ErrClosed
	}
}

func (p *peer) Write(packets []transport.Packet) (int, error) {
	for _, packet := range packets {
		if packet.Remote != agentAddr {
			p.t.Errorf("the request went to %v", packet.Remote)
		}
		if p.secure != nil {
			p.deliver(p.secure(packet.Data))
			continue
		}
		request, err := pdu.ParseMessage(packet.Data)
		if err != nil {
			p.t.Errorf("the request cannot be read: %v", err)
			continue
		}
		p.mu.Lock()
		p.requests = append(p.requests, *request)
		p.times = append(p.times, time.Now())
		n := len(p.requests)
		p.mu.Unlock()
		p.deliver(p.answer(n, request))
	}
	return len(packets), nil
}

func (p *peer) deliver(list []delivery) {
	for _, d := range list {
		send := func() {
			select {
			case p.queue <- d:
			case <-p.done:
			}
		}
		if d.after == 0 {
			send()
			continue
		}
		time.AfterFunc(d.after, send)
	}
}

func (p *peer) LocalAddr() netip.AddrPort { return managerAddr }

func (p *peer) Close() error {
	p.close.Do(func() { close(p.done) })
	return nil
}

// respond returns the Response to the request with these varbinds.
func respond(request *pdu.Message, list ...pdu.VarBind) *pdu.Message {
	m := *request
	m.PDU = pdu.PDU{Kind: pdu.Response, RequestID: request.PDU.RequestID, VarBinds: list}
	return &m
}

// now sends the messages at once, from the agent's address.
func now(list ...*pdu.Message) []delivery {
	var out []delivery
	for _, m := range list {
		out = append(out, delivery{from: agentAddr, data: m.Append(nil)})
	}
	return out
}

func later(d time.Duration, m *pdu.Message) delivery {
	return delivery{after: d, from: agentAddr, data: m.Append(nil)}
}

func oid(s string) ber.OID { return ber.MustOID(s) }

// bind returns a varbind whose value is an INTEGER.
func bind(name string, value int32) pdu.VarBind {
	return pdu.VarBind{Name: oid(name), Value: pdu.Integer(value)}
}

// store is the MIB of a well-behaved fake agent.
type store []pdu.VarBind

func (s store) answer(_ int, request *pdu.Message) []delivery {
	next := func(name ber.OID) pdu.VarBind {
		i := slices.IndexFunc(s, func(vb pdu.VarBind) bool { return vb.Name > name })
		if i < 0 {
			return pdu.VarBind{Name: name, Value: pdu.EndOfMibView}
		}
		return s[i]
	}
	p := &request.PDU
	r := respond(request)
	for i, vb := range p.VarBinds {
		switch p.Kind {
		case pdu.GetRequest:
			at := slices.IndexFunc(s, func(o pdu.VarBind) bool { return o.Name == vb.Name })
			if at >= 0 {
				r.PDU.VarBinds = append(r.PDU.VarBinds, s[at])
			} else {
				r.PDU.VarBinds = append(r.PDU.VarBinds, pdu.VarBind{Name: vb.Name, Value: pdu.NoSuchInstance})
			}
		case pdu.GetNextRequest:
			found := next(vb.Name)
			if found.Value == pdu.EndOfMibView && request.Version == pdu.V1 {
				r.PDU.ErrorStatus, r.PDU.ErrorIndex, r.PDU.VarBinds = pdu.NoSuchName, int32(i+1), p.VarBinds
				return now(r)
			}
			r.PDU.VarBinds = append(r.PDU.VarBinds, found)
		case pdu.GetBulkRequest: // one repeater
			name := vb.Name
			for range p.MaxRepetitions {
				found := next(name)
				r.PDU.VarBinds = append(r.PDU.VarBinds, found)
				name = found.Name
			}
		case pdu.SetRequest:
			r.PDU.VarBinds = append(r.PDU.VarBinds, vb)
		}
	}
	return now(r)
}

var system = store{
	bind("1.3.6.1.2.1.1.1.0", 1),
	bind("1.3.6.1.2.1.1.3.0", 3),
	bind("1.3.6.1.2.1.1.5.0", 5),
	bind("1.3.6.1.2.1.2.1.0", 21),
	bind("1.3.6.1.2.1.2.2.1.1.1", 22),
}

// text writes varbinds in one line.
func text(list []pdu.VarBind) string {
	s := ""
	for _, vb := range list {
		s += fmt.Sprintf("%v=%s;", vb.Name, vb.Value.Text())
	}
	return s
}
