package agent

import (
	"fmt"

	"snmpstack/ber"
	"snmpstack/pdu"
)

// Objects are the varbinds of an event. A []pdu.VarBind can be assigned to them, and
// they to one: len counts them, an index from 0 selects one, its Name is the OID, its
// Value has the type (Syntax, which prints as its name) and the value.
type Objects []pdu.VarBind

// At returns object i, counted from 0, for reading and changing. One that there is not
// is error 301; the index expression panics instead.
func (o Objects) At(i int) (*pdu.VarBind, error) {
	if i < 0 || i >= len(o) {
		return nil, &Error{CodeBadIndex, fmt.Errorf("object %d of %d", i, len(o))}
	}
	return &o[i], nil
}

// Clone returns a copy that may be kept: it shares no memory with an event.
func (o Objects) Clone() Objects {
	list := make(Objects, len(o))
	for i := range o {
		list[i] = o[i].Clone()
	}
	return list
}

// Value returns the value of the first object with an OID, dotted. If there is none
// it is error 322. Agent's Text says what the value is in words.
func (o Objects) Value(oid string) (pdu.Value, error) {
	name, err := parseOID(oid)
	if err != nil {
		return pdu.Value{}, err
	}
	for i := range o {
		if o[i].Name == name {
			return o[i].Value, nil
		}
	}
	return pdu.Value{}, &Error{CodeNoSuchOID, fmt.Errorf("%v", name)}
}

// parseOID reads the name of an object.
func parseOID(text string) (ber.OID, error) {
	oid, err := ber.ParseOID(text)
	if err == nil {
		err = oid.CheckEncodable()
	}
	if err != nil {
		return "", &Error{CodeInvalidArgument, err}
	}
	return oid, nil
}
