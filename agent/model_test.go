package agent_test

import (
	"bytes"
	"math"
	"math/big"
	"slices"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// This file is an agent by the letter of the RFCs, without a thought for speed
// and without a line of the packages below: it takes a datagram apart by itself
// and puts its answer together by itself. Tests compare the real one with it,
// octet by octet.

// A slowTLV is one encoding.
type slowTLV struct {
	tag      byte
	contents []byte
}

// slowNext takes the first encoding off b (X.690 §8.1, RFC 3417 §8 (1)).
func slowNext(b []byte) (tlv slowTLV, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1F == 0x1F || b[1] == 0x80 || b[1] == 0xFF {
		return tlv, nil, false
	}
	tlv.tag = b[0]
	length := big.NewInt(int64(b[1]))
	b = b[2:]
	if n := int(length.Int64()) - 0x80; n > 0 {
		if n > len(b) {
			return tlv, nil, false
		}
		length.SetBytes(b[:n])
		b = b[n:]
	}
	if length.Cmp(big.NewInt(int64(len(b)))) > 0 {
		return tlv, nil, false
	}
	n := length.Int64()
	tlv.contents = b[:n]
	return tlv, b[n:], true
}

// slowSequence takes b, the contents of a SEQUENCE, apart.
func slowSequence(b []byte) (list []slowTLV, ok bool) {
	for len(b) > 0 {
		tlv, rest, ok := slowNext(b)
		if !ok {
			return nil, false
		}
		list, b = append(list, tlv), rest
	}
	return list, true
}

// slowInteger is the value of an INTEGER (X.690 §8.3) from least to most.
func slowInteger(b []byte, least, most int64) (*big.Int, bool) {
	if len(b) == 0 {
		return nil, false
	}
	v := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return v, v.Cmp(big.NewInt(least)) >= 0 && (most == math.MaxInt64 || v.Cmp(big.NewInt(most)) <= 0)
}

func (tlv slowTLV) int32() (int32, bool) {
	v, ok := slowInteger(tlv.contents, math.MinInt32, math.MaxInt32)
	if !ok || tlv.tag != 0x02 {
		return 0, false
	}
	return int32(v.Int64()), true
}

// oid is the value of an OBJECT IDENTIFIER (X.690 §8.19, RFC 2578 §3.5). One
// without contents stands for 0.0.
func (tlv slowTLV) oid() (ber.OID, bool) {
	if tlv.tag != 0x06 {
		return "", false
	}
	if len(tlv.contents) == 0 {
		return ber.NewOID(0, 0), true
	}
	var arcs []uint32
	arc := new(big.Int)
	for _, o := range tlv.contents {
		arc.Lsh(arc, 7).Add(arc, big.NewInt(int64(o&0x7F)))
		if o >= 0x80 {
			continue
		}
		if arcs == nil { // 40·first + second
			first := min(arc.Uint64()/40, 2)
			if !arc.IsUint64() {
				return "", false
			}
			arcs = append(arcs, uint32(first))
			arc.Sub(arc, new(big.Int).SetUint64(40*first))
		}
		if !arc.IsUint64() || arc.Uint64() > math.MaxUint32 {
			return "", false
		}
		arcs = append(arcs, uint32(arc.Uint64()))
		arc = new(big.Int)
	}
	if tlv.contents[len(tlv.contents)-1] >= 0x80 || len(arcs) > 128 {
		return "", false
	}
	return ber.NewOID(arcs...), true
}

// value is a value of RFC 2578 §7.1, or an exception.
func (tlv slowTLV) value() (pdu.Value, bool) {
	octets := string(tlv.contents)
	switch tlv.tag {
	case 0x02:
		v, ok := tlv.int32()
		return pdu.Integer(v), ok
	case 0x04:
		return pdu.OctetString(octets), true
	case 0x44:
		return pdu.Opaque(octets), true
	case 0x45:
		return pdu.NSAP(octets), true
	case 0x06:
		o, ok := tlv.oid()
		return pdu.ObjectIdentifier(o), ok
	case 0x40:
		if len(octets) != 4 {
			return pdu.Value{}, false
		}
		return slowAddress(tlv.contents), true
	case 0x41, 0x42, 0x43, 0x47:
		v, ok := slowInteger(tlv.contents, 0, math.MaxUint32)
		if !ok {
			return pdu.Value{}, false
		}
		make := map[byte]func(uint32) pdu.Value{0x41: pdu.Counter32, 0x42: pdu.Gauge32, 0x43: pdu.TimeTicks, 0x47: pdu.UInteger32}
		return make[tlv.tag](uint32(v.Uint64())), true
	case 0x46:
		v, ok := slowInteger(tlv.contents, 0, math.MaxInt64)
		if !ok || !v.IsUint64() {
			return pdu.Value{}, false
		}
		return pdu.Counter64(v.Uint64()), true
	}
	v, ok := map[byte]pdu.Value{0x05: pdu.Null, 0x80: pdu.NoSuchObject, 0x81: pdu.NoSuchInstance, 0x82: pdu.EndOfMibView}[tlv.tag]
	return v, ok && octets == ""
}

// A slowPDU is a PDU; fields are its three numbers.
type slowPDU struct {
	tag    byte
	fields [3]int32
	list   []pdu.VarBind
}

// slowVarBinds reads a VarBindList (RFC 3416 §3).
func slowVarBinds(tlv slowTLV) (list []pdu.VarBind, ok bool) {
	elements, ok := slowSequence(tlv.contents)
	if !ok || tlv.tag != 0x30 {
		return nil, false
	}
	for _, e := range elements {
		parts, ok := slowSequence(e.contents)
		if !ok || e.tag != 0x30 || len(parts) != 2 {
			return nil, false
		}
		name, ok1 := parts[0].oid()
		value, ok2 := parts[1].value()
		if !ok1 || !ok2 {
			return nil, false
		}
		list = append(list, vb(name, value))
	}
	return list, true
}

// slowReadPDU reads any PDU (RFC 3416 §3, RFC 1157 §4.1).
func slowReadPDU(tlv slowTLV, version int32) (p slowPDU, ok bool) {
	p.tag = tlv.tag
	parts, ok := slowSequence(tlv.contents)
	switch {
	case !ok, version == 0 && (p.tag < 0xA0 || p.tag > 0xA4), version == 1 && (p.tag < 0xA0 || p.tag > 0xA8 || p.tag == 0xA4):
		return p, false
	case p.tag == 0xA4:
		if len(parts) != 6 || parts[1].tag != 0x40 || len(parts[1].contents) != 4 || parts[4].tag != 0x43 {
			return p, false
		}
		_, enterprise := parts[0].oid()
		_, generic := parts[2].int32()
		_, specific := parts[3].int32()
		_, stamp := slowInteger(parts[4].contents, 0, math.MaxUint32)
		_, list := slowVarBinds(parts[5])
		return p, enterprise && generic && specific && stamp && list
	case len(parts) != 4:
		return p, false
	}
	for i := range p.fields {
		if p.fields[i], ok = parts[i].int32(); !ok {
			return p, false
		}
	}
	p.list, ok = slowVarBinds(parts[3])
	return p, ok
}

// slowEncode is an encoding with its length in the shortest form.
func slowEncode(tag byte, parts ...[]byte) []byte {
	contents := slices.Concat(parts...)
	n := len(contents)
	header := []byte{tag, byte(n)}
	if n >= 0x80 {
		octets := big.NewInt(int64(n)).Bytes()
		header = append([]byte{tag, 0x80 + byte(len(octets))}, octets...)
	}
	return append(header, contents...)
}

// slowNumber is the contents of the shortest INTEGER.
func slowNumber(v *big.Int) []byte {
	for n := uint(1); ; n++ {
		limit := new(big.Int).Lsh(big.NewInt(1), 8*n-1)
		if v.Cmp(limit) < 0 && v.Cmp(new(big.Int).Neg(limit)) >= 0 {
			u := new(big.Int).Set(v)
			if v.Sign() < 0 {
				u.Add(u, new(big.Int).Lsh(limit, 1))
			}
			return u.FillBytes(make([]byte, n))
		}
	}
}

func slowOID(o ber.OID) (b []byte) {
	arcs := []uint64{40*uint64(o.At(0)) + uint64(o.At(1))}
	for i := 2; i < o.Len(); i++ {
		arcs = append(arcs, uint64(o.At(i)))
	}
	for _, arc := range arcs {
		octets := []byte{byte(arc & 0x7F)}
		for arc >>= 7; arc > 0; arc >>= 7 {
			octets = append([]byte{byte(arc&0x7F | 0x80)}, octets...)
		}
		b = append(b, octets...)
	}
	return b
}

func slowVarBind(vb pdu.VarBind) []byte {
	v := vb.Value
	tag := byte(v.Syntax())
	var contents []byte
	switch tag {
	case 0x02:
		contents = slowNumber(big.NewInt(int64(v.Int())))
	case 0x04, 0x44, 0x45:
		contents = []byte(v.Octets())
	case 0x06:
		contents = slowOID(v.OID())
	case 0x40:
		contents = v.Addr().AsSlice()
	case 0x41, 0x42, 0x43, 0x46, 0x47:
		contents = slowNumber(new(big.Int).SetUint64(v.Uint()))
	}
	return slowEncode(0x30, slowEncode(0x06, slowOID(vb.Name)), slowEncode(tag, contents))
}

// slowResponse is a Response message.
func slowResponse(version int32, community []byte, requestID int32, status pdu.ErrorStatus, index int, list []pdu.VarBind) []byte {
	number := func(v int64) []byte { return slowEncode(0x02, slowNumber(big.NewInt(v))) }
	var varBinds [][]byte
	for _, vb := range list {
		varBinds = append(varBinds, slowVarBind(vb))
	}
	return slowEncode(0x30, number(int64(version)), slowEncode(0x04, community),
		slowEncode(0xA2, number(int64(requestID)), number(int64(status)), number(int64(index)), slowEncode(0x30, varBinds...)))
}

// A slowAgent has objects in a list.
type slowAgent struct {
	objects  []slowObject // in ascending order of their names
	limit    int          // octets of a message
	bulk     int          // octets of a message with the answer to a GetBulkRequest
	readable func(community []byte) bool
	writable func(community []byte) bool
}

// A slowObject is an object with its instances.
type slowObject struct {
	name      ber.OID
	instances []pdu.VarBind
	most      int // a scalar string of up to so many octets that can be written; 0: read-only
}

// answer says in which counter a datagram ends (see ends), and what is sent.
func (a *slowAgent) answer(datagram []byte) (end string, response []byte) {
	const bad = "snmpInASNParseErrs"
	message, _, ok := slowNext(datagram)
	if !ok || message.tag != 0x30 {
		return bad, nil
	}
	// RFC 1157 §4.1: one step after the other, so that the first fault decides.
	first, rest, ok := slowNext(message.contents)
	version, isNumber := first.int32()
	if !ok || !isNumber {
		return bad, nil
	}
	if version != 0 && version != 1 {
		return "snmpInBadVersions", nil
	}
	community, rest, ok := slowNext(rest)
	if !ok || community.tag != 0x04 {
		return bad, nil
	}
	if !a.readable(community.contents) {
		return "snmpInBadCommunityNames", nil
	}
	data, rest, ok := slowNext(rest)
	if !ok || len(rest) > 0 {
		return bad, nil
	}
	p, ok := slowReadPDU(data, version)
	if !ok {
		return bad, nil
	}
	for _, vb := range p.list { // RFC 3584 §4.2.2.1: no syntax of SNMPv1
		if version == 0 && (vb.Value.IsException() || vb.Value.Syntax() == pdu.TypeCounter64) {
			return bad, nil
		}
	}
	switch p.tag {
	case 0xA2, 0xA8:
		return "Unsolicited", nil
	case 0xA4, 0xA6, 0xA7:
		return "snmpUnknownPDUHandlers", nil
	}
	send := func(status pdu.ErrorStatus, index int, list []pdu.VarBind) []byte {
		return slowResponse(version, community.contents, p.fields[0], status, index, list)
	}
	status, index, list := a.respond(version == 0, community.contents, p, send)
	if status != pdu.TooBig {
		response = send(status, index, list)
	}
	// RFC 3416 §4.2.1, RFC 1157 §4.1.2 (3): the alternate Response.
	if version == 0 && (status == pdu.TooBig || len(response) > a.limit) {
		status, response = pdu.NoError, send(pdu.TooBig, 0, p.list)
	}
	if status == pdu.TooBig || len(response) > a.limit {
		response = send(pdu.TooBig, 0, nil)
	}
	if len(response) > a.limit {
		return "snmpSilentDrops", nil
	}
	return "Answered", response
}

// respond is the command responder.
func (a *slowAgent) respond(v1 bool, community []byte, p slowPDU, send func(pdu.ErrorStatus, int, []pdu.VarBind) []byte) (status pdu.ErrorStatus, index int, list []pdu.VarBind) {
	carried := func(v pdu.Value) bool { return !v1 || v.Syntax() != pdu.TypeCounter64 }
	switch p.tag {
	case 0xA0: // RFC 3416 §4.2.1
		for _, vb := range p.list {
			vb.Value = a.get(vb.Name)
			list = append(list, vb)
		}
	case 0xA1: // RFC 3416 §4.2.2
		for _, vb := range p.list {
			list = append(list, a.next(vb.Name, carried))
		}
	case 0xA5: // RFC 3416 §4.2.3
		return 0, 0, a.getBulk(p, send)
	case 0xA3: // RFC 3416 §4.2.5
		if len(send(pdu.InconsistentName, len(p.list), p.list)) > a.limit {
			return pdu.TooBig, 0, nil
		}
		status, index = a.set(community, p.list)
		list = p.list
	}
	if !v1 {
		return status, index, list
	}
	for i, vb := range list { // RFC 3584 §4.2.2.1, §4.2.2.2
		if p.tag != 0xA3 && (vb.Value.IsException() || !carried(vb.Value)) {
			return pdu.NoSuchName, i + 1, p.list
		}
	}
	// RFC 3584 §4.4
	switch status {
	case pdu.WrongValue, pdu.WrongEncoding, pdu.WrongType, pdu.WrongLength, pdu.InconsistentValue:
		status = pdu.BadValue
	case pdu.NoAccess, pdu.NotWritable, pdu.NoCreation, pdu.InconsistentName, pdu.AuthorizationError:
		status = pdu.NoSuchName
	case pdu.ResourceUnavailable, pdu.CommitFailed, pdu.UndoFailed:
		status = pdu.GenErr
	}
	return status, index, list
}

func (a *slowAgent) get(name ber.OID) pdu.Value {
	for _, o := range a.objects {
		if !name.HasPrefix(o.name) {
			continue
		}
		for _, vb := range o.instances {
			if vb.Name == name {
				return vb.Value
			}
		}
		return pdu.NoSuchInstance
	}
	return pdu.NoSuchObject
}

func (a *slowAgent) next(name ber.OID, carried func(pdu.Value) bool) pdu.VarBind {
	for _, o := range a.objects {
		for _, vb := range o.instances {
			if slices.Compare(slices.Collect(vb.Name.Arcs()), slices.Collect(name.Arcs())) > 0 && carried(vb.Value) {
				return vb
			}
		}
	}
	return vb(name, pdu.EndOfMibView)
}

// getBulk adds varbind after varbind until one makes the message too long. The
// first one may make it as long as a message can be.
func (a *slowAgent) getBulk(p slowPDU, send func(pdu.ErrorStatus, int, []pdu.VarBind) []byte) (list []pdu.VarBind) {
	any := func(pdu.Value) bool { return true }
	add := func(vb pdu.VarBind) bool {
		limit := min(a.bulk, a.limit)
		if len(list) == 0 {
			limit = a.limit
		}
		if len(send(0, 0, append(list, vb))) > limit {
			return false
		}
		list = append(list, vb)
		return true
	}
	n := min(max(int(p.fields[1]), 0), len(p.list))
	for _, vb := range p.list[:n] {
		if !add(a.next(vb.Name, any)) {
			return list
		}
	}
	row := slices.Clone(p.list[n:])
	for ; p.fields[2] > 0 && len(row) > 0; p.fields[2]-- {
		ended := true
		for i := range row {
			row[i] = a.next(row[i].Name, any)
			if !add(row[i]) {
				return list
			}
			ended = ended && row[i].Value == pdu.EndOfMibView
		}
		if ended {
			return list
		}
	}
	return list
}

// set is all or nothing.
func (a *slowAgent) set(community []byte, list []pdu.VarBind) (status pdu.ErrorStatus, index int) {
	if len(list) > 0 && !a.writable(community) {
		return pdu.NoAccess, 1
	}
	var assign []func()
	for i, vb := range list {
		at := slices.IndexFunc(a.objects, func(o slowObject) bool { return vb.Name.HasPrefix(o.name) && o.most > 0 })
		switch {
		case at < 0:
			return pdu.NotWritable, i + 1
		case vb.Value.Syntax() != pdu.TypeOctetString:
			return pdu.WrongType, i + 1
		case len(vb.Value.Octets()) > a.objects[at].most:
			return pdu.WrongLength, i + 1
		case vb.Name != a.objects[at].name.Append(0):
			return pdu.NoCreation, i + 1
		}
		assign = append(assign, func() {
			a.objects[at].instances[0].Value = pdu.OctetString(string(bytes.Clone([]byte(vb.Value.Octets()))))
		})
	}
	for _, f := range assign {
		f()
	}
	return pdu.NoError, 0
}
