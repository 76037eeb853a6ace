package pdu

import "snmpstack/ber"

// A VarBind pairs the name of an object instance with its value (RFC 3416 §3).
type VarBind struct {
	Name  ber.OID
	Value Value
}

// Clone returns a copy that shares no memory with a datagram or a request.
func (vb VarBind) Clone() VarBind { return VarBind{vb.Name.Clone(), vb.Value.Clone()} }

// String returns `name = type value`.
func (vb VarBind) String() string { return vb.Name.String() + " = " + vb.Value.String() }

// EncodedLen returns the number of octets of vb's encoding.
func (vb *VarBind) EncodedLen() int {
	return ber.SizeTLV(ber.SizeTLV(ber.SizeOID(vb.Name)) + ber.SizeTLV(vb.Value.contentsLen()))
}

// readVarBinds reads a VarBindList and appends it to list. After an error list
// holds the varbinds before the one that is wrong. Encoded is what was read.
//
//	VarBindList ::= SEQUENCE (SIZE (0..max-bindings)) OF VarBind
func readVarBinds(r *ber.Reader, a *ber.Arena, list []VarBind) (_ []VarBind, encoded []byte) {
	seq := r.Field("variable-bindings").Enter(ber.Sequence)
	start := r.Offset()
	for r.More() {
		name, ok := r.Field(fieldName).OIDAndNull(a) // as a rule, in a request that reads
		value := Null
		if !ok {
			end := r.Field(fieldVarBind).Enter(ber.Sequence)
			name = r.Field(fieldName).OID(ber.ObjectIdentifier, a)
			value = readValue(r.Field(fieldValue), a)
			r.Field(fieldVarBind).Leave(end)
		}
		if r.Err() != nil {
			return list, nil
		}
		list = append(list, VarBind{})
		vb := &list[len(list)-1]
		vb.Name, vb.Value = name, value
	}
	encoded = r.Since(start)
	r.Field("variable-bindings").Leave(seq)
	return list, encoded
}

// The fields of a varbind, which an Error gives the number of.
const (
	fieldVarBind = "sequence"
	fieldName    = "name"
	fieldValue   = "value"
)

// encodeVarBinds writes a VarBindList, its last element first. What is encoded already
// comes behind list.
func encodeVarBinds(w *ber.Writer, list []VarBind, encoded []byte) {
	seq := w.Mark()
	if len(encoded) > 0 {
		w.Raw(encoded)
	}
	for i := len(list) - 1; i >= 0; i-- {
		list[i].encode(w)
	}
	w.Wrap(ber.Sequence, seq)
}

func (vb *VarBind) encode(w *ber.Writer) {
	end := w.Mark()
	vb.Value.encode(w)
	w.OID(ber.ObjectIdentifier, vb.Name)
	w.Wrap(ber.Sequence, end)
}
