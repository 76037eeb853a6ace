package main

import (
	"bytes"
	"errors"
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// plain is SNMPv2c.
type plain struct {
	work      work
	community []byte
	echo      bool
	decoder   pdu.Decoder

	// The last answer that was decoded and found good, from its error-status on,
	// and its varbinds: another one that is the same need not be decoded.
	good     []byte
	varBinds int
}

func (p *plain) request(id int32) ([]byte, error) {
	m := pdu.Message{Version: pdu.V2c, Community: p.community, PDU: p.work.pdu}
	m.PDU.RequestID = id
	return m.Append(nil), nil
}

func (p *plain) answer(datagram []byte) (id int32, varBinds int, err error) {
	r := ber.NewReader(datagram)
	r.Enter(ber.Sequence)
	version, community := r.Int32(ber.Integer), r.Octets(ber.OctetString)
	kind := pdu.Kind(r.Peek())
	r.Enter(r.Peek())
	id = r.Int32(ber.Integer)
	want := pdu.Response
	if p.echo {
		want = p.work.pdu.Kind
	}
	switch {
	case r.Err() != nil:
		return 0, 0, r.Err()
	case version != int32(pdu.V2c), !bytes.Equal(community, p.community), kind != want:
		return 0, 0, fmt.Errorf("an answer of version %d and kind %v", version, kind)
	}
	rest := datagram[r.Offset():]
	if p.good != nil && bytes.Equal(rest, p.good) {
		return id, p.varBinds, nil
	}
	var m pdu.Message
	if err := p.decoder.Message(datagram, &m); err != nil {
		return 0, 0, err
	}
	if !p.echo {
		err = p.work.check(&m.PDU)
	}
	if err == nil {
		p.good, p.varBinds = append(p.good[:0], rest...), len(m.PDU.VarBinds)
	}
	return id, len(m.PDU.VarBinds), err
}

var errFew = errors.New("an answer has less varbinds than it should")

// check holds a Response against the request.
func (w work) check(answer *pdu.PDU) error {
	asked := w.pdu.VarBinds
	switch {
	case answer.Kind != pdu.Response:
		return fmt.Errorf("an answer is a %v", answer.Kind)
	case answer.ErrorStatus != pdu.NoError:
		return fmt.Errorf("an answer has error-status %v", answer.ErrorStatus)
	case w.pdu.Kind == pdu.GetBulkRequest:
		// As many as fit a datagram are enough: agents have limits of their own.
		if most := len(asked) * int(w.pdu.MaxRepetitions); len(answer.VarBinds) > most || len(answer.VarBinds) < min(most, 60) {
			return fmt.Errorf("%w: %d of %d", errFew, len(answer.VarBinds), most)
		}
	case len(answer.VarBinds) != len(asked):
		return fmt.Errorf("%w: %d of %d", errFew, len(answer.VarBinds), len(asked))
	}
	for i, vb := range answer.VarBinds {
		before := asked[i%len(asked)].Name
		if i >= len(asked) {
			before = answer.VarBinds[i-len(asked)].Name
		}
		same := w.pdu.Kind == pdu.GetRequest || w.pdu.Kind == pdu.SetRequest
		if vb.Value.IsException() || same && vb.Name != before || !same && vb.Name.Compare(before) <= 0 {
			return fmt.Errorf("an answer has %v for %v", vb, before)
		}
	}
	return nil
}
