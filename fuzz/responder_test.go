package fuzz

import (
	"slices"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// A model is what a request has to be answered with, by the RFCs and the slowest
// way there is to follow them.
type model struct {
	request   *pdu.Message
	instances []pdu.VarBind // that the request may see and its version can carry
	maxSize   int
	maxBulk   int
}

func (m *model) get(name ber.OID) pdu.Value {
	for _, vb := range m.instances {
		if vb.Name == name {
			return vb.Value
		}
	}
	return pdu.NoSuchInstance // or noSuchObject: see alike
}

func (m *model) next(name ber.OID) pdu.VarBind {
	for _, vb := range m.instances {
		if vb.Name.Compare(name) > 0 {
			return vb
		}
	}
	return pdu.VarBind{Name: name, Value: pdu.EndOfMibView}
}

func (m *model) response(status pdu.ErrorStatus, index int, list []pdu.VarBind) pdu.Message {
	r := pdu.Message{Version: m.request.Version, Community: m.request.Community}
	r.PDU = pdu.PDU{Kind: pdu.Response, RequestID: m.request.PDU.RequestID, ErrorStatus: status, ErrorIndex: int32(index), VarBinds: list}
	return r
}

// fits returns the Response, or what is sent instead if it is too large (RFC 3416
// §4.2.1, RFC 1157 §4.1.2).
func (m *model) fits(r pdu.Message) pdu.Message {
	if len(r.Append(nil)) <= m.maxSize {
		return r
	}
	if m.request.Version == pdu.V1 {
		if r = m.response(pdu.TooBig, 0, m.request.PDU.VarBinds); len(r.Append(nil)) <= m.maxSize {
			return r
		}
	}
	return m.response(pdu.TooBig, 0, nil)
}

// read answers requests that read.
func (m *model) read() pdu.Message {
	var list []pdu.VarBind
	for i, vb := range m.request.PDU.VarBinds {
		switch m.request.PDU.Kind {
		case pdu.GetRequest: // RFC 3416 §4.2.1
			vb.Value = m.get(vb.Name)
		case pdu.GetNextRequest: // RFC 3416 §4.2.2
			vb = m.next(vb.Name)
		case pdu.GetBulkRequest:
			return m.bulk()
		}
		if m.request.Version == pdu.V1 && vb.Value.IsException() { // RFC 3584 §4.2.2.2
			return m.fits(m.response(pdu.NoSuchName, i+1, m.request.PDU.VarBinds))
		}
		list = append(list, vb)
	}
	return m.fits(m.response(pdu.NoError, 0, list))
}

// bulk is RFC 3416 §4.2.3. The first varbind may take the message beyond the size
// that answers to a GetBulkRequest are filled to.
func (m *model) bulk() pdu.Message {
	r := m.response(pdu.NoError, 0, nil)
	add := func(vb pdu.VarBind) bool {
		list := r.PDU.VarBinds
		r.PDU.VarBinds = append(list, vb)
		limit := m.maxBulk
		if len(list) == 0 {
			limit = m.maxSize
		}
		if len(r.Append(nil)) <= limit {
			return true
		}
		r.PDU.VarBinds = list
		return false
	}
	names := m.request.PDU.VarBinds
	n := min(max(int(m.request.PDU.NonRepeaters), 0), len(names))
	for _, vb := range names[:n] {
		if !add(m.next(vb.Name)) {
			return r
		}
	}
	last := slices.Clone(names[n:])
	for range m.request.PDU.MaxRepetitions {
		ended := true
		for i := range last {
			last[i] = m.next(last[i].Name)
			ended = ended && last[i].Value == pdu.EndOfMibView
			if !add(last[i]) {
				return r
			}
		}
		if ended {
			break
		}
	}
	return r
}

// alike puts noSuchInstance in the place of noSuchObject: the model does not know
// which names are objects.
func alike(list []pdu.VarBind) {
	for i := range list {
		if list[i].Value == pdu.NoSuchObject {
			list[i].Value = pdu.NoSuchInstance
		}
	}
}
