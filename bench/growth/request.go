package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A generator makes requests, each about another key. It writes the next one to buf
// and returns it.
type generator func(buf []byte) []byte

// Keys are numbers from 0 on. As the last sub-identifier of a name they are counted
// from firstKey, so that all take the same five octets, and requests and answers are
// equally long whatever there is to choose from.
const firstKey = 1 << 28

// keyArc is the sub-identifier of key n.
func keyArc(n int) uint32 { return firstKey + uint32(n) }

// keyName is the name of key n: of a user, a community or a context.
func keyName(n int) string { return fmt.Sprintf("key-%07d", n) }

// A template is a request whose key can be exchanged.
type template struct {
	datagram []byte
	arcs     []int // where the key stands as a sub-identifier
	digits   []int // and where as the digits of a name
}

// newTemplate finds out where the key stands in requests that make builds for one.
func newTemplate(make func(key int) ([]byte, error)) (*template, error) {
	const marker = 9_876_543
	datagram, err := make(marker)
	if err != nil {
		return nil, err
	}
	t := &template{datagram: datagram}
	var arc [5]byte
	putArc(arc[:], keyArc(marker))
	t.arcs = places(datagram, arc[:])
	t.digits = places(datagram, fmt.Appendf(nil, "%07d", marker))
	if len(t.arcs)+len(t.digits) == 0 {
		return nil, errors.New("the key is not in the request")
	}
	return t, nil
}

func places(b, part []byte) (list []int) {
	for from := 0; ; {
		i := bytes.Index(b[from:], part)
		if i < 0 {
			return list
		}
		list = append(list, from+i)
		from += i + len(part)
	}
}

// generate returns requests for keys below n at random.
func (t *template) generate(n int) generator {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	return func(buf []byte) []byte {
		key := int(random.Uint64() % uint64(n))
		buf = buf[:copy(buf, t.datagram)]
		for _, at := range t.arcs {
			putArc(buf[at:at+5], keyArc(key))
		}
		for _, at := range t.digits {
			for i, rest := at+6, key; i >= at; i-- {
				buf[i] = '0' + byte(rest%10)
				rest /= 10
			}
		}
		return buf
	}
}

// putArc writes a sub-identifier of five octets (X.690 §8.19.2).
func putArc(to []byte, arc uint32) {
	for i := 4; i >= 0; i-- {
		to[i] = byte(arc) | 0x80
		arc >>= 7
	}
	to[4] &^= 0x80
}

// prepared is how many requests there are that cannot be made at the time. It is the
// same however many keys there are, so that to read them costs the same.
const prepared = 1 << 16

// generatePrepared returns requests for keys below n at random that are made before,
// since they are signed. They are sent in the order in which they lie in memory: what
// is at random is whom they are about.
func generatePrepared(n int, make func(key int) ([]byte, error)) (generator, error) {
	random := rand.New(rand.NewPCG(2, uint64(n)))
	var all []byte
	for range prepared {
		datagram, err := make(random.IntN(n))
		if err != nil {
			return nil, err
		}
		all = binary.BigEndian.AppendUint16(all, uint16(len(datagram)))
		all = append(all, datagram...)
	}
	rest := all
	return func(buf []byte) []byte {
		if len(rest) == 0 {
			rest = all
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		buf = buf[:copy(buf, rest[2:end])]
		rest = rest[end:]
		return buf
	}, nil
}

// plain is a request of SNMPv2c's.
func plain(community string, p pdu.PDU) ([]byte, error) {
	p.RequestID = 0x12345678
	m := pdu.Message{Version: pdu.V2c, Community: []byte(community), PDU: p}
	return m.Append(nil), nil
}

func get(names ...ber.OID) pdu.PDU {
	return pdu.PDU{Kind: pdu.GetRequest, VarBinds: asking(names)}
}

func next(names ...ber.OID) pdu.PDU {
	return pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: asking(names)}
}

func bulk(repetitions int32, names ...ber.OID) pdu.PDU {
	return pdu.PDU{Kind: pdu.GetBulkRequest, MaxRepetitions: repetitions, VarBinds: asking(names)}
}

func set(name ber.OID, value pdu.Value) pdu.PDU {
	return pdu.PDU{Kind: pdu.SetRequest, VarBinds: []pdu.VarBind{{Name: name, Value: value}}}
}

func asking(names []ber.OID) (list []pdu.VarBind) {
	for _, n := range names {
		list = append(list, pdu.VarBind{Name: n, Value: pdu.Null})
	}
	return list
}

// engineID is the engine of all agents that are asked without a network.
const engineID = usm.EngineID("\x80\x00\x7e\xd9\x05bench")

// A stoppedClock is an engine's clock that stands still: a message stays timely
// however long it is sent again.
type stoppedClock struct{}

func (stoppedClock) BootsTime() (boots, time int32) { return 7, 1000 }

// A peer makes requests of SNMPv3's.
type peer struct {
	*usm.Peer
	worker *usm.Worker
}

func newPeer() *peer {
	p := &peer{Peer: usm.NewPeer(engineID, usm.Internal, time.Now)}
	p.Suppose(7, 1000)
	p.worker = p.NewWorker()
	return p
}

// secure is a request of a user's, whom the peer has to know if it is signed.
func (p *peer) secure(user, context string, level pdu.SecurityLevel, request pdu.PDU) ([]byte, error) {
	request.RequestID = 0x12345678
	s := &pdu.ScopedPDU{ContextEngineID: string(engineID), ContextName: context, PDU: request}
	r := &usm.Request{MsgID: 0x12345678, MaxSize: 65507, User: user, Level: level, Reportable: true}
	return p.GenerateRequest(p.worker, make([]byte, 2000), r, s)
}
