package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// secure is SNMPv3. Requests are made once, and so are good for as long as the
// agent's time window.
type secure struct {
	work    work
	echo    bool
	peer    *usm.Peer
	worker  *usm.Worker
	decoder pdu.Decoder
	sent    map[int32][]byte // for an echo
}

func newSecure(w work, engine *usm.Notice, echo bool) (*secure, error) {
	s := &secure{work: w, echo: echo, peer: usm.NewPeer(engine.EngineID, usm.System, time.Now), sent: make(map[int32][]byte)}
	if err := s.peer.Users().Add(users[w.user]); err != nil {
		return nil, err
	}
	s.peer.Suppose(engine.Boots, engine.Time)
	s.worker = s.peer.NewWorker()
	return s, nil
}

func (s *secure) request(id int32) ([]byte, error) {
	r := usm.Request{MsgID: id, MaxSize: 65507, User: s.work.user, Level: s.work.level, Reportable: true}
	scoped := &pdu.ScopedPDU{ContextEngineID: string(s.peer.EngineID()), PDU: s.work.pdu}
	scoped.PDU.RequestID = id
	datagram, err := s.peer.GenerateRequest(s.worker, make([]byte, transport.SmallSize), &r, scoped)
	s.sent[id] = bytes.Clone(datagram)
	return s.sent[id], err
}

var (
	errAltered = errors.New("an echo is not what was sent")
	errOther   = errors.New("an answer has another request-id than msgID")
)

func (s *secure) answer(datagram []byte) (id int32, varBinds int, err error) {
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil {
		return 0, 0, err
	}
	if s.echo {
		if !bytes.Equal(datagram, s.sent[header.MsgID]) {
			return 0, 0, errAltered
		}
		return header.MsgID, len(s.work.pdu.VarBinds), nil
	}
	verified, err := s.peer.ProcessIncoming(s.worker, datagram, header, false)
	if err != nil {
		if notice, report := usm.ReadReport(header, &s.decoder); report == nil {
			err = fmt.Errorf("a Report: %v", notice.Stat)
		}
		return 0, 0, err
	}
	var scoped pdu.ScopedPDU
	if err := verified.Decode(&s.decoder, &scoped); err != nil {
		return 0, 0, err
	}
	if scoped.PDU.RequestID != header.MsgID {
		return 0, 0, errOther
	}
	return header.MsgID, len(scoped.PDU.VarBinds), s.work.check(&scoped.PDU)
}

// discover asks an agent for its engine's ID, boots and time (RFC 3414 §4).
// An echo has none.
func discover(agent netip.AddrPort, o options) (*usm.Notice, error) {
	if o.echo {
		return &usm.Notice{EngineID: usm.EngineID("\x80\x00\x7e\xd9\x04echo"), Boots: 1, Time: 1}, nil
	}
	nobody := usm.NewPeer("", usm.System, time.Now)
	r := usm.Request{MsgID: 1, MaxSize: 65507, Reportable: true}
	probe, err := nobody.GenerateRequest(nobody.NewWorker(), make([]byte, transport.SmallSize), &r, &pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.GetRequest, RequestID: 1}})
	if err != nil {
		return nil, err
	}
	conn, err := transport.Listen(context.Background(), "udp", netip.AddrPortFrom(loopback(agent.Addr()), 0).String(), transport.Options{})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	late := time.AfterFunc(o.patience, func() { conn.Close() })
	defer late.Stop()
	if _, err := conn.Write([]transport.Packet{{Data: probe, Remote: agent}}); err != nil {
		return nil, err
	}
	var pool transport.Pool
	p := []transport.Packet{{Buf: pool.Get(transport.FullSize)}}
	if _, err := conn.Read(p); err != nil {
		return nil, fmt.Errorf("the agent does not tell its engine ID: %w", err)
	}
	header, err := pdu.ReadHeader3(p[0].Data, false)
	if err != nil {
		return nil, err
	}
	notice, err := usm.ReadReport(header, new(pdu.Decoder))
	if err != nil {
		return nil, err
	}
	// What it says belongs to the datagram.
	return &usm.Notice{EngineID: usm.EngineID([]byte(notice.EngineID)), Boots: notice.Boots, Time: notice.Time}, nil
}
