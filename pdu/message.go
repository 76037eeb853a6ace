package pdu

import (
	"slices"

	"snmpstack/ber"
)

// A Header is what comes before the PDU in a community message, and enough to
// decide whether the PDU is worth reading.
type Header struct {
	Version Version
	// Community aliases the datagram. It is a secret: it belongs in no log.
	Community []byte
	// Kind is the PDU's tag, not yet checked.
	Kind Kind

	rest    ber.Reader // at the PDU, inside the message
	message int        // for Leave
}

// A Message is a community message (RFC 1157 §4, RFC 1901 §3).
//
//	Message ::= SEQUENCE {
//	    version    INTEGER { version-1(0), version-2(1) },
//	    community  OCTET STRING,
//	    data       PDUs
//	}
type Message struct {
	Version   Version
	Community []byte
	PDU       PDU
	// Trap is SNMPv1's trap. It is in use when PDU.Kind is TrapV1, and nothing
	// else of PDU is then; otherwise it is the zero Trap.
	Trap Trap
}

// ReadVersion reads the version of any SNMP message, SNMPv3's too: the one
// field that all of them begin with.
func ReadVersion(datagram []byte) (Version, error) {
	if d := datagram; len(d) >= 5 && d[0] == byte(ber.Sequence) && d[1] >= 3 && d[1] < 0x80 && int(d[1]) <= len(d)-2 && d[2] == byte(ber.Integer) && d[3] == 1 {
		return Version(int8(d[4])), nil // most are like that
	}
	r := ber.NewReader(datagram)
	r.Field("message").Enter(ber.Sequence)
	v := Version(r.Field("version").Int32(ber.Integer))
	return v, wrapError(&r, 0)
}

// ReadHeader reads a community message up to its PDU. What it returns aliases
// the datagram. A version other than V1 and V2c is ErrVersion whatever follows
// it, since RFC 1157 §4.1 looks at the version before the community; the Header
// then holds that version.
//
// Octets behind the message's own SEQUENCE are not part of it and are ignored,
// as Net-SNMP does: RFC 1157 §3.2.4 and RFC 3417 §3.1 put one message into a
// datagram and say nothing of more.
func ReadHeader(datagram []byte, strict bool) (Header, error) {
	var h Header
	err := h.Read(datagram, strict)
	return h, err
}

// Read is ReadHeader into h.
func (h *Header) Read(datagram []byte, strict bool) error {
	h.rest = ber.NewReader(datagram)
	r := &h.rest
	r.Strict = strict
	h.message = r.Field("message").Enter(ber.Sequence)
	at := r.Field("version").Offset()
	h.Version = Version(r.Int32(ber.Integer))
	if h.Version != V1 && h.Version != V2c {
		r.Fail(at, ErrVersion)
	}
	h.Community = r.Field("community").Octets(ber.OctetString)
	h.Kind = Kind(r.Field("PDU").Peek())
	return wrapError(r, 0)
}

// PeekRequestID returns the request-id of the PDU, which has not been checked. It is
// false for a Trap-PDU, which has none.
func (h *Header) PeekRequestID() (id int32, ok bool) {
	r := h.rest
	r.Enter(ber.Tag(h.Kind))
	id = r.Int32(ber.Integer)
	return id, r.Err() == nil && h.Kind != TrapV1
}

// A Decoder holds the memory that decoded messages point into, so that decoding
// one allocates nothing once it has grown to what its messages need. The zero
// Decoder is ready for use, by one goroutine at a time.
type Decoder struct {
	// Strict refuses the BER that is tolerated by default (package ber).
	Strict bool
	// Tolerated counts what was accepted in the message read last although X.690
	// forbids it.
	Tolerated int
	// Arena holds the OIDs. It is reset for each message.
	Arena    ber.Arena
	varBinds []VarBind
	encoded  []byte // what varBinds were read from
	varied   bool   // the message is not encoded as it would be here
}

// VarBindList returns what the varbinds of the message read last were read from, for who
// repeats them in a Response: a PDU's Encoded. It is nil unless Encode would write the same.
// It aliases the datagram.
func (d *Decoder) VarBindList() []byte {
	if d.varied {
		return nil
	}
	return d.encoded
}

// Cap returns how much memory for OIDs, in octets, and for varbinds, by number, the
// Decoder holds on to.
func (d *Decoder) Cap() (octets, varBinds int) { return d.Arena.Cap(), cap(d.varBinds) }

// Poison overwrites the memory that the next message will be read into. Tests call
// it where a message is given up, so that what was kept without Clone shows.
func (d *Decoder) Poison() {
	d.Arena.Poison()
	for i := range d.varBinds[:cap(d.varBinds)] {
		d.varBinds[:cap(d.varBinds)][i] = VarBind{Name: ber.NewOID(2, 0xDBDB), Value: OctetString("left behind")}
	}
}

// Message reads a community message of either version into m. Everything that m
// holds is valid until the datagram or the Decoder is used again. After an error
// m is not to be used.
func (d *Decoder) Message(datagram []byte, m *Message) error {
	var h Header
	if err := h.Read(datagram, d.Strict); err != nil {
		d.Tolerated = h.rest.Tolerated
		return err
	}
	return d.MessageBehind(&h, m)
}

// MessageBehind is Message for a datagram whose Header has been read without an
// error: it goes on from there.
func (d *Decoder) MessageBehind(h *Header, m *Message) error {
	d.Arena.Reset()
	r := h.rest
	m.Version, m.Community = h.Version, h.Community
	if r.More() && !h.Kind.In(h.Version) {
		r.Fail(r.Offset(), ErrKind)
	}
	list := d.varBinds[:0]
	if h.Kind == TrapV1 {
		m.PDU = PDU{Kind: TrapV1}
		d.encoded = nil
		readTrap(&r, &d.Arena, &m.Trap, list)
		list = m.Trap.VarBinds
	} else {
		m.Trap = Trap{}
		d.encoded = readPDU(&r, &d.Arena, &m.PDU, list)
		list = m.PDU.VarBinds
	}
	r.Field("message").Leave(h.message)
	d.varBinds = list[:0]
	d.Tolerated, d.varied = r.Tolerated, r.Tolerated+r.Padded > 0
	return wrapError(&r, len(list))
}

// wrapError returns the Reader's error with the field it is in. complete is how
// many varbinds were read before it.
func wrapError(r *ber.Reader, complete int) error {
	err := r.Err()
	if err == nil {
		return nil
	}
	e := &Error{Field: r.FieldName(), Err: err}
	switch e.Field {
	case fieldVarBind, fieldName, fieldValue:
		e.VarBind = complete + 1
	}
	return e
}

// Encode writes the message to w, whose Err says whether it fits. It panics if a name or
// value cannot be encoded.
func (m *Message) Encode(w *ber.Writer) {
	if m.PDU.Kind != TrapV1 {
		EncodeMessage(w, m.Version, m.Community, &m.PDU)
		return
	}
	message := w.Mark()
	m.Trap.Encode(w)
	wrapMessage(w, m.Version, m.Community, message)
}

// EncodeMessage is Message.Encode for any PDU but SNMPv1's trap.
func EncodeMessage(w *ber.Writer, v Version, community []byte, p *PDU) {
	message := w.Mark()
	p.Encode(w)
	wrapMessage(w, v, community, message)
}

func wrapMessage(w *ber.Writer, v Version, community []byte, message int) {
	w.Octets(ber.OctetString, community)
	w.Int32(ber.Integer, int32(v))
	w.Wrap(ber.Sequence, message)
}

// CommunityMessageLen returns the number of octets of a community message with
// a PDU of pduLen octets.
func CommunityMessageLen(v Version, community []byte, pduLen int) int {
	return ber.SizeTLV(ber.SizeTLV(ber.SizeInt64(int64(v))) + ber.SizeTLV(len(community)) + pduLen)
}

// ParseMessage reads a community message into memory of its own.
func ParseMessage(datagram []byte) (*Message, error) {
	var d Decoder
	m := new(Message)
	if err := d.Message(slices.Clone(datagram), m); err != nil {
		return nil, err
	}
	return m, nil
}

// Append appends the message's encoding to b. It panics if a name or value
// cannot be encoded.
func (m *Message) Append(b []byte) []byte {
	for size := 1024; ; size *= 4 {
		w := ber.NewWriter(make([]byte, size))
		if m.Encode(&w); w.Err() == nil {
			return append(b, w.Bytes()...)
		}
	}
}
